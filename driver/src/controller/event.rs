// SPDX-License-Identifier: MIT
//! What a bridge's controller tells: what became of VSIs and channels, and how often something was refused.

use serde::Serialize;
use vireo_association::vdp::{Cause, Key};
use vireo_association::wire::vdp::{ManagerId, Vsi};
use vireo_spec::tag::Channel;

use super::rejection::Rejection;

/// Something that happened to a VSI or a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BridgeEvent {
    /// It may send, or its filter is another one now.
    Associated {
        /// The port of its channel.
        port: u8,
        /// Whose type it names.
        manager: ManagerId,
        /// What it is, VID 0 filled in.
        vsi: Vsi,
    },
    /// It is associated in another channel now, and its old station is told.
    Moved {
        /// The port of its old channel, before.
        from: u8,
        /// The port of its new channel, before.
        to: u8,
        /// Its port now.
        port: u8,
        /// Whose type it names.
        manager: ManagerId,
        /// What it is, VID 0 filled in.
        vsi: Vsi,
    },
    /// It may not send any more.
    Withdrawn {
        /// The port of its channel.
        port: u8,
        /// Which it was.
        key: Key,
        /// Why.
        cause: Withdrawal,
    },
    /// A request was refused; what was before it still is.
    Refused {
        /// The port of its channel, if it has one.
        port: Option<u8>,
        /// Whose type it names.
        manager: ManagerId,
        /// What was asked for.
        vsi: Vsi,
        /// Why; its status was answered.
        why: Rejection,
    },
    /// A channel was set up, and has a port.
    ChannelCreated {
        /// Its port.
        port: u8,
        /// Its link.
        link: u8,
        /// The channel.
        channel: Channel,
    },
    /// A channel and its port are gone.
    ChannelDeleted {
        /// The port that it had.
        port: u8,
        /// Its link.
        link: u8,
        /// The channel.
        channel: Channel,
    },
}

/// Why a VSI may not send any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawal {
    /// Its station said so.
    Deassociated,
    /// Its station was silent.
    Silent,
    /// Its channel was deleted.
    ChannelDeleted,
    /// The bridge's administrator said so.
    Administrator,
}

impl From<Cause> for Withdrawal {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Deassociated => Self::Deassociated,
            Cause::Silent => Self::Silent,
        }
    }
}

/// What a bridge's controller has counted. What the protocol itself counts is asked of the channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BridgeCounters {
    /// Requests that were refused for any reason.
    pub refused: u64,
    /// Of these: for want of room, by a limit or in the machine.
    pub no_room: u64,
    /// Of these: a VSI that belongs to another channel, and may not move.
    pub moves_refused: u64,
    /// VSIs that moved to another channel.
    pub moves: u64,
    /// Protocol frames that arrived where there is no channel, or while it could not be told which: their sender repeats them.
    pub frames_astray: u64,
}
