// SPDX-License-Identifier: MIT
//! Events are taken once each, whatever the bus does.

use vireo_driver::{Error, Event};
use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::fate::DropReason;
use vireo_spec::geometry::Geometry;
use vireo_spec::registers::{self as map, event as f};
use vireo_spec::table::Entity;
use vireo_spec::tag::Channel;

use crate::memory::{Bus, SILENCE};

fn event(sequence: u16) -> Event {
    Event {
        sequence,
        reason: DropReason::SourceUnbound,
        entity: Entity::PortIn(31),
        mac: MacAddr::from_u64(0x5254_0000_FFFE).unwrap(),
        vlan: VlanId::new(101).unwrap(),
        channel: Channel::from_bits(0x3F_0001).unwrap(),
        link: 1,
    }
}

fn words(event: &Event) -> [u32; 4] {
    let mut words = [0; 8];
    f::SEQUENCE.set(&mut words, event.sequence.into());
    f::REASON.set(&mut words, event.reason.code().into());
    f::ENTITY.set(&mut words, event.entity.code().into());
    f::MAC.set(&mut words, event.mac.to_u64());
    f::VLAN.set(&mut words, event.vlan.into());
    f::CHANNEL.set(&mut words, event.channel.bits().into());
    f::LINK.set(&mut words, event.link.into());
    std::array::from_fn(|word| words[word])
}

#[test]
fn events_come_in_order_and_once() {
    let bus = Bus::new(Geometry::default());
    let mut device = bus.device(1);
    assert_eq!(device.next_event().unwrap(), None);
    bus.memory().events.extend([65535, 0, 1].map(|n| words(&event(n))));
    for n in [65535, 0, 1] {
        assert_eq!(device.next_event().unwrap(), Some(event(n)));
    }
    assert_eq!(device.next_event().unwrap(), None);
}

#[test]
fn a_bus_that_fails_anywhere_neither_skips_nor_repeats_an_event() {
    for effect in [false, true] {
        for access in 0..6 {
            let bus = Bus::new(Geometry::default());
            let mut device = bus.device(1);
            bus.memory().events.extend([words(&event(1)), words(&event(2))]);
            bus.fail_next(access, effect, SILENCE);
            assert!(matches!(device.next_event(), Err(Error::Bus(_))));
            assert_eq!(device.next_event().unwrap(), Some(event(1)), "access {access}");
            assert_eq!(device.next_event().unwrap(), Some(event(2)), "access {access}");
            assert_eq!(device.next_event().unwrap(), None);
        }
    }
}

#[test]
fn an_event_of_an_unknown_reason_does_not_block_the_next() {
    let bus = Bus::new(Geometry::default());
    let mut device = bus.device(1);
    let mut strange = words(&event(1));
    strange[0] = 1 | 30 << 16 | 0x0FF << 21;
    bus.memory().events.extend([strange, words(&event(2))]);
    let unknown = Error::UnknownEvent { sequence: 1, reason: 30, entity: 0x0FF };
    assert_eq!(device.next_event(), Err(unknown));
    assert_eq!(device.next_event().unwrap(), Some(event(2)));
}

#[test]
fn reasons_are_enabled_by_their_codes_and_losses_are_told() {
    let bus = Bus::new(Geometry::default());
    let mut device = bus.device(1);
    device.set_event_reasons([DropReason::PortDisabled, DropReason::SourceUnbound]).unwrap();
    assert_eq!(bus.memory().words[&map::EVENT_ENABLE.address], 1 | 1 << 11);
    device.set_event_reasons(DropReason::ALL.iter().copied()).unwrap();
    assert_eq!(bus.memory().words[&map::EVENT_ENABLE.address], 0x3FFF);
    device.set_event_reasons([]).unwrap();
    assert_eq!(bus.memory().words[&map::EVENT_ENABLE.address], 0);
    bus.memory().words.insert(map::EVENT_LOST.address, 17);
    assert_eq!(device.events_lost().unwrap(), 17);
}
