// SPDX-License-Identifier: MIT
//! What a bridge's controller must not forget over a restart: the channels that it gave, where ports have moved to, and who is
//! associated.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vireo_association::time::Instant;
use vireo_association::vdp::Key;
use vireo_association::wire::cdcp::Pair;
use vireo_association::wire::vdp::{Command, Filter, ManagerId, Vsi};
use vireo_spec::pins::StreamId;
use vireo_spec::rows::PortRow;
use vireo_spec::tag::Channel;

use super::bridge::BridgeController;
use super::event::BridgeEvent;
use super::registry::Placement;
use super::rejection::Rejection;
use super::setup::bare;
use crate::{Error, RegisterBus};

/// A controller's state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// Channels that have a port of their own.
    pub channels: Vec<SavedChannel>,
    /// VSIs, at their ports.
    pub vsis: Vec<SavedVsi>,
}

/// A channel and its port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedChannel {
    /// The port.
    pub port: u8,
    /// Its link.
    pub link: u8,
    /// The channel, 22 bits as in the machine's rows.
    pub channel: u32,
    /// The extender's port that it was given for, by PE-CSP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extender_port: Option<u32>,
    /// The station's number for it, by CDCP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scid: Option<u16>,
}

/// A VSI at a port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedVsi {
    /// The port of its channel.
    pub port: u8,
    /// It was spoken of untagged, on the port's link.
    pub untagged: bool,
    /// Whose type it names.
    pub manager: ManagerId,
    /// What was confirmed last.
    pub command: Command,
    /// The filter as it was asked for.
    pub asked: Filter,
    /// The VSI, VID 0 filled in.
    pub vsi: Vsi,
}

/// Why a state cannot be taken up.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// A channel is none that a machine's row can hold, or its port is beyond the machine.
    #[error(
        "channel {channel:#x} of link {link} at port {port}: the machine has no such port, link or channel; the state is \
         of another machine: remove it, or configure the machine that it was saved of"
    )]
    WrongMachine {
        /// The port.
        port: u8,
        /// The link.
        link: u8,
        /// The channel.
        channel: u32,
    },
    /// The machine.
    #[error(transparent)]
    Device(#[from] Error),
}

impl<B: RegisterBus> BridgeController<B> {
    /// What is to be restored after a restart.
    pub fn save(&self) -> Saved {
        // A port that waits for its channel to drain has no row yet; its bare row is what it will have.
        let channels = self.registry.bare.iter().map(|(&port, row)| {
            let &PortRow { link, channel, .. } = row;
            let setup = self.setups.get(&link);
            let ecid = |(_, ecid): &(u32, _)| Channel::etag(*ecid) == channel;
            let svid = |pair: &Pair| u32::from(pair.svid) == channel.bits();
            SavedChannel {
                port,
                link,
                channel: channel.bits(),
                extender_port: setup.and_then(|found| Some(found.pe_csp.channels().find(ecid)?.0)),
                scid: setup.and_then(|found| Some(found.cdcp.channels().find(svid)?.scid)),
            }
        });
        let vsis = self.conversations.iter().flat_map(|(&at, found)| {
            let port = self.port_of(at);
            let untagged = matches!(at, StreamId::LinkControl(_));
            found.vdp.vsis().filter_map(move |(key, held)| {
                Some(SavedVsi {
                    port: port?,
                    untagged,
                    manager: key.manager,
                    command: held.command,
                    asked: held.asked.clone(),
                    vsi: held.vsi.clone(),
                })
            })
        });
        Saved { channels: channels.collect(), vsis: vsis.collect() }
    }

    /// Takes up what was saved, on a machine that was programmed by its configuration: channels first, then VSIs, each with the time
    /// of a keep-alive to be heard. Gives the VSIs that policy does not admit any more.
    ///
    /// # Errors
    /// [`RestoreError`]; what was taken up before stays.
    pub fn restore(&mut self, saved: &Saved, now: Instant) -> Result<Vec<SavedVsi>, RestoreError> {
        self.restore_channels(&saved.channels, now)?;
        let mut refused = Vec::new();
        for vsi in &saved.vsis {
            if let Err(why) = self.restore_vsi(vsi, now) {
                let SavedVsi { port, manager, vsi: ref named, .. } = *vsi;
                let (port, named) = (Some(port), named.clone());
                self.registry.tell(BridgeEvent::Refused { port, manager, vsi: named, why });
                refused.push(vsi.clone());
            }
        }
        Ok(refused)
    }

    fn restore_channels(
        &mut self,
        channels: &[SavedChannel],
        now: Instant,
    ) -> Result<(), RestoreError> {
        let wanted = self.registry.ledger.wanted();
        let (ports, links) = (wanted.ports.len(), wanted.links.len());
        let mut places = Vec::new();
        for saved in channels {
            let &SavedChannel { port, link, channel, .. } = saved;
            let wrong = RestoreError::WrongMachine { port, link, channel };
            let fits = usize::from(port) < ports && usize::from(link) < links;
            match Channel::from_bits(channel) {
                Ok(channel) if fits => places.push((saved, channel)),
                _ => return Err(wrong),
            }
        }
        // Ports that have changed places: all are taken from where they are before one is put where another was.
        let mut moved = Vec::new();
        for (saved, channel) in places {
            let before = *self.registry.ledger.row(saved.port);
            if (before.link, before.channel) != (saved.link, channel)
                || before == PortRow::default()
            {
                if before != PortRow::default() {
                    self.registry.ledger.delete_port(saved.port)?;
                }
                moved.push((saved, channel, before));
            }
        }
        for (saved, channel, before) in moved {
            let row = if before == PortRow::default() { bare() } else { before };
            let row = PortRow { link: saved.link, channel, ..row };
            self.registry.ledger.create_port(saved.port, row)?;
            self.open(saved.port, row, now);
            let Some(setup) = self.setups.get_mut(&saved.link) else { continue };
            if let Some(port) = saved.extender_port {
                setup.pe_csp.restore(port, channel.ecid());
            }
            if let Some(scid) = saved.scid {
                setup.cdcp.restore(Pair { scid, svid: channel.vid().get() });
            }
        }
        Ok(())
    }

    fn restore_vsi(&mut self, saved: &SavedVsi, now: Instant) -> Result<(), Rejection> {
        let &SavedVsi { port, untagged, manager, command, .. } = saved;
        if usize::from(port) >= self.registry.ledger.wanted().ports.len() {
            return Err(Rejection::NoChannel { port });
        }
        let link = self.registry.ledger.row(port).link;
        let at = if untagged { StreamId::LinkControl(link) } else { StreamId::PortControl(port) };
        if self.port_of(at) != Some(port) || !self.conversations.contains_key(&at) {
            return Err(Rejection::NoChannel { port });
        }
        let vsi_type = self.registry.policy.find(manager, &saved.vsi, link)?;
        let admitted = self.registry.policy.types[vsi_type].admit(&saved.asked)?;
        if admitted.filter != saved.vsi.filter {
            return Err(Rejection::OtherVlan);
        }
        let placement = Placement {
            manager,
            vsi: saved.vsi.clone(),
            command,
            vsi_type,
            sources: admitted.sources.into_iter().collect(),
            untagged: admitted.untagged,
        };
        if command == Command::Associate {
            self.registry.bind(port, &placement)?;
        }
        if command != Command::PreAssociate {
            self.registry.note(port, Key::new(manager, saved.vsi.id), placement);
        }
        if let Some(conversation) = self.conversations.get_mut(&at) {
            let (asked, vsi) = (saved.asked.clone(), saved.vsi.clone());
            conversation.vdp.restore(manager, command, asked, vsi, now);
        }
        Ok(())
    }
}
