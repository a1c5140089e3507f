// SPDX-License-Identifier: MIT
//! What it takes to program 4,096 bindings, as users do it: register accesses, the machine's cycles, and time. Traffic would
//! make no difference to the first two: register accesses do not wait for it.

use std::time::Instant;

use fastrand::Rng;
use vireo_driver::{Device, FaultyBus};
use vireo_model::pipeline;
use vireo_sim::engine::Engine;
use vireo_sim::engine::clocked::{PinEngine, Unkindness};
use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::geometry::Geometry;
use vireo_spec::rows::BindingRow;

/// Bindings that are programmed.
const BINDINGS: u64 = 4096;
/// Rows of the binding table: half of them are in use in the end.
const ROWS: usize = 8192;
/// Ports that they are of.
const PORTS: usize = 32;
/// Words of a row that the stage takes, and the commit.
const ACCESSES: u64 = 4;

#[test]
fn four_thousand_bindings_take_little_more_than_a_row_each() {
    let geometry = Geometry::new(512, 2, PORTS, 16, 1024, ROWS).unwrap();
    let engine = PinEngine::new(pipeline::machine(geometry), geometry, Unkindness::NONE);
    let mut device = Device::discover(FaultyBus::new(engine)).unwrap();
    device.initialize(1).unwrap();
    let mut rng = Rng::with_seed(1);
    let vlan = VlanId::new(7).unwrap();
    let (accesses, cycles) = (device.bus_mut().accesses(), device.bus_mut().inner().cycles());
    let began = Instant::now();
    let mut all = Vec::new();
    for n in 0..BINDINGS {
        // Locally administered addresses of individuals.
        let mac = MacAddr::from_u64(rng.u64(0..1 << 40) | 0x02 << 40).unwrap();
        let port = (n % PORTS as u64) as u8;
        device.bind(port, Some(mac), vlan).unwrap();
        all.push(BindingRow { port, mac, vlan });
    }
    let time = began.elapsed();
    let accesses = device.bus_mut().accesses() - accesses;
    let cycles = device.bus_mut().inner().cycles() - cycles;
    println!(
        "{BINDINGS} bindings in a table of {ROWS} rows: {accesses} register accesses ({:.2} each), {cycles} cycles ({:.1} each), \
         {:.1} ms with the cycle model, {:.0} us at 250 MHz",
        accesses as f64 / BINDINGS as f64,
        cycles as f64 / BINDINGS as f64,
        time.as_secs_f64() * 1e3,
        cycles as f64 / 250.0,
    );
    assert!(accesses >= BINDINGS * ACCESSES, "each is a row at least");
    // Some have to make room. A row that moves is one row more, and one that is left behind is cleared.
    assert!(accesses <= BINDINGS * ACCESSES * 11 / 10, "few rows move in a table half full");
    assert!(cycles <= accesses * 8, "an access takes a few cycles");

    // A driver that knows nothing finds all of them in the machine.
    let mut device = Device::discover(device.into_bus()).unwrap();
    let adopted = device.adopt().unwrap();
    assert_eq!((adopted.bindings as u64, adopted.strays), (BINDINGS, 0));
    let mut found: Vec<_> = device.bindings().unwrap().iter().copied().collect();
    let key = |row: &BindingRow| (row.port, row.mac);
    found.sort_by_key(key);
    all.sort_by_key(key);
    assert_eq!(found, all);
}
