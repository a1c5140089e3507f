// SPDX-License-Identifier: MIT
//! VDP: a station wants VSIs associated, its bridge confirms or refuses, and both keep what was confirmed alive.
//!
//! [`Station`] and [`Bridge`] each speak in one channel and own its ECP. The bridge's side asks an [`Authority`], which decides and
//! programs the machine.

mod bridge;
mod line;
mod rate;
mod station;

use serde::{Deserialize, Serialize};

use crate::wire::vdp::{Command, Filter, IdFormat, ManagerId, Refusal, Status, Vsi, VsiId};

pub use bridge::{Bridge, BridgeCounters, Held};
pub use line::LineCounters;
pub use station::{Station, StationCounters, StationEvent, VsiState, WantError};

/// What names a VSI: its id, as its manager knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The manager.
    pub manager: ManagerId,
    /// The id.
    pub id: VsiId,
}

impl Key {
    /// The least of all, from which ranges start.
    pub const FIRST: Self =
        Self { manager: ManagerId([0; 16]), id: VsiId { format: IdFormat::Ipv4, octets: [0; 16] } };

    /// This manager's VSI of that id.
    pub const fn new(manager: ManagerId, id: VsiId) -> Self {
        Self { manager, id }
    }
}

/// What a station says of where a VSI comes from or goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
    /// It is migrating to here (M).
    MigrateTo,
    /// It is migrating from here (S).
    MigrateFrom,
}

impl Hint {
    fn status(hint: Option<Self>) -> Status {
        Status(match hint {
            Some(Self::MigrateTo) => Status::MIGRATE_TO,
            Some(Self::MigrateFrom) => Status::MIGRATE_FROM,
            None => 0,
        })
    }

    fn of(status: Status) -> Option<Self> {
        if status.migrates_to() {
            Some(Self::MigrateTo)
        } else {
            status.migrates_from().then_some(Self::MigrateFrom)
        }
    }
}

/// What a station asks for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Whose VSI it is.
    pub manager: ManagerId,
    /// Any but de-association.
    pub command: Command,
    /// Which, and its filter as it was asked for.
    pub vsi: &'a Vsi,
    /// Where it comes from or goes to.
    pub hint: Option<Hint>,
}

impl Request<'_> {
    /// What names the VSI.
    pub fn key(&self) -> Key {
        Key::new(self.manager, self.vsi.id)
    }
}

/// Why a VSI is not held any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Its station said so.
    Deassociated,
    /// Its station was silent.
    Silent,
}

/// Who decides for a bridge, and does to its machine what was decided.
pub trait Authority {
    /// Does what is asked for, all of it, and says the filter with VID 0 filled in: as many entries, in this order.
    ///
    /// # Errors
    /// Why not; then nothing was done, and what was before still is.
    fn decide(&mut self, request: &Request<'_>) -> Result<Filter, Refusal>;

    /// Undoes what was done for a VSI.
    fn withdraw(&mut self, key: &Key, cause: Cause);
}

/// What keeps a bridge's channel standing, whatever its station sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests a second, in the long run.
    pub rate: u32,
    /// Requests at once.
    pub burst: u32,
    /// VSIs.
    pub vsis: usize,
    /// Answers that wait; beyond it PDUs are not acknowledged.
    pub answers: usize,
}

impl Default for Limits {
    /// docs/association.md, "Limits".
    fn default() -> Self {
        Self { rate: 10_000, burst: 8192, vsis: 4096, answers: 256 }
    }
}
