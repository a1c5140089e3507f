// SPDX-License-Identifier: MIT
//! Frames a second of the reference on one core. It is the yardstick of random tests, which spend their time in it.
//! `cargo bench -p vireo-speed --bench reference`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vireo_model::reference::Machine;
use vireo_spec::ether::{MacAddr, Priority, VlanId};
use vireo_spec::field::Words;
use vireo_spec::geometry::Geometry;
use vireo_spec::hash;
use vireo_spec::pins::StreamId;
use vireo_spec::ports::PortSet;
use vireo_spec::registers;
use vireo_spec::rows::{BindingRow, ChannelRow, DEFAULT_MAXIMUM, LinkRow, PortRow};
use vireo_spec::table::{Command, Op, Table};
use vireo_spec::tag::{Channel, ECid, ETag, IngressECid, Role, TagFamily};

const SOURCE: MacAddr = MacAddr([0x52, 0x54, 0, 0, 0, 1]);
const PORT: u8 = 3;

fn write_row(machine: &mut Machine, table: Table, row: usize, words: &Words) {
    for (index, &word) in words.iter().enumerate() {
        machine.write_register(registers::STAGE.nth(index), word).expect("stage is writable");
    }
    let op = Op { command: Command::Write, table, way: 0, row: row as u16 };
    machine.write_register(registers::OP.address, op.pack()).expect("the row exists");
}

/// A machine with one port on link 0, that checks its one source through the binding table.
fn machine(role: Role) -> Machine {
    let geometry = Geometry::default();
    let mut machine = Machine::new(geometry);
    let link = LinkRow { enabled: true, role, family: TagFamily::ETag, maximum: DEFAULT_MAXIMUM };
    machine.write_register(registers::LINK.address, link.pack()).expect("link 0 exists");
    let port = PortRow {
        enabled: true,
        channel: channel(),
        check_source: true,
        maximum: DEFAULT_MAXIMUM,
        ..PortRow::default()
    };
    write_row(&mut machine, Table::Port, PORT.into(), &port.pack());

    let place = |key, rows| hash::index(hash::permute(key, 0), 0, rows);
    let vlan = VlanId::default();
    let row = place(BindingRow::key(PORT, SOURCE, vlan), geometry.binding_rows());
    let binding = BindingRow { port: PORT, mac: SOURCE, vlan };
    write_row(&mut machine, Table::Binding, row, &binding.pack());
    let row = place(ChannelRow::key(0, channel()), geometry.channel_rows());
    let members = PortSet::from_iter([usize::from(PORT)]);
    let channel = ChannelRow { link: 0, channel: channel(), members };
    write_row(&mut machine, Table::Channel, row, &channel.pack());
    machine
}

fn channel() -> Channel {
    Channel::etag(ECid::new(0, 20, 0).expect("20 is a base"))
}

/// A frame of 64 octets, with `tag` behind its addresses.
fn frame(tag: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x52, 0x54, 0, 0, 0, 2];
    frame.extend(SOURCE.0);
    frame.extend(tag);
    frame.extend([0x08, 0x00]);
    frame.resize(64, 0);
    frame
}

fn reference(criterion: &mut Criterion) {
    let tag =
        ETag { priority: Priority::default(), ingress: IngressECid::NONE, ecid: channel().ecid() };
    let (untagged, tagged) = (frame(&[]), frame(&tag.to_octets()));
    let mut group = criterion.benchmark_group("reference");
    group.throughput(Throughput::Elements(1));

    let mut extender = machine(Role::Extender);
    group.bench_function("encapsulate, source checked, 64 octets", |bencher| {
        bencher.iter(|| {
            let frame = black_box(untagged.as_slice());
            let left =
                extender.from_port(StreamId::Port(PORT), None, Priority::default(), frame, false);
            left.expect("the source is bound").octets.len()
        });
    });
    group.bench_function("decapsulate at an extender, 64 octets", |bencher| {
        bencher.iter(|| {
            let left = extender.from_link(0, black_box(tagged.as_slice()), false);
            left.expect("the channel has a member").octets.len()
        });
    });
    let mut bridge = machine(Role::Bridge);
    group.bench_function("decapsulate at a bridge, source checked, 64 octets", |bencher| {
        bencher.iter(|| {
            let left = bridge.from_link(0, black_box(tagged.as_slice()), false);
            left.expect("the source is bound").octets.len()
        });
    });
    group.finish();
}

criterion_group!(benches, reference);
criterion_main!(benches);
