// SPDX-License-Identifier: MIT
//! Window: holds a frame's first beats until its header is whole (docs/pipeline.md, 3.2).

use rust_hdl::prelude::*;

use super::known::{Fixed, Many};
use super::logic_block::logic_block;
use super::slot::{Origin, Slot};
use crate::verilog::About;

logic_block! {
    /// Holds `H` slots of `W` bits, `K` octets: 32 octets, or a beat.
    pub struct Window<const W: usize, const K: usize, const H: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// The direction moves: a bit for slots and their octets, one for headers and where frames come from.
        pub en: Signal<In, Bits<2>>,
        /// The intake's slot.
        pub s_slot: Signal<In, Slot>,
        /// Its octets.
        pub s_data: Signal<In, Bits<W>>,
        /// Where its frame comes from.
        pub s_origin: Signal<In, Origin>,
        /// The slot that leaves for the delay line.
        pub slot: Signal<Out, Slot>,
        /// Its octets.
        pub data: Signal<Out, Bits<W>>,
        /// A clock after a frame's first beat: its header is here.
        pub valid: Signal<Out, Bit>,
        /// The frame's first octets, first in bits 7:0, zeros behind.
        pub header: Signal<Out, Bits<256>>,
        /// How many there are, 32 at most.
        pub octets: Signal<Out, Bits<6>>,
        /// Where the frame comes from.
        pub origin: Signal<Out, Origin>,
        head: DFF<Bit>,
        head_octets: DFF<Bits<256>>,
        head_count: DFF<Bits<6>>,
        head_origin: DFF<Origin>,
        // `w[0]` is the youngest.
        w: Many<DFF<Slot>, H>,
        w_data: Many<DFF<Bits<W>>, H>,
        w_origin: Many<DFF<Origin>, H>,
        open: DFF<Bit>,
        shift: Signal<Local, Bit>,
        shift_origin: Signal<Local, Bit>,
        here: Signal<Local, Slot>,
        here_data: Signal<Local, Bits<W>>,
        here_origin: Signal<Local, Origin>,
        gathered: Signal<Local, Bits<256>>,
        count: Signal<Local, Bits<7>>,
        next_slot: Signal<Local, Slot>,
        beat: Fixed<W, 10>,
        full: Fixed<K, 7>,
    }
}

impl<const W: usize, const K: usize, const H: usize> Logic for Window<W, K, H> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, open, head, head_octets, head_count, head_origin);
        self.valid.next = self.head.q.val();
        self.header.next = self.head_octets.q.val();
        self.octets.next = self.head_count.q.val();
        self.origin.next = self.head_origin.q.val();
        self.shift.next =
            self.en.val().get_bit(0) & (self.s_slot.val().valid | (!self.open.q.val()));
        self.shift_origin.next =
            self.en.val().get_bit(1) & (self.s_slot.val().valid | (!self.open.q.val()));
        if self.shift.val() {
            self.open.d.next = self.s_slot.val().valid & (!self.s_slot.val().last);
        }
        // From the youngest to the oldest; a beat that is last cuts off what is younger. Inside a frame there is no bubble, and a beat
        // that is not last is full.
        self.gathered.next = 0.into();
        self.count.next = 0.into();
        self.here.next = self.s_slot.val();
        self.here_data.next = self.s_data.val();
        self.here_origin.next = self.s_origin.val();
        for i in 0..H {
            self.w[i].clock.next = self.clk.val();
            self.w_data[i].clock.next = self.clk.val();
            self.w_origin[i].clock.next = self.clk.val();
            self.w[i].d.next = self.w[i].q.val();
            self.w_data[i].d.next = self.w_data[i].q.val();
            self.w_origin[i].d.next = self.w_origin[i].q.val();
            if self.shift.val() {
                self.w[i].d.next = self.here.val();
                self.w_data[i].d.next = self.here_data.val();
            }
            if self.shift_origin.val() {
                self.w_origin[i].d.next = self.here_origin.val();
            }
            self.here.next = self.w[i].q.val();
            self.here_data.next = self.w_data[i].q.val();
            self.here_origin.next = self.w_origin[i].q.val();
            if self.here.val().last {
                self.gathered.next = bit_cast::<256, W>(self.here_data.val());
                self.count.next = self.here.val().size;
            } else {
                self.gathered.next = (self.gathered.val() << self.beat.val())
                    | bit_cast::<256, W>(self.here_data.val());
                self.count.next = self.count.val() + self.full.val();
            }
            if self.rst.val() {
                self.next_slot.next = self.w[i].q.val();
                self.next_slot.next.valid = false;
                self.w[i].d.next = self.next_slot.val();
            }
        }
        self.next_slot.next = self.here.val();
        self.next_slot.next.valid = self.here.val().valid & self.shift.val();
        self.slot.next = self.next_slot.val();
        self.data.next = self.here_data.val();
        if self.en.val().get_bit(1) {
            self.head.d.next = self.next_slot.val().valid & self.here.val().first;
            self.head_octets.d.next = self.gathered.val();
            self.head_count.d.next = bit_cast::<6, 7>(self.count.val());
            if self.count.val() > 32 {
                self.head_count.d.next = 32.into();
            }
            self.head_origin.d.next = self.here_origin.val();
        }
        if self.rst.val() {
            self.open.d.next = false;
            self.head.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("window", "the header is whole when its first beat is the oldest")
            .with("W", W)
            .with("H", H)
            .says("Holds a frame's first beats until its header is whole.")
            .timing()
    }
}
