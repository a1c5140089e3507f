// SPDX-License-Identifier: MIT
//! Another's reading of the tags: tshark decodes every E-TAG and VN-Tag that leaves with the fields that were meant.
//! What was meant stands here in numbers, by docs/rules.md ("What a tag says"); the machine's own code has no part in it.

mod common;

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use common::{Desk, frame, mac, vlan_tag};

/// Ports, each of whose channels has one bit of its own set.
const PORTS: u64 = 12;

/// The fields that are compared. `_ws.malformed` is one that no frame may have; `ip.id` says which frame it is.
const FIELDS: [&str; 27] = [
    "_ws.malformed",
    "frame.protocols",
    "eth.type",
    "etag.pcp",
    "etag.dei",
    "etag.iecid_base",
    "etag.resv",
    "etag.group",
    "etag.ecid_base",
    "etag.iecid_ext",
    "etag.ecid_ext",
    "etag.etype",
    "vntag.dir",
    "vntag.ptr",
    "vntag.dst",
    "vntag.looped",
    "vntag.r",
    "vntag.version",
    "vntag.src",
    "vntag.etype",
    "vlan.priority",
    "vlan.dei",
    "vlan.id",
    "ieee8021ad.priority",
    "ieee8021ad.dei",
    "ieee8021ad.id",
    "ip.id",
];

/// A frame's fields by tshark's names, numbers in decimal.
type Fields = BTreeMap<String, String>;

fn fields<const N: usize>(pairs: [(&str, u64); N]) -> Fields {
    pairs.map(|(name, value)| (name.into(), value.to_string())).into()
}

/// What a frame has behind its addresses and the channel's tag: VLAN tags, then IPv4.
#[derive(Clone, Copy)]
enum Inner {
    Untagged,
    /// PCP, DEI, VID.
    CTag(u64, u64, u64),
    /// VID of the S-TAG, and the C-TAG behind it.
    STag(u64, (u64, u64, u64)),
}
use Inner::{CTag, STag, Untagged};

impl Inner {
    fn ethertype(self) -> u64 {
        match self {
            Untagged => 0x0800,
            CTag(..) => 0x8100,
            STag(..) => 0x88a8,
        }
    }

    /// PCP and DEI where a C-TAG is outermost: only that one is trusted.
    fn priority(self) -> Option<(u64, u64)> {
        match self {
            CTag(pcp, dei, _) => Some((pcp, dei)),
            Untagged | STag(..) => None,
        }
    }

    fn protocols(self) -> &'static str {
        match self {
            Untagged => "ethertype",
            CTag(..) => "ethertype:vlan:ethertype",
            STag(..) => "ethertype:ieee8021ad:ethertype:vlan:ethertype",
        }
    }

    fn fields(self) -> Fields {
        let c_tag =
            |(pcp, dei, vid)| fields([("vlan.priority", pcp), ("vlan.dei", dei), ("vlan.id", vid)]);
        match self {
            Untagged => Fields::new(),
            CTag(pcp, dei, vid) => c_tag((pcp, dei, vid)),
            STag(vid, behind) => {
                let outer =
                    [("ieee8021ad.priority", 7), ("ieee8021ad.dei", 1), ("ieee8021ad.id", vid)];
                fields(outer).into_iter().chain(c_tag(behind)).collect()
            }
        }
    }

    /// The frame with this number as IPv4 identification.
    fn frame(self, number: u16) -> Vec<u8> {
        let tag = |ethertype, (pcp, dei, vid): (u64, u64, u64)| {
            vlan_tag(ethertype, pcp as u16, dei as u16, vid as u16)
        };
        let tags = match self {
            Untagged => vec![],
            CTag(pcp, dei, vid) => vec![tag(0x8100, (pcp, dei, vid))],
            STag(vid, behind) => vec![tag(0x88a8, (7, 1, vid)), tag(0x8100, behind)],
        };
        let [high, low] = number.to_be_bytes();
        // 10.0.0.1 to 10.0.0.2, UDP from 4000 to 4001, 12 octets.
        let ip = [0x45, 0, 0, 40, high, low, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        let udp = [0x0f, 0xa0, 0x0f, 0xa1, 0, 20, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        frame(mac(2), mac(1), &[&tags.concat()], 0x0800, &[ip, udp].concat())
    }
}

/// A frame that goes in, and the tag that it is meant to leave with.
struct Case {
    /// The name in front of `=` in `--in`.
    by: String,
    inner: Inner,
    tag: Tag,
}

enum Tag {
    None,
    E(ETag),
    Vn(VnTag),
}

struct ETag {
    /// E-PCP and E-DEI.
    priority: (u64, u64),
    /// Ingress_E-CID: base and ext.
    ingress: (u64, u64),
    /// GRP, base and ext.
    ecid: (u64, u64, u64),
}

struct VnTag {
    dir: u64,
    list: u64,
    dst: u64,
    looped: u64,
    src: u64,
}

impl Case {
    fn fields(&self, number: usize) -> Fields {
        let behind = self.inner.ethertype();
        let (name, tag) = match self.tag {
            Tag::None => ("", fields([("eth.type", behind)])),
            Tag::E(ETag { priority, ingress, ecid }) => {
                let etag = [
                    ("eth.type", 0x893f),
                    ("etag.pcp", priority.0),
                    ("etag.dei", priority.1),
                    ("etag.iecid_base", ingress.0),
                    ("etag.resv", 0),
                    ("etag.group", ecid.0),
                    ("etag.ecid_base", ecid.1),
                    ("etag.iecid_ext", ingress.1),
                    ("etag.ecid_ext", ecid.2),
                    ("etag.etype", behind),
                ];
                ("ethertype:etag:", fields(etag))
            }
            Tag::Vn(VnTag { dir, list, dst, looped, src }) => {
                let vntag = [
                    ("eth.type", 0x8926),
                    ("vntag.dir", dir),
                    ("vntag.ptr", list),
                    ("vntag.dst", dst),
                    ("vntag.looped", looped),
                    ("vntag.r", 0),
                    ("vntag.version", 0),
                    ("vntag.src", src),
                    ("vntag.etype", behind),
                ];
                ("ethertype:vntag:", fields(vntag))
            }
        };
        let protocols = format!("eth:{name}{}:ip:udp:data", self.inner.protocols());
        let rest = [("frame.protocols".into(), protocols), ("ip.id".into(), number.to_string())];
        tag.into_iter().chain(self.inner.fields()).chain(rest).collect()
    }
}

/// Of port `n`: E-CID_ext where the tag has one, whether it trusts, its default priority.
fn port(n: u64) -> (u64, bool, u64) {
    (1 << (n % 8), n.is_multiple_of(2), n % 8)
}

/// Of group `n`: its channel, whether it trusts, its default priority.
fn group(tag: &str, n: u64) -> (u64, bool, u64) {
    let channel = if tag == "e-tag" { (1 + n % 3) << 12 | 1 << n } else { 1 << n };
    (channel, n % 2 == 1, 7 - n % 8)
}

/// Groups, which have a bit of their own too: a VN-Tag's list has 14.
fn groups(tag: &str) -> u64 {
    if tag == "e-tag" { 12 } else { 14 }
}

/// E-PCP and E-DEI of a frame.
fn priority(inner: Inner, trust: bool, default: u64) -> (u64, u64) {
    inner.priority().filter(|_| trust).unwrap_or((default, 0))
}

/// Link `near` with all ports and groups, and link `other` with the port `far`, whose channel is also p2's.
fn config(role: &str, tag: &str) -> String {
    let mut text = format!("role = {role:?}\ntag = {tag:?}\n");
    let mut section = |kind: &str, name: &str, rest: String| {
        text += &format!("[[{kind}]]\nname = {name:?}\n{rest}\n");
    };
    section("link", "near", String::new());
    section("link", "other", String::new());
    let keys = |link, channel, (trust, default)| {
        format!(
            "link = {link:?}\nchannel = {channel}\ntrust_priority = {trust}\ndefault_priority = {default}\n"
        )
    };
    for n in 0..PORTS {
        let (extension, trust, default) = port(n);
        let extension = if tag == "e-tag" { extension } else { 0 };
        let rest = format!("extension = {extension}\ncheck_source = false");
        section("port", &format!("p{n}"), keys("near", 1 << n, (trust, default)) + &rest);
    }
    section("port", "far", keys("other", 4, (true, 0)) + "check_source = false");
    for n in 0..groups(tag) {
        let (channel, trust, default) = group(tag, n);
        section("group", &format!("g{n}"), keys("near", channel, (trust, default)));
    }
    text
}

/// A tag that an extender adds for port `n`, or a bridge to it.
fn port_tag(role: &str, tag: &str, n: u64, inner: Inner) -> Tag {
    let (ext, trust, default) = port(n);
    match (tag, role) {
        ("e-tag", _) => {
            let priority = priority(inner, trust, default);
            Tag::E(ETag { priority, ingress: (0, 0), ecid: (0, 1 << n, ext) })
        }
        (_, "extender") => Tag::Vn(VnTag { dir: 0, list: 0, dst: 0, looped: 0, src: 1 << n }),
        _ => Tag::Vn(VnTag { dir: 1, list: 0, dst: 1 << n, looped: 0, src: 0 }),
    }
}

/// A tag that a bridge adds for group `n`; `source` is a port on its link.
fn group_tag(tag: &str, n: u64, source: Option<u64>, inner: Inner) -> Tag {
    let (channel, trust, default) = group(tag, n);
    if tag == "e-tag" {
        Tag::E(ETag {
            priority: priority(inner, trust, default),
            ingress: source.map_or((0, 0), |n| (1 << n, port(n).0)),
            ecid: (channel >> 12, channel & 0xfff, 0),
        })
    } else {
        let (looped, src) = source.map_or((0, 0), |n| (1, 1 << n));
        Tag::Vn(VnTag { dir: 1, list: 1, dst: channel, looped, src })
    }
}

/// Ports of either role: every channel bit, every priority, VLAN tags of all kinds, and the control plane's frames.
fn port_cases(role: &str, tag: &str) -> Vec<Case> {
    let case =
        |n: u64, inner| Case { by: format!("p{n}"), inner, tag: port_tag(role, tag, n, inner) };
    let mut cases: Vec<_> = (0..PORTS).map(|n| case(n, Untagged)).collect();
    // p6 trusts, p7 does not.
    for n in [6, 7] {
        for code in 0..16 {
            cases.push(case(n, CTag(code >> 1, code & 1, 1 << (code % 12))));
        }
        cases.push(case(n, STag(5, (3, 1, 101))));
    }
    cases.push(Case { by: "control@p3".into(), ..case(3, CTag(1, 1, 9)) });
    cases.push(Case { by: "control@near".into(), inner: Untagged, tag: Tag::None });
    cases
}

/// Groups of a bridge: every bit of their channels, and every bit of a source on their link.
fn group_cases(tag: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for n in 0..groups(tag) {
        let near = n % PORTS;
        let plain = Untagged;
        let vlan = CTag(n % 8, 1, 101);
        cases.push(Case { by: format!("g{n}"), inner: plain, tag: group_tag(tag, n, None, plain) });
        let tag_with_source = group_tag(tag, n, Some(near), vlan);
        cases.push(Case { by: format!("g{n}@p{near}"), inner: vlan, tag: tag_with_source });
        // A port behind another link, though its channel has the number of one behind this link.
        cases.push(Case {
            by: format!("g{n}@far"),
            inner: vlan,
            tag: group_tag(tag, n, None, vlan),
        });
    }
    cases
}

/// What tshark reads in a capture.
fn decoded(desk: &Desk, capture: &str) -> Vec<Fields> {
    let mut command = Command::new("tshark");
    command.args(["-n", "-T", "json", "-r"]).arg(desk.path(capture));
    for field in FIELDS {
        command.args(["-e", field]);
    }
    let output = command.output().unwrap_or_else(|error| {
        panic!("tshark: {error}; these tests need it: apt-get install tshark")
    });
    // Its warning about root on stderr says nothing of the capture.
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tshark -r {capture}: {stderr}");
    let packets: Vec<Value> = serde_json::from_slice(&output.stdout).expect("tshark prints JSON");
    let frame = |packet: &Value| {
        let layers = packet["_source"]["layers"].as_object().expect("layers").iter();
        layers.map(|(name, values)| (name.clone(), decimal(values))).collect()
    };
    packets.iter().map(frame).collect()
}

/// Numbers in decimal, whatever their notation; a field that stands in a frame twice has both.
fn decimal(values: &Value) -> String {
    let values = values.as_array().expect("a list of values").iter();
    let number = |text: &str| match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).map_or(text.into(), |n| n.to_string()),
        None => text.to_owned(),
    };
    values.map(|value| number(value.as_str().expect("text"))).collect::<Vec<_>>().join(",")
}

/// Sends the cases through a machine, and compares what tshark reads.
fn check(role: &str, tag: &str, cases: &[Case]) {
    let desk = Desk::new();
    desk.write("machine.toml", &config(role, tag));
    let mut arguments = String::from("machine.toml --out out --width 256");
    for (case, number) in cases.iter().zip(1..) {
        // Frames of one time enter in the order of the command line.
        let file = format!("{number}.pcap");
        desk.capture(&file, &[case.inner.frame(number)]);
        arguments += &format!(" --in {}={file}", case.by);
    }
    desk.run(&arguments);
    let decoded = decoded(&desk, "out/near.pcap");
    for (number, (case, found)) in (1..).zip(cases.iter().zip(&decoded)) {
        assert_eq!(*found, case.fields(number), "{role}, {tag}: frame {number}, by {}", case.by);
    }
    assert_eq!(decoded.len(), cases.len(), "{role}, {tag}: frames on the link");
}

#[test]
fn etags_of_an_extender_are_decoded_as_meant() {
    check("extender", "e-tag", &port_cases("extender", "e-tag"));
}

#[test]
fn etags_of_a_bridge_are_decoded_as_meant() {
    let mut cases = port_cases("bridge", "e-tag");
    cases.extend(group_cases("e-tag"));
    check("bridge", "e-tag", &cases);
}

#[test]
fn vntags_of_an_extender_are_decoded_as_meant() {
    check("extender", "vn-tag", &port_cases("extender", "vn-tag"));
}

#[test]
fn vntags_of_a_bridge_are_decoded_as_meant() {
    let mut cases = port_cases("bridge", "vn-tag");
    cases.extend(group_cases("vn-tag"));
    check("bridge", "vn-tag", &cases);
}

#[test]
fn frame_that_is_cut_looks_malformed_to_tshark() {
    // The comparison above would be worth little if tshark passed over what it cannot read.
    let desk = Desk::new();
    let whole = CTag(5, 0, 101).frame(1);
    desk.capture("cut.pcap", &[whole.clone(), whole[..17].to_vec()]);
    let decoded = decoded(&desk, "cut.pcap");
    let malformed: Vec<_> = decoded.iter().map(|fields| fields.get("_ws.malformed")).collect();
    assert!(matches!(malformed[..], [None, Some(_)]), "{malformed:?}");
}
