// SPDX-License-Identifier: MIT
//! Verdicts on their way beside the lookups (docs/pipeline.md, 3.4): each is at the end of its `pipe` or `ring`, whole, when the
//! lookup's result is: 9 clocks later where it waits for a binding alone, 14 from `c+1` to `c+15`, 10 from there on.

use std::collections::VecDeque;

use rust_hdl::prelude::*;
use vireo_hdl::blocks::pipe::{Pipe, Ring};
use vireo_hdl::blocks::verdict::Verdict;

use crate::bench::{CYCLES, Random, clock, clocked, settle};

clocked!([const N: usize] Pipe<Verdict, N>);
clocked!([const N: usize] Ring<Verdict, N>);

/// A verdict, any.
pub(crate) fn verdict(random: &mut Random) -> Verdict {
    let flags = random.bits();
    let flag = |at: u32| flags >> at & 1 == 1;
    Verdict {
        drop: flag(0),
        reason: random.below(32).to_bits(),
        control: flag(1),
        at_port: flag(2),
        check_source: flag(3),
        growth: random.below(16).to_bits(),
        tag: random.bits().to_bits(),
        priority: random.below(16).to_bits(),
        maximum: random.below(1 << 14).to_bits(),
        id: random.below(1 << 8).to_bits(),
        members: random.bits().to_bits(),
        port: random.below(64).to_bits(),
        entity: random.below(1 << 9).to_bits(),
        class: random.below(3).to_bits(),
        mac: random.below(1 << 48).to_bits(),
        vlan: random.below(1 << 12).to_bits(),
        port_vlan: random.below(1 << 12).to_bits(),
        link: random.below(8).to_bits(),
        channel: random.below(1 << 22).to_bits(),
    }
}

macro_rules! agree {
    ($block:ident, $n:literal) => {{
        let mut random = Random::new($n);
        let mut block = $block::<Verdict, $n>::default();
        block.connect_all();
        let mut pipe: VecDeque<Verdict> = vec![Verdict::default(); $n].into();
        for cycle in 0..CYCLES / 4 {
            let (en, verdict) = (!random.one_in(4), verdict(&mut random));
            block.en.next = en;
            block.d.next = verdict;
            settle(&mut block);
            assert_eq!(block.q.val(), pipe[0], "cycle {cycle}");
            if en {
                pipe.pop_front();
                pipe.push_back(verdict);
            }
            clock(&mut block);
        }
    }};
}

#[test]
fn verdict_arrives_whole_with_its_lookup() {
    agree!(Pipe, 3);
    agree!(Ring, 2);
    agree!(Ring, 9);
    agree!(Ring, 14);
    agree!(Ring, 16);
}
