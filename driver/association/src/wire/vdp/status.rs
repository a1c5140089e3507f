// SPDX-License-Identifier: MIT
//! The status octet of a VSI TLV: a station's hints, or a bridge's answer.
//! Only a response has ACK; without it the same bits are a request's.

use std::fmt;

/// The octet, as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(pub u8);

impl Status {
    /// M of a request: the VSI is migrating to this station.
    pub const MIGRATE_TO: u8 = 0x10;
    /// S of a request: the VSI is migrating away from this station.
    pub const MIGRATE_FROM: u8 = 0x20;
    /// This is a response.
    pub const ACK: u8 = 0x40;
    /// Of a response that refuses: what is associated stays until the next keep-alive.
    pub const KEEP: u8 = 0x20;
    /// Of a response that refuses: the VSI is removed.
    pub const HARD: u8 = 0x10;
    /// The error of a response; 0 is none.
    const ERROR: u8 = 0x0f;

    /// A response: done.
    pub const fn confirmed() -> Self {
        Self(Self::ACK)
    }

    /// A response: not done, for this reason. An unknown reason is sent by its low 4 bits.
    pub const fn refused(refusal: Refusal) -> Self {
        Self(Self::ACK | refusal.code())
    }

    /// With KEEP.
    pub const fn with_keep(self) -> Self {
        Self(self.0 | Self::KEEP)
    }

    /// With HARD.
    pub const fn with_hard(self) -> Self {
        Self(self.0 | Self::HARD)
    }

    /// A response, and not a request.
    pub const fn is_response(self) -> bool {
        self.0 & Self::ACK != 0
    }

    /// Why a response refuses; nothing for a response that confirms, and for a request.
    pub const fn error(self) -> Option<Refusal> {
        match (self.is_response(), self.0 & Self::ERROR) {
            (false, _) | (true, 0) => None,
            (true, code) => Some(Refusal::from_code(code)),
        }
    }

    /// A response with KEEP.
    pub const fn keep(self) -> bool {
        self.is_response() && self.0 & Self::KEEP != 0
    }

    /// A response with HARD.
    pub const fn hard(self) -> bool {
        self.is_response() && self.0 & Self::HARD != 0
    }

    /// A request with M.
    pub const fn migrates_to(self) -> bool {
        !self.is_response() && self.0 & Self::MIGRATE_TO != 0
    }

    /// A request with S.
    pub const fn migrates_from(self) -> bool {
        !self.is_response() && self.0 & Self::MIGRATE_FROM != 0
    }
}

/// Why a bridge does not do what a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// 1: the TLV is malformed.
    Format,
    /// 2: no room.
    Resources,
    /// 3: the VSI's manager cannot be reached.
    Manager,
    /// 4: another reason.
    Other,
    /// 5: a VID, group or MAC address that may not be.
    Entry,
    /// 6..=15.
    Unknown(u8),
}

impl Refusal {
    const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Format,
            2 => Self::Resources,
            3 => Self::Manager,
            4 => Self::Other,
            5 => Self::Entry,
            code => Self::Unknown(code),
        }
    }

    /// The number on the wire, of 4 bits.
    pub const fn code(self) -> u8 {
        match self {
            Self::Format => 1,
            Self::Resources => 2,
            Self::Manager => 3,
            Self::Other => 4,
            Self::Entry => 5,
            Self::Unknown(code) => code & Status::ERROR,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format => f.write_str("bad TLV format"),
            Self::Resources => f.write_str("no resources"),
            Self::Manager => f.write_str("VSI manager unreachable"),
            Self::Other => f.write_str("other"),
            Self::Entry => f.write_str("bad VID, group or MAC"),
            Self::Unknown(code) => write!(f, "error {code}"),
        }
    }
}
