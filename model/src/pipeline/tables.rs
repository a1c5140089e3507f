// SPDX-License-Identifier: MIT
//! The tables of the machine, and software's port into them (docs/pipeline.md, section 5).
//!
//! Rows are kept typed: a row is packed and unpacked where software sees it, not where a frame does.

use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::geometry::{Geometry, MAX_GROUPS, MAX_LINKS, MAX_PORTS, VLAN_ROWS};
use vireo_spec::ports::PortSet;
use vireo_spec::rows::{BindingRow, ChannelRow, GroupRow, LinkRow, PortRow, vlan};
use vireo_spec::table::{Command, Op, Table};

use super::exact::{ExactTable, Keying, Row, Stored, WayWrite};
use super::ram::{BlockRam, Write};

impl Row for ChannelRow {
    type Value = u64;

    #[inline]
    fn key(&self) -> u128 {
        Self::key(self.link, self.channel)
    }

    #[inline]
    fn value(&self) -> u64 {
        self.members.bits()
    }
}

impl Row for BindingRow {
    type Value = ();

    #[inline]
    fn key(&self) -> u128 {
        Self::key(self.port, self.mac, self.vlan)
    }

    #[inline]
    fn value(&self) {}
}

/// What port B writes in this cycle.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Commit {
    Port(usize, PortRow),
    Group(usize, GroupRow),
    Channel(WayWrite<ChannelRow>),
    Binding(WayWrite<BindingRow>),
    Vlan(Write<u64>),
}

impl Commit {
    /// What is written to the channel table.
    #[inline]
    pub(crate) fn channel(commit: Option<&Self>) -> Option<&WayWrite<ChannelRow>> {
        match commit {
            Some(Self::Channel(write)) => Some(write),
            _ => None,
        }
    }

    /// What is written to the binding table.
    #[inline]
    pub(crate) fn binding(commit: Option<&Self>) -> Option<&WayWrite<BindingRow>> {
        match commit {
            Some(Self::Binding(write)) => Some(write),
            _ => None,
        }
    }

    /// What is written to the `vlan` table.
    #[inline]
    pub(crate) fn vlan(commit: Option<&Self>) -> Option<&Write<u64>> {
        match commit {
            Some(Self::Vlan(write)) => Some(write),
            _ => None,
        }
    }
}

/// What both directions see of the rest of the machine in a cycle.
#[derive(Clone, Copy)]
pub(crate) struct Wires<'a> {
    /// The tables are swept.
    pub(crate) run: bool,
    pub(crate) tables: &'a Tables,
    /// What port B writes.
    pub(crate) commit: Option<&'a Commit>,
}

/// All tables, and the registers that lookups need.
#[derive(Debug)]
pub(crate) struct Tables {
    geometry: Geometry,
    pub(crate) links: [LinkRow; MAX_LINKS],
    pub(crate) ports: [PortRow; MAX_PORTS],
    pub(crate) groups: [GroupRow; MAX_GROUPS],
    pub(crate) channel: ExactTable<ChannelRow>,
    pub(crate) channel_keying: Keying,
    pub(crate) binding: ExactTable<BindingRow>,
    pub(crate) binding_keying: Keying,
    pub(crate) vlan: BlockRam<u64>,
}

impl Tables {
    /// All rows swept, all registers as after reset.
    pub(crate) fn new(geometry: Geometry) -> Self {
        Self {
            geometry,
            links: [LinkRow::unpack(0); MAX_LINKS],
            ports: [PortRow::default(); MAX_PORTS],
            groups: [GroupRow::default(); MAX_GROUPS],
            channel: ExactTable::new(geometry.channel_rows()),
            channel_keying: Keying::default(),
            binding: ExactTable::new(geometry.binding_rows()),
            binding_keying: Keying::default(),
            vlan: BlockRam::new(VLAN_ROWS),
        }
    }

    /// The link of an index that may have more bits than the machine has links.
    #[inline]
    pub(crate) fn link(&self, index: u8) -> (u8, &LinkRow) {
        let index = index & (self.geometry.links() - 1) as u8;
        (index, &self.links[index as usize % MAX_LINKS])
    }

    /// The port of an index that may have more bits than the machine has ports.
    #[inline]
    pub(crate) fn port(&self, index: u8) -> (u8, &PortRow) {
        let index = index & (self.geometry.ports() - 1) as u8;
        (index, &self.ports[index as usize % MAX_PORTS])
    }

    /// The group of an index that may have more bits than the machine has groups.
    #[inline]
    pub(crate) fn group(&self, index: u8) -> (u8, &GroupRow) {
        let index = index & (self.geometry.groups() - 1) as u8;
        (index, &self.groups[index as usize % MAX_GROUPS])
    }

    /// Bits of a member bitmap that are ports of this machine.
    fn members_mask(&self) -> u64 {
        u64::MAX >> (MAX_PORTS - self.geometry.ports())
    }

    /// Port B's read of a row, as software sees it. Counters are not here.
    pub(crate) fn read(&self, op: &Op) -> Words {
        let (way, row) = (op.way as usize, op.row as usize);
        match op.table {
            Table::Port => self.ports[row].pack(),
            Table::Group => self.groups[row].pack(),
            Table::Channel => self.channel.read(way, row).map_or([0; ROW_WORDS], |row| row.pack()),
            Table::Binding => self.binding.read(way, row).map_or([0; ROW_WORDS], |row| row.pack()),
            Table::Vlan => {
                let mut words = [0; ROW_WORDS];
                vlan::PORTS.set(&mut words, self.vlan.read(row));
                words
            }
            Table::Traffic | Table::Disposition => [0; ROW_WORDS],
        }
    }

    /// What `op` will write in its commit cycle, cut to the machine's size; `None` for a READ.
    pub(crate) fn commit(&self, op: &Op, stage: &Words) -> Option<Commit> {
        let words = match op.command {
            Command::Read => return None,
            Command::Write => *stage,
            Command::Clear => [0; ROW_WORDS],
        };
        let (way, row) = (op.way as usize, op.row as usize);
        let (link_mask, port_mask) =
            ((self.geometry.links() - 1) as u8, (self.geometry.ports() - 1) as u8);
        Some(match op.table {
            Table::Port => {
                let port = PortRow::unpack(&words);
                Commit::Port(row, PortRow { link: port.link & link_mask, ..port })
            }
            Table::Group => {
                let group = GroupRow::unpack(&words);
                Commit::Group(row, GroupRow { link: group.link & link_mask, ..group })
            }
            Table::Channel => {
                let value = Stored::from(ChannelRow::unpack(&words).map(|channel| ChannelRow {
                    link: channel.link & link_mask,
                    members: PortSet::from_bits(channel.members.bits() & self.members_mask()),
                    ..channel
                }));
                Commit::Channel(WayWrite { way, write: Write { row, value } })
            }
            Table::Binding => {
                let value = Stored::from(
                    BindingRow::unpack(&words)
                        .map(|binding| BindingRow { port: binding.port & port_mask, ..binding }),
                );
                Commit::Binding(WayWrite { way, write: Write { row, value } })
            }
            Table::Vlan => {
                let value = vlan::PORTS.get(&words) & self.members_mask();
                Commit::Vlan(Write { row, value })
            }
            Table::Traffic | Table::Disposition => return None,
        })
    }

    /// The edge that ends the commit cycle.
    pub(crate) fn write(&mut self, commit: Commit) {
        match commit {
            Commit::Port(row, value) => self.ports[row] = value,
            Commit::Group(row, value) => self.groups[row] = value,
            Commit::Channel(write) => self.channel.write(write),
            Commit::Binding(write) => self.binding.write(write),
            Commit::Vlan(write) => self.vlan.write(write),
        }
    }
}
