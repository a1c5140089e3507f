// SPDX-License-Identifier: MIT
//! `intake`: the register slice in front of a direction. It paces: behind a frame that will grow by a beat it leaves a gap, so
//! that no stage behind it ever has to stop by itself (docs/pipeline.md, 3.1).

use super::flight::Slot;

#[derive(Clone, Copy, Debug, Default)]
enum Out {
    #[default]
    Empty,
    Beat(Slot),
    Gap,
}

/// The registers of the intake.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    out: Out,
    skid: Option<Slot>,
}

impl Intake {
    /// The slot that the window may take in this cycle; a gap and empty are a bubble.
    #[inline]
    pub(crate) fn slot(&self) -> Slot {
        match self.out {
            Out::Beat(slot) => slot,
            Out::Empty | Out::Gap => Slot::BUBBLE,
        }
    }

    /// One clock. `taken`: the window shifts in this cycle; `accepted`: the beat that came in. Returns `tready` of the next cycle.
    #[inline]
    pub(crate) fn clock(&mut self, run: bool, taken: bool, accepted: Option<Slot>) -> bool {
        let mut accepted = accepted;
        let pause = accepted.is_some_and(|slot| slot.grows);
        let loadable = taken || matches!(self.out, Out::Empty);
        if loadable {
            self.out = match self.out {
                Out::Beat(slot) if slot.grows => Out::Gap,
                _ => match self.skid.take().or_else(|| accepted.take()) {
                    Some(slot) => Out::Beat(slot),
                    None => Out::Empty,
                },
            };
        }
        if accepted.is_some() {
            debug_assert!(self.skid.is_none(), "a beat was accepted without room for it");
            self.skid = accepted;
        }
        run && self.skid.is_none() && !pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beat(place: u8, grows: bool) -> Slot {
        Slot { place, octets: 8, first: true, last: true, grows, ..Slot::BUBBLE }
    }

    #[test]
    fn a_gap_follows_a_frame_that_grows_and_costs_one_clock() {
        let mut intake = Intake::default();
        assert!(intake.clock(true, true, None));
        assert!(!intake.clock(true, true, Some(beat(1, true))), "the pause");
        assert_eq!(intake.slot().place, 1);
        assert!(intake.clock(true, true, None));
        assert!(!intake.slot().is_beat(), "the gap");
        assert!(intake.clock(true, true, Some(beat(2, false))));
        assert_eq!(intake.slot().place, 2);
    }

    #[test]
    fn a_gap_outlives_a_stall() {
        let mut intake = Intake::default();
        intake.clock(true, true, None);
        intake.clock(true, true, Some(beat(1, true)));
        assert!(intake.clock(true, false, None), "the pause is over, the skid is free");
        assert!(!intake.clock(true, false, Some(beat(2, false))), "the skid is full");
        intake.clock(true, true, None);
        assert!(!intake.slot().is_beat(), "the gap");
        intake.clock(true, false, None);
        assert!(!intake.slot().is_beat(), "still the gap");
        assert!(intake.clock(true, true, None));
        assert_eq!(intake.slot().place, 2);
    }

    #[test]
    fn a_stall_loses_nothing_and_costs_no_more_than_itself() {
        let mut intake = Intake::default();
        let mut ready = intake.clock(true, true, None);
        let (mut sent, mut taken) = (0u8, Vec::new());
        for cycle in 0..40 {
            let stalled = cycle % 5 == 3;
            let accepted = ready.then(|| {
                sent += 1;
                beat(sent, false)
            });
            if !stalled && intake.slot().is_beat() {
                taken.push(intake.slot().place);
            }
            ready = intake.clock(true, !stalled, accepted);
        }
        assert_eq!(taken, (1..=taken.len() as u8).collect::<Vec<_>>());
        assert_eq!(taken.len(), 40 - 8 - 1, "all but the stalls and the first clock");
    }
}
