// SPDX-License-Identifier: MIT
//! Programs that are killed or terminated, and what they remember.

use std::fs;

use nix::sys::signal::Signal;
use vireo_lldpad_tests::{Capture, Captured, Side, until};

use crate::lab::*;

#[test]
fn bridge_and_station_that_were_killed_go_on_where_they_were() {
    let lab = Lab::new();
    let (mut bridge, mut station) = (lab.bridge(), lab.station());
    assert_eq!(lab.associate(&format!("--id {ID} --filter 0-52:54:00:00:00:01")).status, 0);
    let expected = row("port0", ID, "2-52:54:00:00:00:01");
    lab.remembered("b.json", ID);
    bridge.signal(Signal::SIGKILL);
    until("the bridge is dead", || bridge.ended().is_some());
    let capture = Capture::start(&lab.cable);
    let bridge = lab.bridge();
    assert_eq!(lab.listed("b.socket"), std::slice::from_ref(&expected));
    // A keep-alive that is confirmed: no new association.
    let answered = |since: usize| {
        let said = ecp(&capture.frames());
        said.iter().skip(since).any(|(from, octets)| *from == Side::Bridge && octets[26] == 0x40)
    };
    until("a keep-alive is confirmed", || answered(0));
    assert_eq!(bridge.printed(), "");

    station.signal(Signal::SIGKILL);
    until("the station is dead", || station.ended().is_some());
    let before = ecp(&capture.frames()).len();
    let _station = lab.station();
    until("the station asks as before", || answered(before));
    until("and knows it", || lab.listed("s.socket") == [row("link0", ID, "2-52:54:00:00:00:01")]);
    assert_eq!((lab.listed("b.socket"), bridge.printed()), (vec![expected], String::new()));
}

#[test]
fn terminated_programs_say_farewell_and_take_their_sockets_away() {
    let lab = Lab::new();
    let programs =
        [(Side::Bridge, lab.bridge(), "b.socket"), (Side::Station, lab.station(), "s.socket")];
    let capture = Capture::start(&lab.cable);
    for (side, mut program, socket) in programs {
        program.signal(Signal::SIGTERM);
        until("it ends", || program.ended().is_some());
        assert_eq!(program.ended().and_then(|status| status.code()), Some(0));
        assert!(!lab.path(socket).exists());
        // LLDP whose third TLV, TTL, is 0: both ids before it are MAC addresses.
        let farewell = |said: &Captured| {
            said.from == side
                && said.frame[12..14] == [0x88, 0xcc]
                && said.frame[32..36] == [6, 2, 0, 0]
        };
        until("it says farewell", || capture.frames().iter().any(farewell));
    }
}

#[test]
fn state_that_was_cut_off_is_refused_and_stays_as_it_is() {
    let lab = Lab::new();
    for (file, arguments) in
        [("b.json", lab.bridge_arguments("")), ("s.json", lab.station_arguments(""))]
    {
        lab.write(file, "{ \"vsis\": [ {");
        lab.vireo(&arguments).refused(2, &[&format!("{file}: "), "remove it to start without"]);
        assert_eq!(fs::read_to_string(lab.path(file)).expect("it is there"), "{ \"vsis\": [ {");
    }
}

#[test]
fn state_that_cannot_be_written_is_told_once_and_written_when_it_can_be() {
    let lab = Lab::new();
    let folder = lab.path("away");
    fs::create_dir(&folder).expect("make a folder");
    let away = |arguments: String| arguments.replace("--state ./", "--state ./away/");
    let bridge = lab.start(&lab.cable.bridge, &away(lab.bridge_arguments("")));
    let station = lab.start(&lab.cable.station, &away(lab.station_arguments("")));
    fs::remove_dir_all(&folder).expect("take the folder away");
    for (id, vlan) in [("10.0.0.1", 2), ("10.0.0.2", 100)] {
        assert_eq!(lab.associate(&format!("--id {id} --filter {vlan}")).status, 0);
    }
    for (program, file) in [(&bridge, "away/b.json"), (&station, "away/s.json")] {
        until("it says so", || program.printed().contains(file));
        assert_eq!(program.printed().matches(file).count(), 1, "{}", program.printed());
    }
    fs::create_dir(&folder).expect("bring it back");
    lab.remembered("away/b.json", "10.0.0.2");
    lab.remembered("away/s.json", "10.0.0.2");
}
