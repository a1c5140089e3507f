// SPDX-License-Identifier: MIT
//! The block `counter` against what docs/pipeline.md says of it.
use std::collections::VecDeque;

use crate::bench::{CYCLES, Random, clock, clocked, generates, settle};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::counter::*;

clocked!([const A: usize, const R: usize] Counter<A, R>);

/// Clocks from an add to the row that software's port reads.
const CLOCKS: u64 = 6;

/// What a counter is asked to do in a cycle.
pub(crate) struct Asked {
    pub(crate) rst: bool,
    pub(crate) add: bool,
    pub(crate) active: bool,
    pub(crate) row: usize,
    pub(crate) clear: u64,
    pub(crate) other: usize,
}

/// Two banks of `2^A` rows: one counts, the other is read and cleared once what was under way has counted; they swap. A reset
/// is followed by a sweep of both.
pub(crate) struct Banks<T> {
    banks: [Vec<T>; 2],
    active: bool,
    /// Cycles since the swap, and until the sweep's end.
    age: u64,
    sweep: u64,
    /// Rows that software read four cycles ago to one.
    reads: VecDeque<Option<T>>,
}

impl<T: Copy + Default> Banks<T> {
    pub(crate) fn new(address: usize) -> Self {
        let banks = [vec![T::default(); 1 << address], vec![T::default(); 1 << address]];
        Self { banks, active: false, age: 0, sweep: 0, reads: VecDeque::from([None; 4]) }
    }

    pub(crate) fn ask(&mut self, random: &mut Random) -> Asked {
        let rows = self.banks[0].len() as u64;
        let quiet = self.age > CLOCKS;
        if quiet && random.one_in(60) {
            self.active = !self.active;
            self.age = 0;
            // What was read just before would be shown from the other bank.
            self.reads = VecDeque::from([None; 4]);
        }
        let any = random.below(rows) as usize;
        let other = if self.sweep > 0 { self.sweep as usize - 1 } else { any };
        let idle = 1 << u64::from(!self.active);
        let spread = if random.one_in(4) { rows } else { 3 };
        let clears = self.age > CLOCKS && random.one_in(4);
        Asked {
            rst: random.one_in(3000),
            add: self.sweep == 0 && !random.one_in(3),
            active: self.active,
            // Mostly few rows, so that the same one counts in clock after clock.
            row: random.below(spread) as usize,
            clear: if self.sweep > 0 { 3 } else { u64::from(clears) * idle },
            other,
        }
    }

    /// The row of four cycles ago, where it was read.
    pub(crate) fn read(&self) -> Option<T> {
        self.reads[0]
    }

    /// The cycle's end; `count` adds to a row.
    pub(crate) fn clock(&mut self, asked: &Asked, count: impl FnOnce(&mut T)) {
        let idle = &mut self.banks[usize::from(!self.active)];
        let reads = self.age + 1 >= CLOCKS && self.sweep == 0 && asked.clear == 0;
        self.reads.pop_front();
        self.reads.push_back(reads.then(|| idle[asked.other]));
        if asked.clear != 0 {
            idle[asked.other] = T::default();
        }
        if asked.add {
            count(&mut self.banks[usize::from(self.active)][asked.row]);
        }
        self.age += 1;
        self.sweep = self.sweep.saturating_sub(1);
        if asked.rst {
            let rows = self.banks[0].len();
            *self = Self {
                sweep: rows as u64,
                active: self.active,
                ..Self::new(rows.ilog2() as usize)
            };
        }
    }
}

fn agrees<const A: usize, const R: usize>() {
    generates::<Counter<A, R>>();
    let mut random = Random::new(R as u64);
    let mut block = Counter::<A, R>::default();
    let mut banks = Banks::<u64>::new(A);
    let ones = u64::MAX >> (64 - R);
    for cycle in 0..CYCLES / 2 {
        let asked = banks.ask(&mut random);
        block.rst.next = asked.rst;
        block.add.next = asked.add;
        block.bank.next = asked.active;
        block.row.next = asked.row.to_bits();
        block.clear.next = asked.clear.to_bits();
        block.other.next = asked.other.to_bits();
        block.shows.next = true;
        block.shown.next = !asked.active;
        settle(&mut block);
        if let Some(value) = banks.read() {
            assert_eq!(block.value.val().to_u64(), value, "cycle {cycle}");
        }
        banks.clock(&asked, |sum| *sum = (*sum + 1) & ones);
        clock(&mut block);
    }
}

#[test]
fn counter_misses_nothing_when_one_row_counts_in_every_clock() {
    agrees::<4, 32>();
    agrees::<3, 48>();
}
