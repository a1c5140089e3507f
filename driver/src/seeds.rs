// SPDX-License-Identifier: MIT
//! Seeds of the hash tables: drawn from a number that the caller gives, and written to the machine's seed registers.
//!
//! Who does not know the seeds cannot choose addresses that collide, so a host should draw the number at random.

use vireo_spec::hash::{BITS, ROUNDS, Seeds};
use vireo_spec::registers::Register;

use crate::{BusError, RegisterBus};

const WORDS_PER_ROUND: usize = 3;

/// SplitMix64 (Steele, Lea, Flood 2014): from one number, as many well-mixed ones as are needed, the same on every host.
pub(crate) struct SplitMix64(pub(crate) u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    /// A seed of [`BITS`] bits for each round.
    pub(crate) fn seeds(&mut self) -> Seeds {
        std::array::from_fn::<_, ROUNDS, _>(|_| {
            let (low, high) = (u128::from(self.next()), u128::from(self.next()));
            (high << 64 | low) & ((1 << BITS) - 1)
        })
    }
}

/// Writes a seed set, low word first.
pub(crate) fn write(
    bus: &mut impl RegisterBus,
    set: &Register,
    seeds: &Seeds,
) -> Result<(), BusError> {
    for (round, seed) in seeds.iter().enumerate() {
        for word in 0..WORDS_PER_ROUND {
            bus.write(set.nth(round * WORDS_PER_ROUND + word), (seed >> (32 * word)) as u32)?;
        }
    }
    Ok(())
}

/// Whether a seed set is as reset leaves it: 0.
pub(crate) fn is_zero(bus: &mut impl RegisterBus, set: &Register) -> Result<bool, BusError> {
    for index in 0..usize::from(set.count) {
        if bus.read(set.nth(index))? != 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_gives_the_published_sequence() {
        let mut generator = SplitMix64(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973];
        assert_eq!([generator.next(), generator.next()], expected);
    }

    #[test]
    fn every_seed_has_72_bits_and_differs() {
        let mut generator = SplitMix64(1);
        let seeds: Vec<u128> = (0..1000).flat_map(|_| generator.seeds()).collect();
        assert!(seeds.iter().all(|&seed| seed >> BITS == 0));
        assert_eq!(seeds.iter().fold(0, |all, seed| all | seed), (1 << BITS) - 1);
        assert_eq!(seeds.iter().collect::<std::collections::HashSet<_>>().len(), seeds.len());
    }
}
