// SPDX-License-Identifier: MIT
//! A VSI moves to another channel, make before break, where its type allows it; nowhere else and to nobody else.

use std::time::Duration;

use vireo_association::vdp::{Hint, StationEvent};
use vireo_association::wire::vdp::{Command, Refusal, Status, Vsi};
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

use super::{MOMENT, NOWHERE, frame, sent, want, want_as};

const TO: Option<Hint> = Some(Hint::MigrateTo);

/// What a host's station was told of its VSI, if it is gone.
fn removed(network: &Network, host: usize) -> usize {
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
fn associated(network: &Network) -> Vec<(usize, u8)> {
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
fn old_and_new_channel_both_pass_until_the_old_link_has_drained() {
    let mut plan = Plan { hosts_check: false, ..Plan::new([Kind::Shared; 2]) };
    plan.policy.drain = Duration::from_millis(200);
    let mut network = Network::ready(plan);
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    want_as(&mut network, (1, 0), Command::Associate, vsi(1, mac_vid(1, 20)), TO);
    assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), [DEFAULT_PORT]);
    assert_eq!(sent(&mut network, (1, 0), 1, Some(20)), [DEFAULT_PORT + 1]);
    network.go(Duration::from_millis(200));
    assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), NOWHERE);
    assert_eq!(sent(&mut network, (1, 0), 1, Some(20)), [DEFAULT_PORT + 1]);
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

#[test]
fn a_farewell_of_the_old_station_while_its_port_drains_does_not_end_the_new_association() {
    for kinds in [[Kind::Extended; 2], [Kind::Shared; 2], [Kind::Extended, Kind::Shared]] {
        let mut plan = Plan::new(kinds);
        plan.policy.drain = Duration::from_millis(200);
        let mut network = Network::ready(plan);
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
        let (at, to) = (network.at(0, 0), network.at(1, 0));
        let its = vsi(1, mac_vid(1, 20));
        network.hosts[1].control.want(to, MANAGER, Command::Associate, its, TO).unwrap();
        network.go(Duration::from_millis(1));
        network.hosts[0].control.deassociate(at, &key(1));
        network.go(Duration::from_secs(2));
        assert_eq!(associated(&network), [(1, 1)], "{kinds:?}");
        assert_eq!(network.state().bindings.len(), 1, "{kinds:?}");
        assert_eq!(sent(&mut network, (1, 0), 1, Some(20)).len(), 1, "{kinds:?}");
        let gone = network.hosts[0].control.stations().flat_map(|(_, station)| station.vsis());
        assert_eq!(gone.count(), 0, "{kinds:?}: the old station has its answer");
    }
}

#[test]
fn a_request_behind_the_move_in_one_pdu_is_about_the_port_that_came() {
    for second in [vsi(1, mac_vid(3, 10)), vsi(1, mac_vid(1, 20))] {
        for command in [Command::Deassociate, Command::Associate] {
            let mut network = Network::ready(Plan::new([Kind::Extended; 2]));
            want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
            let port = network.virtual_port(0, 0);
            let tlvs = vec![
                with_status(Command::Associate, 0x10, vsi(1, mac_vid(1, 20))),
                with_status(command, 0, second.clone()),
            ];
            network.host_sends(1, network.at(1, 0), &vdp(7, MANAGER, tlvs));
            network.go(Duration::from_secs(1));
            let bindings = Vec::from_iter(network.state().bindings);
            let mac =
                if second.filter == mac_vid(1, 20) { (mac(1), vid(20)) } else { (mac(3), vid(10)) };
            let expected =
                if command == Command::Deassociate { vec![] } else { vec![(port, mac.0, mac.1)] };
            assert_eq!(bindings, expected, "{command} {second:?}");
            let held = usize::from(command == Command::Associate);
            assert_eq!(network.bridge.vsis().count(), held, "{command} {second:?}");
        }
    }
}

#[test]
fn a_channel_that_is_deleted_while_its_port_drains_leaves_nothing_to_whoever_gets_its_port() {
    let mut plan = Plan::new([Kind::Extended, Kind::Shared]);
    plan.policy.drain = Duration::from_secs(1);
    let mut network = Network::ready(plan);
    let moving = || vsi(1, mac_vid(1, 20));
    want(&mut network, (0, 0), Command::Associate, moving());
    want_as(&mut network, (1, 0), Command::Associate, moving(), TO);
    network.hosts[0].control.delete_channel(0, network.now);
    network.go(MOMENT);
    let shared = [(DEFAULT_PORT + 1, mac(1), vid(20))];
    assert_eq!(Vec::from_iter(network.state().bindings), shared);
    let row = network.plan.guest_row();
    network.hosts[0].control.create_channel(0, row, network.now).unwrap();
    network.go(MOMENT);
    want(&mut network, (0, 0), Command::Associate, vsi(2, mac_vid(1, 20)));
    assert_eq!(sent(&mut network, (0, 0), 1, Some(20)).len(), 1, "it is bound");
    network.go(Duration::from_secs(2));
    assert_eq!(sent(&mut network, (0, 0), 1, Some(20)).len(), 1, "and stays so");
}

#[test]
fn the_end_of_an_e_channel_whose_vsi_has_just_moved_away_ends_nothing_else() {
    let mut plan = Plan::new([Kind::Extended; 2]);
    plan.policy.drain = Duration::from_secs(1);
    let mut network = Network::ready(plan);
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    let port = network.virtual_port(0, 0);
    want_as(&mut network, (1, 0), Command::Associate, vsi(1, mac_vid(1, 20)), TO);
    network.hosts[0].control.delete_channel(0, network.now);
    network.go(MOMENT);
    assert_eq!(sent(&mut network, (1, 0), 1, Some(20)), [port]);
    network.go(Duration::from_secs(2));
    assert_eq!(sent(&mut network, (1, 0), 1, Some(20)), [port]);
    let made = network.state().ports.iter().filter(|row| **row != PortRow::default()).count();
    assert_eq!(made, 3);
}

/// Numbers of the frames that came, by where.
fn numbers<'a>(came: impl Iterator<Item = &'a [u8]>) -> Vec<u32> {
    came.map(|octets| u32::from_be_bytes(octets[18..22].try_into().unwrap())).collect()
}

#[test]
fn a_move_under_traffic_loses_no_frame_doubles_none_and_strays_none() {
    const TICK: Duration = Duration::from_micros(20);
    const TICKS: u32 = 2000;
    for kinds in [[Kind::Extended; 2], [Kind::Shared; 2], [Kind::Extended, Kind::Shared]] {
        let exclusive = kinds == [Kind::Extended; 2];
        let mut network = Network::ready(Plan::new(kinds));
        want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
        let port = network.virtual_port(0, 0);
        let new = if exclusive { port } else { DEFAULT_PORT + 1 };
        network.counters();
        let mut home = 0;
        for number in 0..TICKS {
            if number == TICKS / 2 {
                let (to, its) = (network.at(1, 0), vsi(1, mac_vid(1, 20)));
                let control = &mut network.hosts[1].control;
                control.want(to, MANAGER, Command::Associate, its, TO).unwrap();
            }
            // The guest wakes up at its new home in the moment in which it may send from there.
            if associated(&network).contains(&(1, 1)) {
                home = 1;
            }
            network.guest_sends(home, 0, &frame(mac(1), Some(20), number));
            if exclusive {
                network.bridge_sends(StreamId::Port(port), &frame(mac(9), Some(20), number));
            }
            network.go(TICK);
        }
        network.go(MOMENT);
        assert_eq!((home, removed(&network, 0)), (1, 1), "{kinds:?}: it has moved");
        let up = numbers(network.came.iter().map(|came| &came.octets[..]));
        assert_eq!(up.len(), TICKS as usize, "{kinds:?}: none lost, none twice");
        assert!(Iterator::eq(up.iter().copied(), 0..TICKS), "{kinds:?}: in order");
        let ports: Vec<_> = network.came.iter().map(|came| came.port).collect();
        assert!(ports.iter().all(|&at| at == port || at == new), "{kinds:?}");
        assert!(ports.is_sorted_by_key(|&at| at == new && new != port), "{kinds:?}");
        if exclusive {
            let downs = [0, 1].map(|host: usize| {
                let came = &network.hosts[host].came;
                assert!(came.iter().all(|came| came.port == 0));
                numbers(came.iter().map(|came| &came.octets[..]))
            });
            let all = downs.iter().flatten().copied();
            assert!(all.eq(0..TICKS), "none lost, none twice, none where it was before");
            assert!(downs.iter().all(|down| down.len() > 900));
            let counters = network.counters();
            let (down, up) = (Entity::PortIn(port), Entity::PortOut(port));
            let counted = [down, up].map(|entity| counters.traffic(entity).unicast);
            assert_eq!(counted, [u64::from(TICKS); 2], "all under its number");
        }
    }
}

#[test]
fn a_vsi_that_leaves_and_comes_back_while_the_first_place_drains_is_bound_there() {
    for kinds in [[Kind::Shared; 2], [Kind::Extended, Kind::Shared]] {
        let mut plan = Plan::new(kinds);
        plan.policy.drain = Duration::from_millis(120);
        let mut network = Network::ready(plan);
        let port = network.virtual_port(0, 0);
        let its = || -> Vsi { vsi(1, mac_vid(1, 20)) };
        want(&mut network, (0, 0), Command::Associate, its());
        for host in [1, 0] {
            want_as(&mut network, (host, 0), Command::Associate, its(), TO);
        }
        network.go(Duration::from_secs(2));
        assert_eq!(associated(&network), [(0, 1)], "{kinds:?}");
        assert_eq!(sent(&mut network, (0, 0), 1, Some(20)), [port], "{kinds:?}");
        assert_eq!(
            Vec::from_iter(network.state().bindings),
            [(port, mac(1), vid(20))],
            "{kinds:?}"
        );
    }
}
