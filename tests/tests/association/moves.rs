// SPDX-License-Identifier: MIT
//! A VSI moves to another channel, make before break, where its type allows it; nowhere else and to nobody else.

use std::time::Duration;

use vireo_association::vdp::{Hint, StationEvent};
use vireo_association::wire::vdp::{Command, Refusal, Status};
use vireo_driver::State;
use vireo_driver::controller::{BridgeEvent, HostEvent};
use vireo_spec::fate::DropReason;
use vireo_spec::pins::StreamId;
use vireo_spec::rows::PortRow;
use vireo_spec::table::Entity;
use vireo_tests::association::{
    DEFAULT_PORT, Kind, MANAGER, Network, Plan, answers, key, mac, mac_vid, vdp, vid, vsi,
    vsi_of_type, with_status,
};

use super::{MOMENT, NOWHERE, sent, want, want_as};

/// The station says that it is migrating to here.
pub(crate) const TO: Option<Hint> = Some(Hint::MigrateTo);

/// What a host's station was told of its VSI, if it is gone.
pub(crate) fn removed(network: &Network, host: usize) -> usize {
    let gone = |event: &&HostEvent| {
        let event = match event {
            HostEvent::Vsi { event, .. } => event,
            _ => return false,
        };
        matches!(event, StationEvent::Removed { unsolicited: true, .. })
    };
    network.hosts[host].events.iter().filter(gone).count()
}

/// The VSIs that stations hold for associated, with their hosts.
pub(crate) fn associated(network: &Network) -> Vec<(usize, u8)> {
    let of_host = |host: usize| {
        let stations = network.hosts[host].control.stations();
        let vsis = stations.flat_map(|(_, station)| station.vsis());
        let confirmed = vsis.filter(|(_, state)| {
            matches!(state.confirmed, Some((Command::Associate, _)))
                && state.wanted == Command::Associate
        });
        confirmed.map(move |(key, _)| (host, key.id.octets[0])).collect::<Vec<_>>()
    };
    (0..2).flat_map(of_host).collect()
}

#[test]
fn between_shared_channels_bindings_move_and_the_old_station_is_told() {
    for kind in [Kind::Shared, Kind::Untagged] {
        let mut network = Network::ready(Plan::new([kind; 2]));
        want(&mut network, (0, 0), Command::Associate, vsi(2, mac_vid(2, 20)));
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
        want_as(&mut network, (1, 0), Command::Associate, vsi(1, mac_vid(1, 20)), TO);
        let bindings = Vec::from_iter(network.state().bindings);
        let (old, new) = (DEFAULT_PORT, DEFAULT_PORT + 1);
        assert_eq!(bindings, [(old, mac(2), vid(20)), (new, mac(1), vid(20))], "{kind:?}");
        assert_eq!(removed(&network, 0), 1);
        assert_eq!(associated(&network), [(0, 2), (1, 1)]);
        assert_eq!(sent(&mut network, (1, 0), 1, Some(20)), [new]);
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), NOWHERE);
        assert_eq!(sent(&mut network, (0, 0), 2, Some(20)), [old]);
        assert_eq!(network.bridge.counters().moves, 1);
    }
}

#[test]
fn an_e_channels_vsi_takes_its_port_along_with_its_row_and_its_counters() {
    let mut network = Network::ready(Plan { hosts_check: false, ..Plan::new([Kind::Extended; 2]) });
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 0)));
    let (port, other) = (network.virtual_port(0, 0), network.virtual_port(1, 0));
    assert_eq!(sent(&mut network, (0, 0), 1, None), [port]);
    let before = network.state();
    want_as(&mut network, (1, 0), Command::Associate, vsi(1, mac_vid(1, 0)), TO);
    assert_eq!((network.virtual_port(0, 0), network.virtual_port(1, 0)), (other, port));
    let after = network.state();
    let exchanged = |state: &State, port: u8, with: u8| {
        let PortRow { link, channel, .. } = state.ports[usize::from(with)];
        PortRow { link, channel, ..state.ports[usize::from(port)] }
    };
    let mut expected = before.clone();
    expected.ports[usize::from(port)] = exchanged(&before, port, other);
    expected.ports[usize::from(other)] = exchanged(&before, other, port);
    for (place, with) in [
        ((0, before.ports[usize::from(port)].channel), other),
        ((1, before.ports[usize::from(other)].channel), port),
    ] {
        expected.channels.insert(place, [usize::from(with)].into_iter().collect());
    }
    assert_eq!(after, expected);
    assert_eq!(sent(&mut network, (1, 0), 1, None), [port]);
    assert_eq!(sent(&mut network, (0, 0), 1, None), NOWHERE, "the old channel");
    let passed = network.counters().traffic(Entity::PortOut(port)).unicast;
    assert_eq!(passed, 2, "one by each link, under one number");
    assert_eq!(network.dropped(other, DropReason::SourceUnbound), 1);
    assert_eq!((removed(&network, 0), associated(&network)), (1, vec![(1, 1)]));
    let told = answers(&network.hosts[0], StreamId::PortControl(0));
    assert_eq!(told.last(), Some(&(Command::Deassociate, 0, key(1).id)), "in its old channel");
    let moved = network.events.iter().filter_map(|event| match event {
        &BridgeEvent::Moved { from, to, port, .. } => Some((from, to, port)),
        _ => None,
    });
    assert_eq!(Vec::from_iter(moved), [(port, other, port)]);
}

#[test]
fn a_vsi_that_moves_to_and_fro_between_e_channels_keeps_its_port() {
    let mut network = Network::ready(Plan::new([Kind::Extended; 2]));
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    let first = network.state();
    let port = network.virtual_port(0, 0);
    for round in 0..6 {
        let host = 1 - round % 2;
        want_as(&mut network, (host, 0), Command::Associate, vsi(1, mac_vid(1, 20)), TO);
        // The acknowledgement of the answer arrives while nobody can tell by which channel, and so a second time.
        network.go(Duration::from_secs(1));
        assert_eq!(sent(&mut network, (host, 0), 1, Some(20)), [port], "round {round}");
        assert_eq!(sent(&mut network, (1 - host, 0), 1, Some(20)), NOWHERE);
        assert_eq!(associated(&network), [(host, 1)]);
    }
    assert_eq!(network.state(), first);
}

#[test]
fn the_old_channel_is_as_good_as_new_after_a_move() {
    let mut network = Network::ready(Plan::new([Kind::Extended; 2]));
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    want_as(&mut network, (1, 0), Command::Associate, vsi(1, mac_vid(1, 20)), TO);
    want(&mut network, (0, 0), Command::Associate, vsi(2, mac_vid(2, 20)));
    let (old, new) = (network.virtual_port(0, 0), network.virtual_port(1, 0));
    assert_eq!(sent(&mut network, (0, 0), 2, Some(20)), [old]);
    assert_eq!(sent(&mut network, (1, 0), 1, Some(20)), [new]);
    assert_eq!(associated(&network), [(0, 2), (1, 1)]);
}

#[test]
fn a_vsi_moves_from_an_e_channel_to_a_shared_one_and_back() {
    let mut network = Network::ready(Plan::new([Kind::Extended, Kind::Shared]));
    let bare = network.state();
    let port = network.virtual_port(0, 0);
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    let extended = network.state();
    let shared = DEFAULT_PORT + 1;
    for round in 0..2 {
        want_as(&mut network, (1, 0), Command::Associate, vsi(1, mac_vid(1, 20)), TO);
        let mut expected = bare.clone();
        expected.bindings.insert((shared, mac(1), vid(20)));
        assert_eq!(network.state(), expected, "round {round}");
        assert_eq!(sent(&mut network, (1, 0), 1, Some(20)), [shared]);
        assert_eq!(associated(&network), [(1, 1)]);
        want_as(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)), TO);
        assert_eq!(network.state(), extended, "round {round}");
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), [port]);
        assert_eq!(associated(&network), [(0, 1)]);
    }
}

#[test]
fn a_move_that_policy_forbids_is_refused_and_nothing_changes() {
    for kinds in [[Kind::Extended; 2], [Kind::Shared; 2], [Kind::Extended, Kind::Shared]] {
        for (vsi, hint) in [
            (vsi_of_type(1, 1, mac_vid(1, 20)), None),
            (vsi_of_type(1, 1, mac_vid(1, 20)), Some(Hint::MigrateFrom)),
            (vsi_of_type(2, 1, mac_vid(1, 20)), TO),
        ] {
            let mut network = Network::ready(Plan::new(kinds));
            want(&mut network, (0, 0), Command::Associate, vsi.clone());
            let before = network.state();
            want_as(&mut network, (1, 0), Command::Associate, vsi.clone(), hint);
            assert_eq!(network.state(), before, "{kinds:?}: {vsi:?}, {hint:?}");
            assert_eq!(associated(&network), [(0, 1)]);
            assert_eq!(refusals(&network), [Status::refused(Refusal::Other)]);
            assert_eq!(network.bridge.counters().moves_refused, 1);
            assert_eq!(sent(&mut network, (0, 0), 1, Some(20)).len(), 1);
            assert_eq!(sent(&mut network, (1, 0), 1, Some(20)), NOWHERE);
        }
    }
}

fn refusals(network: &Network) -> Vec<Status> {
    let refused = network.hosts[1].events.iter().filter_map(|event| match event {
        HostEvent::Vsi { event: StationEvent::Refused { status, .. }, .. } => Some(*status),
        _ => None,
    });
    refused.collect()
}

#[test]
fn a_type_that_may_always_move_needs_no_announcement() {
    let mut network = Network::ready(Plan::new([Kind::Extended; 2]));
    let vsi = vsi_of_type(3, 1, mac_vid(1, 20));
    want(&mut network, (0, 0), Command::Associate, vsi.clone());
    want(&mut network, (1, 0), Command::Associate, vsi);
    assert_eq!(associated(&network), [(1, 1)]);
}

#[test]
fn a_move_to_a_link_where_the_type_may_not_be_is_refused() {
    let mut plan = Plan::new([Kind::Extended; 2]);
    plan.policy.types[0].links = Some([0].into());
    let mut network = Network::ready(plan);
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    let before = network.state();
    want_as(&mut network, (1, 0), Command::Associate, vsi(1, mac_vid(1, 20)), TO);
    assert_eq!((network.state(), associated(&network)), (before, vec![(0, 1)]));
}

#[test]
fn a_move_to_an_e_channel_that_holds_another_vsi_is_refused() {
    let mut network = Network::ready(Plan::new([Kind::Extended; 2]));
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    want(&mut network, (1, 0), Command::Associate, vsi(2, mac_vid(2, 20)));
    let before = network.state();
    want_as(&mut network, (1, 0), Command::Associate, vsi(1, mac_vid(1, 20)), TO);
    assert_eq!(refusals(&network), [Status::refused(Refusal::Resources)]);
    assert_eq!((network.state(), associated(&network)), (before, vec![(0, 1), (1, 2)]));
}

#[test]
fn another_channel_cannot_end_a_vsi_that_is_not_its_own() {
    for kinds in [[Kind::Extended; 2], [Kind::Shared; 2], [Kind::Untagged; 2]] {
        let mut network = Network::ready(Plan::new(kinds));
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
        let before = network.state();
        let at = network.at(1, 0);
        let commands = [Command::Deassociate, Command::PreAssociate];
        let tlvs = commands.map(|command| with_status(command, 0x10, vsi(1, mac_vid(1, 20))));
        network.host_sends(1, at, &vdp(7, MANAGER, tlvs.into()));
        network.go(MOMENT);
        assert_eq!(network.state(), before, "{kinds:?}");
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)).len(), 1);
    }
}
