// SPDX-License-Identifier: MIT
//! While the place that a VSI has left drains: frames that are under way arrive, and whatever else is asked for meanwhile finds
//! machine and stations as if the move were over.

use std::time::Duration;

use vireo_association::wire::vdp::Command;
use vireo_spec::pins::StreamId;
use vireo_spec::rows::PortRow;
use vireo_spec::table::Entity;
use vireo_tests::association::{
    DEFAULT_PORT, Kind, MANAGER, Network, Plan, key, mac, mac_vid, vdp, vid, vsi, with_status,
};

use super::moves::{TO, associated, removed};
use super::{MOMENT, NOWHERE, frame, sent, want, want_as};

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
        let its = || vsi(1, mac_vid(1, 20));
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
