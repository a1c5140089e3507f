// SPDX-License-Identifier: MIT
//! How a host asks the bridge at the other end of a link for channels of its ports: by PE-CSP on an E-TAG link, by CDCP on an S-TAG
//! link. VN-Tag links have those of their configuration.

use std::collections::{BTreeMap, VecDeque};

use vireo_association::channel::pe_csp::ExtenderEvent;
use vireo_association::channel::{cdcp, pe_csp};
use vireo_association::time::Instant;
use vireo_association::wire::pe_csp::Status;
use vireo_association::{ecp, lldp};
use vireo_spec::ether::{EtherType, VlanId};
use vireo_spec::tag::{Channel, TagFamily};

use super::bridge::Identity;

/// The SCID of port 0: SCID 1 is what travels untagged.
const FIRST_SCID: u16 = 2;

/// What became of a port's channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelEvent {
    /// The port has this channel.
    Given {
        /// The port.
        port: u8,
        /// Its channel.
        channel: Channel,
    },
    /// The bridge gives the port none. (CDCP does not say so.)
    Refused {
        /// The port.
        port: u8,
        /// Why.
        status: Status,
    },
    /// The port has no channel any more.
    Gone {
        /// The port.
        port: u8,
        /// The bridge said so first.
        by_bridge: bool,
    },
}

/// The conversation about channels on one link.
#[derive(Debug)]
pub(crate) struct Asking {
    family: TagFamily,
    agent: lldp::Agent,
    cdcp: cdcp::Station,
    /// The ports that want an S-channel, with the one that each has.
    wanted: BTreeMap<u8, Option<u16>>,
    pe_csp: pe_csp::Extender,
    events: VecDeque<ChannelEvent>,
}

impl Asking {
    pub(crate) fn new(identity: &Identity, link: u8, family: TagFamily, now: Instant) -> Self {
        let seed = identity.seed ^ u64::from(link) << 8;
        let timing = ecp::Timing::from(identity.evb.operating());
        let cdcp = cdcp::Station::default();
        Self {
            family,
            agent: lldp::Agent::cdcp(identity.source, cdcp.tlv(), now),
            cdcp,
            wanted: BTreeMap::new(),
            pe_csp: pe_csp::Extender::new(identity.source, timing, seed),
            events: VecDeque::new(),
        }
    }

    /// Wants a channel for a port. Whether the link's family knows how to ask.
    pub(crate) fn create(&mut self, port: u8, now: Instant) -> bool {
        match self.family {
            TagFamily::ETag => self.pe_csp.create(port.into(), now),
            TagFamily::STag => {
                self.wanted.entry(port).or_default();
                self.say(now);
            }
            TagFamily::VnTag => return false,
        }
        true
    }

    /// Wants none any more.
    pub(crate) fn delete(&mut self, port: u8, now: Instant) {
        self.pe_csp.delete(port.into(), now);
        if self.wanted.remove(&port).is_some() {
            self.say(now);
            self.events.push_back(ChannelEvent::Gone { port, by_bridge: false });
        }
    }

    fn say(&mut self, now: Instant) {
        self.cdcp.want(self.wanted.keys().map(|&port| FIRST_SCID + u16::from(port)));
        self.agent.set_cdcp(self.cdcp.tlv(), now);
    }

    /// Takes a frame about channels. Whether the link's family knows of such.
    pub(crate) fn process(&mut self, kind: EtherType, octets: &[u8], now: Instant) -> bool {
        match (kind, self.family) {
            (EtherType::ECP, TagFamily::ETag) => self.pe_csp.process(octets, now),
            (EtherType::LLDP, TagFamily::STag) => {
                self.agent.process(octets, now);
                // Silence gives nothing and takes nothing.
                if let Some(said) = self.agent.neighbour_cdcp() {
                    let changes = self.cdcp.process(said);
                    changes.into_iter().for_each(|change| self.follow(change));
                    self.agent.set_cdcp(self.cdcp.tlv(), now);
                }
            }
            _ => return false,
        }
        true
    }

    fn follow(&mut self, change: cdcp::Change) {
        let (cdcp::Change::Given(pair) | cdcp::Change::Taken(pair)) = change;
        let Some(port) = pair.scid.checked_sub(FIRST_SCID).and_then(|port| port.try_into().ok())
        else {
            return;
        };
        let Some(has) = self.wanted.get_mut(&port) else { return };
        self.events.push_back(match change {
            cdcp::Change::Given(_) => {
                *has = Some(pair.svid);
                let channel = Channel::stag(VlanId::from_tci(pair.svid));
                ChannelEvent::Given { port, channel }
            }
            cdcp::Change::Taken(_) => {
                *has = None;
                ChannelEvent::Gone { port, by_bridge: true }
            }
        });
    }

    pub(crate) fn poll(&mut self, now: Instant) -> Option<Vec<u8>> {
        match self.family {
            TagFamily::ETag => self.pe_csp.poll(now),
            TagFamily::STag => self.agent.poll(now),
            TagFamily::VnTag => None,
        }
    }

    pub(crate) fn poll_at(&self) -> Option<Instant> {
        match self.family {
            TagFamily::ETag => self.pe_csp.poll_at(),
            TagFamily::STag => self.agent.poll_at(),
            TagFamily::VnTag => None,
        }
    }

    /// The oldest event that was not asked for yet.
    pub(crate) fn event(&mut self) -> Option<ChannelEvent> {
        let said = self.pe_csp.event().map(|event| match event {
            ExtenderEvent::Created { port, ecid } => {
                ChannelEvent::Given { port: port as u8, channel: Channel::etag(ecid) }
            }
            ExtenderEvent::Refused { port, status } => {
                ChannelEvent::Refused { port: port as u8, status }
            }
            ExtenderEvent::Deleted { port, by_bridge } => {
                ChannelEvent::Gone { port: port as u8, by_bridge }
            }
        });
        said.or_else(|| self.events.pop_front())
    }
}
