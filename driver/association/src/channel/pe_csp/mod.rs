// SPDX-License-Identifier: MIT
//! E-channels by PE-CSP: an extender asks for a channel for each of its ports, and the bridge gives the E-CID.
//!
//! Messages run in ECP on the link itself, untagged. A request is asked again until it is answered, so each side takes repetitions.

mod bridge;
mod extender;

use std::time::Duration;

pub use bridge::{Bridge, ChannelAuthority};
pub use extender::{Extender, ExtenderEvent};

use crate::ecp::{self, Received};
use crate::time::Instant;
use crate::wire::ecp::Subtype;
use crate::wire::frame;
use crate::wire::pe_csp::Message;
use vireo_spec::ether::{EtherType, MacAddr};

/// Messages that wait for ECP: a port of a machine of the largest size, twice.
const WAITING: usize = 128;
/// After which a request that was not answered is asked again.
const PATIENCE: Duration = Duration::from_secs(1);

/// What both sides have of ECP.
#[derive(Debug)]
struct Line {
    source: MacAddr,
    endpoint: ecp::Endpoint,
    counters: Counters,
}

/// What a side has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames that are not ECP of this subtype, or hold no message.
    pub malformed: u64,
    /// Messages of a kind or action that is not known, or without what they need.
    pub not_understood: u64,
    /// Answers to nothing that was asked.
    pub stray: u64,
    /// Messages that found ECP's queue full: the other side asks again.
    pub not_sent: u64,
}

impl Line {
    fn new(source: MacAddr, timing: ecp::Timing, seed: u64) -> Self {
        let first = fastrand::Rng::with_seed(seed).u16(..);
        let endpoint = ecp::Endpoint::new(Subtype::PeCsp, timing, first, WAITING);
        Self { source, endpoint, counters: Counters::default() }
    }

    fn say(&mut self, message: &Message) {
        // What is not known was read, so it fits.
        let said = message.emit().ok().map(|payload| self.endpoint.send(payload));
        if !matches!(said, Some(Ok(()))) {
            self.counters.not_sent += 1;
        }
    }

    /// The message that a frame brings, if it brings one.
    fn hear(&mut self, octets: &[u8], now: Instant) -> Option<Message> {
        let packet = frame::Packet::new_checked(octets).ok();
        let packet = packet.filter(|packet| packet.ethertype() == EtherType::ECP);
        let room = self.endpoint.has_room();
        let received =
            packet.as_ref().map(|packet| self.endpoint.process(packet.payload(), room, now));
        let message = match received {
            Some(Ok(Received::Request(payload))) => Message::parse(payload).ok(),
            Some(Ok(_)) => return None,
            Some(Err(_)) | None => None,
        };
        if message.is_none() {
            self.counters.malformed += 1;
        }
        message
    }

    fn poll(&mut self, now: Instant) -> Option<Vec<u8>> {
        let pdu = self.endpoint.poll(now)?;
        let header = frame::Repr {
            destination: frame::NEAREST_NON_TPMR_BRIDGE,
            source: self.source,
            ethertype: EtherType::ECP,
        };
        Some(frame::emit(&header, &pdu))
    }
}
