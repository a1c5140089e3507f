// SPDX-License-Identifier: MIT
//! Pace: whether a direction moves, as its outlet says, once for each group of stages (docs/pipeline.md, 3 and 3.8).

use rust_hdl::prelude::*;

use super::known::Many;
use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// `N` flip-flops that always say what the outlet's `ready` says: thousands hold while it is 0, and one net cannot reach so many
    /// in a clock. Each works itself out from itself, so that no tool takes one for another and makes them one again.
    pub struct Pace<const N: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// The edit's slot is a beat.
        pub s_valid: Signal<In, Bit>,
        /// The outlet's skid holds a beat.
        pub waits: Signal<In, Bit>,
        /// `tvalid`.
        pub m_valid: Signal<In, Bit>,
        /// `tready`.
        pub m_ready: Signal<In, Bit>,
        /// The direction moves, a bit a group.
        pub en: Signal<Out, Bits<N>>,
        ready: Many<DFF<Bit>, N>,
        all: Signal<Local, Bits<N>>,
    }
}

impl<const N: usize> Logic for Pace<N> {
    #[hdl_gen]
    fn update(&mut self) {
        self.all.next = 0.into();
        for i in 0..N {
            self.ready[i].clock.next = self.clk.val();
            self.ready[i].d.next = (!self.m_valid.val())
                | self.m_ready.val()
                | (!(self.waits.val() | (self.ready[i].q.val() & self.s_valid.val())));
            if self.rst.val() {
                self.ready[i].d.next = false;
            }
            self.all.next = self.all.val().replace_bit(i, self.ready[i].q.val());
        }
        self.en.next = self.all.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("pace", "1 clock")
            .with("N", N)
            .says("Whether a direction moves, once for each group of stages.")
            .timing()
    }
}
