// SPDX-License-Identifier: MIT
//! PE-CSP's numbers. The standard's are not public: these are provisional, and stand here and nowhere else.

/// The version of a message.
pub(super) const VERSION: u8 = 1;

/// Kind: somebody wants something.
pub(super) const REQUEST: u8 = 1;
/// Kind: the answer to that.
pub(super) const RESPONSE: u8 = 2;

/// Action: make an E-channel for a port.
pub(super) const CREATE: u8 = 1;
/// Action: take it away.
pub(super) const DELETE: u8 = 2;

/// TLV: the extender's port, 4 octets.
pub(super) const PORT: u8 = 1;
/// TLV: the E-CID, GRP 2, base 12, extension 8 in the low 22 bits of 3 octets.
pub(super) const ECID: u8 = 2;

/// Status: done.
pub(super) const SUCCESS: u8 = 0;
/// Status: the request does not say what it must.
pub(super) const FORMAT: u8 = 1;
/// Status: no room.
pub(super) const RESOURCES: u8 = 2;
