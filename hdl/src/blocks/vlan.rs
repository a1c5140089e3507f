// SPDX-License-Identifier: MIT
//! The `vlan` table: ports that admit any individual source in a VLAN, read beside the binding lookup (docs/pipeline.md, 3.4).

use rust_hdl::prelude::*;

use super::logic_block::logic_block;
use super::pipe::Pipe;
use crate::ram::BlockRam;
use crate::verilog::About;

logic_block! {
    /// A row of `N` ports for each VLAN.
    pub struct Vlan<const N: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// The direction moves.
        pub en: Signal<In, Bit>,
        /// The VLAN, in cycle `x`.
        pub vlan: Signal<In, Bits<12>>,
        /// The port.
        pub port: Signal<In, Bits<6>>,
        /// Software writes a row in this cycle.
        pub commit: Signal<In, Bit>,
        /// The row that software writes or reads.
        pub row: Signal<In, Bits<12>>,
        /// What it writes.
        pub row_data: Signal<In, Bits<N>>,
        /// The row of two cycles ago.
        pub row_read: Signal<Out, Bits<N>>,
        /// The port admits any individual source; in `x+10`.
        pub admits: Signal<Out, Bit>,
        vlans: Pipe<Bits<12>, 5>,
        ports: Pipe<Bits<6>, 7>,
        ram: BlockRam<N, 12>,
        bypass: DFF<Bit>,
        bypass_row: DFF<Bits<N>>,
        bypassed: DFF<Bit>,
        bypassed_row: DFF<Bits<N>>,
        admitted: Pipe<Bit, 3>,
        there: Signal<Local, Bits<N>>,
        at_port: Signal<Local, Bits<N>>,
    }
}

impl<const N: usize> Logic for Vlan<N> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, bypass, bypass_row, bypassed, bypassed_row);
        self.vlans.clk.next = self.clk.val();
        self.ports.clk.next = self.clk.val();
        self.admitted.clk.next = self.clk.val();
        self.ram.clk.next = self.clk.val();
        self.vlans.en.next = self.en.val();
        self.ports.en.next = self.en.val();
        self.admitted.en.next = self.en.val();
        self.vlans.d.next = self.vlan.val();
        self.ports.d.next = self.port.val();
        self.ram.a_enable.next = self.en.val();
        self.ram.a_addr.next = self.vlans.q.val();
        self.ram.b_write.next = self.commit.val();
        self.ram.b_addr.next = self.row.val();
        self.ram.b_wdata.next = self.row_data.val();
        self.row_read.next = self.ram.b_rdata.val();
        if self.en.val() {
            self.bypass.d.next = self.commit.val() & (self.row.val() == self.vlans.q.val());
            self.bypass_row.d.next = self.row_data.val();
            self.bypassed.d.next = self.bypass.q.val();
            self.bypassed_row.d.next = self.bypass_row.q.val();
        }
        if self.bypassed.q.val() {
            self.there.next = self.bypassed_row.q.val();
        } else {
            self.there.next = self.ram.a_data.val();
        }
        self.at_port.next = self.there.val() >> self.ports.q.val();
        self.admitted.d.next = self.at_port.val().get_bit(0);
        self.admits.next = self.admitted.q.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("vlan", "10 clocks")
            .with("PORTS", N)
            .says("Whether a port admits any individual source in a VLAN.")
            .timing()
    }
}
