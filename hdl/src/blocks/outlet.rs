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
        /// The skid holds a beat.
        pub waits: Signal<Out, Bit>,
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
        self.waits.next = self.skid.q.val();
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
