// SPDX-License-Identifier: MIT
//! Seeds of the hash tables: drawn from a number that the caller gives, kept in two sets a table of which each way hashes with
//! one, and written to the machine's seed registers.
//!
//! Who does not know the seeds cannot choose addresses that collide, so a host should draw the number at random.

use vireo_spec::geometry::WAYS;
use vireo_spec::hash::{self, BITS, ROUNDS, Seeds};
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

/// What the hash tables hash with when their seeds are drawn from `number`.
pub(crate) struct Drawn {
    pub(crate) channels: Seeds,
    pub(crate) bindings: Seeds,
}

impl Drawn {
    pub(crate) fn from(number: u64) -> Self {
        let mut generator = SplitMix64(number);
        Self { channels: generator.seeds(), bindings: generator.seeds() }
    }
}

/// How a hash table places its rows: two seed sets, A and B, and which of them each way hashes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashing {
    /// The seeds of a set that no way uses may be anything.
    pub(crate) sets: [Seeds; 2],
    /// A bit a way, as in register `seed_choice`: 1 = set B.
    pub(crate) choice: u8,
}

impl Hashing {
    /// The set (0 = A, 1 = B) that `way` hashes with.
    pub(crate) fn set_of(&self, way: usize) -> usize {
        usize::from(self.choice >> way & 1)
    }

    /// The seeds that `way` (0 to 3) hashes with.
    pub fn seeds(&self, way: usize) -> &Seeds {
        &self.sets[self.set_of(way)]
    }

    /// Whether some way hashes with `set`.
    pub(crate) fn uses(&self, set: usize) -> bool {
        (0..WAYS).any(|way| self.set_of(way) == set)
    }

    /// The row of each way in which `key` may stand, in a table of `rows` rows a way.
    pub fn rows_of(&self, key: u128, rows: usize) -> [usize; WAYS] {
        let permuted =
            [0, 1].map(|set| self.uses(set).then(|| hash::permute(key, &self.sets[set])));
        std::array::from_fn(|way| {
            hash::index(permuted[self.set_of(way)].unwrap_or_default(), way, rows)
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

/// Reads a seed set.
pub(crate) fn read(bus: &mut impl RegisterBus, set: &Register) -> Result<Seeds, BusError> {
    let mut seeds = Seeds::default();
    for (round, seed) in seeds.iter_mut().enumerate() {
        for word in 0..WORDS_PER_ROUND {
            let value = bus.read(set.nth(round * WORDS_PER_ROUND + word))?;
            *seed |= u128::from(value) << (32 * word);
        }
    }
    Ok(seeds)
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
