// SPDX-License-Identifier: MIT
//! Counters: snapshots of the machine's, summed to 64 bits.
//!
//! A snapshot swaps the machine's two banks in one clock; what it read is what happened since the one before
//! (docs/pipeline.md, section 8). So sums from one snapshot are consistent with each other.

use std::collections::HashMap;
use std::ops::AddAssign;

use vireo_spec::fate::Disposition;
use vireo_spec::geometry::Geometry;
use vireo_spec::registers as map;
use vireo_spec::rows;
use vireo_spec::table::{Entity, Table};

use crate::access::Place;
use crate::device::{POLLS, poll};
use crate::{BusError, Device, Error, RegisterBus};

/// Frames by class of their destination address, and their octets without FCS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Frames to an individual address.
    pub unicast: u64,
    /// Frames to a group address but broadcast.
    pub multicast: u64,
    /// Frames to the broadcast address.
    pub broadcast: u64,
    /// Octets of all of them.
    pub octets: u64,
}

impl Traffic {
    /// Frames of all classes.
    pub fn frames(&self) -> u64 {
        self.unicast + self.multicast + self.broadcast
    }
}

impl AddAssign for Traffic {
    fn add_assign(&mut self, more: Self) {
        self.unicast += more.unicast;
        self.multicast += more.multicast;
        self.broadcast += more.broadcast;
        self.octets += more.octets;
    }
}

/// Sums of all snapshots that a [`Device`] has taken.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    traffic: HashMap<Entity, Traffic>,
    dispositions: HashMap<(Entity, Disposition), u64>,
}

impl Counters {
    /// What entered or left by `entity`; 0 for one that the machine does not have.
    pub fn traffic(&self, entity: Entity) -> Traffic {
        self.traffic.get(&entity).copied().unwrap_or_default()
    }

    /// Frames of `entity` that came to `disposition`.
    pub fn disposition(&self, entity: Entity, disposition: Disposition) -> u64 {
        self.dispositions.get(&(entity, disposition)).copied().unwrap_or_default()
    }

    /// The dispositions that frames of `entity` came to and how many, by code; those with none are left out.
    pub fn dispositions(&self, entity: Entity) -> impl Iterator<Item = (Disposition, u64)> + '_ {
        let counted = move |disposition| (disposition, self.disposition(entity, disposition));
        Disposition::all().map(counted).filter(|&(_, frames)| frames > 0)
    }

    fn add(&mut self, more: Self) {
        for (entity, traffic) in more.traffic {
            *self.traffic.entry(entity).or_default() += traffic;
        }
        for (counter, frames) in more.dispositions {
            *self.dispositions.entry(counter).or_default() += frames;
        }
    }
}

/// The entities that a machine of this geometry has.
fn entities(geometry: &Geometry) -> impl Iterator<Item = Entity> {
    let ports = 0..geometry.ports() as u8;
    let links = 0..geometry.links() as u8;
    (ports.clone().map(Entity::PortIn))
        .chain((0..geometry.groups() as u8).map(Entity::GroupIn))
        .chain(links.clone().map(Entity::LinkIn))
        .chain(ports.map(Entity::PortOut))
        .chain(links.map(Entity::LinkOut))
        .chain([Entity::ControlIn, Entity::ControlOut, Entity::ControlOutAtLink])
}

/// Whether dispositions count at `entity`: where frames enter, and at a bridge's virtual ports.
fn has_dispositions(entity: Entity) -> bool {
    !matches!(entity, Entity::ControlOut | Entity::LinkOut(_) | Entity::ControlOutAtLink)
}

impl<B: RegisterBus> Device<B> {
    /// Takes a snapshot and adds it to the sums of [`Device::counters`].
    ///
    /// The sums change all at once or not at all. A call that failed may be repeated without a frame lost or counted twice: it
    /// goes on with the snapshot that was asked for.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::SnapshotBusy`] or [`Error::SnapshotNotTaken`].
    pub fn snapshot(&mut self) -> Result<(), Error> {
        if !(self.snapshot_open && self.snapshot_taken()?) {
            let taken = map::irq::SNAPSHOT.at(1);
            self.bus.write(map::IRQ_STATUS.address, taken)?;
            // From here on the machine may have swapped its banks, whether or not the bus says so.
            self.snapshot_open = true;
            self.bus.write(map::SNAPSHOT.address, 1)?;
            if !self.snapshot_taken()? {
                return Err(Error::SnapshotNotTaken);
            }
        }
        let since_the_last = self.read_counters()?;
        self.counters.add(since_the_last);
        self.snapshot_open = false;
        Ok(())
    }

    /// The sums of all snapshots so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Whether the banks have swapped since the interrupt bit was cleared.
    fn snapshot_taken(&mut self) -> Result<bool, Error> {
        if !poll(&mut self.bus, |status| map::status::BUSY.of(status) == 0)? {
            return Err(Error::SnapshotBusy { polls: POLLS });
        }
        Ok(map::irq::SNAPSHOT.of(self.bus.read(map::IRQ_STATUS.address)?) == 1)
    }

    fn read_counters(&mut self) -> Result<Counters, BusError> {
        let bus = &mut self.bus;
        let mut counters = Counters::default();
        for entity in entities(&self.geometry) {
            let place = Place { table: Table::Traffic, way: 0, row: entity.code() };
            let words = place.read(bus)?;
            let traffic = Traffic {
                unicast: rows::traffic::UNICAST.get(&words),
                multicast: rows::traffic::MULTICAST.get(&words),
                broadcast: rows::traffic::BROADCAST.get(&words),
                octets: rows::traffic::OCTETS.get(&words),
            };
            counters.traffic.insert(entity, traffic);
            for disposition in Disposition::all().filter(|_| has_dispositions(entity)) {
                let row = entity.row(disposition);
                let words = Place { table: Table::Disposition, way: 0, row }.read(bus)?;
                let frames = rows::disposition::FRAMES.get(&words);
                counters.dispositions.insert((entity, disposition), frames);
            }
        }
        Ok(counters)
    }
}
