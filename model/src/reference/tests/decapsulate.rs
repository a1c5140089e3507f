// SPDX-License-Identifier: MIT
//! Scenarios of "Enters at a link": drops, members, pruning of the source, control frames, cuts.

use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::tag::Role::{Bridge, Extender};
use vireo_spec::tag::TagFamily::{self, ETag, STag, VnTag};

use super::*;

const ROLES: [Role; 2] = [Extender, Bridge];
/// Channel 20 of an E-TAG link.
const TAG_20: [u8; 8] = [0x89, 0x3F, 0, 0, 0, 20, 0, 0];

/// Port 3 is the member of channel 20 of link 0.
fn bench(role: Role, family: TagFamily) -> Bench {
    let mut bench = Bench::new(role, family);
    bench.port(3, 20, |_| {});
    bench.members(0, channel(family, 20), &[3]);
    bench
}

fn assert_link_drops(bench: &mut Bench, frame: &[u8], reason: DropReason) {
    assert_eq!(bench.enter_link(0, frame), None, "{reason} of {frame:02x?}");
    bench.assert_one_drop(Entity::LinkIn(0), reason);
}

#[test]
fn tag_is_taken_off_on_the_way_to_the_member() {
    for role in ROLES {
        let vntag: &[u8] = match role {
            Extender => &[0x89, 0x26, 0x80, 20, 0, 0],
            Bridge => &[0x89, 0x26, 0, 0, 0, 20],
        };
        let tags: [(TagFamily, &[u8]); 3] =
            [(ETag, &TAG_20), (VnTag, vntag), (STag, &[0x88, 0xA8, 0xF0, 20])];
        for (family, tag) in tags {
            let mut bench = bench(role, family);
            let sent = data(&[0x81, 0, 0, 0x65, 0x08, 0x00]);
            let left = bench.enter_link(0, &tagged(&sent, tag)).unwrap();
            assert_eq!(
                (left.to, &left.octets, left.bad),
                (ports([3]), &sent, false),
                "{role} {family}"
            );
            assert_eq!(bench.dispositions(Entity::LinkIn(0)), [(Disposition::Forwarded, 1)]);
            assert_eq!(bench.traffic(Entity::LinkIn(0)), [1, 0, 0, 64 + tag.len() as u64]);
            assert_eq!(bench.traffic(Entity::PortOut(3)), [1, 0, 0, 64]);
        }
    }
}

#[test]
fn reserved_bits_are_ignored() {
    let mut bench = bench(Extender, ETag);
    let tag = [0x89, 0x3F, 0, 0, 0xC0, 20, 0, 0];
    assert!(bench.enter_link(0, &tagged(&data(&IPV4), &tag)).is_some());
    let mut bench = self::bench(Extender, VnTag);
    assert!(bench.enter_link(0, &tagged(&data(&IPV4), &[0x89, 0x26, 0x80, 20, 0x40, 0])).is_some());
}

#[test]
fn nothing_enters_by_a_disabled_link() {
    for role in ROLES {
        let mut bench = bench(role, ETag);
        bench.link(0, LinkRow { enabled: false, role, family: ETag, maximum: MAXIMUM });
        assert_link_drops(&mut bench, &tagged(&data(&IPV4), &TAG_20), DropReason::PortDisabled);
        assert_link_drops(&mut bench, &[], DropReason::PortDisabled);
    }
}

#[test]
fn frame_cut_off_inside_the_tags_it_announces_is_a_runt() {
    let vlan_tags: [&[u8]; 3] = [&[], &[0x81, 0, 0, 5], &[0x88, 0xA8, 0, 5, 0x81, 0, 0, 6]];
    let family_tags: [(TagFamily, &[u8], [usize; 3]); 5] = [
        (ETag, &TAG_20, [22, 26, 30]),
        (ETag, &[0x89, 0x26, 0x80, 20, 0, 0], [20, 24, 28]),
        (VnTag, &[0x89, 0x26, 0x80, 20, 0, 0], [20, 24, 28]),
        (STag, &[0x88, 0xA8, 0, 20], [18, 22, 26]),
        (ETag, &[], [14, 18, 22]),
    ];
    for (family, tag, needs) in family_tags {
        let mut bench = bench(Extender, family);
        for (vlan_tags, need) in vlan_tags.into_iter().zip(needs) {
            let whole = tagged(&data(&[vlan_tags, &IPV4].concat()), tag);
            bench.enter_link(0, &whole[..need]);
            bench.snapshot();
            assert_eq!(bench.count(Entity::LinkIn(0), Disposition::Dropped(DropReason::Runt)), 0);
            for len in [0, 13, need - 1] {
                assert_link_drops(&mut bench, &whole[..len], DropReason::Runt);
            }
        }
    }
}

#[test]
fn pause_never_crosses_with_or_without_a_tag() {
    for role in ROLES {
        let mut bench = bench(role, ETag);
        let pause = frame([0x01, 0x80, 0xC2, 0, 0, 1], SOURCE, &[0x88, 0x08]);
        assert_link_drops(&mut bench, &pause, DropReason::MacControl);
        assert_link_drops(&mut bench, &tagged(&pause, &TAG_20), DropReason::MacControl);
        let anothers = tagged(&pause, &[0x89, 0x26, 0, 0, 0, 20]);
        assert_link_drops(&mut bench, &anothers, DropReason::MacControl);
    }
}

#[test]
fn untagged_frame_is_for_the_control_plane_only_at_a_reserved_address() {
    for role in ROLES {
        let mut bench = bench(role, ETag);
        for last in 0..16 {
            let sent = frame([0x01, 0x80, 0xC2, 0, 0, last], SOURCE, &[0x88, 0xCC]);
            let left = bench.enter_link(1, &sent).unwrap();
            assert_eq!(left.to, Destination::Control(StreamId::LinkControl(1)));
            assert_eq!(left.octets, sent);
        }
        assert_eq!(bench.dispositions(Entity::LinkIn(1)), [(Disposition::Control, 16)]);
        assert_eq!(bench.traffic(Entity::ControlOut), [0, 16, 0, 16 * 64]);
        assert_link_drops(&mut bench, &data(&[0x88, 0xCC]), DropReason::TagAbsent);
        // A channel's tag behind a VLAN tag is not the link's tag.
        let hidden = data(&[0x81, 0, 0, 5, 0x89, 0x3F, 0, 0, 0, 20, 0, 0, 0x08, 0x00]);
        assert_link_drops(&mut bench, &hidden, DropReason::TagAbsent);
        assert_link_drops(
            &mut bench,
            &data(&[0x88, 0xA8, 0, 20, 0x08, 0x00]),
            DropReason::TagAbsent,
        );
    }
}

#[test]
fn tag_of_another_family_is_malformed() {
    let tags: [(TagFamily, &[u8]); 3] =
        [(ETag, &TAG_20), (VnTag, &[0x89, 0x26, 0x80, 20, 0, 0]), (STag, &[0x88, 0xA8, 0, 20])];
    for (of_link, _) in tags {
        let mut bench = bench(Extender, of_link);
        for (family, tag) in tags.into_iter().filter(|&(family, _)| family != of_link) {
            let reason = if family == STag { DropReason::TagAbsent } else { DropReason::TagFormat };
            assert_link_drops(&mut bench, &tagged(&data(&IPV4), tag), reason);
        }
    }
}

#[test]
fn vntag_of_another_version_or_the_wrong_way_is_malformed() {
    for (role, right, wrong) in [(Extender, 0x80, 0x00), (Bridge, 0x00, 0x80)] {
        let mut bench = bench(role, VnTag);
        let tag = |direction, version: u8| [0x89, 0x26, direction, 20, version << 4, 20];
        assert!(bench.enter_link(0, &tagged(&data(&IPV4), &tag(right, 0))).is_some(), "{role}");
        bench.snapshot();
        for malformed in [tag(wrong, 0), tag(right, 1), tag(right, 2), tag(right, 3)] {
            let sent = tagged(&data(&IPV4), &malformed);
            assert_link_drops(&mut bench, &sent, DropReason::TagFormat);
        }
    }
}

#[test]
fn channel_that_the_link_does_not_have_is_missed() {
    for role in ROLES {
        let mut bench = bench(role, ETag);
        for other in [
            [0x89, 0x3F, 0, 0, 0, 21, 0, 0],
            [0x89, 0x3F, 0, 0, 0, 20, 0, 1],
            [0x89, 0x3F, 0, 0, 0x10, 20, 0, 0],
        ] {
            assert_link_drops(&mut bench, &tagged(&data(&IPV4), &other), DropReason::ChannelMiss);
        }
        assert_eq!(bench.enter_link(1, &tagged(&data(&IPV4), &TAG_20)), None);
        bench.assert_one_drop(Entity::LinkIn(1), DropReason::ChannelMiss);
    }
}

#[test]
fn null_channel_is_missed_even_if_the_table_has_it() {
    for role in ROLES {
        let tags: [(Channel, &[u8]); 4] = [
            (etag_channel(0, 0, 0), &[0x89, 0x3F, 0, 0, 0, 0, 0, 0]),
            (etag_channel(0, 0, 7), &[0x89, 0x3F, 0, 0, 0, 0, 0, 7]),
            (
                channel(VnTag, 0),
                if role == Bridge {
                    &[0x89, 0x26, 0, 5, 0, 0]
                } else {
                    &[0x89, 0x26, 0x80, 0, 0, 5]
                },
            ),
            (channel(STag, 0), &[0x88, 0xA8, 0xF0, 0]),
        ];
        for (family, (channel, tag)) in [ETag, ETag, VnTag, STag].into_iter().zip(tags) {
            let mut bench = bench(role, family);
            bench.members(0, channel, &[3]);
            assert_link_drops(&mut bench, &tagged(&data(&IPV4), tag), DropReason::ChannelMiss);
        }
    }
}

#[test]
fn vif_and_list_of_one_number_are_two_channels() {
    let mut bench = Bench::new(Extender, VnTag);
    (3..6).for_each(|port| bench.port(port, 20 + u16::from(port), |_| {}));
    bench.members(0, channel(VnTag, 5), &[3]);
    bench.members(0, vif_list(5), &[4, 5]);
    let mut to = |tag: [u8; 6]| bench.enter_link(0, &tagged(&data(&IPV4), &tag)).unwrap().to;
    assert_eq!(to([0x89, 0x26, 0x80, 5, 0, 0]), ports([3]));
    assert_eq!(to([0x89, 0x26, 0xC0, 5, 0, 0]), ports([4, 5]));
}

#[test]
fn bridge_takes_svif_as_the_channel_whatever_the_destination_says() {
    let mut bench = bench(Bridge, VnTag);
    let left = bench.enter_link(0, &tagged(&data(&IPV4), &[0x89, 0x26, 0x40, 5, 0x80, 20]));
    assert_eq!(left.unwrap().to, ports([3]));
}

#[test]
fn ingress_of_zero_prunes_no_port_not_even_one_without_a_channel() {
    let mut bench = bench(Extender, ETag);
    bench.port(3, 0, |_| {});
    assert_eq!(bench.enter_link(0, &tagged(&data(&IPV4), &TAG_20)).unwrap().to, ports([3]));
}

#[test]
fn channel_without_a_member_is_pruned() {
    for role in ROLES {
        let mut bench = bench(role, ETag);
        bench.members(0, channel(ETag, 20), &[]);
        assert_link_drops(&mut bench, &tagged(&data(&IPV4), &TAG_20), DropReason::Pruned);
    }
}

#[test]
fn extender_replicates_to_enabled_members_and_not_to_the_source() {
    let mut bench = Bench::new(Extender, ETag);
    (1..5).for_each(|port| bench.port(port, 20 + u16::from(port), |_| {}));
    bench.port(4, 24, |row| row.enabled = false);
    bench.members(0, etag_channel(1, 1, 0), &[1, 2, 3, 4]);
    let mut to = |ingress: u8, ext: u8| {
        let tag = [0x89, 0x3F, 0, ingress, 0x10, 1, ext, 0];
        bench.enter_link(0, &tagged(&data(&IPV4), &tag)).map(|left| left.to)
    };
    assert_eq!(to(0, 0), Some(ports([1, 2, 3])));
    assert_eq!(to(22, 0), Some(ports([1, 3])));
    assert_eq!(to(22, 1), Some(ports([1, 2, 3])), "the extension is part of the name");
    bench.snapshot();
    assert_eq!(bench.traffic(Entity::PortOut(1)), [3, 0, 0, 3 * 64]);
    assert_eq!(bench.traffic(Entity::PortOut(2)), [2, 0, 0, 2 * 64]);
    assert_eq!(bench.traffic(Entity::PortOut(4)), [0; 4]);

    bench.members(0, etag_channel(1, 1, 0), &[2, 4]);
    let only_the_source = tagged(&data(&IPV4), &[0x89, 0x3F, 0, 22, 0x10, 1, 0, 0]);
    bench.snapshot();
    assert_link_drops(&mut bench, &only_the_source, DropReason::Pruned);
}

#[test]
fn same_channel_on_another_link_is_not_the_source() {
    let mut bench = Bench::new(Extender, ETag);
    bench.port(1, 21, |_| {});
    bench.port(2, 21, |row| row.link = 1);
    bench.members(0, etag_channel(1, 1, 0), &[1, 2]);
    let tag = [0x89, 0x3F, 0, 21, 0x10, 1, 0, 0];
    assert_eq!(bench.enter_link(0, &tagged(&data(&IPV4), &tag)).unwrap().to, ports([2]));
}

#[test]
fn vntag_prunes_svif_only_where_it_is_looped() {
    let mut bench = Bench::new(Extender, VnTag);
    bench.port(1, 21, |_| {});
    bench.port(2, 22, |_| {});
    bench.members(0, vif_list(5), &[1, 2]);
    let mut to = |looped: u8, source: u8| {
        let tag = [0x89, 0x26, 0xC0, 5, looped, source];
        bench.enter_link(0, &tagged(&data(&IPV4), &tag)).unwrap().to
    };
    assert_eq!(to(0x80, 21), ports([2]));
    assert_eq!(to(0x00, 21), ports([1, 2]));
    assert_eq!(to(0x80, 23), ports([1, 2]));
}

#[test]
fn bridge_knows_the_lowest_member_only_and_counts_a_disabled_one_there() {
    let mut bench = bench(Bridge, ETag);
    bench.port(5, 25, |_| {});
    bench.members(0, channel(ETag, 20), &[3, 5]);
    assert_eq!(bench.enter_link(0, &tagged(&data(&IPV4), &TAG_20)).unwrap().to, ports([3]));
    bench.snapshot();
    bench.port(3, 20, |row| row.enabled = false);
    assert_eq!(bench.enter_link(0, &tagged(&data(&IPV4), &TAG_20)), None);
    bench.assert_one_drop(Entity::PortOut(3), DropReason::PortDisabled);
    assert_eq!(bench.count(Entity::LinkIn(0), Disposition::AtPort), 1);
    assert_eq!(bench.traffic(Entity::PortOut(3)), [0; 4]);
}

#[test]
fn oversize_is_measured_without_the_tag_and_cut_at_the_links_maximum() {
    for role in ROLES {
        let mut bench = bench(role, ETag);
        let mut long = data(&IPV4);
        long.resize(usize::from(MAXIMUM) + 1, 0xEE);
        let fits = bench.enter_link(0, &tagged(&long[..MAXIMUM.into()], &TAG_20)).unwrap();
        assert_eq!((fits.octets.len(), fits.bad), (MAXIMUM.into(), false));
        bench.snapshot();
        let cut = bench.enter_link(0, &tagged(&long, &TAG_20)).unwrap();
        assert_eq!((&cut.octets, cut.bad), (&fits.octets, true));
        bench.assert_one_drop(Entity::LinkIn(0), DropReason::Oversize);
        assert_eq!(bench.traffic(Entity::PortOut(3)), [0; 4], "no good copy");
    }
}

#[test]
fn maximum_inside_the_addresses_cuts_there() {
    let mut bench = bench(Extender, ETag);
    for maximum in 0..20 {
        bench.link(0, LinkRow { enabled: true, role: Extender, family: ETag, maximum });
        let left = bench.enter_link(0, &tagged(&data(&IPV4), &TAG_20)).unwrap();
        assert_eq!(left.octets, data(&IPV4)[..maximum.into()]);
        assert!(left.bad);
    }
}

#[test]
fn frame_that_the_mac_marked_leaves_bad() {
    for role in ROLES {
        let mut bench = bench(role, ETag);
        let sent = tagged(&data(&IPV4), &TAG_20);
        assert!(bench.machine.from_link(0, &sent, true).unwrap().bad);
        bench.assert_one_drop(Entity::LinkIn(0), DropReason::FrameError);
        assert_eq!(bench.machine.from_link(0, &data(&IPV4), true), None);
        bench.assert_one_drop(Entity::LinkIn(0), DropReason::TagAbsent);
    }
}
