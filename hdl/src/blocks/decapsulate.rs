// SPDX-License-Identifier: MIT
//! Decapsulate: from links to ports (docs/pipeline.md, section 3; docs/rules.md, "Enters at a link").

use rust_hdl::prelude::*;
use vireo_spec::fate::DropReason;
use vireo_spec::pins::StreamId;
use vireo_spec::table::Entity;

use super::binding::Binding;
use super::channel::Channel;
use super::commit::Commit;
use super::delay_line::DelayLine;
use super::host_checks::HostChecks;
use super::intake::Intake;
use super::known::{Below, Fixed, Known};
use super::logic_block::logic_block;
use super::members::Members;
use super::outlet::Outlet;
use super::parse::{Parse, Parsed};
use super::pipe::Pipe;
use super::remove::Remove;
use super::rows::{LinkFields, PortRow};
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
        line: DelayLine<W, R, 26, 5, 8>,
        parse: Parse,
        channel: Channel<N, CR, CA, L>,
        waiting: Pipe<Verdict, 10>,
        parsed: Pipe<Parsed, 10>,
        origins: Pipe<Origin, 10>,
        ports: Members<N, PA, L>,
        checks: HostChecks,
        binding: Binding<N, BA>,
        judged: Pipe<Verdict, 11>,
        decided: DFF<Verdict>,
        remove: Remove<W, K, E, D>,
        tally: Tally,
        outlet: Outlet<W, K, D>,
        // Cycles c+11 and c+12.
        v11: DFF<Verdict>,
        parsed11: DFF<Parsed>,
        bridge11: DFF<Bit>,
        prune: DFF<Bit>,
        ingress: DFF<Bits<22>>,
        members11: DFF<Bits<N>>,
        v12: DFF<Verdict>,
        parsed12: DFF<Parsed>,
        bridge12: DFF<Bit>,
        members12: DFF<Bits<N>>,
        row12: DFF<PortRow>,
        enabled12: DFF<Bits<N>>,
        same12: DFF<Bits<N>>,
        key: DFF<Bits<72>>,
        link: LinkFields,
        en: Signal<Local, Bit>,
        came: Signal<Local, Origin>,
        index: Signal<Local, Bits<3>>,
        head: Signal<Local, Parsed>,
        from: Signal<Local, Origin>,
        word0: Signal<Local, Bits<16>>,
        word1: Signal<Local, Bits<16>>,
        word2: Signal<Local, Bits<16>>,
        tci: Signal<Local, Bits<16>>,
        pcp: Signal<Local, Bits<16>>,
        wanted: Signal<Local, Bits<22>>,
        null: Signal<Local, Bit>,
        misfit: Signal<Local, Bit>,
        early: Signal<Local, Verdict>,
        v10: Signal<Local, Verdict>,
        p10: Signal<Local, Parsed>,
        o10: Signal<Local, Origin>,
        listed: Signal<Local, Bits<N>>,
        lowest: Signal<Local, Bits<6>>,
        one: Signal<Local, Bits<N>>,
        found: Signal<Local, Bit>,
        judging: Signal<Local, Verdict>,
        head12: Signal<Local, Parsed>,
        kept: Signal<Local, Bits<N>>,
        vid: Signal<Local, Bits<12>>,
        late: Signal<Local, Verdict>,
        mac: Signal<Local, Bits<48>>,
        dest: Signal<Local, Bits<D>>,
        port_disabled: Fixed<{ DropReason::PortDisabled as usize }, 5>,
        runt: Fixed<{ DropReason::Runt as usize }, 5>,
        mac_control: Fixed<{ DropReason::MacControl as usize }, 5>,
        tag_absent: Fixed<{ DropReason::TagAbsent as usize }, 5>,
        tag_format: Fixed<{ DropReason::TagFormat as usize }, 5>,
        channel_miss: Fixed<{ DropReason::ChannelMiss as usize }, 5>,
        pruned: Fixed<{ DropReason::Pruned as usize }, 5>,
        source_unbound: Fixed<{ DropReason::SourceUnbound as usize }, 5>,
        link_in: Fixed<{ Entity::LinkIn(0).code() as usize }, 9>,
        link_control: Fixed<{ StreamId::LinkControl(0).code() as usize }, 8>,
        port_control: Fixed<{ StreamId::PortControl(0).code() as usize }, 8>,
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
        dff_setup!(
            self, clk, decided, v11, parsed11, bridge11, prune, ingress, members11, v12, parsed12,
            bridge12, members12, row12, enabled12, same12, key
        );
        self.intake.clk.next = self.clk.val();
        self.window.clk.next = self.clk.val();
        self.line.clk.next = self.clk.val();
        self.parse.clk.next = self.clk.val();
        self.channel.clk.next = self.clk.val();
        self.waiting.clk.next = self.clk.val();
        self.parsed.clk.next = self.clk.val();
        self.origins.clk.next = self.clk.val();
        self.ports.clk.next = self.clk.val();
        self.binding.clk.next = self.clk.val();
        self.judged.clk.next = self.clk.val();
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
        self.binding.en.next = self.en.val();
        self.judged.en.next = self.en.val();
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

        // Cycle c: the channel, and what needs no lookup.
        self.head.next = self.parse.parsed.val();
        self.from.next = self.parse.origin.val();
        self.word0.next = self.head.val().word0;
        self.word1.next = self.head.val().word1;
        self.word2.next = self.head.val().word2;
        self.tci.next = self.head.val().tci;
        self.misfit.next = self.head.val().tag != (self.from.val().family + 1);
        self.wanted.next = 0.into();
        self.null.next = true;
        self.pcp.next = self.word0.val();
        if !self.misfit.val() {
            if self.from.val().family == 0 {
                self.wanted.next = (bit_cast::<22, 14>(self.word1.val().get_bits::<14>(0)) << 8)
                    | bit_cast::<22, 8>(self.word2.val().get_bits::<8>(0));
                self.null.next = !self.word1.val().get_bits::<14>(0).any();
            } else {
                if self.from.val().family == 1 {
                    if self.from.val().bridge {
                        self.wanted.next = bit_cast::<22, 12>(self.word1.val().get_bits::<12>(0));
                    } else {
                        self.wanted.next = bit_cast::<22, 15>(self.word0.val().get_bits::<15>(0));
                    }
                } else {
                    self.wanted.next = bit_cast::<22, 12>(self.word0.val().get_bits::<12>(0));
                }
                self.null.next = !self.wanted.val().any();
            }
        }
        if (self.head.val().tag == 0) | (self.head.val().tag == 2) {
            self.pcp.next = self.tci.val();
        }
        if self.head.val().tag == 2 {
            // Version not 0, or the wrong way.
            self.misfit.next = self.misfit.val()
                | self.word1.val().get_bits::<2>(12).any()
                | (self.word0.val().get_bit(15) == self.from.val().bridge);
        }
        self.early.next.drop = true;
        self.early.next.reason = 0.into();
        self.early.next.control = false;
        self.early.next.at_port = false;
        self.early.next.check_source = false;
        self.early.next.growth = 0.into();
        if self.head.val().tag == 1 {
            self.early.next.growth = 8.into();
        } else if self.head.val().tag == 2 {
            self.early.next.growth = 6.into();
        } else if self.head.val().tag == 3 {
            self.early.next.growth = 4.into();
        }
        self.early.next.tag = 0.into();
        self.early.next.priority = bit_cast::<4, 3>(self.pcp.val().get_bits::<3>(13));
        if self.pcp.val().get_bit(12) {
            self.early.next.priority = bit_cast::<4, 3>(self.pcp.val().get_bits::<3>(13)) | 8;
        }
        self.early.next.maximum = self.from.val().maximum;
        self.early.next.id = 0.into();
        self.early.next.members = 0.into();
        self.early.next.port = 0.into();
        self.early.next.entity = self.link_in.val() | bit_cast::<9, 3>(self.from.val().link);
        self.early.next.class = self.head.val().class;
        self.early.next.mac = self.head.val().mac;
        self.early.next.vlan = self.tci.val().get_bits::<12>(0);
        self.early.next.port_vlan = 0.into();
        self.early.next.link = self.from.val().link;
        self.early.next.channel = self.wanted.val();
        if !self.from.val().enabled {
            self.early.next.reason = self.port_disabled.val();
        } else if self.head.val().runt {
            self.early.next.reason = self.runt.val();
        } else if self.head.val().mac_control {
            self.early.next.reason = self.mac_control.val();
        } else if self.head.val().tag == 0 {
            if self.head.val().reserved {
                self.early.next.drop = false;
                self.early.next.control = true;
                self.early.next.id =
                    self.link_control.val() | bit_cast::<8, 3>(self.from.val().link);
            } else {
                self.early.next.reason = self.tag_absent.val();
            }
        } else if self.misfit.val() {
            self.early.next.reason = self.tag_format.val();
        } else if self.null.val() {
            self.early.next.reason = self.channel_miss.val();
        } else {
            self.early.next.drop = false;
        }
        self.waiting.d.next = self.early.val();
        self.parsed.d.next = self.head.val();
        self.origins.d.next = self.from.val();
        self.channel.channel.next = self.wanted.val();
        self.channel.link.next = self.from.val().link;
        self.channel.choice.next = self.channel_choice.val();
        self.channel.commit.next = self.commit.val();
        for i in 0..4 {
            self.channel.seed_a[i].next = self.channel_seed_a[i].val();
            self.channel.seed_b[i].next = self.channel_seed_b[i].val();
            self.binding.seed_a[i].next = self.seed_a[i].val();
            self.binding.seed_b[i].next = self.seed_b[i].val();
        }
        self.channel_read.next = self.channel.row_read.val();

        // Cycle c+10: the channel's members, and the lowest of them.
        self.v10.next = self.waiting.q.val();
        self.p10.next = self.parsed.q.val();
        self.o10.next = self.origins.q.val();
        self.listed.next = self.channel.members.val();
        self.lowest.next = 0.into();
        self.found.next = false;
        for i in 0..N {
            if self.listed.val().get_bit(i) & (!self.found.val()) {
                self.lowest.next = i.to_bits();
                self.found.next = true;
            }
        }
        if (!self.v10.val().drop) & (!self.v10.val().control) & (!self.channel.hit.val()) {
            self.v10.next.drop = true;
            self.v10.next.reason = self.channel_miss.val();
        }
        self.v10.next.port = self.lowest.val();
        self.word0.next = self.p10.val().word0;
        self.word1.next = self.p10.val().word1;
        self.word2.next = self.p10.val().word2;
        if self.en.val() {
            self.v11.d.next = self.v10.val();
            self.parsed11.d.next = self.p10.val();
            self.bridge11.d.next = self.o10.val().bridge;
            self.members11.d.next = self.listed.val();
            self.prune.d.next = false;
            self.ingress.d.next = 0.into();
            if self.o10.val().family == 0 {
                self.ingress.d.next = (bit_cast::<22, 12>(self.word0.val().get_bits::<12>(0)) << 8)
                    | bit_cast::<22, 8>(self.word2.val().get_bits::<8>(8));
                self.prune.d.next = self.word0.val().get_bits::<12>(0).any()
                    | self.word2.val().get_bits::<8>(8).any();
            } else if self.o10.val().family == 1 {
                self.ingress.d.next = bit_cast::<22, 12>(self.word1.val().get_bits::<12>(0));
                self.prune.d.next = self.word1.val().get_bit(15);
            }
        }

        // Cycle c+11: the lowest member's row, and every port's own channel.
        self.ports.commit.next = self.commit.val();
        self.ports.port.next = self.v11.q.val().port;
        self.ports.link.next = self.v11.q.val().link;
        self.ports.channel.next = self.ingress.q.val();
        if self.en.val() {
            self.v12.d.next = self.v11.q.val();
            self.parsed12.d.next = self.parsed11.q.val();
            self.bridge12.d.next = self.bridge11.q.val();
            self.members12.d.next = self.members11.q.val();
            self.row12.d.next = self.ports.row.val();
            self.enabled12.d.next = self.ports.enabled.val();
            self.same12.d.next = 0.into();
            if self.prune.q.val() {
                self.same12.d.next = self.ports.same.val();
            }
        }

        // Cycle c+12: pruning, or the virtual port's checks; the binding key.
        self.head12.next = self.parsed12.q.val();
        self.checks.parsed.next = self.head12.val();
        self.checks.guard.next = self.row12.q.val().guard;
        self.checks.control.next = self.row12.q.val().control;
        self.judging.next = self.v12.q.val();
        self.one.next = 1.into();
        self.kept.next = self.members12.q.val() & (self.enabled12.q.val() & (!self.same12.q.val()));
        if self.bridge12.q.val() {
            self.kept.next = 0.into();
            if self.members12.q.val().any() {
                self.kept.next = self.one.val() << self.v12.q.val().port;
            }
        }
        self.tci.next = self.head12.val().tci;
        self.vid.next = self.tci.val().get_bits::<12>(0);
        if !self.vid.val().any() {
            self.vid.next = self.row12.q.val().pvid;
        }
        self.judging.next.port_vlan = self.vid.val();
        if (!self.judging.val().drop) & (!self.judging.val().control) {
            self.judging.next.members = bit_cast::<64, N>(self.kept.val());
            if !self.kept.val().any() {
                self.judging.next.drop = true;
                self.judging.next.reason = self.pruned.val();
            } else if self.bridge12.q.val() {
                self.judging.next.at_port = true;
                if !self.row12.q.val().enabled {
                    self.judging.next.drop = true;
                    self.judging.next.reason = self.port_disabled.val();
                    self.judging.next.vlan = self.vid.val();
                } else if self.checks.drop.val() {
                    self.judging.next.drop = true;
                    self.judging.next.reason = self.checks.reason.val();
                    self.judging.next.vlan = self.vid.val();
                } else if self.checks.to_control.val() {
                    self.judging.next.control = true;
                    self.judging.next.members = 0.into();
                    self.judging.next.id =
                        self.port_control.val() | bit_cast::<8, 6>(self.v12.q.val().port);
                } else {
                    self.judging.next.check_source = self.row12.q.val().check_source;
                }
            }
        }
        self.judged.d.next = self.judging.val();
        if self.en.val() {
            self.key.d.next = bit_cast::<72, 12>(self.vid.val())
                | (bit_cast::<72, 48>(self.head12.val().mac) << 12)
                | (bit_cast::<72, 6>(self.v12.q.val().port) << 60);
        }
        self.binding.key.next = self.key.q.val();
        self.binding.choice.next = self.choice.val();
        self.binding.commit.next = self.commit.val();

        // Cycle c+23: decide.
        self.late.next = self.judged.q.val();
        self.mac.next = self.late.val().mac;
        if self.late.val().check_source
            & (!self.late.val().drop)
            & (self.mac.val().get_bit(40) | (!self.binding.bound.val()))
        {
            self.late.next.drop = true;
            self.late.next.reason = self.source_unbound.val();
            self.late.next.vlan = self.late.val().port_vlan;
        }
        if self.en.val() {
            self.decided.d.next = self.late.val();
        }

        // Cycle e: the first beat is at the end of the delay line.
        self.dest.next = bit_cast::<D, 64>(self.decided.q.val().members);
        if self.decided.q.val().control {
            self.dest.next = self.dest.val().replace_bit(self.control_bit.val().index(), true);
        }
        self.remove.s_slot.next = self.line.slot.val();
        self.remove.s_data.next = self.line.data.val();
        self.remove.s_drop.next = self.decided.q.val().drop;
        self.remove.s_growth.next = self.decided.q.val().growth;
        self.remove.s_maximum.next = self.decided.q.val().maximum;
        self.remove.s_priority.next = self.decided.q.val().priority;
        self.remove.s_dest.next = self.dest.val();
        self.remove.s_id.next = self.decided.q.val().id;
        self.tally.removes.next = true;
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
