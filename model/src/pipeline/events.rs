// SPDX-License-Identifier: MIT
//! Events: drops that software asked to hear of, in a FIFO (docs/pipeline.md, section 9).

use std::collections::VecDeque;

use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::fate::DropReason;
use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::registers::{EVENT_DEPTH, event};
use vireo_spec::table::Entity;
use vireo_spec::tag::Channel;

/// What an event says, but for its number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) reason: DropReason,
    pub(crate) entity: Entity,
    pub(crate) source: MacAddr,
    pub(crate) vlan: VlanId,
    pub(crate) channel: Channel,
    pub(crate) link: u8,
}

/// The two pending places and the FIFO.
#[derive(Debug)]
pub(crate) struct Events {
    pending: [Option<Event>; 2],
    fifo: VecDeque<(u16, Event)>,
    sequence: u16,
    lost: u32,
}

impl Events {
    pub(crate) fn new() -> Self {
        Self {
            pending: [None; 2],
            fifo: VecDeque::with_capacity(EVENT_DEPTH),
            sequence: 0,
            lost: 0,
        }
    }

    /// As after reset.
    pub(crate) fn reset(&mut self) {
        self.pending = [None; 2];
        self.fifo.clear();
        self.sequence = 0;
        self.lost = 0;
    }

    pub(crate) fn level(&self) -> usize {
        self.fifo.len()
    }

    pub(crate) fn lost(&self) -> u32 {
        self.lost
    }

    /// The head's words; 0 while the FIFO is empty.
    pub(crate) fn head(&self) -> Words {
        let mut words = [0; ROW_WORDS];
        if let Some((sequence, head)) = self.fifo.front() {
            event::SEQUENCE.set(&mut words, u64::from(*sequence));
            event::REASON.set(&mut words, head.reason.code().into());
            event::ENTITY.set(&mut words, head.entity.code().into());
            event::MAC.set(&mut words, head.source.to_u64());
            event::VLAN.set(&mut words, head.vlan.get().into());
            event::CHANNEL.set(&mut words, head.channel.bits().into());
            event::LINK.set(&mut words, head.link.into());
        }
        words
    }

    /// One clock: an event of each direction (encapsulate's first), and the number that software pops. Whether one was lost.
    #[inline]
    pub(crate) fn clock(&mut self, made: [Option<Event>; 2], pop: Option<u16>) -> bool {
        let taken = (self.fifo.len() < EVENT_DEPTH)
            .then(|| self.pending.iter().position(Option::is_some))
            .flatten()
            .and_then(|direction| self.pending[direction].take());
        if pop.is_some() && pop == self.fifo.front().map(|head| head.0) {
            self.fifo.pop_front();
        }
        if let Some(event) = taken {
            self.sequence = self.sequence.wrapping_add(1);
            self.fifo.push_back((self.sequence, event));
        }
        let mut lost = false;
        for (pending, made) in self.pending.iter_mut().zip(made) {
            if made.is_some() {
                if pending.is_none() {
                    *pending = made;
                } else {
                    self.lost = self.lost.wrapping_add(1);
                    lost = true;
                }
            }
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(port: u8) -> Option<Event> {
        Some(Event {
            reason: DropReason::SourceUnbound,
            entity: Entity::PortIn(port),
            source: MacAddr([2, 0, 0, 0, 0, port]),
            vlan: VlanId::default(),
            channel: Channel::default(),
            link: 0,
        })
    }

    #[test]
    fn events_of_both_directions_in_one_cycle_are_queued_encapsulate_first() {
        let mut events = Events::new();
        assert!(!events.clock([event(1), event(2)], None));
        assert_eq!(events.level(), 0);
        events.clock([None; 2], None);
        events.clock([None; 2], None);
        assert_eq!(events.level(), 2);
        assert_eq!(events.head()[1] & 0xFF, 1);
    }

    #[test]
    fn a_full_fifo_loses_and_counts_and_a_repeated_pop_is_harmless() {
        let mut events = Events::new();
        for _ in 0..EVENT_DEPTH + 1 {
            assert!(!events.clock([event(1), None], None));
        }
        assert_eq!(events.level(), EVENT_DEPTH);
        assert!(events.clock([event(1), None], None), "fifo and pending place are full");
        assert_eq!(events.lost(), 1);
        events.clock([None; 2], Some(1));
        events.clock([None; 2], Some(1));
        assert_eq!(events.level(), EVENT_DEPTH, "one off, the pending one on, nothing else off");
        assert_eq!(events.head()[0] & 0xFFFF, 2);
    }
}
