// SPDX-License-Identifier: MIT
//! The commit bus: software's writes and reads of rows, and the sweep, as every table sees them (docs/pipeline.md, section 5).

#![allow(missing_docs)] // of the methods that rust-hdl derives for a structure

use rust_hdl::prelude::*;

/// What is written, and the row that port B addresses: on the bus a cycle before, behind a [`Tap`](super::tap::Tap) in the cycle itself.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct Commit {
    /// A `port` row is written.
    pub port: Bit,
    /// A `group` row is written.
    pub group: Bit,
    /// A `vlan` row is written.
    pub vlan: Bit,
    /// A bit a way: a `channel` row is written.
    pub channel: Bits<4>,
    /// A bit a way: a `binding` row is written.
    pub binding: Bits<4>,
    /// The way that is read.
    pub way: Bits<2>,
    /// The row.
    pub row: Bits<12>,
    /// What is written: the staged words 0 to 2, all 0 for a `channel` or `binding` row that is not valid.
    pub words: Bits<96>,
    /// An operation begins: this is its write cycle.
    pub begins: Bit,
    /// Rows are swept in the cycles to come.
    pub sweeps: Bit,
}
