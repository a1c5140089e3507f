// SPDX-License-Identifier: MIT
//! Why octets are not a tag, or a name is not known.
//! The reference and the model turn a [`TagError`] into a drop reason; a configuration shows the rest.

use thiserror::Error;

use crate::ether::EtherType;

/// Octets that are not the tag they were taken for, or have no room for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TagError {
    /// Too few octets.
    #[error("tag {tag}: expected {expected} octets, found {found}")]
    Truncated {
        /// The tag's EtherType.
        tag: EtherType,
        /// Octets of the whole tag.
        expected: usize,
        /// Octets that are there.
        found: usize,
    },
    /// Another EtherType in the tag's place.
    #[error("tag: expected EtherType {expected}, found {found}")]
    EtherType {
        /// The tag's EtherType.
        expected: EtherType,
        /// What stands there.
        found: EtherType,
    },
    /// A VN-Tag of a version whose fields are not known.
    #[error("VN-Tag: expected version {expected}, found {found}")]
    Version {
        /// The version that is known.
        expected: u8,
        /// What stands there, 1..=3.
        found: u8,
    },
}

/// A text that names nothing of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what}: expected {expected}, found {found:?}")]
pub struct UnknownName {
    /// What the name is to be the name of.
    pub what: &'static str,
    /// The names that there are.
    pub expected: &'static str,
    /// The text.
    pub found: String,
}
