// SPDX-License-Identifier: MIT
//! Two runs, one cable: what one end sends on its link goes into a machine configured for the other end.

use crate::common::{Desk, vlan_tag};
use crate::desk::{behind, padded, tagged, untagged};

const FAMILIES: [&str; 3] = ["e-tag", "vn-tag", "s-tag"];

/// One end of the cable: ports vm0, vm1 and vm2, and where the tag has groups the group `flood` of them.
fn end(role: &str, tag: &str) -> String {
    let mut text = format!("role = {role:?}\ntag = {tag:?}\n[[link]]\nname = \"cable\"\n");
    for (port, channel) in [("vm0", 1), ("vm1", 0x7ff), ("vm2", 4094)] {
        text += &format!(
            "[[port]]\nname = {port:?}\nlink = \"cable\"\nchannel = {channel}\ncheck_source = false\n"
        );
        if tag == "e-tag" {
            text += "extension = 200\n";
        }
    }
    if tag != "s-tag" {
        text += "[[group]]\nname = \"flood\"\nlink = \"cable\"\nchannel = 0x1001\nmembers = [\"vm0\", \"vm1\", \"vm2\"]\n";
    }
    text
}

fn ends(tag: &str) -> Desk {
    let desk = Desk::new();
    desk.write("extender.toml", &end("extender", tag));
    desk.write("bridge.toml", &end("bridge", tag));
    for (port, source) in [("vm0", 1), ("vm1", 2), ("vm2", 3)] {
        desk.capture(&format!("{port}.pcap"), &traffic(source));
    }
    desk
}

/// Short, long, with and without VLAN tags.
fn traffic(source: u8) -> Vec<Vec<u8>> {
    let q_in_q = behind(&vlan_tag(0x9100, 1, 1, 5), &tagged(source, 6, 7));
    let mut frames = vec![tagged(source, 5, 101), q_in_q];
    frames.extend([0, 30, 46, 47, 1500, 9202].map(|payload| untagged(source, payload)));
    frames
}

#[track_caller]
fn check(desk: &Desk, out: &str, port: &str, expected: Vec<Vec<u8>>) {
    let expected: Vec<_> = expected.into_iter().map(padded).collect();
    assert_eq!(desk.frames(&format!("{out}/{port}.pcap")), expected, "{port}");
}

#[test]
fn what_ports_of_an_extender_send_comes_out_at_the_virtual_ports_unchanged() {
    for tag in FAMILIES {
        let desk = ends(tag);
        desk.run("extender.toml --in vm0=vm0.pcap --in vm1=vm1.pcap --in vm2=vm2.pcap --out up --width 128");
        assert_eq!(desk.names("up"), ["cable.pcap", "report.json"], "{tag}");
        desk.run("bridge.toml --in cable=up/cable.pcap --out there --width 256 --stall 0.2");
        let names = ["report.json", "vm0.pcap", "vm1.pcap", "vm2.pcap"];
        assert_eq!(desk.names("there"), names, "{tag}");
        for (port, source) in [("vm0", 1), ("vm1", 2), ("vm2", 3)] {
            check(&desk, "there", port, traffic(source));
        }
    }
}

#[test]
fn what_virtual_ports_of_a_bridge_send_comes_out_at_the_ports_unchanged() {
    for tag in FAMILIES {
        let desk = ends(tag);
        desk.run("bridge.toml --in vm0=vm0.pcap --in vm1=vm1.pcap --in vm2=vm2.pcap --out down --width 64");
        desk.run("extender.toml --in cable=down/cable.pcap --out there --engine reference");
        for (port, source) in [("vm0", 1), ("vm1", 2), ("vm2", 3)] {
            check(&desk, "there", port, traffic(source));
        }
    }
}

#[test]
fn flooded_frame_reaches_every_member_but_the_port_that_it_came_from() {
    for tag in ["e-tag", "vn-tag"] {
        let desk = ends(tag);
        desk.run("bridge.toml --in flood@vm1=vm1.pcap --out down");
        desk.run("extender.toml --in cable=down/cable.pcap --out there");
        assert_eq!(desk.names("there"), ["report.json", "vm0.pcap", "vm2.pcap"], "{tag}");
        desk.run("bridge.toml --in flood=vm1.pcap --out down");
        desk.run("extender.toml --in cable=down/cable.pcap --out all");
        for (out, port) in
            [("there", "vm0"), ("there", "vm2"), ("all", "vm0"), ("all", "vm1"), ("all", "vm2")]
        {
            check(&desk, out, port, traffic(2));
        }
    }
}
