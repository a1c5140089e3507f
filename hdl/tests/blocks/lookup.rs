// SPDX-License-Identifier: MIT
//! An exact-match table and the lookups in it, in plain Rust (docs/pipeline.md, 3.4 and 4): what the tests of the blocks that hold
//! such a table go by.

use std::collections::VecDeque;

use crate::bench::{Random, wide};
use rust_hdl::prelude::*;
use vireo_spec::geometry::WAYS;
use vireo_spec::hash::{self, index, round};

/// Rows in each way: few, so that lookups, writes and reads meet.
pub(crate) const ROWS: usize = 16;
/// Clocks from a key to its row.
const CLOCKS: usize = 11;

/// A random number of the hash's width.
pub(crate) fn seed(random: &mut Random) -> u128 {
    (u128::from(random.bits()) << 64 | u128::from(random.bits())) & ((1 << hash::BITS) - 1)
}

/// The seeds and choices of a cycle.
#[derive(Default)]
pub(crate) struct Keying {
    a: u128,
    b: u128,
    choice: u64,
}

impl Keying {
    /// Changes a seed or the choices now and then, and shows them to the block.
    pub(crate) fn drive(
        &mut self,
        random: &mut Random,
        seed_a: &mut Signal<In, Bits<72>>,
        seed_b: &mut Signal<In, Bits<72>>,
        choice: &mut Signal<In, Bits<4>>,
    ) {
        if random.one_in(300) {
            self.a = seed(random);
            seed_a.next = wide(self.a);
        }
        if random.one_in(300) {
            self.b = seed(random);
            seed_b.next = wide(self.b);
        }
        if random.one_in(100) {
            self.choice = random.below(16);
            choice.next = self.choice.to_bits();
        }
    }
}

/// A row: `None` is one that is not valid.
pub(crate) type Row = Option<(u128, u64)>;

/// A key on its way.
#[derive(Clone, Copy, Default)]
struct Key {
    key: u128,
    a: u128,
    b: u128,
    rows: [usize; WAYS],
    read: [Row; WAYS],
}

/// The table, the keys on their way, and what software's port reads.
pub(crate) struct Lookup {
    table: [[Row; ROWS]; WAYS],
    /// `line[i]` has seen `i + 1` clocks with `en`: it is in its cycle `x + i + 1`.
    line: [Key; CLOCKS],
    /// Rows that were read three cycles ago to one; `None` in a way that was written instead.
    reads: VecDeque<[Option<Row>; WAYS]>,
    /// Keys that found a row, and array reads that met a write.
    pub(crate) hits: usize,
    pub(crate) bypasses: usize,
}

impl Lookup {
    pub(crate) fn new() -> Self {
        Self {
            table: [[None; ROWS]; WAYS],
            line: [Key::default(); CLOCKS],
            reads: VecDeque::from([[None; WAYS]; 3]),
            hits: 0,
            bypasses: 0,
        }
    }

    /// The value of the row that is found in this cycle.
    pub(crate) fn found(&self) -> Option<u64> {
        let done = &self.line[CLOCKS - 1];
        let hit = done.read.iter().flatten().find(|(key, _)| *key == done.key);
        hit.map(|(_, value)| *value)
    }

    /// The row of three cycles ago in `way`, if that was read.
    pub(crate) fn read(&self, way: usize) -> Option<Row> {
        self.reads[0][way]
    }

    /// A key that is about to read the arrays, or does so in this cycle, and where: a write there is worth trying.
    pub(crate) fn about(&self, random: &mut Random) -> (u128, [usize; WAYS]) {
        let key = &self.line[4 + random.below(2) as usize];
        (key.key, key.rows)
    }

    /// The cycle's end: with `en` keys move and `key` comes in; `new` is written to `row` in each way of `commit`.
    pub(crate) fn clock(
        &mut self,
        en: bool,
        key: u128,
        keying: &Keying,
        commit: u64,
        row: usize,
        new: Row,
    ) {
        let row = row % ROWS;
        let written = |way: usize| commit >> way & 1 == 1;
        let read = |way: usize| (!written(way)).then(|| self.table[way][row]);
        let reads = [0, 1, 2, 3].map(read);
        if en {
            self.hits += usize::from(self.found().is_some());
            self.line.copy_within(0..CLOCKS - 1, 1);
            self.line[0] = Key { key, a: key ^ keying.a, b: key ^ keying.b, ..Key::default() };
            for (r, one) in self.line[1..4].iter_mut().enumerate() {
                one.a = round(one.a, r);
                one.b = round(one.b, r);
            }
            let one = &mut self.line[4];
            for way in 0..WAYS {
                let x = if keying.choice >> way & 1 == 1 { one.b } else { one.a };
                one.rows[way] = index(x, way, ROWS);
            }
            let one = &mut self.line[6];
            for way in 0..WAYS {
                let meets = written(way) && one.rows[way] == row;
                self.bypasses += usize::from(meets);
                one.read[way] = if meets { new } else { self.table[way][one.rows[way]] };
            }
        }
        (0..WAYS).filter(|&way| written(way)).for_each(|way| self.table[way][row] = new);
        self.reads.pop_front();
        self.reads.push_back(reads);
    }
}
