// SPDX-License-Identifier: MIT
//! How full the hash tables get, and that no lookup misses while rows move.

use std::hash::{DefaultHasher, Hash, Hasher};

use vireo_driver::{Device, Error};
use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::geometry::Geometry;
use vireo_spec::ports::PortSet;
use vireo_spec::rows::{BindingRow, ChannelRow};
use vireo_spec::table::Table;
use vireo_spec::tag::Channel;

use crate::memory::Bus;

const ROWS: usize = 1024;

fn geometry() -> Geometry {
    Geometry::new(512, 2, 32, 16, ROWS, ROWS).unwrap()
}

fn random(seed: u64, n: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, n).hash(&mut hasher);
    hasher.finish()
}

fn binding(port: u64, mac: u64, vlan: u64) -> BindingRow {
    let mac = MacAddr::from_u64(mac & 0xFFFF_FFFF_FFFF).unwrap();
    BindingRow { port: (port % 32) as u8, mac, vlan: VlanId::try_from(vlan % 4096).unwrap() }
}

/// The `n`th row of a kind of load.
type Load = fn(u64, u64) -> BindingRow;

const LOADS: [(&str, Load); 3] = [
    ("random keys", |seed, n| {
        let r = random(seed, n);
        binding(r >> 58, r & !(1 << 40), random(seed, !n))
    }),
    ("sequential addresses", |_, n| binding(n % 32, 0x5254_0000_0000 + n, 101)),
    ("addresses x VLANs", |_, n| binding(n / 8 % 32, 0x5254_0000_0000 + n / 8, n % 8 * 100)),
];

fn bind(device: &mut Device<Bus>, row: BindingRow) -> Result<(), Error> {
    device.bind(row.port, Some(row.mac), row.vlan)
}

fn channel(n: u64) -> ChannelRow {
    let channel = Channel::from_bits((n as u32 + 1) << 8).unwrap();
    ChannelRow { link: 1, channel, members: PortSet::from_bits(1 << (n % 32)) }
}

fn add(device: &mut Device<Bus>, row: ChannelRow) -> Result<(), Error> {
    device.add_channel(row.link, row.channel, row.members)
}

fn is_full(error: &Error, table: Table, used: usize) -> bool {
    *error == Error::TableFull { table, used, rows: ROWS }
}

#[test]
fn every_binding_is_found_after_every_register_write() {
    for (name, load) in LOADS {
        let bus = Bus::new(geometry());
        let mut device = bus.device(99);
        let mut n = 0;
        while bind(&mut device, load(99, n)).is_ok() {
            bus.promise(Table::Binding, &[load(99, n).pack()]);
            n += 1;
        }
        let ops = bus.memory().ops();
        let used = bus.memory().used(Table::Binding);
        assert!(ops as u64 > n + 100, "{name}: rows have to move for this to show anything");
        assert_eq!(used as u64, n, "{name}: each row stands once");
        assert_eq!(device.bindings().unwrap().len(), used);
    }
}

#[test]
fn every_channel_is_found_while_others_come_and_go_and_change() {
    let bus = Bus::new(geometry());
    let mut device = bus.device(5);
    let mut present = Vec::new();
    for n in 0..4000_u64 {
        let (dice, pick) = (random(5, n) % 8, random(6, n));
        if dice == 0 && !present.is_empty() {
            let row: ChannelRow = present.swap_remove(pick as usize % present.len());
            let key = ChannelRow::key(row.link, row.channel);
            bus.memory().promised.remove(&(Table::Channel, key));
            device.remove_channel(row.link, row.channel).unwrap();
            assert!(device.channels().unwrap().get(key).is_none());
        } else if dice == 1 && !present.is_empty() {
            let at = pick as usize % present.len();
            let old = std::mem::replace(&mut present[at].members, PortSet::from_bits(pick >> 32));
            bus.promise(
                Table::Channel,
                &[present[at].pack(), ChannelRow { members: old, ..present[at] }.pack()],
            );
            let ops = bus.memory().ops();
            add(&mut device, present[at]).unwrap();
            assert_eq!(bus.memory().ops(), ops + 1, "a row that exists changes in one clock");
            bus.promise(Table::Channel, &[present[at].pack()]);
        } else if present.len() < 960 {
            add(&mut device, channel(n)).unwrap();
            present.push(channel(n));
            bus.promise(Table::Channel, &[channel(n).pack()]);
        }
    }
    assert!(present.len() > 900);
    assert_eq!(bus.memory().used(Table::Channel), present.len());
    for row in present {
        let copy = device.channels().unwrap().get(ChannelRow::key(row.link, row.channel));
        assert_eq!(copy, Some(&row));
    }
}

#[test]
fn each_row_that_moves_costs_one_operation() {
    let bus = Bus::new(geometry());
    let mut device = bus.device(11);
    let mut longest = 0;
    for n in 0.. {
        let ops = bus.memory().ops();
        let rows = bus.memory().rows.clone();
        if add(&mut device, channel(n)).is_err() {
            break;
        }
        let memory = bus.memory();
        let changed =
            memory.rows.iter().filter(|(place, row)| rows.get(place) != Some(row)).count();
        assert_eq!(memory.ops() - ops, changed, "channel {n}");
        longest = longest.max(changed);
    }
    assert!(longest > 3, "longest chain: {longest} rows");
}

#[test]
fn a_full_table_refuses_and_nothing_changes() {
    let bus = Bus::new(geometry());
    let mut device = bus.device(3);
    let mut n = 0;
    while add(&mut device, channel(n)).is_ok() {
        n += 1;
    }
    let copy =
        |device: &Device<Bus>| device.channels().unwrap().iter().copied().collect::<Vec<_>>();
    let accesses = bus.memory().accesses;
    let rows = bus.memory().rows.clone();
    let before = copy(&device);
    let error = add(&mut device, channel(n)).unwrap_err();
    assert!(is_full(&error, Table::Channel, before.len()), "{error}");
    assert!(error.to_string().contains(&format!("{n} of 1024 rows are used")), "{error}");
    assert_eq!(bus.memory().accesses, accesses);
    assert_eq!(bus.memory().rows, rows);
    assert_eq!(copy(&device), before);
    // What is in it can still change, and what leaves makes room.
    add(&mut device, ChannelRow { members: PortSet::from_bits(6), ..channel(0) }).unwrap();
    for gone in 0..100 {
        device.remove_channel(1, channel(gone).channel).unwrap();
    }
    add(&mut device, channel(n)).unwrap();
}

#[test]
fn bindings_without_an_address_share_the_row_of_their_vlan() {
    let bus = Bus::new(geometry());
    let mut device = bus.device(1);
    let vlan = VlanId::new(7).unwrap();
    device.bind(3, None, vlan).unwrap();
    device.bind(31, None, vlan).unwrap();
    device.bind(31, None, vlan).unwrap();
    assert_eq!(device.vlan(vlan).unwrap().bits(), 1 << 3 | 1 << 31);
    device.unbind(3, None, vlan).unwrap();
    device.unbind(4, None, vlan).unwrap();
    assert_eq!(device.vlan(vlan).unwrap().bits(), 1 << 31);
    assert_eq!(bus.memory().used(Table::Vlan), 1);
    assert!(device.bindings().unwrap().is_empty());
}
