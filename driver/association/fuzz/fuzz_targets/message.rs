// SPDX-License-Identifier: MIT
//! Whole frames of any protocol: no octets panic, and what parses reads the same once it is written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vireo_association::wire::frame::{self, Packet};
use vireo_association::wire::message::{Body, Message};

/// The frame's payload, written from what was read of it.
fn payload(message: &Message) -> Option<Vec<u8>> {
    let sent = "what was parsed can be sent";
    Some(match message {
        Message::Lldp(repr) => repr.emit().expect(sent),
        Message::Ecp { header, body } => header.emit(&match body {
            Body::Vdp(repr) => repr.emit().expect(sent),
            Body::PeCsp(message) => message.emit().expect(sent),
            Body::Acknowledgement => Vec::new(),
            Body::Unknown(octets) => octets.clone(),
        }),
        Message::DraftEcp { header, body } => header.emit(&body.emit().expect(sent)),
        Message::Other(_) => return None,
    })
}

fuzz_target!(|octets: &[u8]| {
    let Ok(message) = Message::parse(octets) else { return };
    let header = Packet::new_checked(octets).expect("a frame that was read").repr();
    if let Some(payload) = payload(&message) {
        assert_eq!(Message::parse(&frame::emit(&header, &payload)), Ok(message));
    }
});
