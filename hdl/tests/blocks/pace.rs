// SPDX-License-Identifier: MIT
//! The block `pace` beside an outlet: in each cycle it says what the outlet's `ready` says (docs/pipeline.md, 3.8).

use rust_hdl::prelude::*;
use vireo_hdl::blocks::outlet::Outlet;
use vireo_hdl::blocks::pace::Pace;

use crate::bench::{CYCLES, Random, all, clock, clocked, generates, settle};

clocked!([const N: usize] Pace<N>);

#[test]
fn pace_moves_each_group_of_stages_when_the_outlet_is_ready() {
    generates::<Pace<5>>();
    let mut random = Random::new(12);
    let mut outlet = Outlet::<64, 8, 1, 8>::default();
    let mut pace = Pace::<5>::default();
    outlet.connect_all();
    pace.connect_all();
    let mut held = 0;
    for cycle in 0..CYCLES / 4 {
        let rst = cycle < 2 || random.one_in(2000);
        let m_ready = random.below(8) >= cycle / 1000 % 8;
        let s_valid = !random.one_in(3);
        outlet.rst.next = rst;
        outlet.m_ready.next = m_ready;
        outlet.s_valid.next = s_valid;
        settle(&mut outlet);
        pace.rst.next = rst;
        pace.m_ready.next = m_ready;
        pace.s_valid.next = s_valid;
        pace.waits.next = outlet.waits.val();
        pace.m_valid.next = outlet.m_valid.val();
        settle(&mut pace);
        assert_eq!(pace.en.val(), all::<5>(outlet.en.val()), "cycle {cycle}");
        held += u64::from(!outlet.en.val());
        clock(&mut outlet);
        clock(&mut pace);
    }
    assert!(held > CYCLES / 50, "{held} cycles in which nothing moved");
}
