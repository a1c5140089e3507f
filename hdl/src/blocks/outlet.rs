// SPDX-License-Identifier: MIT
//! Outlet: register slice of a stream that leaves; its `ready` moves the direction (docs/pipeline.md, 3.8).

use rust_hdl::prelude::*;

use super::known::{Known, Many, Value};
use super::logic_block::logic_block;
use super::slice::Slice;
use crate::verilog::About;

/// Where the highest 64 of `W` bits begin.
pub struct Top<const W: usize>;

impl<const W: usize> Value<10> for Top<W> {
    fn value() -> Bits<10> {
        Bits::from(W as u64 - 64)
    }
}

logic_block! {
    /// Beats of `W` bits, `K` octets, `O = W / 64` times eight, with a destination of `D` bits.
    ///
    /// Eight octets and what goes with a beat have slices of their own, which always do the same: what `tready` decides reaches no
    /// further in its clock than across one of them.
    pub struct Outlet<const W: usize, const K: usize, const O: usize, const D: usize> {
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
        octets: Many<Slice<64>, O>,
        keep: Slice<K>,
        marks: Slice<14>,
        dest: Slice<D>,
        eight: Signal<Local, Bits<64>>,
        data: Signal<Local, Bits<W>>,
        said: Signal<Local, Bits<14>>,
        top: Known<Top<W>, 10>,
    }
}

impl<const W: usize, const K: usize, const O: usize, const D: usize> Logic for Outlet<W, K, O, D> {
    #[hdl_gen]
    fn update(&mut self) {
        self.data.next = 0.into();
        for i in 0..O {
            self.octets[i].clk.next = self.clk.val();
            self.octets[i].rst.next = self.rst.val();
            self.octets[i].s_valid.next = self.s_valid.val();
            self.octets[i].s_payload.next = self.s_data.val().get_bits::<64>(i * 64);
            self.octets[i].m_ready.next = self.m_ready.val();
            self.eight.next = self.octets[i].m_payload.val();
            self.data.next = ((self.data.val() >> 32) >> 32)
                | (bit_cast::<W, 64>(self.eight.val()) << self.top.val());
        }
        self.m_data.next = self.data.val();
        self.keep.clk.next = self.clk.val();
        self.keep.rst.next = self.rst.val();
        self.keep.s_valid.next = self.s_valid.val();
        self.keep.s_payload.next = self.s_keep.val();
        self.keep.m_ready.next = self.m_ready.val();
        self.m_keep.next = self.keep.m_payload.val();
        self.dest.clk.next = self.clk.val();
        self.dest.rst.next = self.rst.val();
        self.dest.s_valid.next = self.s_valid.val();
        self.dest.s_payload.next = self.s_dest.val();
        self.dest.m_ready.next = self.m_ready.val();
        self.m_dest.next = self.dest.m_payload.val();
        self.marks.clk.next = self.clk.val();
        self.marks.rst.next = self.rst.val();
        self.marks.s_valid.next = self.s_valid.val();
        self.said.next =
            (bit_cast::<14, 8>(self.s_id.val()) << 6) | (bit_cast::<14, 5>(self.s_user.val()) << 1);
        self.marks.s_payload.next = self.said.val().replace_bit(0, self.s_last.val());
        self.marks.m_ready.next = self.m_ready.val();
        self.said.next = self.marks.m_payload.val();
        self.m_last.next = self.said.val().get_bit(0);
        self.m_user.next = self.said.val().get_bits::<5>(1);
        self.m_id.next = self.said.val().get_bits::<8>(6);
        // They always do the same.
        self.en.next = self.marks.s_ready.val();
        self.waits.next = self.marks.waits.val();
        self.m_valid.next = self.marks.m_valid.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("outlet", "1 clock")
            .with("W", W)
            .with("D", D)
            .says("Register slice of a stream that leaves; its ready moves the direction.")
            .timing()
    }
}
