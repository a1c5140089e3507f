// SPDX-License-Identifier: MIT
//! The machine in rust-hdl's kernel equals the cycle model, pin for pin, in every cycle.

use vireo_hdl::kernel;
use vireo_hdl_tests::{equals_model, small};
use vireo_spec::geometry::Width;

/// Cycles at each width behind the sweep. A storm without resets: a sweep is a fifth of it.
const CYCLES: u64 = 20_000;

fn kernel_equals_model(width: Width) {
    let hdl = kernel::machine(small(width)).expect("compiled in");
    equals_model("lockstep", width, ("hdl", hdl), CYCLES, false);
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
