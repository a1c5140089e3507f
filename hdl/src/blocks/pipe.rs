// SPDX-License-Identifier: MIT
//! Pipe and ring: what runs beside a lookup, in flip-flops in a row or, where the row is long, in a ring of memory.

use rust_hdl::prelude::*;

use super::known::{Known, Many, Value};
use crate::ram::SmallRam;
use crate::verilog::About;

/// Shows its input `N` clocks later.
#[derive(LogicBlock)]
pub struct Pipe<T: Synth, const N: usize> {
    /// Clock.
    pub clk: Signal<In, Clock>,
    /// The direction moves.
    pub en: Signal<In, Bit>,
    /// What goes in.
    pub d: Signal<In, T>,
    /// What comes out.
    pub q: Signal<Out, T>,
    stage: Many<DFF<T>, N>,
    moving: Signal<Local, T>,
}

impl<T: Synth, const N: usize> Default for Pipe<T, N> {
    fn default() -> Self {
        Self {
            clk: Signal::default(),
            en: Signal::default(),
            d: Signal::default(),
            q: Signal::default(),
            stage: Many::default(),
            moving: Signal::default(),
        }
    }
}

impl<T: Synth, const N: usize> Logic for Pipe<T, N> {
    #[hdl_gen]
    fn update(&mut self) {
        self.moving.next = self.d.val();
        for i in 0..N {
            self.stage[i].clock.next = self.clk.val();
            self.stage[i].d.next = self.stage[i].q.val();
            if self.en.val() {
                self.stage[i].d.next = self.moving.val();
            }
            self.moving.next = self.stage[i].q.val();
        }
        self.q.next = self.moving.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("pipe", &format!("{N} clocks")).with("WIDTH", T::BITS).with("N", N).timing()
    }
}

/// From the row that is written to the one that is read a clock later in a ring of 16 rows, `N` clocks after it was written.
pub struct Lead<const N: usize>;

impl<const N: usize> Value<4> for Lead<N> {
    fn value() -> Bits<4> {
        assert!((2..=16).contains(&N), "no ring of {N} clocks");
        Bits::from((18 - N as u64) % 16)
    }
}

/// Shows its input `N` clocks later, 2 to 16, as a [`Pipe`] does, by a ring of 16 rows of memory and one row of flip-flops.
#[derive(LogicBlock)]
pub struct Ring<T: Synth, const N: usize> {
    /// Clock.
    pub clk: Signal<In, Clock>,
    /// The direction moves.
    pub en: Signal<In, Bit>,
    /// What goes in.
    pub d: Signal<In, T>,
    /// What comes out.
    pub q: Signal<Out, T>,
    at: DFF<Bits<4>>,
    from: DFF<Bits<4>>,
    rows: SmallRam<T, 4>,
    shown: DFF<T>,
    lead: Known<Lead<N>, 4>,
}

impl<T: Synth, const N: usize> Default for Ring<T, N> {
    fn default() -> Self {
        Self {
            clk: Signal::default(),
            en: Signal::default(),
            d: Signal::default(),
            q: Signal::default(),
            at: DFF::default(),
            from: DFF::default(),
            rows: SmallRam::default(),
            shown: DFF::default(),
            lead: Known::default(),
        }
    }
}

impl<T: Synth, const N: usize> Logic for Ring<T, N> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, at, from, shown);
        self.rows.clk.next = self.clk.val();
        self.rows.write.next = self.en.val();
        self.rows.waddr.next = self.at.q.val();
        self.rows.wdata.next = self.d.val();
        self.rows.addr.next = self.from.q.val();
        if self.en.val() {
            self.at.d.next = self.at.q.val() + 1;
            self.from.d.next = self.at.q.val() + self.lead.val();
            self.shown.d.next = self.rows.data.val();
        }
        self.q.next = self.shown.q.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("ring", &format!("{N} clocks")).with("WIDTH", T::BITS).with("N", N).timing()
    }
}
