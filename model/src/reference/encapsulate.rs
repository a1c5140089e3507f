// SPDX-License-Identifier: MIT
//! "Enters at a port": from a host, a group or the control plane to a link.
//! Checks, tag and counting in the order of docs/rules.md.

use vireo_spec::ether::{ADDRESSES_LEN, EtherType, Priority, VlanId};
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::pins::{StreamId, USER_SOURCE_NONE};
use vireo_spec::rows::{GroupRow, LinkRow, PortRow};
use vireo_spec::table::Entity;
use vireo_spec::tag::{Channel, ETag, IngressECid, Role, STag, SourceVif, TagFamily, VnTag};

use super::events::Event;
use super::header::{Header, HostFrame};
use super::host_checks::{Passed, host_checks};
use super::tables::Tables;
use super::{Departure, Destination, Machine, found_at_end};

/// By what a frame enters, and the rows that it uses (docs/pipeline.md, section 5).
#[derive(Clone, Copy)]
enum Sender<'a> {
    Port { port: u8, row: &'a PortRow },
    Group { group: u8, row: &'a GroupRow, source: Option<&'a PortRow> },
    LinkControl { link: u8 },
    PortControl { row: &'a PortRow },
}

impl<'a> Sender<'a> {
    fn of(tables: &'a Tables, id: StreamId, source: Option<u8>) -> Self {
        let port_row = |port: u8| &tables.ports[usize::from(tables.port_index(port))];
        match id {
            StreamId::Port(port) => {
                Self::Port { port: tables.port_index(port), row: port_row(port) }
            }
            StreamId::Group(group) => {
                let group = tables.group_index(group);
                let source = source.filter(|&port| port != USER_SOURCE_NONE).map(port_row);
                Self::Group { group, row: &tables.groups[usize::from(group)], source }
            }
            StreamId::LinkControl(link) => Self::LinkControl { link: tables.link_index(link) },
            StreamId::PortControl(port) => Self::PortControl { row: port_row(port) },
        }
    }

    /// Where the frame counts.
    fn entity(self) -> Entity {
        match self {
            Self::Port { port, .. } => Entity::PortIn(port),
            Self::Group { group, .. } => Entity::GroupIn(group),
            Self::LinkControl { .. } | Self::PortControl { .. } => Entity::ControlIn,
        }
    }

    /// The link that the frame leaves on.
    fn link(self) -> u8 {
        match self {
            Self::Port { row, .. } | Self::PortControl { row } => row.link,
            Self::Group { row, .. } => row.link,
            Self::LinkControl { link } => link,
        }
    }

    /// The channel that its tag names; 0 where it leaves untagged.
    fn channel(self) -> Channel {
        match self {
            Self::Port { row, .. } | Self::PortControl { row } => row.channel,
            Self::Group { row, .. } => row.channel,
            Self::LinkControl { .. } => Channel::default(),
        }
    }

    /// The channel of a group's source, where that lies behind the group's link.
    fn ingress(self) -> Option<Channel> {
        match self {
            Self::Group { row, source: Some(source), .. } if source.link == row.link => {
                Some(source.channel)
            }
            _ => None,
        }
    }

    /// The VLAN that stands for none in an event.
    fn pvid(self) -> VlanId {
        match self {
            Self::Port { row, .. } | Self::PortControl { row } => row.pvid,
            Self::Group { .. } | Self::LinkControl { .. } => VlanId::default(),
        }
    }

    fn is_enabled(self, link: &LinkRow) -> bool {
        match self {
            Self::Port { row, .. } => row.enabled && link.enabled,
            Self::Group { row, .. } => row.enabled && link.enabled && link.role != Role::Extender,
            Self::LinkControl { .. } | Self::PortControl { .. } => link.enabled,
        }
    }

    /// Octets of the longest frame, without the tag.
    fn maximum(self, link: &LinkRow) -> u16 {
        match self {
            Self::Port { row, .. } => row.maximum,
            Self::Group { .. } | Self::LinkControl { .. } | Self::PortControl { .. } => {
                link.maximum
            }
        }
    }

    /// The priority that is, or with VN-Tag would be, written; `given` travels with a frame that leaves untagged.
    fn priority(self, frame: HostFrame<'_>, given: Priority) -> Priority {
        let (trusts, pcp) = match self {
            Self::Port { row, .. } | Self::PortControl { row } => {
                (row.trust_priority, row.default_priority)
            }
            Self::Group { row, .. } => (row.trust_priority, row.default_priority),
            Self::LinkControl { .. } => return given,
        };
        let trusted = frame.c_tag().filter(|_| trusts).map(|tag| tag.priority);
        trusted.unwrap_or(Priority { pcp, dei: false })
    }
}

/// The checks, in their order.
fn check(
    tables: &Tables,
    sender: Sender<'_>,
    link: &LinkRow,
    frame: HostFrame<'_>,
) -> Result<Destination, DropReason> {
    if !sender.is_enabled(link) {
        return Err(DropReason::PortDisabled);
    }
    if frame.is_runt() {
        return Err(DropReason::Runt);
    }
    if frame.ethertype() == EtherType::MAC_CONTROL {
        return Err(DropReason::MacControl);
    }
    if let (Sender::Port { port, row }, Role::Extender) = (sender, link.role)
        && host_checks(tables, port, row, link.family, frame)? == Passed::Control
    {
        return Ok(Destination::Control(StreamId::PortControl(port)));
    }
    Ok(Destination::Link(sender.link()))
}

/// The tag that a frame leaves with goes behind the addresses in `out` ("What a tag says").
fn add_tag(sender: Sender<'_>, link: &LinkRow, priority: Priority, out: &mut Vec<u8>) {
    if matches!(sender, Sender::LinkControl { .. }) {
        return;
    }
    let (channel, ingress) = (sender.channel(), sender.ingress());
    match link.family {
        TagFamily::ETag => {
            let ingress = ingress.map_or(IngressECid::NONE, source_ecid);
            let tag = ETag { priority, ingress, ecid: channel.ecid() };
            out.extend_from_slice(&tag.to_octets());
        }
        TagFamily::VnTag => {
            let tag = match link.role {
                Role::Extender => VnTag::upstream(source_vif(channel)),
                Role::Bridge => {
                    VnTag::downstream(channel.list(), channel.vif(), ingress.map(source_vif))
                }
            };
            out.extend_from_slice(&tag.to_octets());
        }
        TagFamily::STag => {
            out.extend_from_slice(&STag { priority, vid: channel.vid() }.to_octets());
        }
    }
}

/// A source's base and extension; Ingress_E-CID has no GRP.
fn source_ecid(channel: Channel) -> IngressECid {
    let ecid = channel.ecid();
    IngressECid::new(ecid.base(), ecid.ext()).expect("both bases have 12 bits")
}

/// A source's VIF in svif, which has no room for the two high bits.
fn source_vif(channel: Channel) -> SourceVif {
    SourceVif::new(channel.vif().get() & SourceVif::MAX.get()).expect("cut to svif's 12 bits")
}

impl Machine {
    /// A frame enters at `s_port`, by the port, group or control plane `id`.
    ///
    /// `source` is the port by which a group's frame entered the bridge (`tuser[11:5]`; `None` or 127: none). `priority`
    /// travels with a frame that leaves untagged on a link. `bad`: the MAC marked the frame's end. An index beyond the
    /// geometry keeps its low bits. `None`: the frame was dropped before any of it left.
    pub fn from_port(
        &mut self,
        id: StreamId,
        source: Option<u8>,
        priority: Priority,
        frame: &[u8],
        bad: bool,
    ) -> Option<Departure<'_>> {
        let header = Header::of(frame);
        let host_frame = header.host_frame(0);
        let sender = Sender::of(&self.tables, id, source);
        let link = &self.tables.links[usize::from(sender.link())];

        let checked = check(&self.tables, sender, link, host_frame);
        let at_end = found_at_end(frame.len(), sender.maximum(link), bad);

        self.counters.frame(sender.entity(), header.destination(), frame.len());
        let disposition = match (checked, at_end) {
            (Err(reason), _) | (Ok(_), Some(reason)) => {
                self.events.raise(Event {
                    reason,
                    entity: sender.entity(),
                    source: header.source(),
                    vlan: host_frame.vlan_or(sender.pvid()),
                    link: sender.link(),
                    channel: sender.channel(),
                });
                Disposition::Dropped(reason)
            }
            (Ok(Destination::Control(_)), None) => Disposition::Control,
            (Ok(_), None) => Disposition::Forwarded,
        };
        self.counters.dispose(sender.entity(), disposition);

        let to = checked.ok()?;
        let priority = sender.priority(host_frame, priority);
        let (addresses, rest) = frame.split_at(ADDRESSES_LEN);
        self.out.clear();
        self.out.extend_from_slice(addresses);
        let leaves_by = match to {
            Destination::Control(_) => Entity::ControlOutAtLink,
            _ => {
                add_tag(sender, link, priority, &mut self.out);
                Entity::LinkOut(sender.link())
            }
        };
        let grown = self.out.len() - ADDRESSES_LEN;
        let longest = usize::from(sender.maximum(link)) + grown;
        self.out.extend_from_slice(&rest[..rest.len().min(longest)]);
        self.out.truncate(longest);
        if at_end.is_none() {
            self.counters.frame(leaves_by, header.destination(), self.out.len());
        }
        Some(Departure { to, octets: &self.out, priority, bad: at_end.is_some() })
    }
}
