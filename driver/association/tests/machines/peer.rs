// SPDX-License-Identifier: MIT
//! A peer that says what a test tells it, octet by octet if need be, and acknowledges what it hears.

use vireo_association::wire::ecp::{self, Operation, Subtype};
use vireo_association::wire::frame;
use vireo_association::wire::vdp::{Command, ManagerId, Repr, Status, Tlv, Vsi, VsiTlv};
use vireo_spec::ether::{EtherType, MacAddr};

use crate::world::MANAGER;

/// What a frame of ECP holds.
pub(crate) enum Heard {
    Acknowledgement(u16),
    Request(u16, Repr),
}

pub(crate) fn hear(octets: &[u8]) -> Heard {
    let packet = frame::Packet::new_checked(octets).unwrap();
    assert_eq!(packet.ethertype(), EtherType::ECP);
    assert_eq!(packet.destination(), frame::NEAREST_CUSTOMER_BRIDGE);
    assert!(octets.len() <= 1514, "{}", octets.len());
    let pdu = ecp::Packet::new_checked(packet.payload()).unwrap();
    let header = pdu.repr();
    match header.operation {
        Operation::Acknowledgement => Heard::Acknowledgement(header.sequence),
        _ => Heard::Request(header.sequence, Repr::parse(pdu.payload()).unwrap()),
    }
}

pub(crate) struct Peer {
    source: MacAddr,
    pub(crate) sequence: u16,
}

impl Peer {
    pub(crate) fn new(source: MacAddr) -> Self {
        Self { source, sequence: 100 }
    }

    fn frame(&self, pdu: &[u8]) -> Vec<u8> {
        let destination = frame::NEAREST_CUSTOMER_BRIDGE;
        let source = self.source;
        frame::emit(&frame::Repr { destination, source, ethertype: EtherType::ECP }, pdu)
    }

    pub(crate) fn acknowledge(&self, sequence: u16) -> Vec<u8> {
        let operation = Operation::Acknowledgement;
        self.frame(&ecp::Repr { operation, subtype: Subtype::Vdp, sequence }.emit(&[]))
    }

    /// A request of these octets.
    pub(crate) fn say_octets(&mut self, payload: &[u8]) -> Vec<u8> {
        self.sequence += 1;
        let (operation, sequence) = (Operation::Request, self.sequence);
        self.frame(&ecp::Repr { operation, subtype: Subtype::Vdp, sequence }.emit(payload))
    }

    pub(crate) fn say(&mut self, manager: Option<ManagerId>, tlvs: Vec<Tlv>) -> Vec<u8> {
        self.say_octets(&Repr { manager, tlvs, end: false }.emit().unwrap())
    }

    pub(crate) fn tell(&mut self, command: Command, status: Status, vsi: Vsi) -> Vec<u8> {
        self.say(Some(MANAGER), vec![tlv(command, status, vsi)])
    }
}

pub(crate) fn tlv(command: Command, status: Status, vsi: Vsi) -> Tlv {
    Tlv::Vsi(VsiTlv { command, status, vsi })
}
