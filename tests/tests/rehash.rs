// SPDX-License-Identifier: MIT
//! New seeds under load: while frames come as fast as the cycle model takes them, and each needs a row of the tables that are
//! given new seeds, way by way, every one of them is delivered.

use vireo_driver::{Device, REHASH_LOAD};
use vireo_sim::engine::Side;
use vireo_spec::ether::{MacAddr, Priority, VlanId};
use vireo_spec::geometry::Width;
use vireo_spec::pins::StreamId;
use vireo_spec::table::Table;
use vireo_spec::tag::{ETag, IngressECid, TagFamily};
use vireo_tests::bench::{Bench, SIDES};
use vireo_tests::plain::{arrival, channel, host, plain, ports, programmed};

/// Of 1024 rows in each of the two tables: 60 %.
const ROWS: u32 = 614;
/// Channels have numbers behind those of the plain configuration.
const FIRST: u32 = 5;

/// The channel `n` is link 0's or link 1's, the binding `n` is of that port.
fn port_of(n: u32) -> u8 {
    (n % 4) as u8
}

fn source(n: u32) -> MacAddr {
    let [a, b, c, d] = n.to_be_bytes();
    MacAddr([0x02, 0, a, b, c, d])
}

/// Every port checks its sources. Frame `n` needs binding `n` at its port, and from a link channel `n`.
fn loaded(width: Width) -> Device<Bench> {
    let mut case = plain(width, TagFamily::ETag);
    case.ports.iter_mut().for_each(|port| port.check_source = true);
    case.channels.clear();
    for n in 0..ROWS {
        let port = port_of(n);
        let number = channel(TagFamily::ETag, (FIRST + n) as u16);
        case.channels.push((port / 2, number, ports([port.into()])));
        case.bindings.push((port, Some(source(n)), VlanId::new(7).unwrap()));
    }
    programmed(&case)
}

/// Queues a frame for each row, each side once.
fn offer(device: &mut Device<Bench>) {
    for n in 0..ROWS {
        let (port, octets) = (port_of(n), host(60, n));
        // A bridge does not check what enters by its ports, but the same frames may.
        device.bus_mut().offer(arrival(Side::Ports, StreamId::Port(port), octets.clone()));
        let tag = ETag {
            priority: Priority::default(),
            ingress: IngressECid::NONE,
            ecid: channel(TagFamily::ETag, (FIRST + n) as u16).ecid(),
        };
        let mut tagged = octets;
        tagged.splice(12..12, tag.to_octets());
        device.bus_mut().offer(arrival(Side::Links, StreamId::Port(port / 2), tagged));
    }
}

#[test]
fn new_seeds_under_full_load_lose_no_frame() {
    for (width, stall, rounds) in
        [(Width::W512, 0.0, 100), (Width::W512, 0.4, 60), (Width::W64, 0.0, 30)]
    {
        for table in [Table::Channel, Table::Binding] {
            let mut device = loaded(width);
            device.bus_mut().stall = stall;
            (0..rounds).for_each(|_| offer(&mut device));
            let began = device.bus_mut().cycle();
            device.rehash(table, 99).unwrap();
            let cycles = device.bus_mut().cycle() - began;
            for side in SIDES {
                assert!(!device.bus_mut().lane(side).queue.is_empty(), "frames outlive the change");
            }
            device.bus_mut().drain();
            let frames = rounds * ROWS;
            for side in SIDES {
                let lane = device.bus_mut().lane(side);
                assert_eq!(lane.left.len(), frames as usize, "{width:?}, {table:?}, {side:?}");
                for (n, left) in lane.left.iter().enumerate() {
                    let n = n as u32 % ROWS;
                    let octets = &left.octets;
                    let serial = &octets[8..12];
                    assert_eq!(serial, n.to_be_bytes(), "{width:?}, {table:?}, {side:?}");
                    if side == Side::Links {
                        assert_eq!((left.dest, octets.len()), (1 << port_of(n), 60));
                    }
                }
            }
            println!(
                "{width:?}, stalls {stall}: {table:?}, {ROWS} of 1024 rows, new seeds within {cycles} cycles, \
                 {frames} frames each way, none lost"
            );
        }
    }
}

#[test]
fn a_rehash_that_is_refused_disturbs_no_frame() {
    let mut device = loaded(Width::W512);
    let more = 1024 * REHASH_LOAD as u32 / 100 + 1;
    for n in ROWS..more {
        device.bind(port_of(n), Some(source(n)), VlanId::new(7).unwrap()).unwrap();
    }
    let hashing = *device.bindings().unwrap().hashing();
    offer(&mut device);
    device.rehash(Table::Binding, 99).unwrap_err();
    assert_eq!(*device.bindings().unwrap().hashing(), hashing);
    device.bus_mut().drain();
    for side in SIDES {
        assert_eq!(device.bus_mut().lane(side).left.len(), ROWS as usize);
    }
}
