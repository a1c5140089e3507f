// SPDX-License-Identifier: MIT
//! Intake: register slice of a stream that enters, with a gap behind each frame that grows by a beat (docs/pipeline.md, 3.1).

use rust_hdl::prelude::*;

use super::known::{Known, Ones, Value};
use super::logic_block::logic_block;
use super::slot::{Origin, Slot};
use crate::verilog::About;

/// Octets of a beat of `K` that leave room for `G` more; the octet behind them does not.
pub struct Room<const K: usize, const G: usize>;

impl<const K: usize, const G: usize, const BITS: usize> Value<BITS> for Room<K, G> {
    fn value() -> Bits<BITS> {
        Bits::from((K - G) as u64)
    }
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
        /// What the rows say in this cycle about a frame that begins in it.
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
        middle: DFF<Bit>,
        growth: DFF<Bits<4>>,
        gap: DFF<Bit>,
        out: DFF<Slot>,
        out_grows: DFF<Bit>,
        out_data: DFF<Bits<W>>,
        out_origin: DFF<Origin>,
        skid: DFF<Slot>,
        skid_grows: DFF<Bit>,
        skid_data: DFF<Bits<W>>,
        skid_origin: DFF<Origin>,
        accept: Signal<Local, Bit>,
        beat: Signal<Local, Slot>,
        there: Signal<Local, Bits<K>>,
        top: Signal<Local, Bits<K>>,
        lane: Signal<Local, Bits<W>>,
        mask: Signal<Local, Bits<W>>,
        number: Signal<Local, Bits<7>>,
        size: Signal<Local, Bits<7>>,
        octets: Signal<Local, Bits<W>>,
        adds: Signal<Local, Bits<4>>,
        grows: Signal<Local, Bit>,
        load: Signal<Local, Bit>,
        makes_gap: Signal<Local, Bit>,
        skid_full: Signal<Local, Bit>,
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
            self,
            clk,
            ready,
            middle,
            growth,
            gap,
            out,
            out_grows,
            out_data,
            out_origin,
            skid,
            skid_grows,
            skid_data,
            skid_origin
        );
        self.s_ready.next = self.ready.q.val();
        self.slot.next = self.out.q.val();
        self.data.next = self.out_data.q.val();
        self.origin.next = self.out_origin.q.val();

        // The accepted beat. `tkeep` counts on the last beat only.
        self.accept.next = self.s_valid.val() & self.ready.q.val();
        self.adds.next = self.growth.q.val();
        if !self.middle.q.val() {
            self.adds.next = self.s_origin.val().growth;
        }
        // A lane is there if it is kept or one above it is; the first is in any case.
        self.there.next = self.all_lanes.val();
        if self.s_last.val() {
            self.there.next = self.s_keep.val().replace_bit(0, true);
            self.there.next = self.there.val() | (self.there.val() >> 1);
            self.there.next = self.there.val() | (self.there.val() >> 2);
            self.there.next = self.there.val() | (self.there.val() >> 4);
            self.there.next = self.there.val() | (self.there.val() >> 8);
            self.there.next = self.there.val() | (self.there.val() >> 16);
            self.there.next = self.there.val() | (self.there.val() >> 32);
        }
        self.top.next = self.there.val() & (!(self.there.val() >> 1));
        self.size.next = 0.into();
        self.mask.next = 0.into();
        self.lane.next = 0xFF.into();
        self.number.next = 1.into();
        for i in 0..K {
            if self.there.val().get_bit(i) {
                self.mask.next = self.mask.val() | self.lane.val();
            }
            if self.top.val().get_bit(i) {
                self.size.next = self.size.val() | self.number.val();
            }
            self.lane.next = self.lane.val() << 8;
            self.number.next = self.number.val() + 1;
        }
        self.octets.next = self.s_data.val() & self.mask.val();
        self.beat.next.valid = self.accept.val();
        self.beat.next.first = !self.middle.q.val();
        self.beat.next.last = self.s_last.val();
        self.beat.next.bad = self.s_bad.val() & self.s_last.val();
        self.beat.next.size = self.size.val();
        self.grows.next = false;
        if self.adds.val() == 8 {
            self.grows.next =
                self.s_last.val() & self.there.val().get_bit(self.room_8.val().index());
        } else if self.adds.val() == 6 {
            self.grows.next =
                self.s_last.val() & self.there.val().get_bit(self.room_6.val().index());
        } else if self.adds.val() == 4 {
            self.grows.next =
                self.s_last.val() & self.there.val().get_bit(self.room_4.val().index());
        }
        if self.accept.val() {
            self.middle.d.next = !self.s_last.val();
            self.growth.d.next = self.adds.val();
        }

        self.load.next = ((!self.out.q.val().valid) & (!self.gap.q.val())) | self.en.val();
        self.makes_gap.next = self.out.q.val().valid & self.out_grows.q.val();
        self.skid_full.next = self.skid.q.val().valid;
        if self.load.val() {
            self.gap.d.next = self.makes_gap.val();
            if self.makes_gap.val() {
                self.out.d.next.valid = false;
            } else if self.skid.q.val().valid {
                self.out.d.next = self.skid.q.val();
                self.out_grows.d.next = self.skid_grows.q.val();
                self.out_data.d.next = self.skid_data.q.val();
                self.out_origin.d.next = self.skid_origin.q.val();
                self.skid_full.next = false;
            } else if self.accept.val() {
                self.out.d.next = self.beat.val();
                self.out_grows.d.next = self.grows.val();
                self.out_data.d.next = self.octets.val();
                self.out_origin.d.next = self.s_origin.val();
            } else {
                self.out.d.next.valid = false;
            }
        }
        if self.accept.val() & ((!self.load.val()) | self.makes_gap.val() | self.skid.q.val().valid)
        {
            self.skid.d.next = self.beat.val();
            self.skid_grows.d.next = self.grows.val();
            self.skid_data.d.next = self.octets.val();
            self.skid_origin.d.next = self.s_origin.val();
            self.skid_full.next = true;
        }
        self.skid.d.next.valid = self.skid_full.val();
        self.ready.d.next =
            self.run.val() & (!self.skid_full.val()) & (!(self.accept.val() & self.grows.val()));
        if self.rst.val() {
            self.ready.d.next = false;
            self.middle.d.next = false;
            self.gap.d.next = false;
            self.out.d.next.valid = false;
            self.skid.d.next.valid = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("intake", "1 clock")
            .with("W", W)
            .says("Register slice of a stream that enters, with a gap behind each frame that grows by a beat.")
            .timing()
    }
}
