// SPDX-License-Identifier: MIT
//! From which frame on a changed row or register is seen: docs/pipeline.md, sections 3, 5 and 7, against the cycle model,
//! clock by clock.

use std::collections::HashSet;

use vireo_driver::{Device, RegisterBus};
use vireo_sim::engine::{Arrival, Side};
use vireo_spec::ether::{MacAddr, Pcp, VlanId};
use vireo_spec::geometry::Width;
use vireo_spec::hash;
use vireo_spec::pins::StreamId;
use vireo_spec::registers::{self as map, Register};
use vireo_spec::rows::{BindingRow, ChannelRow, LinkRow, PortRow};
use vireo_spec::table::Table;
use vireo_spec::tag::{Channel, ECid, TagFamily};
use vireo_tests::bench::{Bench, Entered};
use vireo_tests::case::Case;
use vireo_tests::plain::{arrival, channel, host, plain, ports, programmed, tag};
use vireo_tests::timing::{Intake, grows, parsed};

/// A register takes its value at the end of the write cycle.
const REGISTER: u64 = 1;
/// A row is committed two cycles behind the write cycle: a lookup that reads its array in it sees the row.
const BYPASSED: u64 = 2;
/// ... and who reads without a clock sees it in the cycle after.
const UNCLOCKED: u64 = 3;

/// The intake reads a port's or a group's row in the cycle behind the acceptance of a frame's first beat.
const PORT: u64 = 1;
/// ... and the link's row in the cycle behind that. All else is read behind the queue.
const LINK: u64 = 2;

/// What host software does to rows while frames flow.
type Apply = fn(&mut Device<Bench>);

/// A change of one row or register, and when who reads it sees it.
struct Change {
    name: &'static str,
    side: Side,
    id: StreamId,
    /// The port whose tag the frames carry, or which sent a group's frame.
    port: u8,
    /// Cycles from the acceptance of a frame's first beat to the cycle in which the row is read, if it does not wait in the queue.
    reads: u64,
    /// Cycles from the write cycle to the first in which a reader sees the new row.
    visible: u64,
    apply: Apply,
}

const SOURCE: MacAddr = MacAddr([0x02, 0, 0, 0, 0, 0]);

fn change_port(device: &mut Device<Bench>, port: u8, change: fn(&mut PortRow)) {
    let mut row = device.port(port).unwrap();
    change(&mut row);
    device.set_port(port, &row).unwrap();
}

fn change_link(device: &mut Device<Bench>, link: u8, change: fn(&mut LinkRow)) {
    let mut row = device.link(link).unwrap();
    change(&mut row);
    device.set_link(link, &row).unwrap();
}

fn move_channel(row: &mut PortRow) {
    row.channel = Channel::etag(ECid::new(0, 0x5A5, 0x3C).unwrap());
    row.default_priority = Pcp::new(5).unwrap();
}

fn flip_seed(device: &mut Device<Bench>, seed: &Register) {
    let address = seed.nth(0);
    let old = device.bus_mut().read(address).unwrap();
    device.bus_mut().write(address, old ^ 0x10).unwrap();
}

fn vlan() -> VlanId {
    VlanId::new(7).unwrap()
}

/// Everything that a frame reads on its way; `c` is the cycle in which its fields are known.
fn changes(c: u64) -> Vec<Change> {
    use Side::{Links, Ports};
    use StreamId::{Group, LinkControl, Port, PortControl};
    let mut all = Vec::new();
    let mut add = |name, side, id, port, reads, visible, apply| {
        all.push(Change { name, side, id, port, reads, visible, apply });
    };
    add("port", Ports, Port(0), 0, PORT, UNCLOCKED, |d| change_port(d, 0, move_channel));
    add("control frame's port", Ports, PortControl(1), 0, PORT, UNCLOCKED, |d| {
        change_port(d, 1, move_channel);
    });
    add("port's link", Ports, Port(0), 0, LINK, REGISTER, |d| {
        change_link(d, 0, |link| link.family = TagFamily::VnTag);
    });
    add("control frame's link", Ports, LinkControl(1), 0, LINK, REGISTER, |d| {
        change_link(d, 1, |link| link.enabled = false);
    });
    add("group", Ports, Group(1), 3, PORT, UNCLOCKED, |d| {
        let mut row = d.group(1).unwrap();
        (row.channel, row.default_priority) =
            (channel(TagFamily::ETag, 0xABC), Pcp::new(3).unwrap());
        d.set_group(1, &row).unwrap();
    });
    add("group's source port", Ports, Group(1), 3, PORT, UNCLOCKED, |d| {
        change_port(d, 3, move_channel)
    });
    add("group's link", Ports, Group(1), 3, LINK, REGISTER, |d| {
        change_link(d, 1, |link| link.family = TagFamily::STag);
    });
    add("link", Links, Port(0), 0, LINK, REGISTER, |d| {
        change_link(d, 0, |link| link.enabled = false);
    });
    add("channel", Links, Port(0), 0, c + 7, BYPASSED, |d| {
        d.add_channel(0, channel(TagFamily::ETag, 1), ports([1])).unwrap();
    });
    add("channel goes", Links, Port(0), 0, c + 7, BYPASSED, |d| {
        d.remove_channel(0, channel(TagFamily::ETag, 1)).unwrap();
    });
    add("member port", Links, Port(0), 0, c + 14, UNCLOCKED, |d| {
        change_port(d, 0, |row| row.enabled = false);
    });
    add("virtual port", Links, Port(1), 2, c + 14, UNCLOCKED, |d| {
        change_port(d, 2, |row| row.enabled = false);
    });
    add("binding", Ports, Port(0), 0, c + 6, BYPASSED, |d| {
        d.unbind(0, Some(SOURCE), vlan()).unwrap();
    });
    add("vlan", Ports, Port(1), 0, c + 6, BYPASSED, |d| d.unbind(1, None, vlan()).unwrap());
    add("virtual port's binding", Links, Port(1), 2, c + 22, BYPASSED, |d| {
        d.unbind(2, Some(SOURCE), vlan()).unwrap();
    });
    add("virtual port's vlan", Links, Port(1), 3, c + 22, BYPASSED, |d| {
        d.unbind(3, None, vlan()).unwrap();
    });
    add("channel seed", Links, Port(0), 0, c + 1, REGISTER, |d| {
        flip_seed(d, &map::SEED_CHANNEL_A);
    });
    add("binding seed", Ports, Port(0), 0, c, REGISTER, |d| flip_seed(d, &map::SEED_BINDING_A));
    add("virtual port's seed", Links, Port(1), 2, c + 16, REGISTER, |d| {
        flip_seed(d, &map::SEED_BINDING_A);
    });
    add("channel choice", Links, Port(0), 0, c + 5, REGISTER, |d| {
        d.bus_mut().write(map::SEED_CHOICE.address, 0x00F).unwrap();
    });
    add("binding choice", Ports, Port(0), 0, c + 4, REGISTER, |d| {
        d.bus_mut().write(map::SEED_CHOICE.address, 0xF00).unwrap();
    });
    add("virtual port's choice", Links, Port(1), 2, c + 20, REGISTER, |d| {
        d.bus_mut().write(map::SEED_CHOICE.address, 0xF00).unwrap();
    });
    all
}

/// Ports 0 and 2 send from one bound source alone, ports 1 and 3 in one VLAN.
fn bound(width: Width) -> Case {
    let mut case = plain(width, TagFamily::ETag);
    case.ports.iter_mut().for_each(|port| port.check_source = true);
    case.bindings = (0..4).map(|port| (port, (port % 2 == 0).then_some(SOURCE), vlan())).collect();
    case
}

/// What became of a frame, its number aside.
type Fate = Option<(Vec<u8>, u8, u128, u16)>;

/// Frames back to back while `apply`, begun `offset` cycles later or earlier against them, changes rows: when each entered, and what became of it.
fn fates(
    device: &mut Device<Bench>,
    frame: &Arrival,
    offset: u64,
    apply: Apply,
) -> Vec<(Entered, Fate)> {
    const FRAMES: u32 = 1000;
    for serial in 0..FRAMES {
        let mut octets = frame.octets.clone();
        octets.extend(serial.to_be_bytes());
        device.bus_mut().offer(Arrival { octets, ..frame.clone() });
    }
    let now = device.bus_mut().cycle();
    device.bus_mut().run_to(now + 70 + offset);
    apply(device);
    device.bus_mut().drain();
    let lane = device.bus_mut().lane(frame.side);
    let mut fates: Vec<_> = lane.entered.drain(..).map(|entered| (entered, None)).collect();
    for left in lane.left.drain(..) {
        let (octets, serial) = left.octets.split_last_chunk().unwrap();
        let fate = &mut fates[u32::from_be_bytes(*serial) as usize].1;
        assert!(fate.is_none(), "a frame left twice");
        *fate = Some((octets.to_vec(), left.id, left.dest, left.user));
    }
    fates
}

fn frame_of(change: &Change) -> Arrival {
    let mut octets = host(14, 0);
    if change.side == Side::Links {
        octets.splice(12..12, tag(TagFamily::ETag, change.port.into()));
    }
    Arrival { source: Some(change.port), ..arrival(change.side, change.id, octets) }
}

/// When each of the frames read the row, all of them having come back to back.
fn read_in(
    device: &mut Device<Bench>,
    change: &Change,
    fates: &[(Entered, Fate)],
    width: Width,
) -> Vec<u64> {
    let mut intake = Intake::default();
    let refused = &mut device.bus_mut().lane(change.side).refused;
    let octets = frame_of(change).octets.len() + size_of::<u32>();
    let beats = octets.div_ceil(width.octets());
    let grows = change.side == Side::Ports && grows(width, octets, TagFamily::ETag.len());
    let mut read = |&(entered, _): &(Entered, Fate)| {
        let passed = match change.reads {
            PORT | LINK => entered,
            _ => intake.pass(entered, beats, grows, refused),
        };
        passed.first + change.reads
    };
    fates.iter().map(&mut read).collect()
}

#[test]
fn a_change_is_seen_from_exactly_the_frame_on_that_reads_it_new() {
    let (mut runs, mut frames) = (0, 0);
    for width in Width::ALL {
        for change in changes(parsed(width)) {
            let name = format!("{width:?}, {} ({:?})", change.name, change.side);
            let mut phases = HashSet::new();
            // A frame takes at most five clocks, so these offsets show every phase.
            for offset in 0..5 {
                let mut device = programmed(&bound(width));
                let fates = fates(&mut device, &frame_of(&change), offset, change.apply);
                let switch = device.bus_mut().written + change.visible;
                let (old, new) = (&fates[0].1, &fates[fates.len() - 1].1);
                assert_ne!(old, new, "{name}: a change that shows");
                let read = read_in(&mut device, &change, &fates, width);
                for (read, (_, fate)) in read.into_iter().zip(&fates) {
                    let phase = read as i64 - switch as i64;
                    let expected = if phase >= 0 { new } else { old };
                    assert_eq!(fate, expected, "{name}: reads {phase} cycles after the change");
                    phases.insert(phase);
                }
                (runs, frames) = (runs + 1, frames + fates.len());
            }
            assert!((-30..30).all(|phase| phases.contains(&phase)), "{name}: not all phases");
        }
    }
    println!("{runs} changes, {frames} frames");
}

#[test]
fn under_stalls_a_change_is_seen_from_one_frame_on_and_never_by_half() {
    for width in Width::ALL {
        for change in changes(parsed(width)) {
            for offset in 0..5 {
                let mut device = programmed(&bound(width));
                device.bus_mut().stall = 0.5;
                let fates = fates(&mut device, &frame_of(&change), offset, change.apply);
                let (old, new) = (&fates[0].1, &fates[fates.len() - 1].1);
                let switch = fates.iter().position(|fate| fate.1 != *old).unwrap();
                assert!(
                    fates[switch..].iter().all(|fate| fate.1 == *new),
                    "{width:?}, {} ({:?}), offset {offset}",
                    change.name,
                    change.side
                );
            }
        }
    }
}

/// Writes the row with this key to another way, then clears it in the first.
fn move_row(device: &mut Device<Bench>, table: Table, key: u128, seed: u128, valid: usize) {
    let rows = table.rows(device.geometry());
    let place = |way| hash::index(hash::permute(key, seed), way, rows) as u16;
    let mut words = Default::default();
    let from = (0..4)
        .find(|&way| {
            words = device.read_row(table, way as u8, place(way)).unwrap();
            words[valid / 32] >> (valid % 32) & 1 == 1
        })
        .expect("a row with this key");
    // Ways before and behind: a hit in both is the lowest way's, in one it is that one's.
    let to = (from + 2) % 4;
    device.write_row(table, to as u8, place(to), &words).unwrap();
    device.clear_row(table, from as u8, place(from)).unwrap();
}

#[test]
fn no_frame_misses_a_row_that_moves() {
    let there_and_back: [Apply; 2] = [
        |d| {
            let (key, seed) = (
                ChannelRow::key(0, channel(TagFamily::ETag, 1)),
                d.channels().unwrap().hashing().seed(0),
            );
            let valid = vireo_spec::rows::channel::VALID.low;
            (0..2).for_each(|_| move_row(d, Table::Channel, key, seed, valid));
        },
        |d| {
            let seed = d.bindings().unwrap().hashing().seed(0);
            let valid = vireo_spec::rows::binding::VALID.low;
            for port in [0, 2, 0, 2] {
                let key = BindingRow::key(port, SOURCE, vlan());
                move_row(d, Table::Binding, key, seed, valid);
            }
        },
    ];
    for width in Width::ALL {
        let moves = [
            (Side::Links, StreamId::Port(0), 0, there_and_back[0]),
            (Side::Ports, StreamId::Port(0), 0, there_and_back[1]),
            (Side::Links, StreamId::Port(1), 2, there_and_back[1]),
        ];
        for (side, id, port, apply) in moves {
            for offset in 0..20 {
                let change = Change { name: "", side, id, port, reads: 0, visible: 0, apply };
                let mut device = programmed(&bound(width));
                device.bus_mut().stall = if offset < 5 { 0.0 } else { 0.5 };
                let fates = fates(&mut device, &frame_of(&change), offset, apply);
                assert!(fates[0].1.is_some());
                assert!(fates.iter().all(|fate| fate.1 == fates[0].1), "{width:?} {side:?}");
                let end = device.bus_mut().written;
                assert!(
                    fates.iter().any(|fate| fate.0.first > end),
                    "the stream outlived the moves"
                );
            }
        }
    }
}
