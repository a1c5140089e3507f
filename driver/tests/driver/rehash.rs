// SPDX-License-Identifier: MIT
//! A new seed for a table in use: no lookup misses a row at any access, whatever fails, and a repeated call ends it.

use vireo_driver::{BusErrorKind, Device, Error, REHASH_LOAD};
use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::geometry::Geometry;
use vireo_spec::ports::PortSet;
use vireo_spec::registers as map;
use vireo_spec::rows::{BindingRow, ChannelRow};
use vireo_spec::table::Table;
use vireo_spec::tag::Channel;

use crate::memory::{Bus, SILENCE, key_of};

fn geometry(rows: usize) -> Geometry {
    Geometry::new(64, 1, 2, 1, rows, rows).unwrap()
}

fn channel(n: usize) -> ChannelRow {
    let channel = Channel::from_bits((n as u32 + 1) << 8).unwrap();
    ChannelRow { link: 0, channel, members: PortSet::from_bits(1 + n as u64 % 3) }
}

fn add(device: &mut Device<Bus>, bus: &Bus, numbers: std::ops::Range<usize>) {
    for row in numbers.map(channel) {
        device.add_channel(0, row.channel, row.members).unwrap();
        bus.promise(Table::Channel, &[row.pack()]);
    }
}

/// A machine with the first `rows` channels, each of which must be found from now on, and one binding.
fn loaded(bus: &Bus, rows: usize) -> Device<Bus> {
    let mut device = bus.device(1);
    add(&mut device, bus, 0..rows);
    let row = BindingRow { port: 1, mac: MacAddr::BROADCAST, vlan: VlanId::MAX };
    device.bind(row.port, Some(row.mac), row.vlan).unwrap();
    bus.promise(Table::Binding, &[row.pack()]);
    device
}

/// Every promised row stands once, nothing else stands, and the copy says the same.
fn check(bus: &Bus, device: &Device<Bus>) {
    let memory = bus.memory();
    let promised = memory.promised.keys().filter(|key| key.0 == Table::Channel).count();
    assert_eq!(memory.used(Table::Channel), promised);
    assert_eq!(device.channels().unwrap().len(), promised);
    for row in device.channels().unwrap().iter() {
        let key = key_of(Table::Channel, &row.pack()).unwrap();
        assert_eq!(memory.promised[&(Table::Channel, key)], [row.pack()]);
    }
}

/// The table hashes in all ways with the seed that this number draws.
fn has_seed(device: &Device<Bus>, number: u64) -> bool {
    let fresh = Bus::new(geometry(64)).device(number);
    let wanted = fresh.channels().unwrap().hashing().seed(0);
    (0..4).all(|way| device.channels().unwrap().hashing().seed(way) == wanted)
}

fn choices(bus: &Bus) -> u32 {
    bus.memory().words[&map::SEED_CHOICE.address]
}

#[test]
fn a_table_gets_new_seeds_and_every_row_is_found_after_every_access() {
    for (rows, percents) in [(64, &[0, 30, REHASH_LOAD][..]), (1024, &[60, REHASH_LOAD])] {
        for percent in percents {
            let bus = Bus::new(geometry(rows));
            let used = rows * percent / 100;
            let mut device = loaded(&bus, used);
            let bindings = *device.bindings().unwrap().hashing();
            for (number, set) in [(2, 0xF), (3, 0), (4, 0xF)] {
                let (accesses, ops) = {
                    let memory = bus.memory();
                    (memory.accesses, memory.ops())
                };
                device.rehash(Table::Channel, number).unwrap();
                let (accesses, ops) = {
                    let memory = bus.memory();
                    (memory.accesses - accesses, memory.ops() - ops)
                };
                println!(
                    "{used} of {rows} rows: {ops} rows written or cleared, {accesses} accesses"
                );
                assert!(has_seed(&device, number));
                assert_eq!(choices(&bus), set);
                check(&bus, &device);
            }
            // Again the same seed: there is nothing to do.
            let before = bus.memory().writes.len();
            device.rehash(Table::Channel, 4).unwrap();
            assert_eq!(bus.memory().writes.len(), before);
            assert_eq!(*device.bindings().unwrap().hashing(), bindings);
            // The table is as good as any.
            let more = used..rows * 9 / 10;
            add(&mut device, &bus, more);
            check(&bus, &device);
        }
    }
}

#[test]
fn above_the_limit_a_rehash_is_refused_and_nothing_changes() {
    let bus = Bus::new(geometry(1024));
    let used = 1024 * REHASH_LOAD / 100 + 1;
    let mut device = loaded(&bus, used);
    let accesses = bus.memory().accesses;
    let refused = device.rehash(Table::Channel, 2).unwrap_err();
    assert_eq!(refused, Error::RehashRefused { table: Table::Channel, used, rows: 1024 });
    let text = format!("expected at most 65 % of its 1024 rows used, found {used}");
    assert!(refused.to_string().contains(&text), "{refused}");
    let other = device.rehash(Table::Vlan, 2).unwrap_err();
    assert_eq!(other, Error::NotHashed { table: Table::Vlan });
    assert_eq!(bus.memory().accesses, accesses);
    // The other table is not full, and one row less is not too many.
    device.rehash(Table::Binding, 2).unwrap();
    bus.memory().promised.remove(&(Table::Channel, ChannelRow::key(0, channel(0).channel)));
    device.remove_channel(0, channel(0).channel).unwrap();
    device.rehash(Table::Channel, 2).unwrap();
    check(&bus, &device);
}

#[test]
fn small_tables_can_stick_and_are_whole_then() {
    for (rows, most) in [(64, 9), (128, 6), (1024, 0)] {
        let (mut stuck, mut helped) = (0, 0);
        for number in 0..300 {
            let bus = Bus::new(geometry(rows));
            let mut device = bus.device(number);
            let used = rows * REHASH_LOAD / 100;
            for row in (0..used).map(channel) {
                device.add_channel(0, row.channel, row.members).unwrap();
            }
            if let Err(error) = device.rehash(Table::Channel, 1000 + number) {
                assert_eq!(error, Error::RehashStuck { table: Table::Channel, used, rows });
                stuck += 1;
                helped += u32::from((2000..2010).any(|n| device.rehash(Table::Channel, n).is_ok()));
            }
            // A driver that knows nothing of this one finds every row.
            assert_eq!(Device::discover(bus).unwrap().adopt().unwrap().channels, used);
        }
        println!("{rows} rows: {stuck} of 300 stuck, {helped} of them not for another seed");
        assert!(stuck <= most, "{stuck}");
    }
}

const FAULTS: [(bool, BusErrorKind); 3] =
    [(false, SILENCE), (true, SILENCE), (false, BusErrorKind::Refused)];

#[test]
fn a_rehash_that_the_bus_cut_short_anywhere_goes_on_when_it_is_repeated() {
    let mut runs = 0;
    // The second one begins with ways on both sets if the first is cut short and given up.
    for repeated in [true, false] {
        for (effect, kind) in FAULTS {
            for at in 0.. {
                let bus = Bus::new(geometry(64));
                let mut device = loaded(&bus, 38);
                bus.fail_next(at, effect, kind);
                let first = device.rehash(Table::Channel, 2);
                bus.memory().fault = None;
                if repeated && first.is_err() {
                    device.rehash(Table::Channel, 2).unwrap();
                    assert!(has_seed(&device, 2));
                } else {
                    device.rehash(Table::Channel, 3).unwrap();
                    assert!(has_seed(&device, 3));
                }
                check(&bus, &device);
                add(&mut device, &bus, 38..55);
                runs += 1;
                if first.is_ok() {
                    assert!(at > 300, "{at} accesses");
                    break;
                }
                assert!(matches!(first, Err(Error::Bus(_))), "{first:?}");
            }
        }
    }
    println!("{runs} runs, each with an access that failed");
}

#[test]
fn after_a_rehash_that_was_cut_short_any_call_works() {
    for (effect, kind) in FAULTS {
        for at in 0.. {
            let bus = Bus::new(geometry(64));
            let mut device = loaded(&bus, 38);
            bus.fail_next(at, effect, kind);
            if device.rehash(Table::Channel, 2).is_ok() {
                assert!(at > 300);
                break;
            }
            // A change in place, then one that comes, then one that goes.
            let changed = ChannelRow { members: PortSet::from_bits(2), ..channel(4) };
            if at % 3 == 0 {
                bus.promise(Table::Channel, &[changed.pack(), channel(4).pack()]);
                device.add_channel(0, changed.channel, changed.members).unwrap();
                bus.promise(Table::Channel, &[changed.pack()]);
            }
            if at % 3 <= 1 {
                add(&mut device, &bus, 38..55);
            }
            let gone = (Table::Channel, ChannelRow::key(0, channel(5).channel));
            bus.memory().promised.remove(&gone);
            device.remove_channel(0, channel(5).channel).unwrap();
            check(&bus, &device);
        }
    }
}
