// SPDX-License-Identifier: MIT
//! "Enters at a link": from the other end of a tagged link to member ports or the control port.
//! Checks, the tag's removal and counting in the order of docs/rules.md.

use vireo_spec::ether::{ADDRESSES_LEN, EtherType};
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::pins::StreamId;
use vireo_spec::ports::PortSet;
use vireo_spec::rows::LinkRow;
use vireo_spec::table::Entity;
use vireo_spec::tag::{Channel, Role};

use super::events::Event;
use super::header::{Header, HostFrame};
use super::host_checks::{Passed, host_checks};
use super::link_tag::LinkTag;
use super::tables::Tables;
use super::{Departure, Destination, Machine, found_at_end};

/// A drop, and who it counts for.
#[derive(Clone, Copy)]
struct Dropped {
    reason: DropReason,
    /// The virtual port whose drop it is; `None`: the link's.
    port: Option<u8>,
}

impl From<DropReason> for Dropped {
    fn from(reason: DropReason) -> Self {
        Self { reason, port: None }
    }
}

/// The checks, in their order; `host_frame` is what stands behind `tag`.
fn check(
    tables: &Tables,
    at: u8,
    link: &LinkRow,
    header: &Header,
    tag: Option<LinkTag>,
    host_frame: HostFrame<'_>,
) -> Result<Destination, Dropped> {
    if !link.enabled {
        return Err(DropReason::PortDisabled.into());
    }
    if host_frame.is_runt() {
        return Err(DropReason::Runt.into());
    }
    // Directly behind the addresses, or directly behind the family tag where there is one.
    if host_frame.ethertype() == EtherType::MAC_CONTROL {
        return Err(DropReason::MacControl.into());
    }
    let Some(tag) = tag else {
        return if header.destination().is_reserved() {
            Ok(Destination::Control(StreamId::LinkControl(at)))
        } else {
            Err(DropReason::TagAbsent.into())
        };
    };
    if tag.family != link.family || !tag.is_well_formed {
        return Err(DropReason::TagFormat.into());
    }
    if tag.channel.is_null(tag.family) {
        return Err(DropReason::ChannelMiss.into());
    }
    let members = tables.members(at, tag.channel).ok_or(DropReason::ChannelMiss)?;
    match link.role {
        Role::Bridge => {
            let port = members.first().ok_or(DropReason::Pruned)? as u8;
            check_virtual_port(tables, port, link, host_frame)
                .map_err(|reason| Dropped { reason, port: Some(port) })
        }
        Role::Extender => {
            let left: PortSet = members
                .iter()
                .filter(|&port| {
                    let row = &tables.ports[port];
                    row.enabled && !(row.link == at && tag.ingress.is(row.channel))
                })
                .collect();
            if left.is_empty() {
                Err(DropReason::Pruned.into())
            } else {
                Ok(Destination::Ports(left))
            }
        }
    }
}

/// What a bridge checks at the virtual port that the channel names.
fn check_virtual_port(
    tables: &Tables,
    port: u8,
    link: &LinkRow,
    frame: HostFrame<'_>,
) -> Result<Destination, DropReason> {
    let row = &tables.ports[usize::from(port)];
    if !row.enabled {
        return Err(DropReason::PortDisabled);
    }
    Ok(match host_checks(tables, port, row, link.family, frame)? {
        Passed::Forward => Destination::Ports([usize::from(port)].into_iter().collect()),
        Passed::Control => Destination::Control(StreamId::PortControl(port)),
    })
}

impl Machine {
    /// A frame enters at `s_link`, from `link`, of which the low bits count. `bad`: the MAC marked the frame's end.
    /// `None`: the frame was dropped before any of it left.
    pub fn from_link(&mut self, link: u8, frame: &[u8], bad: bool) -> Option<Departure<'_>> {
        let header = Header::of(frame);
        let at = self.tables.link_index(link);
        let link = self.tables.links[usize::from(at)];
        let tag = LinkTag::of(&header, &link);
        let removed = tag.map_or(0, |tag| tag.family.len());
        let host_frame = header.host_frame(removed);

        let checked = check(&self.tables, at, &link, &header, tag, host_frame);
        let at_end = found_at_end(frame.len().saturating_sub(removed), link.maximum, bad);

        self.counters.frame(Entity::LinkIn(at), header.destination(), frame.len());
        let result = match (checked, at_end) {
            (Ok(_), Some(reason)) => Err(reason.into()),
            _ => checked,
        };
        self.count_disposition(at, result);
        if let Err(dropped) = result {
            let own_tag = tag.filter(|tag| tag.family == link.family);
            let pvid = dropped.port.map(|port| self.tables.ports[usize::from(port)].pvid);
            self.events.raise(Event {
                reason: dropped.reason,
                entity: dropped.port.map_or(Entity::LinkIn(at), Entity::PortOut),
                source: header.source(),
                vlan: host_frame.vlan_or(pvid.unwrap_or_default()),
                link: at,
                channel: own_tag.map_or(Channel::default(), |tag| tag.channel),
            });
        }

        let to = checked.ok()?;
        let tagged = tag.and_then(|tag| tag.priority);
        let priority = tagged.or_else(|| host_frame.c_tag().map(|tag| tag.priority));
        let (addresses, rest) = (&frame[..ADDRESSES_LEN], &frame[ADDRESSES_LEN + removed..]);
        let longest = usize::from(link.maximum);
        self.out.clear();
        self.out.extend_from_slice(addresses);
        self.out.extend_from_slice(&rest[..rest.len().min(longest)]);
        self.out.truncate(longest);
        if at_end.is_none() {
            self.count_copies(to, &header);
        }
        let priority = priority.unwrap_or_default();
        Some(Departure { to, octets: &self.out, priority, bad: at_end.is_some() })
    }

    /// A frame from a link counts at the link; what is a virtual port's doing counts there too.
    fn count_disposition(&mut self, at: u8, result: Result<Destination, Dropped>) {
        let (at_link, at_port) = match result {
            Ok(Destination::Control(StreamId::PortControl(port))) => {
                (Disposition::Control, Some((port, Disposition::Control)))
            }
            Ok(Destination::Control(_)) => (Disposition::Control, None),
            Ok(_) => (Disposition::Forwarded, None),
            Err(Dropped { reason, port: Some(port) }) => {
                (Disposition::AtPort, Some((port, Disposition::Dropped(reason))))
            }
            Err(Dropped { reason, port: None }) => (Disposition::Dropped(reason), None),
        };
        self.counters.dispose(Entity::LinkIn(at), at_link);
        if let Some((port, disposition)) = at_port {
            self.counters.dispose(Entity::PortOut(port), disposition);
        }
    }

    /// Good copies count where they leave.
    fn count_copies(&mut self, to: Destination, header: &Header) {
        let (destination, octets) = (header.destination(), self.out.len());
        match to {
            Destination::Ports(members) => members.iter().for_each(|port| {
                self.counters.frame(Entity::PortOut(port as u8), destination, octets);
            }),
            _ => self.counters.frame(Entity::ControlOut, destination, octets),
        }
    }
}
