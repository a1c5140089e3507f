// SPDX-License-Identifier: MIT
//! ECP: no octets panic, and what parses is written octet by octet.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vireo_association::wire::ecp::Packet;

fuzz_target!(|octets: &[u8]| {
    if let Ok(packet) = Packet::new_checked(octets) {
        assert_eq!(packet.repr().emit(packet.payload()), octets);
    }
});
