// SPDX-License-Identifier: MIT
//! The Ethernet frame around every protocol here, without tags and without FCS.
//! Whoever sends pads to 60 octets; parsers take the padding for what it is.

use vireo_spec::ether::{ADDRESS_LEN, ADDRESSES_LEN, EtherType, HEADER_LEN, MacAddr};

use super::{Error, Found};

/// Nearest customer bridge: LLDP with the EVB TLV, and VDP in ECP.
pub const NEAREST_CUSTOMER_BRIDGE: MacAddr = MacAddr([0x01, 0x80, 0xc2, 0, 0, 0x00]);
/// Nearest bridge that is not a two-port MAC relay: LLDP with the CDCP TLV, and PE-CSP in ECP.
pub const NEAREST_NON_TPMR_BRIDGE: MacAddr = MacAddr([0x01, 0x80, 0xc2, 0, 0, 0x03]);

/// The addresses and what stands behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Repr {
    /// Whom it is for.
    pub destination: MacAddr,
    /// Who sent it.
    pub source: MacAddr,
    /// What the payload is.
    pub ethertype: EtherType,
}

/// A view of a frame that holds at least its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<T: AsRef<[u8]>> {
    octets: T,
}

impl<T: AsRef<[u8]>> Packet<T> {
    /// Checks that the header is there.
    pub fn new_checked(octets: T) -> Result<Self, Error> {
        let found = octets.as_ref().len();
        if found < HEADER_LEN {
            let found = Found::Octets(found);
            return Err(Error { protocol: "Ethernet", at: 0, expected: "14 octets", found });
        }
        Ok(Self { octets })
    }

    /// Addresses and EtherType.
    pub fn repr(&self) -> Repr {
        let octets = self.octets.as_ref();
        let mut addresses = [[0; ADDRESS_LEN]; 2];
        addresses.as_flattened_mut().copy_from_slice(&octets[..ADDRESSES_LEN]);
        let [destination, source] = addresses.map(MacAddr);
        let ethertype = EtherType::from_octets([octets[ADDRESSES_LEN], octets[ADDRESSES_LEN + 1]]);
        Repr { destination, source, ethertype }
    }

    /// Whom it is for.
    pub fn destination(&self) -> MacAddr {
        self.repr().destination
    }

    /// Who sent it.
    pub fn source(&self) -> MacAddr {
        self.repr().source
    }

    /// What the payload is.
    pub fn ethertype(&self) -> EtherType {
        self.repr().ethertype
    }

    /// What stands behind the EtherType, padding included.
    pub fn payload(&self) -> &[u8] {
        &self.octets.as_ref()[HEADER_LEN..]
    }
}

/// The frame, without padding.
pub fn emit(repr: &Repr, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER_LEN + payload.len());
    out.extend(repr.destination.0);
    out.extend(repr.source.0);
    out.extend(repr.ethertype.to_octets());
    out.extend_from_slice(payload);
    out
}
