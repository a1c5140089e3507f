// SPDX-License-Identifier: MIT
//! The software map: what each port, channel, binding and VLAN was at which time, and whether that explains what became of a
//! frame.
//!
//! A value changes somewhere between the cycle in which an operation began and the one in which it ended: meanwhile a frame may
//! meet the old one or the new one. At all other times there is one value. A frame reads its rows between the cycle in which it
//! entered and the one in which it left, or would have.

use std::collections::HashMap;
use std::hash::Hash;

use fastrand::Rng;
use vireo_driver::State;
use vireo_sim::engine::Side;
use vireo_spec::ether::{EtherType, MacAddr, VlanId};
use vireo_spec::ports::PortSet;
use vireo_spec::rows::PortRow;
use vireo_spec::tag::{Channel, Role};

use super::operation;

/// Where a frame's number stands in it.
pub const SERIAL: usize = 18;

/// A frame, its number and length aside.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// The port that it enters by, towards links.
    pub port: u8,
    /// Its source.
    pub mac: MacAddr,
    /// The VLAN of its C-TAG.
    pub vlan: VlanId,
    /// The link that it enters by, towards ports.
    pub link: u8,
    /// The channel of its tag there.
    pub channel: Channel,
}

impl Sent {
    /// A frame about which the tables may say something.
    pub fn random(rng: &mut Rng) -> Self {
        let link = operation::link(rng);
        Self {
            port: operation::port(rng),
            mac: operation::mac(rng),
            vlan: operation::vlan(rng),
            link,
            channel: operation::channel(rng, link),
        }
    }

    /// The frame without a tag, as hosts see it.
    pub fn octets(&self, serial: u32, length: usize) -> Vec<u8> {
        let mut frame = vec![0x52, 0x54, 0, 0, 0, 9];
        frame.extend(self.mac.0);
        frame.extend(EtherType::C_TAG.to_octets());
        frame.extend(self.vlan.get().to_be_bytes());
        frame.extend([0x08, 0x00]);
        frame.extend(serial.to_be_bytes());
        frame.extend((frame.len()..length).map(|at| (at as u32 ^ serial) as u8));
        frame
    }
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did not leave.
    Nothing,
    /// It left by a link with this channel's tag.
    Link(u8, Channel),
    /// It left by these ports.
    Ports(PortSet),
}

/// First and last cycle in which a frame may have read a row.
pub type Window = (u64, u64);

/// A value that holds from some cycle between these two on.
#[derive(Clone, Copy, Debug)]
struct Change<V> {
    began: u64,
    ended: u64,
    after: V,
}

/// The values of a table, by key.
#[derive(Clone, Debug)]
struct Table<K, V> {
    rows: HashMap<K, Vec<Change<V>>>,
    never_written: [Change<V>; 1],
}

impl<K: Eq + Hash, V: Default + PartialEq> Default for Table<K, V> {
    fn default() -> Self {
        let never_written = [Change { began: 0, ended: 0, after: V::default() }];
        Self { rows: HashMap::new(), never_written }
    }
}

impl<K: Eq + Hash, V: Copy + Default> Table<K, V> {
    fn change(&mut self, key: K, (began, ended): Window, after: V) {
        let changes = self.rows.entry(key).or_insert_with(|| self.never_written.to_vec());
        changes.push(Change { began, ended, after });
    }

    /// The values that a reader within this time may have met.
    fn during(&self, key: K, (from, to): Window) -> impl ExactSizeIterator<Item = V> + Clone {
        let changes = self.rows.get(&key).map_or(&self.never_written[..], Vec::as_slice);
        let settled = changes.partition_point(|change| change.ended < from);
        let begun = changes.partition_point(|change| change.began <= to);
        changes[settled.saturating_sub(1)..begun].iter().map(|change| change.after)
    }
}

/// What the driver has done to a machine.
#[derive(Clone, Debug)]
pub struct Map {
    /// What the machine should say now.
    pub now: State,
    ports: Table<u8, PortRow>,
    channels: Table<(u8, Channel), PortSet>,
    bindings: Table<(u8, MacAddr, VlanId), bool>,
    vlans: Table<VlanId, PortSet>,
}

impl Map {
    /// A machine of this state, and with empty tables.
    pub fn new(now: State) -> Self {
        let (ports, channels) = (Table::default(), Table::default());
        Self { now, ports, channels, bindings: Table::default(), vlans: Table::default() }
    }

    /// An operation of this time brings the machine to `state`.
    pub fn change(&mut self, time: Window, state: State) {
        for (port, (old, new)) in self.now.ports.iter().zip(&state.ports).enumerate() {
            if old != new {
                self.ports.change(port as u8, time, *new);
            }
        }
        let old = std::mem::replace(&mut self.now, state);
        let new = &self.now;
        for (key, members) in &new.channels {
            if old.channels.get(key) != Some(members) {
                self.channels.change(*key, time, *members);
            }
        }
        for key in old.channels.keys().filter(|key| !new.channels.contains_key(key)) {
            self.channels.change(*key, time, PortSet::default());
        }
        for key in old.bindings.symmetric_difference(&new.bindings) {
            self.bindings.change(*key, time, new.bindings.contains(key));
        }
        for vlan in operation::vlans() {
            if old.admitted(vlan) != new.admitted(vlan) {
                self.vlans.change(vlan, time, new.admitted(vlan));
            }
        }
    }

    /// Whether what became of a frame hung on something that was being changed. Panics if no values that held within the window
    /// explain it.
    pub fn explain(&self, side: Side, frame: &Sent, window: Window, outcome: Outcome) -> bool {
        let (explained, changing) = match side {
            Side::Ports => self.encapsulated(frame, window, outcome),
            Side::Links => self.decapsulated(frame, window, outcome),
        };
        let list = |ports: PortSet| ports.iter().collect::<Vec<_>>();
        assert!(
            explained,
            "{side:?}: no order of the operations explains {outcome:?} of {frame:?}, which read the tables in cycles {window:?}; \
             channel {:?}, ports {:?}, binding {:?}, any source {:?}",
            self.channels.during((frame.link, frame.channel), window).map(list).collect::<Vec<_>>(),
            self.rows(window),
            self.bindings.during((frame.port, frame.mac, frame.vlan), window).collect::<Vec<_>>(),
            self.vlans.during(frame.vlan, window).map(list).collect::<Vec<_>>(),
        );
        changing
    }

    fn rows(&self, window: Window) -> Vec<Vec<(bool, u8, Channel)>> {
        let row = |row: PortRow| (row.enabled, row.link, row.channel);
        let ports = 0..self.now.ports.len() as u8;
        ports.map(|port| self.ports.during(port, window).map(row).collect()).collect()
    }

    /// Whether a port may have been found to send, or not to send, from a frame's source; and whether that was changing.
    fn sources(&self, port: u8, frame: &Sent, window: Window) -> ([bool; 2], bool) {
        let bound = self.bindings.during((port, frame.mac, frame.vlan), window);
        let any = self.vlans.during(frame.vlan, window).map(|ports| ports.contains(port.into()));
        let may = bound.clone().any(|bound| bound) || any.clone().any(|any| any);
        let may_not = bound.clone().any(|bound| !bound) && any.clone().any(|any| !any);
        ([may, may_not], bound.len() > 1 || any.len() > 1)
    }

    fn encapsulated(&self, frame: &Sent, window: Window, outcome: Outcome) -> (bool, bool) {
        let rows = self.ports.during(frame.port, window);
        let ([bound, unbound], changing) = self.sources(frame.port, frame, window);
        let explains = |row: PortRow| {
            let checks = self.now.links[usize::from(row.link)].role == Role::Extender;
            match outcome {
                Outcome::Nothing => !row.enabled || checks && unbound,
                Outcome::Link(link, channel) => {
                    row.enabled && (row.link, row.channel) == (link, channel) && (!checks || bound)
                }
                Outcome::Ports(_) => false,
            }
        };
        (rows.clone().any(explains), changing || rows.len() > 1)
    }

    fn decapsulated(&self, frame: &Sent, window: Window, outcome: Outcome) -> (bool, bool) {
        let left = match outcome {
            Outcome::Nothing => PortSet::default(),
            Outcome::Ports(ports) => ports,
            Outcome::Link(..) => return (false, false),
        };
        let channel = self.channels.during((frame.link, frame.channel), window);
        let mut changing = channel.len() > 1;
        let mut explained = false;
        for members in channel {
            // At a bridge the lowest member is the virtual port.
            let checks = self.now.links[usize::from(frame.link)].role == Role::Bridge;
            let members: PortSet = members.iter().take(if checks { 1 } else { 64 }).collect();
            let mut fits = left.iter().all(|port| members.contains(port));
            for port in members.iter() {
                let rows = self.ports.during(port as u8, window);
                let (source, moves) = match checks {
                    true => self.sources(port as u8, frame, window),
                    false => ([true, false], false),
                };
                changing |= moves || rows.len() > 1;
                let mut enabled = rows.map(|row| row.enabled);
                fits &= match (left.contains(port), source) {
                    (true, [bound, _]) => bound && enabled.any(|enabled| enabled),
                    (false, [_, unbound]) => unbound || enabled.any(|enabled| !enabled),
                };
            }
            explained |= fits;
        }
        (explained, changing)
    }
}
