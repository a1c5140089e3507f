// SPDX-License-Identifier: MIT
//! Every frame of every capture is read as another decoder reads it, and written again octet by octet.
//! Only padding may differ: a sender of ours leaves it to whoever puts the frame on the wire.

use vireo_association::wire::message::{Body, Message};
use vireo_association::wire::vdp::Tlv;
use vireo_association::wire::{draft, ecp, frame, lldp, vdp};
use vireo_spec::ether::EtherType;

use crate::captures::golden;
use crate::decode;

/// Where the other decoder cuts its lines: at 300 characters, of which number and time are 14.
const LINE: usize = 286;

#[test]
fn every_frame_of_a_real_peer_reads_as_another_decoder_reads_it() {
    let golden = golden();
    assert_eq!(golden.len(), 426);
    for golden in golden {
        let mut line = decode::line(&golden.frame);
        line.truncate(LINE);
        assert_eq!(line, golden.line, "{}", golden.name);
    }
}

/// The frame, read and written.
fn again(octets: &[u8]) -> Vec<u8> {
    let packet = frame::Packet::new_checked(octets).unwrap();
    let payload = match packet.ethertype() {
        EtherType::LLDP => lldp::Repr::parse(packet.payload()).unwrap().emit().unwrap(),
        EtherType::ECP => {
            let mut pdu = packet.payload().to_vec();
            let version = pdu[0] & 0xf0;
            // A version that is not ours is not read; its content is version 1's.
            pdu[0] = ecp::VERSION << 4 | pdu[0] & 0xf;
            let pdu = ecp::Packet::new_checked(pdu).unwrap();
            let header = pdu.repr();
            let body = match header.operation {
                ecp::Operation::Request => vdp::Repr::parse(pdu.payload()).unwrap().emit().unwrap(),
                _ => Vec::new(),
            };
            let mut pdu = header.emit(&body);
            pdu[0] = version | pdu[0] & 0xf;
            pdu
        }
        draft::ETHERTYPE => {
            let pdu = draft::EcpPacket::new_checked(packet.payload()).unwrap();
            let body = draft::Vdp::parse(pdu.payload()).unwrap();
            pdu.repr().emit(&body.emit().unwrap())
        }
        other => panic!("no capture holds {other}"),
    };
    frame::emit(&packet.repr(), &payload)
}

#[test]
fn what_is_written_for_a_real_peers_content_is_the_peers_octets() {
    for golden in golden() {
        let again = again(&golden.frame);
        let (whole, padding) = golden.frame.split_at_checked(again.len()).expect(&golden.name);
        assert_eq!(again, whole, "{}", golden.name);
        assert!(padding.iter().all(|&octet| octet == 0), "{}: {padding:?}", golden.name);
    }
}

#[test]
fn padding_to_60_octets_changes_nothing_but_the_end_of_a_list() {
    for golden in golden().into_iter().filter(|golden| golden.frame.len() < 60) {
        let mut padded = golden.frame.clone();
        padded.resize(60, 0);
        let (short, padded) = (Message::parse(&golden.frame), Message::parse(&padded));
        match (short, padded) {
            (
                Ok(Message::Ecp { header, body: Body::Vdp(mut body) }),
                Ok(Message::Ecp { header: padded_header, body: Body::Vdp(padded_body) }),
            ) => {
                body.end = true;
                assert_eq!((header, body), (padded_header, padded_body), "{}", golden.name);
            }
            (
                Ok(Message::Ecp { header, body: Body::Unknown(_) }),
                Ok(Message::Ecp { header: padded_header, body: Body::Unknown(_) }),
            ) => assert_eq!(header, padded_header, "{}", golden.name),
            // Two octets of PE-CSP are none, and neither are two and padding.
            (Err(_), Err(_)) => {}
            (short, padded) => assert_eq!(short, padded, "{}", golden.name),
        }
    }
}

#[test]
fn tlvs_that_a_peer_gets_wrong_are_kept_beside_the_ones_that_are_right() {
    let mut malformed = Vec::new();
    let mut cut = Vec::new();
    for golden in golden() {
        let Ok(Message::Ecp { body: Body::Vdp(body), .. }) = Message::parse(&golden.frame) else {
            continue;
        };
        for tlv in body.tlvs {
            match tlv {
                Tlv::Malformed { error, .. } => malformed.push(error.to_string()),
                Tlv::Cut { error, .. } => cut.push(error.to_string()),
                _ => {}
            }
        }
    }
    assert_eq!(
        malformed,
        [
            "VSI TLV: octet 24: expected filter format 1..=4, found 5",
            "VSI TLV: octet 27: expected exactly the entries that are counted, found 2 octets",
        ]
    );
    assert_eq!(cut[0], "VSI TLV: octet 2: expected 22 octets up to the VSI id, found 9 octets");
}
