// SPDX-License-Identifier: MIT
//! Counters: every frame once where it entered and once for each copy, in two banks that swap in one clock (docs/pipeline.md,
//! section 8).

use rust_hdl::prelude::*;
use vireo_spec::table::Entity;

use super::counter::Counter;
use super::drain::{Drain, LastDrained};
use super::gather::{Gather, Round};
use super::known::{Fixed, Known, Value};
use super::logic_block::logic_block;
use super::tally::Count;
use super::traffic::Traffic;
use crate::verilog::About;

/// The first link among the entities that are drained: out, or with `IN` in.
pub struct DrainedLink<const N: usize, const L: usize, const IN: usize>;

impl<const N: usize, const L: usize, const IN: usize> Value<7> for DrainedLink<N, L, IN> {
    fn value() -> Bits<7> {
        Bits::from((N + IN * L) as u64)
    }
}

logic_block! {
    /// For `N` ports and `L` links; `2^PR` rows of dispositions of ports, `2^GR` of groups. Kinds of entities are counted side by side.
    pub struct Counters<const N: usize, const L: usize, const PR: usize, const GR: usize> {
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
        /// The row that software reads.
        pub row: Signal<In, Bits<14>>,
        /// Of `traffic`.
        pub of_traffic: Signal<In, Bit>,
        /// Of `disposition`.
        pub of_disposition: Signal<In, Bit>,
        /// The `traffic` row that was asked for six cycles ago, or 0.
        pub traffic: Signal<Out, Bits<144>>,
        /// The `disposition` row that was asked for six cycles ago, or 0.
        pub disposition: Signal<Out, Bits<32>>,
        entered_up: Traffic<8>,
        drained: Traffic<7>,
        port_in: Counter<PR, 32>,
        group_in: Counter<GR, 32>,
        control_in: Counter<5, 32>,
        link_in: Counter<8, 32>,
        port_out: Counter<PR, 32>,
        gather: Gather<N>,
        links_out: Gather<L>,
        links_in: Gather<L>,
        control_up: Gather<1>,
        control_down: Gather<1>,
        drain: Drain<N, L>,
        asked: DFF<Bits<14>>,
        asked_drained: DFF<Bits<7>>,
        clearing_banks: DFF<Bits<2>>,
        shows_entered: DFF<Bit>,
        shows_drained: DFF<Bit>,
        shows_port_in: DFF<Bit>,
        shows_group_in: DFF<Bit>,
        shows_control_in: DFF<Bit>,
        shows_link_in: DFF<Bit>,
        shows_port_out: DFF<Bit>,
        traffic_row: DFF<Bits<144>>,
        disposition_row: DFF<Bits<32>>,
        bank: DFF<Bit>,
        bank_before: DFF<Bit>,
        // This is a round's last cycle; the one behind it.
        turns: DFF<Bit>,
        ended: DFF<Bit>,
        clearing: DFF<Bits<12>>,
        clears: DFF<Bit>,
        waits: DFF<Bit>,
        busy_now: DFF<Bit>,
        settles: DFF<Bit>,
        settled: DFF<Bit>,
        until: DFF<Bits<8>>,
        ends: Signal<Local, Bit>,
        swaps: Signal<Local, Bit>,
        clear: Signal<Local, Bits<2>>,
        cleared: Signal<Local, Bits<12>>,
        index: Signal<Local, Bits<6>>,
        slot: Signal<Local, Bits<7>>,
        amount: Signal<Local, Round>,
        kind: Signal<Local, Bits<3>>,
        entity: Signal<Local, Bits<9>>,
        copied: Signal<Local, Bits<N>>,
        left: Signal<Local, Bits<L>>,
        came: Signal<Local, Bits<L>>,
        controlled: Signal<Local, Bits<1>>,
        ports: Fixed<N, 7>,
        number_links: Fixed<L, 7>,
        last_drained: Known<LastDrained<N, L>, 7>,
        first_out: Known<DrainedLink<N, L, 0>, 7>,
        first_in: Known<DrainedLink<N, L, 1>, 7>,
        at_control_up: Known<DrainedLink<N, L, 2>, 7>,
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

impl<const N: usize, const L: usize, const PR: usize, const GR: usize> Logic
    for Counters<N, L, PR, GR>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clk,
            bank,
            bank_before,
            turns,
            ended,
            clearing,
            clears,
            waits,
            busy_now,
            settles,
            settled,
            until,
            asked,
            asked_drained,
            clearing_banks,
            shows_entered,
            shows_drained,
            shows_port_in,
            shows_group_in,
            shows_control_in,
            shows_link_in,
            shows_port_out,
            traffic_row,
            disposition_row
        );
        self.entered_up.clk.next = self.clk.val();
        self.drained.clk.next = self.clk.val();
        self.drain.clk.next = self.clk.val();
        self.links_out.clk.next = self.clk.val();
        self.links_in.clk.next = self.clk.val();
        self.control_up.clk.next = self.clk.val();
        self.control_down.clk.next = self.clk.val();
        self.port_in.clk.next = self.clk.val();
        self.group_in.clk.next = self.clk.val();
        self.control_in.clk.next = self.clk.val();
        self.link_in.clk.next = self.clk.val();
        self.port_out.clk.next = self.clk.val();
        self.gather.clk.next = self.clk.val();
        self.entered_up.rst.next = self.rst.val();
        self.drained.rst.next = self.rst.val();
        self.drain.rst.next = self.rst.val();
        self.port_in.rst.next = self.rst.val();
        self.group_in.rst.next = self.rst.val();
        self.control_in.rst.next = self.rst.val();
        self.link_in.rst.next = self.rst.val();
        self.port_out.rst.next = self.rst.val();

        // The snapshot: clear the idle bank, wait for a round's end, swap, wait until what is under way has counted.
        self.busy.next = self.busy_now.q.val();
        self.complete.next = self.settled.q.val();
        self.turns.d.next = self.tick.val().get_bits::<7>(0) == 126;
        self.swaps.next = self.waits.q.val() & self.turns.q.val();
        if self.turns.q.val() {
            self.waits.d.next = false;
        }
        if self.snapshot.val() {
            self.busy_now.d.next = true;
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
        self.until.d.next = self.until.q.val() - 1;
        self.settled.d.next = self.settles.q.val() & (self.until.q.val() == 2);
        if self.settled.q.val() {
            self.busy_now.d.next = false;
            self.settles.d.next = false;
        }
        if self.swaps.val() {
            self.bank.d.next = !self.bank.q.val();
            self.settles.d.next = true;
            self.until.d.next = 160.into();
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
        self.clearing_banks.d.next = self.clear.val();

        // Where it is cleared, or what software reads: the row stands while it is read.
        self.asked.d.next = self.row.val();
        self.kind.next = self.row.val().get_bits::<3>(6);
        self.index.next = self.row.val().get_bits::<6>(0);
        self.shows_entered.d.next = self.of_traffic.val()
            & ((self.kind.val() == self.kind_port_in.val())
                | (self.kind.val() == self.kind_group_in.val())
                | (self.kind.val() == self.kind_control_in.val()));
        self.shows_drained.d.next = false;
        self.slot.next = bit_cast::<7, 6>(self.index.val());
        if self.kind.val() == self.kind_port_out.val() {
            self.shows_drained.d.next =
                self.of_traffic.val() & (bit_cast::<7, 6>(self.index.val()) < self.ports.val());
        } else if self.kind.val() == self.kind_link_out.val() {
            self.slot.next = bit_cast::<7, 6>(self.index.val()) + self.first_out.val();
            self.shows_drained.d.next = self.of_traffic.val()
                & (bit_cast::<7, 6>(self.index.val()) < self.number_links.val());
        } else if self.kind.val() == self.kind_link_in.val() {
            self.slot.next = bit_cast::<7, 6>(self.index.val()) + self.first_in.val();
            self.shows_drained.d.next = self.of_traffic.val()
                & (bit_cast::<7, 6>(self.index.val()) < self.number_links.val());
        } else if self.kind.val() == self.kind_control_at_link.val() {
            self.slot.next = self.at_control_up.val();
            self.shows_drained.d.next = self.of_traffic.val() & (!self.index.val().any());
        } else if self.kind.val() == self.kind_control_out.val() {
            self.slot.next = self.last_drained.val();
            self.shows_drained.d.next = self.of_traffic.val() & (!self.index.val().any());
        }
        self.asked_drained.d.next = self.slot.val();
        if self.sweep.val() | self.clears.q.val() {
            self.asked.d.next = bit_cast::<14, 12>(self.cleared.val());
            self.asked_drained.d.next = self.cleared.val().get_bits::<7>(0);
        }
        self.kind.next = self.row.val().get_bits::<3>(11);
        self.index.next = self.row.val().get_bits::<6>(5);
        self.shows_port_in.d.next = self.of_disposition.val()
            & (self.kind.val() == self.kind_port_in.val())
            & (bit_cast::<7, 6>(self.index.val()) < self.ports.val());
        self.shows_group_in.d.next = self.of_disposition.val()
            & (self.kind.val() == self.kind_group_in.val())
            & (bit_cast::<14, 11>(self.row.val().get_bits::<11>(0))
                == bit_cast::<14, GR>(bit_cast::<GR, 14>(self.row.val())));
        self.shows_control_in.d.next = self.of_disposition.val()
            & (self.kind.val() == self.kind_control_in.val())
            & (!self.index.val().any());
        self.shows_link_in.d.next = self.of_disposition.val()
            & (self.kind.val() == self.kind_link_in.val())
            & (bit_cast::<7, 6>(self.index.val()) < self.number_links.val());
        self.shows_port_out.d.next = self.of_disposition.val()
            & (self.kind.val() == self.kind_port_out.val())
            & (bit_cast::<7, 6>(self.index.val()) < self.ports.val());
        self.entered_up.clear.next = self.clearing_banks.q.val();
        self.entered_up.shown.next = !self.bank.q.val();
        self.entered_up.shows.next = self.shows_entered.q.val();
        self.entered_up.other.next = bit_cast::<8, 14>(self.asked.q.val());
        self.drained.clear.next = self.clearing_banks.q.val();
        self.drained.shown.next = !self.bank.q.val();
        self.drained.shows.next = self.shows_drained.q.val();
        self.drained.other.next = self.asked_drained.q.val();
        self.port_in.clear.next = self.clearing_banks.q.val();
        self.port_in.shown.next = !self.bank.q.val();
        self.port_in.shows.next = self.shows_port_in.q.val();
        self.port_in.other.next = bit_cast::<PR, 14>(self.asked.q.val());
        self.group_in.clear.next = self.clearing_banks.q.val();
        self.group_in.shown.next = !self.bank.q.val();
        self.group_in.shows.next = self.shows_group_in.q.val();
        self.group_in.other.next = bit_cast::<GR, 14>(self.asked.q.val());
        self.control_in.clear.next = self.clearing_banks.q.val();
        self.control_in.shown.next = !self.bank.q.val();
        self.control_in.shows.next = self.shows_control_in.q.val();
        self.control_in.other.next = bit_cast::<5, 14>(self.asked.q.val());
        self.link_in.clear.next = self.clearing_banks.q.val();
        self.link_in.shown.next = !self.bank.q.val();
        self.link_in.shows.next = self.shows_link_in.q.val();
        self.link_in.other.next = bit_cast::<8, 14>(self.asked.q.val());
        self.port_out.clear.next = self.clearing_banks.q.val();
        self.port_out.shown.next = !self.bank.q.val();
        self.port_out.shows.next = self.shows_port_out.q.val();
        self.port_out.other.next = bit_cast::<PR, 14>(self.asked.q.val());
        self.traffic_row.d.next = self.entered_up.value.val() | self.drained.value.val();
        self.disposition_row.d.next =
            (self.port_in.value.val() | self.group_in.value.val() | self.control_in.value.val())
                | (self.link_in.value.val() | self.port_out.value.val());
        self.traffic.next = self.traffic_row.q.val();
        self.disposition.next = self.disposition_row.q.val();

        // Counts come a cycle late; so do the bank and the round's end.
        self.bank_before.d.next = self.bank.q.val();
        self.ended.d.next = self.turns.q.val();
        self.ends.next = self.ended.q.val();
        self.entered_up.bank.next = self.bank_before.q.val();
        self.drained.bank.next = self.drain.drained_bank.val();
        self.port_in.bank.next = self.bank_before.q.val();
        self.group_in.bank.next = self.bank_before.q.val();
        self.control_in.bank.next = self.bank_before.q.val();
        self.link_in.bank.next = self.bank_before.q.val();
        self.port_out.bank.next = self.bank_before.q.val();

        // Encapsulate.
        self.entered_up.again.next = true;
        self.drained.again.next = false;
        self.amount.next.unicast = 0.into();
        self.amount.next.multicast = 0.into();
        self.amount.next.broadcast = 0.into();
        self.amount.next.octets = bit_cast::<17, 16>(self.up.val().octets);
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
        self.port_in.add.next = self.up.val().valid & (self.kind.val() == self.kind_port_in.val());
        self.group_in.add.next =
            self.up.val().valid & (self.kind.val() == self.kind_group_in.val());
        self.control_in.add.next =
            self.up.val().valid & (self.kind.val() == self.kind_control_in.val());
        self.port_in.row.next = (bit_cast::<PR, 6>(self.entity.val().get_bits::<6>(0)) << 5)
            | bit_cast::<PR, 5>(self.up.val().disposition);
        self.group_in.row.next = (bit_cast::<GR, 6>(self.entity.val().get_bits::<6>(0)) << 5)
            | bit_cast::<GR, 5>(self.up.val().disposition);
        self.control_in.row.next = self.up.val().disposition;

        // Decapsulate.
        self.link_in.add.next = self.down.val().valid;
        self.link_in.row.next = (bit_cast::<8, 3>(self.down.val().link) << 5)
            | bit_cast::<8, 5>(self.down.val().disposition);
        self.port_out.add.next = self.down.val().valid & self.down.val().at_port;
        self.port_out.row.next = (bit_cast::<PR, 6>(self.down.val().port) << 5)
            | bit_cast::<PR, 5>(self.down.val().port_disposition);
        self.copied.next = 0.into();
        if self.down.val().valid & self.down.val().forwarded {
            self.copied.next = bit_cast::<N, 64>(self.members.val());
        }
        self.gather.members.next = self.copied.val();
        self.gather.class.next = self.down.val().class;
        self.gather.octets.next = self.down.val().out_octets;
        self.gather.ends.next = self.ends.val();

        // Who counts often but is one of few is gathered too: links, then control, behind the ports.
        self.left.next = 0.into();
        self.came.next = 0.into();
        for i in 0..L {
            self.left.next = self.left.val().replace_bit(
                i,
                self.up.val().valid & self.up.val().forwarded & (self.up.val().link.index() == i),
            );
            self.came.next = self
                .came
                .val()
                .replace_bit(i, self.down.val().valid & (self.down.val().link.index() == i));
        }
        self.gather.behind.next = self.links_out.shown.val();
        self.links_out.members.next = self.left.val();
        self.links_out.class.next = self.up.val().class;
        self.links_out.octets.next = self.up.val().out_octets;
        self.links_out.ends.next = self.ends.val();
        self.links_out.behind.next = self.links_in.shown.val();
        self.links_in.members.next = self.came.val();
        self.links_in.class.next = self.down.val().class;
        self.links_in.octets.next = self.down.val().octets;
        self.links_in.ends.next = self.ends.val();
        self.links_in.behind.next = self.control_up.shown.val();
        self.controlled.next = 0.into();
        self.controlled.next =
            self.controlled.val().replace_bit(0, self.up.val().valid & self.up.val().control);
        self.control_up.members.next = self.controlled.val();
        self.control_up.class.next = self.up.val().class;
        self.control_up.octets.next = self.up.val().out_octets;
        self.control_up.ends.next = self.ends.val();
        self.control_up.behind.next = self.control_down.shown.val();
        self.controlled.next =
            self.controlled.val().replace_bit(0, self.down.val().valid & self.down.val().control);
        self.control_down.members.next = self.controlled.val();
        self.control_down.class.next = self.down.val().class;
        self.control_down.octets.next = self.down.val().out_octets;
        self.control_down.ends.next = self.ends.val();
        self.control_down.behind.next.unicast = 0.into();
        self.control_down.behind.next.multicast = 0.into();
        self.control_down.behind.next.broadcast = 0.into();
        self.control_down.behind.next.octets = 0.into();
        self.drain.sweep.next = self.sweep.val();
        self.drain.ends.next = self.ends.val();
        self.drain.bank.next = self.bank_before.q.val();
        self.drain.gathered.next = self.gather.shown.val();
        self.drained.add.next = self.drain.add.val();
        self.drained.row.next = self.drain.row.val();
        self.drained.amount.next = self.drain.amount.val();

        if self.rst.val() {
            self.bank.d.next = false;
            self.bank_before.d.next = false;
            self.turns.d.next = false;
            self.ended.d.next = false;
            self.clears.d.next = false;
            self.waits.d.next = false;
            self.busy_now.d.next = false;
            self.settles.d.next = false;
            self.settled.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("counters", "a round of 128 clocks")
            .with("PORTS", N)
            .says("Every frame once where it entered and once for each copy, in two banks that swap in one clock.")
            .timing()
    }
}
