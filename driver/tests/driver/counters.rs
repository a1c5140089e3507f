// SPDX-License-Identifier: MIT
//! Sums over snapshots.

use vireo_driver::{Error, POLLS, Traffic};
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::geometry::Geometry;
use vireo_spec::registers as map;
use vireo_spec::rows::{disposition, traffic};
use vireo_spec::table::{Entity, Table};

use crate::memory::{Bus, SILENCE};

fn small() -> Geometry {
    Geometry::new(64, 2, 4, 2, 64, 64).unwrap()
}

/// Frames enter at a port and a group and leave by a link and a port.
fn count(bus: &Bus) {
    bus.count_traffic(Entity::PortIn(3), traffic::UNICAST, 5);
    bus.count_traffic(Entity::PortIn(3), traffic::MULTICAST, 1);
    bus.count_traffic(Entity::PortIn(3), traffic::BROADCAST, 2);
    bus.count_traffic(Entity::PortIn(3), traffic::OCTETS, 0xFFFF_FFFF_FFFF);
    bus.count_traffic(Entity::LinkOut(1), traffic::UNICAST, u64::from(u32::MAX));
    bus.count_traffic(Entity::ControlOutAtLink, traffic::UNICAST, 4);
    for (entity, to, frames) in [
        (Entity::PortIn(3), Disposition::Forwarded, 7),
        (Entity::PortIn(3), Disposition::Dropped(DropReason::Oversize), 1),
        (Entity::PortOut(2), Disposition::Control, 3),
        (Entity::LinkIn(0), Disposition::AtPort, 2),
    ] {
        bus.memory().count(Table::Disposition, entity.row(to), disposition::FRAMES, frames);
    }
}

fn expect(counters: &vireo_driver::Counters, times: u64) {
    let port = counters.traffic(Entity::PortIn(3));
    let octets = 0xFFFF_FFFF_FFFF * times;
    let (unicast, multicast, broadcast) = (5 * times, times, 2 * times);
    assert_eq!(port, Traffic { unicast, multicast, broadcast, octets });
    assert_eq!(port.frames(), 8 * times);
    let link = counters.traffic(Entity::LinkOut(1));
    assert_eq!(link.unicast, u64::from(u32::MAX) * times);
    assert_eq!(counters.traffic(Entity::ControlOutAtLink).frames(), 4 * times);
    let at_port: Vec<_> = counters.dispositions(Entity::PortIn(3)).collect();
    let oversize = Disposition::Dropped(DropReason::Oversize);
    assert_eq!(at_port, [(oversize, times), (Disposition::Forwarded, 7 * times)]);
    assert_eq!(counters.disposition(Entity::PortOut(2), Disposition::Control), 3 * times);
    assert_eq!(counters.disposition(Entity::LinkIn(0), Disposition::AtPort), 2 * times);
    assert_eq!(counters.traffic(Entity::PortIn(0)), Traffic::default());
}

#[test]
fn snapshots_are_summed_beyond_the_width_of_the_machine_s_counters() {
    let bus = Bus::new(small());
    let mut device = bus.device(1);
    for times in 1..=3 {
        count(&bus);
        device.snapshot().unwrap();
        expect(device.counters(), times);
    }
    device.snapshot().unwrap();
    expect(device.counters(), 3);
}

#[test]
fn only_what_the_geometry_has_is_read() {
    let bus = Bus::new(small());
    let mut device = bus.device(1);
    bus.memory().writes.clear();
    device.snapshot().unwrap();
    // 4 ports, 2 groups and 2 links in, 4 ports and 2 links out, control in, out, and out at a link.
    let (entities, with_dispositions) = (17, 13);
    assert_eq!(bus.memory().ops(), entities + with_dispositions * Disposition::all().count());
}

#[test]
fn a_bus_that_fails_anywhere_in_a_snapshot_loses_and_doubles_no_count() {
    for effect in [false, true] {
        for access in 0.. {
            let bus = Bus::new(small());
            let mut device = bus.device(1);
            count(&bus);
            bus.fail_next(access, effect, SILENCE);
            let first = device.snapshot();
            if first.is_err() {
                assert!(device.counters().dispositions(Entity::PortIn(3)).next().is_none());
                device.snapshot().unwrap();
            }
            bus.memory().fault = None;
            expect(device.counters(), 1);
            count(&bus);
            device.snapshot().unwrap();
            expect(device.counters(), 2);
            if first.is_ok() {
                assert!(access > 100);
                break;
            }
        }
    }
}

#[test]
fn a_snapshot_that_never_ends_is_given_up() {
    let bus = Bus::new(small());
    let mut device = bus.device(1);
    bus.memory().busy_for = POLLS + 10;
    // The machine refuses a snapshot while it takes one; the driver then waits for that.
    let refused = device.snapshot().unwrap_err().to_string();
    assert!(refused.starts_with("write of snapshot (0x100) was refused"), "{refused}");
    assert_eq!(device.snapshot(), Err(Error::SnapshotBusy { polls: POLLS }));
    device.snapshot().unwrap();
}

#[test]
fn a_snapshot_that_somebody_swallows_is_noticed() {
    let bus = Bus::new(small());
    let mut device = bus.device(1);
    bus.memory().deaf_to_snapshot = true;
    assert_eq!(device.snapshot(), Err(Error::SnapshotNotTaken));
    bus.memory().deaf_to_snapshot = false;
    count(&bus);
    device.snapshot().unwrap();
    expect(device.counters(), 1);
    assert_eq!(bus.memory().words[&map::IRQ_STATUS.address], map::irq::SNAPSHOT.at(1));
}
