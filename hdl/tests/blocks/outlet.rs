// SPDX-License-Identifier: MIT
//! The block `outlet` against docs/pipeline.md, 3.8.

use std::collections::VecDeque;

use rust_hdl::prelude::*;
use vireo_hdl::blocks::outlet::Outlet;

use crate::bench::{CYCLES, Random, clock, clocked, generates, pack, settle, unpack, wide};

clocked!([const W: usize, const K: usize, const O: usize, const D: usize] Outlet<W, K, O, D>);

/// The two beats that it holds.
#[derive(Default)]
struct Slice {
    ready: bool,
    out: Option<Beat>,
    skid: Option<Beat>,
}

#[derive(Clone, Debug, PartialEq)]
struct Beat {
    octets: Vec<u8>,
    keep: u64,
    last: bool,
    user: u64,
    dest: u128,
    id: u64,
}

impl Slice {
    fn clock(&mut self, rst: bool, edit: Option<Beat>, m_ready: bool) {
        let edit = edit.filter(|_| self.ready);
        if self.out.is_none() || m_ready {
            self.out = self.skid.take().or(edit);
        } else if edit.is_some() {
            self.skid = edit;
        }
        self.ready = self.skid.is_none();
        if rst {
            *self = Self::default();
        }
    }
}

fn agree<const W: usize, const K: usize, const O: usize, const D: usize>() {
    generates::<Outlet<W, K, O, D>>();
    let mut random = Random::new(W as u64 + 11);
    let mut block = Outlet::<W, K, O, D>::default();
    block.connect_all();
    let mut slice = Slice::default();
    let mut sent = VecDeque::new();
    for cycle in 0..CYCLES / 4 {
        let rst = cycle < 2 || random.one_in(2000);
        // From always ready to ready once in eight cycles, and back.
        let m_ready = random.below(8) >= cycle / 1000 % 8;
        let beat = Beat {
            octets: random.octets(K),
            keep: random.bits() >> (64 - K),
            last: random.one_in(2),
            user: random.below(32),
            dest: (u128::from(random.bits()) << 64 | u128::from(random.bits())) >> (128 - D),
            id: random.below(256),
        };
        block.rst.next = rst;
        block.s_data.next = pack(&beat.octets);
        block.s_keep.next = beat.keep.to_bits();
        block.s_last.next = beat.last;
        block.s_user.next = beat.user.to_bits();
        block.s_dest.next = wide(beat.dest);
        block.s_id.next = beat.id.to_bits();
        block.m_ready.next = m_ready;
        let edit = Some(beat).filter(|_| !random.one_in(3));
        block.s_valid.next = edit.is_some();
        settle(&mut block);
        assert_eq!(block.en.val(), slice.ready, "cycle {cycle}");
        assert_eq!(block.m_valid.val(), slice.out.is_some(), "cycle {cycle}");
        if let Some(out) = &slice.out {
            let found = Beat {
                octets: unpack(block.m_data.val()),
                keep: block.m_keep.val().to_u64(),
                last: block.m_last.val(),
                user: block.m_user.val().to_u64(),
                dest: out.dest,
                id: block.m_id.val().to_u64(),
            };
            assert_eq!(found, *out, "cycle {cycle}");
            assert_eq!(block.m_dest.val(), wide(out.dest), "cycle {cycle}");
        }
        // Whatever the slice, what came leaves once, in order.
        sent.extend(edit.clone().filter(|_| slice.ready));
        if block.m_valid.val() && m_ready {
            assert_eq!(sent.pop_front(), slice.out, "cycle {cycle}");
        }
        if rst {
            sent.clear();
        }
        slice.clock(rst, edit, m_ready);
        clock(&mut block);
    }
}

#[test]
fn outlet_keeps_order_and_payload_under_back_pressure() {
    agree::<64, 8, 1, 8>();
    agree::<128, 16, 2, 9>();
    agree::<256, 32, 4, 33>();
    agree::<512, 64, 8, 65>();
}
