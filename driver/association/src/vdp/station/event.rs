// SPDX-License-Identifier: MIT
//! What a station says of its VSIs: what became of them, and why one cannot be asked for.

use thiserror::Error;

use super::MAX_VSIS;
use crate::wire::MAX_TLV;
use crate::wire::vdp::{Command, Filter, ManagerId, Status, Vsi, VsiId};

/// Something that became of a VSI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StationEvent {
    /// The bridge has confirmed what was asked for. Told once, not at each keep-alive.
    Confirmed {
        /// Whose VSI it is.
        manager: ManagerId,
        /// What was asked for; any but de-association.
        command: Command,
        /// The VSI, VID 0 filled in.
        vsi: Vsi,
        /// The filter as it was asked for.
        asked: Filter,
    },
    /// The bridge refuses it, and it is gone.
    Refused {
        /// Whose VSI it is.
        manager: ManagerId,
        /// What was asked for.
        command: Command,
        /// The VSI.
        vsi: Vsi,
        /// What the bridge answered.
        status: Status,
    },
    /// The bridge refuses what was asked for, and keeps what it had confirmed before.
    Kept {
        /// Whose VSI it is.
        manager: ManagerId,
        /// What was asked for.
        command: Command,
        /// The VSI, as it was asked for.
        vsi: Vsi,
        /// What the bridge answered.
        status: Status,
    },
    /// The bridge does not answer. It is asked again at every keep-alive period; this is told once.
    Unanswered {
        /// Whose VSI it is.
        manager: ManagerId,
        /// What was asked for.
        command: Command,
        /// The VSI.
        vsi: Vsi,
    },
    /// It is gone.
    Removed {
        /// Whose VSI it was.
        manager: ManagerId,
        /// The VSI.
        vsi: Vsi,
        /// The bridge said so, unasked.
        unsolicited: bool,
    },
}

/// Why a VSI cannot be asked for. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WantError {
    /// De-association is a call of its own.
    #[error("a VSI is wanted by PREASSOC, PREASSOC-RR or ASSOC; to end one, call deassociate")]
    Deassociate,
    /// The filter has no entries, so nothing would be associated.
    #[error("VSI {id}: its filter is empty: expected an entry at least")]
    Empty {
        /// The VSI.
        id: VsiId,
    },
    /// A TLV cannot hold it.
    #[error(
        "VSI {id}: its TLV would hold {found} octets: expected at most {MAX_TLV}; use fewer filter entries"
    )]
    TooLong {
        /// The VSI.
        id: VsiId,
        /// Octets that it would hold.
        found: usize,
    },
    /// A type id of more than 24 bits.
    #[error("VSI {id}: type {found} does not fit its 24 bits")]
    TypeId {
        /// The VSI.
        id: VsiId,
        /// The type.
        found: u32,
    },
    /// It is there already, and neither goes back behind an association nor becomes of another type.
    #[error(
        "VSI {id} is there already: it can be associated, and with another filter; for anything else, de-associate it first"
    )]
    Associated {
        /// The VSI.
        id: VsiId,
    },
    /// So many there can be.
    #[error("the channel has {MAX_VSIS} VSIs, as many as it can: de-associate some first")]
    TooMany,
    /// Nothing is said there.
    #[error("there is no such channel: create it first, or see which there are")]
    NoChannel,
}
