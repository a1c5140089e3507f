// SPDX-License-Identifier: MIT
//! What guests and hosts cannot do: reach the protocol from behind a guarded port, speak for another channel, or bring a
//! controller down with frames that no peer should send.

use std::time::Duration;

use fastrand::Rng;
use vireo_association::wire::vdp::Command;
use vireo_association::wire::{Message, frame};
use vireo_spec::ether::EtherType;
use vireo_spec::fate::DropReason;
use vireo_spec::pins::StreamId;
use vireo_tests::association::{
    Kind, MANAGER, Network, Plan, answers, key, mac_vid, pdu, vdp, vsi, with_status,
};

use super::{MOMENT, sent, want};

#[test]
fn a_guest_behind_a_guarded_port_cannot_reach_the_protocol() {
    for kind in [Kind::Extended, Kind::Shared, Kind::Untagged] {
        let mut network = Network::ready(Plan::new([kind; 2]));
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
        let before = network.state();
        let requests = vec![
            with_status(Command::Deassociate, 0, vsi(1, mac_vid(1, 20))),
            with_status(Command::Associate, 0, vsi(2, mac_vid(2, 20))),
        ];
        let mut forged = vdp(1, MANAGER, requests);
        network.guest_sends(0, 0, &forged);
        forged[5] = 0x03;
        network.guest_sends(0, 0, &forged);
        forged[12..14].copy_from_slice(&EtherType::LLDP.to_octets());
        network.guest_sends(0, 0, &forged);
        network.go(MOMENT);
        assert_eq!(network.state(), before, "{kind:?}");
        assert_eq!(network.dropped_at_host(0, 0, DropReason::ReservedAddress), 3);
    }
}

#[test]
fn a_guest_that_a_host_does_not_guard_speaks_for_its_own_channel_alone() {
    let mut network = Network::ready(Plan::new([Kind::Extended; 2]));
    want(&mut network, (0, 1), Command::Associate, vsi(1, mac_vid(1, 20)));
    let own = network.virtual_port(0, 0);
    let other = network.virtual_port(0, 1);
    // As the host's station would say it in the guest's channel.
    let at = network.at(0, 0);
    let requests = vec![
        with_status(Command::Deassociate, 0, vsi(1, mac_vid(1, 20))),
        with_status(Command::Associate, 0, vsi(1, mac_vid(1, 20))),
        with_status(Command::Associate, 0, vsi(2, mac_vid(2, 20))),
    ];
    network.host_sends(0, at, &vdp(1, MANAGER, requests));
    network.go(MOMENT);
    let ports: Vec<_> = network.bridge.vsis().map(|(port, key, _)| (port, *key)).collect();
    assert_eq!(ports.len(), 2);
    assert!(ports.contains(&(own, key(2))) && ports.contains(&(other, key(1))));
}

/// Octets of a good request, to be spoiled.
fn good() -> Vec<u8> {
    vdp(100, MANAGER, vec![with_status(Command::Associate, 0, vsi(1, mac_vid(1, 20)))])
}

#[test]
fn bad_inputs_are_counted_answered_where_they_can_be_and_change_nothing() {
    let mut network = Network::ready(Plan::new([Kind::Shared; 2]));
    let at = network.at(0, 0);
    let before = network.state();
    let manager: Vec<u8> = [0x0a, 0x10].into_iter().chain(MANAGER.0).collect();
    let head = |length: u8| {
        let mut octets = vec![0x06, length, 0, 0, 0, 1, 1, 5];
        octets.extend([1; 16]);
        octets
    };
    let with = |length: u8, rest: &[u8]| {
        let tlv = head(length);
        [&manager[..], &tlv, rest].concat()
    };
    let mut entry = vec![0x52, 0x54, 0, 0, 0, 1, 0, 20];
    let macs = |count: u16, entries: &[u8]| {
        let mut filter = vec![2];
        filter.extend(count.to_be_bytes());
        filter.extend(entries);
        filter
    };
    let malformed = [
        ("a filter cut in its count", with(24, &[2, 0])),
        ("no filter", with(22, &[])),
        ("an unknown filter format", with(33, &[&[9, 0, 1][..], &entry].concat())),
        ("filter format 0", with(33, &[&[0, 0, 1][..], &entry].concat())),
        ("more entries than there are", with(33, &macs(2, &entry))),
        ("65535 entries", with(33, &macs(0xffff, &entry))),
        ("fewer entries than there are", with(33, &macs(0, &entry))),
        ("no entries", with(25, &macs(0, &[]))),
        ("half an entry", with(29, &macs(1, &entry[..4]))),
    ];
    let mut sequence = 1;
    for (what, payload) in malformed {
        sequence += 1;
        network.hosts[0].heard.clear();
        network.host_sends(0, at, &pdu(sequence, &payload));
        network.go(MOMENT);
        assert_eq!(
            answers(&network.hosts[0], at),
            [(Command::Associate, 0x41, key(1).id)],
            "{what}"
        );
    }
    entry.truncate(3);
    let unanswerable = [
        ("a VSI TLV too short for an id", [&manager[..], &[0x06, 4, 0, 0, 0, 1]].concat()),
        ("an empty VSI TLV", [&manager[..], &[0x06, 0]].concat()),
        ("a TLV beyond the frame", [&manager[..], &[0x07, 0xff, 0, 1]].concat()),
        ("no manager", head(22)),
        ("a manager too short", vec![0x0a, 4, 1, 2, 3, 4]),
        ("an unknown TLV", [&manager[..], &[0x20, 2, 1, 2]].concat()),
        ("an organizational TLV", [&manager[..], &[0xfe, 3, 0, 0x80, 0xc2]].concat()),
        ("nothing", vec![]),
    ];
    for (what, payload) in unanswerable {
        sequence += 1;
        network.hosts[0].heard.clear();
        network.host_sends(0, at, &pdu(sequence, &payload));
        network.go(MOMENT);
        assert_eq!(answers(&network.hosts[0], at), [], "{what}");
    }
    assert_eq!(network.state(), before);
    let (_, counters) = network
        .bridge
        .bridges()
        .map(|(from, bridge)| (from, bridge.counters()))
        .find(|(from, counters)| matches!(from, StreamId::PortControl(_)) && counters.refused > 0)
        .expect("they were refused");
    assert_eq!((counters.refused, counters.malformed), (9, 8), "an empty filter parses");
    // And it still does its work.
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    assert_eq!(sent(&mut network, (0, 0), 1, Some(20)).len(), 1);
}

#[test]
fn an_id_format_that_is_not_known_is_refused_as_bad_format() {
    let mut network = Network::ready(Plan::new([Kind::Shared; 2]));
    let at = network.at(0, 0);
    let mut octets = good();
    // Ethernet 14, ECP 4, manager 18, TLV header 2, status, type and version 5.
    octets[14 + 4 + 18 + 2 + 5] = 77;
    network.host_sends(0, at, &octets);
    network.go(MOMENT);
    let said = answers(&network.hosts[0], at);
    assert_eq!((said.len(), said[0].1), (1, 0x41));
    assert_eq!(network.bridge.vsis().count(), 0);
}

#[test]
fn answers_of_a_forger_are_not_answered() {
    let mut network = Network::ready(Plan::new([Kind::Shared; 2]));
    let at = network.at(0, 0);
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    network.hosts[0].heard.clear();
    let answer = with_status(Command::Deassociate, 0x40, vsi(1, mac_vid(1, 20)));
    network.host_sends(0, at, &vdp(3, MANAGER, vec![answer]));
    network.go(MOMENT);
    assert_eq!(answers(&network.hosts[0], at), []);
    assert_eq!(sent(&mut network, (0, 0), 1, Some(20)).len(), 1);
}

#[test]
fn spoiled_frames_in_every_channel_crash_nothing_and_take_nothing_away() {
    let repeated = std::env::var("VIREO_SEED").ok().map(|n| n.parse::<u64>().expect("a number"));
    let seed = repeated.unwrap_or(11);
    println!("repeat it: VIREO_SEED={seed} cargo test -p vireo-tests --test association spoiled");
    let mut rng = Rng::with_seed(seed);
    for kinds in [[Kind::Extended; 2], [Kind::Shared; 2], [Kind::Untagged, Kind::Cdcp]] {
        let mut network = Network::ready(Plan::new(kinds));
        // Whoever spoils what one host says has no say in what another host has.
        let bystander = kinds[1] != Kind::Cdcp;
        if bystander {
            want(&mut network, (1, 0), Command::Associate, vsi(9, mac_vid(9, 20)));
        }
        let heard: Vec<_> = network.hosts[0]
            .heard
            .iter()
            .map(|(_, octets)| octets.clone())
            .chain([good()])
            .collect();
        let ids = [StreamId::LinkControl(0), StreamId::PortControl(0), StreamId::PortControl(1)];
        for _ in 0..3000 {
            let mut octets = heard[rng.usize(..heard.len())].clone();
            for _ in 0..rng.usize(..6) {
                let at = rng.usize(14..octets.len());
                octets[at] = rng.u8(..);
            }
            if rng.u8(..4) == 0 {
                octets.truncate(rng.usize(14..=octets.len()));
            }
            if rng.u8(..4) == 0 {
                octets[5] = [0x00, 0x03, 0x0e][rng.usize(..3)];
            }
            let id = ids[rng.usize(..3)];
            // Hosts do not have all of these ports; what they cannot send is not sent.
            network.host_sends(0, id, &octets);
            network.bridge_sends(StreamId::LinkControl(0), &octets);
            network.go(Duration::from_millis(rng.u64(..20)));
        }
        network.go(Duration::from_secs(5));
        if bystander {
            assert_eq!(sent(&mut network, (1, 0), 9, Some(20)).len(), 1, "{kinds:?}");
        }
        let of_bystander = network.bridge.vsis().filter(|(_, found, _)| **found == key(9)).count();
        assert_eq!(of_bystander, usize::from(bystander));
    }
}

#[test]
fn a_protocol_frame_where_there_is_no_channel_is_counted() {
    let mut network = Network::ready(Plan::new([Kind::Extended; 2]));
    let before = network.bridge.counters().frames_astray;
    let now = network.now;
    network.bridge.receive(StreamId::PortControl(15), &good(), now);
    network.bridge.receive(StreamId::LinkControl(0), &good()[..9], now);
    assert_eq!(network.bridge.counters().frames_astray, before + 2);
    assert!(matches!(Message::parse(&good()), Ok(Message::Ecp { .. })));
    assert_eq!(frame::Packet::new_checked(good()).unwrap().ethertype(), EtherType::ECP);
}
