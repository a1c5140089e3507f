// SPDX-License-Identifier: MIT
//! ECP (802.1Qbg, EtherType 0x8940), which carries VDP and PE-CSP: one request, one acknowledgement.
//! Version 4 bits, operation 2, subtype 10, sequence 16; an acknowledgement is that header alone.

use super::{Error, Found};

/// Octets of the header.
pub const HEADER_LEN: usize = 4;
/// The version that is spoken here; a PDU of another one is not for us.
pub const VERSION: u8 = 1;

/// What a PDU is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// 0: carries a payload and wants an acknowledgement.
    Request,
    /// 1: says that the request of the same sequence has come.
    Acknowledgement,
    /// 2 or 3; in the draft, whose field is an octet, up to 255.
    Unknown(u8),
}

impl Operation {
    pub(super) const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Request,
            1 => Self::Acknowledgement,
            code => Self::Unknown(code),
        }
    }

    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Request => 0,
            Self::Acknowledgement => 1,
            Self::Unknown(code) => code,
        }
    }
}

/// Whose payload a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subtype {
    /// 1: VSI discovery and configuration.
    Vdp,
    /// 2: port extender control and status.
    PeCsp,
    /// Another one, of 10 bits.
    Unknown(u16),
}

impl Subtype {
    const MASK: u16 = 0x3ff;

    const fn from_code(code: u16) -> Self {
        match code {
            1 => Self::Vdp,
            2 => Self::PeCsp,
            code => Self::Unknown(code),
        }
    }

    /// The number on the wire, 10 bits.
    pub const fn code(self) -> u16 {
        match self {
            Self::Vdp => 1,
            Self::PeCsp => 2,
            Self::Unknown(code) => code & Self::MASK,
        }
    }
}

/// The header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Repr {
    /// Request or acknowledgement.
    pub operation: Operation,
    /// Whose payload it is.
    pub subtype: Subtype,
    /// Tells one request from the next.
    pub sequence: u16,
}

impl Repr {
    /// The PDU. An `Unknown` code point is sent by its low 2 (operation) or 10 (subtype) bits.
    pub fn emit(&self, payload: &[u8]) -> Vec<u8> {
        let operation = u16::from(self.operation.code() & 3);
        let first = u16::from(VERSION) << 12 | operation << 10 | self.subtype.code();
        let mut out = Vec::with_capacity(HEADER_LEN + payload.len());
        out.extend(first.to_be_bytes());
        out.extend(self.sequence.to_be_bytes());
        out.extend_from_slice(payload);
        out
    }
}

/// A view of a PDU of version 1 that holds its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<T: AsRef<[u8]>> {
    octets: T,
}

impl<T: AsRef<[u8]>> Packet<T> {
    /// Checks that the header is there and of version 1.
    pub fn new_checked(octets: T) -> Result<Self, Error> {
        let error = |expected, found| Error { protocol: "ECP", at: 0, expected, found };
        match *octets.as_ref() {
            [first, _, _, _, ..] if first >> 4 == VERSION => Ok(Self { octets }),
            [first, _, _, _, ..] => Err(error("version 1", Found::Value(u64::from(first >> 4)))),
            ref short => Err(error("4 octets", Found::Octets(short.len()))),
        }
    }

    /// The header.
    pub fn repr(&self) -> Repr {
        let octets = self.octets.as_ref();
        let first = u16::from_be_bytes([octets[0], octets[1]]);
        Repr {
            operation: Operation::from_code((first >> 10) as u8 & 3),
            subtype: Subtype::from_code(first & Subtype::MASK),
            sequence: u16::from_be_bytes([octets[2], octets[3]]),
        }
    }

    /// What stands behind the header, a frame's padding included.
    pub fn payload(&self) -> &[u8] {
        &self.octets.as_ref()[HEADER_LEN..]
    }
}
