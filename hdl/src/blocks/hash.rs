// SPDX-License-Identifier: MIT
//! The keyed hash of the exact-match tables, a round a clock (docs/pipeline.md, section 4).

use rust_hdl::prelude::*;
use vireo_spec::hash::ROTATIONS;

use super::known::Fixed;
use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// A round: rotations by `P` and `Q`; `PX` and `QX` are 72 minus those. A bit after it is three bits of `chi`, and a bit of `chi` three
    /// before: two levels of look-up tables.
    pub struct Round<const P: usize, const PX: usize, const Q: usize, const QX: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// The direction moves.
        pub en: Signal<In, Bit>,
        /// The state before the round.
        pub x: Signal<In, Bits<72>>,
        /// The state after it, a clock later.
        pub y: Signal<Out, Bits<72>>,
        state: DFF<Bits<72>>,
        chi: Signal<Local, Bits<72>>,
        p: Fixed<P, 7>,
        px: Fixed<PX, 7>,
        q: Fixed<Q, 7>,
        qx: Fixed<QX, 7>,
    }
}

impl<const P: usize, const PX: usize, const Q: usize, const QX: usize> Logic
    for Round<P, PX, Q, QX>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, state);
        self.y.next = self.state.q.val();
        self.chi.next = self.x.val()
            ^ ((!((self.x.val() << 1) | (self.x.val() >> 71)))
                & ((self.x.val() << 2) | (self.x.val() >> 70)));
        if self.en.val() {
            self.state.d.next = (self.chi.val()
                ^ ((self.chi.val() << self.p.val()) | (self.chi.val() >> self.px.val())))
                ^ ((self.chi.val() << self.q.val()) | (self.chi.val() >> self.qx.val()));
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("hash_round", "1 clock").with("P", P).with("Q", Q).timing()
    }
}

const fn rotation(round: usize, which: usize) -> usize {
    ROTATIONS[round][which] as usize
}

logic_block! {
    /// The key meets the seed in one clock; a clock each for three rounds.
    pub struct Hash {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// The direction moves.
        pub en: Signal<In, Bit>,
        /// The key.
        pub key: Signal<In, Bits<72>>,
        /// The seed.
        pub seed: Signal<In, Bits<72>>,
        /// The hash of the key four clocks ago, with the seed of then.
        pub x: Signal<Out, Bits<72>>,
        seeded: DFF<Bits<72>>,
        round0: Round<
            { rotation(0, 0) },
            { 72 - rotation(0, 0) },
            { rotation(0, 1) },
            { 72 - rotation(0, 1) },
        >,
        round1: Round<
            { rotation(1, 0) },
            { 72 - rotation(1, 0) },
            { rotation(1, 1) },
            { 72 - rotation(1, 1) },
        >,
        round2: Round<
            { rotation(2, 0) },
            { 72 - rotation(2, 0) },
            { rotation(2, 1) },
            { 72 - rotation(2, 1) },
        >,
    }
}

impl Logic for Hash {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, seeded);
        if self.en.val() {
            self.seeded.d.next = self.key.val() ^ self.seed.val();
        }
        self.round0.clk.next = self.clk.val();
        self.round1.clk.next = self.clk.val();
        self.round2.clk.next = self.clk.val();
        self.round0.en.next = self.en.val();
        self.round1.en.next = self.en.val();
        self.round2.en.next = self.en.val();
        self.round0.x.next = self.seeded.q.val();
        self.round1.x.next = self.round0.y.val();
        self.round2.x.next = self.round1.y.val();
        self.x.next = self.round2.y.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("hash", "4 clocks").says("Keyed hash of 72 bits, a round a clock.").timing()
    }
}
