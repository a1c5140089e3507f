// SPDX-License-Identifier: MIT
//! What cannot be printed exactly is refused, with the block and the construct by name.

use rust_hdl::prelude::*;
use vireo_hdl::verilog::{Design, Fault, PrintError};

fn refused<B: Block + Default>() -> PrintError {
    let mut block = B::default();
    block.connect_all();
    Design::print(&block, "top").expect_err("the block was printed")
}

/// A block with one input, one output, one local and a few registers.
macro_rules! block {
    ($name:ident) => {
        #[derive(LogicBlock, Default)]
        struct $name {
            clk: Signal<In, Clock>,
            a: Signal<In, Bits<8>>,
            y: Signal<Out, Bits<8>>,
            l: Signal<Local, Bits<8>>,
            r: DFF<Bits<8>>,
            rows: [DFF<Bits<8>>; 2],
        }
    };
}

block!(LatchedLocal);
impl Logic for LatchedLocal {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, r);
        self.rows[0].clock.next = self.clk.val();
        self.rows[1].clock.next = self.clk.val();
        self.rows[0].d.next = self.a.val();
        self.rows[1].d.next = self.a.val();
        if self.a.val().get_bit(0) {
            self.l.next = self.a.val();
        }
        self.y.next = self.l.val();
    }
}

#[test]
fn a_local_that_one_branch_forgets_is_a_latch() {
    let error = refused::<LatchedLocal>();
    assert_eq!(error, PrintError { block: "top".into(), fault: Fault::Latch("l".into()) });
}

block!(ForgottenOutput);
impl Logic for ForgottenOutput {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, r);
        self.rows[0].clock.next = self.clk.val();
        self.rows[1].clock.next = self.clk.val();
        self.rows[0].d.next = self.a.val();
        self.rows[1].d.next = self.a.val();
    }
}

#[test]
fn an_output_without_a_driver_is_named() {
    assert_eq!(refused::<ForgottenOutput>().fault, Fault::Undriven("y".into()));
}

block!(ForgottenRegister);
impl Logic for ForgottenRegister {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, r);
        self.rows[0].clock.next = self.clk.val();
        self.rows[1].clock.next = self.clk.val();
        self.rows[0].d.next = self.a.val();
        self.y.next = self.a.val();
    }
}

#[test]
fn a_register_of_an_array_without_a_driver_is_named() {
    assert_eq!(refused::<ForgottenRegister>().fault, Fault::Undriven("rows.1.d".into()));
}

block!(CombinationalLoop);
impl Logic for CombinationalLoop {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, r);
        self.rows[0].clock.next = self.clk.val();
        self.rows[1].clock.next = self.clk.val();
        self.rows[0].d.next = self.rows[1].d.val() + self.a.val();
        self.rows[1].d.next = self.rows[0].d.val() ^ self.a.val();
        self.y.next = self.rows[0].q.val();
    }
}

#[test]
fn signals_that_depend_on_each_other_are_a_loop() {
    assert!(matches!(refused::<CombinationalLoop>().fault, Fault::Loop(_)));
}

block!(ClockFromData);
impl Logic for ClockFromData {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, r);
        self.rows[0].clock.next = !self.clk.val();
        self.rows[1].clock.next = self.clk.val();
        self.rows[0].d.next = self.a.val();
        self.rows[1].d.next = self.a.val();
        self.y.next = self.rows[0].q.val();
    }
}

#[test]
fn an_inverted_clock_is_refused() {
    assert_eq!(refused::<ClockFromData>().fault, Fault::Clock("rows.0.clock".into()));
}

/// A const generic as a value: rust-hdl's syntax tree has only its name.
#[derive(LogicBlock, Default)]
struct ConstGeneric<const N: usize> {
    a: Signal<In, Bits<8>>,
    y: Signal<Out, Bits<8>>,
}
impl<const N: usize> Logic for ConstGeneric<N> {
    #[hdl_gen]
    fn update(&mut self) {
        self.y.next = self.a.val().replace_bit(N, true);
    }
}

#[test]
fn a_const_generic_used_as_a_value_is_named() {
    assert_eq!(refused::<ConstGeneric<3>>().fault, Fault::UnknownName("N".into()));
}

/// An array of signals, indexed by a signal.
#[derive(LogicBlock, Default)]
struct MovingIndex {
    n: Signal<In, Bits<1>>,
    rows: [Signal<In, Bits<8>>; 2],
    y: Signal<Out, Bits<8>>,
}
impl Logic for MovingIndex {
    #[hdl_gen]
    fn update(&mut self) {
        self.y.next = self.rows[self.n.val().index()].val();
    }
}

#[test]
fn an_array_indexed_by_a_signal_is_refused() {
    assert!(matches!(refused::<MovingIndex>().fault, Fault::Index(text) if text.contains("rows")));
}

/// Two's complement is not printed.
#[derive(LogicBlock, Default)]
struct SignedPort {
    a: Signal<In, Signed<8>>,
    y: Signal<Out, Signed<8>>,
}
impl Logic for SignedPort {
    #[hdl_gen]
    fn update(&mut self) {
        self.y.next = self.a.val();
    }
}

#[test]
fn a_signed_signal_is_refused() {
    assert!(
        matches!(refused::<SignedPort>().fault, Fault::Unsupported(text) if text.contains("`a`"))
    );
}

/// A port that no Verilog tool would take.
#[derive(LogicBlock, Default)]
struct ReservedPort {
    table: Signal<In, Bit>,
    y: Signal<Out, Bit>,
}
impl Logic for ReservedPort {
    #[hdl_gen]
    fn update(&mut self) {
        self.y.next = self.table.val();
    }
}

#[test]
fn a_port_named_as_a_word_of_verilog_is_refused() {
    assert_eq!(refused::<ReservedPort>().fault, Fault::PortName("table".into()));
}

/// Verilog text in place of a description.
#[derive(LogicBlock, Default)]
struct Raw {
    a: Signal<In, Bit>,
    y: Signal<Out, Bit>,
}
impl Logic for Raw {
    fn update(&mut self) {
        self.y.next = self.a.val();
    }
    fn connect(&mut self) {
        self.y.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom("assign y = a;".into())
    }
}

/// Its owner, to see the path.
#[derive(LogicBlock, Default)]
struct Owner {
    a: Signal<In, Bit>,
    y: Signal<Out, Bit>,
    inner: [Raw; 2],
}
impl Logic for Owner {
    #[hdl_gen]
    fn update(&mut self) {
        self.inner[0].a.next = self.a.val();
        self.inner[1].a.next = self.inner[0].y.val();
        self.y.next = self.inner[1].y.val();
    }
}

#[test]
fn verilog_text_is_refused_with_the_path_of_its_block() {
    let error = refused::<Owner>();
    assert_eq!(error.block, "top.inner.0");
    assert_eq!(error.fault, Fault::Opaque("Verilog text"));
    assert!(error.to_string().contains("#[hdl_gen]"), "{error}");
}
