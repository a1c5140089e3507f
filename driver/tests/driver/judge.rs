// SPDX-License-Identifier: MIT
//! What frames meet in a machine, read from its rows alone: which channel reaches which enabled ports, who may send from them,
//! and what is on their frames. The driver's own copy has no say in it.

use std::collections::{BTreeMap, BTreeSet};

use vireo_driver::{BusError, RegisterBus};
use vireo_spec::field::Words;
use vireo_spec::ports::PortSet;
use vireo_spec::registers as map;
use vireo_spec::rows::{self, BindingRow, ChannelRow, LinkRow, PortRow};
use vireo_spec::table::Table;
use vireo_spec::tag::Role;

use crate::memory::{Bus, key_of};

/// What frames meet. What concerns disabled ports alone is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Met {
    /// (link, channel) and an enabled port that it reaches.
    pub(crate) reach: BTreeSet<(u8, u32, usize)>,
    /// (port, address, VLAN) of enabled ports; without an address: any.
    pub(crate) sources: BTreeSet<(usize, Option<u64>, u16)>,
    /// Rows of enabled ports.
    pub(crate) ports: BTreeMap<usize, Words>,
}

impl Met {
    pub(crate) fn of(bus: &Bus) -> Self {
        let memory = &*bus.memory();
        let rows_of = |table| memory.rows.iter().filter(move |((t, ..), _)| *t == table);
        let found = |table| {
            let lookup = move |words: &Words| memory.lookup(table, key_of(table, words)?);
            rows_of(table).filter_map(move |(_, words)| lookup(words))
        };
        let ports: BTreeMap<usize, Words> = rows_of(Table::Port)
            .filter(|(_, words)| PortRow::unpack(words).enabled)
            .map(|(&(_, _, port), &words)| (port.into(), words))
            .collect();
        let mut reach = BTreeSet::new();
        for row in found(Table::Channel).filter_map(|words| ChannelRow::unpack(&words)) {
            let address = map::LINK.nth(row.link.into());
            let link = LinkRow::unpack(memory.words.get(&address).copied().unwrap_or(0));
            let taken = if link.role == Role::Bridge { 1 } else { usize::MAX };
            let members = row.members.iter().take(taken).filter(|port| ports.contains_key(port));
            reach.extend(members.map(|port| (row.link, row.channel.bits(), port)));
        }
        let mut sources = BTreeSet::new();
        for row in found(Table::Binding).filter_map(|words| BindingRow::unpack(&words)) {
            sources.insert((row.port.into(), Some(row.mac.to_u64()), row.vlan.get()));
        }
        for (&(_, _, vlan), words) in rows_of(Table::Vlan) {
            let admitted = PortSet::from_bits(rows::vlan::PORTS.get(words));
            sources.extend(admitted.iter().map(|port| (port, None, vlan)));
        }
        sources.retain(|(port, ..)| ports.contains_key(port));
        Self { reach, sources, ports }
    }
}

/// Everything that the tables hold, wherever in a hash table it stands; with how many rows hold it.
pub(crate) fn contents(bus: &Bus) -> BTreeMap<(usize, u16, Words), usize> {
    let mut contents = BTreeMap::new();
    let memory = bus.memory();
    for (&(table, _, row), &words) in memory.rows.iter().filter(|(_, words)| **words != [0; 8]) {
        let row = if table.ways() > 1 { 0 } else { row };
        *contents.entry((table as usize, row, words)).or_insert(0) += 1;
    }
    contents
}

/// A bus that looks at what frames meet after each operation.
pub(crate) struct Watched {
    pub(crate) bus: Bus,
    /// While there is something: what was met, each time that it changed.
    pub(crate) seen: Option<Vec<Met>>,
}

impl RegisterBus for Watched {
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        self.bus.read(address)
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        let answer = self.bus.write(address, value);
        if let Some(seen) = self.seen.as_mut().filter(|_| address == map::OP.address) {
            let met = Met::of(&self.bus);
            if seen.last() != Some(&met) {
                seen.push(met);
            }
        }
        answer
    }
}
