// SPDX-License-Identifier: MIT
//! Traffic counters of a group of entities: frames by class, and octets (docs/pipeline.md, section 8).

#![allow(missing_docs)] // of the methods that rust-hdl derives for a structure

use rust_hdl::prelude::*;
use vireo_spec::rows::traffic;

use super::gather::Round;
use super::known::Fixed;
use super::ledger::Ledger;
use super::logic_block::logic_block;
use crate::verilog::About;

/// What an entity adds to its row at once: rounds of its own and those that follow each other.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    pub unicast: Bits<10>,
    pub multicast: Bits<10>,
    pub broadcast: Bits<10>,
    pub octets: Bits<19>,
}

logic_block! {
    /// Adds two; the second only if it counts.
    pub struct Adder {
        /// One.
        pub a: Signal<In, Sum>,
        /// The other.
        pub b: Signal<In, Sum>,
        /// It counts.
        pub both: Signal<In, Bit>,
        /// Their sum.
        pub sum: Signal<Out, Sum>,
        second: Signal<Local, Sum>,
    }
}

impl Logic for Adder {
    #[hdl_gen]
    fn update(&mut self) {
        self.second.next.unicast = 0.into();
        self.second.next.multicast = 0.into();
        self.second.next.broadcast = 0.into();
        self.second.next.octets = 0.into();
        if self.both.val() {
            self.second.next = self.b.val();
        }
        self.sum.next.unicast = self.a.val().unicast + self.second.val().unicast;
        self.sum.next.multicast = self.a.val().multicast + self.second.val().multicast;
        self.sum.next.broadcast = self.a.val().broadcast + self.second.val().broadcast;
        self.sum.next.octets = self.a.val().octets + self.second.val().octets;
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("traffic_adder", "no clock").timing()
    }
}

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
        /// An entity may count again within four clocks: constant.
        pub again: Signal<In, Bit>,
        /// Software reads the row.
        pub shows: Signal<In, Bit>,
        /// The bank that software reads.
        pub shown: Signal<In, Bit>,
        /// The row of four cycles ago, as software has it, or 0.
        pub value: Signal<Out, Bits<144>>,
        ledger: Ledger<A, 144>,
        // Amounts on their way; then a row's, those that it has not been given yet included.
        amounts: [DFF<Sum>; 5],
        late3: DFF<Sum>,
        early3: DFF<Sum>,
        sum4: DFF<Sum>,
        late: Adder,
        early: Adder,
        all: Adder,
        first: Adder,
        wide: Signal<Local, Sum>,
        nothing: Signal<Local, Sum>,
        now: Signal<Local, Sum>,
        row_before: Signal<Local, Bits<144>>,
        unicast_at: Fixed<{ traffic::UNICAST.low }, 8>,
        multicast_at: Fixed<{ traffic::MULTICAST.low }, 8>,
        broadcast_at: Fixed<{ traffic::BROADCAST.low }, 8>,
        octets_at: Fixed<{ traffic::OCTETS.low }, 8>,
    }
}

impl<const A: usize> Logic for Traffic<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, late3, early3, sum4);
        self.ledger.clk.next = self.clk.val();
        self.ledger.rst.next = self.rst.val();
        self.ledger.add.next = self.add.val();
        self.ledger.bank.next = self.bank.val();
        self.ledger.row.next = self.row.val();
        self.ledger.clear.next = self.clear.val();
        self.ledger.other.next = self.other.val();
        self.ledger.again.next = self.again.val();
        self.ledger.shows.next = self.shows.val();
        self.ledger.shown.next = self.shown.val();
        self.value.next = self.ledger.value.val();
        self.nothing.next.unicast = 0.into();
        self.nothing.next.multicast = 0.into();
        self.nothing.next.broadcast = 0.into();
        self.nothing.next.octets = 0.into();
        self.wide.next.unicast = bit_cast::<10, 8>(self.amount.val().unicast);
        self.wide.next.multicast = bit_cast::<10, 8>(self.amount.val().multicast);
        self.wide.next.broadcast = bit_cast::<10, 8>(self.amount.val().broadcast);
        self.wide.next.octets = bit_cast::<19, 17>(self.amount.val().octets);
        for i in 0..5 {
            self.amounts[i].clock.next = self.clk.val();
        }
        self.amounts[0].d.next = self.wide.val();
        for i in 1..5 {
            self.amounts[i].d.next = self.amounts[i - 1].q.val();
        }
        self.late.a.next = self.amounts[1].q.val();
        self.late.b.next = self.amounts[2].q.val();
        self.late.both.next = self.ledger.near.val().get_bit(0);
        self.first.a.next = self.nothing.val();
        self.first.b.next = self.amounts[3].q.val();
        self.first.both.next = self.ledger.near.val().get_bit(1);
        self.early.a.next = self.first.sum.val();
        self.early.b.next = self.amounts[4].q.val();
        self.early.both.next = self.ledger.near.val().get_bit(2);
        self.late3.d.next = self.late.sum.val();
        self.early3.d.next = self.early.sum.val();
        self.all.a.next = self.late3.q.val();
        self.all.b.next = self.early3.q.val();
        self.all.both.next = true;
        self.sum4.d.next = self.all.sum.val();
        self.now.next = self.sum4.q.val();
        self.row_before.next = self.ledger.before.val();
        self.ledger.after.next = ((bit_cast::<144, 32>(
            self.row_before.val().get_bits::<32>(self.unicast_at.val().index())
                + bit_cast::<32, 10>(self.now.val().unicast),
        ) << self.unicast_at.val())
            | (bit_cast::<144, 32>(
                self.row_before.val().get_bits::<32>(self.multicast_at.val().index())
                    + bit_cast::<32, 10>(self.now.val().multicast),
            ) << self.multicast_at.val()))
            | ((bit_cast::<144, 32>(
                self.row_before.val().get_bits::<32>(self.broadcast_at.val().index())
                    + bit_cast::<32, 10>(self.now.val().broadcast),
            ) << self.broadcast_at.val())
                | (bit_cast::<144, 48>(
                    self.row_before.val().get_bits::<48>(self.octets_at.val().index())
                        + bit_cast::<48, 19>(self.now.val().octets),
                ) << self.octets_at.val()));
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("traffic", "5 clocks").with("ROWS", 1 << A).timing()
    }
}
