// SPDX-License-Identifier: MIT
//! The block `hash` against what docs/pipeline.md says of it.
use crate::bench::{CYCLES, Random, clock, clocked, generates, settle, wide};
use crate::lookup::seed;
use rust_hdl::prelude::*;
use vireo_hdl::blocks::hash::*;
use vireo_spec::hash::round;

clocked!([] Hash);

#[test]
fn hash_does_each_round_with_the_seed_of_its_cycle() {
    generates::<Hash>();
    let mut random = Random::new(4);
    let mut block = Hash::default();
    let mut seeds = [0; 4];
    let mut line = [None; 5];
    for cycle in 0..CYCLES {
        let en = !random.one_in(4);
        let key = seed(&mut random);
        if random.one_in(3) {
            let at = random.below(4) as usize;
            seeds[at] = seed(&mut random);
            block.seed[at].next = wide(seeds[at]);
        }
        block.en.next = en;
        block.key.next = wide(key);
        settle(&mut block);
        if let Some(x) = line[4] {
            assert_eq!(block.x.val(), wide::<72>(x), "cycle {cycle}");
        }
        if en {
            line = [Some(key), line[0], line[1], line[2], line[3]];
            for (r, x) in line.iter_mut().take(4).enumerate() {
                *x = x.map(|x| round(x, r, seeds[r]));
            }
        }
        clock(&mut block);
    }
}
