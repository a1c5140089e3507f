// SPDX-License-Identifier: MIT
//! Speed of the cycle model: cycles a second with both directions busy, mixed traffic. `cargo bench -p vireo-sim`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

use vireo_driver::Device;
use vireo_model::pipeline;
use vireo_sim::engine::clocked::{PinEngine, Unkindness};
use vireo_spec::ether::{MacAddr, Priority, VlanId};
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::pins::{Beat, Clocked, Forward, Inputs};
use vireo_spec::ports::PortSet;
use vireo_spec::rows::{DEFAULT_MAXIMUM, LinkRow, PortRow};
use vireo_spec::tag::{Channel, ECid, ETag, IngressECid, Role, TagFamily};

const PORTS: u8 = 16;
const GROUP: u16 = 0x100;
const CYCLES: u64 = 100_000;

fn own_channel(port: u8) -> Channel {
    Channel::etag(ECid::new(0, u16::from(port) + 1, 0).expect("base has 12 bits"))
}

fn group_channel() -> Channel {
    Channel::etag(ECid::new(1, GROUP, 0).expect("base has 12 bits"))
}

fn guest(port: u8) -> MacAddr {
    MacAddr([0x52, 0x54, 0, 0, 0, port])
}

/// An extender with checked sources, programmed through its registers.
fn extender(geometry: Geometry) -> Box<dyn Clocked + Send> {
    let engine = PinEngine::new(pipeline::machine(geometry), geometry, Unkindness::NONE);
    let mut device = Device::discover(engine).expect("a machine");
    device.initialize(1).expect("seeds");
    let link = LinkRow {
        enabled: true,
        role: Role::Extender,
        family: TagFamily::ETag,
        maximum: DEFAULT_MAXIMUM,
    };
    device.set_link(0, &link).expect("a link");
    let everyone: PortSet = (0..usize::from(PORTS)).collect();
    device.add_channel(0, group_channel(), everyone).expect("a row");
    for port in 0..PORTS {
        let members = [usize::from(port)].into_iter().collect();
        device.add_channel(0, own_channel(port), members).expect("a row");
        device.bind(port, Some(guest(port)), VlanId::from_tci(101)).expect("a row");
        let row = PortRow {
            enabled: true,
            channel: own_channel(port),
            trust_priority: true,
            check_source: true,
            maximum: DEFAULT_MAXIMUM,
            ..PortRow::default()
        };
        device.set_port(port, &row).expect("a port");
    }
    device.into_bus().into_machine()
}

/// A frame of `octets` octets behind `tag`, from `source`, in VLAN 101.
fn frame(destination: MacAddr, source: MacAddr, tag: &[u8], octets: usize) -> Vec<u8> {
    let mut frame = [&destination.0[..], &source.0, tag, &[0x81, 0, 0xA0, 101, 8, 0]].concat();
    frame.resize(frame.len().max(octets + tag.len()), 0x5A);
    frame
}

fn beats(frame: &[u8], id: u8, octets: usize, out: &mut Vec<Forward>) {
    for chunk in frame.chunks(octets) {
        let mut beat = Beat { id, keep: u64::MAX >> (64 - chunk.len()), ..Beat::default() };
        beat.data[..chunk.len()].copy_from_slice(chunk);
        out.push(Forward { valid: true, beat });
    }
    out.last_mut().expect("a frame has a beat").beat.last = true;
}

/// Internet-like mix: seven frames of 64 octets, four of 594, one of 1518; each twelfth one to everyone.
fn traffic(octets: usize, only: Option<usize>) -> [Vec<Forward>; 2] {
    let sizes = [64, 594, 64, 64, 1518, 64, 594, 64, 594, 64, 64, 594];
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for n in 0..96 {
        let size = only.unwrap_or(sizes[n % sizes.len()]);
        let port = (n % usize::from(PORTS)) as u8;
        let outside = MacAddr([0x52, 0x54, 0, 1, 0, port]);
        beats(&frame(outside, guest(port), &[], size), port, octets, &mut up);
        let to_all = n % 12 == 5;
        let channel = if to_all { group_channel() } else { own_channel(port) };
        let destination = if to_all { MacAddr::BROADCAST } else { guest(port) };
        let priority = Priority::default();
        let tag = ETag { priority, ingress: IngressECid::NONE, ecid: channel.ecid() }.to_octets();
        beats(&frame(destination, outside, &tag, size), 0, octets, &mut down);
    }
    [up, down]
}

/// Clocks the machine, offering the next beat of both streams whenever one was taken.
fn clock(machine: &mut dyn Clocked, streams: &[Vec<Forward>; 2], at: &mut [usize; 2], cycles: u64) {
    let mut inputs = Inputs { m_link_ready: true, m_port_ready: true, ..Inputs::default() };
    inputs.s_port = streams[0][at[0]];
    inputs.s_link = streams[1][at[1]];
    for _ in 0..cycles {
        let outputs = machine.outputs();
        let taken = [outputs.s_port_ready, outputs.s_link_ready];
        machine.clock(&inputs);
        if taken[0] {
            at[0] = (at[0] + 1) % streams[0].len();
            inputs.s_port = streams[0][at[0]];
        }
        if taken[1] {
            at[1] = (at[1] + 1) % streams[1].len();
            inputs.s_link = streams[1][at[1]];
        }
    }
}

fn cycles(c: &mut Criterion) {
    let mut group = c.benchmark_group("model");
    group.throughput(Throughput::Elements(CYCLES));
    for (name, only) in [("mixed", None), ("64 octets", Some(64))] {
        for width in Width::ALL {
            let geometry = Geometry::default().with_width(width);
            let mut machine = extender(geometry);
            let streams = traffic(width.octets(), only);
            let mut at = [0; 2];
            group.bench_function(format!("{name}, {} bits", width.bits()), |b| {
                b.iter(|| clock(black_box(machine.as_mut()), &streams, &mut at, CYCLES));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, cycles);
criterion_main!(benches);
