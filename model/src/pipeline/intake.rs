// SPDX-License-Identifier: MIT
//! `intake`: the queue in front of a direction. It paces: behind a frame that will grow by a beat it leaves a gap, so that no
//! stage behind it ever has to stop by itself (docs/pipeline.md, 3.1).

use super::flight::Slot;

/// Places of the queue.
const PLACES: usize = 16;
/// Behind a cycle with so many beats held, none is accepted.
const FULL: u8 = 14;

#[derive(Clone, Copy, Debug, Default)]
enum Out {
    #[default]
    Empty,
    Beat(Slot),
    Gap,
}

/// The clocks behind the pins, which nothing stops: each holds a beat or a bubble, named for what is found out of it there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Entry {
    /// Accepted a clock ago: the rows of ports and groups are read.
    pub(crate) port: Slot,
    /// Accepted two clocks ago: the link's row is read.
    pub(crate) link: Slot,
    /// Accepted three clocks ago: whether the frame grows is known, and it goes into the queue.
    pub(crate) grows: Slot,
}

/// Beats in the order in which they came.
#[derive(Debug, Default)]
struct Queue {
    places: [Slot; PLACES],
    first: usize,
    len: usize,
}

impl Queue {
    #[inline]
    fn push(&mut self, slot: Slot) {
        debug_assert!(self.len < PLACES, "a beat was accepted without room for it");
        self.places[(self.first + self.len) % PLACES] = slot;
        self.len += 1;
    }

    #[inline]
    fn pop(&mut self) -> Option<Slot> {
        if self.len == 0 {
            return None;
        }
        let slot = self.places[self.first];
        self.first = (self.first + 1) % PLACES;
        self.len -= 1;
        Some(slot)
    }
}

/// The registers of the intake.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    entry: Entry,
    queue: Queue,
    /// Beats accepted and not yet in `out`.
    held: u8,
    out: Out,
}

impl Intake {
    /// The beats behind the pins in this cycle.
    #[inline]
    pub(crate) fn entry(&self) -> Entry {
        self.entry
    }

    /// The slot that the window may take in this cycle; a gap and empty are a bubble.
    #[inline]
    pub(crate) fn slot(&self) -> Slot {
        match self.out {
            Out::Beat(slot) => slot,
            Out::Empty | Out::Gap => Slot::BUBBLE,
        }
    }

    /// One clock. `taken`: the window shifts in this cycle; `entering`: what stands last in [`Entry`], and whether it grows;
    /// `accepted`: the beat that came in, or a bubble. Returns `tready` of the next cycle.
    #[inline]
    pub(crate) fn clock(&mut self, run: bool, taken: bool, entering: Slot, accepted: Slot) -> bool {
        let ready = run && self.held < FULL;
        if taken || matches!(self.out, Out::Empty) {
            self.out = match self.out {
                Out::Beat(slot) if slot.grows => Out::Gap,
                _ => match self.queue.pop() {
                    Some(slot) => {
                        self.held -= 1;
                        Out::Beat(slot)
                    }
                    None => Out::Empty,
                },
            };
        }
        if entering.is_beat() {
            self.queue.push(entering);
        }
        self.held += u8::from(accepted.is_beat());
        self.entry = Entry { port: accepted, link: self.entry.port, grows: self.entry.link };
        ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The intake as its direction uses it; a frame grows or not as the test says when it comes in.
    #[derive(Default)]
    struct Bench {
        intake: Intake,
        ready: bool,
    }

    impl Bench {
        fn ready() -> Self {
            Self { intake: Intake::default(), ready: true }
        }

        /// One clock. Whether the offered beat is accepted.
        fn clock(&mut self, taken: bool, offered: Slot) -> bool {
            let accepted = self.ready && offered.is_beat();
            let beat = if accepted { offered } else { Slot::BUBBLE };
            let entering = self.intake.entry().grows;
            self.ready = self.intake.clock(true, taken, entering, beat);
            accepted
        }

        fn place(&self) -> Option<u8> {
            let slot = self.intake.slot();
            slot.is_beat().then_some(slot.place)
        }
    }

    fn beat(place: u8, grows: bool) -> Slot {
        Slot { place, octets: 8, first: true, last: true, grows, ..Slot::BUBBLE }
    }

    #[test]
    fn a_beat_is_out_five_clocks_after_it_was_accepted() {
        let mut bench = Bench::ready();
        bench.clock(true, beat(1, false));
        for _ in 0..4 {
            assert_eq!(bench.place(), None);
            bench.clock(true, Slot::BUBBLE);
        }
        assert_eq!(bench.place(), Some(1));
    }

    #[test]
    fn a_gap_follows_a_frame_that_grows_and_the_queue_takes_it_up() {
        let mut bench = Bench::ready();
        let mut seen = Vec::new();
        for place in 1..=9 {
            assert!(bench.clock(true, beat(place, place <= 2)), "no pause at the pins");
            seen.push(bench.place());
        }
        assert_eq!(seen[4..], [Some(1), None, Some(2), None, Some(3)]);
    }

    #[test]
    fn a_gap_outlives_a_stall() {
        let mut bench = Bench::ready();
        bench.clock(true, beat(1, true));
        bench.clock(true, beat(2, false));
        for _ in 0..3 {
            bench.clock(true, Slot::BUBBLE);
        }
        assert_eq!(bench.place(), Some(1));
        bench.clock(true, Slot::BUBBLE);
        assert_eq!(bench.place(), None, "the gap");
        bench.clock(false, Slot::BUBBLE);
        assert_eq!(bench.place(), None, "still the gap");
        bench.clock(true, Slot::BUBBLE);
        assert_eq!(bench.place(), Some(2));
    }

    #[test]
    fn fifteen_beats_are_held_behind_the_one_that_waits_and_none_is_lost() {
        let mut bench = Bench::ready();
        let (mut sent, mut taken) = (0, Vec::new());
        for _ in 0..40 {
            sent += u8::from(bench.clock(false, beat(sent + 1, false)));
        }
        assert_eq!(sent, 1 + 15);
        for _ in 0..16 {
            taken.extend(bench.place());
            bench.clock(true, Slot::BUBBLE);
        }
        assert_eq!(taken, (1..=16).collect::<Vec<_>>());
    }

    #[test]
    fn a_stall_costs_no_more_than_itself() {
        let mut bench = Bench::ready();
        let (mut sent, mut taken) = (0, Vec::new());
        for cycle in 0..200 {
            let stalled = cycle % 5 == 3;
            if !stalled {
                taken.extend(bench.place());
            }
            sent += u8::from(bench.clock(!stalled, beat(sent + 1, false)));
        }
        assert_eq!(taken, (1..=taken.len() as u8).collect::<Vec<_>>());
        assert_eq!(taken.len(), 200 - 40 - 4, "all but the stalls and the first clocks");
    }
}
