// SPDX-License-Identifier: MIT
//! The keyed hash of the exact-match tables (docs/pipeline.md, section 4): it places a row, and the hardware finds it there.

use crate::geometry::WAYS;

/// Bits of a key, a seed and the hash's state.
pub const BITS: u32 = 72;
/// Rounds.
pub const ROUNDS: usize = 4;
const MASK: u128 = (1 << BITS) - 1;

/// A seed for each round, 72 bits each.
pub type Seeds = [u128; ROUNDS];

fn rotl(x: u128, by: u32) -> u128 {
    ((x << by) | (x >> (BITS - by))) & MASK
}

/// Round `round` (0 to 3) of the hash, with that round's `seed`.
///
/// Nonlinear (the step of Keccak called chi), since a linear hash with a seed XORed in keeps its collisions whatever the seed.
pub fn round(x: u128, round: usize, seed: u128) -> u128 {
    let x = x ^ seed;
    let x = x ^ (!rotl(x, 1) & rotl(x, 2) & MASK);
    let r = round as u32;
    x ^ rotl(x, 13 + 7 * r) ^ rotl(x, 37 - 5 * r)
}

/// All rounds.
pub fn permute(key: u128, seeds: &Seeds) -> u128 {
    seeds.iter().enumerate().fold(key, |x, (r, &seed)| round(x, r, seed))
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

    #[test]
    fn one_bit_of_key_or_seed_changes_every_way() {
        let seeds = [1, 2, 3, 4].map(|s: u128| (s * 0x9E37_79B9_7F4A_7C15_F39D) & MASK);
        let rows = 1 << 12;
        let ways = |x| [0, 1, 2, 3].map(|way| index(x, way, rows));
        let base = ways(permute(0x5254_0000_0001, &seeds));
        let mut changed = [0; WAYS];
        for bit in 0..BITS {
            let other = ways(permute(0x5254_0000_0001 ^ (1 << bit), &seeds));
            (0..WAYS).for_each(|w| changed[w] += u32::from(other[w] != base[w]));
        }
        assert!(changed.iter().all(|&n| n > 60), "{changed:?} of {BITS} bits show");
    }

    #[test]
    fn the_first_round_of_a_single_bit_is_worked_out_by_hand() {
        // x = 1: rotl(x,1) = 2, rotl(x,2) = 4, ~2 & 4 = 4, x = 5; then 5 ^ 5<<13 ^ 5<<37.
        assert_eq!(round(1, 0, 0), 5 ^ (5 << 13) ^ (5 << 37));
    }
}
