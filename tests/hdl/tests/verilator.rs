// SPDX-License-Identifier: MIT
//! The printed Verilog under Verilator equals the cycle model, pin for pin, in every cycle, resets in the middle of traffic too.

use std::path::Path;

use vireo_hdl_tests::{Weather, small};
use vireo_machines as machines;
use vireo_sim::engine::kind::PinKind;
use vireo_sim::engine::verilator::{Builder, Verilated};
use vireo_spec::geometry::Width;

fn verilog_equals_model(width: Width) {
    let geometry = small(width);
    let design = machines::print(geometry).expect("a machine that can be printed");
    let builder = Builder::new(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let machine = Verilated::built_by(&builder, &design.text(), &design.top, geometry)
        .unwrap_or_else(|error| panic!("{error}"));
    let weather = Weather {
        sides: [PinKind::Model, PinKind::Verilator],
        width,
        seed: 1,
        cycles: 5_000_000,
        between: (1000, 5000),
    };
    weather.must_pass(Box::new(machine));
}

#[test]
fn verilog_equals_model_at_64_bits() {
    verilog_equals_model(Width::W64);
}

#[test]
fn verilog_equals_model_at_128_bits() {
    verilog_equals_model(Width::W128);
}

#[test]
fn verilog_equals_model_at_256_bits() {
    verilog_equals_model(Width::W256);
}

#[test]
fn verilog_equals_model_at_512_bits() {
    verilog_equals_model(Width::W512);
}
