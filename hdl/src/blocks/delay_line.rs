// SPDX-License-Identifier: MIT
//! The delay line: beats wait in it for their frame's verdict (docs/pipeline.md, section 3).

use rust_hdl::prelude::*;

use super::known::{Fixed, Many};
use super::logic_block::logic_block;
use super::slot::Slot;
use crate::ram::BlockRam;
use crate::verilog::About;

logic_block! {
    /// `DEPTH` slots of `W` bits in a ring of `2^A` rows of block RAM; `R = W + 10`, and `LEAD = 2^A - DEPTH + 2`.
    ///
    /// What decides whether a slot is a beat stands in flip-flops, since a reset must empty the line.
    pub struct DelayLine<
        const W: usize,
        const R: usize,
        const DEPTH: usize,
        const A: usize,
        const LEAD: usize,
    > {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// The direction moves.
        pub en: Signal<In, Bit>,
        /// The slot that comes.
        pub s_slot: Signal<In, Slot>,
        /// Its octets.
        pub s_data: Signal<In, Bits<W>>,
        /// The slot at the end: it came `DEPTH` clocks ago.
        pub slot: Signal<Out, Slot>,
        /// Its octets.
        pub data: Signal<Out, Bits<W>>,
        at: DFF<Bits<A>>,
        valid: Many<DFF<Bit>, DEPTH>,
        ram: BlockRam<R, A>,
        moving: Signal<Local, Bit>,
        flags: Signal<Local, Bits<10>>,
        there: Signal<Local, Bits<R>>,
        data_at: Fixed<10, 5>,
        lead: Fixed<LEAD, A>,
    }
}

impl<const W: usize, const R: usize, const DEPTH: usize, const A: usize, const LEAD: usize> Logic
    for DelayLine<W, R, DEPTH, A, LEAD>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, at);
        if self.en.val() {
            self.at.d.next = self.at.q.val() + 1;
        }
        self.moving.next = self.s_slot.val().valid;
        for i in 0..DEPTH {
            self.valid[i].clock.next = self.clk.val();
            self.valid[i].d.next = self.valid[i].q.val();
            if self.en.val() {
                self.valid[i].d.next = self.moving.val();
            }
            if self.rst.val() {
                self.valid[i].d.next = false;
            }
            self.moving.next = self.valid[i].q.val();
        }
        self.flags.next = bit_cast::<10, 7>(self.s_slot.val().size) << 3;
        self.flags.next = self.flags.val().replace_bit(0, self.s_slot.val().last);
        self.flags.next = self.flags.val().replace_bit(1, self.s_slot.val().first);
        self.flags.next = self.flags.val().replace_bit(2, self.s_slot.val().bad);
        self.ram.clk.next = self.clk.val();
        self.ram.a_enable.next = self.en.val();
        self.ram.a_addr.next = self.at.q.val() + self.lead.val();
        self.ram.b_write.next = self.en.val();
        self.ram.b_addr.next = self.at.q.val();
        self.ram.b_wdata.next =
            (bit_cast::<R, W>(self.s_data.val()) << 10) | bit_cast::<R, 10>(self.flags.val());
        self.there.next = self.ram.a_data.val();
        self.slot.next.valid = self.moving.val();
        self.slot.next.first = self.there.val().get_bit(1);
        self.slot.next.last = self.there.val().get_bit(0);
        self.slot.next.bad = self.there.val().get_bit(2);
        self.slot.next.size = self.there.val().get_bits::<7>(3);
        self.data.next = self.there.val().get_bits::<W>(self.data_at.val().index());
        if self.rst.val() {
            self.at.d.next = 0.into();
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("delay_line", &format!("{DEPTH} clocks"))
            .with("W", W)
            .with("DEPTH", DEPTH)
            .says("Beats wait here for their frame's verdict.")
            .timing()
    }
}
