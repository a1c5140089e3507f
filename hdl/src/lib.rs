// SPDX-License-Identifier: MIT
//! Vireo's machine in rust-hdl: the stages of docs/pipeline.md as logic blocks, the block RAM they share, and the
//! Verilog printer that says exactly what rust-hdl's kernel simulates.

pub mod blocks;
pub mod kernel;
pub mod ram;
pub mod size;
pub mod top;
pub mod verilog;
