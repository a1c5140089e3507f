// SPDX-License-Identifier: MIT
//! The corpus: state, sub-blocks, arrays, structs, interfaces and constants.

use rust_hdl::prelude::*;
use vireo_hdl::verilog::About;

use crate::case;
use crate::kernel::{Draw, Random};

/// States of [`Machine`]; the fourth code is none.
#[derive(LogicState, Copy, Clone, Debug, PartialEq)]
pub(crate) enum Phase {
    Idle,
    Busy,
    Done,
}

/// A state machine over an enumeration.
#[derive(LogicBlock, Default)]
pub(crate) struct Machine {
    clk: Signal<In, Clock>,
    rst: Signal<In, Bit>,
    go: Signal<In, Bit>,
    stop: Signal<In, Bit>,
    busy: Signal<Out, Bit>,
    count: Signal<Out, Bits<6>>,
    phase: DFF<Phase>,
    counter: DFF<Bits<6>>,
}
impl Logic for Machine {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, phase, counter);
        self.busy.next = self.phase.q.val() == Phase::Busy;
        self.count.next = self.counter.q.val();
        match self.phase.q.val() {
            Phase::Idle => {
                if self.go.val() {
                    self.phase.d.next = Phase::Busy;
                    self.counter.d.next = 0.into();
                }
            }
            Phase::Busy => {
                self.counter.d.next = self.counter.q.val() + 1;
                if self.stop.val() {
                    self.phase.d.next = Phase::Done;
                }
            }
            Phase::Done => self.phase.d.next = Phase::Idle,
        }
        if self.rst.val() {
            self.phase.d.next = Phase::Idle;
        }
    }
    fn timing(&self) -> Vec<TimingInfo> {
        About::new("machine", "1 clock").says("Counts while it is busy.").timing()
    }
}
case!(Machine, clk; rst, go, stop);

/// Fields of a row.
#[derive(LogicStruct, Copy, Clone, Debug, Default, PartialEq)]
pub(crate) struct Row {
    /// There is a row.
    pub(crate) valid: Bit,
    /// What it answers to.
    pub(crate) key: Bits<60>,
    /// What it says.
    pub(crate) value: Bits<16>,
}
impl Draw for Row {
    fn draw(random: &mut Random) -> Self {
        Self { valid: random.value(), key: random.value(), value: random.value() }
    }
}

/// Fields of structs read and written.
#[derive(LogicBlock, Default)]
pub(crate) struct Rows {
    clk: Signal<In, Clock>,
    row: Signal<In, Row>,
    key: Signal<In, Bits<60>>,
    hit: Signal<Out, Bit>,
    y: Signal<Out, Row>,
    made: Signal<Out, Row>,
    kept: DFF<Row>,
    l: Signal<Local, Row>,
}
impl Logic for Rows {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, kept);
        self.l.next = self.row.val();
        self.hit.next = self.l.val().valid & (self.l.val().key == self.key.val());
        if self.l.val().value.get_bit(4) {
            self.l.next.key = self.key.val();
            self.l.next.value = self.kept.q.val().value + 16;
        }
        self.kept.d.next = self.l.val();
        self.kept.d.next.valid = !self.kept.q.val().valid;
        self.y.next = self.kept.q.val();
        // A struct that is made field by field, with a branch on the way.
        self.made.next.valid = self.row.val().valid;
        if self.row.val().key.get_bit(7) {
            self.made.next.value = 3.into();
        } else {
            self.made.next.value = self.row.val().value;
        }
        if self.row.val().valid {
            self.made.next.value = self.made.val().value + 1;
        }
        self.made.next.key = self.key.val();
    }
}
case!(Rows, clk; row, key);

/// A register with an enable and a constant added.
#[derive(LogicBlock)]
pub(crate) struct Cell<const N: usize> {
    clk: Signal<In, Clock>,
    en: Signal<In, Bit>,
    d: Signal<In, Bits<N>>,
    q: Signal<Out, Bits<N>>,
    kept: DFF<Bits<N>>,
    step: Constant<Bits<N>>,
}
impl<const N: usize> Cell<N> {
    fn new(step: u64) -> Self {
        Self {
            clk: Signal::default(),
            en: Signal::default(),
            d: Signal::default(),
            q: Signal::default(),
            kept: DFF::default(),
            step: Constant::new(step.into()),
        }
    }
}
impl<const N: usize> Logic for Cell<N> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, kept);
        if self.en.val() {
            self.kept.d.next = self.d.val() + self.step.val();
        }
        self.q.next = self.kept.q.val();
    }
    fn timing(&self) -> Vec<TimingInfo> {
        About::new("cell", "1 clock").with("N", N).timing()
    }
}

/// Arrays of sub-blocks, of ports and of registers; two cells are alike, two are not.
#[derive(LogicBlock)]
pub(crate) struct Bank {
    clk: Signal<In, Clock>,
    en: Signal<In, Bits<4>>,
    a: Signal<In, Bits<8>>,
    taps: [Signal<Out, Bits<8>>; 4],
    sum: Signal<Out, Bits<8>>,
    cells: [Cell<8>; 4],
    last: [DFF<Bits<8>>; 2],
    unread: Cell<5>,
}
impl Default for Bank {
    fn default() -> Self {
        Self {
            clk: Signal::default(),
            en: Signal::default(),
            a: Signal::default(),
            taps: Default::default(),
            sum: Signal::default(),
            cells: [Cell::new(1), Cell::new(1), Cell::new(1), Cell::new(0x40)],
            last: Default::default(),
            unread: Cell::new(3),
        }
    }
}
impl Logic for Bank {
    #[hdl_gen]
    fn update(&mut self) {
        for i in 0..2 {
            self.last[i].clock.next = self.clk.val();
        }
        self.last[0].d.next = self.sum.val();
        self.sum.next = 0.into();
        for i in 0..4 {
            self.cells[i].clk.next = self.clk.val();
            self.cells[i].en.next = self.en.val().get_bit(i);
            self.taps[3 - i].next = self.cells[i].q.val();
            self.sum.next = self.sum.val() + self.cells[i].q.val();
            if i == 0 {
                self.cells[i].d.next = self.a.val();
            } else {
                self.cells[i].d.next = self.cells[i - 1].q.val();
            }
        }
        self.last[0].d.next = self.sum.val();
        self.last[1].d.next = self.last[0].q.val();
        self.sum.next = self.last[1].q.val();
        self.unread.clk.next = self.clk.val();
        self.unread.en.next = true;
        self.unread.d.next = self.a.val().get_bits::<5>(1);
    }
}
case!(Bank, clk; en, a);

/// A stream, as the one who takes it sees it.
#[derive(LogicInterface, Default)]
#[join = "StreamOut"]
pub(crate) struct StreamIn {
    /// Payload.
    pub(crate) data: Signal<In, Bits<8>>,
    /// There is payload.
    pub(crate) valid: Signal<In, Bit>,
    /// It is taken.
    pub(crate) ready: Signal<Out, Bit>,
}

/// A stream, as the one who gives it sees it.
#[derive(LogicInterface, Default)]
#[join = "StreamIn"]
pub(crate) struct StreamOut {
    /// Payload.
    pub(crate) data: Signal<Out, Bits<8>>,
    /// There is payload.
    pub(crate) valid: Signal<Out, Bit>,
    /// It is taken.
    pub(crate) ready: Signal<In, Bit>,
}

/// A register slice without a skid.
#[derive(LogicBlock, Default)]
pub(crate) struct Slice {
    clk: Signal<In, Clock>,
    s: StreamIn,
    m: StreamOut,
    data: DFF<Bits<8>>,
    valid: DFF<Bit>,
    room: Signal<Local, Bit>,
}
impl Logic for Slice {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, data, valid);
        self.room.next = (!self.valid.q.val()) | self.m.ready.val();
        self.s.ready.next = self.room.val();
        self.m.data.next = self.data.q.val();
        self.m.valid.next = self.valid.q.val();
        if self.room.val() {
            self.valid.d.next = self.s.valid.val();
            self.data.d.next = self.s.data.val();
        }
    }
}

/// Interfaces linked to a sub-block's and joined between two.
#[derive(LogicBlock, Default)]
pub(crate) struct Relay {
    clk: Signal<In, Clock>,
    s: StreamIn,
    m: StreamOut,
    first: Slice,
    second: Slice,
}
impl Logic for Relay {
    #[hdl_gen]
    fn update(&mut self) {
        self.first.clk.next = self.clk.val();
        self.second.clk.next = self.clk.val();
        StreamIn::link(&mut self.s, &mut self.first.s);
        StreamOut::join(&mut self.first.m, &mut self.second.s);
        StreamOut::link(&mut self.m, &mut self.second.m);
    }
}
impl crate::kernel::Case for Relay {
    fn drive(&mut self, random: &mut Random) {
        self.s.data.next = random.value();
        self.s.valid.next = random.value();
        self.m.ready.next = random.value();
    }
    fn clock(&mut self, level: bool) {
        self.clk.next = level.into();
    }
}

/// Named constants, wide and narrow, as operands, as places and as a table.
#[derive(LogicBlock)]
pub(crate) struct Constants {
    a: Signal<In, Bits<96>>,
    n: Signal<In, Bits<3>>,
    y0: Signal<Out, Bits<96>>,
    y1: Signal<Out, Bits<8>>,
    y2: Signal<Out, Bits<4>>,
    y3: Signal<Out, Bits<3>>,
    mask: Constant<Bits<96>>,
    at: Constant<Bits<8>>,
    table: Constant<Bits<32>>,
    taps: [Constant<Bits<96>>; 3],
}
impl Default for Constants {
    fn default() -> Self {
        let word = |low: u64, high: u64| bits::<96>(low) | (bits::<96>(high) << 64);
        Self {
            a: Signal::default(),
            n: Signal::default(),
            y0: Signal::default(),
            y1: Signal::default(),
            y2: Signal::default(),
            y3: Signal::default(),
            mask: Constant::new(word(0xFFFF_0000_FFFF_0000, 0xF0F0_F0F0)),
            at: Constant::new(37.into()),
            table: Constant::new(0x6CE1_3A95.into()),
            taps: [1, 2, 3].map(|i| Constant::new(word(0x1234_5678_9ABC_DEF1 * i, i))),
        }
    }
}
impl Logic for Constants {
    #[hdl_gen]
    fn update(&mut self) {
        self.y0.next =
            (self.a.val() & self.mask.val()) | ((self.a.val() & (!self.mask.val())) << 16);
        self.y1.next = self.a.val().get_bits::<8>(self.at.val().index());
        self.y2.next = (self.table.val() >> (bit_cast::<5, 3>(self.n.val()) << 2)).get_bits::<4>(0);
        self.y3.next = 0.into();
        for i in 0..3 {
            self.y3.next = self.y3.val().replace_bit(i, (self.a.val() & self.taps[i].val()).xor());
        }
    }
}
case!(Constants; a, n);

/// A counter type that does not start at zero.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) struct FromSeven(Bits<4>);
impl Default for FromSeven {
    fn default() -> Self {
        Self(7.into())
    }
}
impl Synth for FromSeven {
    const BITS: usize = 4;
    fn descriptor() -> TypeDescriptor {
        Bits::<4>::descriptor()
    }
    fn vcd(self) -> VCDValue {
        self.0.vcd()
    }
    fn verilog(self) -> VerilogLiteral {
        self.0.verilog()
    }
}

/// Registers show their power-up value before the first clock.
#[derive(LogicBlock, Default)]
pub(crate) struct PowerUp {
    clk: Signal<In, Clock>,
    a: Signal<In, Bit>,
    y: Signal<Out, FromSeven>,
    z: Signal<Out, Bit>,
    seven: DFF<FromSeven>,
    zero: DFF<Bit>,
}
impl Logic for PowerUp {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, seven, zero);
        self.y.next = self.seven.q.val();
        self.z.next = self.zero.q.val();
        self.zero.d.next = self.a.val();
    }
}
case!(PowerUp, clk; a);

/// Reads back what it drives into a register and a sub-block: the settled value, whatever is assigned later.
#[derive(LogicBlock)]
pub(crate) struct ReadsPin {
    clk: Signal<In, Clock>,
    a: Signal<In, Bits<8>>,
    y0: Signal<Out, Bits<8>>,
    y1: Signal<Out, Bit>,
    kept: DFF<Bits<8>>,
    cell: Cell<8>,
}
impl Default for ReadsPin {
    fn default() -> Self {
        Self {
            clk: Signal::default(),
            a: Signal::default(),
            y0: Signal::default(),
            y1: Signal::default(),
            kept: DFF::default(),
            cell: Cell::new(9),
        }
    }
}
impl Logic for ReadsPin {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, kept);
        self.cell.clk.next = self.clk.val();
        self.y0.next = self.kept.d.val() ^ self.cell.d.val();
        self.y1.next = self.cell.d.val().get_bit(3);
        self.kept.d.next = self.a.val() - 1;
        self.kept.d.next = self.a.val() + self.kept.q.val();
        self.cell.en.next = self.kept.d.val().any();
        self.cell.d.next = self.cell.q.val() + self.a.val();
    }
}
case!(ReadsPin, clk; a);

/// A register slice with a skid, the shape of most of the machine.
#[derive(LogicBlock, Default)]
pub(crate) struct Handshake {
    clk: Signal<In, Clock>,
    rst: Signal<In, Bit>,
    s_data: Signal<In, Bits<16>>,
    s_valid: Signal<In, Bit>,
    s_ready: Signal<Out, Bit>,
    m_data: Signal<Out, Bits<16>>,
    m_valid: Signal<Out, Bit>,
    m_ready: Signal<In, Bit>,
    out: DFF<Bits<16>>,
    valid: DFF<Bit>,
    skid: DFF<Bits<16>>,
    skid_valid: DFF<Bit>,
}
impl Logic for Handshake {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, out, valid, skid, skid_valid);
        self.s_ready.next = !self.skid_valid.q.val();
        self.m_data.next = self.out.q.val();
        self.m_valid.next = self.valid.q.val();
        if (!self.valid.q.val()) | self.m_ready.val() {
            if self.skid_valid.q.val() {
                self.out.d.next = self.skid.q.val();
                self.valid.d.next = true;
                self.skid_valid.d.next = false;
            } else {
                self.out.d.next = self.s_data.val();
                self.valid.d.next = self.s_valid.val();
            }
        } else if self.s_valid.val() & (!self.skid_valid.q.val()) {
            self.skid.d.next = self.s_data.val();
            self.skid_valid.d.next = true;
        }
        if self.rst.val() {
            self.valid.d.next = false;
            self.skid_valid.d.next = false;
        }
    }
    fn timing(&self) -> Vec<TimingInfo> {
        About::new("handshake", "1 clock").says("Register slice of a stream.").timing()
    }
}
case!(Handshake, clk; rst, s_data, s_valid, m_ready);
