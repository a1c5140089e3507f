// SPDX-License-Identifier: MIT
//! The keyed hash of the exact-match tables, a round a clock (docs/pipeline.md, section 4).

use rust_hdl::prelude::*;

use super::known::Fixed;
use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// A round, and the next one's seed: rotations by `P` and `Q`; `PX` and `QX` are 72 minus those. A bit after it is three bits of
    /// `chi` and a seed's, and a bit of `chi` three before: two levels of look-up tables.
    pub struct Round<const P: usize, const PX: usize, const Q: usize, const QX: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// The direction moves.
        pub en: Signal<In, Bit>,
        /// The state before the round, with its seed.
        pub x: Signal<In, Bits<72>>,
        /// The next round's seed in this cycle.
        pub seed: Signal<In, Bits<72>>,
        /// The state after the round with that seed, a clock later.
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
                ^ (((self.chi.val() << self.q.val()) | (self.chi.val() >> self.qx.val()))
                    ^ self.seed.val());
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("hash_round", "1 clock").with("P", P).with("Q", Q).timing()
    }
}

const fn p(round: usize) -> usize {
    13 + 7 * round
}

const fn q(round: usize) -> usize {
    37 - 5 * round
}

logic_block! {
    /// The key meets the first round's seed in one clock; a clock each for four rounds, each with the next one's seed of that cycle.
    pub struct Hash {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// The direction moves.
        pub en: Signal<In, Bit>,
        /// The key.
        pub key: Signal<In, Bits<72>>,
        /// The seeds of the rounds.
        pub seed: [Signal<In, Bits<72>>; 4],
        /// The hash of the key five clocks ago.
        pub x: Signal<Out, Bits<72>>,
        seeded: DFF<Bits<72>>,
        round0: Round<{ p(0) }, { 72 - p(0) }, { q(0) }, { 72 - q(0) }>,
        round1: Round<{ p(1) }, { 72 - p(1) }, { q(1) }, { 72 - q(1) }>,
        round2: Round<{ p(2) }, { 72 - p(2) }, { q(2) }, { 72 - q(2) }>,
        round3: Round<{ p(3) }, { 72 - p(3) }, { q(3) }, { 72 - q(3) }>,
    }
}

impl Logic for Hash {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, seeded);
        if self.en.val() {
            self.seeded.d.next = self.key.val() ^ self.seed[0].val();
        }
        self.round0.clk.next = self.clk.val();
        self.round1.clk.next = self.clk.val();
        self.round2.clk.next = self.clk.val();
        self.round3.clk.next = self.clk.val();
        self.round0.en.next = self.en.val();
        self.round1.en.next = self.en.val();
        self.round2.en.next = self.en.val();
        self.round3.en.next = self.en.val();
        self.round0.seed.next = self.seed[1].val();
        self.round1.seed.next = self.seed[2].val();
        self.round2.seed.next = self.seed[3].val();
        self.round3.seed.next = 0.into();
        self.round0.x.next = self.seeded.q.val();
        self.round1.x.next = self.round0.y.val();
        self.round2.x.next = self.round1.y.val();
        self.round3.x.next = self.round2.y.val();
        self.x.next = self.round3.y.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("hash", "5 clocks").says("Keyed hash of 72 bits, a round a clock.").timing()
    }
}
