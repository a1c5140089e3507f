// SPDX-License-Identifier: MIT
//! The harness itself: lldpad as station and lldpad as bridge associate over the cable, and nothing outlives a test.

use std::panic::catch_unwind;
use std::path::Path;
use std::thread;

use vireo_association::carrier::PacketSocket;
use vireo_lldpad_tests::{
    Cable, Capture, Command, INTERFACE, Lldpad, Namespace, Program, Role, STATION_MAC, Setup, Side,
    Vsi, installed, until,
};

/// lldpad at both ends of a cable, each ready. The order is that of dropping.
struct Pair {
    station: Lldpad,
    bridge: Lldpad,
    cable: Cable,
}

impl Pair {
    fn new() -> Self {
        let cable = Cable::new();
        let mut station = Lldpad::start(&cable.station, Setup::new(Role::Station));
        let mut bridge = Lldpad::start(&cable.bridge, Setup::new(Role::Bridge));
        station.ready();
        bridge.ready();
        Self { station, bridge, cable }
    }
}

#[test]
fn lldpad_associates_with_lldpad_in_every_filter_format() {
    let pair = Pair::new();
    for filters in [
        ["2", "3"],
        ["2-52:54:00:00:00:01", "3-52:54:00:00:00:02"],
        ["2--200", "3--201"],
        ["2-52:54:00:00:00:01-200", "3-52:54:00:00:00:02-201"],
    ] {
        let vsi = Vsi::fresh(&filters);
        let answer = pair.station.request(Command::Associate, &vsi);
        assert!(answer.starts_with("Response from VDP"), "{filters:?}: {answer}");
        let listed = pair.station.find(&vsi).expect("what was confirmed is listed");
        assert_eq!((listed.mode.as_str(), listed.hints), ("assoc", 0));
        let answer = pair.station.request(Command::Deassociate, &vsi);
        assert!(answer.starts_with("Response from VDP"), "{filters:?}: {answer}");
        assert_eq!(pair.station.find(&vsi), None);
    }
}

#[test]
fn capture_shows_who_sent_what() {
    const ECP: [u8; 2] = [0x89, 0x40];
    let pair = Pair::new();
    let capture = Capture::start(&pair.cable);
    pair.station.request(Command::Associate, &Vsi::fresh(&["2-52:54:00:00:00:01"]));
    let ecp = || {
        let frames = capture.frames().into_iter().filter(|captured| captured.frame[12..14] == ECP);
        // ECP's operation: 0 for a request, 1 for its acknowledgement.
        frames.map(|captured| (captured.from, captured.frame[14] >> 2 & 3)).collect::<Vec<_>>()
    };
    until("four ECP frames have passed", || ecp().len() >= 4);
    let exchange = [(Side::Station, 0), (Side::Bridge, 1), (Side::Bridge, 0), (Side::Station, 1)];
    assert_eq!(ecp()[..4], exchange);
}

#[test]
fn frames_that_wait_at_both_ends_are_told_in_the_order_of_their_sending() {
    const ROUNDS: u8 = 200;
    let cable = Cable::new();
    let open = || PacketSocket::open_all(INTERFACE).expect("open the cable's end");
    let ends = [(Side::Station, cable.station.run(open)), (Side::Bridge, cable.bridge.run(open))];
    let capture = Capture::start(&cable);
    let mut sent = Vec::new();
    for round in 0..ROUNDS {
        let mut frame = [0xff; 60];
        // EtherType: for local experiments.
        frame[12..15].copy_from_slice(&[0x88, 0xb5, round]);
        for turn in [round % 2, 1 - round % 2] {
            let (side, socket) = &ends[usize::from(turn)];
            socket.send(&frame).expect("the cable takes a frame");
            sent.push((*side, round));
        }
    }
    let heard = || {
        let frames = capture.frames().into_iter();
        let frames = frames.filter(|captured| captured.frame[12..14] == [0x88, 0xb5]);
        frames.map(|captured| (captured.from, captured.frame[14])).collect::<Vec<_>>()
    };
    until("all have passed", || heard().len() == sent.len());
    assert_eq!(heard(), sent);
}

#[test]
fn stopped_station_says_farewell_by_lldp() {
    const LLDP: [u8; 2] = [0x88, 0xcc];
    /// The TLV that says how long what LLDP says holds: not at all.
    const TTL_0: [u8; 4] = [0x06, 0x02, 0, 0];
    let pair = Pair::new();
    let capture = Capture::start(&pair.cable);
    pair.station.stop();
    until("the farewell has passed", || {
        capture.frames().iter().any(|captured| {
            captured.from == Side::Station
                && captured.frame[12..14] == LLDP
                && captured.frame.windows(4).any(|octets| octets == TTL_0)
        })
    });
    drop(pair.bridge);
}

#[test]
fn panicking_test_leaves_no_process_behind() {
    let namespace = Namespace::new();
    let inside = namespace.clone();
    let id = catch_unwind(move || {
        let sleeper = Program::start(&inside, &installed("sleep", "coreutils"), ["600"]);
        std::panic::panic_any(sleeper.id());
    })
    .expect_err("it panics");
    let id = id.downcast_ref::<u32>().expect("the program's id");
    assert!(!Path::new(&format!("/proc/{id}")).exists(), "process {id} is still there");
}

#[test]
fn program_ends_with_the_thread_that_started_it() {
    let namespace = Namespace::new();
    let inside = namespace.clone();
    let start = move || {
        let sleeper = Program::start(&inside, &installed("sleep", "coreutils"), ["600"]);
        // It is nsenter, then setpriv, then sleep; only then will it be killed.
        until("it sleeps", || command_line(sleeper.id()).starts_with("/usr/bin/sleep"));
        sleeper
    };
    let mut orphan = thread::spawn(start).join().expect("it does not panic");
    until("it is killed", || orphan.ended().is_some());
}

fn command_line(id: u32) -> String {
    std::fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default()
}

#[test]
fn what_runs_in_a_namespace_sees_its_interfaces_alone() {
    let cable = Cable::new();
    let address = |namespace: &Namespace| {
        let ip = installed("ip", "iproute2");
        let output = namespace.command(&ip).args(["link", "show", INTERFACE]).output();
        String::from_utf8(output.expect("start ip").stdout).expect("ip prints text")
    };
    assert!(address(&cable.station).contains(STATION_MAC));
    assert!(!address(&cable.bridge).contains(STATION_MAC));
    assert_eq!(address(&Namespace::new()), "");
}
