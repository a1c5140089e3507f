// SPDX-License-Identifier: MIT
//! The state machines: each row of the contract by name, real peers' exchanges, and station and bridge at both ends of a link
//! that does to frames whatever it can.

#[path = "../wire/captures.rs"]
mod captures;
mod peer;
mod world;

mod bridge;
mod ecp;
mod evb;
mod grid;
mod lldp;
mod load;
mod random;
mod replay;
mod station;
