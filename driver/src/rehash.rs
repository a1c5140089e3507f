// SPDX-License-Identifier: MIT
//! A new seed for a hash table that is in use, way by way, so that every row is found all the while.
//!
//! The new seed goes where no way uses one. Then each way is emptied into the others, as an insert makes room: a row is
//! written at its new place before it leaves the old one. The empty way takes the new seed in one clock, and the rows of the
//! next way find it free. Three ways have to hold what four did; up to [`REHASH_LOAD`] they do.
//!
//! **Failures.** A rehash that the bus, or the end of the driver, cuts short leaves some ways on either seed: a table like any
//! other. The next rehash first brings all ways to one seed: to the wanted one if one has it, and is done.

use vireo_spec::geometry::WAYS;
use vireo_spec::registers::SEED_CHOICE;
use vireo_spec::table::Table;

use crate::placement::{ExactMatch, Placed};
use crate::seeds::{self, Drawn};
use crate::{BusError, Device, Error, RegisterBus};

/// Percent of its rows that a table may use when it is given a new seed.
pub const REHASH_LOAD: usize = 65;

/// By choice of all ways: whether a rehash has been there.
type Tried = [bool; 1 << WAYS];

impl<B: RegisterBus> Device<B> {
    /// Gives a hash table the seed that is drawn from `seed` (the same for the same number), while frames flow: no lookup
    /// misses a row. A table that has it already is left as it is.
    ///
    /// # Errors
    /// [`Error::NotHashed`], [`Error::NotInitialized`] or [`Error::RehashRefused`] before anything is changed.
    /// [`Error::RehashStuck`] or [`Error::Bus`], after which the table is whole, and the call may be repeated or any other made.
    pub fn rehash(&mut self, table: Table, seed: u64) -> Result<(), Error> {
        let placed = self.placed.as_mut().ok_or(Error::NotInitialized)?;
        let drawn = Drawn::from(seed);
        match table {
            Table::Channel => placed.channels.rehash(&mut self.bus, drawn.channels),
            Table::Binding => placed.bindings.rehash(&mut self.bus, drawn.bindings),
            _ => Err(Error::NotHashed { table }),
        }
    }
}

impl<R: Placed> ExactMatch<R> {
    fn rehash(&mut self, bus: &mut impl RegisterBus, wanted: u128) -> Result<(), Error> {
        let (table, used, rows) = (R::TABLE, self.len(), self.capacity());
        if used * 100 > rows * REHASH_LOAD {
            return Err(Error::RehashRefused { table, used, rows });
        }
        self.settle(bus, None)?;
        let has = |which: &usize| self.hashing.uses(*which) && self.hashing.seeds[*which] == wanted;
        let mostly = usize::from(2 * self.hashing.choice.count_ones() as usize > WAYS);
        let there = [0, 1].into_iter().find(has);
        let mut old = there.unwrap_or(mostly);
        let mut reached = self.reaches(bus, old, &mut Tried::default())?;
        if there.is_none() {
            if !reached {
                old = 1 - old;
                reached = self.reaches(bus, old, &mut Tried::default())?;
            }
            if reached {
                let new = 1 - old;
                seeds::write(bus, &R::SEEDS[new], wanted)?;
                self.hashing.seeds[new] = wanted;
                reached = self.reaches(bus, new, &mut Tried::default())?;
            }
        }
        if reached { Ok(()) } else { Err(Error::RehashStuck { table, used, rows }) }
    }

    /// Goes from choice to choice, a way at a time, until all ways hash with seed `which`; `false` if no choice that was not `tried`
    /// leads there. In small tables now and then a way cannot be emptied, and another has to go first, or back and again.
    fn reaches(
        &mut self,
        bus: &mut impl RegisterBus,
        which: usize,
        tried: &mut Tried,
    ) -> Result<bool, BusError> {
        tried[usize::from(self.hashing.choice)] = true;
        let (there, on_the_way): (Vec<_>, Vec<_>) =
            (0..WAYS).partition(|&way| self.hashing.choice_of(way) == which);
        if on_the_way.is_empty() {
            return Ok(true);
        }
        for way in on_the_way.into_iter().chain(there) {
            let next = self.hashing.choice ^ 1 << way;
            if tried[usize::from(next)] || !self.turn(bus, way)? {
                continue;
            }
            // The way back is always open: the other ways held all rows a moment ago.
            if self.reaches(bus, which, tried)? || !self.turn(bus, way)? {
                return Ok(self.hashing.choice == [0, (1 << WAYS) - 1][which]);
            }
        }
        Ok(false)
    }

    /// Empties `way` and lets it hash with the other seed; `false` if the other ways have no place for its rows.
    fn turn(&mut self, bus: &mut impl RegisterBus, way: usize) -> Result<bool, BusError> {
        let emptied = self.empty(bus, way)?;
        if emptied {
            self.hashing.choice ^= 1 << way;
            self.in_doubt.choice = true;
            self.write_choice(bus)?;
        }
        Ok(emptied)
    }

    /// Moves the rows of `way` into the others; `false` if one of them finds no place there.
    fn empty(&mut self, bus: &mut impl RegisterBus, way: usize) -> Result<bool, BusError> {
        for index in 0..self.ways[way].len() {
            if let Some(row) = self.ways[way][index] {
                let Some(chain) = self.chain(row.key(), Some(way)) else { return Ok(false) };
                self.make_room(bus, &chain, row)?;
            }
        }
        // The last row that moved, and whatever else the machine may hold in this way, would be found in wrong places.
        self.settle(bus, None)?;
        Ok(true)
    }

    /// Writes which seed each way hashes with; the other table's ways keep theirs.
    pub(crate) fn write_choice(&mut self, bus: &mut impl RegisterBus) -> Result<(), BusError> {
        let register = bus.read(SEED_CHOICE.address)?;
        let others = register & !R::CHOICE.at(R::CHOICE.max() as u32);
        bus.write(SEED_CHOICE.address, others | R::CHOICE.at(self.hashing.choice.into()))?;
        self.in_doubt.choice = false;
        Ok(())
    }
}
