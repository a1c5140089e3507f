// SPDX-License-Identifier: MIT
//! Scenarios of priorities: which one is written into the tag, and which one travels with the frame.

use vireo_spec::tag::Role::{Bridge, Extender};
use vireo_spec::tag::TagFamily::{ETag, STag, VnTag};

use super::*;

/// PCP 5, DEI 1, VID 101.
const C_TAG: [u8; 6] = [0x81, 0x00, 0xB0, 0x65, 0x08, 0x00];
/// The same under another EtherType.
const Q_IN_Q: [u8; 6] = [0x91, 0x00, 0xB0, 0x65, 0x08, 0x00];

fn trusting(row: &mut PortRow) {
    (row.trust_priority, row.default_priority) = (true, Pcp::new(2).unwrap());
}

#[test]
fn tag_takes_the_c_tags_priority_where_the_port_trusts_it() {
    for role in [Extender, Bridge] {
        for family in [ETag, VnTag, STag] {
            let mut bench = Bench::new(role, family);
            bench.port(3, 20, trusting);
            bench.port(4, 21, |row| row.default_priority = Pcp::new(2).unwrap());
            let cases = [
                (3, data(&C_TAG), priority(5, true)),
                (3, data(&Q_IN_Q), priority(2, false)),
                (3, data(&IPV4), priority(2, false)),
                (4, data(&C_TAG), priority(2, false)),
            ];
            for (port, sent, expected) in cases {
                for id in [StreamId::Port(port), StreamId::PortControl(port)] {
                    let left = bench.enter(id, None, &sent).unwrap();
                    assert_eq!(left.priority, expected, "{role} {family} {id:?}");
                    if family != VnTag {
                        assert_eq!(left.octets[14] >> 4, expected.to_tci().to_be_bytes()[0] >> 4);
                    }
                }
            }
        }
    }
}

#[test]
fn group_has_a_priority_of_its_own() {
    let mut bench = Bench::new(Bridge, ETag);
    bench.port(3, 20, |_| {});
    bench.group(2, etag_channel(1, 1, 0), |row| {
        (row.trust_priority, row.default_priority) = (true, Pcp::new(6).unwrap());
    });
    bench.group(4, etag_channel(1, 2, 0), |row| row.default_priority = Pcp::new(6).unwrap());
    let mut of = |group, behind: &[u8]| {
        bench.enter(StreamId::Group(group), Some(3), &data(behind)).unwrap().priority
    };
    assert_eq!(of(2, &C_TAG), priority(5, true));
    assert_eq!(of(2, &IPV4), priority(6, false));
    assert_eq!(of(4, &C_TAG), priority(6, false), "not trusted");
}

#[test]
fn untagged_control_frame_keeps_the_priority_it_came_with() {
    let mut bench = Bench::new(Extender, ETag);
    let left = bench.enter(StreamId::LinkControl(0), None, &data(&IPV4)).unwrap();
    assert_eq!(left.priority, priority(5, true), "as the bench gave it");
}

#[test]
fn extenders_control_frame_has_the_priority_that_its_tag_would_have() {
    let mut bench = Bench::new(Extender, ETag);
    bench.port(3, 20, |row| {
        trusting(row);
        row.control = true;
    });
    let left = bench.enter_port(3, &frame(RESERVED, SOURCE, &[0x88, 0xCC])).unwrap();
    assert_eq!(left.to, Destination::Control(StreamId::PortControl(3)));
    assert_eq!(left.priority, priority(2, false));
}

#[test]
fn from_a_link_the_tags_priority_travels_and_without_one_the_c_tags() {
    let tags: [(TagFamily, &[u8], Option<Priority>); 3] = [
        (ETag, &[0x89, 0x3F, 0x70, 0, 0, 20, 0, 0], Some(priority(3, true))),
        (STag, &[0x88, 0xA8, 0x60, 20], Some(priority(3, false))),
        (VnTag, &[0x89, 0x26, 0x80, 20, 0, 0], None),
    ];
    for (family, tag, in_tag) in tags {
        let mut bench = Bench::new(Extender, family);
        bench.port(3, 20, |_| {});
        bench.members(0, channel(family, 20), &[3]);
        let mut of =
            |behind: &[u8]| bench.enter_link(0, &tagged(&data(behind), tag)).unwrap().priority;
        assert_eq!(of(&C_TAG), in_tag.unwrap_or(priority(5, true)), "{family}");
        assert_eq!(of(&Q_IN_Q), in_tag.unwrap_or(priority(0, false)), "{family}");
        assert_eq!(of(&IPV4), in_tag.unwrap_or(priority(0, false)), "{family}");
    }
}

#[test]
fn untagged_control_frame_of_a_link_has_its_c_tags_priority() {
    for family in [ETag, VnTag, STag] {
        let mut bench = Bench::new(Bridge, family);
        let mut of = |behind: &[u8]| bench.enter_link(0, &frame(RESERVED, SOURCE, behind)).unwrap();
        assert_eq!(of(&C_TAG).priority, priority(5, true));
        assert_eq!(of(&[0x88, 0xCC]).priority, priority(0, false));
    }
}
