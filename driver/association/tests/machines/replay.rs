// SPDX-License-Identifier: MIT
//! What real peers ask of each other, asked of our bridge, and what they answer each other, answered to our station: TLV by TLV the
//! same octets come back.

use vireo_association::evb::Local;
use vireo_association::vdp::{Bridge, Limits, Station, StationEvent};
use vireo_association::wire::frame::Packet;
use vireo_association::wire::vdp::{Command, Repr, Tlv, VsiTlv};
use vireo_spec::ether::EtherType;

use crate::captures::golden;
use crate::peer::{Heard, Peer, hear};
use crate::world::{BRIDGE, OPERATING, Registry, STATION, at};

/// The VDP of a capture that is right in itself: whether the station says it, and what.
fn said(capture: &str) -> Vec<(bool, Repr)> {
    let frames = golden().into_iter().filter(|golden| golden.name.starts_with(capture));
    let said = frames.filter_map(|golden| {
        let packet = Packet::new_checked(golden.frame.as_slice()).unwrap();
        if packet.ethertype() != EtherType::ECP {
            return None;
        }
        match hear(&golden.frame) {
            Heard::Request(_, said) => Some((packet.source() == STATION, said)),
            Heard::Acknowledgement(_) => None,
        }
    });
    said.collect()
}

fn answers(said: Repr) -> Vec<VsiTlv> {
    let tlvs = said.tlvs.into_iter().filter_map(|tlv| match tlv {
        Tlv::Vsi(tlv) => Some(tlv),
        _ => None,
    });
    tlvs.filter(|tlv| tlv.status.is_response()).collect()
}

/// Asks our bridge what the station of a capture asked; its answers are those of the capture's bridge.
fn asked_of_our_bridge(capture: &str) {
    let mut bridge = Bridge::new(BRIDGE, OPERATING, Limits::default(), 1);
    let (mut registry, mut peer) = (Registry::default(), Peer::new(STATION));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut now = at(0);
    for (by_station, said) in said(capture) {
        if !by_station {
            theirs.extend(answers(said));
            continue;
        }
        let frame = peer.say_octets(&said.emit().unwrap());
        bridge.process(&frame, now, &mut registry);
        while let Some(sent) = bridge.poll(now, &mut registry) {
            if let Heard::Request(sequence, said) = hear(&sent) {
                bridge.process(&peer.acknowledge(sequence), now, &mut registry);
                ours.extend(answers(said));
            }
        }
        now = at(now.micros() + 5_000);
    }
    assert!(!theirs.is_empty(), "{capture}");
    assert_eq!(ours, theirs, "{capture}");
}

#[test]
fn bridge_answers_association_and_its_end_as_lldpad_does() {
    asked_of_our_bridge("02");
}

#[test]
fn bridge_answers_pre_association_as_lldpad_does() {
    asked_of_our_bridge("03");
}

#[test]
fn bridge_answers_filters_of_vids_and_of_many_addresses_as_lldpad_does() {
    asked_of_our_bridge("04");
    asked_of_our_bridge("06");
}

#[test]
fn bridge_answers_hints_and_managers_as_lldpad_does() {
    asked_of_our_bridge("10-");
    asked_of_our_bridge("12");
}

#[test]
fn bridge_answers_keep_alives_as_a_scripted_bridge_does() {
    asked_of_our_bridge("20");
}

/// Capture 20: our station in lldpad's place.
#[test]
fn station_asks_and_keeps_alive_as_lldpad_does() {
    let local = Local { retries: 3, rte: 10, rwd: 16, rka: 17, groups: false, reflective: true };
    let mut station = Station::new(STATION, local.operating(), 1);
    let mut peer = Peer::new(BRIDGE);
    let said = said("20");
    let Some((true, first)) = said.first() else { panic!("lldpad speaks first") };
    let [Tlv::Vsi(asked)] = first.tlvs.as_slice() else { panic!("{first:?}") };
    let manager = first.manager.unwrap();
    station.want(manager, Command::Associate, asked.vsi.clone(), None).unwrap();
    let mut rounds = 0;
    for (by_station, said) in said {
        let now = station.poll_at().unwrap();
        if by_station {
            let sent = station.poll(now).unwrap();
            let Heard::Request(sequence, ours) = hear(&sent) else { panic!("a request is due") };
            assert_eq!(ours, said);
            // Every 1.31 s, as the capture's times show.
            assert_eq!(now.micros(), rounds * 1_310_720);
            station.process(&peer.acknowledge(sequence), now);
            rounds += 1;
        } else {
            let now = at((rounds - 1) * 1_310_720);
            station.process(&peer.say_octets(&said.emit().unwrap()), now);
            assert!(matches!(hear(&station.poll(now).unwrap()), Heard::Acknowledgement(_)));
        }
    }
    assert_eq!(rounds, 4);
    assert!(matches!(station.event(), Some(StationEvent::Confirmed { .. })));
    assert_eq!((station.event(), station.counters().keep_alives), (None, 3));
}
