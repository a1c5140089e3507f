// SPDX-License-Identifier: MIT
//! Registers: AXI4-Lite, the staged row and its commit, the sweep after reset (docs/pipeline.md, sections 6 and 7).
//! Addresses, fields and codes are crate `spec`'s.

use rust_hdl::prelude::*;
use vireo_spec::geometry::VLAN_ROWS;
use vireo_spec::pins::RESP_SLVERR;
use vireo_spec::registers::{self as map, Register, SEED_WORDS, irq, op, status};
use vireo_spec::table::{Command, Entity, Table};

use super::commit::Commit;
use super::known::{Below, Fixed, Known, Value};
use super::logic_block::logic_block;
use super::rows::{GROUP_BITS, GroupMask, PORT_BITS, PortMask};
use super::seeds::Seeds;
use crate::ram::RowRam;
use crate::verilog::About;

const fn word(register: &Register) -> usize {
    register.address as usize / 4
}

/// The bits of a register that belong to a field.
const fn bits(register: &Register) -> usize {
    let (mut all, mut i) = (0, 0);
    while i < register.fields.len() {
        all |= register.fields[i].at(u32::MAX);
        i += 1;
    }
    all as usize
}

/// Rows of `2^A` in each of four ways.
pub struct AllWays<const A: usize>;

impl<const A: usize, const BITS: usize> Value<BITS> for AllWays<A> {
    fn value() -> Bits<BITS> {
        Bits::from(4 << A)
    }
}

/// Rows of one of them.
pub struct OneWay<const A: usize>;

impl<const A: usize, const BITS: usize> Value<BITS> for OneWay<A> {
    fn value() -> Bits<BITS> {
        Bits::from(1 << A)
    }
}

logic_block! {
    /// For a machine of `W` bits, `N = 2^PA` ports, `G` groups (`GA` bits of index), `L` links, `2^CA` channel and `2^BA` binding rows in
    /// each way.
    pub struct Registers<
        const W: usize,
        const N: usize,
        const PA: usize,
        const G: usize,
        const GA: usize,
        const L: usize,
        const CA: usize,
        const BA: usize,
    > {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// AXI4-Lite, write address.
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
        /// Interrupt.
        pub irq: Signal<Out, Bit>,
        /// The tables are swept: traffic flows.
        pub run: Signal<Out, Bit>,
        /// The tables are being swept.
        pub sweep: Signal<Out, Bit>,
        /// Cycles since the sweep began.
        pub tick: Signal<Out, Bits<12>>,
        /// The link rows; those that the machine does not have are 0.
        pub links: [Signal<Out, Bits<32>>; 8],
        /// Seeds of the channel table, set A.
        pub channel_seed_a: [Signal<Out, Bits<72>>; 4],
        /// Set B.
        pub channel_seed_b: [Signal<Out, Bits<72>>; 4],
        /// Seeds of the binding table, set A.
        pub binding_seed_a: [Signal<Out, Bits<72>>; 4],
        /// Set B.
        pub binding_seed_b: [Signal<Out, Bits<72>>; 4],
        /// A bit a way of the channel table.
        pub channel_choice: Signal<Out, Bits<4>>,
        /// A bit a way of the binding table.
        pub binding_choice: Signal<Out, Bits<4>>,
        /// Rows that are written or read.
        pub commit: Signal<Out, Commit>,
        /// The `channel` row of two cycles ago.
        pub channel_read: Signal<In, Bits<96>>,
        /// The `binding` row of two cycles ago.
        pub binding_read: Signal<In, Bits<96>>,
        /// The `vlan` row of two cycles ago.
        pub vlan_read: Signal<In, Bits<N>>,
        /// The counter row that is read.
        pub counter_row: Signal<Out, Bits<14>>,
        /// The `traffic` row of two cycles ago.
        pub traffic_read: Signal<In, Bits<144>>,
        /// The `disposition` row of two cycles ago.
        pub disposition_read: Signal<In, Bits<32>>,
        /// `snapshot` is written in this cycle.
        pub snapshot: Signal<Out, Bit>,
        /// `status.busy`.
        pub busy: Signal<In, Bit>,
        /// A snapshot is complete at the end of this cycle.
        pub complete: Signal<In, Bit>,
        /// `event_enable`.
        pub event_enable: Signal<Out, Bits<32>>,
        /// `event_level`.
        pub level: Signal<In, Bits<5>>,
        /// `event_lost`.
        pub lost: Signal<In, Bits<32>>,
        /// An event is lost in this cycle.
        pub loses: Signal<In, Bit>,
        /// The words of `event`.
        pub head: Signal<In, Bits<128>>,
        /// `event_pop` is written in this cycle.
        pub pop: Signal<Out, Bit>,
        /// The sequence number written.
        pub pop_sequence: Signal<Out, Bits<16>>,
        // The sweep.
        count: DFF<Bits<12>>,
        swept: DFF<Bit>,
        // A write.
        aw_ready: DFF<Bit>,
        aw_held: DFF<Bit>,
        aw_word: DFF<Bits<10>>,
        w_ready: DFF<Bit>,
        w_held: DFF<Bit>,
        w_data: DFF<Bits<32>>,
        w_strobes: DFF<Bits<4>>,
        written: DFF<Bit>,
        b_valid: DFF<Bit>,
        b_resp: DFF<Bits<2>>,
        // An operation: the cycle after the write cycle is step 1.
        step: DFF<Bits<2>>,
        command: DFF<Bits<2>>,
        table: DFF<Bits<4>>,
        way: DFF<Bits<2>>,
        row: DFF<Bits<14>>,
        // A read.
        ar_ready: DFF<Bit>,
        ar_held: DFF<Bit>,
        ar_word: DFF<Bits<10>>,
        r_valid: DFF<Bit>,
        r_data: DFF<Bits<32>>,
        r_resp: DFF<Bits<2>>,
        // The registers.
        stage: [DFF<Bits<32>>; 8],
        link: [DFF<Bits<32>>; 8],
        seed_choice: DFF<Bits<32>>,
        enable: DFF<Bits<32>>,
        irq_enable: DFF<Bits<32>>,
        was_lost: DFF<Bit>,
        was_complete: DFF<Bit>,
        interrupt: DFF<Bit>,
        channel_a: Seeds,
        channel_b: Seeds,
        binding_a: Seeds,
        binding_b: Seeds,
        ports: RowRam<PORT_BITS, PA>,
        groups: RowRam<GROUP_BITS, GA>,
        x: Signal<Local, Bit>,
        w: Signal<Local, Bits<10>>,
        off: Signal<Local, Bits<10>>,
        strobe: Signal<Local, Bits<32>>,
        kept: Signal<Local, Bits<32>>,
        data: Signal<Local, Bits<32>>,
        whole: Signal<Local, Bit>,
        ready_for_op: Signal<Local, Bit>,
        refused: Signal<Local, Bit>,
        starts: Signal<Local, Bit>,
        op_command: Signal<Local, Bits<2>>,
        op_table: Signal<Local, Bits<4>>,
        op_way: Signal<Local, Bits<2>>,
        op_row: Signal<Local, Bits<16>>,
        exists: Signal<Local, Bit>,
        status: Signal<Local, Bits<32>>,
        causes: Signal<Local, Bits<32>>,
        fetched: Signal<Local, Bits<160>>,
        old: Signal<Local, Bits<32>>,
        bus: Signal<Local, Commit>,
        clears: Signal<Local, Bit>,
        commits: Signal<Local, Bit>,
        staged: Signal<Local, Bits<96>>,
        one_way: Signal<Local, Bits<4>>,
        known: Signal<Local, Bit>,
        value: Signal<Local, Bits<32>>,
        // The map.
        at_magic: Fixed<{ word(&map::MAGIC) }, 10>,
        at_version: Fixed<{ word(&map::VERSION) }, 10>,
        at_width: Fixed<{ word(&map::WIDTH) }, 10>,
        at_links: Fixed<{ word(&map::LINKS) }, 10>,
        at_ports: Fixed<{ word(&map::PORTS) }, 10>,
        at_groups: Fixed<{ word(&map::GROUPS) }, 10>,
        at_channels: Fixed<{ word(&map::CHANNELS) }, 10>,
        at_bindings: Fixed<{ word(&map::BINDINGS) }, 10>,
        at_status: Fixed<{ word(&map::STATUS) }, 10>,
        at_seed_choice: Fixed<{ word(&map::SEED_CHOICE) }, 10>,
        at_event_enable: Fixed<{ word(&map::EVENT_ENABLE) }, 10>,
        at_irq_status: Fixed<{ word(&map::IRQ_STATUS) }, 10>,
        at_irq_enable: Fixed<{ word(&map::IRQ_ENABLE) }, 10>,
        at_link: Fixed<{ word(&map::LINK) }, 10>,
        at_snapshot: Fixed<{ word(&map::SNAPSHOT) }, 10>,
        at_stage: Fixed<{ word(&map::STAGE) }, 10>,
        at_op: Fixed<{ word(&map::OP) }, 10>,
        at_event_level: Fixed<{ word(&map::EVENT_LEVEL) }, 10>,
        at_event_lost: Fixed<{ word(&map::EVENT_LOST) }, 10>,
        at_event: Fixed<{ word(&map::EVENT) }, 10>,
        at_event_pop: Fixed<{ word(&map::EVENT_POP) }, 10>,
        at_channel_a: Fixed<{ word(&map::SEED_CHANNEL_A) }, 10>,
        at_channel_b: Fixed<{ word(&map::SEED_CHANNEL_B) }, 10>,
        at_binding_a: Fixed<{ word(&map::SEED_BINDING_A) }, 10>,
        at_binding_b: Fixed<{ word(&map::SEED_BINDING_B) }, 10>,
        stage_words: Fixed<{ map::STAGE.count as usize }, 10>,
        event_words: Fixed<{ map::EVENT.count as usize }, 10>,
        seed_words: Fixed<{ SEED_WORDS as usize }, 10>,
        link_words: Fixed<L, 10>,
        bits_seed_choice: Fixed<{ bits(&map::SEED_CHOICE) }, 32>,
        bits_event_enable: Fixed<{ bits(&map::EVENT_ENABLE) }, 32>,
        bits_irq: Fixed<{ bits(&map::IRQ_ENABLE) }, 32>,
        bits_link: Fixed<{ bits(&map::LINK) }, 32>,
        magic: Fixed<{ map::MAGIC_VALUE as usize }, 32>,
        version: Fixed<{ map::VERSION_VALUE as usize }, 32>,
        width: Fixed<W, 32>,
        number_links: Fixed<L, 32>,
        number_ports: Fixed<N, 32>,
        number_groups: Fixed<G, 32>,
        number_channels: Known<AllWays<CA>, 32>,
        number_bindings: Known<AllWays<BA>, 32>,
        status_ready: Fixed<{ status::READY.low }, 5>,
        status_busy: Fixed<{ status::BUSY.low }, 5>,
        irq_event: Fixed<{ irq::EVENT.low }, 5>,
        irq_lost: Fixed<{ irq::LOST.low }, 5>,
        irq_snapshot: Fixed<{ irq::SNAPSHOT.low }, 5>,
        channel_choice_at: Fixed<{ map::seed_choice::CHANNEL.low }, 5>,
        binding_choice_at: Fixed<{ map::seed_choice::BINDING.low }, 5>,
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
        disposition_rows: Fixed<{ Entity::COUNT << vireo_spec::fate::Disposition::BITS }, 16>,
        slverr: Fixed<{ RESP_SLVERR as usize }, 2>,
        last_tick: Known<Below<4096>, 12>,
        port_mask: Known<PortMask<L>, PORT_BITS>,
        group_mask: Known<GroupMask<L>, GROUP_BITS>,
    }
}

impl<
    const W: usize,
    const N: usize,
    const PA: usize,
    const G: usize,
    const GA: usize,
    const L: usize,
    const CA: usize,
    const BA: usize,
> Logic for Registers<W, N, PA, G, GA, L, CA, BA>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clk,
            count,
            swept,
            aw_ready,
            aw_held,
            aw_word,
            w_ready,
            w_held,
            w_data,
            w_strobes,
            written,
            b_valid,
            b_resp,
            step,
            command,
            table,
            way,
            row,
            ar_ready,
            ar_held,
            ar_word,
            r_valid,
            r_data,
            r_resp,
            seed_choice,
            enable,
            irq_enable,
            was_lost,
            was_complete,
            interrupt
        );
        self.awready.next = self.aw_ready.q.val();
        self.wready.next = self.w_ready.q.val();
        self.bvalid.next = self.b_valid.q.val();
        self.bresp.next = self.b_resp.q.val();
        self.arready.next = self.ar_ready.q.val();
        self.rvalid.next = self.r_valid.q.val();
        self.rdata.next = self.r_data.q.val();
        self.rresp.next = self.r_resp.q.val();
        self.irq.next = self.interrupt.q.val();
        self.run.next = self.swept.q.val();
        self.sweep.next = !self.swept.q.val();
        self.tick.next = self.count.q.val();
        self.event_enable.next = self.enable.q.val();
        self.channel_choice.next =
            self.seed_choice.q.val().get_bits::<4>(self.channel_choice_at.val().index());
        self.binding_choice.next =
            self.seed_choice.q.val().get_bits::<4>(self.binding_choice_at.val().index());
        self.counter_row.next = self.row.q.val();
        self.count.d.next = self.count.q.val() + 1;
        if self.count.q.val() == self.last_tick.val() {
            self.swept.d.next = true;
        }
        self.causes.next = 0.into();
        self.causes.next =
            self.causes.val().replace_bit(self.irq_event.val().index(), self.level.val().any());
        self.causes.next =
            self.causes.val().replace_bit(self.irq_lost.val().index(), self.was_lost.q.val());
        self.causes.next = self
            .causes
            .val()
            .replace_bit(self.irq_snapshot.val().index(), self.was_complete.q.val());
        self.interrupt.d.next = (self.causes.val() & self.irq_enable.q.val()).any();

        // Address and data are held as they come; the write cycle is the first with both.
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
        self.x.next = self.aw_held.q.val() & self.w_held.q.val() & (!self.written.q.val());
        self.w.next = self.aw_word.q.val();
        self.data.next = self.w_data.q.val();
        self.strobe.next = 0.into();
        if self.w_strobes.q.val().get_bit(0) {
            self.strobe.next = self.strobe.val() | 0xFF;
        }
        if self.w_strobes.q.val().get_bit(1) {
            self.strobe.next = self.strobe.val() | 0xFF00;
        }
        if self.w_strobes.q.val().get_bit(2) {
            self.strobe.next = self.strobe.val() | 0xFF_0000;
        }
        if self.w_strobes.q.val().get_bit(3) {
            self.strobe.next = self.strobe.val() | 0xFF00_0000u64;
        }
        self.kept.next = !self.strobe.val();
        self.whole.next = self.w_strobes.q.val().all();
        self.ready_for_op.next = self.whole.val() & self.swept.q.val() & (!self.busy.val());
        self.op_command.next = self.data.val().get_bits::<2>(self.command_at.val().index());
        self.op_table.next = self.data.val().get_bits::<4>(self.table_at.val().index());
        self.op_way.next = self.data.val().get_bits::<2>(self.way_at.val().index());
        self.op_row.next = self.data.val().get_bits::<16>(self.row_at.val().index());
        self.exists.next = false;
        if self.op_table.val() == self.channel_table.val() {
            self.exists.next = self.op_row.val() < self.channel_rows.val();
        } else if self.op_table.val() == self.binding_table.val() {
            self.exists.next = self.op_row.val() < self.binding_rows.val();
        } else if !self.op_way.val().any() {
            if self.op_table.val() == self.port_table.val() {
                self.exists.next = self.op_row.val() < self.port_rows.val();
            } else if self.op_table.val() == self.group_table.val() {
                self.exists.next = self.op_row.val() < self.group_rows.val();
            } else if self.op_table.val() == self.vlan_table.val() {
                self.exists.next = self.op_row.val() < self.vlan_rows.val();
            } else if self.op_table.val() == self.traffic_table.val() {
                self.exists.next = (self.op_row.val() < self.traffic_rows.val())
                    & (self.op_command.val() == self.read_code.val());
            } else if self.op_table.val() == self.disposition_table.val() {
                self.exists.next = (self.op_row.val() < self.disposition_rows.val())
                    & (self.op_command.val() == self.read_code.val());
            }
        }
        self.exists.next = self.exists.val() & self.op_command.val().any();

        // The write cycle.
        self.refused.next = true;
        self.starts.next = false;
        self.snapshot.next = false;
        self.pop.next = false;
        self.pop_sequence.next = self.data.val().get_bits::<16>(0);
        if self.loses.val() {
            self.was_lost.d.next = true;
        }
        if self.complete.val() {
            self.was_complete.d.next = true;
        }
        if self.w.val() == self.at_seed_choice.val() {
            self.refused.next = false;
            if self.x.val() {
                self.seed_choice.d.next = ((self.seed_choice.q.val() & self.kept.val())
                    | (self.data.val() & self.strobe.val()))
                    & self.bits_seed_choice.val();
            }
        } else if self.w.val() == self.at_event_enable.val() {
            self.refused.next = false;
            if self.x.val() {
                self.enable.d.next = ((self.enable.q.val() & self.kept.val())
                    | (self.data.val() & self.strobe.val()))
                    & self.bits_event_enable.val();
            }
        } else if self.w.val() == self.at_irq_enable.val() {
            self.refused.next = false;
            if self.x.val() {
                self.irq_enable.d.next = ((self.irq_enable.q.val() & self.kept.val())
                    | (self.data.val() & self.strobe.val()))
                    & self.bits_irq.val();
            }
        } else if self.w.val() == self.at_irq_status.val() {
            self.refused.next = false;
            if self.x.val() {
                self.old.next = self.data.val() & self.strobe.val();
                if self.old.val().get_bit(self.irq_lost.val().index()) & (!self.loses.val()) {
                    self.was_lost.d.next = false;
                }
                if self.old.val().get_bit(self.irq_snapshot.val().index()) & (!self.complete.val())
                {
                    self.was_complete.d.next = false;
                }
            }
        } else if self.w.val() == self.at_snapshot.val() {
            self.refused.next = !self.ready_for_op.val();
            self.snapshot.next = self.x.val() & self.ready_for_op.val();
        } else if self.w.val() == self.at_op.val() {
            self.refused.next = !(self.ready_for_op.val() & self.exists.val());
            self.starts.next = self.x.val() & self.ready_for_op.val() & self.exists.val();
        } else if self.w.val() == self.at_event_pop.val() {
            self.refused.next = !self.whole.val();
            self.pop.next = self.x.val() & self.whole.val();
        }
        self.off.next = self.w.val() - self.at_link.val();
        if self.off.val() < self.link_words.val() {
            self.refused.next = false;
        }
        for i in 0..8 {
            self.link[i].clock.next = self.clk.val();
            self.link[i].d.next = self.link[i].q.val();
            self.links[i].next = self.link[i].q.val();
            self.old.next = self.link[i].q.val();
            if self.x.val()
                & (self.off.val() < self.link_words.val())
                & (self.off.val().index() == i)
            {
                self.link[i].d.next = ((self.old.val() & self.kept.val())
                    | (self.data.val() & self.strobe.val()))
                    & self.bits_link.val();
            }
            if self.rst.val() {
                self.link[i].d.next = 0.into();
            }
        }

        // An operation: a row is written in step 1, or stands at port B's output register in step 3.
        if self.step.q.val().any() {
            self.step.d.next = self.step.q.val() + 1;
        }
        if self.starts.val() {
            self.step.d.next = 1.into();
            self.command.d.next = self.op_command.val();
            self.table.d.next = self.op_table.val();
            self.way.d.next = self.op_way.val();
            self.row.d.next = bit_cast::<14, 16>(self.op_row.val());
        }
        self.clears.next = self.command.q.val() == self.clear_code.val();
        self.commits.next = (self.step.q.val() == 1)
            & (self.clears.val() | (self.command.q.val() == self.write_code.val()));
        self.fetched.next = 0.into();
        self.ports.addr.next = bit_cast::<PA, 14>(self.row.q.val());
        self.groups.addr.next = bit_cast::<GA, 14>(self.row.q.val());
        if self.step.q.val() == 3 {
            if self.table.q.val() == self.port_table.val() {
                self.fetched.next = bit_cast::<160, PORT_BITS>(self.ports.data.val());
            } else if self.table.q.val() == self.group_table.val() {
                self.fetched.next = bit_cast::<160, GROUP_BITS>(self.groups.data.val());
            } else if self.table.q.val() == self.channel_table.val() {
                self.fetched.next = bit_cast::<160, 96>(self.channel_read.val());
            } else if self.table.q.val() == self.binding_table.val() {
                self.fetched.next = bit_cast::<160, 96>(self.binding_read.val());
            } else if self.table.q.val() == self.vlan_table.val() {
                self.fetched.next = bit_cast::<160, N>(self.vlan_read.val());
            } else if self.table.q.val() == self.traffic_table.val() {
                self.fetched.next = bit_cast::<160, 144>(self.traffic_read.val());
            } else {
                self.fetched.next = bit_cast::<160, 32>(self.disposition_read.val());
            }
        }
        self.off.next = self.w.val() - self.at_stage.val();
        if self.off.val() < self.stage_words.val() {
            self.refused.next = false;
        }
        for i in 0..8 {
            self.stage[i].clock.next = self.clk.val();
            self.stage[i].d.next = self.stage[i].q.val();
            self.old.next = self.stage[i].q.val();
            if self.x.val() & (self.off.val().index() == i) {
                self.stage[i].d.next =
                    (self.old.val() & self.kept.val()) | (self.data.val() & self.strobe.val());
            }
            if self.step.q.val() == 3 {
                self.stage[i].d.next = bit_cast::<32, 160>(self.fetched.val());
                self.fetched.next = self.fetched.val() >> 32;
            }
            if self.rst.val() {
                self.stage[i].d.next = 0.into();
            }
        }
        self.staged.next = 0.into();
        if !self.clears.val() {
            self.staged.next = bit_cast::<96, 32>(self.stage[0].q.val())
                | ((bit_cast::<96, 32>(self.stage[1].q.val()) << 32)
                    | (bit_cast::<96, 32>(self.stage[2].q.val()) << 64));
        }
        self.one_way.next = 1.into();
        self.one_way.next = self.one_way.val() << self.way.q.val();
        self.bus.next.way = self.way.q.val();
        self.bus.next.row = self.row.q.val().get_bits::<12>(0);
        self.bus.next.words = self.staged.val();
        self.bus.next.port = self.commits.val() & (self.table.q.val() == self.port_table.val());
        self.bus.next.group = self.commits.val() & (self.table.q.val() == self.group_table.val());
        self.bus.next.vlan = self.commits.val() & (self.table.q.val() == self.vlan_table.val());
        self.bus.next.channel = 0.into();
        self.bus.next.binding = 0.into();
        if self.commits.val() & (self.table.q.val() == self.channel_table.val()) {
            self.bus.next.channel = self.one_way.val();
        }
        if self.commits.val() & (self.table.q.val() == self.binding_table.val()) {
            self.bus.next.binding = self.one_way.val();
        }
        if !self.swept.q.val() {
            self.bus.next.port = true;
            self.bus.next.group = true;
            self.bus.next.vlan = true;
            self.bus.next.channel = 15.into();
            self.bus.next.binding = 15.into();
            self.bus.next.row = self.count.q.val();
            self.bus.next.words = 0.into();
        }
        self.commit.next = self.bus.val();
        self.staged.next = self.bus.val().words;
        self.ports.clk.next = self.clk.val();
        self.groups.clk.next = self.clk.val();
        self.ports.write.next = self.bus.val().port;
        self.groups.write.next = self.bus.val().group;
        self.ports.waddr.next = bit_cast::<PA, 12>(self.bus.val().row);
        self.groups.waddr.next = bit_cast::<GA, 12>(self.bus.val().row);
        self.ports.wdata.next = bit_cast::<PORT_BITS, 96>(self.staged.val()) & self.port_mask.val();
        self.groups.wdata.next =
            bit_cast::<GROUP_BITS, 96>(self.staged.val()) & self.group_mask.val();

        // Seeds.
        self.channel_a.clk.next = self.clk.val();
        self.channel_b.clk.next = self.clk.val();
        self.binding_a.clk.next = self.clk.val();
        self.binding_b.clk.next = self.clk.val();
        self.channel_a.rst.next = self.rst.val();
        self.channel_b.rst.next = self.rst.val();
        self.binding_a.rst.next = self.rst.val();
        self.binding_b.rst.next = self.rst.val();
        self.channel_a.strobe.next = self.strobe.val();
        self.channel_b.strobe.next = self.strobe.val();
        self.binding_a.strobe.next = self.strobe.val();
        self.binding_b.strobe.next = self.strobe.val();
        self.channel_a.data.next = self.data.val();
        self.channel_b.data.next = self.data.val();
        self.binding_a.data.next = self.data.val();
        self.binding_b.data.next = self.data.val();
        self.channel_a.write.next = self.x.val();
        self.channel_b.write.next = self.x.val();
        self.binding_a.write.next = self.x.val();
        self.binding_b.write.next = self.x.val();
        self.off.next = self.w.val() - self.at_channel_a.val();
        self.channel_a.word.next = self.off.val();
        if self.off.val() < self.seed_words.val() {
            self.refused.next = false;
        }
        self.off.next = self.w.val() - self.at_channel_b.val();
        self.channel_b.word.next = self.off.val();
        if self.off.val() < self.seed_words.val() {
            self.refused.next = false;
        }
        self.off.next = self.w.val() - self.at_binding_a.val();
        self.binding_a.word.next = self.off.val();
        if self.off.val() < self.seed_words.val() {
            self.refused.next = false;
        }
        self.off.next = self.w.val() - self.at_binding_b.val();
        self.binding_b.word.next = self.off.val();
        if self.off.val() < self.seed_words.val() {
            self.refused.next = false;
        }
        self.channel_a.read.next = self.ar_word.q.val() - self.at_channel_a.val();
        self.channel_b.read.next = self.ar_word.q.val() - self.at_channel_b.val();
        self.binding_a.read.next = self.ar_word.q.val() - self.at_binding_a.val();
        self.binding_b.read.next = self.ar_word.q.val() - self.at_binding_b.val();
        for i in 0..4 {
            self.channel_seed_a[i].next = self.channel_a.seed[i].val();
            self.channel_seed_b[i].next = self.channel_b.seed[i].val();
            self.binding_seed_a[i].next = self.binding_a.seed[i].val();
            self.binding_seed_b[i].next = self.binding_b.seed[i].val();
        }

        // The answer.
        if self.x.val() {
            self.written.d.next = true;
            if !self.starts.val() {
                self.b_valid.d.next = true;
                self.b_resp.d.next = 0.into();
                if self.refused.val() {
                    self.b_resp.d.next = self.slverr.val();
                }
            }
        }
        if self.commits.val() | (self.step.q.val() == 3) {
            self.step.d.next = 0.into();
            self.b_valid.d.next = true;
            self.b_resp.d.next = 0.into();
        }
        if self.b_valid.q.val() & self.bready.val() {
            self.b_valid.d.next = false;
            self.written.d.next = false;
            self.aw_held.d.next = false;
            self.w_held.d.next = false;
            self.aw_ready.d.next = true;
            self.w_ready.d.next = true;
        }

        // A read: its register is sampled in the cycle after the handshake.
        if self.arvalid.val() & self.ar_ready.q.val() {
            self.ar_held.d.next = true;
            self.ar_word.d.next = self.araddr.val().get_bits::<10>(2);
            self.ar_ready.d.next = false;
        } else {
            self.ar_ready.d.next = !self.ar_held.q.val();
        }
        self.status.next = 0.into();
        self.status.next =
            self.status.val().replace_bit(self.status_ready.val().index(), self.swept.q.val());
        self.status.next =
            self.status.val().replace_bit(self.status_busy.val().index(), self.busy.val());
        self.known.next = false;
        self.value.next = 0.into();
        if self.ar_held.q.val() & (!self.r_valid.q.val()) {
            self.known.next = true;
            if self.ar_word.q.val() == self.at_magic.val() {
                self.value.next = self.magic.val();
            } else if self.ar_word.q.val() == self.at_version.val() {
                self.value.next = self.version.val();
            } else if self.ar_word.q.val() == self.at_width.val() {
                self.value.next = self.width.val();
            } else if self.ar_word.q.val() == self.at_links.val() {
                self.value.next = self.number_links.val();
            } else if self.ar_word.q.val() == self.at_ports.val() {
                self.value.next = self.number_ports.val();
            } else if self.ar_word.q.val() == self.at_groups.val() {
                self.value.next = self.number_groups.val();
            } else if self.ar_word.q.val() == self.at_channels.val() {
                self.value.next = self.number_channels.val();
            } else if self.ar_word.q.val() == self.at_bindings.val() {
                self.value.next = self.number_bindings.val();
            } else if self.ar_word.q.val() == self.at_status.val() {
                self.value.next = self.status.val();
            } else if self.ar_word.q.val() == self.at_seed_choice.val() {
                self.value.next = self.seed_choice.q.val();
            } else if self.ar_word.q.val() == self.at_event_enable.val() {
                self.value.next = self.enable.q.val();
            } else if self.ar_word.q.val() == self.at_irq_status.val() {
                self.value.next = self.causes.val();
            } else if self.ar_word.q.val() == self.at_irq_enable.val() {
                self.value.next = self.irq_enable.q.val();
            } else if self.ar_word.q.val() == self.at_event_level.val() {
                self.value.next = bit_cast::<32, 5>(self.level.val());
            } else if self.ar_word.q.val() == self.at_event_lost.val() {
                self.value.next = self.lost.val();
            } else {
                self.known.next = false;
            }
            self.off.next = self.ar_word.q.val() - self.at_link.val();
            if self.off.val() < self.link_words.val() {
                self.known.next = true;
                for i in 0..8 {
                    if self.off.val().index() == i {
                        self.value.next = self.link[i].q.val();
                    }
                }
            }
            self.off.next = self.ar_word.q.val() - self.at_stage.val();
            if self.off.val() < self.stage_words.val() {
                self.known.next = true;
                for i in 0..8 {
                    if self.off.val().index() == i {
                        self.value.next = self.stage[i].q.val();
                    }
                }
            }
            self.off.next = self.ar_word.q.val() - self.at_event.val();
            if self.off.val() < self.event_words.val() {
                self.known.next = true;
                for i in 0..4 {
                    if self.off.val().index() == i {
                        self.value.next = self.head.val().get_bits::<32>(i * 32);
                    }
                }
            }
            if (self.ar_word.q.val() - self.at_channel_a.val()) < self.seed_words.val() {
                self.known.next = true;
                self.value.next = self.channel_a.value.val();
            } else if (self.ar_word.q.val() - self.at_channel_b.val()) < self.seed_words.val() {
                self.known.next = true;
                self.value.next = self.channel_b.value.val();
            } else if (self.ar_word.q.val() - self.at_binding_a.val()) < self.seed_words.val() {
                self.known.next = true;
                self.value.next = self.binding_a.value.val();
            } else if (self.ar_word.q.val() - self.at_binding_b.val()) < self.seed_words.val() {
                self.known.next = true;
                self.value.next = self.binding_b.value.val();
            }
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
            self.count.d.next = 0.into();
            self.swept.d.next = false;
            self.aw_ready.d.next = false;
            self.aw_held.d.next = false;
            self.w_ready.d.next = false;
            self.w_held.d.next = false;
            self.written.d.next = false;
            self.b_valid.d.next = false;
            self.step.d.next = 0.into();
            self.ar_ready.d.next = false;
            self.ar_held.d.next = false;
            self.r_valid.d.next = false;
            self.seed_choice.d.next = 0.into();
            self.enable.d.next = 0.into();
            self.irq_enable.d.next = 0.into();
            self.was_lost.d.next = false;
            self.was_complete.d.next = false;
            self.interrupt.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("registers", "2 clocks from a read's address to its data")
            .with("W", W)
            .with("PORTS", N)
            .with("GROUPS", G)
            .with("LINKS", L)
            .with("CHANNEL_ROWS", 4 << CA)
            .with("BINDING_ROWS", 4 << BA)
            .says("AXI4-Lite registers, the staged row and its commit, the sweep after reset.")
            .timing()
    }
}
