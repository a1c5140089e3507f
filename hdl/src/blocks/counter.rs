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
        /// Software reads it.
        pub shows: Signal<In, Bit>,
        /// The bank that software reads.
        pub shown: Signal<In, Bit>,
        /// The counter of four cycles ago, or 0.
        pub value: Signal<Out, Bits<R>>,
        ledger: Ledger<A, R>,
        // How often the row came since it was last written, this time included.
        times3: DFF<Bits<3>>,
        times4: DFF<Bits<3>>,
        near: Signal<Local, Bits<3>>,
    }
}

impl<const A: usize, const R: usize> Logic for Counter<A, R> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, times3, times4);
        self.ledger.clk.next = self.clk.val();
        self.ledger.rst.next = self.rst.val();
        self.ledger.add.next = self.add.val();
        self.ledger.bank.next = self.bank.val();
        self.ledger.row.next = self.row.val();
        self.ledger.clear.next = self.clear.val();
        self.ledger.other.next = self.other.val();
        self.ledger.shows.next = self.shows.val();
        self.ledger.shown.next = self.shown.val();
        self.ledger.again.next = true;
        self.near.next = self.ledger.near.val();
        if self.near.val().all() {
            self.times3.d.next = 4.into();
        } else if self.near.val() == 0 {
            self.times3.d.next = 1.into();
        } else if (self.near.val() == 1) | (self.near.val() == 2) | (self.near.val() == 4) {
            self.times3.d.next = 2.into();
        } else {
            self.times3.d.next = 3.into();
        }
        self.times4.d.next = self.times3.q.val();
        self.ledger.after.next = self.ledger.before.val() + bit_cast::<R, 3>(self.times4.q.val());
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
