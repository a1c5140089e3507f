// SPDX-License-Identifier: MIT
//! An operation on a table's row, step by step from `op`'s write cycle on, and the bus to the tables that it shares with the
//! sweep (docs/pipeline.md, sections 5 to 7).

use rust_hdl::prelude::*;
use vireo_spec::fate::Disposition;
use vireo_spec::geometry::VLAN_ROWS;
use vireo_spec::registers::op;
use vireo_spec::rows::{binding, channel};
use vireo_spec::table::{Command, Entity, Table};

use super::commit::Commit;
use super::known::{Fixed, Known, Value};
use super::logic_block::logic_block;
use crate::verilog::About;

/// The bits of a row's number that are 0 in a table of `ROWS` rows, a power of two.
pub struct Beyond<const ROWS: usize>;

impl<const ROWS: usize> Value<16> for Beyond<ROWS> {
    fn value() -> Bits<16> {
        Bits::from((1 << 16) - ROWS as u64)
    }
}

/// The same of `2^A` rows in one way.
pub struct BeyondWay<const A: usize>;

impl<const A: usize> Value<16> for BeyondWay<A> {
    fn value() -> Bits<16> {
        Bits::from((1 << 16) - (1 << A))
    }
}

logic_block! {
    /// For `N` ports, `G` groups, `2^CA` channel and `2^BA` binding rows in each way.
    pub struct Operation<const N: usize, const G: usize, const CA: usize, const BA: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// What is written to `op`; it stands from two cycles before the write cycle until the operation is done.
        pub data: Signal<In, Bits<32>>,
        /// It names a command, table, way and row that there are; known from the cycle before the write cycle on, as all outputs are
        /// that say what it names.
        pub exists: Signal<Out, Bit>,
        /// This is the write cycle of an operation.
        pub starts: Signal<In, Bit>,
        /// The row that is read goes to `stage` at the end of this cycle.
        pub fetches: Signal<Out, Bit>,
        /// It is done with this cycle.
        pub done: Signal<Out, Bit>,
        /// The table is `group`.
        pub of_group: Signal<Out, Bit>,
        /// `channel`.
        pub of_channel: Signal<Out, Bit>,
        /// `binding`.
        pub of_binding: Signal<Out, Bit>,
        /// `vlan`.
        pub of_vlan: Signal<Out, Bit>,
        /// `traffic`.
        pub of_traffic: Signal<Out, Bit>,
        /// `disposition`.
        pub of_disposition: Signal<Out, Bit>,
        /// The row.
        pub row: Signal<Out, Bits<14>>,
        /// The words 0 to 2 of `stage`.
        pub staged: Signal<In, Bits<96>>,
        /// The tables are being swept.
        pub sweep: Signal<In, Bit>,
        /// The row that is.
        pub tick: Signal<In, Bits<12>>,
        /// It is the last.
        pub last: Signal<In, Bit>,
        /// Rows that are written or read in the next cycle.
        pub commit: Signal<Out, Commit>,
        // The table that it names, if there is such a way and the command may be.
        on_port: DFF<Bit>,
        on_group: DFF<Bit>,
        on_channel: DFF<Bit>,
        on_binding: DFF<Bit>,
        on_vlan: DFF<Bit>,
        on_traffic: DFF<Bit>,
        on_disposition: DFF<Bit>,
        on_row: DFF<Bits<16>>,
        // The bits of the row's number that are to be 0 there.
        beyond: DFF<Bits<16>>,
        reads: DFF<Bit>,
        clears: DFF<Bit>,
        on_way: DFF<Bits<4>>,
        // The first is 1 in the cycle after the write cycle.
        steps: [DFF<Bit>; 6],
        bus: DFF<Commit>,
        command: Signal<Local, Bits<2>>,
        table: Signal<Local, Bits<4>>,
        at_way: Signal<Local, Bits<2>>,
        at_row: Signal<Local, Bits<16>>,
        command_reads: Signal<Local, Bit>,
        told: Signal<Local, Bit>,
        flat: Signal<Local, Bit>,
        counts: Signal<Local, Bit>,
        sweeps: Signal<Local, Bit>,
        commits: Signal<Local, Bit>,
        invalid: Signal<Local, Bit>,
        told_bus: Signal<Local, Commit>,
        next_bus: Signal<Local, Commit>,
        one_way: Signal<Local, Bits<4>>,
        all_ways: Signal<Local, Bits<4>>,
        command_at: Fixed<{ op::COMMAND.low }, 5>,
        table_at: Fixed<{ op::TABLE.low }, 5>,
        way_at: Fixed<{ op::WAY.low }, 5>,
        row_at: Fixed<{ op::ROW.low }, 5>,
        channel_valid_at: Fixed<{ channel::VALID.low }, 7>,
        binding_valid_at: Fixed<{ binding::VALID.low }, 7>,
        read_code: Fixed<{ Command::Read.code() as usize }, 2>,
        clear_code: Fixed<{ Command::Clear.code() as usize }, 2>,
        port_table: Fixed<{ Table::Port as usize }, 4>,
        group_table: Fixed<{ Table::Group as usize }, 4>,
        channel_table: Fixed<{ Table::Channel as usize }, 4>,
        binding_table: Fixed<{ Table::Binding as usize }, 4>,
        vlan_table: Fixed<{ Table::Vlan as usize }, 4>,
        traffic_table: Fixed<{ Table::Traffic as usize }, 4>,
        disposition_table: Fixed<{ Table::Disposition as usize }, 4>,
        beyond_port: Known<Beyond<N>, 16>,
        beyond_group: Known<Beyond<G>, 16>,
        beyond_channel: Known<BeyondWay<CA>, 16>,
        beyond_binding: Known<BeyondWay<BA>, 16>,
        beyond_vlan: Known<Beyond<{ VLAN_ROWS }>, 16>,
        beyond_traffic: Known<Beyond<{ Entity::COUNT }>, 16>,
        beyond_disposition: Known<Beyond<{ Entity::COUNT << Disposition::BITS }>, 16>,
    }
}

impl<const N: usize, const G: usize, const CA: usize, const BA: usize> Logic
    for Operation<N, G, CA, BA>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clk,
            on_port,
            on_group,
            on_channel,
            on_binding,
            on_vlan,
            on_traffic,
            on_disposition,
            on_row,
            beyond,
            reads,
            clears,
            on_way,
            bus
        );
        // x-2: what it names.
        self.command.next = self.data.val().get_bits::<2>(self.command_at.val().index());
        self.table.next = self.data.val().get_bits::<4>(self.table_at.val().index());
        self.at_way.next = self.data.val().get_bits::<2>(self.way_at.val().index());
        self.at_row.next = self.data.val().get_bits::<16>(self.row_at.val().index());
        self.command_reads.next = self.command.val() == self.read_code.val();
        self.reads.d.next = self.command_reads.val();
        self.clears.d.next = self.command.val() == self.clear_code.val();
        self.told.next = self.command.val().any();
        self.flat.next = self.told.val() & (!self.at_way.val().any());
        self.counts.next = self.command_reads.val() & (!self.at_way.val().any());
        self.on_channel.d.next = self.told.val() & (self.table.val() == self.channel_table.val());
        self.on_binding.d.next = self.told.val() & (self.table.val() == self.binding_table.val());
        self.on_port.d.next = self.flat.val() & (self.table.val() == self.port_table.val());
        self.on_group.d.next = self.flat.val() & (self.table.val() == self.group_table.val());
        self.on_vlan.d.next = self.flat.val() & (self.table.val() == self.vlan_table.val());
        self.on_traffic.d.next = self.counts.val() & (self.table.val() == self.traffic_table.val());
        self.on_disposition.d.next =
            self.counts.val() & (self.table.val() == self.disposition_table.val());
        self.beyond.d.next = self.beyond_disposition.val();
        if self.table.val() == self.port_table.val() {
            self.beyond.d.next = self.beyond_port.val();
        } else if self.table.val() == self.group_table.val() {
            self.beyond.d.next = self.beyond_group.val();
        } else if self.table.val() == self.channel_table.val() {
            self.beyond.d.next = self.beyond_channel.val();
        } else if self.table.val() == self.binding_table.val() {
            self.beyond.d.next = self.beyond_binding.val();
        } else if self.table.val() == self.vlan_table.val() {
            self.beyond.d.next = self.beyond_vlan.val();
        } else if self.table.val() == self.traffic_table.val() {
            self.beyond.d.next = self.beyond_traffic.val();
        }
        self.on_row.d.next = self.at_row.val();
        self.one_way.next = 1.into();
        self.all_ways.next = 15.into();
        self.on_way.d.next = self.one_way.val() << self.at_way.val();

        // x-1: is there such a thing?
        self.exists.next = ((self.on_port.q.val() | self.on_group.q.val())
            | (self.on_channel.q.val() | self.on_binding.q.val())
            | (self.on_vlan.q.val() | self.on_traffic.q.val() | self.on_disposition.q.val()))
            & (!(self.on_row.q.val() & self.beyond.q.val()).any());
        self.row.next = bit_cast::<14, 16>(self.on_row.q.val());
        self.of_group.next = self.on_group.q.val();
        self.of_channel.next = self.on_channel.q.val();
        self.of_binding.next = self.on_binding.q.val();
        self.of_vlan.next = self.on_vlan.q.val();
        self.of_traffic.next = self.on_traffic.q.val();
        self.of_disposition.next = self.on_disposition.q.val();

        // x+2: a row is written, or the arrays are read. x+6: the row that was read goes to the stage.
        for i in 0..6 {
            self.steps[i].clock.next = self.clk.val();
        }
        self.steps[0].d.next = self.starts.val();
        self.steps[1].d.next = self.steps[0].q.val();
        self.steps[2].d.next = self.steps[1].q.val() & self.reads.q.val();
        for i in 3..6 {
            self.steps[i].d.next = self.steps[i - 1].q.val();
        }
        self.fetches.next = self.steps[5].q.val();
        self.done.next = self.steps[5].q.val() | (self.steps[1].q.val() & (!self.reads.q.val()));

        // The bus in the next cycle: what the tables' taps take over at its end.
        self.commits.next = self.starts.val() & (!self.reads.q.val());
        self.sweeps.next = self.rst.val() | (self.sweep.val() & (!self.last.val()));
        self.invalid.next = (self.on_channel.q.val()
            & (!self.staged.val().get_bit(self.channel_valid_at.val().index())))
            | (self.on_binding.q.val()
                & (!self.staged.val().get_bit(self.binding_valid_at.val().index())));
        self.next_bus.next.begins = false;
        self.next_bus.next.sweeps = false;
        self.next_bus.next.way = self.at_way.val();
        self.next_bus.next.row = self.on_row.q.val().get_bits::<12>(0);
        self.next_bus.next.words = self.staged.val();
        self.next_bus.next.port = self.sweeps.val() | (self.commits.val() & self.on_port.q.val());
        self.next_bus.next.group = self.sweeps.val() | (self.commits.val() & self.on_group.q.val());
        self.next_bus.next.vlan = self.sweeps.val() | (self.commits.val() & self.on_vlan.q.val());
        self.next_bus.next.channel = 0.into();
        if self.sweeps.val() {
            self.next_bus.next.channel = self.all_ways.val();
        } else if self.commits.val() & self.on_channel.q.val() {
            self.next_bus.next.channel = self.on_way.q.val();
        }
        self.next_bus.next.binding = 0.into();
        if self.sweeps.val() {
            self.next_bus.next.binding = self.all_ways.val();
        } else if self.commits.val() & self.on_binding.q.val() {
            self.next_bus.next.binding = self.on_way.q.val();
        }
        if self.sweep.val() {
            self.next_bus.next.row = self.tick.val() + 1;
        }
        if (self.sweep.val() | self.rst.val()) | (self.clears.q.val() | self.invalid.val()) {
            self.next_bus.next.words = 0.into();
        }
        if self.rst.val() {
            self.next_bus.next.row = 0.into();
            for i in 0..6 {
                self.steps[i].d.next = false;
            }
        }
        self.bus.d.next = self.next_bus.val();
        self.told_bus.next = self.bus.q.val();
        self.told_bus.next.begins = self.starts.val();
        self.told_bus.next.sweeps = self.sweeps.val();
        self.commit.next = self.told_bus.val();
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
