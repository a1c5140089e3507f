// SPDX-License-Identifier: MIT
//! The block `drain` against what docs/pipeline.md says of rounds.
use crate::bench::{CYCLES, Random, clock, clocked, generates, settle};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::drain::*;
use vireo_hdl::blocks::gather::Round;

clocked!([const N: usize, const L: usize] Drain<N, L>);

/// Frames by class, octets.
type Sums = [u64; 4];

fn round([unicast, multicast, broadcast, octets]: Sums) -> Round {
    let [unicast, multicast, broadcast] =
        [unicast, multicast, broadcast].map(|n| (n & 0xFF).to_bits());
    Round { unicast, multicast, broadcast, octets: (octets & 0x1_FFFF).to_bits() }
}

fn agrees<const N: usize, const L: usize>() {
    generates::<Drain<N, L>>();
    let entities = N + 2 * L + 2;
    let mut random = Random::new(N as u64);
    let mut block = Drain::<N, L>::default();
    let mut totals = vec![Sums::default(); entities];
    let mut grown = totals.clone();
    let mut of_round = false;
    let mut drained = 0;
    // Rounds since the reset: tables are swept for at least one that is drained whole.
    let mut rounds = 0;
    // Cycles since a round ended; the first one ends in the sweep.
    let mut since = 1000;
    for cycle in 0..CYCLES / 4 {
        let rst = cycle > 0 && random.one_in(20_000);
        let ends = since >= 128 && cycle % 128 == 127;
        let bank = random.one_in(2);
        block.rst.next = rst;
        block.ends.next = ends;
        block.bank.next = bank;
        let swept = block.sweep.val();
        block.gathered.next = round(if since >= 3 && since - 3 < entities {
            totals[since - 3]
        } else {
            // Nobody looks at what comes then.
            [random.below(256), random.below(256), random.below(256), random.below(65_536)]
        });
        settle(&mut block);
        let number = since.wrapping_sub(4);
        let counts = number < entities && !swept;
        assert_eq!(block.add.val(), counts, "cycle {cycle}, {since} after the round");
        if counts {
            assert_eq!(block.row.val().index(), number, "cycle {cycle}");
            assert_eq!(block.drained_bank.val(), of_round, "cycle {cycle}");
            assert_eq!(block.amount.val(), round(grown[number]), "cycle {cycle}, number {number}");
            drained += 1;
        }
        since += 1;
        if ends {
            for (total, grown) in totals.iter_mut().zip(&mut grown) {
                let frames = random.below(129);
                *grown = [frames, random.below(129 - frames), 0, random.below(65_535 + 128 * 64)];
                if block.sweep.val() {
                    *grown = Sums::default();
                }
                total.iter_mut().zip(grown).for_each(|(total, grown)| *total += *grown);
            }
            of_round = bank;
            since = 1;
            rounds += 1;
        }
        if rst {
            totals.fill(Sums::default());
            since = 1000;
        }
        clock(&mut block);
        if rst || cycle == 0 {
            block.sweep.next = true;
            rounds = 0;
        } else if ends && rounds > 1 && random.one_in(2) {
            block.sweep.next = false;
        }
    }
    assert!(drained > 1000, "{drained}");
}

#[test]
fn drain_says_one_a_clock_what_each_counted_in_the_round() {
    agrees::<4, 2>();
    agrees::<64, 8>();
}
