// SPDX-License-Identifier: MIT
//! Gathers what member ports, and others of which there are few, count in a round of 128 clocks, to be drained one a clock in the next (docs/pipeline.md, section 8).

#![allow(missing_docs)] // of the methods that rust-hdl derives for a structure

use rust_hdl::prelude::*;

use super::known::Many;
use super::logic_block::logic_block;
use crate::verilog::About;

/// What a port counted in a round.
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
    /// One port.
    pub struct Gatherer {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// A copy counts.
        pub add: Signal<In, Bit>,
        /// Destination: 0 unicast, 1 multicast, 2 broadcast.
        pub class: Signal<In, Bits<2>>,
        /// Octets.
        pub octets: Signal<In, Bits<16>>,
        /// The round ends with this cycle.
        pub ends: Signal<In, Bit>,
        /// What the port behind this one shows.
        pub next_port: Signal<In, Round>,
        /// What was counted in the round before; then what the ports behind did.
        pub shown: Signal<Out, Round>,
        sum: DFF<Round>,
        full: DFF<Round>,
        now: Signal<Local, Round>,
    }
}

impl Logic for Gatherer {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, sum, full);
        self.shown.next = self.full.q.val();
        self.now.next = self.sum.q.val();
        if self.add.val() {
            self.now.next.octets = self.sum.q.val().octets + bit_cast::<17, 16>(self.octets.val());
            if self.class.val() == 0 {
                self.now.next.unicast = self.sum.q.val().unicast + 1;
            } else if self.class.val() == 1 {
                self.now.next.multicast = self.sum.q.val().multicast + 1;
            } else {
                self.now.next.broadcast = self.sum.q.val().broadcast + 1;
            }
        }
        self.sum.d.next = self.now.val();
        self.full.d.next = self.next_port.val();
        if self.ends.val() {
            self.full.d.next = self.now.val();
        }
        if self.ends.val() | self.rst.val() {
            self.sum.d.next.unicast = 0.into();
            self.sum.d.next.multicast = 0.into();
            self.sum.d.next.broadcast = 0.into();
            self.sum.d.next.octets = 0.into();
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("gatherer", "a round").timing()
    }
}

logic_block! {
    /// `N` ports.
    pub struct Gather<const N: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// The ports that get a copy of a frame that counts.
        pub members: Signal<In, Bits<N>>,
        /// Destination: 0 unicast, 1 multicast, 2 broadcast.
        pub class: Signal<In, Bits<2>>,
        /// Octets.
        pub octets: Signal<In, Bits<16>>,
        /// The round ends with this cycle.
        pub ends: Signal<In, Bit>,
        /// What whoever is behind the last port shows.
        pub next_port: Signal<In, Round>,
        /// In the cycles after it: what port 0, 1, ... counted in it.
        pub shown: Signal<Out, Round>,
        ports: Many<Gatherer, N>,
        before: Signal<Local, Round>,
    }
}

impl<const N: usize> Logic for Gather<N> {
    #[hdl_gen]
    fn update(&mut self) {
        for i in 0..N {
            self.ports[i].clk.next = self.clk.val();
            self.ports[i].rst.next = self.rst.val();
            self.ports[i].add.next = self.members.val().get_bit(i);
            self.ports[i].class.next = self.class.val();
            self.ports[i].octets.next = self.octets.val();
            self.ports[i].ends.next = self.ends.val();
            self.ports[i].next_port.next = self.next_port.val();
        }
        for i in 1..N {
            self.before.next = self.ports[i].shown.val();
            self.ports[i - 1].next_port.next = self.before.val();
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
