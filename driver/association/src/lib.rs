// SPDX-License-Identifier: MIT
//! The association protocol between host (station) and bridge: which MAC addresses and VLANs belong to which virtual interface.
//!
//! [`wire`] says what stands in frames; the state machines around it have neither I/O nor a clock (docs/association.md), and
//! know nothing of the machine: crate `driver` joins them to its tables.

pub mod carrier;
pub mod channel;
pub mod ecp;
pub mod evb;
pub mod lldp;
pub mod time;
pub mod vdp;
pub mod wire;
