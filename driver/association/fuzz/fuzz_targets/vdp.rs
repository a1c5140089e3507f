// SPDX-License-Identifier: MIT
//! VDP: no octets panic; what parses is written octet by octet up to its end, and reads the same then.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vireo_association::wire::vdp::Repr;

fuzz_target!(|octets: &[u8]| {
    if let Ok(repr) = Repr::parse(octets) {
        let again = repr.emit().expect("what was parsed can be sent");
        assert_eq!(again.len(), repr.buffer_len());
        assert!(octets.starts_with(&again), "{again:02x?}");
        assert_eq!(Repr::parse(&again), Ok(repr));
    }
});
