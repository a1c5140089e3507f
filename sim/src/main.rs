// SPDX-License-Identifier: MIT
//! The command `vireo`; what it does is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    vireo_sim::cli::main()
}
