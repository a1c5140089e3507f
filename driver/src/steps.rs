// SPDX-License-Identifier: MIT
//! What bindings, VLANs and channels say on the way from one state of a machine to another, so that no frame is judged by a
//! mixture of both.
//!
//! A frame reads the row of a port, its binding or VLAN, and what leads to the port: rows that cannot change in one clock. Where
//! a port's row changes, or both what it may send and what leads to it, only what both states allow stays while it does:
//! first what is not wanted goes, then the row changes, then what is new comes. Everything else changes at once, in place.

use std::collections::{BTreeMap, BTreeSet};

use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::ports::PortSet;
use vireo_spec::rows::PortRow;
use vireo_spec::tag::{Channel, Role};

use crate::State;

/// How a port comes from old to wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passage {
    /// Each of its rows at any time.
    Free,
    /// Its row changes while its bindings and channels are only what both states allow.
    Narrow,
    /// Only its `pvid` changes: a host's untagged frames need the bindings of both.
    Wide,
    /// It is disabled, and taken apart after that.
    Going,
}

/// The way from `old` to `wanted`.
pub(crate) struct Steps<'a> {
    old: &'a State,
    wanted: &'a State,
    ports: Vec<Passage>,
}

fn and(a: PortSet, b: PortSet) -> PortSet {
    PortSet::from_bits(a.bits() & b.bits())
}

fn without(a: PortSet, b: PortSet) -> PortSet {
    PortSet::from_bits(a.bits() & !b.bits())
}

/// Whether frames of this port are not asked for a binding: it does not check them, or drops them all.
fn unchecked(row: &PortRow) -> bool {
    !row.enabled || !row.check_source
}

/// Ports whose rows in either map differ.
fn differing<K: Ord>(a: &BTreeMap<K, PortSet>, b: &BTreeMap<K, PortSet>) -> PortSet {
    let get = |map: &BTreeMap<K, PortSet>, key| map.get(key).copied().unwrap_or_default().bits();
    PortSet::from_bits(a.keys().chain(b.keys()).fold(0, |all, key| all | get(a, key) ^ get(b, key)))
}

impl<'a> Steps<'a> {
    pub(crate) fn new(old: &'a State, wanted: &'a State) -> Self {
        let led_to = differing(&old.channels, &wanted.channels);
        let mut sending = differing(&old.vlans, &wanted.vlans);
        old.bindings
            .symmetric_difference(&wanted.bindings)
            .for_each(|b| sending.set(b.0.into(), true));
        let passage = |port: usize| {
            let (from, to) = (old.ports[port], wanted.ports[port]);
            let both = led_to.contains(port) && sending.contains(port);
            match (from.enabled, to.enabled) {
                (true, false) => Passage::Going,
                (_, false) => Passage::Free,
                _ if from == to && !both => Passage::Free,
                _ if to == (PortRow { pvid: to.pvid, ..from }) && !led_to.contains(port) => {
                    Passage::Wide
                }
                _ => Passage::Narrow,
            }
        };
        Self { old, wanted, ports: (0..old.ports.len()).map(passage).collect() }
    }

    pub(crate) fn passage(&self, port: usize) -> Passage {
        self.ports[port]
    }

    fn ports(&self, passage: Passage) -> PortSet {
        (0..self.ports.len()).filter(|&port| self.ports[port] == passage).collect()
    }

    /// While rows of ports change that are enabled then.
    pub(crate) fn while_ports_change(&self) -> State {
        State {
            channels: self.channels_before(),
            bindings: self.bindings_before(),
            vlans: self.vlans_before(),
            ..self.old.clone()
        }
    }

    /// While ports are disabled.
    pub(crate) fn while_ports_go(&self) -> State {
        let going = self.ports(Passage::Going);
        let (old, wanted) = (self.old, self.wanted);
        let members = |(&key, &to): (&(u8, Channel), &PortSet)| {
            let from = old.channels.get(&key).copied().unwrap_or_default();
            (key, self.part(key.0, to, without(to, and(without(to, from), going))))
        };
        let of_going = |binding: &&(u8, MacAddr, VlanId)| going.contains(binding.0.into());
        let stay = old.bindings.iter().filter(of_going);
        let come = wanted.bindings.iter().filter(|binding| !of_going(binding));
        State {
            channels: wanted.channels.iter().map(members).collect(),
            bindings: stay.chain(come).copied().collect(),
            vlans: self.vlans(|port, from, to| if going.contains(port) { from } else { to }),
            ..wanted.clone()
        }
    }

    /// Part of a channel's members. At a bridge the lowest member is the virtual port, so that no part stands for the whole.
    fn part(&self, link: u8, members: PortSet, part: PortSet) -> PortSet {
        let bridge = self.wanted.links[usize::from(link)].role == Role::Bridge;
        if bridge && part != members { PortSet::default() } else { part }
    }

    fn channels_before(&self) -> BTreeMap<(u8, Channel), PortSet> {
        let narrow = self.ports(Passage::Narrow);
        let not_yet = PortSet::from_bits(narrow.bits() | self.ports(Passage::Going).bits());
        let (old, wanted) = (&self.old.channels, &self.wanted.channels);
        let keys: BTreeSet<_> = old.keys().chain(wanted.keys()).collect();
        let members = |&key| {
            let (from, to) = (old.get(key).copied(), wanted.get(key).copied());
            let (f, t) = (from.unwrap_or_default(), to.unwrap_or_default());
            let members = if and(without(t, f), not_yet).is_empty() {
                to
            } else if and(without(f, t), narrow).is_empty() {
                from
            } else {
                Some(self.part(key.0, f, and(f, t)))
            };
            members.map(|members| (*key, members))
        };
        keys.iter().filter_map(members).collect()
    }

    fn bindings_before(&self) -> BTreeSet<(u8, MacAddr, VlanId)> {
        let (old, wanted) = (self.old, self.wanted);
        let stays = |&(port, mac, vlan): &(u8, MacAddr, VlanId)| match self.ports[usize::from(port)]
        {
            Passage::Free => wanted.bindings.contains(&(port, mac, vlan)),
            Passage::Wide | Passage::Going => true,
            Passage::Narrow => wanted.allows(port, mac, vlan),
        };
        let comes = |&(port, mac, vlan): &(u8, MacAddr, VlanId)| match self.ports[usize::from(port)]
        {
            Passage::Free | Passage::Wide => true,
            Passage::Going => false,
            Passage::Narrow => old.allows(port, mac, vlan),
        };
        let stay = old.bindings.iter().filter(|binding| stays(binding));
        stay.chain(wanted.bindings.iter().filter(|binding| comes(binding))).copied().collect()
    }

    fn vlans_before(&self) -> BTreeMap<VlanId, PortSet> {
        self.vlans(|port, from, to| match self.ports[port] {
            Passage::Free => to,
            Passage::Wide => from || to,
            Passage::Going => from,
            Passage::Narrow => {
                let (old, wanted) = (&self.old.ports[port], &self.wanted.ports[port]);
                from && (to || unchecked(wanted)) || to && (from || unchecked(old))
            }
        })
    }

    /// VLAN rows with a bit for each port that is made of its bits in both states.
    fn vlans(&self, bit: impl Fn(usize, bool, bool) -> bool) -> BTreeMap<VlanId, PortSet> {
        let keys: BTreeSet<_> = self.old.vlans.keys().chain(self.wanted.vlans.keys()).collect();
        let row = |&&vlan: &&VlanId| {
            let (from, to) = (self.old.admitted(vlan), self.wanted.admitted(vlan));
            let admits = |&port: &usize| bit(port, from.contains(port), to.contains(port));
            (vlan, (0..self.ports.len()).filter(admits).collect())
        };
        keys.iter().map(row).collect()
    }
}

impl State {
    /// Whether `port` may send from `mac` in `vlan`, one way or another.
    fn allows(&self, port: u8, mac: MacAddr, vlan: VlanId) -> bool {
        unchecked(&self.ports[usize::from(port)])
            || self.bindings.contains(&(port, mac, vlan))
            || self.admitted(vlan).contains(port.into())
    }
}
