// SPDX-License-Identifier: MIT
//! What both sides of VDP have: ECP in one channel, whole frames, and TLVs of the same manager together in one PDU.

use serde::Serialize;
use vireo_spec::ether::{EtherType, MacAddr};

use crate::ecp::{self, Endpoint, Received};
use crate::evb::Operating;
use crate::time::Instant;
use crate::wire::ecp::{HEADER_LEN, Subtype};
use crate::wire::frame;
use crate::wire::vdp::{ManagerId, Repr, Tlv};

/// Octets behind the Ethernet header that every link takes.
const MTU: usize = 1500;

/// What the protocol below VSIs has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LineCounters {
    /// Frames that are no ECP of this version, or hold no VDP.
    pub malformed: u64,
    /// PDUs without a manager id in front, whose TLVs cannot be answered.
    pub without_manager: u64,
    /// VSI TLVs too short to say which VSI they are about, and TLVs that are cut off.
    pub cut: u64,
    /// TLVs that are not known; they are passed over.
    pub unknown: u64,
}

/// A PDU that is being put together: TLVs of one manager, up to the link's MTU.
pub(super) struct Pdu {
    repr: Repr,
    room: usize,
}

impl Pdu {
    pub(super) fn new(manager: ManagerId) -> Self {
        let repr = Repr { manager: Some(manager), ..Repr::default() };
        Self { room: MTU - HEADER_LEN - repr.buffer_len(), repr }
    }

    /// Whether this manager's TLV belongs there and fits. The first one of the PDU's manager always does.
    pub(super) fn takes(&self, manager: ManagerId, tlv: &Tlv) -> bool {
        self.repr.manager == Some(manager) && tlv.buffer_len() <= self.room
    }

    /// Appends a TLV that it takes.
    pub(super) fn push(&mut self, tlv: Tlv) {
        self.room -= tlv.buffer_len();
        self.repr.tlvs.push(tlv);
    }
}

#[derive(Debug)]
pub(super) struct Line {
    source: MacAddr,
    pub(super) endpoint: Endpoint,
    pub(super) counters: LineCounters,
}

impl Line {
    pub(super) fn new(source: MacAddr, operating: Operating, seed: u64) -> Self {
        let first = fastrand::Rng::with_seed(seed).u16(..);
        let endpoint = Endpoint::new(Subtype::Vdp, operating.into(), first, 1);
        Self { source, endpoint, counters: LineCounters::default() }
    }

    pub(super) fn set_timing(&mut self, operating: Operating) {
        self.endpoint.set_timing(ecp::Timing::from(operating));
    }

    /// The manager and the TLVs about VSIs that a frame brings, if it brings new ones.
    pub(super) fn hear(
        &mut self,
        octets: &[u8],
        room: bool,
        now: Instant,
    ) -> Option<(ManagerId, Vec<Tlv>)> {
        let packet = frame::Packet::new_checked(octets).ok();
        let packet = packet.filter(|packet| packet.ethertype() == EtherType::ECP);
        let received =
            packet.as_ref().map(|packet| self.endpoint.process(packet.payload(), room, now));
        let said = match received {
            Some(Ok(Received::Request(payload))) => Repr::parse(payload),
            Some(Ok(_)) => return None,
            Some(Err(_)) | None => {
                self.counters.malformed += 1;
                return None;
            }
        };
        let Ok(Repr { manager, mut tlvs, .. }) = said else {
            self.counters.malformed += 1;
            return None;
        };
        tlvs.retain(|tlv| match tlv {
            Tlv::Vsi(_) | Tlv::Malformed { .. } => true,
            Tlv::Cut { .. } => {
                self.counters.cut += 1;
                false
            }
            Tlv::Organizational { .. } | Tlv::Unknown { .. } => {
                self.counters.unknown += 1;
                false
            }
        });
        if manager.is_none() {
            self.counters.without_manager += 1;
        }
        Some((manager?, tlvs))
    }

    /// Whether a PDU that is put together now leaves now.
    pub(super) fn is_free(&mut self, now: Instant) -> bool {
        self.endpoint.is_free(now)
    }

    /// Lets a PDU leave. Only when the line is free, so there is room.
    pub(super) fn say(&mut self, pdu: Pdu) {
        // Each of its TLVs was read, or was checked when it was asked for.
        if let Ok(payload) = pdu.repr.emit() {
            let _ = self.endpoint.send(payload);
        }
    }

    /// The next frame to send.
    pub(super) fn poll(&mut self, now: Instant) -> Option<Vec<u8>> {
        let pdu = self.endpoint.poll(now)?;
        let (destination, source) = (frame::NEAREST_CUSTOMER_BRIDGE, self.source);
        Some(frame::emit(&frame::Repr { destination, source, ethertype: EtherType::ECP }, &pdu))
    }

    /// When ECP is next to be asked, if TLVs are `waiting` or not.
    pub(super) fn poll_at(&self, waiting: bool) -> Option<Instant> {
        let free = if waiting && self.endpoint.is_idle() { self.endpoint.free_at() } else { None };
        [self.endpoint.poll_at(), free].into_iter().flatten().min()
    }
}
