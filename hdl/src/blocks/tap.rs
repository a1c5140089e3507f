// SPDX-License-Identifier: MIT
//! Tap: a table's end of the commit bus (docs/pipeline.md, section 5).

use rust_hdl::prelude::*;

use super::commit::Commit;
use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// A register stage beside a table, since the tables stand all over the machine and no bus reaches them in one clock. Whether it
    /// takes the bus over it works out from itself, so that no tool takes the taps of two tables for one.
    pub struct Tap {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// What is written in the next cycle.
        pub bus: Signal<In, Commit>,
        /// What is written in this cycle, and the row that port B addresses.
        pub commit: Signal<Out, Commit>,
        open: DFF<Bit>,
        near: DFF<Commit>,
        next: Signal<Local, Commit>,
    }
}

impl Logic for Tap {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, open, near);
        // No operation begins in the cycle behind one that did.
        self.open.d.next = self.bus.val().sweeps | (self.bus.val().begins & (!self.open.q.val()));
        self.next.next = self.near.q.val();
        self.next.next.port = false;
        self.next.next.group = false;
        self.next.next.vlan = false;
        self.next.next.channel = 0.into();
        self.next.next.binding = 0.into();
        if self.open.q.val() {
            self.next.next = self.bus.val();
        }
        self.near.d.next = self.next.val();
        self.commit.next = self.near.q.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("tap", "1 clock").says("A table's end of the commit bus.").timing()
    }
}
