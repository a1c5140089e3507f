// SPDX-License-Identifier: MIT
//! Decapsulate: from links to ports (docs/pipeline.md, section 3; docs/rules.md, "Enters at a link").

use rust_hdl::prelude::*;
use vireo_spec::fate::DropReason;

use super::binding::Binding;
use super::channel::Channel;
use super::commit::Commit;
use super::delay_line::DelayLine;
use super::intake::Intake;
use super::known::{Below, Fixed, Known};
use super::link_checks::LinkChecks;
use super::logic_block::logic_block;
use super::outlet::Outlet;
use super::pace::Pace;
use super::parse::{Parse, Parsed};
use super::pipe::{Pipe, Ring};
use super::recipients::{Recipients, Source};
use super::remove::Remove;
use super::rows::{LinkFields, LinkRow};
use super::slot::Origin;
use super::tally::{Count, Event, Tally};
use super::tap::Tap;
use super::verdict::{Size, Verdict};
use super::window::Window;
use crate::verilog::About;

logic_block! {
    /// As `Encapsulate`; `D = N + 1`, `CR = N + 26`, `2^CA` channel rows in each way.
    pub struct Decapsulate<
        const W: usize,
        const K: usize,
        const H: usize,
        const E: usize,
        const O: usize,
        const N: usize,
        const D: usize,
        const PA: usize,
        const L: usize,
        const CR: usize,
        const CA: usize,
        const BA: usize,
    > {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// The tables are swept.
        pub run: Signal<In, Bit>,
        /// `s_link`.
        pub s_valid: Signal<In, Bit>,
        /// `tready`.
        pub s_ready: Signal<Out, Bit>,
        /// `tdata`.
        pub s_data: Signal<In, Bits<W>>,
        /// `tkeep`.
        pub s_keep: Signal<In, Bits<K>>,
        /// `tlast`.
        pub s_last: Signal<In, Bit>,
        /// `tid`.
        pub s_id: Signal<In, Bits<8>>,
        /// `tuser`.
        pub s_user: Signal<In, Bits<5>>,
        /// `m_port`.
        pub m_valid: Signal<Out, Bit>,
        /// `tready`.
        pub m_ready: Signal<In, Bit>,
        /// `tdata`.
        pub m_data: Signal<Out, Bits<W>>,
        /// `tkeep`.
        pub m_keep: Signal<Out, Bits<K>>,
        /// `tlast`.
        pub m_last: Signal<Out, Bit>,
        /// `tdest`.
        pub m_dest: Signal<Out, Bits<D>>,
        /// `tid`.
        pub m_id: Signal<Out, Bits<8>>,
        /// `tuser`.
        pub m_user: Signal<Out, Bits<5>>,
        /// The link rows.
        pub links: [Signal<In, Bits<32>>; 8],
        /// Seed A of the channel table.
        pub channel_seed_a: Signal<In, Bits<72>>,
        /// Seed B.
        pub channel_seed_b: Signal<In, Bits<72>>,
        /// A bit a way: it is indexed by seed B.
        pub channel_choice: Signal<In, Bits<4>>,
        /// Seed A of the binding table.
        pub seed_a: Signal<In, Bits<72>>,
        /// Seed B.
        pub seed_b: Signal<In, Bits<72>>,
        /// A bit a way: it is indexed by seed B.
        pub choice: Signal<In, Bits<4>>,
        /// Rows that are written or read in the next cycle.
        pub commit: Signal<In, Commit>,
        /// The `channel` row of two cycles ago, as software has it.
        pub channel_read: Signal<Out, Bits<96>>,
        /// What a frame counts as, in the cycle after its last beat was at the end of the delay line.
        pub count: Signal<Out, Count>,
        /// Its member ports.
        pub members: Signal<Out, Bits<64>>,
        /// Then too: it is dropped.
        pub dropped: Signal<Out, Bit>,
        /// Its event.
        pub event: Signal<Out, Event>,
        intake: Intake<W, K>,
        window: Window<W, K, H>,
        line: DelayLine<W, 33, 5, 2, 5>,
        parse: Parse,
        checks: LinkChecks,
        channel_tap: Tap,
        channel: Channel<N, CR, CA, L>,
        waiting: Ring<Verdict, 16>,
        parsed: Ring<Parsed, 15>,
        sources: Ring<Source, 14>,
        recipients_tap: Tap,
        recipients: Recipients<N, PA, L>,
        binding_tap: Tap,
        vlan_tap: Tap,
        binding: Binding<N, BA>,
        judged: DFF<Verdict>,
        deciding: Ring<Verdict, 8>,
        size: DFF<Size>,
        third: Ring<Size, 6>,
        after: Pipe<Size, 1>,
        // A frame's first beat is the slot behind the end of the delay line.
        begins: DFF<Bit>,
        decided: DFF<Verdict>,
        remove: Remove<W, K, E, D>,
        tally: Tally,
        outlet: Outlet<W, K, O, D>,
        pace: Pace<27>,
        link: LinkFields<L>,
        // Cycles t+1 to t+3 of a frame that comes.
        index1: DFF<Bits<3>>,
        index2: DFF<Bits<3>>,
        index3: DFF<Bits<3>>,
        row3: DFF<LinkRow>,
        en: Signal<Local, Bits<27>>,
        moves: Signal<Local, Bit>,
        came: Signal<Local, Origin>,
        gone: Signal<Local, Origin>,
        known: Signal<Local, Verdict>,
        late: Signal<Local, Verdict>,
        mac: Signal<Local, Bits<48>>,
        dest: Signal<Local, Bits<D>>,
        source_unbound: Fixed<{ DropReason::SourceUnbound as usize }, 5>,
        link_index: Known<Below<L>, 3>,
        control_bit: Fixed<N, 7>,
    }
}

impl<
    const W: usize,
    const K: usize,
    const H: usize,
    const E: usize,
    const O: usize,
    const N: usize,
    const D: usize,
    const PA: usize,
    const L: usize,
    const CR: usize,
    const CA: usize,
    const BA: usize,
> Logic for Decapsulate<W, K, H, E, O, N, D, PA, L, CR, CA, BA>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, index1, index2, index3, row3, judged, size, begins, decided);
        self.intake.clk.next = self.clk.val();
        self.window.clk.next = self.clk.val();
        self.line.clk.next = self.clk.val();
        self.parse.clk.next = self.clk.val();
        self.checks.clk.next = self.clk.val();
        self.channel_tap.clk.next = self.clk.val();
        self.recipients_tap.clk.next = self.clk.val();
        self.binding_tap.clk.next = self.clk.val();
        self.vlan_tap.clk.next = self.clk.val();
        self.channel.clk.next = self.clk.val();
        self.waiting.clk.next = self.clk.val();
        self.parsed.clk.next = self.clk.val();
        self.sources.clk.next = self.clk.val();
        self.recipients.clk.next = self.clk.val();
        self.binding.clk.next = self.clk.val();
        self.deciding.clk.next = self.clk.val();
        self.third.clk.next = self.clk.val();
        self.after.clk.next = self.clk.val();
        self.remove.clk.next = self.clk.val();
        self.tally.clk.next = self.clk.val();
        self.outlet.clk.next = self.clk.val();
        self.pace.clk.next = self.clk.val();
        self.intake.rst.next = self.rst.val();
        self.window.rst.next = self.rst.val();
        self.line.rst.next = self.rst.val();
        self.parse.rst.next = self.rst.val();
        self.remove.rst.next = self.rst.val();
        self.tally.rst.next = self.rst.val();
        self.outlet.rst.next = self.rst.val();
        self.pace.rst.next = self.rst.val();
        // The groups of stages that move together.
        self.en.next = self.pace.en.val();
        self.intake.en.next = self.outlet.en.val();
        self.window.en.next = self.en.val().get_bits::<2>(0);
        self.parse.en.next = self.en.val().get_bits::<4>(2);
        self.checks.en.next = self.en.val().get_bit(22);
        self.channel.en.next = self.en.val().get_bits::<7>(6);
        self.binding.en.next = self.en.val().get_bits::<8>(13);
        self.waiting.en.next = self.en.val().get_bit(21);
        self.parsed.en.next = self.en.val().get_bit(21);
        self.sources.en.next = self.en.val().get_bit(21);
        self.deciding.en.next = self.en.val().get_bit(21);
        self.third.en.next = self.en.val().get_bit(21);
        self.after.en.next = self.en.val().get_bit(21);
        self.recipients.en.next = self.en.val().get_bit(22);
        self.line.en.next = self.en.val().get_bit(23);
        self.remove.en.next = self.en.val().get_bit(24);
        self.tally.en.next = self.en.val().get_bit(25);
        self.moves.next = self.en.val().get_bit(26);

        // The link's row, of the second cycle behind the one in which the first beat is accepted.
        self.index1.d.next = self.s_id.val().get_bits::<3>(0) & self.link_index.val();
        self.index2.d.next = self.index1.q.val();
        self.index3.d.next = self.index2.q.val();
        for i in 0..8 {
            self.link.rows[i].next = self.links[i].val();
        }
        self.link.link.next = self.index2.q.val();
        self.row3.d.next = self.link.fields.val();
        self.came.next.kind = 0.into();
        self.came.next.index = 0.into();
        self.came.next.enabled = self.row3.q.val().enabled;
        self.came.next.link = self.index3.q.val();
        self.came.next.family = self.row3.q.val().family;
        self.came.next.bridge = self.row3.q.val().bridge;
        self.came.next.growth = 0.into();
        self.came.next.channel = 0.into();
        self.came.next.trust = false;
        self.came.next.default_priority = 0.into();
        self.came.next.check_source = false;
        self.came.next.guard = false;
        self.came.next.control = false;
        self.came.next.pvid = 0.into();
        self.came.next.maximum = self.row3.q.val().maximum;
        self.came.next.looped = false;
        self.came.next.source = 0.into();
        self.came.next.priority = 0.into();
        self.intake.run.next = self.run.val();
        self.intake.s_valid.next = self.s_valid.val();
        self.intake.s_data.next = self.s_data.val();
        self.intake.s_keep.next = self.s_keep.val();
        self.intake.s_last.next = self.s_last.val();
        self.intake.s_bad.next = self.s_user.val().get_bit(0);
        self.intake.s_origin.next = self.came.val();
        self.s_ready.next = self.intake.s_ready.val();
        self.window.s_slot.next = self.intake.slot.val();
        self.window.s_data.next = self.intake.data.val();
        // Said once more behind the queue: what is not read out of a memory takes no place in it.
        self.gone.next = self.intake.origin.val();
        self.gone.next.kind = 0.into();
        self.gone.next.index = 0.into();
        self.gone.next.growth = 0.into();
        self.gone.next.channel = 0.into();
        self.gone.next.trust = false;
        self.gone.next.default_priority = 0.into();
        self.gone.next.check_source = false;
        self.gone.next.guard = false;
        self.gone.next.control = false;
        self.gone.next.pvid = 0.into();
        self.gone.next.looped = false;
        self.gone.next.source = 0.into();
        self.gone.next.priority = 0.into();
        self.window.s_origin.next = self.gone.val();
        self.line.s_slot.next = self.window.slot.val();
        self.line.s_data.next = self.window.data.val();
        self.parse.at_link.next = true;
        self.parse.s_valid.next = self.window.valid.val();
        self.parse.s_header.next = self.window.header.val();
        self.parse.s_octets.next = self.window.octets.val();
        self.parse.s_origin.next = self.window.origin.val();

        // Cycle c: what needs no lookup.
        self.checks.parsed.next = self.parse.parsed.val();
        self.checks.origin.next = self.parse.origin.val();
        self.parsed.d.next = self.parse.parsed.val();
        self.recipients.header.next = self.parse.parsed.val();
        self.recipients.origin.next = self.parse.origin.val();
        self.sources.d.next = self.recipients.header_source.val();

        // Cycle c+1: the channel lookup begins.
        self.waiting.d.next = self.checks.verdict.val();
        self.channel.channel.next = self.checks.channel.val();
        self.channel.link.next = self.checks.link.val();
        self.channel.choice.next = self.channel_choice.val();
        self.channel_tap.bus.next = self.commit.val();
        self.channel.commit.next = self.channel_tap.commit.val();
        self.channel.seed_a.next = self.channel_seed_a.val();
        self.channel.seed_b.next = self.channel_seed_b.val();
        self.binding.seed_a.next = self.seed_a.val();
        self.binding.seed_b.next = self.seed_b.val();
        self.channel_read.next = self.channel.row_read.val();

        // Cycles c+12 to c+18: who gets the frame.
        self.recipients_tap.bus.next = self.commit.val();
        self.recipients.commit.next = self.recipients_tap.commit.val();
        self.recipients.hit.next = self.channel.hit.val();
        self.recipients.listed.next = self.channel.members.val();
        self.recipients.source.next = self.sources.q.val();
        self.recipients.parsed.next = self.parsed.q.val();
        self.known.next = self.waiting.q.val();
        self.known.next.at_port = false;
        self.known.next.check_source = false;
        self.known.next.tag = 0.into();
        self.known.next.members = 0.into();
        self.known.next.port = 0.into();
        self.known.next.port_vlan = 0.into();
        self.recipients.s_verdict.next = self.known.val();
        self.deciding.d.next = self.judged.q.val();
        if self.moves.val() {
            self.judged.d.next = self.recipients.verdict.val();
            self.size.d.next.growth = self.known.val().growth;
            self.size.d.next.maximum = self.known.val().maximum;
            self.size.d.next.with_tag = bit_cast::<15, 14>(self.known.val().maximum)
                + bit_cast::<15, 4>(self.known.val().growth);
        }
        self.third.d.next = self.size.q.val();
        self.after.d.next = self.third.q.val();

        // Cycle c+16: the binding lookup begins.
        self.binding.key.next = self.recipients.key.val();
        self.binding.choice.next = self.choice.val();
        self.binding_tap.bus.next = self.commit.val();
        self.binding.commit.next = self.binding_tap.commit.val();
        self.vlan_tap.bus.next = self.commit.val();
        self.binding.vlan_commit.next = self.vlan_tap.commit.val();

        // Cycle c+27: decide.
        self.late.next = self.deciding.q.val();
        self.late.next.tag = 0.into();
        self.late.next.growth = 0.into();
        self.late.next.maximum = 0.into();
        self.mac.next = self.late.val().mac;
        if self.late.val().check_source
            & (!self.late.val().drop)
            & (self.mac.val().get_bit(40) | (!self.binding.bound.val()))
        {
            self.late.next.drop = true;
            self.late.next.reason = self.source_unbound.val();
            self.late.next.vlan = self.late.val().port_vlan;
        }
        if self.moves.val() {
            self.begins.d.next = self.line.after.val().valid & self.line.after.val().first;
        }
        if self.rst.val() {
            self.begins.d.next = false;
        }
        if self.moves.val() & self.begins.q.val() {
            self.decided.d.next = self.late.val();
        }

        // Cycle e: the first beat is at the end of the delay line.
        self.dest.next = bit_cast::<D, 64>(self.decided.q.val().members);
        if self.decided.q.val().control {
            self.dest.next = self.dest.val().replace_bit(self.control_bit.val().index(), true);
        }
        self.remove.s_third.next = self.line.third.val();
        self.remove.s_growth.next = self.third.q.val().growth;
        self.remove.s_maximum.next = self.third.q.val().maximum;
        self.remove.s_data.next = self.line.data.val();
        self.remove.s_drop.next = self.decided.q.val().drop;
        self.remove.s_priority.next = self.decided.q.val().priority;
        self.remove.s_dest.next = self.dest.val();
        self.remove.s_id.next = self.decided.q.val().id;
        self.tally.removes.next = true;
        self.tally.after.next = self.line.after.val();
        self.tally.growth.next = self.after.q.val().growth;
        self.tally.maximum.next = self.after.q.val().with_tag;
        self.tally.slot.next = self.line.slot.val();
        self.tally.verdict.next = self.late.val();
        self.count.next = self.tally.count.val();
        self.members.next = self.tally.members.val();
        self.dropped.next = self.tally.dropped.val();
        self.event.next = self.tally.event.val();
        self.outlet.s_valid.next = self.remove.m_valid.val();
        self.outlet.s_data.next = self.remove.m_data.val();
        self.outlet.s_keep.next = self.remove.m_keep.val();
        self.outlet.s_last.next = self.remove.m_last.val();
        self.outlet.s_user.next = self.remove.m_user.val();
        self.outlet.s_dest.next = self.remove.m_dest.val();
        self.outlet.s_id.next = self.remove.m_id.val();
        self.outlet.m_ready.next = self.m_ready.val();
        self.pace.s_valid.next = self.remove.m_valid.val();
        self.pace.waits.next = self.outlet.waits.val();
        self.pace.m_valid.next = self.outlet.m_valid.val();
        self.pace.m_ready.next = self.m_ready.val();
        self.m_valid.next = self.outlet.m_valid.val();
        self.m_data.next = self.outlet.m_data.val();
        self.m_keep.next = self.outlet.m_keep.val();
        self.m_last.next = self.outlet.m_last.val();
        self.m_dest.next = self.outlet.m_dest.val();
        self.m_id.next = self.outlet.m_id.val();
        self.m_user.next = self.outlet.m_user.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new(
            "decapsulate",
            &format!("{} clocks from the first beat in to the first beat out", 42 + H),
        )
        .with("W", W)
        .with("PORTS", N)
        .with("LINKS", L)
        .with("CHANNEL_ROWS", 4 << CA)
        .with("BINDING_ROWS", 4 << BA)
        .says("From links to ports: finds the members, takes the tag off.")
        .timing()
    }
}
