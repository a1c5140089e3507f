// SPDX-License-Identifier: MIT
//! Where the rows of a hash table stand: the driver's copy of an exact-match table, and the moves that make room in it.
//!
//! A key may stand in one row of each of four ways. Where all four are taken, a breadth-first search finds the shortest chain
//! of rows that can move on to another of their own four places, the last of them into a free one.
//!
//! **Order.** Rows are written from the free end of the chain backwards: each is written at its new place before the row that
//! follows overwrites its old one. So every key is found at any time, at worst in two places with the same row.
//!
//! **Failures.** What of the machine may differ from the copy is `in_doubt`: after an error of the bus the row that was being
//! written, or one that has moved on and was to be overwritten next; on a machine that was taken over, whatever stood where no
//! lookup needs it. The next change of the table makes it as the copy says before anything else. All other rows are as the
//! copy says. So a failed call may be repeated, or be followed by any other.

use std::collections::{BTreeSet, HashMap, HashSet};

use vireo_spec::field::{Field, Words};
use vireo_spec::geometry::WAYS;
use vireo_spec::registers::{self as map, Register, seed_choice};
use vireo_spec::rows::{BindingRow, ChannelRow};
use vireo_spec::table::Table;

use crate::access::Place;
use crate::seeds::Hashing;
use crate::{BusError, Error, RegisterBus};

/// Rows that a search looks at before it calls a table full.
pub const SEARCH_BOUND: usize = 1000;

/// A row that stands where its key's hash says.
pub trait Placed: Copy {
    /// The table it stands in.
    const TABLE: Table;
    /// Its seeds, A and B.
    const SEEDS: [Register; 2];
    /// Its ways in register `seed_choice`.
    const CHOICE: Field;

    /// What the table hashes and compares.
    fn key(&self) -> u128;

    /// The row, valid, as software stages it.
    fn pack(&self) -> Words;

    /// The row of these words; `None` if it is not valid.
    fn unpack(words: &Words) -> Option<Self>;
}

impl Placed for ChannelRow {
    const TABLE: Table = Table::Channel;
    const SEEDS: [Register; 2] = [map::SEED_CHANNEL_A, map::SEED_CHANNEL_B];
    const CHOICE: Field = seed_choice::CHANNEL;

    fn key(&self) -> u128 {
        Self::key(self.link, self.channel)
    }

    fn pack(&self) -> Words {
        self.pack()
    }

    fn unpack(words: &Words) -> Option<Self> {
        Self::unpack(words)
    }
}

impl Placed for BindingRow {
    const TABLE: Table = Table::Binding;
    const SEEDS: [Register; 2] = [map::SEED_BINDING_A, map::SEED_BINDING_B];
    const CHOICE: Field = seed_choice::BINDING;

    fn key(&self) -> u128 {
        Self::key(self.port, self.mac, self.vlan)
    }

    fn pack(&self) -> Words {
        self.pack()
    }

    fn unpack(words: &Words) -> Option<Self> {
        Self::unpack(words)
    }
}

/// One row of one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slot {
    pub(crate) way: usize,
    pub(crate) row: usize,
}

/// What of the machine may differ from the copy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doubt {
    /// These rows.
    pub(crate) rows: BTreeSet<Slot>,
    /// The ways' choice of seeds; the ways that it is about are empty.
    pub(crate) choice: bool,
}

/// The driver's copy of a hash table.
#[derive(Clone, Debug)]
pub struct ExactMatch<R> {
    pub(crate) hashing: Hashing,
    pub(crate) ways: [Vec<Option<R>>; WAYS],
    pub(crate) slots: HashMap<u128, Slot>,
    pub(crate) in_doubt: Doubt,
}

impl<R: Placed> ExactMatch<R> {
    /// An empty table of `rows` rows per way, as the machine holds it after its seed was written.
    pub(crate) fn new(hashing: Hashing, rows: usize) -> Self {
        let ways = std::array::from_fn(|_| vec![None; rows]);
        Self { hashing, ways, slots: HashMap::new(), in_doubt: Doubt::default() }
    }

    /// The row with this key.
    pub fn get(&self, key: u128) -> Option<&R> {
        self.slots.get(&key).and_then(|&slot| self.at(slot).as_ref())
    }

    /// All rows, by way and place.
    pub fn iter(&self) -> impl Iterator<Item = &R> {
        self.ways.iter().flatten().flatten()
    }

    /// Rows in use.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether no row is in use.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Rows in all ways.
    pub fn capacity(&self) -> usize {
        self.ways.iter().map(Vec::len).sum()
    }

    /// The seed that each way hashes with.
    pub fn hashing(&self) -> &Hashing {
        &self.hashing
    }

    /// Puts `row` into table and copy; a row with the same key is replaced where it stands, in one clock.
    ///
    /// # Errors
    /// [`Error::TableFull`], before anything is changed; or [`Error::Bus`], after which the call may be repeated.
    pub(crate) fn insert(&mut self, bus: &mut impl RegisterBus, row: R) -> Result<(), Error> {
        if let Some(&slot) = self.slots.get(&row.key()) {
            return Ok(self.put(bus, slot, row)?);
        }
        let full = || Error::TableFull { table: R::TABLE, used: self.len(), rows: self.capacity() };
        let chain = self.chain(row.key(), None).ok_or_else(full)?;
        Ok(self.make_room(bus, &chain, row)?)
    }

    /// Moves the rows of a chain, each to the place before its own, and puts `row` into the last.
    pub(crate) fn make_room(
        &mut self,
        bus: &mut impl RegisterBus,
        chain: &[Slot],
        row: R,
    ) -> Result<(), BusError> {
        for pair in chain.windows(2) {
            if let Some(moved) = *self.at(pair[1]) {
                self.put(bus, pair[0], moved)?;
            }
        }
        if let Some(&slot) = chain.last() {
            self.put(bus, slot, row)?;
        }
        Ok(())
    }

    /// Takes the row with this key out of table and copy, if there is one.
    ///
    /// # Errors
    /// [`BusError`], after which the call may be repeated.
    pub(crate) fn remove(&mut self, bus: &mut impl RegisterBus, key: u128) -> Result<(), BusError> {
        let slot = self.slots.get(&key).copied();
        // Also where the copy has no such key: an insert of it that failed may have left it in the machine.
        self.settle(bus, slot)?;
        if let Some(slot) = slot {
            self.in_doubt.rows.insert(slot);
            Self::place(slot).clear(bus)?;
            self.in_doubt.rows.remove(&slot);
            self.ways[slot.way][slot.row] = None;
            self.slots.remove(&key);
        }
        Ok(())
    }

    /// The four places of a key, one in each way.
    fn candidates(&self, key: u128) -> [Slot; WAYS] {
        let rows = self.hashing.rows_of(key, self.ways[0].len());
        std::array::from_fn(|way| Slot { way, row: rows[way] })
    }

    /// The shortest chain of places that makes room for `key`: first a free place, then the places of the rows that move, each
    /// to the place before its own, last the place of `key`; none of them in the way `closed`. `None` if [`SEARCH_BOUND`] rows
    /// show no free place.
    pub(crate) fn chain(&self, key: u128, closed: Option<usize>) -> Option<Vec<Slot>> {
        // In the order of the search: a place, and the index of the place whose row could move to it.
        let mut found: Vec<(Slot, Option<usize>)> = Vec::new();
        let mut seen = HashSet::new();
        let (mut wanted, mut parent) = (key, None);
        for next in 0.. {
            let open = |slot: &Slot| Some(slot.way) != closed;
            for slot in self.candidates(wanted).into_iter().filter(open) {
                if found.len() == SEARCH_BOUND {
                    return None;
                }
                if !seen.insert(slot) {
                    continue;
                }
                found.push((slot, parent));
                if self.at(slot).is_none() {
                    let last = Some(&found[found.len() - 1]);
                    let back = |&(_, parent): &(Slot, Option<usize>)| found.get(parent?);
                    return Some(
                        std::iter::successors(last, |&step| back(step)).map(|s| s.0).collect(),
                    );
                }
            }
            wanted = self.at(found.get(next)?.0).as_ref()?.key();
            parent = Some(next);
        }
        None
    }

    /// Writes `row` at `slot`. If it stood elsewhere, that place is free from now on, but its row is still in the machine.
    fn put(&mut self, bus: &mut impl RegisterBus, slot: Slot, row: R) -> Result<(), BusError> {
        self.settle(bus, Some(slot))?;
        self.in_doubt.rows.insert(slot);
        Self::place(slot).write(bus, &row.pack())?;
        self.in_doubt.rows.remove(&slot);
        self.ways[slot.way][slot.row] = Some(row);
        let left = self.slots.insert(row.key(), slot).filter(|&old| old != slot);
        if let Some(old) = left {
            self.ways[old.way][old.row] = None;
            self.in_doubt.rows.insert(old);
        }
        Ok(())
    }

    /// Makes what is in doubt as this copy says, but for a row that the caller is about to write.
    pub(crate) fn settle(
        &mut self,
        bus: &mut impl RegisterBus,
        about_to_write: Option<Slot>,
    ) -> Result<(), BusError> {
        if self.in_doubt.choice {
            self.write_choice(bus)?;
        }
        let rows = self.in_doubt.rows.iter().copied();
        for slot in rows.filter(|&slot| Some(slot) != about_to_write).collect::<Vec<_>>() {
            match self.at(slot) {
                Some(row) => Self::place(slot).write(bus, &row.pack())?,
                None => Self::place(slot).clear(bus)?,
            }
            self.in_doubt.rows.remove(&slot);
        }
        Ok(())
    }

    fn at(&self, slot: Slot) -> &Option<R> {
        &self.ways[slot.way][slot.row]
    }

    pub(crate) fn place(slot: Slot) -> Place {
        // A table has 4 ways of 4096 rows at most.
        Place { table: R::TABLE, way: slot.way as u8, row: slot.row as u16 }
    }
}
