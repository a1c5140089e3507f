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
        /// This is the sweep's last cycle, if it is not over.
        pub last: Signal<Out, Bit>,
        count: DFF<Bits<12>>,
        ends: DFF<Bit>,
        swept: DFF<Bit>,
        before_last: Known<Below<4095>, 12>,
    }
}

impl Logic for Sweep {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, count, ends, swept);
        self.tick.next = self.count.q.val();
        self.run.next = self.swept.q.val();
        self.count.d.next = self.count.q.val() + 1;
        self.last.next = self.ends.q.val();
        self.ends.d.next = self.count.q.val() == self.before_last.val();
        if self.ends.q.val() {
            self.swept.d.next = true;
        }
        if self.rst.val() {
            self.count.d.next = 0.into();
            self.ends.d.next = false;
            self.swept.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("sweep", "4096 clocks").says("The sweep of all rows after reset.").timing()
    }
}
