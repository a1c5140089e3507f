// SPDX-License-Identifier: MIT
//! lldpad's station associates with Vireo's bridge, and the machine behind it lets pass what was associated, and nothing else.

use vireo_association::vdp::Limits;
use vireo_lldpad_tests::{Cable, Command, Lldpad, Peer, Role, Setup, Switch, Timers, Vsi, until};
use vireo_spec::ether::{MacAddr, VlanId};

const GUEST: MacAddr = MacAddr([0x52, 0x54, 0, 0, 0, 1]);
const STRANGER: MacAddr = MacAddr([0x52, 0x54, 0, 0, 0, 2]);

/// lldpad as station, ready, and Vireo's bridge with its machine. The order is that of dropping.
struct Pair {
    station: Lldpad,
    bridge: Peer<Switch>,
    _cable: Cable,
}

impl Pair {
    fn new() -> Self {
        let cable = Cable::new();
        let bridge = Peer::switch(&cable.bridge, Timers::FAST, Limits::default());
        let mut station = Lldpad::start(&cable.station, Setup::new(Role::Station));
        station.ready();
        Self { station, bridge, _cable: cable }
    }

    fn passes(&self, source: MacAddr, vlan: u16) -> bool {
        let vlan = VlanId::new(vlan).expect("a VLAN");
        self.bridge.with(|switch| switch.passes(source, Some(vlan)))
    }

    fn unbound(&self) -> u64 {
        self.bridge.with(|switch| switch.unbound()).expect("read the counters")
    }

    fn associated(&self, filters: &[&str]) -> Vsi {
        let vsi = Vsi::fresh(filters);
        let answer = self.station.request(Command::Associate, &vsi);
        let listed = self.station.find(&vsi).unwrap_or_else(|| panic!("{filters:?}: {answer}"));
        assert_eq!((listed.mode.as_str(), listed.hints), ("assoc", 0), "{filters:?}: {answer}");
        vsi
    }
}

#[test]
fn what_lldpad_associates_passes_the_machine_until_it_deassociates() {
    let pair = Pair::new();
    assert!(!pair.passes(GUEST, 2), "nothing is associated yet");
    assert_eq!(pair.unbound(), 1);

    let vsi = pair.associated(&["2-52:54:00:00:00:01"]);
    assert!(pair.passes(GUEST, 2), "its MAC in its VLAN");
    assert!(!pair.passes(STRANGER, 2), "another MAC");
    assert!(!pair.passes(GUEST, 3), "another VLAN");
    assert_eq!(pair.unbound(), 3, "both were dropped and counted");

    pair.station.request(Command::Deassociate, &vsi);
    assert_eq!(pair.station.find(&vsi), None);
    assert!(!pair.passes(GUEST, 2), "it is de-associated");
    assert_eq!(pair.unbound(), 4);
}

#[test]
fn filter_without_a_mac_lets_any_source_of_its_vlan_pass() {
    let pair = Pair::new();
    pair.associated(&["7"]);
    assert!(pair.passes(GUEST, 7) && pair.passes(STRANGER, 7));
    assert!(!pair.passes(GUEST, 8));
}

#[test]
fn vlan_that_the_bridge_fills_in_is_the_one_that_passes() {
    let pair = Pair::new();
    let vsi = pair.associated(&["0-52:54:00:00:00:01"]);
    assert_eq!(
        pair.station.find(&vsi).map(|listed| listed.filters),
        Some(vec!["42-52:54:00:00:00:01".into()])
    );
    assert!(pair.passes(GUEST, 42));
    assert!(!pair.passes(GUEST, 2));
}

#[test]
fn vlan_that_the_type_does_not_admit_is_refused_and_leaves_no_row() {
    let pair = Pair::new();
    let before = pair.bridge.with(|switch| switch.controller.device_mut().state()).unwrap();
    let vsi = Vsi::fresh(&["2-52:54:00:00:00:01", "300-52:54:00:00:00:02"]);
    let answer = pair.station.request(Command::Associate, &vsi);
    assert!(answer.contains("Invalid VID, GroupID or MAC address"), "{answer}");
    assert!(!pair.passes(GUEST, 2), "all or nothing");
    let after = pair.bridge.with(|switch| switch.controller.device_mut().state()).unwrap();
    assert_eq!(before, after);
}

#[test]
fn station_that_falls_silent_loses_its_rows() {
    let Pair { station, bridge, _cable } = Pair::new();
    let vsi = Vsi::fresh(&["2-52:54:00:00:00:01"]);
    station.request(Command::Associate, &vsi);
    let vlan = VlanId::new(2).ok();
    assert!(bridge.with(|switch| switch.passes(GUEST, vlan)));
    drop(station);
    until("the silent station's VSI is withdrawn", || {
        !bridge.with(|switch| switch.passes(GUEST, vlan))
    });
}
