// SPDX-License-Identifier: MIT
//! Every refusal answers the status that docs/association.md says, and leaves the machine, and what was before, as they were.

use vireo_association::vdp::StationEvent;
use vireo_association::wire::vdp::{Command, Filter, ManagerId, Refusal, Status, VidWord, Vsi};
use vireo_driver::controller::{BridgeEvent, HostEvent};
use vireo_spec::ether::{MacAddr, VlanId};
use vireo_tests::association::{
    DEFAULT_PORT, Kind, MANAGER, Network, Plan, answers, key, mac, mac_vid, vdp, vid, vsi,
    vsi_of_type, with_status,
};

use super::{MOMENT, want};

const COMMANDS: [Command; 3] =
    [Command::PreAssociate, Command::PreAssociateWithReservation, Command::Associate];

/// What the station of host 0 was told last.
fn told(network: &Network) -> Option<(Command, Status)> {
    network.hosts[0].events.iter().rev().find_map(|event| match event {
        HostEvent::Vsi { event: StationEvent::Refused { command, status, .. }, .. }
        | HostEvent::Vsi { event: StationEvent::Kept { command, status, .. }, .. } => {
            Some((*command, *status))
        }
        _ => None,
    })
}

/// Asks for a VSI with each command; each time it is refused for this reason, and nothing changes.
fn refused(network: &mut Network, manager: ManagerId, vsi: &Vsi, refusal: Refusal) {
    for command in COMMANDS {
        let held = |network: &Network| {
            let stations = network.hosts[0].control.stations();
            (network.bridge.vsis().count(), stations.flat_map(|(_, its)| its.vsis()).count())
        };
        let before = (network.state(), held(network));
        network.hosts[0].events.clear();
        let at = network.at(0, 0);
        let control = &mut network.hosts[0].control;
        control.want(at, manager, command, vsi.clone(), None).unwrap();
        network.go(MOMENT);
        let context = format!("{command}: {vsi:?}");
        assert_eq!(told(network), Some((command, Status::refused(refusal))), "{context}");
        assert_eq!((network.state(), held(network)), before, "{context}");
    }
}

fn mac_filter(address: MacAddr, vlan: VlanId) -> Filter {
    Filter::MacVid(vec![(address, VidWord::new(vlan))])
}

#[test]
fn an_unknown_manager_type_vlan_group_or_address_is_refused_with_its_status() {
    for kind in [Kind::Extended, Kind::Shared, Kind::Untagged] {
        let mut network = Network::ready(Plan::new([kind, kind]));
        let good = mac_vid(1, 20);
        let group = |group, vlan| Filter::GroupVid(vec![(group, VidWord::new(vid(vlan)))]);
        let mut cases = vec![
            (ManagerId([9; 16]), vsi(1, good.clone()), Refusal::Manager),
            (MANAGER, vsi_of_type(77, 1, good.clone()), Refusal::Other),
        ];
        for filter in [
            mac_vid(1, 30),
            mac_vid(1, 4095),
            Filter::Vid(vec![VidWord::new(vid(20)), VidWord::new(vid(30))]),
            mac_filter(MacAddr([1, 0, 0x5e, 0, 0, 1]), vid(20)),
            mac_filter(MacAddr::BROADCAST, vid(20)),
            mac_filter(MacAddr::default(), vid(20)),
            group(99, 0),
            group(99, 20),
            Filter::GroupMacVid(vec![
                (7, mac(1), VidWord::default()),
                (7, MacAddr::BROADCAST, VidWord::default()),
            ]),
        ] {
            cases.push((MANAGER, vsi(1, filter), Refusal::Entry));
        }
        let twice = vec![(mac(1), VidWord::new(vid(20))); 2];
        cases.push((MANAGER, vsi(1, Filter::MacVid(twice)), Refusal::Format));
        for (manager, vsi, refusal) in cases {
            refused(&mut network, manager, &vsi, refusal);
        }
        let counters = network.bridge.counters();
        assert_eq!((counters.no_room, counters.moves_refused), (0, 0), "{kind:?}");
    }
}

#[test]
fn vid_0_without_a_default_vlan_is_refused() {
    let mut plan = Plan::new([Kind::Shared; 2]);
    plan.policy.types[0].default_vlan = None;
    let mut network = Network::ready(plan);
    refused(&mut network, MANAGER, &vsi(1, mac_vid(1, 0)), Refusal::Entry);
}

#[test]
fn a_type_that_may_not_be_on_the_link_or_is_of_another_version_is_refused() {
    let mut plan = Plan::new([Kind::Shared; 2]);
    plan.policy.types[0].links = Some([1].into());
    plan.policy.types[1].version = Some(2);
    let mut network = Network::ready(plan);
    refused(&mut network, MANAGER, &vsi(1, mac_vid(1, 20)), Refusal::Other);
    refused(&mut network, MANAGER, &vsi_of_type(2, 1, mac_vid(1, 20)), Refusal::Other);
    want(&mut network, (1, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    assert_eq!(network.bridge.vsis().count(), 1);
}

#[test]
fn more_entries_than_the_type_admits_are_refused_for_want_of_room() {
    let mut network = Network::ready(Plan::new([Kind::Shared; 2]));
    let entries = |n: u8| (1..=n).map(|n| (mac(n), VidWord::new(vid(20)))).collect();
    let three = vsi_of_type(4, 1, Filter::MacVid(entries(3)));
    refused(&mut network, MANAGER, &three, Refusal::Resources);
    want(&mut network, (0, 0), Command::Associate, vsi_of_type(4, 1, Filter::MacVid(entries(2))));
    assert_eq!(network.state().bindings.len(), 2);
}

#[test]
fn more_vsis_than_the_type_or_the_bridge_admits_are_refused_for_want_of_room() {
    let mut plan = Plan::new([Kind::Shared; 2]);
    plan.policy.vsis = 3;
    let mut network = Network::ready(plan);
    for number in [1, 2] {
        let its = vsi_of_type(4, number, mac_vid(number, 20));
        want(&mut network, (1, 0), Command::Associate, its);
    }
    let third = vsi_of_type(4, 3, mac_vid(3, 20));
    refused_for_room(&mut network, &third);
    want(&mut network, (1, 0), Command::PreAssociateWithReservation, vsi(4, mac_vid(4, 20)));
    refused_for_room(&mut network, &vsi(5, mac_vid(5, 20)));
    // One of another type gives its place up.
    network.bridge.withdraw(&key(1));
    network.go(MOMENT);
    want(&mut network, (0, 0), Command::Associate, third);
    assert_eq!(network.bridge.vsis().count(), 3);
}

fn refused_for_room(network: &mut Network, vsi: &Vsi) {
    let before = network.bridge.counters().no_room;
    refused(network, MANAGER, vsi, Refusal::Resources);
    assert_eq!(network.bridge.counters().no_room, before + COMMANDS.len() as u64);
}

#[test]
fn a_vsi_does_not_slip_into_a_full_type_by_changing_its_own() {
    let mut network = Network::ready(Plan::new([Kind::Shared; 2]));
    for number in [1, 2] {
        let its = vsi_of_type(4, number, mac_vid(number, 20));
        want(&mut network, (1, 0), Command::Associate, its);
    }
    want(&mut network, (0, 0), Command::Associate, vsi(3, mac_vid(3, 20)));
    let before = network.state();
    // No station of ours asks for that.
    let (at, its) = (network.at(0, 0), vsi_of_type(4, 3, mac_vid(3, 10)));
    network.hosts[0].heard.clear();
    let request = with_status(Command::Associate, 0, its);
    network.host_sends(0, at, &vdp(1000, MANAGER, vec![request]));
    network.go(MOMENT);
    let kept = Status::refused(Refusal::Resources).with_keep().0;
    let said = answers(&network.hosts[0], at);
    assert_eq!(said, [(Command::Associate, kept, key(3).id)]);
    assert_eq!(network.state(), before);
}

#[test]
fn a_binding_table_as_full_as_associations_may_make_it_refuses_the_next() {
    let mut network = Network::ready(Plan::new([Kind::Shared; 2]));
    let full = network.plan.geometry.bindings() * 9 / 10;
    for number in 0..full as u8 {
        want(&mut network, (1, 0), Command::Associate, vsi(number, mac_vid(number, 20)));
    }
    assert_eq!(network.state().bindings.len(), full);
    refused_for_room(&mut network, &vsi(200, mac_vid(200, 20)));
    // A VLAN needs no row of that table.
    let vlan = Filter::Vid(vec![VidWord::new(vid(20))]);
    want(&mut network, (0, 0), Command::Associate, vsi(201, vlan));
    assert!(network.state().admitted(vid(20)).contains(DEFAULT_PORT.into()));
}

#[test]
fn a_reservation_is_kept_for_its_owner_and_refuses_everybody_else() {
    for last in [Command::PreAssociateWithReservation, Command::Associate] {
        let mut network = Network::ready(Plan::new([Kind::Shared; 2]));
        let full = (network.plan.geometry.bindings() * 9 / 10) as u8;
        for number in 1..full {
            want(&mut network, (1, 0), Command::Associate, vsi(number, mac_vid(number, 20)));
        }
        let reserved = vsi(100, mac_vid(100, 20));
        let reserve = Command::PreAssociateWithReservation;
        want(&mut network, (0, 0), reserve, reserved.clone());
        assert_eq!(network.state().bindings.len(), usize::from(full) - 1, "nothing is bound yet");
        let other = vsi(101, mac_vid(101, 20));
        refused_for_room(&mut network, &other);
        want(&mut network, (0, 0), last, reserved.clone());
        if last == Command::Associate {
            assert_eq!(network.state().bindings.len(), usize::from(full));
        }
        refused_for_room(&mut network, &other);
        let at = network.at(0, 0);
        network.hosts[0].control.deassociate(at, &key(100));
        network.go(MOMENT);
        want(&mut network, (0, 0), Command::Associate, other);
        assert_eq!(network.state().bindings.len(), usize::from(full), "after {last}");
    }
}

#[test]
fn a_reservation_that_becomes_a_plain_pre_association_is_given_up() {
    let mut plan = Plan::new([Kind::Shared; 2]);
    plan.policy.vsis = 1;
    let mut network = Network::ready(plan);
    let its = vsi(1, mac_vid(1, 20));
    want(&mut network, (0, 0), Command::PreAssociateWithReservation, its.clone());
    want(&mut network, (0, 0), Command::PreAssociate, its);
    want(&mut network, (1, 0), Command::Associate, vsi(2, mac_vid(2, 20)));
    assert_eq!(network.state().bindings.len(), 1);
}

#[test]
fn a_link_without_a_default_port_has_no_room_for_untagged_vdp() {
    let mut network = Network::ready(Plan::new([Kind::Untagged, Kind::Extended]));
    // Host 1 has channels, but speaks on its link.
    let request = with_status(Command::Associate, 0, vsi(1, mac_vid(1, 20)));
    let frame = vdp(1, MANAGER, vec![request]);
    let before = network.state();
    let at = vireo_spec::pins::StreamId::LinkControl(0);
    network.host_sends(1, at, &frame);
    network.go(MOMENT);
    let said = answers(&network.hosts[1], at);
    let refused = Status::refused(Refusal::Resources).0;
    assert_eq!(said, [(Command::Associate, refused, key(1).id)]);
    assert_eq!(network.state(), before);
    let event =
        network.events.iter().rev().find(|event| matches!(event, BridgeEvent::Refused { .. }));
    assert!(matches!(event, Some(BridgeEvent::Refused { port: None, .. })));
}

#[test]
fn a_refused_change_of_filter_keeps_what_was_associated_and_its_frames_pass() {
    for kind in [Kind::Extended, Kind::Shared, Kind::Untagged] {
        let mut network = Network::ready(Plan::new([kind, kind]));
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
        let before = network.state();
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(2, 30)));
        let kept = Status::refused(Refusal::Entry).with_keep();
        assert_eq!(told(&network), Some((Command::Associate, kept)), "{kind:?}");
        assert_eq!(network.state(), before);
        assert_eq!(super::sent(&mut network, (0, 0), 1, Some(20)).len(), 1, "{kind:?}");
        assert_eq!(super::sent(&mut network, (0, 0), 2, Some(30)).len(), 0, "{kind:?}");
    }
}

#[test]
fn pre_association_of_an_associated_vsi_is_refused_and_it_stays_associated() {
    let mut network = Network::ready(Plan::new([Kind::Shared; 2]));
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    let before = network.state();
    // No station of ours asks for that.
    let commands = [Command::PreAssociate, Command::PreAssociateWithReservation];
    let requests = commands.map(|command| with_status(command, 0, vsi(1, mac_vid(1, 20))));
    let at = network.at(0, 0);
    network.hosts[0].heard.clear();
    network.host_sends(0, at, &vdp(9, MANAGER, requests.into()));
    network.go(MOMENT);
    let kept = Status::refused(Refusal::Other).with_keep().0;
    let said = answers(&network.hosts[0], at);
    assert_eq!(said, commands.map(|command| (command, kept, key(1).id)));
    assert_eq!(network.state(), before);
}
