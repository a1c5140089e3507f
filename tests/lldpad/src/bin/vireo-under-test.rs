// SPDX-License-Identifier: MIT
//! The command `vireo`, built with the tests that run it in namespaces: no other build's binary is ever taken for it.

use std::process::ExitCode;

fn main() -> ExitCode {
    vireo_sim::cli::main()
}
