// SPDX-License-Identifier: MIT
//! AXI4-Lite, the read channels (docs/pipeline.md, section 7).

use rust_hdl::prelude::*;
use vireo_spec::pins::RESP_SLVERR;

use super::known::Fixed;
use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// One read at a time.
    pub struct BusRead {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// Read address.
        pub arvalid: Signal<In, Bit>,
        /// Ready.
        pub arready: Signal<Out, Bit>,
        /// Address.
        pub araddr: Signal<In, Bits<12>>,
        /// Read data.
        pub rvalid: Signal<Out, Bit>,
        /// Ready.
        pub rready: Signal<In, Bit>,
        /// Data.
        pub rdata: Signal<Out, Bits<32>>,
        /// Response.
        pub rresp: Signal<Out, Bits<2>>,
        /// The word of the address map.
        pub word: Signal<Out, Bits<10>>,
        /// Three clocks after its address came: it is in the map, and can be read.
        pub known: Signal<In, Bit>,
        /// Its value, 0 if it is not.
        pub value: Signal<In, Bits<32>>,
        ar_ready: DFF<Bit>,
        ar_held: DFF<Bit>,
        ar_word: DFF<Bits<10>>,
        decodes: DFF<Bit>,
        samples: DFF<Bit>,
        joins: DFF<Bit>,
        r_valid: DFF<Bit>,
        r_data: DFF<Bits<32>>,
        r_resp: DFF<Bits<2>>,
        slverr: Fixed<{ RESP_SLVERR as usize }, 2>,
    }
}

impl Logic for BusRead {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clk, ar_ready, ar_held, ar_word, decodes, samples, joins, r_valid, r_data, r_resp
        );
        self.arready.next = self.ar_ready.q.val();
        self.rvalid.next = self.r_valid.q.val();
        self.rdata.next = self.r_data.q.val();
        self.rresp.next = self.r_resp.q.val();
        self.word.next = self.ar_word.q.val();
        self.decodes.d.next = self.arvalid.val() & self.ar_ready.q.val();
        self.samples.d.next = self.decodes.q.val();
        self.joins.d.next = self.samples.q.val();
        if self.arvalid.val() & self.ar_ready.q.val() {
            self.ar_held.d.next = true;
            self.ar_word.d.next = self.araddr.val().get_bits::<10>(2);
            self.ar_ready.d.next = false;
        } else {
            self.ar_ready.d.next = !self.ar_held.q.val();
        }
        if self.joins.q.val() {
            self.r_valid.d.next = true;
            self.r_data.d.next = self.value.val();
            self.r_resp.d.next = 0.into();
            if !self.known.val() {
                self.r_resp.d.next = self.slverr.val();
            }
        }
        if self.r_valid.q.val() & self.rready.val() {
            self.r_valid.d.next = false;
            self.ar_held.d.next = false;
            self.ar_ready.d.next = true;
        }
        if self.rst.val() {
            self.ar_ready.d.next = false;
            self.ar_held.d.next = false;
            self.decodes.d.next = false;
            self.samples.d.next = false;
            self.joins.d.next = false;
            self.r_valid.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("bus_read", "4 clocks from a read's address to its data")
            .says("AXI4-Lite: address and data of a read.")
            .timing()
    }
}
