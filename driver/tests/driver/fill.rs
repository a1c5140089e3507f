// SPDX-License-Identifier: MIT
//! How full hash tables get before they refuse a row, and what room for a row costs, on loads of several kinds.

use std::hash::{DefaultHasher, Hash, Hasher};

use vireo_driver::{Device, Error};
use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::geometry::Geometry;
use vireo_spec::ports::PortSet;
use vireo_spec::table::Table;
use vireo_spec::tag::Channel;

use crate::memory::Bus;

const SEEDS: u64 = 100;

fn random(seed: u64, n: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, n).hash(&mut hasher);
    hasher.finish()
}

fn bind(device: &mut Device<Bus>, port: u64, mac: u64, vlan: u64) -> Result<(), Error> {
    let mac = MacAddr::from_u64(mac & 0xFFFF_FFFF_FFFF).unwrap();
    device.bind((port % 32) as u8, Some(mac), VlanId::try_from(vlan % 4096).unwrap())
}

/// Puts in the `n`th row of a kind of load.
type Load = fn(&mut Device<Bus>, u64, u64) -> Result<(), Error>;

const LOADS: [(&str, Table, Load); 4] = [
    ("random bindings", Table::Binding, |device, seed, n| {
        let r = random(seed, n);
        bind(device, r >> 58, r, random(seed, !n))
    }),
    ("sequential addresses", Table::Binding, |device, _, n| {
        bind(device, n, 0x5254_0000_0000 + n, 101)
    }),
    ("addresses x VLANs", Table::Binding, |device, _, n| {
        bind(device, n / 8, 0x5254_0000_0000 + n / 8, n % 8 * 100)
    }),
    ("sequential channels", Table::Channel, |device, _, n| {
        let channel = Channel::from_bits((n as u32 + 1) << 8).unwrap();
        device.add_channel(1, channel, PortSet::from_bits(1 << (n % 32)))
    }),
];

/// Rows in use at the first refusal, and rows written for each row that came until nine tenths were in use.
fn fill(seed: u64, rows: usize, table: Table, load: Load) -> (usize, f64) {
    let bus = Bus::new(Geometry::new(512, 2, 32, 16, rows, rows).unwrap());
    let mut device = bus.device(seed);
    let mut writes = 0.0;
    for n in 0.. {
        if n == rows * 9 / 10 {
            writes = bus.memory().ops() as f64 / n as f64;
            bus.memory().writes.clear();
        }
        if let Err(error) = load(&mut device, seed, n as u64) {
            assert_eq!(error, Error::TableFull { table, used: n, rows });
            return (n, writes);
        }
    }
    unreachable!("a table of {rows} rows took more");
}

#[test]
fn tables_fill_to_95_percent_before_the_first_refusal() {
    println!(
        "                          rows   lowest load   rows written per row, up to 90 %, at most"
    );
    for (name, table, load) in LOADS {
        let rows = if table == Table::Channel { 1024 } else { 4096 };
        let fills = (0..SEEDS).map(|seed| fill(seed, rows, table, load));
        let (lowest, most) =
            fills.fold((rows, 0.0_f64), |all, fill| (all.0.min(fill.0), all.1.max(fill.1)));
        println!("{name:24} {rows:5} {:10.2} % {most:10.3}", 100.0 * lowest as f64 / rows as f64);
        assert!(lowest * 100 >= rows * 95, "{name}: {lowest} of {rows} rows");
        assert!(most <= 1.25, "{name}: {most} rows written for each");
    }
}
