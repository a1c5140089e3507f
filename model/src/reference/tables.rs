// SPDX-License-Identifier: MIT
//! The tables: rows exactly where software put them, decoded when they are written.
//! A lookup hashes its key and looks at one place in each way (docs/pipeline.md, sections 4 and 5).

use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::geometry::{Geometry, MAX_PORTS, VLAN_ROWS, WAYS};
use vireo_spec::hash;
use vireo_spec::ports::PortSet;
use vireo_spec::rows::{BindingRow, ChannelRow, GroupRow, LinkRow, PortRow, vlan};
use vireo_spec::table::Table;
use vireo_spec::tag::Channel;

/// An exact-match table: four ways, a seed chosen for each.
#[derive(Clone, Debug)]
pub(super) struct Ways<Row> {
    rows: [Vec<Option<Row>>; WAYS],
    /// Seeds A and B.
    pub(super) seeds: [u128; 2],
    /// A bit a way: 1 = seed B.
    pub(super) choice: u32,
}

impl<Row: Copy> Ways<Row> {
    fn new(rows: usize) -> Self {
        Self {
            rows: std::array::from_fn(|_| vec![None; rows]),
            seeds: Default::default(),
            choice: 0,
        }
    }

    /// The row at the place of `key` that `is` the one looked for; on two hits the lowest way wins.
    fn find(&self, key: u128, is: impl Fn(&Row) -> bool) -> Option<Row> {
        let is_chosen = [self.choice != (1 << WAYS) - 1, self.choice != 0];
        let permuted: [u128; 2] = std::array::from_fn(|which| match is_chosen[which] {
            true => hash::permute(key, self.seeds[which]),
            false => 0,
        });
        self.rows.iter().enumerate().find_map(|(way, rows)| {
            let chosen = (self.choice >> way & 1) as usize;
            rows[hash::index(permuted[chosen], way, rows.len())].filter(&is)
        })
    }
}

/// All tables that frames are looked up in. Rows are cut to the machine's size, so an index in a row names something.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    geometry: Geometry,
    /// Link rows, which are registers.
    pub(super) links: Vec<LinkRow>,
    pub(super) ports: Vec<PortRow>,
    pub(super) groups: Vec<GroupRow>,
    pub(super) channels: Ways<ChannelRow>,
    pub(super) bindings: Ways<BindingRow>,
    vlans: Vec<PortSet>,
}

impl Tables {
    /// The tables of a machine, swept.
    pub(super) fn new(geometry: Geometry) -> Self {
        Self {
            links: vec![LinkRow::unpack(0); geometry.links()],
            ports: vec![PortRow::default(); geometry.ports()],
            groups: vec![GroupRow::default(); geometry.groups()],
            channels: Ways::new(geometry.channel_rows()),
            bindings: Ways::new(geometry.binding_rows()),
            vlans: vec![PortSet::default(); VLAN_ROWS],
            geometry,
        }
    }

    /// The machine's size.
    pub(super) fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// The port that `index` names: its low bits.
    pub(super) fn port_index(&self, index: u8) -> u8 {
        index & (self.ports.len() - 1) as u8
    }

    /// The group that `index` names: its low bits.
    pub(super) fn group_index(&self, index: u8) -> u8 {
        index & (self.groups.len() - 1) as u8
    }

    /// The link that `index` names: its low bits.
    pub(super) fn link_index(&self, index: u8) -> u8 {
        index & (self.links.len() - 1) as u8
    }

    /// The members of a channel; `None` if the link has no such channel.
    pub(super) fn members(&self, link: u8, channel: Channel) -> Option<PortSet> {
        let found = self
            .channels
            .find(ChannelRow::key(link, channel), |row| (row.link, row.channel) == (link, channel));
        found.map(|row| row.members)
    }

    /// Whether (port, source, VLAN) or (port, any MAC, VLAN) is bound.
    pub(super) fn is_bound(&self, port: u8, source: MacAddr, vlan: VlanId) -> bool {
        let bound = BindingRow { port, mac: source, vlan };
        self.vlans[usize::from(vlan.get())].contains(port.into())
            || self
                .bindings
                .find(BindingRow::key(port, source, vlan), |row| *row == bound)
                .is_some()
    }

    /// The row as it is stored: cut to the machine's size, zeros where a channel or binding is not valid.
    ///
    /// # Panics
    /// If `table` holds counters, which stand elsewhere.
    pub(super) fn read(&self, table: Table, way: u8, row: u16) -> Words {
        const NOT_VALID: Words = [0; ROW_WORDS];
        let (way, row) = (usize::from(way), usize::from(row));
        match table {
            Table::Port => self.ports[row].pack(),
            Table::Group => self.groups[row].pack(),
            Table::Channel => self.channels.rows[way][row].map_or(NOT_VALID, |row| row.pack()),
            Table::Binding => self.bindings.rows[way][row].map_or(NOT_VALID, |row| row.pack()),
            Table::Vlan => {
                let mut words = [0; ROW_WORDS];
                vlan::PORTS.set(&mut words, self.vlans[row].bits());
                words
            }
            Table::Traffic | Table::Disposition => unreachable!("counters are not rows"),
        }
    }

    /// Commits a row, cut to the machine's size.
    ///
    /// # Panics
    /// If `table` holds counters, which no operation writes.
    pub(super) fn write(&mut self, table: Table, way: u8, row: u16, words: &Words) {
        let (way, row) = (usize::from(way), usize::from(row));
        match table {
            Table::Port => {
                let written = PortRow::unpack(words);
                self.ports[row] = PortRow { link: self.link_index(written.link), ..written };
            }
            Table::Group => {
                let written = GroupRow::unpack(words);
                self.groups[row] = GroupRow { link: self.link_index(written.link), ..written };
            }
            Table::Channel => {
                self.channels.rows[way][row] =
                    ChannelRow::unpack(words).map(|written| ChannelRow {
                        link: self.link_index(written.link),
                        members: self.existing(written.members),
                        ..written
                    });
            }
            Table::Binding => {
                self.bindings.rows[way][row] = BindingRow::unpack(words)
                    .map(|written| BindingRow { port: self.port_index(written.port), ..written });
            }
            Table::Vlan => {
                let written = PortSet::from_bits(vlan::PORTS.get(words));
                self.vlans[row] = self.existing(written);
            }
            Table::Traffic | Table::Disposition => unreachable!("counters are not rows"),
        }
    }

    /// Those of `ports` that the machine has.
    fn existing(&self, ports: PortSet) -> PortSet {
        PortSet::from_bits(ports.bits() & (u64::MAX >> (MAX_PORTS - self.ports.len())))
    }
}
