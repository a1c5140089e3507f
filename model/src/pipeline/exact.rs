// SPDX-License-Identifier: MIT
//! Exact-match tables: four ways of block RAM and the keyed hash in front of them (docs/pipeline.md, 3.4 and 4).
//!
//! [`ExactTable`] is the memory, [`Probe`] a key on its way through one lookup.

use vireo_spec::geometry::WAYS;
use vireo_spec::hash;

use super::ram::{BlockRam, Poison, ReadPort, Write};

/// A row of an exact-match table: a key, and what the lookup wants to know.
pub(crate) trait Row: Copy {
    /// What a hit gives.
    type Value: Copy;
    /// The key that the row matches.
    fn key(&self) -> u128;
    /// What it gives.
    fn value(&self) -> Self::Value;
}

/// What the array shows: nothing, a row, or where a read meets a write, poison.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Stored<T> {
    #[default]
    Empty,
    Row(T),
    Poison,
}

impl<T> Poison for Stored<T> {
    const POISON: Self = Self::Poison;
}

impl<T> From<Option<T>> for Stored<T> {
    fn from(row: Option<T>) -> Self {
        row.map_or(Self::Empty, Self::Row)
    }
}

/// A write to one way in this cycle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WayWrite<T> {
    pub(crate) way: usize,
    pub(crate) write: Write<Stored<T>>,
}

/// The hash's registers that software sets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Keying {
    /// Seeds A and B.
    pub(crate) seeds: [u128; 2],
    /// A bit a way: 1 = seed B.
    pub(crate) choice: u8,
}

/// The four ways.
#[derive(Debug)]
pub(crate) struct ExactTable<T> {
    ways: [BlockRam<Stored<T>>; WAYS],
    rows: usize,
}

impl<T: Row> ExactTable<T> {
    /// `rows` rows a way.
    pub(crate) fn new(rows: usize) -> Self {
        Self { ways: std::array::from_fn(|_| BlockRam::new(rows)), rows }
    }

    pub(crate) fn read(&self, way: usize, row: usize) -> Option<T> {
        match self.ways[way].read(row) {
            Stored::Row(row) => Some(row),
            Stored::Empty | Stored::Poison => None,
        }
    }

    pub(crate) fn write(&mut self, write: WayWrite<T>) {
        self.ways[write.way].write(write.write);
    }
}

/// A key on its way through a lookup.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Probe<T> {
    key: u128,
    /// The seeds that the key met, if they changed since.
    met: Option<[u128; 2]>,
    index: [usize; WAYS],
    ports: [ReadPort<Stored<T>>; WAYS],
}

impl<T: Row> Default for Probe<T> {
    fn default() -> Self {
        Self { key: 0, met: None, index: [0; WAYS], ports: [ReadPort::default(); WAYS] }
    }
}

/// Clocks from the key's register to the result's, and the stations between.
pub(crate) const INDEX: usize = 4;
pub(crate) const ARRAY: usize = 6;
pub(crate) const RESULT: usize = 11;

impl<T: Row> Probe<T> {
    /// The key goes into its register.
    #[inline]
    pub(crate) fn start(&mut self, key: u128) {
        self.key = key;
        self.met = None;
    }

    /// A seed of this table is about to change; the key has met it: the rounds, computed when they are wanted, are for the old one.
    pub(crate) fn settle(&mut self, keying: &Keying) {
        self.met.get_or_insert(keying.seeds);
    }

    /// Clock `INDEX`: each way's row, from the seed that its choice bit names.
    #[inline]
    pub(crate) fn index(&mut self, keying: &Keying, table: &ExactTable<T>) {
        let seeds = self.met.unwrap_or(keying.seeds);
        let mut permuted = [None; 2];
        for way in 0..WAYS {
            let chosen = usize::from(keying.choice >> way & 1);
            let x = *permuted[chosen].get_or_insert_with(|| hash::permute(self.key, seeds[chosen]));
            self.index[way] = hash::index(x, way, table.rows);
        }
    }

    /// Clock `ARRAY`: all ways' arrays are read.
    #[inline]
    pub(crate) fn read(&mut self, table: &ExactTable<T>, written: Option<&WayWrite<T>>) {
        for way in 0..WAYS {
            let written = written.filter(|w| w.way == way).map(|w| &w.write);
            self.ports[way].read(&table.ways[way], self.index[way], written);
        }
    }

    /// The result, in its register after clock `RESULT - 1`: the lowest way that hits.
    ///
    /// # Panics
    /// On poison: a read met a write and nothing guarded it, which is a defect of the model.
    #[inline]
    pub(crate) fn result(&self) -> Option<T::Value> {
        self.ports.iter().find_map(|port| match port.output() {
            Stored::Row(row) if row.key() == self.key => Some(row.value()),
            Stored::Poison => panic!("an unguarded read met a write"),
            _ => None,
        })
    }
}
