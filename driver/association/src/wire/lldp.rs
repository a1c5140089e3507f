// SPDX-License-Identifier: MIT
//! LLDP (802.1AB): who is at the other end of the link, for how long that holds, and what its TLVs say.
//! Chassis ID, port ID and TTL come first, in this order; TLVs that are not known are kept.

use vireo_spec::ether::MacAddr;

use super::tlv::{self, Step, Tlvs};
use super::{Error, Found, OUI_802_1, TooLong, cdcp, draft, evb};

const CHASSIS_ID: u8 = 1;
const PORT_ID: u8 = 2;
const TTL: u8 = 3;
/// The type of TLVs that an organization defines: OUI 3, subtype 1, content.
const ORGANIZATIONAL: u8 = 127;
/// The most octets of an ID, its subtype not counted.
const MAX_ID: usize = 255;

/// Which station speaks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChassisId {
    /// What the value is; 4 is a MAC address.
    pub subtype: u8,
    /// Up to 255 octets.
    pub value: Vec<u8>,
}

impl ChassisId {
    /// Subtype 4, a MAC address.
    pub fn mac(mac: MacAddr) -> Self {
        Self { subtype: 4, value: mac.0.to_vec() }
    }
}

/// Which of its ports speaks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PortId {
    /// What the value is; 3 is a MAC address.
    pub subtype: u8,
    /// Up to 255 octets.
    pub value: Vec<u8>,
}

impl PortId {
    /// Subtype 3, a MAC address.
    pub fn mac(mac: MacAddr) -> Self {
        Self { subtype: 3, value: mac.0.to_vec() }
    }
}

/// What follows the mandatory TLVs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Tlv {
    /// What bridge and station can, and their timers.
    Evb(evb::Repr),
    /// Which S-channels there are.
    Cdcp(cdcp::Repr),
    /// The EVB TLV of draft 0.2.
    DraftEvb(draft::EvbTlv),
    /// Any other, and one of these whose content does not parse.
    Unknown {
        /// The type, 0..=127; type 0 without a value is the end and no TLV.
        kind: u8,
        /// The value, 0..=511 octets.
        value: Vec<u8>,
    },
}

impl Tlv {
    fn parse(kind: u8, value: &[u8]) -> Self {
        let known = if kind == ORGANIZATIONAL { Self::organizational(value) } else { None };
        known.unwrap_or_else(|| Self::Unknown { kind, value: value.to_vec() })
    }

    fn organizational(value: &[u8]) -> Option<Self> {
        let (&[a, b, c, subtype], content) = value.split_first_chunk::<4>()?;
        match ([a, b, c], subtype) {
            (OUI_802_1, evb::SUBTYPE) => {
                content.try_into().ok().map(|octets| Self::Evb(evb::Repr::parse(octets)))
            }
            (OUI_802_1, cdcp::SUBTYPE) => cdcp::Repr::parse(content).ok().map(Self::Cdcp),
            (draft::OUI, draft::EvbTlv::SUBTYPE) => {
                content.try_into().ok().map(|octets| Self::DraftEvb(draft::EvbTlv::parse(octets)))
            }
            _ => None,
        }
    }

    fn emit(&self, out: &mut Vec<u8>) -> Result<(), TooLong> {
        const WHAT: &str = "octets of an LLDP TLV";
        let mut organizational = |[a, b, c]: [u8; 3], subtype, content: &[u8]| {
            tlv::put_header(out, WHAT, ORGANIZATIONAL, 4 + content.len())?;
            out.extend([a, b, c, subtype]);
            out.extend_from_slice(content);
            Ok(())
        };
        match self {
            Self::Evb(evb) => organizational(OUI_802_1, evb::SUBTYPE, &evb.emit()?),
            Self::Cdcp(cdcp) => organizational(OUI_802_1, cdcp::SUBTYPE, &cdcp.emit()?),
            Self::DraftEvb(evb) => organizational(draft::OUI, draft::EvbTlv::SUBTYPE, &evb.emit()),
            Self::Unknown { kind, value } => tlv::put(out, WHAT, *kind, value),
        }
    }
}

/// An LLDP PDU.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Repr {
    /// Which station speaks.
    pub chassis: ChassisId,
    /// Which of its ports.
    pub port: PortId,
    /// For how many seconds it holds; 0 is a farewell.
    pub ttl: u16,
    /// What follows, in order.
    pub tlvs: Vec<Tlv>,
}

impl Repr {
    /// Reads a frame's payload. The TLV that ends the list may be missing.
    pub fn parse(octets: &[u8]) -> Result<Self, Error> {
        let mut list = Tlvs::new(octets, 0);
        let mut mandatory =
            |kind, lengths, expected| mandatory(list.next(), octets.len(), kind, lengths, expected);
        let id = 1..=1 + MAX_ID;
        let chassis = mandatory(CHASSIS_ID, id.clone(), "a chassis ID (type 1)")?;
        let port = mandatory(PORT_ID, id, "a port ID (type 2)")?;
        let ttl = mandatory(TTL, 2..=2, "a TTL (type 3) of 2 octets")?;
        let mut tlvs = Vec::new();
        for (at, step) in list {
            match step {
                Step::Whole { kind, value } => tlvs.push(Tlv::parse(kind, value)),
                Step::End => {}
                Step::Cut { .. } | Step::Stray => {
                    return Err(tlv::broken("LLDP", at, octets.len() - at));
                }
            }
        }
        Ok(Self {
            chassis: ChassisId { subtype: chassis[0], value: chassis[1..].to_vec() },
            port: PortId { subtype: port[0], value: port[1..].to_vec() },
            ttl: u16::from_be_bytes([ttl[0], ttl[1]]),
            tlvs,
        })
    }

    /// The PDU, closed by its end TLV; refuses what no TLV can hold.
    pub fn emit(&self) -> Result<Vec<u8>, TooLong> {
        let mut out = Vec::new();
        for (what, kind, subtype, value) in [
            ("octets of a chassis ID", CHASSIS_ID, self.chassis.subtype, &self.chassis.value),
            ("octets of a port ID", PORT_ID, self.port.subtype, &self.port.value),
        ] {
            TooLong::check(what, MAX_ID, value.len())?;
            tlv::put_header(&mut out, what, kind, 1 + value.len())?;
            out.push(subtype);
            out.extend_from_slice(value);
        }
        tlv::put(&mut out, "octets of a TTL", TTL, &self.ttl.to_be_bytes())?;
        for tlv in &self.tlvs {
            tlv.emit(&mut out)?;
        }
        tlv::put_end(&mut out);
        Ok(out)
    }
}

/// The value of a TLV that must be there, be of this type and hold so many octets. `len` are the octets of the PDU.
fn mandatory<'a>(
    step: Option<(usize, Step<'a>)>,
    len: usize,
    expected_kind: u8,
    lengths: std::ops::RangeInclusive<usize>,
    expected: &'static str,
) -> Result<&'a [u8], Error> {
    let (at, found) = match step {
        Some((_, Step::Whole { kind, value }))
            if kind == expected_kind && lengths.contains(&value.len()) =>
        {
            return Ok(value);
        }
        Some((at, Step::Whole { kind, value })) if kind == expected_kind => {
            (at + tlv::HEADER_LEN, Found::Octets(value.len()))
        }
        Some((at, Step::Whole { kind, .. })) => (at, Found::Value(kind.into())),
        Some((at, Step::End)) => (at, Found::Value(0)),
        Some((at, Step::Cut { .. } | Step::Stray)) => (at, Found::Octets(len - at)),
        None => (len, Found::Octets(0)),
    };
    Err(Error { protocol: "LLDP", at, expected, found })
}
