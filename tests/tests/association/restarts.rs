// SPDX-License-Identifier: MIT
//! What survives a restart: of the bridge, all that was saved; of a station, nothing that it does not ask for again.

use std::time::Duration;

use vireo_association::vdp::Hint;
use vireo_association::wire::vdp::Command;
use vireo_driver::controller::{BridgeEvent, RestoreError, Saved, SavedChannel, Withdrawal};
use vireo_spec::pins::StreamId;
use vireo_tests::association::{
    DEFAULT_PORT, Kind, MANAGER, Network, Plan, key, mac_vid, vid, vsi,
};

use super::{MOMENT, NOWHERE, sent, want, want_as};

/// Longer than a station may be silent: 1.5 * (7 * 2^14 + 2^20 + 2^20) * 10 us.
const SILENCE: Duration = Duration::from_secs(34);

#[test]
fn a_bridge_that_starts_again_has_the_same_rows_and_keep_alives_go_on() {
    for kind in [Kind::Extended, Kind::Shared, Kind::Untagged] {
        let mut network = Network::ready(Plan::new([kind; 2]));
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 0)));
        let reserve = Command::PreAssociateWithReservation;
        want(&mut network, (1, 0), reserve, vsi(2, mac_vid(2, 20)));
        let (state, vsis) = (network.state(), network.bridge.save());
        let told = network.hosts[0].events.len();
        network.restart_bridge();
        assert_eq!((network.state(), network.bridge.save()), (state.clone(), vsis.clone()));
        assert_eq!(sent(&mut network, (0, 0), 1, None).len(), 1, "{kind:?}: at once");
        network.go(3 * SILENCE);
        assert_eq!((network.state(), network.bridge.save()), (state, vsis), "{kind:?}: later");
        assert_eq!(network.hosts[0].events.len(), told, "the station did not notice");
        let kept = network.bridge.bridges().map(|(_, bridge)| bridge.counters().keep_alives);
        assert!(kept.sum::<u64>() >= 16, "{kind:?}");
    }
}

#[test]
fn what_was_saved_survives_a_file() {
    let mut network = Network::ready(Plan::new([Kind::Extended, Kind::Untagged]));
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 0)));
    want(&mut network, (1, 0), Command::PreAssociate, vsi(2, mac_vid(2, 20)));
    let saved = network.bridge.save();
    assert_eq!((saved.channels.len(), saved.vsis.len()), (2, 2));
    let text = serde_json::to_string(&saved).unwrap();
    assert_eq!(serde_json::from_str::<Saved>(&text).unwrap(), saved);
}

#[test]
fn a_vsi_whose_station_is_gone_when_the_bridge_starts_again_is_withdrawn_after_the_silence() {
    let mut network = Network::ready(Plan { hosts_check: false, ..Plan::new([Kind::Shared; 2]) });
    let nothing = network.state();
    for host in [0, 1] {
        let number = host as u8 + 1;
        want(&mut network, (host, 0), Command::Associate, vsi(number, mac_vid(number, 20)));
    }
    network.restart_host(0);
    network.restart_bridge();
    network.go(Duration::from_secs(30));
    assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), [DEFAULT_PORT], "it has its time");
    network.events.clear();
    network.go(Duration::from_secs(5));
    let withdrawn =
        BridgeEvent::Withdrawn { port: DEFAULT_PORT, key: key(1), cause: Withdrawal::Silent };
    assert_eq!(network.events, [withdrawn]);
    assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), NOWHERE);
    assert_eq!(sent(&mut network, (1, 0), 2, Some(20)), [DEFAULT_PORT + 1]);
    network.restart_host(1);
    network.go(SILENCE + Duration::from_secs(10));
    assert_eq!(network.state(), nothing);
}

#[test]
fn keep_alives_bring_back_what_a_bridge_has_forgotten() {
    let mut network = Network::ready(Plan::new([Kind::Shared; 2]));
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 0)));
    let before = network.state();
    network.bridge = network.plan.bridge(9, network.now);
    assert!(network.state().bindings.is_empty());
    network.go(Duration::from_secs(12));
    assert_eq!(network.state(), before);
    assert_eq!(sent(&mut network, (0, 0), 1, None), [DEFAULT_PORT]);
}

#[test]
fn a_station_that_starts_again_gets_back_what_it_asks_for() {
    for kind in [Kind::Extended, Kind::Shared, Kind::Untagged] {
        let mut network = Network::ready(Plan::new([kind; 2]));
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
        let before = network.state();
        network.restart_host(0);
        network.go(Duration::from_secs(2));
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), NOWHERE, "the host does not know it");
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
        assert_eq!(network.state(), before, "{kind:?}");
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)).len(), 1, "{kind:?}");
    }
}

#[test]
fn a_bridge_that_starts_again_while_a_port_drains_has_moved_it() {
    for kinds in [[Kind::Extended; 2], [Kind::Shared; 2], [Kind::Extended, Kind::Shared]] {
        let mut plan = Plan::new(kinds);
        plan.policy.drain = Duration::from_secs(1);
        let mut network = Network::ready(plan);
        let (host, to) = ((0, 0), (1, 0));
        want(&mut network, host, Command::Associate, vsi(1, mac_vid(1, 20)));
        let hint = Some(Hint::MigrateTo);
        want_as(&mut network, to, Command::Associate, vsi(1, mac_vid(1, 20)), hint);
        network.restart_bridge();
        network.go(SILENCE);
        assert_eq!(sent(&mut network, to, 1, Some(20)).len(), 1, "{kinds:?}");
        // The old channel is as good as ever.
        let at = network.at(0, 0);
        network.hosts[0].control.deassociate(at, &key(1));
        network.go(MOMENT);
        want(&mut network, host, Command::Associate, vsi(2, mac_vid(2, 20)));
        assert_eq!(sent(&mut network, host, 2, Some(20)).len(), 1, "{kinds:?}");
        assert_eq!(network.state().bindings.len(), 2, "{kinds:?}");
    }
}

#[test]
fn a_move_survives_a_restart_on_a_machine_that_its_configuration_has_programmed() {
    let mut network = Network::ready(Plan::new([Kind::Extended; 2]));
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    let hint = Some(Hint::MigrateTo);
    want_as(&mut network, (1, 0), Command::Associate, vsi(1, mac_vid(1, 20)), hint);
    let port = network.virtual_port(1, 0);
    let before = network.state();
    network.restart_bridge();
    assert_eq!(network.state(), before);
    assert_eq!(sent(&mut network, (1, 0), 1, Some(20)), [port]);
}

#[test]
fn what_policy_does_not_admit_any_more_is_not_taken_up() {
    let mut network = Network::ready(Plan::new([Kind::Shared; 2]));
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 0)));
    want(&mut network, (0, 0), Command::Associate, vsi(2, mac_vid(2, 20)));
    let saved = network.bridge.save();
    let refused = |change: &dyn Fn(&mut Plan)| {
        let mut plan = network.plan.clone();
        change(&mut plan);
        let mut bridge = plan.bridge(1, network.now);
        let refused = bridge.restore(&saved, network.now).unwrap();
        let bound = bridge.device_mut().state().unwrap().bindings.len();
        (refused.iter().map(|found| found.vsi.id.octets[0]).collect::<Vec<_>>(), bound)
    };
    assert_eq!(refused(&|_| ()), (vec![], 2));
    let without_20 = |plan: &mut Plan| _ = plan.policy.types[0].vlans.remove(&vid(20));
    assert_eq!(refused(&without_20), (vec![2], 1));
    // The station believes in VLAN 10.
    let other = |plan: &mut Plan| plan.policy.types[0].default_vlan = Some(vid(20));
    assert_eq!(refused(&other), (vec![1], 1));
    let no_types = |plan: &mut Plan| plan.policy.types.clear();
    assert_eq!(refused(&no_types), (vec![1, 2], 0));
}

#[test]
fn the_state_of_another_machine_is_refused_before_anything_is_changed() {
    let mut network = Network::ready(Plan::new([Kind::Extended; 2]));
    let before = network.state();
    let good = SavedChannel { port: 9, link: 0, channel: 18, extender_port: None, scid: None };
    for bad in [
        SavedChannel { port: 16, ..good.clone() },
        SavedChannel { link: 2, ..good.clone() },
        SavedChannel { channel: 1 << 22, ..good.clone() },
    ] {
        let saved = Saved { channels: vec![good.clone(), bad], vsis: vec![] };
        let restored = network.bridge.restore(&saved, network.now);
        assert!(matches!(restored, Err(RestoreError::WrongMachine { .. })));
        assert_eq!(network.state(), before);
    }
}

#[test]
fn a_state_whose_vsis_are_where_there_is_no_channel_is_taken_up_without_them() {
    let mut network = Network::ready(Plan::new([Kind::Shared; 2]));
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    let mut saved = network.bridge.save();
    for (port, untagged) in [(3, false), (77, false), (DEFAULT_PORT, true)] {
        saved.vsis[0].port = port;
        saved.vsis[0].untagged = untagged;
        let mut bridge = network.plan.bridge(1, network.now);
        assert_eq!(bridge.restore(&saved, network.now).unwrap(), saved.vsis);
        assert!(bridge.device_mut().state().unwrap().bindings.is_empty());
    }
    assert_eq!(saved.vsis[0].manager, MANAGER);
    assert!(network.bridge.bridges().any(|(at, _)| at == StreamId::LinkControl(0)));
}
