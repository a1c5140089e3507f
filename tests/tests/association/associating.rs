// SPDX-License-Identifier: MIT
//! An association is what lets a guest send, and nothing else does: its addresses and VLANs, for as long as it holds.

use vireo_association::vdp::StationEvent;
use vireo_association::wire::vdp::{Command, Filter, VidWord};
use vireo_driver::controller::{BridgeEvent, HostEvent};
use vireo_spec::fate::DropReason;
use vireo_tests::association::{DEFAULT_PORT, Kind, Network, Plan, key, mac, mac_vid, vid, vsi};

use super::{MOMENT, NOWHERE, sent, want};

const KINDS: [Kind; 3] = [Kind::Extended, Kind::Shared, Kind::Untagged];

/// A network whose host 0 does not check what its guests send, so that the bridge has to.
fn unchecked(kind: Kind) -> Network {
    Network::ready(Plan { hosts_check: false, ..Plan::new([kind, kind]) })
}

#[test]
fn an_associated_guest_passes_and_another_address_is_dropped_and_counted() {
    for kind in KINDS {
        let mut network = unchecked(kind);
        let port = network.virtual_port(0, 0);
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), NOWHERE, "{kind:?}: before");
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), [port], "{kind:?}");
        assert_eq!(sent(&mut network, (0, 0), 2, Some(20)), NOWHERE, "{kind:?}: another address");
        assert_eq!(sent(&mut network, (0, 0), 1, Some(10)), NOWHERE, "{kind:?}: another VLAN");
        let at = network.at(0, 0);
        assert!(network.hosts[0].control.deassociate(at, &key(1)));
        network.go(MOMENT);
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), NOWHERE, "{kind:?}: afterwards");
        assert_eq!(network.dropped(port, DropReason::SourceUnbound), 4, "{kind:?}");
        assert_eq!(network.bridge.vsis().count(), 0);
    }
}

#[test]
fn a_host_that_checks_stops_what_the_bridge_would_stop() {
    for kind in KINDS {
        let mut network = Network::ready(Plan::new([kind, kind]));
        let port = network.virtual_port(0, 0);
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), NOWHERE, "{kind:?}");
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), [port], "{kind:?}");
        assert_eq!(sent(&mut network, (0, 0), 2, Some(20)), NOWHERE, "{kind:?}");
        let at = network.at(0, 0);
        network.hosts[0].control.deassociate(at, &key(1));
        // At once, before the bridge has heard of it.
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), NOWHERE, "{kind:?}");
        assert_eq!(network.dropped_at_host(0, 0, DropReason::SourceUnbound), 3, "{kind:?}");
        assert_eq!(network.dropped(port, DropReason::SourceUnbound), 0, "{kind:?}");
    }
}

#[test]
fn a_host_lets_nothing_pass_that_the_bridge_has_only_pre_associated() {
    for command in [Command::PreAssociate, Command::PreAssociateWithReservation] {
        let mut network = Network::ready(Plan::new([Kind::Extended; 2]));
        let before = network.state();
        want(&mut network, (0, 0), command, vsi(1, mac_vid(1, 20)));
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), NOWHERE);
        assert_eq!(network.state(), before, "{command}");
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)).len(), 1, "{command}");
    }
}

#[test]
fn vid_0_is_filled_in_and_untagged_frames_pass() {
    for kind in KINDS {
        let mut network = Network::ready(Plan::new([kind, kind]));
        let port = network.virtual_port(0, 0);
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 0)));
        let bindings = network.state().bindings;
        assert_eq!(Vec::from_iter(bindings), [(port, mac(1), vid(10))], "{kind:?}");
        assert_eq!(sent(&mut network, (0, 0), 1, None), [port], "{kind:?}: untagged");
        assert_eq!(sent(&mut network, (0, 0), 1, Some(0)), [port], "{kind:?}: VID 0");
        assert_eq!(sent(&mut network, (0, 0), 1, Some(10)), [port], "{kind:?}");
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), NOWHERE, "{kind:?}");
    }
}

#[test]
fn a_group_stands_for_the_vlan_that_the_type_gives_it() {
    for filter in [
        Filter::GroupVid(vec![(7, VidWord::default())]),
        Filter::GroupMacVid(vec![(7, mac(1), VidWord::default())]),
    ] {
        let any = filter.get(0).unwrap().mac.is_none();
        let mut network = unchecked(Kind::Extended);
        let port = network.virtual_port(0, 0);
        want(&mut network, (0, 0), Command::Associate, vsi(1, filter.clone()));
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), [port], "{filter:?}");
        let other = sent(&mut network, (0, 0), 2, Some(20));
        assert_eq!(other, if any { vec![port] } else { vec![] }, "{filter:?}");
        assert_eq!(sent(&mut network, (0, 0), 1, Some(10)), NOWHERE, "{filter:?}");
    }
}

#[test]
fn a_vlan_without_an_address_admits_any_individual_source() {
    let mut network = unchecked(Kind::Shared);
    let filter = Filter::Vid(vec![VidWord::new(vid(20)), VidWord::new(vid(10))]);
    want(&mut network, (0, 0), Command::Associate, vsi(1, filter));
    for source in 1..4 {
        assert_eq!(sent(&mut network, (0, 0), source, Some(20)), [DEFAULT_PORT]);
        assert_eq!(sent(&mut network, (0, 0), source, Some(10)), [DEFAULT_PORT]);
    }
    assert_eq!(sent(&mut network, (0, 0), 1, Some(30)), NOWHERE);
}

#[test]
fn another_filter_replaces_the_first_and_nothing_of_it_stays() {
    for kind in KINDS {
        let mut network = Network::ready(Plan::new([kind, kind]));
        let port = network.virtual_port(0, 0);
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(2, 10)));
        let bindings = network.state().bindings;
        assert_eq!(Vec::from_iter(bindings), [(port, mac(2), vid(10))], "{kind:?}");
        let bindings = network.hosts[0].control.device_mut().state().unwrap().bindings;
        assert_eq!(Vec::from_iter(bindings), [(0, mac(2), vid(10))], "{kind:?}");
    }
}

#[test]
fn two_vsis_with_the_same_source_share_its_binding_until_the_last_goes() {
    let mut network = Network::ready(Plan::new([Kind::Shared; 2]));
    for number in [1, 2] {
        want(&mut network, (0, 0), Command::Associate, vsi(number, mac_vid(1, 20)));
    }
    for (number, passes) in [(1, true), (2, false)] {
        let at = network.at(0, 0);
        network.hosts[0].control.deassociate(at, &key(number));
        network.go(MOMENT);
        assert_eq!(!sent(&mut network, (0, 0), 1, Some(20)).is_empty(), passes);
    }
    assert!(network.state().bindings.is_empty());
}

#[test]
fn two_groups_in_one_vlan_bind_it_once_and_leave_nothing() {
    let mut plan = Plan::new([Kind::Shared; 2]);
    plan.policy.types[0].groups.insert(8, vid(20));
    let mut network = Network::ready(plan);
    let before = network.hosts[0].control.device_mut().state().unwrap();
    for word in [VidWord::default(), VidWord::new(vid(20))] {
        for filter in [
            Filter::GroupVid(vec![(7, word), (8, word)]),
            Filter::GroupMacVid(vec![(7, mac(1), word), (8, mac(1), word)]),
        ] {
            want(&mut network, (0, 0), Command::Associate, vsi(1, filter.clone()));
            assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), [DEFAULT_PORT], "{filter:?}");
            let at = network.at(0, 0);
            network.hosts[0].control.deassociate(at, &key(1));
            network.go(MOMENT);
            let after = network.hosts[0].control.device_mut().state().unwrap();
            assert_eq!((&after.bindings, &after.vlans), (&before.bindings, &before.vlans));
            assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), NOWHERE, "{filter:?}");
        }
    }
}

#[test]
fn an_e_channel_has_its_types_row_while_associated_and_its_bare_row_before_and_after() {
    let mut network = Network::ready(Plan::new([Kind::Extended; 2]));
    let port = usize::from(network.virtual_port(0, 0));
    let bare = network.state();
    let typed = vireo_tests::association::vsi_of_type(5, 1, mac_vid(1, 0));
    want(&mut network, (0, 0), Command::Associate, typed);
    let row = network.state().ports[port];
    assert_eq!((row.check_source, row.pvid, row.default_priority.get()), (false, vid(10), 5));
    let at = network.at(0, 0);
    network.hosts[0].control.deassociate(at, &key(1));
    network.go(MOMENT);
    assert_eq!(network.state(), bare);
}

#[test]
fn both_controllers_tell_what_became_of_a_vsi() {
    let mut network = Network::ready(Plan::new([Kind::Shared; 2]));
    network.events.clear();
    network.hosts[0].events.clear();
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    network.bridge.withdraw(&key(1));
    network.go(MOMENT);
    assert!(matches!(
        &network.events[..],
        [BridgeEvent::Associated { port: DEFAULT_PORT, .. }, BridgeEvent::Withdrawn { .. }]
    ));
    let removed = |event: &HostEvent| {
        matches!(
            event,
            HostEvent::Vsi { event: StationEvent::Removed { unsolicited: true, .. }, .. }
        )
    };
    assert!(network.hosts[0].events.iter().any(removed), "{:?}", network.hosts[0].events);
    assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), NOWHERE);
    assert!(network.hosts[0].control.device_mut().state().unwrap().bindings.is_empty());
}
