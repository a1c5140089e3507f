// SPDX-License-Identifier: MIT
//! The block `seed` against what docs/pipeline.md and the register map say of it.
use crate::bench::{CYCLES, Random, clock, clocked, generates, settle, wide};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::seed::*;
use vireo_spec::registers::SEED_WORDS;

clocked!([] Seed);

/// The bits that `strobes` selects.
pub(crate) fn octets(strobes: u64) -> u32 {
    (0..4).filter(|i| strobes >> i & 1 == 1).fold(0, |all, i| all | 0xFF << (8 * i))
}

#[test]
fn seed_keeps_the_octets_that_are_written_and_72_bits() {
    generates::<Seed>();
    let mut random = Random::new(6);
    let mut block = Seed::default();
    let mut words = [0u32; SEED_WORDS as usize];
    for cycle in 0..CYCLES {
        let rst = random.one_in(2000);
        let write = random.one_in(2);
        let word = random.below(SEED_WORDS.into()) as usize;
        let strobes = random.below(16);
        let (strobe, data) = (octets(strobes), random.bits() as u32);
        block.rst.next = rst;
        block.write.next = if write { 1u64 << word } else { 0 }.to_bits();
        block.octets.next = strobes.to_bits();
        block.data.next = data.to_bits();
        settle(&mut block);
        let seed = words.iter().rev().fold(0, |seed, &word| seed << 32 | u128::from(word));
        assert_eq!(block.seed.val(), wide::<72>(seed), "cycle {cycle}");
        for (i, shown) in block.words.iter().enumerate() {
            assert_eq!(shown.val(), words[i].to_bits(), "cycle {cycle}, word {i}");
        }
        if write {
            let kept = &mut words[word];
            *kept = *kept & !strobe | data & strobe;
            words[2] &= 0xFF;
        }
        if rst {
            words = Default::default();
        }
        clock(&mut block);
    }
}
