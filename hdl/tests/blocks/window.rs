use crate::bench::{Random, clock, clocked, generates, pack, settle, unpack};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::slot::Origin;
use vireo_hdl::blocks::slot::Slot;
use vireo_hdl::blocks::window::*;

clocked!([const W: usize, const H: usize] Window<W, H>);

#[derive(Clone, Debug)]
struct Beat {
    octets: Vec<u8>,
    first: bool,
    last: bool,
    origin: u64,
}

fn agree<const W: usize, const H: usize>() {
    generates::<Window<W, H>>();
    let mut random = Random::new(W as u64 + 3);
    let mut block = Window::<W, H>::default();
    let width = W / 8;
    let mut w: Vec<Option<Beat>> = vec![None; H];
    let (mut open, mut out, mut inside, mut headers) = (false, None::<Beat>, false, 0);
    for cycle in 0..6000 {
        let (rst, en) = (cycle < 2 || random.one_in(1000), !random.one_in(4));
        if out.is_none() && !random.one_in(3) {
            let last = random.one_in(3);
            let size = if last { 1 + random.below(width as u64) as usize } else { width };
            out = Some(Beat {
                octets: (0..size).map(|_| random.bits() as u8).collect(),
                first: !inside,
                last,
                origin: random.below(1 << 22),
            });
            inside = !last;
        }
        let slot = |beat: &Beat| Slot {
            valid: true,
            first: beat.first,
            last: beat.last,
            bad: false,
            size: (beat.octets.len() as u64).to_bits(),
        };
        block.rst.next = rst;
        block.en.next = en;
        block.s_slot.next = out.as_ref().map(slot).unwrap_or_default();
        if let Some(beat) = &out {
            block.s_data.next = pack(&beat.octets);
            block.s_origin.next = Origin { channel: beat.origin.to_bits(), ..Origin::default() };
        }
        settle(&mut block);
        let shift = en && (out.is_some() || !open);
        let leaves = w[H - 1].clone().filter(|_| shift);
        assert_eq!(block.slot.val().valid, leaves.is_some(), "cycle {cycle}");
        if let Some(beat) = leaves {
            assert_eq!(block.slot.val(), slot(&beat));
            assert_eq!(unpack(block.data.val())[..beat.octets.len()], beat.octets);
            if beat.first {
                let mut header = Vec::new();
                for beat in w.iter().rev().flatten() {
                    header.extend(&beat.octets);
                    if beat.last {
                        break;
                    }
                }
                header.truncate(32);
                assert_eq!(block.octets.val().index(), header.len(), "cycle {cycle}");
                header.resize(32, 0);
                assert_eq!(unpack(block.header.val()), header, "cycle {cycle}");
                assert_eq!(block.origin.val().channel.to_u64(), beat.origin);
                headers += 1;
            }
        }
        if shift {
            w.rotate_right(1);
            w[0] = out.take();
            open = w[0].as_ref().is_some_and(|beat| !beat.last);
        }
        if rst {
            (w, open, out, inside) = (vec![None; H], false, None, false);
        }
        clock(&mut block);
    }
    assert!(headers > 500);
}

#[test]
fn window_gives_whole_headers_at_every_width() {
    agree::<64, 4>();
    agree::<128, 2>();
    agree::<256, 1>();
    agree::<512, 1>();
}
