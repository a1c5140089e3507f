// SPDX-License-Identifier: MIT
//! What the printer cannot say in Verilog, and where: every error names the block by its path from the top, and the
//! construct in it.

/// A block that cannot be printed, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("block `{block}`: {fault}")]
pub struct PrintError {
    /// Path of the block from the top, parts joined by `.`.
    pub block: String,
    /// What in it cannot be printed.
    pub fault: Fault,
}

/// A construct that has no exact Verilog.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A block whose `hdl()` is Verilog text or a black box.
    #[error(
        "it is described by {0}, which cannot be checked against the kernel; describe it with #[hdl_gen]"
    )]
    Opaque(&'static str),
    /// A name that is no signal, constant, state or loop index of the block.
    #[error(
        "`{0}` is no signal, constant, state or loop index here; a const generic goes into a `Constant` field"
    )]
    UnknownName(String),
    /// An array index that is not made of literals and loop indices.
    #[error(
        "the index in `{0}` is not a constant; select by `match`, or from a wide signal by `get_bits`"
    )]
    Index(String),
    /// A signal that keeps its value on some path.
    #[error("`{0}` is not assigned on every path, a latch; assign a default first")]
    Latch(String),
    /// An input of a sub-block, an output or a register that nobody drives.
    #[error("`{0}` is never assigned")]
    Undriven(String),
    /// Signals that depend on each other without a register between.
    #[error("`{0}` depends on itself without a register between, a combinational loop")]
    Loop(String),
    /// A clock that is not plainly one of the block's clock inputs.
    #[error("clock `{0}` is not connected plainly to a clock input of the block")]
    Clock(String),
    /// An assignment to something that the block does not drive.
    #[error("`{0}` cannot be assigned here")]
    Target(String),
    /// Operands whose widths differ.
    #[error("operands of {construct} have {left} and {right} bits")]
    Width {
        /// The operator or the assigned signal.
        construct: String,
        /// Bits of the left operand or target.
        left: usize,
        /// Bits of the right operand or value.
        right: usize,
    },
    /// A literal that does not fit where it stands.
    #[error("literal {value} does not fit into {width} bits at {construct}")]
    Literal {
        /// The literal.
        value: i128,
        /// Bits that it must fit into.
        width: usize,
        /// Where it stands.
        construct: String,
    },
    /// A literal whose width nothing determines.
    #[error("nothing gives the literal in {0} a width; give it one with `bits::<N>()`")]
    Unsized(String),
    /// A bit or part outside its signal.
    #[error("bits {low} to {high} are outside a value of {width} bits")]
    Range {
        /// Lowest bit asked for.
        low: usize,
        /// Highest bit asked for.
        high: usize,
        /// Bits that there are.
        width: usize,
    },
    /// Anything else of rust-hdl that the printer does without.
    #[error("{0} cannot be printed")]
    Unsupported(String),
    /// A port of the top whose name is a word of Verilog, SystemVerilog or C++, or stands for two ports.
    #[error("port name `{0}` is taken or a reserved word of Verilog; rename the field")]
    PortName(String),
    /// A module's name that Verilog would not take, or that a hand-written memory has.
    #[error("module name `{0}` is taken or not made of small letters, digits and `_`")]
    ModuleName(String),
}
