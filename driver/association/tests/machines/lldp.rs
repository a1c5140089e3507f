// SPDX-License-Identifier: MIT
//! LLDP's agent: when it speaks, what it remembers and for how long.

use std::time::Duration;

use vireo_association::evb::Local;
use vireo_association::lldp::Agent;
use vireo_association::time::Instant;
use vireo_association::wire::cdcp;
use vireo_association::wire::frame::{self, Packet};
use vireo_association::wire::lldp::{ChassisId, PortId, Repr, Tlv};
use vireo_spec::ether::EtherType;

use crate::world::{BRIDGE, STATION, at};

const SECOND: Duration = Duration::from_secs(1);
const LOCAL: Local =
    Local { retries: 3, rte: 10, rwd: 16, rka: 17, groups: true, reflective: true };

fn read(octets: &[u8]) -> Repr {
    let packet = Packet::new_checked(octets).unwrap();
    assert_eq!(packet.ethertype(), EtherType::LLDP);
    Repr::parse(packet.payload()).unwrap()
}

/// When it speaks within so many seconds, to the microsecond.
fn spoken(agent: &mut Agent, from: Instant, seconds: u64) -> Vec<u64> {
    let end = from + SECOND * seconds as u32;
    let mut moments = Vec::new();
    while let Some(next) = agent.poll_at().filter(|&next| next <= end) {
        let next = next.max(from);
        while agent.poll(next).is_some() {
            moments.push(next.micros());
        }
    }
    moments
}

const S: u64 = 1_000_000;

#[test]
fn agent_speaks_four_times_in_a_second_each_then_every_thirty_seconds() {
    let mut agent = Agent::evb_station(STATION, LOCAL, at(0));
    assert_eq!(spoken(&mut agent, at(0), 70), [0, S, 2 * S, 3 * S, 33 * S, 63 * S]);
    assert_eq!(agent.counters().sent, 6);
}

#[test]
fn news_of_the_neighbour_is_answered_at_once_and_fast_and_its_repetition_is_not() {
    let mut station = Agent::evb_station(STATION, LOCAL, at(0));
    let mut bridge = Agent::evb_bridge(BRIDGE, LOCAL, at(0));
    spoken(&mut station, at(0), 10);
    let frame = bridge.poll(at(0)).unwrap();
    station.process(&frame, at(10 * S));
    assert_eq!(spoken(&mut station, at(10 * S), 5), [10 * S, 11 * S, 12 * S, 13 * S]);
    station.process(&frame, at(20 * S));
    assert_eq!(spoken(&mut station, at(20 * S), 5), []);
}

#[test]
fn two_agents_settle_on_the_same_and_fall_silent_but_for_the_period() {
    let mut station = Agent::evb_station(STATION, LOCAL, at(0));
    let mut bridge = Agent::evb_bridge(BRIDGE, Local { rka: 22, ..LOCAL }, at(0));
    let mut frames = 0;
    for second in 0..60 {
        let now = at(second * S);
        let mut quiet = false;
        while !quiet {
            let (said, answered) = (station.poll(now), bridge.poll(now));
            quiet = said.is_none() && answered.is_none();
            said.iter().for_each(|frame| bridge.process(frame, now));
            answered.iter().for_each(|frame| station.process(frame, now));
            frames += u32::from(said.is_some()) + u32::from(answered.is_some());
        }
    }
    assert_eq!(station.operating(), bridge.operating());
    assert_eq!((station.operating().rka, station.operating().groups), (22, true));
    assert!(frames < 30, "{frames}");
}

#[test]
fn neighbour_is_forgotten_when_its_time_is_over_and_what_was_negotiated_holds() {
    let mut station = Agent::evb_station(STATION, LOCAL, at(0));
    let mut bridge = Agent::evb_bridge(BRIDGE, Local { rka: 22, ..LOCAL }, at(0));
    station.process(&bridge.poll(at(0)).unwrap(), at(0));
    spoken(&mut station, at(0), 119);
    assert!(station.neighbour().is_some());
    spoken(&mut station, at(119 * S), 2);
    assert!(station.neighbour().is_none());
    assert_eq!(station.counters().aged_out, 1);
    assert_eq!(station.operating().rka, 22, "the keep-alive decides, not LLDP");
}

#[test]
fn farewell_is_believed_and_holds_no_evb() {
    let mut station = Agent::evb_station(STATION, LOCAL, at(0));
    let mut bridge = Agent::evb_bridge(BRIDGE, LOCAL, at(0));
    station.process(&bridge.poll(at(0)).unwrap(), at(0));
    let farewell = bridge.farewell();
    let said = read(&farewell);
    assert_eq!((said.ttl, said.tlvs), (0, vec![]));
    station.process(&farewell, at(1));
    assert!(station.neighbour().is_none());
    assert_eq!(station.counters().aged_out, 0);
}

#[test]
fn frames_that_are_no_lldp_are_counted_and_change_nothing() {
    let mut station = Agent::evb_station(STATION, LOCAL, at(0));
    let frame = Agent::evb_bridge(BRIDGE, LOCAL, at(0)).poll(at(0)).unwrap();
    for cut in [0, 13, 14, 20, 30] {
        station.process(&frame[..cut], at(0));
    }
    assert_eq!((station.counters().malformed, station.counters().received), (5, 0));
    assert!(station.neighbour().is_none());
}

#[test]
fn what_the_neighbour_says_besides_is_kept() {
    let mut station = Agent::evb_station(STATION, LOCAL, at(0));
    let besides = Tlv::Unknown { kind: 5, value: b"switch".into() };
    let (chassis, port) = (ChassisId::mac(BRIDGE), PortId::mac(BRIDGE));
    let said = Repr { chassis, port, ttl: 120, tlvs: vec![besides] };
    let header = frame::Repr {
        destination: frame::NEAREST_CUSTOMER_BRIDGE,
        source: BRIDGE,
        ethertype: EtherType::LLDP,
    };
    let before = station.operating();
    station.process(&frame::emit(&header, &said.emit().unwrap()), at(0));
    assert_eq!(station.neighbour(), Some(&said));
    assert_eq!(station.operating(), before, "it says nothing of EVB");
}

#[test]
fn channels_are_spoken_of_at_their_own_address_and_their_change_at_once() {
    let mut says = cdcp::Repr {
        role: cdcp::Role::Station,
        s_component: true,
        capacity: 4,
        channels: vec![cdcp::Pair { scid: 1, svid: 1 }],
    };
    let mut agent = Agent::cdcp(STATION, says.clone(), at(0));
    let frame = agent.poll(at(0)).unwrap();
    let destination = Packet::new_checked(frame.as_slice()).unwrap().destination();
    assert_eq!(destination, frame::NEAREST_NON_TPMR_BRIDGE);
    spoken(&mut agent, at(0), 10);
    agent.set_cdcp(says.clone(), at(10 * S));
    assert_eq!(spoken(&mut agent, at(10 * S), 5), [], "that was no change");
    says.channels.push(cdcp::Pair { scid: 2, svid: 0 });
    agent.set_cdcp(says.clone(), at(15 * S));
    let frame = agent.poll(at(15 * S)).unwrap();
    assert_eq!(read(&frame).tlvs, [Tlv::Cdcp(says)]);
}
