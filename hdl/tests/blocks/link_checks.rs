// SPDX-License-Identifier: MIT
//! The block `link_checks` against docs/rules.md, "Enters at a link", as far as no table is asked.

use rust_hdl::prelude::*;
use vireo_hdl::blocks::link_checks::LinkChecks;
use vireo_hdl::blocks::slot::Origin;
use vireo_hdl::blocks::verdict::Verdict;
use vireo_spec::ether::{ADDRESSES_LEN, MacAddr, Priority};
use vireo_spec::fate::DropReason;
use vireo_spec::pins::StreamId;
use vireo_spec::table::Entity;
use vireo_spec::tag::{Channel, Direction, ETagView, STagView, TagFamily, VnTag, VnTagView};

use crate::bench::{CYCLES, Random, clock, clocked, generates, settle};
use crate::frames::{FRONT, Frame, described, origin};

clocked!([] LinkChecks);

/// The outermost tag: its family and channel, whether its format is right for the role, and its priority if it has one.
struct Outermost {
    family: TagFamily,
    channel: Channel,
    good: bool,
    priority: Option<Priority>,
}

fn outermost(front: &[u8; FRONT], link: TagFamily, bridge: bool) -> Option<Outermost> {
    let tag = &front[ADDRESSES_LEN..];
    if let Ok(view) = ETagView::new_checked(tag) {
        let (channel, priority) = (Channel::etag(view.ecid()), Some(view.priority()));
        Some(Outermost { family: TagFamily::ETag, channel, good: true, priority })
    } else if let Ok(view) = VnTagView::new_checked(tag) {
        let channel = if bridge {
            Channel::vntag(false, view.source().to_vif())
        } else {
            Channel::vntag(view.list(), view.destination())
        };
        let way = if bridge { Direction::HostToNetwork } else { Direction::NetworkToHost };
        let good = view.version() == VnTag::VERSION && view.direction() == way;
        Some(Outermost { family: TagFamily::VnTag, channel, good, priority: None })
    } else if link == TagFamily::STag
        && let Ok(view) = STagView::new_checked(tag)
    {
        let (channel, priority) = (Channel::stag(view.vid()), Some(view.priority()));
        Some(Outermost { family: TagFamily::STag, channel, good: true, priority })
    } else {
        None
    }
}

/// What must be known of the frame; what does not matter is as `found` has it.
fn known(octets: &[u8], origin: Origin, found: Verdict) -> Verdict {
    let mut front = [0; FRONT];
    front[..octets.len()].copy_from_slice(octets);
    let family = TagFamily::from_code(origin.family.to_u8()).expect("a family");
    let parsed = described(octets, true, family == TagFamily::STag);
    let tag = outermost(&front, family, origin.bridge);
    let own = tag.as_ref().filter(|tag| tag.family == family);
    let link = origin.link.to_u8();
    let mut verdict = Verdict {
        drop: true,
        control: false,
        at_port: false,
        check_source: false,
        maximum: origin.maximum,
        members: 0.into(),
        entity: u64::from(Entity::LinkIn(link).code()).to_bits(),
        class: parsed.class,
        mac: parsed.mac,
        vlan: (parsed.tci.to_u64() & 0xFFF).to_bits(),
        link: origin.link,
        channel: own.map_or(0, |tag| u64::from(tag.channel.bits())).to_bits(),
        ..found
    };
    let refused = if !origin.enabled {
        Some(DropReason::PortDisabled)
    } else if parsed.runt {
        Some(DropReason::Runt)
    } else if parsed.mac_control {
        Some(DropReason::MacControl)
    } else {
        match (&tag, own) {
            (None, _) if MacAddr(*front.first_chunk().expect("6 octets")).is_reserved() => {
                verdict.control = true;
                verdict.id = u64::from(StreamId::LinkControl(link).code()).to_bits();
                None
            }
            (None, _) => Some(DropReason::TagAbsent),
            (_, None) => Some(DropReason::TagFormat),
            (_, Some(own)) if !own.good => Some(DropReason::TagFormat),
            (_, Some(own)) if own.channel.is_null(family) => Some(DropReason::ChannelMiss),
            _ => None,
        }
    };
    if let Some(reason) = refused {
        verdict.reason = u64::from(reason.code()).to_bits();
        return verdict;
    }
    verdict.drop = false;
    verdict.growth = tag.as_ref().map_or(0, |tag| tag.family.len() as u64).to_bits();
    let of_frame = Priority::from_tci(parsed.tci.to_u64() as u16);
    let priority = tag.and_then(|tag| tag.priority).unwrap_or(of_frame);
    verdict.priority = u64::from(priority.code()).to_bits();
    verdict
}

#[test]
fn link_checks_refuse_in_the_order_of_the_rules() {
    generates::<LinkChecks>();
    let mut random = Random::new(23);
    let mut block = LinkChecks::default();
    block.connect_all();
    let mut reasons = [0; 8];
    // What came one and two clocks ago.
    let mut judged: [Option<(Frame, Origin)>; 2] = [None, None];
    for cycle in 0..CYCLES {
        let origin = Origin { enabled: !random.one_in(16), ..origin(&mut random) };
        let family = TagFamily::from_code(origin.family.to_u8()).expect("a family");
        let mut frame = Frame::random(&mut random);
        if !random.one_in(4) {
            // The link's own tag, mostly with the fields that its role takes in.
            let mut tags = vec![family.ethertype()];
            tags.extend(frame.announces.iter().filter(|ethertype| ethertype.is_vlan_tag()).take(2));
            frame = Frame::with_tags(&mut random, &tags);
            if family == TagFamily::VnTag && !random.one_in(4) {
                frame.octets[14] = frame.octets[14] & 0x7F | u8::from(!origin.bridge) << 7;
                frame.octets[16] &= 0xCF;
            }
            if random.one_in(8) {
                // No channel, or almost none.
                frame.octets[14..18].iter_mut().for_each(|octet| *octet &= 0x80);
                frame.octets[random.below(4) as usize + 14] |= 1 << random.below(8);
            }
        }
        let frame = if random.one_in(8) { frame.cut_off(&mut random) } else { frame };
        let en = !random.one_in(4);
        block.en.next = en;
        block.parsed.next = described(&frame.octets, true, family == TagFamily::STag);
        block.origin.next = origin;
        settle(&mut block);
        if let Some((frame, origin)) = &judged[0] {
            let known = known(&frame.octets, *origin, Verdict::default());
            assert_eq!(
                block.channel.val(),
                known.channel,
                "cycle {cycle}: {frame:02x?} {origin:?}"
            );
            assert_eq!(block.link.val(), origin.link, "cycle {cycle}");
        }
        if let Some((frame, origin)) = &judged[1] {
            let found = block.verdict.val();
            let known = known(&frame.octets, *origin, found);
            assert_eq!(found, known, "cycle {cycle}: {frame:02x?} {origin:?}");
            let at = if known.drop { known.reason.index() } else { 6 + usize::from(known.control) };
            reasons[at] += 1;
        }
        if en {
            judged = [Some((frame, origin)), judged[0].take()];
        }
        clock(&mut block);
    }
    let rare = reasons.iter().position(|&count| count < CYCLES / 1000);
    assert!(rare.is_none(), "{reasons:?} of {CYCLES}");
}
