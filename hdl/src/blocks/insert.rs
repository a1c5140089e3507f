// SPDX-License-Identifier: MIT
//! Insert: puts a tag behind octet 12 of a frame, over beats (docs/pipeline.md, 3.6).

use rust_hdl::prelude::*;
use vireo_spec::ether::ADDRESSES_LEN;

use super::known::{Fixed, Known, Ones, Value};
use super::logic_block::logic_block;
use super::slot::Slot;
use crate::verilog::About;

/// Octets of the addresses in the beat where they end, of `K` octets, in bits.
pub(super) struct AddressBits<const K: usize>;

impl<const K: usize, const BITS: usize> Value<BITS> for AddressBits<K> {
    fn value() -> Bits<BITS> {
        Bits::from((ADDRESSES_LEN % K * 8) as u64)
    }
}

/// Ones at those octets.
pub(super) struct AddressMask<const K: usize>;

impl<const K: usize, const BITS: usize> Value<BITS> for AddressMask<K> {
    fn value() -> Bits<BITS> {
        !(Bits::<BITS>::mask() << (ADDRESSES_LEN % K * 8) as u64)
    }
}

/// The beat where the addresses end.
pub(super) struct AddressBeat<const K: usize>;

impl<const K: usize> Value<2> for AddressBeat<K> {
    fn value() -> Bits<2> {
        Bits::from((ADDRESSES_LEN / K) as u64)
    }
}

logic_block! {
    /// Works on beats of `W` bits, `K` octets; `E = W + 64`.
    pub struct Insert<const W: usize, const K: usize, const E: usize> {
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
        /// Octets that go in: 0, 4, 6 or 8.
        pub s_growth: Signal<In, Bits<4>>,
        /// They, first in bits 7:0, zeros behind.
        pub s_tag: Signal<In, Bits<64>>,
        /// Octets of the longest frame, without them.
        pub s_maximum: Signal<In, Bits<14>>,
        /// Priority, drop eligible on top.
        pub s_priority: Signal<In, Bits<4>>,
        /// Where it goes.
        pub s_dest: Signal<In, Bits<8>>,
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
        pub m_dest: Signal<Out, Bits<8>>,
        // The frame that is under way.
        drop: DFF<Bit>,
        growth: DFF<Bits<4>>,
        tag: DFF<Bits<64>>,
        priority: DFF<Bits<4>>,
        dest: DFF<Bits<8>>,
        left: DFF<Bits<15>>,
        beat: DFF<Bits<2>>,
        carry: DFF<Bits<64>>,
        // The frame's end did not fit: so many octets are left, this good.
        tail: DFF<Bits<4>>,
        tail_bad: DFF<Bit>,
        out: DFF<Bit>,
        out_data: DFF<Bits<W>>,
        out_keep: DFF<Bits<K>>,
        out_last: DFF<Bit>,
        out_user: DFF<Bits<5>>,
        out_dest: DFF<Bits<8>>,
        now_drop: Signal<Local, Bit>,
        now_growth: Signal<Local, Bits<4>>,
        now_tag: Signal<Local, Bits<64>>,
        now_priority: Signal<Local, Bits<4>>,
        now_dest: Signal<Local, Bits<8>>,
        now_left: Signal<Local, Bits<15>>,
        now_beat: Signal<Local, Bits<2>>,
        given: Signal<Local, Bits<E>>,
        moved: Signal<Local, Bits<E>>,
        ext: Signal<Local, Bits<E>>,
        octets: Signal<Local, Bits<7>>,
        size: Signal<Local, Bits<7>>,
        emit: Signal<Local, Bit>,
        last: Signal<Local, Bit>,
        bad: Signal<Local, Bit>,
        cut: Signal<Local, Bit>,
        spare: Signal<Local, Bits<7>>,
        lanes: Fixed<K, 7>,
        width: Fixed<W, 10>,
        address_beat: Known<AddressBeat<K>, 2>,
        address_bits: Known<AddressBits<K>, 7>,
        address_mask: Known<AddressMask<K>, E>,
        all: Known<Ones, W>,
        all_lanes: Known<Ones, K>,
    }
}

impl<const W: usize, const K: usize, const E: usize> Logic for Insert<W, K, E> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clk, drop, growth, tag, priority, dest, left, beat, carry, tail, tail_bad, out,
            out_data, out_keep, out_last, out_user, out_dest
        );
        self.m_valid.next = self.out.q.val();
        self.m_data.next = self.out_data.q.val();
        self.m_keep.next = self.out_keep.q.val();
        self.m_last.next = self.out_last.q.val();
        self.m_user.next = self.out_user.q.val();
        self.m_dest.next = self.out_dest.q.val();

        self.now_drop.next = self.drop.q.val();
        self.now_growth.next = self.growth.q.val();
        self.now_tag.next = self.tag.q.val();
        self.now_priority.next = self.priority.q.val();
        self.now_dest.next = self.dest.q.val();
        self.now_left.next = self.left.q.val();
        self.now_beat.next = self.beat.q.val();
        if self.s_slot.val().valid & self.s_slot.val().first {
            self.now_drop.next = self.s_drop.val();
            self.now_growth.next = self.s_growth.val();
            self.now_tag.next = self.s_tag.val();
            self.now_priority.next = self.s_priority.val();
            self.now_dest.next = self.s_dest.val();
            self.now_left.next =
                bit_cast::<15, 14>(self.s_maximum.val()) + bit_cast::<15, 4>(self.s_growth.val());
            self.now_beat.next = 0.into();
        }

        // The beat with what goes in, and what is carried, in its upper 64 bits.
        self.given.next = bit_cast::<E, W>(self.s_data.val());
        self.ext.next = self.given.val();
        self.moved.next = self.given.val();
        self.octets.next = self.s_slot.val().size;
        self.emit.next = self.s_slot.val().valid & (!self.now_drop.val());
        self.last.next = self.s_slot.val().last;
        self.bad.next = self.s_slot.val().bad;
        if self.emit.val() & (self.now_beat.val() >= self.address_beat.val()) {
            self.octets.next = self.octets.val() + bit_cast::<7, 4>(self.now_growth.val());
            if self.now_beat.val() == self.address_beat.val() {
                self.moved.next = self.given.val() & (!self.address_mask.val());
            }
            if self.now_growth.val() == 8 {
                self.moved.next = self.moved.val() << 64;
            } else if self.now_growth.val() == 6 {
                self.moved.next = self.moved.val() << 48;
            } else if self.now_growth.val() == 4 {
                self.moved.next = self.moved.val() << 32;
            }
            if self.now_beat.val() == self.address_beat.val() {
                if self.now_growth.val().any() {
                    self.ext.next = (self.given.val() & self.address_mask.val())
                        | (bit_cast::<E, 64>(self.now_tag.val()) << self.address_bits.val())
                        | self.moved.val();
                }
            } else if self.now_growth.val().any() {
                self.ext.next = self.moved.val() | bit_cast::<E, 64>(self.carry.q.val());
            }
        }
        self.size.next = self.octets.val();
        if self.octets.val() > self.lanes.val() {
            self.size.next = self.lanes.val();
            self.last.next = false;
        }
        if self.tail.q.val().any() {
            self.ext.next = bit_cast::<E, 64>(self.carry.q.val());
            self.size.next = bit_cast::<7, 4>(self.tail.q.val());
            self.emit.next = true;
            self.last.next = true;
            self.bad.next = self.tail_bad.q.val();
        }
        self.cut.next = (bit_cast::<15, 7>(self.size.val()) > self.now_left.val())
            | ((bit_cast::<15, 7>(self.size.val()) == self.now_left.val()) & (!self.last.val()));

        if self.en.val() {
            self.out.d.next = self.emit.val();
            self.tail.d.next = 0.into();
            if self.s_slot.val().valid {
                self.drop.d.next = self.now_drop.val();
                self.growth.d.next = self.now_growth.val();
                self.tag.d.next = self.now_tag.val();
                self.priority.d.next = self.now_priority.val();
                self.dest.d.next = self.now_dest.val();
            }
            if self.emit.val() {
                if self.now_beat.val() < 2 {
                    self.beat.d.next = self.now_beat.val() + 1;
                }
                self.carry.d.next = self.ext.val().get_bits::<64>(self.width.val().index());
                if self.cut.val() {
                    // What is left of the frame is swallowed.
                    self.size.next = self.now_left.val().get_bits::<7>(0);
                    self.last.next = true;
                    self.bad.next = true;
                    self.drop.d.next = true;
                } else {
                    self.left.d.next = self.now_left.val() - bit_cast::<15, 7>(self.size.val());
                    if self.s_slot.val().valid & self.s_slot.val().last & (!self.last.val()) {
                        self.tail.d.next = bit_cast::<4, 7>(self.octets.val() - self.lanes.val());
                        self.tail_bad.d.next = self.s_slot.val().bad;
                    }
                }
                self.spare.next = self.lanes.val() - self.size.val();
                self.out_data.d.next = bit_cast::<W, E>(self.ext.val())
                    & (self.all.val() >> (bit_cast::<10, 7>(self.spare.val()) << 3));
                self.out_keep.d.next = self.all_lanes.val() >> self.spare.val();
                self.out_last.d.next = self.last.val();
                self.out_user.d.next = (bit_cast::<5, 4>(self.now_priority.val()) << 1)
                    | bit_cast::<5, 1>((self.last.val() & self.bad.val()).into());
                self.out_dest.d.next = self.now_dest.val();
            } else {
                self.spare.next = 0.into();
            }
        } else {
            self.spare.next = 0.into();
        }
        if self.rst.val() {
            self.out.d.next = false;
            self.tail.d.next = 0.into();
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("insert", "1 clock")
            .with("W", W)
            .says("Puts a tag behind octet 12 of a frame.")
            .timing()
    }
}
