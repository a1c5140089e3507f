// SPDX-License-Identifier: MIT
//! A ledger: rows in two banks, one in which a row changes in every clock, and one that software reads and clears
//! (docs/pipeline.md, section 8).

use rust_hdl::prelude::*;

use super::logic_block::logic_block;
use crate::ram::FlowRam;
use crate::verilog::About;

logic_block! {
    /// `2^A` rows of `R` bits. Hands out a row as it stands in its array, takes it back as it is to be.
    ///
    /// A row that was handed out one to three clocks before is not back yet: what those add is for the user to add once more.
    /// A bank is read and written once a clock. That is enough for two: where it counts it is read for that, else for software.
    pub struct Ledger<const A: usize, const R: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// A row changes.
        pub add: Signal<In, Bit>,
        /// The bank that counts.
        pub bank: Signal<In, Bit>,
        /// The row.
        pub row: Signal<In, Bits<A>>,
        /// A row may come again within four clocks: constant.
        pub again: Signal<In, Bit>,
        /// Two clocks later: it is the row that came one, two, three clocks before it.
        pub near: Signal<Out, Bits<3>>,
        /// Four clocks later: what stands in it.
        pub before: Signal<Out, Bits<R>>,
        /// In that cycle: what is to stand in it.
        pub after: Signal<In, Bits<R>>,
        /// A bit a bank: `other` is cleared in it.
        pub clear: Signal<In, Bits<2>>,
        /// The row that is cleared, or that software reads.
        pub other: Signal<In, Bits<A>>,
        /// Software reads it, from the bank that does not count.
        pub shows: Signal<In, Bit>,
        /// The bank that software reads.
        pub shown: Signal<In, Bit>,
        /// The row of four cycles ago, or 0.
        pub value: Signal<Out, Bits<R>>,
        rams: [FlowRam<R, A>; 2],
        addr: [DFF<Bits<A>>; 2],
        waddr: [DFF<Bits<A>>; 2],
        wdata: [DFF<Bits<R>>; 2],
        writes: [DFF<Bit>; 2],
        // A row on its way: read in 1, chosen in 3, changed in 4, written in 5.
        adds: [DFF<Bit>; 5],
        banks: [DFF<Bit>; 5],
        rows: [DFF<Bits<A>>; 5],
        near2: DFF<Bits<4>>,
        meets3: DFF<Bit>,
        chosen: DFF<Bits<R>>,
        new5: DFF<Bits<R>>,
        new6: DFF<Bits<R>>,
        new7: DFF<Bits<R>>,
        shown_row: DFF<Bits<R>>,
        same: Signal<Local, Bits<4>>,
        mine: Signal<Local, Bit>,
    }
}

impl<const A: usize, const R: usize> Logic for Ledger<A, R> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, near2, meets3, chosen, new5, new6, new7, shown_row);
        self.same.next = 0.into();
        for i in 0..5 {
            self.adds[i].clock.next = self.clk.val();
            self.banks[i].clock.next = self.clk.val();
            self.rows[i].clock.next = self.clk.val();
        }
        self.adds[0].d.next = self.add.val();
        self.banks[0].d.next = self.bank.val();
        self.rows[0].d.next = self.row.val();
        for i in 1..5 {
            self.adds[i].d.next = self.adds[i - 1].q.val();
            self.banks[i].d.next = self.banks[i - 1].q.val();
            self.rows[i].d.next = self.rows[i - 1].q.val();
            self.same.next = self.same.val().replace_bit(
                i - 1,
                (self.adds[i].q.val() & self.again.val())
                    & (self.banks[i].q.val() == self.banks[0].q.val())
                    & (self.rows[i].q.val() == self.rows[0].q.val()),
            );
        }
        self.near2.d.next = self.same.val();
        self.near.next = self.near2.q.val().get_bits::<3>(0);
        self.meets3.d.next = self.near2.q.val().get_bit(3);

        // The row as the array has it, or as it was written while the array was read.
        if self.meets3.q.val() {
            self.chosen.d.next = self.new7.q.val();
        } else if self.banks[2].q.val() {
            self.chosen.d.next = self.rams[1].data.val();
        } else {
            self.chosen.d.next = self.rams[0].data.val();
        }
        self.before.next = self.chosen.q.val();
        self.new5.d.next = self.after.val();
        self.new6.d.next = self.new5.q.val();
        self.new7.d.next = self.new6.q.val();

        self.shown_row.d.next = 0.into();
        if self.shows.val() {
            self.shown_row.d.next = self.rams[0].data.val();
            if self.shown.val() {
                self.shown_row.d.next = self.rams[1].data.val();
            }
        }
        self.value.next = self.shown_row.q.val();
        for i in 0..2 {
            self.rams[i].clk.next = self.clk.val();
            self.rams[i].enable.next = true;
            self.addr[i].clock.next = self.clk.val();
            self.waddr[i].clock.next = self.clk.val();
            self.wdata[i].clock.next = self.clk.val();
            self.writes[i].clock.next = self.clk.val();
            self.mine.next = !self.bank.val();
            if i == 1 {
                self.mine.next = self.bank.val();
            }
            self.addr[i].d.next = self.other.val();
            if self.mine.val() {
                self.addr[i].d.next = self.row.val();
            }
            self.rams[i].addr.next = self.addr[i].q.val();

            self.mine.next = self.adds[3].q.val() & (!self.banks[3].q.val());
            if i == 1 {
                self.mine.next = self.adds[3].q.val() & self.banks[3].q.val();
            }
            self.writes[i].d.next = self.mine.val() | self.clear.val().get_bit(i);
            self.waddr[i].d.next = self.other.val();
            self.wdata[i].d.next = 0.into();
            if self.mine.val() {
                self.waddr[i].d.next = self.rows[3].q.val();
                self.wdata[i].d.next = self.after.val();
            }
            self.rams[i].write.next = self.writes[i].q.val();
            self.rams[i].waddr.next = self.waddr[i].q.val();
            self.rams[i].wdata.next = self.wdata[i].q.val();
        }
        if self.rst.val() {
            for i in 0..5 {
                self.adds[i].d.next = false;
            }
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("ledger", "5 clocks")
            .with("ROWS", 1 << A)
            .with("WIDTH", R)
            .says("Rows in two banks, one that changes and one that software reads.")
            .apart()
            .timing()
    }
}
