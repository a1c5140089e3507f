// SPDX-License-Identifier: MIT
//! The block `seeds` against what docs/pipeline.md and the register map say of it.
use crate::bench::{CYCLES, Random, clock, clocked, generates, settle, wide};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::seeds::*;
use vireo_spec::registers::SEED_WORDS;

clocked!([] Seeds);
clocked!([] SeedWords);

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
        let word = random.below(SEED_WORDS.into()) as usize;
        let strobes = random.below(16);
        let (strobe, data) = (octets(strobes), random.bits() as u32);
        block.rst.next = rst;
        block.write.next = write;
        block.word.next = (1u64 << word).to_bits();
        block.octets.next = strobes.to_bits();
        block.data.next = data.to_bits();
        settle(&mut block);
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

#[test]
fn seed_words_read_as_written_since_the_reset() {
    generates::<SeedWords>();
    let mut random = Random::new(15);
    let mut block = SeedWords::default();
    let mut words = [[0u32; SEED_WORDS as usize]; 4];
    let mut shown = 0;
    let (mut set, mut word, mut strobes, mut waits) = (0, 0, 0, 2);
    for cycle in 0..CYCLES {
        let rst = random.one_in(1000);
        // What is written stands two cycles before.
        if waits == 2 {
            strobes = random.below(16);
            (set, word) = (random.below(4) as usize, random.below(SEED_WORDS.into()) as usize);
        }
        let write = waits == 0 && random.one_in(2);
        waits = (waits + 2) % 3;
        let reads = !random.one_in(4);
        let from = [set, random.below(4) as usize][random.below(2) as usize];
        let read = [word, random.below(SEED_WORDS.into()) as usize][random.below(2) as usize];
        let (strobe, data) = (octets(strobes), random.bits() as u32);
        block.rst.next = rst;
        block.write.next = write;
        block.of.next = if write { 1u64 << set } else { 0 }.to_bits();
        block.one.next = (1u64 << word).to_bits();
        block.word.next = (set << 4 | word).to_bits();
        block.octets.next = strobes.to_bits();
        block.data.next = data.to_bits();
        block.reads.next = reads;
        block.read.next = (from << 4 | read).to_bits();
        settle(&mut block);
        assert_eq!(block.value.val().to_u32(), shown, "cycle {cycle}");
        shown = if reads && !rst { words[from][read] } else { 0 };
        if write {
            let kept = &mut words[set][word];
            *kept = *kept & !strobe | data & strobe;
            if word % 3 == 2 {
                *kept &= 0xFF;
            }
        }
        if rst {
            (words, waits) = (Default::default(), 2);
        }
        clock(&mut block);
    }
}
