// SPDX-License-Identifier: MIT
//! A machine as host software holds it: found on a bus, its size known, its tables brought to a known state.
//!
//! Tables, counters and events are further `impl` blocks of [`Device`], in modules of these names.

use std::collections::BTreeSet;

use vireo_spec::ether::VlanId;
use vireo_spec::geometry::Geometry;
use vireo_spec::registers as map;
use vireo_spec::rows::{BindingRow, ChannelRow};
use vireo_spec::table::Table;

use crate::access::Place;
use crate::counters::Counters;
use crate::error::{DiscoverError, Error};
use crate::events::Head;
use crate::placement::ExactMatch;
use crate::seeds::{self, Drawn, Hashing};
use crate::{BusError, RegisterBus};

/// How often `status` is read before the driver gives up. A read takes 4 cycles at least, and no machine takes more than 4097
/// cycles to become ready or 2337 for a snapshot (docs/pipeline.md, sections 6 and 8).
pub const POLLS: u32 = 10_000;

/// One machine, and what the driver has to remember of it.
///
/// The driver assumes that it is the only one that changes the machine. Every call may be repeated after a [`BusError`].
#[derive(Debug)]
pub struct Device<B> {
    pub(crate) bus: B,
    pub(crate) geometry: Geometry,
    pub(crate) placed: Option<PlacedTables>,
    pub(crate) counters: Counters,
    /// A snapshot was asked for whose counts are not in `counters` yet.
    pub(crate) snapshot_open: bool,
    /// An event that was read, and may not have been taken off the FIFO yet.
    pub(crate) head: Option<Head>,
}

/// The driver's copies of the hash tables.
#[derive(Debug)]
pub(crate) struct PlacedTables {
    pub(crate) channels: ExactMatch<ChannelRow>,
    pub(crate) bindings: ExactMatch<BindingRow>,
    /// VLANs whose rows may name a port; `None`: any.
    pub(crate) admitting: Option<BTreeSet<VlanId>>,
}

impl<B: RegisterBus> Device<B> {
    /// Finds the machine at the other end of `bus`: checks that it is one, of a register map that this driver knows, reads its
    /// geometry, and waits for it to be ready. Changes nothing.
    ///
    /// # Errors
    /// [`DiscoverError`] names what is not as expected.
    pub fn discover(mut bus: B) -> Result<Self, DiscoverError> {
        let found = bus.read(map::MAGIC.address)?;
        if found != map::MAGIC_VALUE {
            return Err(DiscoverError::Magic { found });
        }
        let found = bus.read(map::VERSION.address)?;
        if map::version::MAJOR.of(found) != map::version::MAJOR.of(map::VERSION_VALUE) {
            return Err(DiscoverError::Version { found });
        }
        let mut size = |register: map::Register| bus.read(register.address).map(|n| n as usize);
        let geometry = Geometry::new(
            size(map::WIDTH)?,
            size(map::LINKS)?,
            size(map::PORTS)?,
            size(map::GROUPS)?,
            size(map::CHANNELS)?,
            size(map::BINDINGS)?,
        )?;
        if !poll(&mut bus, |status| map::status::READY.of(status) == 1)? {
            return Err(DiscoverError::NotReady { polls: POLLS });
        }
        let counters = Counters::default();
        Ok(Self { bus, geometry, placed: None, counters, snapshot_open: false, head: None })
    }

    /// Brings the machine to a known state, nothing enabled and all tables empty, and draws the hash tables' seeds from `seed`
    /// (the same seeds for the same number).
    ///
    /// A machine whose seeds are 0 comes from reset: its tables are swept already and are not written. Otherwise another driver,
    /// or an initialization that failed, has left rows: links and ports go first, so that no frame meets half of this.
    ///
    /// # Errors
    /// [`Error::Bus`]; the hash tables are then [`Error::NotInitialized`] until a repeated call succeeds.
    pub fn initialize(&mut self, seed: u64) -> Result<(), Error> {
        self.placed = None;
        let mut fresh = true;
        for seed in [map::SEED_CHANNEL_A, map::SEED_BINDING_A] {
            fresh = fresh && seeds::read(&mut self.bus, &seed)? == 0;
        }
        if !fresh {
            self.clear_tables()?;
        }
        let Drawn { channels, bindings } = Drawn::from(seed);
        self.bus.write(map::SEED_CHOICE.address, 0)?;
        seeds::write(&mut self.bus, &map::SEED_CHANNEL_A, channels)?;
        seeds::write(&mut self.bus, &map::SEED_BINDING_A, bindings)?;
        let all_a = |seed| Hashing { seeds: [seed, 0], choice: 0 };
        self.placed = Some(PlacedTables {
            channels: ExactMatch::new(all_a(channels), self.geometry.channel_rows()),
            bindings: ExactMatch::new(all_a(bindings), self.geometry.binding_rows()),
            admitting: Some(BTreeSet::new()),
        });
        Ok(())
    }

    fn clear_tables(&mut self) -> Result<(), BusError> {
        self.bus.write(map::EVENT_ENABLE.address, 0)?;
        for link in 0..self.geometry.links() {
            self.bus.write(map::LINK.nth(link), 0)?;
        }
        for table in Table::ALL.into_iter().filter(|table| !table.is_counter()) {
            for way in 0..table.ways() as u8 {
                for row in 0..table.rows(&self.geometry) as u16 {
                    Place { table, way, row }.clear(&mut self.bus)?;
                }
            }
        }
        Ok(())
    }

    /// The machine's size.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// The bus, for what else its owner does with it.
    pub fn bus_mut(&mut self) -> &mut B {
        &mut self.bus
    }

    /// Gives the bus back. What the driver remembered of the machine is gone.
    pub fn into_bus(self) -> B {
        self.bus
    }
}

/// Reads `status` until it is as wanted; `false` if it never is in [`POLLS`] reads.
pub(crate) fn poll(
    bus: &mut impl RegisterBus,
    wanted: impl Fn(u32) -> bool,
) -> Result<bool, BusError> {
    for _ in 0..POLLS {
        if wanted(bus.read(map::STATUS.address)?) {
            return Ok(true);
        }
    }
    Ok(false)
}
