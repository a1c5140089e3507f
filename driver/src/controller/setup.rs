// SPDX-License-Identifier: MIT
//! How channels come about on a bridge's link: what its extender or station asks for becomes a port of the machine, and goes
//! again with all that is associated in it.

use vireo_association::channel::{cdcp, pe_csp};
use vireo_association::time::Instant;
use vireo_association::wire::pe_csp::Status;
use vireo_association::{ecp, lldp};
use vireo_spec::ether::{EtherType, VlanId};
use vireo_spec::pins::StreamId;
use vireo_spec::rows::{DEFAULT_MAXIMUM, PortRow};
use vireo_spec::tag::{Channel, ECid, TagFamily};

use super::bridge::{BridgeController, Identity};
use super::event::{BridgeEvent, Withdrawal};
use crate::RegisterBus;

/// The row of a channel's port while no VSI is associated there: nothing but the protocol crosses it. Link and channel are the
/// caller's to give.
pub(crate) fn bare() -> PortRow {
    PortRow {
        enabled: true,
        trust_priority: true,
        check_source: true,
        control: true,
        maximum: DEFAULT_MAXIMUM,
        ..PortRow::default()
    }
}

/// The conversation about channels on one link.
#[derive(Debug)]
pub(crate) struct Setup {
    family: TagFamily,
    agent: lldp::Agent,
    pub(crate) cdcp: cdcp::Bridge,
    pub(crate) pe_csp: pe_csp::Bridge,
}

impl Setup {
    pub(crate) fn new(identity: &Identity, link: u8, family: TagFamily, now: Instant) -> Self {
        let seed = identity.seed ^ u64::from(link) << 8;
        let timing = ecp::Timing::from(identity.evb.operating());
        let cdcp = cdcp::Bridge::default();
        Self {
            family,
            agent: lldp::Agent::cdcp(identity.source, cdcp.tlv(), now),
            cdcp,
            pe_csp: pe_csp::Bridge::new(identity.source, timing, seed),
        }
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
}

/// A link, for those who ask for channels on it. Channels that came and went are opened and closed afterwards.
struct OnLink<'a, B> {
    controller: &'a mut BridgeController<B>,
    link: u8,
    now: Instant,
}

impl<B: RegisterBus> OnLink<'_, B> {
    /// Makes a port for the first of these channels that is free.
    fn create(&mut self, candidates: impl Iterator<Item = Channel>) -> Option<Channel> {
        let wanted = self.controller.registry.ledger.wanted();
        let is_free = |channel: &Channel| !wanted.channels.contains_key(&(self.link, *channel));
        let channel = candidates.into_iter().find(is_free)?;
        let port = self.controller.registry.free_port()?;
        let row = PortRow { link: self.link, channel, ..bare() };
        self.controller.registry.ledger.create_port(port, row).ok()?;
        self.controller.open(port, row, self.now);
        self.controller.registry.tell(BridgeEvent::ChannelCreated {
            port,
            link: self.link,
            channel,
        });
        Some(channel)
    }

    fn delete(&mut self, channel: Channel) {
        // A channel that a port has just left is its no more: it is the one that waits for the channel that goes.
        let spare = self.controller.registry.abandon((self.link, channel), self.now);
        let wanted = self.controller.registry.ledger.wanted();
        let members = wanted.channels.get(&(self.link, channel)).copied();
        let port = spare.or_else(|| members?.first().map(|port| port as u8));
        if let Some(port) = port {
            self.controller.registry.end_drains_of(port, self.now);
            self.controller.close(port, self.link, channel);
        }
    }
}

impl<B: RegisterBus> pe_csp::ChannelAuthority for OnLink<'_, B> {
    fn create(&mut self) -> Result<ECid, Status> {
        let gives = self.controller.registry.policy.links.get(&self.link);
        let ecids = gives.and_then(|link| link.ecids.clone()).ok_or(Status::Resources)?;
        let candidates = ecids.filter_map(|base| ECid::new(0, base, 0).ok()).map(Channel::etag);
        let channel = OnLink::create(self, candidates).ok_or(Status::Resources)?;
        Ok(channel.ecid())
    }

    fn delete(&mut self, ecid: ECid) {
        OnLink::delete(self, Channel::etag(ecid));
    }
}

impl<B: RegisterBus> cdcp::ChannelAuthority for OnLink<'_, B> {
    fn create(&mut self) -> Option<u16> {
        let gives = self.controller.registry.policy.links.get(&self.link)?;
        let candidates = gives.svids.clone()?.map(VlanId::from_tci).map(Channel::stag);
        OnLink::create(self, candidates).map(|channel| channel.vid().get())
    }

    fn delete(&mut self, svid: u16) {
        OnLink::delete(self, Channel::stag(VlanId::from_tci(svid)));
    }
}

impl<B: RegisterBus> BridgeController<B> {
    /// Takes a frame about channels.
    pub(crate) fn set_up(&mut self, link: u8, kind: EtherType, octets: &[u8], now: Instant) {
        // Out of its place while the machine, of which it is a part, is changed.
        let Some(mut setup) = self.setups.remove(&link) else { return };
        let mut authority = OnLink { controller: self, link, now };
        match (kind, setup.family) {
            (EtherType::ECP, TagFamily::ETag) => {
                setup.pe_csp.process(octets, now, &mut authority);
            }
            (EtherType::LLDP, TagFamily::STag) => {
                setup.agent.process(octets, now);
                if let Some(said) = setup.agent.neighbour_cdcp() {
                    setup.cdcp.process(said, &mut authority);
                }
                setup.agent.set_cdcp(setup.cdcp.tlv(), now);
            }
            _ => self.registry.counters.frames_astray += 1,
        }
        self.setups.insert(link, setup);
    }

    /// Ends what is said in a channel, and takes its port away.
    fn close(&mut self, port: u8, link: u8, channel: Channel) {
        self.conversations.remove(&StreamId::PortControl(port));
        let keys: Vec<_> = self.registry.at(port).map(|(key, _)| *key).collect();
        for key in keys {
            self.registry.forget(port, &key);
            let cause = Withdrawal::ChannelDeleted;
            self.registry.tell(BridgeEvent::Withdrawn { port, key, cause });
        }
        self.registry.bare.remove(&port);
        self.registry.exclusive.set(port.into(), false);
        // A bus that fails leaves the ledger in doubt, which takes the port away when it settles.
        let _ = self.registry.ledger.delete_port(port);
        self.registry.tell(BridgeEvent::ChannelDeleted { port, link, channel });
    }
}
