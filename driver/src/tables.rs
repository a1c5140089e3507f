// SPDX-License-Identifier: MIT
//! The tables: links, ports, groups, channels and VLANs as typed rows, and any row as words.
//!
//! Every index and value is checked against the machine's geometry before the first access, since the machine itself would
//! ignore the bits above.

use vireo_spec::ether::{RangeError, VlanId};
use vireo_spec::field::{Field, ROW_WORDS, Words};
use vireo_spec::ports::PortSet;
use vireo_spec::registers as map;
use vireo_spec::rows::{self, BindingRow, ChannelRow, GroupRow, LinkRow, PortRow};
use vireo_spec::table::Table;
use vireo_spec::tag::Channel;

use crate::access::Place;
use crate::device::PlacedTables;
use crate::{Device, Error, ExactMatch, RegisterBus};

fn below(what: &'static str, index: impl Into<usize>, count: usize) -> Result<(), Error> {
    let index = index.into();
    if index < count { Ok(()) } else { Err(Error::NoSuch { what, index, count }) }
}

pub(crate) fn fits(field: Field, found: u16) -> Result<(), Error> {
    let (found, max) = (u64::from(found), field.max());
    if found <= max { Ok(()) } else { Err(RangeError { field: field.name, max, found }.into()) }
}

/// A row of table vlan.
pub(crate) fn vlan_words(ports: PortSet) -> Words {
    let mut words = [0; ROW_WORDS];
    rows::vlan::PORTS.set(&mut words, ports.bits());
    words
}

impl<B: RegisterBus> Device<B> {
    fn place(&self, table: Table, way: u8, row: u16) -> Result<Place, Error> {
        below("way", way, table.ways())?;
        below(table.name(), row, table.rows(&self.geometry))?;
        Ok(Place { table, way, row })
    }

    fn writable(&self, table: Table, way: u8, row: u16) -> Result<Place, Error> {
        if table.is_counter() {
            return Err(Error::CounterIsReadOnly { table });
        }
        self.place(table, way, row)
    }

    pub(crate) fn link_exists(&self, link: u8) -> Result<(), Error> {
        below("link", link, self.geometry.links())
    }

    pub(crate) fn port_exists(&self, port: u8) -> Result<(), Error> {
        below("port", port, self.geometry.ports())
    }

    pub(crate) fn ports_exist(&self, ports: PortSet) -> Result<(), Error> {
        ports.iter().try_for_each(|port| below("port", port, self.geometry.ports()))
    }

    /// Fetches a row as words (`way` 0 where the table has one). Words that its fields do not reach are 0.
    ///
    /// # Errors
    /// [`Error::NoSuch`] before any access, or [`Error::Bus`].
    pub fn read_row(&mut self, table: Table, way: u8, row: u16) -> Result<Words, Error> {
        Ok(self.place(table, way, row)?.read(&mut self.bus)?)
    }

    /// Commits `words` as a row, in one clock of the machine. Rows of the hash tables are for [`Device::add_channel`] and
    /// [`Device::bind`]: the driver's copy does not learn of one that is written here.
    ///
    /// # Errors
    /// [`Error::NoSuch`] or [`Error::CounterIsReadOnly`] before any access, or [`Error::Bus`].
    pub fn write_row(
        &mut self,
        table: Table,
        way: u8,
        row: u16,
        words: &Words,
    ) -> Result<(), Error> {
        let place = self.writable(table, way, row)?;
        if table == Table::Vlan {
            self.may_admit(VlanId::from_tci(row));
        }
        Ok(place.write(&mut self.bus, words)?)
    }

    /// Makes a row zeros, in one clock of the machine; else as [`Device::write_row`].
    ///
    /// # Errors
    /// As [`Device::write_row`].
    pub fn clear_row(&mut self, table: Table, way: u8, row: u16) -> Result<(), Error> {
        Ok(self.writable(table, way, row)?.clear(&mut self.bus)?)
    }

    /// Reads a link's row.
    ///
    /// # Errors
    /// [`Error::NoSuch`] before any access, or [`Error::Bus`].
    pub fn link(&mut self, link: u8) -> Result<LinkRow, Error> {
        self.link_exists(link)?;
        Ok(LinkRow::unpack(self.bus.read(map::LINK.nth(link.into()))?))
    }

    /// Sets a link's row.
    ///
    /// # Errors
    /// [`Error::NoSuch`] or [`Error::Range`] before any access, or [`Error::Bus`].
    pub fn set_link(&mut self, link: u8, row: &LinkRow) -> Result<(), Error> {
        self.link_exists(link)?;
        fits(map::link::MAXIMUM, row.maximum)?;
        Ok(self.bus.write(map::LINK.nth(link.into()), row.pack())?)
    }

    /// Reads a port's row.
    ///
    /// # Errors
    /// [`Error::NoSuch`] before any access, or [`Error::Bus`].
    pub fn port(&mut self, port: u8) -> Result<PortRow, Error> {
        Ok(PortRow::unpack(&self.read_row(Table::Port, 0, port.into())?))
    }

    /// Sets a port's row, in one clock of the machine.
    ///
    /// # Errors
    /// [`Error::NoSuch`] or [`Error::Range`] before any access, or [`Error::Bus`].
    pub fn set_port(&mut self, port: u8, row: &PortRow) -> Result<(), Error> {
        self.port_row_fits(port, row)?;
        self.write_row(Table::Port, 0, port.into(), &row.pack())
    }

    pub(crate) fn port_row_fits(&self, port: u8, row: &PortRow) -> Result<(), Error> {
        self.port_exists(port)?;
        self.link_exists(row.link)?;
        fits(rows::port::MAXIMUM, row.maximum)
    }

    /// Reads a group's row.
    ///
    /// # Errors
    /// [`Error::NoSuch`] before any access, or [`Error::Bus`].
    pub fn group(&mut self, group: u8) -> Result<GroupRow, Error> {
        Ok(GroupRow::unpack(&self.read_row(Table::Group, 0, group.into())?))
    }

    /// Sets a group's row, in one clock of the machine.
    ///
    /// # Errors
    /// [`Error::NoSuch`] before any access, or [`Error::Bus`].
    pub fn set_group(&mut self, group: u8, row: &GroupRow) -> Result<(), Error> {
        self.link_exists(row.link)?;
        self.write_row(Table::Group, 0, group.into(), &row.pack())
    }

    /// Reads which ports admit any individual source in `vlan`.
    ///
    /// # Errors
    /// [`Error::Bus`].
    pub fn vlan(&mut self, vlan: VlanId) -> Result<PortSet, Error> {
        let words = self.read_row(Table::Vlan, 0, vlan.get())?;
        Ok(PortSet::from_bits(rows::vlan::PORTS.get(&words)))
    }

    /// Sets which ports admit any individual source in `vlan`.
    ///
    /// # Errors
    /// [`Error::NoSuch`] before any access, or [`Error::Bus`].
    pub fn set_vlan(&mut self, vlan: VlanId, ports: PortSet) -> Result<(), Error> {
        self.ports_exist(ports)?;
        self.write_row(Table::Vlan, 0, vlan.get(), &vlan_words(ports))
    }

    /// Remembers that a VLAN's row may name a port from now on.
    pub(crate) fn may_admit(&mut self, vlan: VlanId) {
        let admitting = self.placed.as_mut().and_then(|placed| placed.admitting.as_mut());
        admitting.map(|known| known.insert(vlan));
    }

    /// The driver's copy of the channel table.
    ///
    /// # Errors
    /// [`Error::NotInitialized`].
    pub fn channels(&self) -> Result<&ExactMatch<ChannelRow>, Error> {
        self.placed.as_ref().map(|placed| &placed.channels).ok_or(Error::NotInitialized)
    }

    /// The driver's copy of the binding table: bindings with a MAC address.
    ///
    /// # Errors
    /// [`Error::NotInitialized`].
    pub fn bindings(&self) -> Result<&ExactMatch<BindingRow>, Error> {
        self.placed.as_ref().map(|placed| &placed.bindings).ok_or(Error::NotInitialized)
    }

    pub(crate) fn placed(&mut self) -> Result<(&mut PlacedTables, &mut B), Error> {
        Ok((self.placed.as_mut().ok_or(Error::NotInitialized)?, &mut self.bus))
    }

    /// Lets what arrives on `channel` of `link` leave by `members` (at a bridge, one virtual port). A channel that exists gets
    /// these members in one clock; making room for a new one, no frame of another channel misses its row.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::NotInitialized`] or [`Error::TableFull`] before anything is changed, or [`Error::Bus`].
    pub fn add_channel(
        &mut self,
        link: u8,
        channel: Channel,
        members: PortSet,
    ) -> Result<(), Error> {
        self.link_exists(link)?;
        self.ports_exist(members)?;
        let (placed, bus) = self.placed()?;
        placed.channels.insert(bus, ChannelRow { link, channel, members })
    }

    /// Takes `channel` off `link`, if it is there.
    ///
    /// # Errors
    /// [`Error::NoSuch`] or [`Error::NotInitialized`] before any access, or [`Error::Bus`].
    pub fn remove_channel(&mut self, link: u8, channel: Channel) -> Result<(), Error> {
        self.link_exists(link)?;
        let (placed, bus) = self.placed()?;
        Ok(placed.channels.remove(bus, ChannelRow::key(link, channel))?)
    }
}
