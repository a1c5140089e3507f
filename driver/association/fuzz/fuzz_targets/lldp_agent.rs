// SPDX-License-Identifier: MIT
//! An agent of LLDP: any frames, in any time, neither panic nor stall it; what it says can be read, and timers only grow.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use vireo_association::evb::Local;
use vireo_association::lldp::Agent;
use vireo_association::time::Instant;
use vireo_association::wire::message::Message;
use vireo_spec::ether::MacAddr;

fuzz_target!(|steps: Vec<(u16, Vec<u8>)>| {
    let mut now = Instant::ZERO;
    let local = Local::default();
    let mut agent = Agent::evb_bridge(MacAddr([2, 0, 0, 0, 0, 1]), local, now);
    for (time, octets) in steps {
        let header = [0x01, 0x80, 0xc2, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0x88, 0xcc];
        let frame: Vec<u8> = header.into_iter().chain(octets).collect();
        agent.process(&frame, now);
        now = now + Duration::from_millis(time.into());
        while let Some(frame) = agent.poll(now) {
            assert!(matches!(Message::parse(&frame), Ok(Message::Lldp(_))));
        }
        assert!(agent.poll_at().is_none_or(|at| at > now));
        let operating = agent.operating();
        assert!(operating.rka >= local.rka && operating.rte >= local.rte);
        let counters = agent.counters();
        assert!(counters.received >= counters.aged_out);
    }
});
