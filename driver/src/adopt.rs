// SPDX-License-Identifier: MIT
//! A driver that starts on a running machine: it reads where the rows of the hash tables stand and takes them over as its copy.
//!
//! Only reads, so frames do not notice. What no lookup needs (a row that stands where no seed puts it, the double of a row that
//! was moving, a row that is not valid) is a stray: the copy holds it in doubt, and the next change of the table clears it.

use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::geometry::WAYS;
use vireo_spec::registers::SEED_CHOICE;

use crate::device::PlacedTables;
use crate::placement::{ExactMatch, Placed, Slot};
use crate::seeds::{self, Hashing};
use crate::{BusError, Device, Error, RegisterBus};

/// What a driver found in the hash tables of a running machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adopted {
    /// Channels that lookups find.
    pub channels: usize,
    /// Bindings that lookups find.
    pub bindings: usize,
    /// Rows in either table that hold something and that no lookup finds.
    pub strays: usize,
}

impl<B: RegisterBus> Device<B> {
    /// Takes the hash tables over from a driver that is gone, wherever it stopped. Changes nothing in the machine.
    ///
    /// # Errors
    /// [`Error::NotSeeded`] if no driver came to the end of [`Device::initialize`] on this machine, or [`Error::Bus`]; what the device
    /// knew before, it still knows.
    pub fn adopt(&mut self) -> Result<Adopted, Error> {
        let channels = ExactMatch::read(&mut self.bus, self.geometry.channel_rows())?;
        let bindings = ExactMatch::read(&mut self.bus, self.geometry.binding_rows())?;
        let adopted = Adopted {
            channels: channels.len(),
            bindings: bindings.len(),
            strays: channels.in_doubt.rows.len() + bindings.in_doubt.rows.len(),
        };
        self.placed = Some(PlacedTables { channels, bindings, admitting: None });
        Ok(adopted)
    }
}

impl<R: Placed> ExactMatch<R> {
    /// The table as it stands in the machine.
    fn read(bus: &mut impl RegisterBus, rows: usize) -> Result<Self, Error> {
        let hashing = Self::read_hashing(bus)?;
        if !(0..WAYS).all(|way| seeds::is_whole(hashing.seed(way))) {
            return Err(Error::NotSeeded { table: R::TABLE });
        }
        let mut table = Self::new(hashing, rows);
        for way in 0..WAYS {
            for row in 0..rows {
                let slot = Slot { way, row };
                let words = Self::place(slot).read(bus)?;
                table.take_over(slot, &words);
            }
        }
        Ok(table)
    }

    fn read_hashing(bus: &mut impl RegisterBus) -> Result<Hashing, BusError> {
        let choice = R::CHOICE.of(bus.read(SEED_CHOICE.address)?) as u8;
        let [a, b] = R::SEEDS;
        Ok(Hashing { seeds: [seeds::read(bus, &a)?, seeds::read(bus, &b)?], choice })
    }

    /// Ways have to come lowest first, as the lowest that hits wins a lookup.
    fn take_over(&mut self, slot: Slot, words: &Words) {
        let found = |row: &R| {
            let stands = self.hashing.rows_of(row.key(), self.ways[slot.way].len())[slot.way];
            stands == slot.row && !self.slots.contains_key(&row.key())
        };
        match R::unpack(words).filter(found) {
            Some(row) => {
                self.ways[slot.way][slot.row] = Some(row);
                self.slots.insert(row.key(), slot);
            }
            None if *words != [0; ROW_WORDS] => _ = self.in_doubt.rows.insert(slot),
            None => {}
        }
    }
}
