// SPDX-License-Identifier: MIT
//! The demonstration, as a person starts it: `vireo` with no argument, and what it prints and leaves.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use vireo_sim::capture;
use vireo_sim::config::Config;

/// Guests: name, host, and for those that were recorded also address; VLANs (0: untagged).
const GUESTS: [(&str, &str, u8, &[u16]); 9] = [
    ("vm0", "host-a", 0x01, &[101]),
    ("spoofer", "host-a", 0x03, &[101]),
    ("mgmt", "host-a", 0x10, &[10]),
    ("dmz", "host-a", 0x11, &[20]),
    ("db", "host-a", 0x12, &[30]),
    ("other", "host-a", 0x13, &[0]),
    ("vm1", "host-b", 0x02, &[101]),
    ("forger", "host-b", 0x04, &[101]),
    ("net", "host-b", 0x20, &[0, 10, 20, 30]),
];
const MACHINES: [&str; 3] = ["host-a", "bridge", "host-b"];

struct Demo {
    output: Output,
    directory: TempDir,
}

impl Demo {
    fn run() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let output = vireo(directory.path(), &[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { output, directory }
    }

    fn folder(&self) -> PathBuf {
        self.directory.path().join("vireo-demo")
    }

    fn text(&self) -> &str {
        str::from_utf8(&self.output.stdout).unwrap()
    }

    /// The frames of a capture in the folder.
    fn frames(&self, name: &str) -> Vec<Vec<u8>> {
        octets(&self.folder().join(name))
    }

    /// What a guest got.
    fn got(&self, guest: &str) -> Vec<Vec<u8>> {
        let (_, host, ..) = GUESTS.iter().find(|(name, ..)| *name == guest).unwrap();
        self.frames(&format!("{host}/{guest}.pcap"))
    }

    fn report(&self) -> Value {
        serde_json::from_slice(&fs::read(self.folder().join("report.json")).unwrap()).unwrap()
    }
}

fn vireo(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vireo"));
    command.args(arguments).current_dir(directory).output().unwrap()
}

fn octets(path: &Path) -> Vec<Vec<u8>> {
    capture::read(path).unwrap().into_iter().map(|frame| frame.octets).collect()
}

/// A recording, padded as a MAC does.
fn recorded(guest: &str) -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("captures/{guest}.pcap"));
    let mut frames = octets(&path);
    frames.iter_mut().for_each(|frame| frame.resize(frame.len().max(60), 0));
    frames
}

fn address(last: u8) -> [u8; 6] {
    [0x52, 0x54, 0, 0, 0, last]
}

/// The VLAN of a host's frame, 0 if it has none.
fn vlan(frame: &[u8]) -> u16 {
    let tci = u16::from_be_bytes([frame[14], frame[15]]);
    if frame[12..14] == [0x81, 0x00] { tci & 0xFFF } else { 0 }
}

fn is_group(frame: &[u8]) -> bool {
    frame[0] & 1 == 1
}

/// Frames of one sender, in order.
fn from(frames: Vec<Vec<u8>>, source: [u8; 6]) -> impl Iterator<Item = Vec<u8>> {
    frames.into_iter().filter(move |frame| frame[6..12] == source)
}

/// All files below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn every_guest_gets_what_its_partners_sent_once_and_in_order() {
    let demo = Demo::run();
    let mut delivered = 0;
    for (sender, _, source, vlans) in GUESTS {
        if ["spoofer", "forger"].contains(&sender) {
            continue;
        }
        for (receiver, _, destination, others) in GUESTS {
            if sender == receiver {
                continue;
            }
            let is_for_it = |frame: &Vec<u8>| {
                let shared = vlans.contains(&vlan(frame)) && others.contains(&vlan(frame));
                shared && (is_group(frame) || frame[..6] == address(destination))
            };
            let expected: Vec<_> = recorded(sender).into_iter().filter(is_for_it).collect();
            let found: Vec<_> = from(demo.got(receiver), address(source)).collect();
            assert!(
                found == expected,
                "{sender} to {receiver}: {} frames, expected {}",
                found.len(),
                expected.len()
            );
            delivered += found.len();
        }
    }
    assert!(delivered > 300, "{delivered}");
}

#[test]
fn no_guest_gets_a_frame_of_another_vlan_or_with_a_tag() {
    let demo = Demo::run();
    for (guest, _, own, vlans) in GUESTS {
        for frame in demo.got(guest) {
            assert!(vlans.contains(&vlan(&frame)), "{guest}: {frame:02x?}");
            assert_ne!(frame[12..14], [0x89, 0x3F], "{guest}: {frame:02x?}");
            assert_ne!(frame[6..12], address(own), "{guest} got its own: {frame:02x?}");
            assert!(is_group(&frame) || frame[..6] == address(own), "{guest}: {frame:02x?}");
        }
    }
}

#[test]
fn spoofed_frames_do_not_leave_their_host() {
    let demo = Demo::run();
    let sent = demo.frames("guests/spoofer.pcap");
    let spoofed = sent.iter().filter(|frame| frame[6..12] == address(2)).count();
    assert!(spoofed > 0 && spoofed < sent.len());
    let port = &demo.report()["host-a"]["ports"]["spoofer"];
    assert_eq!(port["in_frames"], sent.len());
    assert_eq!(port["drops"], serde_json::json!({ "SOURCE_UNBOUND": spoofed }));
    assert_eq!(from(demo.frames("host-a/bridge.pcap"), address(2)).count(), 0);
    assert!(demo.text().contains(&format!("host-a dropped {spoofed} (SOURCE_UNBOUND); 0 of them")));
}

#[test]
fn forged_tags_do_not_leave_their_host() {
    let demo = Demo::run();
    let sent = demo.frames("guests/forger.pcap");
    let (tag, channel) = ([0x89, 0x3F], [0, 20]);
    let forged = sent.iter().filter(|f| f[12..14] == tag && f[16..18] == channel).count();
    assert!(forged > 0 && forged < sent.len());
    let port = &demo.report()["host-b"]["ports"]["forger"];
    assert_eq!(port["in_frames"], sent.len());
    assert_eq!(port["drops"], serde_json::json!({ "TAG_PRESENT": forged }));
    // Behind the channel's own tag there would be another.
    let crossed = demo.frames("host-b/bridge.pcap");
    assert!(crossed.iter().all(|frame| frame[12..14] == tag && frame[20..22] != tag));
    assert_eq!(from(demo.got("vm0"), address(4)).filter(|frame| !is_group(frame)).count(), 0);
    assert!(demo.text().contains(&format!("host-b dropped {forged} (TAG_PRESENT); 0 of them")));
}

#[test]
fn nothing_else_is_dropped() {
    let report = Demo::run().report();
    for machine in MACHINES {
        for kind in ["ports", "links", "groups"] {
            for (name, counts) in report[machine][kind].as_object().unwrap() {
                let attacks = ["spoofer", "forger"].contains(&name.as_str()) && machine != "bridge";
                assert!(attacks || counts["drops"] == serde_json::json!({}), "{machine} {name}");
            }
        }
    }
}

#[test]
fn flooded_frame_crosses_each_link_once_and_is_replicated_behind_it() {
    let demo = Demo::run();
    let is_arp = |frame: &Vec<u8>| frame[..6] == [0xFF; 6] && frame[16..18] == [0x08, 0x06];
    let request = recorded("vm0").into_iter().rfind(is_arp).unwrap();
    let crossed = |name: &str| {
        let frames = demo.frames(name).into_iter();
        let same = frames.filter(|f| f[..12] == request[..12] && f[20..] == request[12..]);
        same.map(|frame| frame[12..20].to_vec()).collect::<Vec<_>>()
    };
    // E-TAG: Ingress_E-CID_base, GRP and E-CID_base, extensions.
    assert_eq!(crossed("host-a/bridge.pcap"), [[0x89, 0x3F, 0, 0, 0, 20, 0, 0]]);
    assert_eq!(crossed("bridge/host-a.pcap"), [[0x89, 0x3F, 0, 20, 0x10, 101, 0, 0]]);
    assert_eq!(crossed("bridge/host-b.pcap"), [[0x89, 0x3F, 0, 0, 0x10, 101, 0, 0]]);
    assert!(crossed("host-b/bridge.pcap").is_empty());
    for (guest, _, _, vlans) in GUESTS {
        let copies = demo.got(guest).into_iter().filter(|frame| *frame == request).count();
        let expected = usize::from(guest != "vm0" && vlans.contains(&101));
        assert_eq!(copies, expected, "{guest}");
    }
    let story = demo.text().split_once("A flooded frame").unwrap().1;
    let story = story.split_once("A guest that spoofs").unwrap().0;
    for row in [
        "host-a ▶ bridge           1",
        "bridge ▶ host-a           1",
        "bridge ▶ host-b           1",
    ] {
        assert!(story.contains(row), "{row}: {story}");
    }
    assert!(story.contains("vm0 0, spoofer 1") && story.contains("vm1 1, forger 1"), "{story}");
}

#[test]
fn reports_agree_with_the_captures_and_with_each_other() {
    let demo = Demo::run();
    let report = demo.report();
    let number = |machine: &str, kind: &str, name: &str, key: &str| {
        report[machine][kind][name][key]
            .as_u64()
            .unwrap_or_else(|| panic!("{machine} {name} {key}"))
    };
    for machine in MACHINES {
        assert_eq!(report[machine]["engine"], "model");
        let (mut entered, mut left) = (0, 0);
        for kind in ["ports", "links", "groups"] {
            for (name, counts) in report[machine][kind].as_object().unwrap() {
                let drops: u64 =
                    counts["drops"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
                if kind != "links" {
                    entered += number(machine, kind, name, "in_frames") - drops;
                }
                if kind == "links" {
                    left += number(machine, kind, name, "out_frames");
                }
                if kind != "groups" {
                    let frames = demo.frames(&format!("{machine}/{name}.pcap"));
                    let octets: usize = frames.iter().map(Vec::len).sum();
                    assert_eq!(number(machine, kind, name, "out_frames"), frames.len() as u64);
                    assert_eq!(number(machine, kind, name, "out_octets"), octets as u64);
                }
            }
        }
        assert_eq!(entered, left, "{machine}: from ports and groups to links");
    }
    for host in ["host-a", "host-b"] {
        for unit in ["frames", "octets"] {
            let (entered, left) = (format!("in_{unit}"), format!("out_{unit}"));
            let up = number(host, "links", "bridge", &left);
            assert_eq!(up, number("bridge", "links", host, &entered), "{host} up");
            let down = number("bridge", "links", host, &left);
            assert_eq!(down, number(host, "links", "bridge", &entered), "{host} down");
        }
    }
    for (guest, host, ..) in GUESTS {
        let sent = demo.frames(&format!("guests/{guest}.pcap")).len() as u64;
        assert_eq!(number(host, "ports", guest, "in_frames"), sent, "{guest}");
    }
}

#[test]
fn reference_agrees_and_the_text_says_so_and_shows_every_port() {
    let demo = Demo::run();
    let text = demo.text();
    let compared = text.lines().find(|line| line.starts_with("model = reference: ")).unwrap();
    assert!(compared.ends_with("compared, none differs."), "{compared}");
    // What left the machines by streams: a frame to many ports is one.
    let streams = |machine: &str| {
        let report = &demo.report()[machine]["streams"];
        ["encapsulate", "decapsulate"].map(|stream| report[stream]["frames_out"].as_u64().unwrap())
    };
    let frames: u64 = MACHINES.iter().flat_map(|machine| streams(machine)).sum();
    let digits: String =
        compared.split(" frames").next().unwrap().chars().filter(char::is_ascii_digit).collect();
    assert_eq!(digits, frames.to_string());
    for (guest, ..) in GUESTS {
        let rows = text.lines().filter(|line| line.starts_with(&format!("port   {guest} ")));
        assert_eq!(rows.count(), 2, "{guest}: at its host and at the bridge");
    }
    // At the bridge some frames come directly behind one that grows by a beat.
    assert_eq!(text.matches("latency 26 cycles, each frame").count(), 2, "{text}");
    assert_eq!(
        text.matches("latency 26 cycles but for gaps, stalls and the queue").count(),
        1,
        "{text}"
    );
    assert_eq!(text.matches("latency 43 cycles, each frame").count(), 3, "{text}");
    assert!(demo.output.stderr.is_empty());
}

#[test]
fn two_runs_leave_the_same_octets_also_over_an_earlier_run() {
    let (first, second) = (Demo::run(), Demo::run());
    let (before, other) = (files(&first.folder()), files(&second.folder()));
    assert!(before.values().eq(other.values()));
    assert_eq!(first.output.stdout, second.output.stdout);
    assert!(vireo(first.directory.path(), &[]).status.success());
    assert!(files(&first.folder()) == before);
}

#[test]
fn waveform_is_whole_and_small() {
    let demo = Demo::run();
    let path = demo.folder().join("host-a.vcd");
    assert!(fs::metadata(&path).unwrap().len() < 20 << 20);
    let mut parser = vcd::Parser::new(std::io::BufReader::new(fs::File::open(path).unwrap()));
    let header = parser.parse_header().unwrap();
    assert!(header.find_var(&["vireo", "s_port_tdata"]).is_some());
    let mut last = 0;
    for command in parser {
        if let vcd::Command::Timestamp(time) = command.unwrap() {
            last = time;
        }
    }
    let cycles = demo.report()["host-a"]["cycles"].as_u64().unwrap();
    assert!(last >= cycles * 5, "{last} ns, {cycles} cycles");
}

#[test]
fn configurations_and_captures_that_it_leaves_run_again_with_the_same_result() {
    let demo = Demo::run();
    for machine in MACHINES {
        Config::load(demo.folder().join(format!("{machine}.toml"))).unwrap();
    }
    let guests = GUESTS.iter().filter(|(_, host, ..)| *host == "host-a");
    let inputs: Vec<_> =
        guests.map(|(guest, ..)| format!("--in={guest}=vireo-demo/guests/{guest}.pcap")).collect();
    let mut arguments = vec!["run", "vireo-demo/host-a.toml", "--out", "alone"];
    arguments.extend(inputs.iter().map(String::as_str));
    let output = vireo(demo.directory.path(), &arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let alone = octets(&demo.directory.path().join("alone/bridge.pcap"));
    assert!(alone == demo.frames("host-a/bridge.pcap"));
}

#[test]
fn folder_that_cannot_be_made_is_an_error_and_nothing_is_left() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("vireo-demo"), "mine").unwrap();
    let output = vireo(directory.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.starts_with("vireo-demo: ") && error.contains("start it where"), "{error}");
    assert!(output.stdout.is_empty());
    assert_eq!(files(directory.path()).into_values().collect::<Vec<_>>(), [b"mine"]);
}

#[test]
fn subfolder_that_cannot_be_made_is_an_error_and_nothing_is_left() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("vireo-demo");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("host-b"), "mine").unwrap();
    let output = vireo(directory.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let left: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["host-b"]);
}
