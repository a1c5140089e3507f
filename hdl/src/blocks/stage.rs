// SPDX-License-Identifier: MIT
//! The stage: the row that a WRITE commits, or that a READ fetched (docs/pipeline.md, section 7).

use rust_hdl::prelude::*;
use vireo_spec::table::Table;

use super::commit::Commit;
use super::known::{Fixed, Known};
use super::logic_block::logic_block;
use super::rows::{GROUP_BITS, GroupMask, PORT_BITS, PortMask};
use crate::ram::RowRam;
use crate::verilog::About;

logic_block! {
    /// Eight words, and software's copies of the `port` and `group` rows: for `N = 2^PA` ports, groups with `GA` bits of index, `L` links.
    pub struct Stage<const N: usize, const PA: usize, const GA: usize, const L: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// A register is written in this cycle.
        pub write: Signal<In, Bit>,
        /// Which: its distance from the first word.
        pub word: Signal<In, Bits<10>>,
        /// The bits of it that are written.
        pub strobe: Signal<In, Bits<32>>,
        /// What is written.
        pub data: Signal<In, Bits<32>>,
        /// An operation's row is loaded at the end of this cycle.
        pub fetches: Signal<In, Bit>,
        /// Its table.
        pub table_code: Signal<In, Bits<4>>,
        /// Its number there.
        pub row: Signal<In, Bits<14>>,
        /// Rows that are written.
        pub commit: Signal<In, Commit>,
        /// The `channel` row of two cycles ago.
        pub channel_read: Signal<In, Bits<96>>,
        /// The `binding` row of two cycles ago.
        pub binding_read: Signal<In, Bits<96>>,
        /// The `vlan` row of two cycles ago.
        pub vlan_read: Signal<In, Bits<N>>,
        /// The `traffic` row of two cycles ago.
        pub traffic_read: Signal<In, Bits<144>>,
        /// The `disposition` row of two cycles ago.
        pub disposition_read: Signal<In, Bits<32>>,
        /// The words.
        pub words: [Signal<Out, Bits<32>>; 8],
        kept: [DFF<Bits<32>>; 8],
        ports: RowRam<PORT_BITS, PA>,
        groups: RowRam<GROUP_BITS, GA>,
        written: Signal<Local, Bits<96>>,
        fetched: Signal<Local, Bits<160>>,
        old: Signal<Local, Bits<32>>,
        port_table: Fixed<{ Table::Port as usize }, 4>,
        group_table: Fixed<{ Table::Group as usize }, 4>,
        channel_table: Fixed<{ Table::Channel as usize }, 4>,
        binding_table: Fixed<{ Table::Binding as usize }, 4>,
        vlan_table: Fixed<{ Table::Vlan as usize }, 4>,
        traffic_table: Fixed<{ Table::Traffic as usize }, 4>,
        port_mask: Known<PortMask<L>, PORT_BITS>,
        group_mask: Known<GroupMask<L>, GROUP_BITS>,
    }
}

impl<const N: usize, const PA: usize, const GA: usize, const L: usize> Logic
    for Stage<N, PA, GA, L>
{
    #[hdl_gen]
    fn update(&mut self) {
        self.ports.clk.next = self.clk.val();
        self.groups.clk.next = self.clk.val();
        self.ports.addr.next = bit_cast::<PA, 14>(self.row.val());
        self.groups.addr.next = bit_cast::<GA, 14>(self.row.val());
        self.ports.write.next = self.commit.val().port;
        self.groups.write.next = self.commit.val().group;
        self.ports.waddr.next = bit_cast::<PA, 12>(self.commit.val().row);
        self.groups.waddr.next = bit_cast::<GA, 12>(self.commit.val().row);
        self.written.next = self.commit.val().words;
        self.ports.wdata.next =
            bit_cast::<PORT_BITS, 96>(self.written.val()) & self.port_mask.val();
        self.groups.wdata.next =
            bit_cast::<GROUP_BITS, 96>(self.written.val()) & self.group_mask.val();
        self.fetched.next = 0.into();
        if self.fetches.val() {
            if self.table_code.val() == self.port_table.val() {
                self.fetched.next = bit_cast::<160, PORT_BITS>(self.ports.data.val());
            } else if self.table_code.val() == self.group_table.val() {
                self.fetched.next = bit_cast::<160, GROUP_BITS>(self.groups.data.val());
            } else if self.table_code.val() == self.channel_table.val() {
                self.fetched.next = bit_cast::<160, 96>(self.channel_read.val());
            } else if self.table_code.val() == self.binding_table.val() {
                self.fetched.next = bit_cast::<160, 96>(self.binding_read.val());
            } else if self.table_code.val() == self.vlan_table.val() {
                self.fetched.next = bit_cast::<160, N>(self.vlan_read.val());
            } else if self.table_code.val() == self.traffic_table.val() {
                self.fetched.next = bit_cast::<160, 144>(self.traffic_read.val());
            } else {
                self.fetched.next = bit_cast::<160, 32>(self.disposition_read.val());
            }
        }
        for i in 0..8 {
            self.kept[i].clock.next = self.clk.val();
            self.kept[i].d.next = self.kept[i].q.val();
            self.words[i].next = self.kept[i].q.val();
            self.old.next = self.kept[i].q.val();
            if self.write.val() & (self.word.val().index() == i) {
                self.kept[i].d.next =
                    (self.old.val() & (!self.strobe.val())) | (self.data.val() & self.strobe.val());
            }
            if self.fetches.val() {
                self.kept[i].d.next = bit_cast::<32, 160>(self.fetched.val());
                self.fetched.next = self.fetched.val() >> 32;
            }
            if self.rst.val() {
                self.kept[i].d.next = 0.into();
            }
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("stage", "1 clock")
            .with("PORTS", N)
            .with("GROUP_BITS", GA)
            .with("LINKS", L)
            .says("The row that a WRITE commits, or that a READ fetched.")
            .timing()
    }
}
