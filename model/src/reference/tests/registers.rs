// SPDX-License-Identifier: MIT
//! Scenarios of registers and tables: refusals, rows read back, places that a lookup visits.

use vireo_spec::fate::DropReason;
use vireo_spec::tag::Role::{Bridge, Extender};
use vireo_spec::tag::TagFamily::ETag;

use super::super::{Refusal, Refused};
use super::*;

const TAG_20: [u8; 8] = [0x89, 0x3F, 0, 0, 0, 20, 0, 0];

#[test]
fn machine_says_who_it_is() {
    let bench = Bench::new(Extender, ETag);
    let said = [
        (map::MAGIC, u32::from_be_bytes(*b"VIRO")),
        (map::VERSION, 0x0002_0000),
        (map::WIDTH, 512),
        (map::LINKS, 2),
        (map::PORTS, 32),
        (map::GROUPS, 16),
        (map::CHANNELS, 1024),
        (map::BINDINGS, 4096),
        (map::STATUS, 1),
    ];
    for (register, value) in said {
        assert_eq!(bench.read(register.address + 3), value, "{}", register.name);
    }
}

#[test]
fn accesses_that_the_map_does_not_have_are_refused() {
    let mut bench = Bench::new(Extender, ETag);
    let refused = |address, refusal| Some(Refused { address, refusal });
    for address in [0x024, 0x088, 0x09C, 0x43C, 0x1000, 0xFFFC] {
        let refused = refused(address, Refusal::OutsideMap);
        assert_eq!(bench.machine.read_register(address).err(), refused);
        assert_eq!(bench.machine.write_register(address, 0).err(), refused);
    }
    for register in map::MAP {
        let address = register.address;
        match register.access {
            map::Access::ReadOnly => assert_eq!(
                bench.machine.write_register(address, 0).err(),
                refused(address, Refusal::ReadOnly(register.name))
            ),
            map::Access::WriteOnly => assert_eq!(
                bench.machine.read_register(address).err(),
                refused(address, Refusal::WriteOnly(register.name))
            ),
            _ => assert!(bench.machine.read_register(address).is_ok(), "{}", register.name),
        }
    }
    let counter = Op { command: Command::Clear, table: Table::Traffic, way: 0, row: 0 }.pack();
    for op in [0, 0x0000_0301, counter, 0x0020_0001] {
        let error = bench.machine.write_register(map::OP.address, op).err();
        assert_eq!(error, refused(map::OP.address, Refusal::NoSuchOperation(op)));
    }
}

#[test]
fn unused_bits_read_as_zero() {
    let mut bench = Bench::new(Extender, ETag);
    let kept = [
        (map::SEED_CHOICE.address, 0x0F0F),
        (map::EVENT_ENABLE.address, 0x3FFF),
        (map::IRQ_ENABLE.address, 7),
        (map::LINK.nth(1), 0x8007_3FFF),
        (map::STAGE.nth(7), u32::MAX),
        (map::SEED_BINDING_B.nth(1), u32::MAX),
        (map::SEED_BINDING_B.nth(2), 0xFF),
    ];
    for (address, bits) in kept {
        bench.write(address, u32::MAX);
        assert_eq!(bench.read(address), bits, "{address:#x}");
    }
}

#[test]
fn snapshot_interrupt_stays_until_it_is_cleared() {
    let mut bench = Bench::new(Extender, ETag);
    bench.snapshot();
    assert_eq!(bench.read(map::IRQ_STATUS.address), 0b100);
    bench.write(map::IRQ_STATUS.address, 0b011);
    assert_eq!(bench.read(map::IRQ_STATUS.address), 0b100);
    bench.write(map::IRQ_STATUS.address, 0b100);
    assert_eq!(bench.read(map::IRQ_STATUS.address), 0);
}

#[test]
fn rows_read_back_cut_to_the_machines_size() {
    let mut bench = Bench::new(Extender, ETag);
    for table in [Table::Port, Table::Group, Table::Channel, Table::Binding, Table::Vlan] {
        let (way, row) = (table.ways() as u8 - 1, table.rows(&bench.geometry) - 1);
        bench.row(table, way, row, &[u32::MAX; ROW_WORDS]);
        let read = bench.fetch(table, way, row);
        for field in table.fields() {
            let expected = match field.name {
                "link" => 1,
                "members" | "ports" => 0xFFFF_FFFF,
                "port" => 31,
                _ => field.max(),
            };
            assert_eq!(field.get(&read), expected, "{}.{}", table.name(), field.name);
        }
        let op = Op { command: Command::Clear, table, way, row: row as u16 };
        bench.write(map::OP.address, op.pack());
        assert_eq!(bench.fetch(table, way, row), [0; ROW_WORDS]);
    }
}

#[test]
fn row_at_a_place_where_no_way_looks_is_never_found() {
    let mut bench = Bench::new(Extender, ETag);
    bench.port(3, 20, |_| {});
    let row =
        ChannelRow { link: 0, channel: channel(ETag, 20), members: [3].into_iter().collect() };
    let (key, rows) = (ChannelRow::key(0, row.channel), bench.geometry.channel_rows());
    for way in 0..4u8 {
        let place = bench.place(key, way.into(), rows);
        bench.row(Table::Channel, way, place ^ 1, &row.pack());
        assert_eq!(bench.enter_link(0, &tagged(&data(&IPV4), &TAG_20)), None, "way {way}");
        bench.row(Table::Channel, way, place, &row.pack());
        assert!(bench.enter_link(0, &tagged(&data(&IPV4), &TAG_20)).is_some(), "way {way}");
        bench.row(Table::Channel, way, place, &[0; ROW_WORDS]);
    }
}

#[test]
fn another_key_at_the_place_of_a_key_is_not_it() {
    let mut bench = Bench::new(Extender, ETag);
    bench.port(3, 20, |row| row.check_source = true);
    let bound = BindingRow { port: 3, mac: MacAddr(SOURCE), vlan: vlan(0) };
    let key = BindingRow::key(bound.port, bound.mac, bound.vlan);
    let place = bench.place(key, 0, bench.geometry.binding_rows());
    let others = [
        BindingRow { port: 4, ..bound },
        BindingRow { mac: MacAddr(DESTINATION), ..bound },
        BindingRow { vlan: vlan(1), ..bound },
    ];
    for other in others {
        bench.row(Table::Binding, 0, place, &other.pack());
        assert_eq!(bench.enter_port(3, &data(&IPV4)), None, "{other:?}");
    }
    bench.row(Table::Binding, 0, place, &bound.pack());
    assert!(bench.enter_port(3, &data(&IPV4)).is_some());

    bench.port(3, 20, |_| {});
    let row = ChannelRow { link: 0, channel: channel(ETag, 20), members: PortSet::from_bits(8) };
    let place = bench.place(ChannelRow::key(0, row.channel), 0, bench.geometry.channel_rows());
    for other in [ChannelRow { link: 1, ..row }, ChannelRow { channel: channel(ETag, 21), ..row }] {
        bench.row(Table::Channel, 0, place, &other.pack());
        assert_eq!(bench.enter_link(0, &tagged(&data(&IPV4), &TAG_20)), None, "{other:?}");
    }
    bench.row(Table::Channel, 0, place, &row.pack());
    assert!(bench.enter_link(0, &tagged(&data(&IPV4), &TAG_20)).is_some());
}

#[test]
fn lowest_way_wins() {
    let mut bench = Bench::new(Extender, ETag);
    let channel = channel(ETag, 20);
    for way in (0..4u8).rev() {
        bench.port(way, 30 + u16::from(way), |_| {});
        let members = [usize::from(way)].into_iter().collect();
        let key = ChannelRow::key(0, channel);
        let place = bench.place(key, way.into(), bench.geometry.channel_rows());
        bench.row(Table::Channel, way, place, &ChannelRow { link: 0, channel, members }.pack());
        let left = bench.enter_link(0, &tagged(&data(&IPV4), &TAG_20)).unwrap();
        assert_eq!(left.to, ports([way.into()]));
    }
}

#[test]
fn each_way_looks_where_its_chosen_seed_says() {
    let seed: u128 = 0x12_3456_789A_BCDE_F012;
    for register in [map::SEED_BINDING_A, map::SEED_BINDING_B] {
        for way in 0..4u8 {
            let mut bench = Bench::new(Extender, ETag);
            bench.port(3, 20, |row| row.check_source = true);
            for word in 0..3 {
                bench.write(register.nth(word), (seed >> (32 * word)) as u32);
            }
            let is_b = register.address == map::SEED_BINDING_B.address;
            let chosen = 1 << way;
            let choice = map::seed_choice::BINDING.at(if is_b { chosen } else { !chosen });
            bench.write(map::SEED_CHOICE.address, choice);

            let row = BindingRow { port: 3, mac: MacAddr(SOURCE), vlan: vlan(0) };
            let permuted = hash::permute(BindingRow::key(3, row.mac, row.vlan), seed);
            let place = hash::index(permuted, way.into(), bench.geometry.binding_rows());
            bench.row(Table::Binding, way, place, &row.pack());
            assert!(bench.enter_port(3, &data(&IPV4)).is_some(), "{} way {way}", register.name);
            bench.write(map::SEED_CHOICE.address, !choice);
            assert_eq!(bench.enter_port(3, &data(&IPV4)), None, "{} way {way}", register.name);
        }
    }
}

#[test]
fn indices_keep_their_low_bits() {
    let geometry = Geometry::new(64, 2, 4, 2, 64, 64).unwrap();
    let mut bench = Bench { machine: Machine::new(geometry), geometry, family: ETag };
    let link = LinkRow { enabled: true, role: Bridge, family: ETag, maximum: MAXIMUM };
    bench.link(1, link);
    bench.port(2, 20, |row| row.link = 7);
    bench.members(1, channel(ETag, 20), &[2, 40]);
    assert_eq!(bench.enter_port(6, &data(&IPV4)).unwrap().to, Destination::Link(1));
    let left = bench.enter(StreamId::LinkControl(63), None, &data(&IPV4)).unwrap();
    assert_eq!(left.to, Destination::Link(1));
    let left = bench.enter_link(255, &tagged(&data(&IPV4), &TAG_20)).unwrap();
    assert_eq!(left.to, ports([2]));
    bench.enter(StreamId::Group(3), None, &data(&IPV4));
    bench.assert_one_drop(Entity::GroupIn(1), DropReason::PortDisabled);
}
