// SPDX-License-Identifier: MIT
//! The block `window` against docs/pipeline.md, 3.2.

use rust_hdl::prelude::*;
use vireo_hdl::blocks::slot::{Origin, Slot};
use vireo_hdl::blocks::window::Window;

use crate::bench::{CYCLES, Random, all, clock, clocked, generates, pack, settle, unpack};
use crate::frames::{FRONT, origin};

clocked!([const W: usize, const K: usize, const H: usize] Window<W, K, H>);

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

fn agree<const W: usize, const K: usize, const H: usize>() {
    generates::<Window<W, K, H>>();
    let mut random = Random::new(W as u64 + 3);
    let mut block = Window::<W, K, H>::default();
    block.connect_all();
    let width = K;
    let mut w: Vec<Option<Beat>> = vec![None; H];
    let (mut open, mut out, mut inside, mut headers) = (false, None::<Beat>, false, 0);
    let mut header: Option<(Vec<u8>, Origin)> = None;
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
        block.en.next = all(en);
        block.s_slot.next = out.as_ref().map(Beat::slot).unwrap_or_default();
        if let Some(beat) = &out {
            block.s_data.next = pack(&beat.lanes(width));
            block.s_origin.next = beat.origin;
        }
        settle(&mut block);
        let shift = en && (out.is_some() || !open);
        let leaves = w[H - 1].clone().filter(|_| shift);
        assert_eq!(block.slot.val().valid, leaves.is_some(), "cycle {cycle}");
        if let Some(beat) = &leaves {
            assert_eq!(block.slot.val(), beat.slot(), "cycle {cycle}");
            assert_eq!(unpack(block.data.val()), beat.lanes(width), "cycle {cycle}");
        }
        // The header stands a clock later.
        assert_eq!(block.valid.val(), header.is_some(), "cycle {cycle}");
        if let Some((octets, origin)) = &header {
            assert_eq!(block.octets.val().index(), octets.len(), "cycle {cycle}");
            let mut octets = octets.clone();
            octets.resize(FRONT, 0);
            assert_eq!(unpack(block.header.val()), octets, "cycle {cycle}");
            assert_eq!(block.origin.val(), *origin, "cycle {cycle}");
            headers += 1;
        }
        if en {
            header = leaves.filter(|beat| beat.first).map(|beat| {
                let mut octets = Vec::new();
                for beat in w.iter().rev().flatten() {
                    octets.extend(&beat.octets);
                    if beat.last {
                        break;
                    }
                }
                octets.truncate(FRONT);
                (octets, beat.origin)
            });
        }
        if shift {
            w.rotate_right(1);
            w[0] = out.take();
            open = w[0].as_ref().is_some_and(|beat| !beat.last);
        }
        if rst {
            (w, open, out, inside) = (vec![None; H], false, None, false);
            header = None;
        }
        clock(&mut block);
    }
    assert!(headers > CYCLES / 100, "{headers} headers");
}

#[test]
fn window_gives_whole_headers_at_every_width() {
    agree::<64, 8, 4>();
    agree::<128, 16, 2>();
    agree::<256, 32, 1>();
    agree::<512, 64, 1>();
}
