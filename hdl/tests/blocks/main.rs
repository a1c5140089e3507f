// SPDX-License-Identifier: MIT
//! Every block in rust-hdl's kernel against what docs/pipeline.md says of it, written down once more in plain Rust: at least
//! [`bench::CYCLES`] random cycles each. A module for each block, of the same name.

mod bench;
mod binding;
mod channel;
mod counter;
mod counters;
mod delay_line;
mod drain;
mod events;
mod exact;
mod frames;
mod gather;
mod hash;
mod host_checks;
mod insert;
mod intake;
mod known;
mod link_checks;
mod lookup;
mod members;
mod outlet;
mod pace;
mod parse;
mod pick;
mod port_source;
mod recipients;
mod registers;
mod remove;
mod rows;
mod seed;
mod tag;
mod tally;
mod tap;
mod traffic;
mod verdict;
mod vlan;
mod window;
