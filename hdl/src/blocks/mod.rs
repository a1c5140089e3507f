// SPDX-License-Identifier: MIT
//! The blocks of the machine, one a file, named as the stages of docs/pipeline.md.

pub mod delay_line;
pub mod exact;
pub mod hash;
pub mod insert;
pub mod intake;
pub mod known;
pub mod outlet;
pub mod parse;
pub mod pipe;
pub mod remove;
pub mod slot;
pub mod vlan;
pub mod window;

#[cfg(test)]
mod bench;
