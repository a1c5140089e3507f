// SPDX-License-Identifier: MIT
//! Remove: takes the tag behind octet 12 out of a frame, over beats (docs/pipeline.md, 3.7). What becomes of a slot is worked
//! out while the three before it are at the end of the delay line.

use rust_hdl::prelude::*;

use super::insert::{AddressBeat, AddressMask, Whole};
use super::known::{Below, Fixed, Known};
use super::lanes::Lanes;
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
        /// The third slot behind the one at the end of the delay line.
        pub s_third: Signal<In, Slot>,
        /// With a first beat there: octets that come out: 0, 4, 6 or 8.
        pub s_growth: Signal<In, Bits<4>>,
        /// With a first beat there: octets of the longest frame, without them.
        pub s_maximum: Signal<In, Bits<14>>,
        /// Octets of the slot at the end.
        pub s_data: Signal<In, Bits<W>>,
        /// Its frame is dropped.
        pub s_drop: Signal<In, Bit>,
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
        // Two behind the end: the slot, its frame, and what becomes of it: it fits into the beat before, which then has so many
        // octets; or it is held, and is so short without what comes out.
        after: DFF<Slot>,
        growth: DFF<Bits<4>>,
        beat: DFF<Bits<2>>,
        maximum: DFF<Bits<14>>,
        fits: DFF<Bit>,
        merged: DFF<Bits<7>>,
        short: DFF<Bits<7>>,
        here: DFF<Bit>,
        behind: DFF<Bit>,
        // One behind the end: the same; and what the beat that will be held before it makes with it or alone, against the rest of
        // the maximum.
        coming: DFF<Slot>,
        fits_1: DFF<Bit>,
        merged_1: DFF<Bits<7>>,
        short_1: DFF<Bits<7>>,
        moves_1: DFF<Bits<2>>,
        here_1: DFF<Bit>,
        behind_1: DFF<Bit>,
        merged_over: DFF<Bit>,
        short_over: DFF<Bit>,
        start: DFF<Bits<11>>,
        start_none: DFF<Bit>,
        start_one: DFF<Bit>,
        rest: DFF<Bits<7>>,
        // The beat that will be held then, and its frame: how many octets may leave, in whole beats and a rest.
        holds: DFF<Bit>,
        held_last: DFF<Bit>,
        held_bad: DFF<Bit>,
        held_short: DFF<Bits<7>>,
        held_over: DFF<Bit>,
        held_front: DFF<Bits<2>>,
        held_back: DFF<Bits<2>>,
        beats: DFF<Bits<11>>,
        none: DFF<Bit>,
        one: DFF<Bit>,
        lasting: DFF<Bits<7>>,
        lasts: DFF<Bit>,
        swallowed: DFF<Bit>,
        // The slot at the end, and the beat that is held.
        keeps: DFF<Bit>,
        first: DFF<Bit>,
        emits: DFF<Bit>,
        size: DFF<Bits<7>>,
        last: DFF<Bit>,
        bad: DFF<Bit>,
        front_moves: DFF<Bits<2>>,
        back_moves: DFF<Bits<2>>,
        held_data: DFF<Bits<W>>,
        drop: DFF<Bit>,
        priority: DFF<Bits<4>>,
        dest: DFF<Bits<D>>,
        id: DFF<Bits<8>>,
        // The beat out, its octets moved.
        goes: DFF<Bit>,
        moved: DFF<Bits<W>>,
        keep: DFF<Bits<K>>,
        went_last: DFF<Bit>,
        went_bad: DFF<Bit>,
        went_priority: DFF<Bits<4>>,
        went_dest: DFF<Bits<D>>,
        went_id: DFF<Bits<8>>,
        out: DFF<Bit>,
        out_data: DFF<Bits<W>>,
        out_keep: DFF<Bits<K>>,
        out_last: DFF<Bit>,
        out_user: DFF<Bits<5>>,
        out_dest: DFF<Bits<D>>,
        out_id: DFF<Bits<8>>,
        now_growth: Signal<Local, Bits<4>>,
        now_beat: Signal<Local, Bits<2>>,
        gone: Signal<Local, Bits<7>>,
        code: Signal<Local, Bits<2>>,
        emit: Signal<Local, Bit>,
        spent: Signal<Local, Bit>,
        ends: Signal<Local, Bit>,
        exceeds: Signal<Local, Bit>,
        cut: Signal<Local, Bit>,
        both: Signal<Local, Bits<E>>,
        front: Signal<Local, Bits<E>>,
        back: Signal<Local, Bits<E>>,
        lane: Signal<Local, Bits<W>>,
        mask: Signal<Local, Bits<W>>,
        lanes_kept: Lanes<K>,
        lanes: Fixed<K, 7>,
        rest_mask: Known<Below<K>, 14>,
        whole: Known<Whole<K>, 4>,
        width: Fixed<W, 10>,
        address_beat: Known<AddressBeat<K>, 2>,
        address_mask: Known<AddressMask<K>, E>,
    }
}

impl<const W: usize, const K: usize, const E: usize, const D: usize> Logic for Remove<W, K, E, D> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clk,
            after,
            growth,
            beat,
            maximum,
            fits,
            merged,
            short,
            here,
            behind,
            coming,
            fits_1,
            merged_1,
            short_1,
            moves_1,
            here_1,
            behind_1,
            merged_over,
            short_over,
            start,
            start_none,
            start_one,
            rest,
            holds,
            held_last,
            held_bad,
            held_short,
            held_over,
            held_front,
            held_back,
            beats,
            none,
            one,
            lasting,
            lasts,
            swallowed,
            keeps,
            first,
            emits,
            size,
            last,
            bad,
            front_moves,
            back_moves,
            held_data,
            drop,
            priority,
            dest,
            id,
            goes,
            moved,
            keep,
            went_last,
            went_bad,
            went_priority,
            went_dest,
            went_id,
            out,
            out_data,
            out_keep,
            out_last,
            out_user,
            out_dest,
            out_id
        );
        self.m_valid.next = self.out.q.val();
        self.m_data.next = self.out_data.q.val();
        self.m_keep.next = self.out_keep.q.val();
        self.m_last.next = self.out_last.q.val();
        self.m_user.next = self.out_user.q.val();
        self.m_dest.next = self.out_dest.q.val();
        self.m_id.next = self.out_id.q.val();

        // Three slots ahead: what a beat is without what comes out of it, or with the one before.
        self.now_growth.next = self.growth.q.val();
        self.now_beat.next = self.beat.q.val();
        if self.s_third.val().first {
            self.now_growth.next = self.s_growth.val();
            self.now_beat.next = 0.into();
        }
        self.gone.next = bit_cast::<7, 4>(self.now_growth.val());
        if self.en.val() {
            self.after.d.next = self.s_third.val();
            self.fits.d.next = false;
            self.merged.d.next = self.lanes.val();
            self.behind.d.next = false;
            // No first beat.
            if self.now_beat.val() > self.address_beat.val() {
                self.fits.d.next = self.s_third.val().last
                    & (self.s_third.val().size <= bit_cast::<7, 4>(self.growth.q.val()));
                self.merged.d.next = (self.s_third.val().size
                    - bit_cast::<7, 4>(self.growth.q.val()))
                    + self.lanes.val();
                self.behind.d.next = self.growth.q.val().any();
            }
            self.here.d.next =
                self.gone.val().any() & (self.now_beat.val() == self.address_beat.val());
            self.short.d.next = self.s_third.val().size;
            if self.now_beat.val() >= self.address_beat.val() {
                self.short.d.next = self.s_third.val().size - self.gone.val();
            }
            if self.s_third.val().valid {
                self.growth.d.next = self.now_growth.val();
                if self.now_beat.val() < 2 {
                    self.beat.d.next = self.now_beat.val() + 1;
                }
                if self.s_third.val().first {
                    self.maximum.d.next = self.s_maximum.val();
                }
            }
        }

        // Two slots ahead: against the rest of the maximum.
        self.code.next = 0.into();
        if self.growth.q.val().get_bit(3) {
            self.code.next = 3.into();
        } else if self.growth.q.val().get_bit(1) {
            self.code.next = 2.into();
        } else if self.growth.q.val().get_bit(2) {
            self.code.next = 1.into();
        }
        self.gone.next = bit_cast::<7, 14>(self.maximum.q.val() & self.rest_mask.val());
        if self.en.val() {
            self.coming.d.next = self.after.q.val();
            self.fits_1.d.next = self.fits.q.val();
            self.merged_1.d.next = self.merged.q.val();
            self.short_1.d.next = self.short.q.val();
            self.moves_1.d.next = self.code.val();
            self.here_1.d.next = self.here.q.val();
            self.behind_1.d.next = self.behind.q.val();
            self.merged_over.d.next = self.merged.q.val() > self.gone.val();
            self.short_over.d.next = self.short.q.val() > self.gone.val();
            self.start.d.next = bit_cast::<11, 14>(self.maximum.q.val() >> self.whole.val());
            self.start_none.d.next = (self.maximum.q.val() >> self.whole.val()) == 0;
            self.start_one.d.next = (self.maximum.q.val() >> self.whole.val()) == 1;
            self.rest.d.next = self.gone.val();
        }

        // One slot ahead: how much leaves of the beat that will be held. It exceeds the rest if it is longer, or full and not the last.
        self.emit.next = self.holds.q.val() & (self.held_last.q.val() | self.coming.q.val().valid);
        self.spent.next = self.fits_1.q.val() & (!self.held_last.q.val());
        self.ends.next = self.fits_1.q.val() | self.held_last.q.val();
        if self.held_last.q.val() {
            self.exceeds.next = self.held_over.q.val();
        } else {
            self.exceeds.next = (!self.fits_1.q.val()) | self.merged_over.q.val();
        }
        self.cut.next = (self.none.q.val() & self.exceeds.val())
            | (self.one.q.val() & (self.lasts.q.val() & (!self.ends.val())));
        if self.en.val() {
            self.emits.d.next = self.emit.val() & (!self.swallowed.q.val());
            if self.none.q.val() & self.exceeds.val() {
                self.size.d.next = self.lasting.q.val();
            } else if self.held_last.q.val() {
                self.size.d.next = self.held_short.q.val();
            } else if self.fits_1.q.val() {
                self.size.d.next = self.merged_1.q.val();
            } else {
                self.size.d.next = self.lanes.val();
            }
            self.last.d.next = self.ends.val() | self.cut.val();
            if self.held_last.q.val() {
                self.bad.d.next = self.held_bad.q.val() | self.cut.val();
            } else {
                self.bad.d.next = self.coming.q.val().bad | self.cut.val();
            }
            self.front_moves.d.next = self.held_front.q.val();
            self.back_moves.d.next = self.held_back.q.val();
            self.keeps.d.next = self.coming.q.val().valid & (!self.spent.val());
            self.first.d.next = self.coming.q.val().valid & self.coming.q.val().first;
            if self.emit.val() {
                self.holds.d.next = false;
                self.beats.d.next = self.beats.q.val() - 1;
                self.none.d.next = self.one.q.val();
                self.one.d.next = self.beats.q.val() == 2;
                // What is left of a frame that was cut is swallowed.
                self.swallowed.d.next = self.swallowed.q.val() | self.cut.val();
            }
            if self.coming.q.val().valid {
                self.holds.d.next = !self.spent.val();
                self.held_last.d.next = self.coming.q.val().last;
                self.held_bad.d.next = self.coming.q.val().bad;
                self.held_short.d.next = self.short_1.q.val();
                self.held_over.d.next = self.short_over.q.val();
                // Octets in front of the place stay, those behind it move; all of them move in the beats behind.
                self.held_front.d.next = 0.into();
                self.held_back.d.next = 0.into();
                if self.here_1.q.val() {
                    self.held_back.d.next = self.moves_1.q.val();
                }
                if self.behind_1.q.val() {
                    self.held_front.d.next = self.moves_1.q.val();
                    self.held_back.d.next = self.moves_1.q.val();
                }
                if self.coming.q.val().first {
                    self.beats.d.next = self.start.q.val();
                    self.none.d.next = self.start_none.q.val();
                    self.one.d.next = self.start_one.q.val();
                    self.lasting.d.next = self.rest.q.val();
                    self.lasts.d.next = self.rest.q.val() == 0;
                    self.swallowed.d.next = false;
                }
            }
        }

        // The slot at the end, and what is held before it: octets move.
        self.both.next = bit_cast::<E, W>(self.held_data.q.val())
            | (bit_cast::<E, W>(self.s_data.val()) << self.width.val());
        self.front.next = self.both.val();
        self.back.next = self.both.val();
        if self.front_moves.q.val() == 3 {
            self.front.next = self.both.val() >> 64;
        } else if self.front_moves.q.val() == 2 {
            self.front.next = self.both.val() >> 48;
        } else if self.front_moves.q.val() == 1 {
            self.front.next = self.both.val() >> 32;
        }
        if self.back_moves.q.val() == 3 {
            self.back.next = self.both.val() >> 64;
        } else if self.back_moves.q.val() == 2 {
            self.back.next = self.both.val() >> 48;
        } else if self.back_moves.q.val() == 1 {
            self.back.next = self.both.val() >> 32;
        }
        self.lanes_kept.size.next = self.size.q.val();
        if self.en.val() {
            self.goes.d.next = self.emits.q.val() & (!self.drop.q.val());
            self.moved.d.next = bit_cast::<W, E>(
                (self.front.val() & self.address_mask.val())
                    | (self.back.val() & (!self.address_mask.val())),
            );
            self.keep.d.next = self.lanes_kept.keep.val();
            self.went_last.d.next = self.last.q.val();
            self.went_bad.d.next = self.last.q.val() & self.bad.q.val();
            self.went_priority.d.next = self.priority.q.val();
            self.went_dest.d.next = self.dest.q.val();
            self.went_id.d.next = self.id.q.val();
            if self.keeps.q.val() {
                self.held_data.d.next = self.s_data.val();
            }
            if self.first.q.val() {
                self.drop.d.next = self.s_drop.val();
                self.priority.d.next = self.s_priority.val();
                self.dest.d.next = self.s_dest.val();
                self.id.d.next = self.s_id.val();
            }
        }

        // A clock later: cut to size.
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
            self.out_data.d.next = self.moved.q.val() & self.mask.val();
            self.out_keep.d.next = self.keep.q.val();
            self.out_last.d.next = self.went_last.q.val();
            self.out_user.d.next = (bit_cast::<5, 4>(self.went_priority.q.val()) << 1)
                | bit_cast::<5, 1>(self.went_bad.q.val().into());
            self.out_dest.d.next = self.went_dest.q.val();
            self.out_id.d.next = self.went_id.q.val();
        }
        if self.rst.val() {
            self.after.d.next.valid = false;
            self.coming.d.next.valid = false;
            self.holds.d.next = false;
            self.emits.d.next = false;
            self.goes.d.next = false;
            self.out.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("remove", "3 clocks")
            .with("W", W)
            .says("Takes the tag behind octet 12 out of a frame.")
            .timing()
    }
}
