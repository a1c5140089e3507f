// SPDX-License-Identifier: MIT
//! The draft's ECP: OUI 3, pad 1, subtype 2, operation 1, sequence 2.
//! An acknowledgement is padded to the length of what it acknowledges by some peers.

use super::OUI;
use crate::wire::ecp::Operation;
use crate::wire::{Error, Found};

/// Octets of the header.
const HEADER_LEN: usize = 9;

/// The header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ecp {
    /// Whose payload a request carries; 0 is VDP.
    pub subtype: u16,
    /// The operation octet: request 0, acknowledgement 1.
    pub operation: Operation,
    /// Tells one request from the next.
    pub sequence: u16,
}

impl Ecp {
    /// The PDU.
    pub fn emit(&self, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER_LEN + payload.len());
        out.extend(OUI);
        out.push(0);
        out.extend(self.subtype.to_be_bytes());
        out.push(self.operation.code());
        out.extend(self.sequence.to_be_bytes());
        out.extend_from_slice(payload);
        out
    }
}

/// A view of a PDU that holds its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EcpPacket<T: AsRef<[u8]>> {
    octets: T,
}

impl<T: AsRef<[u8]>> EcpPacket<T> {
    /// Checks that the header is there and the draft's.
    pub fn new_checked(octets: T) -> Result<Self, Error> {
        let error = |expected, found| Error { protocol: "draft ECP", at: 0, expected, found };
        match *octets.as_ref() {
            ref short if short.len() < HEADER_LEN => {
                Err(error("9 octets", Found::Octets(short.len())))
            }
            [a, b, c, ..] if [a, b, c] != OUI => {
                let found = u32::from_be_bytes([0, a, b, c]);
                Err(error("the OUI 00-1B-3F (6975)", Found::Value(found.into())))
            }
            _ => Ok(Self { octets }),
        }
    }

    /// The header.
    pub fn repr(&self) -> Ecp {
        let octets = self.octets.as_ref();
        Ecp {
            subtype: u16::from_be_bytes([octets[4], octets[5]]),
            operation: Operation::from_code(octets[6]),
            sequence: u16::from_be_bytes([octets[7], octets[8]]),
        }
    }

    /// What stands behind the header, a frame's padding included.
    pub fn payload(&self) -> &[u8] {
        &self.octets.as_ref()[HEADER_LEN..]
    }
}
