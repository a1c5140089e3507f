// SPDX-License-Identifier: MIT
//! Groups of a port: at an extender, the channels on its own link that lead to several ports.

use vireo_spec::rows::ChannelRow;
use vireo_spec::tag::Channel;

use super::{Call, Operation};
use crate::placement::Placed;
use crate::{Device, Error, RegisterBus};

impl<B: RegisterBus> Device<B> {
    /// Gives a port the frames of the group with this channel on the port's link. The group's row changes in one clock; the first
    /// member makes it.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::NotInitialized`], [`Error::NotCreated`], [`Error::WrongChannel`], [`Error::GroupAtBridge`] or
    /// [`Error::TableFull`] before anything is changed, or [`Error::Interrupted`].
    pub fn join_group(&mut self, port: u8, group: Channel) -> Result<(), Error> {
        self.set_member(Call { operation: Operation::JoinGroup, port }, group, true)
    }

    /// Takes a port out of such a group, if it is in it; the last member takes the group's row away.
    ///
    /// # Errors
    /// As [`Device::join_group`].
    pub fn leave_group(&mut self, port: u8, group: Channel) -> Result<(), Error> {
        self.set_member(Call { operation: Operation::LeaveGroup, port }, group, false)
    }

    fn set_member(&mut self, call: Call, group: Channel, member: bool) -> Result<(), Error> {
        self.port_exists(call.port)?;
        self.channels()?;
        let link = self.created(call)?.link;
        let row = call.before(self.group_row(call.port, link, group, member))?;
        let (placed, bus) = self.placed()?;
        call.commit_placed(&mut placed.channels, bus, |channels, bus| {
            let key = ChannelRow::key(link, group);
            if row.members.is_empty() {
                Ok(channels.remove(bus, key)?)
            } else if channels.get(row.key()) == Some(&row) {
                Ok(())
            } else {
                channels.insert(bus, row)
            }
        })
    }
}
