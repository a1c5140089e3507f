// SPDX-License-Identifier: MIT
//! Pipe: flip-flops in a row, for what runs beside a lookup.

use rust_hdl::prelude::*;

use super::known::Many;
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
