// SPDX-License-Identifier: MIT
//! The association protocol with the machines behind it (docs/association.md): what stations ask for, over links, through
//! the machines' control ports, ends as rows of the bridge's machine, and frames of guests pass by these or do not.

mod associating;
mod channels;
mod drains;
mod faults;
mod limits;
mod moves;
mod random;
mod refusals;
mod restarts;
mod security;

use std::time::Duration;

use vireo_association::vdp::Hint;
use vireo_association::wire::vdp::{Command, Vsi};
use vireo_spec::ether::{EtherType, MacAddr};
use vireo_tests::association::{MANAGER, Network, mac};

/// A round trip, and what is said in it.
const MOMENT: Duration = Duration::from_millis(50);

/// Where a frame comes out that is dropped.
const NOWHERE: [u8; 0] = [];

/// A guest's frame: from an address, untagged or in a VLAN, with a number in it.
fn frame(source: MacAddr, vlan: Option<u16>, number: u32) -> Vec<u8> {
    let mut octets = Vec::from([2, 0, 0, 0, 0, 1]);
    octets.extend(source.0);
    if let Some(vlan) = vlan {
        octets.extend(EtherType::C_TAG.to_octets());
        octets.extend(vlan.to_be_bytes());
    }
    octets.extend([0x88, 0xB5]);
    octets.extend(number.to_be_bytes());
    octets.resize(60, 0);
    octets
}

/// A station wants a VSI, and its bridge has time to answer.
fn want(network: &mut Network, (host, port): (usize, u8), command: Command, vsi: Vsi) {
    want_as(network, (host, port), command, vsi, None);
}

/// The same with a hint.
fn want_as(
    network: &mut Network,
    (host, port): (usize, u8),
    command: Command,
    vsi: Vsi,
    hint: Option<Hint>,
) {
    let at = network.at(host, port);
    let control = &mut network.hosts[host].control;
    control.want(at, MANAGER, command, vsi, hint).expect("it can be asked for");
    network.go(MOMENT);
}

/// A guest sends a frame; the bridge's ports where it came out.
fn sent(
    network: &mut Network,
    (host, port): (usize, u8),
    source: u8,
    vlan: Option<u16>,
) -> Vec<u8> {
    let before = network.came.len();
    network.guest_sends(host, port, &frame(mac(source), vlan, 0));
    network.go(Duration::from_millis(1));
    network.came[before..].iter().map(|came| came.port).collect()
}
