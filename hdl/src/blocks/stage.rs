// SPDX-License-Identifier: MIT
//! The stage: the row that a WRITE commits, or that a READ fetched (docs/pipeline.md, section 7).

use rust_hdl::prelude::*;
use vireo_spec::geometry::MAX_PORTS;

use super::commit::Commit;
use super::known::{Fixed, Known};
use super::logic_block::logic_block;
use super::rows::{GroupMask, PortMask};
use crate::ram::FlowRam;
use crate::verilog::About;

logic_block! {
    /// A word of the stage.
    pub struct StageWord {
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
        /// It is loaded at the end of this cycle.
        pub fetches: Signal<In, Bit>,
        /// With this,
        pub row: Signal<In, Bits<32>>,
        /// or this, where that is 0.
        pub small: Signal<In, Bits<32>>,
        /// Its value.
        pub value: Signal<Out, Bits<32>>,
        kept: [DFF<Bits<8>>; 4],
        octet: Signal<Local, Bits<8>>,
        all: Signal<Local, Bits<32>>,
    }
}

impl Logic for StageWord {
    #[hdl_gen]
    fn update(&mut self) {
        self.all.next = 0.into();
        for i in 0..4 {
            self.kept[i].clock.next = self.clk.val();
            self.kept[i].d.next = self.kept[i].q.val();
            if self.fetches.val() {
                self.kept[i].d.next =
                    self.row.val().get_bits::<8>(i * 8) | self.small.val().get_bits::<8>(i * 8);
            } else if self.write.val() & self.octets.val().get_bit(i) {
                self.kept[i].d.next = self.data.val().get_bits::<8>(i * 8);
            }
            if self.rst.val() {
                self.kept[i].d.next = 0.into();
            }
            self.octet.next = self.kept[i].q.val();
            self.all.next = (self.all.val() >> 8) | (bit_cast::<32, 8>(self.octet.val()) << 24);
        }
        self.value.next = self.all.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("stage_word", "1 clock").says("A word of the stage.").timing()
    }
}

logic_block! {
    /// Eight words, and software's copy of the `port` and `group` rows: for `N = 2^PA` ports, groups with `GA` bits of index, `L` links.
    pub struct Stage<const N: usize, const PA: usize, const GA: usize, const L: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// A word is written in this cycle.
        pub write: Signal<In, Bit>,
        /// A bit a word: which.
        pub word: Signal<In, Bits<8>>,
        /// A bit an octet of it that is written.
        pub octets: Signal<In, Bits<4>>,
        /// What is written.
        pub data: Signal<In, Bits<32>>,
        /// An operation's row is loaded at the end of this cycle.
        pub fetches: Signal<In, Bit>,
        /// From six cycles before on: it is one of `group`.
        pub of_group: Signal<In, Bit>,
        /// Of `channel`.
        pub of_channel: Signal<In, Bit>,
        /// Of `binding`.
        pub of_binding: Signal<In, Bit>,
        /// Of `vlan`.
        pub of_vlan: Signal<In, Bit>,
        /// Of a table of counters.
        pub of_counter: Signal<In, Bit>,
        /// Its number there.
        pub row: Signal<In, Bits<14>>,
        /// Rows that are written in the next cycle.
        pub commit: Signal<In, Commit>,
        /// The `channel` row, in the cycle before the row is loaded.
        pub channel_read: Signal<In, Bits<96>>,
        /// The `binding` row.
        pub binding_read: Signal<In, Bits<96>>,
        /// The `vlan` row.
        pub vlan_read: Signal<In, Bits<N>>,
        /// The `traffic` row; 0 where that is not the table.
        pub traffic_read: Signal<In, Bits<144>>,
        /// The `disposition` row; 0 where that is not the table.
        pub disposition_read: Signal<In, Bits<32>>,
        /// The words.
        pub words: [Signal<Out, Bits<32>>; 8],
        kept: [StageWord; 8],
        // Where it comes from, all 0 a port or group.
        from_channel: DFF<Bit>,
        from_binding: DFF<Bit>,
        from_vlan: DFF<Bit>,
        from_counter: DFF<Bit>,
        row_read: DFF<Bits<96>>,
        // Ports, and groups behind them: a block RAM is cheaper than what chooses among as many rows of both.
        rows: FlowRam<96, 7>,
        written: Signal<Local, Bits<96>>,
        chosen: Signal<Local, Bits<96>>,
        rows_left: Signal<Local, Bits<256>>,
        small: Signal<Local, Bits<144>>,
        small_left: Signal<Local, Bits<256>>,
        behind_ports: Fixed<{ MAX_PORTS }, 7>,
        port_mask: Known<PortMask<L>, 96>,
        group_mask: Known<GroupMask<L>, 96>,
    }
}

impl<const N: usize, const PA: usize, const GA: usize, const L: usize> Logic
    for Stage<N, PA, GA, L>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, from_channel, from_binding, from_vlan, from_counter, row_read);
        self.rows.clk.next = self.clk.val();
        self.rows.enable.next = true;
        self.rows.addr.next = bit_cast::<7, PA>(bit_cast::<PA, 14>(self.row.val()));
        if self.of_group.val() {
            self.rows.addr.next =
                bit_cast::<7, GA>(bit_cast::<GA, 14>(self.row.val())) | self.behind_ports.val();
        }
        self.rows.write.next = self.commit.val().port | self.commit.val().group;
        self.written.next = self.commit.val().words;
        // The sweep, in which both are written at once, comes to all rows by their number here.
        self.rows.waddr.next = bit_cast::<7, 12>(self.commit.val().row);
        self.rows.wdata.next = self.written.val() & self.port_mask.val();
        if !self.commit.val().port {
            self.rows.waddr.next =
                bit_cast::<7, 12>(self.commit.val().row) | self.behind_ports.val();
            self.rows.wdata.next = self.written.val() & self.group_mask.val();
        }
        self.from_channel.d.next = self.of_channel.val();
        self.from_binding.d.next = self.of_binding.val();
        self.from_vlan.d.next = self.of_vlan.val();
        self.from_counter.d.next = self.of_counter.val();
        self.chosen.next = self.rows.data.val();
        if self.from_channel.q.val() {
            self.chosen.next = self.channel_read.val();
        }
        if self.from_binding.q.val() {
            self.chosen.next = self.binding_read.val();
        }
        if self.from_vlan.q.val() {
            self.chosen.next = bit_cast::<96, N>(self.vlan_read.val());
        }
        if self.from_counter.q.val() {
            self.chosen.next = 0.into();
        }
        self.row_read.d.next = self.chosen.val();
        self.small.next =
            self.traffic_read.val() | bit_cast::<144, 32>(self.disposition_read.val());
        self.rows_left.next = bit_cast::<256, 96>(self.row_read.q.val());
        self.small_left.next = bit_cast::<256, 144>(self.small.val());
        for i in 0..8 {
            self.kept[i].clk.next = self.clk.val();
            self.kept[i].rst.next = self.rst.val();
            self.kept[i].write.next = self.write.val() & self.word.val().get_bit(i);
            self.kept[i].octets.next = self.octets.val();
            self.kept[i].data.next = self.data.val();
            self.kept[i].fetches.next = self.fetches.val();
            self.kept[i].row.next = self.rows_left.val().get_bits::<32>(i * 32);
            self.kept[i].small.next = self.small_left.val().get_bits::<32>(i * 32);
            self.words[i].next = self.kept[i].value.val();
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("stage", "2 clocks to a row that is read")
            .with("PORTS", N)
            .with("GROUP_BITS", GA)
            .with("LINKS", L)
            .says("The row that a WRITE commits, or that a READ fetched.")
            .timing()
    }
}
