// SPDX-License-Identifier: MIT
//! Random machines and random traffic for them: configurations of any role and tag family, frames that hosts and bridges send,
//! and frames that nobody should.

use fastrand::Rng;
use vireo_driver::{Device, Error, RegisterBus};
use vireo_sim::engine::{Arrival, Side};
use vireo_spec::ether::{EtherType, MacAddr, Pcp, Priority, VlanId};
use vireo_spec::fate::DropReason;
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::pins::StreamId;
use vireo_spec::ports::PortSet;
use vireo_spec::rows::{GroupRow, LinkRow, PortRow};
use vireo_spec::tag::{
    Channel, ECid, ETag, IngressECid, Role, STag, SourceVif, TagFamily, Vif, VnTag,
};

/// A machine's whole configuration.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its size.
    pub geometry: Geometry,
    /// Seed of the hash tables.
    pub hash_seed: u64,
    /// Link rows, one a link.
    pub links: Vec<LinkRow>,
    /// Port rows, one a port.
    pub ports: Vec<PortRow>,
    /// Group rows, one a group.
    pub groups: Vec<GroupRow>,
    /// Channel rows: link, channel, members.
    pub channels: Vec<(u8, Channel, PortSet)>,
    /// Bindings: port, address (none: any), VLAN.
    pub bindings: Vec<(u8, Option<MacAddr>, VlanId)>,
    /// Drops that make events.
    pub events: Vec<DropReason>,
}

fn vid(rng: &mut Rng) -> VlanId {
    // Few, so that frames and bindings meet.
    let vids = [0, 1, 7, 101, 4094];
    VlanId::from_tci(vids[rng.usize(..vids.len())])
}

fn pcp(rng: &mut Rng) -> Pcp {
    Pcp::new(rng.u8(0..8)).expect("three bits")
}

fn address(rng: &mut Rng) -> MacAddr {
    match rng.u8(0..16) {
        0 => MacAddr::BROADCAST,
        1 => MacAddr([0x01, 0x00, 0x5E, 1, 1, rng.u8(..)]),
        2 => MacAddr([0x01, 0x80, 0xC2, 0, 0, rng.u8(0..18)]),
        n => MacAddr([0x52, 0x54, 0, 0, 0, n % 6]),
    }
}

fn port_channel(rng: &mut Rng, family: TagFamily, port: usize) -> Channel {
    let number = port as u16 + 1;
    match family {
        TagFamily::ETag => {
            let ext = if rng.bool() { 0 } else { rng.u8(..) };
            Channel::etag(ECid::new(0, number, ext).expect("base has 12 bits"))
        }
        TagFamily::VnTag => Channel::vntag(false, Vif::new(number).expect("14 bits")),
        TagFamily::STag => Channel::stag(VlanId::from_tci(number)),
    }
}

fn group_channel(rng: &mut Rng, family: TagFamily, group: usize) -> Channel {
    let number = group as u16;
    match family {
        TagFamily::ETag => {
            Channel::etag(ECid::new(rng.u8(1..4), number, 0).expect("base has 12 bits"))
        }
        TagFamily::VnTag => Channel::vntag(true, Vif::new(number).expect("14 bits")),
        TagFamily::STag => Channel::stag(VlanId::from_tci(1000 + number)),
    }
}

impl Case {
    /// A random machine of this width.
    pub fn random(rng: &mut Rng, width: Width) -> Self {
        let (links, ports, groups) = (1 << rng.u8(0..3), 2 << rng.u8(0..6), 1 << rng.u8(0..4));
        let geometry = Geometry::new(width.bits(), links, ports, groups, 256, 256)
            .expect("a geometry that can be built");
        Self::random_of(rng, geometry)
    }

    /// A random machine of this geometry.
    pub fn random_of(rng: &mut Rng, geometry: Geometry) -> Self {
        let (links, ports, groups) = (geometry.links(), geometry.ports(), geometry.groups());
        let one_family = rng.bool().then(|| TagFamily::ALL[rng.usize(..3)]);
        let one_role = rng.bool().then(|| Role::ALL[rng.usize(..2)]);
        let link_rows: Vec<_> = (0..links)
            .map(|_| LinkRow {
                enabled: rng.u8(0..12) != 0,
                role: one_role.unwrap_or_else(|| Role::ALL[rng.usize(..2)]),
                family: one_family.unwrap_or_else(|| TagFamily::ALL[rng.usize(..3)]),
                maximum: maximum(rng),
            })
            .collect();
        let port_rows: Vec<_> = (0..ports)
            .map(|port| {
                let link = rng.usize(..links);
                PortRow {
                    enabled: rng.u8(0..8) != 0,
                    link: link as u8,
                    channel: port_channel(rng, link_rows[link].family, port),
                    trust_priority: rng.bool(),
                    default_priority: pcp(rng),
                    check_source: rng.u8(0..3) != 0,
                    guard_reserved: rng.u8(0..3) == 0,
                    control: rng.bool(),
                    pvid: vid(rng),
                    maximum: maximum(rng),
                }
            })
            .collect();
        let group_rows: Vec<_> = (0..groups)
            .map(|group| {
                let link = rng.usize(..links);
                GroupRow {
                    enabled: rng.u8(0..8) != 0,
                    link: link as u8,
                    channel: group_channel(rng, link_rows[link].family, group),
                    trust_priority: rng.bool(),
                    default_priority: pcp(rng),
                }
            })
            .collect();
        let mut case = Self {
            geometry,
            hash_seed: rng.u64(..),
            links: link_rows,
            ports: port_rows,
            groups: group_rows,
            channels: Vec::new(),
            bindings: Vec::new(),
            events: Vec::new(),
        };
        case.random_tables(rng);
        case
    }

    fn random_tables(&mut self, rng: &mut Rng) {
        for (port, row) in self.ports.iter().enumerate() {
            if rng.u8(0..8) != 0 {
                self.channels.push((row.link, row.channel, [port].into_iter().collect()));
            }
        }
        for row in &self.groups {
            let on_link = |&port: &usize| self.ports[port].link == row.link;
            let members = (0..self.ports.len()).filter(on_link).filter(|_| rng.bool()).collect();
            self.channels.push((row.link, row.channel, members));
        }
        for port in 0..self.ports.len().min(16) {
            for _ in 0..rng.usize(..4) {
                let any = rng.u8(0..4) == 0;
                let mac = MacAddr([0x52, 0x54, 0, 0, 0, rng.u8(0..6)]);
                self.bindings.push((port as u8, (!any).then_some(mac), vid(rng)));
            }
        }
        self.events = DropReason::ALL.iter().copied().filter(|_| rng.u8(0..6) == 0).collect();
    }

    /// Brings a machine to this configuration, through its registers.
    ///
    /// # Errors
    /// The driver's.
    pub fn program<B: RegisterBus>(&self, device: &mut Device<B>) -> Result<(), Error> {
        device.initialize(self.hash_seed)?;
        for &(link, channel, members) in &self.channels {
            device.add_channel(link, channel, members)?;
        }
        for &(port, mac, vlan) in &self.bindings {
            device.bind(port, mac, vlan)?;
        }
        for (port, row) in self.ports.iter().enumerate() {
            device.set_port(port as u8, row)?;
        }
        for (group, row) in self.groups.iter().enumerate() {
            device.set_group(group as u8, row)?;
        }
        for (link, row) in self.links.iter().enumerate() {
            device.set_link(link as u8, row)?;
        }
        device.set_event_reasons(self.events.iter().copied())
    }

    /// A frame for either side, most of them well formed.
    pub fn frame(&self, rng: &mut Rng) -> Arrival {
        let side = if rng.bool() { Side::Ports } else { Side::Links };
        let (id, tag) = match side {
            Side::Ports => {
                let id = match rng.u8(0..8) {
                    0 => StreamId::LinkControl(rng.usize(..self.links.len()) as u8),
                    1 => StreamId::PortControl(rng.usize(..self.ports.len()) as u8),
                    2 | 3 => StreamId::Group(rng.usize(..self.groups.len()) as u8),
                    _ => StreamId::Port(rng.usize(..self.ports.len()) as u8),
                };
                let forged = rng.u8(0..8) == 0;
                let link = rng.usize(..self.links.len());
                (id, if forged { self.tag(rng, link) } else { vec![] })
            }
            Side::Links => {
                let link = rng.usize(..self.links.len());
                let untagged = rng.u8(0..10) == 0;
                let tag = if untagged { vec![] } else { self.tag(rng, link) };
                (StreamId::Port(link as u8), tag)
            }
        };
        let source = rng.bool().then(|| rng.usize(..self.ports.len()) as u8);
        let priority = Priority::from_code(rng.u8(0..16)).expect("four bits");
        let octets = self.octets(rng, &tag);
        Arrival { timestamp_ns: 0, side, id, source, priority, octets, bad: rng.u8(0..16) == 0 }
    }

    /// A tag: for a channel of this link, or for one that it should not carry.
    fn tag(&self, rng: &mut Rng, link: usize) -> Vec<u8> {
        let row = &self.links[link];
        let family = if rng.u8(0..10) == 0 { TagFamily::ALL[rng.usize(..3)] } else { row.family };
        let on_link: Vec<_> =
            self.channels.iter().filter(|c| usize::from(c.0) == link).map(|c| c.1).collect();
        let channel = if on_link.is_empty() || rng.u8(0..10) == 0 {
            Channel::from_bits(rng.u32(0..1 << 22)).expect("22 bits")
        } else {
            on_link[rng.usize(..on_link.len())]
        };
        let source = self.ports[rng.usize(..self.ports.len())].channel;
        let priority = Priority::from_code(rng.u8(0..16)).expect("four bits");
        let mut octets = match family {
            TagFamily::ETag => {
                let ingress = match rng.bool() {
                    true => IngressECid::NONE,
                    false => IngressECid::new(source.ecid().base(), source.ecid().ext())
                        .expect("base has 12 bits"),
                };
                ETag { priority, ingress, ecid: channel.ecid() }.to_octets().to_vec()
            }
            TagFamily::VnTag => {
                let svif = |vif: Vif| SourceVif::new(vif.get() & 0xFFF).expect("12 bits");
                let upstream = (row.role == Role::Bridge) != (rng.u8(0..10) == 0);
                let tag = if upstream {
                    VnTag::upstream(svif(channel.vif()))
                } else {
                    let source = rng.bool().then(|| svif(source.vif()));
                    VnTag::downstream(channel.list(), channel.vif(), source)
                };
                tag.to_octets().to_vec()
            }
            TagFamily::STag => STag { priority, vid: channel.vid() }.to_octets().to_vec(),
        };
        if rng.u8(0..16) == 0 {
            let at = rng.usize(2..octets.len());
            octets[at] ^= 1 << rng.u8(0..8);
        }
        octets
    }

    fn octets(&self, rng: &mut Rng, tag: &[u8]) -> Vec<u8> {
        let mut octets = Vec::new();
        octets.extend(address(rng).0);
        octets.extend(address(rng).0);
        octets.extend(tag);
        if rng.u8(0..12) == 0 {
            octets.extend(tag);
        }
        let depth = [0, 0, 0, 1, 1, 1, 2, 3][rng.usize(..8)];
        for _ in 0..depth {
            let tpid = match rng.u8(0..8) {
                0 => EtherType::S_TAG,
                1 => EtherType::Q_IN_Q,
                _ => EtherType::C_TAG,
            };
            let id = if rng.u8(0..10) == 0 { VlanId::RESERVED } else { vid(rng) };
            octets.extend(tpid.to_octets());
            octets.extend((u16::from(rng.u8(0..16)) << 12 | id.get()).to_be_bytes());
        }
        let ethertype = match rng.u8(0..16) {
            0 => EtherType::LLDP,
            1 => EtherType::ECP,
            2 => EtherType::MAC_CONTROL,
            3 => EtherType::E_TAG,
            4 => EtherType::VN_TAG,
            _ => EtherType(0x0800),
        };
        octets.extend(ethertype.to_octets());
        let len = match rng.u8(0..16) {
            0 => rng.usize(1..40),
            1..=5 => rng.usize(14..70),
            6..=10 => rng.usize(60..300),
            11..=13 => (self.geometry.width().octets() * rng.usize(1..8) + rng.usize(..3)).max(14),
            14 => rng.usize(60..130),
            _ => rng.usize(300..9300),
        };
        while octets.len() < len {
            octets.push(rng.u8(..));
        }
        octets.truncate(len);
        octets
    }
}

fn maximum(rng: &mut Rng) -> u16 {
    match rng.u8(0..4) {
        0 => rng.u16(64..130),
        1 => 1518,
        _ => 9216,
    }
}
