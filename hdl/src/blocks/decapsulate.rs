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
use super::parse::{Parse, Parsed};
use super::pipe::Pipe;
use super::recipients::Recipients;
use super::remove::Remove;
use super::rows::LinkFields;
use super::slot::Origin;
use super::tally::{Count, Event, Tally};
use super::verdict::Verdict;
use super::window::Window;
use crate::verilog::About;

logic_block! {
    /// As `Encapsulate`; `D = N + 1`, `CR = N + 26`, `2^CA` channel rows in each way.
    pub struct Decapsulate<
        const W: usize,
        const K: usize,
        const H: usize,
        const E: usize,
        const R: usize,
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
        /// Seed set A of the channel table.
        pub channel_seed_a: [Signal<In, Bits<72>>; 4],
        /// Seed set B.
        pub channel_seed_b: [Signal<In, Bits<72>>; 4],
        /// A bit a way: it is indexed by seed set B.
        pub channel_choice: Signal<In, Bits<4>>,
        /// Seed set A of the binding table.
        pub seed_a: [Signal<In, Bits<72>>; 4],
        /// Seed set B.
        pub seed_b: [Signal<In, Bits<72>>; 4],
        /// A bit a way: it is indexed by seed set B.
        pub choice: Signal<In, Bits<4>>,
        /// Rows that are written or read.
        pub commit: Signal<In, Commit>,
        /// The `channel` row of two cycles ago, as software has it.
        pub channel_read: Signal<Out, Bits<96>>,
        /// What a frame counts as, in the cycle after its last beat was at the end of the delay line.
        pub count: Signal<Out, Count>,
        /// Its member ports.
        pub members: Signal<Out, Bits<64>>,
        /// A frame is dropped in this cycle.
        pub dropped: Signal<Out, Bit>,
        /// Its event.
        pub event: Signal<Out, Event>,
        intake: Intake<W, K>,
        window: Window<W, H>,
        line: DelayLine<W, 26, 5, 8, 10>,
        parse: Parse,
        checks: LinkChecks,
        channel: Channel<N, CR, CA, L>,
        waiting: Pipe<Verdict, 10>,
        parsed: Pipe<Parsed, 10>,
        origins: Pipe<Origin, 10>,
        recipients: Recipients<N, PA, L>,
        binding: Binding<N, BA>,
        judged: Pipe<Verdict, 10>,
        waited: Pipe<Verdict, 1>,
        decided: DFF<Verdict>,
        remove: Remove<W, K, E, D>,
        tally: Tally,
        outlet: Outlet<W, K, D>,
        link: LinkFields,
        en: Signal<Local, Bit>,
        came: Signal<Local, Origin>,
        index: Signal<Local, Bits<3>>,
        late: Signal<Local, Verdict>,
        soon: Signal<Local, Verdict>,
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
    const R: usize,
    const N: usize,
    const D: usize,
    const PA: usize,
    const L: usize,
    const CR: usize,
    const CA: usize,
    const BA: usize,
> Logic for Decapsulate<W, K, H, E, R, N, D, PA, L, CR, CA, BA>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, decided);
        self.intake.clk.next = self.clk.val();
        self.window.clk.next = self.clk.val();
        self.line.clk.next = self.clk.val();
        self.parse.clk.next = self.clk.val();
        self.channel.clk.next = self.clk.val();
        self.waiting.clk.next = self.clk.val();
        self.parsed.clk.next = self.clk.val();
        self.origins.clk.next = self.clk.val();
        self.recipients.clk.next = self.clk.val();
        self.binding.clk.next = self.clk.val();
        self.judged.clk.next = self.clk.val();
        self.waited.clk.next = self.clk.val();
        self.remove.clk.next = self.clk.val();
        self.tally.clk.next = self.clk.val();
        self.outlet.clk.next = self.clk.val();
        self.intake.rst.next = self.rst.val();
        self.window.rst.next = self.rst.val();
        self.line.rst.next = self.rst.val();
        self.parse.rst.next = self.rst.val();
        self.remove.rst.next = self.rst.val();
        self.tally.rst.next = self.rst.val();
        self.outlet.rst.next = self.rst.val();
        self.en.next = self.outlet.en.val();
        self.intake.en.next = self.en.val();
        self.window.en.next = self.en.val();
        self.line.en.next = self.en.val();
        self.parse.en.next = self.en.val();
        self.channel.en.next = self.en.val();
        self.waiting.en.next = self.en.val();
        self.parsed.en.next = self.en.val();
        self.origins.en.next = self.en.val();
        self.recipients.en.next = self.en.val();
        self.binding.en.next = self.en.val();
        self.judged.en.next = self.en.val();
        self.waited.en.next = self.en.val();
        self.remove.en.next = self.en.val();
        self.tally.en.next = self.en.val();

        // The link's row, of the cycle in which the first beat is accepted.
        self.index.next = self.s_id.val().get_bits::<3>(0) & self.link_index.val();
        for i in 0..8 {
            self.link.rows[i].next = self.links[i].val();
        }
        self.link.link.next = self.index.val();
        self.came.next.kind = 0.into();
        self.came.next.index = 0.into();
        self.came.next.enabled = self.link.fields.val().enabled;
        self.came.next.link = self.index.val();
        self.came.next.family = self.link.fields.val().family;
        self.came.next.bridge = self.link.fields.val().bridge;
        self.came.next.growth = 0.into();
        self.came.next.channel = 0.into();
        self.came.next.trust = false;
        self.came.next.default_priority = 0.into();
        self.came.next.check_source = false;
        self.came.next.guard = false;
        self.came.next.control = false;
        self.came.next.pvid = 0.into();
        self.came.next.maximum = self.link.fields.val().maximum;
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
        self.window.s_origin.next = self.intake.origin.val();
        self.line.s_slot.next = self.window.slot.val();
        self.line.s_data.next = self.window.data.val();
        self.parse.at_link.next = true;
        self.parse.s_valid.next = self.window.slot.val().valid & self.window.slot.val().first;
        self.parse.s_header.next = self.window.header.val();
        self.parse.s_octets.next = self.window.octets.val();
        self.parse.s_origin.next = self.window.origin.val();

        // Cycle c: the channel lookup begins.
        self.checks.parsed.next = self.parse.parsed.val();
        self.checks.origin.next = self.parse.origin.val();
        self.waiting.d.next = self.checks.verdict.val();
        self.parsed.d.next = self.parse.parsed.val();
        self.origins.d.next = self.parse.origin.val();
        self.channel.channel.next = self.checks.channel.val();
        self.channel.link.next = self.checks.verdict.val().link;
        self.channel.choice.next = self.channel_choice.val();
        self.channel.commit.next = self.commit.val();
        for i in 0..4 {
            self.channel.seed_a[i].next = self.channel_seed_a[i].val();
            self.channel.seed_b[i].next = self.channel_seed_b[i].val();
            self.binding.seed_a[i].next = self.seed_a[i].val();
            self.binding.seed_b[i].next = self.seed_b[i].val();
        }
        self.channel_read.next = self.channel.row_read.val();

        // Cycles c+10 to c+12: who gets the frame.
        self.recipients.commit.next = self.commit.val();
        self.recipients.hit.next = self.channel.hit.val();
        self.recipients.listed.next = self.channel.members.val();
        self.recipients.s_verdict.next = self.waiting.q.val();
        self.recipients.parsed.next = self.parsed.q.val();
        self.recipients.origin.next = self.origins.q.val();
        self.judged.d.next = self.recipients.verdict.val();
        self.waited.d.next = self.judged.q.val();

        // Cycle c+13: the binding lookup begins.
        self.binding.key.next = self.recipients.key.val();
        self.binding.choice.next = self.choice.val();
        self.binding.commit.next = self.commit.val();

        // Cycle c+23: decide.
        self.late.next = self.waited.q.val();
        self.mac.next = self.late.val().mac;
        if self.late.val().check_source
            & (!self.late.val().drop)
            & (self.mac.val().get_bit(40) | (!self.binding.bound.val()))
        {
            self.late.next.drop = true;
            self.late.next.reason = self.source_unbound.val();
            self.late.next.vlan = self.late.val().port_vlan;
        }
        if self.en.val() & self.line.coming.val().valid & self.line.coming.val().first {
            self.decided.d.next = self.late.val();
        }

        // Cycle e: the first beat is at the end of the delay line. What its verdict says of octets is known in c + 22.
        self.soon.next = self.judged.q.val();
        self.dest.next = bit_cast::<D, 64>(self.decided.q.val().members);
        if self.decided.q.val().control {
            self.dest.next = self.dest.val().replace_bit(self.control_bit.val().index(), true);
        }
        self.remove.s_after.next = self.line.after.val();
        self.remove.s_growth.next = self.soon.val().growth;
        self.remove.s_maximum.next = self.soon.val().maximum;
        self.remove.s_data.next = self.line.data.val();
        self.remove.s_drop.next = self.decided.q.val().drop;
        self.remove.s_priority.next = self.decided.q.val().priority;
        self.remove.s_dest.next = self.dest.val();
        self.remove.s_id.next = self.decided.q.val().id;
        self.tally.removes.next = true;
        self.tally.after.next = self.line.after.val();
        self.tally.growth.next = self.soon.val().growth;
        self.tally.maximum.next = self.soon.val().maximum;
        self.tally.slot.next = self.line.slot.val();
        self.tally.verdict.next = self.decided.q.val();
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
            &format!("{} clocks from the first beat in to the first beat out", 30 + H),
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
