use crate::bench::{Random, clock, clocked, generates, settle, wide};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::exact::*;
use vireo_spec::hash::{index, round};

const ROWS: usize = 16;
type Table = Exact<28, 8, 37, 4>;
clocked!([const KEY: usize, const V: usize, const R: usize, const A: usize] Exact<KEY, V, R, A>);

#[derive(Clone, Copy, Default)]
struct Row {
    key: u64,
    value: u64,
    valid: bool,
}

/// A key on its way: section 3.4, by the number of enabled cycles that it has seen.
#[derive(Clone, Copy, Default)]
struct Key {
    key: u64,
    a: u128,
    b: u128,
    index: [usize; 4],
    rows: [Row; 4],
}

#[test]
fn exact_finds_rows_while_seeds_choices_and_rows_change() {
    generates::<Table>();
    let mut random = Random::new(31);
    let mut block = Table::default();
    let mut rows = [[Row::default(); ROWS]; 4];
    let mut seeds = [[0u128; 4]; 2];
    let mut choice = 0;
    let mut line = [Key::default(); 10];
    let (mut hits, mut bypassed) = (0, 0);
    for cycle in 0..40_000 {
        let en = !random.one_in(4);
        if random.one_in(500) {
            seeds[random.below(2) as usize][random.below(4) as usize] =
                (u128::from(random.bits()) << 8 | u128::from(random.below(256))) & ((1 << 72) - 1);
        }
        if random.one_in(100) {
            choice = random.below(16);
        }
        let key = random.below(24) << 22 | random.below(4);
        // Half of the rows are written where a key is about to be looked up.
        let (way, mut row) = (random.below(4) as usize, random.below(ROWS as u64) as usize);
        let mut new = Row { key, value: random.below(256), valid: !random.one_in(4) };
        if random.one_in(2) {
            let about = line[4 + random.below(2) as usize];
            row = about.index[way];
            new.key = about.key;
        }
        let commit = random.one_in(3);
        block.en.next = en;
        block.key.next = key.to_bits();
        for (pins, set) in [&mut block.seed_a, &mut block.seed_b].into_iter().zip(&seeds) {
            pins.iter_mut().zip(set).for_each(|(pin, &seed)| pin.next = wide(seed));
        }
        block.choice.next = choice.to_bits();
        block.commit.next = if commit { 1u64 << way } else { 0 }.to_bits();
        block.row.next = row.to_bits();
        block.row_data.next = (new.key | new.value << 28 | u64::from(new.valid) << 36).to_bits();
        settle(&mut block);

        let done = line[9];
        let hit = (0..4).find(|&w| done.rows[w].valid && done.rows[w].key == done.key);
        if cycle > 30 {
            assert_eq!(block.hit.val(), hit.is_some(), "cycle {cycle}");
        }
        if let Some(way) = hit {
            assert_eq!(block.value.val().to_u64(), done.rows[way].value, "cycle {cycle}");
            hits += 1;
        }
        if en {
            // line[i] has seen i + 1 clocks: it is in its cycle x + i + 1.
            let mut next = [Key::default(); 10];
            next[0] = Key { key, a: u128::from(key), b: u128::from(key), ..Key::default() };
            next[0].a = round(next[0].a, 0, seeds[0][0]);
            next[0].b = round(next[0].b, 0, seeds[1][0]);
            for i in 0..9 {
                let mut one = line[i];
                if i < 3 {
                    one.a = round(one.a, i + 1, seeds[0][i + 1]);
                    one.b = round(one.b, i + 1, seeds[1][i + 1]);
                }
                if i == 3 {
                    one.index = [0, 1, 2, 3]
                        .map(|w| index(if choice >> w & 1 == 1 { one.b } else { one.a }, w, ROWS));
                }
                if i == 4 {
                    one.rows = [0, 1, 2, 3].map(|w| {
                        let written = commit && w == way && row == one.index[w];
                        bypassed += usize::from(written);
                        if written { new } else { rows[w][one.index[w]] }
                    });
                }
                next[i + 1] = one;
            }
            line = next;
        }
        if commit {
            rows[way][row] = new;
        }
        clock(&mut block);
    }
    assert!(hits > 500 && bypassed > 500, "{hits} hits, {bypassed} bypassed");
}

#[test]
fn software_reads_a_row_two_cycles_later() {
    let mut block = Table::default();
    for (way, row) in [(0u64, 3u64), (3, 15)] {
        block.commit.next = (1u64 << way).to_bits();
        block.row.next = row.to_bits();
        block.row_data.next = (way << 20 | row).to_bits();
        settle(&mut block);
        clock(&mut block);
        block.commit.next = 0.into();
        block.way.next = way.to_bits();
        clock(&mut block);
        clock(&mut block);
        assert_eq!(block.row_read.val().to_u64(), way << 20 | row);
    }
}
