// SPDX-License-Identifier: MIT
//! Insert: puts a tag behind octet 12 of a frame, over beats (docs/pipeline.md, 3.6). What becomes of a slot is worked out
//! while the three before it are at the end of the delay line.

use rust_hdl::prelude::*;
use vireo_spec::ether::ADDRESSES_LEN;

use super::known::{Below, Fixed, Known, Value};
use super::lanes::Lanes;
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

/// The bits that count the octets of a beat of `K`.
pub(super) struct Whole<const K: usize>;

impl<const K: usize> Value<4> for Whole<K> {
    fn value() -> Bits<4> {
        Bits::from(u64::from(K.trailing_zeros()))
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
        /// The third slot behind the one at the end of the delay line.
        pub s_third: Signal<In, Slot>,
        /// With a first beat there: octets that go in: 0, 4, 6 or 8.
        pub s_growth: Signal<In, Bits<4>>,
        /// With a first beat there: octets of the longest frame, with them.
        pub s_maximum: Signal<In, Bits<15>>,
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
        // Two behind the end: the slot, and what there is of it with what goes in.
        after: DFF<Slot>,
        growth: DFF<Bits<4>>,
        beat: DFF<Bits<2>>,
        starts: DFF<Bit>,
        sum: DFF<Bits<7>>,
        here: DFF<Bit>,
        behind: DFF<Bit>,
        // With a first beat there: how many octets may leave, in whole beats and a rest.
        start: DFF<Bits<15>>,
        rest: DFF<Bits<7>>,
        // One behind the end: the slot, what leaves of it, and of the next slot if it does not fit; whether the maximum ends in it, if
        // no whole beat is left, or just one.
        coming: DFF<Slot>,
        part: DFF<Bits<7>>,
        over: DFF<Bit>,
        excess: DFF<Bits<4>>,
        excess_cut: DFF<Bit>,
        cuts_none: DFF<Bit>,
        cuts_one: DFF<Bit>,
        moves_1: DFF<Bits<2>>,
        here_1: DFF<Bit>,
        behind_1: DFF<Bit>,
        lasting: DFF<Bits<7>>,
        beats: DFF<Bits<12>>,
        none: DFF<Bit>,
        one: DFF<Bit>,
        swallowed: DFF<Bit>,
        // The frame's end did not fit: so many octets are left, this good, unless the maximum ends in them.
        tail: DFF<Bit>,
        tail_size: DFF<Bits<4>>,
        tail_cut: DFF<Bit>,
        tail_bad: DFF<Bit>,
        // The slot at the end.
        emits: DFF<Bit>,
        size: DFF<Bits<7>>,
        last: DFF<Bit>,
        bad: DFF<Bit>,
        front_moves: DFF<Bits<2>>,
        back_moves: DFF<Bits<2>>,
        here_end: DFF<Bit>,
        takes_carry: DFF<Bit>,
        tail_end: DFF<Bit>,
        // The slot that was at the end, its octets moved.
        goes: DFF<Bit>,
        emitted: DFF<Bit>,
        moved: DFF<Bits<E>>,
        tag: DFF<Bits<64>>,
        carries: DFF<Bit>,
        keep: DFF<Bits<K>>,
        went_last: DFF<Bit>,
        went_bad: DFF<Bit>,
        priority: DFF<Bits<4>>,
        dest: DFF<Bits<8>>,
        carry: DFF<Bits<64>>,
        out: DFF<Bit>,
        out_data: DFF<Bits<W>>,
        out_keep: DFF<Bits<K>>,
        out_last: DFF<Bit>,
        out_user: DFF<Bits<5>>,
        out_dest: DFF<Bits<8>>,
        now_growth: Signal<Local, Bits<4>>,
        now_beat: Signal<Local, Bits<2>>,
        code: Signal<Local, Bits<2>>,
        emit: Signal<Local, Bit>,
        cut: Signal<Local, Bit>,
        gone: Signal<Local, Bit>,
        given: Signal<Local, Bits<E>>,
        front: Signal<Local, Bits<E>>,
        back: Signal<Local, Bits<E>>,
        ext: Signal<Local, Bits<E>>,
        lane: Signal<Local, Bits<W>>,
        mask: Signal<Local, Bits<W>>,
        lanes_kept: Lanes<K>,
        lanes: Fixed<K, 7>,
        rest_mask: Known<Below<K>, 15>,
        whole: Known<Whole<K>, 4>,
        width: Fixed<W, 10>,
        address_beat: Known<AddressBeat<K>, 2>,
        address_bits: Known<AddressBits<K>, 7>,
        address_mask: Known<AddressMask<K>, E>,
    }
}

impl<const W: usize, const K: usize, const E: usize> Logic for Insert<W, K, E> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clk,
            after,
            growth,
            beat,
            starts,
            sum,
            here,
            behind,
            start,
            rest,
            coming,
            part,
            over,
            excess,
            excess_cut,
            cuts_none,
            cuts_one,
            moves_1,
            here_1,
            behind_1,
            lasting,
            beats,
            none,
            one,
            swallowed,
            tail,
            tail_size,
            tail_cut,
            tail_bad,
            emits,
            size,
            last,
            bad,
            front_moves,
            back_moves,
            here_end,
            takes_carry,
            tail_end,
            goes,
            emitted,
            moved,
            tag,
            carries,
            keep,
            went_last,
            went_bad,
            priority,
            dest,
            carry,
            out,
            out_data,
            out_keep,
            out_last,
            out_user,
            out_dest
        );
        self.m_valid.next = self.out.q.val();
        self.m_data.next = self.out_data.q.val();
        self.m_keep.next = self.out_keep.q.val();
        self.m_last.next = self.out_last.q.val();
        self.m_user.next = self.out_user.q.val();
        self.m_dest.next = self.out_dest.q.val();

        // Three slots ahead: what there is with what goes in.
        self.now_growth.next = self.growth.q.val();
        self.now_beat.next = self.beat.q.val();
        if self.s_third.val().first {
            self.now_growth.next = self.s_growth.val();
            self.now_beat.next = 0.into();
        }
        if self.en.val() {
            self.after.d.next = self.s_third.val();
            self.starts.d.next = self.s_third.val().valid & self.s_third.val().first;
            self.sum.d.next = self.s_third.val().size;
            if self.now_beat.val() >= self.address_beat.val() {
                self.sum.d.next = self.s_third.val().size + bit_cast::<7, 4>(self.now_growth.val());
            }
            self.here.d.next =
                self.now_growth.val().any() & (self.now_beat.val() == self.address_beat.val());
            self.behind.d.next =
                self.now_growth.val().any() & (self.now_beat.val() > self.address_beat.val());
            if self.s_third.val().valid {
                self.growth.d.next = self.now_growth.val();
                if self.now_beat.val() < 2 {
                    self.beat.d.next = self.now_beat.val() + 1;
                }
                if self.s_third.val().first {
                    self.start.d.next = self.s_maximum.val() >> self.whole.val();
                    self.rest.d.next =
                        bit_cast::<7, 15>(self.s_maximum.val() & self.rest_mask.val());
                }
            }
        }

        // Two slots ahead: what fits, and whether it is too much if the maximum ends here.
        self.code.next = 0.into();
        if self.growth.q.val().get_bit(3) {
            self.code.next = 3.into();
        } else if self.growth.q.val().get_bit(1) {
            self.code.next = 2.into();
        } else if self.growth.q.val().get_bit(2) {
            self.code.next = 1.into();
        }
        if self.en.val() {
            self.coming.d.next = self.after.q.val();
            self.over.d.next = self.sum.q.val() > self.lanes.val();
            self.part.d.next = self.sum.q.val();
            if (self.sum.q.val() >> self.whole.val()).any() {
                self.part.d.next = self.lanes.val();
            }
            self.excess.d.next = bit_cast::<4, 7>(self.sum.q.val() - self.lanes.val());
            self.excess_cut.d.next = (self.sum.q.val() - self.lanes.val()) > self.rest.q.val();
            self.cuts_none.d.next = (self.sum.q.val() > self.rest.q.val())
                | ((self.sum.q.val() == self.rest.q.val()) & (!self.after.q.val().last));
            self.cuts_one.d.next = (self.rest.q.val() == 0)
                & ((self.sum.q.val() > self.lanes.val())
                    | ((self.sum.q.val() == self.lanes.val()) & (!self.after.q.val().last)));
            self.moves_1.d.next = self.code.val();
            self.here_1.d.next = self.here.q.val();
            self.behind_1.d.next = self.behind.q.val();
            // Whole beats that may still leave.
            if self.starts.q.val() {
                self.lasting.d.next = self.rest.q.val();
                self.beats.d.next = bit_cast::<12, 15>(self.start.q.val());
                self.none.d.next = self.start.q.val() == 0;
                self.one.d.next = self.start.q.val() == 1;
            } else if self.coming.q.val().valid {
                self.beats.d.next = self.beats.q.val() - 1;
                self.none.d.next = self.one.q.val();
                self.one.d.next = self.beats.q.val() == 2;
            }
        }

        // One slot ahead: how much of it leaves.
        self.gone.next = self.swallowed.q.val() & (!self.coming.q.val().first);
        self.emit.next = (self.coming.q.val().valid & (!self.gone.val())) | self.tail.q.val();
        self.cut.next = (self.none.q.val() & self.cuts_none.q.val())
            | (self.one.q.val() & self.cuts_one.q.val());
        if self.en.val() {
            self.emits.d.next = self.emit.val();
            if self.tail.q.val() {
                self.size.d.next = bit_cast::<7, 4>(self.tail_size.q.val());
                if self.none.q.val() & self.tail_cut.q.val() {
                    self.size.d.next = self.lasting.q.val();
                }
                self.last.d.next = true;
                self.bad.d.next =
                    self.tail_bad.q.val() | (self.none.q.val() & self.tail_cut.q.val());
            } else {
                self.size.d.next = self.part.q.val();
                if self.none.q.val() & self.cuts_none.q.val() {
                    self.size.d.next = self.lasting.q.val();
                }
                self.last.d.next =
                    (self.coming.q.val().last & (!self.over.q.val())) | self.cut.val();
                self.bad.d.next = self.coming.q.val().bad | self.cut.val();
            }
            // Octets in front of the place stay, those behind it move; all of them move in the beats behind.
            self.front_moves.d.next = 0.into();
            self.back_moves.d.next = 0.into();
            if self.here_1.q.val() {
                self.back_moves.d.next = self.moves_1.q.val();
            }
            if self.behind_1.q.val() {
                self.front_moves.d.next = self.moves_1.q.val();
                self.back_moves.d.next = self.moves_1.q.val();
            }
            self.here_end.d.next = self.here_1.q.val() & (!self.tail.q.val());
            self.takes_carry.d.next = self.behind_1.q.val() | self.tail.q.val();
            self.tail_end.d.next = self.tail.q.val();
            self.tail.d.next = false;
            self.tail_size.d.next = self.excess.q.val();
            self.tail_cut.d.next = self.excess_cut.q.val();
            self.tail_bad.d.next = self.coming.q.val().bad;
            if self.coming.q.val().valid {
                // What is left of a frame that was cut is swallowed.
                self.swallowed.d.next = self.gone.val() | self.cut.val();
                self.tail.d.next = self.coming.q.val().last
                    & (self.over.q.val() & ((!self.gone.val()) & (!self.cut.val())));
            }
        }

        // The slot at the end: its octets move.
        self.given.next = bit_cast::<E, W>(self.s_data.val());
        self.front.next = self.given.val() & self.address_mask.val();
        self.back.next = self.given.val() & (!self.address_mask.val());
        if self.front_moves.q.val() == 3 {
            self.front.next = self.front.val() << 64;
        } else if self.front_moves.q.val() == 2 {
            self.front.next = self.front.val() << 48;
        } else if self.front_moves.q.val() == 1 {
            self.front.next = self.front.val() << 32;
        }
        if self.back_moves.q.val() == 3 {
            self.back.next = self.back.val() << 64;
        } else if self.back_moves.q.val() == 2 {
            self.back.next = self.back.val() << 48;
        } else if self.back_moves.q.val() == 1 {
            self.back.next = self.back.val() << 32;
        }
        self.lanes_kept.size.next = self.size.q.val();
        if self.en.val() {
            self.goes.d.next = self.emits.q.val() & (!self.s_drop.val());
            self.emitted.d.next = self.emits.q.val();
            self.moved.d.next = self.front.val() | self.back.val();
            if self.tail_end.q.val() {
                self.moved.d.next = 0.into();
            }
            self.tag.d.next = 0.into();
            if self.here_end.q.val() {
                self.tag.d.next = self.s_tag.val();
            }
            self.carries.d.next = self.takes_carry.q.val();
            self.keep.d.next = self.lanes_kept.keep.val();
            self.went_last.d.next = self.last.q.val();
            self.went_bad.d.next = self.last.q.val() & self.bad.q.val();
            self.priority.d.next = self.s_priority.val();
            self.dest.d.next = self.s_dest.val();
        }

        // A clock later: with what goes in, or was carried.
        self.ext.next =
            self.moved.q.val() | (bit_cast::<E, 64>(self.tag.q.val()) << self.address_bits.val());
        if self.carries.q.val() {
            self.ext.next = self.ext.val() | bit_cast::<E, 64>(self.carry.q.val());
        }
        self.mask.next = 0.into();
        self.lane.next = 0xFF.into();
        for i in 0..K {
            if self.keep.q.val().get_bit(i) {
                self.mask.next = self.mask.val() | self.lane.val();
            }
            self.lane.next = self.lane.val() << 8;
        }
        if self.en.val() {
            self.out.d.next = self.goes.q.val();
            if self.emitted.q.val() {
                self.carry.d.next = self.ext.val().get_bits::<64>(self.width.val().index());
            }
            self.out_data.d.next = bit_cast::<W, E>(self.ext.val()) & self.mask.val();
            self.out_keep.d.next = self.keep.q.val();
            self.out_last.d.next = self.went_last.q.val();
            self.out_user.d.next = (bit_cast::<5, 4>(self.priority.q.val()) << 1)
                | bit_cast::<5, 1>(self.went_bad.q.val().into());
            self.out_dest.d.next = self.dest.q.val();
        }
        if self.rst.val() {
            self.after.d.next.valid = false;
            self.starts.d.next = false;
            self.coming.d.next.valid = false;
            self.tail.d.next = false;
            self.emits.d.next = false;
            self.goes.d.next = false;
            self.out.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("insert", "2 clocks")
            .with("W", W)
            .says("Puts a tag behind octet 12 of a frame.")
            .timing()
    }
}
