// SPDX-License-Identifier: MIT
//! The corpus: the memories, with and without the bypass that their users owe them.

use rust_hdl::prelude::*;
use vireo_hdl::ram::{BlockRam, FlowRam, RowRam};

use crate::case;

/// Every pin of a block RAM; collisions show poison on both sides.
#[derive(LogicBlock, Default)]
pub(crate) struct Memory<const W: usize, const A: usize> {
    clk: Signal<In, Clock>,
    en: Signal<In, Bit>,
    at: Signal<In, Bits<A>>,
    data: Signal<Out, Bits<W>>,
    write: Signal<In, Bit>,
    row: Signal<In, Bits<A>>,
    wdata: Signal<In, Bits<W>>,
    rdata: Signal<Out, Bits<W>>,
    ram: BlockRam<W, A>,
}
impl<const W: usize, const A: usize> Logic for Memory<W, A> {
    #[hdl_gen]
    fn update(&mut self) {
        self.ram.clk.next = self.clk.val();
        self.ram.a_enable.next = self.en.val();
        self.ram.a_addr.next = self.at.val();
        self.ram.b_write.next = self.write.val();
        self.ram.b_addr.next = self.row.val();
        self.ram.b_wdata.next = self.wdata.val();
        self.data.next = self.ram.a_data.val();
        self.rdata.next = self.ram.b_rdata.val();
    }
}
case!(Memory<40, 3>, clk; en, at, write, row, wdata);
case!(Memory<83, 8>, clk; en, at, write, row, wdata);
case!(Memory<20, 11>, clk; en, at, write, row, wdata);
case!(Memory<9, 12>, clk; en, at, write, row, wdata);

/// Every pin of a memory with a port to read and one to write; collisions show poison.
#[derive(LogicBlock, Default)]
pub(crate) struct Flow<const W: usize, const A: usize> {
    clk: Signal<In, Clock>,
    en: Signal<In, Bit>,
    at: Signal<In, Bits<A>>,
    data: Signal<Out, Bits<W>>,
    write: Signal<In, Bit>,
    row: Signal<In, Bits<A>>,
    wdata: Signal<In, Bits<W>>,
    ram: FlowRam<W, A>,
}
impl<const W: usize, const A: usize> Logic for Flow<W, A> {
    #[hdl_gen]
    fn update(&mut self) {
        self.ram.clk.next = self.clk.val();
        self.ram.enable.next = self.en.val();
        self.ram.addr.next = self.at.val();
        self.ram.write.next = self.write.val();
        self.ram.waddr.next = self.row.val();
        self.ram.wdata.next = self.wdata.val();
        self.data.next = self.ram.data.val();
    }
}
case!(Flow<40, 7>, clk; en, at, write, row, wdata);
case!(Flow<20, 11>, clk; en, at, write, row, wdata);

/// A block RAM whose reader sees a row that is written in the same clock.
#[derive(LogicBlock, Default)]
pub(crate) struct Bypass {
    clk: Signal<In, Clock>,
    en: Signal<In, Bit>,
    at: Signal<In, Bits<4>>,
    data: Signal<Out, Bits<12>>,
    write: Signal<In, Bit>,
    row: Signal<In, Bits<4>>,
    wdata: Signal<In, Bits<12>>,
    ram: BlockRam<12, 4>,
    seen: DFF<Bit>,
    seen_row: DFF<Bits<12>>,
    shown: DFF<Bit>,
    shown_row: DFF<Bits<12>>,
}
impl Logic for Bypass {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, seen, seen_row, shown, shown_row);
        self.ram.clk.next = self.clk.val();
        self.ram.a_enable.next = self.en.val();
        self.ram.a_addr.next = self.at.val();
        self.ram.b_write.next = self.write.val();
        self.ram.b_addr.next = self.row.val();
        self.ram.b_wdata.next = self.wdata.val();
        if self.en.val() {
            self.seen.d.next = self.write.val() & (self.row.val() == self.at.val());
            self.seen_row.d.next = self.wdata.val();
            self.shown.d.next = self.seen.q.val();
            self.shown_row.d.next = self.seen_row.q.val();
        }
        self.data.next = self.ram.a_data.val();
        if self.shown.q.val() {
            self.data.next = self.shown_row.q.val();
        }
    }
}
case!(Bypass, clk; en, at, write, row, wdata);

/// Rows read without a clock.
#[derive(LogicBlock, Default)]
pub(crate) struct SmallMemory {
    clk: Signal<In, Clock>,
    at: Signal<In, Bits<4>>,
    data: Signal<Out, Bits<9>>,
    write: Signal<In, Bit>,
    row: Signal<In, Bits<4>>,
    wdata: Signal<In, Bits<9>>,
    ram: RowRam<9, 4>,
}
impl Logic for SmallMemory {
    #[hdl_gen]
    fn update(&mut self) {
        self.ram.clk.next = self.clk.val();
        self.ram.addr.next = self.at.val();
        self.ram.write.next = self.write.val();
        self.ram.waddr.next = self.row.val();
        self.ram.wdata.next = self.wdata.val();
        self.data.next = self.ram.data.val();
    }
}
case!(SmallMemory, clk; at, write, row, wdata);
