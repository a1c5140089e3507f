// SPDX-License-Identifier: MIT
//! Recipients: who of a channel's members gets a frame, cycles `c+12` to `c+16` (docs/pipeline.md, 3.4; docs/rules.md,
//! "Enters at a link", 6 and 7). At a bridge that is the virtual port, which is judged as the host's port would be.

#![allow(missing_docs)] // of the methods that rust-hdl derives for a structure

use rust_hdl::prelude::*;
use vireo_spec::fate::DropReason;
use vireo_spec::pins::StreamId;

use super::commit::Commit;
use super::host_checks::HostChecks;
use super::known::Fixed;
use super::logic_block::logic_block;
use super::members::Members;
use super::parse::Parsed;
use super::rows::PortRow;
use super::slot::Origin;
use super::verdict::Verdict;
use crate::verilog::About;

/// Where a frame comes from, as pruning compares it with the ports.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct Source {
    /// Its link.
    pub link: Bits<3>,
    /// The link's role is bridge.
    pub bridge: Bit,
    /// Its tag names a source.
    pub named: Bit,
    /// The source is a VIF.
    pub vif: Bit,
    /// E-CID base and extension, or VIF.
    pub channel: Bits<20>,
}

logic_block! {
    /// For `N = 2^PA` ports and `L` links.
    pub struct Recipients<const N: usize, const PA: usize, const L: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// The direction moves.
        pub en: Signal<In, Bit>,
        /// Rows that are written.
        pub commit: Signal<In, Commit>,
        /// What a header says, in cycle `c`.
        pub header: Signal<In, Parsed>,
        /// The link that it comes from.
        pub origin: Signal<In, Origin>,
        /// In the same cycle: who sent its frame.
        pub header_source: Signal<Out, Source>,
        /// The frame's channel has a row; in `c+12`.
        pub hit: Signal<In, Bit>,
        /// The members in it.
        pub listed: Signal<In, Bits<N>>,
        /// Who sent the frame; in `c+14`.
        pub source: Signal<In, Source>,
        /// What its header says; in `c+15`.
        pub parsed: Signal<In, Parsed>,
        /// What is known of the frame; in `c+16`.
        pub s_verdict: Signal<In, Verdict>,
        /// What is known then, all but whether the source is bound.
        pub verdict: Signal<Out, Verdict>,
        /// The virtual port, source address and VLAN, as the binding table has them; in `c+16`.
        pub key: Signal<Out, Bits<72>>,
        ports: Members<N, PA, L>,
        checks: HostChecks,
        // Cycle c+13.
        hit13: DFF<Bit>,
        members13: DFF<Bits<N>>,
        lowest13: DFF<Bits<N>>,
        // Cycle c+14.
        hit14: DFF<Bit>,
        members14: DFF<Bits<N>>,
        some14: DFF<Bit>,
        port14: DFF<Bits<6>>,
        // Cycle c+15.
        hit15: DFF<Bit>,
        members15: DFF<Bits<N>>,
        some15: DFF<Bit>,
        port15: DFF<Bits<6>>,
        bridge15: DFF<Bit>,
        row15: DFF<PortRow>,
        same15: DFF<Bits<N>>,
        // Cycle c+16.
        hit16: DFF<Bit>,
        kept16: DFF<Bits<N>>,
        some16: DFF<Bit>,
        port16: DFF<Bits<6>>,
        bridge16: DFF<Bit>,
        check_source16: DFF<Bit>,
        drop16: DFF<Bit>,
        reason16: DFF<Bits<5>>,
        to_control16: DFF<Bit>,
        vid16: DFF<Bits<12>>,
        binding_key: DFF<Bits<72>>,
        word0: Signal<Local, Bits<16>>,
        word1: Signal<Local, Bits<16>>,
        word2: Signal<Local, Bits<16>>,
        sent: Signal<Local, Source>,
        from: Signal<Local, Source>,
        lowest: Signal<Local, Bits<6>>,
        one: Signal<Local, Bits<N>>,
        kept: Signal<Local, Bits<N>>,
        tci: Signal<Local, Bits<16>>,
        vid: Signal<Local, Bits<12>>,
        judging: Signal<Local, Verdict>,
        port_disabled: Fixed<{ DropReason::PortDisabled as usize }, 5>,
        channel_miss: Fixed<{ DropReason::ChannelMiss as usize }, 5>,
        pruned: Fixed<{ DropReason::Pruned as usize }, 5>,
        port_control: Fixed<{ StreamId::PortControl(0).code() as usize }, 8>,
    }
}

impl<const N: usize, const PA: usize, const L: usize> Logic for Recipients<N, PA, L> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clk,
            hit13,
            members13,
            lowest13,
            hit14,
            members14,
            some14,
            port14,
            hit15,
            members15,
            some15,
            port15,
            bridge15,
            row15,
            same15,
            hit16,
            kept16,
            some16,
            port16,
            bridge16,
            check_source16,
            drop16,
            reason16,
            to_control16,
            vid16,
            binding_key
        );
        self.ports.clk.next = self.clk.val();

        // Cycle c: who sent it.
        self.word0.next = self.header.val().word0;
        self.word1.next = self.header.val().word1;
        self.word2.next = self.header.val().word2;
        self.sent.next.link = self.origin.val().link;
        self.sent.next.bridge = self.origin.val().bridge;
        self.sent.next.named = false;
        self.sent.next.vif = self.origin.val().family == 1;
        self.sent.next.channel = 0.into();
        if self.origin.val().family == 0 {
            self.sent.next.channel = (bit_cast::<20, 12>(self.word0.val().get_bits::<12>(0)) << 8)
                | bit_cast::<20, 8>(self.word2.val().get_bits::<8>(8));
            self.sent.next.named =
                self.word0.val().get_bits::<12>(0).any() | self.word2.val().get_bits::<8>(8).any();
        } else if self.origin.val().family == 1 {
            self.sent.next.channel = bit_cast::<20, 12>(self.word1.val().get_bits::<12>(0));
            self.sent.next.named = self.word1.val().get_bit(15);
        }
        self.header_source.next = self.sent.val();

        // Cycle c+12: the lowest bit alone, by a carry.
        if self.en.val() {
            self.hit13.d.next = self.hit.val();
            self.members13.d.next = self.listed.val();
            self.lowest13.d.next = self.listed.val() & ((!self.listed.val()) + 1);
        }

        // Cycle c+13: its number.
        self.lowest.next = 0.into();
        for i in 0..N {
            if self.lowest13.q.val().get_bit(i) {
                self.lowest.next = self.lowest.val() | i.to_bits();
            }
        }
        if self.en.val() {
            self.hit14.d.next = self.hit13.q.val();
            self.members14.d.next = self.members13.q.val();
            self.some14.d.next = self.members13.q.val().any();
            self.port14.d.next = self.lowest.val();
        }

        // Cycle c+14: its row, and every port's own channel.
        self.from.next = self.source.val();
        self.ports.commit.next = self.commit.val();
        self.ports.port.next = self.port14.q.val();
        self.ports.link.next = self.from.val().link;
        self.ports.source.next = self.from.val().channel;
        self.ports.vif.next = self.from.val().vif;
        if self.en.val() {
            self.hit15.d.next = self.hit14.q.val();
            self.members15.d.next = self.members14.q.val() & self.ports.enabled.val();
            self.some15.d.next = self.some14.q.val();
            self.port15.d.next = self.port14.q.val();
            self.bridge15.d.next = self.from.val().bridge;
            self.row15.d.next = self.ports.row.val();
            self.same15.d.next = 0.into();
            if self.from.val().named {
                self.same15.d.next = self.ports.same.val();
            }
        }

        // Cycle c+15: pruning, or the virtual port's checks; the binding key.
        self.checks.parsed.next = self.parsed.val();
        self.checks.guard.next = self.row15.q.val().guard;
        self.checks.control.next = self.row15.q.val().control;
        self.one.next = 1.into();
        self.kept.next = self.members15.q.val() & (!self.same15.q.val());
        self.tci.next = self.parsed.val().tci;
        self.vid.next = self.tci.val().get_bits::<12>(0);
        if !self.vid.val().any() {
            self.vid.next = self.row15.q.val().pvid;
        }
        if self.en.val() {
            self.hit16.d.next = self.hit15.q.val();
            self.kept16.d.next = self.kept.val();
            self.some16.d.next = self.kept.val().any();
            if self.bridge15.q.val() {
                self.kept16.d.next = self.one.val() << self.port15.q.val();
                self.some16.d.next = self.some15.q.val();
            }
            self.port16.d.next = self.port15.q.val();
            self.bridge16.d.next = self.bridge15.q.val();
            self.check_source16.d.next = self.row15.q.val().check_source;
            self.drop16.d.next = self.checks.drop.val();
            self.reason16.d.next = self.checks.reason.val();
            self.to_control16.d.next = self.checks.to_control.val();
            if !self.row15.q.val().enabled {
                self.drop16.d.next = true;
                self.reason16.d.next = self.port_disabled.val();
            }
            self.vid16.d.next = self.vid.val();
            self.binding_key.d.next = bit_cast::<72, 12>(self.vid.val())
                | (bit_cast::<72, 48>(self.parsed.val().mac) << 12)
                | (bit_cast::<72, 6>(self.port15.q.val()) << 60);
        }

        // Cycle c+16: what that makes of the verdict.
        self.judging.next = self.s_verdict.val();
        self.judging.next.port = self.port16.q.val();
        self.judging.next.port_vlan = self.vid16.q.val();
        if (!self.judging.val().drop) & (!self.judging.val().control) {
            self.judging.next.members = bit_cast::<64, N>(self.kept16.q.val());
            if !self.hit16.q.val() {
                self.judging.next.drop = true;
                self.judging.next.reason = self.channel_miss.val();
            } else if !self.some16.q.val() {
                self.judging.next.drop = true;
                self.judging.next.reason = self.pruned.val();
            } else if self.bridge16.q.val() {
                self.judging.next.at_port = true;
                if self.drop16.q.val() {
                    self.judging.next.drop = true;
                    self.judging.next.reason = self.reason16.q.val();
                    self.judging.next.vlan = self.vid16.q.val();
                } else if self.to_control16.q.val() {
                    self.judging.next.control = true;
                    self.judging.next.members = 0.into();
                    self.judging.next.id =
                        self.port_control.val() | bit_cast::<8, 6>(self.port16.q.val());
                } else {
                    self.judging.next.check_source = self.check_source16.q.val();
                }
            }
        }
        self.verdict.next = self.judging.val();
        self.key.next = self.binding_key.q.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("recipients", "4 clocks from the members")
            .with("PORTS", N)
            .with("LINKS", L)
            .says("Who of a channel's members gets a frame.")
            .timing()
    }
}
