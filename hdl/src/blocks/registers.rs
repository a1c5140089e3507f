// SPDX-License-Identifier: MIT
//! Registers: the blocks behind AXI4-Lite, and what a write does in its write cycle (docs/pipeline.md, sections 6 and 7).
//! Addresses, fields and codes are crate `spec`'s.

use rust_hdl::prelude::*;
use vireo_spec::registers::{self as map, Register};

use super::bus_read::BusRead;
use super::bus_write::BusWrite;
use super::commit::Commit;
use super::interrupts::Interrupts;
use super::known::Fixed;
use super::logic_block::logic_block;
use super::operation::Operation;
use super::readout::Readout;
use super::seed::Seed;
use super::setting::Setting;
use super::stage::Stage;
use super::sweep::Sweep;
use crate::verilog::About;

/// The word of the address map where a register stands.
pub(super) const fn word(register: &Register) -> usize {
    register.address as usize / 4
}

/// The page of `2^bits` words where a register stands: it begins with one.
pub(super) const fn page(register: &Register, bits: usize) -> usize {
    assert!(word(register).is_multiple_of(1 << bits) && register.count as usize <= 1 << bits);
    word(register) >> bits
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

// What a write to these acts on lies within the octet that `interrupts` is written by, or a page that holds all four.
const _: () = {
    assert!(bits(&map::IRQ_STATUS) < 0x100);
    assert!(word(&map::EVENT_ENABLE) == word(&map::SEED_CHOICE) + 1);
    assert!(word(&map::IRQ_STATUS) == word(&map::SEED_CHOICE) + 2);
    assert!(word(&map::IRQ_ENABLE) == word(&map::SEED_CHOICE) + 3);
    assert!(word(&map::SEED_CHANNEL_B) == word(&map::SEED_CHANNEL_A) + 4);
    assert!(word(&map::SEED_BINDING_A) == word(&map::SEED_CHANNEL_A) + 8);
    assert!(word(&map::SEED_BINDING_B) == word(&map::SEED_CHANNEL_A) + 12);
};

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
        /// Seed A of the channel table.
        pub channel_seed_a: Signal<Out, Bits<72>>,
        /// Seed B.
        pub channel_seed_b: Signal<Out, Bits<72>>,
        /// Seed A of the binding table.
        pub binding_seed_a: Signal<Out, Bits<72>>,
        /// Seed B.
        pub binding_seed_b: Signal<Out, Bits<72>>,
        /// A bit a way of the channel table.
        pub channel_choice: Signal<Out, Bits<4>>,
        /// A bit a way of the binding table.
        pub binding_choice: Signal<Out, Bits<4>>,
        /// Rows that are written or read in the next cycle.
        pub commit: Signal<Out, Commit>,
        /// The `channel` row of three cycles ago.
        pub channel_read: Signal<In, Bits<96>>,
        /// The `binding` row of three cycles ago.
        pub binding_read: Signal<In, Bits<96>>,
        /// The `vlan` row of three cycles ago.
        pub vlan_read: Signal<In, Bits<N>>,
        /// The counter row that is read, from the cycle before the write cycle on.
        pub counter_row: Signal<Out, Bits<14>>,
        /// It is one of `traffic`.
        pub counter_traffic: Signal<Out, Bit>,
        /// It is one of `disposition`.
        pub counter_disposition: Signal<Out, Bit>,
        /// That `traffic` row six cycles later, else 0.
        pub traffic_read: Signal<In, Bits<144>>,
        /// That `disposition` row six cycles later, else 0.
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
        /// The words of `event`, if the level is not 0.
        pub head: Signal<In, Bits<128>>,
        /// `event_pop` is written in this cycle.
        pub pop: Signal<Out, Bit>,
        /// The sequence number written.
        pub pop_sequence: Signal<Out, Bits<16>>,
        bus_write: BusWrite,
        bus_read: BusRead,
        sweeper: Sweep,
        operation: Operation<N, G, CA, BA>,
        stage: Stage<N, PA, GA, L>,
        interrupts: Interrupts,
        readout: Readout<W, N, G, L, CA, BA>,
        link: [Setting<{ bits(&map::LINK) }>; 8],
        seed_choice: Setting<{ bits(&map::SEED_CHOICE) }>,
        enable: Setting<{ bits(&map::EVENT_ENABLE) }>,
        irq_enable: Setting<{ bits(&map::IRQ_ENABLE) }>,
        // Channel A and B, binding A and B: in the order of their registers.
        seeds: [Seed; 4],
        // What the write asks for, from the cycle on in which it is decided.
        names_setting: DFF<Bit>,
        names_link: DFF<Bit>,
        names_stage: DFF<Bit>,
        names_seeds: DFF<Bit>,
        names_snapshot: DFF<Bit>,
        names_op: DFF<Bit>,
        names_pop: DFF<Bit>,
        whole: DFF<Bit>,
        // What is written, from then on too. So many registers hang on it that the bus's own is left to what must be told apart before.
        written: DFF<Bits<32>>,
        strobes: DFF<Bits<4>>,
        // Which of its page, a bit a word: of eight, or of a seed's three.
        of_eight: DFF<Bits<8>>,
        of_three: DFF<Bits<3>>,
        // What the write does in this cycle; nothing is a refusal.
        writes_choice: DFF<Bit>,
        writes_enable: DFF<Bit>,
        writes_status: DFF<Bit>,
        writes_irq_enable: DFF<Bit>,
        writes_link: DFF<Bit>,
        writes_stage: DFF<Bit>,
        // A bit a seed.
        writes_seeds: DFF<Bits<4>>,
        snapshots: DFF<Bit>,
        operates: DFF<Bit>,
        pops: DFF<Bit>,
        decides: Signal<Local, Bit>,
        w: Signal<Local, Bits<10>>,
        low: Signal<Local, Bits<3>>,
        seed: Signal<Local, Bits<4>>,
        one_of_eight: Signal<Local, Bits<8>>,
        one_of_three: Signal<Local, Bits<3>>,
        seed_words: Signal<Local, Bits<3>>,
        sets: Signal<Local, Bit>,
        data: Signal<Local, Bits<32>>,
        octets: Signal<Local, Bits<4>>,
        ready_for_op: Signal<Local, Bit>,
        choices: Signal<Local, Bits<32>>,
        staged: Signal<Local, Bits<96>>,
        at_settings: Fixed<{ page(&map::SEED_CHOICE, 2) }, 8>,
        at_link: Fixed<{ page(&map::LINK, 3) }, 7>,
        at_snapshot: Fixed<{ word(&map::SNAPSHOT) }, 10>,
        at_stage: Fixed<{ page(&map::STAGE, 3) }, 7>,
        at_op: Fixed<{ word(&map::OP) }, 10>,
        at_event_pop: Fixed<{ word(&map::EVENT_POP) }, 10>,
        at_seeds: Fixed<{ page(&map::SEED_CHANNEL_A, 4) }, 6>,
        link_words: Fixed<L, 4>,
        channel_choice_at: Fixed<{ map::seed_choice::CHANNEL.low }, 5>,
        binding_choice_at: Fixed<{ map::seed_choice::BINDING.low }, 5>,
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
            names_setting,
            names_link,
            names_stage,
            names_seeds,
            names_snapshot,
            names_op,
            names_pop,
            whole,
            written,
            strobes,
            of_eight,
            of_three,
            writes_choice,
            writes_enable,
            writes_status,
            writes_irq_enable,
            writes_link,
            writes_stage,
            writes_seeds,
            snapshots,
            operates,
            pops
        );
        self.bus_write.clk.next = self.clk.val();
        self.bus_read.clk.next = self.clk.val();
        self.sweeper.clk.next = self.clk.val();
        self.operation.clk.next = self.clk.val();
        self.stage.clk.next = self.clk.val();
        self.interrupts.clk.next = self.clk.val();
        self.readout.clk.next = self.clk.val();
        self.seed_choice.clk.next = self.clk.val();
        self.enable.clk.next = self.clk.val();
        self.irq_enable.clk.next = self.clk.val();
        self.bus_write.rst.next = self.rst.val();
        self.bus_read.rst.next = self.rst.val();
        self.sweeper.rst.next = self.rst.val();
        self.operation.rst.next = self.rst.val();
        self.stage.rst.next = self.rst.val();
        self.interrupts.rst.next = self.rst.val();
        self.seed_choice.rst.next = self.rst.val();
        self.enable.rst.next = self.rst.val();
        self.irq_enable.rst.next = self.rst.val();

        // The bus.
        self.bus_write.awvalid.next = self.awvalid.val();
        self.bus_write.awaddr.next = self.awaddr.val();
        self.bus_write.wvalid.next = self.wvalid.val();
        self.bus_write.wdata.next = self.wdata.val();
        self.bus_write.wstrb.next = self.wstrb.val();
        self.bus_write.bready.next = self.bready.val();
        self.awready.next = self.bus_write.awready.val();
        self.wready.next = self.bus_write.wready.val();
        self.bvalid.next = self.bus_write.bvalid.val();
        self.bresp.next = self.bus_write.bresp.val();
        self.bus_read.arvalid.next = self.arvalid.val();
        self.bus_read.araddr.next = self.araddr.val();
        self.bus_read.rready.next = self.rready.val();
        self.arready.next = self.bus_read.arready.val();
        self.rvalid.next = self.bus_read.rvalid.val();
        self.rdata.next = self.bus_read.rdata.val();
        self.rresp.next = self.bus_read.rresp.val();
        self.run.next = self.sweeper.run.val();
        self.sweep.next = !self.sweeper.run.val();
        self.tick.next = self.sweeper.tick.val();
        self.irq.next = self.interrupts.irq.val();

        // Two cycles before the write cycle: what is written. Until both are held this says nothing, and nobody asks.
        self.w.next = self.bus_write.word.val();
        self.low.next = self.w.val().get_bits::<3>(0);
        self.written.d.next = self.bus_write.data.val();
        self.strobes.d.next = self.bus_write.octets.val();
        self.names_setting.d.next = self.w.val().get_bits::<8>(2) == self.at_settings.val();
        self.names_link.d.next = (self.w.val().get_bits::<7>(3) == self.at_link.val())
            & (bit_cast::<4, 3>(self.low.val()) < self.link_words.val());
        self.names_stage.d.next = self.w.val().get_bits::<7>(3) == self.at_stage.val();
        self.names_snapshot.d.next = self.w.val() == self.at_snapshot.val();
        self.names_op.d.next = self.w.val() == self.at_op.val();
        self.names_pop.d.next = self.w.val() == self.at_event_pop.val();
        self.whole.d.next = self.bus_write.whole.val();
        self.one_of_eight.next = 1.into();
        self.of_eight.d.next = self.one_of_eight.val() << self.low.val();
        self.one_of_three.next = 1.into();
        self.of_three.d.next = self.one_of_three.val() << self.w.val().get_bits::<2>(0);
        self.names_seeds.d.next = (self.w.val().get_bits::<6>(4) == self.at_seeds.val())
            & (!self.w.val().get_bits::<2>(0).all());

        // The cycle before the write cycle: whether it may be.
        self.decides.next = self.bus_write.decides.val();
        self.ready_for_op.next = self.whole.q.val() & self.sweeper.run.val() & (!self.busy.val());
        self.sets.next = self.decides.val() & self.names_setting.q.val();
        self.writes_choice.d.next = self.sets.val() & (self.w.val().get_bits::<2>(0) == 0);
        self.writes_enable.d.next = self.sets.val() & (self.w.val().get_bits::<2>(0) == 1);
        self.writes_status.d.next = self.sets.val() & (self.w.val().get_bits::<2>(0) == 2);
        self.writes_irq_enable.d.next = self.sets.val() & (self.w.val().get_bits::<2>(0) == 3);
        self.writes_link.d.next = self.decides.val() & self.names_link.q.val();
        self.writes_stage.d.next = self.decides.val() & self.names_stage.q.val();
        self.seed.next = 0.into();
        for i in 0..4 {
            self.seed.next = self.seed.val().replace_bit(
                i,
                self.decides.val()
                    & self.names_seeds.q.val()
                    & (self.w.val().get_bits::<2>(2).index() == i),
            );
        }
        self.writes_seeds.d.next = self.seed.val();
        self.snapshots.d.next =
            self.decides.val() & self.ready_for_op.val() & self.names_snapshot.q.val();
        self.operates.d.next = (self.decides.val() & self.ready_for_op.val())
            & (self.names_op.q.val() & self.operation.exists.val());
        self.pops.d.next = self.decides.val() & self.whole.q.val() & self.names_pop.q.val();
        if self.rst.val() {
            self.writes_choice.d.next = false;
            self.writes_enable.d.next = false;
            self.writes_status.d.next = false;
            self.writes_irq_enable.d.next = false;
            self.writes_link.d.next = false;
            self.writes_stage.d.next = false;
            self.writes_seeds.d.next = 0.into();
            self.snapshots.d.next = false;
            self.operates.d.next = false;
            self.pops.d.next = false;
        }

        // The write cycle.
        self.data.next = self.written.q.val();
        self.octets.next = self.strobes.q.val();
        self.bus_write.acts.next = (self.writes_choice.q.val()
            | self.writes_enable.q.val()
            | self.writes_status.q.val()
            | self.writes_irq_enable.q.val())
            | (self.writes_link.q.val()
                | self.writes_stage.q.val()
                | self.snapshots.q.val()
                | self.pops.q.val())
            | self.writes_seeds.q.val().any();
        self.bus_write.starts.next = self.operates.q.val();
        self.bus_write.done.next = self.operation.done.val();
        self.snapshot.next = self.snapshots.q.val();
        self.pop.next = self.pops.q.val();
        self.pop_sequence.next = self.data.val().get_bits::<16>(0);
        self.operation.starts.next = self.operates.q.val();
        self.interrupts.write.next = self.writes_status.q.val() & self.octets.val().get_bit(0);
        self.interrupts.ones.next = self.data.val();
        self.seed_choice.write.next = self.writes_choice.q.val();
        self.seed_choice.octets.next = self.octets.val();
        self.seed_choice.data.next = self.data.val();
        self.enable.write.next = self.writes_enable.q.val();
        self.enable.octets.next = self.octets.val();
        self.enable.data.next = self.data.val();
        self.irq_enable.write.next = self.writes_irq_enable.q.val();
        self.irq_enable.octets.next = self.octets.val();
        self.irq_enable.data.next = self.data.val();
        self.stage.write.next = self.writes_stage.q.val();
        self.stage.word.next = self.of_eight.q.val();
        self.stage.octets.next = self.octets.val();
        self.stage.data.next = self.data.val();
        for i in 0..4 {
            self.seeds[i].clk.next = self.clk.val();
            self.seeds[i].rst.next = self.rst.val();
            self.seeds[i].octets.next = self.octets.val();
            self.seeds[i].data.next = self.data.val();
            self.seed_words.next = 0.into();
            if self.writes_seeds.q.val().get_bit(i) {
                self.seed_words.next = self.of_three.q.val();
            }
            self.seeds[i].write.next = self.seed_words.val();
        }
        for i in 0..8 {
            self.link[i].clk.next = self.clk.val();
            self.link[i].rst.next = self.rst.val();
            self.link[i].octets.next = self.octets.val();
            self.link[i].data.next = self.data.val();
            self.link[i].write.next = self.writes_link.q.val() & self.of_eight.q.val().get_bit(i);
            self.links[i].next = self.link[i].value.val();
            self.readout.links[i].next = self.link[i].value.val();
            self.readout.stage[i].next = self.stage.words[i].val();
        }

        // Operations on rows.
        self.operation.data.next = self.bus_write.data.val();
        self.operation.sweep.next = !self.sweeper.run.val();
        self.operation.tick.next = self.sweeper.tick.val();
        self.operation.last.next = self.sweeper.last.val();
        self.staged.next = bit_cast::<96, 32>(self.stage.words[0].val())
            | ((bit_cast::<96, 32>(self.stage.words[1].val()) << 32)
                | (bit_cast::<96, 32>(self.stage.words[2].val()) << 64));
        self.operation.staged.next = self.staged.val();
        self.commit.next = self.operation.commit.val();
        self.counter_row.next = self.operation.row.val();
        self.counter_traffic.next = self.operation.of_traffic.val();
        self.counter_disposition.next = self.operation.of_disposition.val();
        self.stage.commit.next = self.operation.commit.val();
        self.stage.fetches.next = self.operation.fetches.val();
        self.stage.of_group.next = self.operation.of_group.val();
        self.stage.of_channel.next = self.operation.of_channel.val();
        self.stage.of_binding.next = self.operation.of_binding.val();
        self.stage.of_vlan.next = self.operation.of_vlan.val();
        self.stage.of_counter.next =
            self.operation.of_traffic.val() | self.operation.of_disposition.val();
        self.stage.row.next = self.operation.row.val();
        self.stage.channel_read.next = self.channel_read.val();
        self.stage.binding_read.next = self.binding_read.val();
        self.stage.vlan_read.next = self.vlan_read.val();
        self.stage.traffic_read.next = self.traffic_read.val();
        self.stage.disposition_read.next = self.disposition_read.val();

        // What the machine sees.
        self.choices.next = self.seed_choice.value.val();
        self.channel_choice.next =
            self.choices.val().get_bits::<4>(self.channel_choice_at.val().index());
        self.binding_choice.next =
            self.choices.val().get_bits::<4>(self.binding_choice_at.val().index());
        self.event_enable.next = self.enable.value.val();
        self.channel_seed_a.next = self.seeds[0].seed.val();
        self.channel_seed_b.next = self.seeds[1].seed.val();
        self.binding_seed_a.next = self.seeds[2].seed.val();
        self.binding_seed_b.next = self.seeds[3].seed.val();
        self.interrupts.waiting.next = self.level.val().any();
        self.interrupts.loses.next = self.loses.val();
        self.interrupts.complete.next = self.complete.val();
        self.interrupts.enable.next = self.irq_enable.value.val();

        // What a read answers.
        self.readout.word.next = self.bus_read.word.val();
        self.bus_read.known.next = self.readout.known.val();
        self.bus_read.value.next = self.readout.value.val();
        self.readout.run.next = self.sweeper.run.val();
        self.readout.busy.next = self.busy.val();
        self.readout.seed_choice.next = self.seed_choice.value.val();
        self.readout.event_enable.next = self.enable.value.val();
        self.readout.causes.next = self.interrupts.causes.val();
        self.readout.irq_enable.next = self.irq_enable.value.val();
        self.readout.level.next = self.level.val();
        self.readout.lost.next = self.lost.val();
        self.readout.head.next = self.head.val();
        for i in 0..3 {
            self.readout.channel_a[i].next = self.seeds[0].words[i].val();
            self.readout.channel_b[i].next = self.seeds[1].words[i].val();
            self.readout.binding_a[i].next = self.seeds[2].words[i].val();
            self.readout.binding_b[i].next = self.seeds[3].words[i].val();
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("registers", "4 clocks from a read's address to its data")
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
