// SPDX-License-Identifier: MIT
//! A setting: a register that software writes octet by octet (docs/pipeline.md, section 7).

use rust_hdl::prelude::*;

use super::known::Fixed;
use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// It keeps the bits of `MASK`; others read as 0.
    pub struct Setting<const MASK: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// It is written in this cycle.
        pub write: Signal<In, Bit>,
        /// A bit an octet of it that is written.
        pub octets: Signal<In, Bits<4>>,
        /// What is written.
        pub data: Signal<In, Bits<32>>,
        /// Its value.
        pub value: Signal<Out, Bits<32>>,
        kept: [DFF<Bits<8>>; 4],
        octet: Signal<Local, Bits<8>>,
        all: Signal<Local, Bits<32>>,
        mask: Fixed<MASK, 32>,
    }
}

impl<const MASK: usize> Logic for Setting<MASK> {
    #[hdl_gen]
    fn update(&mut self) {
        self.all.next = 0.into();
        for i in 0..4 {
            self.kept[i].clock.next = self.clk.val();
            self.kept[i].d.next = self.kept[i].q.val();
            if self.write.val() & self.octets.val().get_bit(i) {
                self.kept[i].d.next = self.data.val().get_bits::<8>(i * 8);
            }
            if self.rst.val() {
                self.kept[i].d.next = 0.into();
            }
            self.octet.next = self.kept[i].q.val();
            self.all.next = (self.all.val() >> 8) | (bit_cast::<32, 8>(self.octet.val()) << 24);
        }
        self.value.next = self.all.val() & self.mask.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("setting", "1 clock")
            .with("MASK", MASK)
            .says("A register that software writes octet by octet.")
            .timing()
    }
}
