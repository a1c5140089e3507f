// SPDX-License-Identifier: MIT
//! An operation on a table's row, step by step from `op`'s write cycle on, and the bus to the tables that it shares with the
//! sweep (docs/pipeline.md, sections 5 to 7).

use rust_hdl::prelude::*;
use vireo_spec::fate::Disposition;
use vireo_spec::geometry::VLAN_ROWS;
use vireo_spec::registers::op;
use vireo_spec::table::{Command, Entity, Table};

use super::commit::Commit;
use super::known::{Fixed, Known, Value};
use super::logic_block::logic_block;
use crate::verilog::About;

/// Rows of `2^A` in one way.
pub struct OneWay<const A: usize>;

impl<const A: usize, const BITS: usize> Value<BITS> for OneWay<A> {
    fn value() -> Bits<BITS> {
        Bits::from(1 << A)
    }
}

logic_block! {
    /// For `N` ports, `G` groups, `2^CA` channel and `2^BA` binding rows in each way.
    pub struct Operation<const N: usize, const G: usize, const CA: usize, const BA: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// `op` is written in this cycle, and may be.
        pub write: Signal<In, Bit>,
        /// What is written.
        pub data: Signal<In, Bits<32>>,
        /// It names a command, table, way and row that there are.
        pub exists: Signal<Out, Bit>,
        /// It starts in this cycle.
        pub starts: Signal<Out, Bit>,
        /// The row stands at the tables' output registers in this cycle.
        pub fetches: Signal<Out, Bit>,
        /// It is done with this cycle.
        pub done: Signal<Out, Bit>,
        /// The table.
        pub table_code: Signal<Out, Bits<4>>,
        /// The row.
        pub row: Signal<Out, Bits<14>>,
        /// The words 0 to 2 of `stage`.
        pub staged: Signal<In, Bits<96>>,
        /// The tables are being swept.
        pub sweep: Signal<In, Bit>,
        /// The row that is.
        pub tick: Signal<In, Bits<12>>,
        /// Rows that are written or read.
        pub commit: Signal<Out, Commit>,
        // The cycle after the write cycle is step 1.
        step: DFF<Bits<2>>,
        command: DFF<Bits<2>>,
        at_table: DFF<Bits<4>>,
        at_way: DFF<Bits<2>>,
        at_row: DFF<Bits<14>>,
        new_command: Signal<Local, Bits<2>>,
        new_table: Signal<Local, Bits<4>>,
        new_way: Signal<Local, Bits<2>>,
        new_row: Signal<Local, Bits<16>>,
        found: Signal<Local, Bit>,
        clears: Signal<Local, Bit>,
        commits: Signal<Local, Bit>,
        bus: Signal<Local, Commit>,
        words: Signal<Local, Bits<96>>,
        one_way: Signal<Local, Bits<4>>,
        command_at: Fixed<{ op::COMMAND.low }, 5>,
        table_at: Fixed<{ op::TABLE.low }, 5>,
        way_at: Fixed<{ op::WAY.low }, 5>,
        row_at: Fixed<{ op::ROW.low }, 5>,
        read_code: Fixed<{ Command::Read.code() as usize }, 2>,
        write_code: Fixed<{ Command::Write.code() as usize }, 2>,
        clear_code: Fixed<{ Command::Clear.code() as usize }, 2>,
        port_table: Fixed<{ Table::Port as usize }, 4>,
        group_table: Fixed<{ Table::Group as usize }, 4>,
        channel_table: Fixed<{ Table::Channel as usize }, 4>,
        binding_table: Fixed<{ Table::Binding as usize }, 4>,
        vlan_table: Fixed<{ Table::Vlan as usize }, 4>,
        traffic_table: Fixed<{ Table::Traffic as usize }, 4>,
        disposition_table: Fixed<{ Table::Disposition as usize }, 4>,
        port_rows: Fixed<N, 16>,
        group_rows: Fixed<G, 16>,
        channel_rows: Known<OneWay<CA>, 16>,
        binding_rows: Known<OneWay<BA>, 16>,
        vlan_rows: Fixed<{ VLAN_ROWS }, 16>,
        traffic_rows: Fixed<{ Entity::COUNT }, 16>,
        disposition_rows: Fixed<{ Entity::COUNT << Disposition::BITS }, 16>,
    }
}

impl<const N: usize, const G: usize, const CA: usize, const BA: usize> Logic
    for Operation<N, G, CA, BA>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, step, command, at_table, at_way, at_row);
        self.new_command.next = self.data.val().get_bits::<2>(self.command_at.val().index());
        self.new_table.next = self.data.val().get_bits::<4>(self.table_at.val().index());
        self.new_way.next = self.data.val().get_bits::<2>(self.way_at.val().index());
        self.new_row.next = self.data.val().get_bits::<16>(self.row_at.val().index());
        self.found.next = false;
        if self.new_table.val() == self.channel_table.val() {
            self.found.next = self.new_row.val() < self.channel_rows.val();
        } else if self.new_table.val() == self.binding_table.val() {
            self.found.next = self.new_row.val() < self.binding_rows.val();
        } else if !self.new_way.val().any() {
            if self.new_table.val() == self.port_table.val() {
                self.found.next = self.new_row.val() < self.port_rows.val();
            } else if self.new_table.val() == self.group_table.val() {
                self.found.next = self.new_row.val() < self.group_rows.val();
            } else if self.new_table.val() == self.vlan_table.val() {
                self.found.next = self.new_row.val() < self.vlan_rows.val();
            } else if self.new_table.val() == self.traffic_table.val() {
                self.found.next = (self.new_row.val() < self.traffic_rows.val())
                    & (self.new_command.val() == self.read_code.val());
            } else if self.new_table.val() == self.disposition_table.val() {
                self.found.next = (self.new_row.val() < self.disposition_rows.val())
                    & (self.new_command.val() == self.read_code.val());
            }
        }
        self.found.next = self.found.val() & self.new_command.val().any();
        self.exists.next = self.found.val();
        self.starts.next = self.write.val() & self.found.val();

        // A row is written in step 1, or stands at port B's output register in step 3.
        if self.step.q.val().any() {
            self.step.d.next = self.step.q.val() + 1;
        }
        if self.write.val() & self.found.val() {
            self.step.d.next = 1.into();
            self.command.d.next = self.new_command.val();
            self.at_table.d.next = self.new_table.val();
            self.at_way.d.next = self.new_way.val();
            self.at_row.d.next = bit_cast::<14, 16>(self.new_row.val());
        }
        self.clears.next = self.command.q.val() == self.clear_code.val();
        self.commits.next = (self.step.q.val() == 1)
            & (self.clears.val() | (self.command.q.val() == self.write_code.val()));
        self.fetches.next = self.step.q.val() == 3;
        self.done.next = self.commits.val() | (self.step.q.val() == 3);
        if self.commits.val() | (self.step.q.val() == 3) {
            self.step.d.next = 0.into();
        }
        self.table_code.next = self.at_table.q.val();
        self.row.next = self.at_row.q.val();

        // The bus to the tables.
        self.words.next = 0.into();
        if !self.clears.val() {
            self.words.next = self.staged.val();
        }
        self.one_way.next = 1.into();
        self.one_way.next = self.one_way.val() << self.at_way.q.val();
        self.bus.next.way = self.at_way.q.val();
        self.bus.next.row = self.at_row.q.val().get_bits::<12>(0);
        self.bus.next.words = self.words.val();
        self.bus.next.port = self.commits.val() & (self.at_table.q.val() == self.port_table.val());
        self.bus.next.group =
            self.commits.val() & (self.at_table.q.val() == self.group_table.val());
        self.bus.next.vlan = self.commits.val() & (self.at_table.q.val() == self.vlan_table.val());
        self.bus.next.channel = 0.into();
        self.bus.next.binding = 0.into();
        if self.commits.val() & (self.at_table.q.val() == self.channel_table.val()) {
            self.bus.next.channel = self.one_way.val();
        }
        if self.commits.val() & (self.at_table.q.val() == self.binding_table.val()) {
            self.bus.next.binding = self.one_way.val();
        }
        if self.sweep.val() {
            self.bus.next.port = true;
            self.bus.next.group = true;
            self.bus.next.vlan = true;
            self.bus.next.channel = 15.into();
            self.bus.next.binding = 15.into();
            self.bus.next.row = self.tick.val();
            self.bus.next.words = 0.into();
        }
        self.commit.next = self.bus.val();
        if self.rst.val() {
            self.step.d.next = 0.into();
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("operation", "1 clock to a commit, 3 to a row that is read")
            .with("PORTS", N)
            .with("GROUPS", G)
            .with("CHANNEL_ROWS", 4 << CA)
            .with("BINDING_ROWS", 4 << BA)
            .says("An operation on a table's row, and the sweep.")
            .timing()
    }
}
