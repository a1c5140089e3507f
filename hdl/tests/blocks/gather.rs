// SPDX-License-Identifier: MIT
//! The block `gather` against what docs/pipeline.md says of it.
use crate::bench::{CYCLES, Random, clock, clocked, generates, settle};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::gather::*;

clocked!([const N: usize] Gather<N>);

/// What a port has counted in all: frames by class, octets.
type Sums = ([u64; 3], u64);

fn expected(sums: Option<&Sums>) -> Round {
    let (frames, octets) = sums.copied().unwrap_or_default();
    let [unicast, multicast, broadcast] = frames.map(|n| (n & 0xFF).to_bits());
    Round { unicast, multicast, broadcast, octets: (octets & 0x1_FFFF).to_bits() }
}

fn agrees<const N: usize>() {
    generates::<Gather<N>>();
    let mut random = Random::new(N as u64);
    let mut block = Gather::<N>::default();
    let mut now = vec![Sums::default(); N];
    // What stood there when the round before ended, and the port that shows it: port 0 in the third cycle after it.
    let mut before: Option<(Vec<Sums>, isize)> = None;
    let mut left = 128;
    let mut busy = true;
    for cycle in 0..CYCLES / 2 {
        // Now and then a round in which a frame counts in every clock.
        let members = if busy || random.one_in(3) { random.bits() & random.bits() } else { 0 };
        let members = if random.one_in(4) { u64::MAX } else { members } & (u64::MAX >> (64 - N));
        let class = random.below(3);
        // A frame's octets came in this round, but for one that began long before.
        let octets = if left == 128 { random.below(65_536) } else { random.below(257) };
        left -= 1;
        let ends = left == 0;
        block.members.next = members.to_bits();
        block.class.next = class.to_bits();
        block.octets.next = octets.to_bits();
        block.ends.next = ends;
        settle(&mut block);
        if let Some((sums, port)) = &mut before {
            if *port >= 0 {
                let sums = sums.get(*port as usize);
                assert_eq!(block.shown.val(), expected(sums), "cycle {cycle}, port {port}");
            }
            *port += 1;
        }
        for (port, (frames, sum)) in now.iter_mut().enumerate() {
            if members >> port & 1 == 1 {
                frames[class as usize] += 1;
                *sum += octets;
            }
        }
        if ends {
            before = Some((now.clone(), -2));
            left = 128;
            busy = random.one_in(2);
        }
        clock(&mut block);
    }
}

#[test]
fn gather_shows_a_port_a_clock_what_it_had_counted_when_the_round_ended() {
    agrees::<4>();
    agrees::<16>();
}
