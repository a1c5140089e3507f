// SPDX-License-Identifier: MIT
//! The blocks of the machine, one a file, named as the stages of docs/pipeline.md.

pub mod binding;
pub mod channel;
pub mod commit;
pub mod counter;
pub mod counters;
pub mod decapsulate;
pub mod delay_line;
pub mod encapsulate;
pub mod events;
pub mod exact;
pub mod gather;
pub mod hash;
pub mod host_checks;
pub mod insert;
pub mod intake;
pub mod known;
pub mod link_checks;
mod logic_block;
pub mod members;
pub mod outlet;
pub mod parse;
pub mod pipe;
pub mod port_source;
pub mod recipients;
pub mod registers;
pub mod remove;
pub mod rows;
pub mod seeds;
pub mod slot;
pub mod tag;
pub mod tally;
pub mod traffic;
pub mod verdict;
pub mod vlan;
pub mod window;
