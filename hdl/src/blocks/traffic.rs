// SPDX-License-Identifier: MIT
//! Traffic counters of a group of entities: frames by class, and octets (docs/pipeline.md, section 8).

use rust_hdl::prelude::*;
use vireo_spec::rows::traffic;

use super::gather::Round;
use super::known::Fixed;
use super::ledger::Ledger;
use super::logic_block::logic_block;
use super::pipe::Pipe;
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
        ledger: Ledger<A, 144>,
        amounts: Pipe<Round, 4>,
        now: Signal<Local, Round>,
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
        self.ledger.clk.next = self.clk.val();
        self.ledger.rst.next = self.rst.val();
        self.ledger.add.next = self.add.val();
        self.ledger.bank.next = self.bank.val();
        self.ledger.row.next = self.row.val();
        self.ledger.clear.next = self.clear.val();
        self.ledger.other.next = self.other.val();
        self.ledger.shown.next = self.shown.val();
        self.value.next = self.ledger.value.val();
        self.amounts.clk.next = self.clk.val();
        self.amounts.en.next = true;
        self.amounts.d.next = self.amount.val();
        self.now.next = self.amounts.q.val();
        self.row_before.next = self.ledger.before.val();
        self.ledger.after.next = ((bit_cast::<144, 32>(
            self.row_before.val().get_bits::<32>(self.unicast_at.val().index())
                + bit_cast::<32, 8>(self.now.val().unicast),
        ) << self.unicast_at.val())
            | (bit_cast::<144, 32>(
                self.row_before.val().get_bits::<32>(self.multicast_at.val().index())
                    + bit_cast::<32, 8>(self.now.val().multicast),
            ) << self.multicast_at.val()))
            | ((bit_cast::<144, 32>(
                self.row_before.val().get_bits::<32>(self.broadcast_at.val().index())
                    + bit_cast::<32, 8>(self.now.val().broadcast),
            ) << self.broadcast_at.val())
                | (bit_cast::<144, 48>(
                    self.row_before.val().get_bits::<48>(self.octets_at.val().index())
                        + bit_cast::<48, 16>(self.now.val().octets),
                ) << self.octets_at.val()));
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("traffic", "5 clocks").with("ROWS", 1 << A).timing()
    }
}
