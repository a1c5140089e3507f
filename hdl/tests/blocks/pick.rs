// SPDX-License-Identifier: MIT
//! The block `pick` against what it says of itself.
use crate::bench::{CYCLES, Random, generates, settle};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::pick::*;

#[test]
fn pick_shows_the_word_of_the_address() {
    generates::<Pick>();
    let mut random = Random::new(41);
    let mut block = Pick::default();
    let mut words = [0; 8];
    for cycle in 0..CYCLES {
        let (changes, at) = (random.below(8) as usize, random.below(8) as usize);
        words[changes] = random.bits() as u32;
        block.words[changes].next = words[changes].to_bits();
        block.at.next = at.to_bits();
        settle(&mut block);
        assert_eq!(block.value.val(), words[at].to_bits::<32>(), "cycle {cycle}");
    }
}
