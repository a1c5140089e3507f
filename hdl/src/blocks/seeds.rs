// SPDX-License-Identifier: MIT
//! A seed set: 72 bits for each round of a hash, in three words (register `seed_...` of the map).

use rust_hdl::prelude::*;

use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// Four seeds.
    pub struct Seeds {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// A word is written in this cycle.
        pub write: Signal<In, Bit>,
        /// Which: 3 a round, low word first.
        pub word: Signal<In, Bits<10>>,
        /// The bits of it that are written.
        pub strobe: Signal<In, Bits<32>>,
        /// What is written.
        pub data: Signal<In, Bits<32>>,
        /// The word that is read in this cycle.
        pub read: Signal<In, Bits<10>>,
        /// Its value.
        pub value: Signal<Out, Bits<32>>,
        /// The seeds.
        pub seed: [Signal<Out, Bits<72>>; 4],
        low: [DFF<Bits<32>>; 4],
        middle: [DFF<Bits<32>>; 4],
        high: [DFF<Bits<8>>; 4],
        kept: Signal<Local, Bits<32>>,
        top: Signal<Local, Bits<32>>,
        part_low: Signal<Local, Bits<32>>,
        part_middle: Signal<Local, Bits<32>>,
        part_high: Signal<Local, Bits<8>>,
        at: Signal<Local, Bits<10>>,
    }
}

impl Logic for Seeds {
    #[hdl_gen]
    fn update(&mut self) {
        self.value.next = 0.into();
        self.kept.next = !self.strobe.val();
        self.at.next = 0.into();
        for i in 0..4 {
            self.low[i].clock.next = self.clk.val();
            self.middle[i].clock.next = self.clk.val();
            self.high[i].clock.next = self.clk.val();
            self.part_low.next = self.low[i].q.val();
            self.part_middle.next = self.middle[i].q.val();
            self.part_high.next = self.high[i].q.val();
            self.top.next = bit_cast::<32, 8>(self.part_high.val());
            if self.read.val() == self.at.val() {
                self.value.next = self.part_low.val();
            } else if self.read.val() == (self.at.val() + 1) {
                self.value.next = self.part_middle.val();
            } else if self.read.val() == (self.at.val() + 2) {
                self.value.next = self.top.val();
            }
            self.seed[i].next = bit_cast::<72, 32>(self.part_low.val())
                | ((bit_cast::<72, 32>(self.part_middle.val()) << 32)
                    | (bit_cast::<72, 8>(self.part_high.val()) << 64));
            if self.write.val() & (self.word.val() == self.at.val()) {
                self.part_low.next =
                    (self.part_low.val() & self.kept.val()) | (self.data.val() & self.strobe.val());
            }
            if self.write.val() & (self.word.val() == (self.at.val() + 1)) {
                self.part_middle.next = (self.part_middle.val() & self.kept.val())
                    | (self.data.val() & self.strobe.val());
            }
            if self.write.val() & (self.word.val() == (self.at.val() + 2)) {
                self.top.next =
                    (self.top.val() & self.kept.val()) | (self.data.val() & self.strobe.val());
                self.part_high.next = bit_cast::<8, 32>(self.top.val());
            }
            if self.rst.val() {
                self.part_low.next = 0.into();
                self.part_middle.next = 0.into();
                self.part_high.next = 0.into();
            }
            self.low[i].d.next = self.part_low.val();
            self.middle[i].d.next = self.part_middle.val();
            self.high[i].d.next = self.part_high.val();
            self.at.next = self.at.val() + 3;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("seeds", "1 clock").says("A seed for each round of a hash.").timing()
    }
}
