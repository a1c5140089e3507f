// SPDX-License-Identifier: MIT
//! A configuration with nothing special in it, so that a test knows each frame's way without asking the reference,
//! and frames for it.

use vireo_driver::Device;
use vireo_sim::engine::{Arrival, Side};
use vireo_spec::ether::{Priority, VlanId};
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::pins::StreamId;
use vireo_spec::ports::PortSet;
use vireo_spec::rows::{GroupRow, LinkRow, PortRow};
use vireo_spec::tag::{
    Channel, ECid, ETag, IngressECid, Role, STag, SourceVif, TagFamily, Vif, VnTag,
};

use crate::bench::Bench;
use crate::case::Case;

/// The longest frame.
pub const MAXIMUM: usize = 9216;

/// The channel with this number, an E-CID's base; panics if the family has no such number.
pub fn channel(family: TagFamily, number: u16) -> Channel {
    match family {
        TagFamily::ETag => Channel::etag(ECid::new(0, number, 0).unwrap()),
        TagFamily::VnTag => Channel::vntag(false, Vif::new(number).unwrap()),
        TagFamily::STag => Channel::stag(VlanId::new(number).unwrap()),
    }
}

/// The set of these ports.
pub fn ports<const N: usize>(members: [usize; N]) -> PortSet {
    members.into_iter().collect()
}

/// Link 0 is an extender's with ports 0 and 1, link 1 a bridge's with ports 2 and 3 and all groups. Port `n` has channel `n + 1`.
pub fn plain(width: Width, family: TagFamily) -> Case {
    let link = |role| LinkRow { enabled: true, role, family, maximum: MAXIMUM as u16 };
    let port = |port: u8| PortRow {
        enabled: true,
        link: port / 2,
        channel: channel(family, u16::from(port) + 1),
        maximum: MAXIMUM as u16,
        pvid: VlanId::new(7).unwrap(),
        ..PortRow::default()
    };
    let group = |group: u8| GroupRow {
        enabled: true,
        link: 1,
        channel: channel(family, 100 + u16::from(group)),
        ..GroupRow::default()
    };
    Case {
        geometry: Geometry::new(width.bits(), 2, 4, 2, 1024, 1024).unwrap(),
        hash_seed: 1,
        links: vec![link(Role::Extender), link(Role::Bridge)],
        ports: (0..4).map(port).collect(),
        groups: (0..2).map(group).collect(),
        channels: (0..4)
            .map(|port| (port / 2, channel(family, u16::from(port) + 1), ports([port.into()])))
            .collect(),
        bindings: Vec::new(),
        events: Vec::new(),
    }
}

/// The tag of port `port`'s frames on the link that they come by, in a [`plain`] configuration.
pub fn tag(family: TagFamily, port: u16) -> Vec<u8> {
    let channel = channel(family, port + 1);
    let priority = Priority::default();
    match family {
        TagFamily::ETag => {
            let ingress = IngressECid::NONE;
            ETag { priority, ingress, ecid: channel.ecid() }.to_octets().to_vec()
        }
        TagFamily::VnTag if port < 2 => {
            VnTag::downstream(false, channel.vif(), None).to_octets().to_vec()
        }
        TagFamily::VnTag => VnTag::upstream(SourceVif::new(port + 1).unwrap()).to_octets().to_vec(),
        TagFamily::STag => STag { priority, vid: channel.vid() }.to_octets().to_vec(),
    }
}

/// A frame as a host sends it, `serial` in its source address and in all that follows.
pub fn host(octets: usize, serial: u32) -> Vec<u8> {
    let mut frame = vec![0x52, 0x54, 0, 0, 0, 1, 0x02, 0];
    frame.extend(serial.to_be_bytes());
    frame.extend([0x08, 0x00]);
    frame.extend((frame.len()..octets).map(|at| (at as u32 ^ serial) as u8));
    frame
}

/// A good frame with the default priority and no source port.
pub fn arrival(side: Side, id: StreamId, octets: Vec<u8>) -> Arrival {
    let priority = Priority::default();
    Arrival { timestamp_ns: 0, side, id, source: None, priority, octets, bad: false }
}

/// A machine of this configuration on its bench.
pub fn programmed(case: &Case) -> Device<Bench> {
    let mut device = Device::discover(Bench::new(case.geometry)).unwrap();
    case.program(&mut device).unwrap();
    device
}
