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
        /// What is written to `op`; it stands from the cycle before the write cycle until the operation is done.
        pub data: Signal<In, Bits<32>>,
        /// It names a command, table, way and row that there are.
        pub exists: Signal<Out, Bit>,
        /// This is the write cycle of an operation.
        pub starts: Signal<In, Bit>,
        /// The row that is read goes to `stage` at the end of this cycle.
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
        // The first is 1 in the cycle after the write cycle.
        steps: [DFF<Bit>; 6],
        bus: DFF<Commit>,
        command: Signal<Local, Bits<2>>,
        table: Signal<Local, Bits<4>>,
        at_way: Signal<Local, Bits<2>>,
        at_row: Signal<Local, Bits<16>>,
        found: Signal<Local, Bit>,
        reads: Signal<Local, Bit>,
        commits: Signal<Local, Bit>,
        sweeps: Signal<Local, Bit>,
        next_bus: Signal<Local, Commit>,
        one_way: Signal<Local, Bits<4>>,
        command_at: Fixed<{ op::COMMAND.low }, 5>,
        table_at: Fixed<{ op::TABLE.low }, 5>,
        way_at: Fixed<{ op::WAY.low }, 5>,
        row_at: Fixed<{ op::ROW.low }, 5>,
        read_code: Fixed<{ Command::Read.code() as usize }, 2>,
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
        dff_setup!(self, clk, bus);
        self.command.next = self.data.val().get_bits::<2>(self.command_at.val().index());
        self.table.next = self.data.val().get_bits::<4>(self.table_at.val().index());
        self.at_way.next = self.data.val().get_bits::<2>(self.way_at.val().index());
        self.at_row.next = self.data.val().get_bits::<16>(self.row_at.val().index());
        self.reads.next = self.command.val() == self.read_code.val();
        self.found.next = false;
        if self.table.val() == self.channel_table.val() {
            self.found.next = self.at_row.val() < self.channel_rows.val();
        } else if self.table.val() == self.binding_table.val() {
            self.found.next = self.at_row.val() < self.binding_rows.val();
        } else if !self.at_way.val().any() {
            if self.table.val() == self.port_table.val() {
                self.found.next = self.at_row.val() < self.port_rows.val();
            } else if self.table.val() == self.group_table.val() {
                self.found.next = self.at_row.val() < self.group_rows.val();
            } else if self.table.val() == self.vlan_table.val() {
                self.found.next = self.at_row.val() < self.vlan_rows.val();
            } else if self.table.val() == self.traffic_table.val() {
                self.found.next = (self.at_row.val() < self.traffic_rows.val()) & self.reads.val();
            } else if self.table.val() == self.disposition_table.val() {
                self.found.next =
                    (self.at_row.val() < self.disposition_rows.val()) & self.reads.val();
            }
        }
        self.exists.next = self.found.val() & self.command.val().any();

        // x+2: a row is written, or the arrays are read. x+6: the row that was read goes to the stage.
        for i in 0..6 {
            self.steps[i].clock.next = self.clk.val();
        }
        self.steps[0].d.next = self.starts.val();
        self.steps[1].d.next = self.steps[0].q.val();
        self.steps[2].d.next = self.steps[1].q.val() & self.reads.val();
        for i in 3..6 {
            self.steps[i].d.next = self.steps[i - 1].q.val();
        }
        self.commits.next = self.steps[0].q.val() & (!self.reads.val());
        self.fetches.next = self.steps[5].q.val();
        self.done.next = self.steps[5].q.val() | (self.steps[1].q.val() & (!self.reads.val()));
        self.table_code.next = self.table.val();
        self.row.next = bit_cast::<14, 16>(self.at_row.val());

        // The bus to the tables in the next cycle.
        self.one_way.next = 1.into();
        self.one_way.next = self.one_way.val() << self.at_way.val();
        self.sweeps.next = self.rst.val() | (self.sweep.val() & (!self.tick.val().all()));
        self.next_bus.next.way = self.at_way.val();
        self.next_bus.next.row = self.at_row.val().get_bits::<12>(0);
        self.next_bus.next.words = self.staged.val();
        self.next_bus.next.port =
            self.sweeps.val() | (self.commits.val() & (self.table.val() == self.port_table.val()));
        self.next_bus.next.group =
            self.sweeps.val() | (self.commits.val() & (self.table.val() == self.group_table.val()));
        self.next_bus.next.vlan =
            self.sweeps.val() | (self.commits.val() & (self.table.val() == self.vlan_table.val()));
        self.next_bus.next.channel = 0.into();
        self.next_bus.next.binding = 0.into();
        if self.sweeps.val() {
            self.next_bus.next.channel = 15.into();
            self.next_bus.next.binding = 15.into();
        } else if self.commits.val() & (self.table.val() == self.channel_table.val()) {
            self.next_bus.next.channel = self.one_way.val();
        } else if self.commits.val() & (self.table.val() == self.binding_table.val()) {
            self.next_bus.next.binding = self.one_way.val();
        }
        if self.sweep.val() {
            self.next_bus.next.row = self.tick.val() + 1;
        }
        if self.sweep.val() | self.rst.val() | (self.command.val() == self.clear_code.val()) {
            self.next_bus.next.words = 0.into();
        }
        if self.rst.val() {
            self.next_bus.next.row = 0.into();
            for i in 0..6 {
                self.steps[i].d.next = false;
            }
        }
        self.bus.d.next = self.next_bus.val();
        self.commit.next = self.bus.q.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("operation", "2 clocks to a commit, 6 to a row that is read")
            .with("PORTS", N)
            .with("GROUPS", G)
            .with("CHANNEL_ROWS", 4 << CA)
            .with("BINDING_ROWS", 4 << BA)
            .says("An operation on a table's row, and the sweep.")
            .timing()
    }
}
