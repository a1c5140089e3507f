use crate::bench::{Random, clock, clocked, generates, settle};
use rust_hdl::prelude::*;
use std::collections::VecDeque;
use vireo_hdl::blocks::outlet::*;

clocked!([const W: usize, const K: usize, const D: usize] Outlet<W, K, D>);

/// Section 3.8 in plain Rust, a beat being its number.
#[derive(Default)]
struct Slice {
    ready: bool,
    out: Option<u64>,
    skid: Option<u64>,
}

impl Slice {
    fn clock(&mut self, rst: bool, edit: Option<u64>, m_ready: bool) {
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

#[test]
fn outlet_keeps_order_and_payload_under_back_pressure() {
    generates::<Outlet<64, 8, 8>>();
    let mut random = Random::new(11);
    let (mut block, mut model) = (Outlet::<64, 8, 8>::default(), Slice::default());
    let mut sent = VecDeque::new();
    for cycle in 0..30_000 {
        let rst = cycle < 2 || random.one_in(2000);
        let edit = (!random.one_in(3)).then(|| random.bits());
        let m_ready = !random.one_in(1 + cycle / 5000);
        block.rst.next = rst;
        block.s_valid.next = edit.is_some();
        let value = edit.unwrap_or(7);
        block.s_data.next = value.to_bits();
        block.s_keep.next = (value & 0xFF).to_bits();
        block.s_last.next = value & 1 == 1;
        block.s_user.next = (value >> 8 & 31).to_bits();
        block.s_dest.next = (value >> 16 & 255).to_bits();
        block.s_id.next = (value >> 24 & 255).to_bits();
        block.m_ready.next = m_ready;
        settle(&mut block);
        assert_eq!(block.en.val(), model.ready, "cycle {cycle}");
        assert_eq!(block.m_valid.val(), model.out.is_some(), "cycle {cycle}");
        if let Some(out) = model.out {
            assert_eq!(block.m_data.val().to_u64(), out);
            assert_eq!(block.m_keep.val().to_u64(), out & 0xFF);
            assert_eq!(block.m_last.val(), out & 1 == 1);
            assert_eq!(block.m_user.val().to_u64(), out >> 8 & 31);
            assert_eq!(block.m_dest.val().to_u64(), out >> 16 & 255);
            assert_eq!(block.m_id.val().to_u64(), out >> 24 & 255);
        }
        if let (Some(value), true, false) = (edit, model.ready, rst) {
            sent.push_back(value);
        }
        if let (Some(out), true, false) = (model.out, m_ready, rst) {
            assert_eq!(sent.pop_front(), Some(out), "cycle {cycle}");
        }
        if rst {
            sent.clear();
        }
        model.clock(rst, edit, m_ready);
        clock(&mut block);
    }
}
