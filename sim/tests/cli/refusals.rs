// SPDX-License-Identifier: MIT
//! Wrong input: exit status 2, a message that names it, and nothing written. What the system refuses: exit status 1.

use std::fs;

use crate::common::{Desk, Done};

/// Runs what must fail: with this status, these texts on stderr, and no trace on the desk.
#[track_caller]
fn check_refused(desk: &Desk, arguments: &str, status: i32, texts: &[&str]) {
    let before = desk.names("");
    let done = desk.vireo(arguments);
    let Done { stdout, stderr, .. } = &done;
    assert_eq!((done.status, &**stdout), (status, ""), "{arguments}: {stderr}");
    for text in texts {
        assert!(stderr.contains(text), "{arguments}: no {text:?} in\n{stderr}");
    }
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(desk.names(""), before, "{arguments}");
}

/// Checks what is said of a wrong configuration: the extender's, with a part of it changed.
#[track_caller]
fn check_wrong_config(from: &str, to: &str, texts: &[&str]) {
    let desk = Desk::new();
    desk.extender();
    let right = fs::read_to_string(desk.path("extender.toml")).unwrap();
    assert!(right.contains(from), "{from}");
    desk.write("wrong.toml", &right.replacen(from, to, 1));
    check_refused(&desk, "run wrong.toml --in vm0=vm0.pcap --out out --wave pins.vcd", 2, texts);
}

#[test]
fn wrong_configuration_names_file_line_and_key() {
    check_wrong_config(
        "channel = 21",
        "channel = 20",
        &[
            "wrong.toml:17:11: port \"vm1\": channel: 20 is already used by port \"vm0\" on link \"up0\" (line 10)",
        ],
    );
    check_wrong_config(
        "channel = 22",
        "chanel = 22",
        &[
            "wrong.toml:23:1: port \"vm2\": chanel: unknown key; did you mean \"channel\"?",
            "port \"vm2\": channel: missing",
        ],
    );
    check_wrong_config(
        "channel = 22",
        "channel = 4096",
        &["wrong.toml:23:11: port \"vm2\": channel:", "1..=4095", "found 4096"],
    );
    check_wrong_config(
        "default_priority = 3",
        "default_priority = 8",
        &["wrong.toml:26:20: port \"vm2\": default_priority: expected 0..=7, found 8"],
    );
    check_wrong_config(
        "role = \"extender\"",
        "role = \"extendr\"",
        &["wrong.toml:1:8: role:", "did you mean \"extender\"?"],
    );
    check_wrong_config(
        "enabled = false",
        "enabled = \"no\"",
        &["wrong.toml:32:11: port \"vm3\": enabled: expected", "\"no\""],
    );
    check_wrong_config(
        "vlan = 0",
        "vlan = 4095",
        &["wrong.toml:12:49: port \"vm0\": bindings[0].vlan: expected 0..=4094, found 4095"],
    );
    check_wrong_config(
        "\"vm0\", \"vm1\"",
        "\"vm0\", \"vm9\"",
        &["wrong.toml:38:19: group \"flood\": members[1]: there is no port \"vm9\""],
    );
    check_wrong_config(
        "tag = \"e-tag\"",
        "tag = \"s-tag\"",
        &["wrong.toml:34:1: group \"flood\"", "s-tag"],
    );
    check_wrong_config(
        "name = \"vm1\"",
        "name = \"../vm1\"",
        &["wrong.toml:15:8: port \"../vm1\": name:"],
    );
    check_wrong_config("[[link]]", "[[link]", &["wrong.toml:4:", "not TOML"]);
}

#[test]
fn all_that_is_wrong_with_a_configuration_is_said_at_once() {
    let desk = Desk::new();
    desk.write(
        "wrong.toml",
        "role = \"bridge\"\ntag = \"x-tag\"\nspeed = 10\n[[link]]\nname = \"a\"\nmax_frame = 1\n",
    );
    let done = desk.vireo("run wrong.toml --out out");
    let places: Vec<_> = done.stderr.lines().map(|line| &line[..13]).collect();
    assert_eq!(places, ["wrong.toml:2:", "wrong.toml:3:", "wrong.toml:6:"], "{}", done.stderr);
    assert_eq!(done.status, 2);
}

#[test]
fn broken_capture_is_named_with_its_packet() {
    let desk = Desk::new();
    desk.extender();
    let whole = fs::read(desk.path("vm2.pcap")).unwrap();
    fs::write(desk.path("cut.pcap"), &whole[..whole.len() - 1]).unwrap();
    fs::write(desk.path("empty.pcap"), "").unwrap();
    fs::write(desk.path("text.pcap"), "to be or not to be").unwrap();
    fs::write(desk.path("header.pcap"), &whole[..20]).unwrap();
    let mut snapped = whole.clone();
    // The original length of the first packet.
    snapped[36] = 200;
    fs::write(desk.path("snapped.pcap"), &snapped).unwrap();
    let mut radio = whole;
    radio[20] = 105;
    fs::write(desk.path("radio.pcap"), radio).unwrap();
    for (file, text) in [
        ("cut.pcap", "packet 2 (at octet 57): cut off: the file ends after 1529 of 1530 octets"),
        ("empty.pcap", "the file is empty"),
        ("text.pcap", "not a capture"),
        ("header.pcap", "cut off"),
        ("snapped.pcap", "packet 1 (at octet 24): only 17 of the frame's 200 octets were captured"),
        ("radio.pcap", "link type 105"),
        ("absent.pcap", "cannot be read: No such file"),
    ] {
        // The right one comes first: all are read before anything is written.
        let arguments = format!(
            "run extender.toml --in vm0=vm0.pcap --in vm2={file} --out out --wave pins.vcd"
        );
        check_refused(&desk, &arguments, 2, &[&format!("{file}: "), text]);
    }
}

#[test]
fn input_by_a_name_that_takes_none_is_refused_by_that_name() {
    let desk = Desk::new();
    desk.extender();
    for (input, text) in [
        ("vm9=vm0.pcap", "--in vm9: the configuration has no port, link or group of this name"),
        ("flood@vm9=vm0.pcap", "--in vm9: the configuration has no such port"),
        ("flood@up0=vm0.pcap", "--in up0: the configuration has no such port"),
        ("vm0@vm1=vm0.pcap", "--in vm0: only a group's frames have a port that they entered by"),
        ("control@flood=vm0.pcap", "--in flood: a group has no control plane"),
        ("control@vm9=vm0.pcap", "--in vm9: the configuration has no port"),
        ("control=vm0.pcap", "--in control: the configuration has no port"),
        ("vm0.pcap", "expected NAME=FILE, GROUP@PORT=FILE or control@NAME=FILE"),
        ("=vm0.pcap", "neither the name nor the file may be empty"),
        ("vm0=", "neither the name nor the file may be empty"),
    ] {
        check_refused(&desk, &format!("run extender.toml --in {input} --out out"), 2, &[text]);
    }
}

#[test]
fn option_out_of_range_or_without_meaning_is_refused() {
    let desk = Desk::new();
    desk.extender();
    for (options, text) in [
        ("--width 96", "a width is 64, 128, 256 or 512 bits"),
        ("--width wide", "a number of bits"),
        ("--stall 1", "a probability is a number from 0 to 0.99"),
        ("--stall=-0.1", "a probability is a number from 0 to 0.99"),
        ("--stall NaN", "a probability is a number from 0 to 0.99"),
        ("--seed=-1", "'--seed <N>'"),
        ("--engine verilog", "[possible values: reference, model, hdl, verilator, lockstep]"),
        ("--engine lockstep --sides model", "two engines, such as model,verilator"),
        ("--engine lockstep --sides model,reference", "invalid variant: reference"),
        (
            "--engine reference --wave pins.vcd",
            "--wave: engine reference has no pins; take engine model",
        ),
        ("--wave out/control.pcap", "--wave out/control.pcap: the run writes its captures"),
        ("--wave ./out/report.json", "name another file"),
        ("--speed 10", "--speed"),
    ] {
        let arguments = format!("run extender.toml --in vm0=vm0.pcap --out out {options}");
        check_refused(&desk, &arguments, 2, &[text]);
    }
    check_refused(&desk, "run extender.toml --in vm0=vm0.pcap", 2, &["--out <DIR>"]);
    check_refused(&desk, "run --out out", 2, &["<CONFIG>"]);
    check_refused(&desk, "walk", 2, &["unrecognized subcommand 'walk'"]);
    check_refused(
        &desk,
        "run absent.toml --out out",
        2,
        &["absent.toml: cannot be read: No such file"],
    );
}

#[test]
fn machine_that_no_compiled_in_hardware_holds_is_refused_with_the_sizes_that_there_are() {
    let desk = Desk::new();
    desk.extender();
    let links: String = (0..5).map(|n| format!("\n[[link]]\nname = \"l{n}\"\n")).collect();
    let config = fs::read_to_string(desk.path("extender.toml")).unwrap();
    desk.write("extender.toml", &(config + &links));
    let arguments = "run extender.toml --in vm0=vm0.pcap --out out --engine hdl --width 64";
    let texts = [
        "--engine hdl: no machine that holds 64 bits, 4 ports",
        "VIREO_SIZE=\"--width 64 --ports 4",
    ];
    check_refused(&desk, arguments, 2, &texts);
}

#[test]
fn verilator_that_is_not_installed_is_told_and_nothing_is_written() {
    let desk = Desk::new();
    desk.extender();
    let arguments = "run extender.toml --in vm0=vm0.pcap --out out --engine verilator --width 64";
    let output = desk.command(arguments).env("PATH", "/nonexistent").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("install Verilator 5.0 or later"), "{said}");
    assert!(!desk.path("out").exists());
}

#[test]
fn folder_where_the_waveform_is_to_be_is_told_before_any_capture_is_written() {
    let desk = Desk::new();
    let arguments = desk.extender();
    fs::create_dir(desk.path("pins.vcd")).unwrap();
    let done = desk.vireo(&format!("run {arguments} --out out --wave pins.vcd"));
    assert_eq!(done.status, 1, "{}", done.stderr);
    assert!(done.stderr.contains("pins.vcd: "), "{}", done.stderr);
    assert_eq!(fs::read_dir(desk.path("out")).unwrap().count(), 0);
}

#[test]
fn file_where_the_out_folder_is_to_be_stays_and_is_named() {
    let desk = Desk::new();
    let arguments = desk.extender();
    desk.write("taken", "mine");
    for out in ["taken", "taken/out"] {
        check_refused(
            &desk,
            &format!("run {arguments} --out {out}"),
            1,
            &[&format!("{out}: cannot be made a folder: "), "--out"],
        );
    }
    assert_eq!(fs::read_to_string(desk.path("taken")).unwrap(), "mine");
}

#[test]
fn folder_in_a_captures_place_is_named_and_nothing_half_written_is_left() {
    for name in ["up0.pcap", "vm2.pcap", "report.json"] {
        let desk = Desk::new();
        let arguments = desk.extender();
        fs::create_dir_all(desk.path("out").join(name)).unwrap();
        check_refused(
            &desk,
            &format!("run {arguments} --out out"),
            1,
            &[&format!("out/{name}: cannot be written: ")],
        );
        let left = desk.names("out");
        assert!(left.iter().all(|name| !name.contains("unfinished")), "{left:?}");
        assert!(desk.path("out").join(name).is_dir());
    }
}
