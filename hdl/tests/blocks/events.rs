// SPDX-License-Identifier: MIT
//! The block `events` against what docs/pipeline.md, section 9, says of it.
use std::collections::VecDeque;

use crate::bench::{CYCLES, Random, clock, clocked, generates, settle};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::events::*;
use vireo_hdl::blocks::tally::Event;
use vireo_spec::field::ROW_WORDS;
use vireo_spec::registers::{EVENT_DEPTH, event as f};

clocked!([] Events);

/// What an event says, in the order of [`f::FIELDS`] behind its number.
type Says = [u64; 6];

fn says(random: &mut Random) -> Says {
    [f::REASON, f::ENTITY, f::MAC, f::VLAN, f::CHANNEL, f::LINK]
        .map(|field| random.bits() & field.max())
}

fn pins([reason, entity, mac, vlan, channel, link]: Says) -> Event {
    Event {
        reason: reason.to_bits(),
        entity: entity.to_bits(),
        mac: mac.to_bits(),
        vlan: vlan.to_bits(),
        channel: channel.to_bits(),
        link: link.to_bits(),
    }
}

fn words(sequence: u16, says: Says) -> [u64; 4] {
    let mut words = [0; ROW_WORDS];
    let values = std::iter::once(u64::from(sequence)).chain(says);
    f::FIELDS.iter().zip(values).for_each(|(field, value)| field.set(&mut words, value));
    [0, 1, 2, 3].map(|i| u64::from(words[i]))
}

/// Section 9 in plain Rust; `pending` is encapsulate's place, then decapsulate's.
#[derive(Default)]
struct Rule {
    /// Events of enabled drops, a cycle later; how many were lost then.
    made: [Option<Says>; 2],
    loses: u32,
    /// A number that was named a cycle ago and was the head's.
    pops: bool,
    pending: [Option<Says>; 2],
    fifo: VecDeque<(u16, Says)>,
    sequence: u16,
    lost: u32,
}

impl Rule {
    /// The place from which this cycle's event is taken.
    fn takes(&self) -> Option<usize> {
        (0..2).find(|&way| self.fifo.len() < EVENT_DEPTH && self.pending[way].is_some())
    }

    /// How many of the events made are lost in this cycle.
    fn losing(&self) -> u32 {
        let lost = |&way: &usize| {
            self.made[way].is_some() && self.pending[way].is_some() && self.takes() != Some(way)
        };
        (0..2).filter(lost).count() as u32
    }

    fn clock(&mut self, made: [Option<Says>; 2], pop: Option<u16>) {
        self.lost += self.loses;
        self.loses = self.losing();
        let taken = self.takes().and_then(|way| self.pending[way].take());
        for (pending, made) in self.pending.iter_mut().zip(self.made) {
            *pending = pending.or(made);
        }
        self.made = made;
        let named = self.fifo.front().is_some_and(|(head, _)| pop == Some(*head));
        if std::mem::replace(&mut self.pops, named) {
            self.fifo.pop_front();
        }
        if let Some(says) = taken {
            self.sequence = self.sequence.wrapping_add(1);
            self.fifo.push_back((self.sequence, says));
        }
    }
}

#[test]
fn events_queue_up_are_lost_and_leave_by_their_number() {
    generates::<Events>();
    let mut random = Random::new(7);
    let mut block = Events::default();
    block.rst.next = true;
    settle(&mut block);
    clock(&mut block);
    let mut rule = Rule::default();
    let (mut enable, mut busy, mut drains) = (u64::MAX, true, true);
    let (mut lost, mut full, mut wraps) = (0, 0, 0);
    for cycle in 0..2 * CYCLES {
        // The first half runs through all numbers and begins again; later there are resets.
        let first = cycle < CYCLES;
        if random.one_in(200) {
            enable = if first { u64::MAX } else { random.bits() | random.bits() };
            (busy, drains) = (first || random.one_in(2), first || random.one_in(2));
        }
        let rst = !first && random.one_in(3000);
        let drops = [0, 1].map(|_| if busy { !random.one_in(4) } else { random.one_in(16) });
        let said = [says(&mut random), says(&mut random)];
        let head = rule.fifo.front().map_or(0, |(sequence, _)| *sequence);
        // A write takes more cycles than a pop.
        let pop = (!rule.pops && (drains && !random.one_in(12) || random.one_in(12))).then(|| {
            // The head's number, one that is long gone, one to come, or 0.
            match random.below(if first { 60 } else { 12 }) {
                0 => head.wrapping_sub(1),
                1 => head.wrapping_add(1),
                2 => 0,
                3 => random.bits() as u16,
                _ => head,
            }
        });
        block.rst.next = rst;
        block.enable.next = (enable & 0xFFFF_FFFF).to_bits();
        block.up.next = drops[0];
        block.up_event.next = pins(said[0]);
        block.down.next = drops[1];
        block.down_event.next = pins(said[1]);
        block.pop.next = pop.is_some();
        block.pop_sequence.next = pop.unwrap_or(head).to_bits();
        settle(&mut block);

        let made = [0, 1].map(|way| {
            let enabled = enable >> said[way][0] & 1 == 1;
            (drops[way] && enabled).then_some(said[way])
        });
        assert_eq!(block.level.val().to_u64(), rule.fifo.len() as u64, "cycle {cycle}");
        assert_eq!(block.lost.val().to_u64(), u64::from(rule.lost), "cycle {cycle}");
        assert_eq!(block.loses.val(), rule.loses > 0, "cycle {cycle}");
        // While there is none, nobody looks.
        if let Some((sequence, says)) = rule.fifo.front() {
            let shown = block.head.val();
            let shown = [0, 1, 2, 3].map(|i| shown.get_bits::<32>(32 * i).to_u64());
            assert_eq!(shown, words(*sequence, *says), "cycle {cycle}");
        }
        lost += rule.loses;
        full += u32::from(rule.fifo.len() == EVENT_DEPTH);
        let number = rule.sequence;
        rule.clock(made, pop);
        wraps += u32::from(rule.sequence < number);
        if rst {
            rule = Rule::default();
        }
        clock(&mut block);
    }
    assert!(
        lost > 1000 && full > 1000 && wraps > 0,
        "{lost} lost, {full} cycles full, began {wraps} times again at 0"
    );
}
