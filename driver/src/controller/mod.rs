// SPDX-License-Identifier: MIT
//! Controllers: they join the association protocol to the machine, so that an association ends as rows (docs/association.md).
//!
//! [`BridgeController`] judges requests by a [`Policy`] and gives each VSI its bindings at its channel's virtual port;
//! [`HostController`] does for the adapter what the bridge has confirmed. Neither has a clock or does any I/O.

mod asking;
mod bridge;
mod event;
mod host;
mod ledger;
mod moving;
mod policy;
mod registry;
mod rejection;
mod saved;
mod setup;

pub use asking::ChannelEvent;
pub use bridge::{BridgeController, Identity};
pub use event::{BridgeCounters, BridgeEvent, Withdrawal};
pub use host::{HostController, HostEvent};
pub use policy::{Admitted, LinkPolicy, Moves, Policy, Source, VsiType};
pub use registry::Placement;
pub use rejection::Rejection;
pub use saved::{RestoreError, Saved, SavedChannel, SavedVsi};
