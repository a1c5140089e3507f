// SPDX-License-Identifier: MIT
//! Who is where: the VSIs that a bridge holds, each at the port of its channel, and what that binds in the machine.
//!
//! It is the authority that the bridge's side of VDP asks. A request is judged against policy and room first; then the machine
//! is changed; only then is the VSI noted. So a refusal leaves nothing behind.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use vireo_association::time::Instant;
use vireo_association::vdp::{Authority, Cause, Key, Request};
use vireo_association::wire::vdp::{Command, Filter, ManagerId, Refusal, Vsi};
use vireo_spec::ether::VlanId;
use vireo_spec::ports::PortSet;
use vireo_spec::rows::PortRow;

use super::event::{BridgeCounters, BridgeEvent};
use super::ledger::Ledger;
use super::moving::Drain;
use super::policy::{Admitted, Policy, Source};
use super::rejection::Rejection;
use crate::RegisterBus;

/// Events that are kept for whoever asks for them; older ones go.
const EVENTS: usize = 4096;

/// A VSI at a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Whose type it names.
    pub manager: ManagerId,
    /// What it is, VID 0 filled in.
    pub vsi: Vsi,
    /// Associated, or reserved for (PREASSOC-RR).
    pub command: Command,
    /// Its type among those of the policy.
    pub(crate) vsi_type: usize,
    /// What it binds, or will bind.
    pub(crate) sources: Vec<Source>,
    /// The VLAN of its untagged frames.
    pub(crate) untagged: Option<VlanId>,
}

impl Placement {
    /// Rows of the binding table that it is promised and does not use yet.
    fn reserved(&self) -> usize {
        if self.command == Command::Associate { 0 } else { addresses(&self.sources) }
    }
}

fn addresses(sources: &[Source]) -> usize {
    sources.iter().filter(|(mac, _)| mac.is_some()).count()
}

/// All VSIs of a bridge, over its machine.
#[derive(Debug)]
pub(crate) struct Registry<B> {
    pub(crate) ledger: Ledger<B>,
    pub(crate) policy: Policy,
    pub(crate) placements: BTreeMap<(u8, Key), Placement>,
    /// The one port at which a VSI is associated.
    pub(crate) associated: BTreeMap<Key, u8>,
    /// How many there are of each type.
    of_type: Vec<usize>,
    /// The row of each channel's port while no VSI is associated there.
    pub(crate) bare: BTreeMap<u8, PortRow>,
    /// Ports of E-channels: each holds one VSI.
    pub(crate) exclusive: PortSet,
    pub(crate) drains: Vec<Drain>,
    /// VSIs that were taken from a port, whose station is to be told.
    pub(crate) taken: Vec<(u8, Key)>,
    /// Ports of E-channels that changed places.
    pub(crate) exchanged: Vec<(u8, u8)>,
    pub(crate) events: VecDeque<BridgeEvent>,
    pub(crate) counters: BridgeCounters,
}

impl<B: RegisterBus> Registry<B> {
    pub(crate) fn new(ledger: Ledger<B>, policy: Policy) -> Self {
        let of_type = vec![0; policy.types.len()];
        Self {
            ledger,
            policy,
            placements: BTreeMap::new(),
            associated: BTreeMap::new(),
            of_type,
            bare: BTreeMap::new(),
            exclusive: PortSet::default(),
            drains: Vec::new(),
            taken: Vec::new(),
            exchanged: Vec::new(),
            events: VecDeque::new(),
            counters: BridgeCounters::default(),
        }
    }

    pub(crate) fn tell(&mut self, event: BridgeEvent) {
        if self.events.len() == EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    /// Judges a request that arrived in the channel of `port`, and makes it so.
    fn request(
        &mut self,
        port: Option<u8>,
        request: &Request<'_>,
        now: Instant,
    ) -> Result<Filter, Rejection> {
        let port = port.ok_or(Rejection::NoDefaultPort)?;
        let link = self.ledger.row(port).link;
        let vsi_type = self.policy.find(request.manager, request.vsi, link)?;
        let admitted = self.policy.types[vsi_type].admit(&request.vsi.filter)?;
        let key = request.key();
        let Admitted { filter, sources, untagged } = admitted;
        let placement = Placement {
            manager: request.manager,
            vsi: Vsi { filter: filter.clone(), ..request.vsi.clone() },
            command: request.command,
            vsi_type,
            sources: sources.into_iter().collect(),
            untagged,
        };
        let elsewhere = self.associated.get(&key).copied().filter(|&other| other != port);
        self.fits(port, &key, &placement, elsewhere)?;
        match (request.command, elsewhere) {
            (Command::PreAssociate | Command::Deassociate, _) => self.forget(port, &key),
            (Command::PreAssociateWithReservation, _) => self.note(port, key, placement),
            (Command::Associate, None) => self.associate(port, key, placement)?,
            (Command::Associate, Some(old)) => {
                if !self.policy.types[vsi_type].moves.allow(request.hint) {
                    self.counters.moves_refused += 1;
                    return Err(Rejection::MayNotMove { port: old });
                }
                self.take_over(old, port, key, placement, now)?;
            }
        }
        Ok(filter)
    }

    /// Whether there is room for a VSI at a port, beside all others.
    fn fits(
        &self,
        port: u8,
        key: &Key,
        placement: &Placement,
        elsewhere: Option<u8>,
    ) -> Result<(), Rejection> {
        let held = self.placements.get(&(port, *key));
        let already = held.map_or(0, Placement::reserved);
        let new = |source: &&Source| source.0.is_some() && !self.ledger.is_claimed(port, **source);
        let needed = placement.sources.iter().filter(new).count();
        let vsi_type = &self.policy.types[placement.vsi_type];
        // A VSI that moves is there already, if perhaps as one of another type.
        let there = elsewhere.and_then(|other| self.placements.get(&(other, *key)));
        let another = held.is_none() && there.is_none();
        let is_of_type = |found: &Placement| found.vsi_type == placement.vsi_type;
        let another_of_type = !held.is_some_and(is_of_type) && !there.is_some_and(is_of_type);
        let alone =
            !self.exclusive.contains(port.into()) || self.at(port).all(|(other, _)| other == key);
        let needed = needed.saturating_sub(already);
        let of_type = self.of_type[placement.vsi_type];
        if !alone {
            Err(Rejection::ChannelTaken { port })
        } else if !self.ledger.has_room(needed) {
            Err(Rejection::Bindings { needed })
        } else if another && self.placements.len() >= self.policy.vsis {
            Err(Rejection::Vsis { most: self.policy.vsis })
        } else if let Some(most) = vsi_type.vsis.filter(|&most| another_of_type && of_type >= most)
        {
            Err(Rejection::VsisOfType { most, vsi_type: vsi_type.name.clone() })
        } else {
            Ok(())
        }
    }

    /// The VSIs at a port.
    pub(crate) fn at(&self, port: u8) -> impl Iterator<Item = (&Key, &Placement)> {
        let from = (port, Key::FIRST);
        self.placements
            .range(from..)
            .take_while(move |((at, _), _)| *at == port)
            .map(|((_, key), placement)| (key, placement))
    }

    /// Binds what a VSI needs and gives its port the type's row; what it needed before and does not need now goes.
    fn associate(&mut self, port: u8, key: Key, placement: Placement) -> Result<(), Rejection> {
        let before = self.placements.get(&(port, key));
        let before = before.filter(|held| held.command == Command::Associate);
        let before = before.map(|held| held.sources.clone()).unwrap_or_default();
        self.bind(port, &placement)?;
        // From here on what is wanted is settled: a bus that fails now leaves the ledger in doubt, and it goes on later.
        let _ = self.ledger.unbind(port, &before);
        self.tell(BridgeEvent::Associated {
            port,
            manager: placement.manager,
            vsi: placement.vsi.clone(),
        });
        self.note(port, key, placement);
        Ok(())
    }

    /// Binds a VSI's sources at a port, and gives the port of an E-channel its type's row.
    pub(crate) fn bind(&mut self, port: u8, placement: &Placement) -> Result<(), Rejection> {
        self.ledger.bind(port, &placement.sources)?;
        if self.exclusive.contains(port.into()) {
            let row = self.row_of(port, placement);
            if let Err(error) = self.ledger.set_row(port, row) {
                let _ = self.ledger.unbind(port, &placement.sources);
                return Err(error.into());
            }
        }
        Ok(())
    }

    fn row_of(&self, port: u8, placement: &Placement) -> PortRow {
        let vsi_type = &self.policy.types[placement.vsi_type];
        vsi_type.row(&self.bare[&port], placement.untagged)
    }

    /// Notes a VSI at a port; what was noted of it there is replaced.
    pub(crate) fn note(&mut self, port: u8, key: Key, placement: Placement) {
        self.drop_note(port, &key);
        self.ledger.reserve(placement.reserved());
        self.of_type[placement.vsi_type] += 1;
        if placement.command == Command::Associate {
            self.associated.insert(key, port);
        }
        self.placements.insert((port, key), placement);
    }

    /// Forgets what is noted of a VSI at a port; what it bound stays.
    pub(crate) fn drop_note(&mut self, port: u8, key: &Key) -> Option<Placement> {
        let held = self.placements.remove(&(port, *key))?;
        self.ledger.release(held.reserved());
        self.of_type[held.vsi_type] -= 1;
        if held.command == Command::Associate && self.associated.get(key) == Some(&port) {
            self.associated.remove(key);
        }
        Some(held)
    }

    /// Forgets a VSI at a port, with all that it bound there.
    pub(crate) fn forget(&mut self, port: u8, key: &Key) {
        let Some(held) = self.drop_note(port, key) else { return };
        if held.command == Command::Associate {
            self.bare(port);
            let _ = self.ledger.unbind(port, &held.sources);
        }
    }

    /// Lets nothing but the protocol cross the port of an E-channel.
    pub(crate) fn bare(&mut self, port: u8) {
        if self.exclusive.contains(port.into())
            && let Some(&row) = self.bare.get(&port)
        {
            let _ = self.ledger.insist_on_row(port, row);
        }
    }

    /// Ports that no channel has.
    pub(crate) fn free_port(&self) -> Option<u8> {
        let spare: BTreeSet<_> = self.drains.iter().filter_map(Drain::spare).collect();
        let ports = self.ledger.wanted().ports.iter().zip(0u8..);
        let mut free =
            ports.filter(|(row, port)| **row == PortRow::default() && !spare.contains(port));
        free.next().map(|(_, port)| port)
    }
}

/// The registry as one channel sees it.
pub(crate) struct AtChannel<'a, B> {
    pub(crate) registry: &'a mut Registry<B>,
    /// The channel's port; none on a link without a default port.
    pub(crate) port: Option<u8>,
    pub(crate) now: Instant,
}

impl<B: RegisterBus> Authority for AtChannel<'_, B> {
    fn decide(&mut self, request: &Request<'_>) -> Result<Filter, Refusal> {
        let decided = self.registry.request(self.port, request, self.now);
        // A VSI that has moved here has brought its port along; what follows in the PDU is about that.
        if let Some(&(old, new)) = self.registry.exchanged.last()
            && self.port == Some(new)
        {
            self.port = Some(old);
        }
        decided.map_err(|why| {
            let status = why.status();
            self.registry.counters.refused += 1;
            self.registry.counters.no_room += u64::from(status == Refusal::Resources);
            let (manager, vsi) = (request.manager, request.vsi.clone());
            self.registry.tell(BridgeEvent::Refused { port: self.port, manager, vsi, why });
            status
        })
    }

    fn withdraw(&mut self, key: &Key, cause: Cause) {
        let Some(port) = self.port else { return };
        self.registry.forget(port, key);
        self.registry.tell(BridgeEvent::Withdrawn { port, key: *key, cause: cause.into() });
    }
}
