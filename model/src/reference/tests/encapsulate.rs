// SPDX-License-Identifier: MIT
//! Scenarios of "Enters at a port": drops, the tag of each family and role, cuts.

use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::tag::Role::{Bridge, Extender};
use vireo_spec::tag::TagFamily::{self, ETag, STag, VnTag};

use super::*;

const ROLES: [Role; 2] = [Extender, Bridge];

#[test]
fn extender_names_the_source_in_the_tag() {
    let tags: [(TagFamily, u16, &[u8]); 3] = [
        (ETag, 0x0D8, &[0x89, 0x3F, 0x00, 0x00, 0x00, 0xD8, 0x00, 0x00]),
        (VnTag, 20, &[0x89, 0x26, 0x00, 0x00, 0x00, 0x14]),
        (STag, 20, &[0x88, 0xA8, 0x00, 0x14]),
    ];
    for (family, number, tag) in tags {
        let mut bench = Bench::new(Extender, family);
        bench.port(3, number, |_| {});
        let sent = data(&[0x81, 0x00, 0x00, 0x65, 0x08, 0x00]);
        let left = bench.enter_port(3, &sent).unwrap();
        assert_eq!(left.to, Destination::Link(0));
        assert_eq!(left.octets, tagged(&sent, tag), "{family}");
        assert!(!left.bad);
        assert_eq!(bench.dispositions(Entity::PortIn(3)), [(Disposition::Forwarded, 1)]);
        assert_eq!(bench.traffic(Entity::LinkOut(0)), [1, 0, 0, left.octets.len() as u64]);
    }
}

#[test]
fn bridge_names_the_destination_in_the_tag() {
    let tags: [(TagFamily, &[u8]); 3] = [
        (ETag, &[0x89, 0x3F, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00]),
        (VnTag, &[0x89, 0x26, 0x80, 0x14, 0x00, 0x00]),
        (STag, &[0x88, 0xA8, 0x00, 0x14]),
    ];
    for (family, tag) in tags {
        let mut bench = Bench::new(Bridge, family);
        bench.port(3, 20, |row| row.link = 1);
        let sent = data(&IPV4);
        let left = bench.enter_port(3, &sent).unwrap();
        assert_eq!((left.to, left.octets), (Destination::Link(1), tagged(&sent, tag)), "{family}");
    }
}

#[test]
fn extension_and_grp_stand_in_their_own_octets() {
    let mut bench = Bench::new(Bridge, ETag);
    bench.port(3, 0, |row| row.channel = etag_channel(2, 0xABC, 0xEF));
    let left = bench.enter_port(3, &data(&IPV4)).unwrap();
    assert_eq!(left.octets[12..20], [0x89, 0x3F, 0x00, 0x00, 0x2A, 0xBC, 0x00, 0xEF]);
}

#[test]
fn group_from_a_port_behind_its_link_names_the_source_to_prune() {
    let mut bench = Bench::new(Bridge, ETag);
    bench.group(2, etag_channel(1, 1, 0), |_| {});
    bench.port(3, 0, |row| row.channel = etag_channel(0, 0x123, 0x45));
    bench.port(4, 9, |row| row.link = 1);
    bench.port(31, 31, |_| {});
    let mut tag_of = |source| bench.enter(StreamId::Group(2), source, &data(&IPV4)).unwrap().octets;
    let with_source = [0x89, 0x3F, 0x01, 0x23, 0x10, 0x01, 0x45, 0x00];
    let without = [0x89, 0x3F, 0x00, 0x00, 0x10, 0x01, 0x00, 0x00];
    assert_eq!(tag_of(Some(3))[12..20], with_source);
    assert_eq!(tag_of(Some(3 + 32))[12..20], with_source, "the index keeps its low bits");
    assert_eq!(tag_of(Some(4))[12..20], without, "source behind another link");
    assert_eq!(tag_of(None)[12..20], without);
    assert_eq!(tag_of(Some(127))[12..20], without, "127 is none, not port 31");
}

#[test]
fn vntag_group_is_a_list_and_looped_with_its_source() {
    let mut bench = Bench::new(Bridge, VnTag);
    bench.group(2, vif_list(5), |_| {});
    bench.port(3, 20, |_| {});
    let mut tag_of = |source| bench.enter(StreamId::Group(2), source, &data(&IPV4)).unwrap().octets;
    assert_eq!(tag_of(Some(3))[12..18], [0x89, 0x26, 0xC0, 0x05, 0x80, 0x14]);
    assert_eq!(tag_of(None)[12..18], [0x89, 0x26, 0xC0, 0x05, 0x00, 0x00]);
}

#[test]
fn control_plane_sends_untagged_on_a_link_and_tagged_for_a_disabled_port() {
    for role in ROLES {
        let mut bench = Bench::new(role, ETag);
        bench.port(3, 20, |row| {
            row.enabled = false;
            row.guard_reserved = true;
            row.check_source = true;
        });
        let sent = frame(RESERVED, SOURCE, &[0x88, 0xCC]);
        let left = bench.enter(StreamId::LinkControl(1), None, &sent).unwrap();
        assert_eq!((left.to, &left.octets), (Destination::Link(1), &sent));
        let left = bench.enter(StreamId::PortControl(3), None, &sent).unwrap();
        let tag = [0x89, 0x3F, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00];
        assert_eq!((left.to, left.octets), (Destination::Link(0), tagged(&sent, &tag)));
        assert_eq!(bench.dispositions(Entity::ControlIn), [(Disposition::Forwarded, 2)]);
    }
}

#[test]
fn nothing_enters_by_what_is_disabled() {
    let off = |role| LinkRow { enabled: false, role, family: ETag, maximum: MAXIMUM };
    for role in ROLES {
        let mut bench = Bench::new(role, ETag);
        bench.port(3, 20, |row| row.enabled = false);
        assert_eq!(bench.enter_port(3, &[]), None);
        bench.assert_one_drop(Entity::PortIn(3), DropReason::PortDisabled);

        bench.port(4, 21, |row| row.link = 1);
        bench.link(1, off(role));
        assert_eq!(bench.enter_port(4, &data(&IPV4)), None);
        bench.assert_one_drop(Entity::PortIn(4), DropReason::PortDisabled);
        for id in [StreamId::LinkControl(1), StreamId::PortControl(4)] {
            assert_eq!(bench.enter(id, None, &data(&IPV4)), None);
            bench.assert_one_drop(Entity::ControlIn, DropReason::PortDisabled);
        }
    }
    let mut bench = Bench::new(Bridge, ETag);
    bench.group(2, etag_channel(1, 1, 0), |row| row.enabled = false);
    bench.group(3, etag_channel(1, 2, 0), |row| row.link = 1);
    bench.link(1, off(Bridge));
    for group in [2, 3] {
        assert_eq!(bench.enter(StreamId::Group(group), None, &data(&IPV4)), None);
        bench.assert_one_drop(Entity::GroupIn(group), DropReason::PortDisabled);
    }
}

#[test]
fn extender_has_no_groups() {
    let mut bench = Bench::new(Extender, ETag);
    bench.group(2, etag_channel(1, 1, 0), |_| {});
    assert_eq!(bench.enter(StreamId::Group(2), None, &data(&IPV4)), None);
    bench.assert_one_drop(Entity::GroupIn(2), DropReason::PortDisabled);
}

#[test]
fn frame_cut_off_inside_what_it_announces_is_a_runt() {
    let whole = [
        data(&IPV4)[..14].to_vec(),
        data(&[0x81, 0x00, 0, 5, 0x08, 0x00])[..18].to_vec(),
        data(&[0x88, 0xA8, 0, 5, 0x91, 0x00, 0, 6, 0x08, 0x00])[..22].to_vec(),
    ];
    for role in ROLES {
        let mut bench = Bench::new(role, ETag);
        bench.port(3, 20, |_| {});
        for whole in &whole {
            assert!(bench.enter_port(3, whole).is_some(), "{} octets", whole.len());
            bench.snapshot();
            for len in [0, 1, 11, 12, 13, whole.len() - 1] {
                assert_eq!(bench.enter_port(3, &whole[..len]), None, "{len} octets");
                bench.assert_one_drop(Entity::PortIn(3), DropReason::Runt);
            }
        }
    }
}

#[test]
fn pause_never_crosses() {
    for role in ROLES {
        let mut bench = Bench::new(role, ETag);
        bench.port(3, 20, |row| row.guard_reserved = true);
        let pause = frame([0x01, 0x80, 0xC2, 0, 0, 1], SOURCE, &[0x88, 0x08]);
        assert_eq!(bench.enter_port(3, &pause), None);
        bench.assert_one_drop(Entity::PortIn(3), DropReason::MacControl);
        assert_eq!(bench.enter(StreamId::LinkControl(0), None, &pause), None);
        bench.assert_one_drop(Entity::ControlIn, DropReason::MacControl);
    }
}

#[test]
fn oversize_frame_is_cut_at_the_ports_maximum_and_marked_bad() {
    for role in ROLES {
        let mut bench = Bench::new(role, ETag);
        bench.port(3, 20, |row| row.maximum = 100);
        let mut long = data(&IPV4);
        long.resize(101, 0xEE);
        let fits = bench.enter_port(3, &long[..100]).unwrap();
        assert_eq!((fits.octets.len(), fits.bad), (108, false));
        bench.snapshot();

        let cut = bench.enter_port(3, &long).unwrap();
        assert!(cut.bad);
        assert_eq!(cut.octets, fits.octets);
        bench.assert_one_drop(Entity::PortIn(3), DropReason::Oversize);
        assert_eq!(bench.traffic(Entity::LinkOut(0)), [0; 4], "no good copy");
        assert_eq!(bench.traffic(Entity::PortIn(3)), [1, 0, 0, 101]);
    }
}

#[test]
fn groups_and_the_control_plane_have_the_links_maximum() {
    let mut bench = Bench::new(Bridge, ETag);
    bench.group(2, etag_channel(1, 1, 0), |_| {});
    bench.port(3, 20, |row| row.maximum = 60);
    let long = vec![0; usize::from(MAXIMUM) + 1];
    for (id, tag) in
        [(StreamId::Group(2), 8), (StreamId::LinkControl(0), 0), (StreamId::PortControl(3), 8)]
    {
        let left = bench.enter(id, None, &long).unwrap();
        assert_eq!((left.octets.len(), left.bad), (usize::from(MAXIMUM) + tag, true), "{id:?}");
        let left = bench.enter(id, None, &long[1..]).unwrap();
        assert!(!left.bad, "{id:?}");
    }
}

#[test]
fn maximum_inside_the_addresses_or_the_tag_cuts_there() {
    let mut bench = Bench::new(Extender, ETag);
    let sent = data(&IPV4);
    for maximum in 0..24 {
        bench.port(3, 20, |row| row.maximum = maximum);
        let left = bench.enter_port(3, &sent).unwrap();
        assert!(left.bad);
        let uncut = tagged(&sent, &[0x89, 0x3F, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00]);
        assert_eq!(left.octets, uncut[..usize::from(maximum) + 8]);
    }
}

#[test]
fn frame_that_the_mac_marked_leaves_bad_and_counts_as_frame_error() {
    let mut bench = Bench::new(Extender, ETag);
    bench.port(3, 20, |row| row.maximum = 64);
    let left =
        bench.machine.from_port(StreamId::Port(3), None, priority(0, false), &data(&IPV4), true);
    assert!(left.unwrap().bad);
    bench.assert_one_drop(Entity::PortIn(3), DropReason::FrameError);

    let left = bench.machine.from_port(StreamId::Port(3), None, priority(0, false), &[0; 65], true);
    assert!(left.unwrap().bad);
    bench.assert_one_drop(Entity::PortIn(3), DropReason::Oversize);

    let left = bench.machine.from_port(StreamId::Port(3), None, priority(0, false), &[0; 13], true);
    assert_eq!(left, None);
    bench.assert_one_drop(Entity::PortIn(3), DropReason::Runt);
}
