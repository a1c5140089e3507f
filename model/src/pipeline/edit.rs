// SPDX-License-Identifier: MIT
//! What `insert` and `remove` share: the verdict that they carry out, the cut at the maximum, and the count at a frame's end.

use vireo_spec::ether::{MacAddr, Priority, VlanId};
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::pins::{Beat, USER_BAD, USER_PRIORITY_LOW};
use vireo_spec::table::Entity;
use vireo_spec::tag::Channel;

use super::counters::Class;
use super::events::Event;
use super::flight::Slot;

/// Octets of a frame that counters can tell apart.
const OCTETS_SATURATE: u32 = 0xFFFF;

/// The octet behind which a tag stands.
pub(crate) const TAG_AT: usize = vireo_spec::ether::ADDRESSES_LEN;

/// Octets of the longest tag.
pub(crate) const LONGEST_TAG: usize = 8;

/// What was decided of a frame, as the edit carries it out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    /// Unless the frame's end shows it to be bad or too long.
    pub(crate) disposition: Disposition,
    /// `tdest`.
    pub(crate) dest: u128,
    /// `tid`.
    pub(crate) id: u8,
    pub(crate) priority: Priority,
    /// Octets of tag to insert or to remove.
    pub(crate) growth: u8,
    /// The tag to insert; zeros behind its end.
    pub(crate) tag: [u8; LONGEST_TAG],
    /// Octets of the longest frame, without the tag.
    pub(crate) maximum: u16,
    /// Where the frame entered.
    pub(crate) entered: Entity,
    /// The virtual port of a bridge's link that has a say in it, and what it counts there.
    pub(crate) at_port: Option<(Entity, Disposition)>,
    pub(crate) class: Class,
    pub(crate) source: MacAddr,
    pub(crate) vlan: VlanId,
    pub(crate) channel: Channel,
    pub(crate) link: u8,
}

impl Default for Verdict {
    fn default() -> Self {
        Self {
            disposition: Disposition::Dropped(DropReason::PortDisabled),
            dest: 0,
            id: 0,
            priority: Priority::default(),
            growth: 0,
            tag: [0; LONGEST_TAG],
            maximum: 0,
            entered: Entity::ControlIn,
            at_port: None,
            class: Class::default(),
            source: MacAddr::default(),
            vlan: VlanId::default(),
            channel: Channel::default(),
            link: 0,
        }
    }
}

impl Verdict {
    /// Whether the frame leaves, good or bad.
    #[inline]
    pub(crate) fn leaves(&self) -> bool {
        matches!(self.disposition, Disposition::Forwarded | Disposition::Control)
    }
}

/// A frame's last beat stands at the edit: what it came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    pub(crate) disposition: Disposition,
    /// As the frame entered.
    pub(crate) octets: u32,
}

/// Where an edit is in its frame.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) verdict: Verdict,
    octets: u32,
}

impl Progress {
    /// A frame's first beat stands at the edit.
    #[inline]
    pub(crate) fn begin(&mut self, verdict: &Verdict) {
        self.verdict = *verdict;
        self.octets = 0;
    }

    /// A beat stands at the edit; `removed`: octets of tag that do not count towards the maximum.
    #[inline]
    pub(crate) fn count(&mut self, slot: Slot, removed: u8) -> Option<Ending> {
        self.octets = (self.octets + u32::from(slot.octets)).min(OCTETS_SATURATE);
        slot.last.then(|| {
            let oversize = self.octets.saturating_sub(removed.into()) > self.verdict.maximum.into();
            let disposition = match self.verdict.disposition {
                Disposition::Forwarded | Disposition::Control if oversize => {
                    Disposition::Dropped(DropReason::Oversize)
                }
                Disposition::Forwarded | Disposition::Control if slot.bad => {
                    Disposition::Dropped(DropReason::FrameError)
                }
                disposition => disposition,
            };
            Ending { disposition, octets: self.octets }
        })
    }

    /// What an event says of the frame, if it was dropped.
    #[inline]
    pub(crate) fn event(&self, ending: &Ending) -> Option<Event> {
        let (entity, disposition) = match (ending.disposition, self.verdict.at_port) {
            (Disposition::AtPort, Some(at_port)) => at_port,
            (disposition, _) => (self.verdict.entered, disposition),
        };
        let Disposition::Dropped(reason) = disposition else { return None };
        Some(Event {
            reason,
            entity,
            source: self.verdict.source,
            vlan: self.verdict.vlan,
            channel: self.verdict.channel,
            link: self.verdict.link,
        })
    }
}

/// A register that a beat out goes through, or a bubble.
#[derive(Debug, Default)]
struct Step {
    beat: Beat,
    valid: bool,
}

/// The two registers that beats out go through, with the cut at the maximum in front of them.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// Octets moved, and octets merged. They take turns, so that a clock copies no data.
    steps: [Step; 2],
    /// Which one holds octets moved: the clock before put its beat there.
    moved: usize,
    left: u32,
    done: bool,
}

impl Output {
    /// The beat of two clocks ago, which the outlet may take in this cycle.
    #[inline]
    pub(crate) fn beat(&self) -> Option<&Beat> {
        let merged = &self.steps[1 - self.moved];
        merged.valid.then_some(&merged.beat)
    }

    /// A clock begins, in which one beat is [emitted](Self::emit), or a [bubble](Self::bubble).
    #[inline]
    pub(crate) fn clock(&mut self) {
        self.moved = 1 - self.moved;
    }

    /// A clock without a beat out.
    #[inline]
    pub(crate) fn bubble(&mut self) {
        self.steps[self.moved].valid = false;
    }

    /// The next beat out is the first of a frame that may be `left` octets long as it leaves.
    #[inline]
    pub(crate) fn begin(&mut self, left: u32) {
        self.left = left;
        self.done = false;
    }

    /// Where the next beat out is put together, zeros behind its octets; then it is [emitted](Self::emit).
    #[inline]
    pub(crate) fn data<const K: usize>(&mut self) -> &mut [u8; K] {
        self.steps[self.moved].beat.data.first_chunk_mut().expect("no beat is wider than the pins")
    }

    /// A clock with a beat out, of `octets` octets. Behind a cut it is swallowed.
    #[inline]
    pub(crate) fn emit(&mut self, octets: usize, last: bool, bad: bool, verdict: &Verdict) {
        let Step { beat, valid } = &mut self.steps[self.moved];
        *valid = !self.done;
        if self.done {
            return;
        }
        let left = self.left as usize;
        let cut = octets > left || (!last && octets >= left);
        let octets = if cut { left } else { octets };
        if cut {
            beat.data[octets..].fill(0);
        }
        self.left -= octets as u32;
        self.done = cut;
        beat.keep = if octets == 0 { 0 } else { u64::MAX >> (64 - octets) };
        beat.last = last || cut;
        beat.user = (u16::from(cut || (last && bad)) * USER_BAD)
            | (u16::from(verdict.priority.code()) << USER_PRIORITY_LOW);
        beat.id = verdict.id;
        beat.dest = verdict.dest;
    }
}
