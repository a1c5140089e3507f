// SPDX-License-Identifier: MIT
//! As many VSIs as a channel holds: all are had, kept alive and given back. How fast, is printed.

use std::time::{Duration, Instant as Clock};

use vireo_association::evb::Operating;
use vireo_association::time::Instant;
use vireo_association::vdp::{Authority, Bridge, Cause, Key, Limits, Request, Station};
use vireo_association::wire::vdp::{Command, Filter, Refusal};

use crate::world::{BRIDGE, MANAGER, OPERATING, STATION, at, key, mac_vid, vsi};

/// Keep-alives come every 1.3 s: long enough for all of them, in PDUs 3 ms apart.
const PATIENT: Operating = Operating { rwd: 16, rka: 17, ..OPERATING };

struct Permissive;

impl Authority for Permissive {
    fn decide(&mut self, request: &Request<'_>) -> Result<Filter, Refusal> {
        Ok(request.vsi.filter.clone())
    }

    fn withdraw(&mut self, _: &Key, _: Cause) {}
}

struct Pair {
    station: Station,
    bridge: Bridge,
    now: Instant,
}

impl Pair {
    fn new(vsis: u32) -> Self {
        let limits =
            Limits { rate: 1_000_000, burst: 1_000_000, vsis: vsis as usize, ..Limits::default() };
        let station = Station::new(STATION, PATIENT, 1);
        Self { station, bridge: Bridge::new(BRIDGE, PATIENT, limits, 2), now: at(0) }
    }

    /// Hands frames from one to the other, for so long.
    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let mut quiet = true;
            while let Some(frame) = self.station.poll(self.now) {
                self.bridge.process(&frame, self.now, &mut Permissive);
                quiet = false;
            }
            while let Some(frame) = self.bridge.poll(self.now, &mut Permissive) {
                self.station.process(&frame, self.now);
                quiet = false;
            }
            if quiet {
                let next = [self.station.poll_at(), self.bridge.poll_at()];
                match next.into_iter().flatten().min().filter(|&next| next <= end) {
                    Some(next) => self.now = next,
                    None => break,
                }
            }
        }
        self.now = end;
    }

    fn had(&mut self) -> usize {
        std::iter::from_fn(|| self.station.event()).count()
    }
}

/// Associations a second, to the end of each.
fn speed(vsis: u32) -> f64 {
    let mut pair = Pair::new(vsis);
    let rounds = 16_384 / vsis;
    let mut spent = Duration::ZERO;
    for _ in 0..rounds {
        let wanted: Vec<_> = (0..vsis).map(|number| vsi(number, mac_vid(number, 5))).collect();
        let start = Clock::now();
        for vsi in wanted {
            pair.station.want(MANAGER, Command::Associate, vsi, None).unwrap();
        }
        pair.run(Duration::from_secs(1));
        spent += start.elapsed();
        assert_eq!((pair.had(), pair.bridge.vsis().count()), (vsis as usize, vsis as usize));
        for number in 0..vsis {
            assert!(pair.station.deassociate(&key(number)));
        }
        pair.run(Duration::from_secs(1));
        assert_eq!((pair.had(), pair.bridge.vsis().count()), (vsis as usize, 0));
    }
    f64::from(rounds * vsis) / spent.as_secs_f64()
}

#[test]
fn full_channel_is_had_and_given_back_as_often_as_wanted() {
    for vsis in [64, 4096] {
        println!("{vsis} VSIs in a channel: {:.0} associations/s", speed(vsis));
    }
}

#[test]
fn full_channel_is_kept_alive() {
    let mut pair = Pair::new(4096);
    for number in 0..4096 {
        let vsi = vsi(number, mac_vid(number, 5));
        pair.station.want(MANAGER, Command::Associate, vsi, None).unwrap();
    }
    pair.run(Duration::from_secs(60));
    assert_eq!((pair.had(), pair.bridge.vsis().count()), (4096, 4096));
    let (station, bridge) = (pair.station.counters(), pair.bridge.counters());
    assert_eq!((station.unanswered, station.unmatched, bridge.silent), (0, 0, 0));
    assert!(station.keep_alives > 4096 * 30, "{}", station.keep_alives);
    let requests = pair.station.ecp_counters().requests;
    assert!(requests * 40 < station.keep_alives + 8192, "{requests} PDUs are not full");
}
