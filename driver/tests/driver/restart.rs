// SPDX-License-Identifier: MIT
//! A driver that ends at any access, and the next one, which finds the machine as it is and brings it to what is wanted.

use vireo_driver::{Adopted, Device, Error, Repaired, State};
use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::geometry::Geometry;
use vireo_spec::ports::PortSet;
use vireo_spec::registers as map;
use vireo_spec::rows::{BindingRow, ChannelRow, GroupRow, LinkRow, PortRow};
use vireo_spec::table::Table;
use vireo_spec::tag::Channel;

use crate::memory::{Bus, SILENCE, key_of};
use crate::random::Random;

const PORTS: usize = 8;

fn geometry() -> Geometry {
    Geometry::new(64, 2, PORTS, 2, 64, 64).unwrap()
}

fn channel(n: usize) -> Channel {
    Channel::from_bits((n as u32 + 1) << 8).unwrap()
}

fn vlan(n: usize) -> VlanId {
    VlanId::try_from(n as u64).unwrap()
}

/// A change that a controller asks for.
#[derive(Clone, Copy, Debug)]
enum Change {
    Link(usize, LinkRow),
    Port(usize, PortRow),
    Group(usize, GroupRow),
    Channel(u8, Channel, Option<PortSet>),
    Binding(u8, MacAddr, VlanId, bool),
    Vlan(VlanId, PortSet),
    Rehash(Table, u64),
}

impl Change {
    fn random(random: &mut Random) -> Self {
        let enabled = random.below(2) == 0;
        match random.below(20) {
            0 => Self::Link(
                random.below(2),
                LinkRow { enabled, ..LinkRow::unpack(random.next() as u32) },
            ),
            1 => Self::Rehash([Table::Channel, Table::Binding][random.below(2)], random.next()),
            2..=4 => {
                let (link, channel) = (random.below(2) as u8, channel(random.below(60)));
                Self::Port(
                    random.below(PORTS),
                    PortRow { enabled, link, channel, ..PortRow::default() },
                )
            }
            5 => Self::Group(
                random.below(2),
                GroupRow { enabled, channel: channel(random.below(60)), ..GroupRow::default() },
            ),
            6..=11 => {
                let members = PortSet::from_bits(random.next() & 0xFF);
                let members = (!random.one_in(3)).then_some(members);
                Self::Channel(random.below(2) as u8, channel(random.below(30)), members)
            }
            12 | 13 => Self::Vlan(vlan(random.below(4)), PortSet::from_bits(random.next() & 0xFF)),
            _ => {
                let mac = MacAddr([2, 0, 0, 0, 0, random.below(6) as u8]);
                Self::Binding(
                    random.below(PORTS) as u8,
                    mac,
                    vlan(random.below(2)),
                    !random.one_in(3),
                )
            }
        }
    }

    fn apply(self, device: &mut Device<Bus>) -> Result<(), Error> {
        match self {
            Self::Link(link, row) => device.set_link(link as u8, &row),
            Self::Port(port, row) => device.set_port(port as u8, &row),
            Self::Group(group, row) => device.set_group(group as u8, &row),
            Self::Channel(link, channel, Some(members)) => {
                device.add_channel(link, channel, members)
            }
            Self::Channel(link, channel, None) => device.remove_channel(link, channel),
            Self::Binding(port, mac, vlan, true) => device.bind(port, Some(mac), vlan),
            Self::Binding(port, mac, vlan, false) => device.unbind(port, Some(mac), vlan),
            Self::Vlan(vlan, ports) => device.set_vlan(vlan, ports),
            Self::Rehash(table, seed) => device.rehash(table, seed),
        }
    }

    fn note(self, state: &mut State) {
        match self {
            Self::Link(link, row) => state.links[link] = row,
            Self::Port(port, row) => state.ports[port] = row,
            Self::Group(group, row) => state.groups[group] = row,
            Self::Channel(link, channel, Some(members)) => {
                _ = state.channels.insert((link, channel), members)
            }
            Self::Channel(link, channel, None) => _ = state.channels.remove(&(link, channel)),
            Self::Binding(port, mac, vlan, true) => _ = state.bindings.insert((port, mac, vlan)),
            Self::Binding(port, mac, vlan, false) => _ = state.bindings.remove(&(port, mac, vlan)),
            Self::Vlan(vlan, ports) if ports.is_empty() => _ = state.vlans.remove(&vlan),
            Self::Vlan(vlan, ports) => _ = state.vlans.insert(vlan, ports),
            Self::Rehash(..) => {}
        }
    }
}

/// Rows in which two states differ.
fn differences(a: &State, b: &State) -> usize {
    fn rows<T: PartialEq>(a: &[T], b: &[T]) -> usize {
        a.iter().zip(b).filter(|(a, b)| a != b).count()
    }
    let channels = a.channels.keys().chain(b.channels.keys());
    let channels: std::collections::BTreeSet<_> =
        channels.filter(|&key| a.channels.get(key) != b.channels.get(key)).collect();
    let vlans = (0..4096).map(vlan).filter(|&vlan| a.admitted(vlan) != b.admitted(vlan)).count();
    rows(&a.links, &b.links)
        + rows(&a.ports, &b.ports)
        + rows(&a.groups, &b.groups)
        + channels.len()
        + vlans
        + a.bindings.symmetric_difference(&b.bindings).count()
}

/// The machine itself says `wanted`, and holds nothing else.
fn check(bus: &Bus, wanted: &State) {
    let memory = bus.memory();
    assert_eq!(memory.used(Table::Channel), wanted.channels.len());
    assert_eq!(memory.used(Table::Binding), wanted.bindings.len());
    for (&(link, channel), &members) in &wanted.channels {
        let row = ChannelRow { link, channel, members }.pack();
        assert_eq!(memory.lookup(Table::Channel, ChannelRow::key(link, channel)), Some(row));
    }
    for &(port, mac, vlan) in &wanted.bindings {
        let row = BindingRow { port, mac, vlan }.pack();
        assert_eq!(memory.lookup(Table::Binding, BindingRow::key(port, mac, vlan)), Some(row));
    }
    for (port, row) in wanted.ports.iter().enumerate() {
        assert_eq!(PortRow::unpack(&memory.row(Table::Port, 0, port as u16)), *row);
    }
    for (group, row) in wanted.groups.iter().enumerate() {
        assert_eq!(GroupRow::unpack(&memory.row(Table::Group, 0, group as u16)), *row);
    }
    for (link, row) in wanted.links.iter().enumerate() {
        assert_eq!(memory.words.get(&map::LINK.nth(link)).copied().unwrap_or(0), row.pack());
    }
    for n in 0..4096 {
        let words = memory.row(Table::Vlan, 0, n);
        assert_eq!(u64::from(words[0]), wanted.admitted(vlan(n.into())).bits());
    }
}

/// A new driver on this machine.
fn restart(bus: &Bus) -> (Device<Bus>, Adopted) {
    let mut device = Device::discover(bus.clone()).unwrap();
    let adopted = device.adopt().unwrap();
    (device, adopted)
}

/// Repairs, and holds the figures of that against the bus.
fn repair(bus: &Bus, device: &mut Device<Bus>, wanted: &State) -> Repaired {
    bus.memory().writes.clear();
    let repaired = device.reconcile(wanted).unwrap();
    let links = map::LINK.address..map::LINK.address + 8;
    let commits = |&&(address, value): &&(u16, u32)| {
        links.contains(&address) || address == map::OP.address && map::op::COMMAND.of(value) != 1
    };
    let commits = bus.memory().writes.iter().filter(commits).count();
    assert_eq!(repaired.written + repaired.cleared, commits);
    assert_eq!(repaired.read, 2 + PORTS + 2 + 4096);
    check(bus, wanted);
    assert_eq!(device.state().unwrap(), *wanted);
    repaired
}

fn random_state(random: &mut Random) -> State {
    let mut state = State::new(&geometry());
    (0..random.below(120)).for_each(|_| Change::random(random).note(&mut state));
    state
}

#[test]
fn a_driver_killed_at_any_access_is_replaced_by_one_that_repairs_only_the_difference() {
    let (mut written, mut differing, mut strays, mut moves) = (0, 0, 0, 0);
    const KILLS: u64 = 600;
    for seed in 0..KILLS {
        let mut random = Random(seed << 32);
        let bus = Bus::new(geometry());
        let mut device = bus.device(seed);
        let mut wanted = State::new(&geometry());
        bus.fail_next(random.below(1500), random.below(2) == 0, SILENCE);
        loop {
            let change = Change::random(&mut random);
            match change.apply(&mut device) {
                Ok(()) => change.note(&mut wanted),
                Err(Error::RehashStuck { .. } | Error::RehashRefused { .. }) => {}
                Err(error) => {
                    // What was asked for last is wanted, though it was not heard that it is done.
                    assert!(error.to_string().contains("got no answer"), "seed {seed}: {error}");
                    change.note(&mut wanted);
                    break;
                }
            }
        }
        drop(device);
        let (mut device, adopted) = restart(&bus);
        let difference = differences(&device.state().unwrap(), &wanted);
        assert!(difference <= 1 && adopted.strays <= 1, "seed {seed}: {difference}, {adopted:?}");
        let repaired = repair(&bus, &mut device, &wanted);
        let all = repaired.written + repaired.cleared;
        assert!(
            all >= difference + adopted.strays || adopted.strays == 1,
            "seed {seed}: {repaired:?}"
        );
        // A row that comes may have to move others, and clears none then but a place that one has left.
        moves += all.saturating_sub(difference + adopted.strays);
        (written, differing, strays) =
            (written + all, differing + difference, strays + adopted.strays);
        assert_eq!(repair(&bus, &mut device, &wanted).written, 0);
        assert!(bus.memory().writes.iter().all(|write| map::op::COMMAND.of(write.1) == 1));
    }
    assert!(moves <= 10, "{moves}");
    println!(
        "{KILLS} kills: {differing} rows differed, {strays} strays, {written} rows written or cleared"
    );
}

#[test]
fn a_driver_killed_during_a_repair_is_replaced_by_one_that_ends_it() {
    let mut repairs = 0;
    for seed in 0..30 {
        let mut random = Random(seed << 32);
        let (old, wanted) = (random_state(&mut random), random_state(&mut random));
        let bus = Bus::new(geometry());
        bus.device(seed).reconcile(&old).unwrap();
        check(&bus, &old);
        let rows = bus.memory().rows.clone();
        let words = bus.memory().words.clone();
        // The comparison reads 4108 rows before the first write.
        for at in (12_300..).step_by(7) {
            (bus.memory().rows, bus.memory().words) = (rows.clone(), words.clone());
            let (mut device, _) = restart(&bus);
            bus.fail_next(at, seed % 2 == 0, SILENCE);
            let killed = device.reconcile(&wanted).is_err();
            bus.memory().fault = None;
            if killed {
                drop(device);
                let (mut device, _) = restart(&bus);
                repair(&bus, &mut device, &wanted);
                repairs += 1;
            } else {
                check(&bus, &wanted);
                break;
            }
        }
    }
    println!("{repairs} repairs, each after one that was cut short");
    assert!(repairs > 300);
}

#[test]
fn rows_that_no_lookup_finds_are_counted_and_cleared() {
    let bus = Bus::new(geometry());
    let mut device = bus.device(1);
    let row = ChannelRow { link: 0, channel: channel(5), members: PortSet::from_bits(1) };
    device.add_channel(0, row.channel, row.members).unwrap();
    let wanted = device.state().unwrap();
    let key = ChannelRow::key(0, row.channel);
    let places = device.channels().unwrap().hashing().rows_of(key, 16);
    let held = (0..4)
        .find(|&way| bus.memory().row(Table::Channel, way, places[usize::from(way)] as u16)[0] != 0)
        .unwrap();
    // Its double with other members in a higher way, another channel's row in a wrong place, one that is not valid.
    let other = ChannelRow { channel: channel(6), ..row };
    let astray =
        device.channels().unwrap().hashing().rows_of(ChannelRow::key(0, other.channel), 16);
    let free = (0..16).find(|&n| n != astray[0] && n != places[0]).unwrap();
    let double = ChannelRow { members: PortSet::from_bits(6), ..row }.pack();
    let higher = usize::from(held) + 1;
    let plants = [
        ((Table::Channel, higher as u8, places[higher] as u16), double),
        ((Table::Channel, 0, free as u16), other.pack()),
        ((Table::Binding, 2, 7), [5, 0, 0, 0, 0, 0, 0, 0]),
    ];
    bus.memory().rows.extend(plants);

    let (mut device, adopted) = restart(&bus);
    assert_eq!(adopted, Adopted { channels: 1, bindings: 0, strays: 3 });
    assert_eq!(device.state().unwrap(), wanted);
    let repaired = repair(&bus, &mut device, &wanted);
    assert_eq!((repaired.written, repaired.cleared), (0, 3));
    assert_eq!(restart(&bus).1, Adopted { channels: 1, bindings: 0, strays: 0 });

    // Without a repair, too, no double comes to light when the row that hid it goes.
    bus.memory().rows.extend(plants);
    let (mut device, _) = restart(&bus);
    device.remove_channel(0, row.channel).unwrap();
    assert_eq!(bus.memory().lookup(Table::Channel, key), None);
    assert_eq!(bus.memory().used(Table::Channel), 0);
}

#[test]
fn a_machine_without_seeds_is_not_taken_over() {
    let bus = Bus::new(geometry());
    let mut device = Device::discover(bus.clone()).unwrap();
    assert_eq!(device.adopt(), Err(Error::NotSeeded { table: Table::Channel }));
    assert_eq!(device.reconcile(&State::new(&geometry())), Err(Error::NotInitialized));
    // An initialization that was cut short before the last word of the last seed.
    bus.fail_next(6 + 1 + 3 + 2, false, SILENCE);
    device.initialize(1).unwrap_err();
    assert_eq!(device.adopt(), Err(Error::NotSeeded { table: Table::Binding }));
    device.initialize(1).unwrap();
    let hashing = *device.bindings().unwrap().hashing();
    let (device, _) = restart(&bus);
    assert_eq!(device.bindings().unwrap().hashing().seed(0), hashing.seed(0));
    assert!(key_of(Table::Binding, &[0; 8]).is_none());
}

#[test]
fn a_state_that_the_machine_cannot_say_is_refused_before_any_access() {
    let bus = Bus::new(geometry());
    let mut device = bus.device(1);
    let accesses = bus.memory().accesses;
    let mut refuse = |change: fn(&mut State), text: &str| {
        let mut state = State::new(&geometry());
        change(&mut state);
        let error = device.reconcile(&state).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    };
    refuse(|s| _ = s.ports.pop(), "has 7 port rows: expected 8");
    refuse(|s| s.ports[1].link = 2, "no link 2");
    refuse(|s| s.links[1].maximum = 0x4000, "maximum");
    refuse(|s| _ = s.channels.insert((2, channel(1)), PortSet::default()), "no link 2");
    refuse(|s| _ = s.channels.insert((0, channel(1)), PortSet::from_bits(256)), "no port 8");
    refuse(|s| _ = s.bindings.insert((8, MacAddr::BROADCAST, VlanId::MAX)), "no port 8");
    refuse(|s| _ = s.vlans.insert(VlanId::MAX, PortSet::from_bits(256)), "no port 8");
    assert_eq!(bus.memory().accesses, accesses);
}

#[test]
fn a_full_table_makes_room_by_what_goes() {
    let bus = Bus::new(geometry());
    let mut device = bus.device(1);
    let mut old = State::new(&geometry());
    let mut wanted = old.clone();
    for n in 0..58 {
        old.channels.insert((0, channel(n)), PortSet::from_bits(1));
        wanted.channels.insert((1, channel(n)), PortSet::from_bits(2));
    }
    device.reconcile(&old).unwrap();
    repair(&bus, &mut device, &wanted);
}
