// SPDX-License-Identifier: MIT
//! Any frame of the association protocol, read as far as it goes: what a capture's decode shows.
//! State machines read only the formats that they speak.

use vireo_spec::ether::EtherType;

use super::{Error, draft, ecp, frame, lldp, pe_csp, vdp};

/// What a frame holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Message {
    /// Who is there, and with which timers.
    Lldp(lldp::Repr),
    /// A request or acknowledgement.
    Ecp {
        /// The header.
        header: ecp::Repr,
        /// What it carries.
        body: Body,
    },
    /// A request or acknowledgement of draft 0.2.
    DraftEcp {
        /// The header.
        header: draft::Ecp,
        /// What it carries.
        body: draft::Vdp,
    },
    /// No frame of this protocol.
    Other(EtherType),
}

/// What an ECP PDU carries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Body {
    /// Associations.
    Vdp(vdp::Repr),
    /// Channels.
    PeCsp(pe_csp::Message),
    /// An acknowledgement carries nothing.
    Acknowledgement,
    /// An operation or subtype that is not known, with the frame's padding.
    Unknown(Vec<u8>),
}

impl Message {
    /// Reads a whole frame, without tags and FCS, padded or not.
    pub fn parse(frame: &[u8]) -> Result<Self, Error> {
        let frame = frame::Packet::new_checked(frame)?;
        match frame.repr().ethertype {
            EtherType::LLDP => lldp::Repr::parse(frame.payload()).map(Self::Lldp),
            EtherType::ECP => {
                let pdu = ecp::Packet::new_checked(frame.payload())?;
                let (header, payload) = (pdu.repr(), pdu.payload());
                let body = match (header.operation, header.subtype) {
                    (ecp::Operation::Acknowledgement, _) => Body::Acknowledgement,
                    (ecp::Operation::Request, ecp::Subtype::Vdp) => {
                        Body::Vdp(vdp::Repr::parse(payload)?)
                    }
                    (ecp::Operation::Request, ecp::Subtype::PeCsp) => {
                        Body::PeCsp(pe_csp::Message::parse(payload)?)
                    }
                    _ => Body::Unknown(payload.to_vec()),
                };
                Ok(Self::Ecp { header, body })
            }
            draft::ETHERTYPE => {
                let pdu = draft::EcpPacket::new_checked(frame.payload())?;
                let body = draft::Vdp::parse(pdu.payload())?;
                Ok(Self::DraftEcp { header: pdu.repr(), body })
            }
            other => Ok(Self::Other(other)),
        }
    }
}
