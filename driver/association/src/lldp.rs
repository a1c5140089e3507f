// SPDX-License-Identifier: MIT
//! An LLDP agent: it says who is here and what the EVB or CDCP TLV says, and remembers what the neighbour said for as long as
//! that holds.

use std::time::Duration;

use vireo_spec::ether::{EtherType, MacAddr};

use crate::evb::{Local, Negotiation, Operating, Side};
use crate::time::Instant;
use crate::wire::lldp::{ChassisId, PortId, Repr, Tlv};
use crate::wire::{cdcp, frame};

/// Between two LLDPDUs when nothing changes.
const PERIOD: Duration = Duration::from_secs(30);
/// Between two of those that follow a change.
const FAST_PERIOD: Duration = Duration::from_secs(1);
/// How many follow a change.
const FAST_COUNT: u8 = 4;
/// Seconds for which what is said holds.
const TTL: u16 = 120;

/// What it has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// LLDPDUs that were sent.
    pub sent: u64,
    /// LLDPDUs that were understood.
    pub received: u64,
    /// Frames that are no LLDP, or hold no LLDPDU.
    pub malformed: u64,
    /// Neighbours that were not heard for as long as they had said.
    pub aged_out: u64,
}

#[derive(Clone, Debug)]
enum Content {
    Evb(Negotiation),
    Cdcp(cdcp::Repr),
}

impl Content {
    fn tlv(&self) -> Tlv {
        match self {
            Self::Evb(negotiation) => Tlv::Evb(negotiation.tlv()),
            Self::Cdcp(repr) => Tlv::Cdcp(repr.clone()),
        }
    }
}

#[derive(Clone, Debug)]
struct Neighbour {
    said: Repr,
    until: Instant,
}

/// One end's agent, for one address.
#[derive(Debug)]
pub struct Agent {
    source: MacAddr,
    destination: MacAddr,
    content: Content,
    neighbour: Option<Neighbour>,
    send_at: Instant,
    /// How many are yet to follow the last change.
    fast: u8,
    counters: Counters,
}

impl Agent {
    fn new(source: MacAddr, destination: MacAddr, content: Content, now: Instant) -> Self {
        let (neighbour, counters) = (None, Counters::default());
        Self { source, destination, content, neighbour, send_at: now, fast: FAST_COUNT, counters }
    }

    /// A station's agent, which negotiates EVB.
    pub fn evb_station(source: MacAddr, local: Local, now: Instant) -> Self {
        let content = Content::Evb(Negotiation::new(Side::Station, local));
        Self::new(source, frame::NEAREST_CUSTOMER_BRIDGE, content, now)
    }

    /// A bridge's agent, which negotiates EVB.
    pub fn evb_bridge(source: MacAddr, local: Local, now: Instant) -> Self {
        let content = Content::Evb(Negotiation::new(Side::Bridge, local));
        Self::new(source, frame::NEAREST_CUSTOMER_BRIDGE, content, now)
    }

    /// An agent that speaks of S-channels.
    pub fn cdcp(source: MacAddr, says: cdcp::Repr, now: Instant) -> Self {
        Self::new(source, frame::NEAREST_NON_TPMR_BRIDGE, Content::Cdcp(says), now)
    }

    /// Says this of S-channels from now on.
    pub fn set_cdcp(&mut self, says: cdcp::Repr, now: Instant) {
        if let Content::Cdcp(said) = &mut self.content
            && *said != says
        {
            *said = says;
            self.hurry(now);
        }
    }

    fn hurry(&mut self, now: Instant) {
        self.fast = FAST_COUNT;
        self.send_at = now;
    }

    /// Takes a frame.
    pub fn process(&mut self, octets: &[u8], now: Instant) {
        let packet = frame::Packet::new_checked(octets).ok();
        let packet = packet.filter(|packet| packet.ethertype() == EtherType::LLDP);
        let Some(said) = packet.and_then(|packet| Repr::parse(packet.payload()).ok()) else {
            self.counters.malformed += 1;
            return;
        };
        self.counters.received += 1;
        let until = now + Duration::from_secs(said.ttl.into());
        let stays = said.ttl > 0;
        self.hear(stays.then_some(Neighbour { said, until }), now);
    }

    /// Goes by what the neighbour says now, or by its silence.
    fn hear(&mut self, neighbour: Option<Neighbour>, now: Instant) {
        let before = self.content.tlv();
        self.neighbour = neighbour;
        if let Content::Evb(negotiation) = &mut self.content {
            let said = self.neighbour.iter().flat_map(|found| &found.said.tlvs);
            let mut evb = said.filter_map(|tlv| match tlv {
                Tlv::Evb(evb) => Some(*evb),
                _ => None,
            });
            negotiation.process(evb.next());
        }
        if self.content.tlv() != before {
            self.hurry(now);
        }
    }

    /// The next frame to send.
    pub fn poll(&mut self, now: Instant) -> Option<Vec<u8>> {
        if self.neighbour.as_ref().is_some_and(|found| found.until <= now) {
            self.counters.aged_out += 1;
            self.hear(None, now);
        }
        if now < self.send_at {
            return None;
        }
        self.fast = self.fast.saturating_sub(1);
        self.send_at = now + if self.fast > 0 { FAST_PERIOD } else { PERIOD };
        self.counters.sent += 1;
        Some(self.frame(TTL))
    }

    /// What is sent when this end goes away: the neighbour forgets it at once.
    pub fn farewell(&self) -> Vec<u8> {
        self.frame(0)
    }

    fn frame(&self, ttl: u16) -> Vec<u8> {
        let Self { source, destination, .. } = *self;
        let (chassis, port) = (ChassisId::mac(source), PortId::mac(source));
        let tlvs = if ttl == 0 { vec![] } else { vec![self.content.tlv()] };
        let said = Repr { chassis, port, ttl, tlvs };
        // Its own fields are within their bounds, and at most 167 channels fit a TLV.
        let octets = said.emit().expect("an agent's TLVs fit");
        frame::emit(&frame::Repr { destination, source, ethertype: EtherType::LLDP }, &octets)
    }

    /// When [`Agent::poll`] is next to be asked.
    pub fn poll_at(&self) -> Option<Instant> {
        let ages = self.neighbour.as_ref().map(|found| found.until);
        Some(ages.map_or(self.send_at, |ages| ages.min(self.send_at)))
    }

    /// What holds between the two ends of a negotiation of EVB; what speaks of channels has nothing to negotiate.
    pub fn operating(&self) -> Operating {
        match &self.content {
            Content::Evb(negotiation) => negotiation.operating(),
            Content::Cdcp(_) => Local::default().operating(),
        }
    }

    /// What the neighbour says, while it holds.
    pub fn neighbour(&self) -> Option<&Repr> {
        self.neighbour.as_ref().map(|found| &found.said)
    }

    /// What the neighbour says of S-channels, while it holds.
    pub fn neighbour_cdcp(&self) -> Option<&cdcp::Repr> {
        self.neighbour()?.tlvs.iter().find_map(|tlv| match tlv {
            Tlv::Cdcp(cdcp) => Some(cdcp),
            _ => None,
        })
    }

    /// What it has counted.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }
}
