// SPDX-License-Identifier: MIT
//! What these tests find and lay out on their desk: captures and reports read back, tags, an extender and a bridge.

use std::fs;

use serde_json::Value;
use vireo_sim::capture;

use crate::common::{Desk, frame, mac, vlan_tag};

impl Desk {
    /// The frames of a capture, in order.
    #[track_caller]
    pub(crate) fn frames(&self, name: &str) -> Vec<Vec<u8>> {
        let frames = capture::read(self.path(name)).unwrap_or_else(|error| panic!("{error}"));
        frames.into_iter().map(|frame| frame.octets).collect()
    }

    /// The names in a folder, sorted.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn report(&self, out: &str) -> Value {
        let text = fs::read_to_string(self.path(out).join("report.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// An extender and what enters it, by all kinds of input; the arguments of `run` that send it through.
    pub(crate) fn extender(&self) -> String {
        self.write("extender.toml", EXTENDER);
        self.capture(
            "vm0.pcap",
            &[untagged(1, 46), lldp(1), forged(1), untagged(9, 46), vec![0; 10]],
        );
        self.capture(
            "vm1.pcap",
            &[tagged(2, 5, 101), tagged(9, 1, 7), untagged(2, 46), oversize()],
        );
        self.capture("vm2.pcap", &[lldp(3), untagged(3, 1500)]);
        self.capture("vm3.pcap", &[untagged(4, 100)]);
        let down = [
            behind(&etag(0, 0, 20), &untagged(0x20, 200)),
            behind(&etag(0, 0, 0x1001), &untagged(0x20, 46)),
            behind(&etag(0, 20, 0x1001), &tagged(1, 5, 101)),
            behind(&etag(0, 0, 999), &untagged(0x20, 46)),
            lldp(0x20),
            untagged(0x20, 46),
        ];
        self.capture("net.pcap", &down);
        self.capture("sent.pcap", &[lldp(0x33)]);
        "extender.toml --in vm0=vm0.pcap --in vm1=vm1.pcap --in vm2=vm2.pcap --in vm3=vm3.pcap \
         --in up0=net.pcap --in control@up0=sent.pcap --in control@vm0=sent.pcap"
            .into()
    }

    /// A bridge and what enters it; the arguments of `run` that send it through.
    pub(crate) fn bridge(&self) -> String {
        self.write("bridge.toml", BRIDGE);
        self.capture("in.pcap", &[untagged(0x20, 46), tagged(0x20, 6, 101)]);
        let up = [
            behind(&etag(0, 0, 20), &untagged(1, 64)),
            behind(&etag(0, 0, 20), &untagged(9, 64)),
            behind(&etag(0, 0, 21), &forged(2)),
            behind(&etag(0, 0, 20), &lldp(1)),
            behind(&etag(0, 0, 22), &untagged(3, 64)),
        ];
        self.capture("up.pcap", &up);
        "bridge.toml --in flood=in.pcap --in flood@vm0=in.pcap --in flood@far=in.pcap --in vm1=in.pcap \
         --in down0=up.pcap"
            .into()
    }
}

const EXTENDER: &str = r#"role = "extender"
tag = "e-tag"

[[link]]
name = "up0"

[[port]]
name = "vm0"
link = "up0"
channel = 20
control = true
bindings = [{ mac = "52:54:00:00:00:01", vlan = 0 }]

[[port]]
name = "vm1"
link = "up0"
channel = 21
bindings = [{ mac = "52:54:00:00:00:02", vlan = 101 }, { vlan = 7 }]

[[port]]
name = "vm2"
link = "up0"
channel = 22
check_source = false
guard_reserved = true
default_priority = 3

[[port]]
name = "vm3"
link = "up0"
channel = 23
enabled = false

[[group]]
name = "flood"
link = "up0"
channel = 0x1001
members = ["vm0", "vm1", "vm3"]
"#;

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
control = true
bindings = [{ mac = "52:54:00:00:00:01", vlan = 0 }]

[[port]]
name = "vm1"
link = "down0"
channel = 21
check_source = false

[[port]]
name = "far"
link = "down1"
channel = 20

[[group]]
name = "flood"
link = "down0"
channel = 0x1001
trust_priority = false
default_priority = 2
"#;

/// Octets of an E-TAG without extensions.
pub(crate) fn etag(pcp: u16, ingress: u16, grp_base: u16) -> [u8; 8] {
    let ([a, b], [c, d]) = ((pcp << 13 | ingress).to_be_bytes(), grp_base.to_be_bytes());
    [0x89, 0x3f, a, b, c, d, 0, 0]
}

/// The frame with a tag behind its addresses.
pub(crate) fn behind(tag: &[u8], frame: &[u8]) -> Vec<u8> {
    [&frame[..12], tag, &frame[12..]].concat()
}

/// As captures have it: padded with zeros to 60 octets.
pub(crate) fn padded(mut frame: Vec<u8>) -> Vec<u8> {
    frame.resize(frame.len().max(60), 0);
    frame
}

/// An untagged frame with so many octets of payload, no two frames alike.
pub(crate) fn untagged(from: u8, payload: usize) -> Vec<u8> {
    let payload: Vec<u8> = (0..payload).map(|at| (at as u8).wrapping_mul(7) ^ from).collect();
    frame([0xff; 6], mac(from), &[], 0x88b5, &payload)
}

pub(crate) fn tagged(from: u8, pcp: u16, vid: u16) -> Vec<u8> {
    behind(&vlan_tag(0x8100, pcp, 0, vid), &untagged(from, 80))
}

/// A guest's attempt to name a channel itself.
fn forged(from: u8) -> Vec<u8> {
    behind(&etag(0, 0, 21), &untagged(from, 46))
}

/// Short of 60 octets, so that captures have to pad it.
pub(crate) fn lldp(from: u8) -> Vec<u8> {
    frame([0x01, 0x80, 0xc2, 0, 0, 0x0e], mac(from), &[], 0x88cc, &[2, 1, from])
}

/// One octet more than a port takes.
fn oversize() -> Vec<u8> {
    behind(&vlan_tag(0x8100, 0, 0, 101), &untagged(2, 9217 - 18))
}
