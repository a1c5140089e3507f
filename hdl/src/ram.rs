// SPDX-License-Identifier: MIT
//! The memories of the machine as leaves of rust-hdl's kernel: block RAM with two ports for the hash tables, with one to read
//! and one to write for counters and delay lines, and small memory read without a clock for rows that travel with a frame.
//! The printer knows them by [`Leaf`] and puts the hand-written Verilog of each beside the machine's modules.

use rust_hdl::prelude::*;

use crate::verilog::Leaf;

/// Block RAM of `2^A` rows of `W` bits, zero at power-up: port A reads for lookups, port B reads and writes for software.
///
/// Both ports read in two clocks: an address that stands in cycle `t` is read from the array at the end of `t`
/// (raw register), and the row stands on `a_data` / `b_rdata` in `t+2` (output register: the one thing that matters
/// for the clock of an FPGA's block RAM, so it belongs to the memory and not to its user).
///
/// - Port A moves only while `a_enable` is 1: raw and output register hold together, so a stopped pipeline keeps
///   both rows in flight.
/// - Port B always moves. With `b_write` it writes `b_wdata` at the end of the cycle and its raw register holds.
/// - A row that port A reads in the cycle in which port B writes it is undefined in hardware. Here, and in the
///   simulated Verilog, it is the complement of the old row (poison), so that a missing bypass cannot pass a test. The
///   user bypasses: what was written in `t` replaces `a_data` in `t+2` (enabled cycles).
pub struct BlockRam<const W: usize, const A: usize> {
    /// Clock of both ports.
    pub clk: Signal<In, Clock>,
    /// Port A moves at the end of this cycle.
    pub a_enable: Signal<In, Bit>,
    /// Row that port A reads in this cycle.
    pub a_addr: Signal<In, Bits<A>>,
    /// The row that stood at `a_addr` two enabled cycles ago.
    pub a_data: Signal<Out, Bits<W>>,
    /// Port B writes in this cycle instead of reading.
    pub b_write: Signal<In, Bit>,
    /// Row that port B reads or writes in this cycle.
    pub b_addr: Signal<In, Bits<A>>,
    /// What port B writes.
    pub b_wdata: Signal<In, Bits<W>>,
    /// The row that port B read two cycles ago.
    pub b_rdata: Signal<Out, Bits<W>>,
    rows: Vec<Bits<W>>,
    a_raw: Bits<W>,
    b_raw: Bits<W>,
}

impl<const W: usize, const A: usize> Default for BlockRam<W, A> {
    fn default() -> Self {
        assert!(W > 0 && A > 0 && A <= 20, "no block RAM of 2^{A} rows of {W} bits");
        Self {
            clk: Signal::default(),
            a_enable: Signal::default(),
            a_addr: Signal::default(),
            a_data: Signal::default(),
            b_write: Signal::default(),
            b_addr: Signal::default(),
            b_wdata: Signal::default(),
            b_rdata: Signal::default(),
            rows: vec![Bits::default(); 1 << A],
            a_raw: Bits::default(),
            b_raw: Bits::default(),
        }
    }
}

impl<const W: usize, const A: usize> Logic for BlockRam<W, A> {
    fn update(&mut self) {
        if !self.clk.pos_edge() {
            return;
        }
        let (write, a, b) =
            (self.b_write.val(), self.a_addr.val().index(), self.b_addr.val().index());
        if self.a_enable.val() {
            self.a_data.next = self.a_raw;
            self.a_raw = if write && a == b { !self.rows[a] } else { self.rows[a] };
        }
        self.b_rdata.next = self.b_raw;
        if write {
            self.rows[b] = self.b_wdata.val();
        } else {
            self.b_raw = self.rows[b];
        }
    }

    fn connect(&mut self) {
        self.a_data.connect();
        self.b_rdata.connect();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        Leaf::BlockRam.timing()
    }
}

impl<const W: usize, const A: usize> Block for BlockRam<W, A> {
    fn connect_all(&mut self) {
        self.connect();
    }

    fn update_all(&mut self) {
        self.update();
        self.clk.update_all();
        self.a_enable.update_all();
        self.a_addr.update_all();
        self.a_data.update_all();
        self.b_write.update_all();
        self.b_addr.update_all();
        self.b_wdata.update_all();
        self.b_rdata.update_all();
    }

    fn has_changed(&self) -> bool {
        self.clk.has_changed()
            || self.a_enable.has_changed()
            || self.a_addr.has_changed()
            || self.a_data.has_changed()
            || self.b_write.has_changed()
            || self.b_addr.has_changed()
            || self.b_wdata.has_changed()
            || self.b_rdata.has_changed()
    }

    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        probe.visit_start_scope(name, self);
        self.clk.accept("clk", probe);
        self.a_enable.accept("a_enable", probe);
        self.a_addr.accept("a_addr", probe);
        self.a_data.accept("a_data", probe);
        self.b_write.accept("b_write", probe);
        self.b_addr.accept("b_addr", probe);
        self.b_wdata.accept("b_wdata", probe);
        self.b_rdata.accept("b_rdata", probe);
        probe.visit_end_scope(name, self);
    }
}

/// Memory of `2^A` rows of `W` bits, zero at power-up, that one port reads and another writes: wide rows take half the block
/// RAM that [`BlockRam`] would.
///
/// It reads in two clocks like [`BlockRam`]'s port A, and only while `enable` is 1; a row that is read in the cycle in which
/// it is written is undefined, here the complement of the old row (poison). The user bypasses.
pub struct FlowRam<const W: usize, const A: usize> {
    /// Clock of both ports.
    pub clk: Signal<In, Clock>,
    /// The reading port moves at the end of this cycle.
    pub enable: Signal<In, Bit>,
    /// Row that is read in this cycle.
    pub addr: Signal<In, Bits<A>>,
    /// The row that stood at `addr` two enabled cycles ago.
    pub data: Signal<Out, Bits<W>>,
    /// A row is written at the end of this cycle.
    pub write: Signal<In, Bit>,
    /// Where it is written.
    pub waddr: Signal<In, Bits<A>>,
    /// What is written.
    pub wdata: Signal<In, Bits<W>>,
    rows: Vec<Bits<W>>,
    raw: Bits<W>,
}

impl<const W: usize, const A: usize> Default for FlowRam<W, A> {
    fn default() -> Self {
        assert!(W > 0 && A > 0 && A <= 14, "no memory of 2^{A} rows of {W} bits");
        Self {
            clk: Signal::default(),
            enable: Signal::default(),
            addr: Signal::default(),
            data: Signal::default(),
            write: Signal::default(),
            waddr: Signal::default(),
            wdata: Signal::default(),
            rows: vec![Bits::default(); 1 << A],
            raw: Bits::default(),
        }
    }
}

impl<const W: usize, const A: usize> Logic for FlowRam<W, A> {
    fn update(&mut self) {
        if !self.clk.pos_edge() {
            return;
        }
        let (write, read, row) =
            (self.write.val(), self.addr.val().index(), self.waddr.val().index());
        if self.enable.val() {
            self.data.next = self.raw;
            self.raw = if write && read == row { !self.rows[read] } else { self.rows[read] };
        }
        if write {
            self.rows[row] = self.wdata.val();
        }
    }

    fn connect(&mut self) {
        self.data.connect();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        Leaf::FlowRam.timing()
    }
}

impl<const W: usize, const A: usize> Block for FlowRam<W, A> {
    fn connect_all(&mut self) {
        self.connect();
    }

    fn update_all(&mut self) {
        self.update();
        self.clk.update_all();
        self.enable.update_all();
        self.addr.update_all();
        self.data.update_all();
        self.write.update_all();
        self.waddr.update_all();
        self.wdata.update_all();
    }

    fn has_changed(&self) -> bool {
        self.clk.has_changed()
            || self.enable.has_changed()
            || self.addr.has_changed()
            || self.data.has_changed()
            || self.write.has_changed()
            || self.waddr.has_changed()
            || self.wdata.has_changed()
    }

    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        probe.visit_start_scope(name, self);
        self.clk.accept("clk", probe);
        self.enable.accept("enable", probe);
        self.addr.accept("addr", probe);
        self.data.accept("data", probe);
        self.write.accept("write", probe);
        self.waddr.accept("waddr", probe);
        self.wdata.accept("wdata", probe);
        probe.visit_end_scope(name, self);
    }
}

/// Small memory of `2^A` rows of bits, zero at power-up, read without a clock (flip-flops or distributed RAM).
pub type RowRam<const W: usize, const A: usize> = SmallRam<Bits<W>, A>;

/// Small memory of `2^A` values, zero at power-up, read without a clock (flip-flops or distributed RAM).
///
/// `data` is the row at `addr` in the same cycle. A row written in a cycle is seen from the next cycle on.
/// A second reader takes a second copy, written together.
pub struct SmallRam<T: Synth, const A: usize> {
    /// Clock of the write port.
    pub clk: Signal<In, Clock>,
    /// Row that is read in this cycle.
    pub addr: Signal<In, Bits<A>>,
    /// The row at `addr`, in the same cycle.
    pub data: Signal<Out, T>,
    /// A row is written at the end of this cycle.
    pub write: Signal<In, Bit>,
    /// Where it is written.
    pub waddr: Signal<In, Bits<A>>,
    /// What is written.
    pub wdata: Signal<In, T>,
    rows: Vec<T>,
}

impl<T: Synth, const A: usize> Default for SmallRam<T, A> {
    fn default() -> Self {
        assert!(T::BITS > 0 && A > 0 && A <= 10, "no row RAM of 2^{A} rows of {} bits", T::BITS);
        Self {
            clk: Signal::default(),
            addr: Signal::default(),
            data: Signal::default(),
            write: Signal::default(),
            waddr: Signal::default(),
            wdata: Signal::default(),
            rows: vec![T::default(); 1 << A],
        }
    }
}

impl<T: Synth, const A: usize> Logic for SmallRam<T, A> {
    fn update(&mut self) {
        if self.clk.pos_edge() && self.write.val() {
            self.rows[self.waddr.val().index()] = self.wdata.val();
        }
        self.data.next = self.rows[self.addr.val().index()];
    }

    fn connect(&mut self) {
        self.data.connect();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        Leaf::RowRam.timing()
    }
}

impl<T: Synth, const A: usize> Block for SmallRam<T, A> {
    fn connect_all(&mut self) {
        self.connect();
    }

    fn update_all(&mut self) {
        self.update();
        self.clk.update_all();
        self.addr.update_all();
        self.data.update_all();
        self.write.update_all();
        self.waddr.update_all();
        self.wdata.update_all();
    }

    fn has_changed(&self) -> bool {
        self.clk.has_changed()
            || self.addr.has_changed()
            || self.data.has_changed()
            || self.write.has_changed()
            || self.waddr.has_changed()
            || self.wdata.has_changed()
    }

    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        probe.visit_start_scope(name, self);
        self.clk.accept("clk", probe);
        self.addr.accept("addr", probe);
        self.data.accept("data", probe);
        self.write.accept("write", probe);
        self.waddr.accept("waddr", probe);
        self.wdata.accept("wdata", probe);
        probe.visit_end_scope(name, self);
    }
}
