// SPDX-License-Identifier: MIT
//! What becomes of VSIs, between our own programs and with lldpad at either end.

use vireo_lldpad_tests as tests;
use vireo_lldpad_tests::{Capture, Lldpad, Role, Setup, Side, Vsi, until};

use crate::lab::*;

#[test]
fn vsi_is_associated_listed_at_both_ends_and_deassociated_by_the_station() {
    let lab = Lab::new();
    let (bridge, _station) = (lab.bridge(), lab.station());
    let asked = format!("--id {ID} --filter 0-52:54:00:00:00:01");
    let done = lab.associate(&asked);
    let line = format!("{ID}: ASSOC confirmed: 2-52:54:00:00:00:01\n");
    assert_eq!((done.status, &*done.stdout, &*done.stderr), (0, &*line, ""));
    assert_eq!(lab.listed("s.socket"), [row("link0", ID, "2-52:54:00:00:00:01")]);
    assert_eq!(lab.listed("b.socket"), [row("port0", ID, "2-52:54:00:00:00:01")]);

    // Asked for again it is confirmed again.
    let done = lab.associate(&format!("{asked} --json"));
    assert_eq!(done.status, 0, "{done:?}");
    let filter = r#"{"format":"mac-vid","entries":[{"mac":"52:54:00:00:00:01","vid":2}]}"#;
    let confirmed = format!(r#"{{"outcome":"confirmed","command":"associate","filter":{filter}}}"#);
    assert_eq!(done.json(), confirmed);
    for (socket, channel) in [("s.socket", "link0"), ("b.socket", "port0")] {
        let listed = lab.vireo(&format!("vsi --socket ./{socket} --json"));
        let vsi = format!(r#"{{"type_id":5,"type_version":1,"id":"{ID}","filter":{filter}}}"#);
        let before =
            format!(r#""channel":"{channel}","manager":"{MANAGER}","command":"associate""#);
        let expected = format!(r#"[{{{before},"vsi":{vsi},"state":"confirmed"}}]"#);
        assert_eq!((listed.status, listed.json()), (0, expected));
    }

    let done = lab.vireo(&format!("deassociate --socket ./s.socket --id {ID}"));
    assert_eq!((done.status, &*done.stdout), (0, &*format!("{ID}: gone\n")));
    assert_eq!((lab.listed("s.socket"), lab.listed("b.socket")), (vec![], vec![]));
    let again = lab.vireo(&format!("deassociate --socket ./s.socket --id {ID} --json"));
    again.refused(1, &[ID, "is not here"]);
    assert_eq!((events(&bridge, "associated"), events(&bridge, "withdrawn")), (1, 1));
}

#[test]
fn every_form_of_filter_and_mode_is_confirmed_with_vid_0_filled_in() {
    let lab = Lab::new();
    let (_bridge, _station) = (lab.bridge(), lab.station());
    for (id, asked, given) in [
        ("10.0.0.1", "100,101", "100,101"),
        ("10.0.0.2", "0", "2"),
        (
            "10.0.0.3",
            "0-52:54:00:00:00:03,100-52:54:00:00:00:03",
            "2-52:54:00:00:00:03,100-52:54:00:00:00:03",
        ),
        ("::4", "0--200", "101--200"),
        ("52:54:00:00:00:05", "0-52:54:00:00:00:05-200", "101-52:54:00:00:00:05-200"),
    ] {
        let done = lab.associate(&format!("--id {id} --filter {asked}"));
        let line = format!("{id}: ASSOC confirmed: {given}\n");
        assert_eq!((done.status, &*done.stdout), (0, &*line), "{done:?}");
    }
    for (mode, command) in
        [("pre-associate", "PREASSOC"), ("reserve", "PREASSOC-RR"), ("associate", "ASSOC")]
    {
        let done = lab.associate(&format!("--id {ID} --filter 150 --mode {mode}"));
        assert_eq!((done.status, done.stdout), (0, format!("{ID}: {command} confirmed: 150\n")));
    }
    assert_eq!(lab.listed("b.socket").len(), 6);
    for (filter, text) in [
        ("2-52:54:00:00:00", "expected VID, VID-MAC"),
        ("4096", "4096"),
        ("2,3-52:54:00:00:00:01", "--filter"),
        ("2-", "expected VID, VID-MAC"),
    ] {
        lab.associate(&format!("--id {ID} --filter {filter}")).refused(2, &[text]);
    }
}

#[test]
fn refusal_exits_1_with_the_reason() {
    let lab = Lab::new();
    let (_bridge, _station) = (lab.bridge(), lab.station());
    let done = lab.associate(&format!("--id {ID} --filter 9"));
    let line = format!("{ID}: ASSOC refused: bad VID, group or MAC (status 0x45)\n");
    assert_eq!((done.status, &*done.stdout, &*done.stderr), (1, &*line, ""));
    let done = lab.associate(&format!("--id {ID} --filter 9 --json"));
    let refused = r#"{"outcome":"refused","command":"associate","reason":"badVID,grouporMAC","status":69,"kept":false}"#;
    assert_eq!((done.status, &*done.json()), (1, refused));
    assert_eq!(lab.listed("s.socket"), Vec::<[String; 4]>::new());

    let done = lab.associate(&format!("--id {ID} --filter 2 --channel port9"));
    done.refused(1, &["channel port9: expected one of link0"]);
    let done = lab.vireo(&format!("associate --socket ./b.socket --id {ID} --type 5 --filter 2"));
    done.refused(1, &["give a station's --socket"]);
}

#[test]
fn bridge_that_is_not_there_is_unanswered_and_the_vsi_comes_when_it_is() {
    let lab = Lab::new();
    let _station = lab.station();
    let done = lab.associate(&format!("--id {ID} --filter 2"));
    assert_eq!((done.status, &*done.stderr), (1, ""));
    assert!(done.stdout.starts_with(&format!("{ID}: ASSOC unanswered: ")), "{}", done.stdout);
    assert_eq!(lab.listed("s.socket")[0][2], "unanswered");
    let done = lab.associate("--id 10.0.0.2 --filter 2--200 --json");
    let unanswered = r#"{"outcome":"unanswered","command":"associate"}"#;
    assert_eq!((done.status, &*done.json()), (1, unanswered));
    let _bridge = lab.bridge();
    until("the bridge that came is asked again", || lab.listed("b.socket").len() == 2);
}

#[test]
fn vsi_that_the_bridges_administrator_ends_goes_from_the_station() {
    let lab = Lab::new();
    let (bridge, _station) = (lab.bridge(), lab.station());
    assert_eq!(lab.associate(&format!("--id {ID} --filter 2")).status, 0);
    let done = lab.vireo(&format!("deassociate --socket ./b.socket --id {ID} --json"));
    assert_eq!((done.status, &*done.json()), (0, r#"{"outcome":"removed"}"#));
    until("the station's VSI goes", || lab.listed("s.socket").is_empty());
    assert!(bridge.printed().contains("by the administrator"), "{}", bridge.printed());
    let done = lab.vireo(&format!("deassociate --socket ./b.socket --id {ID}"));
    done.refused(1, &["is not here"]);
}

#[test]
fn hints_are_said_to_the_bridge() {
    let lab = Lab::new();
    let (_bridge, _station) = (lab.bridge(), lab.station());
    let capture = Capture::start(&lab.cable);
    for (id, hint, status) in [("10.0.0.1", "to", 0x10), ("10.0.0.2", "from", 0x20)] {
        assert_eq!(lab.associate(&format!("--id {id} --filter 2 --hint {hint}")).status, 0);
        // Behind EtherType and ECP: the manager's TLV of 18 octets, a VSI TLV's two, its status.
        until("the hint is on the cable", || {
            let said = ecp(&capture.frames());
            said.iter().any(|(from, octets)| *from == Side::Station && octets[26] == status)
        });
    }
}

#[test]
fn vireos_bridge_serves_lldpads_station() {
    let lab = Lab::new();
    let bridge = lab.bridge();
    let mut station = Lldpad::start(&lab.cable.station, Setup::new(Role::Station));
    station.ready();
    let vsi = Vsi { type_version: 1, ..Vsi::fresh(&["0-52:54:00:00:00:01"]) };
    let answer = station.request(tests::Command::Associate, &vsi);
    let filters = station.find(&vsi).map(|listed| listed.filters);
    assert_eq!(filters, Some(vec!["2-52:54:00:00:00:01".into()]), "{answer}");
    assert_eq!(lab.listed("b.socket"), [row("port0", &vsi.uuid, "2-52:54:00:00:00:01")]);
    // lldpad knows it by its filter, as it was filled in.
    let filled_in = Vsi { filters: vec!["2-52:54:00:00:00:01".into()], ..vsi };
    station.request(tests::Command::Deassociate, &filled_in);
    until("the bridge lets it go", || lab.listed("b.socket").is_empty());
    assert!(bridge.printed().contains("de-associated"), "{}", bridge.printed());
}

#[test]
fn vireos_station_is_served_by_lldpads_bridge() {
    let lab = Lab::new();
    let mut bridge = Lldpad::start(&lab.cable.bridge, Setup::new(Role::Bridge));
    let _station = lab.station();
    bridge.ready();
    let done = lab.associate(&format!("--id {ID} --filter 2-52:54:00:00:00:01"));
    assert_eq!(done.stdout, format!("{ID}: ASSOC confirmed: 2-52:54:00:00:00:01\n"), "{done:?}");
    let done = lab.vireo(&format!("deassociate --socket ./s.socket --id {ID}"));
    assert_eq!((done.status, done.stdout), (0, format!("{ID}: gone\n")));
}

#[test]
fn pre_associations_are_listed_and_what_is_counted_can_be_asked_for_at_both_ends() {
    let lab = Lab::new();
    let (_bridge, _station) = (lab.bridge(), lab.station());
    assert_eq!(lab.associate(&format!("--id {ID} --filter 2 --mode pre-associate")).status, 0);
    assert_eq!(lab.associate("--id 10.0.0.2 --filter 3").status, 1);
    assert_eq!(lab.listed("b.socket"), [row("port0", ID, "2")]);
    for socket in ["b.socket", "s.socket"] {
        let counted = lab.vireo(&format!("vsi --counters --socket ./{socket}"));
        let expected = format!("{:<12}  {:<5}  {:<16}  1", "link0", "vdp", "refused");
        assert!(counted.stdout.lines().any(|line| line == expected), "{counted:?}");
        assert!(!counted.stdout.lines().any(|line| line.ends_with(" 0")), "{counted:?}");
        let counted = lab.vireo(&format!("vsi --counters --json --socket ./{socket}"));
        assert!(counted.json().contains(r#""vdp":{"#), "{counted:?}");
        assert!(counted.json().contains(r#""confirmed":1,"#), "{counted:?}");
    }
    let counted = lab.vireo("vsi --counters --socket ./b.socket");
    assert!(counted.stdout.contains("controller    all    refused"), "{counted:?}");
}
