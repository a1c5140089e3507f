// SPDX-License-Identifier: MIT
//! The block `hash` against what docs/pipeline.md says of it.
use crate::bench::{CYCLES, Random, clock, clocked, generates, settle, wide};
use crate::lookup::seed;
use rust_hdl::prelude::*;
use vireo_hdl::blocks::hash::*;
use vireo_spec::hash::round;

clocked!([] Hash);

#[test]
fn hash_takes_the_seed_of_the_keys_cycle_and_a_round_a_clock() {
    generates::<Hash>();
    let mut random = Random::new(4);
    let mut block = Hash::default();
    let mut kept = 0;
    let mut line = [None; 4];
    for cycle in 0..CYCLES {
        let en = !random.one_in(4);
        let key = seed(&mut random);
        if random.one_in(3) {
            kept = seed(&mut random);
            block.seed.next = wide(kept);
        }
        block.en.next = en;
        block.key.next = wide(key);
        settle(&mut block);
        if let Some(x) = line[3] {
            assert_eq!(block.x.val(), wide::<72>(x), "cycle {cycle}");
        }
        if en {
            line = [Some(key ^ kept), line[0], line[1], line[2]];
            for (r, x) in line[1..].iter_mut().enumerate() {
                *x = x.map(|x| round(x, r));
            }
        }
        clock(&mut block);
    }
}
