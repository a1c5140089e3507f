// SPDX-License-Identifier: MIT
//! Draft 0.2: no octets panic, and what parses reads the same once it is written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vireo_association::wire::draft::{EcpPacket, Vdp};

fuzz_target!(|octets: &[u8]| {
    let Ok(packet) = EcpPacket::new_checked(octets) else { return };
    let Ok(vdp) = Vdp::parse(packet.payload()) else { return };
    let payload = vdp.emit().expect("what was parsed can be sent");
    let again = packet.repr().emit(&payload);
    let again = EcpPacket::new_checked(&again).expect("what was written is there");
    assert_eq!(again.repr(), packet.repr());
    assert_eq!(Vdp::parse(again.payload()), Ok(vdp));
});
