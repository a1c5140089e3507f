// SPDX-License-Identifier: MIT
//! Pick: one of eight words that software reads, by the low bits of its address (docs/pipeline.md, section 7).

use rust_hdl::prelude::*;

use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// A tree of three choices, a bit of the address each.
    pub struct Pick {
        /// The words.
        pub words: [Signal<In, Bits<32>>; 8],
        /// Which.
        pub at: Signal<In, Bits<3>>,
        /// That word.
        pub value: Signal<Out, Bits<32>>,
        pairs: [Signal<Local, Bits<32>>; 4],
        fours: [Signal<Local, Bits<32>>; 2],
    }
}

impl Logic for Pick {
    #[hdl_gen]
    fn update(&mut self) {
        for i in 0..4 {
            self.pairs[i].next = self.words[i * 2].val();
            if self.at.val().get_bit(0) {
                self.pairs[i].next = self.words[i * 2 + 1].val();
            }
        }
        for i in 0..2 {
            self.fours[i].next = self.pairs[i * 2].val();
            if self.at.val().get_bit(1) {
                self.fours[i].next = self.pairs[i * 2 + 1].val();
            }
        }
        self.value.next = self.fours[0].val();
        if self.at.val().get_bit(2) {
            self.value.next = self.fours[1].val();
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("pick", "no clock").says("One of eight words.").timing()
    }
}
