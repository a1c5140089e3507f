// SPDX-License-Identifier: MIT
//! Insert: puts a tag behind octet 12 of a frame, over beats (docs/pipeline.md, 3.6). What becomes of a slot is worked out
//! while the two before it are at the end of the delay line.

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
        /// The slot two behind the one at the end of the delay line.
        pub s_after: Signal<In, Slot>,
        /// With a first beat there: octets that go in: 0, 4, 6 or 8.
        pub s_growth: Signal<In, Bits<4>>,
        /// With a first beat there: octets of the longest frame, without them.
        pub s_maximum: Signal<In, Bits<14>>,
        /// Octets of the slot at the end.
        pub s_data: Signal<In, Bits<W>>,
        /// Its frame is dropped.
        pub s_drop: Signal<In, Bit>,
        /// What goes in, first in bits 7:0, zeros behind.
        pub s_tag: Signal<In, Bits<64>>,
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
        // The slot behind the one at the end, its frame, and what there is of it with what goes in.
        coming: DFF<Slot>,
        growth: DFF<Bits<4>>,
        beat: DFF<Bits<2>>,
        octets: DFF<Bits<7>>,
        over: DFF<Bit>,
        here: DFF<Bit>,
        behind: DFF<Bit>,
        left: DFF<Bits<15>>,
        swallowed: DFF<Bit>,
        // The frame's end did not fit: so many octets are left, this good.
        tail: DFF<Bits<4>>,
        tail_bad: DFF<Bit>,
        // The slot at the end.
        emits: DFF<Bit>,
        size: DFF<Bits<7>>,
        last: DFF<Bit>,
        bad: DFF<Bit>,
        growth_end: DFF<Bits<4>>,
        here_end: DFF<Bit>,
        behind_end: DFF<Bit>,
        tail_end: DFF<Bit>,
        carry: DFF<Bits<64>>,
        out: DFF<Bit>,
        out_data: DFF<Bits<W>>,
        out_keep: DFF<Bits<K>>,
        out_last: DFF<Bit>,
        out_user: DFF<Bits<5>>,
        out_dest: DFF<Bits<8>>,
        now_growth: Signal<Local, Bits<4>>,
        now_beat: Signal<Local, Bits<2>>,
        sum: Signal<Local, Bits<7>>,
        part: Signal<Local, Bits<7>>,
        emit: Signal<Local, Bit>,
        ends: Signal<Local, Bit>,
        cut: Signal<Local, Bit>,
        gone: Signal<Local, Bit>,
        given: Signal<Local, Bits<E>>,
        moved: Signal<Local, Bits<E>>,
        ext: Signal<Local, Bits<E>>,
        keep: Signal<Local, Bits<K>>,
        lane: Signal<Local, Bits<W>>,
        mask: Signal<Local, Bits<W>>,
        lanes: Fixed<K, 7>,
        width: Fixed<W, 10>,
        address_beat: Known<AddressBeat<K>, 2>,
        address_bits: Known<AddressBits<K>, 7>,
        address_mask: Known<AddressMask<K>, E>,
        all_lanes: Known<Ones, K>,
    }
}

impl<const W: usize, const K: usize, const E: usize> Logic for Insert<W, K, E> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clk, coming, growth, beat, octets, over, here, behind, left, swallowed, tail,
            tail_bad, emits, size, last, bad, growth_end, here_end, behind_end, tail_end, carry,
            out, out_data, out_keep, out_last, out_user, out_dest
        );
        self.m_valid.next = self.out.q.val();
        self.m_data.next = self.out_data.q.val();
        self.m_keep.next = self.out_keep.q.val();
        self.m_last.next = self.out_last.q.val();
        self.m_user.next = self.out_user.q.val();
        self.m_dest.next = self.out_dest.q.val();

        // Two slots ahead: what there is with what goes in.
        self.now_growth.next = self.growth.q.val();
        self.now_beat.next = self.beat.q.val();
        if self.s_after.val().first {
            self.now_growth.next = self.s_growth.val();
            self.now_beat.next = 0.into();
        }
        self.sum.next = self.s_after.val().size;
        if self.now_beat.val() >= self.address_beat.val() {
            self.sum.next = self.s_after.val().size + bit_cast::<7, 4>(self.now_growth.val());
        }
        if self.en.val() {
            self.coming.d.next = self.s_after.val();
            self.octets.d.next = self.sum.val();
            self.over.d.next = self.sum.val() > self.lanes.val();
            self.here.d.next =
                self.now_growth.val().any() & (self.now_beat.val() == self.address_beat.val());
            self.behind.d.next =
                self.now_growth.val().any() & (self.now_beat.val() > self.address_beat.val());
            if self.coming.q.val().valid {
                self.left.d.next = self.left.q.val() - bit_cast::<15, 7>(self.lanes.val());
            }
            if self.s_after.val().valid {
                self.growth.d.next = self.now_growth.val();
                if self.now_beat.val() < 2 {
                    self.beat.d.next = self.now_beat.val() + 1;
                }
                if self.s_after.val().first {
                    self.left.d.next = bit_cast::<15, 14>(self.s_maximum.val())
                        + bit_cast::<15, 4>(self.s_growth.val());
                }
            }
        }

        // One slot ahead: how much of it leaves.
        self.gone.next = self.swallowed.q.val() & (!self.coming.q.val().first);
        self.emit.next = self.coming.q.val().valid & (!self.gone.val());
        self.part.next = self.octets.q.val();
        self.ends.next = self.coming.q.val().last;
        if self.over.q.val() {
            self.part.next = self.lanes.val();
            self.ends.next = false;
        }
        if self.tail.q.val().any() {
            self.part.next = bit_cast::<7, 4>(self.tail.q.val());
            self.emit.next = true;
            self.ends.next = true;
        }
        self.cut.next = false;
        if self.left.q.val() < bit_cast::<15, 7>(self.lanes.val()) {
            self.cut.next = (self.part.val() > self.left.q.val().get_bits::<7>(0))
                | ((self.part.val() == self.left.q.val().get_bits::<7>(0)) & (!self.ends.val()));
        } else if self.left.q.val() == bit_cast::<15, 7>(self.lanes.val()) {
            self.cut.next = (self.part.val() == self.lanes.val()) & (!self.ends.val());
        }
        if self.en.val() {
            self.emits.d.next = self.emit.val();
            self.size.d.next = self.part.val();
            if self.cut.val() {
                self.size.d.next = self.left.q.val().get_bits::<7>(0);
            }
            self.last.d.next = self.ends.val() | self.cut.val();
            self.bad.d.next = self.coming.q.val().bad | self.cut.val();
            if self.tail.q.val().any() {
                self.bad.d.next = self.tail_bad.q.val() | self.cut.val();
            }
            self.growth_end.d.next = self.growth.q.val();
            self.here_end.d.next = self.here.q.val();
            self.behind_end.d.next = self.behind.q.val();
            self.tail_end.d.next = self.tail.q.val().any();
            self.tail.d.next = 0.into();
            if self.coming.q.val().valid {
                // What is left of a frame that was cut is swallowed.
                self.swallowed.d.next = self.gone.val() | self.cut.val();
                if self.coming.q.val().last
                    & self.over.q.val()
                    & (!self.gone.val())
                    & (!self.cut.val())
                {
                    self.tail.d.next = bit_cast::<4, 7>(self.octets.q.val() - self.lanes.val());
                    self.tail_bad.d.next = self.coming.q.val().bad;
                }
            }
        }

        // The slot at the end with what goes in, and what is carried, in its upper 64 bits.
        self.given.next = bit_cast::<E, W>(self.s_data.val());
        self.moved.next = self.given.val();
        if self.here_end.q.val() {
            self.moved.next = self.given.val() & (!self.address_mask.val());
        }
        if self.growth_end.q.val() == 8 {
            self.moved.next = self.moved.val() << 64;
        } else if self.growth_end.q.val() == 6 {
            self.moved.next = self.moved.val() << 48;
        } else if self.growth_end.q.val() == 4 {
            self.moved.next = self.moved.val() << 32;
        }
        self.ext.next = self.given.val();
        if self.tail_end.q.val() {
            self.ext.next = bit_cast::<E, 64>(self.carry.q.val());
        } else if self.here_end.q.val() {
            self.ext.next = (self.given.val() & self.address_mask.val())
                | (bit_cast::<E, 64>(self.s_tag.val()) << self.address_bits.val())
                | self.moved.val();
        } else if self.behind_end.q.val() {
            self.ext.next = self.moved.val() | bit_cast::<E, 64>(self.carry.q.val());
        }
        self.keep.next = !(self.all_lanes.val() << self.size.q.val());
        self.mask.next = 0.into();
        self.lane.next = 0xFF.into();
        for i in 0..K {
            if self.keep.val().get_bit(i) {
                self.mask.next = self.mask.val() | self.lane.val();
            }
            self.lane.next = self.lane.val() << 8;
        }
        if self.en.val() {
            self.out.d.next = self.emits.q.val() & (!self.s_drop.val());
            if self.emits.q.val() {
                self.carry.d.next = self.ext.val().get_bits::<64>(self.width.val().index());
                self.out_data.d.next = bit_cast::<W, E>(self.ext.val()) & self.mask.val();
                self.out_keep.d.next = self.keep.val();
                self.out_last.d.next = self.last.q.val();
                self.out_user.d.next = (bit_cast::<5, 4>(self.s_priority.val()) << 1)
                    | bit_cast::<5, 1>((self.last.q.val() & self.bad.q.val()).into());
                self.out_dest.d.next = self.s_dest.val();
            }
        }
        if self.rst.val() {
            self.coming.d.next.valid = false;
            self.tail.d.next = 0.into();
            self.emits.d.next = false;
            self.out.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("insert", "1 clock")
            .with("W", W)
            .says("Puts a tag behind octet 12 of a frame.")
            .timing()
    }
}
