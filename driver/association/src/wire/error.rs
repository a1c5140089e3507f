// SPDX-License-Identifier: MIT
//! Why octets are not the format that they were taken for, and why a value cannot be sent.

use std::fmt;

use thiserror::Error;

/// Octets that are not what they were taken for; says where they stop being it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[error("{protocol}: octet {at}: expected {expected}, found {found}")]
pub struct Error {
    /// The format.
    pub protocol: &'static str,
    /// Octets from the format's start, from 0.
    pub at: usize,
    /// What belongs there.
    pub expected: &'static str,
    /// What stands there.
    pub found: Found,
}

/// What stands in the wrong place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Found {
    /// A field's value.
    Value(u64),
    /// So many octets are left there.
    Octets(usize),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => write!(f, "{value}"),
            Self::Octets(1) => f.write_str("1 octet"),
            Self::Octets(octets) => write!(f, "{octets} octets"),
        }
    }
}

/// A value that its field on the wire does not hold; found before anything is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[error("{what}: expected at most {max}, found {found}")]
pub struct TooLong {
    /// The field, and the unit where it is a length.
    pub what: &'static str,
    /// The largest value that it holds.
    pub max: usize,
    /// What was to be put there.
    pub found: usize,
}

impl TooLong {
    /// Refuses a `found` above `max`.
    pub(super) fn check(what: &'static str, max: usize, found: usize) -> Result<(), Self> {
        if found > max { Err(Self { what, max, found }) } else { Ok(()) }
    }
}
