// SPDX-License-Identifier: MIT
//! `vireo decode`: a line or an object for each frame, every filter entry with its VID, MAC and group, and nothing that stops it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::common::{Desk, frame, mac, vlan_tag};
use crate::desk::{behind, etag, lldp};

const NEAREST_CUSTOMER_BRIDGE: [u8; 6] = [0x01, 0x80, 0xc2, 0, 0, 0];
const NEAREST_NON_TPMR_BRIDGE: [u8; 6] = [0x01, 0x80, 0xc2, 0, 0, 3];
const ECP: u16 = 0x8940;

/// The captures of a real peer, sorted.
fn captures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../driver/association/tests/captures");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pcap"))
        .collect();
    files.sort();
    files
}

impl Desk {
    #[track_caller]
    fn decode(&self, arguments: &str) -> String {
        let done = self.vireo(&format!("decode {arguments}"));
        assert_eq!((done.status, &*done.stderr), (0, ""), "{arguments}");
        done.stdout
    }

    #[track_caller]
    fn decode_json(&self, arguments: &str) -> Vec<Value> {
        serde_json::from_str(&self.decode(&format!("--json {arguments}"))).unwrap()
    }
}

/// An ECP request with sequence 7 in a frame.
fn ecp(to: [u8; 6], subtype: u16, body: &[u8]) -> Vec<u8> {
    let [high, low] = (1_u16 << 12 | subtype).to_be_bytes();
    frame(to, mac(1), &[], ECP, &[&[high, low, 0, 7], body].concat())
}

/// VDP of a manager: ASSOC of a MAC address in VLAN 100.
fn vdp() -> Vec<u8> {
    let vsi =
        [&[3 << 1, 33, 0, 0, 0, 5, 1, 5][..], &[0xa1; 16], &[2, 0, 1], &mac(1), &[0, 100]].concat();
    ecp(NEAREST_CUSTOMER_BRIDGE, 1, &[&[5 << 1, 16][..], &[1; 16], &vsi, &[0, 0]].concat())
}

#[test]
fn every_frame_of_a_real_peer_is_a_line_and_an_object() {
    let desk = Desk::new();
    for path in captures() {
        let frames = desk.frames(path.to_str().unwrap());
        let lines = desk.decode(path.to_str().unwrap());
        let objects = desk.decode_json(path.to_str().unwrap());
        assert_eq!(
            (lines.lines().count(), objects.len()),
            (frames.len(), frames.len()),
            "{path:?}"
        );
        for (at, (object, octets)) in objects.iter().zip(&frames).enumerate() {
            assert_eq!(
                (&object["number"], &object["octets"]),
                (&json!(at + 1), &json!(octets.len()))
            );
            // One peer speaks versions of ECP that there are not.
            let named = object["protocol"].is_string() != object["error"].is_string();
            assert!(named, "{path:?}: {object}");
        }
    }
}

/// What stands in the captures by their own account, `decode.txt`.
#[test]
fn filter_entries_carry_vid_mac_and_group() {
    let desk = Desk::new();
    for (name, number, tlv, expected) in [
        ("02-", 1, "ASSOC", json!([[2, "52:54:00:8e:aa:11", null]])),
        ("02-", 7, "DEASSOC", json!([[2, "52:54:00:8e:aa:11", null]])),
        ("04-", 1, "ASSOC", json!([[100, null, null]])),
        ("07-", 1, "ASSOC", json!([[2, null, 200]])),
        ("09-", 1, "ASSOC", json!([[0, "52:54:00:8e:aa:11", null]])),
    ] {
        let mut paths = captures().into_iter();
        let path = paths.find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(name));
        let frames = desk.decode_json(path.unwrap().to_str().unwrap());
        let said = &frames[number - 1]["tlvs"][0];
        let entries = said["filter"].as_array().unwrap().iter();
        let entries: Value =
            entries.map(|entry| json!([entry["vid"], entry["mac"], entry["group"]])).collect();
        assert_eq!((&said["tlv"], &entries), (&json!(tlv), &expected), "{name} frame {number}");
    }
}

#[test]
fn tags_of_channels_are_told_in_front_of_what_they_carry() {
    let desk = Desk::new();
    let vn_tag = [0x89, 0x26, 0x80, 20, 0, 21];
    let tags: [&[u8]; 4] = [
        &etag(5, 0, 20),
        &vn_tag,
        &vlan_tag(0x88a8, 3, 0, 300),
        &[&vlan_tag(0x88a8, 3, 0, 300)[..], &vlan_tag(0x8100, 1, 0, 101)].concat(),
    ];
    desk.capture("tagged.pcap", &tags.map(|tag| behind(tag, &vdp())));
    let lines = desk.decode("tagged.pcap");
    for (line, text) in lines.lines().zip([
        "E-TAG GRP 0 E-CID 20/0 PCP 5  ECP request 7 VDP",
        "VN-Tag VIF 20 from VIF 21  ECP request 7 VDP",
        "S-TAG 300 PCP 3  ECP request 7 VDP",
        "S-TAG 300 PCP 3  C-TAG 101 PCP 1  ECP request 7 VDP",
    ]) {
        assert!(line.contains(text) && line.ends_with("MAC/VID [100-52:54:00:00:00:01]"), "{line}");
    }
    let objects = desk.decode_json("tagged.pcap");
    let names = objects.iter().map(|object| {
        let tags = object["tags"].as_array().unwrap().iter();
        tags.map(|tag| tag["tag"].as_str().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(
        names.collect::<Vec<_>>(),
        [&["e-tag"][..], &["vn-tag"], &["s-tag"], &["s-tag", "c-tag"]]
    );
    assert_eq!(
        (&objects[0]["tags"][0]["base"], &objects[0]["tags"][0]["pcp"]),
        (&json!(20), &json!(5))
    );
}

#[test]
fn pe_csp_is_told_with_port_and_channel() {
    let desk = Desk::new();
    // Version, response, create, success; transaction; the extender's port 3; E-CID 0/20/0.
    let message =
        [&[1, 2, 1, 0, 0, 0, 0, 9][..], &[1 << 1, 4, 0, 0, 0, 3], &[2 << 1, 3, 0, 20, 0]].concat();
    desk.capture("channel.pcap", &[ecp(NEAREST_NON_TPMR_BRIDGE, 2, &message)]);
    let line = desk.decode("channel.pcap");
    assert!(line.contains("nearest non-TPMR bridge  ECP request 7 PE-CSP"), "{line}");
    assert_eq!(desk.decode_json("channel.pcap")[0]["protocol"], "pe-csp");
}

#[test]
fn frame_that_is_cut_off_anywhere_is_shown_and_stops_nothing() {
    let desk = Desk::new();
    let whole = behind(&etag(0, 0, 20), &vdp());
    let cut: Vec<_> = (1..=whole.len()).map(|len| whole[..len].to_vec()).collect();
    desk.capture("cut.pcap", &cut);
    let lines = desk.decode("cut.pcap");
    assert_eq!(lines.lines().count(), cut.len());
    assert_eq!(desk.decode_json("cut.pcap").len(), cut.len());
    // Without its addresses; within ECP's header.
    for at in [5, 23].map(|len| len - 1) {
        let line = lines.lines().nth(at).unwrap();
        assert!(line.contains("malformed"), "{line}");
        assert!(desk.decode_json("cut.pcap")[at]["error"].is_string());
    }
    assert!(!lines.lines().last().unwrap().contains("malformed"));
}

#[test]
fn several_captures_are_told_apart_and_other_protocols_are_named() {
    let desk = Desk::new();
    desk.capture("a.pcap", &[vdp(), lldp(1)]);
    desk.capture("b.pcap", &[frame([0xff; 6], mac(2), &[], 0x0800, &[0; 46])]);
    let lines = desk.decode("a.pcap b.pcap");
    let lines: Vec<_> = lines.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("a.pcap: ") && lines[2].starts_with("b.pcap: "), "{lines:?}");
    assert!(lines[2].ends_with("EtherType 0x0800"), "{lines:?}");
}

#[test]
fn broken_capture_is_refused_and_nothing_is_printed() {
    let desk = Desk::new();
    desk.capture("whole.pcap", &[vdp()]);
    let whole = fs::read(desk.path("whole.pcap")).unwrap();
    fs::write(desk.path("cut.pcap"), &whole[..whole.len() - 1]).unwrap();
    desk.write("text.pcap", "to be or not to be");
    for file in ["cut.pcap", "text.pcap", "absent.pcap"] {
        let done = desk.vireo(&format!("decode whole.pcap {file}"));
        assert_eq!((done.status, &*done.stdout), (2, ""), "{file}");
        assert!(done.stderr.contains(file) && !done.stderr.contains("panicked"), "{}", done.stderr);
    }
}
