// SPDX-License-Identifier: MIT
//! VDP (802.1Qbg), in an ECP request of subtype 1: a manager ID, then a TLV for each VSI that is associated or taken away.
//! A TLV that does not parse keeps its octets, so that it can be answered and shown.

mod filter;
mod id;
mod status;
mod vsi;

pub use filter::{EntriesError, Entry, Filter, FilterFormat, VidWord};
pub use id::{IdFormat, IdParseError, ManagerId, ManagerIdParseError, VsiId};
pub use status::{Refusal, Status};
pub use vsi::{Command, Vsi, VsiTlv};

use super::tlv::{self, Step, Tlvs};
use super::{Error, Found, TooLong};

const MANAGER_ID: u8 = 5;
const ORGANIZATIONAL: u8 = 127;

/// What follows the manager ID.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Tlv {
    /// A request or response for one VSI.
    Vsi(VsiTlv),
    /// What an organization defines (type 127).
    Organizational {
        /// The organization.
        oui: [u8; 3],
        /// 0..=508 octets.
        data: Vec<u8>,
    },
    /// A VSI TLV whose filter does not parse within its bounds. It can be answered: the same octets, with another status.
    Malformed {
        /// What was asked for.
        command: Command,
        /// The status octet.
        status: u8,
        /// The VSI's type, 24 bits.
        type_id: u32,
        /// The type's version.
        type_version: u8,
        /// The VSI.
        id: VsiId,
        /// What stands behind the VSI's id.
        body: Vec<u8>,
        /// Where it stops being a filter; counted from the TLV's start.
        error: Error,
    },
    /// A VSI TLV that does not hold even its VSI's id, or any TLV that announces more octets than there are; such a one is the last.
    Cut {
        /// The type, 0..=127.
        kind: u8,
        /// The length that it announces.
        length: u16,
        /// What there is of the value.
        value: Vec<u8>,
        /// What is missing; counted from the TLV's start.
        error: Error,
    },
    /// Any other. Type 0 without a value is the end and no TLV; a manager ID belongs into [`Repr::manager`].
    Unknown {
        /// The type, 0..=127.
        kind: u8,
        /// The value, 0..=511 octets.
        value: Vec<u8>,
    },
}

impl Tlv {
    fn parse(kind: u8, value: &[u8]) -> Self {
        match (Command::from_kind(kind), value) {
            (Some(command), _) => vsi::parse(command, value),
            (None, &[a, b, c, ref data @ ..]) if kind == ORGANIZATIONAL => {
                Self::Organizational { oui: [a, b, c], data: data.to_vec() }
            }
            (None, _) => Self::Unknown { kind, value: value.to_vec() },
        }
    }

    /// Octets on the wire, with the TLV's header.
    pub fn buffer_len(&self) -> usize {
        match self {
            Self::Vsi(tlv) => tlv.buffer_len(),
            Self::Organizational { data, .. } => tlv::HEADER_LEN + 3 + data.len(),
            Self::Malformed { body, .. } => tlv::HEADER_LEN + vsi::HEAD_LEN + body.len(),
            Self::Cut { value, .. } | Self::Unknown { value, .. } => tlv::HEADER_LEN + value.len(),
        }
    }

    fn emit(&self, out: &mut Vec<u8>) -> Result<(), TooLong> {
        match self {
            Self::Vsi(tlv) => tlv.emit(out),
            Self::Organizational { oui, data } => {
                let what = "octets of an organizational TLV";
                tlv::put_header(out, what, ORGANIZATIONAL, oui.len() + data.len())?;
                out.extend(oui);
                out.extend_from_slice(data);
                Ok(())
            }
            Self::Malformed { command, status, type_id, type_version, id, body, .. } => {
                vsi::emit_head(out, *command, *status, *type_id, *type_version, *id, body.len())?;
                out.extend_from_slice(body);
                Ok(())
            }
            Self::Cut { kind, length, value, .. } => {
                tlv::put_header(out, "octets of a cut TLV", *kind, (*length).into())?;
                out.extend_from_slice(value);
                Ok(())
            }
            Self::Unknown { kind, value } => tlv::put(out, "octets of a VDP TLV", *kind, value),
        }
    }
}

/// A VDP PDU.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Repr {
    /// Whose types the VSIs are of; a PDU without it cannot be answered.
    pub manager: Option<ManagerId>,
    /// What follows, in order.
    pub tlvs: Vec<Tlv>,
    /// An end TLV, or a frame's padding, closes the list.
    pub end: bool,
}

impl Repr {
    /// Reads an ECP request's payload. Only a last octet that belongs to no TLV and is not padding is an error here: a TLV that
    /// is wrong in itself is kept as what it is, beside the ones that are right.
    pub fn parse(octets: &[u8]) -> Result<Self, Error> {
        let mut repr = Self::default();
        for (at, step) in Tlvs::new(octets, 0) {
            match step {
                Step::Whole { kind: MANAGER_ID, value } if at == 0 && value.len() == 16 => {
                    repr.manager = value.try_into().ok().map(ManagerId);
                }
                Step::Whole { kind, value } => repr.tlvs.push(Tlv::parse(kind, value)),
                Step::End => repr.end = true,
                Step::Cut { kind, length, value } => {
                    let found = Found::Octets(value.len());
                    let (at, expected) = (tlv::HEADER_LEN, "as many octets as the TLV announces");
                    let error = Error { protocol: "VDP TLV", at, expected, found };
                    repr.tlvs.push(Tlv::Cut { kind, length, value: value.to_vec(), error });
                }
                Step::Stray => return Err(tlv::broken("VDP", at, 1)),
            }
        }
        Ok(repr)
    }

    /// Octets of the PDU.
    pub fn buffer_len(&self) -> usize {
        let manager = self.manager.map_or(0, |id| tlv::HEADER_LEN + id.0.len());
        let tlvs: usize = self.tlvs.iter().map(Tlv::buffer_len).sum();
        manager + tlvs + if self.end { tlv::HEADER_LEN } else { 0 }
    }

    /// The PDU; refuses a TLV of more than 511 octets and a type of more than 24 bits.
    pub fn emit(&self) -> Result<Vec<u8>, TooLong> {
        let mut out = Vec::with_capacity(self.buffer_len());
        if let Some(manager) = self.manager {
            tlv::put(&mut out, "octets of a manager ID", MANAGER_ID, &manager.0)?;
        }
        for tlv in &self.tlvs {
            tlv.emit(&mut out)?;
        }
        if self.end {
            tlv::put_end(&mut out);
        }
        Ok(out)
    }
}
