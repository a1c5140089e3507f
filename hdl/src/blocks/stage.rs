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
        /// With this.
        pub fetched: Signal<In, Bits<32>>,
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
                self.kept[i].d.next = self.fetched.val().get_bits::<8>(i * 8);
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
    /// Eight words, and software's copies of the `port` and `group` rows: for `N = 2^PA` ports, groups with `GA` bits of index, `L` links.
    pub struct Stage<const N: usize, const PA: usize, const GA: usize, const L: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// A word is written in this cycle.
        pub write: Signal<In, Bit>,
        /// Which.
        pub word: Signal<In, Bits<3>>,
        /// A bit an octet of it that is written.
        pub octets: Signal<In, Bits<4>>,
        /// What is written.
        pub data: Signal<In, Bits<32>>,
        /// An operation's row is loaded at the end of this cycle.
        pub fetches: Signal<In, Bit>,
        /// Its table, from five cycles before on.
        pub table_code: Signal<In, Bits<4>>,
        /// Its number there.
        pub row: Signal<In, Bits<14>>,
        /// Rows that are written.
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
        row_read: DFF<Bits<144>>,
        ports: RowRam<PORT_BITS, PA>,
        groups: RowRam<GROUP_BITS, GA>,
        written: Signal<Local, Bits<96>>,
        joined: Signal<Local, Bits<144>>,
        fetched: Signal<Local, Bits<160>>,
        port_table: Fixed<{ Table::Port as usize }, 4>,
        group_table: Fixed<{ Table::Group as usize }, 4>,
        channel_table: Fixed<{ Table::Channel as usize }, 4>,
        binding_table: Fixed<{ Table::Binding as usize }, 4>,
        vlan_table: Fixed<{ Table::Vlan as usize }, 4>,
        port_mask: Known<PortMask<L>, PORT_BITS>,
        group_mask: Known<GroupMask<L>, GROUP_BITS>,
    }
}

impl<const N: usize, const PA: usize, const GA: usize, const L: usize> Logic
    for Stage<N, PA, GA, L>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, row_read);
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
        self.joined.next =
            self.traffic_read.val() | bit_cast::<144, 32>(self.disposition_read.val());
        if self.table_code.val() == self.port_table.val() {
            self.joined.next =
                self.joined.val() | bit_cast::<144, PORT_BITS>(self.ports.data.val());
        }
        if self.table_code.val() == self.group_table.val() {
            self.joined.next =
                self.joined.val() | bit_cast::<144, GROUP_BITS>(self.groups.data.val());
        }
        if self.table_code.val() == self.channel_table.val() {
            self.joined.next = self.joined.val() | bit_cast::<144, 96>(self.channel_read.val());
        }
        if self.table_code.val() == self.binding_table.val() {
            self.joined.next = self.joined.val() | bit_cast::<144, 96>(self.binding_read.val());
        }
        if self.table_code.val() == self.vlan_table.val() {
            self.joined.next = self.joined.val() | bit_cast::<144, N>(self.vlan_read.val());
        }
        self.row_read.d.next = self.joined.val();
        self.fetched.next = bit_cast::<160, 144>(self.row_read.q.val());
        for i in 0..8 {
            self.kept[i].clk.next = self.clk.val();
            self.kept[i].rst.next = self.rst.val();
            self.kept[i].write.next = self.write.val() & (self.word.val().index() == i);
            self.kept[i].octets.next = self.octets.val();
            self.kept[i].data.next = self.data.val();
            self.kept[i].fetches.next = self.fetches.val();
            self.kept[i].fetched.next = bit_cast::<32, 160>(self.fetched.val());
            self.fetched.next = self.fetched.val() >> 32;
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
