// SPDX-License-Identifier: MIT
//! A configuration as rows of the machine's tables, ready for whoever programs a machine: a driver, or a reference
//! that has no registers. Rows that are not given here are empty.

use std::collections::BTreeMap;

use vireo_spec::ether::VlanId;
use vireo_spec::ports::PortSet;
use vireo_spec::rows::{BindingRow, ChannelRow, GroupRow, LinkRow, PortRow};
use vireo_spec::tag::Role;

use super::{Config, Group, Link, Port};

// Indexes are below 64 (`Config`), so they fit the octet that a row's type has for them.

impl Config {
    /// The row of a link.
    pub fn link_row(&self, link: &Link) -> LinkRow {
        LinkRow { enabled: true, role: self.role, family: self.family, maximum: link.max_frame }
    }

    /// The row of a port.
    pub fn port_row(&self, port: &Port) -> PortRow {
        PortRow {
            enabled: port.enabled,
            link: port.link as u8,
            channel: port.channel,
            trust_priority: port.trust_priority,
            default_priority: port.default_priority,
            check_source: port.check_source,
            guard_reserved: port.guard_reserved,
            control: port.control,
            pvid: port.pvid,
            maximum: port.max_frame,
        }
    }

    /// The row of a group. Frames enter by groups at a bridge only, so an extender's is not enabled.
    pub fn group_row(&self, group: &Group) -> GroupRow {
        GroupRow {
            enabled: self.role == Role::Bridge,
            link: group.link as u8,
            channel: group.channel,
            trust_priority: group.trust_priority,
            default_priority: group.default_priority,
        }
    }

    /// The rows of the channel table: each port's own channel with that port, and at an extender each group's with its
    /// members. At a bridge nothing arrives on a group's channel, so it has no row.
    pub fn channel_rows(&self) -> impl Iterator<Item = ChannelRow> + '_ {
        let ports = self.ports.iter().enumerate().map(|(index, port)| ChannelRow {
            link: port.link as u8,
            channel: port.channel,
            members: PortSet::from_iter([index]),
        });
        let replicated = self.groups.iter().filter(|_| self.role == Role::Extender);
        ports.chain(replicated.map(|group| ChannelRow {
            link: group.link as u8,
            channel: group.channel,
            members: group.members,
        }))
    }

    /// The rows of the binding table: bindings of a MAC address.
    pub fn binding_rows(&self) -> impl Iterator<Item = BindingRow> + '_ {
        self.ports.iter().enumerate().flat_map(|(index, port)| {
            port.bindings.iter().filter_map(move |binding| {
                binding.mac.map(|mac| BindingRow { port: index as u8, mac, vlan: binding.vlan })
            })
        })
    }

    /// The rows of the `vlan` table that are not empty: the ports that admit any individual source in a VLAN.
    pub fn vlan_rows(&self) -> BTreeMap<VlanId, PortSet> {
        let mut rows = BTreeMap::<_, PortSet>::new();
        for (index, port) in self.ports.iter().enumerate() {
            for binding in port.bindings.iter().filter(|binding| binding.mac.is_none()) {
                rows.entry(binding.vlan).or_default().set(index, true);
            }
        }
        rows
    }
}
