// SPDX-License-Identifier: MIT
//! The keyed hash of the exact-match tables (docs/pipeline.md, section 4): it places a row, and the hardware finds it there.

use crate::geometry::WAYS;

/// Bits of a key, a seed and the hash's state.
pub const BITS: u32 = 72;
/// Rounds.
pub const ROUNDS: usize = 3;
/// The two rotations to the left of each round.
pub const ROTATIONS: [[u32; 2]; ROUNDS] = [[13, 37], [20, 31], [29, 8]];
const MASK: u128 = (1 << BITS) - 1;

fn rotl(x: u128, by: u32) -> u128 {
    ((x << by) | (x >> (BITS - by))) & MASK
}

/// Round `round` (0 to 2) of the hash.
///
/// Nonlinear (the step of Keccak called chi), since a linear hash with a seed XORed in keeps its collisions whatever the seed.
pub fn round(x: u128, round: usize) -> u128 {
    let x = x ^ (!rotl(x, 1) & rotl(x, 2) & MASK);
    let [p, q] = ROTATIONS[round];
    x ^ rotl(x, p) ^ rotl(x, q)
}

/// The key with the seed, after all rounds.
pub fn permute(key: u128, seed: u128) -> u128 {
    (0..ROUNDS).fold(key ^ seed, round)
}

/// The row of way `way` (0 to 3) in a table with `rows` rows per way (a power of two), from the last round's value.
pub fn index(permuted: u128, way: usize, rows: usize) -> usize {
    debug_assert!(way < WAYS && rows.is_power_of_two());
    let z = (permuted >> (18 * way)) as usize & 0x3FFFF;
    (z ^ (z >> 9)) & (rows - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs of keys that differ in one bit, under seeds as random as an odd multiplier makes them.
    const PAIRS: u128 = 4096;

    #[test]
    fn keys_that_differ_in_one_bit_share_a_row_as_seldom_as_any_two() {
        let rows = 1 << 6;
        for bit in 0..BITS {
            let mut shared = [0; WAYS];
            for n in 1..=PAIRS {
                let seed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835) >> 56;
                let [x, y] = [0, 1 << bit].map(|other| permute(0x5254_0000_0001 ^ other, seed));
                (0..WAYS)
                    .for_each(|w| shared[w] += u32::from(index(x, w, rows) == index(y, w, rows)));
            }
            // 64 are expected; six deviations of 8 each are never reached by chance.
            assert!(shared.iter().all(|&n| (16..=112).contains(&n)), "bit {bit}: {shared:?}");
        }
    }

    #[test]
    fn the_first_round_of_a_single_bit_is_worked_out_by_hand() {
        // x = 1: rotl(x,1) = 2, rotl(x,2) = 4, ~2 & 4 = 4, x = 5; then 5 ^ 5<<13 ^ 5<<37.
        assert_eq!(round(1, 0), 5 ^ (5 << 13) ^ (5 << 37));
    }
}
