// SPDX-License-Identifier: MIT
//! The sweep after reset: the cycles in which every row and counter becomes 0 (docs/pipeline.md, section 6).

use rust_hdl::prelude::*;

use super::known::{Below, Known};
use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// Counts cycles.
    pub struct Sweep {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// Cycles since the reset.
        pub tick: Signal<Out, Bits<12>>,
        /// The sweep is over: traffic flows.
        pub run: Signal<Out, Bit>,
        count: DFF<Bits<12>>,
        swept: DFF<Bit>,
        last: Known<Below<4096>, 12>,
    }
}

impl Logic for Sweep {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, count, swept);
        self.tick.next = self.count.q.val();
        self.run.next = self.swept.q.val();
        self.count.d.next = self.count.q.val() + 1;
        if self.count.q.val() == self.last.val() {
            self.swept.d.next = true;
        }
        if self.rst.val() {
            self.count.d.next = 0.into();
            self.swept.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("sweep", "4096 clocks").says("The sweep of all rows after reset.").timing()
    }
}
