// SPDX-License-Identifier: MIT
//! The event FIFO: which source was refused where (docs/rules.md, "Events"; docs/pipeline.md, section 9).
//!
//! Without time a full FIFO loses the next event. The pipeline holds one more a direction in front of a full FIFO, so the
//! two agree for software that pops an event before seventeen are waiting.

use std::collections::VecDeque;

use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::fate::DropReason;
use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::registers::{self, EVENT_DEPTH};
use vireo_spec::table::Entity;
use vireo_spec::tag::Channel;

/// A refused source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    pub(super) reason: DropReason,
    /// Where the drop counted.
    pub(super) entity: Entity,
    pub(super) source: MacAddr,
    pub(super) vlan: VlanId,
    pub(super) link: u8,
    pub(super) channel: Channel,
}

#[derive(Clone, Copy, Debug)]
struct Numbered {
    sequence: u16,
    event: Event,
}

/// The FIFO and what it lost.
#[derive(Clone, Debug)]
pub(super) struct Events {
    /// A bit a drop reason, by code.
    pub(super) enabled: u32,
    fifo: VecDeque<Numbered>,
    /// Of the last event that came into the FIFO.
    sequence: u16,
    lost: u32,
    /// An event was lost since software last cleared this.
    pub(super) has_lost: bool,
}

impl Default for Events {
    fn default() -> Self {
        let fifo = VecDeque::with_capacity(EVENT_DEPTH);
        Self { enabled: 0, fifo, sequence: 0, lost: 0, has_lost: false }
    }
}

impl Events {
    /// Puts an event into the FIFO if its reason is enabled; a full FIFO loses it.
    pub(super) fn raise(&mut self, event: Event) {
        if self.enabled >> event.reason.code() & 1 == 0 {
            return;
        }
        if self.fifo.len() == EVENT_DEPTH {
            self.lost = self.lost.wrapping_add(1);
            self.has_lost = true;
            return;
        }
        self.sequence = self.sequence.wrapping_add(1);
        self.fifo.push_back(Numbered { sequence: self.sequence, event });
    }

    /// Takes the head off if that is its number; so a repeated pop is harmless.
    pub(super) fn pop(&mut self, sequence: u16) {
        if self.fifo.front().is_some_and(|head| head.sequence == sequence) {
            self.fifo.pop_front();
        }
    }

    /// Events in the FIFO.
    pub(super) fn level(&self) -> u32 {
        self.fifo.len() as u32
    }

    /// Events lost since reset; wraps.
    pub(super) fn lost(&self) -> u32 {
        self.lost
    }

    /// The head's words; zeros while the FIFO is empty.
    pub(super) fn head(&self) -> Words {
        use registers::event as f;
        let mut words = [0; ROW_WORDS];
        if let Some(Numbered { sequence, event }) = self.fifo.front() {
            f::SEQUENCE.set(&mut words, (*sequence).into());
            f::REASON.set(&mut words, event.reason.code().into());
            f::ENTITY.set(&mut words, event.entity.code().into());
            f::MAC.set(&mut words, event.source.to_u64());
            f::VLAN.set(&mut words, event.vlan.into());
            f::CHANNEL.set(&mut words, event.channel.bits().into());
            f::LINK.set(&mut words, event.link.into());
        }
        words
    }
}
