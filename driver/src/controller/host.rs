// SPDX-License-Identifier: MIT
//! The host's controller: it asks the bridge for channels and associations, and lets an adapter's ports send what the bridge
//! has confirmed, no sooner and no longer.
//!
//! Protocol frames for the link come from the machine's control port; those in a channel come down at the channel's port, like
//! all frames, and are handed over by whoever serves that port.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use vireo_association::lldp;
use vireo_association::time::Instant;
use vireo_association::vdp::{Hint, Key, Station, StationEvent, WantError};
use vireo_association::wire::frame;
use vireo_association::wire::vdp::{Command, Filter, ManagerId, Vsi};
use vireo_spec::ether::{EtherType, VlanId};
use vireo_spec::pins::StreamId;
use vireo_spec::rows::PortRow;
use vireo_spec::tag::{Channel, Role};

use super::asking::{Asking, ChannelEvent};
use super::bridge::Identity;
use super::ledger::Ledger;
use super::policy::Source;
use crate::{Device, Error, RegisterBus};

/// Something that happened at the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostEvent {
    /// What the bridge, or its silence, said of a VSI in a channel.
    Vsi {
        /// Where it was said.
        at: StreamId,
        /// What.
        event: StationEvent,
    },
    /// What became of a port's channel.
    Channel(ChannelEvent),
    /// The adapter could not be programmed: the VSI is associated and cannot send. It is tried again; this is told once.
    NotProgrammed {
        /// Where.
        at: StreamId,
        /// Which.
        key: Key,
        /// Why.
        error: Error,
    },
}

#[derive(Debug)]
struct Conversation {
    agent: lldp::Agent,
    station: Station,
    /// The port whose sources its VSIs are.
    port: u8,
    /// The port's VLAN of untagged frames while no VSI says another.
    pvid: VlanId,
    bound: BTreeMap<Key, Vec<Source>>,
}

/// The host's side of the association protocol, over an adapter.
#[derive(Debug)]
pub struct HostController<B> {
    ledger: Ledger<B>,
    identity: Identity,
    conversations: BTreeMap<StreamId, Conversation>,
    /// By link.
    asking: BTreeMap<u8, Asking>,
    /// Ports that wait for a channel, with the row that they will have.
    waiting: BTreeMap<u8, PortRow>,
    /// What the adapter has refused: a VSI, and the VLAN of its untagged frames.
    unprogrammed: BTreeMap<(StreamId, Key), (Vsi, Option<VlanId>)>,
    events: VecDeque<HostEvent>,
    /// Frames that arrived where nothing is said, or are not of the protocol.
    frames_astray: u64,
}

impl<B: RegisterBus> HostController<B> {
    /// Takes over an adapter whose links, and ports of channels that are configured, are programmed. `default_ports` says, by link,
    /// whose VSIs are spoken of untagged; all other ports speak in their channels.
    ///
    /// # Errors
    /// [`Error::NotInitialized`] or [`Error::Bus`].
    pub fn new(
        device: Device<B>,
        identity: Identity,
        default_ports: &BTreeMap<u8, u8>,
        now: Instant,
    ) -> Result<Self, Error> {
        let ledger = Ledger::new(device)?;
        let wanted = ledger.wanted();
        let is_ours = |link: u8| {
            let row = wanted.links[usize::from(link)];
            row.enabled && row.role == Role::Extender
        };
        let links: Vec<_> = (0..wanted.links.len() as u8).filter(|&link| is_ours(link)).collect();
        let created = |port: &u8| wanted.ports[usize::from(*port)] != PortRow::default();
        let ports: Vec<_> = (0..wanted.ports.len() as u8).filter(created).collect();
        let mut controller = Self {
            ledger,
            identity,
            conversations: BTreeMap::new(),
            asking: BTreeMap::new(),
            waiting: BTreeMap::new(),
            unprogrammed: BTreeMap::new(),
            events: VecDeque::new(),
            frames_astray: 0,
        };
        for link in links {
            let family = controller.ledger.wanted().links[usize::from(link)].family;
            controller.asking.insert(link, Asking::new(&identity, link, family, now));
            if let Some(&port) = default_ports.get(&link) {
                controller.converse(StreamId::LinkControl(link), port, now);
            }
        }
        for port in ports.into_iter().filter(|port| !default_ports.values().any(|its| its == port))
        {
            controller.converse(StreamId::PortControl(port), port, now);
        }
        Ok(controller)
    }

    fn converse(&mut self, at: StreamId, port: u8, now: Instant) {
        let Identity { source, evb, seed } = self.identity;
        let agent = lldp::Agent::evb_station(source, evb, now);
        let station = Station::new(source, agent.operating(), seed ^ u64::from(at.code()));
        let (pvid, bound) = (self.ledger.row(port).pvid, BTreeMap::new());
        let conversation = Conversation { agent, station, port, pvid, bound };
        self.conversations.insert(at, conversation);
    }

    /// Asks the bridge of a link for a channel for a port of this adapter, which then is made of `row` and enabled.
    ///
    /// # Errors
    /// [`Error::NoSuch`] if the link is none of an extender's, or its tag's channels are configured only (VN-Tag).
    pub fn create_channel(&mut self, port: u8, row: PortRow, now: Instant) -> Result<(), Error> {
        let (index, count) = (usize::from(row.link), self.asking.len());
        let asking = self.asking.get_mut(&row.link);
        if asking.is_some_and(|asking| asking.create(port, now)) {
            self.waiting.insert(port, row);
            return Ok(());
        }
        Err(Error::NoSuch { what: "link whose bridge gives channels", index, count })
    }

    /// Gives the channel of a port back; its VSIs end.
    pub fn delete_channel(&mut self, port: u8, now: Instant) {
        self.close(port);
        self.waiting.remove(&port);
        for asking in self.asking.values_mut() {
            asking.delete(port, now);
        }
    }

    /// Wants a VSI at a channel, as `command` says.
    ///
    /// # Errors
    /// [`WantError`], and nothing is changed.
    pub fn want(
        &mut self,
        at: StreamId,
        manager: ManagerId,
        command: Command,
        vsi: Vsi,
        hint: Option<Hint>,
    ) -> Result<(), WantError> {
        let conversation = self.conversations.get_mut(&at).ok_or(WantError::NoChannel)?;
        conversation.station.want(manager, command, vsi, hint)
    }

    /// Ends a VSI: it cannot send from now on, and the bridge is told. Whether it was there.
    pub fn deassociate(&mut self, at: StreamId, key: &Key) -> bool {
        let Some(conversation) = self.conversations.get_mut(&at) else { return false };
        let known = conversation.station.deassociate(key);
        self.unbind(at, key);
        known
    }

    /// Takes a protocol frame: for [`StreamId::LinkControl`] from the machine's control port, for [`StreamId::PortControl`] one
    /// that came down at that port.
    pub fn receive(&mut self, from: StreamId, octets: &[u8], now: Instant) {
        let header = frame::Packet::new_checked(octets).map(|packet| packet.repr());
        let conversation = self.conversations.get_mut(&from);
        match (header, from, conversation) {
            (Ok(header), StreamId::LinkControl(link), _)
                if header.destination == frame::NEAREST_NON_TPMR_BRIDGE =>
            {
                let asking = self.asking.get_mut(&link);
                if !asking.is_some_and(|asking| asking.process(header.ethertype, octets, now)) {
                    self.frames_astray += 1;
                }
            }
            (Ok(header), _, Some(found)) if header.ethertype == EtherType::LLDP => {
                found.agent.process(octets, now);
                found.station.set_timing(found.agent.operating());
            }
            (Ok(header), _, Some(found)) if header.ethertype == EtherType::ECP => {
                found.station.process(octets, now);
            }
            _ => self.frames_astray += 1,
        }
        self.follow(now);
    }

    /// The next frame to send, and by which control plane it leaves.
    pub fn transmit(&mut self, now: Instant) -> Option<(StreamId, Vec<u8>)> {
        let mut asking = self.asking.iter_mut();
        let sent = asking
            .find_map(|(&link, asking)| Some((StreamId::LinkControl(link), asking.poll(now)?)));
        let sent = sent.or_else(|| {
            let conversations = self.conversations.iter_mut();
            let mut sent = conversations.map(|(&at, found)| {
                (at, found.agent.poll(now).or_else(|| found.station.poll(now)))
            });
            sent.find_map(|(at, sent)| Some((at, sent?)))
        });
        self.follow(now);
        sent
    }

    /// What says goodbye to the neighbours, when this end goes away.
    pub fn farewells(&self) -> impl Iterator<Item = (StreamId, Vec<u8>)> + '_ {
        self.conversations.iter().map(|(&at, found)| (at, found.agent.farewell()))
    }

    /// When [`HostController::transmit`] is next to be asked.
    pub fn poll_at(&self) -> Option<Instant> {
        let conversations = self.conversations.values();
        let conversations =
            conversations.flat_map(|found| [found.agent.poll_at(), found.station.poll_at()]);
        let asking = self.asking.values().map(Asking::poll_at);
        conversations.chain(asking).flatten().min()
    }

    /// Does to the adapter what the bridge has said.
    fn follow(&mut self, now: Instant) {
        if self.ledger.settle().is_ok() {
            for ((at, key), (vsi, untagged)) in std::mem::take(&mut self.unprogrammed) {
                if self.bind(at, key, &vsi, untagged).is_err() {
                    self.unprogrammed.insert((at, key), (vsi, untagged));
                }
            }
        }
        let mut said = Vec::new();
        for (&at, conversation) in &mut self.conversations {
            while let Some(event) = conversation.station.event() {
                said.push((at, event));
            }
        }
        for (at, event) in said {
            match &event {
                StationEvent::Confirmed { manager, command: Command::Associate, vsi, asked } => {
                    let key = Key::new(*manager, vsi.id);
                    let untagged = filled_in(asked, &vsi.filter);
                    if let Err(error) = self.bind(at, key, vsi, untagged) {
                        self.unprogrammed.insert((at, key), (vsi.clone(), untagged));
                        self.events.push_back(HostEvent::NotProgrammed { at, key, error });
                    }
                }
                StationEvent::Refused { manager, vsi, .. }
                | StationEvent::Removed { manager, vsi, .. } => {
                    self.unbind(at, &Key::new(*manager, vsi.id));
                }
                StationEvent::Confirmed { .. }
                | StationEvent::Kept { .. }
                | StationEvent::Unanswered { .. } => {}
            }
            self.events.push_back(HostEvent::Vsi { at, event });
        }
        let asking = self.asking.values_mut();
        let said: Vec<_> = asking.flat_map(|found| std::iter::from_fn(|| found.event())).collect();
        for event in said {
            match event {
                ChannelEvent::Given { port, channel } => self.open(port, channel, now),
                ChannelEvent::Refused { port, .. } => _ = self.waiting.remove(&port),
                ChannelEvent::Gone { port, .. } => self.close(port),
            }
            self.events.push_back(HostEvent::Channel(event));
        }
    }

    /// Makes the port that has waited for this channel; a channel that the adapter cannot be given goes back to the bridge.
    fn open(&mut self, port: u8, channel: Channel, now: Instant) {
        let Some(row) = self.waiting.remove(&port) else { return };
        if self.ledger.create_port(port, PortRow { channel, ..row }).is_ok() {
            self.converse(StreamId::PortControl(port), port, now);
        } else if let Some(asking) = self.asking.get_mut(&row.link) {
            asking.delete(port, now);
        }
    }

    fn close(&mut self, port: u8) {
        let at = StreamId::PortControl(port);
        let Some(conversation) = self.conversations.remove(&at) else { return };
        self.unprogrammed.retain(|(its, _), _| *its != at);
        for sources in conversation.bound.values() {
            let _ = self.ledger.unbind(port, sources);
        }
        let _ = self.ledger.delete_port(port);
    }

    /// Lets a VSI's sources send, and those that it had before no more.
    fn bind(
        &mut self,
        at: StreamId,
        key: Key,
        vsi: &Vsi,
        untagged: Option<VlanId>,
    ) -> Result<(), Error> {
        let Some(conversation) = self.conversations.get_mut(&at) else { return Ok(()) };
        // Entries of several groups may mean the same source.
        let sources: BTreeSet<Source> =
            vsi.filter.entries().map(|entry| (entry.mac, entry.word.vid)).collect();
        let sources = Vec::from_iter(sources);
        self.unprogrammed.remove(&(at, key));
        if conversation.bound.get(&key) == Some(&sources) {
            return Ok(());
        }
        self.ledger.bind(conversation.port, &sources)?;
        if let Some(before) = conversation.bound.insert(key, sources) {
            let _ = self.ledger.unbind(conversation.port, &before);
        }
        if let Some(pvid) = untagged {
            let row = PortRow { pvid, ..*self.ledger.row(conversation.port) };
            // What the bus refuses now, the ledger does when it settles.
            let _ = self.ledger.insist_on_row(conversation.port, row);
        }
        Ok(())
    }

    fn unbind(&mut self, at: StreamId, key: &Key) {
        self.unprogrammed.remove(&(at, *key));
        let Some(conversation) = self.conversations.get_mut(&at) else { return };
        // What the bus refuses now, the ledger does when it settles.
        if let Some(sources) = conversation.bound.remove(key) {
            let _ = self.ledger.unbind(conversation.port, &sources);
        }
        if conversation.bound.is_empty() {
            let row = PortRow { pvid: conversation.pvid, ..*self.ledger.row(conversation.port) };
            let _ = self.ledger.insist_on_row(conversation.port, row);
        }
    }

    /// The oldest event that was not asked for yet.
    pub fn event(&mut self) -> Option<HostEvent> {
        self.events.pop_front()
    }

    /// What is said where.
    pub fn stations(&self) -> impl Iterator<Item = (StreamId, &Station)> {
        self.conversations.iter().map(|(&at, found)| (at, &found.station))
    }

    /// Frames that arrived where nothing is said, or are not of the protocol.
    pub fn frames_astray(&self) -> u64 {
        self.frames_astray
    }

    /// The adapter.
    pub fn device_mut(&mut self) -> &mut Device<B> {
        self.ledger.device_mut()
    }
}

/// The VLAN that the bridge gave for VID 0.
fn filled_in(asked: &Filter, given: &Filter) -> Option<VlanId> {
    let pairs = asked.entries().zip(given.entries());
    let mut filled = pairs.filter(|(asked, _)| asked.word.vid == VlanId::default());
    filled.next().map(|(_, given)| given.word.vid)
}
