// SPDX-License-Identifier: MIT
//! Recipients: who of a channel's members gets a frame, cycles `c+10` to `c+12` (docs/pipeline.md, 3.4; docs/rules.md,
//! "Enters at a link", 6 and 7). At a bridge that is the virtual port, which is judged as the host's port would be.

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

logic_block! {
    /// For `N = 2^PA` ports and `L` links.
    pub struct Recipients<const N: usize, const PA: usize, const L: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// The direction moves.
        pub en: Signal<In, Bit>,
        /// Rows that are written.
        pub commit: Signal<In, Commit>,
        /// The frame's channel has a row.
        pub hit: Signal<In, Bit>,
        /// The members in it.
        pub listed: Signal<In, Bits<N>>,
        /// What is known of the frame.
        pub s_verdict: Signal<In, Verdict>,
        /// What its header says.
        pub parsed: Signal<In, Parsed>,
        /// The link that it comes from.
        pub origin: Signal<In, Origin>,
        /// Two clocks later: what is known then, all but whether the source is bound.
        pub verdict: Signal<Out, Verdict>,
        /// Three clocks later: the virtual port, source address and VLAN, as the binding table has them.
        pub key: Signal<Out, Bits<72>>,
        ports: Members<N, PA, L>,
        checks: HostChecks,
        // Cycles c+11 and c+12.
        v11: DFF<Verdict>,
        parsed11: DFF<Parsed>,
        bridge11: DFF<Bit>,
        prune: DFF<Bit>,
        source: DFF<Bits<20>>,
        vif: DFF<Bit>,
        members11: DFF<Bits<N>>,
        v12: DFF<Verdict>,
        parsed12: DFF<Parsed>,
        bridge12: DFF<Bit>,
        members12: DFF<Bits<N>>,
        row12: DFF<PortRow>,
        enabled12: DFF<Bits<N>>,
        same12: DFF<Bits<N>>,
        binding_key: DFF<Bits<72>>,
        word0: Signal<Local, Bits<16>>,
        word1: Signal<Local, Bits<16>>,
        word2: Signal<Local, Bits<16>>,
        tci: Signal<Local, Bits<16>>,
        v10: Signal<Local, Verdict>,
        p10: Signal<Local, Parsed>,
        o10: Signal<Local, Origin>,
        lowest: Signal<Local, Bits<6>>,
        one: Signal<Local, Bits<N>>,
        judging: Signal<Local, Verdict>,
        head12: Signal<Local, Parsed>,
        kept: Signal<Local, Bits<N>>,
        vid: Signal<Local, Bits<12>>,
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
            v11,
            parsed11,
            bridge11,
            prune,
            source,
            vif,
            members11,
            v12,
            parsed12,
            bridge12,
            members12,
            row12,
            enabled12,
            same12,
            binding_key
        );
        self.ports.clk.next = self.clk.val();

        // Cycle c+10: the channel's members, and the lowest of them.
        self.v10.next = self.s_verdict.val();
        self.p10.next = self.parsed.val();
        self.o10.next = self.origin.val();
        // The lowest bit alone, by a carry.
        self.kept.next = self.listed.val() & ((!self.listed.val()) + 1);
        self.lowest.next = 0.into();
        for i in 0..N {
            if self.kept.val().get_bit(i) {
                self.lowest.next = self.lowest.val() | i.to_bits();
            }
        }
        if (!self.v10.val().drop) & (!self.v10.val().control) & (!self.hit.val()) {
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
            self.vif.d.next = self.o10.val().family == 1;
            self.source.d.next = 0.into();
            if self.o10.val().family == 0 {
                self.source.d.next = (bit_cast::<20, 12>(self.word0.val().get_bits::<12>(0)) << 8)
                    | bit_cast::<20, 8>(self.word2.val().get_bits::<8>(8));
                self.prune.d.next = self.word0.val().get_bits::<12>(0).any()
                    | self.word2.val().get_bits::<8>(8).any();
            } else if self.o10.val().family == 1 {
                self.source.d.next = bit_cast::<20, 12>(self.word1.val().get_bits::<12>(0));
                self.prune.d.next = self.word1.val().get_bit(15);
            }
        }

        // Cycle c+11: the lowest member's row, and every port's own channel.
        self.ports.commit.next = self.commit.val();
        self.ports.port.next = self.v11.q.val().port;
        self.ports.link.next = self.v11.q.val().link;
        self.ports.source.next = self.source.q.val();
        self.ports.vif.next = self.vif.q.val();
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
        self.verdict.next = self.judging.val();
        if self.en.val() {
            self.binding_key.d.next = bit_cast::<72, 12>(self.vid.val())
                | (bit_cast::<72, 48>(self.head12.val().mac) << 12)
                | (bit_cast::<72, 6>(self.v12.q.val().port) << 60);
        }
        self.key.next = self.binding_key.q.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("recipients", "2 clocks; 3 to the key")
            .with("PORTS", N)
            .with("LINKS", L)
            .says("Who of a channel's members gets a frame.")
            .timing()
    }
}
