// SPDX-License-Identifier: MIT
//! The command `vireo`.

fn main() {}
