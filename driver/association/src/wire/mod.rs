// SPDX-License-Identifier: MIT
//! Wire formats: for each a checked view over octets (`Packet`) and a typed value (`Repr`, or the name of what it says).
//!
//! Nothing is lost that a peer may mean: unknown code points, unknown TLVs and malformed VSI TLVs keep their octets. Reserved
//! bits are ignored on receipt and sent as 0; zeros that pad a frame to 60 octets are no content.

pub mod cdcp;
pub mod draft;
pub mod ecp;
mod error;
pub mod evb;
pub mod frame;
pub mod lldp;
pub mod message;
pub mod pe_csp;
mod tlv;
pub mod vdp;

pub use error::{Error, Found, TooLong};
pub use message::Message;
pub use tlv::MAX_LEN as MAX_TLV;

/// IEEE 802.1's identifier, before the subtype of its organizational TLVs.
pub const OUI_802_1: [u8; 3] = [0x00, 0x80, 0xc2];
