// SPDX-License-Identifier: MIT
//! Scenarios of events: what one says, and that the FIFO loses none without counting it.

use vireo_spec::fate::DropReason;
use vireo_spec::registers::event;
use vireo_spec::tag::Role::{Bridge, Extender};
use vireo_spec::tag::TagFamily::{ETag, VnTag};

use super::*;

const TAG_20: [u8; 8] = [0x89, 0x3F, 0, 0, 0, 20, 0, 0];

/// Sequence, reason, entity, source, VLAN, link and channel of the head.
fn head(bench: &Bench) -> [u64; 7] {
    let mut words = [0; ROW_WORDS];
    (0..4).for_each(|index| words[index] = bench.read(map::EVENT.nth(index)));
    use event::{CHANNEL, ENTITY, LINK, MAC, REASON, SEQUENCE, VLAN};
    [SEQUENCE, REASON, ENTITY, MAC, VLAN, LINK, CHANNEL].map(|field| field.get(&words))
}

fn enabled(role: Role, family: TagFamily) -> Bench {
    let mut bench = Bench::new(role, family);
    bench.write(map::EVENT_ENABLE.address, u32::MAX);
    bench
}

/// The one event of the FIFO, which this takes off.
#[track_caller]
fn assert_event(
    bench: &mut Bench,
    reason: DropReason,
    entity: Entity,
    [mac, vlan, link, channel]: [u64; 4],
) {
    assert_eq!(bench.read(map::EVENT_LEVEL.address), 1);
    let [sequence, said @ ..] = head(bench);
    assert_eq!(said, [reason.code().into(), entity.code().into(), mac, vlan, link, channel]);
    bench.write(map::EVENT_POP.address, sequence as u32);
    assert_eq!(bench.read(map::EVENT_LEVEL.address), 0);
    assert_eq!(head(bench), [0; 7]);
}

fn source() -> u64 {
    MacAddr(SOURCE).to_u64()
}

#[test]
fn unbound_source_is_named_where_it_was_refused() {
    let mut bench = enabled(Extender, ETag);
    bench.port(3, 20, |row| (row.check_source, row.link, row.pvid) = (true, 1, vlan(9)));
    let channel = channel(ETag, 20).bits().into();
    bench.enter_port(3, &data(&[0x81, 0, 0, 101, 0x08, 0x00]));
    let (reason, entity) = (DropReason::SourceUnbound, Entity::PortIn(3));
    assert_event(&mut bench, reason, entity, [source(), 101, 1, channel]);
    bench.enter_port(3, &data(&IPV4));
    assert_event(&mut bench, reason, entity, [source(), 9, 1, channel]);

    let mut bench = enabled(Bridge, ETag);
    bench.port(3, 20, |row| (row.check_source, row.pvid) = (true, vlan(9)));
    bench.members(1, self::channel(ETag, 20), &[3]);
    bench.enter_link(1, &tagged(&data(&IPV4), &TAG_20));
    assert_event(&mut bench, reason, Entity::PortOut(3), [source(), 9, 1, channel]);
}

#[test]
fn missed_channel_is_named_and_the_links_drop_has_no_port_vlan() {
    let mut bench = enabled(Bridge, ETag);
    bench.port(3, 20, |row| row.pvid = vlan(9));
    let channel = channel(ETag, 20).bits().into();
    bench.enter_link(1, &tagged(&data(&IPV4), &TAG_20));
    let (reason, entity) = (DropReason::ChannelMiss, Entity::LinkIn(1));
    assert_event(&mut bench, reason, entity, [source(), 0, 1, channel]);
    bench.enter_link(1, &tagged(&data(&[0x81, 0, 0, 101, 0x08, 0x00]), &TAG_20));
    assert_event(&mut bench, reason, entity, [source(), 101, 1, channel]);
}

#[test]
fn tag_of_another_family_names_no_channel_but_its_vlan() {
    let mut bench = enabled(Extender, VnTag);
    bench.enter_link(0, &tagged(&data(&[0x81, 0, 0, 101, 0x08, 0x00]), &TAG_20));
    assert_event(&mut bench, DropReason::TagFormat, Entity::LinkIn(0), [source(), 101, 0, 0]);
    let wrong_way = tagged(&data(&IPV4), &[0x89, 0x26, 0x40, 5, 0, 20]);
    bench.enter_link(0, &wrong_way);
    let list = vif_list(5).bits().into();
    assert_event(&mut bench, DropReason::TagFormat, Entity::LinkIn(0), [source(), 0, 0, list]);
}

#[test]
fn runt_has_zeros_for_the_octets_it_lacks() {
    let mut bench = enabled(Extender, ETag);
    bench.port(3, 20, |_| {});
    bench.enter_port(3, &[0xFF; 8]);
    let channel = channel(ETag, 20).bits().into();
    let found = [0xFFFF_0000_0000, 0, 0, channel];
    assert_event(&mut bench, DropReason::Runt, Entity::PortIn(3), found);
}

#[test]
fn groups_and_the_control_plane_are_named_by_their_own_channel() {
    let mut bench = enabled(Bridge, ETag);
    bench.group(2, etag_channel(1, 1, 0), |row| (row.enabled, row.link) = (false, 1));
    bench.enter(StreamId::Group(2), Some(3), &data(&IPV4));
    let group = etag_channel(1, 1, 0).bits().into();
    assert_event(&mut bench, DropReason::PortDisabled, Entity::GroupIn(2), [source(), 0, 1, group]);

    bench.port(3, 20, |row| (row.link, row.pvid) = (1, vlan(9)));
    bench.enter(StreamId::PortControl(3), None, &data(&[0x88, 0x08]));
    let port = channel(ETag, 20).bits().into();
    assert_event(&mut bench, DropReason::MacControl, Entity::ControlIn, [source(), 9, 1, port]);
    bench.enter(StreamId::LinkControl(1), None, &data(&[0x88, 0x08]));
    assert_event(&mut bench, DropReason::MacControl, Entity::ControlIn, [source(), 0, 1, 0]);
}

#[test]
fn what_is_found_at_the_end_makes_an_event_too() {
    let mut bench = enabled(Extender, ETag);
    bench.port(3, 20, |row| row.maximum = 63);
    assert!(bench.enter_port(3, &data(&IPV4)).is_some());
    let channel = channel(ETag, 20).bits().into();
    assert_event(&mut bench, DropReason::Oversize, Entity::PortIn(3), [source(), 0, 0, channel]);
}

#[test]
fn only_enabled_reasons_make_events() {
    let mut bench = Bench::new(Extender, ETag);
    bench.write(map::EVENT_ENABLE.address, 1 << DropReason::Runt.code());
    bench.enter_port(3, &data(&IPV4));
    assert_eq!(bench.read(map::EVENT_LEVEL.address), 0);
    bench.port(3, 20, |_| {});
    bench.enter_port(3, &[]);
    assert_eq!(bench.read(map::EVENT_LEVEL.address), 1);
}

#[test]
fn full_fifo_loses_and_counts_and_a_repeated_pop_is_harmless() {
    let mut bench = enabled(Extender, ETag);
    for _ in 0..19 {
        bench.enter_port(3, &data(&IPV4));
    }
    let read = |bench: &Bench, register: map::Register| bench.read(register.address);
    assert_eq!((read(&bench, map::EVENT_LEVEL), read(&bench, map::EVENT_LOST)), (16, 3));
    assert_eq!(read(&bench, map::IRQ_STATUS), 0b011);
    for _ in 0..2 {
        bench.write(map::EVENT_POP.address, 1);
        assert_eq!(read(&bench, map::EVENT_LEVEL), 15);
    }
    bench.enter_port(3, &data(&IPV4));
    for sequence in 2..=17 {
        assert_eq!(head(&bench)[0], sequence, "what was lost has no number");
        bench.write(map::EVENT_POP.address, sequence as u32);
    }
    assert_eq!((read(&bench, map::EVENT_LEVEL), read(&bench, map::EVENT_LOST)), (0, 3));
    assert_eq!(read(&bench, map::IRQ_STATUS), 0b010, "an event no longer waits");
    bench.write(map::IRQ_STATUS.address, 0b010);
    assert_eq!(read(&bench, map::IRQ_STATUS), 0);
}

#[test]
fn sequence_number_wraps() {
    let mut bench = enabled(Extender, ETag);
    for sequence in 1..=0x1_0001_u32 {
        bench.enter_port(3, &[]);
        assert_eq!(head(&bench)[0], u64::from(sequence & 0xFFFF));
        bench.write(map::EVENT_POP.address, sequence);
    }
    assert_eq!(bench.read(map::EVENT_LOST.address), 0);
}
