// SPDX-License-Identifier: MIT
//! The VSI TLV: what a station wants for one virtual interface, or what its bridge says to that.
//! Status 1, type id 3, type version 1, id format 1, VSI id 16, then the filter.

use serde::{Deserialize, Serialize};

use super::super::{Error, Found, TooLong, tlv};
use super::{Filter, IdFormat, Status, Tlv, VsiId};

/// Octets of the value in front of the filter.
pub(super) const HEAD_LEN: usize = 22;
/// The largest type id.
const MAX_TYPE_ID: u32 = 0xff_ffff;

/// The TLV's type: what becomes of a VSI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// PREASSOC: could it be associated?
    PreAssociate,
    /// PREASSOC-RR: could it, and keep the room for it.
    PreAssociateWithReservation,
    /// ASSOC: its frames may pass.
    Associate,
    /// DEASSOC: no more.
    Deassociate,
}

impl Command {
    pub(super) const fn from_kind(kind: u8) -> Option<Self> {
        match kind {
            1 => Some(Self::PreAssociate),
            2 => Some(Self::PreAssociateWithReservation),
            3 => Some(Self::Associate),
            4 => Some(Self::Deassociate),
            _ => None,
        }
    }

    /// The TLV's type on the wire, 1..=4.
    pub const fn kind(self) -> u8 {
        match self {
            Self::PreAssociate => 1,
            Self::PreAssociateWithReservation => 2,
            Self::Associate => 3,
            Self::Deassociate => 4,
        }
    }
}

impl std::fmt::Display for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::PreAssociate => "PREASSOC",
            Self::PreAssociateWithReservation => "PREASSOC-RR",
            Self::Associate => "ASSOC",
            Self::Deassociate => "DEASSOC",
        })
    }
}

/// A virtual station interface: which one, of which type, and which frames are its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Vsi {
    /// Its type, of 24 bits, among its manager's.
    pub type_id: u32,
    /// The version of that type.
    pub type_version: u8,
    /// Its name.
    pub id: VsiId,
    /// Its frames.
    pub filter: Filter,
}

/// A request or response for one VSI.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VsiTlv {
    /// What becomes of the VSI.
    pub command: Command,
    /// Hints of a request, the answer of a response.
    pub status: Status,
    /// The VSI.
    pub vsi: Vsi,
}

impl VsiTlv {
    /// Octets on the wire, with the TLV's header. More than 513 cannot be sent.
    pub fn buffer_len(&self) -> usize {
        tlv::HEADER_LEN + HEAD_LEN + self.vsi.filter.buffer_len()
    }

    pub(super) fn emit(&self, out: &mut Vec<u8>) -> Result<(), TooLong> {
        let Vsi { type_id, type_version, id, filter } = &self.vsi;
        let filter_len = filter.buffer_len();
        emit_head(out, self.command, self.status.0, *type_id, *type_version, *id, filter_len)?;
        filter.emit(out);
        Ok(())
    }
}

/// Appends the TLV's header and what stands in front of the filter, which the caller appends.
pub(super) fn emit_head(
    out: &mut Vec<u8>,
    command: Command,
    status: u8,
    type_id: u32,
    type_version: u8,
    id: VsiId,
    filter_len: usize,
) -> Result<(), TooLong> {
    TooLong::check("type id of a VSI TLV", MAX_TYPE_ID as usize, type_id as usize)?;
    tlv::put_header(out, "octets of a VSI TLV", command.kind(), HEAD_LEN + filter_len)?;
    out.push(status);
    out.extend_from_slice(&type_id.to_be_bytes()[1..]);
    out.extend([type_version, id.format.code()]);
    out.extend(id.octets);
    Ok(())
}

/// The TLV of type `command` whose value this is.
pub(super) fn parse(command: Command, value: &[u8]) -> Tlv {
    let Some((head, body)) = value.split_first_chunk::<HEAD_LEN>() else {
        let (expected, found) = ("22 octets up to the VSI id", Found::Octets(value.len()));
        return Tlv::Cut {
            kind: command.kind(),
            length: value.len() as u16,
            value: value.to_vec(),
            error: Error { protocol: "VSI TLV", at: tlv::HEADER_LEN, expected, found },
        };
    };
    let [status, a, b, c, type_version, format, octets @ ..] = *head;
    let type_id = u32::from_be_bytes([0, a, b, c]);
    let id = VsiId { format: IdFormat::from_code(format), octets };
    match Filter::parse(body, tlv::HEADER_LEN + HEAD_LEN) {
        Ok(filter) => {
            let vsi = Vsi { type_id, type_version, id, filter };
            Tlv::Vsi(VsiTlv { command, status: Status(status), vsi })
        }
        Err(error) => {
            let body = body.to_vec();
            Tlv::Malformed { command, status, type_id, type_version, id, body, error }
        }
    }
}
