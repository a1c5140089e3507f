// SPDX-License-Identifier: MIT
//! Outlet: register slice of a stream that leaves; its `ready` moves the direction (docs/pipeline.md, 3.8).

use rust_hdl::prelude::*;

use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// Beats of `W` bits, `K` octets, with a destination of `D` bits.
    pub struct Outlet<const W: usize, const K: usize, const D: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// The edit's slot is a beat.
        pub s_valid: Signal<In, Bit>,
        /// Its octets.
        pub s_data: Signal<In, Bits<W>>,
        /// Which there are.
        pub s_keep: Signal<In, Bits<K>>,
        /// It is the last.
        pub s_last: Signal<In, Bit>,
        /// `tuser`.
        pub s_user: Signal<In, Bits<5>>,
        /// `tdest`.
        pub s_dest: Signal<In, Bits<D>>,
        /// `tid`.
        pub s_id: Signal<In, Bits<8>>,
        /// The direction moves.
        pub en: Signal<Out, Bit>,
        /// `tvalid`.
        pub m_valid: Signal<Out, Bit>,
        /// `tready`.
        pub m_ready: Signal<In, Bit>,
        /// `tdata`.
        pub m_data: Signal<Out, Bits<W>>,
        /// `tkeep`.
        pub m_keep: Signal<Out, Bits<K>>,
        /// `tlast`.
        pub m_last: Signal<Out, Bit>,
        /// `tuser`.
        pub m_user: Signal<Out, Bits<5>>,
        /// `tdest`.
        pub m_dest: Signal<Out, Bits<D>>,
        /// `tid`.
        pub m_id: Signal<Out, Bits<8>>,
        ready: DFF<Bit>,
        out: DFF<Bit>,
        out_data: DFF<Bits<W>>,
        out_keep: DFF<Bits<K>>,
        out_last: DFF<Bit>,
        out_user: DFF<Bits<5>>,
        out_dest: DFF<Bits<D>>,
        out_id: DFF<Bits<8>>,
        skid: DFF<Bit>,
        skid_data: DFF<Bits<W>>,
        skid_keep: DFF<Bits<K>>,
        skid_last: DFF<Bit>,
        skid_user: DFF<Bits<5>>,
        skid_dest: DFF<Bits<D>>,
        skid_id: DFF<Bits<8>>,
        comes: Signal<Local, Bit>,
        skid_full: Signal<Local, Bit>,
    }
}

impl<const W: usize, const K: usize, const D: usize> Logic for Outlet<W, K, D> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clk, ready, out, out_data, out_keep, out_last, out_user, out_dest, out_id, skid,
            skid_data, skid_keep, skid_last, skid_user, skid_dest, skid_id
        );
        self.en.next = self.ready.q.val();
        self.m_valid.next = self.out.q.val();
        self.m_data.next = self.out_data.q.val();
        self.m_keep.next = self.out_keep.q.val();
        self.m_last.next = self.out_last.q.val();
        self.m_user.next = self.out_user.q.val();
        self.m_dest.next = self.out_dest.q.val();
        self.m_id.next = self.out_id.q.val();
        self.comes.next = self.ready.q.val() & self.s_valid.val();
        self.skid_full.next = self.skid.q.val();
        if (!self.out.q.val()) | self.m_ready.val() {
            if self.skid.q.val() {
                self.out.d.next = true;
                self.out_data.d.next = self.skid_data.q.val();
                self.out_keep.d.next = self.skid_keep.q.val();
                self.out_last.d.next = self.skid_last.q.val();
                self.out_user.d.next = self.skid_user.q.val();
                self.out_dest.d.next = self.skid_dest.q.val();
                self.out_id.d.next = self.skid_id.q.val();
                self.skid_full.next = false;
            } else {
                self.out.d.next = self.comes.val();
                if self.comes.val() {
                    self.out_data.d.next = self.s_data.val();
                    self.out_keep.d.next = self.s_keep.val();
                    self.out_last.d.next = self.s_last.val();
                    self.out_user.d.next = self.s_user.val();
                    self.out_dest.d.next = self.s_dest.val();
                    self.out_id.d.next = self.s_id.val();
                }
            }
        } else if self.comes.val() {
            self.skid_data.d.next = self.s_data.val();
            self.skid_keep.d.next = self.s_keep.val();
            self.skid_last.d.next = self.s_last.val();
            self.skid_user.d.next = self.s_user.val();
            self.skid_dest.d.next = self.s_dest.val();
            self.skid_id.d.next = self.s_id.val();
            self.skid_full.next = true;
        }
        self.skid.d.next = self.skid_full.val();
        self.ready.d.next = !self.skid_full.val();
        if self.rst.val() {
            self.ready.d.next = false;
            self.out.d.next = false;
            self.skid.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("outlet", "1 clock")
            .with("W", W)
            .with("D", D)
            .says("Register slice of a stream that leaves; its ready moves the direction.")
            .timing()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::bench::{Random, clock, clocked, generates, settle};
    use std::collections::VecDeque;

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
}
