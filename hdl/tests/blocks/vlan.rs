// SPDX-License-Identifier: MIT
//! The block `vlan` against what docs/pipeline.md says of it.
use std::collections::VecDeque;

use crate::bench::{CYCLES, Random, clock, clocked, generates, settle};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::vlan::*;
use vireo_spec::geometry::VLAN_ROWS;

clocked!([const N: usize] Vlan<N>);

/// The `vlan` table in plain Rust: its row is read in a lookup's cycle `x+6` and answers in `x+11` (docs/pipeline.md, 3.4).
pub(crate) struct Admission {
    rows: Vec<u64>,
    /// VLAN and port on their way, and from the read on whether the row admits.
    line: [(u16, u8, bool); 11],
    reads: VecDeque<Option<u64>>,
    bypasses: usize,
}

impl Admission {
    pub(crate) fn new() -> Self {
        let reads = VecDeque::from([None; 3]);
        Self { rows: vec![0; VLAN_ROWS], line: [(0, 0, false); 11], reads, bypasses: 0 }
    }

    /// The answer of this cycle.
    pub(crate) fn admits(&self) -> bool {
        self.line[10].2
    }

    /// The row of three cycles ago, if it was read and not written.
    pub(crate) fn read(&self) -> Option<u64> {
        self.reads[0]
    }

    /// The cycle's end: with `en` (VLAN, port) comes in; software reads `row`, or writes it.
    pub(crate) fn clock(&mut self, en: bool, asked: (u16, u8), row: usize, write: Option<u64>) {
        self.reads.pop_front();
        self.reads.push_back(write.is_none().then(|| self.rows[row]));
        if en {
            let (vlan, port, admits) = &mut self.line[5];
            let meets = write.filter(|_| row == usize::from(*vlan));
            self.bypasses += usize::from(meets.is_some());
            *admits = meets.unwrap_or(self.rows[usize::from(*vlan)]) >> *port & 1 == 1;
            self.line.copy_within(0..10, 1);
            self.line[0] = (asked.0, asked.1, false);
        }
        if let Some(ports) = write {
            self.rows[row] = ports;
        }
    }
}

fn agrees<const N: usize>() {
    generates::<Vlan<N>>();
    let mut random = Random::new(N as u64);
    let mut block = Vlan::<N>::default();
    let mut admission = Admission::new();
    for cycle in 0..CYCLES / 2 {
        let en = !random.one_in(4);
        let mut vlan = || random.below(4) << 10 | random.below(2);
        let (asked, row) = (vlan(), vlan());
        let port = random.below(N as u64);
        let (commit, data) = (random.one_in(2), random.bits() & (u64::MAX >> (64 - N)));
        block.en.next = en;
        block.vlan.next = asked.to_bits();
        block.port.next = port.to_bits();
        block.commit.next = commit;
        block.row.next = row.to_bits();
        block.row_data.next = data.to_bits();
        settle(&mut block);
        if cycle > 30 {
            assert_eq!(block.admits.val(), admission.admits(), "cycle {cycle}");
        }
        if let Some(read) = admission.read() {
            assert_eq!(block.row_read.val().to_u64(), read, "cycle {cycle}");
        }
        let write = commit.then_some(data);
        admission.clock(en, (asked as u16, port as u8), row as usize, write);
        clock(&mut block);
    }
    assert!(admission.bypasses > 2_500, "{} bypasses", admission.bypasses);
}

#[test]
fn vlan_row_of_the_sixth_cycle_stands_in_the_eleventh() {
    agrees::<8>();
    agrees::<64>();
}
