// SPDX-License-Identifier: MIT
//! The corpus: expressions and statements. Each block stands for a construct that rust-hdl's own printer or a careless one
//! gets wrong.

use rust_hdl::prelude::*;

use crate::case;
pub(crate) use crate::memories::*;
pub(crate) use crate::structure::*;

/// `==` binds tighter than `&` in Verilog, looser in Rust.
#[derive(LogicBlock, Default)]
pub(crate) struct Precedence {
    a: Signal<In, Bits<8>>,
    b: Signal<In, Bits<8>>,
    c: Signal<In, Bits<8>>,
    y0: Signal<Out, Bit>,
    y1: Signal<Out, Bits<8>>,
    y2: Signal<Out, Bits<8>>,
    y3: Signal<Out, Bit>,
}
impl Logic for Precedence {
    #[hdl_gen]
    fn update(&mut self) {
        self.y0.next = self.a.val() & 0x0F == self.b.val();
        self.y1.next = self.a.val() | self.b.val() ^ self.c.val() & 0x3C;
        self.y2.next = self.a.val() - (self.b.val() - self.c.val());
        self.y3.next = self.a.val() + self.b.val() < self.c.val() << 1;
    }
}
case!(Precedence; a, b, c);

/// The width around a sum must not reach into it.
#[derive(LogicBlock, Default)]
pub(crate) struct CastWidth {
    a: Signal<In, Bits<8>>,
    b: Signal<In, Bits<8>>,
    y0: Signal<Out, Bits<16>>,
    y1: Signal<Out, Bits<9>>,
    y2: Signal<Out, Bits<4>>,
    y3: Signal<Out, Bits<16>>,
    y4: Signal<Out, Bits<16>>,
    y5: Signal<Out, Bits<8>>,
}
impl Logic for CastWidth {
    #[hdl_gen]
    fn update(&mut self) {
        self.y0.next = bit_cast::<16, 8>(self.a.val() + self.b.val());
        self.y1.next = bit_cast::<9, 8>(self.a.val()) + bit_cast::<9, 8>(self.b.val());
        self.y2.next = bit_cast::<4, 8>(self.a.val() - self.b.val());
        self.y3.next = bit_cast::<16, 8>(self.a.val() << 3) | bit_cast::<16, 8>(!self.b.val());
        self.y4.next = bit_cast::<16, 8>(!(self.a.val() - self.b.val())) << 4;
        self.y5.next = (self.a.val() + self.b.val()) >> 1;
    }
}
case!(CastWidth; a, b);

/// A literal has the width of its neighbour, not 32 bits.
#[derive(LogicBlock, Default)]
pub(crate) struct LiteralWidth {
    a: Signal<In, Bits<8>>,
    b: Signal<In, Bits<8>>,
    w: Signal<In, Bits<40>>,
    y0: Signal<Out, Bit>,
    y1: Signal<Out, Bits<8>>,
    y2: Signal<Out, Bit>,
    y3: Signal<Out, Bits<40>>,
    y4: Signal<Out, Bits<12>>,
}
impl Logic for LiteralWidth {
    #[hdl_gen]
    fn update(&mut self) {
        self.y0.next = (self.a.val() + self.b.val()) == self.a.val() - 1;
        self.y1.next = 3 - self.a.val();
        self.y2.next = self.w.val() - 1 > 0xFF_FFFF_0000_u64;
        self.y3.next = self.w.val() + 0xFF_0000_0001_u64;
        self.y4.next = bits::<12>(0xABC) ^ bit_cast::<12, 8>(self.a.val());
    }
}
case!(LiteralWidth; a, b, w);

/// `~` of one bit is one bit.
#[derive(LogicBlock, Default)]
pub(crate) struct CastOfNot {
    f: Signal<In, Bit>,
    g: Signal<In, Bit>,
    a: Signal<In, Bits<4>>,
    y0: Signal<Out, Bits<8>>,
    y1: Signal<Out, Bit>,
    y2: Signal<Out, Bits<8>>,
    y3: Signal<Out, Bits<5>>,
}
impl Logic for CastOfNot {
    #[hdl_gen]
    fn update(&mut self) {
        self.y0.next = bit_cast::<8, 1>((!self.f.val()).into());
        self.y1.next = !(self.f.val() ^ self.g.val()) && (self.f.val() || self.g.val());
        self.y2.next = bit_cast::<8, 4>(!self.a.val()) + 1;
        self.y3.next = bit_cast::<5, 4>(self.a.val()) + (!self.g.val());
    }
}
case!(CastOfNot; f, g, a);

/// Shifts by more than there is, and of narrow values in wide places.
#[derive(LogicBlock, Default)]
pub(crate) struct Shifts {
    a: Signal<In, Bits<8>>,
    n: Signal<In, Bits<5>>,
    m: Signal<In, Bits<3>>,
    y0: Signal<Out, Bits<8>>,
    y1: Signal<Out, Bits<8>>,
    y2: Signal<Out, Bits<16>>,
    y3: Signal<Out, Bits<8>>,
    y4: Signal<Out, Bits<8>>,
    y5: Signal<Out, Bit>,
    y6: Signal<Out, Bits<8>>,
}
impl Logic for Shifts {
    #[hdl_gen]
    fn update(&mut self) {
        self.y0.next = self.a.val() << self.n.val();
        self.y1.next = self.a.val() >> self.n.val();
        self.y2.next = bit_cast::<16, 8>((self.a.val() << self.m.val()) >> 2);
        self.y3.next = self.a.val() << 8;
        self.y4.next = (self.a.val() >> 3) << 5;
        self.y5.next = (self.a.val() << self.m.val()) == (self.a.val() >> self.m.val());
        self.y6.next = ((self.a.val() + self.a.val()) >> self.m.val()) + 1;
    }
}
case!(Shifts; a, n, m);

/// The same above rust-hdl's short representation of 32 bits.
#[derive(LogicBlock, Default)]
pub(crate) struct WideShifts {
    a: Signal<In, Bits<72>>,
    n: Signal<In, Bits<7>>,
    y0: Signal<Out, Bits<72>>,
    y1: Signal<Out, Bits<72>>,
    y2: Signal<Out, Bits<72>>,
}
impl Logic for WideShifts {
    #[hdl_gen]
    fn update(&mut self) {
        self.y0.next = self.a.val() << self.n.val();
        self.y1.next = self.a.val() >> self.n.val();
        self.y2.next = (self.a.val() << 13) | (self.a.val() >> 59);
    }
}
case!(WideShifts; a, n);

/// Parts of signals at a fixed or moving place, over the end too.
#[derive(LogicBlock, Default)]
pub(crate) struct Parts {
    a: Signal<In, Bits<64>>,
    n: Signal<In, Bits<6>>,
    k: Signal<In, Bits<5>>,
    over: Signal<In, Bits<4>>,
    y0: Signal<Out, Bits<8>>,
    y1: Signal<Out, Bits<8>>,
    y2: Signal<Out, Bit>,
    y3: Signal<Out, Bits<16>>,
    y4: Signal<Out, Bits<8>>,
    y5: Signal<Out, Bits<4>>,
    y6: Signal<Out, Bits<32>>,
    sum: Signal<Local, Bits<64>>,
    narrow: Signal<Local, Bits<10>>,
}
impl Logic for Parts {
    #[hdl_gen]
    fn update(&mut self) {
        self.sum.next = self.a.val() + 0x1234_5678;
        self.narrow.next = self.a.val().get_bits::<10>(3);
        self.y0.next = self.a.val().get_bits::<8>(11);
        self.y1.next = self.a.val().get_bits::<8>(self.n.val().index());
        self.y2.next = self.sum.val().get_bit(self.n.val().index());
        self.y3.next = self.sum.val().get_bits::<16>(self.k.val().index());
        self.y4.next = self.sum.val().get_bits::<8>(60);
        self.y5.next = 0.into();
        if self.over.val() < 11 {
            self.y5.next = self.narrow.val().get_bits::<4>(self.over.val().index());
        }
        for i in 0..4 {
            if self.k.val().get_bit(i) {
                self.y5.next = self.sum.val().get_bits::<4>(i * 16 + 2);
            }
        }
        self.y6.next = (self.sum.val() >> 40).get_bits::<32>(0);
    }
}
impl crate::kernel::Case for Parts {
    fn drive(&mut self, random: &mut crate::kernel::Random) {
        self.a.next = random.value();
        self.n.next = random.value();
        self.k.next = random.value();
        // rust-hdl panics beyond the end.
        self.over.next = (random.next() % 11).into();
    }
    fn clock(&mut self, _: bool) {}
}

/// Bits replaced at fixed and moving places.
#[derive(LogicBlock, Default)]
pub(crate) struct Replace {
    a: Signal<In, Bits<16>>,
    n: Signal<In, Bits<4>>,
    f: Signal<In, Bit>,
    y0: Signal<Out, Bits<16>>,
    y1: Signal<Out, Bits<16>>,
    y2: Signal<Out, Bits<16>>,
    l: Signal<Local, Bits<16>>,
}
impl Logic for Replace {
    #[hdl_gen]
    fn update(&mut self) {
        self.y0.next = self.a.val().replace_bit(self.n.val().index(), self.f.val());
        self.l.next = 0.into();
        for i in 0..16 {
            self.l.next = self.l.val().replace_bit(15 - i, self.a.val().get_bit(i) ^ self.f.val());
        }
        self.y1.next = self.l.val();
        self.y2.next =
            self.l.val().replace_bit(3, self.f.val()).replace_bit(self.n.val().index(), true);
    }
}
case!(Replace; a, n, f);

/// A `match` on numbers, with arms that leave defaults alone.
#[derive(LogicBlock, Default)]
pub(crate) struct MatchIndex {
    s: Signal<In, Bits<4>>,
    a: Signal<In, Bits<8>>,
    b: Signal<In, Bits<8>>,
    y0: Signal<Out, Bits<8>>,
    y1: Signal<Out, Bits<8>>,
}
impl Logic for MatchIndex {
    #[hdl_gen]
    fn update(&mut self) {
        self.y1.next = self.b.val();
        match self.s.val().index() {
            0 => self.y0.next = self.a.val(),
            1 => {
                self.y0.next = self.b.val();
                self.y1.next = self.y0.val() + 1;
            }
            0x7 => self.y0.next = self.a.val() + self.b.val(),
            0b1010 => {
                self.y0.next = 10.into();
                if self.a.val() > self.b.val() {
                    self.y0.next = 11.into();
                }
            }
            _ => self.y0.next = 0xFF.into(),
        }
    }
}
case!(MatchIndex; s, a, b);

/// A `match` without a default arm.
#[derive(LogicBlock, Default)]
pub(crate) struct MatchBool {
    f: Signal<In, Bit>,
    a: Signal<In, Bits<8>>,
    y: Signal<Out, Bits<8>>,
}
impl Logic for MatchBool {
    #[hdl_gen]
    fn update(&mut self) {
        match self.f.val() {
            true => self.y.next = self.a.val(),
            false => self.y.next = !self.a.val(),
        }
    }
}
case!(MatchBool; f, a);

/// All comparisons, those that are always true or false among them.
#[derive(LogicBlock, Default)]
pub(crate) struct Comparisons {
    a: Signal<In, Bits<9>>,
    b: Signal<In, Bits<9>>,
    y: Signal<Out, Bits<10>>,
}
#[allow(clippy::nonminimal_bool, reason = "the negated comparison is what is tried")]
impl Logic for Comparisons {
    #[hdl_gen]
    fn update(&mut self) {
        self.y.next = 0.into();
        self.y.next = self.y.val().replace_bit(0, self.a.val() < self.b.val());
        self.y.next = self.y.val().replace_bit(1, self.a.val() <= self.b.val());
        self.y.next = self.y.val().replace_bit(2, self.a.val() > self.b.val());
        self.y.next = self.y.val().replace_bit(3, self.a.val() >= self.b.val());
        self.y.next = self.y.val().replace_bit(4, self.a.val() == self.b.val());
        self.y.next = self.y.val().replace_bit(5, !(self.a.val() == self.b.val()));
        self.y.next = self.y.val().replace_bit(6, self.a.val() != 7);
        self.y.next = self.y.val().replace_bit(7, self.a.val() >= 0);
        self.y.next = self.y.val().replace_bit(8, self.a.val() > 0x1FF);
        self.y.next = self.y.val().replace_bit(9, !(self.a.val() < 5));
    }
}
case!(Comparisons; a, b);

/// `all`, `any` and `xor` of signals and of expressions.
#[derive(LogicBlock, Default)]
pub(crate) struct Reductions {
    a: Signal<In, Bits<12>>,
    b: Signal<In, Bits<12>>,
    y: Signal<Out, Bits<4>>,
    any: Signal<Local, Bits<12>>,
}
impl Logic for Reductions {
    #[hdl_gen]
    fn update(&mut self) {
        self.any.next = self.a.val() & self.b.val();
        self.y.next = 0.into();
        self.y.next = self.y.val().replace_bit(0, (self.a.val() | self.b.val()).all());
        self.y.next = self.y.val().replace_bit(1, self.any.val().any() & !self.a.val().all());
        self.y.next = self.y.val().replace_bit(2, (self.a.val() - self.b.val()).xor());
        self.y.next = self.y.val().replace_bit(3, !((!self.a.val()).any()));
    }
}
case!(Reductions; a, b);

/// Locals and outputs read after, between and under assignments.
#[derive(LogicBlock, Default)]
pub(crate) struct Reassigned {
    clk: Signal<In, Clock>,
    a: Signal<In, Bits<8>>,
    b: Signal<In, Bits<8>>,
    c: Signal<In, Bits<3>>,
    y0: Signal<Out, Bits<8>>,
    y1: Signal<Out, Bits<8>>,
    y2: Signal<Out, Bits<8>>,
    l: Signal<Local, Bits<8>>,
    r: DFF<Bits<8>>,
    held: DFF<Bits<8>>,
}
impl Logic for Reassigned {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, r, held);
        self.l.next = self.a.val();
        self.y0.next = self.l.val() + 1;
        if self.c.val().get_bit(0) {
            self.l.next = self.b.val() + self.r.q.val();
            if self.c.val().get_bit(1) {
                self.l.next = self.l.val() ^ self.y0.val();
                self.r.d.next = self.l.val();
            } else if self.c.val().get_bit(2) {
                self.l.next = self.l.val() - 1;
            }
            self.y0.next = self.l.val();
        } else {
            self.r.d.next = self.r.q.val() + 1;
        }
        self.y1.next = self.l.val() | self.y0.val();
        if self.c.val() == 5 {
            self.y1.next = self.y1.val() << 1;
            self.held.d.next = self.y1.val();
        }
        self.y2.next = self.held.q.val() - self.r.q.val();
    }
}
case!(Reassigned, clk; a, b, c);

/// Thirty-two doublings: printed without sharing it would be four thousand million terms.
#[derive(LogicBlock, Default)]
pub(crate) struct Doubling {
    a: Signal<In, Bits<16>>,
    b: Signal<In, Bits<16>>,
    y: Signal<Out, Bits<16>>,
    l: Signal<Local, Bits<16>>,
}
impl Logic for Doubling {
    #[hdl_gen]
    fn update(&mut self) {
        self.l.next = self.a.val();
        for _i in 0..32 {
            if (self.l.val() & 1).any() {
                self.l.next = (self.l.val() << 1) ^ (self.l.val() + self.b.val());
            } else {
                self.l.next = (self.l.val() >> 1) + (self.l.val() ^ 0x155);
            }
        }
        self.y.next = self.l.val();
    }
}
case!(Doubling; a, b);

/// Fields named as words of Verilog, and a signal that is used in part only.
#[derive(LogicBlock, Default)]
pub(crate) struct Reserved {
    clk: Signal<In, Clock>,
    a: Signal<In, Bits<8>>,
    y: Signal<Out, Bits<4>>,
    table: DFF<Bits<8>>,
    priority: Signal<Local, Bits<8>>,
}
impl Logic for Reserved {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, table);
        self.priority.next = self.a.val() + 3;
        self.table.d.next = self.priority.val();
        self.y.next = self.table.q.val().get_bits::<4>(2) & self.priority.val().get_bits::<4>(4);
    }
}
case!(Reserved, clk; a);

/// A shifter at the machine's greatest width.
#[derive(LogicBlock, Default)]
pub(crate) struct Wide {
    a: Signal<In, Bits<512>>,
    tag: Signal<In, Bits<64>>,
    n: Signal<In, Bits<4>>,
    y: Signal<Out, Bits<576>>,
    z: Signal<Out, Bits<512>>,
    whole: Signal<Local, Bits<576>>,
}
impl Logic for Wide {
    #[hdl_gen]
    fn update(&mut self) {
        self.whole.next =
            (bit_cast::<576, 512>(self.a.val()) << 64) | bit_cast::<576, 64>(self.tag.val());
        self.y.next = self.whole.val() + 1;
        self.z.next = self.whole.val().get_bits::<512>(self.n.val().index());
    }
}
case!(Wide; a, tag, n);
