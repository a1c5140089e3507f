// SPDX-License-Identifier: MIT
//! The delay line: beats wait in it for their frame's verdict (docs/pipeline.md, section 3).

use rust_hdl::prelude::*;

use super::known::{Fixed, Many};
use super::logic_block::logic_block;
use super::slot::Slot;
use crate::ram::FlowRam;
use crate::verilog::About;

logic_block! {
    /// `DEPTH` slots of `W` bits in a ring of `2^A` rows of memory; `LEAD = 2^A - DEPTH + 3`, `SOON = LEAD + 3`.
    ///
    /// What is said of a slot shows three slots ahead, so that the edits can work out what they do. What decides whether it is a
    /// beat stands in flip-flops, since a reset must empty the line.
    pub struct DelayLine<
        const W: usize,
        const DEPTH: usize,
        const A: usize,
        const LEAD: usize,
        const SOON: usize,
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
        /// The slot behind it.
        pub coming: Signal<Out, Slot>,
        /// The slot behind that one.
        pub after: Signal<Out, Slot>,
        /// The third slot behind the one at the end.
        pub third: Signal<Out, Slot>,
        at: DFF<Bits<A>>,
        // Where octets are read, and what is said of a slot.
        from: DFF<Bits<A>>,
        soon_from: DFF<Bits<A>>,
        valid: Many<DFF<Bit>, DEPTH>,
        octets: FlowRam<W, A>,
        flags: FlowRam<10, A>,
        after_flags: DFF<Bits<10>>,
        next_flags: DFF<Bits<10>>,
        end_flags: DFF<Bits<10>>,
        moving: Signal<Local, Bit>,
        at_next: Signal<Local, Bit>,
        at_after: Signal<Local, Bit>,
        at_third: Signal<Local, Bit>,
        said: Signal<Local, Bits<10>>,
        lead: Fixed<LEAD, A>,
        soon: Fixed<SOON, A>,
    }
}

impl<const W: usize, const DEPTH: usize, const A: usize, const LEAD: usize, const SOON: usize> Logic
    for DelayLine<W, DEPTH, A, LEAD, SOON>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, at, from, soon_from, after_flags, next_flags, end_flags);
        self.moving.next = self.s_slot.val().valid;
        self.at_next.next = false;
        self.at_after.next = false;
        self.at_third.next = false;
        for i in 0..DEPTH {
            self.valid[i].clock.next = self.clk.val();
            self.valid[i].d.next = self.valid[i].q.val();
            if self.en.val() {
                self.valid[i].d.next = self.moving.val();
            }
            if self.rst.val() {
                self.valid[i].d.next = false;
            }
            self.at_third.next = self.at_after.val();
            self.at_after.next = self.at_next.val();
            self.at_next.next = self.moving.val();
            self.moving.next = self.valid[i].q.val();
        }
        self.said.next = bit_cast::<10, 7>(self.s_slot.val().size) << 3;
        self.said.next = self.said.val().replace_bit(0, self.s_slot.val().last);
        self.said.next = self.said.val().replace_bit(1, self.s_slot.val().first);
        self.said.next = self.said.val().replace_bit(2, self.s_slot.val().bad);
        self.octets.clk.next = self.clk.val();
        self.octets.enable.next = self.en.val();
        self.octets.addr.next = self.from.q.val();
        self.octets.write.next = self.en.val();
        self.octets.waddr.next = self.at.q.val();
        self.octets.wdata.next = self.s_data.val();
        self.data.next = self.octets.data.val();
        self.flags.clk.next = self.clk.val();
        self.flags.enable.next = self.en.val();
        self.flags.addr.next = self.soon_from.q.val();
        self.flags.write.next = self.en.val();
        self.flags.waddr.next = self.at.q.val();
        self.flags.wdata.next = self.said.val();
        if self.en.val() {
            self.at.d.next = self.at.q.val() + 1;
            self.from.d.next = self.at.q.val() + self.lead.val();
            self.soon_from.d.next = self.at.q.val() + self.soon.val();
            self.after_flags.d.next = self.flags.data.val();
            self.next_flags.d.next = self.after_flags.q.val();
            self.end_flags.d.next = self.next_flags.q.val();
        }
        self.said.next = self.flags.data.val();
        self.third.next.valid = self.at_third.val();
        self.third.next.first = self.said.val().get_bit(1);
        self.third.next.last = self.said.val().get_bit(0);
        self.third.next.bad = self.said.val().get_bit(2);
        self.third.next.size = self.said.val().get_bits::<7>(3);
        self.said.next = self.after_flags.q.val();
        self.after.next.valid = self.at_after.val();
        self.after.next.first = self.said.val().get_bit(1);
        self.after.next.last = self.said.val().get_bit(0);
        self.after.next.bad = self.said.val().get_bit(2);
        self.after.next.size = self.said.val().get_bits::<7>(3);
        self.said.next = self.next_flags.q.val();
        self.coming.next.valid = self.at_next.val();
        self.coming.next.first = self.said.val().get_bit(1);
        self.coming.next.last = self.said.val().get_bit(0);
        self.coming.next.bad = self.said.val().get_bit(2);
        self.coming.next.size = self.said.val().get_bits::<7>(3);
        self.said.next = self.end_flags.q.val();
        self.slot.next.valid = self.moving.val();
        self.slot.next.first = self.said.val().get_bit(1);
        self.slot.next.last = self.said.val().get_bit(0);
        self.slot.next.bad = self.said.val().get_bit(2);
        self.slot.next.size = self.said.val().get_bits::<7>(3);
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
