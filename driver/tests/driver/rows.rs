// SPDX-License-Identifier: MIT
//! Typed rows there and back, and what is refused before the machine hears of it.

use vireo_driver::{BusAccess, BusError, BusErrorKind, Device, Error, RegisterBus};
use vireo_spec::ether::{Pcp, VlanId};
use vireo_spec::geometry::Geometry;
use vireo_spec::ports::PortSet;
use vireo_spec::registers as map;
use vireo_spec::rows::{GroupRow, LinkRow, PortRow};
use vireo_spec::table::Table;
use vireo_spec::tag::{Channel, Role, TagFamily};

use crate::memory::Bus;

fn link() -> LinkRow {
    LinkRow { enabled: true, role: Role::Bridge, family: TagFamily::VnTag, maximum: 1518 }
}

fn port() -> PortRow {
    PortRow {
        enabled: true,
        link: 1,
        channel: Channel::from_bits(0x3A_BCDE).unwrap(),
        trust_priority: true,
        default_priority: Pcp::new(5).unwrap(),
        check_source: true,
        guard_reserved: false,
        control: true,
        pvid: VlanId::new(101).unwrap(),
        maximum: 9216,
    }
}

fn group() -> GroupRow {
    let channel = Channel::from_bits(0x10_0100).unwrap();
    GroupRow { enabled: true, link: 1, channel, trust_priority: true, ..GroupRow::default() }
}

#[test]
fn typed_rows_come_back_as_they_were_set() {
    let mut device = Bus::new(Geometry::default()).device(1);
    device.set_link(1, &link()).unwrap();
    device.set_port(31, &port()).unwrap();
    device.set_group(15, &group()).unwrap();
    let ports = PortSet::from_bits(0x8000_0001);
    device.set_vlan(VlanId::MAX, ports).unwrap();
    assert_eq!(device.link(1).unwrap(), link());
    assert_eq!(device.port(31).unwrap(), port());
    assert_eq!(device.group(15).unwrap(), group());
    assert_eq!(device.vlan(VlanId::MAX).unwrap(), ports);
    // And nowhere else.
    assert!(!device.link(0).unwrap().enabled);
    assert_eq!(device.port(30).unwrap(), PortRow::default());
    device.clear_row(Table::Port, 0, 31).unwrap();
    assert_eq!(device.port(31).unwrap(), PortRow::default());
}

#[test]
fn a_row_of_any_way_comes_back_as_words() {
    let mut device = Bus::new(Geometry::default()).device(1);
    for (way, row) in [(0, 0), (3, 255)] {
        let words = [0x8100_0001 | u32::from(way) << 8, 5, 6, 0, 0, 0, 0, 0];
        device.write_row(Table::Channel, way, row, &words).unwrap();
        assert_eq!(device.read_row(Table::Channel, way, row).unwrap(), words);
    }
    assert_eq!(device.read_row(Table::Channel, 1, 0).unwrap(), [0; 8]);
}

#[test]
fn only_the_words_of_a_row_are_staged() {
    let bus = Bus::new(Geometry::default());
    let mut device = bus.device(1);
    for (table, words) in
        [(Table::Port, 3), (Table::Group, 2), (Table::Binding, 3), (Table::Vlan, 2)]
    {
        bus.memory().writes.clear();
        device.write_row(table, 0, 0, &[0; 8]).unwrap();
        let staged: Vec<u16> = (0..words).map(|word| map::STAGE.nth(word)).collect();
        let written: Vec<u16> = bus.memory().writes.iter().map(|write| write.0).collect();
        assert_eq!(written, [staged, vec![map::OP.address]].concat(), "{table:?}");
    }
}

#[test]
fn what_does_not_exist_is_refused_before_any_access() {
    let bus = Bus::new(Geometry::default());
    let mut device = bus.device(1);
    let before = bus.memory().accesses;
    let no = |what, index, count| Err(Error::NoSuch { what, index, count });
    let (vlan, channel) = (VlanId::default(), Channel::default());
    let beyond = PortSet::from_bits(1 << 32);
    assert_eq!(device.set_link(2, &link()), no("link", 2, 2));
    assert_eq!(device.link(255).map(|_| ()), no("link", 255, 2));
    assert_eq!(device.set_port(32, &port()), no("port", 32, 32));
    assert_eq!(device.set_port(0, &PortRow { link: 2, ..port() }), no("link", 2, 2));
    assert_eq!(device.set_group(16, &group()), no("group", 16, 16));
    assert_eq!(device.set_group(0, &GroupRow { link: 200, ..group() }), no("link", 200, 2));
    assert_eq!(device.set_vlan(vlan, beyond), no("port", 32, 32));
    assert_eq!(device.add_channel(2, channel, PortSet::default()), no("link", 2, 2));
    assert_eq!(device.add_channel(0, channel, beyond), no("port", 32, 32));
    assert_eq!(device.remove_channel(8, channel), no("link", 8, 2));
    assert_eq!(device.bind(32, None, vlan), no("port", 32, 32));
    assert_eq!(device.unbind(64, None, vlan), no("port", 64, 32));
    assert_eq!(device.read_row(Table::Channel, 4, 0).map(|_| ()), no("way", 4, 4));
    assert_eq!(device.clear_row(Table::Port, 1, 0), no("way", 1, 1));
    assert_eq!(device.clear_row(Table::Channel, 0, 256), no("channel", 256, 256));
    let error = device.set_port(32, &port()).unwrap_err().to_string();
    assert_eq!(error, "there is no port 32: expected 0..=31, as this machine has 32");

    let too_long = device.set_port(0, &PortRow { maximum: 16384, ..port() }).unwrap_err();
    assert!(too_long.to_string().contains("maximum: expected 0..=16383"), "{too_long}");
    let too_long = device.set_link(0, &LinkRow { maximum: 16384, ..link() }).unwrap_err();
    assert!(matches!(too_long, Error::Range(_)), "{too_long}");
    let counter = Table::Traffic;
    let refused = Err(Error::CounterIsReadOnly { table: counter });
    assert_eq!(device.write_row(counter, 0, 0, &[0; 8]), refused);
    assert_eq!(bus.memory().accesses, before, "something reached the machine");
}

#[test]
fn what_the_machine_refuses_names_the_register() {
    let bus = Bus::new(Geometry::default());
    let mut device = bus.device(1);
    bus.memory().ready_after = 1; // As after a reset behind the driver's back.
    let error = device.clear_row(Table::Port, 0, 0).unwrap_err();
    let (access, address) = (BusAccess::Write, map::OP.address);
    assert_eq!(error, Error::Bus(BusError { access, address, kind: BusErrorKind::Refused }));
    assert!(error.to_string().starts_with("write of op (0x220) was refused (SLVERR)"), "{error}");

    let refused = bus.clone().read(map::LINK.nth(5)).unwrap_err().to_string();
    assert!(refused.starts_with("read of link[5] (0x094) was refused"), "{refused}");
}

#[test]
fn a_device_also_drives_a_borrowed_or_boxed_bus() {
    let mut bus = Bus::new(Geometry::default());
    Device::discover(&mut bus).unwrap().set_link(0, &link()).unwrap();
    let boxed: Box<dyn RegisterBus> = Box::new(bus);
    assert_eq!(Device::discover(boxed).unwrap().link(0).unwrap(), link());
}
