// SPDX-License-Identifier: MIT
//! A link between two ends that exists in memory only: it delays, loses, doubles, reorders and corrupts frames as it is told,
//! and does the same again from the same seed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::time::Duration;

use crate::time::Instant;

/// The longest that an overtaken frame is held back beyond its delay.
const HELD_BACK: Duration = Duration::from_millis(10);

/// The most octets that corruption alters in one frame.
const CORRUPTED_OCTETS: usize = 4;

/// One end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// One of the two; which, is the caller's to say.
    A,
    /// The other one.
    B,
}

impl End {
    /// The end that hears what this one sends.
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// What befalls frames: probabilities from 0 (never) to 1 (always), each drawn for each frame on its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    /// The frame does not arrive.
    pub loss: f64,
    /// The frame arrives twice; each copy has its own delay.
    pub duplication: f64,
    /// The frame is held back, up to 10 ms beyond its delay, while later ones pass. The rest keep their order.
    pub reordering: f64,
    /// One to four octets of the frame are altered, anywhere in it.
    pub corruption: f64,
    /// How long a frame is under way, drawn evenly; an empty range means always its start.
    pub delay: Range<Duration>,
}

impl Default for Faults {
    /// A link that delivers everything at once, in order.
    fn default() -> Self {
        Self {
            loss: 0.0,
            duplication: 0.0,
            reordering: 0.0,
            corruption: 0.0,
            delay: Duration::ZERO..Duration::ZERO,
        }
    }
}

/// What a link did, both directions together. All that was sent and not lost, and each duplicate, is delivered or still
/// under way: `sent - lost + duplicated == delivered + under way`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkCounters {
    /// Frames given to [`SimulatedLink::send`].
    pub sent: u64,
    /// Frames that [`SimulatedLink::receive`] gave out.
    pub delivered: u64,
    /// Frames that went no further.
    pub lost: u64,
    /// Frames that were sent once and arrive twice.
    pub duplicated: u64,
    /// Copies that were held back.
    pub reordered: u64,
    /// Copies with altered octets.
    pub corrupted: u64,
}

/// A frame under way. Ordered by its arrival, then by when it was sent; no two are sent as the same number.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct UnderWay {
    arrival: Instant,
    number: u64,
    frame: Vec<u8>,
}

/// One direction.
#[derive(Debug, Default)]
struct Way {
    frames: BinaryHeap<Reverse<UnderWay>>,
    /// The latest arrival of a frame that keeps the order; no later one comes before it.
    last: Instant,
}

/// A link that holds what is under way until its time has come.
#[derive(Debug)]
pub struct SimulatedLink {
    faults: Faults,
    rng: fastrand::Rng,
    towards_a: Way,
    towards_b: Way,
    /// Numbers the copies.
    next: u64,
    counters: LinkCounters,
}

impl SimulatedLink {
    /// A link on which nothing is under way. The same seed and the same calls give the same link.
    pub fn new(faults: Faults, seed: u64) -> Self {
        Self {
            faults,
            rng: fastrand::Rng::with_seed(seed),
            towards_a: Way::default(),
            towards_b: Way::default(),
            next: 0,
            counters: LinkCounters::default(),
        }
    }

    /// What befalls the frames sent from now on; what is under way arrives as it would have.
    pub fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
    }

    /// Sends a frame to the other end.
    pub fn send(&mut self, from: End, frame: Vec<u8>, now: Instant) {
        self.counters.sent += 1;
        if self.befalls(self.faults.loss) {
            self.counters.lost += 1;
            return;
        }
        if self.befalls(self.faults.duplication) {
            self.counters.duplicated += 1;
            self.start(from, frame.clone(), now);
        }
        self.start(from, frame, now);
    }

    /// The next frame for this end whose time has come.
    pub fn receive(&mut self, at: End, now: Instant) -> Option<Vec<u8>> {
        let frames = &mut self.way(at).frames;
        if frames.peek()?.0.arrival > now {
            return None;
        }
        let Reverse(arrived) = frames.pop()?;
        self.counters.delivered += 1;
        Some(arrived.frame)
    }

    /// When the next frame arrives, at either end; none while nothing is under way.
    pub fn next_at(&self) -> Option<Instant> {
        [&self.towards_a, &self.towards_b]
            .into_iter()
            .filter_map(|way| Some(way.frames.peek()?.0.arrival))
            .min()
    }

    /// What the link did so far.
    pub const fn counters(&self) -> LinkCounters {
        self.counters
    }

    fn way(&mut self, towards: End) -> &mut Way {
        match towards {
            End::A => &mut self.towards_a,
            End::B => &mut self.towards_b,
        }
    }

    fn befalls(&mut self, probability: f64) -> bool {
        self.rng.f64() < probability
    }

    /// Puts one copy under way.
    fn start(&mut self, from: End, mut frame: Vec<u8>, now: Instant) {
        if self.befalls(self.faults.corruption) && !frame.is_empty() {
            self.counters.corrupted += 1;
            self.corrupt(&mut frame);
        }
        let mut arrival = now + self.draw(self.faults.delay.clone());
        if self.befalls(self.faults.reordering) {
            self.counters.reordered += 1;
            arrival = arrival + self.draw(Duration::from_micros(1)..HELD_BACK);
        } else {
            let way = self.way(from.other());
            arrival = arrival.max(way.last);
            way.last = arrival;
        }
        let number = self.next;
        self.next += 1;
        self.way(from.other()).frames.push(Reverse(UnderWay { arrival, number, frame }));
    }

    fn draw(&mut self, range: Range<Duration>) -> Duration {
        if range.is_empty() {
            return range.start;
        }
        range.start + (range.end - range.start).mul_f64(self.rng.f64())
    }

    /// Alters up to four octets, each at a place of its own, so that none is altered back.
    fn corrupt(&mut self, frame: &mut [u8]) {
        let octets = self.rng.usize(1..=CORRUPTED_OCTETS);
        for place in self.rng.choose_multiple(0..frame.len(), octets) {
            frame[place] ^= self.rng.u8(1..);
        }
    }
}
