// SPDX-License-Identifier: MIT
//! The move of a port to another (link, channel), make before break: what leads to the port by its new place is written first,
//! the port's row switches in one clock, and what leads to it by its old place goes once the old link has drained.
//!
//! Between the two halves both places deliver, so a frame that is under way on either link arrives. How long a link takes to
//! drain the caller knows: the driver has no clock.

use vireo_spec::rows::{ChannelRow, PortRow};
use vireo_spec::tag::{Channel, ChannelUse};

use super::{Call, Operation, usage};
use crate::placement::Placed;
use crate::{BusError, Device, Error, RegisterBus};

/// A bus that takes everything and leads nowhere: a change of a hash table is tried on it, with a copy of the table.
struct Nowhere;

impl RegisterBus for Nowhere {
    fn read(&mut self, _: u16) -> Result<u32, BusError> {
        Ok(0)
    }

    fn write(&mut self, _: u16, _: u32) -> Result<(), BusError> {
        Ok(())
    }
}

impl<B: RegisterBus> Device<B> {
    /// Moves a port: [`Device::start_move`], `drain`, which is given the bus and returns when no frame for the port's old place
    /// can be under way any more, [`Device::finish_move`].
    ///
    /// # Errors
    /// Those of the two. A call that was interrupted may be repeated, and drains again.
    pub fn move_port(
        &mut self,
        port: u8,
        link: u8,
        channel: Channel,
        groups: &[Channel],
        drain: impl FnOnce(&mut B),
    ) -> Result<(), Error> {
        self.start_move(port, link, channel, groups)?;
        drain(&mut self.bus);
        self.finish_move(port)
    }

    /// The first half of a move, for a caller who does other things while the old link drains: leads `channel` of `link`, and
    /// at an extender the `groups` there, to the port, then lets the port's row name its new place, in one clock. Number, bindings
    /// and all else of the port stay. A port that has moved already is left as it is.
    ///
    /// At an extender, a port that is in the same flood group on both links gets what is flooded on both while they drain, and
    /// what it has flooded itself on the old one: only its own row's channel is pruned (docs/rules.md).
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::NotInitialized`], [`Error::NotCreated`], [`Error::WrongChannel`], [`Error::ChannelInUse`],
    /// [`Error::GroupAtBridge`] or [`Error::TableFull`] before anything is changed; [`Error::Interrupted`], after which the
    /// call may be repeated, or taken back with [`Device::finish_move`].
    pub fn start_move(
        &mut self,
        port: u8,
        link: u8,
        channel: Channel,
        groups: &[Channel],
    ) -> Result<(), Error> {
        let call = Call { operation: Operation::MovePort, port };
        self.link_exists(link)?;
        self.channels()?;
        let row = self.created(call)?;
        let mut leads = vec![call.before(self.lead(port, link, channel))?];
        for &group in groups {
            leads.push(call.before(self.group_row(port, link, group, true))?);
        }
        self.has_room(&leads)?;
        for lead in leads {
            call.before(self.add(lead))?;
        }
        if (row.link, row.channel) == (link, channel) {
            return Ok(());
        }
        self.commit_port(call, &PortRow { link, channel, ..row })
    }

    /// The second half of a move: takes away what leads to the port by any place but that which its row names, and its groups on
    /// other links. After a [`Device::start_move`] that failed before the port's row had switched, this takes it back.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::NotInitialized`] or [`Error::NotCreated`] before anything is changed, or
    /// [`Error::Interrupted`].
    pub fn finish_move(&mut self, port: u8) -> Result<(), Error> {
        let call = Call { operation: Operation::MovePort, port };
        self.channels()?;
        let found = call.after(self.port(port))?;
        if found == PortRow::default() {
            return Err(Error::NotCreated { port });
        }
        let family = call.after(self.link(found.link))?.family;
        let stays = |row: &ChannelRow| {
            row.link == found.link
                && (row.channel == found.channel
                    || usage(family, row.channel) == Some(ChannelUse::Group))
        };
        call.after(self.leave(port, |row| !stays(row)))
    }

    /// Whether all of these rows find place: where one does, [`ExactMatch::insert`](crate::ExactMatch) sees to it.
    fn has_room(&self, rows: &[ChannelRow]) -> Result<(), Error> {
        let channels = self.channels()?;
        if rows.iter().filter(|row| channels.get(row.key()).is_none()).count() > 1 {
            let mut trial = channels.clone();
            rows.iter().try_for_each(|&row| trial.insert(&mut Nowhere, row))?;
        }
        Ok(())
    }
}
