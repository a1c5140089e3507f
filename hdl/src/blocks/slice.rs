// SPDX-License-Identifier: MIT
//! Slice: a register slice for a part of a stream's payload (docs/pipeline.md, 3.8).

use rust_hdl::prelude::*;

use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// `P` bits of each beat, of which it holds two.
    pub struct Slice<const P: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// A beat comes, if the slice is ready.
        pub s_valid: Signal<In, Bit>,
        /// Its bits.
        pub s_payload: Signal<In, Bits<P>>,
        /// The skid is empty.
        pub s_ready: Signal<Out, Bit>,
        /// The skid holds a beat.
        pub waits: Signal<Out, Bit>,
        /// A beat leaves, if it is taken.
        pub m_valid: Signal<Out, Bit>,
        /// It is.
        pub m_ready: Signal<In, Bit>,
        /// Its bits.
        pub m_payload: Signal<Out, Bits<P>>,
        ready: DFF<Bit>,
        out: DFF<Bit>,
        out_payload: DFF<Bits<P>>,
        skid: DFF<Bit>,
        skid_payload: DFF<Bits<P>>,
        comes: Signal<Local, Bit>,
        skid_full: Signal<Local, Bit>,
    }
}

impl<const P: usize> Logic for Slice<P> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, ready, out, out_payload, skid, skid_payload);
        self.s_ready.next = self.ready.q.val();
        self.waits.next = self.skid.q.val();
        self.m_valid.next = self.out.q.val();
        self.m_payload.next = self.out_payload.q.val();
        self.comes.next = self.ready.q.val() & self.s_valid.val();
        self.skid_full.next = self.skid.q.val();
        if (!self.out.q.val()) | self.m_ready.val() {
            if self.skid.q.val() {
                self.out.d.next = true;
                self.out_payload.d.next = self.skid_payload.q.val();
                self.skid_full.next = false;
            } else {
                self.out.d.next = self.comes.val();
                if self.comes.val() {
                    self.out_payload.d.next = self.s_payload.val();
                }
            }
        } else if self.comes.val() {
            self.skid_payload.d.next = self.s_payload.val();
            self.skid_full.next = true;
        }
        self.skid.d.next = self.skid_full.val();
        self.ready.d.next = !self.skid_full.val();
        if self.rst.val() {
            self.ready.d.next = false;
            self.out.d.next = false;
            self.skid.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("slice", "1 clock")
            .with("P", P)
            .says("Register slice for a part of a stream's payload.")
            .timing()
    }
}
