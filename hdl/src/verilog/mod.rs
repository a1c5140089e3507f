// SPDX-License-Identifier: MIT
//! The Verilog printer: reads a block through rust-hdl's public probe and syntax tree and prints, module by module,
//! Verilog-2005 that says exactly what rust-hdl's kernel simulates. Its stages, in the order in which they run:
//! `scope` (the tree of blocks), `eval` (one expression for each signal), `netlist`, `wires` (names), `text`, `module`,
//! [`Design`].

mod about;
mod design;
mod error;
mod eval;
mod expr;
mod memory;
mod module;
mod names;
mod netlist;
mod nets;
mod path;
mod scope;
mod text;
mod wires;

pub use about::{About, Leaf};
pub use design::{Design, File};
pub use error::{Fault, PrintError};
