// SPDX-License-Identifier: MIT
//! The block `tap` behind the commit bus (docs/pipeline.md, section 5).

use rust_hdl::prelude::*;
use vireo_hdl::blocks::commit::Commit;
use vireo_hdl::blocks::tap::Tap;

use crate::bench::{CYCLES, Random, clock, clocked, generates, settle};

clocked!([] Tap);

fn row(random: &mut Random) -> Commit {
    Commit {
        way: random.below(4).to_bits(),
        row: random.below(4096).to_bits(),
        words: (bit_cast::<96, 64>(random.bits().to_bits::<64>()) << 32)
            | bit_cast::<96, 32>(random.below(1 << 32).to_bits::<32>()),
        ..Commit::default()
    }
}

/// What is written, without what says when.
fn strobes(commit: &Commit) -> [u64; 5] {
    [
        commit.port.into(),
        commit.group.into(),
        commit.vlan.into(),
        commit.channel.to_u64(),
        commit.binding.to_u64(),
    ]
}

/// Operations come at every distance that the bus allows, and a sweep now and then. What stands on the bus while none runs is not
/// written.
#[test]
fn tap_writes_once_what_the_bus_says_behind_the_write_cycle() {
    generates::<Tap>();
    let mut random = Random::new(6);
    let mut block = Tap::default();
    block.connect_all();
    // What the bus said while an operation ran, or of a row that is swept, a cycle later.
    let mut written = None;
    // Cycles since the write cycle.
    let mut since = 9;
    let (mut sweeping, mut commits) = (0, 0);
    let mut bus = Commit::default();
    for cycle in 0..CYCLES {
        let begins = sweeping == 0 && since > 3 && random.one_in(2);
        if begins {
            since = 0;
            bus = row(&mut random);
        } else if since > 3 && sweeping == 0 && random.one_in(100) {
            sweeping = 40;
        }
        let sweeps = sweeping > 1;
        let carries = since == 1 || (1..40).contains(&sweeping);
        if sweeping > 0 {
            bus = row(&mut random);
        }
        // What would be written, were the operation there.
        bus.port = carries && random.one_in(2);
        bus.group = carries && random.one_in(2);
        bus.vlan = carries && random.one_in(2);
        bus.channel = if carries { random.below(16) } else { 0 }.to_bits();
        bus.binding = if carries { random.below(16) } else { 0 }.to_bits();
        block.bus.next = Commit { begins, sweeps, ..bus };
        settle(&mut block);
        let found = block.commit.val();
        if let Some(expected) = written.take() {
            let expected: Commit = expected;
            assert_eq!(strobes(&found), strobes(&expected), "cycle {cycle}");
            assert_eq!(
                (found.way, found.row, found.words),
                (expected.way, expected.row, expected.words),
                "cycle {cycle}"
            );
            commits += 1;
        } else if cycle > 1 {
            assert_eq!(strobes(&found), [0; 5], "cycle {cycle}");
        }
        // An operation's row stands at the table as long as it runs.
        if (3..5).contains(&since) && sweeping == 0 && !begins {
            assert_eq!((found.row, found.words), (bus.row, bus.words), "cycle {cycle}");
        }
        if carries {
            written = Some(bus);
        }
        since += 1;
        sweeping = u32::saturating_sub(sweeping, 1);
        clock(&mut block);
    }
    assert!(commits > CYCLES / 20, "{commits} rows written");
}
