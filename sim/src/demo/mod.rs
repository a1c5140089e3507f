// SPDX-License-Identifier: MIT
//! demo
use crate::cli::Failure;
use std::process::ExitCode;
pub(crate) fn main() -> Result<ExitCode, Failure> {
    Ok(ExitCode::SUCCESS)
}
