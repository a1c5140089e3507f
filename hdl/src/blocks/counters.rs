// SPDX-License-Identifier: MIT
//! Counters: every frame once where it entered and once for each copy, in two banks that swap in one clock (docs/pipeline.md,
//! section 8).

use rust_hdl::prelude::*;
use vireo_spec::table::Entity;

use super::counter::Counter;
use super::gather::{Gather, Round};
use super::known::Fixed;
use super::logic_block::logic_block;
use super::tally::Count;
use super::traffic::Traffic;
use crate::verilog::About;

logic_block! {
    /// For `N` ports. Kinds of entities are counted side by side: 64 of each at most, in the low bits of their code.
    pub struct Counters<const N: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// The tables are swept; the number of the cycle.
        pub sweep: Signal<In, Bit>,
        /// Cycles since the sweep began.
        pub tick: Signal<In, Bits<12>>,
        /// `snapshot` is written in this cycle.
        pub snapshot: Signal<In, Bit>,
        /// `status.busy`.
        pub busy: Signal<Out, Bit>,
        /// A snapshot is complete at the end of this cycle.
        pub complete: Signal<Out, Bit>,
        /// What frames of encapsulate count as, a cycle after they do.
        pub up: Signal<In, Count>,
        /// What frames of decapsulate count as.
        pub down: Signal<In, Count>,
        /// Their member ports.
        pub members: Signal<In, Bits<64>>,
        /// The row that software reads: of `traffic`, or of `disposition`.
        pub row: Signal<In, Bits<14>>,
        /// The `traffic` row of two cycles ago.
        pub traffic: Signal<Out, Bits<144>>,
        /// The `disposition` row of two cycles ago.
        pub disposition: Signal<Out, Bits<32>>,
        entered_up: Traffic<8>,
        left_up: Traffic<4>,
        entered_down: Traffic<3>,
        left_down: Traffic<1>,
        copies: Traffic<6>,
        port_in: Counter<11, 32>,
        group_in: Counter<11, 32>,
        control_in: Counter<5, 32>,
        link_in: Counter<8, 32>,
        port_out: Counter<11, 32>,
        gather: Gather<N>,
        bank: DFF<Bit>,
        bank_before: DFF<Bit>,
        phase_before: DFF<Bits<7>>,
        clearing: DFF<Bits<12>>,
        clears: DFF<Bit>,
        waits: DFF<Bit>,
        settles: DFF<Bits<8>>,
        draining: DFF<Bits<7>>,
        drains: DFF<Bit>,
        drained_bank: DFF<Bit>,
        ends: Signal<Local, Bit>,
        swaps: Signal<Local, Bit>,
        clear: Signal<Local, Bits<2>>,
        cleared: Signal<Local, Bits<12>>,
        entity_row: Signal<Local, Bits<9>>,
        disposition_row: Signal<Local, Bits<14>>,
        amount: Signal<Local, Round>,
        kind: Signal<Local, Bits<3>>,
        entity: Signal<Local, Bits<9>>,
        copied: Signal<Local, Bits<N>>,
        traffic_word: Signal<Local, Bits<144>>,
        disposition_word: Signal<Local, Bits<32>>,
        kind_port_in: Fixed<{ (Entity::PortIn(0).code() >> 6) as usize }, 3>,
        kind_group_in: Fixed<{ (Entity::GroupIn(0).code() >> 6) as usize }, 3>,
        kind_control_in: Fixed<{ (Entity::ControlIn.code() >> 6) as usize }, 3>,
        kind_link_in: Fixed<{ (Entity::LinkIn(0).code() >> 6) as usize }, 3>,
        kind_port_out: Fixed<{ (Entity::PortOut(0).code() >> 6) as usize }, 3>,
        kind_control_out: Fixed<{ (Entity::ControlOut.code() >> 6) as usize }, 3>,
        kind_link_out: Fixed<{ (Entity::LinkOut(0).code() >> 6) as usize }, 3>,
        kind_control_at_link: Fixed<{ (Entity::ControlOutAtLink.code() >> 6) as usize }, 3>,
    }
}

impl<const N: usize> Logic for Counters<N> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clk,
            bank,
            bank_before,
            phase_before,
            clearing,
            clears,
            waits,
            settles,
            draining,
            drains,
            drained_bank
        );
        self.entered_up.clk.next = self.clk.val();
        self.left_up.clk.next = self.clk.val();
        self.entered_down.clk.next = self.clk.val();
        self.left_down.clk.next = self.clk.val();
        self.copies.clk.next = self.clk.val();
        self.port_in.clk.next = self.clk.val();
        self.group_in.clk.next = self.clk.val();
        self.control_in.clk.next = self.clk.val();
        self.link_in.clk.next = self.clk.val();
        self.port_out.clk.next = self.clk.val();
        self.gather.clk.next = self.clk.val();
        self.entered_up.rst.next = self.rst.val();
        self.left_up.rst.next = self.rst.val();
        self.entered_down.rst.next = self.rst.val();
        self.left_down.rst.next = self.rst.val();
        self.copies.rst.next = self.rst.val();
        self.port_in.rst.next = self.rst.val();
        self.group_in.rst.next = self.rst.val();
        self.control_in.rst.next = self.rst.val();
        self.link_in.rst.next = self.rst.val();
        self.port_out.rst.next = self.rst.val();
        self.gather.rst.next = self.rst.val();

        // The snapshot: clear the idle bank, wait for a round's end, swap, wait until what is under way has counted.
        self.busy.next = self.clears.q.val() | self.waits.q.val() | self.settles.q.val().any();
        self.complete.next = self.settles.q.val() == 1;
        self.swaps.next = self.waits.q.val() & (self.tick.val().get_bits::<7>(0) == 127);
        if self.snapshot.val() {
            self.clears.d.next = true;
            self.clearing.d.next = 0.into();
        }
        if self.clears.q.val() {
            self.clearing.d.next = self.clearing.q.val() + 1;
            if self.clearing.q.val() == 2047 {
                self.clears.d.next = false;
                self.waits.d.next = true;
            }
        }
        if self.swaps.val() {
            self.waits.d.next = false;
            self.bank.d.next = !self.bank.q.val();
            self.settles.d.next = 160.into();
        }
        if self.settles.q.val().any() {
            self.settles.d.next = self.settles.q.val() - 1;
        }
        self.clear.next = 0.into();
        self.cleared.next = self.clearing.q.val();
        if self.sweep.val() {
            self.clear.next = 3.into();
            self.cleared.next = self.tick.val();
        } else if self.clears.q.val() {
            self.clear.next = 1.into();
            if !self.bank.q.val() {
                self.clear.next = 2.into();
            }
        }
        self.entity_row.next = self.row.val().get_bits::<9>(0);
        self.disposition_row.next = self.row.val();
        if self.sweep.val() | self.clears.q.val() {
            self.entity_row.next = self.cleared.val().get_bits::<9>(0);
            self.disposition_row.next = bit_cast::<14, 12>(self.cleared.val());
        }
        self.entered_up.clear.next = self.clear.val();
        self.left_up.clear.next = self.clear.val();
        self.entered_down.clear.next = self.clear.val();
        self.left_down.clear.next = self.clear.val();
        self.copies.clear.next = self.clear.val();
        self.port_in.clear.next = self.clear.val();
        self.group_in.clear.next = self.clear.val();
        self.control_in.clear.next = self.clear.val();
        self.link_in.clear.next = self.clear.val();
        self.port_out.clear.next = self.clear.val();
        self.entered_up.other.next = self.entity_row.val().get_bits::<8>(0);
        self.left_up.other.next = bit_cast::<4, 3>(self.entity_row.val().get_bits::<3>(0));
        if self.entity_row.val().get_bit(6) {
            self.left_up.other.next = bit_cast::<4, 3>(self.entity_row.val().get_bits::<3>(0)) | 8;
        }
        self.entered_down.other.next = bit_cast::<3, 9>(self.entity_row.val());
        self.left_down.other.next = bit_cast::<1, 9>(self.entity_row.val());
        self.copies.other.next = self.entity_row.val().get_bits::<6>(0);
        self.port_in.other.next = self.disposition_row.val().get_bits::<11>(0);
        self.group_in.other.next = self.disposition_row.val().get_bits::<11>(0);
        self.control_in.other.next = self.disposition_row.val().get_bits::<5>(0);
        self.link_in.other.next = self.disposition_row.val().get_bits::<8>(0);
        self.port_out.other.next = self.disposition_row.val().get_bits::<11>(0);
        self.entered_up.shown.next = !self.bank.q.val();
        self.left_up.shown.next = !self.bank.q.val();
        self.entered_down.shown.next = !self.bank.q.val();
        self.left_down.shown.next = !self.bank.q.val();
        self.copies.shown.next = !self.bank.q.val();
        self.port_in.shown.next = !self.bank.q.val();
        self.group_in.shown.next = !self.bank.q.val();
        self.control_in.shown.next = !self.bank.q.val();
        self.link_in.shown.next = !self.bank.q.val();
        self.port_out.shown.next = !self.bank.q.val();

        // Counts come a cycle late; so do the bank and the round's end.
        self.bank_before.d.next = self.bank.q.val();
        self.phase_before.d.next = self.tick.val().get_bits::<7>(0);
        self.ends.next = self.phase_before.q.val() == 127;
        self.entered_up.bank.next = self.bank_before.q.val();
        self.left_up.bank.next = self.bank_before.q.val();
        self.entered_down.bank.next = self.bank_before.q.val();
        self.left_down.bank.next = self.bank_before.q.val();
        self.copies.bank.next = self.drained_bank.q.val();
        self.port_in.bank.next = self.bank_before.q.val();
        self.group_in.bank.next = self.bank_before.q.val();
        self.control_in.bank.next = self.bank_before.q.val();
        self.link_in.bank.next = self.bank_before.q.val();
        self.port_out.bank.next = self.bank_before.q.val();

        // Encapsulate. Links, then what leaves to the control port at `m_link`.
        self.amount.next.unicast = 0.into();
        self.amount.next.multicast = 0.into();
        self.amount.next.broadcast = 0.into();
        self.amount.next.octets = self.up.val().octets;
        if self.up.val().class == 0 {
            self.amount.next.unicast = 1.into();
        } else if self.up.val().class == 1 {
            self.amount.next.multicast = 1.into();
        } else {
            self.amount.next.broadcast = 1.into();
        }
        self.entity.next = self.up.val().entity;
        self.kind.next = self.entity.val().get_bits::<3>(6);
        self.entered_up.add.next = self.up.val().valid;
        self.entered_up.row.next = self.entity.val().get_bits::<8>(0);
        self.entered_up.amount.next = self.amount.val();
        self.amount.next.octets = self.up.val().out_octets;
        self.left_up.add.next =
            self.up.val().valid & (self.up.val().forwarded | self.up.val().control);
        self.left_up.row.next = bit_cast::<4, 3>(self.up.val().link);
        if self.up.val().control {
            self.left_up.row.next = 8.into();
        }
        self.left_up.amount.next = self.amount.val();
        self.port_in.add.next = self.up.val().valid & (self.kind.val() == self.kind_port_in.val());
        self.group_in.add.next =
            self.up.val().valid & (self.kind.val() == self.kind_group_in.val());
        self.control_in.add.next =
            self.up.val().valid & (self.kind.val() == self.kind_control_in.val());
        self.port_in.row.next = (bit_cast::<11, 6>(self.entity.val().get_bits::<6>(0)) << 5)
            | bit_cast::<11, 5>(self.up.val().disposition);
        self.group_in.row.next = (bit_cast::<11, 6>(self.entity.val().get_bits::<6>(0)) << 5)
            | bit_cast::<11, 5>(self.up.val().disposition);
        self.control_in.row.next = self.up.val().disposition;

        // Decapsulate.
        self.amount.next.unicast = 0.into();
        self.amount.next.multicast = 0.into();
        self.amount.next.broadcast = 0.into();
        self.amount.next.octets = self.down.val().octets;
        if self.down.val().class == 0 {
            self.amount.next.unicast = 1.into();
        } else if self.down.val().class == 1 {
            self.amount.next.multicast = 1.into();
        } else {
            self.amount.next.broadcast = 1.into();
        }
        self.entered_down.add.next = self.down.val().valid;
        self.entered_down.row.next = self.down.val().link;
        self.entered_down.amount.next = self.amount.val();
        self.amount.next.octets = self.down.val().out_octets;
        self.left_down.add.next = self.down.val().valid & self.down.val().control;
        self.left_down.row.next = 0.into();
        self.left_down.amount.next = self.amount.val();
        self.link_in.add.next = self.down.val().valid;
        self.link_in.row.next = (bit_cast::<8, 3>(self.down.val().link) << 5)
            | bit_cast::<8, 5>(self.down.val().disposition);
        self.port_out.add.next = self.down.val().valid & self.down.val().at_port;
        self.port_out.row.next = (bit_cast::<11, 6>(self.down.val().port) << 5)
            | bit_cast::<11, 5>(self.down.val().port_disposition);
        self.copied.next = 0.into();
        if self.down.val().valid & self.down.val().forwarded {
            self.copied.next = bit_cast::<N, 64>(self.members.val());
        }
        self.gather.members.next = self.copied.val();
        self.gather.class.next = self.down.val().class;
        self.gather.octets.next = self.down.val().out_octets;
        self.gather.ends.next = self.ends.val();
        if self.drains.q.val() {
            self.draining.d.next = self.draining.q.val() + 1;
            if self.draining.q.val() == 63 {
                self.drains.d.next = false;
            }
        }
        if self.ends.val() {
            self.drains.d.next = true;
            self.draining.d.next = 0.into();
            self.drained_bank.d.next = self.bank_before.q.val();
        }
        self.copies.add.next = self.drains.q.val();
        self.copies.row.next = self.draining.q.val().get_bits::<6>(0);
        self.copies.amount.next = self.gather.shown.val();

        // What software reads; what no entity has reads as 0.
        self.traffic_word.next = 0.into();
        self.kind.next = self.row.val().get_bits::<3>(6);
        if (self.kind.val() == self.kind_port_in.val())
            | (self.kind.val() == self.kind_group_in.val())
            | (self.kind.val() == self.kind_control_in.val())
        {
            self.traffic_word.next = self.entered_up.value.val();
        } else if (self.kind.val() == self.kind_link_in.val())
            & (!self.row.val().get_bits::<3>(3).any())
        {
            self.traffic_word.next = self.entered_down.value.val();
        } else if self.kind.val() == self.kind_port_out.val() {
            self.traffic_word.next = self.copies.value.val();
        } else if (self.kind.val() == self.kind_control_out.val())
            & (!self.row.val().get_bits::<5>(1).any())
        {
            self.traffic_word.next = self.left_down.value.val();
        } else if ((self.kind.val() == self.kind_link_out.val())
            | (self.kind.val() == self.kind_control_at_link.val()))
            & (!self.row.val().get_bits::<3>(3).any())
        {
            self.traffic_word.next = self.left_up.value.val();
        }
        self.traffic.next = self.traffic_word.val();
        self.disposition_word.next = 0.into();
        self.kind.next = self.row.val().get_bits::<3>(11);
        if self.kind.val() == self.kind_port_in.val() {
            self.disposition_word.next = self.port_in.value.val();
        } else if self.kind.val() == self.kind_group_in.val() {
            self.disposition_word.next = self.group_in.value.val();
        } else if (self.kind.val() == self.kind_control_in.val())
            & (!self.row.val().get_bits::<6>(5).any())
        {
            self.disposition_word.next = self.control_in.value.val();
        } else if (self.kind.val() == self.kind_link_in.val())
            & (!self.row.val().get_bits::<3>(8).any())
        {
            self.disposition_word.next = self.link_in.value.val();
        } else if self.kind.val() == self.kind_port_out.val() {
            self.disposition_word.next = self.port_out.value.val();
        }
        self.disposition.next = self.disposition_word.val();
        if self.rst.val() {
            self.bank.d.next = false;
            self.bank_before.d.next = false;
            self.phase_before.d.next = 0.into();
            self.clears.d.next = false;
            self.waits.d.next = false;
            self.settles.d.next = 0.into();
            self.drains.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("counters", "a round of 128 clocks")
            .with("PORTS", N)
            .says("Every frame once where it entered and once for each copy, in two banks that swap in one clock.")
            .timing()
    }
}
