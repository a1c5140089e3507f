// SPDX-License-Identifier: MIT
//! `vireo scenario` as a user plays it: engines agree, and what is wrong with a file is said before anything is written.

use std::path::Path;

use serde_json::Value;

use crate::common::{Desk, frame, mac, vlan_tag};

/// The SAN scenario of the repository.
fn san() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/san/scenario.toml").display().to_string()
}

fn outcome(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn adapters_on_two_fabrics_send_by_the_addresses_that_they_were_given_on_every_engine() {
    let desk = Desk::new();
    let runs = [
        "model,reference,verilator --width 64",
        "model,reference,hdl --width 512",
        "model,reference --width 128",
        "model,reference --width 256",
    ];
    for run in runs {
        let done = desk.vireo(&format!("scenario {} --out out --json --engine {run}", san()));
        assert_eq!((done.status, &*done.stderr), (0, ""), "{run}: {}", done.stdout);
        let outcome = outcome(&done.stdout);
        assert_eq!(outcome["disagreements"], Value::Array(vec![]), "{run}");
        let engines = outcome["engines"].as_array().unwrap();
        assert_eq!(engines.len(), run.split(' ').next().unwrap().split(',').count(), "{run}");
        for engine in engines {
            for (port, link) in [("hba_a", "up_a"), ("hba_b", "up_b")] {
                let port = &engine["report"]["ports"][port];
                // Of 16 frames, those from the fabric's address before it was bound and after it was taken back.
                assert_eq!(port["in_frames"], 16, "{run}: {port}");
                assert_eq!(port["drops"]["SOURCE_UNBOUND"], 2, "{run}: {port}");
                assert_eq!(port["out_frames"], 14, "{run}: {port}");
                assert_eq!(engine["report"]["links"][link]["out_frames"], 14, "{run}");
            }
            assert_eq!(engine["steps"].as_array().unwrap().len(), 4);
        }
        // Priority 3 stands in the E-TAG of the longest frame.
        let out = desk.path("out/model/up_a.pcap");
        let frames = vireo_sim::capture::read(out).unwrap();
        let longest = frames.iter().max_by_key(|frame| frame.octets.len()).unwrap();
        assert_eq!(longest.octets.len(), 2240 + 8, "{run}");
        assert_eq!(&longest.octets[12..14], [0x89, 0x3F], "{run}");
        assert_eq!(longest.octets[14] >> 5, 3, "{run}");
    }
}

const BRIDGE: &str = r#"role = "bridge"
tag = "e-tag"
[[link]]
name = "down0"
[[link]]
name = "down1"
[[port]]
name = "vm0"
link = "down0"
channel = 20
bindings = [{ mac = "52:54:00:00:00:01", vlan = 101 }]
"#;

/// Frames for a virtual port, and from it by one link or the other.
fn lay_out(desk: &Desk) {
    desk.write("bridge.toml", BRIDGE);
    let tag = vlan_tag(0x8100, 0, 0, 101);
    let plain = frame(mac(9), mac(1), &[&tag], 0x0800, &[7; 46]);
    let tagged = |channel: u8| {
        let etag = [0x89, 0x3F, 0, 0, 0, channel, 0, 0];
        frame(mac(9), mac(1), &[&etag, &tag], 0x0800, &[7; 46])
    };
    desk.capture("net.pcap", &vec![plain; 30]);
    desk.capture("old.pcap", &vec![tagged(20); 10]);
    desk.capture("new.pcap", &vec![tagged(30); 20]);
}

#[test]
fn port_that_moves_loses_no_frame_and_its_old_place_leads_nowhere_afterwards() {
    let desk = Desk::new();
    lay_out(&desk);
    // Frames are a microsecond apart. The old link's last frame comes 3 us after the move begins; one more comes too late.
    desk.capture(
        "late.pcap",
        &[frame(mac(9), mac(1), &[&[0x89, 0x3F, 0, 0, 0, 20, 0, 0]], 0x0800, &[7; 46])],
    );
    desk.write(
        "scenario.toml",
        r#"machine = "bridge.toml"
        send = [
            { into = "vm0", file = "net.pcap" },
            { into = "down0", file = "old.pcap" },
            { into = "down1", file = "new.pcap", us = 10.5 },
            { into = "down0", file = "late.pcap", us = 35 },
        ]
        [[at]]
        us = 6.25
        move = { port = "vm0", link = "down1", channel = 30, drain_us = 8 }
        "#,
    );
    let done = desk.vireo(
        "scenario scenario.toml --out out --json --engine model,reference,verilator --width 64",
    );
    assert_eq!((done.status, &*done.stderr), (0, ""), "{}", done.stdout);
    let outcome = outcome(&done.stdout);
    for engine in outcome["engines"].as_array().unwrap() {
        let report = &engine["report"];
        assert_eq!(report["ports"]["vm0"]["out_frames"], 30, "{engine}");
        let links = &report["links"];
        assert_eq!(links["down0"]["out_frames"], 7, "{engine}");
        assert_eq!(links["down1"]["out_frames"], 23, "{engine}");
        assert_eq!(links["down0"]["drops"]["CHANNEL_MISS"], 1, "{engine}");
    }
}

#[test]
fn frame_that_races_a_step_is_a_disagreement_with_the_engine_that_has_no_time() {
    let desk = Desk::new();
    lay_out(&desk);
    // 200 frames at once take a few microseconds to enter; without time they have all entered before the step.
    let one = frame(mac(9), mac(1), &[&vlan_tag(0x8100, 0, 0, 101)], 0x0800, &[7; 1400]);
    let octets: Vec<u8> = {
        let word = |value: usize| (value as u32).to_le_bytes();
        let mut file = [0xa1b2_c3d4, 4 << 16 | 2, 0, 0, 0xffff, 1].map(word).concat();
        for _ in 0..200 {
            file.extend([0, 0, one.len(), one.len()].map(word).concat());
            file.extend(&one);
        }
        file
    };
    std::fs::write(desk.path("burst.pcap"), octets).unwrap();
    desk.write(
        "scenario.toml",
        "machine = \"bridge.toml\"\nsend = [{ into = \"vm0\", file = \"burst.pcap\" }]\n\
         [[at]]\nus = 5\ndisable = \"vm0\"\n",
    );
    let done = desk.vireo("scenario scenario.toml --out out --engine model,reference --width 64");
    assert_eq!(done.status, 1, "{}", done.stdout);
    assert!(done.stdout.contains("reference differs from model in report"), "{}", done.stdout);
    assert!(done.stdout.contains("reference differs from model in down0.pcap"), "{}", done.stdout);
}

#[test]
fn what_is_wrong_with_a_scenario_is_said_with_its_place_and_nothing_is_written() {
    let desk = Desk::new();
    lay_out(&desk);
    let head = "machine = \"bridge.toml\"\n";
    for (text, said) in [
        ("[[at]]\nus = 1\nenable = \"vm7\"", ":4:10: the machine has no port \"vm7\""),
        ("[[at]]\nus = 1\nenable = \"vm0\"\ndisable = \"vm0\"", ":2:1: an [[at]] does one thing"),
        ("[[at]]\nus = 1", "an [[at]] does one thing"),
        ("[[at]]\nus = -1\nenable = \"vm0\"", ":3:6: a time is 0 to 1e9 microseconds, not -1"),
        ("[[at]]\nus = 1\nexplode = \"vm0\"", "unknown field `explode`"),
        (
            "[[at]]\nus = 1\nbind = { port = \"vm0\", mac = \"01:00:5e:00:00:01\", vlan = 1 }",
            "group's address",
        ),
        ("[[at]]\nus = 1\nbind = { port = \"vm0\", vlan = 4095 }", "a VLAN is 0 to 4094, not 4095"),
        (
            "[[at]]\nus = 1\nmove = { port = \"vm0\", link = \"down9\", channel = 2, drain_us = 1 }",
            "no link \"down9\"",
        ),
        (
            "[[at]]\nus = 1\nmove = { port = \"vm0\", link = \"down1\", channel = 70000, drain_us = 1 }",
            "scenario.toml:4:",
        ),
        ("[[at]]\nus = 1\njoin = { group = \"none\", port = \"vm0\" }", "no group \"none\""),
        ("[[send]]\ninto = \"vm9\"\nfile = \"net.pcap\"", "vm9: the configuration has no port"),
        ("[[send]]\ninto = \"vm0\"\nfile = \"absent.pcap\"", "absent.pcap"),
        ("[[send]]\ninto = \"vm0\"", "missing field `file`"),
        ("machine = \"other.toml\"", "scenario.toml:2:"),
    ] {
        desk.write("scenario.toml", &format!("{head}{text}\n"));
        let done = desk.vireo("scenario scenario.toml --out out");
        assert_eq!(done.status, 2, "{text}: {}", done.stderr);
        assert!(done.stderr.contains(said), "{text}: {}", done.stderr);
        assert!(!desk.path("out").exists(), "{text}");
    }
    desk.write("scenario.toml", "machine = \"absent.toml\"\n");
    let done = desk.vireo("scenario scenario.toml --out out");
    assert_eq!(done.status, 2);
    assert!(done.stderr.contains("absent.toml: cannot be read"), "{}", done.stderr);
    assert_eq!(desk.vireo("scenario none.toml --out out").status, 2);
    desk.write("scenario.toml", head);
    for engine in ["lockstep", "model,model"] {
        let done = desk.vireo(&format!("scenario scenario.toml --out out --engine {engine}"));
        assert_eq!(done.status, 2, "{engine}: {}", done.stderr);
        assert!(!desk.path("out").exists(), "{engine}");
    }
}
