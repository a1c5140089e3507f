// SPDX-License-Identifier: MIT
//! The draft's VDP: organizational TLVs of subtype 2, each with its own manager id, closed by an end TLV.
//! A TLV: mode 1, response 1, manager id 1, type id 3, type version 1, VSI id 16, filter format 1, entry count 2, entries.

use vireo_spec::ether::MacAddr;

use super::OUI;
use crate::wire::tlv::{self, Step, Tlvs};
use crate::wire::vdp::Command;
use crate::wire::{Error, TooLong};

const ORGANIZATIONAL: u8 = 127;
const SUBTYPE: u8 = 2;
/// The one filter format that the draft's peers send: MAC 6, VID word 2.
const MAC_VID: u8 = 2;
/// Octets in front of the entries: OUI and subtype, then all up to the entry count.
const HEAD_LEN: usize = 4 + 7 + 16 + 3;
const ENTRY_LEN: usize = 8;

/// The mode octet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// PREASSOC 0, PREASSOC-RR 1, ASSOC 2, DEASSOC 3.
    Command(Command),
    /// 4..=255.
    Unknown(u8),
}

impl Mode {
    const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Command(Command::PreAssociate),
            1 => Self::Command(Command::PreAssociateWithReservation),
            2 => Self::Command(Command::Associate),
            3 => Self::Command(Command::Deassociate),
            code => Self::Unknown(code),
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::Command(command) => command.kind() - 1,
            Self::Unknown(code) => code,
        }
    }
}

/// A request or response for one VSI.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Vsi {
    /// What becomes of it.
    pub mode: Mode,
    /// 0 is a request or success, else an error.
    pub response: u8,
    /// Whose type it is of.
    pub manager: u8,
    /// Its type, of 24 bits.
    pub type_id: u32,
    /// The version of that type.
    pub type_version: u8,
    /// Its name, a UUID.
    pub id: [u8; 16],
    /// Its MAC addresses and VID words.
    pub entries: Vec<(MacAddr, u16)>,
}

/// One TLV.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Tlv {
    /// A request or response for one VSI.
    Vsi(Vsi),
    /// Any other, and one that does not parse. Type 0 without a value is the end and no TLV.
    Unknown {
        /// The type, 0..=127.
        kind: u8,
        /// The value, 0..=511 octets.
        value: Vec<u8>,
    },
}

impl Tlv {
    fn parse(kind: u8, value: &[u8]) -> Self {
        let vsi = if kind == ORGANIZATIONAL { Vsi::parse(value) } else { None };
        vsi.map_or_else(|| Self::Unknown { kind, value: value.to_vec() }, Self::Vsi)
    }
}

impl Vsi {
    fn parse(value: &[u8]) -> Option<Self> {
        let (head, entries) = value.split_first_chunk::<HEAD_LEN>()?;
        let [o, u, i, subtype, mode, response, manager, a, b, c, type_version, rest @ ..] = *head;
        let [id @ .., format, high, low] = rest;
        let (entries, left_over) = entries.as_chunks::<ENTRY_LEN>();
        let is_whole =
            left_over.is_empty() && entries.len() == u16::from_be_bytes([high, low]).into();
        if ([o, u, i], subtype, format) != (OUI, SUBTYPE, MAC_VID) || !is_whole {
            return None;
        }
        let entries = entries
            .iter()
            .map(|&[mac @ .., y, z]| (MacAddr(mac), u16::from_be_bytes([y, z])))
            .collect();
        let type_id = u32::from_be_bytes([0, a, b, c]);
        let mode = Mode::from_code(mode);
        Some(Self { mode, response, manager, type_id, type_version, id, entries })
    }

    fn emit(&self, out: &mut Vec<u8>) -> Result<(), TooLong> {
        TooLong::check("type id of a draft VSI TLV", 0xff_ffff, self.type_id as usize)?;
        let length = HEAD_LEN + ENTRY_LEN * self.entries.len();
        tlv::put_header(out, "octets of a draft VSI TLV", ORGANIZATIONAL, length)?;
        out.extend(OUI);
        out.extend([SUBTYPE, self.mode.code(), self.response, self.manager]);
        out.extend_from_slice(&self.type_id.to_be_bytes()[1..]);
        out.push(self.type_version);
        out.extend(self.id);
        out.push(MAC_VID);
        out.extend((self.entries.len() as u16).to_be_bytes());
        for (mac, vid) in &self.entries {
            out.extend(mac.0);
            out.extend(vid.to_be_bytes());
        }
        Ok(())
    }
}

/// A PDU's TLVs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Vdp {
    /// The TLVs, in order.
    pub tlvs: Vec<Tlv>,
}

impl Vdp {
    /// Reads the payload of the draft's ECP. The TLV that ends the list may be missing.
    pub fn parse(octets: &[u8]) -> Result<Self, Error> {
        let mut tlvs = Vec::new();
        for (at, step) in Tlvs::new(octets, 0) {
            match step {
                Step::Whole { kind, value } => tlvs.push(Tlv::parse(kind, value)),
                Step::End => {}
                Step::Cut { .. } | Step::Stray => {
                    return Err(tlv::broken("draft VDP", at, octets.len() - at));
                }
            }
        }
        Ok(Self { tlvs })
    }

    /// The payload, closed by its end TLV; refuses what no TLV can hold.
    pub fn emit(&self) -> Result<Vec<u8>, TooLong> {
        let mut out = Vec::new();
        for tlv in &self.tlvs {
            match tlv {
                Tlv::Vsi(vsi) => vsi.emit(&mut out)?,
                Tlv::Unknown { kind, value } => {
                    tlv::put(&mut out, "octets of a draft VDP TLV", *kind, value)?;
                }
            }
        }
        tlv::put_end(&mut out);
        Ok(out)
    }
}
