// SPDX-License-Identifier: MIT
//! Events: a place for a waiting event of each direction, and the FIFO that software reads (docs/pipeline.md, section 9).

use rust_hdl::prelude::*;
use vireo_spec::registers::event;

use super::known::Fixed;
use super::logic_block::logic_block;
use super::tally::Event;
use crate::ram::RowRam;
use crate::verilog::About;

logic_block! {
    /// Sixteen events.
    pub struct Events {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// `event_enable`.
        pub enable: Signal<In, Bits<32>>,
        /// A frame was dropped at encapsulate in the cycle before.
        pub up: Signal<In, Bit>,
        /// Its event.
        pub up_event: Signal<In, Event>,
        /// A frame was dropped at decapsulate in the cycle before.
        pub down: Signal<In, Bit>,
        /// Its event.
        pub down_event: Signal<In, Event>,
        /// `event_pop` is written in this cycle.
        pub pop: Signal<In, Bit>,
        /// The sequence number written.
        pub pop_sequence: Signal<In, Bits<16>>,
        /// `event_level`.
        pub level: Signal<Out, Bits<5>>,
        /// `event_lost`.
        pub lost: Signal<Out, Bits<32>>,
        /// An event is lost in this cycle.
        pub loses: Signal<Out, Bit>,
        /// The words of `event`; anything while the FIFO is empty.
        pub head: Signal<Out, Bits<128>>,
        up_made: DFF<Bit>,
        up_new: DFF<Event>,
        down_made: DFF<Bit>,
        down_new: DFF<Event>,
        up_lost: DFF<Bit>,
        down_lost: DFF<Bit>,
        up_pending: DFF<Bit>,
        up_held: DFF<Event>,
        down_pending: DFF<Bit>,
        down_held: DFF<Event>,
        count: DFF<Bits<5>>,
        matches: DFF<Bit>,
        front: DFF<Bits<4>>,
        sequence: DFF<Bits<16>>,
        // The number of the head, or of the first to come.
        first: DFF<Bits<16>>,
        losses: DFF<Bits<32>>,
        fifo: RowRam<128, 4>,
        room: Signal<Local, Bit>,
        takes_up: Signal<Local, Bit>,
        takes_down: Signal<Local, Bit>,
        loses_up: Signal<Local, Bit>,
        loses_down: Signal<Local, Bit>,
        pops: Signal<Local, Bit>,
        wanted: Signal<Local, Bits<32>>,
        taken: Signal<Local, Event>,
        number: Signal<Local, Bits<16>>,
        row: Signal<Local, Bits<128>>,
        sequence_at: Fixed<{ event::SEQUENCE.low }, 7>,
        reason_at: Fixed<{ event::REASON.low }, 7>,
        entity_at: Fixed<{ event::ENTITY.low }, 7>,
        mac_at: Fixed<{ event::MAC.low }, 7>,
        vlan_at: Fixed<{ event::VLAN.low }, 7>,
        channel_at: Fixed<{ event::CHANNEL.low }, 7>,
        link_at: Fixed<{ event::LINK.low }, 7>,
    }
}

impl Logic for Events {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clk,
            up_made,
            up_new,
            down_made,
            down_new,
            up_lost,
            down_lost,
            matches,
            up_pending,
            up_held,
            down_pending,
            down_held,
            count,
            front,
            sequence,
            first,
            losses
        );
        // q+1: is it enabled?
        self.wanted.next = self.enable.val() >> self.up_event.val().reason;
        self.up_made.d.next = self.up.val() & self.wanted.val().get_bit(0);
        self.up_new.d.next = self.up_event.val();
        self.wanted.next = self.enable.val() >> self.down_event.val().reason;
        self.down_made.d.next = self.down.val() & self.wanted.val().get_bit(0);
        self.down_new.d.next = self.down_event.val();

        // q+2: it waits, or is lost.
        self.room.next = !self.count.q.val().get_bit(4);
        self.takes_up.next = self.room.val() & self.up_pending.q.val();
        self.takes_down.next =
            self.room.val() & self.down_pending.q.val() & (!self.up_pending.q.val());
        self.loses_up.next =
            self.up_made.q.val() & self.up_pending.q.val() & (!self.takes_up.val());
        self.loses_down.next =
            self.down_made.q.val() & self.down_pending.q.val() & (!self.takes_down.val());
        self.up_lost.d.next = self.loses_up.val();
        self.down_lost.d.next = self.loses_down.val();
        if self.takes_up.val() {
            self.up_pending.d.next = false;
        }
        if self.takes_down.val() {
            self.down_pending.d.next = false;
        }
        if self.up_made.q.val() & (!self.loses_up.val()) {
            self.up_pending.d.next = true;
            self.up_held.d.next = self.up_new.q.val();
        }
        if self.down_made.q.val() & (!self.loses_down.val()) {
            self.down_pending.d.next = true;
            self.down_held.d.next = self.down_new.q.val();
        }

        // q+3: it counts as lost.
        self.loses.next = self.up_lost.q.val() | self.down_lost.q.val();
        if self.up_lost.q.val() & self.down_lost.q.val() {
            self.losses.d.next = self.losses.q.val() + 2;
        } else if self.up_lost.q.val() | self.down_lost.q.val() {
            self.losses.d.next = self.losses.q.val() + 1;
        }

        // The FIFO's head, and what goes in behind its last.
        self.fifo.clk.next = self.clk.val();
        self.fifo.addr.next = self.front.q.val();
        self.head.next = self.fifo.data.val();
        self.matches.d.next = self.pop.val()
            & self.count.q.val().any()
            & (self.first.q.val() == self.pop_sequence.val());
        // The head leaves in the cycle after that in which it was named.
        self.pops.next = self.matches.q.val();
        self.taken.next = self.down_held.q.val();
        if self.takes_up.val() {
            self.taken.next = self.up_held.q.val();
        }
        self.number.next = self.sequence.q.val() + 1;
        self.row.next = (((bit_cast::<128, 16>(self.number.val()) << self.sequence_at.val())
            | (bit_cast::<128, 5>(self.taken.val().reason) << self.reason_at.val()))
            | ((bit_cast::<128, 9>(self.taken.val().entity) << self.entity_at.val())
                | (bit_cast::<128, 48>(self.taken.val().mac) << self.mac_at.val())))
            | (((bit_cast::<128, 12>(self.taken.val().vlan) << self.vlan_at.val())
                | (bit_cast::<128, 22>(self.taken.val().channel) << self.channel_at.val()))
                | (bit_cast::<128, 3>(self.taken.val().link) << self.link_at.val()));
        self.fifo.waddr.next = self.front.q.val() + bit_cast::<4, 5>(self.count.q.val());
        self.fifo.wdata.next = self.row.val();
        self.fifo.write.next = self.takes_up.val() | self.takes_down.val();
        if self.takes_up.val() | self.takes_down.val() {
            self.sequence.d.next = self.number.val();
            if !self.pops.val() {
                self.count.d.next = self.count.q.val() + 1;
            }
        } else if self.pops.val() {
            self.count.d.next = self.count.q.val() - 1;
        }
        if self.pops.val() {
            self.front.d.next = self.front.q.val() + 1;
            self.first.d.next = self.first.q.val() + 1;
        }
        self.level.next = self.count.q.val();
        self.lost.next = self.losses.q.val();
        if self.rst.val() {
            self.up_made.d.next = false;
            self.down_made.d.next = false;
            self.up_lost.d.next = false;
            self.down_lost.d.next = false;
            self.matches.d.next = false;
            self.up_pending.d.next = false;
            self.down_pending.d.next = false;
            self.count.d.next = 0.into();
            self.front.d.next = 0.into();
            self.sequence.d.next = 0.into();
            self.first.d.next = 1.into();
            self.losses.d.next = 0.into();
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("events", "3 clocks").says("Events of dropped frames, 16 deep.").timing()
    }
}
