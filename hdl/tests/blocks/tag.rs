// SPDX-License-Identifier: MIT
//! The block `tag` against the tags of crate `spec`, filled in as docs/rules.md says under "What a tag says".

use rust_hdl::prelude::*;
use vireo_hdl::blocks::slot::Origin;
use vireo_hdl::blocks::tag::Tag;
use vireo_spec::ether::{EtherType, Pcp, Priority};
use vireo_spec::tag::{
    CTag, CTagView, Channel, ETag, IngressECid, STag, SourceVif, TagFamily, VnTag,
};

use crate::bench::{CYCLES, Random, generates, settle};
use crate::frames::{Frame, described, origin};

fn channel(bits: Bits<22>) -> Channel {
    Channel::from_bits(bits.to_u64() as u32).expect("22 bits")
}

/// The VIF as a source: 12 bits of it.
fn source_vif(channel: Channel) -> SourceVif {
    SourceVif::new(channel.vif().get() & SourceVif::MAX.get()).expect("12 bits")
}

fn octets(origin: Origin, priority: Priority) -> Vec<u8> {
    let (own, source) = (channel(origin.channel), channel(origin.source));
    match TagFamily::from_code(origin.family.to_u8()).expect("a family") {
        TagFamily::ETag => {
            let ingress = if origin.looped {
                IngressECid::new(source.ecid().base(), source.ecid().ext()).expect("12 bits")
            } else {
                IngressECid::NONE
            };
            ETag { priority, ingress, ecid: own.ecid() }.to_octets().to_vec()
        }
        TagFamily::VnTag if origin.bridge => {
            let source = origin.looped.then(|| source_vif(source));
            VnTag::downstream(own.list(), own.vif(), source).to_octets().to_vec()
        }
        TagFamily::VnTag => VnTag::upstream(source_vif(own)).to_octets().to_vec(),
        TagFamily::STag => STag { priority, vid: own.vid() }.to_octets().to_vec(),
    }
}

#[test]
fn tag_is_the_one_of_the_spec_with_the_priority_of_the_rules() {
    generates::<Tag>();
    let mut random = Random::new(22);
    let mut block = Tag::default();
    block.connect_all();
    for cycle in 0..CYCLES {
        let frame = Frame::random(&mut random);
        let mut origin = origin(&mut random);
        // Only a bridge has groups, whose frames may come back to where they came from.
        origin.looped &= origin.bridge;
        let s_tag_link = origin.family.to_u8() == TagFamily::STag.code();
        block.parsed.next = described(&frame.octets, false, s_tag_link);
        block.origin.next = origin;
        settle(&mut block);
        let priority = match frame.announces[0] {
            EtherType::C_TAG if origin.trust => {
                let view = CTagView::new_checked(&frame.octets[12..]).expect("a C-TAG");
                CTag::parse(view).priority
            }
            _ => Priority {
                pcp: Pcp::new(origin.default_priority.to_u8()).expect("3 bits"),
                dei: false,
            },
        };
        let mut expected = octets(origin, priority);
        expected.resize(8, 0);
        let found = block.octets.val().to_u64().to_le_bytes();
        assert_eq!(found, expected[..], "cycle {cycle}: {origin:?}");
        assert_eq!(block.priority.val().to_u8(), priority.code(), "cycle {cycle}: {frame:02x?}");
    }
}
