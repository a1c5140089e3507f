// SPDX-License-Identifier: MIT
//! Seeds of the hash tables: drawn from a number that the caller gives, kept in two a table of which each way hashes with one, and
//! written to the machine's seed registers.
//!
//! Who does not know the seeds cannot choose addresses that collide, so a host should draw the number at random.

use vireo_spec::geometry::WAYS;
use vireo_spec::hash::{self, BITS};
use vireo_spec::registers::{Register, SEED_WORDS};

use crate::{BusError, RegisterBus};

/// SplitMix64 (Steele, Lea, Flood 2014): from one number, as many well-mixed ones as are needed, the same on every host.
pub(crate) struct SplitMix64(pub(crate) u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    /// A seed of [`BITS`] bits, whose low word is not 0: [`is_whole`] tells it by that.
    pub(crate) fn seed(&mut self) -> u128 {
        loop {
            let (low, high) = (u128::from(self.next()), u128::from(self.next()));
            let seed = (high << 64 | low) & ((1 << BITS) - 1);
            if is_whole(seed) {
                return seed;
            }
        }
    }
}

/// What the hash tables hash with when their seeds are drawn from `number`.
pub(crate) struct Drawn {
    pub(crate) channels: u128,
    pub(crate) bindings: u128,
}

impl Drawn {
    pub(crate) fn from(number: u64) -> Self {
        let mut generator = SplitMix64(number);
        Self { channels: generator.seed(), bindings: generator.seed() }
    }
}

/// How a hash table places its rows: two seeds, A and B, and which of them each way hashes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashing {
    /// One that no way uses may be anything.
    pub(crate) seeds: [u128; 2],
    /// A bit a way, as in register `seed_choice`: 1 = seed B.
    pub(crate) choice: u8,
}

impl Hashing {
    /// Which seed (0 = A, 1 = B) `way` hashes with.
    pub(crate) fn choice_of(&self, way: usize) -> usize {
        usize::from(self.choice >> way & 1)
    }

    /// The seed that `way` (0 to 3) hashes with.
    pub fn seed(&self, way: usize) -> u128 {
        self.seeds[self.choice_of(way)]
    }

    /// Whether some way hashes with seed `which` (0 = A, 1 = B).
    pub(crate) fn uses(&self, which: usize) -> bool {
        (0..WAYS).any(|way| self.choice_of(way) == which)
    }

    /// The row of each way in which `key` may stand, in a table of `rows` rows a way.
    pub fn rows_of(&self, key: u128, rows: usize) -> [usize; WAYS] {
        let permuted =
            [0, 1].map(|which| self.uses(which).then(|| hash::permute(key, self.seeds[which])));
        std::array::from_fn(|way| {
            hash::index(permuted[self.choice_of(way)].unwrap_or_default(), way, rows)
        })
    }
}

/// Writes a seed, its low word last.
pub(crate) fn write(
    bus: &mut impl RegisterBus,
    register: &Register,
    seed: u128,
) -> Result<(), BusError> {
    for word in (0..usize::from(SEED_WORDS)).rev() {
        bus.write(register.nth(word), (seed >> (32 * word)) as u32)?;
    }
    Ok(())
}

/// Reads a seed.
pub(crate) fn read(bus: &mut impl RegisterBus, register: &Register) -> Result<u128, BusError> {
    let mut seed = 0;
    for word in 0..usize::from(SEED_WORDS) {
        seed |= u128::from(bus.read(register.nth(word))?) << (32 * word);
    }
    Ok(seed)
}

/// A driver drew this seed and wrote all of it to a machine that came from reset.
pub(crate) fn is_whole(seed: u128) -> bool {
    seed as u32 != 0
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
        let seeds: Vec<u128> = (0..4000).map(|_| generator.seed()).collect();
        assert!(seeds.iter().all(|&seed| seed >> BITS == 0));
        assert_eq!(seeds.iter().fold(0, |all, seed| all | seed), (1 << BITS) - 1);
        assert_eq!(seeds.iter().collect::<std::collections::HashSet<_>>().len(), seeds.len());
    }
}
