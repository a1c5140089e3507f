// SPDX-License-Identifier: MIT
//! Neither the cycle model nor the reference allocates per cycle or per frame.

use allocation_counter::measure;
use vireo_model::pipeline;
use vireo_sim::bench::{Load, Traffic, reference_engine};
use vireo_spec::geometry::{Geometry, Width};

#[test]
fn the_cycle_model_under_full_load_allocates_nothing() {
    for width in Width::ALL {
        let geometry = Geometry::default().with_width(width);
        let load = Load::new(pipeline::machine(geometry), geometry, Traffic::Mixed);
        let mut load = load.expect("a machine");
        load.clock(10_000);
        let before = load.frames;
        let made = measure(|| load.clock(10_000));
        assert!(load.frames > before + 100, "traffic flows");
        assert_eq!(made.count_total, 0, "{width:?}: {made:?}");
    }
}

#[test]
fn the_reference_allocates_nothing_per_frame() {
    let mut engine = reference_engine(Geometry::default()).expect("a machine");
    let arrivals = Traffic::Mixed.arrivals(16);
    let mut left = 0;
    let mut pass = || arrivals.iter().for_each(|a| engine.pass(a, &mut |_| left += 1));
    pass();
    let made = measure(pass);
    assert!(left > 100, "traffic flows");
    assert_eq!(made.count_total, 0, "{made:?}");
}
