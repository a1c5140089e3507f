// SPDX-License-Identifier: MIT
//! PE-CSP (802.1BR), in an ECP request of subtype 2: an extender asks for an E-channel for each of its ports.
//! Version 1, kind 1, action 1, status 1, transaction 4, then TLVs; its numbers are provisional.

mod code_points;

use vireo_spec::tag::{Channel, ECid};

use super::tlv::{self, Step, Tlvs};
use super::{Error, Found, TooLong};

/// Octets in front of the TLVs.
pub const HEADER_LEN: usize = 8;

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Somebody wants something.
    Request,
    /// The answer, under the same transaction.
    Response,
    /// Any other.
    Unknown(u8),
}

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// An E-channel for a port.
    Create,
    /// No more.
    Delete,
    /// Any other.
    Unknown(u8),
}

impl Kind {
    const fn from_code(code: u8) -> Self {
        match code {
            code_points::REQUEST => Self::Request,
            code_points::RESPONSE => Self::Response,
            code => Self::Unknown(code),
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::Request => code_points::REQUEST,
            Self::Response => code_points::RESPONSE,
            Self::Unknown(code) => code,
        }
    }
}

impl Action {
    const fn from_code(code: u8) -> Self {
        match code {
            code_points::CREATE => Self::Create,
            code_points::DELETE => Self::Delete,
            code => Self::Unknown(code),
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::Create => code_points::CREATE,
            Self::Delete => code_points::DELETE,
            Self::Unknown(code) => code,
        }
    }
}

/// Of a response: what came of it. A request says success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Done.
    Success,
    /// The request does not say what it must.
    Format,
    /// No room, or the link gives no channels.
    Resources,
    /// Any other.
    Unknown(u8),
}

impl Status {
    const fn from_code(code: u8) -> Self {
        match code {
            code_points::SUCCESS => Self::Success,
            code_points::FORMAT => Self::Format,
            code_points::RESOURCES => Self::Resources,
            code => Self::Unknown(code),
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::Success => code_points::SUCCESS,
            Self::Format => code_points::FORMAT,
            Self::Resources => code_points::RESOURCES,
            Self::Unknown(code) => code,
        }
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Message {
    /// Request or response.
    pub kind: Kind,
    /// What is wanted, or was.
    pub action: Action,
    /// What came of it.
    pub status: Status,
    /// Tells one request from the next; a response carries its request's.
    pub transaction: u32,
    /// The extender's port.
    pub port: Option<u32>,
    /// The E-channel.
    pub ecid: Option<ECid>,
    /// TLVs that are not known, do not parse or stand there again: type 0..=127, value 0..=511 octets.
    pub unknown: Vec<(u8, Vec<u8>)>,
}

impl Message {
    /// Reads an ECP request's payload. The TLV that ends the list may be missing.
    pub fn parse(octets: &[u8]) -> Result<Self, Error> {
        let error = |at, expected, found| Error { protocol: "PE-CSP", at, expected, found };
        let Some((&[version, kind, action, status, transaction @ ..], list)) =
            octets.split_first_chunk::<HEADER_LEN>()
        else {
            return Err(error(0, "8 octets", Found::Octets(octets.len())));
        };
        if version != code_points::VERSION {
            return Err(error(0, "version 1", Found::Value(version.into())));
        }
        let mut message = Self {
            kind: Kind::from_code(kind),
            action: Action::from_code(action),
            status: Status::from_code(status),
            transaction: u32::from_be_bytes(transaction),
            port: None,
            ecid: None,
            unknown: Vec::new(),
        };
        for (at, step) in Tlvs::new(list, HEADER_LEN) {
            match step {
                Step::Whole { kind, value } => message.take(kind, value),
                Step::End => {}
                Step::Cut { .. } | Step::Stray => {
                    return Err(tlv::broken("PE-CSP", at, octets.len() - at));
                }
            }
        }
        Ok(message)
    }

    fn take(&mut self, kind: u8, value: &[u8]) {
        match (kind, value) {
            (code_points::PORT, &[a, b, c, d]) if self.port.is_none() => {
                self.port = Some(u32::from_be_bytes([a, b, c, d]));
                return;
            }
            (code_points::ECID, &[a, b, c]) if self.ecid.is_none() => {
                // The machine's channel number of an E-CID has this very layout.
                let channel = Channel::from_bits(u32::from_be_bytes([0, a, b, c]));
                self.ecid = channel.ok().map(Channel::ecid);
                if self.ecid.is_some() {
                    return;
                }
            }
            _ => {}
        }
        self.unknown.push((kind, value.to_vec()));
    }

    /// The message; refuses what no TLV can hold.
    pub fn emit(&self) -> Result<Vec<u8>, TooLong> {
        let (kind, action, status) = (self.kind.code(), self.action.code(), self.status.code());
        let mut out = vec![code_points::VERSION, kind, action, status];
        out.extend(self.transaction.to_be_bytes());
        let what = "octets of a PE-CSP TLV";
        if let Some(port) = self.port {
            tlv::put(&mut out, what, code_points::PORT, &port.to_be_bytes())?;
        }
        if let Some(ecid) = self.ecid {
            let octets = Channel::etag(ecid).bits().to_be_bytes();
            tlv::put(&mut out, what, code_points::ECID, &octets[1..])?;
        }
        for (kind, value) in &self.unknown {
            tlv::put(&mut out, what, *kind, value)?;
        }
        tlv::put_end(&mut out);
        Ok(out)
    }
}
