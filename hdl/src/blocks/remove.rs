// SPDX-License-Identifier: MIT
//! Remove: takes the tag behind octet 12 out of a frame, over beats (docs/pipeline.md, 3.7).

use rust_hdl::prelude::*;

use super::insert::{AddressBeat, AddressMask};
use super::known::{Fixed, Known, Ones};
use super::logic_block::logic_block;
use super::slot::Slot;
use crate::verilog::About;

logic_block! {
    /// Works on beats of `W` bits, `K` octets, with a destination of `D` bits; `E = W + 64`.
    pub struct Remove<const W: usize, const K: usize, const E: usize, const D: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// The direction moves.
        pub en: Signal<In, Bit>,
        /// The slot at the end of the delay line.
        pub s_slot: Signal<In, Slot>,
        /// Its octets.
        pub s_data: Signal<In, Bits<W>>,
        /// With a first beat: the frame is dropped.
        pub s_drop: Signal<In, Bit>,
        /// Octets that come out: 0, 4, 6 or 8.
        pub s_growth: Signal<In, Bits<4>>,
        /// Octets of the longest frame, without them.
        pub s_maximum: Signal<In, Bits<14>>,
        /// Priority, drop eligible on top.
        pub s_priority: Signal<In, Bits<4>>,
        /// Where it goes.
        pub s_dest: Signal<In, Bits<D>>,
        /// Where a control frame came from.
        pub s_id: Signal<In, Bits<8>>,
        /// A beat for the outlet.
        pub m_valid: Signal<Out, Bit>,
        /// Its octets.
        pub m_data: Signal<Out, Bits<W>>,
        /// Which there are.
        pub m_keep: Signal<Out, Bits<K>>,
        /// It is the last.
        pub m_last: Signal<Out, Bit>,
        /// `tuser`.
        pub m_user: Signal<Out, Bits<5>>,
        /// `tdest`.
        pub m_dest: Signal<Out, Bits<D>>,
        /// `tid`.
        pub m_id: Signal<Out, Bits<8>>,
        // The beat that is held, and its frame.
        held: DFF<Slot>,
        held_data: DFF<Bits<W>>,
        drop: DFF<Bit>,
        growth: DFF<Bits<4>>,
        priority: DFF<Bits<4>>,
        dest: DFF<Bits<D>>,
        id: DFF<Bits<8>>,
        left: DFF<Bits<15>>,
        beat: DFF<Bits<2>>,
        out: DFF<Bit>,
        out_data: DFF<Bits<W>>,
        out_keep: DFF<Bits<K>>,
        out_last: DFF<Bit>,
        out_user: DFF<Bits<5>>,
        out_dest: DFF<Bits<D>>,
        out_id: DFF<Bits<8>>,
        emit: Signal<Local, Bit>,
        spent: Signal<Local, Bit>,
        last: Signal<Local, Bit>,
        bad: Signal<Local, Bit>,
        cut: Signal<Local, Bit>,
        now_drop: Signal<Local, Bit>,
        gone: Signal<Local, Bits<4>>,
        both: Signal<Local, Bits<E>>,
        octets: Signal<Local, Bits<E>>,
        size: Signal<Local, Bits<7>>,
        spare: Signal<Local, Bits<7>>,
        lanes: Fixed<K, 7>,
        width: Fixed<W, 10>,
        address_beat: Known<AddressBeat<K>, 2>,
        address_mask: Known<AddressMask<K>, E>,
        all: Known<Ones, W>,
        all_lanes: Known<Ones, K>,
    }
}

impl<const W: usize, const K: usize, const E: usize, const D: usize> Logic for Remove<W, K, E, D> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clk, held, held_data, drop, growth, priority, dest, id, left, beat, out,
            out_data, out_keep, out_last, out_user, out_dest, out_id
        );
        self.m_valid.next = self.out.q.val();
        self.m_data.next = self.out_data.q.val();
        self.m_keep.next = self.out_keep.q.val();
        self.m_last.next = self.out_last.q.val();
        self.m_user.next = self.out_user.q.val();
        self.m_dest.next = self.out_dest.q.val();
        self.m_id.next = self.out_id.q.val();

        self.emit.next =
            self.held.q.val().valid & (self.held.q.val().last | self.s_slot.val().valid);
        self.gone.next = 0.into();
        self.both.next = bit_cast::<E, W>(self.held_data.q.val());
        self.octets.next = self.both.val();
        if self.emit.val()
            & (self.beat.q.val() >= self.address_beat.val())
            & self.growth.q.val().any()
        {
            self.gone.next = self.growth.q.val();
            self.octets.next =
                self.both.val() | (bit_cast::<E, W>(self.s_data.val()) << self.width.val());
            if self.growth.q.val() == 8 {
                self.octets.next = self.octets.val() >> 64;
            } else if self.growth.q.val() == 6 {
                self.octets.next = self.octets.val() >> 48;
            } else {
                self.octets.next = self.octets.val() >> 32;
            }
            if self.beat.q.val() == self.address_beat.val() {
                self.octets.next = (self.both.val() & self.address_mask.val())
                    | (self.octets.val() & (!self.address_mask.val()));
            }
        }
        self.size.next = self.lanes.val();
        self.last.next = self.held.q.val().last;
        self.bad.next = self.held.q.val().bad;
        self.spent.next = false;
        if self.held.q.val().last {
            self.size.next = self.held.q.val().size - bit_cast::<7, 4>(self.gone.val());
        } else if self.s_slot.val().last
            & (self.s_slot.val().size <= bit_cast::<7, 4>(self.gone.val()))
        {
            self.size.next =
                (self.lanes.val() - bit_cast::<7, 4>(self.gone.val())) + self.s_slot.val().size;
            self.last.next = true;
            self.bad.next = self.s_slot.val().bad;
            self.spent.next = true;
        }
        self.cut.next = (bit_cast::<15, 7>(self.size.val()) > self.left.q.val())
            | ((bit_cast::<15, 7>(self.size.val()) == self.left.q.val()) & (!self.last.val()));
        self.now_drop.next = self.drop.q.val();
        if self.s_slot.val().first {
            self.now_drop.next = self.s_drop.val();
        }

        self.spare.next = 0.into();
        if self.en.val() {
            self.out.d.next = self.emit.val();
            if self.emit.val() {
                self.held.d.next.valid = false;
                self.left.d.next = self.left.q.val() - bit_cast::<15, 7>(self.size.val());
                if self.beat.q.val() < 2 {
                    self.beat.d.next = self.beat.q.val() + 1;
                }
                if self.cut.val() {
                    self.size.next = self.left.q.val().get_bits::<7>(0);
                    self.last.next = true;
                    self.bad.next = true;
                    if !self.held.q.val().last {
                        // What is left of the frame is swallowed.
                        self.now_drop.next = true;
                    }
                }
                self.spare.next = self.lanes.val() - self.size.val();
                self.out_data.d.next = bit_cast::<W, E>(self.octets.val())
                    & (self.all.val() >> (bit_cast::<10, 7>(self.spare.val()) << 3));
                self.out_keep.d.next = self.all_lanes.val() >> self.spare.val();
                self.out_last.d.next = self.last.val();
                self.out_user.d.next = (bit_cast::<5, 4>(self.priority.q.val()) << 1)
                    | bit_cast::<5, 1>((self.last.val() & self.bad.val()).into());
                self.out_dest.d.next = self.dest.q.val();
                self.out_id.d.next = self.id.q.val();
            }
            if self.s_slot.val().valid {
                self.drop.d.next = self.now_drop.val();
                if (!self.now_drop.val()) & (!(self.emit.val() & self.spent.val())) {
                    self.held.d.next = self.s_slot.val();
                    self.held_data.d.next = self.s_data.val();
                }
                if self.s_slot.val().first {
                    self.growth.d.next = self.s_growth.val();
                    self.priority.d.next = self.s_priority.val();
                    self.dest.d.next = self.s_dest.val();
                    self.id.d.next = self.s_id.val();
                    self.left.d.next = bit_cast::<15, 14>(self.s_maximum.val());
                    self.beat.d.next = 0.into();
                }
            }
        }
        if self.rst.val() {
            self.held.d.next.valid = false;
            self.out.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("remove", "2 clocks")
            .with("W", W)
            .says("Takes the tag behind octet 12 out of a frame.")
            .timing()
    }
}
