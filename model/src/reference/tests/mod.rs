// SPDX-License-Identifier: MIT
//! Scenarios of docs/rules.md, by theme, and the bench that they share.
//! Frames are written out octet by octet, so that no reader of tags is tested against itself.

mod counters;
mod decapsulate;
mod encapsulate;
mod events;
mod host_checks;
mod priorities;
mod registers;

use vireo_spec::ether::{MacAddr, Pcp, Priority, VlanId};
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::geometry::Geometry;
use vireo_spec::hash;
use vireo_spec::pins::StreamId;
use vireo_spec::ports::PortSet;
use vireo_spec::registers as map;
use vireo_spec::rows::{self, BindingRow, ChannelRow, GroupRow, LinkRow, PortRow};
use vireo_spec::table::{Command, Entity, Op, Table};
use vireo_spec::tag::{Channel, ECid, Role, TagFamily, Vif};

use super::{Departure, Destination, Machine};

const DESTINATION: [u8; 6] = [0x52, 0x54, 0, 0, 0, 0xDD];
const SOURCE: [u8; 6] = [0x52, 0x54, 0, 0, 0, 0x01];
const RESERVED: [u8; 6] = [0x01, 0x80, 0xC2, 0, 0, 0x0E];
const IPV4: [u8; 2] = [0x08, 0x00];
/// Links of the bench have this maximum, and its ports.
const MAXIMUM: u16 = 1518;

fn vlan(vid: u16) -> VlanId {
    VlanId::new(vid).unwrap()
}

fn priority(pcp: u8, dei: bool) -> Priority {
    Priority { pcp: Pcp::new(pcp).unwrap(), dei }
}

/// A port's channel with this number, in each family.
fn channel(family: TagFamily, number: u16) -> Channel {
    match family {
        TagFamily::ETag => etag_channel(0, number, 0),
        TagFamily::VnTag => Channel::vntag(false, Vif::new(number).unwrap()),
        TagFamily::STag => Channel::stag(vlan(number)),
    }
}

fn etag_channel(group: u8, base: u16, ext: u8) -> Channel {
    Channel::etag(ECid::new(group, base, ext).unwrap())
}

fn vif_list(list: u16) -> Channel {
    Channel::vntag(true, Vif::new(list).unwrap())
}

/// Addresses, then `behind` them, then zeros up to 64 octets.
fn frame(destination: [u8; 6], source: [u8; 6], behind: &[u8]) -> Vec<u8> {
    let mut frame = [&destination, &source, behind].concat();
    frame.resize(frame.len().max(64), 0);
    frame
}

/// A frame from [`SOURCE`] to [`DESTINATION`] whose tags and EtherType are `behind` the addresses.
fn data(behind: &[u8]) -> Vec<u8> {
    frame(DESTINATION, SOURCE, behind)
}

/// The frame with `tag` behind its addresses.
fn tagged(frame: &[u8], tag: &[u8]) -> Vec<u8> {
    [&frame[..12], tag, &frame[12..]].concat()
}

/// A frame that left, for a test to keep.
#[derive(Debug, PartialEq)]
struct Left {
    to: Destination,
    octets: Vec<u8>,
    priority: Priority,
    bad: bool,
}

impl From<Departure<'_>> for Left {
    fn from(Departure { to, octets, priority, bad }: Departure<'_>) -> Self {
        Self { to, octets: octets.to_vec(), priority, bad }
    }
}

/// A machine whose links are enabled and speak one family; rows are written as a driver writes them.
struct Bench {
    machine: Machine,
    geometry: Geometry,
    family: TagFamily,
}

impl Bench {
    fn new(role: Role, family: TagFamily) -> Self {
        let geometry = Geometry::default();
        let mut bench = Self { machine: Machine::new(geometry), geometry, family };
        for link in 0..geometry.links() {
            bench.link(link, LinkRow { enabled: true, role, family, maximum: MAXIMUM });
        }
        bench
    }

    fn write(&mut self, address: u16, value: u32) {
        self.machine.write_register(address, value).unwrap();
    }

    fn read(&self, address: u16) -> u32 {
        self.machine.read_register(address).unwrap()
    }

    fn link(&mut self, link: usize, row: LinkRow) {
        self.write(map::LINK.nth(link), row.pack());
    }

    fn row(&mut self, table: Table, way: u8, row: usize, words: &Words) {
        for (index, &word) in words.iter().enumerate() {
            self.write(map::STAGE.nth(index), word);
        }
        let op = Op { command: Command::Write, table, way, row: row as u16 };
        self.write(map::OP.address, op.pack());
    }

    fn fetch(&mut self, table: Table, way: u8, row: usize) -> Words {
        let op = Op { command: Command::Read, table, way, row: row as u16 };
        self.write(map::OP.address, op.pack());
        std::array::from_fn(|index| self.read(map::STAGE.nth(index)))
    }

    /// An enabled port on link 0 with channel `number`, of which `change` makes what the test needs.
    fn port(&mut self, port: u8, number: u16, change: impl FnOnce(&mut PortRow)) {
        let channel = channel(self.family, number);
        let mut row = PortRow { enabled: true, channel, maximum: MAXIMUM, ..PortRow::default() };
        change(&mut row);
        self.row(Table::Port, 0, port.into(), &row.pack());
    }

    fn group(&mut self, group: u8, channel: Channel, change: impl FnOnce(&mut GroupRow)) {
        let mut row = GroupRow { enabled: true, channel, ..GroupRow::default() };
        change(&mut row);
        self.row(Table::Group, 0, group.into(), &row.pack());
    }

    /// Puts a channel row where way 0 looks for it.
    fn members(&mut self, link: u8, channel: Channel, members: &[usize]) {
        let row = ChannelRow { link, channel, members: members.iter().copied().collect() };
        let place = self.place(ChannelRow::key(link, channel), 0, self.geometry.channel_rows());
        self.row(Table::Channel, 0, place, &row.pack());
    }

    /// Puts a binding where way 0 looks for it.
    fn bind(&mut self, port: u8, mac: [u8; 6], vid: u16) {
        let row = BindingRow { port, mac: MacAddr(mac), vlan: vlan(vid) };
        let key = BindingRow::key(port, row.mac, row.vlan);
        let place = self.place(key, 0, self.geometry.binding_rows());
        self.row(Table::Binding, 0, place, &row.pack());
    }

    /// Binds a VLAN without a MAC.
    fn bind_any(&mut self, ports: &[usize], vid: u16) {
        let mut words = [0; ROW_WORDS];
        rows::vlan::PORTS.set(&mut words, ports.iter().copied().collect::<PortSet>().bits());
        self.row(Table::Vlan, 0, vid.into(), &words);
    }

    /// Where `way` looks for `key` while all seeds are 0.
    fn place(&self, key: u128, way: usize, rows: usize) -> usize {
        hash::index(hash::permute(key, 0), way, rows)
    }

    fn enter_port(&mut self, port: u8, frame: &[u8]) -> Option<Left> {
        self.enter(StreamId::Port(port), None, frame)
    }

    fn enter(&mut self, id: StreamId, source: Option<u8>, frame: &[u8]) -> Option<Left> {
        self.machine.from_port(id, source, priority(5, true), frame, false).map(Left::from)
    }

    fn enter_link(&mut self, link: u8, frame: &[u8]) -> Option<Left> {
        self.machine.from_link(link, frame, false).map(Left::from)
    }

    /// Makes all that counted readable, and counts from 0.
    fn snapshot(&mut self) {
        self.write(map::SNAPSHOT.address, 0);
    }

    /// A counter at the last snapshot.
    fn count(&mut self, entity: Entity, disposition: Disposition) -> u32 {
        self.fetch(Table::Disposition, 0, entity.row(disposition).into())[0]
    }

    /// Unicast, multicast, broadcast and octets at the last snapshot.
    fn traffic(&mut self, entity: Entity) -> [u64; 4] {
        let words = self.fetch(Table::Traffic, 0, entity.code().into());
        use rows::traffic::{BROADCAST, MULTICAST, OCTETS, UNICAST};
        [UNICAST, MULTICAST, BROADCAST, OCTETS].map(|field| field.get(&words))
    }

    /// Everything that `entity` counted since the last snapshot, which this takes.
    fn dispositions(&mut self, entity: Entity) -> Vec<(Disposition, u32)> {
        self.snapshot();
        let all =
            Disposition::all().map(|disposition| (disposition, self.count(entity, disposition)));
        all.filter(|&(_, frames)| frames != 0).collect()
    }

    /// Since the last snapshot `entity` counted one frame, dropped for `reason`.
    fn assert_one_drop(&mut self, entity: Entity, reason: DropReason) {
        assert_eq!(self.dispositions(entity), [(Disposition::Dropped(reason), 1)], "{entity:?}");
    }
}

fn ports<const N: usize>(ports: [usize; N]) -> Destination {
    Destination::Ports(ports.into_iter().collect())
}
