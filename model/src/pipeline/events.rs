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

/// Events of one direction on their way into the FIFO.
#[derive(Debug, Default)]
struct Source {
    /// Of the drop of a clock ago: whether software asked for its reason is looked at.
    made: Option<Event>,
    /// It did.
    enabled: Option<Event>,
    pending: Option<Event>,
    /// A clock ago an event found `pending` full.
    lost: bool,
}

impl Source {
    /// One clock. `taken`: the pending event goes into the FIFO.
    #[inline]
    fn clock(&mut self, made: Option<Event>, event_enable: u32, taken: bool) {
        if taken {
            self.pending = None;
        }
        let arriving = self.enabled.take();
        self.lost = arriving.is_some() && self.pending.is_some();
        if !self.lost && arriving.is_some() {
            self.pending = arriving;
        }
        self.enabled = self.made.filter(|event| event_enable >> event.reason.code() & 1 == 1);
        self.made = made;
    }
}

/// Both directions' sources and the FIFO.
#[derive(Debug)]
pub(crate) struct Events {
    /// Encapsulate's first.
    sources: [Source; 2],
    /// The head goes: its number was written a clock ago.
    popping: bool,
    fifo: VecDeque<(u16, Event)>,
    sequence: u16,
    lost: u32,
}

impl Events {
    pub(crate) fn new() -> Self {
        Self {
            sources: Default::default(),
            popping: false,
            fifo: VecDeque::with_capacity(EVENT_DEPTH),
            sequence: 0,
            lost: 0,
        }
    }

    /// As after reset.
    pub(crate) fn reset(&mut self) {
        self.sources = Default::default();
        self.popping = false;
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

    /// One clock: a drop of each direction (encapsulate's first), a bit for each reason that software asked for, and the
    /// number that it pops. Whether a loss counts at the end of this cycle.
    #[inline]
    pub(crate) fn clock(
        &mut self,
        made: [Option<Event>; 2],
        event_enable: u32,
        pop: Option<u16>,
    ) -> bool {
        let lost = self.sources.iter().filter(|source| source.lost).count() as u32;
        self.lost = self.lost.wrapping_add(lost);
        let room = self.fifo.len() < EVENT_DEPTH;
        let taken = self.sources.iter().position(|source| source.pending.is_some() && room);
        let head = self.fifo.front().map(|head| head.0);
        if self.popping {
            self.fifo.pop_front();
        }
        self.popping = pop.is_some() && pop == head;
        if let Some(event) = taken.and_then(|direction| self.sources[direction].pending) {
            self.sequence = self.sequence.wrapping_add(1);
            self.fifo.push_back((self.sequence, event));
        }
        for (direction, (source, made)) in self.sources.iter_mut().zip(made).enumerate() {
            source.clock(made, event_enable, taken == Some(direction));
        }
        lost > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: u32 = u32::MAX;

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
        assert!(!events.clock([event(1), event(2)], ALL, None));
        for level in [0, 0, 1, 2] {
            events.clock([None; 2], ALL, None);
            assert_eq!(events.level(), level);
        }
        assert_eq!(events.head()[1] & 0xFF, 1);
    }

    #[test]
    fn a_reason_counts_as_enabled_by_what_stands_a_clock_behind_the_drop() {
        for (enables, level) in [([0, ALL, 0], 1), ([ALL, 0, ALL], 0)] {
            let mut events = Events::new();
            events.clock([event(1), None], enables[0], None);
            for enable in [enables[1], enables[2], 0] {
                events.clock([None; 2], enable, None);
            }
            assert_eq!(events.level(), level, "{enables:?}");
        }
    }

    #[test]
    fn a_full_fifo_loses_and_counts_and_a_repeated_pop_is_harmless() {
        let mut events = Events::new();
        for _ in 0..EVENT_DEPTH + 2 {
            assert!(!events.clock([event(1), None], ALL, None));
        }
        assert!(!events.clock([None; 2], ALL, None));
        assert!(!events.clock([None; 2], ALL, None), "fifo and pending place are full");
        assert_eq!(events.level(), EVENT_DEPTH);
        assert!(events.clock([None; 2], ALL, None), "the last one is lost");
        assert_eq!(events.lost(), 1);
        events.clock([None; 2], ALL, Some(1));
        assert_eq!(events.level(), EVENT_DEPTH, "the head goes a clock behind the write");
        events.clock([None; 2], ALL, None);
        assert_eq!(events.level(), EVENT_DEPTH - 1);
        events.clock([None; 2], ALL, Some(1));
        events.clock([None; 2], ALL, None);
        assert_eq!(events.level(), EVENT_DEPTH, "the pending one on, nothing else off");
        assert_eq!(events.head()[0] & 0xFFFF, 2);
    }
}
