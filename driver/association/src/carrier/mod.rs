// SPDX-License-Identifier: MIT
//! What takes frames from one end to the other: the state machines know none of these, whoever runs them joins both.

#[cfg(target_os = "linux")]
mod packet;
mod simulated;

#[cfg(target_os = "linux")]
pub use packet::{CarrierError, PacketSocket};
pub use simulated::{End, Faults, LinkCounters, SimulatedLink};
