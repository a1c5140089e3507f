// SPDX-License-Identifier: MIT
//! What all tables of configuration say, as one value: to be compared with another, kept in a file, or brought about.
//!
//! A state knows nothing of places, seeds and moves: two machines in one state do the same with every frame.

use std::collections::{BTreeMap, BTreeSet};

use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::geometry::{Geometry, VLAN_ROWS};
use vireo_spec::ports::PortSet;
use vireo_spec::rows::{GroupRow, LinkRow, PortRow};
use vireo_spec::tag::Channel;

use crate::{Device, Error, RegisterBus};

/// The configuration of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// A row for each link.
    pub links: Vec<LinkRow>,
    /// A row for each port.
    pub ports: Vec<PortRow>,
    /// A row for each group.
    pub groups: Vec<GroupRow>,
    /// Members of each channel of a link.
    pub channels: BTreeMap<(u8, Channel), PortSet>,
    /// The sources that a port may send from: port, address, VLAN.
    pub bindings: BTreeSet<(u8, MacAddr, VlanId)>,
    /// The ports that admit any individual source in a VLAN. A VLAN that is not in it has none.
    pub vlans: BTreeMap<VlanId, PortSet>,
}

impl State {
    /// What a machine of this size says after its reset: nothing is enabled, all tables are empty.
    pub fn new(geometry: &Geometry) -> Self {
        Self {
            links: vec![LinkRow::unpack(0); geometry.links()],
            ports: vec![PortRow::default(); geometry.ports()],
            groups: vec![GroupRow::default(); geometry.groups()],
            channels: BTreeMap::new(),
            bindings: BTreeSet::new(),
            vlans: BTreeMap::new(),
        }
    }

    /// The ports that admit any individual source in `vlan`.
    pub fn admitted(&self, vlan: VlanId) -> PortSet {
        self.vlans.get(&vlan).copied().unwrap_or_default()
    }
}

impl<B: RegisterBus> Device<B> {
    /// What the tables say: channels and bindings as the driver's copy has them, all other rows as the machine has them now.
    ///
    /// # Errors
    /// [`Error::NotInitialized`] before any access, or [`Error::Bus`].
    pub fn state(&mut self) -> Result<State, Error> {
        let channels = self.channels()?.iter().map(|row| ((row.link, row.channel), row.members));
        let bindings = self.bindings()?.iter().map(|row| (row.port, row.mac, row.vlan));
        let (channels, bindings) = (channels.collect(), bindings.collect());
        let geometry = *self.geometry();
        let links = (0..geometry.links() as u8).map(|link| self.link(link));
        let links = links.collect::<Result<_, _>>()?;
        let ports = (0..geometry.ports() as u8).map(|port| self.port(port));
        let ports = ports.collect::<Result<_, _>>()?;
        let groups = (0..geometry.groups() as u8).map(|group| self.group(group));
        let groups = groups.collect::<Result<_, _>>()?;
        let mut vlans = BTreeMap::new();
        for vlan in (0..VLAN_ROWS as u16).map(VlanId::from_tci) {
            let ports = self.vlan(vlan)?;
            if !ports.is_empty() {
                vlans.insert(vlan, ports);
            }
        }
        Ok(State { links, ports, groups, channels, bindings, vlans })
    }
}
