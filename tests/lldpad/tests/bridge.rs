// SPDX-License-Identifier: MIT
//! Vireo's bridge serves lldpad's station.

use vireo_association::vdp::{Authority, Cause, Hint, Key, Request};
use vireo_association::wire::vdp::{Command as Asked, Filter, Refusal};
use vireo_lldpad_tests::{
    Cable, Command, Governed, Listed, Lldpad, Peer, Role, Setup, Timers, Vsi, until,
};
use vireo_spec::ether::VlanId;

/// The end of vdptool's text when nobody answered.
const NO_ANSWER: &str = "Internal Error : Ack not received from bridge";

/// Who decides in these tests.
#[derive(Debug, Default)]
struct Policy {
    /// Whatever is asked for is refused for this.
    refuses: Option<Refusal>,
    /// What was granted, in order.
    granted: Vec<(Asked, Key, Option<Hint>)>,
    /// What was undone, in order.
    withdrawn: Vec<(Key, Cause)>,
}

/// Where VID 0 leads.
const DEFAULT_VID: u16 = 42;

impl Authority for Policy {
    fn decide(&mut self, request: &Request<'_>) -> Result<Filter, Refusal> {
        if let Some(refusal) = self.refuses {
            return Err(refusal);
        }
        let mut filter = request.vsi.filter.clone();
        for (index, entry) in request.vsi.filter.entries().enumerate() {
            if entry.word.vid.get() == 0 {
                filter.set_vid(index, VlanId::new(DEFAULT_VID).expect("42 is a VID"));
            }
        }
        self.granted.push((request.command, request.key(), request.hint));
        Ok(filter)
    }

    fn withdraw(&mut self, key: &Key, cause: Cause) {
        self.withdrawn.push((*key, cause));
    }
}

/// lldpad as station, ready, and Vireo's bridge. The order is that of dropping.
struct Pair {
    station: Lldpad,
    bridge: Peer<Governed<Policy>>,
    cable: Cable,
}

impl Pair {
    fn new() -> Self {
        let cable = Cable::new();
        let bridge = Peer::bridge(&cable.bridge, Timers::FAST, Policy::default());
        let mut station = Lldpad::start(&cable.station, Setup::new(Role::Station));
        station.ready();
        Self { station, bridge, cable }
    }

    /// Has a fresh VSI associated, which is confirmed.
    fn associated(&self, filters: &[&str]) -> Vsi {
        let vsi = Vsi::fresh(filters);
        let answer = self.station.request(Command::Associate, &vsi);
        let listed = self.listed(&vsi).unwrap_or_else(|| panic!("{filters:?}: {answer}"));
        assert_eq!((listed.mode.as_str(), listed.hints), ("assoc", 0), "{filters:?}: {answer}");
        vsi
    }

    fn listed(&self, vsi: &Vsi) -> Option<Listed> {
        self.station.find(vsi)
    }

    /// The VSIs that the bridge holds: what was asked for, which, and its filter's entries.
    fn held(&self) -> Vec<(Asked, String, usize)> {
        let seen = |governed: &mut Governed<Policy>| {
            let held = governed.bridge.vsis();
            held.map(|(key, held)| (held.command, key.id.to_string(), held.vsi.filter.len()))
                .collect()
        };
        self.bridge.with(seen)
    }

    fn keep_alives(&self) -> u64 {
        self.bridge.with(|governed| governed.bridge.counters().keep_alives)
    }

    fn withdrawn(&self) -> Vec<(String, Cause)> {
        let named = |(key, cause): &(Key, Cause)| (key.id.to_string(), *cause);
        self.bridge.with(|governed| governed.authority.withdrawn.iter().map(named).collect())
    }
}

#[test]
fn every_filter_format_is_associated_and_deassociated() {
    let pair = Pair::new();
    pair.bridge.know_groups();
    for filters in [
        &["2"][..],
        &["2", "3", "4094"],
        &["2-52:54:00:00:00:01"],
        &["2-52:54:00:00:00:01", "3-52:54:00:00:00:02"],
        &["2--200", "3--201"],
        &["2-52:54:00:00:00:01-200", "3-52:54:00:00:00:02-201"],
    ] {
        let vsi = pair.associated(filters);
        assert_eq!(pair.held(), [(Asked::Associate, vsi.uuid.clone(), filters.len())]);
        let answer = pair.station.request(Command::Deassociate, &vsi);
        assert!(!answer.contains("Error") && !answer.contains("FAILED"), "{filters:?}: {answer}");
        assert_eq!((pair.listed(&vsi), pair.held()), (None, vec![]), "{filters:?}");
        assert_eq!(pair.withdrawn().last(), Some(&(vsi.uuid, Cause::Deassociated)));
    }
}

#[test]
fn preassociation_reservation_and_association_follow_one_another() {
    let pair = Pair::new();
    let vsi = Vsi::fresh(&["2-52:54:00:00:00:01"]);
    for (command, asked) in [
        (Command::PreAssociate, Asked::PreAssociate),
        (Command::PreAssociateWithReservation, Asked::PreAssociateWithReservation),
        (Command::Associate, Asked::Associate),
    ] {
        let answer = pair.station.request(command, &vsi);
        let listed = pair.listed(&vsi).expect("what was confirmed is listed");
        assert_eq!((listed.mode.as_str(), listed.hints), (command.word(), 0), "{answer}");
        assert_eq!(pair.held(), [(asked, vsi.uuid.clone(), 1)]);
    }
    assert_eq!(pair.withdrawn(), [], "nothing was taken away on the way");
}

#[test]
fn keep_alives_hold_for_three_periods_and_the_authority_is_asked_once() {
    let pair = Pair::new();
    let vsi = pair.associated(&["2-52:54:00:00:00:01"]);
    until("three keep-alives have come", || pair.keep_alives() >= 3);
    assert_eq!(pair.held(), [(Asked::Associate, vsi.uuid.clone(), 1)]);
    assert_eq!(pair.listed(&vsi).expect("it is listed").hints, 0);
    assert_eq!(pair.bridge.with(|governed| governed.authority.granted.len()), 1);
}

#[test]
fn vid_0_is_filled_in_and_kept_alive_as_such() {
    let pair = Pair::new();
    let vsi = pair.associated(&["0-52:54:00:00:00:01", "3-52:54:00:00:00:02"]);
    let filled = ["42-52:54:00:00:00:01", "3-52:54:00:00:00:02"];
    let mut filters = pair.listed(&vsi).expect("it is listed").filters;
    assert_eq!(filters, filled);
    until("three keep-alives have come", || pair.keep_alives() >= 3);
    filters = pair.listed(&vsi).expect("it is listed").filters;
    assert_eq!(filters, filled);
}

#[test]
fn each_refusal_reaches_whoever_asked() {
    let pair = Pair::new();
    for (refusal, text) in [
        (Refusal::Format, "Error returned by Bridge: VDP TLV Format is Invalid"),
        (Refusal::Resources, "Error returned by Bridge: Insufficient resources at bridge"),
        (Refusal::Manager, "Error returned by Bridge: Unable to contact VSI Mgr"),
        (Refusal::Other, "Error returned by Bridge: Other Failures"),
        (Refusal::Entry, "Error returned by Bridge: Invalid VID, GroupID or MAC address field"),
    ] {
        pair.bridge.with(|governed| governed.authority.refuses = Some(refusal));
        let vsi = Vsi::fresh(&["2-52:54:00:00:00:01"]);
        let answer = pair.station.request(Command::Associate, &vsi);
        assert!(answer.contains(text), "{refusal:?}: {answer}");
        assert_eq!((pair.listed(&vsi), pair.held()), (None, vec![]), "{refusal:?}");
    }
}

/// lldpad takes a response's KEEP for the end of its keep-alive, and ends the VSI itself.
#[test]
fn preassociation_that_a_refusal_keeps_is_deassociated_by_lldpad() {
    let pair = Pair::new();
    let vsi = Vsi::fresh(&["2-52:54:00:00:00:01"]);
    let answer = pair.station.request(Command::PreAssociate, &vsi);
    assert!(pair.listed(&vsi).is_some(), "{answer}");
    pair.bridge.with(|governed| governed.authority.refuses = Some(Refusal::Entry));
    let answer = pair.station.request(Command::Associate, &vsi);
    assert!(answer.contains("Internal Error : Keepalive Timeout"), "{answer}");
    assert_eq!(pair.listed(&vsi), None);
    until("the bridge holds it no more", || pair.held().is_empty());
    assert_eq!(pair.withdrawn(), [(vsi.uuid, Cause::Deassociated)]);
}

#[test]
fn hints_of_a_migration_reach_the_authority() {
    let pair = Pair::new();
    for (hints, hint) in [("to", Hint::MigrateTo), ("from", Hint::MigrateFrom)] {
        let vsi = Vsi { hints, ..Vsi::fresh(&["2-52:54:00:00:00:01"]) };
        let answer = pair.station.request(Command::Associate, &vsi);
        assert!(pair.listed(&vsi).is_some(), "{answer}");
        let granted = pair.bridge.with(|governed| governed.authority.granted.last().copied());
        let (_, key, told) = granted.expect("it was granted");
        assert_eq!((key.id.to_string(), told), (vsi.uuid, Some(hint)));
    }
}

#[test]
fn silent_bridge_is_told_as_such() {
    let pair = Pair::new();
    drop(pair.bridge);
    let answer = pair.station.request(Command::Associate, &Vsi::fresh(&["2-52:54:00:00:00:01"]));
    assert!(answer.contains(NO_ANSWER), "{answer}");
    drop(pair.cable);
}

#[test]
fn deassociation_that_nobody_asked_for_removes_the_vsi_from_its_station() {
    let pair = Pair::new();
    let [gone, stays] = [pair.associated(&["2"]), pair.associated(&["3"])];
    let ended = pair.bridge.with(|Governed { bridge, .. }| {
        let key = bridge.vsis().map(|(key, _)| *key).find(|key| key.id.to_string() == gone.uuid);
        bridge.withdraw(&key.expect("the bridge holds it"))
    });
    assert!(ended);
    until("the station knows", || pair.listed(&gone).is_none());
    assert!(pair.listed(&stays).is_some());
    assert_eq!(pair.held(), [(Asked::Associate, stays.uuid, 1)]);
}

#[test]
fn station_that_is_silent_loses_its_vsis() {
    let pair = Pair::new();
    let vsi = pair.associated(&["2-52:54:00:00:00:01"]);
    let Pair { station, bridge, cable } = pair;
    // Killed, it says nothing more.
    drop(station);
    let withdrawn = || {
        bridge.with(|Governed { bridge, authority }| {
            (bridge.vsis().count(), authority.withdrawn.clone())
        })
    };
    until("the bridge has noticed", || withdrawn().0 == 0);
    let [(key, cause)] = withdrawn().1[..] else { panic!("not one: {:?}", withdrawn()) };
    assert_eq!((key.id.to_string(), cause), (vsi.uuid, Cause::Silent));
    drop(cable);
}

#[test]
fn bridge_that_has_restarted_learns_its_vsis_from_keep_alives() {
    let pair = Pair::new();
    let vsi = pair.associated(&["2-52:54:00:00:00:01"]);
    let Pair { station, bridge, cable } = pair;
    drop(bridge);
    let bridge = Peer::bridge(&cable.bridge, Timers::FAST, Policy::default());
    let pair = Pair { station, bridge, cable };
    until("the bridge holds it again", || pair.held() == [(Asked::Associate, vsi.uuid.clone(), 1)]);
    until("two keep-alives have come", || pair.keep_alives() >= 2);
    assert_eq!(pair.listed(&vsi).expect("it is listed").hints, 0);
}

#[test]
fn station_that_has_restarted_is_served_again() {
    let Pair { station, bridge, cable } = Pair::new();
    station.stop();
    let mut station = Lldpad::start(&cable.station, Setup::new(Role::Station));
    station.ready();
    let pair = Pair { station, bridge, cable };
    let vsi = pair.associated(&["2-52:54:00:00:00:01"]);
    assert_eq!(pair.held(), [(Asked::Associate, vsi.uuid, 1)]);
}
