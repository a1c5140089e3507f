// SPDX-License-Identifier: MIT
//! Input that does not fit, and clients that misbehave.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use vireo_lldpad_tests::{INTERFACE, installed};

use crate::lab::*;

#[test]
fn what_is_wrong_with_a_policy_is_told_by_its_place() {
    let lab = Lab::new();
    for (from, to, texts) in [
        ("vlans = [2", "vlan = [2", &[":8:1: ", "vlan"][..]),
        (
            "name = \"link0\"",
            "name = \"link9\"",
            &[":2:8: ", "link9", "expected a link of the machine: link0"],
        ),
        ("\"port0\"", "\"port9\"", &[":3:16: ", "port9", "expected a port of link \"link0\""]),
        ("[100, 199]", "[100, 4095]", &[":8:9: ", "VLAN 4095: expected 1 to 4094"]),
        ("[100, 199]", "[199, 100]", &[":8:9: ", "199"]),
        ("default_vlan = 2", "default_vlan = 3", &[":9:16: ", "VLAN 3"]),
        ("id = 5", "id = 16777216", &[":7:6: ", "at most 16777215"]),
        ("[[type]]", "[[type]", &[":5:"]),
    ] {
        assert!(POLICY.contains(from), "{from}");
        lab.write("policy.toml", &POLICY.replacen(from, to, 1));
        let done = lab.vireo(&lab.bridge_arguments(""));
        done.refused(2, &[&["policy.toml", texts[0]].concat()]);
        done.refused(2, &texts[1..]);
    }
}

#[test]
fn input_that_does_not_fit_is_refused_by_name() {
    let lab = Lab::new();
    lab.write("host.toml", HOST);
    let without = |text: &str| text.replace(&format!("--interface {INTERFACE}"), "");
    let station = lab.station_arguments("");
    let elsewhere = format!("{} --interface", without(&station));
    for (arguments, status, texts) in [
        (format!("{elsewhere} nothere0"), 1, &["nothere0", "ip link"][..]),
        (format!("{elsewhere} {INTERFACE}=up9"), 2, &["up9", "link0"]),
        (format!("{station} --interface {INTERFACE}"), 2, &["link0", "once"]),
        (without(&station), 2, &["--interface"]),
        (
            lab.bridge_arguments("--machine ./host.toml"),
            2,
            &["host.toml", "role: expected \"bridge\", found \"extender\""],
        ),
        (
            lab.station_arguments("--machine ./host.toml --default-port vm9"),
            2,
            &["--default-port vm9", "vm0, vm1"],
        ),
        (lab.station_arguments("--rte 32"), 2, &["--rte"]),
        (station.replace("./s.socket", "./policy.toml"), 2, &["policy.toml", "no socket"]),
        ("vsi --socket ./none.socket".into(), 1, &["none.socket", "--socket"]),
    ] {
        lab.vireo(&arguments).refused(status, texts);
    }
    assert_eq!(fs::read_to_string(lab.path("policy.toml")).expect("it stays"), POLICY);
    let _station = lab.station();
    lab.vireo(&station).refused(1, &["s.socket", "another vireo listens there"]);
}

#[test]
fn missing_capability_is_told_with_what_gives_it() {
    let lab = Lab::new();
    let mut command = lab.cable.station.command(&installed("setpriv", "util-linux"));
    command.args(["--bounding-set=-net_raw", "--inh-caps=-net_raw", VIREO]);
    command.args(lab.arguments(&lab.station_arguments("")));
    finish(command).refused(1, &[INTERFACE, "CAP_NET_RAW", "setcap cap_net_raw+ep"]);
    assert!(!lab.path("s.socket").exists());
}

#[test]
fn clients_that_say_nothing_nonsense_or_too_much_stop_nobody() {
    let lab = Lab::new();
    let (_bridge, _station) = (lab.bridge(), lab.station());
    for socket in ["s.socket", "b.socket"] {
        let connect = || UnixStream::connect(lab.path(socket)).expect("connect");
        // More than it serves at once.
        let _silent: Vec<_> = (0..80).map(|_| connect()).collect();
        for said in
            [&b"hello\n"[..], b"{\"associate\":{}}\n", b"\xff\xfe\n", b"{", b"[[[[[[[[[[[[\n"]
        {
            let mut client = connect();
            client.write_all(said).expect("say it");
            client.shutdown(std::net::Shutdown::Write).expect("say no more");
            let mut answer = String::new();
            client.read_to_string(&mut answer).expect("it is answered");
            assert!(answer.starts_with(r#"{"outcome":"failed","reason":""#), "{answer}");
        }
        let mut client = connect();
        let long = vec![b'['; 1 << 20];
        // It is let go on the way.
        let _ = client.write_all(&long);
        assert_eq!(lab.listed(socket), Vec::<[String; 4]>::new());
    }
    assert_eq!(lab.associate(&format!("--id {ID} --filter 2")).status, 0);
}
