// SPDX-License-Identifier: MIT
//! Arbitrary values survive the wire, and arbitrary octets, as well as damaged frames of a real peer, panic nobody:
//! what parses is written, and reads the same again.

use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::sample::Index;
use vireo_association::wire::message::{Body, Message};
use vireo_association::wire::vdp::Tlv;
use vireo_association::wire::{draft, ecp, frame, lldp, pe_csp, vdp};
use vireo_spec::ether::EtherType;

use crate::captures::golden;
use crate::strategies;

/// What a frame says, written again; nothing where it is of another protocol.
fn payload(message: &Message) -> Option<Vec<u8>> {
    Some(match message {
        Message::Lldp(repr) => repr.emit().unwrap(),
        Message::Ecp { header, body } => header.emit(&match body {
            Body::Vdp(repr) => repr.emit().unwrap(),
            Body::PeCsp(message) => message.emit().unwrap(),
            Body::Acknowledgement => Vec::new(),
            Body::Unknown(octets) => octets.clone(),
        }),
        Message::DraftEcp { header, body } => header.emit(&body.emit().unwrap()),
        Message::Other(_) => return None,
    })
}

/// Reads a frame; what it says must read the same once it is written.
fn check(octets: &[u8]) -> Result<(), TestCaseError> {
    let Ok(message) = Message::parse(octets) else { return Ok(()) };
    let header = frame::Packet::new_checked(octets).unwrap().repr();
    if let Some(payload) = payload(&message) {
        prop_assert_eq!(Message::parse(&frame::emit(&header, &payload)), Ok(message));
    }
    Ok(())
}

/// The frames of a real peer, which damaged ones are made of.
fn peer() -> &'static [Vec<u8>] {
    static FRAMES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    FRAMES.get_or_init(|| golden().into_iter().map(|golden| golden.frame).collect())
}

proptest! {
    #[test]
    fn any_lldp_survives_the_wire(repr in strategies::lldp()) {
        prop_assert_eq!(lldp::Repr::parse(&repr.emit().unwrap()), Ok(repr));
    }

    #[test]
    fn any_ecp_survives_the_wire(repr in strategies::ecp(), payload in strategies::octets(64)) {
        let packet = ecp::Packet::new_checked(repr.emit(&payload)).unwrap();
        prop_assert_eq!(packet.repr(), repr);
        prop_assert_eq!(packet.payload(), payload);
    }

    #[test]
    fn any_vdp_survives_the_wire(repr in strategies::vdp()) {
        let octets = repr.emit().unwrap();
        prop_assert_eq!(octets.len(), repr.buffer_len());
        prop_assert_eq!(vdp::Repr::parse(&octets), Ok(repr));
    }

    #[test]
    fn any_pe_csp_survives_the_wire(message in strategies::pe_csp()) {
        prop_assert_eq!(pe_csp::Message::parse(&message.emit().unwrap()), Ok(message));
    }

    #[test]
    fn any_draft_survives_the_wire((header, body) in strategies::draft()) {
        let octets = header.emit(&body.emit().unwrap());
        let packet = draft::EcpPacket::new_checked(octets).unwrap();
        prop_assert_eq!(packet.repr(), header);
        prop_assert_eq!(draft::Vdp::parse(packet.payload()), Ok(body));
    }

    #[test]
    fn any_vsi_answered_as_malformed_keeps_its_octets_but_the_status(
        repr in strategies::vdp(),
        status in any::<u8>(),
    ) {
        // A count that does not match makes the filter malformed and moves nothing.
        let Some(Tlv::Vsi(tlv)) = repr.tlvs.first() else { return Ok(()) };
        let one = vdp::Repr { manager: None, tlvs: vec![Tlv::Vsi(tlv.clone())], end: false };
        let mut octets = one.emit().unwrap();
        octets[25] ^= 0x80;
        let mut parsed = vdp::Repr::parse(&octets).unwrap();
        let [Tlv::Malformed { status: answer, .. }] = parsed.tlvs.as_mut_slice() else {
            return Err(TestCaseError::fail(format!("{parsed:?}")));
        };
        *answer = status;
        octets[2] = status;
        prop_assert_eq!(parsed.emit().unwrap(), octets);
    }

    #[test]
    fn random_octets_behind_a_known_ethertype_panic_nobody(
        ethertype in prop_oneof![
            Just(EtherType::LLDP), Just(EtherType::ECP), Just(draft::ETHERTYPE), any::<u16>().prop_map(EtherType)
        ],
        payload in strategies::octets(200),
    ) {
        let (destination, source) = (frame::NEAREST_CUSTOMER_BRIDGE, frame::NEAREST_NON_TPMR_BRIDGE);
        check(&frame::emit(&frame::Repr { destination, source, ethertype }, &payload))?;
    }

    #[test]
    fn damaged_frame_of_a_real_peer_panics_nobody(
        which in any::<Index>(),
        flips in proptest::collection::vec((any::<Index>(), any::<u8>()), 0..6),
        len in any::<Index>(),
        cut in any::<bool>(),
    ) {
        let mut octets = which.get(peer()).clone();
        for (at, value) in flips {
            let at = at.index(octets.len());
            octets[at] = value;
        }
        if cut {
            octets.truncate(len.index(octets.len()));
        }
        check(&octets)?;
    }

    #[test]
    fn zeros_that_pad_a_frame_are_no_content(which in any::<Index>(), zeros in 0..100_usize) {
        let octets = which.get(peer());
        let Ok(Message::Ecp { header, body: Body::Vdp(mut body) }) = Message::parse(octets) else {
            return Ok(());
        };
        if matches!(body.tlvs.last(), Some(Tlv::Cut { .. })) {
            return Ok(());
        }
        let padded = Message::parse(&[octets.as_slice(), &vec![0; zeros]].concat());
        body.end |= zeros > 1;
        prop_assert_eq!(padded, Ok(Message::Ecp { header, body: Body::Vdp(body) }));
    }
}
