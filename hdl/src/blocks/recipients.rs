// SPDX-License-Identifier: MIT
//! Recipients: who of a channel's members gets a frame, cycles `c+12` to `c+18` (docs/pipeline.md, 3.4; docs/rules.md,
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

/// What members and rows make of a frame.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct Judged {
    /// It is dropped.
    pub drop: Bit,
    /// Why.
    pub reason: Bits<5>,
    /// It goes to the control port.
    pub control: Bit,
    /// It counts at the virtual port.
    pub at_port: Bit,
    /// Its source must be bound.
    pub check_source: Bit,
    /// The event names the VLAN as the virtual port has it.
    pub at_vlan: Bit,
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
        /// What is known of the frame; in `c+18`.
        pub s_verdict: Signal<In, Verdict>,
        /// What is known then, all but whether the source is bound.
        pub verdict: Signal<Out, Verdict>,
        /// The virtual port, source address and VLAN, as the binding table has them; in `c+16`.
        pub key: Signal<Out, Bits<72>>,
        ports: Members<N, PA, L>,
        checks: HostChecks,
        // Cycle c+13: of each eight members, from the highest down, the lowest, and whether there is one.
        hit13: DFF<Bit>,
        members13: DFF<Bits<N>>,
        some13: DFF<Bits<8>>,
        lowest13: [DFF<Bits<3>>; 8],
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
        named15: DFF<Bit>,
        same15: DFF<Bits<N>>,
        same_rest15: DFF<Bits<N>>,
        // Cycle c+16.
        hit16: DFF<Bit>,
        kept16: DFF<Bits<N>>,
        some16: DFF<Bit>,
        port16: DFF<Bits<6>>,
        bridge16: DFF<Bit>,
        row16: DFF<PortRow>,
        parsed16: DFF<Parsed>,
        vid16: DFF<Bits<12>>,
        binding_key: DFF<Bits<72>>,
        // Cycle c+17.
        hit17: DFF<Bit>,
        kept17: DFF<Bits<N>>,
        some17: DFF<Bit>,
        port17: DFF<Bits<6>>,
        bridge17: DFF<Bit>,
        check_source17: DFF<Bit>,
        drop17: DFF<Bit>,
        reason17: DFF<Bits<5>>,
        to_control17: DFF<Bit>,
        vid17: DFF<Bits<12>>,
        // Cycle c+18: the verdict, if none stands yet.
        judged18: DFF<Judged>,
        kept18: DFF<Bits<N>>,
        port18: DFF<Bits<6>>,
        vid18: DFF<Bits<12>>,
        word0: Signal<Local, Bits<16>>,
        word1: Signal<Local, Bits<16>>,
        word2: Signal<Local, Bits<16>>,
        sent: Signal<Local, Source>,
        from: Signal<Local, Source>,
        padded: Signal<Local, Bits<64>>,
        eight: Signal<Local, Bits<8>>,
        at: Signal<Local, Bits<3>>,
        low: Signal<Local, Bits<3>>,
        some: Signal<Local, Bits<8>>,
        lowest: Signal<Local, Bits<6>>,
        one: Signal<Local, Bits<N>>,
        kept: Signal<Local, Bits<N>>,
        tci: Signal<Local, Bits<16>>,
        vid: Signal<Local, Bits<12>>,
        judged: Signal<Local, Judged>,
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
            some13,
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
            named15,
            same15,
            same_rest15,
            hit16,
            kept16,
            some16,
            port16,
            bridge16,
            row16,
            parsed16,
            vid16,
            binding_key,
            hit17,
            kept17,
            some17,
            port17,
            bridge17,
            check_source17,
            drop17,
            reason17,
            to_control17,
            vid17,
            judged18,
            kept18,
            port18,
            vid18
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

        // Cycle c+12: the lowest of each eight.
        self.padded.next = bit_cast::<64, N>(self.listed.val());
        self.some.next = 0.into();
        for g in 0..8 {
            self.lowest13[g].clock.next = self.clk.val();
            self.lowest13[g].d.next = self.lowest13[g].q.val();
            self.eight.next = self.padded.val().get_bits::<8>(56 - g * 8);
            self.some.next = self.some.val().replace_bit(g, self.eight.val().any());
            self.low.next = 7.into();
            self.at.next = 6.into();
            for i in 1..8 {
                if self.eight.val().get_bit(7 - i) {
                    self.low.next = self.at.val();
                }
                self.at.next = self.at.val() - 1;
            }
            if self.en.val() {
                self.lowest13[g].d.next = self.low.val();
            }
        }
        if self.en.val() {
            self.hit13.d.next = self.hit.val();
            self.members13.d.next = self.listed.val();
            self.some13.d.next = self.some.val();
        }

        // Cycle c+13: the lowest of all.
        self.lowest.next = 0.into();
        self.at.next = 7.into();
        for g in 0..8 {
            self.low.next = self.lowest13[g].q.val();
            if self.some13.q.val().get_bit(g) {
                self.lowest.next =
                    (bit_cast::<6, 3>(self.at.val()) << 3) | bit_cast::<6, 3>(self.low.val());
            }
            self.at.next = self.at.val() - 1;
        }
        if self.en.val() {
            self.hit14.d.next = self.hit13.q.val();
            self.members14.d.next = self.members13.q.val();
            self.some14.d.next = self.some13.q.val().any();
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
            self.named15.d.next = self.from.val().named;
            self.same15.d.next = self.ports.same.val();
            self.same_rest15.d.next = self.ports.same_rest.val();
        }

        // Cycle c+15: pruning; the binding key.
        self.one.next = 1.into();
        self.kept.next = self.members15.q.val();
        if self.named15.q.val() {
            self.kept.next =
                self.members15.q.val() & (!(self.same15.q.val() & self.same_rest15.q.val()));
        }
        self.tci.next = self.parsed.val().tci;
        self.vid.next = self.tci.val().get_bits::<12>(0);
        if !self.vid.val().any() {
            self.vid.next = self.row15.q.val().pvid;
        }
        if self.en.val() {
            self.hit16.d.next = self.hit15.q.val();
            self.kept16.d.next = self.kept.val();
            if self.bridge15.q.val() {
                self.kept16.d.next = self.one.val() << self.port15.q.val();
            }
            self.some16.d.next = self.some15.q.val();
            self.port16.d.next = self.port15.q.val();
            self.bridge16.d.next = self.bridge15.q.val();
            self.row16.d.next = self.row15.q.val();
            self.parsed16.d.next = self.parsed.val();
            self.vid16.d.next = self.vid.val();
            self.binding_key.d.next = bit_cast::<72, 12>(self.vid.val())
                | (bit_cast::<72, 48>(self.parsed.val().mac) << 12)
                | (bit_cast::<72, 6>(self.port15.q.val()) << 60);
        }

        // Cycle c+16: whether somebody is left; the virtual port's checks.
        self.checks.parsed.next = self.parsed16.q.val();
        self.checks.guard.next = self.row16.q.val().guard;
        self.checks.control.next = self.row16.q.val().control;
        if self.en.val() {
            self.hit17.d.next = self.hit16.q.val();
            self.kept17.d.next = self.kept16.q.val();
            self.some17.d.next = self.kept16.q.val().any();
            if self.bridge16.q.val() {
                self.some17.d.next = self.some16.q.val();
            }
            self.port17.d.next = self.port16.q.val();
            self.bridge17.d.next = self.bridge16.q.val();
            self.check_source17.d.next = self.row16.q.val().check_source;
            self.drop17.d.next = self.checks.drop.val();
            self.reason17.d.next = self.checks.reason.val();
            self.to_control17.d.next = self.checks.to_control.val();
            if !self.row16.q.val().enabled {
                self.drop17.d.next = true;
                self.reason17.d.next = self.port_disabled.val();
            }
            self.vid17.d.next = self.vid16.q.val();
        }

        // Cycle c+17: what that makes of a frame that is still to be judged.
        self.judged.next.drop = false;
        self.judged.next.reason = self.reason17.q.val();
        self.judged.next.control = false;
        self.judged.next.at_port = false;
        self.judged.next.check_source = false;
        self.judged.next.at_vlan = false;
        if !self.hit17.q.val() {
            self.judged.next.drop = true;
            self.judged.next.reason = self.channel_miss.val();
        } else if !self.some17.q.val() {
            self.judged.next.drop = true;
            self.judged.next.reason = self.pruned.val();
        } else if self.bridge17.q.val() {
            self.judged.next.at_port = true;
            if self.drop17.q.val() {
                self.judged.next.drop = true;
                self.judged.next.at_vlan = true;
            } else if self.to_control17.q.val() {
                self.judged.next.control = true;
            } else {
                self.judged.next.check_source = self.check_source17.q.val();
            }
        }
        if self.en.val() {
            self.judged18.d.next = self.judged.val();
            self.kept18.d.next = self.kept17.q.val();
            if self.judged.val().control {
                self.kept18.d.next = 0.into();
            }
            self.port18.d.next = self.port17.q.val();
            self.vid18.d.next = self.vid17.q.val();
        }

        // Cycle c+18: the verdict.
        self.judging.next = self.s_verdict.val();
        self.judging.next.port = self.port18.q.val();
        self.judging.next.port_vlan = self.vid18.q.val();
        self.judging.next.members = bit_cast::<64, N>(self.kept18.q.val());
        if (!self.s_verdict.val().drop) & (!self.s_verdict.val().control) {
            self.judging.next.drop = self.judged18.q.val().drop;
            self.judging.next.control = self.judged18.q.val().control;
            self.judging.next.at_port = self.judged18.q.val().at_port;
            self.judging.next.check_source = self.judged18.q.val().check_source;
            if self.judged18.q.val().drop {
                self.judging.next.reason = self.judged18.q.val().reason;
            }
            if self.judged18.q.val().at_vlan {
                self.judging.next.vlan = self.vid18.q.val();
            }
            if self.judged18.q.val().control {
                self.judging.next.id =
                    self.port_control.val() | bit_cast::<8, 6>(self.port18.q.val());
            }
        } else if self.s_verdict.val().control {
            // No member gets what goes to the control port.
            self.judging.next.members = 0.into();
        }
        self.verdict.next = self.judging.val();
        self.key.next = self.binding_key.q.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("recipients", "6 clocks from the members")
            .with("PORTS", N)
            .with("LINKS", L)
            .says("Who of a channel's members gets a frame.")
            .timing()
    }
}
