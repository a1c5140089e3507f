// SPDX-License-Identifier: MIT
//! A bus that fails once, at any access, before or after the machine has done what it was told: no key that was there is ever
//! missed, and the call that failed succeeds when it is repeated.

use std::ops::Range;

use vireo_driver::{BusErrorKind, Device, DiscoverError, Error};
use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::geometry::Geometry;
use vireo_spec::ports::PortSet;
use vireo_spec::registers as map;
use vireo_spec::rows::{BindingRow, ChannelRow, GroupRow, LinkRow, PortRow};
use vireo_spec::table::Table;
use vireo_spec::tag::{Channel, Role, TagFamily};

use crate::memory::{Bus, Fault, SILENCE, key_of};

/// The smallest tables: 16 rows a way, so that 60 rows have to move often.
fn geometry() -> Geometry {
    Geometry::new(64, 1, 2, 1, 64, 64).unwrap()
}

fn channel(n: u32, members: u64) -> ChannelRow {
    let channel = Channel::from_bits((n + 1) << 8).unwrap();
    ChannelRow { link: 0, channel, members: PortSet::from_bits(members) }
}

fn binding(n: u32) -> BindingRow {
    let mac = MacAddr::from_u64(0x5254_0000_0000 + u64::from(n)).unwrap();
    BindingRow { port: 1, mac, vlan: VlanId::new(101).unwrap() }
}

fn is_bus(error: &Error) -> bool {
    matches!(error, Error::Bus(_) | Error::Interrupted { .. })
}

/// Calls until the call succeeds; only the bus may make it fail, and only once.
fn twice<T>(device: &mut Device<Bus>, call: impl Fn(&mut Device<Bus>) -> Result<T, Error>) -> T {
    call(device).or_else(|error| if is_bus(&error) { call(device) } else { Err(error) }).unwrap()
}

/// Of 64 rows: enough that the last ones need moves.
const CHANNELS: u32 = 58;
/// Those that go again, and those that come then.
const GOING: Range<u32> = 40..CHANNELS;
const COMING: Range<u32> = 100..118;

fn add_channels(device: &mut Device<Bus>, bus: &Bus, numbers: Range<u32>) {
    for n in numbers {
        let row = channel(n, 1);
        twice(device, |d| d.add_channel(0, row.channel, row.members));
        bus.promise(Table::Channel, &[row.pack()]);
    }
}

/// What a controller does, with each call repeated if it fails.
fn run(bus: &Bus) -> Device<Bus> {
    let discover = || Device::discover(bus.clone());
    let is_bus_error = |error: &DiscoverError| matches!(error, DiscoverError::Bus(_));
    let found = discover().or_else(|e| if is_bus_error(&e) { discover() } else { Err(e) });
    let mut device = found.unwrap();
    twice(&mut device, |d| d.initialize(4));
    let row = LinkRow { enabled: true, role: Role::Bridge, family: TagFamily::ETag, maximum: 1518 };
    twice(&mut device, |d| d.set_link(0, &row));
    twice(&mut device, |d| d.set_port(1, &PortRow { maximum: 1518, ..PortRow::default() }));
    twice(&mut device, |d| d.set_group(0, &GroupRow { enabled: true, ..GroupRow::default() }));
    add_channels(&mut device, bus, 0..CHANNELS);
    for n in [3, 30] {
        let row = channel(n, 2);
        bus.promise(Table::Channel, &[row.pack(), channel(n, 1).pack()]);
        twice(&mut device, |d| d.add_channel(0, row.channel, row.members));
        bus.promise(Table::Channel, &[row.pack()]);
    }
    for row in [binding(0), binding(1)] {
        twice(&mut device, |d| d.bind(row.port, Some(row.mac), row.vlan));
        bus.promise(Table::Binding, &[row.pack()]);
    }
    for n in GOING {
        let row = channel(n, 1);
        let key = ChannelRow::key(0, row.channel);
        bus.memory().promised.remove(&(Table::Channel, key));
        twice(&mut device, |d| d.remove_channel(0, row.channel));
    }
    add_channels(&mut device, bus, COMING);
    let vlan = VlanId::new(7).unwrap();
    twice(&mut device, |d| d.bind(0, None, vlan));
    twice(&mut device, |d| d.bind(1, None, vlan));
    twice(&mut device, |d| d.unbind(0, None, vlan));
    twice(&mut device, |d| d.set_event_reasons([]));
    device
}

/// Every promised row stands once, nothing else stands, and the copy says the same.
fn check(bus: &Bus, device: &Device<Bus>) {
    let memory = bus.memory();
    let promised = |table| memory.promised.keys().filter(|key| key.0 == table).count();
    assert_eq!(memory.used(Table::Channel), promised(Table::Channel));
    assert_eq!(memory.used(Table::Binding), promised(Table::Binding));
    assert_eq!(device.channels().unwrap().len(), promised(Table::Channel));
    assert_eq!(device.bindings().unwrap().len(), promised(Table::Binding));
    for row in device.channels().unwrap().iter() {
        let key = key_of(Table::Channel, &row.pack()).unwrap();
        assert_eq!(memory.promised[&(Table::Channel, key)], [row.pack()]);
    }
    assert_eq!(memory.row(Table::Vlan, 0, 7)[0], 2);
    assert_eq!(memory.words[&map::LINK.address] >> 31, 1);
    assert_eq!(memory.row(Table::Port, 0, 1)[2], 1518);
    assert_eq!(memory.row(Table::Group, 0, 0)[0] >> 31, 1);
}

#[test]
fn a_call_that_the_bus_cut_short_may_be_repeated() {
    let whole = Bus::new(geometry());
    check(&whole, &run(&whole));
    let accesses = whole.memory().accesses;
    let ops = whole.memory().ops();
    // Each call that is not about a channel and not a register makes one operation, or with a VLAN's row two.
    let channels = CHANNELS as usize + 2 + GOING.len() + COMING.len();
    let moves = ops - (channels + 2 + 2 + 3 * 2);
    assert!(moves > 10, "{moves} moves: too few for this to show anything");
    let mut runs = 0;
    for at in 0..accesses {
        for (effect, kind) in [(false, SILENCE), (true, SILENCE), (false, BusErrorKind::Refused)] {
            let bus = Bus::new(geometry());
            bus.memory().fault = Some(Fault { at, effect, kind });
            let device = run(&bus);
            check(&bus, &device);
            runs += 1;
        }
    }
    println!("{runs} runs of {accesses} accesses ({moves} moves), each with one that failed");
}

#[test]
fn a_change_that_took_effect_unheard_is_not_undone_when_it_is_repeated() {
    let bus = Bus::new(geometry());
    let mut device = bus.device(1);
    let (old, new) = (channel(1, 1), channel(1, 2));
    device.add_channel(0, old.channel, old.members).unwrap();
    bus.fail_next(3, true, SILENCE); // Three words are staged; then comes `op`.
    let failed = device.add_channel(0, new.channel, new.members).unwrap_err();
    assert!(failed.to_string().starts_with("write of op (0x220) got no answer"), "{failed}");
    bus.promise(Table::Channel, &[new.pack()]);
    device.add_channel(0, new.channel, new.members).unwrap();
}

/// A device whose channel table is nearly full.
fn nearly_full(bus: &Bus) -> Device<Bus> {
    let mut device = bus.device(6);
    add_channels(&mut device, bus, 0..CHANNELS);
    device
}

/// A channel for which two others have to move at least.
fn one_that_needs_moves() -> ChannelRow {
    let needs_moves = |row: &ChannelRow| {
        let bus = Bus::new(geometry());
        let mut device = nearly_full(&bus);
        let before = bus.memory().ops();
        device.add_channel(0, row.channel, row.members).is_ok() && bus.memory().ops() > before + 2
    };
    (100..300).map(|n| channel(n, 1)).find(needs_moves).unwrap()
}

#[test]
fn a_call_that_failed_may_be_given_up() {
    // The call that failed is not repeated; the next one, about another row, makes the tables right all the same.
    let added = one_that_needs_moves();
    for effect in [false, true] {
        for at in 0.. {
            let bus = Bus::new(geometry());
            let mut device = nearly_full(&bus);
            let (updated, removed) = (channel(5, 2), channel(9, 1));
            let key = |row: &ChannelRow| (Table::Channel, ChannelRow::key(0, row.channel));
            bus.promise(Table::Channel, &[updated.pack(), channel(5, 1).pack()]);
            bus.memory().promised.remove(&key(&removed));
            bus.fail_next(at, effect, SILENCE);
            let results = [
                device.add_channel(0, added.channel, added.members),
                device.add_channel(0, updated.channel, updated.members),
                device.remove_channel(0, removed.channel),
            ];
            bus.memory().fault = None;
            device.remove_channel(0, channel(200, 1).channel).unwrap();
            // What failed has not happened, what succeeded has.
            let now = [
                (added, results[0].is_ok().then_some(added)),
                (updated, Some(if results[1].is_ok() { updated } else { channel(5, 1) })),
                (removed, results[2].is_err().then_some(removed)),
            ];
            for (row, expected) in now {
                match expected {
                    Some(row) => bus.promise(Table::Channel, &[row.pack()]),
                    None => _ = bus.memory().promised.remove(&key(&row)),
                }
            }
            device.remove_channel(0, channel(200, 1).channel).unwrap();
            device.bind(0, None, VlanId::MAX).unwrap();
            let memory = bus.memory();
            assert_eq!(memory.used(Table::Channel), memory.promised.len());
            assert_eq!(device.channels().unwrap().len(), memory.promised.len());
            if results.iter().all(Result::is_ok) {
                assert!(at > 10);
                break;
            }
        }
    }
}
