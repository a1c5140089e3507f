// SPDX-License-Identifier: MIT
//! Lanes: which octets of a beat there are, from their number (docs/pipeline.md, section 2).

use rust_hdl::prelude::*;

use super::known::{Known, Ones};
use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// Of beats of `K` octets, without a clock.
    pub struct Lanes<const K: usize> {
        /// Octets, `K` at most.
        pub size: Signal<In, Bits<7>>,
        /// A bit for each.
        pub keep: Signal<Out, Bits<K>>,
        so_far: Signal<Local, Bits<K>>,
        step: Signal<Local, Bits<7>>,
        all_lanes: Known<Ones, K>,
    }
}

impl<const K: usize> Logic for Lanes<K> {
    #[hdl_gen]
    fn update(&mut self) {
        // By one bit of the number after the other: a 1 puts that many lanes in front of those so far. A lane is a function of the few bits,
        // where a shift would be a row of choices for each.
        self.so_far.next = 0.into();
        self.step.next = 1.into();
        for i in 0..7 {
            if self.size.val().get_bit(i) {
                self.so_far.next = (self.so_far.val() << self.step.val())
                    | (!(self.all_lanes.val() << self.step.val()));
            }
            self.step.next = self.step.val() << 1;
        }
        self.keep.next = self.so_far.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("lanes", "no clock")
            .with("K", K)
            .says("Which octets of a beat there are.")
            .timing()
    }
}
