// SPDX-License-Identifier: MIT
//! A seed set: 72 bits for each round of a hash, in three words (register `seed_...` of the map).

use rust_hdl::prelude::*;

use super::logic_block::logic_block;
use super::pick::Pick;
use super::setting::Setting;
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
        /// Which, below 12: 3 a round, low word first.
        pub word: Signal<In, Bits<4>>,
        /// A bit an octet of it that is written.
        pub octets: Signal<In, Bits<4>>,
        /// What is written.
        pub data: Signal<In, Bits<32>>,
        /// The word that is read in this cycle, below 12.
        pub read: Signal<In, Bits<4>>,
        /// Its value.
        pub value: Signal<Out, Bits<32>>,
        /// The seeds.
        pub seed: [Signal<Out, Bits<72>>; 4],
        low: [Setting<0xFFFF_FFFF>; 4],
        middle: [Setting<0xFFFF_FFFF>; 4],
        high: [Setting<0xFF>; 4],
        first: Pick,
        last: Pick,
        part_low: Signal<Local, Bits<32>>,
        part_middle: Signal<Local, Bits<32>>,
        part_high: Signal<Local, Bits<32>>,
        at: Signal<Local, Bits<4>>,
    }
}

impl Logic for Seeds {
    #[hdl_gen]
    fn update(&mut self) {
        self.at.next = 0.into();
        for i in 0..4 {
            self.low[i].clk.next = self.clk.val();
            self.middle[i].clk.next = self.clk.val();
            self.high[i].clk.next = self.clk.val();
            self.low[i].rst.next = self.rst.val();
            self.middle[i].rst.next = self.rst.val();
            self.high[i].rst.next = self.rst.val();
            self.low[i].octets.next = self.octets.val();
            self.middle[i].octets.next = self.octets.val();
            self.high[i].octets.next = self.octets.val();
            self.low[i].data.next = self.data.val();
            self.middle[i].data.next = self.data.val();
            self.high[i].data.next = self.data.val();
            self.low[i].write.next = self.write.val() & (self.word.val() == self.at.val());
            self.middle[i].write.next = self.write.val() & (self.word.val() == (self.at.val() + 1));
            self.high[i].write.next = self.write.val() & (self.word.val() == (self.at.val() + 2));
            self.part_low.next = self.low[i].value.val();
            self.part_middle.next = self.middle[i].value.val();
            self.part_high.next = self.high[i].value.val();
            self.seed[i].next = bit_cast::<72, 32>(self.part_low.val())
                | ((bit_cast::<72, 32>(self.part_middle.val()) << 32)
                    | (bit_cast::<72, 32>(self.part_high.val()) << 64));
            self.at.next = self.at.val() + 3;
        }
        self.first.words[0].next = self.low[0].value.val();
        self.first.words[1].next = self.middle[0].value.val();
        self.first.words[2].next = self.high[0].value.val();
        self.first.words[3].next = self.low[1].value.val();
        self.first.words[4].next = self.middle[1].value.val();
        self.first.words[5].next = self.high[1].value.val();
        self.first.words[6].next = self.low[2].value.val();
        self.first.words[7].next = self.middle[2].value.val();
        for i in 0..4 {
            self.last.words[i + 4].next = 0.into();
        }
        self.last.words[0].next = self.high[2].value.val();
        self.last.words[1].next = self.low[3].value.val();
        self.last.words[2].next = self.middle[3].value.val();
        self.last.words[3].next = self.high[3].value.val();
        self.first.at.next = self.read.val().get_bits::<3>(0);
        self.last.at.next = self.read.val().get_bits::<3>(0);
        self.value.next = self.first.value.val();
        if self.read.val().get_bit(3) {
            self.value.next = self.last.value.val();
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("seeds", "1 clock").says("A seed for each round of a hash.").timing()
    }
}
