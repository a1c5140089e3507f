use crate::bench::{Random, clock, clocked, generates, settle};
use rust_hdl::prelude::*;
use std::collections::VecDeque;
use vireo_hdl::blocks::delay_line::DelayLine;
use vireo_hdl::blocks::slot::Slot;

clocked!([const W: usize, const R: usize, const DEPTH: usize, const A: usize, const LEAD: usize]
    DelayLine<W, R, DEPTH, A, LEAD>);

fn agree<const DEPTH: usize, const A: usize, const LEAD: usize>() {
    generates::<DelayLine<64, 74, DEPTH, A, LEAD>>();
    let mut random = Random::new(6);
    let mut block = DelayLine::<64, 74, DEPTH, A, LEAD>::default();
    let mut line: VecDeque<(Slot, u64)> = vec![Default::default(); DEPTH].into();
    for cycle in 0..10_000 {
        let (rst, en) = (cycle < 2 || random.one_in(500), !random.one_in(4));
        let bits = random.bits();
        let slot = Slot {
            valid: bits & 7 != 0,
            first: bits & 8 != 0,
            last: bits & 16 != 0,
            bad: bits & 32 != 0,
            size: (bits >> 6 & 63).to_bits(),
        };
        block.rst.next = rst;
        block.en.next = en;
        block.s_slot.next = slot;
        block.s_data.next = bits.to_bits();
        settle(&mut block);
        let (end, data) = line[DEPTH - 1];
        assert_eq!(block.slot.val().valid, end.valid, "cycle {cycle}");
        if end.valid {
            assert_eq!((block.slot.val(), block.data.val().to_u64()), (end, data), "cycle {cycle}");
        }
        if en {
            line.pop_back();
            line.push_front((slot, bits));
        }
        if rst {
            line = vec![Default::default(); DEPTH].into();
        }
        clock(&mut block);
    }
}

#[test]
fn delay_line_holds_as_many_slots_as_either_direction_needs() {
    agree::<13, 4, 5>();
    agree::<26, 5, 8>();
}
