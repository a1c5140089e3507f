// SPDX-License-Identifier: MIT
//! LLDP: no octets panic, and what parses reads the same once it is written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vireo_association::wire::lldp::Repr;

fuzz_target!(|octets: &[u8]| {
    if let Ok(repr) = Repr::parse(octets) {
        let again = repr.emit().expect("what was parsed can be sent");
        assert_eq!(Repr::parse(&again), Ok(repr));
    }
});
