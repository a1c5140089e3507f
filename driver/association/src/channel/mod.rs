// SPDX-License-Identifier: MIT
//! Channels come before associations: S-channels by CDCP, E-channels by PE-CSP.
//!
//! The bridge's sides ask an authority, which makes a port of its machine for each channel.

pub mod cdcp;
pub mod pe_csp;
