// SPDX-License-Identifier: MIT
//! The station's side, row by row of the contract, with a bridge that says what it is told.

use std::time::Duration;

use vireo_association::evb::Operating;
use vireo_association::time::Instant;
use vireo_association::vdp::{Hint, Key, Station, StationEvent, WantError};
use vireo_association::wire::vdp::{Command, Filter, ManagerId, Refusal, Status, Tlv, Vsi, VsiTlv};

use crate::peer::{Heard, Peer, hear, tlv};
use crate::world::{
    BRIDGE, DEFAULT_VID, MANAGER, OPERATING, STATION, at, key, mac_vid, vid, vsi, word,
};

use Command::{Associate, Deassociate, PreAssociate};

const GAP: Duration = Duration::from_millis(3);

struct Test {
    station: Station,
    peer: Peer,
    now: Instant,
}

impl Test {
    fn new() -> Self {
        Self { station: Station::new(STATION, OPERATING, 1), peer: Peer::new(BRIDGE), now: at(0) }
    }

    fn want(&mut self, command: Command, vsi: Vsi) {
        self.station.want(MANAGER, command, vsi, None).unwrap();
    }

    /// What the next PDU asks, which is acknowledged. It comes now, or after the gap.
    fn asked(&mut self) -> Vec<VsiTlv> {
        for _ in 0..2 {
            while let Some(sent) = self.station.poll(self.now) {
                if let Heard::Request(sequence, said) = hear(&sent) {
                    self.station.process(&self.peer.acknowledge(sequence), self.now);
                    let tlvs = said.tlvs.into_iter().map(|tlv| match tlv {
                        Tlv::Vsi(tlv) => tlv,
                        other => panic!("{other:?}"),
                    });
                    return tlvs.collect();
                }
            }
            self.now = self.now + GAP;
        }
        Vec::new()
    }

    fn answer(&mut self, command: Command, status: Status, vsi: Vsi) {
        let frame = self.peer.tell(command, status, vsi);
        self.station.process(&frame, self.now);
    }

    fn events(&mut self) -> Vec<StationEvent> {
        std::iter::from_fn(|| self.station.event()).collect()
    }

    /// Has a VSI confirmed.
    fn associate(&mut self, vsi: Vsi) {
        self.want(Associate, vsi.clone());
        assert_eq!(self.asked().len(), 1);
        self.answer(Associate, Status::confirmed(), vsi.clone());
        assert_eq!(self.events(), [confirmed(vsi.clone(), vsi.filter)]);
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
    }
}

fn confirmed(vsi: Vsi, asked: Filter) -> StationEvent {
    StationEvent::Confirmed { manager: MANAGER, command: Associate, vsi, asked }
}

fn request(command: Command, vsi: Vsi) -> VsiTlv {
    VsiTlv { command, status: Status::default(), vsi }
}

#[test]
fn what_is_wanted_is_asked_for_at_once_and_confirmed_once() {
    let mut test = Test::new();
    test.want(Associate, vsi(1, vid(5)));
    assert_eq!(test.asked(), [request(Associate, vsi(1, vid(5)))]);
    for _ in 0..2 {
        test.answer(Associate, Status::confirmed(), vsi(1, vid(5)));
    }
    assert_eq!(test.events(), [confirmed(vsi(1, vid(5)), vid(5))]);
    assert_eq!(test.station.counters().unmatched, 1);
}

#[test]
fn vid_that_the_bridge_filled_in_is_what_is_confirmed_and_kept_alive() {
    let mut test = Test::new();
    test.want(Associate, vsi(1, vid(0)));
    test.asked();
    test.answer(Associate, Status::confirmed(), vsi(1, vid(DEFAULT_VID)));
    assert_eq!(test.events(), [confirmed(vsi(1, vid(DEFAULT_VID)), vid(0))]);
    test.pass(OPERATING.keep_alive());
    assert_eq!(test.asked(), [request(Associate, vsi(1, vid(DEFAULT_VID)))]);
}

#[test]
fn keep_alive_comes_every_period_after_the_last_confirmation() {
    let mut test = Test::new();
    test.associate(vsi(1, vid(5)));
    for round in 1..=5 {
        let due = test.now + OPERATING.keep_alive();
        assert_eq!(
            test.station
                .poll(at(due.micros() - 1))
                .filter(|sent| matches!(hear(sent), Heard::Request(..))),
            None
        );
        assert_eq!(test.station.poll_at(), Some(due));
        test.now = due;
        assert_eq!(test.asked().len(), 1);
        test.answer(Associate, Status::confirmed(), vsi(1, vid(5)));
        assert_eq!(test.station.counters().keep_alives, round);
    }
    assert_eq!(test.events(), []);
}

#[test]
fn each_refusal_ends_what_was_not_confirmed() {
    for code in 1..16 {
        for flags in [0, Status::KEEP, Status::HARD] {
            let mut test = Test::new();
            test.want(Associate, vsi(1, vid(5)));
            test.asked();
            let status = Status(Status::ACK | flags | code);
            test.answer(Associate, status, vsi(1, vid(5)));
            let (manager, command, vsi) = (MANAGER, Associate, vsi(1, vid(5)));
            assert_eq!(test.events(), [StationEvent::Refused { manager, command, vsi, status }]);
            assert_eq!(
                (
                    test.station.vsis().count(),
                    test.station.poll_at().is_some_and(|at| at > test.now)
                ),
                (0, false)
            );
        }
    }
}

#[test]
fn refusal_with_keep_leaves_what_was_confirmed_and_asks_for_that_at_once() {
    let mut test = Test::new();
    test.associate(vsi(1, vid(5)));
    test.want(Associate, vsi(1, vid(6)));
    assert_eq!(test.asked(), [request(Associate, vsi(1, vid(6)))]);
    let status = Status::refused(Refusal::Entry).with_keep();
    test.answer(Associate, status, vsi(1, vid(6)));
    let kept =
        StationEvent::Kept { manager: MANAGER, command: Associate, vsi: vsi(1, vid(6)), status };
    assert_eq!(test.events(), [kept]);
    let (_, state) = test.station.vsis().next().unwrap();
    assert_eq!(state.confirmed, Some((Associate, vid(5))));
    assert_eq!(test.asked(), [request(Associate, vsi(1, vid(5)))]);
    test.answer(Associate, Status::confirmed(), vsi(1, vid(5)));
    assert_eq!(test.events(), []);
    assert_eq!(test.station.counters().keep_alives, 1);
}

#[test]
fn keep_alive_that_is_refused_with_keep_comes_again_after_the_period() {
    let mut test = Test::new();
    test.associate(vsi(1, vid(5)));
    test.pass(OPERATING.keep_alive());
    test.asked();
    test.answer(Associate, Status::refused(Refusal::Resources).with_keep(), vsi(1, vid(5)));
    assert!(matches!(test.events()[..], [StationEvent::Kept { .. }]));
    assert_eq!(test.asked(), []);
    test.pass(OPERATING.keep_alive());
    assert_eq!(test.asked(), [request(Associate, vsi(1, vid(5)))]);
}

#[test]
fn refusal_with_hard_or_neither_ends_what_was_confirmed() {
    for flags in [0, Status::HARD] {
        let mut test = Test::new();
        test.associate(vsi(1, vid(5)));
        test.pass(OPERATING.keep_alive());
        test.asked();
        let status = Status(Status::ACK | flags | 4);
        test.answer(Associate, status, vsi(1, vid(5)));
        assert!(matches!(test.events()[..], [StationEvent::Refused { .. }]));
        assert_eq!(test.station.vsis().count(), 0);
    }
}

#[test]
fn request_that_is_not_answered_is_told_once_and_tried_at_every_period() {
    let mut test = Test::new();
    test.want(Associate, vsi(1, vid(5)));
    assert_eq!(test.asked().len(), 1);
    for round in 1..=3 {
        test.pass(OPERATING.response_time());
        assert_eq!(test.asked(), []);
        let told = test.events();
        assert_eq!(told.len(), usize::from(round == 1), "{told:?}");
        assert_eq!(test.station.counters().unanswered, round);
        test.pass(OPERATING.keep_alive());
        assert_eq!(test.asked().len(), 1);
    }
    test.answer(Associate, Status::confirmed(), vsi(1, vid(5)));
    assert_eq!(test.events(), [confirmed(vsi(1, vid(5)), vid(5))]);
}

#[test]
fn patience_ends_when_the_formula_says() {
    let mut test = Test::new();
    test.want(Associate, vsi(1, vid(5)));
    let asked = test.now;
    test.asked();
    let end = asked + OPERATING.response_time();
    assert_eq!(test.station.poll_at(), Some(end));
    test.station.poll(at(end.micros() - 1));
    assert_eq!(test.events(), []);
    test.station.poll(end);
    assert!(matches!(test.events()[..], [StationEvent::Unanswered { .. }]));
}

#[test]
fn keep_alive_that_was_lost_is_confirmed_anew_and_told() {
    let mut test = Test::new();
    test.associate(vsi(1, vid(5)));
    test.pass(OPERATING.keep_alive());
    test.asked();
    test.pass(OPERATING.response_time());
    test.asked();
    assert!(matches!(test.events()[..], [StationEvent::Unanswered { .. }]));
    test.pass(OPERATING.keep_alive());
    test.asked();
    test.answer(Associate, Status::confirmed(), vsi(1, vid(5)));
    assert_eq!(test.events(), [confirmed(vsi(1, vid(5)), vid(5))]);
}

#[test]
fn vsi_whose_keep_alive_was_lost_survives_a_refusal_with_keep() {
    let mut test = Test::new();
    test.associate(vsi(1, vid(5)));
    test.pass(OPERATING.keep_alive());
    test.asked();
    test.pass(OPERATING.response_time());
    test.asked();
    test.pass(OPERATING.keep_alive());
    test.asked();
    test.events();
    test.answer(Associate, Status::refused(Refusal::Resources).with_keep(), vsi(1, vid(5)));
    assert!(matches!(test.events()[..], [StationEvent::Kept { .. }]));
    assert_eq!(test.station.vsis().count(), 1);
}

#[test]
fn de_association_says_the_filter_that_was_confirmed_and_ends_when_it_is_confirmed() {
    let mut test = Test::new();
    test.want(Associate, vsi(1, vid(0)));
    test.asked();
    let filled = vsi(1, vid(DEFAULT_VID));
    test.answer(Associate, Status::confirmed(), filled.clone());
    test.events();
    assert!(test.station.deassociate(&key(1)));
    assert_eq!(test.asked(), [request(Deassociate, filled.clone())]);
    assert_eq!(test.station.vsis().count(), 1);
    test.answer(Deassociate, Status::confirmed(), filled.clone());
    let removed = StationEvent::Removed { manager: MANAGER, vsi: filled, unsolicited: false };
    assert_eq!(test.events(), [removed]);
    assert!(!test.station.deassociate(&key(1)));
}

#[test]
fn de_association_that_is_unanswered_twice_ends_the_vsi() {
    let mut test = Test::new();
    test.associate(vsi(1, vid(5)));
    test.station.deassociate(&key(1));
    for _ in 0..2 {
        assert_eq!(test.asked(), [request(Deassociate, vsi(1, vid(5)))]);
        assert_eq!(test.events(), []);
        test.pass(OPERATING.response_time());
    }
    assert_eq!(test.asked(), []);
    assert!(matches!(test.events()[..], [StationEvent::Removed { unsolicited: false, .. }]));
}

#[test]
fn unsolicited_de_association_ends_a_vsi_and_that_of_another_type_or_id_does_not() {
    let mut test = Test::new();
    test.associate(vsi(1, vid(5)));
    let other = Vsi { type_id: 6, ..vsi(1, vid(5)) };
    test.answer(Deassociate, Status::default(), other);
    test.answer(Deassociate, Status::default(), vsi(2, vid(5)));
    assert_eq!((test.events(), test.station.counters().unmatched), (vec![], 2));
    test.answer(Deassociate, Status::default(), vsi(1, vid(5)));
    let removed =
        StationEvent::Removed { manager: MANAGER, vsi: vsi(1, vid(5)), unsolicited: true };
    assert_eq!(test.events(), [removed]);
    assert_eq!(test.station.counters().unsolicited, 1);
    test.pass(OPERATING.keep_alive());
    assert_eq!(test.asked(), [], "it is not asked for again");
}

#[test]
fn answers_that_fit_nothing_that_was_asked_are_counted() {
    let mut test = Test::new();
    test.want(Associate, vsi(1, mac_vid(1, 5)));
    test.asked();
    let asked = vsi(1, mac_vid(1, 5));
    for (what, command, answer) in [
        ("another id", Associate, vsi(2, mac_vid(1, 5))),
        ("another type", Associate, Vsi { type_id: 6, ..asked.clone() }),
        ("another version", Associate, Vsi { type_version: 3, ..asked.clone() }),
        ("another command", PreAssociate, asked.clone()),
        ("another address", Associate, vsi(1, mac_vid(2, 5))),
        ("another VID, where it was not 0", Associate, vsi(1, mac_vid(1, 6))),
        ("another format", Associate, vsi(1, vid(5))),
        ("more entries", Associate, vsi(1, Filter::MacVid(vec![]))),
    ] {
        let before = test.station.counters().unmatched;
        test.answer(command, Status::confirmed(), answer);
        assert_eq!(test.station.counters().unmatched, before + 1, "{what}");
    }
    let other = tlv(Associate, Status::confirmed(), asked.clone());
    let frame = test.peer.say(Some(ManagerId([9; 16])), vec![other]);
    test.station.process(&frame, test.now);
    test.answer(Associate, Status::default(), asked.clone());
    assert_eq!((test.station.counters().unmatched, test.events()), (10, vec![]));
    test.answer(Associate, Status::confirmed(), asked);
    assert_eq!(test.events().len(), 1);
}

#[test]
fn refusal_of_a_tlv_that_the_bridge_could_not_read_ends_it_too() {
    let mut test = Test::new();
    test.want(Associate, vsi(1, vid(5)));
    test.asked();
    let mut octets = vec![5 << 1, 16];
    octets.extend(MANAGER.0);
    octets.extend([3 << 1, 23, Status::ACK | 1, 0, 0, 5, 4, 5]);
    octets.extend(key(1).id.octets);
    octets.push(99);
    let frame = test.peer.say_octets(&octets);
    test.station.process(&frame, test.now);
    assert!(matches!(test.events()[..], [StationEvent::Refused { .. }]));
}

#[test]
fn groups_wait_until_both_sides_know_them_and_their_keep_alives_and_farewells_do_not() {
    let mut test = Test::new();
    let group = Filter::GroupVid(vec![(3, word(5))]);
    test.station.set_timing(Operating { groups: false, ..OPERATING });
    test.want(Associate, vsi(1, group.clone()));
    test.want(Associate, vsi(2, vid(5)));
    assert_eq!(test.asked(), [request(Associate, vsi(2, vid(5)))]);
    test.station.set_timing(OPERATING);
    assert_eq!(test.asked(), [request(Associate, vsi(1, group.clone()))]);
    test.answer(Associate, Status::confirmed(), vsi(1, group.clone()));
    test.answer(Associate, Status::confirmed(), vsi(2, vid(5)));
    assert_eq!(test.events().len(), 2);
    test.station.set_timing(Operating { groups: false, ..OPERATING });
    test.pass(OPERATING.keep_alive());
    assert_eq!(test.asked().len(), 2);
    test.station.deassociate(&key(1));
    assert_eq!(test.asked(), [request(Deassociate, vsi(1, group))]);
}

#[test]
fn group_that_waits_for_a_bridge_that_knows_groups_is_told_as_unanswered_once() {
    let mut test = Test::new();
    test.station.set_timing(Operating { groups: false, ..OPERATING });
    test.want(Associate, vsi(1, Filter::GroupVid(vec![(3, word(5))])));
    assert_eq!(test.asked(), []);
    test.pass(OPERATING.response_time());
    assert_eq!(test.asked(), []);
    assert!(matches!(test.events()[..], [StationEvent::Unanswered { .. }]));
    for _ in 0..3 {
        test.pass(OPERATING.keep_alive() + OPERATING.response_time());
        assert_eq!(test.asked(), []);
    }
    assert_eq!(test.events(), []);
}

#[test]
fn hint_is_said_in_the_status_octet() {
    let mut test = Test::new();
    test.station.want(MANAGER, Associate, vsi(1, vid(5)), Some(Hint::MigrateTo)).unwrap();
    test.station.want(MANAGER, Associate, vsi(2, vid(5)), Some(Hint::MigrateFrom)).unwrap();
    let said: Vec<_> = test.asked().iter().map(|tlv| tlv.status.0).collect();
    assert_eq!(said, [Status::MIGRATE_TO, Status::MIGRATE_FROM]);
    test.answer(Associate, Status::confirmed(), vsi(1, vid(5)));
    test.pass(OPERATING.keep_alive());
    assert_eq!(test.asked()[0].status.0, 0, "a keep-alive moves nothing");
    test.station.want(MANAGER, Associate, vsi(1, vid(6)), Some(Hint::MigrateTo)).unwrap();
    assert_eq!(test.asked()[0].status.0, Status::MIGRATE_TO, "another filter is news");
}

#[test]
fn vsis_of_one_manager_share_pdus_up_to_the_mtu_and_those_of_another_wait() {
    let mut test = Test::new();
    for number in 0..50 {
        test.want(Associate, vsi(number, mac_vid(number, 5)));
    }
    let other = ManagerId([9; 16]);
    test.station.want(other, Associate, vsi(50, vid(5)), None).unwrap();
    // 4 octets of ECP, 18 of the manager, 35 for each TLV.
    assert_eq!(test.asked().len(), (1500 - 4 - 18) / 35);
    assert_eq!(test.asked().len(), 50 - 42);
    assert_eq!(test.asked().len(), 1);
}

#[test]
fn long_filters_fill_a_pdu_and_longer_ones_are_refused_before_they_are_sent() {
    let mut test = Test::new();
    let long = |entries: u16| {
        Filter::MacVid(
            (0..entries)
                .flat_map(|n| match mac_vid(n.into(), 5) {
                    Filter::MacVid(entries) => entries,
                    _ => unreachable!(),
                })
                .collect(),
        )
    };
    // 25 octets and 8 for each entry: 60 are 505.
    for number in 0..4 {
        test.want(Associate, vsi(number, long(60)));
    }
    assert_eq!((test.asked().len(), test.asked().len()), (2, 2));
    let error = test.station.want(MANAGER, Associate, vsi(9, long(61)), None).unwrap_err();
    assert_eq!(error, WantError::TooLong { id: key(9).id, found: 513 });
    assert_eq!(test.station.vsis().count(), 4);
}

#[test]
fn what_cannot_be_wanted_changes_nothing() {
    let mut test = Test::new();
    test.associate(vsi(1, vid(5)));
    let id = key(1).id;
    let before = test.station.vsis().next().unwrap().1.clone();
    let mut refused = |command, vsi| test.station.want(MANAGER, command, vsi, None).unwrap_err();
    assert_eq!(refused(Deassociate, vsi(1, vid(5))), WantError::Deassociate);
    assert_eq!(refused(Associate, vsi(1, Filter::Vid(vec![]))), WantError::Empty { id });
    let wide = Vsi { type_id: 1 << 24, ..vsi(1, vid(5)) };
    assert_eq!(refused(Associate, wide), WantError::TypeId { id, found: 1 << 24 });
    assert_eq!(refused(PreAssociate, vsi(1, vid(5))), WantError::Associated { id });
    let other = Vsi { type_version: 9, ..vsi(1, vid(5)) };
    assert_eq!(refused(Associate, other), WantError::Associated { id });
    assert_eq!(test.station.vsis().next().unwrap().1, &before);
}

#[test]
fn vsi_that_comes_back_while_it_leaves_is_told_as_new() {
    let mut test = Test::new();
    test.associate(vsi(1, vid(5)));
    test.station.deassociate(&key(1));
    test.asked();
    test.want(Associate, vsi(1, vid(5)));
    // The farewell's answer comes too late to end it.
    test.answer(Deassociate, Status::confirmed(), vsi(1, vid(5)));
    assert_eq!(test.asked(), [request(Associate, vsi(1, vid(5)))]);
    test.answer(Associate, Status::confirmed(), vsi(1, vid(5)));
    assert_eq!(test.events(), [confirmed(vsi(1, vid(5)), vid(5))]);
}

#[test]
fn whoever_wants_what_is_confirmed_is_told_so_again() {
    let mut test = Test::new();
    test.associate(vsi(1, vid(5)));
    test.associate(vsi(1, vid(5)));
}

#[test]
fn vsi_that_is_wanted_again_and_again_has_one_turn() {
    let mut test = Test::new();
    for turn in 0..1000 {
        test.want(Associate, vsi(1, vid(2 + turn % 7)));
        test.want(Associate, vsi(2, vid(5)));
    }
    let asked = test.asked();
    assert_eq!(
        asked,
        [request(Associate, vsi(1, vid(2 + 999 % 7))), request(Associate, vsi(2, vid(5)))]
    );
    assert_eq!(test.asked(), []);
}

#[test]
fn ids_belong_to_their_manager() {
    let mut test = Test::new();
    test.associate(vsi(1, vid(5)));
    let other = ManagerId([9; 16]);
    test.station.want(other, Associate, vsi(1, vid(6)), None).unwrap();
    assert!(test.station.deassociate(&Key::new(other, key(1).id)));
    assert_eq!(test.station.vsis().filter(|(_, vsi)| vsi.wanted == Associate).count(), 1);
}
