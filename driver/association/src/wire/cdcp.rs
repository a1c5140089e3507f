// SPDX-License-Identifier: MIT
//! The CDCP TLV of LLDP (802.1Qbg, OUI 00-80-C2, subtype 0x0E): which S-channels there are, and the VID of each.
//! The station asks with SVID 0, the bridge answers with the SVID that it gave. The layout, unverified, stands here alone.

use super::{Error, Found, TooLong};

/// The TLV's subtype under [`OUI_802_1`](super::OUI_802_1).
pub const SUBTYPE: u8 = 0x0e;
/// The most channels that fit a TLV.
pub const MAX_CHANNELS: usize = 167;
/// The largest SCID, SVID and capacity.
const MAX_NUMBER: u16 = 0xfff;
/// Octets before the channels (unverified): role 1 bit, reserved 3, S-component 1, reserved 15, capacity 12.
const HEADER_LEN: usize = 4;
/// Where the role stands (unverified).
const ROLE: u32 = 1 << 31;
/// Where the S-component bit stands (unverified).
const S_COMPONENT: u32 = 1 << 27;
/// Octets of a channel (unverified): SCID 12 bits, SVID 12.
const PAIR_LEN: usize = 3;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A bridge: 0.
    Bridge,
    /// A station: 1.
    Station,
}

/// One S-channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// The channel's number, 0..=4095; the station gives it.
    pub scid: u16,
    /// The VID that its frames carry, 0..=4095; 0 where the station asks for one.
    pub svid: u16,
}

/// The TLV's content.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Repr {
    /// Who speaks.
    pub role: Role,
    /// The speaker has a component that tags and untags S-channels.
    pub s_component: bool,
    /// How many channels the speaker can hold, 0..=4095.
    pub capacity: u16,
    /// The channels, 167 at most.
    pub channels: Vec<Pair>,
}

impl Repr {
    /// Reads what stands behind the subtype.
    pub fn parse(octets: &[u8]) -> Result<Self, Error> {
        let error = |at, expected, found| {
            let found = Found::Octets(found);
            Error { protocol: "CDCP TLV", at, expected, found }
        };
        let Some((&header, pairs)) = octets.split_first_chunk::<HEADER_LEN>() else {
            return Err(error(0, "4 octets", octets.len()));
        };
        let (pairs, rest) = pairs.as_chunks::<PAIR_LEN>();
        if !rest.is_empty() {
            return Err(error(octets.len() - rest.len(), "a pair of 3 octets", rest.len()));
        }
        let header = u32::from_be_bytes(header);
        let channels = pairs.iter().map(|&[a, b, c]| {
            let pair = u32::from_be_bytes([0, a, b, c]);
            Pair { scid: (pair >> 12) as u16, svid: pair as u16 & MAX_NUMBER }
        });
        Ok(Self {
            role: if header & ROLE == 0 { Role::Bridge } else { Role::Station },
            s_component: header & S_COMPONENT != 0,
            capacity: header as u16 & MAX_NUMBER,
            channels: channels.collect(),
        })
    }

    /// Octets behind the subtype.
    pub fn buffer_len(&self) -> usize {
        HEADER_LEN + PAIR_LEN * self.channels.len()
    }

    /// What stands behind the subtype; refuses more channels than fit, and numbers of more than 12 bits.
    pub fn emit(&self) -> Result<Vec<u8>, TooLong> {
        TooLong::check("channels of a CDCP TLV", MAX_CHANNELS, self.channels.len())?;
        let number = |what, found: u16| {
            TooLong::check(what, MAX_NUMBER.into(), found.into()).map(|()| u32::from(found))
        };
        let role = if self.role == Role::Station { ROLE } else { 0 };
        let s_component = if self.s_component { S_COMPONENT } else { 0 };
        let capacity = number("channel capacity of a CDCP TLV", self.capacity)?;
        let mut out = Vec::with_capacity(self.buffer_len());
        out.extend((role | s_component | capacity).to_be_bytes());
        for pair in &self.channels {
            let scid = number("SCID of a CDCP TLV", pair.scid)?;
            let svid = number("SVID of a CDCP TLV", pair.svid)?;
            out.extend_from_slice(&(scid << 12 | svid).to_be_bytes()[1..]);
        }
        Ok(out)
    }
}
