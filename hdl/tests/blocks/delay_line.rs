// SPDX-License-Identifier: MIT
//! The block `delay_line`: a frame's first beat leaves it in cycle `e` (docs/pipeline.md, 3.5), 17 slots after it left the
//! window towards links, 33 towards ports.

use std::collections::VecDeque;

use rust_hdl::prelude::*;
use vireo_hdl::blocks::delay_line::DelayLine;
use vireo_hdl::blocks::slot::Slot;

use crate::bench::{CYCLES, Random, clock, clocked, generates, pack, settle, unpack};

clocked!([const W: usize, const DEPTH: usize, const A: usize, const LEAD: usize, const SOON: usize]
    DelayLine<W, DEPTH, A, LEAD, SOON>);

fn agree<
    const W: usize,
    const DEPTH: usize,
    const A: usize,
    const LEAD: usize,
    const SOON: usize,
>() {
    generates::<DelayLine<W, DEPTH, A, LEAD, SOON>>();
    let mut random = Random::new((W + DEPTH) as u64);
    let mut block = DelayLine::<W, DEPTH, A, LEAD, SOON>::default();
    block.connect_all();
    let empty: VecDeque<Option<(Slot, Vec<u8>)>> = vec![None; DEPTH].into();
    let mut line = empty.clone();
    for cycle in 0..CYCLES / 8 {
        // Both en and bubbles in long runs too: the ring comes round.
        let (rst, en) = (cycle < 2 || random.one_in(500), random.below(8) >= cycle / 500 % 7);
        let bits = random.bits();
        let slot = Slot {
            valid: bits & 7 != 0,
            first: bits & 8 != 0,
            last: bits & 16 != 0,
            bad: bits & 32 != 0,
            size: (bits >> 6 & 127).to_bits(),
        };
        let octets = random.octets(W / 8);
        block.rst.next = rst;
        block.en.next = en;
        block.s_slot.next = slot;
        block.s_data.next = pack(&octets);
        settle(&mut block);
        assert_eq!(block.slot.val().valid, line[0].is_some(), "cycle {cycle}");
        if let Some((slot, octets)) = &line[0] {
            assert_eq!(block.slot.val(), *slot, "cycle {cycle}");
            assert_eq!(unpack(block.data.val()), *octets, "cycle {cycle}");
        }
        let ahead = [block.coming.val(), block.after.val(), block.third.val()];
        for (at, shown) in (1..).zip(ahead) {
            assert_eq!(shown.valid, line[at].is_some(), "cycle {cycle}");
            if let Some((slot, _)) = &line[at] {
                assert_eq!(shown, *slot, "cycle {cycle}");
            }
        }
        if en {
            line.pop_front();
            line.push_back(slot.valid.then_some((slot, octets)));
        }
        if rst {
            line.clone_from(&empty);
        }
        clock(&mut block);
    }
}

#[test]
fn delay_line_holds_as_many_slots_as_either_direction_needs() {
    agree::<64, 17, 4, 2, 5>();
    agree::<128, 17, 4, 2, 5>();
    agree::<256, 17, 4, 2, 5>();
    agree::<512, 17, 4, 2, 5>();
    agree::<64, 33, 5, 2, 5>();
    agree::<128, 33, 5, 2, 5>();
    agree::<256, 33, 5, 2, 5>();
    agree::<512, 33, 5, 2, 5>();
}
