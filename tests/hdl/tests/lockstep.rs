// SPDX-License-Identifier: MIT
//! The machine in rust-hdl's kernel equals the cycle model, pin for pin, in every cycle, a reset in the middle of traffic too.

use vireo_hdl_tests::{Weather, small};
use vireo_machines as machines;
use vireo_sim::engine::kind::PinKind;
use vireo_spec::geometry::Width;

fn kernel_equals_model(width: Width) {
    let hdl = machines::kernel(small(width)).expect("compiled in");
    let weather = Weather {
        sides: [PinKind::Model, PinKind::Hdl],
        width,
        seed: 1,
        // 20,000, and the sweep that follows a reset.
        cycles: 25_000,
        between: (300, 600),
    };
    weather.must_pass(Box::new(hdl));
}

#[test]
fn kernel_equals_model_at_64_bits() {
    kernel_equals_model(Width::W64);
}

#[test]
fn kernel_equals_model_at_128_bits() {
    kernel_equals_model(Width::W128);
}

#[test]
fn kernel_equals_model_at_256_bits() {
    kernel_equals_model(Width::W256);
}

#[test]
fn kernel_equals_model_at_512_bits() {
    kernel_equals_model(Width::W512);
}
