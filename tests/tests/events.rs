// SPDX-License-Identifier: MIT
//! Events, their FIFO and the interrupt: docs/pipeline.md, section 9, against the cycle model, cycle by cycle.

use vireo_sim::engine::{Arrival, Side};
use vireo_spec::ether::Priority;
use vireo_spec::fate::DropReason;
use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::geometry::Width;
use vireo_spec::pins::{RESP_OKAY, StreamId};
use vireo_spec::registers as map;
use vireo_spec::rows;
use vireo_spec::table::{Command, Entity, Table};
use vireo_tests::bench::{Bench, SIDES};
use vireo_tests::register_file::{geometry, op};
use vireo_tests::timing::{SAMPLES, WRITES, counts_after};

fn runt(side: Side, octets: usize) -> Arrival {
    let (id, priority) = (StreamId::Port(0), Priority::default());
    let octets = vec![2; octets];
    Arrival { timestamp_ns: 0, side, id, source: None, priority, octets, bad: false }
}

/// Runts make events; port 0 and link 0 are enabled.
fn eventful(width: Width) -> Bench {
    let mut bench = Bench::ready(geometry(width));
    bench.store(map::EVENT_ENABLE.address, 1 << DropReason::Runt.code(), 0xF);
    bench.store(map::IRQ_ENABLE.address, map::irq::EVENT.at(1), 0xF);
    bench.store(map::LINK.address, map::link::ENABLED.at(1), 0xF);
    bench.store(map::STAGE.address, 1 << rows::port::ENABLED.low, 0xF);
    bench.store(map::OP.address, op(Command::Write, Table::Port, 0, 0), 0xF);
    bench
}

#[test]
fn an_event_shows_four_cycles_after_its_frame_counts_and_interrupts_in_the_fifth() {
    for width in Width::ALL {
        for side in SIDES {
            for look in 2..6 {
                let mut bench = eventful(width);
                bench.offer(runt(side, 13));
                while bench.lane(side).entered.is_empty() {
                    bench.clock();
                }
                let q = bench.lane(side).entered[0].last + counts_after(width, side);
                bench.run_to(q + look - SAMPLES);
                let answer = bench.load(map::EVENT_LEVEL.address);
                assert_eq!(
                    (answer.cycle, answer.data),
                    (q + look, u32::from(look >= 4)),
                    "{width:?}"
                );
                bench.run_to(u64::max(bench.cycle(), q + 10));
                // The pin is seen whole only where no read stood in the way.
                let mut bench = eventful(width);
                bench.offer(runt(side, 13));
                while !bench.outputs().irq {
                    bench.clock();
                }
                let q = bench.lane(side).entered[0].last + counts_after(width, side);
                assert_eq!(bench.cycle(), q + 5, "{width:?} {side:?}");
            }
        }
    }
}

fn event_words(bench: &mut Bench) -> Words {
    let mut words = [0; ROW_WORDS];
    (0..4).for_each(|n| words[n] = bench.load(map::EVENT.nth(n)).data);
    words
}

#[test]
fn of_two_events_in_one_cycle_encapsulate_s_comes_first() {
    let width = Width::W512;
    let mut bench = eventful(width);
    bench.offer(runt(Side::Links, 13));
    let earlier = counts_after(width, Side::Links) - counts_after(width, Side::Ports);
    bench.run_to(bench.cycle() + earlier);
    bench.offer(runt(Side::Ports, 13));
    bench.drain();
    let mut entities = Vec::new();
    for sequence in 1..=2 {
        let words = event_words(&mut bench);
        assert_eq!(map::event::SEQUENCE.get(&words), sequence);
        entities.push(map::event::ENTITY.get(&words) as u16);
        bench.store(map::EVENT_POP.address, sequence as u32, 0xF);
    }
    assert_eq!(entities, [Entity::PortIn(0).code(), Entity::LinkIn(0).code()]);
    assert_eq!(event_words(&mut bench), [0; ROW_WORDS], "words of an empty FIFO");
    assert!(!bench.outputs().irq);
}

/// A FIFO with 16 events and another that waits in front of it.
fn full(lost: usize) -> Bench {
    let mut bench = eventful(Width::W512);
    (0..17 + lost).for_each(|_| bench.offer(runt(Side::Ports, 13)));
    bench.drain();
    bench
}

#[test]
fn a_full_fifo_loses_counts_and_interrupts_and_a_pop_makes_room_in_the_cycle_after_next() {
    for lost in [0, 1, 40] {
        let mut bench = full(lost);
        assert_eq!(bench.load(map::EVENT_LEVEL.address).data, map::EVENT_DEPTH as u32);
        assert_eq!(bench.load(map::EVENT_LOST.address).data, lost as u32);
        let causes = map::irq::EVENT.at(1) | map::irq::LOST.at((lost > 0).into());
        assert_eq!(bench.load(map::IRQ_STATUS.address).data, causes);
        bench.store(map::IRQ_STATUS.address, 0, 0xF);
        bench.store(map::IRQ_STATUS.address, u32::MAX, 0xE);
        bench.store(map::IRQ_STATUS.address, u32::MAX << 8, 0xF);
        assert_eq!(bench.load(map::IRQ_STATUS.address).data, causes, "no 1 was written to a bit");
        bench.store(map::IRQ_STATUS.address, u32::MAX, 0xF);
        let after = bench.load(map::IRQ_STATUS.address).data;
        assert_eq!(after, map::irq::EVENT.at(1), "event follows the FIFO, lost was cleared");
        assert_eq!(bench.load(map::EVENT_LOST.address).data, lost as u32, "the count stays");
    }
    // The write cycle, two after it, and from then on: the waiting event fills the room.
    for (distance, level) in [(0, 16), (1, 16), (2, 15), (3, 16), (4, 16)] {
        let mut bench = full(3);
        let head = map::event::SEQUENCE.get(&event_words(&mut bench)) as u32;
        let pop = (map::EVENT_POP.address, head);
        let [_, seen] = bench.store_and_load(pop, map::EVENT_LEVEL.address, distance);
        assert_eq!(seen.data, level, "{distance} cycles after the write cycle");
    }
}

#[test]
fn a_pop_takes_the_head_once_and_no_other_number_takes_anything() {
    let mut bench = full(0);
    for (head, level) in (1..=17).zip([16].into_iter().chain((1..=16).rev())) {
        assert_eq!(bench.load(map::EVENT_LEVEL.address).data, level);
        let words = event_words(&mut bench);
        assert_eq!(map::event::SEQUENCE.get(&words), u64::from(head));
        for other in [0, head - 1, head + 1, head ^ 0x8000] {
            assert_eq!(bench.store(map::EVENT_POP.address, other, 0xF).response, RESP_OKAY);
            assert_eq!(event_words(&mut bench), words, "pop of {other}, head {head}");
        }
        for _ in 0..3 {
            assert_eq!(bench.store(map::EVENT_POP.address, head, 0xF).response, RESP_OKAY);
        }
    }
    assert_eq!(bench.load(map::EVENT_LEVEL.address).data, 0);
    assert_eq!(bench.store(map::EVENT_POP.address, 0, 0xF).response, RESP_OKAY);
    assert_eq!(event_words(&mut bench), [0; ROW_WORDS]);
    assert!(!bench.outputs().irq);
}

#[test]
fn the_interrupt_pin_follows_causes_and_enables_a_cycle_later() {
    let mut bench = full(1);
    bench.store(map::SNAPSHOT.address, 1, 0xF);
    bench.run_to(bench.cycle() + 3000);
    for n in (0..8).chain((0..8).rev()).chain([7, 0, 7, 5, 2]) {
        let x = bench.cycle() + WRITES;
        bench.store(map::IRQ_ENABLE.address, n, 0xF);
        // The enable is new in x + 1, the pin in x + 2: the cycle in which `store` returns.
        assert_eq!((bench.cycle(), bench.outputs().irq), (x + 2, n != 0), "enable {n}");
    }
    // Without causes the pin falls, one by one.
    for (cause, rest) in [(map::irq::LOST, 5), (map::irq::SNAPSHOT, 1)] {
        bench.store(map::IRQ_ENABLE.address, cause.at(1), 0xF);
        assert!(bench.outputs().irq, "{}", cause.name);
        bench.store(map::IRQ_STATUS.address, cause.at(1), 0xF);
        assert!(!bench.outputs().irq, "{}", cause.name);
        assert_eq!(bench.load(map::IRQ_STATUS.address).data, rest);
    }
}

#[test]
fn sequence_numbers_have_16_bits_and_wrap() {
    let mut bench = eventful(Width::W512);
    let mut sequence = 1u16;
    for _ in 0..(1 << 16) / 8 + 2 {
        (0..8).for_each(|_| bench.offer(runt(Side::Ports, 13)));
        bench.run_to(bench.cycle() + 60);
        assert_eq!(bench.load(map::EVENT_LEVEL.address).data, 8);
        for _ in 0..8 {
            assert_eq!(bench.load(map::EVENT.address).data & 0xFFFF, u32::from(sequence));
            bench.store(map::EVENT_POP.address, sequence.into(), 0xF);
            sequence = sequence.wrapping_add(1);
        }
    }
    assert_eq!(bench.load(map::EVENT_LOST.address).data, 0);
}
