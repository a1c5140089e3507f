// SPDX-License-Identifier: MIT
//! Exact match: finds the row of a key in four ways of block RAM (docs/pipeline.md, 3.4).

use rust_hdl::prelude::*;

use super::hash::Hash;
use super::known::{Below, Fixed, Known};
use super::logic_block::logic_block;
use super::pipe::Pipe;
use crate::ram::BlockRam;
use crate::verilog::About;

logic_block! {
    /// Rows of `R` bits, `2^A` in each way: the key in the low `KEY` bits, then the value's `V` bits, then valid.
    pub struct Exact<const KEY: usize, const V: usize, const R: usize, const A: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// The direction moves.
        pub en: Signal<In, Bit>,
        /// The key, in cycle `x`.
        pub key: Signal<In, Bits<72>>,
        /// Seed set A.
        pub seed_a: [Signal<In, Bits<72>>; 4],
        /// Seed set B.
        pub seed_b: [Signal<In, Bits<72>>; 4],
        /// A bit a way: it is indexed by seed set B.
        pub choice: Signal<In, Bits<4>>,
        /// A bit a way: software writes a row in this cycle.
        pub commit: Signal<In, Bits<4>>,
        /// The row that software writes or reads.
        pub row: Signal<In, Bits<A>>,
        /// What it writes.
        pub row_data: Signal<In, Bits<R>>,
        /// The way that `row_read` shows.
        pub way: Signal<In, Bits<2>>,
        /// The row of two cycles ago.
        pub row_read: Signal<Out, Bits<R>>,
        /// The key of `x` has a row; in `x+10`.
        pub hit: Signal<Out, Bit>,
        /// That row's value.
        pub value: Signal<Out, Bits<V>>,
        hash_a: Hash,
        hash_b: Hash,
        keys: Pipe<Bits<72>, 7>,
        index: [DFF<Bits<A>>; 4],
        rams: [BlockRam<R, A>; 4],
        bypass: DFF<Bits<4>>,
        bypass_row: DFF<Bits<R>>,
        bypassed: DFF<Bits<4>>,
        bypassed_row: DFF<Bits<R>>,
        equal: [DFF<Bits<4>>; 4],
        valid: DFF<Bits<4>>,
        value_8: [DFF<Bits<V>>; 4],
        hits: DFF<Bits<4>>,
        value_9: [DFF<Bits<V>>; 4],
        found: DFF<Bit>,
        found_value: DFF<Bits<V>>,
        z: Signal<Local, Bits<18>>,
        same: Signal<Local, Bits<4>>,
        there: Signal<Local, Bits<R>>,
        differs: Signal<Local, Bits<72>>,
        parts: Signal<Local, Bits<4>>,
        valids: Signal<Local, Bits<4>>,
        ways: Signal<Local, Bits<4>>,
        value_at: Fixed<KEY, 8>,
        valid_at: Known<Below<R>, 8>,
    }
}

impl<const KEY: usize, const V: usize, const R: usize, const A: usize> Logic
    for Exact<KEY, V, R, A>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clk,
            bypass,
            bypass_row,
            bypassed,
            bypassed_row,
            valid,
            hits,
            found,
            found_value
        );
        self.hash_a.clk.next = self.clk.val();
        self.hash_b.clk.next = self.clk.val();
        self.keys.clk.next = self.clk.val();
        self.hash_a.en.next = self.en.val();
        self.hash_b.en.next = self.en.val();
        self.keys.en.next = self.en.val();
        self.hash_a.key.next = self.key.val();
        self.hash_b.key.next = self.key.val();
        self.keys.d.next = self.key.val();
        self.row_read.next = 0.into();
        self.same.next = 0.into();
        self.valids.next = 0.into();
        self.ways.next = 0.into();
        for w in 0..4 {
            self.hash_a.seed[w].next = self.seed_a[w].val();
            self.hash_b.seed[w].next = self.seed_b[w].val();
            self.index[w].clock.next = self.clk.val();
            self.index[w].d.next = self.index[w].q.val();
            self.equal[w].clock.next = self.clk.val();
            self.equal[w].d.next = self.equal[w].q.val();
            self.value_8[w].clock.next = self.clk.val();
            self.value_8[w].d.next = self.value_8[w].q.val();
            self.value_9[w].clock.next = self.clk.val();
            self.value_9[w].d.next = self.value_9[w].q.val();
            self.rams[w].clk.next = self.clk.val();
            self.rams[w].a_enable.next = self.en.val();
            self.rams[w].a_addr.next = self.index[w].q.val();
            self.rams[w].b_write.next = self.commit.val().get_bit(w);
            self.rams[w].b_addr.next = self.row.val();
            self.rams[w].b_wdata.next = self.row_data.val();
            if self.way.val().index() == w {
                self.row_read.next = self.rams[w].b_rdata.val();
            }
            // x+4: the index, from the seed set that the way's choice names now.
            if self.choice.val().get_bit(w) {
                self.z.next = self.hash_b.x.val().get_bits::<18>(w * 18);
            } else {
                self.z.next = self.hash_a.x.val().get_bits::<18>(w * 18);
            }
            // x+5: the array is read; a row that is written now is kept.
            self.same.next = self.same.val().replace_bit(
                w,
                self.commit.val().get_bit(w) & (self.row.val() == self.index[w].q.val()),
            );
            // x+7: the row, from the output register or as it was kept; compared in four parts.
            if self.bypassed.q.val().get_bit(w) {
                self.there.next = self.bypassed_row.q.val();
            } else {
                self.there.next = self.rams[w].a_data.val();
            }
            self.differs.next =
                bit_cast::<72, KEY>(self.there.val().get_bits::<KEY>(0)) ^ self.keys.q.val();
            self.parts.next = 0.into();
            for p in 0..4 {
                self.parts.next =
                    self.parts.val().replace_bit(p, self.differs.val().get_bits::<18>(p * 18) == 0);
            }
            self.valids.next = self
                .valids
                .val()
                .replace_bit(w, self.there.val().get_bit(self.valid_at.val().index()));
            // x+8: per way.
            self.ways.next = self
                .ways
                .val()
                .replace_bit(w, self.equal[w].q.val().all() & self.valid.q.val().get_bit(w));
            if self.en.val() {
                self.index[w].d.next = bit_cast::<A, 18>(self.z.val() ^ (self.z.val() >> 9));
                self.equal[w].d.next = self.parts.val();
                self.value_8[w].d.next =
                    self.there.val().get_bits::<V>(self.value_at.val().index());
                self.value_9[w].d.next = self.value_8[w].q.val();
            }
        }
        if self.en.val() {
            self.bypass.d.next = self.same.val();
            self.bypass_row.d.next = self.row_data.val();
            self.bypassed.d.next = self.bypass.q.val();
            self.bypassed_row.d.next = self.bypass_row.q.val();
            self.valid.d.next = self.valids.val();
            self.hits.d.next = self.ways.val();
            // x+9: the lowest way wins.
            self.found.d.next = self.hits.q.val().any();
            if self.hits.q.val().get_bit(0) {
                self.found_value.d.next = self.value_9[0].q.val();
            } else if self.hits.q.val().get_bit(1) {
                self.found_value.d.next = self.value_9[1].q.val();
            } else if self.hits.q.val().get_bit(2) {
                self.found_value.d.next = self.value_9[2].q.val();
            } else {
                self.found_value.d.next = self.value_9[3].q.val();
            }
        }
        self.hit.next = self.found.q.val();
        self.value.next = self.found_value.q.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("exact", "10 clocks")
            .with("KEY", KEY)
            .with("VALUE", V)
            .with("ROWS", 1 << A)
            .says("Finds the row of a key in four ways of block RAM, indexed by a keyed hash.")
            .timing()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::bench::{Random, clock, clocked, generates, settle, wide};
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
                    (u128::from(random.bits()) << 8 | u128::from(random.below(256)))
                        & ((1 << 72) - 1);
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
            block.row_data.next =
                (new.key | new.value << 28 | u64::from(new.valid) << 36).to_bits();
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
                        one.index = [0, 1, 2, 3].map(|w| {
                            index(if choice >> w & 1 == 1 { one.b } else { one.a }, w, ROWS)
                        });
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
}
