// SPDX-License-Identifier: MIT
//! When a frame does what, in cycles: the figures of docs/pipeline.md that several tests hold the machine to.

use std::collections::VecDeque;

use vireo_sim::engine::Side;
use vireo_spec::geometry::Width;

use crate::bench::Entered;

/// Cycles from a handshake on an idle write channel to the write cycle.
pub const WRITES: u64 = 3;

/// Cycles from the handshake on the read address channel to the one whose values a read shows.
pub const SAMPLES: u64 = 2;

/// Cycles from the acceptance of a frame's first beat to the cycle `c`, in which its fields are known.
pub fn parsed(width: Width) -> u64 {
    10 + width.header_beats() as u64
}

/// Cycles from the acceptance of a frame's first beat to the one in which its first beat is valid, without gaps and stalls.
pub fn latency(width: Width, entering: Side) -> u64 {
    match entering {
        Side::Ports => width.encapsulate_latency(),
        Side::Links => width.decapsulate_latency(),
    }
}

/// Whether the tag of `growth` octets makes a frame of `octets` octets a beat longer.
pub fn grows(width: Width, octets: usize, growth: usize) -> bool {
    (octets + growth).div_ceil(width.octets()) > octets.div_ceil(width.octets())
}

/// Cycles from the acceptance of a frame's last beat to the one in which it counts, without gaps and stalls.
pub fn counts_after(width: Width, entering: Side) -> u64 {
    parsed(width) + if entering == Side::Ports { 12 } else { 28 }
}

/// Cycles from the acceptance of a beat to the one in which it is in the intake's `out`, if none waits before it.
const OUT: u64 = 5;
/// Beats held behind which none is accepted.
const FULL: usize = 14;

/// The intake of a direction that neither stalls nor has gaps in its frames: when a beat waits, and is refused.
#[derive(Debug, Default)]
pub struct Intake {
    /// Beats that were accepted: when, and when they came into `out`.
    held: VecDeque<(u64, u64)>,
    /// From when on `out` is free.
    free: u64,
}

impl Intake {
    /// Whether a beat may be accepted in cycle `t`, by what was held in the cycle before.
    fn ready(&mut self, t: u64) -> bool {
        while self.held.front().is_some_and(|&(_, out)| out < t) {
            self.held.pop_front();
        }
        self.held.iter().filter(|&&(accepted, _)| accepted + 1 < t).count() < FULL
    }

    /// A frame of `beats` beats, which grows by one or not: when it would have entered if it had not waited. `refused` are cycles
    /// of beats that were not accepted, and are taken off.
    ///
    /// # Panics
    /// If a beat was refused that the queue had room for, or accepted that it had none for.
    pub fn pass(
        &mut self,
        entered: Entered,
        beats: usize,
        grows: bool,
        refused: &mut VecDeque<u64>,
    ) -> Entered {
        while let Some(early) = refused.pop_front_if(|&mut t| t < entered.first) {
            assert!(!self.ready(early), "{entered:?}: refused in {early}, and there was room");
        }
        let first = u64::max(entered.first + OUT, self.free);
        let mut out = first;
        for t in entered.first..=entered.last {
            let accepted = refused.pop_front_if(|&mut at| at == t).is_none();
            assert_eq!(accepted, self.ready(t), "{entered:?}: accepted in {t}");
            if accepted {
                self.held.push_back((t, out));
                out += 1;
            }
        }
        assert_eq!(out, first + beats as u64, "{entered:?}: there was a gap");
        self.free = out + u64::from(grows);
        Entered { first: first - OUT, last: out - 1 - OUT }
    }
}
