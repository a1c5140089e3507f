// SPDX-License-Identifier: MIT
//! The bridge's controller: a conversation for each channel, all over one registry of VSIs and one machine.
//!
//! It sees protocol frames as the machine's control port hands them over, and gives back frames for it to send. Which channel a
//! frame came by the machine says, never a TLV.

use std::collections::BTreeMap;

use vireo_association::time::Instant;
use vireo_association::vdp::Key;
use vireo_association::wire::frame;
use vireo_association::{lldp, vdp};
use vireo_spec::ether::{EtherType, MacAddr};
use vireo_spec::pins::StreamId;
use vireo_spec::rows::PortRow;
use vireo_spec::tag::{Role, TagFamily};

use super::event::{BridgeCounters, BridgeEvent, Withdrawal};
use super::ledger::Ledger;
use super::moving::RETRY;
use super::policy::Policy;
use super::registry::{AtChannel, Placement, Registry};
use super::setup::Setup;
use crate::{Device, Error, RegisterBus};

/// Who the bridge is to its stations.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// The source address of its protocol frames.
    pub source: MacAddr,
    /// What it says of itself in the EVB TLV.
    pub evb: vireo_association::evb::Local,
    /// For the first sequence numbers: differs from start to start.
    pub seed: u64,
}

/// What is said in one channel.
#[derive(Debug)]
pub(crate) struct Conversation {
    pub(crate) agent: lldp::Agent,
    pub(crate) vdp: vdp::Bridge,
}

/// The bridge's side of the association protocol, over a machine.
#[derive(Debug)]
pub struct BridgeController<B> {
    pub(crate) registry: Registry<B>,
    pub(crate) identity: Identity,
    pub(crate) conversations: BTreeMap<StreamId, Conversation>,
    /// How channels come about, on each link.
    pub(crate) setups: BTreeMap<u8, Setup>,
    /// When what the bus has refused is tried again.
    retry_at: Option<Instant>,
}

impl<B: RegisterBus> BridgeController<B> {
    /// Takes over a machine whose links, and ports of channels that are configured, are programmed: each port with `control` is
    /// a channel.
    ///
    /// # Errors
    /// [`Error::NotInitialized`] or [`Error::Bus`].
    pub fn new(
        device: Device<B>,
        policy: Policy,
        identity: Identity,
        now: Instant,
    ) -> Result<Self, Error> {
        let registry = Registry::new(Ledger::new(device)?, policy);
        let (conversations, setups) = (BTreeMap::new(), BTreeMap::new());
        let mut controller = Self { registry, identity, conversations, setups, retry_at: None };
        let wanted = controller.registry.ledger.wanted();
        let links: Vec<_> = wanted.links.iter().copied().zip(0u8..).collect();
        let ports: Vec<_> = wanted.ports.iter().copied().zip(0u8..).collect();
        for (row, link) in links.iter().filter(|(row, _)| row.enabled && row.role == Role::Bridge) {
            controller.converse(StreamId::LinkControl(*link), now);
            controller.setups.insert(*link, Setup::new(&identity, *link, row.family, now));
        }
        let is_default = |link: u8, port: u8| {
            let its = controller.registry.policy.links.get(&link);
            its.and_then(|link| link.default_port) == Some(port)
        };
        let channels: Vec<_> = ports
            .iter()
            .filter(|(row, port)| row.control && !is_default(row.link, *port))
            .copied()
            .collect();
        for (row, port) in channels {
            controller.open(port, row, now);
        }
        Ok(controller)
    }

    /// Begins to talk in the channel of a port that is programmed.
    pub(crate) fn open(&mut self, port: u8, row: PortRow, now: Instant) {
        let family = self.registry.ledger.wanted().links[usize::from(row.link)].family;
        self.registry.exclusive.set(port.into(), family != TagFamily::STag);
        self.registry.bare.insert(port, row);
        self.converse(StreamId::PortControl(port), now);
    }

    fn converse(&mut self, at: StreamId, now: Instant) {
        let Identity { source, evb, seed } = self.identity;
        let seed = seed ^ u64::from(at.code());
        let exclusive = matches!(at, StreamId::PortControl(port) if self.registry.exclusive.contains(port.into()));
        let limits = self.registry.policy.limits;
        let limits = vdp::Limits { vsis: if exclusive { 1 } else { limits.vsis }, ..limits };
        let agent = lldp::Agent::evb_bridge(source, evb, now);
        let vdp = vdp::Bridge::new(source, agent.operating(), limits, seed);
        self.conversations.insert(at, Conversation { agent, vdp });
    }

    /// The port that VDP from there belongs to.
    pub fn port_of(&self, from: StreamId) -> Option<u8> {
        match from {
            StreamId::LinkControl(link) => self.registry.policy.links.get(&link)?.default_port,
            StreamId::PortControl(port) => Some(port),
            StreamId::Port(_) | StreamId::Group(_) => None,
        }
    }

    /// Takes a frame that the machine's control port has handed over; `from` says whose control plane it is for.
    pub fn receive(&mut self, from: StreamId, octets: &[u8], now: Instant) {
        self.poll(now);
        let blurred = matches!(from, StreamId::PortControl(port) if self.registry.is_blurred(port));
        let Ok(header) = frame::Packet::new_checked(octets).map(|packet| packet.repr()) else {
            self.registry.counters.frames_astray += 1;
            return;
        };
        if let StreamId::LinkControl(link) = from
            && header.destination == frame::NEAREST_NON_TPMR_BRIDGE
            && self.setups.contains_key(&link)
        {
            self.set_up(link, header.ethertype, octets, now);
            return;
        }
        let port = self.port_of(from);
        let Some(conversation) = self.conversations.get_mut(&from).filter(|_| !blurred) else {
            self.registry.counters.frames_astray += 1;
            return;
        };
        match header.ethertype {
            EtherType::LLDP => {
                conversation.agent.process(octets, now);
                conversation.vdp.set_timing(conversation.agent.operating());
            }
            EtherType::ECP => {
                let mut authority = AtChannel { registry: &mut self.registry, port, now };
                conversation.vdp.process(octets, now, &mut authority);
                self.follow();
            }
            _ => self.registry.counters.frames_astray += 1,
        }
    }

    /// Lets conversations follow the VSIs that moved.
    fn follow(&mut self) {
        for (one, other) in std::mem::take(&mut self.registry.exchanged) {
            let keys = [one, other].map(StreamId::PortControl);
            let taken = keys.map(|key| self.conversations.remove(&key));
            for (key, conversation) in keys.into_iter().rev().zip(taken) {
                conversation.map(|found| self.conversations.insert(key, found));
            }
        }
        for (port, key) in std::mem::take(&mut self.registry.taken) {
            for at in self.planes_of(port) {
                let conversation = self.conversations.get_mut(&at).expect("it was just listed");
                conversation.vdp.withdraw(&key);
            }
        }
    }

    /// Where VDP about a port is spoken.
    fn planes_of(&self, port: u8) -> Vec<StreamId> {
        let planes = self.conversations.keys().copied();
        planes.filter(|&at| self.port_of(at) == Some(port)).collect()
    }

    /// Does what time asks for.
    pub fn poll(&mut self, now: Instant) {
        let refused = self.registry.ledger.settle().is_err();
        self.retry_at = refused.then(|| now + RETRY);
        if self.registry.drained_at().is_some_and(|at| at <= now) {
            self.registry.end_drains(now);
        }
    }

    /// The next frame to send, and by which control plane it leaves.
    pub fn transmit(&mut self, now: Instant) -> Option<(StreamId, Vec<u8>)> {
        self.poll(now);
        for (&link, setup) in &mut self.setups {
            if let Some(octets) = setup.poll(now) {
                return Some((StreamId::LinkControl(link), octets));
            }
        }
        let planes: Vec<_> = self.conversations.keys().copied().collect();
        for at in planes {
            let port = self.port_of(at);
            if matches!(at, StreamId::PortControl(port) if self.registry.is_waiting(port)) {
                continue;
            }
            let conversation = self.conversations.get_mut(&at).expect("it was just listed");
            let sent = conversation.agent.poll(now).or_else(|| {
                let mut authority = AtChannel { registry: &mut self.registry, port, now };
                conversation.vdp.poll(now, &mut authority)
            });
            if let Some(octets) = sent {
                return Some((at, octets));
            }
        }
        None
    }

    /// What says goodbye to the neighbours, when this end goes away.
    pub fn farewells(&self) -> impl Iterator<Item = (StreamId, Vec<u8>)> + '_ {
        self.conversations.iter().map(|(&at, found)| (at, found.agent.farewell()))
    }

    /// When [`BridgeController::transmit`] is next to be asked.
    pub fn poll_at(&self) -> Option<Instant> {
        let conversations = self.conversations.values();
        let conversations =
            conversations.flat_map(|found| [found.agent.poll_at(), found.vdp.poll_at()]);
        let setups = self.setups.values().map(Setup::poll_at);
        let drained = [self.registry.drained_at(), self.retry_at];
        conversations.chain(setups).chain(drained).flatten().min()
    }

    /// The oldest event that was not asked for yet.
    pub fn event(&mut self) -> Option<BridgeEvent> {
        self.registry.events.pop_front()
    }

    /// The VSIs, with the port that each is at.
    pub fn vsis(&self) -> impl Iterator<Item = (u8, &Key, &Placement)> {
        self.registry.placements.iter().map(|((port, key), placement)| (*port, key, placement))
    }

    /// Withdraws a VSI wherever it is, and tells its station. Whether it was there.
    pub fn withdraw(&mut self, key: &Key) -> bool {
        let at = self.registry.placements.keys().filter(|(_, found)| found == key);
        let ports: Vec<_> = at.map(|(port, _)| *port).collect();
        for &port in &ports {
            self.registry.forget(port, key);
            self.registry.taken.push((port, *key));
            let cause = Withdrawal::Administrator;
            self.registry.tell(BridgeEvent::Withdrawn { port, key: *key, cause });
        }
        self.follow();
        !ports.is_empty()
    }

    /// What the controller has counted.
    pub fn counters(&self) -> &BridgeCounters {
        &self.registry.counters
    }

    /// VDP's side in each channel: what it holds and what it has counted.
    pub fn bridges(&self) -> impl Iterator<Item = (StreamId, &vdp::Bridge)> {
        self.conversations.iter().map(|(&at, found)| (at, &found.vdp))
    }

    /// The machine.
    pub fn device_mut(&mut self) -> &mut Device<B> {
        self.registry.ledger.device_mut()
    }

    /// The machine, as it stands.
    pub fn into_device(self) -> Device<B> {
        self.registry.ledger.into_device()
    }
}
