// SPDX-License-Identifier: MIT
//! Draft 0.2 of 802.1Qbg, which some peers fall back to: decoded and emitted, never spoken.
//! Everything of it stands under its own OUI, 00-1B-3F.

mod ecp;
mod evb;
mod vdp;

use vireo_spec::ether::EtherType;

pub use ecp::{Ecp, EcpPacket};
pub use evb::EvbTlv;
pub use vdp::{Mode, Tlv, Vdp, Vsi};

/// The OUI of the draft's LLDP TLV, ECP and VDP.
pub const OUI: [u8; 3] = [0x00, 0x1b, 0x3f];
/// The draft's ECP: the EtherType for local experiments, told apart by the OUI.
pub const ETHERTYPE: EtherType = EtherType(0x88b7);
