// SPDX-License-Identifier: MIT
//! Scenarios of the host-frame checks: at an extender's port, and at a bridge's virtual port.

use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::tag::Role::{Bridge, Extender};
use vireo_spec::tag::TagFamily::{self, ETag, STag, VnTag};

use super::*;

/// A machine of a role with one port, number 3 and channel 20, to which a host's frames are sent.
struct Host {
    bench: Bench,
    role: Role,
}

/// The host's port, at an extender and at a bridge.
fn hosts(family: TagFamily, change: impl Fn(&mut PortRow)) -> [Host; 2] {
    [Extender, Bridge].map(|role| {
        let mut bench = Bench::new(role, family);
        bench.port(3, 20, &change);
        bench.members(0, channel(family, 20), &[3]);
        Host { bench, role }
    })
}

impl Host {
    fn send(&mut self, frame: &[u8]) -> Option<Left> {
        let tag: &[u8] = match self.bench.family {
            ETag => &[0x89, 0x3F, 0, 0, 0, 20, 0, 0],
            VnTag => &[0x89, 0x26, 0, 0, 0, 20],
            STag => &[0x88, 0xA8, 0, 20],
        };
        match self.role {
            Extender => self.bench.enter_port(3, frame),
            Bridge => self.bench.enter_link(0, &tagged(frame, tag)),
        }
    }

    fn assert_passes(&mut self, frame: &[u8]) {
        let left =
            self.send(frame).unwrap_or_else(|| panic!("{}: dropped {frame:02x?}", self.role));
        assert!(!matches!(left.to, Destination::Control(_)), "{}: {left:?}", self.role);
        self.bench.snapshot();
    }

    fn assert_drops(&mut self, frame: &[u8], reason: DropReason) {
        assert_eq!(self.send(frame), None, "{}: {reason} of {frame:02x?}", self.role);
        match self.role {
            Extender => self.bench.assert_one_drop(Entity::PortIn(3), reason),
            Bridge => {
                self.bench.assert_one_drop(Entity::PortOut(3), reason);
                assert_eq!(self.bench.count(Entity::LinkIn(0), Disposition::AtPort), 1);
                assert_eq!(self.bench.count(Entity::LinkIn(0), Disposition::Dropped(reason)), 0);
            }
        }
    }
}

#[test]
fn guarded_port_sends_nothing_to_reserved_addresses() {
    for mut host in hosts(ETag, |row| (row.guard_reserved, row.control) = (true, true)) {
        for last in 0..16 {
            let lldp = frame([0x01, 0x80, 0xC2, 0, 0, last], SOURCE, &[0x88, 0xCC]);
            host.assert_drops(&lldp, DropReason::ReservedAddress);
        }
        host.assert_passes(&frame([0x01, 0x80, 0xC2, 0, 0, 0x10], SOURCE, &[0x88, 0xCC]));
    }
    for mut host in hosts(ETag, |_| {}) {
        host.assert_passes(&frame(RESERVED, SOURCE, &[0x88, 0xCC]));
    }
}

#[test]
fn lldp_and_ecp_of_a_control_port_go_to_the_control_port_unchecked() {
    for mut host in hosts(ETag, |row| (row.control, row.check_source) = (true, true)) {
        for ethertype in [[0x88, 0xCC], [0x89, 0x40]] {
            let sent = frame(RESERVED, SOURCE, &ethertype);
            let left = host.send(&sent).unwrap();
            assert_eq!(left.to, Destination::Control(StreamId::PortControl(3)));
            assert_eq!(left.octets, sent, "without a tag");
            host.bench.snapshot();
            let (place, left_by) = match host.role {
                Extender => (Entity::PortIn(3), Entity::ControlOutAtLink),
                Bridge => (Entity::PortOut(3), Entity::ControlOut),
            };
            assert_eq!(host.bench.count(place, Disposition::Control), 1);
            assert_eq!(host.bench.traffic(left_by), [0, 1, 0, 64]);
            if host.role == Bridge {
                assert_eq!(host.bench.count(Entity::LinkIn(0), Disposition::Control), 1);
            }
        }
        // Neither the address nor the EtherType alone makes a control frame.
        host.assert_drops(&data(&[0x88, 0xCC]), DropReason::SourceUnbound);
        host.assert_drops(&frame(RESERVED, SOURCE, &[0x88, 0x09]), DropReason::SourceUnbound);
        let in_vlan = frame(RESERVED, SOURCE, &[0x81, 0x00, 0, 5, 0x88, 0xCC]);
        host.assert_drops(&in_vlan, DropReason::SourceUnbound);
    }
}

#[test]
fn control_frame_over_the_maximum_is_cut_and_counts_as_oversize() {
    for mut host in hosts(ETag, |row| row.control = true) {
        let mut long = frame(RESERVED, SOURCE, &[0x88, 0xCC]);
        long.resize(usize::from(MAXIMUM) + 1, 0);
        let left = host.send(&long).unwrap();
        assert_eq!(left.to, Destination::Control(StreamId::PortControl(3)));
        assert_eq!((left.octets.len(), left.bad), (MAXIMUM.into(), true));
        let entity = if host.role == Extender { Entity::PortIn(3) } else { Entity::LinkIn(0) };
        host.bench.assert_one_drop(entity, DropReason::Oversize);
        assert_eq!(host.bench.count(Entity::PortOut(3), Disposition::Control), 0);
    }
}

#[test]
fn guest_that_forges_a_family_tag_is_dropped_at_any_depth() {
    let vlan_tags: [&[u8]; 4] =
        [&[], &[0x81, 0, 0, 5], &[0x91, 0, 0, 5], &[0x88, 0xA8, 0, 5, 0x81, 0, 0, 6]];
    for family in [ETag, VnTag] {
        for mut host in hosts(family, |_| {}) {
            for behind in vlan_tags {
                for forged in [[0x89, 0x3F], [0x89, 0x26]] {
                    let sent = data(&[behind, &forged].concat());
                    host.assert_drops(&sent, DropReason::TagPresent);
                }
            }
        }
    }
}

#[test]
fn service_tag_is_a_vlan_tag_but_on_an_s_tag_link_a_family_tag() {
    let outermost = data(&[0x88, 0xA8, 0, 5, 0x08, 0x00]);
    let inner = data(&[0x81, 0, 0, 5, 0x88, 0xA8, 0, 5, 0x08, 0x00]);
    let third = data(&[0x81, 0, 0, 5, 0x91, 0, 0, 5, 0x88, 0xA8]);
    for mut host in hosts(ETag, |_| {}) {
        host.assert_passes(&outermost);
        host.assert_passes(&inner);
        host.assert_drops(&third, DropReason::TagDepth);
    }
    for mut host in hosts(STag, |_| {}) {
        for sent in [&outermost, &inner, &third] {
            host.assert_drops(sent, DropReason::TagPresent);
        }
    }
}

#[test]
fn third_vlan_tag_is_too_deep() {
    for mut host in hosts(VnTag, |_| {}) {
        let two = [0x88, 0xA8, 0, 5, 0x81, 0, 0, 6, 0x08, 0x00];
        host.assert_passes(&data(&two));
        let three = [0x88, 0xA8, 0, 5, 0x81, 0, 0, 6, 0x91, 0x00];
        host.assert_drops(&data(&three), DropReason::TagDepth);
    }
}

#[test]
fn reserved_vlan_is_refused_only_in_the_outermost_c_tag() {
    for mut host in hosts(ETag, |_| {}) {
        let reserved = data(&[0x81, 0, 0xEF, 0xFF, 0x08, 0x00]);
        host.assert_drops(&reserved, DropReason::ReservedVlan);
        host.assert_passes(&data(&[0x88, 0xA8, 0x0F, 0xFF, 0x08, 0x00]));
        host.assert_passes(&data(&[0x91, 0, 0, 5, 0x81, 0, 0x0F, 0xFF, 0x08, 0x00]));
    }
}

#[test]
fn source_that_is_not_bound_in_its_vlan_is_dropped() {
    for mut host in hosts(ETag, |row| row.check_source = true) {
        let in_101 = data(&[0x81, 0, 0x20, 101, 0x08, 0x00]);
        host.assert_drops(&in_101, DropReason::SourceUnbound);
        host.bench.bind(3, SOURCE, 101);
        host.assert_passes(&in_101);
        let other_mac = frame(DESTINATION, DESTINATION, &in_101[12..]);
        host.assert_drops(&other_mac, DropReason::SourceUnbound);
        host.assert_drops(&data(&[0x81, 0, 0, 102, 0x08, 0x00]), DropReason::SourceUnbound);
        host.assert_drops(&data(&IPV4), DropReason::SourceUnbound);
    }
    for mut host in hosts(ETag, |row| row.check_source = true) {
        host.bench.bind(4, SOURCE, 101);
        let in_101 = data(&[0x81, 0, 0, 101, 0x08, 0x00]);
        host.assert_drops(&in_101, DropReason::SourceUnbound);
    }
}

#[test]
fn vlan_without_a_mac_admits_every_individual_source() {
    for mut host in hosts(ETag, |row| row.check_source = true) {
        host.bench.bind_any(&[3, 9], 7);
        let in_7 = [0x81, 0, 0, 7, 0x08, 0x00];
        host.assert_passes(&data(&in_7));
        host.assert_passes(&frame(DESTINATION, [2, 9, 9, 9, 9, 9], &in_7));
        let group_source = frame(DESTINATION, [3, 9, 9, 9, 9, 9], &in_7);
        host.assert_drops(&group_source, DropReason::SourceUnbound);
        host.bench.bind_any(&[9], 7);
        host.assert_drops(&data(&in_7), DropReason::SourceUnbound);
    }
}

#[test]
fn port_vlan_stands_for_none_and_for_a_priority_tag() {
    for mut host in hosts(ETag, |row| (row.check_source, row.pvid) = (true, vlan(9))) {
        host.bench.bind(3, SOURCE, 9);
        host.assert_passes(&data(&IPV4));
        host.assert_passes(&data(&[0x81, 0, 0xE0, 0, 0x08, 0x00]));
        host.assert_passes(&data(&[0x88, 0xA8, 0, 5, 0x81, 0, 0, 6, 0x08, 0x00]));
        host.assert_drops(&data(&[0x81, 0, 0, 5, 0x08, 0x00]), DropReason::SourceUnbound);
    }
}

#[test]
fn bridge_does_not_check_what_it_sends_to_its_own_port() {
    let mut bench = Bench::new(Bridge, ETag);
    bench.port(3, 20, |row| (row.guard_reserved, row.check_source) = (true, true));
    for sent in [data(&[0x89, 0x3F]), frame(RESERVED, SOURCE, &[0x81, 0, 0x0F, 0xFF, 0x08, 0x00])] {
        assert_eq!(bench.enter_port(3, &sent).unwrap().to, Destination::Link(0));
    }
}
