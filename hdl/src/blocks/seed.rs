// SPDX-License-Identifier: MIT
//! A seed of a hash: 72 bits, in three words (register `seed_...` of the map; docs/pipeline.md, sections 4 and 7).

use rust_hdl::prelude::*;

use super::logic_block::logic_block;
use super::setting::Setting;
use crate::verilog::About;

logic_block! {
    /// Low word first; the third keeps 8 bits.
    pub struct Seed {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// A bit a word: it is written in this cycle.
        pub write: Signal<In, Bits<3>>,
        /// A bit an octet of it that is written.
        pub octets: Signal<In, Bits<4>>,
        /// What is written.
        pub data: Signal<In, Bits<32>>,
        /// The words.
        pub words: [Signal<Out, Bits<32>>; 3],
        /// The seed.
        pub seed: Signal<Out, Bits<72>>,
        low: Setting<0xFFFF_FFFF>,
        middle: Setting<0xFFFF_FFFF>,
        high: Setting<0xFF>,
    }
}

impl Logic for Seed {
    #[hdl_gen]
    fn update(&mut self) {
        self.low.clk.next = self.clk.val();
        self.middle.clk.next = self.clk.val();
        self.high.clk.next = self.clk.val();
        self.low.rst.next = self.rst.val();
        self.middle.rst.next = self.rst.val();
        self.high.rst.next = self.rst.val();
        self.low.octets.next = self.octets.val();
        self.middle.octets.next = self.octets.val();
        self.high.octets.next = self.octets.val();
        self.low.data.next = self.data.val();
        self.middle.data.next = self.data.val();
        self.high.data.next = self.data.val();
        self.low.write.next = self.write.val().get_bit(0);
        self.middle.write.next = self.write.val().get_bit(1);
        self.high.write.next = self.write.val().get_bit(2);
        self.words[0].next = self.low.value.val();
        self.words[1].next = self.middle.value.val();
        self.words[2].next = self.high.value.val();
        self.seed.next = bit_cast::<72, 32>(self.low.value.val())
            | ((bit_cast::<72, 32>(self.middle.value.val()) << 32)
                | (bit_cast::<72, 32>(self.high.value.val()) << 64));
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("seed", "1 clock").says("A seed of a hash.").timing()
    }
}
