// SPDX-License-Identifier: MIT
//! A register bus that fails, at every access of whatever a request makes of the machine: when it works again the machine holds
//! what was before or what was asked for, never half of it, and the station was told which.

use std::time::Duration;

use vireo_association::vdp::{Hint, StationEvent};
use vireo_association::wire::vdp::{Command, Filter, VidWord, Vsi};
use vireo_driver::controller::HostEvent;
use vireo_driver::{Fault, State};
use vireo_spec::rows::PortRow;
use vireo_tests::association::{Kind, MANAGER, Network, Plan, key, mac, vid, vsi_of_type};

use super::{MOMENT, want};

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Associate,
    Refilter,
    Deassociate,
    Move,
    CreateChannel,
    DeleteChannel,
}

/// A VSI of a type whose ports check no sources: all that an association changes is seen.
fn its(addresses: std::ops::Range<u8>, vlan: u16) -> Vsi {
    let entries = addresses.map(|number| (mac(number), VidWord::new(vid(vlan))));
    vsi_of_type(5, 1, Filter::MacVid(entries.collect()))
}

fn ready(step: Step, kinds: [Kind; 2]) -> Network {
    let mut network = Network::ready(Plan::new(kinds).without_time());
    if !matches!(step, Step::Associate | Step::CreateChannel) {
        want(&mut network, (0, 0), Command::Associate, its(1..4, 0));
    }
    network
}

fn begin(network: &mut Network, step: Step) {
    let (at, to) = (network.at(0, 0), network.at(1, 0));
    let [first, second] = &mut network.hosts[..] else { panic!("there are two") };
    let (first, second) = (&mut first.control, &mut second.control);
    match step {
        Step::Associate => first.want(at, MANAGER, Command::Associate, its(1..4, 0), None).unwrap(),
        Step::Refilter => first.want(at, MANAGER, Command::Associate, its(3..6, 20), None).unwrap(),
        Step::Deassociate => assert!(first.deassociate(at, &key(1))),
        Step::Move => {
            let hint = Some(Hint::MigrateTo);
            second.want(to, MANAGER, Command::Associate, its(1..4, 0), hint).unwrap();
        }
        Step::CreateChannel => {
            first.create_channel(2, network.plan.guest_row(), network.now).unwrap();
        }
        Step::DeleteChannel => first.delete_channel(0, network.now),
    }
}

/// What the stations hold for associated: host and filter.
fn associated(network: &Network) -> Vec<(usize, Filter)> {
    let of_host = |host: usize| {
        let stations = network.hosts[host].control.stations();
        let confirmed = stations.flat_map(|(_, station)| station.vsis()).filter_map(|(_, its)| {
            its.confirmed.as_ref().filter(|(command, _)| *command == Command::Associate)
        });
        confirmed.map(move |(_, filter)| (host, filter.clone())).collect::<Vec<_>>()
    };
    (0..2).flat_map(of_host).collect()
}

/// Everything that a request makes of the machine and of the stations.
fn outcome(network: &mut Network) -> (State, Vec<(usize, Filter)>) {
    (network.state(), associated(network))
}

#[test]
fn a_bus_that_fails_at_any_access_leaves_the_old_state_or_the_new_one_and_the_answer_says_which() {
    use Kind::{Extended, Shared};
    let requests = [
        (Step::Associate, [Extended; 2]),
        (Step::Associate, [Shared; 2]),
        (Step::Refilter, [Extended; 2]),
        (Step::Refilter, [Shared; 2]),
        (Step::Deassociate, [Extended; 2]),
        (Step::Deassociate, [Shared; 2]),
        (Step::Move, [Extended; 2]),
        (Step::Move, [Shared; 2]),
        (Step::Move, [Extended, Shared]),
        (Step::Move, [Shared, Extended]),
        (Step::CreateChannel, [Extended; 2]),
        (Step::DeleteChannel, [Extended; 2]),
    ];
    for (step, kinds) in requests {
        let mut network = ready(step, kinds);
        let old = outcome(&mut network);
        let before = network.bridge.device_mut().bus_mut().accesses();
        begin(&mut network, step);
        network.go(Duration::from_secs(1));
        let accesses = network.bridge.device_mut().bus_mut().accesses() - before;
        let new = outcome(&mut network);
        assert_ne!(old.0, new.0, "{step:?}, {kinds:?}: it is about something");
        let (mut stayed, mut came) = (0, 0);
        for fault in Fault::ALL {
            for access in 0..accesses {
                let mut network = ready(step, kinds);
                assert_eq!(outcome(&mut network), old);
                network.bridge.device_mut().bus_mut().fail(access, fault);
                begin(&mut network, step);
                network.go(MOMENT);
                network.bridge.device_mut().bus_mut().mend();
                network.go(Duration::from_secs(5));
                let found = outcome(&mut network);
                let context = format!("{step:?}, {kinds:?}: {fault:?} at access {access}");
                if found == old {
                    stayed += 1;
                    let may_stay = !matches!(step, Step::Deassociate | Step::DeleteChannel);
                    assert!(may_stay, "{context}: it was confirmed, and is still there");
                } else {
                    assert_eq!(found, new, "{context}: neither old nor new");
                    came += 1;
                }
                asserts_no_ghost(&mut network, &context);
            }
        }
        println!("{step:?}, {kinds:?}: {accesses} accesses, old state {stayed}, new state {came}");
        assert!(came + stayed > 0);
    }
}

/// A bridge whose bus has failed once gives its channels and ports as before.
fn asserts_no_ghost(network: &mut Network, context: &str) {
    for (port, row) in (0u8..).zip(network.state().ports) {
        if row != PortRow::default() {
            let leads = network.state().channels.get(&(row.link, row.channel)).copied();
            let leads = leads.is_some_and(|ports| ports.contains(port.into()));
            assert!(leads, "{context}: nothing leads to port {port}");
        }
    }
}

#[test]
fn a_host_whose_bus_fails_at_any_access_is_programmed_when_it_works_again() {
    for step in [Step::Associate, Step::Refilter, Step::Deassociate] {
        let host = |network: &mut Network| {
            network.hosts[0].control.device_mut().state().expect("the bus works")
        };
        let mut network = ready(step, [Kind::Extended; 2]);
        let before = network.hosts[0].control.device_mut().bus_mut().accesses();
        begin(&mut network, step);
        network.go(MOMENT);
        let accesses = network.hosts[0].control.device_mut().bus_mut().accesses() - before;
        let new = host(&mut network);
        for fault in Fault::ALL {
            for access in 0..accesses {
                let mut network = ready(step, [Kind::Extended; 2]);
                network.hosts[0].control.device_mut().bus_mut().fail(access, fault);
                begin(&mut network, step);
                network.go(MOMENT);
                network.hosts[0].control.device_mut().bus_mut().mend();
                network.go(Duration::from_secs(30));
                let context = format!("{step:?}: {fault:?} at access {access}");
                assert_eq!(host(&mut network), new, "{context}");
                let refused = |event: &HostEvent| {
                    matches!(event, HostEvent::Vsi { event: StationEvent::Refused { .. }, .. })
                };
                assert!(!network.hosts[0].events.iter().any(refused), "{context}");
            }
        }
    }
}

#[test]
fn the_end_of_a_channel_while_its_port_drains_ends_nothing_else_even_if_the_bus_fails() {
    for (host, stay) in [(0, 1), (1, 0)] {
        end_while_it_drains(host, stay);
    }
}

/// `host` gives its channel back, when the VSI of host 0 has just moved to host 1; so many stay associated.
fn end_while_it_drains(host: usize, stay: usize) {
    let moved = || {
        let mut plan = Plan::new([Kind::Extended; 2]).without_time();
        plan.policy.drain = Duration::from_secs(1);
        let mut network = Network::ready(plan);
        want(&mut network, (0, 0), Command::Associate, its(1..2, 20));
        begin(&mut network, Step::Move);
        network.go(MOMENT);
        network
    };
    let end = |network: &mut Network, fault: Option<(u64, Fault)>| {
        let before = network.bridge.device_mut().bus_mut().accesses();
        if let Some((access, fault)) = fault {
            network.bridge.device_mut().bus_mut().fail(access, fault);
        }
        network.hosts[host].control.delete_channel(0, network.now);
        network.go(MOMENT);
        network.bridge.device_mut().bus_mut().mend();
        network.go(Duration::from_secs(5));
        network.bridge.device_mut().bus_mut().accesses() - before
    };
    let mut network = moved();
    let accesses = end(&mut network, None);
    let expected = (network.state(), associated(&network));
    assert_eq!(expected.1.len(), stay, "the VSI is at its new channel, if that is there");
    for fault in Fault::ALL {
        for access in 0..accesses {
            let mut network = moved();
            end(&mut network, Some((access, fault)));
            let context = format!("host {host}: {fault:?} at access {access}");
            assert_eq!((network.state(), associated(&network)), expected, "{context}");
            asserts_no_ghost(&mut network, &context);
        }
    }
}

#[test]
fn a_host_whose_bus_fails_while_it_gets_a_channel_has_it_or_has_given_it_back() {
    let made = |state: &State| state.ports.iter().filter(|row| **row != PortRow::default()).count();
    let both = |network: &mut Network| {
        let host = network.hosts[0].control.device_mut().state().expect("the bus works");
        (made(&host), made(&network.state()))
    };
    let mut network = ready(Step::CreateChannel, [Kind::Extended; 2]);
    let without = both(&mut network);
    let before = network.hosts[0].control.device_mut().bus_mut().accesses();
    begin(&mut network, Step::CreateChannel);
    network.go(MOMENT);
    let accesses = network.hosts[0].control.device_mut().bus_mut().accesses() - before;
    let with = both(&mut network);
    assert_eq!(with, (without.0 + 1, without.1 + 1));
    for fault in Fault::ALL {
        for access in 0..accesses {
            let mut network = ready(Step::CreateChannel, [Kind::Extended; 2]);
            network.hosts[0].control.device_mut().bus_mut().fail(access, fault);
            begin(&mut network, Step::CreateChannel);
            network.go(MOMENT);
            network.hosts[0].control.device_mut().bus_mut().mend();
            network.go(Duration::from_secs(5));
            let found = both(&mut network);
            assert!(found == with || found == without, "{fault:?} at access {access}: {found:?}");
        }
    }
}
