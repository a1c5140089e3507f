// SPDX-License-Identifier: MIT
//! Remove: takes the tag behind octet 12 out of a frame, over beats (docs/pipeline.md, 3.7). What becomes of a slot is worked
//! out while the two before it are at the end of the delay line.

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
        /// The slot two behind the one at the end of the delay line.
        pub s_after: Signal<In, Slot>,
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
        // The slot behind the one at the end, its frame, and what becomes of it: it fits into the beat before, which then has so
        // many octets; or it is held, and is so short without what comes out.
        coming: DFF<Slot>,
        growth: DFF<Bits<4>>,
        beat: DFF<Bits<2>>,
        maximum: DFF<Bits<14>>,
        fits: DFF<Bit>,
        merged: DFF<Bits<7>>,
        short: DFF<Bits<7>>,
        here: DFF<Bit>,
        behind: DFF<Bit>,
        // The beat that will be held then, and its frame.
        holds: DFF<Bit>,
        held_last: DFF<Bit>,
        held_bad: DFF<Bit>,
        held_short: DFF<Bits<7>>,
        held_growth: DFF<Bits<4>>,
        held_here: DFF<Bit>,
        held_behind: DFF<Bit>,
        left: DFF<Bits<15>>,
        swallowed: DFF<Bit>,
        // The slot at the end, and the beat that is held.
        keeps: DFF<Bit>,
        first: DFF<Bit>,
        emits: DFF<Bit>,
        size: DFF<Bits<7>>,
        last: DFF<Bit>,
        bad: DFF<Bit>,
        growth_end: DFF<Bits<4>>,
        here_end: DFF<Bit>,
        behind_end: DFF<Bit>,
        held_data: DFF<Bits<W>>,
        drop: DFF<Bit>,
        priority: DFF<Bits<4>>,
        dest: DFF<Bits<D>>,
        id: DFF<Bits<8>>,
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
        emit: Signal<Local, Bit>,
        spent: Signal<Local, Bit>,
        part: Signal<Local, Bits<7>>,
        cut: Signal<Local, Bit>,
        both: Signal<Local, Bits<E>>,
        octets: Signal<Local, Bits<E>>,
        keep: Signal<Local, Bits<K>>,
        lane: Signal<Local, Bits<W>>,
        mask: Signal<Local, Bits<W>>,
        lanes: Fixed<K, 7>,
        width: Fixed<W, 10>,
        address_beat: Known<AddressBeat<K>, 2>,
        address_mask: Known<AddressMask<K>, E>,
        all_lanes: Known<Ones, K>,
    }
}

impl<const W: usize, const K: usize, const E: usize, const D: usize> Logic for Remove<W, K, E, D> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clk,
            coming,
            growth,
            beat,
            maximum,
            fits,
            merged,
            short,
            here,
            behind,
            holds,
            held_last,
            held_bad,
            held_short,
            held_growth,
            held_here,
            held_behind,
            left,
            swallowed,
            keeps,
            first,
            emits,
            size,
            last,
            bad,
            growth_end,
            here_end,
            behind_end,
            held_data,
            drop,
            priority,
            dest,
            id,
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

        // Two slots ahead: what a beat is without what comes out of it, or with the one before.
        self.now_growth.next = self.growth.q.val();
        self.now_beat.next = self.beat.q.val();
        if self.s_after.val().first {
            self.now_growth.next = self.s_growth.val();
            self.now_beat.next = 0.into();
        }
        self.gone.next = bit_cast::<7, 4>(self.now_growth.val());
        if self.en.val() {
            self.coming.d.next = self.s_after.val();
            self.fits.d.next = false;
            self.merged.d.next = self.lanes.val();
            self.behind.d.next = false;
            if self.now_beat.val() > self.address_beat.val() {
                self.fits.d.next =
                    self.s_after.val().last & (self.s_after.val().size <= self.gone.val());
                self.merged.d.next = (self.lanes.val() - self.gone.val()) + self.s_after.val().size;
                self.behind.d.next = self.gone.val().any();
            }
            self.here.d.next =
                self.gone.val().any() & (self.now_beat.val() == self.address_beat.val());
            self.short.d.next = self.s_after.val().size;
            if self.now_beat.val() >= self.address_beat.val() {
                self.short.d.next = self.s_after.val().size - self.gone.val();
            }
            if self.s_after.val().valid {
                self.growth.d.next = self.now_growth.val();
                if self.now_beat.val() < 2 {
                    self.beat.d.next = self.now_beat.val() + 1;
                }
                if self.s_after.val().first {
                    self.maximum.d.next = self.s_maximum.val();
                }
            }
        }

        // One slot ahead: how much leaves of the beat that will be held.
        self.emit.next = self.holds.q.val() & (self.held_last.q.val() | self.coming.q.val().valid);
        self.spent.next = false;
        self.part.next = self.lanes.val();
        if self.held_last.q.val() {
            self.part.next = self.held_short.q.val();
        } else if self.fits.q.val() {
            self.part.next = self.merged.q.val();
            self.spent.next = true;
        }
        self.cut.next = false;
        if self.left.q.val() < bit_cast::<15, 7>(self.lanes.val()) {
            self.cut.next = (self.part.val() > self.left.q.val().get_bits::<7>(0))
                | ((self.part.val() == self.left.q.val().get_bits::<7>(0))
                    & (!(self.held_last.q.val() | self.spent.val())));
        } else if self.left.q.val() == bit_cast::<15, 7>(self.lanes.val()) {
            self.cut.next = (self.part.val() == self.lanes.val())
                & (!(self.held_last.q.val() | self.spent.val()));
        }
        if self.en.val() {
            self.emits.d.next = self.emit.val() & (!self.swallowed.q.val());
            self.size.d.next = self.part.val();
            if self.cut.val() {
                self.size.d.next = self.left.q.val().get_bits::<7>(0);
            }
            self.last.d.next = self.held_last.q.val() | self.spent.val() | self.cut.val();
            self.bad.d.next = self.coming.q.val().bad | self.cut.val();
            if self.held_last.q.val() {
                self.bad.d.next = self.held_bad.q.val() | self.cut.val();
            }
            self.growth_end.d.next = self.held_growth.q.val();
            self.here_end.d.next = self.held_here.q.val();
            self.behind_end.d.next = self.held_behind.q.val();
            self.keeps.d.next = self.coming.q.val().valid & (!self.spent.val());
            self.first.d.next = self.coming.q.val().valid & self.coming.q.val().first;
            if self.emit.val() {
                self.holds.d.next = false;
                self.left.d.next = self.left.q.val() - bit_cast::<15, 7>(self.lanes.val());
                // What is left of a frame that was cut is swallowed.
                self.swallowed.d.next = self.swallowed.q.val() | self.cut.val();
            }
            if self.coming.q.val().valid {
                self.holds.d.next = !self.spent.val();
                self.held_last.d.next = self.coming.q.val().last;
                self.held_bad.d.next = self.coming.q.val().bad;
                self.held_short.d.next = self.short.q.val();
                self.held_growth.d.next = self.growth.q.val();
                self.held_here.d.next = self.here.q.val();
                self.held_behind.d.next = self.behind.q.val();
                if self.coming.q.val().first {
                    self.left.d.next = bit_cast::<15, 14>(self.maximum.q.val());
                    self.swallowed.d.next = false;
                }
            }
        }

        // The slot at the end, and what is held before it.
        self.both.next = bit_cast::<E, W>(self.held_data.q.val());
        self.octets.next =
            self.both.val() | (bit_cast::<E, W>(self.s_data.val()) << self.width.val());
        if self.growth_end.q.val() == 8 {
            self.octets.next = self.octets.val() >> 64;
        } else if self.growth_end.q.val() == 6 {
            self.octets.next = self.octets.val() >> 48;
        } else {
            self.octets.next = self.octets.val() >> 32;
        }
        if self.here_end.q.val() {
            self.octets.next = (self.both.val() & self.address_mask.val())
                | (self.octets.val() & (!self.address_mask.val()));
        } else if !self.behind_end.q.val() {
            self.octets.next = self.both.val();
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
            self.out.d.next = self.emits.q.val() & (!self.drop.q.val());
            if self.emits.q.val() {
                self.out_data.d.next = bit_cast::<W, E>(self.octets.val()) & self.mask.val();
                self.out_keep.d.next = self.keep.val();
                self.out_last.d.next = self.last.q.val();
                self.out_user.d.next = (bit_cast::<5, 4>(self.priority.q.val()) << 1)
                    | bit_cast::<5, 1>((self.last.q.val() & self.bad.q.val()).into());
                self.out_dest.d.next = self.dest.q.val();
                self.out_id.d.next = self.id.q.val();
            }
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
        if self.rst.val() {
            self.coming.d.next.valid = false;
            self.holds.d.next = false;
            self.emits.d.next = false;
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
