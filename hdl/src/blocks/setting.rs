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
        /// The bits of it that are written.
        pub strobe: Signal<In, Bits<32>>,
        /// What is written.
        pub data: Signal<In, Bits<32>>,
        /// Its value.
        pub value: Signal<Out, Bits<32>>,
        kept: DFF<Bits<32>>,
        mask: Fixed<MASK, 32>,
    }
}

impl<const MASK: usize> Logic for Setting<MASK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, kept);
        self.value.next = self.kept.q.val();
        if self.write.val() {
            self.kept.d.next = ((self.kept.q.val() & (!self.strobe.val()))
                | (self.data.val() & self.strobe.val()))
                & self.mask.val();
        }
        if self.rst.val() {
            self.kept.d.next = 0.into();
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("setting", "1 clock")
            .with("MASK", MASK)
            .says("A register that software writes octet by octet.")
            .timing()
    }
}
