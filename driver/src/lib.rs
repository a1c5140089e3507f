// SPDX-License-Identifier: MIT
//! Vireo's host software: register bus, device discovery, tables, and the controllers that join them to the association protocol.
//!
//! It reaches the machine through a [`RegisterBus`] alone, so it drives hardware and models alike; what a register or a row
//! means it knows from crate `spec`. Frames it sees only as the protocol's, in [`controller`].

mod access;
mod adopt;
mod bus;
pub mod controller;
mod counters;
mod device;
mod error;
mod events;
mod placement;
mod port;
mod reconcile;
mod rehash;
mod seeds;
mod state;
mod steps;
mod tables;

pub use adopt::Adopted;
pub use bus::{
    BusAccess, BusError, BusErrorKind, Fault, FaultyBus, MapError, MappedBus, Record, RecordedBus,
    RegisterBus, SerialBus, SerialError,
};
pub use counters::{Counters, Traffic};
pub use device::{Device, POLLS};
pub use error::{DiscoverError, Error};
pub use events::Event;
pub use placement::{ExactMatch, Placed, SEARCH_BOUND};
pub use port::{Operation, Progress};
pub use reconcile::Repaired;
pub use rehash::REHASH_LOAD;
pub use seeds::Hashing;
pub use state::State;
