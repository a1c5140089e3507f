// SPDX-License-Identifier: MIT
//! ECP's state machine: one request at a time, repeated until it is acknowledged or given up; what arrives twice goes on once.

use std::collections::VecDeque;
use std::time::Duration;

use serde::Serialize;

use crate::time::Instant;
use crate::wire::Error;
use crate::wire::ecp::{Operation, Packet, Repr, Subtype};

/// Between two requests: peers with one input buffer lose what comes sooner.
pub const GAP: Duration = Duration::from_millis(3);
/// Acknowledgements that wait to be sent; older ones go, and their requests are repeated.
const ACKNOWLEDGEMENTS: usize = 64;

/// How patient a side is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// R: repetitions of a request before it is given up.
    pub retries: u8,
    /// RTE: a request is repeated after 10 * 2^RTE us; at most 31.
    pub rte: u8,
    /// The least time between two requests.
    pub gap: Duration,
}

impl Timing {
    /// After which a request is repeated.
    pub fn wait(&self) -> Duration {
        Duration::from_micros(10 << self.rte.min(31))
    }

    /// For how long the repetitions of a request may come, twice that to be sure: a request with the same sequence that comes later
    /// is a new one, of a peer that was restarted and counts anew.
    pub fn repetitions(&self) -> Duration {
        self.wait() * 2 * (u32::from(self.retries) + 1)
    }
}

/// What came of a PDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received<'a> {
    /// A request that is new: what it carries. It will be acknowledged.
    Request(&'a [u8]),
    /// A request that was there before. It will be acknowledged once more.
    Duplicate,
    /// A request that there is no room for. It is not acknowledged, so it comes again.
    Declined,
    /// The request under way has arrived.
    Acknowledged,
    /// An acknowledgement of nothing that is under way.
    Stray,
    /// Of another subtype, or operation.
    Other,
}

/// No room for another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "ECP has {bound} requests waiting: expected fewer; poll it, and try again when some are sent"
)]
pub struct QueueFull {
    /// How many may wait.
    pub bound: usize,
}

/// What a side has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Requests sent, repetitions apart.
    pub requests: u64,
    /// Repetitions sent.
    pub repetitions: u64,
    /// Requests that nobody acknowledged.
    pub given_up: u64,
    /// Requests that arrived again.
    pub duplicates: u64,
    /// Requests that there was no room for.
    pub declined: u64,
    /// Acknowledgements of nothing that is under way.
    pub stray: u64,
    /// PDUs of another subtype or operation.
    pub other: u64,
}

#[derive(Debug)]
struct UnderWay {
    sequence: u16,
    pdu: Vec<u8>,
    repeated: u8,
    repeat_at: Instant,
}

/// One side of an ECP exchange of one subtype.
#[derive(Debug)]
pub struct Endpoint {
    subtype: Subtype,
    timing: Timing,
    bound: usize,
    next_sequence: u16,
    /// The sequence of the last request, and until when one that bears it is taken for its repetition.
    last_received: Option<(u16, Instant)>,
    acknowledgements: VecDeque<u16>,
    waiting: VecDeque<Vec<u8>>,
    under_way: Option<UnderWay>,
    /// Before which no further request is sent.
    free_at: Instant,
    counters: Counters,
}

impl Endpoint {
    /// A side that has sent nothing. `first_sequence` should be random, so that a peer which outlived an earlier one does not
    /// take the first request for a duplicate; `bound` requests may wait.
    pub fn new(subtype: Subtype, timing: Timing, first_sequence: u16, bound: usize) -> Self {
        Self {
            subtype,
            timing,
            bound,
            next_sequence: first_sequence,
            last_received: None,
            acknowledgements: VecDeque::new(),
            waiting: VecDeque::new(),
            under_way: None,
            free_at: Instant::ZERO,
            counters: Counters::default(),
        }
    }

    /// From now on it is as patient as this.
    pub fn set_timing(&mut self, timing: Timing) {
        self.timing = timing;
    }

    /// Whether a request that is sent now would wait for none before it.
    pub fn is_idle(&self) -> bool {
        self.under_way.is_none() && self.waiting.is_empty()
    }

    /// Whether another request may wait.
    pub fn has_room(&self) -> bool {
        self.waiting.len() < self.bound
    }

    /// Whether a request that is sent now leaves now.
    pub fn is_free(&mut self, now: Instant) -> bool {
        self.give_up(now);
        self.is_idle() && self.free_at <= now
    }

    /// Before which no request leaves; none while one is under way, since its end is not known.
    pub fn free_at(&self) -> Option<Instant> {
        self.under_way.is_none().then_some(self.free_at)
    }

    /// Lets a request wait until it can be sent.
    ///
    /// # Errors
    /// [`QueueFull`]
    pub fn send(&mut self, payload: Vec<u8>) -> Result<(), QueueFull> {
        if self.waiting.len() >= self.bound {
            return Err(QueueFull { bound: self.bound });
        }
        self.waiting.push_back(payload);
        Ok(())
    }

    /// Takes a PDU. A new request is declined where there is no `room` for the answer to it.
    ///
    /// # Errors
    /// That it is no PDU of the version that is spoken here.
    pub fn process<'a>(
        &mut self,
        pdu: &'a [u8],
        room: bool,
        now: Instant,
    ) -> Result<Received<'a>, Error> {
        let repr = Packet::new_checked(pdu)?.repr();
        if repr.subtype != self.subtype {
            self.counters.other += 1;
            return Ok(Received::Other);
        }
        Ok(match repr.operation {
            Operation::Acknowledgement => {
                let ends = |sent: &UnderWay| sent.sequence == repr.sequence;
                if self.under_way.as_ref().is_some_and(ends) {
                    self.under_way = None;
                    Received::Acknowledged
                } else {
                    self.counters.stray += 1;
                    Received::Stray
                }
            }
            Operation::Request if self.is_repetition(repr.sequence, now) => {
                self.acknowledge(repr.sequence);
                self.counters.duplicates += 1;
                Received::Duplicate
            }
            Operation::Request if !room => {
                self.counters.declined += 1;
                Received::Declined
            }
            Operation::Request => {
                self.last_received = Some((repr.sequence, now + self.timing.repetitions()));
                self.acknowledge(repr.sequence);
                Received::Request(&pdu[crate::wire::ecp::HEADER_LEN..])
            }
            Operation::Unknown(_) => {
                self.counters.other += 1;
                Received::Other
            }
        })
    }

    fn is_repetition(&self, sequence: u16, now: Instant) -> bool {
        self.last_received.is_some_and(|(last, until)| last == sequence && now < until)
    }

    fn acknowledge(&mut self, sequence: u16) {
        if self.acknowledgements.len() == ACKNOWLEDGEMENTS {
            self.acknowledgements.pop_front();
        }
        self.acknowledgements.push_back(sequence);
    }

    /// Ends the request under way if it has been repeated often enough and nobody has acknowledged it.
    fn give_up(&mut self, now: Instant) {
        let retries = self.timing.retries;
        if self
            .under_way
            .take_if(|sent| sent.repeat_at <= now && sent.repeated >= retries)
            .is_some()
        {
            self.counters.given_up += 1;
        }
    }

    /// The next PDU to send, without its Ethernet header.
    pub fn poll(&mut self, now: Instant) -> Option<Vec<u8>> {
        let subtype = self.subtype;
        let repr = |operation, sequence| Repr { operation, subtype, sequence };
        if let Some(sequence) = self.acknowledgements.pop_front() {
            return Some(repr(Operation::Acknowledgement, sequence).emit(&[]));
        }
        self.give_up(now);
        if let Some(sent) = self.under_way.as_mut().filter(|sent| sent.repeat_at <= now) {
            sent.repeated += 1;
            sent.repeat_at = now + self.timing.wait();
            self.counters.repetitions += 1;
            self.free_at = now + self.timing.gap;
            return Some(sent.pdu.clone());
        }
        if self.under_way.is_some() || now < self.free_at {
            return None;
        }
        let payload = self.waiting.pop_front()?;
        let sequence = self.next_sequence;
        self.next_sequence = sequence.wrapping_add(1);
        let pdu = repr(Operation::Request, sequence).emit(&payload);
        let repeat_at = now + self.timing.wait();
        self.under_way = Some(UnderWay { sequence, pdu: pdu.clone(), repeated: 0, repeat_at });
        self.free_at = now + self.timing.gap;
        self.counters.requests += 1;
        Some(pdu)
    }

    /// When [`Endpoint::poll`] is next to be asked; in the past where it should be now.
    pub fn poll_at(&self) -> Option<Instant> {
        if !self.acknowledgements.is_empty() {
            return Some(Instant::ZERO);
        }
        match &self.under_way {
            Some(sent) => Some(sent.repeat_at),
            None => (!self.waiting.is_empty()).then_some(self.free_at),
        }
    }

    /// What it has counted.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }
}
