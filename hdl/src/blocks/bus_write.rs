// SPDX-License-Identifier: MIT
//! AXI4-Lite, the write channels: address and data are held as they come, in any order (docs/pipeline.md, section 7).

use rust_hdl::prelude::*;
use vireo_spec::pins::RESP_SLVERR;

use super::known::Fixed;
use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// One write at a time.
    pub struct BusWrite {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// Write address.
        pub awvalid: Signal<In, Bit>,
        /// Ready.
        pub awready: Signal<Out, Bit>,
        /// Address.
        pub awaddr: Signal<In, Bits<12>>,
        /// Write data.
        pub wvalid: Signal<In, Bit>,
        /// Ready.
        pub wready: Signal<Out, Bit>,
        /// Data.
        pub wdata: Signal<In, Bits<32>>,
        /// Strobes.
        pub wstrb: Signal<In, Bits<4>>,
        /// Write response.
        pub bvalid: Signal<Out, Bit>,
        /// Ready.
        pub bready: Signal<In, Bit>,
        /// Response.
        pub bresp: Signal<Out, Bits<2>>,
        /// In this cycle it is decided what the write does: the cycle before its write cycle.
        pub decides: Signal<Out, Bit>,
        /// The word of the address map; it stands from the cycle before on until the answer, as do data and octets.
        pub word: Signal<Out, Bits<10>>,
        /// What is written to it.
        pub data: Signal<Out, Bits<32>>,
        /// A bit an octet of it that is written.
        pub octets: Signal<Out, Bits<4>>,
        /// All of them are.
        pub whole: Signal<Out, Bit>,
        /// In the write cycle: the write is not refused.
        pub acts: Signal<In, Bit>,
        /// In the write cycle: an operation starts, and is answered when it is done.
        pub starts: Signal<In, Bit>,
        /// The operation is done with this cycle.
        pub done: Signal<In, Bit>,
        aw_ready: DFF<Bit>,
        aw_held: DFF<Bit>,
        aw_word: DFF<Bits<10>>,
        w_ready: DFF<Bit>,
        w_held: DFF<Bit>,
        w_data: DFF<Bits<32>>,
        w_strobes: DFF<Bits<4>>,
        begun: DFF<Bit>,
        tells: DFF<Bit>,
        writes: DFF<Bit>,
        b_valid: DFF<Bit>,
        b_resp: DFF<Bits<2>>,
        both: Signal<Local, Bit>,
        slverr: Fixed<{ RESP_SLVERR as usize }, 2>,
    }
}

impl Logic for BusWrite {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clk, aw_ready, aw_held, aw_word, w_ready, w_held, w_data, w_strobes, begun,
            tells, writes, b_valid, b_resp
        );
        self.awready.next = self.aw_ready.q.val();
        self.wready.next = self.w_ready.q.val();
        self.bvalid.next = self.b_valid.q.val();
        self.bresp.next = self.b_resp.q.val();
        if self.awvalid.val() & self.aw_ready.q.val() {
            self.aw_held.d.next = true;
            self.aw_word.d.next = self.awaddr.val().get_bits::<10>(2);
            self.aw_ready.d.next = false;
        } else {
            self.aw_ready.d.next = !self.aw_held.q.val();
        }
        if self.wvalid.val() & self.w_ready.q.val() {
            self.w_held.d.next = true;
            self.w_data.d.next = self.wdata.val();
            self.w_strobes.d.next = self.wstrb.val();
            self.w_ready.d.next = false;
        } else {
            self.w_ready.d.next = !self.w_held.q.val();
        }

        // In the first cycle in which both are held it is told apart what they ask for; in the next it is decided; then comes the
        // write cycle.
        self.both.next = (self.aw_held.q.val() & self.w_held.q.val()) & (!self.begun.q.val());
        self.tells.d.next = self.both.val();
        self.decides.next = self.tells.q.val();
        self.writes.d.next = self.tells.q.val();
        if self.both.val() {
            self.begun.d.next = true;
        }
        self.word.next = self.aw_word.q.val();
        self.data.next = self.w_data.q.val();
        self.octets.next = self.w_strobes.q.val();
        self.whole.next = self.w_strobes.q.val().all();

        // The answer.
        if self.writes.q.val() & (!self.starts.val()) {
            self.b_valid.d.next = true;
            self.b_resp.d.next = self.slverr.val();
            if self.acts.val() {
                self.b_resp.d.next = 0.into();
            }
        }
        if self.done.val() {
            self.b_valid.d.next = true;
            self.b_resp.d.next = 0.into();
        }
        if self.b_valid.q.val() & self.bready.val() {
            self.b_valid.d.next = false;
            self.begun.d.next = false;
            self.aw_held.d.next = false;
            self.w_held.d.next = false;
            self.aw_ready.d.next = true;
            self.w_ready.d.next = true;
        }
        if self.rst.val() {
            self.aw_ready.d.next = false;
            self.aw_held.d.next = false;
            self.w_ready.d.next = false;
            self.w_held.d.next = false;
            self.begun.d.next = false;
            self.tells.d.next = false;
            self.writes.d.next = false;
            self.b_valid.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("bus_write", "3 clocks from address and data to the answer")
            .says("AXI4-Lite: address, data and answer of a write.")
            .timing()
    }
}
