// SPDX-License-Identifier: MIT
//! The association protocol over machines, and its programs: `vireo vdp-bridge` and `vireo station`, each a controller over a
//! machine that stands between real interfaces, and `vireo associate|deassociate|vsi`, which talk to either over its socket.

mod bridge;
mod client;
mod control;
mod error;
mod node;
pub mod passage;
mod policy;
mod state;
mod station;
mod trouble;

pub(crate) use bridge::filter_text;
pub use bridge::{BridgeJob, run as run_bridge};
pub use client::{associate, count, deassociate, list};
pub use control::{Counts, Listed, Outcome, Request, Wanted, manager};
pub use error::ServeError;
pub use node::{Attachment, configuration, machine};
pub use policy::load as load_policy;
pub use station::{StationJob, run as run_station};
