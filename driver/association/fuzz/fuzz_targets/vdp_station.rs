// SPDX-License-Identifier: MIT
//! A station: any frames, in any time, neither panic nor stall it, and it holds what was wanted and no more.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use vireo_association::evb::Local;
use vireo_association::time::Instant;
use vireo_association::vdp::{Key, Station};
use vireo_association::wire::vdp::{Command, Filter, ManagerId, VidWord, Vsi, VsiId};
use vireo_spec::ether::MacAddr;

const MANAGER: ManagerId = ManagerId([0; 16]);

fuzz_target!(|input: (u8, Vec<(u8, u16, Vec<u8>)>)| {
    let (exponent, steps) = input;
    let operating =
        Local { rte: exponent % 12, rka: exponent % 20, ..Local::default() }.operating();
    let mut station = Station::new(MacAddr([2, 0, 0, 0, 0, 1]), operating, exponent.into());
    let mut now = Instant::ZERO;
    for (what, time, octets) in steps {
        let vsi = Vsi {
            type_id: 0,
            type_version: 0,
            id: VsiId::uuid([what & 0xf; 16]),
            filter: Filter::Vid(vec![VidWord::default()]),
        };
        match what >> 4 {
            0..4 => drop(station.want(MANAGER, Command::Associate, vsi, None)),
            4 => drop(station.deassociate(&Key::new(MANAGER, vsi.id))),
            _ => station.process(&ecp(&octets), now),
        }
        now = now + Duration::from_micros(u64::from(time) * 20);
        while station.poll(now).is_some() {}
        assert!(station.poll_at().is_none_or(|at| at > now));
        assert!(station.vsis().count() <= 16);
        while station.event().is_some() {}
    }
});

/// The octets behind a header of ECP.
fn ecp(octets: &[u8]) -> Vec<u8> {
    let header = [0x01, 0x80, 0xc2, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0x89, 0x40];
    header.into_iter().chain(octets.iter().copied()).collect()
}
