// SPDX-License-Identifier: MIT
//! Intake: queue of a stream that enters, with a gap behind each frame that grows by a beat (docs/pipeline.md, 3.1).

#![allow(missing_docs)] // of the methods that rust-hdl derives for a structure

use rust_hdl::prelude::*;

use super::known::{Known, Ones, Value};
use super::logic_block::logic_block;
use super::slot::{Origin, Slot};
use crate::ram::{RowRam, SmallRam};
use crate::verilog::About;

/// Octets of a beat of `K` that leave room for `G` more; the octet behind them does not.
pub struct Room<const K: usize, const G: usize>;

impl<const K: usize, const G: usize, const BITS: usize> Value<BITS> for Room<K, G> {
    fn value() -> Bits<BITS> {
        Bits::from((K - G) as u64)
    }
}

/// What the queue keeps of a beat beside its octets.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct Queued {
    pub first: Bit,
    pub last: Bit,
    pub bad: Bit,
    /// It needs a gap behind it.
    pub grows: Bit,
    pub size: Bits<7>,
}

logic_block! {
    /// Takes beats of `W` bits, `K` octets, and hands slots to the window.
    pub struct Intake<const W: usize, const K: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// The tables are swept.
        pub run: Signal<In, Bit>,
        /// `tvalid`.
        pub s_valid: Signal<In, Bit>,
        /// `tdata`.
        pub s_data: Signal<In, Bits<W>>,
        /// `tkeep`.
        pub s_keep: Signal<In, Bits<K>>,
        /// `tlast`.
        pub s_last: Signal<In, Bit>,
        /// `tuser[0]`.
        pub s_bad: Signal<In, Bit>,
        /// What the rows said about a frame that began three cycles ago.
        pub s_origin: Signal<In, Origin>,
        /// `tready`.
        pub s_ready: Signal<Out, Bit>,
        /// The direction moves.
        pub en: Signal<In, Bit>,
        /// The slot for the window; a gap is a bubble.
        pub slot: Signal<Out, Slot>,
        /// Its octets, 0 behind the last.
        pub data: Signal<Out, Bits<W>>,
        /// With a first beat: where the frame comes from.
        pub origin: Signal<Out, Origin>,
        ready: DFF<Bit>,
        // Beats accepted and not yet in `out`, as of the cycle before.
        held: DFF<Bits<4>>,
        // Cycle t+1, behind the pins; its row in the queue.
        valid1: DFF<Bit>,
        data1: DFF<Bits<W>>,
        keep1: DFF<Bits<K>>,
        last1: DFF<Bit>,
        bad1: DFF<Bit>,
        row1: DFF<Bits<4>>,
        middle: DFF<Bit>,
        // Cycle t+2.
        valid2: DFF<Bit>,
        first2: DFF<Bit>,
        last2: DFF<Bit>,
        bad2: DFF<Bit>,
        there2: DFF<Bits<K>>,
        row2: DFF<Bits<4>>,
        // Cycle t+3.
        valid3: DFF<Bit>,
        kept3: DFF<Queued>,
        there3: DFF<Bits<K>>,
        over8: DFF<Bit>,
        over6: DFF<Bit>,
        over4: DFF<Bit>,
        row3: DFF<Bits<4>>,
        growth: DFF<Bits<4>>,
        // The queue.
        octets: RowRam<W, 4>,
        lanes: RowRam<K, 4>,
        beats: SmallRam<Queued, 4>,
        origins: SmallRam<Origin, 4>,
        head: DFF<Bits<4>>,
        queued: DFF<Bits<4>>,
        // A beat came into the queue, and one went to `out`, in the cycle before: not in `held` and `queued` yet.
        put: DFF<Bit>,
        took: DFF<Bit>,
        gap: DFF<Bit>,
        out: DFF<Bit>,
        out_kept: DFF<Queued>,
        out_data: DFF<Bits<W>>,
        out_origin: DFF<Origin>,
        accept: Signal<Local, Bit>,
        there: Signal<Local, Bits<K>>,
        top: Signal<Local, Bits<K>>,
        number: Signal<Local, Bits<7>>,
        size: Signal<Local, Bits<7>>,
        kept: Signal<Local, Queued>,
        adds: Signal<Local, Bits<4>>,
        lane: Signal<Local, Bits<W>>,
        mask: Signal<Local, Bits<W>>,
        load: Signal<Local, Bit>,
        makes_gap: Signal<Local, Bit>,
        takes: Signal<Local, Bit>,
        some: Signal<Local, Bit>,
        room: Signal<Local, Bit>,
        all_lanes: Known<Ones, K>,
        room_8: Known<Room<K, 8>, 7>,
        room_6: Known<Room<K, 6>, 7>,
        room_4: Known<Room<K, 4>, 7>,
    }
}

impl<const W: usize, const K: usize> Logic for Intake<W, K> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clk, ready, held, valid1, data1, keep1, last1, bad1, row1, middle, valid2,
            first2, last2, bad2, there2, row2, valid3, kept3, there3, over8, over6, over4, row3,
            growth, head, queued, put, took, gap, out, out_kept, out_data, out_origin
        );
        self.s_ready.next = self.ready.q.val();

        // Cycle t: the pins.
        self.accept.next = self.s_valid.val() & self.ready.q.val();
        self.valid1.d.next = self.accept.val();
        self.data1.d.next = self.s_data.val();
        self.keep1.d.next = self.s_keep.val();
        self.last1.d.next = self.s_last.val();
        self.bad1.d.next = self.s_bad.val();

        // Cycle t+1: a lane is there if it is kept or one above it is, the first in any case; `tkeep` counts on the last beat only.
        self.there.next = self.keep1.q.val();
        self.there.next = self.there.val() | (self.there.val() >> 1);
        self.there.next = self.there.val() | (self.there.val() >> 2);
        if !self.last1.q.val() {
            self.there.next = self.all_lanes.val();
        }
        self.there2.d.next = self.there.val().replace_bit(0, true);
        self.valid2.d.next = self.valid1.q.val();
        self.first2.d.next = !self.middle.q.val();
        self.last2.d.next = self.last1.q.val();
        self.bad2.d.next = self.bad1.q.val() & self.last1.q.val();
        self.row2.d.next = self.row1.q.val();
        if self.valid1.q.val() {
            self.middle.d.next = !self.last1.q.val();
            self.row1.d.next = self.row1.q.val() + 1;
        }
        self.octets.clk.next = self.clk.val();
        self.octets.write.next = self.valid1.q.val();
        self.octets.waddr.next = self.row1.q.val();
        self.octets.wdata.next = self.data1.q.val();

        // Cycle t+2: so far for lanes near by, now for all.
        self.there.next = self.there2.q.val();
        self.there.next = self.there.val() | (self.there.val() >> 4);
        self.there.next = self.there.val() | (self.there.val() >> 8);
        self.there.next = self.there.val() | (self.there.val() >> 16);
        self.there.next = self.there.val() | (self.there.val() >> 32);
        // Cycle t+3: how many lanes there are.
        self.top.next = self.there3.q.val() & (!(self.there3.q.val() >> 1));
        self.size.next = 0.into();
        self.number.next = 1.into();
        for i in 0..K {
            if self.top.val().get_bit(i) {
                self.size.next = self.size.val() | self.number.val();
            }
            self.number.next = self.number.val() + 1;
        }
        self.kept.next.first = self.first2.q.val();
        self.kept.next.last = self.last2.q.val();
        self.kept.next.bad = self.bad2.q.val();
        self.kept.next.grows = false;
        self.kept.next.size = 0.into();
        self.kept3.d.next = self.kept.val();
        self.there3.d.next = self.there.val();
        self.over8.d.next =
            self.last2.q.val() & self.there.val().get_bit(self.room_8.val().index());
        self.over6.d.next =
            self.last2.q.val() & self.there.val().get_bit(self.room_6.val().index());
        self.over4.d.next =
            self.last2.q.val() & self.there.val().get_bit(self.room_4.val().index());
        self.valid3.d.next = self.valid2.q.val();
        self.row3.d.next = self.row2.q.val();

        // Cycle t+3: into the queue, with what the rows say.
        self.adds.next = self.growth.q.val();
        if self.kept3.q.val().first {
            self.adds.next = self.s_origin.val().growth;
        }
        if self.valid3.q.val() {
            self.growth.d.next = self.adds.val();
        }
        self.kept.next = self.kept3.q.val();
        self.kept.next.size = self.size.val();
        // 8, 6, 4 or 0.
        self.kept.next.grows = (self.over8.q.val() & self.adds.val().get_bit(3))
            | ((self.over6.q.val() & self.adds.val().get_bit(1))
                | (self.over4.q.val()
                    & (self.adds.val().get_bit(2) & (!self.adds.val().get_bit(1)))));
        self.lanes.clk.next = self.clk.val();
        self.lanes.write.next = self.valid3.q.val();
        self.lanes.waddr.next = self.row3.q.val();
        self.lanes.wdata.next = self.there3.q.val();
        self.beats.clk.next = self.clk.val();
        self.beats.write.next = self.valid3.q.val();
        self.beats.waddr.next = self.row3.q.val();
        self.beats.wdata.next = self.kept.val();
        self.origins.clk.next = self.clk.val();
        self.origins.write.next = self.valid3.q.val();
        self.origins.waddr.next = self.row3.q.val();
        self.origins.wdata.next = self.s_origin.val();

        // From the queue.
        self.octets.addr.next = self.head.q.val();
        self.lanes.addr.next = self.head.q.val();
        self.beats.addr.next = self.head.q.val();
        self.origins.addr.next = self.head.q.val();
        self.mask.next = 0.into();
        self.lane.next = 0xFF.into();
        for i in 0..K {
            if self.lanes.data.val().get_bit(i) {
                self.mask.next = self.mask.val() | self.lane.val();
            }
            self.lane.next = self.lane.val() << 8;
        }
        self.load.next = ((!self.out.q.val()) & (!self.gap.q.val())) | self.en.val();
        self.makes_gap.next = self.out.q.val() & self.out_kept.q.val().grows;
        self.some.next = self.queued.q.val().any();
        self.room.next = self.held.q.val() < 14;
        if self.put.q.val() & (!self.took.q.val()) {
            self.some.next = true;
        } else if (!self.put.q.val()) & self.took.q.val() {
            self.some.next = self.queued.q.val() > 1;
        }
        if self.valid1.q.val() & (!self.took.q.val()) {
            self.room.next = self.held.q.val() < 13;
        } else if (!self.valid1.q.val()) & self.took.q.val() {
            self.room.next = self.held.q.val() < 15;
        }
        self.takes.next = self.load.val() & ((!self.makes_gap.val()) & self.some.val());
        self.put.d.next = self.valid3.q.val();
        self.took.d.next = self.takes.val();
        if self.load.val() {
            self.gap.d.next = self.makes_gap.val();
            self.out.d.next = self.takes.val();
            self.out_kept.d.next = self.beats.data.val();
            self.out_data.d.next = self.octets.data.val() & self.mask.val();
            self.out_origin.d.next = self.origins.data.val();
        }
        if self.takes.val() {
            self.head.d.next = self.head.q.val() + 1;
        }
        if self.put.q.val() & (!self.took.q.val()) {
            self.queued.d.next = self.queued.q.val() + 1;
        } else if (!self.put.q.val()) & self.took.q.val() {
            self.queued.d.next = self.queued.q.val() - 1;
        }
        if self.valid1.q.val() & (!self.took.q.val()) {
            self.held.d.next = self.held.q.val() + 1;
        } else if (!self.valid1.q.val()) & self.took.q.val() {
            self.held.d.next = self.held.q.val() - 1;
        }
        self.ready.d.next = self.run.val() & self.room.val();
        self.kept.next = self.out_kept.q.val();
        self.slot.next.valid = self.out.q.val();
        self.slot.next.first = self.kept.val().first;
        self.slot.next.last = self.kept.val().last;
        self.slot.next.bad = self.kept.val().bad;
        self.slot.next.size = self.kept.val().size;
        self.data.next = self.out_data.q.val();
        self.origin.next = self.out_origin.q.val();
        if self.rst.val() {
            self.ready.d.next = false;
            self.held.d.next = 0.into();
            self.valid1.d.next = false;
            self.valid2.d.next = false;
            self.valid3.d.next = false;
            self.row1.d.next = 0.into();
            self.middle.d.next = false;
            self.head.d.next = 0.into();
            self.queued.d.next = 0.into();
            self.put.d.next = false;
            self.took.d.next = false;
            self.gap.d.next = false;
            self.out.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("intake", "5 clocks")
            .with("W", W)
            .says(
                "Queue of a stream that enters, with a gap behind each frame that grows by a beat.",
            )
            .timing()
    }
}
