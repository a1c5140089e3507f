// SPDX-License-Identifier: MIT
//! What is said in the tests of the association protocol: VSIs, filters, and whole frames for those that no station of ours would
//! send.

use vireo_association::vdp::Key;
use vireo_association::wire::Message;
use vireo_association::wire::ecp::{self, Operation, Subtype};
use vireo_association::wire::frame;
use vireo_association::wire::message::Body;
use vireo_association::wire::vdp::{
    Command, Filter, ManagerId, Repr, Status, Tlv, VidWord, Vsi, VsiId, VsiTlv,
};
use vireo_spec::ether::{EtherType, MacAddr, VlanId};
use vireo_spec::pins::StreamId;

use super::Host;

/// The manager whose types the bridge knows.
pub const MANAGER: ManagerId = ManagerId([0x11; 16]);

/// A VLAN.
pub fn vid(number: u16) -> VlanId {
    VlanId::from_tci(number)
}

/// A guest's address.
pub fn mac(number: u8) -> MacAddr {
    MacAddr([0x52, 0x54, 0, 0, 0, number])
}

/// A filter of one address in one VLAN.
pub fn mac_vid(number: u8, vlan: u16) -> Filter {
    Filter::MacVid(vec![(mac(number), VidWord::new(vid(vlan)))])
}

/// A VSI of type 1.
pub fn vsi(number: u8, filter: Filter) -> Vsi {
    vsi_of_type(1, number, filter)
}

/// A VSI of another type.
pub fn vsi_of_type(type_id: u32, number: u8, filter: Filter) -> Vsi {
    Vsi { type_id, type_version: 1, id: VsiId::uuid([number; 16]), filter }
}

/// What names such a VSI.
pub fn key(number: u8) -> Key {
    Key::new(MANAGER, VsiId::uuid([number; 16]))
}

/// A request for a VSI, with a status octet.
pub fn with_status(command: Command, status: u8, vsi: Vsi) -> Tlv {
    Tlv::Vsi(VsiTlv { command, status: Status(status), vsi })
}

/// A frame with an ECP request of VDP that holds these octets.
pub fn pdu(sequence: u16, payload: &[u8]) -> Vec<u8> {
    let repr = ecp::Repr { operation: Operation::Request, subtype: Subtype::Vdp, sequence };
    let header = frame::Repr {
        destination: frame::NEAREST_CUSTOMER_BRIDGE,
        source: mac(0xee),
        ethertype: EtherType::ECP,
    };
    frame::emit(&header, &repr.emit(payload))
}

/// A frame with VDP's TLVs under a manager.
pub fn vdp(sequence: u16, manager: ManagerId, tlvs: Vec<Tlv>) -> Vec<u8> {
    let repr = Repr { manager: Some(manager), tlvs, end: false };
    pdu(sequence, &repr.emit().expect("its TLVs fit"))
}

/// What a host was answered, or told, about VSIs in a channel: the TLV's command, status octet and VSI, in order; repetitions
/// once.
pub fn answers(host: &Host, at: StreamId) -> Vec<(Command, u8, VsiId)> {
    let mut last = None;
    let mut said = Vec::new();
    for (_, octets) in host.heard.iter().filter(|(from, _)| *from == at) {
        let Ok(Message::Ecp { header, body: Body::Vdp(repr) }) = Message::parse(octets) else {
            continue;
        };
        if last.replace(header.sequence) == Some(header.sequence) {
            continue;
        }
        said.extend(repr.tlvs.into_iter().filter_map(|tlv| match tlv {
            Tlv::Vsi(VsiTlv { command, status, vsi }) => Some((command, status.0, vsi.id)),
            Tlv::Malformed { command, status, id, .. } => Some((command, status, id)),
            _ => None,
        }));
    }
    said
}
