// SPDX-License-Identifier: MIT
//! The draft's EVB TLV in LLDP: what is supported and what is configured, each side in its own order.
//! Nine octets behind the subtype: supported 2, configured 2, VSIs supported 2 and configured 2, RTE 1.

/// The TLV's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EvbTlv {
    /// Forwarding modes that are supported; 0x40 is the standard one, 0x80 reflective relay.
    pub supported_forwarding: u8,
    /// Capabilities that are supported: RTE 4, ECP 2, VDP 1.
    pub supported_capabilities: u8,
    /// The forwarding mode in use.
    pub configured_forwarding: u8,
    /// The capabilities in use.
    pub configured_capabilities: u8,
    /// How many VSIs are supported.
    pub supported_vsis: u16,
    /// How many are configured.
    pub configured_vsis: u16,
    /// Exponent of ECP's retransmission time.
    pub rte: u8,
}

impl EvbTlv {
    /// The TLV's subtype under the draft's OUI.
    pub const SUBTYPE: u8 = 0;
    /// Octets behind the subtype.
    pub const LEN: usize = 9;

    /// Reads the nine octets.
    pub const fn parse([a, b, c, d, e, f, g, h, rte]: [u8; Self::LEN]) -> Self {
        Self {
            supported_forwarding: a,
            supported_capabilities: b,
            configured_forwarding: c,
            configured_capabilities: d,
            supported_vsis: u16::from_be_bytes([e, f]),
            configured_vsis: u16::from_be_bytes([g, h]),
            rte,
        }
    }

    /// The nine octets.
    pub const fn emit(&self) -> [u8; Self::LEN] {
        let [e, f] = self.supported_vsis.to_be_bytes();
        let [g, h] = self.configured_vsis.to_be_bytes();
        [
            self.supported_forwarding,
            self.supported_capabilities,
            self.configured_forwarding,
            self.configured_capabilities,
            e,
            f,
            g,
            h,
            self.rte,
        ]
    }
}
