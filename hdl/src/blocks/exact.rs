// SPDX-License-Identifier: MIT
//! Exact match: finds the row of a key in four ways of block RAM (docs/pipeline.md, 3.4).

use rust_hdl::prelude::*;

use super::hash::Hash;
use super::known::{Below, Fixed, Known};
use super::logic_block::logic_block;
use super::pipe::Ring;
use crate::ram::BlockRam;
use crate::verilog::About;

logic_block! {
    /// Rows of `R` bits, `2^A` in each way: the key in the low `KEY` bits, then the value's `V` bits, then valid.
    pub struct Exact<const KEY: usize, const V: usize, const R: usize, const A: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// The direction moves: a bit for each hash, one for what all ways share, one a way.
        pub en: Signal<In, Bits<7>>,
        /// The key, in cycle `x`.
        pub key: Signal<In, Bits<72>>,
        /// Seed A.
        pub seed_a: Signal<In, Bits<72>>,
        /// Seed B.
        pub seed_b: Signal<In, Bits<72>>,
        /// A bit a way: it is indexed by seed B.
        pub choice: Signal<In, Bits<4>>,
        /// A bit a way: software writes a row in this cycle.
        pub commit: Signal<In, Bits<4>>,
        /// The row that software writes or reads.
        pub row: Signal<In, Bits<A>>,
        /// What it writes.
        pub row_data: Signal<In, Bits<R>>,
        /// The way that `row_read` shows.
        pub way: Signal<In, Bits<2>>,
        /// The row of three cycles ago, in the way of the cycle before.
        pub row_read: Signal<Out, Bits<R>>,
        /// The key of `x` has a row; in `x+11`.
        pub hit: Signal<Out, Bit>,
        /// That row's value.
        pub value: Signal<Out, Bits<V>>,
        hash_a: Hash,
        hash_b: Hash,
        keys: Ring<Bits<72>, 7>,
        key8: DFF<Bits<72>>,
        index: [DFF<Bits<A>>; 4],
        // A way's memories stand apart from the other ways', and from the hash: a clock to get there.
        at: [DFF<Bits<A>>; 4],
        rams: [BlockRam<R, A>; 4],
        // What was written while the array was read, and where it was read.
        written: DFF<Bits<4>>,
        written_at: DFF<Bits<A>>,
        written_row: DFF<Bits<R>>,
        read_at: [DFF<Bits<A>>; 4],
        bypassed: DFF<Bits<4>>,
        // Of the row of each way.
        equal: [DFF<Bits<8>>; 4],
        valid: DFF<Bits<4>>,
        value9: [DFF<Bits<V>>; 4],
        // Of the one that was written, which takes its place in the ways where it was.
        takes: DFF<Bits<4>>,
        written_equal: DFF<Bits<8>>,
        written_valid: DFF<Bit>,
        taken: DFF<Bits<4>>,
        written_value8: DFF<Bits<V>>,
        written_value9: DFF<Bits<V>>,
        row_shown: DFF<Bits<R>>,
        hits: DFF<Bits<4>>,
        value10: [DFF<Bits<V>>; 4],
        found: DFF<Bit>,
        found_value: DFF<Bits<V>>,
        z: Signal<Local, Bits<18>>,
        same: Signal<Local, Bits<4>>,
        there: Signal<Local, Bits<R>>,
        differs: Signal<Local, Bits<72>>,
        parts: Signal<Local, Bits<8>>,
        takings: Signal<Local, Bits<4>>,
        shown: Signal<Local, Bits<R>>,
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
            written,
            written_at,
            written_row,
            key8,
            bypassed,
            valid,
            takes,
            written_equal,
            written_valid,
            taken,
            written_value8,
            written_value9,
            row_shown,
            hits,
            found,
            found_value
        );
        self.hash_a.clk.next = self.clk.val();
        self.hash_b.clk.next = self.clk.val();
        self.keys.clk.next = self.clk.val();
        self.hash_a.en.next = self.en.val().get_bit(0);
        self.hash_b.en.next = self.en.val().get_bit(1);
        self.keys.en.next = self.en.val().get_bit(2);
        self.hash_a.seed.next = self.seed_a.val();
        self.hash_b.seed.next = self.seed_b.val();
        self.hash_a.key.next = self.key.val();
        self.hash_b.key.next = self.key.val();
        self.keys.d.next = self.key.val();
        self.shown.next = 0.into();
        self.same.next = 0.into();
        self.valids.next = 0.into();
        self.ways.next = 0.into();
        self.takings.next = 0.into();
        for w in 0..4 {
            self.index[w].clock.next = self.clk.val();
            self.index[w].d.next = self.index[w].q.val();
            self.at[w].clock.next = self.clk.val();
            self.at[w].d.next = self.at[w].q.val();
            self.read_at[w].clock.next = self.clk.val();
            self.read_at[w].d.next = self.read_at[w].q.val();
            self.equal[w].clock.next = self.clk.val();
            self.equal[w].d.next = self.equal[w].q.val();
            self.value9[w].clock.next = self.clk.val();
            self.value9[w].d.next = self.value9[w].q.val();
            self.value10[w].clock.next = self.clk.val();
            self.value10[w].d.next = self.value10[w].q.val();
            self.rams[w].clk.next = self.clk.val();
            self.rams[w].a_enable.next = self.en.val().get_bit(w + 3);
            self.rams[w].a_addr.next = self.at[w].q.val();
            self.rams[w].b_write.next = self.commit.val().get_bit(w);
            self.rams[w].b_addr.next = self.row.val();
            self.rams[w].b_wdata.next = self.row_data.val();
            if self.way.val().index() == w {
                self.shown.next = self.rams[w].b_rdata.val();
            }
            // x+4: the index, from the seed that the way's choice names now.
            if self.choice.val().get_bit(w) {
                self.z.next = self.hash_b.x.val().get_bits::<18>(w * 18);
            } else {
                self.z.next = self.hash_a.x.val().get_bits::<18>(w * 18);
            }
            // x+6: the array is read; what is written now is kept. x+7: whether it was the same row.
            self.same.next = self.same.val().replace_bit(
                w,
                self.written.q.val().get_bit(w)
                    & (self.written_at.q.val() == self.read_at[w].q.val()),
            );
            // x+8: the row from the output register, compared in eight parts.
            self.there.next = self.rams[w].a_data.val();
            self.differs.next =
                bit_cast::<72, KEY>(self.there.val().get_bits::<KEY>(0)) ^ self.key8.q.val();
            self.parts.next = 0.into();
            for p in 0..8 {
                self.parts.next =
                    self.parts.val().replace_bit(p, self.differs.val().get_bits::<9>(p * 9) == 0);
            }
            self.valids.next = self.valids.val().replace_bit(
                w,
                self.there.val().get_bit(self.valid_at.val().index())
                    & (!self.bypassed.q.val().get_bit(w)),
            );
            self.takings.next = self.takings.val().replace_bit(
                w,
                self.bypassed.q.val().get_bit(w)
                    & (self.written_equal.q.val().all() & self.written_valid.q.val()),
            );
            // x+9: per way, what was read or what was written meanwhile.
            self.ways.next = self.ways.val().replace_bit(
                w,
                (self.equal[w].q.val().all() & self.valid.q.val().get_bit(w))
                    | self.taken.q.val().get_bit(w),
            );
            if self.en.val().get_bit(w + 3) {
                self.index[w].d.next = bit_cast::<A, 18>(self.z.val() ^ (self.z.val() >> 9));
                self.at[w].d.next = self.index[w].q.val();
                self.read_at[w].d.next = self.at[w].q.val();
                self.equal[w].d.next = self.parts.val();
                self.value9[w].d.next = self.there.val().get_bits::<V>(self.value_at.val().index());
                self.value10[w].d.next = self.value9[w].q.val();
                if self.takes.q.val().get_bit(w) {
                    self.value10[w].d.next = self.written_value9.q.val();
                }
            }
        }
        // x+7: what was written is compared too, once for all ways, and a clock before it is wanted in all of them.
        self.there.next = self.written_row.q.val();
        self.differs.next =
            bit_cast::<72, KEY>(self.there.val().get_bits::<KEY>(0)) ^ self.keys.q.val();
        self.parts.next = 0.into();
        for p in 0..8 {
            self.parts.next =
                self.parts.val().replace_bit(p, self.differs.val().get_bits::<9>(p * 9) == 0);
        }
        self.row_shown.d.next = self.shown.val();
        self.row_read.next = self.row_shown.q.val();
        if self.en.val().get_bit(2) {
            self.written.d.next = self.commit.val();
            self.written_at.d.next = self.row.val();
            self.written_row.d.next = self.row_data.val();
            self.bypassed.d.next = self.same.val();
            self.key8.d.next = self.keys.q.val();
            self.valid.d.next = self.valids.val();
            self.takes.d.next = self.bypassed.q.val();
            self.written_equal.d.next = self.parts.val();
            self.written_valid.d.next = self.there.val().get_bit(self.valid_at.val().index());
            self.taken.d.next = self.takings.val();
            self.written_value8.d.next =
                self.there.val().get_bits::<V>(self.value_at.val().index());
            self.written_value9.d.next = self.written_value8.q.val();
            self.hits.d.next = self.ways.val();
            // x+10: the lowest way wins.
            self.found.d.next = self.hits.q.val().any();
            if self.hits.q.val().get_bit(0) {
                self.found_value.d.next = self.value10[0].q.val();
            } else if self.hits.q.val().get_bit(1) {
                self.found_value.d.next = self.value10[1].q.val();
            } else if self.hits.q.val().get_bit(2) {
                self.found_value.d.next = self.value10[2].q.val();
            } else {
                self.found_value.d.next = self.value10[3].q.val();
            }
        }
        self.hit.next = self.found.q.val();
        self.value.next = self.found_value.q.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("exact", "11 clocks")
            .with("KEY", KEY)
            .with("VALUE", V)
            .with("ROWS", 1 << A)
            .says("Finds the row of a key in four ways of block RAM, indexed by a keyed hash.")
            .timing()
    }
}
