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
        // Words beyond the set are other registers' business.
        let mut word = || if random.one_in(8) { random.below(1024) } else { random.below(16) };
        let (word, read) = (word() as usize, word() as usize);
        let (strobe, data) = (octets(random.below(16)), random.bits() as u32);
        block.rst.next = rst;
        block.write.next = write;
        block.word.next = word.to_bits();
        block.strobe.next = strobe.to_bits();
        block.data.next = data.to_bits();
        block.read.next = read.to_bits();
        settle(&mut block);
        if let Some(&value) = words.get(read) {
            assert_eq!(block.value.val(), value.to_bits::<32>(), "cycle {cycle}, word {read}");
        }
        for (i, seed) in block.seed.iter().enumerate() {
            assert_eq!(seed.val(), seeds[i], "cycle {cycle}, round {i}");
        }
        if let Some(kept) = words.get_mut(word).filter(|_| write) {
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
