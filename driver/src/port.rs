// SPDX-License-Identifier: MIT
//! The life of a port: created, enabled, bound, in and out of groups, moved, deleted.
//!
//! **One row decides.** Each operation checks everything before it changes anything, then writes what no frame meets yet, then
//! the one row that makes the change, in one clock, then takes away what no frame meets any more. So a bus that fails leaves
//! the old state or the new one for frames, and what else it leaves is found again in the tables themselves by the call that
//! is repeated: nothing has to be remembered, not even by the same driver.

mod bindings;
mod groups;
mod interrupted;
mod moving;

pub(crate) use interrupted::advice;
pub use interrupted::{Operation, Progress};

use vireo_spec::field::Words;
use vireo_spec::registers::OP;
use vireo_spec::rows::{ChannelRow, PortRow};
use vireo_spec::table::Table;
use vireo_spec::tag::{Channel, ChannelUse, Role, TagFamily};

use crate::access::Place;
use crate::placement::{ExactMatch, Placed};
use crate::{BusError, Device, Error, RegisterBus};

/// A call about a port, for the error that says how far it came.
#[derive(Clone, Copy, Debug)]
struct Call {
    operation: Operation,
    port: u8,
}

impl Call {
    /// What an error of the bus means when the machine is known to be that far.
    fn at(self, progress: Progress) -> impl Fn(Error) -> Error {
        let Self { operation, port } = self;
        move |error| match error {
            Error::Bus(source) => Error::Interrupted { operation, port, progress, source },
            other => other,
        }
    }

    fn before<T>(self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(self.at(Progress::Before))
    }

    fn after<T>(self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(self.at(Progress::After))
    }

    /// Writes the row that decides. If nobody answers, the machine is asked whether it has it.
    fn commit(self, bus: &mut impl RegisterBus, place: Place, words: &Words) -> Result<(), Error> {
        place.write(bus, words).map_err(|source| {
            let progress = match decides(&source).then(|| place.read(bus)) {
                Some(Ok(found)) if found == *words => Progress::After,
                Some(Err(_)) => Progress::Unknown,
                _ => Progress::Before,
            };
            self.at(progress)(source.into())
        })
    }

    /// Makes the change of a hash table that decides. If it fails, the table goes back to what the driver's copy says.
    fn commit_placed<R: Placed, B: RegisterBus>(
        self,
        table: &mut ExactMatch<R>,
        bus: &mut B,
        change: impl FnOnce(&mut ExactMatch<R>, &mut B) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.before(table.settle(bus, None).map_err(Error::Bus))?;
        change(table, bus).map_err(|error| {
            let doubtful = matches!(&error, Error::Bus(source) if decides(source));
            let undone = table.settle(bus, None).is_ok();
            self.at(if doubtful && !undone { Progress::Unknown } else { Progress::Before })(error)
        })
    }
}

/// Whether a row may be in the machine though writing it failed.
fn decides(source: &BusError) -> bool {
    source.address == OP.address && source.may_have_had_effect()
}

/// What `channel` names on a link of `family`; `None` if nothing that a tag can carry.
fn usage(family: TagFamily, channel: Channel) -> Option<ChannelUse> {
    let (number, extension) = match family {
        TagFamily::ETag => (channel.ecid().to_word().into(), channel.ecid().ext()),
        TagFamily::VnTag => (channel.vif().get().into(), 0),
        TagFamily::STag => (channel.bits(), 0),
    };
    let is = |group| Channel::from_config(family, number, extension, group) == Ok(channel);
    if is(false) {
        Some(ChannelUse::Port)
    } else if is(true) {
        Some(ChannelUse::Group)
    } else {
        None
    }
}

impl<B: RegisterBus> Device<B> {
    /// Makes a port of `row`, not enabled whatever the row says, and the channel that leads to it. It starts bare: in no group
    /// and without bindings, whatever an earlier port of this number has left. A port that is just so already stays as it is.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::Range`], [`Error::NotInitialized`], [`Error::WrongChannel`], [`Error::ChannelInUse`],
    /// [`Error::PortExists`] or [`Error::TableFull`] before anything is changed; [`Error::Interrupted`], after which the call
    /// may be repeated, or taken back with [`Device::delete_port`].
    pub fn create_port(&mut self, port: u8, row: &PortRow) -> Result<(), Error> {
        let call = Call { operation: Operation::CreatePort, port };
        let row = PortRow { enabled: false, ..*row };
        self.port_row_fits(port, &row)?;
        self.channels()?;
        let found = call.before(self.port(port))?;
        if found != PortRow::default() && found != row {
            return Err(Error::PortExists { port, link: found.link, channel: found.channel });
        }
        let leads = call.before(self.lead(port, row.link, row.channel))?;
        call.before(self.add(leads))?;
        if found != row {
            call.before(self.leave(port, |at| (at.link, at.channel) != (row.link, row.channel)))?;
            call.before(self.unbind_all(port))?;
            self.commit_port(call, &row)?;
        }
        Ok(())
    }

    /// Lets frames enter and leave by a port that was created.
    ///
    /// # Errors
    /// [`Error::NoSuch`] or [`Error::NotCreated`] before anything is changed, or [`Error::Interrupted`].
    pub fn enable_port(&mut self, port: u8) -> Result<(), Error> {
        self.set_enabled(Call { operation: Operation::EnablePort, port }, true)
    }

    /// Lets no frame enter or leave by a port; it keeps its channel, groups and bindings.
    ///
    /// # Errors
    /// As [`Device::enable_port`].
    pub fn disable_port(&mut self, port: u8) -> Result<(), Error> {
        self.set_enabled(Call { operation: Operation::DisablePort, port }, false)
    }

    fn set_enabled(&mut self, call: Call, enabled: bool) -> Result<(), Error> {
        let row = self.created(call)?;
        if row.enabled == enabled {
            Ok(())
        } else {
            self.commit_port(call, &PortRow { enabled, ..row })
        }
    }

    /// Takes a port away in one clock, then its bindings, its places in groups and its channel, which no frame meets any more. Of a
    /// port that is not there it takes away what is left.
    ///
    /// # Errors
    /// [`Error::NoSuch`] or [`Error::NotInitialized`] before anything is changed, or [`Error::Interrupted`].
    pub fn delete_port(&mut self, port: u8) -> Result<(), Error> {
        let call = Call { operation: Operation::DeletePort, port };
        self.port_exists(port)?;
        self.channels()?;
        if call.before(self.port(port))? != PortRow::default() {
            self.commit_port(call, &PortRow::default())?;
        }
        call.after(self.unbind_all(port))?;
        call.after(self.leave(port, |_| true))
    }

    fn commit_port(&mut self, call: Call, row: &PortRow) -> Result<(), Error> {
        let place = Place { table: Table::Port, way: 0, row: call.port.into() };
        call.commit(&mut self.bus, place, &row.pack())
    }

    /// The row of a port that exists.
    fn created(&mut self, call: Call) -> Result<PortRow, Error> {
        let Call { port, .. } = call;
        let row = call.before(self.port(port))?;
        if row == PortRow::default() { Err(Error::NotCreated { port }) } else { Ok(row) }
    }

    /// The row that leads from a channel to `port` alone, once it is sure that this can be.
    fn lead(&mut self, port: u8, link: u8, channel: Channel) -> Result<ChannelRow, Error> {
        let family = self.link(link)?.family;
        if usage(family, channel) != Some(ChannelUse::Port) {
            return Err(Error::WrongChannel { link, family, channel, expected: ChannelUse::Port });
        }
        let members = [usize::from(port)].into_iter().collect();
        let others = |row: &&ChannelRow| row.members.iter().find(|&member| member != port.into());
        let found = self.channels()?.get(ChannelRow::key(link, channel));
        match found.as_ref().and_then(others) {
            Some(user) => Err(Error::ChannelInUse { link, channel, user }),
            None => Ok(ChannelRow { link, channel, members }),
        }
    }

    /// The row of a group's channel with `port` among its members, or not, once it is sure that this can be.
    fn group_row(
        &mut self,
        port: u8,
        link: u8,
        channel: Channel,
        member: bool,
    ) -> Result<ChannelRow, Error> {
        let row = self.link(link)?;
        if row.role == Role::Bridge {
            return Err(Error::GroupAtBridge { link });
        }
        if usage(row.family, channel) != Some(ChannelUse::Group) {
            let (family, expected) = (row.family, ChannelUse::Group);
            return Err(Error::WrongChannel { link, family, channel, expected });
        }
        let found = self.channels()?.get(ChannelRow::key(link, channel));
        let mut members = found.map(|row| row.members).unwrap_or_default();
        members.set(port.into(), member);
        Ok(ChannelRow { link, channel, members })
    }

    /// Puts a channel's row in, unless it is there.
    fn add(&mut self, row: ChannelRow) -> Result<(), Error> {
        let (placed, bus) = self.placed()?;
        if placed.channels.get(row.key()) == Some(&row) {
            return Ok(());
        }
        placed.channels.insert(bus, row)
    }

    /// Takes a port out of the channels' rows that `goes` says.
    fn leave(&mut self, port: u8, goes: impl Fn(&ChannelRow) -> bool) -> Result<(), Error> {
        let is_in = |row: &&ChannelRow| row.members.contains(port.into()) && goes(row);
        let found: Vec<_> = self.channels()?.iter().filter(is_in).copied().collect();
        let (placed, bus) = self.placed()?;
        placed.channels.settle(bus, None)?;
        for ChannelRow { link, channel, mut members } in found {
            members.set(port.into(), false);
            if members.is_empty() {
                placed.channels.remove(bus, ChannelRow::key(link, channel))?;
            } else {
                placed.channels.insert(bus, ChannelRow { link, channel, members })?;
            }
        }
        Ok(())
    }
}
