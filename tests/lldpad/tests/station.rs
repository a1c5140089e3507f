// SPDX-License-Identifier: MIT
//! Vireo's station is served by lldpad's bridge, which confirms whatever it understands.

use vireo_association::vdp::{Key, Station, StationEvent};
use vireo_association::wire::vdp::{
    Command, Entry, Filter, IdFormat, ManagerId, Refusal, VidWord, Vsi, VsiId,
};
use vireo_lldpad_tests::{Cable, Lldpad, Peer, Role, Setup, Timers, until};
use vireo_spec::ether::{MacAddr, VlanId};

const MANAGER: ManagerId = ManagerId([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/// Vireo's station, and lldpad as bridge, ready. The order is that of dropping.
struct Pair {
    station: Peer<Station>,
    bridge: Lldpad,
    cable: Cable,
}

impl Pair {
    fn new() -> Self {
        let cable = Cable::new();
        let station = Peer::station(&cable.station, Timers::FAST);
        let mut bridge = Lldpad::start(&cable.bridge, Setup::new(Role::Bridge));
        bridge.ready();
        Self { station, bridge, cable }
    }

    fn want(&self, command: Command, vsi: &Vsi) {
        let wanted = self.station.with(|station| station.want(MANAGER, command, vsi.clone(), None));
        wanted.expect("it can be asked for");
    }

    fn event(&self) -> StationEvent {
        next_event(&self.station)
    }

    fn keep_alives(&self) -> u64 {
        self.station.with(|station| station.counters().keep_alives)
    }
}

/// The next event, which comes.
fn next_event(station: &Peer<Station>) -> StationEvent {
    let mut event = None;
    until("the station tells something", || {
        event = station.with(Station::event);
        event.is_some()
    });
    event.expect("it was waited for")
}

/// A VSI that lldpad has not heard of, with entries of one form on VLANs 2 and 3.
fn fresh(mac: Option<MacAddr>, group: Option<u32>) -> Vsi {
    let entry = |vid| {
        let word = VidWord::new(VlanId::new(vid).expect("a small VID"));
        Entry { group, mac, word }
    };
    let filter = Filter::from_entries([2, 3].map(entry)).expect("entries of one form");
    // lldpad refuses a UUID that begins with zeros.
    let id = VsiId::uuid((fastrand::u128(..) | 1 << 127).to_be_bytes());
    Vsi { type_id: 5, type_version: 4, id, filter }
}

const MAC: Option<MacAddr> = Some(MacAddr([0x52, 0x54, 0, 0, 0, 1]));

/// The event that says that a VSI was confirmed as it was asked for.
fn confirmed(command: Command, vsi: &Vsi) -> StationEvent {
    let (vsi, asked) = (vsi.clone(), vsi.filter.clone());
    StationEvent::Confirmed { manager: MANAGER, command, vsi, asked }
}

fn removed(vsi: &Vsi) -> StationEvent {
    StationEvent::Removed { manager: MANAGER, vsi: vsi.clone(), unsolicited: false }
}

#[test]
fn every_filter_format_is_associated_and_deassociated() {
    let pair = Pair::new();
    pair.station.know_groups();
    for (mac, group) in [(None, None), (MAC, None), (None, Some(200)), (MAC, Some(200))] {
        let vsi = fresh(mac, group);
        pair.want(Command::Associate, &vsi);
        assert_eq!(pair.event(), confirmed(Command::Associate, &vsi));
        assert!(pair.station.with(|station| station.deassociate(&Key::new(MANAGER, vsi.id))));
        assert_eq!(pair.event(), removed(&vsi));
        assert_eq!(pair.station.with(|station| station.vsis().count()), 0);
    }
}

#[test]
fn preassociation_reservation_and_association_follow_one_another() {
    let pair = Pair::new();
    let vsi = fresh(MAC, None);
    for command in [Command::PreAssociate, Command::PreAssociateWithReservation, Command::Associate]
    {
        pair.want(command, &vsi);
        assert_eq!(pair.event(), confirmed(command, &vsi));
    }
}

#[test]
fn keep_alives_hold_for_three_periods() {
    let pair = Pair::new();
    let vsi = fresh(MAC, None);
    pair.want(Command::Associate, &vsi);
    assert_eq!(pair.event(), confirmed(Command::Associate, &vsi));
    until("three keep-alives were confirmed", || pair.keep_alives() >= 3);
    assert_eq!(pair.station.with(Station::event), None, "nothing else has become of it");
    let counters = pair.station.with(|station| *station.counters());
    assert_eq!((counters.unanswered, counters.unsolicited, counters.unmatched), (0, 0, 0));
}

#[test]
fn vsis_that_are_wanted_at_once_share_requests_and_are_all_confirmed() {
    const VSIS: usize = 60;
    let pair = Pair::new();
    let vsis: Vec<_> = (0..VSIS).map(|_| fresh(MAC, None)).collect();
    pair.station.with(|station| {
        for vsi in &vsis {
            let wanted = station.want(MANAGER, Command::Associate, vsi.clone(), None);
            wanted.expect("it can be asked for");
        }
    });
    let mut open: Vec<_> = vsis.iter().map(|vsi| confirmed(Command::Associate, vsi)).collect();
    while !open.is_empty() {
        let event = pair.event();
        let place = open.iter().position(|expected| *expected == event);
        open.swap_remove(place.unwrap_or_else(|| panic!("not expected: {event:?}")));
    }
    let requests = pair.station.with(|station| station.ecp_counters().requests);
    assert!(requests < VSIS as u64, "{requests} requests for {VSIS} VSIs");
}

#[test]
fn refusal_reaches_whoever_asked() {
    let pair = Pair::new();
    let mut vsi = fresh(MAC, None);
    // lldpad knows no such format.
    vsi.id.format = IdFormat::Unknown(6);
    pair.want(Command::Associate, &vsi);
    let event = pair.event();
    let StationEvent::Refused { vsi: refused, status, .. } = &event else { panic!("{event:?}") };
    assert_eq!((refused, status.error()), (&vsi, Some(Refusal::Resources)));
    assert_eq!(pair.station.with(|station| station.vsis().count()), 0);
}

#[test]
fn silent_bridge_is_told_and_serves_again_when_it_is_back() {
    let pair = Pair::new();
    let vsi = fresh(MAC, None);
    pair.want(Command::Associate, &vsi);
    assert_eq!(pair.event(), confirmed(Command::Associate, &vsi));
    // lldpad counts its requests from 1, again when it is back: its first is the same as its last.
    let Pair { station, bridge, cable } = pair;
    bridge.stop();
    let (manager, command) = (MANAGER, Command::Associate);
    let unanswered = StationEvent::Unanswered { manager, command, vsi: vsi.clone() };
    assert_eq!(next_event(&station), unanswered);
    let _bridge = Lldpad::start(&cable.bridge, Setup::new(Role::Bridge));
    assert_eq!(next_event(&station), confirmed(Command::Associate, &vsi));
}
