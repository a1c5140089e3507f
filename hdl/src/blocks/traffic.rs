// SPDX-License-Identifier: MIT
//! Traffic counters of a group of entities: frames by class, and octets (docs/pipeline.md, section 8).

use rust_hdl::prelude::*;
use vireo_spec::rows::traffic;

use super::counter::Counter;
use super::gather::Round;
use super::known::Fixed;
use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// `2^A` entities.
    pub struct Traffic<const A: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// An entity counts.
        pub add: Signal<In, Bit>,
        /// In this bank.
        pub bank: Signal<In, Bit>,
        /// The entity.
        pub row: Signal<In, Bits<A>>,
        /// What it counts.
        pub amount: Signal<In, Round>,
        /// A bit a bank: `other` is cleared in it.
        pub clear: Signal<In, Bits<2>>,
        /// The row that is cleared, or that software reads.
        pub other: Signal<In, Bits<A>>,
        /// The bank that software reads.
        pub shown: Signal<In, Bit>,
        /// The row of two cycles ago, as software has it.
        pub value: Signal<Out, Bits<144>>,
        unicast: Counter<A, 32>,
        multicast: Counter<A, 32>,
        broadcast: Counter<A, 32>,
        octets: Counter<A, 48>,
        unicast_at: Fixed<{ traffic::UNICAST.low }, 8>,
        multicast_at: Fixed<{ traffic::MULTICAST.low }, 8>,
        broadcast_at: Fixed<{ traffic::BROADCAST.low }, 8>,
        octets_at: Fixed<{ traffic::OCTETS.low }, 8>,
    }
}

impl<const A: usize> Logic for Traffic<A> {
    #[hdl_gen]
    fn update(&mut self) {
        self.unicast.clk.next = self.clk.val();
        self.multicast.clk.next = self.clk.val();
        self.broadcast.clk.next = self.clk.val();
        self.octets.clk.next = self.clk.val();
        self.unicast.rst.next = self.rst.val();
        self.multicast.rst.next = self.rst.val();
        self.broadcast.rst.next = self.rst.val();
        self.octets.rst.next = self.rst.val();
        self.unicast.add.next = self.add.val() & self.amount.val().unicast.any();
        self.multicast.add.next = self.add.val() & self.amount.val().multicast.any();
        self.broadcast.add.next = self.add.val() & self.amount.val().broadcast.any();
        self.octets.add.next = self.add.val();
        self.unicast.amount.next = bit_cast::<32, 8>(self.amount.val().unicast);
        self.multicast.amount.next = bit_cast::<32, 8>(self.amount.val().multicast);
        self.broadcast.amount.next = bit_cast::<32, 8>(self.amount.val().broadcast);
        self.octets.amount.next = bit_cast::<48, 16>(self.amount.val().octets);
        self.unicast.bank.next = self.bank.val();
        self.multicast.bank.next = self.bank.val();
        self.broadcast.bank.next = self.bank.val();
        self.octets.bank.next = self.bank.val();
        self.unicast.row.next = self.row.val();
        self.multicast.row.next = self.row.val();
        self.broadcast.row.next = self.row.val();
        self.octets.row.next = self.row.val();
        self.unicast.clear.next = self.clear.val();
        self.multicast.clear.next = self.clear.val();
        self.broadcast.clear.next = self.clear.val();
        self.octets.clear.next = self.clear.val();
        self.unicast.other.next = self.other.val();
        self.multicast.other.next = self.other.val();
        self.broadcast.other.next = self.other.val();
        self.octets.other.next = self.other.val();
        self.unicast.shown.next = self.shown.val();
        self.multicast.shown.next = self.shown.val();
        self.broadcast.shown.next = self.shown.val();
        self.octets.shown.next = self.shown.val();
        self.value.next = ((bit_cast::<144, 32>(self.unicast.value.val())
            << self.unicast_at.val())
            | (bit_cast::<144, 32>(self.multicast.value.val()) << self.multicast_at.val()))
            | ((bit_cast::<144, 32>(self.broadcast.value.val()) << self.broadcast_at.val())
                | (bit_cast::<144, 48>(self.octets.value.val()) << self.octets_at.val()));
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("traffic", "4 clocks").with("ROWS", 1 << A).timing()
    }
}
