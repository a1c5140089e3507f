// SPDX-License-Identifier: MIT
//! The block `window` against docs/pipeline.md, 3.2.

use rust_hdl::prelude::*;
use vireo_hdl::blocks::slot::{Origin, Slot};
use vireo_hdl::blocks::window::Window;

use crate::bench::{CYCLES, Random, clock, clocked, generates, pack, settle, unpack};
use crate::frames::{FRONT, origin};

clocked!([const W: usize, const H: usize] Window<W, H>);

#[derive(Clone, Debug)]
struct Beat {
    octets: Vec<u8>,
    first: bool,
    last: bool,
    bad: bool,
    origin: Origin,
}

impl Beat {
    fn slot(&self) -> Slot {
        let size = (self.octets.len() as u64).to_bits();
        Slot { valid: true, first: self.first, last: self.last, bad: self.bad, size }
    }

    /// Its lanes, 0 behind the last octet.
    fn lanes(&self, width: usize) -> Vec<u8> {
        let mut lanes = self.octets.clone();
        lanes.resize(width, 0);
        lanes
    }
}

fn agree<const W: usize, const H: usize>() {
    generates::<Window<W, H>>();
    let mut random = Random::new(W as u64 + 3);
    let mut block = Window::<W, H>::default();
    block.connect_all();
    let width = W / 8;
    let mut w: Vec<Option<Beat>> = vec![None; H];
    let (mut open, mut out, mut inside, mut headers) = (false, None::<Beat>, false, 0);
    for cycle in 0..CYCLES / 4 {
        let (rst, en) = (cycle < 2 || random.one_in(1000), !random.one_in(4));
        if out.is_none() && !random.one_in(3) {
            let last = random.one_in(3);
            let size = if last { 1 + random.below(width as u64) as usize } else { width };
            out = Some(Beat {
                octets: random.octets(size),
                first: !inside,
                last,
                bad: last && random.one_in(2),
                origin: origin(&mut random),
            });
            inside = !last;
        }
        block.rst.next = rst;
        block.en.next = en;
        block.s_slot.next = out.as_ref().map(Beat::slot).unwrap_or_default();
        if let Some(beat) = &out {
            block.s_data.next = pack(&beat.lanes(width));
            block.s_origin.next = beat.origin;
        }
        settle(&mut block);
        let shift = en && (out.is_some() || !open);
        let leaves = w[H - 1].clone().filter(|_| shift);
        assert_eq!(block.slot.val().valid, leaves.is_some(), "cycle {cycle}");
        if let Some(beat) = leaves {
            assert_eq!(block.slot.val(), beat.slot(), "cycle {cycle}");
            assert_eq!(unpack(block.data.val()), beat.lanes(width), "cycle {cycle}");
            if beat.first {
                let mut header = Vec::new();
                for beat in w.iter().rev().flatten() {
                    header.extend(&beat.octets);
                    if beat.last {
                        break;
                    }
                }
                header.truncate(FRONT);
                assert_eq!(block.octets.val().index(), header.len(), "cycle {cycle}");
                header.resize(FRONT, 0);
                assert_eq!(unpack(block.header.val()), header, "cycle {cycle}");
                assert_eq!(block.origin.val(), beat.origin, "cycle {cycle}");
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
    assert!(headers > CYCLES / 100, "{headers} headers");
}

#[test]
fn window_gives_whole_headers_at_every_width() {
    agree::<64, 4>();
    agree::<128, 2>();
    agree::<256, 1>();
    agree::<512, 1>();
}
