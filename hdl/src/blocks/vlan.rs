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
        /// The row of three cycles ago.
        pub row_read: Signal<Out, Bits<N>>,
        /// The port admits any individual source; in `x+11`.
        pub admits: Signal<Out, Bit>,
        vlans: Pipe<Bits<12>, 6>,
        ports: Pipe<Bits<6>, 9>,
        ram: BlockRam<N, 12>,
        // What was written while the array was read, and where it was read.
        written: DFF<Bit>,
        written_at: DFF<Bits<12>>,
        written_row: DFF<Bits<N>>,
        read_at: DFF<Bits<12>>,
        bypassed: DFF<Bit>,
        bypassed_row: DFF<Bits<N>>,
        there: DFF<Bits<N>>,
        eight: DFF<Bits<8>>,
        low: DFF<Bits<3>>,
        admitted: DFF<Bit>,
        row_shown: DFF<Bits<N>>,
        port_now: Signal<Local, Bits<6>>,
        above: Signal<Local, Bits<6>>,
    }
}

impl<const N: usize> Logic for Vlan<N> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clk,
            written,
            written_at,
            written_row,
            read_at,
            bypassed,
            bypassed_row,
            there,
            eight,
            low,
            admitted,
            row_shown
        );
        self.vlans.clk.next = self.clk.val();
        self.ports.clk.next = self.clk.val();
        self.ram.clk.next = self.clk.val();
        self.vlans.en.next = self.en.val();
        self.ports.en.next = self.en.val();
        self.vlans.d.next = self.vlan.val();
        self.ports.d.next = self.port.val();
        self.ram.a_enable.next = self.en.val();
        self.ram.a_addr.next = self.vlans.q.val();
        self.ram.b_write.next = self.commit.val();
        self.ram.b_addr.next = self.row.val();
        self.ram.b_wdata.next = self.row_data.val();
        self.row_shown.d.next = self.ram.b_rdata.val();
        self.row_read.next = self.row_shown.q.val();
        self.port_now.next = self.ports.q.val();
        self.above.next = self.port_now.val() & 0x38;
        if self.en.val() {
            // x+6: the array is read; what is written now is kept. x+7: whether it was the same row.
            self.written.d.next = self.commit.val();
            self.written_at.d.next = self.row.val();
            self.written_row.d.next = self.row_data.val();
            self.read_at.d.next = self.vlans.q.val();
            self.bypassed.d.next =
                self.written.q.val() & (self.written_at.q.val() == self.read_at.q.val());
            self.bypassed_row.d.next = self.written_row.q.val();
            // x+8: the row, from the output register or as it was kept.
            self.there.d.next = self.ram.a_data.val();
            if self.bypassed.q.val() {
                self.there.d.next = self.bypassed_row.q.val();
            }
            // x+9: the port's among eight; x+10: the port's.
            self.eight.d.next = bit_cast::<8, N>(self.there.q.val() >> self.above.val());
            self.low.d.next = self.port_now.val().get_bits::<3>(0);
            self.admitted.d.next = (self.eight.q.val() >> self.low.q.val()).get_bit(0);
        }
        self.admits.next = self.admitted.q.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("vlan", "11 clocks")
            .with("PORTS", N)
            .says("Whether a port admits any individual source in a VLAN.")
            .timing()
    }
}
