// SPDX-License-Identifier: MIT
//! A counter for each row, in two banks (docs/pipeline.md, section 8).

use rust_hdl::prelude::*;

use super::ledger::Ledger;
use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// `2^A` counters of `R` bits. Counts in the bank that came with the row; clears and shows the other.
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
        /// A bit a bank: `other` is cleared in it.
        pub clear: Signal<In, Bits<2>>,
        /// The row that is cleared, or that software reads.
        pub other: Signal<In, Bits<A>>,
        /// The bank that software reads.
        pub shown: Signal<In, Bit>,
        /// The counter of two cycles ago.
        pub value: Signal<Out, Bits<R>>,
        ledger: Ledger<A, R>,
    }
}

impl<const A: usize, const R: usize> Logic for Counter<A, R> {
    #[hdl_gen]
    fn update(&mut self) {
        self.ledger.clk.next = self.clk.val();
        self.ledger.rst.next = self.rst.val();
        self.ledger.add.next = self.add.val();
        self.ledger.bank.next = self.bank.val();
        self.ledger.row.next = self.row.val();
        self.ledger.clear.next = self.clear.val();
        self.ledger.other.next = self.other.val();
        self.ledger.shown.next = self.shown.val();
        self.ledger.after.next = self.ledger.before.val() + 1;
        self.value.next = self.ledger.value.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("counter", "5 clocks")
            .with("ROWS", 1 << A)
            .with("WIDTH", R)
            .says("A counter for each row, in two banks.")
            .timing()
    }
}
