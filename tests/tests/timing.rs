// SPDX-License-Identifier: MIT
//! When things happen on the streams: docs/pipeline.md, sections 2, 3 and 5, against the cycle model, clock by clock.
//!
//! `VIREO_SEED=N` repeats one random case: its test prints N last when it fails.

use std::collections::{HashSet, VecDeque};

use fastrand::Rng;
use vireo_driver::{Device, RegisterBus};
use vireo_sim::engine::reference::Reference;
use vireo_sim::engine::{Arrival, Engine, Side};
use vireo_spec::ether::{MacAddr, Pcp, Priority, VlanId};
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::hash;
use vireo_spec::pins::{Outputs, RESP_OKAY, StreamId, USER_BAD};
use vireo_spec::ports::PortSet;
use vireo_spec::registers::{self as map, Access, MAP, Register};
use vireo_spec::rows::{BindingRow, ChannelRow, GroupRow, LinkRow, PortRow};
use vireo_spec::table::{Command, Entity, Op, Table};
use vireo_spec::tag::{
    Channel, ECid, ETag, IngressECid, Role, STag, SourceVif, TagFamily, Vif, VnTag,
};
use vireo_tests::bench::Bench;
use vireo_tests::case::Case;

const SIDES: [Side; 2] = [Side::Ports, Side::Links];
/// The longest frame.
const MAXIMUM: usize = 9216;

fn latency(width: Width, entering: Side) -> u64 {
    match entering {
        Side::Ports => width.encapsulate_latency(),
        Side::Links => width.decapsulate_latency(),
    }
}

/// Whether the tag of `growth` octets makes a frame of `octets` octets a beat longer.
fn grows(width: Width, octets: usize, growth: usize) -> bool {
    (octets + growth).div_ceil(width.octets()) > octets.div_ceil(width.octets())
}

fn channel(family: TagFamily, number: u16) -> Channel {
    match family {
        TagFamily::ETag => Channel::etag(ECid::new(0, number, 0).unwrap()),
        TagFamily::VnTag => Channel::vntag(false, Vif::new(number).unwrap()),
        TagFamily::STag => Channel::stag(VlanId::new(number).unwrap()),
    }
}

fn ports<const N: usize>(members: [usize; N]) -> PortSet {
    members.into_iter().collect()
}

/// Link 0 is an extender's with ports 0 and 1, link 1 a bridge's with ports 2 and 3 and all groups. Port `n` has channel `n + 1`.
fn plain(width: Width, family: TagFamily) -> Case {
    let link = |role| LinkRow { enabled: true, role, family, maximum: MAXIMUM as u16 };
    let port = |port: u8| PortRow {
        enabled: true,
        link: port / 2,
        channel: channel(family, u16::from(port) + 1),
        maximum: MAXIMUM as u16,
        pvid: VlanId::new(7).unwrap(),
        ..PortRow::default()
    };
    let group = |group: u8| GroupRow {
        enabled: true,
        link: 1,
        channel: channel(family, 100 + u16::from(group)),
        ..GroupRow::default()
    };
    Case {
        geometry: Geometry::new(width.bits(), 2, 4, 2, 1024, 1024).unwrap(),
        hash_seed: 1,
        links: vec![link(Role::Extender), link(Role::Bridge)],
        ports: (0..4).map(port).collect(),
        groups: (0..2).map(group).collect(),
        channels: (0..4)
            .map(|port| (port / 2, channel(family, u16::from(port) + 1), ports([port.into()])))
            .collect(),
        bindings: Vec::new(),
        events: Vec::new(),
    }
}

/// The tag of port `port`'s frames on the link that they come by.
fn tag(family: TagFamily, port: u16) -> Vec<u8> {
    let channel = channel(family, port + 1);
    let priority = Priority::default();
    match family {
        TagFamily::ETag => {
            let ingress = IngressECid::NONE;
            ETag { priority, ingress, ecid: channel.ecid() }.to_octets().to_vec()
        }
        TagFamily::VnTag if port < 2 => {
            VnTag::downstream(false, channel.vif(), None).to_octets().to_vec()
        }
        TagFamily::VnTag => VnTag::upstream(SourceVif::new(port + 1).unwrap()).to_octets().to_vec(),
        TagFamily::STag => STag { priority, vid: channel.vid() }.to_octets().to_vec(),
    }
}

/// A frame as a host sends it, `serial` in its source address and in all that follows.
fn host(octets: usize, serial: u32) -> Vec<u8> {
    let mut frame = vec![0x52, 0x54, 0, 0, 0, 1, 0x02, 0];
    frame.extend(serial.to_be_bytes());
    frame.extend([0x08, 0x00]);
    frame.extend((frame.len()..octets).map(|at| (at as u32 ^ serial) as u8));
    frame
}

fn arrival(side: Side, id: StreamId, octets: Vec<u8>) -> Arrival {
    let priority = Priority::default();
    Arrival { timestamp_ns: 0, side, id, source: None, priority, octets, bad: false }
}

/// A machine of this configuration on its bench.
fn programmed(case: &Case) -> Device<Bench> {
    let mut device = Device::discover(Bench::new(case.geometry)).unwrap();
    case.program(&mut device).unwrap();
    device
}

/// Sends frames of these sizes, back to back both ways at once, and checks each clock. Sizes are those without tag.
fn sizes(width: Width, family: TagFamily, sizes: &[usize]) {
    let growth = family.len();
    let mut bench = programmed(&plain(width, family)).into_bus();
    let started = bench.cycle();
    let mut next = [0; 2];
    let mut sent = [VecDeque::new(), VecDeque::new()];
    let mut previous = [None; 2];
    let mut left_frames = 0;
    while left_frames < 2 * sizes.len() {
        for side in SIDES {
            let at = &mut next[side as usize];
            while *at < sizes.len() && bench.lane(side).queue.len() < 2 {
                // The two directions meet each other in ever other sizes.
                let octets =
                    if side == Side::Ports { sizes[*at] } else { sizes[sizes.len() - 1 - *at] };
                let untagged = host(octets, *at as u32);
                let mut tagged = untagged.clone();
                tagged.splice(12..12, tag(family, 0));
                let frame = if side == Side::Ports { &untagged } else { &tagged };
                bench.offer(arrival(side, StreamId::Port(0), frame.clone()));
                sent[side as usize].push_back((*at, untagged));
                *at += 1;
            }
        }
        bench.clock();
        for side in SIDES {
            let lane = bench.lane(side);
            let Some(left) = lane.left.pop_front() else { continue };
            let entered = lane.entered.pop_front().unwrap();
            let (serial, frame) = sent[side as usize].pop_front().unwrap();
            let context =
                format!("{side:?}, frame {serial} of {} octets, {entered:?}", frame.len());
            let (added, rest) = if side == Side::Ports { (growth, 12 + growth) } else { (0, 12) };
            assert_eq!(left.octets.len(), frame.len() + added, "{context}");
            assert!(
                left.octets[..12] == frame[..12] && left.octets[rest..] == frame[12..],
                "{context}"
            );
            assert_eq!(left.user & USER_BAD, 0, "{context}");
            assert_eq!(left.beats, left.octets.len().div_ceil(width.octets()), "{context}: beats");
            assert_eq!(left.first, entered.first + latency(width, side), "{context}: latency");
            assert_eq!(left.last + 1, left.first + left.beats as u64, "{context}: a gap inside");
            let last = serial + 1 == sizes.len();
            let pauses = side == Side::Ports && grows(width, frame.len(), growth) && !last;
            let pause = pauses.then(|| lane.refused.pop_front());
            assert!(pause.is_none_or(|at| at == Some(entered.last + 1)), "{context}: {pause:?}");
            if side == Side::Ports && previous[0].is_some_and(|end| end + 1 != left.first) {
                panic!("{context}: the link was idle before it");
            }
            previous[side as usize] = Some(left.last);
            left_frames += 1;
        }
    }
    for side in SIDES {
        let refused = &bench.lane(side).refused;
        assert!(refused.is_empty(), "{side:?}: also not ready in {refused:?}");
    }
    let cycles = bench.cycle() - started;
    println!("{width:?} {family:?}: {left_frames} frames in {cycles} cycles");
}

fn back_to_back_minimum_frames() -> impl Iterator<Item = usize> {
    let runs = [[14, 14], [60, 60], [14, 60], [64, 15], [56, 57]];
    runs.into_iter().flat_map(|pair| (0..100).map(move |n| pair[n % 2]))
}

fn every_size(width: Width) {
    let mut all: Vec<usize> = (14..=MAXIMUM).collect();
    Rng::with_seed(1).shuffle(&mut all);
    let mut order: Vec<_> = back_to_back_minimum_frames().collect();
    order.extend(all);
    sizes(width, TagFamily::ETag, &order);
    sizes(width, TagFamily::VnTag, &order);
    sizes(width, TagFamily::STag, &order);
}

#[test]
fn every_frame_size_keeps_pace_and_latency_at_64_bits() {
    every_size(Width::W64);
}

#[test]
fn every_frame_size_keeps_pace_and_latency_at_128_bits() {
    every_size(Width::W128);
}

#[test]
fn every_frame_size_keeps_pace_and_latency_at_256_and_512_bits() {
    every_size(Width::W256);
    every_size(Width::W512);
}

/// What a tag adds to a frame that enters by a port, as the intake sees it: checks and verdict do not matter.
fn growth(case: &Case, frame: &Arrival) -> usize {
    let link = match frame.id {
        _ if frame.side == Side::Links => return 0,
        StreamId::LinkControl(_) => return 0,
        StreamId::Group(group) => case.groups[usize::from(group)].link,
        StreamId::Port(port) | StreamId::PortControl(port) => case.ports[usize::from(port)].link,
    };
    case.links[usize::from(link)].family.len()
}

/// Sends these frames into a machine of this configuration; what leaves is what the reference says, in order. On time, if the
/// bench does not stall. Returns how many left.
fn traffic(bench: &mut Bench, case: &Case, frames: &[Arrival]) -> usize {
    let width = case.geometry.width();
    let mut reference = Device::discover(Reference::new(case.geometry)).unwrap();
    case.program(&mut reference).unwrap();
    frames.iter().for_each(|frame| bench.offer(frame.clone()));
    bench.drain();
    let mut left_frames = 0;
    for side in SIDES {
        let timed = bench.stall == 0.0 && bench.gap == 0.0;
        let lane = bench.lane(side);
        let own: Vec<_> = frames.iter().filter(|frame| frame.side == side).collect();
        assert_eq!(lane.entered.len(), own.len());
        for (n, &frame) in own.iter().enumerate() {
            let entered = lane.entered.pop_front().unwrap();
            let context = format!("{width:?} {side:?} {n}: {:?}, {entered:?}", frame.id);
            if timed && n + 1 < own.len() && grows(width, frame.octets.len(), growth(case, frame)) {
                assert_eq!(lane.refused.pop_front(), Some(entered.last + 1), "{context}: pause");
            }
            let mut expected = None;
            reference.bus_mut().offer(frame.clone());
            reference.bus_mut().run(&mut |d| expected = Some((d.octets.to_vec(), d.bad)));
            let Some((octets, bad)) = expected else { continue };
            let left = lane.left.pop_front().unwrap_or_else(|| panic!("{context}: nothing left"));
            assert_eq!((&left.octets, left.user & USER_BAD != 0), (&octets, bad), "{context}");
            assert_eq!(left.beats, octets.len().div_ceil(width.octets()), "{context}: beats");
            if timed {
                assert_eq!(left.first, entered.first + latency(width, side), "{context}: latency");
                assert_eq!(left.last + 1, left.first + left.beats as u64, "{context}: a gap");
            }
            left_frames += 1;
        }
        assert_eq!(lane.left.len(), 0, "{width:?} {side:?}: more left than should");
        assert!(!timed || lane.refused.is_empty(), "{side:?}: not ready in {:?}", lane.refused);
        lane.refused.clear();
    }
    left_frames
}

fn random_cases(seeds: std::ops::Range<u64>, stalls: &[f64]) {
    let repeated = std::env::var("VIREO_SEED").ok().map(|n| n.parse::<u64>().expect("a number"));
    let (mut frames, mut left, mut cycles) = (0, 0, 0);
    for seed in repeated.map_or(seeds, |seed| seed..seed + 1) {
        println!("repeat it: VIREO_SEED={seed} cargo test -p vireo-tests --test timing");
        let mut rng = Rng::with_seed(seed);
        let case = Case::random(&mut rng, Width::ALL[seed as usize % 4]);
        let mut bench = programmed(&case).into_bus();
        bench.stall = stalls[seed as usize / 4 % stalls.len()];
        bench.gap = bench.stall;
        let traffic_began = bench.cycle();
        let sent: Vec<_> = (0..100).map(|_| case.frame(&mut rng)).collect();
        left += traffic(&mut bench, &case, &sent);
        frames += sent.len();
        cycles += bench.cycle() - traffic_began;
    }
    println!("{frames} frames in, {left} out, {cycles} cycles");
}

#[test]
fn latency_depends_on_neither_tables_nor_verdict_nor_neighbours() {
    random_cases(0..1200, &[0.0]);
}

#[test]
fn outputs_wait_for_ready_and_frames_stay_whole_through_random_stalls() {
    random_cases(2000..2800, &[0.05, 0.3, 0.6, 0.9]);
}

#[test]
fn a_stall_costs_no_more_than_itself() {
    let mut cycles = 0;
    for width in Width::ALL {
        for family in TagFamily::ALL {
            let mut rng = Rng::with_seed(4);
            let mut bench = programmed(&plain(width, family)).into_bus();
            bench.stall = 0.3;
            for serial in 0..2000 {
                let octets = rng.usize(14..300);
                bench.offer(arrival(Side::Ports, StreamId::Port(0), host(octets, serial)));
                // A frame that a tag made longer leaves room behind it once the tag is off.
                if !grows(width, octets, family.len()) {
                    let mut tagged = host(octets, serial);
                    tagged.splice(12..12, tag(family, 0));
                    bench.offer(arrival(Side::Links, StreamId::Port(0), tagged));
                }
            }
            bench.drain();
            for side in SIDES {
                let lane = bench.lane(side);
                let (Some(first), Some(last)) = (lane.left.front(), lane.left.back()) else {
                    continue;
                };
                let saturated = last.last + 1 - first.first;
                assert_eq!(lane.valid, saturated, "{width:?} {family:?} {side:?}: idle clocks");
                cycles += saturated;
            }
        }
    }
    println!("{cycles} cycles");
}

#[test]
fn family_code_3_keeps_pace_as_an_s_tag() {
    for width in Width::ALL {
        let case = plain(width, TagFamily::STag);
        let mut bench = programmed(&case).into_bus();
        for link in 0..2 {
            let row = case.links[link].pack() | map::link::FAMILY.at(3);
            bench.write(map::LINK.nth(link), row).unwrap();
        }
        let mut rng = Rng::with_seed(6);
        let frames: Vec<_> = (0..400).map(|_| case.frame(&mut rng)).collect();
        assert!(traffic(&mut bench, &case, &frames) > 100);
    }
}

#[test]
fn a_gap_inside_a_frame_delays_what_waits_for_it_by_its_length() {
    for width in Width::ALL {
        let mut rng = Rng::with_seed(3);
        let mut bench = programmed(&plain(width, TagFamily::ETag)).into_bus();
        let header = width.header_beats();
        for n in 0..400 {
            let side = SIDES[n % 2];
            let mut octets = host(rng.usize(60..400), n as u32);
            if side == Side::Links {
                octets.splice(12..12, tag(TagFamily::ETag, 0));
            }
            let beats = octets.len().div_ceil(width.octets());
            bench.offer(arrival(side, StreamId::Port(0), octets));
            // The first beat leaves the window with the one behind the header, or when the frame has ended; decapsulate
            // needs the second beat too.
            let needed = (header + usize::from(side == Side::Links)).min(beats - 1);
            let mut gaps = 0;
            for beat in 0..beats {
                let gap = if beat > 0 && rng.bool() { rng.u64(0..5) } else { 0 };
                bench.pause(gap);
                gaps += if beat <= needed { gap } else { 0 };
                bench.clock();
            }
            bench.drain();
            let lane = bench.lane(side);
            let (entered, left) =
                (lane.entered.pop_front().unwrap(), lane.left.pop_front().unwrap());
            let expected = entered.first + latency(width, side) + gaps;
            assert_eq!(left.first, expected, "{width:?} {side:?} {beats} beats, gaps {gaps}");
        }
    }
}

/// All rows of `table`, and whether one is not empty.
fn has_rows(device: &mut Device<Bench>, table: Table) -> bool {
    let geometry = *device.geometry();
    (0..table.ways() as u8).any(|way| {
        (0..table.rows(&geometry) as u16)
            .any(|row| device.read_row(table, way, row).unwrap().iter().any(|&word| word != 0))
    })
}

fn reset_registers(bench: &mut Bench) {
    let readable = MAP.iter().filter(|r| r.access != Access::WriteOnly);
    for register in readable {
        for n in 0..register.count.into() {
            let answer = bench.load(register.nth(n));
            if answer.response == RESP_OKAY && register.reset.is_some() {
                assert_eq!(Some(answer.data), register.reset, "{}[{n}] after reset", register.name);
            }
        }
    }
}

#[test]
fn reset_in_the_middle_of_traffic_leaves_an_empty_machine_that_works_again() {
    for (n, width) in Width::ALL.into_iter().enumerate() {
        let mut rng = Rng::with_seed(n as u64 + 10);
        let case = Case::random(&mut rng, width);
        let mut device = programmed(&case);
        let frames: Vec<_> = (0..60).map(|_| case.frame(&mut rng)).collect();
        traffic(device.bus_mut(), &case, &frames);
        device.snapshot().unwrap();
        let mut bench = device.into_bus();
        let everything = u32::MAX;
        for register in [map::IRQ_ENABLE, map::EVENT_ENABLE, map::STAGE, map::SEED_BINDING_B] {
            bench.write(register.address, everything).unwrap();
        }
        bench.stall = 0.5;
        for held in 0..4 {
            frames.iter().for_each(|frame| bench.offer(frame.clone()));
            for _ in 0..500 + held {
                bench.clock();
            }
            bench.write(map::SNAPSHOT.address, 1).unwrap();
            // An address without data, and a read under way.
            let axil = &mut bench.inputs.s_axil;
            (axil.awvalid, axil.awaddr, axil.arvalid) = (true, map::OP.address, true);
            bench.clock();
            bench.inputs.s_axil = Default::default();
            bench.inputs.rst = true;
            for _ in 0..=held {
                bench.clock();
                assert_eq!(*bench.outputs(), Outputs::default(), "{width:?}: in reset");
            }
            bench.inputs.rst = false;
            frames.iter().for_each(|frame| bench.offer(frame.clone()));
            bench.clock();
            let axil = bench.outputs().s_axil;
            assert!(axil.awready && axil.wready && axil.arready, "{width:?}: in cycle 1");
            if held < 3 {
                bench.run_to(4097 - 60);
            } else {
                reset_registers(&mut bench);
            }
        }
        bench.stall = 0.0;
        while bench.cycle() < 4110 {
            let outputs = *bench.outputs();
            let readies = [outputs.s_port_ready, outputs.s_link_ready];
            if bench.cycle() <= 4097 {
                assert_eq!(
                    readies,
                    [bench.cycle() == 4097; 2],
                    "{width:?}: cycle {}",
                    bench.cycle()
                );
            }
            assert!(!outputs.m_link.valid && !outputs.m_port.valid && !outputs.irq);
            bench.clock();
        }
        bench.drain();
        for side in SIDES {
            assert!(bench.lane(side).left.is_empty(), "{width:?}: no link is enabled");
            bench.lane(side).entered.clear();
            bench.lane(side).refused.clear();
        }
        let mut device = Device::discover(bench).unwrap();
        for table in Table::ALL.into_iter().filter(|table| !table.is_counter()) {
            assert!(!has_rows(&mut device, table), "{width:?}: {table:?} after reset");
        }
        assert!(
            !has_rows(&mut device, Table::Disposition),
            "{width:?}: the bank that is not active"
        );
        device.snapshot().unwrap();
        let entities = (0..Entity::COUNT as u16).filter_map(Entity::from_code);
        let counters = device.counters();
        let of =
            |e| counters.traffic(e).frames() - counters.dispositions(e).map(|d| d.1).sum::<u64>();
        let entering = |e: &Entity| e.code() < Entity::PortOut(0).code();
        assert!(entities.clone().filter(entering).all(|e| of(e) == 0));
        let counted = entities.filter(entering).map(|e| counters.traffic(e).frames()).sum::<u64>();
        assert_eq!(counted, frames.len() as u64, "{width:?}: only what came after reset");
        case.program(&mut device).unwrap();
        traffic(device.bus_mut(), &case, &frames);
    }
}

#[test]
fn ready_and_run_come_in_the_cycles_that_the_sweep_takes() {
    let case = plain(Width::W64, TagFamily::ETag);
    for phase in 0..12 {
        let mut bench = Bench::new(case.geometry);
        bench.run_to(4080 + phase);
        let mut seen = HashSet::new();
        while bench.cycle() < 4110 {
            let status = bench.load(map::STATUS.address);
            assert_eq!(map::status::READY.of(status.data) == 1, status.cycle >= 4096, "{status:?}");
            let op = Op { command: Command::Read, table: Table::Port, way: 0, row: 0 };
            let refusing = if phase < 6 { map::OP } else { map::SNAPSHOT };
            let answer = bench.store(refusing.address, op.pack(), 0xF);
            assert_eq!(answer.response == RESP_OKAY, answer.cycle >= 4096, "{answer:?}");
            seen.insert(answer.response);
            if answer.response == RESP_OKAY {
                break;
            }
        }
        assert_eq!(seen.len(), 2);
    }
}

/// A register takes its value at the end of the write cycle.
const REGISTER: u64 = 1;
/// A row is committed in the cycle behind the write cycle: a lookup that reads its array in it sees the row.
const BYPASSED: u64 = 1;
/// ... and who reads without a clock sees it in the cycle after.
const UNCLOCKED: u64 = 2;

/// What host software does to rows while frames flow.
type Apply = fn(&mut Device<Bench>);

/// A change of one row or register, and when who reads it sees it.
struct Change {
    name: &'static str,
    side: Side,
    id: StreamId,
    /// The port whose tag the frames carry, or which sent a group's frame.
    port: u8,
    /// Cycles from the acceptance of a frame's first beat to the cycle in which the row is read.
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

fn flip_seed(device: &mut Device<Bench>, set: &Register, round: usize) {
    let address = set.nth(3 * round);
    let old = device.bus_mut().read(address).unwrap();
    device.bus_mut().write(address, old ^ 0x10).unwrap();
}

fn vlan() -> VlanId {
    VlanId::new(7).unwrap()
}

/// Everything that a frame reads on its way; `c` is the cycle of the keys, `h` beats are a header.
fn changes(h: u64) -> Vec<Change> {
    use Side::{Links, Ports};
    use StreamId::{Group, LinkControl, Port, PortControl};
    let c = 3 + h;
    let mut all = Vec::new();
    let mut add = |name, side, id, port, reads, visible, apply| {
        all.push(Change { name, side, id, port, reads, visible, apply });
    };
    add("port", Ports, Port(0), 0, 0, UNCLOCKED, |d| change_port(d, 0, move_channel));
    add("control frame's port", Ports, PortControl(1), 0, 0, UNCLOCKED, |d| {
        change_port(d, 1, move_channel);
    });
    add("port's link", Ports, Port(0), 0, 0, REGISTER, |d| {
        change_link(d, 0, |link| link.family = TagFamily::VnTag);
    });
    add("control frame's link", Ports, LinkControl(1), 0, 0, REGISTER, |d| {
        change_link(d, 1, |link| link.enabled = false);
    });
    add("group", Ports, Group(1), 3, 0, UNCLOCKED, |d| {
        let mut row = d.group(1).unwrap();
        (row.channel, row.default_priority) =
            (channel(TagFamily::ETag, 0xABC), Pcp::new(3).unwrap());
        d.set_group(1, &row).unwrap();
    });
    add("group's source port", Ports, Group(1), 3, 0, UNCLOCKED, |d| {
        change_port(d, 3, move_channel)
    });
    add("group's link", Ports, Group(1), 3, 0, REGISTER, |d| {
        change_link(d, 1, |link| link.family = TagFamily::STag);
    });
    add("link", Links, Port(0), 0, 0, REGISTER, |d| {
        change_link(d, 0, |link| link.enabled = false);
    });
    add("channel", Links, Port(0), 0, c + 5, BYPASSED, |d| {
        d.add_channel(0, channel(TagFamily::ETag, 1), ports([1])).unwrap();
    });
    add("channel goes", Links, Port(0), 0, c + 5, BYPASSED, |d| {
        d.remove_channel(0, channel(TagFamily::ETag, 1)).unwrap();
    });
    add("member port", Links, Port(0), 0, c + 11, UNCLOCKED, |d| {
        change_port(d, 0, |row| row.enabled = false);
    });
    add("virtual port", Links, Port(1), 2, c + 11, UNCLOCKED, |d| {
        change_port(d, 2, |row| row.enabled = false);
    });
    add("binding", Ports, Port(0), 0, c + 5, BYPASSED, |d| {
        d.unbind(0, Some(SOURCE), vlan()).unwrap();
    });
    add("vlan", Ports, Port(1), 0, c + 5, BYPASSED, |d| d.unbind(1, None, vlan()).unwrap());
    add("virtual port's binding", Links, Port(1), 2, c + 18, BYPASSED, |d| {
        d.unbind(2, Some(SOURCE), vlan()).unwrap();
    });
    add("virtual port's vlan", Links, Port(1), 3, c + 18, BYPASSED, |d| {
        d.unbind(3, None, vlan()).unwrap();
    });
    let rounds: [(Apply, Apply); 4] = [
        (|d| flip_seed(d, &map::SEED_CHANNEL_A, 0), |d| flip_seed(d, &map::SEED_BINDING_A, 0)),
        (|d| flip_seed(d, &map::SEED_CHANNEL_A, 1), |d| flip_seed(d, &map::SEED_BINDING_A, 1)),
        (|d| flip_seed(d, &map::SEED_CHANNEL_A, 2), |d| flip_seed(d, &map::SEED_BINDING_A, 2)),
        (|d| flip_seed(d, &map::SEED_CHANNEL_A, 3), |d| flip_seed(d, &map::SEED_BINDING_A, 3)),
    ];
    for (round, (channel_seed, binding_seed)) in (0..).zip(rounds) {
        add("channel seed", Links, Port(0), 0, c + round, REGISTER, channel_seed);
        add("binding seed", Ports, Port(0), 0, c + round, REGISTER, binding_seed);
        add("virtual port's seed", Links, Port(1), 2, c + 13 + round, REGISTER, binding_seed);
    }
    add("channel choice", Links, Port(0), 0, c + 4, REGISTER, |d| {
        d.bus_mut().write(map::SEED_CHOICE.address, 0x00F).unwrap();
    });
    add("binding choice", Ports, Port(0), 0, c + 4, REGISTER, |d| {
        d.bus_mut().write(map::SEED_CHOICE.address, 0xF00).unwrap();
    });
    add("virtual port's choice", Links, Port(1), 2, c + 17, REGISTER, |d| {
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
) -> Vec<(u64, Fate)> {
    const FRAMES: u32 = 500;
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
    let mut fates: Vec<_> = lane.entered.drain(..).map(|entered| (entered.first, None)).collect();
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

#[test]
fn a_change_is_seen_from_exactly_the_frame_on_that_reads_it_new() {
    let (mut runs, mut frames) = (0, 0);
    for width in Width::ALL {
        for change in changes(width.header_beats() as u64) {
            let name = format!("{width:?}, {} ({:?})", change.name, change.side);
            let mut phases = HashSet::new();
            // A frame takes at most five clocks, so these offsets show every phase.
            for offset in 0..5 {
                let mut device = programmed(&bound(width));
                let fates = fates(&mut device, &frame_of(&change), offset, change.apply);
                let switch = device.bus_mut().written + change.visible;
                let (old, new) = (&fates[0].1, &fates[fates.len() - 1].1);
                assert_ne!(old, new, "{name}: a change that shows");
                for (entered, fate) in &fates {
                    let phase = (entered + change.reads) as i64 - switch as i64;
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
        for change in changes(width.header_beats() as u64) {
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
fn move_row(device: &mut Device<Bench>, table: Table, key: u128, seeds: hash::Seeds, valid: usize) {
    let rows = table.rows(device.geometry());
    let place = |way| hash::index(hash::permute(key, &seeds), way, rows) as u16;
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
            let (key, seeds) =
                (ChannelRow::key(0, channel(TagFamily::ETag, 1)), *d.channels().unwrap().seeds());
            let valid = vireo_spec::rows::channel::VALID.low;
            (0..2).for_each(|_| move_row(d, Table::Channel, key, seeds, valid));
        },
        |d| {
            let seeds = *d.bindings().unwrap().seeds();
            let valid = vireo_spec::rows::binding::VALID.low;
            for port in [0, 2, 0, 2] {
                let key = BindingRow::key(port, SOURCE, vlan());
                move_row(d, Table::Binding, key, seeds, valid);
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
                assert!(fates.iter().any(|fate| fate.0 > end), "the stream outlived the moves");
            }
        }
    }
}
