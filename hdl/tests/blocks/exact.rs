// SPDX-License-Identifier: MIT
//! The block `exact` against what docs/pipeline.md says of it.
use crate::bench::{CYCLES, Random, all, clock, clocked, generates, settle};
use crate::lookup::{Keying, Lookup, ROWS};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::exact::*;

type Table = Exact<28, 8, 37, 4>;
clocked!([const KEY: usize, const V: usize, const R: usize, const A: usize] Exact<KEY, V, R, A>);

#[test]
fn exact_finds_rows_while_seeds_choices_and_rows_change() {
    generates::<Table>();
    let mut random = Random::new(31);
    let mut block = Table::default();
    let mut lookup = Lookup::new();
    let mut way_before = 0;
    let mut keying = Keying::default();
    for cycle in 0..CYCLES {
        let en = !random.one_in(4);
        keying.drive(&mut random, &mut block.seed_a, &mut block.seed_b, &mut block.choice);
        let key = random.below(24) << 22 | random.below(4);
        // Most rows are written where a key is about to be looked up, for it or another.
        let mut row = random.below(ROWS as u64) as usize;
        let mut new = (key, random.below(256));
        if !random.one_in(4) {
            let (key, rows) = lookup.about(&mut random);
            row = rows[random.below(4) as usize];
            if random.one_in(2) {
                new.0 = key as u64;
            }
        }
        let valid = !random.one_in(4);
        let commit = if random.one_in(2) { 1 << random.below(4) } else { 0 };
        let commit = if random.one_in(50) { random.below(16) } else { commit };
        let way = random.below(4);
        block.en.next = all(en);
        block.key.next = key.to_bits();
        block.commit.next = commit.to_bits();
        block.row.next = row.to_bits();
        let stored = if valid { new.0 | new.1 << 28 | 1 << 36 } else { 0 };
        block.row_data.next = stored.to_bits();
        block.way.next = way.to_bits();
        settle(&mut block);

        let found = lookup.found();
        if cycle > 30 {
            assert_eq!(block.hit.val(), found.is_some(), "cycle {cycle}");
        }
        if let Some(value) = found {
            assert_eq!(block.value.val().to_u64(), value, "cycle {cycle}");
        }
        if let Some(read) = lookup.read(std::mem::replace(&mut way_before, way as usize)) {
            let stored = read.map_or(0, |(key, value)| key as u64 | value << 28 | 1 << 36);
            assert_eq!(block.row_read.val().to_u64(), stored, "cycle {cycle}");
        }
        let new = valid.then_some((u128::from(new.0), new.1));
        lookup.clock(en, key.into(), &keying, commit, row, new);
        clock(&mut block);
    }
    let Lookup { hits, bypasses, .. } = lookup;
    assert!(hits > 2_500 && bypasses > 2_500, "{hits} hits, {bypasses} bypasses");
}
