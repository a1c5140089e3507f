// SPDX-License-Identifier: MIT
//! EVB's negotiation, also against what real peers said: what they get from us is what they got from each other.

use std::time::Duration;

use vireo_association::evb::{Local, Negotiation, Operating, Side};
use vireo_association::wire::evb::{Mode, Repr};
use vireo_association::wire::frame::Packet;
use vireo_association::wire::lldp::{self, Tlv};
use vireo_spec::ether::EtherType;

use crate::captures::golden;
use crate::world::{BRIDGE, STATION};

/// What lldpad and the scripted peers of the captures were told.
const LLDPAD: Local =
    Local { retries: 3, rte: 10, rwd: 16, rka: 17, groups: false, reflective: true };

/// The EVB TLVs of a capture: whether the station sent it, and what it says.
fn said(capture: &str) -> Vec<(bool, Repr)> {
    let frames = golden().into_iter().filter(|golden| golden.name.starts_with(capture));
    let said = frames.filter_map(|golden| {
        let packet = Packet::new_checked(golden.frame.as_slice()).unwrap();
        (packet.ethertype() == EtherType::LLDP).then(|| {
            assert!([STATION, BRIDGE].contains(&packet.source()), "{}", golden.line);
            let lldpdu = lldp::Repr::parse(packet.payload()).unwrap();
            let evb = lldpdu.tlvs.iter().find_map(|tlv| match tlv {
                Tlv::Evb(evb) => Some(*evb),
                _ => None,
            });
            (packet.source() == STATION, evb.expect("each says it"))
        })
    });
    said.collect()
}

/// Plays one role of a capture, which hears the other one. Each TLV of that role must be one that we say at that moment, by its
/// octets; with a clock of its own, a real peer may say once more what it said before it heard.
fn replay(capture: &str, station: bool, local: Local) {
    let side = if station { Side::Station } else { Side::Bridge };
    let mut ours = Negotiation::new(side, local);
    let mut before = ours.tlv();
    let said = said(capture);
    assert!(said.len() >= 8, "{capture}");
    for (index, (by_station, tlv)) in said.iter().enumerate() {
        if *by_station == station {
            let now = ours.tlv().emit().unwrap();
            let (theirs, late) = (tlv.emit().unwrap(), before.emit().unwrap());
            assert!(
                theirs == now || theirs == late,
                "{capture} {index}: {theirs:x?}, not {now:x?}"
            );
            before = ours.tlv();
        } else {
            ours.process(Some(*tlv));
        }
    }
    let last = said.iter().rfind(|(by_station, _)| *by_station == station).unwrap();
    assert_eq!(ours.tlv().emit(), last.1.emit(), "{capture}: in the end");
}

#[test]
fn station_says_what_lldpad_says_to_lldpad() {
    replay("01", true, Local { rte: 14, rwd: 17, ..LLDPAD });
}

#[test]
fn bridge_says_what_lldpad_says_to_lldpad() {
    replay("01", false, Local { rte: 14, rwd: 17, ..LLDPAD });
}

#[test]
fn station_says_what_lldpad_says_to_a_scripted_bridge() {
    replay("20", true, LLDPAD);
}

#[test]
fn bridge_says_what_a_scripted_bridge_says_to_lldpad() {
    replay("20", false, LLDPAD);
}

#[test]
fn bridge_says_what_lldpad_says_to_a_scripted_station() {
    replay("21", false, LLDPAD);
}

fn pair(station: Local, bridge: Local) -> (Negotiation, Negotiation) {
    let mut station = Negotiation::new(Side::Station, station);
    let mut bridge = Negotiation::new(Side::Bridge, bridge);
    for _ in 0..3 {
        bridge.process(Some(station.tlv()));
        station.process(Some(bridge.tlv()));
    }
    (station, bridge)
}

#[test]
fn both_sides_go_by_the_larger_of_each_timer() {
    let low = Local { retries: 1, rte: 20, rwd: 5, rka: 31, groups: true, reflective: false };
    let high = Local { retries: 7, rte: 3, rwd: 30, rka: 0, groups: true, reflective: false };
    let (station, bridge) = pair(low, high);
    let expected = Operating { retries: 7, rte: 20, rwd: 30, rka: 31, groups: true };
    assert_eq!((station.operating(), bridge.operating()), (expected, expected));
    let (said, heard) = (station.tlv(), bridge.tlv());
    assert!(said.rol_wait && said.rol_keep_alive, "the remote says what both hold by now");
    assert_eq!((said.bridge, heard.station), (heard.bridge, said.station), "each echoes the other");
}

#[test]
fn groups_need_both_sides() {
    for (station, bridge) in [(true, false), (false, true), (false, false), (true, true)] {
        let local = |groups| Local { groups, ..LLDPAD };
        let (ours, theirs) = pair(local(station), local(bridge));
        assert_eq!(ours.operating().groups, station && bridge);
        assert_eq!(theirs.operating().groups, station && bridge);
    }
}

#[test]
fn reflective_relay_is_on_where_the_station_asks_and_the_bridge_can() {
    for (asks, can) in [(true, true), (true, false), (false, true)] {
        let local = |reflective| Local { reflective, ..LLDPAD };
        let (station, bridge) = pair(local(asks), local(can));
        assert_eq!(bridge.tlv().bridge.rrctr, asks && can);
        assert_eq!(station.tlv().station.rrstat, u8::from(asks && can));
    }
    assert_eq!(Negotiation::new(Side::Station, LLDPAD).tlv().station.rrstat, 3);
}

#[test]
fn own_kind_and_unknown_kinds_are_not_heard() {
    let mut ours = Negotiation::new(Side::Station, LLDPAD);
    let loud = Negotiation::new(Side::Station, Local { rka: 31, ..LLDPAD });
    ours.process(Some(loud.tlv()));
    assert_eq!(ours.operating().rka, LLDPAD.rka);
    ours.process(Some(Repr { mode: Mode::Unknown(3), ..loud.tlv() }));
    assert_eq!(ours.operating().rka, LLDPAD.rka);
}

#[test]
fn silence_changes_what_is_said_but_not_what_holds() {
    let (mut station, bridge) = pair(LLDPAD, Local { rka: 25, groups: true, ..LLDPAD });
    assert_eq!(station.operating(), bridge.operating());
    let holds = station.operating();
    station.process(None);
    assert_eq!(station.operating(), holds, "no association ends because LLDP does");
    assert_eq!(station.tlv(), Negotiation::new(Side::Station, LLDPAD).tlv());
}

#[test]
fn numbers_beyond_their_fields_become_the_largest() {
    let wild = Local { retries: 200, rte: 99, rwd: 255, rka: 32, ..LLDPAD };
    let ours = Negotiation::new(Side::Bridge, wild);
    assert!(ours.tlv().emit().is_ok());
    let Operating { retries, rte, rwd, rka, .. } = ours.operating();
    assert_eq!((retries, rte, rwd, rka), (7, 31, 31, 31));
}

#[test]
fn timers_are_what_the_formulas_say() {
    let operating = LLDPAD.operating();
    // 7 * 2^10 + 2^16, and 2^17 besides, times 15 us.
    assert_eq!(operating.response_time(), Duration::from_micros(15 * (7 * 1024 + 65_536)));
    assert_eq!(operating.silence(), Duration::from_micros(15 * (7 * 1024 + 65_536 + 131_072)));
    assert_eq!(operating.keep_alive(), Duration::from_micros(1_310_720));
}
