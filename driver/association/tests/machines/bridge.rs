// SPDX-License-Identifier: MIT
//! The bridge's side, row by row of the contract, with a station that says what it is told.

use std::time::Duration;

use vireo_association::evb::Operating;
use vireo_association::time::Instant;
use vireo_association::vdp::{Bridge, Cause, Hint, Limits};
use vireo_association::wire::vdp::{
    Command, Filter, IdFormat, ManagerId, Refusal, Status, Tlv, Vsi, VsiId,
};

use crate::peer::{Heard, Peer, hear, tlv};
use crate::world::{
    BRIDGE, DEFAULT_VID, MANAGER, OPERATING, Registry, STATION, at, key, mac_vid, vid, vsi, word,
};

use Command::{Associate, Deassociate, PreAssociate, PreAssociateWithReservation};

const KEPT: Status = Status(Status::ACK | Status::KEEP);

/// A bridge and its authority, with a station that acknowledges.
struct Test {
    bridge: Bridge,
    registry: Registry,
    peer: Peer,
    now: Instant,
}

impl Test {
    fn with(limits: Limits) -> Self {
        let bridge = Bridge::new(BRIDGE, OPERATING, limits, 1);
        Self { bridge, registry: Registry::default(), peer: Peer::new(STATION), now: at(0) }
    }

    fn new() -> Self {
        Self::with(Limits::default())
    }

    /// Sends a frame; gives whether it was acknowledged.
    fn send(&mut self, frame: &[u8]) -> bool {
        self.bridge.process(frame, self.now, &mut self.registry);
        let sent = self.bridge.poll(self.now, &mut self.registry);
        sent.is_some_and(
            |sent| matches!(hear(&sent), Heard::Acknowledgement(n) if n == self.peer.sequence),
        )
    }

    /// All that it says until it is done, each request acknowledged.
    fn hear(&mut self) -> Vec<Tlv> {
        let mut heard = Vec::new();
        // A gap passes between two requests, and one more shows that there is none behind it.
        let mut quiet = 0;
        while quiet < 2 {
            quiet += 1;
            while let Some(sent) = self.bridge.poll(self.now, &mut self.registry) {
                if let Heard::Request(sequence, said) = hear(&sent) {
                    assert!(said.manager.is_some());
                    heard.extend(said.tlvs);
                    let frame = self.peer.acknowledge(sequence);
                    self.bridge.process(&frame, self.now, &mut self.registry);
                    quiet = 0;
                }
            }
            self.pass(Duration::from_millis(3));
        }
        heard
    }

    fn ask(&mut self, command: Command, vsi: Vsi) -> (Status, Filter) {
        self.ask_with(command, Status::default(), vsi)
    }

    fn ask_with(&mut self, command: Command, status: Status, vsi: Vsi) -> (Status, Filter) {
        let frame = self.peer.tell(command, status, vsi.clone());
        assert!(self.send(&frame));
        let mut heard = self.hear();
        assert_eq!(heard.len(), 1, "{heard:?}");
        let Some(Tlv::Vsi(said)) = heard.pop() else { panic!("{heard:?}") };
        let asked = (command, vsi.type_id, vsi.type_version, vsi.id);
        assert_eq!((said.command, said.vsi.type_id, said.vsi.type_version, said.vsi.id), asked);
        (said.status, said.vsi.filter)
    }

    /// Sends octets as a PDU; gives the statuses of the answers.
    fn ask_octets(&mut self, octets: &[u8]) -> Vec<u8> {
        let frame = self.peer.say_octets(octets);
        assert!(self.send(&frame));
        let statuses = self.hear().into_iter().map(|tlv| match tlv {
            Tlv::Vsi(tlv) => tlv.status.0,
            Tlv::Malformed { status, .. } => status,
            other => panic!("{other:?}"),
        });
        statuses.collect()
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
    }
}

#[test]
fn association_is_confirmed_with_vid_0_filled_in() {
    let mut test = Test::new();
    assert_eq!(test.ask(Associate, vsi(1, vid(5))), (Status::confirmed(), vid(5)));
    let filled = Filter::Vid(vec![word(DEFAULT_VID), word(7)]);
    let asked = Filter::Vid(vec![word(0), word(7)]);
    assert_eq!(test.ask(Associate, vsi(2, asked)), (Status::confirmed(), filled));
    assert_eq!(test.registry.done.len(), 2);
    assert_eq!(test.bridge.counters().confirmed, 2);
}

#[test]
fn each_refusal_of_the_authority_is_the_answer_and_nothing_is_held() {
    for refusal in [Refusal::Resources, Refusal::Manager, Refusal::Other, Refusal::Entry] {
        let mut test = Test::new();
        test.registry.refuses.insert(key(1), refusal);
        assert_eq!(test.ask(Associate, vsi(1, vid(5))), (Status::refused(refusal), vid(5)));
        assert_eq!(test.bridge.vsis().count(), 0);
        assert_eq!(test.bridge.counters().refused, 1);
    }
}

#[test]
fn same_association_again_is_a_keep_alive_and_the_authority_is_not_asked() {
    let mut test = Test::new();
    test.ask(Associate, vsi(1, vid(0)));
    let confirmed = (Status::confirmed(), vid(DEFAULT_VID));
    // As it was asked for, and as it was filled in.
    assert_eq!(test.ask(Associate, vsi(1, vid(0))), confirmed);
    assert_eq!(test.ask(Associate, vsi(1, vid(DEFAULT_VID))), confirmed);
    assert_eq!((test.registry.asked, test.bridge.counters().keep_alives), (1, 2));
}

#[test]
fn another_filter_replaces_the_filter_and_a_refused_one_changes_nothing() {
    let mut test = Test::new();
    test.ask(Associate, vsi(1, vid(5)));
    assert_eq!(test.ask(Associate, vsi(1, mac_vid(1, 6))).0, Status::confirmed());
    assert_eq!(test.registry.done[&key(1)].1, mac_vid(1, 6));
    test.registry.refuses.insert(key(1), Refusal::Entry);
    let refused = Status(KEPT.0 | 5);
    assert_eq!(test.ask(Associate, vsi(1, vid(7))), (refused, vid(7)));
    assert_eq!(test.registry.done[&key(1)].1, mac_vid(1, 6));
    assert_eq!(test.ask(Associate, vsi(1, mac_vid(1, 6))).0, Status::confirmed());
}

#[test]
fn pre_association_of_an_associated_vsi_is_refused_and_the_association_stays() {
    for command in [PreAssociate, PreAssociateWithReservation] {
        let mut test = Test::new();
        test.ask(Associate, vsi(1, vid(5)));
        assert_eq!(test.ask(command, vsi(1, vid(5))).0, Status(KEPT.0 | 4));
        assert_eq!(test.registry.done[&key(1)].0, Associate);
    }
}

#[test]
fn pre_association_is_carried_on_by_association() {
    let mut test = Test::new();
    for command in [PreAssociate, PreAssociateWithReservation, Associate] {
        assert_eq!(test.ask(command, vsi(1, vid(5))).0, Status::confirmed());
        assert_eq!(test.registry.done[&key(1)].0, command);
    }
    assert_eq!((test.registry.asked, test.bridge.vsis().count()), (3, 1));
}

#[test]
fn hints_reach_the_authority() {
    let mut test = Test::new();
    test.ask_with(Associate, Status(Status::MIGRATE_TO), vsi(1, vid(5)));
    test.ask_with(Associate, Status(Status::MIGRATE_FROM), vsi(2, vid(5)));
    test.ask(Associate, vsi(3, vid(5)));
    assert_eq!(test.registry.hints, [Hint::MigrateTo, Hint::MigrateFrom]);
}

#[test]
fn de_association_ends_a_vsi_once_and_that_of_an_unknown_one_is_confirmed() {
    let mut test = Test::new();
    test.ask(Associate, vsi(1, vid(5)));
    for _ in 0..2 {
        assert_eq!(test.ask(Deassociate, vsi(1, vid(5))), (Status::confirmed(), vid(5)));
    }
    assert_eq!(test.registry.withdrawn, [(key(1), Cause::Deassociated)]);
}

#[test]
fn silent_vsi_is_withdrawn_at_its_time_and_its_station_told() {
    let mut test = Test::new();
    let start = test.now;
    test.ask(Associate, vsi(1, vid(0)));
    let deadline = start + OPERATING.silence();
    assert_eq!(test.bridge.poll_at(), Some(deadline));
    test.now = at(deadline.micros() - 1);
    assert_eq!(test.bridge.poll(test.now, &mut test.registry), None);
    assert_eq!(test.bridge.vsis().count(), 1);
    test.now = deadline;
    let gone = tlv(Deassociate, Status::default(), vsi(1, vid(DEFAULT_VID)));
    assert_eq!(test.hear(), [gone]);
    assert_eq!(test.registry.withdrawn, [(key(1), Cause::Silent)]);
    assert_eq!(test.bridge.counters().silent, 1);
}

#[test]
fn keep_alive_starts_the_time_of_a_vsi_anew() {
    let mut test = Test::new();
    test.ask(Associate, vsi(1, vid(5)));
    for _ in 0..5 {
        test.pass(OPERATING.keep_alive());
        let start = test.now;
        test.ask(Associate, vsi(1, vid(5)));
        assert_eq!(test.bridge.poll_at(), Some(start + OPERATING.silence()));
    }
}

#[test]
fn refusal_is_no_sign_of_life_but_one_for_the_rate_is() {
    let mut test = Test::with(Limits { rate: 0, burst: 3, ..Limits::default() });
    let start = test.now;
    test.ask(Associate, vsi(1, vid(5)));
    test.registry.refuses.insert(key(1), Refusal::Other);
    assert_eq!(test.ask(Associate, vsi(1, vid(6))).0, Status(KEPT.0 | 4));
    let malformed = octets(3, 9, 1, &[0, 1]);
    assert_eq!(test.ask_octets(&malformed), [KEPT.0 | 1]);
    assert_eq!(test.bridge.poll_at(), Some(start + OPERATING.silence()));
    let start = test.now;
    assert_eq!(test.ask(Associate, vsi(1, vid(5))).0, Status(KEPT.0 | 2));
    assert_eq!(test.bridge.poll_at(), Some(start + OPERATING.silence()));
    assert_eq!(test.bridge.counters().beyond_rate, 1);
}

#[test]
fn groups_that_were_not_negotiated_are_refused() {
    let mut test = Test::new();
    let group = Filter::GroupVid(vec![(3, word(5))]);
    test.bridge.set_timing(Operating { groups: false, ..OPERATING });
    assert_eq!(test.ask(Associate, vsi(1, group.clone())).0, Status::refused(Refusal::Entry));
    test.bridge.set_timing(OPERATING);
    assert_eq!(test.ask(Associate, vsi(1, group.clone())).0, Status::confirmed());
    test.bridge.set_timing(Operating { groups: false, ..OPERATING });
    assert_eq!(test.ask(Associate, vsi(1, group)).0, Status::confirmed(), "a keep-alive");
}

#[test]
fn vsis_beyond_the_limit_are_refused_and_those_within_stay() {
    let mut test = Test::with(Limits { vsis: 2, ..Limits::default() });
    assert_eq!(test.ask(Associate, vsi(1, vid(5))).0, Status::confirmed());
    assert_eq!(test.ask(PreAssociate, vsi(2, vid(5))).0, Status::confirmed());
    assert_eq!(test.ask(Associate, vsi(3, vid(5))).0, Status::refused(Refusal::Resources));
    assert_eq!(test.ask(Associate, vsi(1, vid(6))).0, Status::confirmed(), "it is there");
    test.ask(Deassociate, vsi(2, vid(5)));
    assert_eq!(test.ask(Associate, vsi(3, vid(5))).0, Status::confirmed());
    assert_eq!((test.bridge.counters().beyond_vsis, test.registry.asked), (1, 4));
}

#[test]
fn requests_beyond_the_rate_are_refused_until_time_has_passed() {
    let mut test = Test::with(Limits { rate: 10, burst: 2, ..Limits::default() });
    let tlvs = |numbers: [u32; 3]| {
        numbers.map(|number| tlv(Associate, Status::default(), vsi(number, vid(5)))).to_vec()
    };
    let frame = test.peer.say(Some(MANAGER), tlvs([1, 2, 3]));
    test.send(&frame);
    let statuses = |heard: Vec<Tlv>| -> Vec<u8> {
        let status = |tlv| if let Tlv::Vsi(tlv) = tlv { tlv.status.0 } else { panic!("{tlv:?}") };
        heard.into_iter().map(status).collect()
    };
    assert_eq!(statuses(test.hear()), [Status::ACK, Status::ACK, Status::ACK | 2]);
    test.pass(Duration::from_millis(100));
    assert_eq!(test.ask(Associate, vsi(3, vid(5))).0, Status::confirmed());
    assert_eq!((test.bridge.counters().beyond_rate, test.registry.asked), (1, 3));
}

#[test]
fn pdu_whose_answers_find_no_room_is_not_acknowledged_and_comes_again() {
    let mut test = Test::with(Limits { answers: 2, ..Limits::default() });
    let tlvs: Vec<_> = (0..30).map(|n| tlv(Associate, Status::default(), vsi(n, vid(5)))).collect();
    let first = test.peer.say(Some(MANAGER), tlvs.clone());
    assert!(test.send(&first));
    // It has said all answers in one PDU, which nobody acknowledges; these wait.
    assert!(matches!(
        hear(&test.bridge.poll(test.now, &mut test.registry).unwrap()),
        Heard::Request(..)
    ));
    let second = test.peer.say(Some(MANAGER), tlvs[..2].to_vec());
    assert!(test.send(&second));
    let third = test.peer.say(Some(MANAGER), tlvs[2..3].to_vec());
    assert!(!test.send(&third), "no room");
    assert_eq!(test.bridge.ecp_counters().declined, 1);
    // The answers that were not acknowledged are given up in the end, and there is room.
    test.pass(Duration::from_millis(6));
    test.hear();
    assert!(test.send(&third));
    assert_eq!(test.hear().len(), 1);
}

#[test]
fn tlv_of_the_bridges_own_kind_is_not_answered() {
    let mut test = Test::new();
    let frame = test.peer.tell(Associate, Status::confirmed(), vsi(1, vid(5)));
    assert!(test.send(&frame));
    assert_eq!(test.hear(), []);
    assert_eq!((test.bridge.counters().not_requests, test.registry.asked), (1, 0));
}

/// A PDU with a VSI TLV of this type, id 1, filter format, entry count and octets of entries.
fn octets(kind: u8, format: u8, count: u16, entries: &[u8]) -> Vec<u8> {
    let mut octets = vec![5 << 1, 16];
    octets.extend(MANAGER.0);
    octets.extend([kind << 1, 25 + entries.len() as u8, 0, 0, 0, 5, 4, 5]);
    octets.extend(key(1).id.octets);
    octets.push(format);
    octets.extend(count.to_be_bytes());
    octets.extend(entries);
    octets
}

#[test]
fn tlvs_that_are_not_what_they_say_are_refused_with_status_1() {
    let mut test = Test::new();
    for (what, octets) in [
        ("no filter format", octets(3, 0, 1, &[0, 5])),
        ("an unknown filter format", octets(3, 5, 1, &[0, 5])),
        ("an empty filter", octets(3, 1, 0, &[])),
        ("too few entries", octets(3, 1, 2, &[0, 5])),
        ("entries left over", octets(3, 1, 1, &[0, 5, 0, 6])),
        ("octets left over", octets(3, 1, 1, &[0, 5, 0])),
        ("two equal entries", octets(3, 1, 2, &[0, 5, 0, 5])),
        ("more entries than a TLV can hold", octets(3, 1, u16::MAX, &[0, 5])),
    ] {
        assert_eq!(test.ask_octets(&octets), [Status::ACK | 1], "{what}");
    }
    let unknown = VsiId { format: IdFormat::Unknown(6), octets: [1; 16] };
    let unknown = Vsi { id: unknown, ..vsi(1, vid(5)) };
    assert_eq!(test.ask(Associate, unknown).0, Status::refused(Refusal::Format));
    assert_eq!((test.registry.asked, test.bridge.vsis().count()), (0, 0));
    assert_eq!((test.bridge.counters().refused, test.bridge.counters().malformed), (9, 6));
}

#[test]
fn answer_to_a_tlv_that_was_not_understood_holds_its_octets() {
    let mut test = Test::new();
    let asked = octets(3, 5, 7, &[1, 2, 3]);
    let frame = test.peer.say_octets(&asked);
    test.send(&frame);
    let sent = test.bridge.poll(test.now, &mut test.registry).unwrap();
    let mut answer = asked;
    answer[20] = Status::ACK | 1;
    assert_eq!(&sent[18..], answer);
}

#[test]
fn tlv_too_short_for_its_vsi_is_counted_and_those_beside_it_are_answered() {
    let mut test = Test::new();
    let mut octets = octets(3, 1, 1, &[0, 5]);
    let cut = [3 << 1, 4, 0, 0, 0, 5];
    octets.splice(18..18, cut);
    assert_eq!(test.ask_octets(&octets), [Status::ACK]);
    octets.extend([3 << 1, 200, 0]);
    assert_eq!(test.ask_octets(&octets), [Status::ACK]);
    assert_eq!(test.bridge.line_counters().cut, 3);
}

#[test]
fn pdu_without_manager_is_acknowledged_counted_and_not_answered() {
    let mut test = Test::new();
    let frame = test.peer.say(None, vec![tlv(Associate, Status::default(), vsi(1, vid(5)))]);
    assert!(test.send(&frame));
    assert_eq!(test.hear(), []);
    assert_eq!((test.bridge.line_counters().without_manager, test.registry.asked), (1, 0));
}

#[test]
fn unknown_tlvs_are_passed_over_and_frames_that_are_no_ecp_counted() {
    let mut test = Test::new();
    let tlvs = vec![
        Tlv::Unknown { kind: 6, value: b"abc".into() },
        Tlv::Organizational { oui: [0, 0, 12], data: vec![1] },
        tlv(Associate, Status::default(), vsi(1, vid(5))),
    ];
    let frame = test.peer.say(Some(MANAGER), tlvs);
    test.send(&frame);
    assert_eq!(test.hear().len(), 1);
    for cut in 0..18 {
        test.bridge.process(&frame[..cut], test.now, &mut test.registry);
    }
    let counters = test.bridge.line_counters();
    assert_eq!((counters.unknown, counters.malformed), (2, 18));
}

#[test]
fn managers_have_their_own_ids_and_their_own_pdus() {
    let mut test = Test::new();
    let other = ManagerId([7; 16]);
    test.ask(Associate, vsi(1, vid(5)));
    let frame = test.peer.say(Some(other), vec![tlv(Associate, Status::default(), vsi(1, vid(6)))]);
    test.send(&frame);
    assert_eq!(test.hear().len(), 1);
    assert_eq!(test.bridge.vsis().count(), 2);
    let mut test = Test::new();
    for manager in [MANAGER, other] {
        let tlvs = vec![tlv(Associate, Status::default(), vsi(1, vid(5)))];
        let frame = test.peer.say(Some(manager), tlvs);
        test.bridge.process(&frame, test.now, &mut test.registry);
    }
    assert_eq!(test.hear().len(), 2);
    assert_eq!(test.bridge.ecp_counters().requests, 2);
}

#[test]
fn vsi_that_the_bridges_user_withdraws_ends_with_a_farewell_and_without_the_authority() {
    let mut test = Test::new();
    test.ask(Associate, vsi(1, vid(5)));
    assert!(test.bridge.withdraw(&key(1)));
    assert!(!test.bridge.withdraw(&key(1)));
    assert_eq!(test.hear(), [tlv(Deassociate, Status::default(), vsi(1, vid(5)))]);
    assert_eq!(test.registry.withdrawn, []);
}

#[test]
fn restored_vsi_is_kept_alive_without_asking_and_withdrawn_if_its_station_is_gone() {
    let mut test = Test::new();
    for number in [1, 2] {
        let filled = vsi(number, vid(DEFAULT_VID));
        test.registry.done.insert(key(number), (Associate, vid(DEFAULT_VID)));
        test.bridge.restore(MANAGER, Associate, vid(0), filled, test.now);
    }
    test.pass(OPERATING.keep_alive());
    assert_eq!(test.ask(Associate, vsi(1, vid(0))).0, Status::confirmed());
    assert_eq!(test.registry.asked, 0);
    test.now = at(OPERATING.silence().as_micros() as u64);
    assert_eq!(
        test.hear().first(),
        Some(&tlv(Deassociate, Status::default(), vsi(2, vid(DEFAULT_VID))))
    );
    assert_eq!(test.registry.withdrawn[0], (key(2), Cause::Silent));
}
