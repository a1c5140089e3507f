// SPDX-License-Identifier: MIT
//! From what a machine says to what it should say: only rows that differ are written, in an order in which each frame is
//! treated as before or as wanted, or is dropped where the two differ; never as neither would.
//!
//! 1. Strays are cleared; no lookup found them. Links and groups that are to be disabled are, as are those whose change would mix
//!    with that of other rows.
//! 2. What of bindings, VLANs and channels must not meet a port's new row goes (`steps`).
//! 3. Rows of ports that are to be enabled.
//! 4. Bindings, VLANs and channels come.
//! 5. Ports that are to be disabled, and then what belonged to them.
//! 6. Groups and links that are to be enabled, or that changed.

use std::collections::BTreeSet;

use vireo_spec::geometry::VLAN_ROWS;
use vireo_spec::registers::{self as map, LINK, OP};
use vireo_spec::rows::{self, BindingRow, ChannelRow, GroupRow, LinkRow};
use vireo_spec::table::{Command, Table};

use crate::access::Place;
use crate::device::PlacedTables;
use crate::placement::{ExactMatch, Placed};
use crate::steps::{Passage, Steps};
use crate::tables::{fits, vlan_words};
use crate::{BusError, Device, Error, RegisterBus, State};

/// What [`Device::reconcile`] did, in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Read, to be compared. The hash tables are compared with the driver's copy.
    pub read: usize,
    /// Written, those included that had to move.
    pub written: usize,
    /// Cleared: strays, rows that are not wanted, and places that a row has left.
    pub cleared: usize,
}

impl<B: RegisterBus> Device<B> {
    /// Brings the machine from what it says to `wanted`, and clears strays. On a machine that says so already it writes nothing.
    ///
    /// No frame is delivered as neither state would: see the order in this module's description. A table that has no room for
    /// new rows beside those that go loses these first.
    ///
    /// # Errors
    /// [`Error::WrongSize`], [`Error::NoSuch`], [`Error::Range`] or [`Error::NotInitialized`] before any access.
    /// [`Error::TableFull`] or [`Error::Bus`] on the way: a repeated call goes on from there.
    pub fn reconcile(&mut self, wanted: &State) -> Result<Repaired, Error> {
        self.can_say(wanted)?;
        let old = self.state()?;
        let read = old.links.len() + old.ports.len() + old.groups.len() + VLAN_ROWS;
        let repaired = Repaired { read, ..Repaired::default() };
        let tables = self.placed.as_mut().ok_or(Error::NotInitialized)?;
        let mut repair = Repair { bus: Tally { bus: &mut self.bus, repaired }, tables };
        repair.run(&old, wanted)?;
        Ok(repair.bus.repaired)
    }

    /// Whether the machine has what a state speaks of.
    fn can_say(&self, state: &State) -> Result<(), Error> {
        let size = self.geometry();
        for (what, expected, found) in [
            ("link", size.links(), state.links.len()),
            ("port", size.ports(), state.ports.len()),
            ("group", size.groups(), state.groups.len()),
        ] {
            if expected != found {
                return Err(Error::WrongSize { what, expected, found });
            }
        }
        state.links.iter().try_for_each(|row| fits(map::link::MAXIMUM, row.maximum))?;
        for row in &state.ports {
            self.link_exists(row.link)?;
            fits(rows::port::MAXIMUM, row.maximum)?;
        }
        state.groups.iter().try_for_each(|row| self.link_exists(row.link))?;
        for (&(link, _), &members) in &state.channels {
            self.link_exists(link)?;
            self.ports_exist(members)?;
        }
        state.bindings.iter().try_for_each(|&(port, ..)| self.port_exists(port))?;
        state.vlans.values().try_for_each(|&ports| self.ports_exist(ports))
    }
}

/// A bus that counts the rows that go over it.
struct Tally<'a, B> {
    bus: &'a mut B,
    repaired: Repaired,
}

impl<B: RegisterBus> RegisterBus for Tally<'_, B> {
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        self.bus.read(address)
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        self.bus.write(address, value)?;
        let command = map::op::COMMAND.of(value) as u8;
        let is = |of: Command| address == OP.address && command == of.code();
        self.repaired.written +=
            usize::from(LINK.index_of(address).is_some() || is(Command::Write));
        self.repaired.cleared += usize::from(is(Command::Clear));
        Ok(())
    }
}

struct Repair<'a, B> {
    bus: Tally<'a, B>,
    tables: &'a mut PlacedTables,
}

impl<B: RegisterBus> Repair<'_, B> {
    fn run(&mut self, old: &State, wanted: &State) -> Result<(), Error> {
        self.tables.admitting =
            Some(old.vlans.keys().chain(wanted.vlans.keys()).copied().collect());
        self.tables.channels.settle(&mut self.bus, None)?;
        self.tables.bindings.settle(&mut self.bus, None)?;
        self.close(old, wanted)?;
        let steps = Steps::new(old, wanted);
        let (narrow, wide) = (steps.while_ports_change(), steps.while_ports_go());
        self.bring(old, &narrow)?;
        self.ports(old, wanted, |port| steps.passage(port) != Passage::Going)?;
        self.bring(&narrow, &wide)?;
        self.ports(old, wanted, |port| steps.passage(port) == Passage::Going)?;
        self.bring(&wide, wanted)?;
        self.open(old, wanted)
    }

    /// Links and groups that must not carry frames while other rows change.
    fn close(&mut self, old: &State, wanted: &State) -> Result<(), Error> {
        let only_links = State { links: old.links.clone(), ..wanted.clone() } == *old;
        for (link, (from, to)) in old.links.iter().zip(&wanted.links).enumerate() {
            let other_tags = (from.role, from.family) != (to.role, to.family);
            if from.enabled && (!to.enabled || other_tags && !only_links) {
                self.link(link, &LinkRow { enabled: false, ..*to })?;
            } else if from.enabled && !other_tags && to.maximum < from.maximum {
                self.link(link, to)?;
            }
        }
        // A group's frame carries the channel of its source port, too.
        let mut ports = old.ports.iter().zip(&wanted.ports);
        let moves = ports.any(|(from, to)| (from.link, from.channel) != (to.link, to.channel));
        for (group, (from, to)) in old.groups.iter().zip(&wanted.groups).enumerate() {
            if from.enabled && from != to && (moves || !to.enabled) {
                self.group(group, &GroupRow { enabled: false, ..*to })?;
            }
        }
        Ok(())
    }

    /// All links and groups as wanted, those left out that `close` has brought there.
    fn open(&mut self, old: &State, wanted: &State) -> Result<(), Error> {
        for (group, (from, to)) in old.groups.iter().zip(&wanted.groups).enumerate() {
            if from != to && (to.enabled || !from.enabled) {
                self.group(group, to)?;
            }
        }
        for (link, (from, to)) in old.links.iter().zip(&wanted.links).enumerate() {
            let other_tags = (from.role, from.family) != (to.role, to.family);
            let is_done = from.enabled && (!to.enabled || !other_tags && to.maximum < from.maximum);
            if from != to && !is_done {
                self.link(link, to)?;
            }
        }
        Ok(())
    }

    fn ports(
        &mut self,
        old: &State,
        wanted: &State,
        now: impl Fn(usize) -> bool,
    ) -> Result<(), Error> {
        for (port, (from, to)) in old.ports.iter().zip(&wanted.ports).enumerate() {
            if from != to && now(port) {
                let place = Place { table: Table::Port, way: 0, row: port as u16 };
                place.write(&mut self.bus, &to.pack())?;
            }
        }
        Ok(())
    }

    fn group(&mut self, group: usize, row: &GroupRow) -> Result<(), BusError> {
        Place { table: Table::Group, way: 0, row: group as u16 }.write(&mut self.bus, &row.pack())
    }

    fn link(&mut self, link: usize, row: &LinkRow) -> Result<(), BusError> {
        self.bus.write(LINK.nth(link), row.pack())
    }

    /// Bindings, VLANs and channels. What a source may do one way before and another way after it may do throughout.
    fn bring(&mut self, from: &State, to: &State) -> Result<(), Error> {
        let (bus, tables) = (&mut self.bus, &mut *self.tables);
        let row = |&(port, mac, vlan): &_| BindingRow { port, mac, vlan };
        let come = to.bindings.difference(&from.bindings).map(row);
        let mut go = from.bindings.difference(&to.bindings).map(|binding| row(binding).key());
        insert(&mut tables.bindings, bus, come, &mut go)?;
        let vlans: BTreeSet<_> = from.vlans.keys().chain(to.vlans.keys()).copied().collect();
        for vlan in vlans {
            let ports = to.admitted(vlan);
            let place = Place { table: Table::Vlan, way: 0, row: vlan.get() };
            if ports != from.admitted(vlan) {
                if ports.is_empty() {
                    place.clear(bus)
                } else {
                    place.write(bus, &vlan_words(ports))
                }?;
            }
        }
        go.try_for_each(|key| tables.bindings.remove(bus, key))?;

        let change = |(key, members): &(_, _)| from.channels.get(*key) != Some(*members);
        let row = |(&(link, channel), &members)| ChannelRow { link, channel, members };
        let come = to.channels.iter().filter(change).map(row);
        let gone = from.channels.keys().filter(|key| !to.channels.contains_key(key));
        let mut go = gone.map(|&(link, channel)| ChannelRow::key(link, channel));
        insert(&mut tables.channels, bus, come, &mut go)?;
        Ok(go.try_for_each(|key| tables.channels.remove(bus, key))?)
    }
}

/// Puts rows into a table; if it has no room for them, those that go are taken out first.
fn insert<R: Placed>(
    table: &mut ExactMatch<R>,
    bus: &mut impl RegisterBus,
    come: impl Iterator<Item = R>,
    go: &mut impl Iterator<Item = u128>,
) -> Result<(), Error> {
    for row in come {
        match table.insert(bus, row) {
            Err(Error::TableFull { .. }) => {
                go.try_for_each(|key| table.remove(bus, key))?;
                table.insert(bus, row)?;
            }
            other => other?,
        }
    }
    Ok(())
}
