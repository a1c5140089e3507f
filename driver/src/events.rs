// SPDX-License-Identifier: MIT
//! Events: which source was refused where, from the machine's FIFO.
//!
//! An event is taken off the FIFO by its sequence number, so that a repeated access never takes the next one
//! (docs/pipeline.md, section 9).

use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::fate::DropReason;
use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::registers::{self as map, event as f};
use vireo_spec::table::Entity;
use vireo_spec::tag::Channel;

use crate::{Device, Error, RegisterBus};

/// A frame that was dropped for a reason that makes events (docs/rules.md, Events).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The event's number: from 1 after reset, wraps at 16 bits. Lost events have none.
    pub sequence: u16,
    /// Why the frame was dropped.
    pub reason: DropReason,
    /// Where the drop counted.
    pub entity: Entity,
    /// The frame's source address.
    pub mac: MacAddr,
    /// The frame's VLAN, or the port's pvid.
    pub vlan: VlanId,
    /// The channel, on `link`.
    pub channel: Channel,
    /// The link.
    pub link: u8,
}

/// The FIFO's head as it was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head(Words);

impl Head {
    fn event(&self) -> Result<Event, Error> {
        let sequence = f::SEQUENCE.get(&self.0) as u16;
        let (reason, entity) = (f::REASON.get(&self.0) as u8, f::ENTITY.get(&self.0) as u16);
        let known = DropReason::ALL.get(usize::from(reason)).zip(Entity::from_code(entity));
        let (&reason, entity) = known.ok_or(Error::UnknownEvent { sequence, reason, entity })?;
        Ok(Event {
            sequence,
            reason,
            entity,
            mac: MacAddr::from_u64(f::MAC.get(&self.0))?,
            vlan: VlanId::try_from(f::VLAN.get(&self.0))?,
            channel: Channel::from_bits(f::CHANNEL.get(&self.0) as u32)?,
            link: f::LINK.get(&self.0) as u8,
        })
    }
}

impl<B: RegisterBus> Device<B> {
    /// Takes the oldest event off the FIFO; `None` if there is none. After a bus error the repeated call gives the same event.
    ///
    /// # Errors
    /// [`Error::Bus`], or [`Error::UnknownEvent`] after that event was taken off.
    pub fn next_event(&mut self) -> Result<Option<Event>, Error> {
        let head = match self.head {
            Some(head) => head,
            None if self.bus.read(map::EVENT_LEVEL.address)? == 0 => return Ok(None),
            None => {
                let mut words = [0; ROW_WORDS];
                for (index, word) in words.iter_mut().take(map::EVENT.count.into()).enumerate() {
                    *word = self.bus.read(map::EVENT.nth(index))?;
                }
                *self.head.insert(Head(words))
            }
        };
        self.bus.write(map::EVENT_POP.address, f::SEQUENCE.get(&head.0) as u32)?;
        self.head = None;
        head.event().map(Some)
    }

    /// Sets which drops make events; all others make none.
    ///
    /// # Errors
    /// [`Error::Bus`].
    pub fn set_event_reasons(
        &mut self,
        reasons: impl IntoIterator<Item = DropReason>,
    ) -> Result<(), Error> {
        let bits = reasons.into_iter().fold(0, |bits, reason| bits | 1 << reason.code());
        let value = map::event_enable::REASONS.at(bits);
        Ok(self.bus.write(map::EVENT_ENABLE.address, value)?)
    }

    /// Events lost since reset because the FIFO was full; wraps.
    ///
    /// # Errors
    /// [`Error::Bus`].
    pub fn events_lost(&mut self) -> Result<u32, Error> {
        Ok(self.bus.read(map::EVENT_LOST.address)?)
    }
}
