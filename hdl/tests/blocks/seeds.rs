// SPDX-License-Identifier: MIT
//! The block `seeds` against what docs/pipeline.md and the register map say of it.
use crate::bench::{CYCLES, Random, clock, clocked, generates, settle, wide};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::seeds::*;
use vireo_spec::registers::SEED_WORDS;

clocked!([] Seeds);

/// The bits that `strobes` selects.
pub(crate) fn octets(strobes: u64) -> u32 {
    (0..4).filter(|i| strobes >> i & 1 == 1).fold(0, |all, i| all | 0xFF << (8 * i))
}

#[test]
fn seeds_keep_the_octets_that_are_written_and_72_bits_a_round() {
    generates::<Seeds>();
    let mut random = Random::new(6);
    let mut block = Seeds::default();
    let mut words = [0u32; SEED_WORDS as usize];
    let mut seeds = [Bits::<72>::default(); 4];
    for cycle in 0..CYCLES {
        let rst = random.one_in(2000);
        let write = random.one_in(2);
        let mut word = || random.below(SEED_WORDS.into()) as usize;
        let (word, read) = (word(), word());
        let strobes = random.below(16);
        let (strobe, data) = (octets(strobes), random.bits() as u32);
        block.rst.next = rst;
        block.write.next = write;
        block.word.next = word.to_bits();
        block.octets.next = strobes.to_bits();
        block.data.next = data.to_bits();
        block.read.next = read.to_bits();
        settle(&mut block);
        let value = words[read].to_bits::<32>();
        assert_eq!(block.value.val(), value, "cycle {cycle}, word {read}");
        for (i, seed) in block.seed.iter().enumerate() {
            assert_eq!(seed.val(), seeds[i], "cycle {cycle}, round {i}");
        }
        if write {
            let kept = &mut words[word];
            *kept = *kept & !strobe | data & strobe;
            if word % 3 == 2 {
                *kept &= 0xFF;
            }
            let [low, middle, high] = [0, 1, 2].map(|i| u128::from(words[word / 3 * 3 + i]));
            seeds[word / 3] = wide(low | middle << 32 | high << 64);
        }
        if rst {
            words = [0; SEED_WORDS as usize];
            seeds = [Bits::default(); 4];
        }
        clock(&mut block);
    }
}
