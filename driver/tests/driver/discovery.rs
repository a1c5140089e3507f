// SPDX-License-Identifier: MIT
//! What the driver takes for a machine, and what it does with one that it finds.

use vireo_driver::{Device, DiscoverError, Error, POLLS, RegisterBus};
use vireo_spec::ether::VlanId;
use vireo_spec::geometry::Geometry;
use vireo_spec::ports::PortSet;
use vireo_spec::registers as map;
use vireo_spec::table::Table;
use vireo_spec::tag::Channel;

use crate::memory::Bus;

/// A machine whose `register` holds `value`.
fn discover_with(register: map::Register, value: u32) -> DiscoverError {
    let bus = Bus::new(Geometry::default());
    bus.memory().words.insert(register.address, value);
    Device::discover(bus).map(|device| *device.geometry()).unwrap_err()
}

#[test]
fn a_machine_is_found_with_its_geometry_and_nothing_is_written() {
    let geometry = Geometry::new(128, 8, 64, 1, 64, 16384).unwrap();
    let bus = Bus::new(geometry);
    bus.memory().ready_after = 2000;
    assert_eq!(*Device::discover(bus.clone()).unwrap().geometry(), geometry);
    assert!(bus.memory().writes.is_empty());
}

#[test]
fn something_else_on_the_bus_is_named() {
    let error = discover_with(map::MAGIC, 0xFFFF_FFFF);
    assert_eq!(error, DiscoverError::Magic { found: 0xFFFF_FFFF });
    assert!(error.to_string().contains("expected magic 0x5649524f, found 0xffffffff"), "{error}");
}

#[test]
fn another_major_version_is_refused_and_another_minor_is_not() {
    let error = discover_with(map::VERSION, 0x0003_0003);
    assert_eq!(error, DiscoverError::Version { found: 0x0003_0003 });
    assert!(error.to_string().contains("expected 2, found 3 (version 0x00030003)"), "{error}");
    let bus = Bus::new(Geometry::default());
    bus.memory().words.insert(map::VERSION.address, 0x0002_0007);
    Device::discover(bus).unwrap();
}

#[test]
fn a_geometry_that_cannot_be_built_is_refused() {
    for (register, value) in [
        (map::WIDTH, 100),
        (map::LINKS, 3),
        (map::PORTS, 128),
        (map::GROUPS, 0),
        (map::CHANNELS, 32),
        (map::BINDINGS, 5000),
    ] {
        let error = discover_with(register, value);
        assert!(matches!(error, DiscoverError::Geometry(_)), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(&format!("{} is {value}; it must be ", register.name)), "{text}");
    }
}

#[test]
fn a_machine_that_stays_in_its_sweep_is_given_up() {
    let bus = Bus::new(Geometry::default());
    bus.memory().ready_after = u32::MAX;
    assert_eq!(Device::discover(bus).err(), Some(DiscoverError::NotReady { polls: POLLS }));
}

#[test]
fn a_fresh_machine_gets_seeds_and_no_row_is_swept_again() {
    let bus = Bus::new(Geometry::default());
    let device = bus.device(7);
    assert_eq!(bus.memory().ops(), 0);
    let seed = device.channels().unwrap().hashing().seed(0);
    let mut bus = bus.clone();
    let words: [u32; 3] = std::array::from_fn(|i| bus.read(map::SEED_CHANNEL_A.nth(i)).unwrap());
    assert_eq!(words, [seed as u32, (seed >> 32) as u32, (seed >> 64) as u32]);
    assert_ne!(seed, device.bindings().unwrap().hashing().seed(0));
    assert_eq!(seed, Bus::new(Geometry::default()).device(7).channels().unwrap().hashing().seed(0));
    assert_ne!(seed, Bus::new(Geometry::default()).device(8).channels().unwrap().hashing().seed(0));
}

#[test]
fn a_machine_that_another_driver_left_is_emptied() {
    let bus = Bus::new(Geometry::default());
    let mut device = bus.device(1);
    let channel = Channel::from_bits(20).unwrap();
    device.add_channel(1, channel, PortSet::from_bits(1)).unwrap();
    device.set_vlan(VlanId::MAX, PortSet::from_bits(1)).unwrap();
    bus.memory().words.insert(map::LINK.nth(1), 1 << 31);
    let mut device = bus.device(2);
    for table in Table::ALL {
        assert_eq!(bus.memory().used(table), 0, "{table:?}");
    }
    assert!(!device.link(1).unwrap().enabled);
    assert!(device.channels().unwrap().is_empty());
}

#[test]
fn hash_tables_are_closed_until_they_have_seeds() {
    let bus = Bus::new(Geometry::default());
    let mut device = Device::discover(bus.clone()).unwrap();
    let (before, channel) = (bus.memory().accesses, Channel::from_bits(20).unwrap());
    let added = device.add_channel(0, channel, PortSet::default());
    assert_eq!(added, Err(Error::NotInitialized));
    assert_eq!(device.unbind(0, None, VlanId::MAX), Err(Error::NotInitialized));
    assert_eq!(bus.memory().accesses, before);
}
