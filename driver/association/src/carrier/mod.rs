// SPDX-License-Identifier: MIT
//! What takes frames from one end to the other: the state machines know none of these, whoever runs them joins both.

mod simulated;

pub use simulated::{End, Faults, LinkCounters, SimulatedLink};
