// SPDX-License-Identifier: MIT
//! A counter for each row, in two banks of block RAM: read, add, write, a row a clock (docs/pipeline.md, section 8).

use rust_hdl::prelude::*;

use super::logic_block::logic_block;
use crate::ram::BlockRam;
use crate::verilog::About;

logic_block! {
    /// `2^A` counters of `R` bits. Adds to the bank that came with the row; clears and shows the other.
    pub struct Counter<const A: usize, const R: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// A row counts.
        pub add: Signal<In, Bit>,
        /// In this bank.
        pub bank: Signal<In, Bit>,
        /// The row.
        pub row: Signal<In, Bits<A>>,
        /// So much.
        pub amount: Signal<In, Bits<R>>,
        /// A bit a bank: `other` is cleared in it.
        pub clear: Signal<In, Bits<2>>,
        /// The row that is cleared, or that software reads.
        pub other: Signal<In, Bits<A>>,
        /// The bank that software reads.
        pub shown: Signal<In, Bit>,
        /// The counter of two cycles ago.
        pub value: Signal<Out, Bits<R>>,
        rams: [BlockRam<R, A>; 2],
        // A row on its way: its read, its sum, its write.
        adds1: DFF<Bit>,
        bank1: DFF<Bit>,
        row1: DFF<Bits<A>>,
        amount1: DFF<Bits<R>>,
        adds2: DFF<Bit>,
        bank2: DFF<Bit>,
        row2: DFF<Bits<A>>,
        amount2: DFF<Bits<R>>,
        adds3: DFF<Bit>,
        bank3: DFF<Bit>,
        row3: DFF<Bits<A>>,
        sum3: DFF<Bits<R>>,
        adds4: DFF<Bit>,
        bank4: DFF<Bit>,
        row4: DFF<Bits<A>>,
        sum4: DFF<Bits<R>>,
        adds5: DFF<Bit>,
        bank5: DFF<Bit>,
        row5: DFF<Bits<A>>,
        sum5: DFF<Bits<R>>,
        before: Signal<Local, Bits<R>>,
        writes: Signal<Local, Bits<2>>,
    }
}

impl<const A: usize, const R: usize> Logic for Counter<A, R> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clk, adds1, bank1, row1, amount1, adds2, bank2, row2, amount2, adds3, bank3,
            row3, sum3, adds4, bank4, row4, sum4, adds5, bank5, row5, sum5
        );
        self.adds1.d.next = self.add.val();
        self.bank1.d.next = self.bank.val();
        self.row1.d.next = self.row.val();
        self.amount1.d.next = self.amount.val();
        self.adds2.d.next = self.adds1.q.val();
        self.bank2.d.next = self.bank1.q.val();
        self.row2.d.next = self.row1.q.val();
        self.amount2.d.next = self.amount1.q.val();
        // The row's counter as the array has it, or as one of the three before it is about to leave it.
        self.before.next = self.rams[0].a_data.val();
        if self.bank2.q.val() {
            self.before.next = self.rams[1].a_data.val();
        }
        if self.adds2.q.val() {
            if self.adds3.q.val()
                & (self.bank3.q.val() == self.bank2.q.val())
                & (self.row3.q.val() == self.row2.q.val())
            {
                self.before.next = self.sum3.q.val();
            } else if self.adds4.q.val()
                & (self.bank4.q.val() == self.bank2.q.val())
                & (self.row4.q.val() == self.row2.q.val())
            {
                self.before.next = self.sum4.q.val();
            } else if self.adds5.q.val()
                & (self.bank5.q.val() == self.bank2.q.val())
                & (self.row5.q.val() == self.row2.q.val())
            {
                self.before.next = self.sum5.q.val();
            }
            self.sum3.d.next = self.before.val() + self.amount2.q.val();
        }
        self.adds3.d.next = self.adds2.q.val();
        self.bank3.d.next = self.bank2.q.val();
        self.row3.d.next = self.row2.q.val();
        self.adds4.d.next = self.adds3.q.val();
        self.bank4.d.next = self.bank3.q.val();
        self.row4.d.next = self.row3.q.val();
        self.sum4.d.next = self.sum3.q.val();
        self.adds5.d.next = self.adds4.q.val();
        self.bank5.d.next = self.bank4.q.val();
        self.row5.d.next = self.row4.q.val();
        self.sum5.d.next = self.sum4.q.val();

        self.writes.next = 0.into();
        self.writes.next =
            self.writes.val().replace_bit(0, self.adds3.q.val() & (!self.bank3.q.val()));
        self.writes.next =
            self.writes.val().replace_bit(1, self.adds3.q.val() & self.bank3.q.val());
        for i in 0..2 {
            self.rams[i].clk.next = self.clk.val();
            self.rams[i].a_enable.next = true;
            self.rams[i].a_addr.next = self.row.val();
            self.rams[i].b_write.next = self.writes.val().get_bit(i) | self.clear.val().get_bit(i);
            self.rams[i].b_addr.next = self.other.val();
            self.rams[i].b_wdata.next = 0.into();
            if self.writes.val().get_bit(i) {
                self.rams[i].b_addr.next = self.row3.q.val();
                self.rams[i].b_wdata.next = self.sum3.q.val();
            }
        }
        self.value.next = self.rams[0].b_rdata.val();
        if self.shown.val() {
            self.value.next = self.rams[1].b_rdata.val();
        }
        if self.rst.val() {
            self.adds1.d.next = false;
            self.adds2.d.next = false;
            self.adds3.d.next = false;
            self.adds4.d.next = false;
            self.adds5.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("counter", "4 clocks")
            .with("ROWS", 1 << A)
            .with("WIDTH", R)
            .says("A counter for each row, in two banks.")
            .timing()
    }
}
