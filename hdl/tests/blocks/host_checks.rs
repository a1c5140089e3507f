// SPDX-License-Identifier: MIT
//! The block `host_checks` against docs/rules.md, "Host-frame checks", on frames whose tags are known by construction.

use rust_hdl::prelude::*;
use vireo_hdl::blocks::host_checks::HostChecks;
use vireo_spec::ether::{EtherType, MacAddr};
use vireo_spec::fate::DropReason;
use vireo_spec::tag::TagFamily;

use crate::bench::{CYCLES, Random, generates, settle};
use crate::frames::{Frame, described};

/// What the checks say of a frame.
#[derive(Debug, PartialEq)]
pub(crate) enum Fate {
    /// Nothing.
    Passes,
    /// It goes to the control port.
    Control,
    /// It is dropped.
    Drop(DropReason),
}

/// The checks, in their order. The frame is as the host sent it; `tag` octets of a channel's tag stand before its EtherType.
pub(crate) fn fate(host: &Frame, tag: usize, s_tag_link: bool, guard: bool, control: bool) -> Fate {
    let to = MacAddr(*host.octets.first_chunk().expect("whole"));
    let types = &host.announces[usize::from(tag > 0)..];
    let depth = types.iter().take_while(|ethertype| ethertype.is_vlan_tag()).count();
    let family = |ethertype: &EtherType| match TagFamily::of(*ethertype) {
        Some(TagFamily::STag) => s_tag_link,
        family => family.is_some(),
    };
    let word = u16::from_be_bytes([host.octets[14 + tag], host.octets[15 + tag]]);
    if to.is_reserved() && guard {
        Fate::Drop(DropReason::ReservedAddress)
    } else if to.is_reserved() && control && [EtherType::LLDP, EtherType::ECP].contains(&types[0]) {
        Fate::Control
    } else if types[..=depth.min(2)].iter().any(family) {
        Fate::Drop(DropReason::TagPresent)
    } else if depth > 2 {
        Fate::Drop(DropReason::TagDepth)
    } else if types[0] == EtherType::C_TAG && word & 0xFFF == 0xFFF {
        Fate::Drop(DropReason::ReservedVlan)
    } else {
        Fate::Passes
    }
}

#[test]
fn host_checks_judge_ports_and_virtual_ports_in_the_order_of_the_rules() {
    generates::<HostChecks>();
    let mut random = Random::new(21);
    let mut block = HostChecks::default();
    block.connect_all();
    let mut fates = [0; 3];
    for cycle in 0..CYCLES {
        let mut frame = Frame::random(&mut random);
        let family = TagFamily::ALL[random.below(3) as usize];
        let (guard, control) = (random.one_in(3), random.one_in(2));
        // At a bridge's link the channel's tag stands in front of what the host sent.
        let at_link = random.one_in(2);
        if at_link {
            let mut tags = vec![family.ethertype()];
            tags.extend(&frame.announces[..(frame.announces.len() - 1).min(3)]);
            frame = Frame::with_tags(&mut random, &tags);
        }
        let s_tag_link = family == TagFamily::STag;
        block.parsed.next = described(&frame.octets, at_link, s_tag_link);
        block.guard.next = guard;
        block.control.next = control;
        settle(&mut block);
        let tag = if at_link { family.len() } else { 0 };
        let fate = fate(&frame, tag, s_tag_link, guard, control);
        let reason =
            DropReason::ALL.iter().find(|r| u64::from(r.code()) == block.reason.val().to_u64());
        let found = match (block.drop.val(), block.to_control.val()) {
            (true, false) => Fate::Drop(*reason.expect("a reason's code")),
            (false, true) => Fate::Control,
            (false, false) => Fate::Passes,
            (true, true) => panic!("cycle {cycle}: dropped and handed to the control port"),
        };
        assert_eq!(found, fate, "cycle {cycle}: {frame:02x?}");
        fates[match fate {
            Fate::Passes => 0,
            Fate::Control => 1,
            Fate::Drop(_) => 2,
        }] += 1;
    }
    assert!(fates.iter().all(|&count| count > CYCLES / 500), "{fates:?}");
}
