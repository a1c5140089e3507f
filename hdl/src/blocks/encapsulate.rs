// SPDX-License-Identifier: MIT
//! Encapsulate: from ports to links (docs/pipeline.md, section 3; docs/rules.md, "Enters at a port").

use rust_hdl::prelude::*;
use vireo_spec::fate::DropReason;
use vireo_spec::pins::StreamId;
use vireo_spec::table::Entity;

use super::binding::Binding;
use super::commit::Commit;
use super::delay_line::DelayLine;
use super::host_checks::HostChecks;
use super::insert::Insert;
use super::intake::Intake;
use super::known::Fixed;
use super::logic_block::logic_block;
use super::outlet::Outlet;
use super::pace::Pace;
use super::parse::Parse;
use super::pipe::{Pipe, Ring};
use super::port_source::PortSource;
use super::tag::Tag;
use super::tally::{Count, Event, Tally};
use super::tap::Tap;
use super::verdict::{Size, Verdict};
use super::window::Window;
use crate::verilog::About;

logic_block! {
    /// `W` bits, `K` octets, `H` beats of header, `E = W + 64`, `O = W / 64`; `N = 2^PA` ports, `G` groups with `GA` bits of index,
    /// `L` links, `2^BA` binding rows in each way.
    pub struct Encapsulate<
        const W: usize,
        const K: usize,
        const H: usize,
        const E: usize,
        const O: usize,
        const N: usize,
        const PA: usize,
        const G: usize,
        const GA: usize,
        const L: usize,
        const BA: usize,
    > {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// The tables are swept.
        pub run: Signal<In, Bit>,
        /// `s_port`.
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
        pub s_user: Signal<In, Bits<12>>,
        /// `m_link`.
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
        pub m_dest: Signal<Out, Bits<8>>,
        /// `tuser`.
        pub m_user: Signal<Out, Bits<5>>,
        /// The link rows.
        pub links: [Signal<In, Bits<32>>; 8],
        /// Seed A of the binding table.
        pub seed_a: Signal<In, Bits<72>>,
        /// Seed B.
        pub seed_b: Signal<In, Bits<72>>,
        /// A bit a way: it is indexed by seed B.
        pub choice: Signal<In, Bits<4>>,
        /// Rows that are written or read in the next cycle.
        pub commit: Signal<In, Commit>,
        /// The `binding` row of three cycles ago, as software has it.
        pub binding_read: Signal<Out, Bits<96>>,
        /// The `vlan` row of three cycles ago.
        pub vlan_read: Signal<Out, Bits<N>>,
        /// What a frame counts as, in the cycle after its last beat was at the end of the delay line.
        pub count: Signal<Out, Count>,
        /// Then too: it is dropped.
        pub dropped: Signal<Out, Bit>,
        /// Its event.
        pub event: Signal<Out, Event>,
        source_tap: Tap,
        source: PortSource<PA, G, GA, L>,
        intake: Intake<W, K>,
        window: Window<W, K, H>,
        line: DelayLine<W, 17, 4, 2, 5>,
        parse: Parse,
        checks: HostChecks,
        tag: Tag,
        binding_tap: Tap,
        vlan_tap: Tap,
        binding: Binding<N, BA>,
        known: DFF<Verdict>,
        // It comes from an extender's port and is to be checked as a host's; what the checks say.
        hosts: DFF<Bit>,
        host_drop: DFF<Bit>,
        host_reason: DFF<Bits<5>>,
        host_control: DFF<Bit>,
        port_id: DFF<Bits<8>>,
        judged: DFF<Verdict>,
        waiting: Ring<Verdict, 9>,
        size: DFF<Size>,
        third: Ring<Size, 6>,
        after: Pipe<Size, 1>,
        // A frame's first beat is the slot behind the end of the delay line.
        begins: DFF<Bit>,
        decided: DFF<Verdict>,
        insert: Insert<W, K, E>,
        tally: Tally,
        outlet: Outlet<W, K, O, 8>,
        pace: Pace<19>,
        en: Signal<Local, Bits<19>>,
        moves: Signal<Local, Bit>,
        early: Signal<Local, Verdict>,
        late: Signal<Local, Verdict>,
        judging: Signal<Local, Verdict>,
        said: Signal<Local, Verdict>,
        is_host: Signal<Local, Bit>,
        mac: Signal<Local, Bits<48>>,
        port_disabled: Fixed<{ DropReason::PortDisabled as usize }, 5>,
        runt: Fixed<{ DropReason::Runt as usize }, 5>,
        mac_control: Fixed<{ DropReason::MacControl as usize }, 5>,
        source_unbound: Fixed<{ DropReason::SourceUnbound as usize }, 5>,
        port_in: Fixed<{ Entity::PortIn(0).code() as usize }, 9>,
        group_in: Fixed<{ Entity::GroupIn(0).code() as usize }, 9>,
        control_in: Fixed<{ Entity::ControlIn.code() as usize }, 9>,
        port_control: Fixed<{ StreamId::PortControl(0).code() as usize }, 8>,
    }
}

impl<
    const W: usize,
    const K: usize,
    const H: usize,
    const E: usize,
    const O: usize,
    const N: usize,
    const PA: usize,
    const G: usize,
    const GA: usize,
    const L: usize,
    const BA: usize,
> Logic for Encapsulate<W, K, H, E, O, N, PA, G, GA, L, BA>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clk,
            known,
            hosts,
            host_drop,
            host_reason,
            host_control,
            port_id,
            judged,
            size,
            begins,
            decided
        );
        self.source_tap.clk.next = self.clk.val();
        self.binding_tap.clk.next = self.clk.val();
        self.vlan_tap.clk.next = self.clk.val();
        self.source.clk.next = self.clk.val();
        self.intake.clk.next = self.clk.val();
        self.window.clk.next = self.clk.val();
        self.line.clk.next = self.clk.val();
        self.parse.clk.next = self.clk.val();
        self.binding.clk.next = self.clk.val();
        self.waiting.clk.next = self.clk.val();
        self.third.clk.next = self.clk.val();
        self.after.clk.next = self.clk.val();
        self.insert.clk.next = self.clk.val();
        self.tally.clk.next = self.clk.val();
        self.outlet.clk.next = self.clk.val();
        self.pace.clk.next = self.clk.val();
        self.intake.rst.next = self.rst.val();
        self.window.rst.next = self.rst.val();
        self.line.rst.next = self.rst.val();
        self.parse.rst.next = self.rst.val();
        self.insert.rst.next = self.rst.val();
        self.tally.rst.next = self.rst.val();
        self.outlet.rst.next = self.rst.val();
        self.pace.rst.next = self.rst.val();
        // The groups of stages that move together.
        self.en.next = self.pace.en.val();
        self.intake.en.next = self.outlet.en.val();
        self.window.en.next = self.en.val().get_bits::<2>(0);
        self.parse.en.next = self.en.val().get_bits::<4>(2);
        self.binding.en.next = self.en.val().get_bits::<8>(6);
        self.waiting.en.next = self.en.val().get_bit(14);
        self.third.en.next = self.en.val().get_bit(14);
        self.after.en.next = self.en.val().get_bit(14);
        self.line.en.next = self.en.val().get_bit(15);
        self.insert.en.next = self.en.val().get_bit(16);
        self.tally.en.next = self.en.val().get_bit(17);
        self.moves.next = self.en.val().get_bit(18);

        self.source_tap.bus.next = self.commit.val();
        self.source.commit.next = self.source_tap.commit.val();
        self.source.tid.next = self.s_id.val();
        self.source.tuser.next = self.s_user.val();
        for i in 0..8 {
            self.source.links[i].next = self.links[i].val();
        }
        self.intake.run.next = self.run.val();
        self.intake.s_valid.next = self.s_valid.val();
        self.intake.s_data.next = self.s_data.val();
        self.intake.s_keep.next = self.s_keep.val();
        self.intake.s_last.next = self.s_last.val();
        self.intake.s_bad.next = self.s_user.val().get_bit(0);
        self.intake.s_origin.next = self.source.origin.val();
        self.s_ready.next = self.intake.s_ready.val();
        self.window.s_slot.next = self.intake.slot.val();
        self.window.s_data.next = self.intake.data.val();
        self.window.s_origin.next = self.intake.origin.val();
        self.line.s_slot.next = self.window.slot.val();
        self.line.s_data.next = self.window.data.val();
        self.parse.at_link.next = false;
        self.parse.s_valid.next = self.window.valid.val();
        self.parse.s_header.next = self.window.header.val();
        self.parse.s_octets.next = self.window.octets.val();
        self.parse.s_origin.next = self.window.origin.val();

        // Cycle c: what needs no lookup.
        self.checks.parsed.next = self.parse.parsed.val();
        self.checks.guard.next = self.parse.origin.val().guard;
        self.checks.control.next = self.parse.origin.val().control;
        self.tag.parsed.next = self.parse.parsed.val();
        self.tag.origin.next = self.parse.origin.val();
        self.early.next.drop = true;
        self.early.next.reason = 0.into();
        self.early.next.control = false;
        self.early.next.at_port = false;
        self.early.next.check_source = self.parse.origin.val().check_source;
        self.is_host.next = false;
        self.early.next.growth = self.parse.origin.val().growth;
        self.early.next.tag = self.tag.octets.val();
        self.early.next.priority = self.tag.priority.val();
        self.early.next.maximum = self.parse.origin.val().maximum;
        self.early.next.id = bit_cast::<8, 3>(self.parse.origin.val().link);
        self.early.next.members = 0.into();
        self.early.next.port = 0.into();
        self.early.next.entity = self.control_in.val();
        self.early.next.class = self.parse.parsed.val().class;
        self.early.next.mac = self.parse.parsed.val().mac;
        self.early.next.vlan = self.parse.binding_key.val().get_bits::<12>(0);
        self.early.next.port_vlan = 0.into();
        self.early.next.link = self.parse.origin.val().link;
        self.early.next.channel = self.parse.origin.val().channel;
        if self.parse.origin.val().kind == 0 {
            self.early.next.entity =
                self.port_in.val() | bit_cast::<9, 6>(self.parse.origin.val().index);
        } else if self.parse.origin.val().kind == 1 {
            self.early.next.entity =
                self.group_in.val() | bit_cast::<9, 6>(self.parse.origin.val().index);
        } else if self.parse.origin.val().kind == 2 {
            self.early.next.priority = self.parse.origin.val().priority;
        }
        if !self.parse.origin.val().enabled {
            self.early.next.reason = self.port_disabled.val();
        } else if self.parse.parsed.val().runt {
            self.early.next.reason = self.runt.val();
        } else if self.parse.parsed.val().mac_control {
            self.early.next.reason = self.mac_control.val();
        } else if (self.parse.origin.val().kind == 0) & (!self.parse.origin.val().bridge) {
            self.early.next.drop = false;
            self.is_host.next = true;
        } else {
            self.early.next.drop = false;
        }
        if self.moves.val() {
            self.known.d.next = self.early.val();
            self.hosts.d.next = self.is_host.val();
            self.host_drop.d.next = self.checks.drop.val();
            self.host_reason.d.next = self.checks.reason.val();
            self.host_control.d.next = self.checks.to_control.val();
            self.port_id.d.next =
                self.port_control.val() | bit_cast::<8, 6>(self.parse.origin.val().index);
        }

        // Cycle c + 1: with the host's checks.
        self.judging.next = self.known.q.val();
        self.judging.next.check_source = false;
        if self.hosts.q.val() {
            self.judging.next.drop = self.host_drop.q.val();
            self.judging.next.reason = self.host_reason.q.val();
            self.judging.next.control = self.host_control.q.val();
            if self.host_control.q.val() {
                self.judging.next.growth = 0.into();
                self.judging.next.id = self.port_id.q.val();
            } else {
                self.judging.next.check_source = self.known.q.val().check_source;
            }
        }
        if self.moves.val() {
            self.judged.d.next = self.judging.val();
        }

        // Cycle c + 2, and on: it waits for the lookup. What it says of octets is needed earlier than the rest.
        self.waiting.d.next = self.judged.q.val();
        self.said.next = self.judged.q.val();
        if self.moves.val() {
            self.size.d.next.growth = self.said.val().growth;
            self.size.d.next.maximum = self.said.val().maximum;
            self.size.d.next.with_tag = bit_cast::<15, 14>(self.said.val().maximum)
                + bit_cast::<15, 4>(self.said.val().growth);
        }
        self.third.d.next = self.size.q.val();
        self.after.d.next = self.third.q.val();

        self.binding.key.next = self.parse.binding_key.val();
        self.binding.choice.next = self.choice.val();
        self.binding_tap.bus.next = self.commit.val();
        self.binding.commit.next = self.binding_tap.commit.val();
        self.vlan_tap.bus.next = self.commit.val();
        self.binding.vlan_commit.next = self.vlan_tap.commit.val();
        self.binding.seed_a.next = self.seed_a.val();
        self.binding.seed_b.next = self.seed_b.val();
        self.binding_read.next = self.binding.row_read.val();
        self.vlan_read.next = self.binding.vlan_read.val();

        // Cycle c + 11: decide.
        self.late.next = self.waiting.q.val();
        self.late.next.at_port = false;
        self.late.next.growth = 0.into();
        self.late.next.maximum = 0.into();
        self.late.next.members = 0.into();
        self.late.next.port = 0.into();
        self.late.next.port_vlan = 0.into();
        self.mac.next = self.late.val().mac;
        if self.late.val().check_source
            & (!self.late.val().drop)
            & (self.mac.val().get_bit(40) | (!self.binding.bound.val()))
        {
            self.late.next.drop = true;
            self.late.next.reason = self.source_unbound.val();
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
        self.insert.s_third.next = self.line.third.val();
        self.insert.s_growth.next = self.third.q.val().growth;
        self.insert.s_maximum.next = self.third.q.val().with_tag;
        self.insert.s_data.next = self.line.data.val();
        self.insert.s_drop.next = self.decided.q.val().drop;
        self.insert.s_tag.next = self.decided.q.val().tag;
        self.insert.s_priority.next = self.decided.q.val().priority;
        self.insert.s_dest.next = self.decided.q.val().id;
        self.tally.removes.next = false;
        self.tally.after.next = self.line.after.val();
        self.tally.growth.next = self.after.q.val().growth;
        self.tally.maximum.next = bit_cast::<15, 14>(self.after.q.val().maximum);
        self.tally.slot.next = self.line.slot.val();
        self.tally.verdict.next = self.late.val();
        self.count.next = self.tally.count.val();
        self.dropped.next = self.tally.dropped.val();
        self.event.next = self.tally.event.val();
        self.outlet.s_valid.next = self.insert.m_valid.val();
        self.outlet.s_data.next = self.insert.m_data.val();
        self.outlet.s_keep.next = self.insert.m_keep.val();
        self.outlet.s_last.next = self.insert.m_last.val();
        self.outlet.s_user.next = self.insert.m_user.val();
        self.outlet.s_dest.next = self.insert.m_dest.val();
        self.outlet.s_id.next = 0.into();
        self.outlet.m_ready.next = self.m_ready.val();
        self.pace.s_valid.next = self.insert.m_valid.val();
        self.pace.waits.next = self.outlet.waits.val();
        self.pace.m_valid.next = self.outlet.m_valid.val();
        self.pace.m_ready.next = self.m_ready.val();
        self.m_valid.next = self.outlet.m_valid.val();
        self.m_data.next = self.outlet.m_data.val();
        self.m_keep.next = self.outlet.m_keep.val();
        self.m_last.next = self.outlet.m_last.val();
        self.m_dest.next = self.outlet.m_dest.val();
        self.m_user.next = self.outlet.m_user.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new(
            "encapsulate",
            &format!("{} clocks from the first beat in to the first beat out", 25 + H),
        )
        .with("W", W)
        .with("PORTS", N)
        .with("GROUPS", G)
        .with("LINKS", L)
        .with("BINDING_ROWS", 4 << BA)
        .says("From ports to links: checks the source, adds the tag.")
        .timing()
    }
}
