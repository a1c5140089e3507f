// SPDX-License-Identifier: MIT
//! The block `parse` against docs/rules.md's view of a frame, four clocks later (docs/pipeline.md, 3.3).

use rust_hdl::prelude::*;
use vireo_hdl::blocks::parse::{Parse, Parsed};
use vireo_hdl::blocks::slot::Origin;
use vireo_spec::tag::TagFamily;

use crate::bench::{CYCLES, Random, all, clock, clocked, generates, pack, settle};
use crate::frames::{Frame, described, origin};

clocked!([] Parse);

/// What stands in the fields, and in the binding key.
type Said = Option<(Parsed, Origin, [u64; 2])>;

fn said(frame: &Frame, at_link: bool, origin: Origin) -> Said {
    let s_tag_link = origin.family.to_u8() == TagFamily::STag.code();
    let parsed = described(&frame.octets, at_link, s_tag_link);
    let vlan = match parsed.tci.to_u64() & 0xFFF {
        0 => origin.pvid.to_u64(),
        vid => vid,
    };
    let key = u128::from(vlan)
        | u128::from(parsed.mac.to_u64()) << 12
        | u128::from(origin.index.to_u64()) << 60;
    Some((parsed, origin, [key as u64, (key >> 64) as u64]))
}

fn agree(at_link: bool) {
    let mut random = Random::new(at_link.into());
    let mut block = Parse::default();
    block.connect_all();
    block.at_link.next = at_link;
    let mut stages: [Said; 4] = [None, None, None, None];
    let mut headers = 0;
    for cycle in 0..CYCLES / 2 {
        let (rst, en) = (cycle < 2 || random.one_in(1000), !random.one_in(5));
        let header = (!random.one_in(4)).then(|| {
            let frame = Frame::random(&mut random);
            let frame = if random.one_in(4) { frame.cut_off(&mut random) } else { frame };
            (frame, origin(&mut random))
        });
        block.rst.next = rst;
        block.en.next = all(en);
        block.s_valid.next = header.is_some();
        if let Some((frame, origin)) = &header {
            block.s_header.next = pack(&frame.octets);
            block.s_octets.next = (frame.octets.len() as u64).to_bits();
            block.s_origin.next = *origin;
        }
        settle(&mut block);
        assert_eq!(block.parsed.val().valid, stages[3].is_some(), "cycle {cycle}");
        if let Some((parsed, origin, key)) = &stages[3] {
            assert_eq!(block.parsed.val(), *parsed, "cycle {cycle}");
            assert_eq!(block.origin.val(), *origin, "cycle {cycle}");
            let found = block.binding_key.val();
            let found = [found.get_bits::<64>(0).to_u64(), found.get_bits::<8>(64).to_u64()];
            assert_eq!(found, *key, "cycle {cycle}");
            headers += 1;
        }
        if en {
            stages.rotate_right(1);
            stages[0] = header.and_then(|(frame, origin)| said(&frame, at_link, origin));
        }
        if rst {
            stages = [None, None, None, None];
        }
        clock(&mut block);
    }
    assert!(headers > CYCLES / 5, "{headers} headers");
}

#[test]
fn parse_sees_in_a_header_what_the_rules_see() {
    generates::<Parse>();
    agree(false);
    agree(true);
}
