// SPDX-License-Identifier: MIT
//! PE-CSP: no octets panic, and what parses reads the same once it is written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vireo_association::wire::pe_csp::Message;

fuzz_target!(|octets: &[u8]| {
    if let Ok(message) = Message::parse(octets) {
        let again = message.emit().expect("what was parsed can be sent");
        assert_eq!(Message::parse(&again), Ok(message));
    }
});
