// SPDX-License-Identifier: MIT
//! The tags that make many ports of one link: each a checked view over octets beside a typed value.
//! A link's tag stands directly behind the two MAC addresses, outside every VLAN tag. What a tag
//! names on its link is a [`Channel`], the key of the machine's channel table.
//!
//! All fields are big-endian. Reserved bits are ignored on receipt and sent as 0.

mod channel;
mod error;
mod etag;
mod family;
mod role;
mod vlan;
mod vntag;

pub use channel::{Channel, ChannelError, ChannelUse};
pub use error::{TagError, UnknownName};
pub use etag::{ECid, ETag, ETagView, IngressECid};
pub use family::TagFamily;
pub use role::Role;
pub use vlan::{CTag, CTagView, STag, STagView, VlanTag, VlanTagView};
pub use vntag::{Direction, SourceVif, Vif, VnTag, VnTagView};

use crate::ether::EtherType;

/// The first `LEN` octets, which must be a tag of `expected`. Another EtherType is reported before
/// a lack of octets: a tag that is not announced cannot be cut off.
#[inline]
fn checked<const LEN: usize>(octets: &[u8], expected: EtherType) -> Result<&[u8; LEN], TagError> {
    let truncated = TagError::Truncated { tag: expected, expected: LEN, found: octets.len() };
    let found = EtherType::from_octets(*octets.first_chunk().ok_or(truncated)?);
    if found != expected {
        return Err(TagError::EtherType { expected, found });
    }
    octets.first_chunk().ok_or(truncated)
}

/// Puts `tag` at the front of `octets`, or leaves them untouched where it does not fit.
#[inline]
fn put<const LEN: usize>(
    tag: [u8; LEN],
    ethertype: EtherType,
    octets: &mut [u8],
) -> Result<(), TagError> {
    let found = octets.len();
    let place = octets.first_chunk_mut().ok_or(TagError::Truncated {
        tag: ethertype,
        expected: LEN,
        found,
    })?;
    *place = tag;
    Ok(())
}

/// The 16-bit word at `at`.
#[inline]
const fn word<const LEN: usize>(octets: &[u8; LEN], at: usize) -> u16 {
    u16::from_be_bytes([octets[at], octets[at + 1]])
}
