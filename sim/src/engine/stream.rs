// SPDX-License-Identifier: MIT
//! The two ends of an AXI4-Stream in a test bench: what sends frames into the machine, and what takes them from it.

use std::collections::VecDeque;

use vireo_spec::pins::{
    Beat, Forward, USER_BAD, USER_PRIORITY_LOW, USER_SOURCE_LOW, USER_SOURCE_NONE,
};

use super::Arrival;

/// Sends frames beat by beat. Once it offers a beat it keeps offering it until it is taken, as AXI4-Stream asks.
#[derive(Debug, Default)]
pub(super) struct Sender {
    queue: VecDeque<Arrival>,
    /// Octets of the head that were taken.
    sent: usize,
    /// What is offered in this cycle.
    pub(super) pins: Forward,
}

impl Sender {
    pub(super) fn push(&mut self, arrival: Arrival) {
        self.queue.push_back(arrival);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Decides what is offered in a cycle: the next beat of `octets` octets, unless a gap is wanted and nothing was offered yet,
    /// or the next frame enters later than `now_ns`.
    pub(super) fn offer(&mut self, octets: usize, gap: bool, now_ns: Option<u64>) {
        if self.pins.valid || gap {
            return;
        }
        let Some(frame) = self.queue.front() else { return };
        if self.sent == 0 && now_ns.is_some_and(|now| now < frame.timestamp_ns) {
            return;
        }
        let rest = &frame.octets[self.sent..];
        let held = rest.len().min(octets);
        let last = held == rest.len();
        let beat = &mut self.pins.beat;
        beat.data = [0; 64];
        beat.data[..held].copy_from_slice(&rest[..held]);
        beat.keep = u64::MAX >> (64 - held);
        beat.last = last;
        beat.id = frame.id.code();
        beat.user = (u16::from(last && frame.bad) * USER_BAD)
            | (u16::from(frame.priority.code()) << USER_PRIORITY_LOW)
            | (u16::from(frame.source.unwrap_or(USER_SOURCE_NONE)) << USER_SOURCE_LOW);
        self.pins.valid = true;
    }

    /// The edge: whether the machine took the beat; if it was a frame's first, that is told.
    pub(super) fn clock(&mut self, ready: bool) -> Option<Taken> {
        if !(self.pins.valid && ready) {
            return None;
        }
        self.pins.valid = false;
        let first = self.sent == 0;
        self.sent += self.pins.beat.keep.count_ones() as usize;
        if self.pins.beat.last {
            self.sent = 0;
            self.queue.pop_front();
        }
        Some(Taken { first })
    }
}

/// A beat was taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) first: bool,
}

/// Takes beats and makes frames of them.
#[derive(Debug, Default)]
pub(super) struct Receiver {
    octets: Vec<u8>,
    /// The cycle in which the frame's first beat was valid first.
    began: Option<u64>,
    seen: Option<u64>,
}

impl Receiver {
    /// A cycle: what is on the pins, and whether it is taken. Gives the last beat of a frame, whose octets then are in
    /// [`Receiver::frame`].
    pub(super) fn clock(&mut self, pins: &Forward, ready: bool, cycle: u64) -> Option<Beat> {
        if !pins.valid {
            return None;
        }
        let seen = *self.seen.get_or_insert(cycle);
        if !ready {
            return None;
        }
        self.seen = None;
        if self.began.is_none() {
            self.octets.clear();
            self.began = Some(seen);
        }
        let held = pins.beat.keep.count_ones() as usize;
        self.octets.extend_from_slice(&pins.beat.data[..held]);
        pins.beat.last.then_some(pins.beat)
    }

    /// The frame that just ended, and the cycle in which its first beat stood on the pins; the next beat begins another.
    pub(super) fn frame(&mut self) -> (&[u8], u64) {
        let began = self.began.take().unwrap_or(0);
        (&self.octets, began)
    }
}
