// SPDX-License-Identifier: MIT
//! Gathers what member ports, and others of which there are few, count, and hands it out after each round of 128 clocks, one of
//! them a clock, to be drained (docs/pipeline.md, section 8). Behind it stands `drain`.

#![allow(missing_docs)] // of the methods that rust-hdl derives for a structure

use rust_hdl::prelude::*;

use super::known::Many;
use super::logic_block::logic_block;
use crate::verilog::About;

/// What was counted.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct Round {
    /// Frames: a clock has one at most.
    pub unicast: Bits<8>,
    pub multicast: Bits<8>,
    pub broadcast: Bits<8>,
    /// Octets: one frame's may have come before the round.
    pub octets: Bits<17>,
}

logic_block! {
    /// One of those who count.
    ///
    /// Its totals run free, through a reset too: a round's are what they grew by, in as many bits as a round needs. So a count only
    /// enables them.
    pub struct Gatherer {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// A copy counts.
        pub add: Signal<In, Bit>,
        /// A cycle later: its destination is unicast.
        pub unicast: Signal<In, Bit>,
        /// Multicast.
        pub multicast: Signal<In, Bit>,
        /// Broadcast.
        pub broadcast: Signal<In, Bit>,
        /// Octets.
        pub octets: Signal<In, Bits<16>>,
        /// The round ended with the cycle before.
        pub ended: Signal<In, Bit>,
        /// What the one behind this one shows.
        pub behind: Signal<In, Round>,
        /// What was counted until the round ended; then what those behind did.
        pub shown: Signal<Out, Round>,
        adds: DFF<Bit>,
        shows: DFF<Bit>,
        total: DFF<Round>,
        full: DFF<Round>,
        more: Signal<Local, Round>,
    }
}

impl Logic for Gatherer {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, adds, shows, total, full);
        self.shown.next = self.full.q.val();
        self.adds.d.next = self.add.val();
        // Each works this out from itself, so that no tool makes all of them one, which could not reach all totals in a clock.
        self.shows.d.next = self.ended.val() & (!self.shows.q.val());
        // Added, not enabled: an enable of its own for eight bits costs more than it saves.
        self.more.next.unicast = 0.into();
        self.more.next.multicast = 0.into();
        self.more.next.broadcast = 0.into();
        self.more.next.octets = bit_cast::<17, 16>(self.octets.val());
        if self.adds.q.val() & self.unicast.val() {
            self.more.next.unicast = 1.into();
        }
        if self.adds.q.val() & self.multicast.val() {
            self.more.next.multicast = 1.into();
        }
        if self.adds.q.val() & self.broadcast.val() {
            self.more.next.broadcast = 1.into();
        }
        self.total.d.next.unicast = self.total.q.val().unicast + self.more.val().unicast;
        self.total.d.next.multicast = self.total.q.val().multicast + self.more.val().multicast;
        self.total.d.next.broadcast = self.total.q.val().broadcast + self.more.val().broadcast;
        if self.adds.q.val() {
            self.total.d.next.octets = self.total.q.val().octets + self.more.val().octets;
        }
        self.full.d.next = self.behind.val();
        if self.shows.q.val() {
            self.full.d.next = self.total.q.val();
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("gatherer", "a round").timing()
    }
}

logic_block! {
    /// `N` who may count the same.
    pub struct Gather<const N: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Those who get a copy of a frame that counts.
        pub members: Signal<In, Bits<N>>,
        /// Destination: 0 unicast, 1 multicast, 2 broadcast.
        pub class: Signal<In, Bits<2>>,
        /// Octets.
        pub octets: Signal<In, Bits<16>>,
        /// The round ends with this cycle.
        pub ends: Signal<In, Bit>,
        /// What whoever is behind the last shows.
        pub behind: Signal<In, Round>,
        /// From the third cycle after it on: what number 0, 1, ... has counted in all when it ended.
        pub shown: Signal<Out, Round>,
        ports: Many<Gatherer, N>,
        unicast: DFF<Bit>,
        multicast: DFF<Bit>,
        broadcast: DFF<Bit>,
        counted: DFF<Bits<16>>,
        ended: DFF<Bit>,
        before: Signal<Local, Round>,
    }
}

impl<const N: usize> Logic for Gather<N> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, unicast, multicast, broadcast, counted, ended);
        self.unicast.d.next = self.class.val() == 0;
        self.multicast.d.next = self.class.val() == 1;
        self.broadcast.d.next = self.class.val().get_bit(1);
        self.counted.d.next = self.octets.val();
        self.ended.d.next = self.ends.val();
        for i in 0..N {
            self.ports[i].clk.next = self.clk.val();
            self.ports[i].add.next = self.members.val().get_bit(i);
            self.ports[i].unicast.next = self.unicast.q.val();
            self.ports[i].multicast.next = self.multicast.q.val();
            self.ports[i].broadcast.next = self.broadcast.q.val();
            self.ports[i].octets.next = self.counted.q.val();
            self.ports[i].ended.next = self.ended.q.val();
            self.ports[i].behind.next = self.behind.val();
        }
        for i in 1..N {
            self.before.next = self.ports[i].shown.val();
            self.ports[i - 1].behind.next = self.before.val();
        }
        self.shown.next = self.ports[0].shown.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("gather", "a round")
            .with("PORTS", N)
            .says("What member ports count in 128 clocks.")
            .timing()
    }
}
