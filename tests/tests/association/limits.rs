// SPDX-License-Identifier: MIT
//! What keeps a bridge standing: each limit that is hit is answered as docs/association.md says, and counted.

use std::time::Duration;

use vireo_association::wire::ecp::Operation;
use vireo_association::wire::vdp::{Command, Refusal, Status, Tlv};
use vireo_association::wire::{Message, ecp};
use vireo_spec::pins::StreamId;
use vireo_tests::association::{
    DEFAULT_PORT, Kind, MANAGER, Network, Plan, answers, key, mac_vid, vdp, vsi, with_status,
};

use super::{MOMENT, want};

const NO_ROOM: u8 = Status::refused(Refusal::Resources).0;
const DONE: u8 = Status::confirmed().0;

fn associate(number: u8) -> Tlv {
    with_status(Command::Associate, 0, vsi(number, mac_vid(number, 20)))
}

/// What VDP has counted in a channel of the bridge.
fn counted(network: &Network, at: StreamId) -> vireo_association::vdp::BridgeCounters {
    let mut bridges = network.bridge.bridges();
    *bridges.find(|(from, _)| *from == at).expect("it is a channel").1.counters()
}

#[test]
fn requests_beyond_the_rate_are_answered_and_counted_and_do_not_end_what_is_associated() {
    let mut plan = Plan::new([Kind::Shared; 2]);
    (plan.policy.limits.rate, plan.policy.limits.burst) = (2, 4);
    let mut network = Network::ready(plan);
    let at = network.at(0, 0);
    network.host_sends(0, at, &vdp(1, MANAGER, (1..=7).map(associate).collect()));
    network.go(MOMENT);
    let said = answers(&network.hosts[0], at).into_iter().map(|(_, status, _)| status);
    assert_eq!(Vec::from_iter(said), [DONE, DONE, DONE, DONE, NO_ROOM, NO_ROOM, NO_ROOM]);
    assert_eq!(network.state().bindings.len(), 4);
    assert_eq!(counted(&network, StreamId::PortControl(DEFAULT_PORT)).beyond_rate, 3);
    // De-associations are requests like all others: what they are about stays.
    network.hosts[0].heard.clear();
    let gone = with_status(Command::Deassociate, 0, vsi(1, mac_vid(1, 20)));
    network.host_sends(0, at, &vdp(2, MANAGER, vec![gone, associate(2)]));
    network.go(MOMENT);
    let kept = NO_ROOM | Status::KEEP;
    let said = answers(&network.hosts[0], at).into_iter().map(|(_, status, _)| status);
    assert_eq!(Vec::from_iter(said), [kept, kept]);
    assert_eq!(network.state().bindings.len(), 4);
    // The other host's channel has a rate of its own, and this one's fills again.
    want(&mut network, (1, 0), Command::Associate, vsi(20, mac_vid(20, 20)));
    assert_eq!(network.state().bindings.len(), 5);
    network.go(Duration::from_secs(1));
    network.hosts[0].heard.clear();
    network.host_sends(0, at, &vdp(3, MANAGER, (5..=7).map(associate).collect()));
    network.go(MOMENT);
    let said = answers(&network.hosts[0], at).into_iter().map(|(_, status, _)| status);
    assert_eq!(Vec::from_iter(said), [DONE, DONE, NO_ROOM]);
}

#[test]
fn a_shared_channel_holds_as_many_vsis_as_it_may_and_an_e_channel_one() {
    for (kind, most) in [(Kind::Shared, 3), (Kind::Extended, 1)] {
        let mut plan = Plan::new([kind; 2]);
        plan.policy.limits.vsis = 3;
        let mut network = Network::ready(plan);
        let port = network.virtual_port(0, 0);
        let at = network.at(0, 0);
        network.host_sends(0, at, &vdp(1, MANAGER, (1..=5).map(associate).collect()));
        network.go(MOMENT);
        let said = answers(&network.hosts[0], at).into_iter().map(|(_, status, _)| status);
        let expected = (1..=5).map(|number| if number <= most { DONE } else { NO_ROOM });
        assert_eq!(Vec::from_iter(said), Vec::from_iter(expected), "{kind:?}");
        assert_eq!(network.state().bindings.len(), most);
        let counted = counted(&network, StreamId::PortControl(port));
        assert_eq!(counted.beyond_vsis, 5 - most as u64);
        // A place that becomes free is another's.
        network.bridge.withdraw(&key(1));
        network.host_sends(0, at, &vdp(2, MANAGER, vec![associate(9)]));
        network.go(MOMENT);
        assert!(network.bridge.vsis().any(|(_, found, _)| *found == key(9)), "{kind:?}");
    }
}

/// The requests that a host's station was acknowledged.
fn acknowledged(network: &Network) -> Vec<u16> {
    let heard = network.hosts[0].heard.iter();
    let headers = heard.filter_map(|(_, octets)| match Message::parse(octets) {
        Ok(Message::Ecp { header, .. }) => Some(header),
        _ => None,
    });
    let of = |header: &ecp::Repr| header.operation == Operation::Acknowledgement;
    headers.filter(of).map(|header| header.sequence).collect()
}

#[test]
fn a_request_whose_answers_find_no_place_is_not_acknowledged_until_they_do() {
    let mut plan = Plan::new([Kind::Shared; 2]);
    plan.policy.limits.answers = 2;
    let mut network = Network::ready(plan);
    let at = network.at(0, 0);
    let request = |sequence: u16| {
        let first = 2 * sequence as u8;
        vdp(1000 + sequence, MANAGER, vec![associate(first), associate(first + 1)])
    };
    // The answers to the first leave at once; those to the second wait behind them; the third has no place.
    for sequence in 1..=3 {
        network.host_sends(0, at, &request(sequence));
        network.go(Duration::from_micros(60));
    }
    network.go(Duration::from_micros(200));
    assert_eq!(acknowledged(&network), [1001, 1002]);
    assert_eq!(network.state().bindings.len(), 4, "what is not acknowledged is not done");
    network.go(MOMENT);
    network.host_sends(0, at, &request(3));
    network.go(MOMENT);
    assert_eq!(acknowledged(&network), [1001, 1002, 1003]);
    assert_eq!(network.state().bindings.len(), 6);
    assert_eq!(answers(&network.hosts[0], at).len(), 6);
}

#[test]
fn silent_vsis_are_withdrawn_counted_and_told() {
    let mut network = Network::ready(Plan::new([Kind::Extended, Kind::Shared]));
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    let bound = network.state();
    let port = network.virtual_port(0, 0);
    let now = network.now;
    // Its station hangs for half a minute: nobody asks it for frames, and it hears none.
    let silent = network.bridge.poll_at();
    assert!(silent.is_some_and(|at| at >= now));
    network.plan.faults.loss = 1.0;
    let faults = network.plan.faults.clone();
    network.links[0].set_faults(faults);
    network.go(Duration::from_secs(40));
    assert_ne!(network.state(), bound);
    assert_eq!(counted(&network, StreamId::PortControl(port)).silent, 1);
    // It comes back, and asks again by itself.
    network.plan.faults.loss = 0.0;
    let faults = network.plan.faults.clone();
    network.links[0].set_faults(faults);
    network.go(Duration::from_secs(30));
    assert_eq!(network.state(), bound);
}
