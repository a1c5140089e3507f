// SPDX-License-Identifier: MIT
//! The frames in flight: followed from the pins, so that a difference can name those that may have caused it.

use std::collections::VecDeque;

use vireo_spec::geometry::Width;
use vireo_spec::pins::{Forward, Inputs, Outputs, StreamId};

/// Clocks behind the latency in which a frame's last beat may still be inside: those for beats before it in the queue, each of
/// which may grow, the one of its own growth, and the one of the pins.
const TAIL: u64 = 2 * 14 + 2;

/// A frame that may be inside the machine: which frames were dropped the pins do not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFlight {
    /// The stream that it entered by.
    pub stream: &'static str,
    /// Its `tid`.
    pub id: StreamId,
    /// The cycle in which its first beat was taken.
    pub entered: u64,
    /// What entered of it.
    pub octets: Vec<u8>,
    /// Its last beat has entered.
    pub complete: bool,
}

/// One direction.
struct Direction {
    stream: &'static str,
    latency: u64,
    /// Clocks in which the direction did not stand still for its sink.
    moved: u64,
    /// Each with the clock, counted in `moved`, in which its last beat was taken.
    frames: VecDeque<(InFlight, u64)>,
}

impl Direction {
    fn new(stream: &'static str, latency: u64) -> Self {
        Self { stream, latency, moved: 0, frames: VecDeque::new() }
    }

    fn clock(&mut self, cycle: u64, pins: &Forward, ready: bool, stalled: bool) {
        self.moved += u64::from(!stalled);
        while let Some((frame, last)) = self.frames.front()
            && frame.complete
            && last + self.latency + TAIL < self.moved
        {
            self.frames.pop_front();
        }
        if !(pins.valid && ready) {
            return;
        }
        if self.frames.back().is_none_or(|(frame, _)| frame.complete) {
            let id = StreamId::from_code(pins.beat.id);
            let (stream, entered) = (self.stream, cycle);
            let frame = InFlight { stream, id, entered, octets: Vec::new(), complete: false };
            self.frames.push_back((frame, 0));
        }
        let (frame, last) = self.frames.back_mut().expect("one was put there, if none was");
        frame.octets.extend(&pins.beat.data[..pins.beat.keep.count_ones() as usize]);
        frame.complete = pins.beat.last;
        *last = self.moved;
    }
}

/// Both directions.
pub(super) struct Flight {
    directions: [Direction; 2],
}

impl Flight {
    pub(super) fn new(width: Width) -> Self {
        Self {
            directions: [
                Direction::new("s_port", width.encapsulate_latency()),
                Direction::new("s_link", width.decapsulate_latency()),
            ],
        }
    }

    /// The pins of a cycle, before its edge.
    pub(super) fn clock(&mut self, cycle: u64, inputs: &Inputs, outputs: &Outputs) {
        let [encapsulate, decapsulate] = &mut self.directions;
        if inputs.rst {
            encapsulate.frames.clear();
            decapsulate.frames.clear();
            return;
        }
        let stalled = outputs.m_link.valid && !inputs.m_link_ready;
        encapsulate.clock(cycle, &inputs.s_port, outputs.s_port_ready, stalled);
        let stalled = outputs.m_port.valid && !inputs.m_port_ready;
        decapsulate.clock(cycle, &inputs.s_link, outputs.s_link_ready, stalled);
    }

    /// The frames that may be inside.
    pub(super) fn frames(&self) -> Vec<InFlight> {
        self.directions.iter().flat_map(|d| &d.frames).map(|(frame, _)| frame.clone()).collect()
    }
}
