// SPDX-License-Identifier: MIT
//! Interrupts: `irq_status` and the pin (docs/pipeline.md, section 9).

use rust_hdl::prelude::*;
use vireo_spec::registers::irq;

use super::known::Fixed;
use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// Three causes.
    pub struct Interrupts {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// The event FIFO is not empty.
        pub waiting: Signal<In, Bit>,
        /// An event is lost in this cycle.
        pub loses: Signal<In, Bit>,
        /// A snapshot is complete at the end of this cycle.
        pub complete: Signal<In, Bit>,
        /// `irq_status` is written in this cycle.
        pub write: Signal<In, Bit>,
        /// With these ones.
        pub ones: Signal<In, Bits<32>>,
        /// `irq_enable`.
        pub enable: Signal<In, Bits<32>>,
        /// `irq_status`.
        pub causes: Signal<Out, Bits<32>>,
        /// The pin.
        pub irq: Signal<Out, Bit>,
        was_lost: DFF<Bit>,
        was_complete: DFF<Bit>,
        interrupt: DFF<Bit>,
        status: Signal<Local, Bits<32>>,
        event: Fixed<{ irq::EVENT.low }, 5>,
        lost: Fixed<{ irq::LOST.low }, 5>,
        snapshot: Fixed<{ irq::SNAPSHOT.low }, 5>,
    }
}

impl Logic for Interrupts {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, was_lost, was_complete, interrupt);
        self.status.next = 0.into();
        self.status.next =
            self.status.val().replace_bit(self.event.val().index(), self.waiting.val());
        self.status.next =
            self.status.val().replace_bit(self.lost.val().index(), self.was_lost.q.val());
        self.status.next =
            self.status.val().replace_bit(self.snapshot.val().index(), self.was_complete.q.val());
        self.causes.next = self.status.val();
        self.interrupt.d.next = (self.status.val() & self.enable.val()).any();
        self.irq.next = self.interrupt.q.val();
        // A cause in the write cycle wins.
        if self.write.val() & self.ones.val().get_bit(self.lost.val().index()) {
            self.was_lost.d.next = false;
        }
        if self.write.val() & self.ones.val().get_bit(self.snapshot.val().index()) {
            self.was_complete.d.next = false;
        }
        if self.loses.val() {
            self.was_lost.d.next = true;
        }
        if self.complete.val() {
            self.was_complete.d.next = true;
        }
        if self.rst.val() {
            self.was_lost.d.next = false;
            self.was_complete.d.next = false;
            self.interrupt.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("interrupts", "1 clock").says("Interrupt causes and the pin.").timing()
    }
}
