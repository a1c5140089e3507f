// SPDX-License-Identifier: MIT
//! The whole machine in rust-hdl's kernel, stepped by hand: frames cross both directions at the latency of docs/pipeline.md,
//! section 3.9, and registers, counters and events tell of them. What is expected is written here, not asked of the model.

use vireo_driver::RegisterBus;
use vireo_hdl_tests::small;
use vireo_machines as machines;
use vireo_sim::engine::{Arrival, Side};
use vireo_spec::ether::{MacAddr, Pcp, Priority, VlanId};
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::field::Words;
use vireo_spec::geometry::Width;
use vireo_spec::hash;
use vireo_spec::pins::{RESP_OKAY, RESP_SLVERR, StreamId};
use vireo_spec::ports::PortSet;
use vireo_spec::registers as map;
use vireo_spec::rows::{BindingRow, ChannelRow, LinkRow, PortRow};
use vireo_spec::table::{Command, Entity, Op, Table};
use vireo_spec::tag::{Channel, ECid, ETag, IngressECid, Role, TagFamily};
use vireo_tests::bench::{Bench, Left};
use vireo_tests::plain::arrival;
use vireo_tests::timing::latency;

/// Ports of the machine; the control plane is the member behind them.
const PORTS: usize = 8;
/// Rows of one way of its tables.
const WAY: usize = 64;
/// The cycle in which the sweep of the tables is over.
const SWEPT: u64 = 4097;
/// Cycles within which a frame of 300 octets has crossed an empty machine of 64 bits, and has been counted.
const CROSSED: u64 = 200;
/// Cycles within which the 40 frames have crossed that stand back to back before a link that stalls.
const CROSSED_STALLED: u64 = 10_000;

const HOST: [u8; 6] = [0x52, 0x54, 0, 0, 0, 1];
const PEER: [u8; 6] = [0x52, 0x54, 0, 0, 0, 9];
const IPV4: &[u8] = &[8, 0];

fn channel(base: u16) -> Channel {
    Channel::from_config(TagFamily::ETag, base.into(), 0, base > 4095).unwrap()
}

fn etag(base: u16, ingress: u16, pcp: u8) -> [u8; 8] {
    ETag {
        priority: Priority { pcp: Pcp::new(pcp).unwrap(), dei: false },
        ingress: IngressECid::new(ingress, 0).unwrap(),
        ecid: ECid::new(u8::from(base > 4095), base & 4095, 0).unwrap(),
    }
    .to_octets()
}

/// An untagged frame, `rest` behind its addresses.
fn frame(to: [u8; 6], from: [u8; 6], rest: &[u8], size: usize) -> Vec<u8> {
    let mut octets = [&to[..], &from[..], rest].concat();
    octets.extend((octets.len()..size).map(|at| at as u8));
    octets
}

fn tagged(frame: &[u8], tag: &[u8]) -> Vec<u8> {
    [&frame[..12], tag, &frame[12..]].concat()
}

/// Where a key stands with a seed of 0.
fn place(key: u128, way: u8) -> u16 {
    hash::index(hash::permute(key, 0), way.into(), WAY) as u16
}

fn write_row(bench: &mut Bench, table: Table, way: u8, row: u16, words: Words) {
    for (i, word) in words.iter().enumerate() {
        bench.write(map::STAGE.nth(i), *word).unwrap();
    }
    bench.write(map::OP.address, Op { command: Command::Write, table, way, row }.pack()).unwrap();
    assert_eq!(read_row(bench, table, way, row), words, "{table:?} {way} {row}");
}

fn read_row(bench: &mut Bench, table: Table, way: u8, row: u16) -> Words {
    bench.write(map::OP.address, Op { command: Command::Read, table, way, row }.pack()).unwrap();
    std::array::from_fn(|i| bench.read(map::STAGE.nth(i)).unwrap())
}

fn event(bench: &mut Bench) -> [u32; 4] {
    [0, 1, 2, 3].map(|i| bench.read(map::EVENT.nth(i)).unwrap())
}

/// Clocks until as many frames as that have left.
fn await_left(bench: &mut Bench, side: Side, frames: usize, patience: u64) {
    let end = bench.cycle() + patience;
    while bench.lane(side).left.len() < frames {
        let left = bench.lane(side).left.len();
        assert!(bench.cycle() < end, "{left} of {frames} frames have left in {patience} cycles");
        bench.clock();
    }
}

/// Sends a frame into the empty machine; what leaves of it, and how many cycles after its first beat.
fn crosses(bench: &mut Bench, arrival: Arrival) -> (Left, u64) {
    let side = arrival.side;
    bench.offer(arrival);
    await_left(bench, side, 1, CROSSED);
    let lane = bench.lane(side);
    let (left, entered) = (lane.left.pop_front().unwrap(), lane.entered.pop_front().unwrap());
    let took = left.first - entered.first;
    (left, took)
}

/// Sends a frame into the empty machine; nothing leaves of it.
fn vanishes(bench: &mut Bench, arrival: Arrival) {
    let side = arrival.side;
    bench.offer(arrival);
    bench.run_to(bench.cycle() + CROSSED);
    let lane = bench.lane(side);
    assert_eq!((lane.entered.pop_front().is_some(), lane.left.front()), (true, None));
}

/// Sections 6 and 7: what is ready when.
fn wakes_up(bench: &mut Bench) {
    let awake = |bench: &Bench| [bench.outputs().s_port_ready, bench.outputs().s_link_ready];
    let axil = bench.outputs().s_axil;
    assert_eq!((axil.awready, awake(bench)), (false, [false; 2]));
    bench.clock();
    let axil = bench.outputs().s_axil;
    assert!(axil.awready && axil.arready);
    let early = bench.store(map::OP.address, 0x11, 0xF);
    assert_eq!(early.response, RESP_SLVERR, "no operation before the sweep has ended");
    bench.run_to(SWEPT - 1);
    assert_eq!(awake(bench), [false; 2]);
    bench.clock();
    assert_eq!(awake(bench), [true; 2]);
    assert_eq!(bench.read(map::MAGIC.address), Ok(map::MAGIC_VALUE));
    assert_eq!(bench.read(map::PORTS.address), Ok(PORTS as u32));
    assert_eq!(bench.load(map::OP.address).response, RESP_SLVERR);
}

/// Link 0 is an extender's, with ports 0 and 1 at channels 20 and 21 and a group of both at 0x1001.
fn is_programmed(bench: &mut Bench) {
    let link =
        LinkRow { enabled: true, role: Role::Extender, family: TagFamily::ETag, maximum: 9216 };
    assert_eq!(bench.store(map::LINK.nth(0), link.pack(), 0xF).response, RESP_OKAY);
    let third = bench.store(map::LINK.nth(2), 1, 0xF);
    assert_eq!(third.response, RESP_SLVERR, "the machine has two links");
    for port in 0..2 {
        let row = PortRow {
            enabled: true,
            channel: channel(20 + port),
            trust_priority: true,
            check_source: port == 0,
            control: true,
            maximum: 9216,
            default_priority: Pcp::new(3).unwrap(),
            ..PortRow::default()
        };
        write_row(bench, Table::Port, 0, port, row.pack());
    }
    let (mac, vlan) = (MacAddr(HOST), VlanId::new(0).unwrap());
    let at = place(BindingRow::key(0, mac, vlan), 3);
    write_row(bench, Table::Binding, 3, at, BindingRow { port: 0, mac, vlan }.pack());
    for (way, base, members) in [(0, 20, 1), (1, 21, 2), (2, 0x1001, 3)] {
        let row =
            ChannelRow { link: 0, channel: channel(base), members: PortSet::from_bits(members) };
        let at = place(ChannelRow::key(0, row.channel), way);
        write_row(bench, Table::Channel, way, at, row.pack());
    }
    bench.write(map::EVENT_ENABLE.address, 0x3FFF).unwrap();
    bench.write(map::IRQ_ENABLE.address, 7).unwrap();
}

/// Up: untagged; with a C-TAG's priority, and the MAC's mark; of a stranger.
fn frames_cross_to_the_link(bench: &mut Bench, width: Width) {
    let up = |port, octets| arrival(Side::Ports, StreamId::Port(port), octets);
    for size in [60, 61, 64, 71, 129, 300] {
        let sent = frame(PEER, HOST, IPV4, size);
        let (left, took) = crosses(bench, up(0, sent.clone()));
        assert_eq!(left.octets, tagged(&sent, &etag(20, 0, 3)), "{size}");
        assert_eq!(took, latency(width, Side::Ports), "{size}");
        assert_eq!((left.user, left.dest), (3 << 1, 0));
    }
    let sent = frame(PEER, PEER, &[0x81, 0, 0xA0, 7, 8, 0], 100);
    let (left, _) = crosses(bench, Arrival { bad: true, ..up(1, sent.clone()) });
    assert_eq!(left.octets, tagged(&sent, &etag(21, 0, 5)));
    assert_eq!(left.user, 5 << 1 | 1, "the MAC's mark travels on the last beat");
    vanishes(bench, up(0, frame(HOST, PEER, IPV4, 64)));
}

/// The events of the bad frame and of the stranger's.
fn events_tell(bench: &mut Bench) {
    assert!(bench.outputs().irq);
    assert_eq!(bench.read(map::EVENT_LEVEL.address), Ok(2));
    let reason = |reason: DropReason| u32::from(reason.code()) << 16;
    assert_eq!(event(bench)[0], 1 | reason(DropReason::FrameError) | 1 << 21);
    bench.write(map::EVENT_POP.address, 1).unwrap();
    let stranger = [2 | reason(DropReason::SourceUnbound), 9, 0x5254, channel(20).bits()];
    assert_eq!(event(bench), stranger);
}

/// Down: to a port; to the group, but not to the source's port; to nobody; LLDP of the link.
fn frames_cross_to_ports(bench: &mut Bench, width: Width) {
    let down = |octets| arrival(Side::Links, StreamId::Port(0), octets);
    for (base, ingress, members) in [(20, 0, 1), (0x1001, 0, 3), (0x1001, 20, 2), (0x1001, 21, 1)] {
        for size in [60, 64, 127, 300] {
            let host = frame([0xFF; 6], PEER, IPV4, size);
            let (left, took) = crosses(bench, down(tagged(&host, &etag(base, ingress, 6))));
            assert_eq!(left.octets, host, "{size}");
            assert_eq!(took, latency(width, Side::Links), "{size}");
            assert_eq!((left.user, left.dest, left.id), (6 << 1, members, 0));
        }
    }
    vanishes(bench, down(tagged(&frame(HOST, PEER, IPV4, 64), &etag(77, 0, 0))));
    let lldp = frame([1, 0x80, 0xC2, 0, 0, 0x0E], PEER, &[0x88, 0xCC], 64);
    let (left, _) = crosses(bench, down(lldp.clone()));
    let control = StreamId::LinkControl(0).code();
    assert_eq!((left.octets, left.dest, left.id), (lldp, 1 << PORTS, control));
}

/// Frames back to back, the link being ready in two cycles of five, at random.
fn frames_wait_for_a_link_that_stalls(bench: &mut Bench) {
    let many: Vec<_> = (0..40).map(|i| frame(PEER, HOST, IPV4, 60 + 7 * i)).collect();
    for sent in &many {
        bench.offer(arrival(Side::Ports, StreamId::Port(0), sent.clone()));
    }
    bench.stall = 0.6;
    await_left(bench, Side::Ports, many.len(), CROSSED_STALLED);
    bench.stall = 0.0;
    for (left, sent) in bench.lane(Side::Ports).left.drain(..).zip(&many) {
        assert_eq!(left.octets, tagged(sent, &etag(20, 0, 3)));
    }
}

/// A snapshot holds what has become of all that crossed.
fn counters_tell(bench: &mut Bench) {
    bench.run_to(bench.cycle() + CROSSED);
    assert_eq!(bench.write(map::SNAPSHOT.address, 0), Ok(()));
    assert_eq!(bench.read(map::STATUS.address), Ok(3));
    assert_eq!(bench.store(map::SNAPSHOT.address, 0, 0xF).response, RESP_SLVERR, "busy");
    let end = bench.cycle() + SWEPT;
    while bench.read(map::STATUS.address) == Ok(3) {
        assert!(bench.cycle() < end, "the snapshot does not end");
    }
    for (entity, fate, frames) in [
        (Entity::PortIn(0), Disposition::Forwarded, 46),
        (Entity::PortIn(0), Disposition::Dropped(DropReason::SourceUnbound), 1),
        (Entity::PortIn(1), Disposition::Dropped(DropReason::FrameError), 1),
        (Entity::LinkIn(0), Disposition::Forwarded, 16),
        (Entity::LinkIn(0), Disposition::Dropped(DropReason::ChannelMiss), 1),
        (Entity::LinkIn(0), Disposition::Control, 1),
    ] {
        let counted = read_row(bench, Table::Disposition, 0, entity.row(fate))[0];
        assert_eq!(counted, frames, "{entity:?} {fate:?}");
    }
    let mut traffic = |entity: Entity| read_row(bench, Table::Traffic, 0, entity.code());
    assert_eq!(traffic(Entity::PortOut(0))[..4], [0, 0, 12, 3 * 551]);
    assert_eq!(traffic(Entity::PortOut(1))[..4], [0, 0, 8, 2 * 551]);
    assert_eq!(traffic(Entity::LinkOut(0))[0], 46);
    assert_eq!(traffic(Entity::PortIn(0))[0], 47);
    assert_eq!(traffic(Entity::ControlOut)[1..4], [1, 0, 64]);
}

fn frames_cross_both_directions_and_are_counted(width: Width) {
    let geometry = small(width);
    let machine = machines::kernel(geometry).expect("compiled in");
    let mut bench = Bench::over(geometry, Box::new(machine));
    wakes_up(&mut bench);
    is_programmed(&mut bench);
    frames_cross_to_the_link(&mut bench, width);
    events_tell(&mut bench);
    frames_cross_to_ports(&mut bench, width);
    frames_wait_for_a_link_that_stalls(&mut bench);
    counters_tell(&mut bench);
}

#[test]
fn frames_cross_both_directions_and_are_counted_at_64_bits() {
    frames_cross_both_directions_and_are_counted(Width::W64);
}

#[test]
fn frames_cross_both_directions_and_are_counted_at_128_bits() {
    frames_cross_both_directions_and_are_counted(Width::W128);
}

#[test]
fn frames_cross_both_directions_and_are_counted_at_256_bits() {
    frames_cross_both_directions_and_are_counted(Width::W256);
}

#[test]
fn frames_cross_both_directions_and_are_counted_at_512_bits() {
    frames_cross_both_directions_and_are_counted(Width::W512);
}
