// SPDX-License-Identifier: MIT
//! A bridge: any frames, in any time, neither panic nor stall it; it holds what its authority has done, within its limits.
#![no_main]

use std::collections::BTreeMap;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use vireo_association::evb::Local;
use vireo_association::time::Instant;
use vireo_association::vdp::{Authority, Bridge, Cause, Key, Limits, Request};
use vireo_association::wire::vdp::{Filter, Refusal};
use vireo_spec::ether::MacAddr;

/// Refuses ids whose last octet has these bits.
struct Registry {
    refuses: u8,
    done: BTreeMap<Key, Filter>,
}

impl Authority for Registry {
    fn decide(&mut self, request: &Request<'_>) -> Result<Filter, Refusal> {
        if request.vsi.id.octets[15] & self.refuses != 0 {
            return Err(Refusal::Entry);
        }
        self.done.insert(request.key(), request.vsi.filter.clone());
        Ok(request.vsi.filter.clone())
    }

    fn withdraw(&mut self, key: &Key, _: Cause) {
        assert!(self.done.remove(key).is_some());
    }
}

fuzz_target!(|input: (u8, Vec<(u16, Vec<u8>)>)| {
    let (refuses, steps) = input;
    let operating = Local { rte: 8, rwd: 8, rka: 10, ..Local::default() }.operating();
    let limits = Limits { rate: 1000, burst: 20, vsis: 4, answers: 8 };
    let mut bridge = Bridge::new(MacAddr([2, 0, 0, 0, 0, 1]), operating, limits, refuses.into());
    let mut registry = Registry { refuses, done: BTreeMap::new() };
    let mut now = Instant::ZERO;
    for (time, octets) in steps {
        bridge.process(&ecp(&octets), now, &mut registry);
        now = now + Duration::from_micros(u64::from(time));
        while bridge.poll(now, &mut registry).is_some() {}
        assert!(bridge.poll_at().is_none_or(|at| at > now));
        assert!(bridge.vsis().count() <= limits.vsis);
        let held = bridge.vsis().map(|(key, held)| (key, &held.vsi.filter));
        assert!(held.eq(&registry.done));
    }
    now = now + operating.silence();
    while bridge.poll(now, &mut registry).is_some() {}
    assert_eq!(bridge.vsis().count(), 0);
});

/// The octets behind a header of ECP.
fn ecp(octets: &[u8]) -> Vec<u8> {
    let header = [0x01, 0x80, 0xc2, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0x89, 0x40];
    header.into_iter().chain(octets.iter().copied()).collect()
}
