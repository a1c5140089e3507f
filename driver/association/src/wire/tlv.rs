// SPDX-License-Identifier: MIT
//! The TLV that LLDP, VDP and PE-CSP share: type 7 bits, length 9 bits, value.
//! Type 0 with length 0 ends a list; zeros that pad a frame read as that.

use super::{Error, Found, TooLong};

/// Octets of type and length.
pub(super) const HEADER_LEN: usize = 2;
/// The largest value, in octets: what 9 bits of length can say.
pub const MAX_LEN: usize = 511;
/// The largest type.
const MAX_KIND: u8 = 127;

/// One step through a list of TLVs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// A TLV within its bounds.
    Whole {
        /// The type, 0..=127.
        kind: u8,
        /// The value, 0..=511 octets.
        value: &'a [u8],
    },
    /// The TLV that ends the list.
    End,
    /// A TLV that announces more octets than there are; it is the last.
    Cut {
        /// The type, 0..=127.
        kind: u8,
        /// The length that it announces.
        length: u16,
        /// What there is of the value.
        value: &'a [u8],
    },
    /// A last octet that is not zero, too little for a TLV.
    Stray,
}

/// The TLVs of a list, up to its end or the last octet. A single zero behind the last TLV is padding.
#[derive(Debug, Clone)]
pub(super) struct Tlvs<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Tlvs<'a> {
    /// The list in `octets`, which stands `at` octets behind the start of its format.
    pub(super) const fn new(octets: &'a [u8], at: usize) -> Self {
        Self { rest: octets, at }
    }
}

impl<'a> Iterator for Tlvs<'a> {
    /// With the octets between the start of the format and the TLV.
    type Item = (usize, Step<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.at;
        let (header, body) = match *std::mem::take(&mut self.rest) {
            [] | [0] => return None,
            [_] => return Some((at, Step::Stray)),
            [0, 0, ..] => return Some((at, Step::End)),
            [high, low, ref body @ ..] => (u16::from_be_bytes([high, low]), body),
        };
        let (kind, length) = ((header >> 9) as u8, header & MAX_LEN as u16);
        let Some((value, rest)) = body.split_at_checked(length.into()) else {
            return Some((at, Step::Cut { kind, length, value: body }));
        };
        self.rest = rest;
        self.at += HEADER_LEN + value.len();
        Some((at, Step::Whole { kind, value }))
    }
}

/// The error that a list is whose last `found` octets are no TLV, in a format that can do nothing with them.
pub(super) const fn broken(protocol: &'static str, at: usize, found: usize) -> Error {
    Error { protocol, at, expected: "a whole TLV", found: Found::Octets(found) }
}

/// Appends a TLV; refuses a type above 127 and a value of more than 511 octets, which `what` names.
pub(super) fn put(
    out: &mut Vec<u8>,
    what: &'static str,
    kind: u8,
    value: &[u8],
) -> Result<(), TooLong> {
    put_header(out, what, kind, value.len())?;
    out.extend_from_slice(value);
    Ok(())
}

/// Appends the header of a TLV whose value, `length` octets, the caller appends.
pub(super) fn put_header(
    out: &mut Vec<u8>,
    what: &'static str,
    kind: u8,
    length: usize,
) -> Result<(), TooLong> {
    TooLong::check("type of a TLV", MAX_KIND.into(), kind.into())?;
    TooLong::check(what, MAX_LEN, length)?;
    out.extend((u16::from(kind) << 9 | length as u16).to_be_bytes());
    Ok(())
}

/// Appends the TLV that ends a list.
pub(super) fn put_end(out: &mut Vec<u8>) {
    out.extend([0, 0]);
}
