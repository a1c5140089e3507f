// SPDX-License-Identifier: MIT
//! Expressions as Verilog text. Every operand is an operator's exact width, every literal has its width written, and what
//! the text reads is noted bit by bit, so that the module can say what it does not use.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigUint;

use super::error::Fault;
use super::expr::{Binary, Expr, NetId, Node, Unary};
use super::names::{Names, upper_case};
use super::netlist::Netlist;
use super::wires::Wires;

/// Columns after which an expression is broken over lines.
const COLUMNS: usize = 100;

/// How tightly a text holds together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// A name, literal or braces.
    Whole,
    Unary,
    Binary(Binary),
    Mux,
}

pub(super) struct Writer<'n, 'a> {
    pub(super) list: &'n Netlist<'a>,
    pub(super) wires: Wires,
    pub(super) names: Names,
    /// Declarations of wires and assignments of outputs, in an order in which each is declared before it is read.
    pub(super) lines: Vec<String>,
    /// Localparams in use: text of the value by name.
    pub(super) parameters: BTreeMap<String, (usize, String)>,
    parameter_names: BTreeMap<(String, usize), String>,
    defined: BTreeSet<Expr>,
    read: BTreeMap<String, Vec<bool>>,
}

impl<'n, 'a> Writer<'n, 'a> {
    pub(super) fn new(list: &'n Netlist<'a>, wires: Wires, names: Names) -> Self {
        Self {
            list,
            wires,
            names,
            lines: Vec::new(),
            parameters: BTreeMap::new(),
            parameter_names: BTreeMap::new(),
            defined: BTreeSet::new(),
            read: BTreeMap::new(),
        }
    }

    /// Notes that bits of a declared name are read.
    pub(super) fn mark(&mut self, name: &str, whole: usize, low: usize, width: usize) {
        let bits = self.read.entry(name.into()).or_insert_with(|| vec![false; whole]);
        bits[low..low + width].fill(true);
    }

    /// Bits of `name` that nothing reads, as ranges of low bit and width.
    pub(super) fn unread(&self, name: &str, width: usize) -> Vec<(usize, usize)> {
        let none = vec![false; width];
        let bits = self.read.get(name).unwrap_or(&none);
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for bit in (0..width).filter(|bit| !bits[*bit]) {
            match ranges.last_mut() {
                Some((low, size)) if *low + *size == bit => *size += 1,
                _ => ranges.push((bit, 1)),
            }
        }
        ranges
    }

    /// The text of an expression where it is used: its name if it has one.
    pub(super) fn text(&mut self, e: Expr) -> Result<String, Fault> {
        Ok(self.tied(e)?.0)
    }

    /// `head = value;`, broken over lines if it is long.
    pub(super) fn statement(&mut self, head: &str, e: Expr) -> Result<String, Fault> {
        let value = match self.wires.exprs.contains_key(&e) {
            true => self.text(e)?,
            false => self.broken(e, head)?,
        };
        Ok(join(head, &value))
    }

    /// Prints the wire or output that holds `e`, once.
    pub(super) fn define(&mut self, e: Expr) -> Result<(), Fault> {
        let name = self.wires.exprs[&e].clone();
        if !self.defined.insert(e) {
            return Ok(());
        }
        let is_output = self.list.outputs.iter().any(|(net, _)| self.wires.nets[net] == name);
        let head = match is_output {
            true => format!("    assign {name} ="),
            false => format!("    wire {}{name} =", range(self.list.exprs.width(e))),
        };
        let text = self.broken(e, &head)?;
        self.lines.push(join(&head, &text));
        Ok(())
    }

    fn tied(&mut self, e: Expr) -> Result<(String, Tie), Fault> {
        let Some(name) = self.wires.exprs.get(&e).cloned() else { return self.anonymous(e) };
        self.define(e)?;
        let width = self.list.exprs.width(e);
        self.mark(&name, width, 0, width);
        Ok((name, Tie::Whole))
    }

    /// An operand, in parentheses unless it is whole or continues the same chain.
    fn operand(&mut self, e: Expr, outer: Tie) -> Result<String, Fault> {
        let (text, tie) = self.tied(e)?;
        let chain =
            matches!(outer, Tie::Binary(Binary::And | Binary::Or | Binary::Xor | Binary::Add));
        let bare = match tie {
            Tie::Whole => true,
            Tie::Unary => text.starts_with('~') && !matches!(outer, Tie::Unary),
            Tie::Binary(_) => (chain && tie == outer) || outer == Tie::Mux,
            Tie::Mux => false,
        };
        Ok(if bare { text } else { format!("({text})") })
    }

    fn anonymous(&mut self, e: Expr) -> Result<(String, Tie), Fault> {
        let list = self.list;
        let width = list.exprs.width(e);
        Ok(match list.exprs.node(e) {
            Node::Const(value, name) if name.is_empty() => (literal(value, width), Tie::Whole),
            Node::Const(value, name) => (self.parameter(value, width, name), Tie::Whole),
            Node::Held(net) => return Err(Fault::Latch(list.nets.info(*net).source.clone())),
            Node::Net(net) => match list.pins.get(net) {
                Some(driver) => self.tied(*driver)?,
                None => (self.net(*net, 0, width), Tie::Whole),
            },
            Node::Unary(op, a) => {
                let a = self.operand(*a, Tie::Unary)?;
                let sign = match op {
                    Unary::Not => "~",
                    Unary::All => "&",
                    Unary::Any => "|",
                    Unary::Xor => "^",
                };
                (format!("{sign}{a}"), Tie::Unary)
            }
            Node::Binary(op, a, b) => {
                let tie = Tie::Binary(*op);
                let (a, b) = (self.operand(*a, tie)?, self.operand(*b, tie)?);
                (format!("{a} {} {b}", sign(*op)), tie)
            }
            Node::Mux(c, t, f) if self.is_logic(e) => self.logic(*c, *t, *f)?,
            Node::Mux(c, t, f) => {
                let c = self.operand(*c, Tie::Mux)?;
                let t = self.operand(*t, Tie::Mux)?;
                let f = self.tied(*f)?.0;
                (format!("{c} ? {t} : {f}"), Tie::Mux)
            }
            Node::Concat(parts) => {
                let items = self.items(parts)?;
                (format!("{{{}}}", items.join(", ")), Tie::Whole)
            }
            Node::Slice(base, low) => (self.select(*base, *low, width)?, Tie::Whole),
            Node::Part(base, at) => {
                let at = self.text(*at)?;
                let whole = self.list.exprs.width(*base);
                let name = self.base(*base, 0, whole)?;
                let size = if width == 1 { String::new() } else { format!(" +: {width}") };
                (format!("{name}[{at}{size}]"), Tie::Whole)
            }
        })
    }

    /// A choice of one bit that is known on one side.
    fn is_logic(&self, e: Expr) -> bool {
        let exprs = &self.list.exprs;
        let known = |e| exprs.is_zero(e) || exprs.is_ones(e);
        matches!(exprs.node(e), Node::Mux(_, t, f) if exprs.width(e) == 1 && (known(*t) || known(*f)))
    }

    /// Such a choice as `and` or `or`.
    fn logic(&mut self, c: Expr, t: Expr, f: Expr) -> Result<(String, Tie), Fault> {
        let exprs = &self.list.exprs;
        let (op, not, other) = match () {
            () if exprs.is_ones(t) => (Binary::Or, "", f),
            () if exprs.is_zero(t) => (Binary::And, "~", f),
            () if exprs.is_zero(f) => (Binary::And, "", t),
            () => (Binary::Or, "~", t),
        };
        let tie = Tie::Binary(op);
        let test = self.operand(c, if not.is_empty() { tie } else { Tie::Unary })?;
        let other = self.operand(other, tie)?;
        Ok((format!("{not}{test} {} {other}", sign(op)), tie))
    }

    fn net(&mut self, net: NetId, low: usize, width: usize) -> String {
        let name = self.wires.nets[&net].clone();
        self.mark(&name, self.list.nets.info(net).width, low, width);
        name
    }

    /// The name of something of which a part is taken.
    fn base(&mut self, e: Expr, low: usize, width: usize) -> Result<String, Fault> {
        let e = self.list.behind_pins(e);
        if let Some(name) = self.wires.exprs.get(&e).cloned() {
            self.define(e)?;
            self.mark(&name, self.list.exprs.width(e), low, width);
            return Ok(name);
        }
        match self.list.exprs.node(e) {
            Node::Net(net) => Ok(self.net(*net, low, width)),
            other => unreachable!("{other:?} has a part taken of it and no name"),
        }
    }

    fn select(&mut self, base: Expr, low: usize, width: usize) -> Result<String, Fault> {
        let name = self.base(base, low, width)?;
        Ok(format!("{name}{}", bits(low, width)))
    }

    /// Parts of a concatenation; a part that repeats is written once.
    fn items(&mut self, parts: &[Expr]) -> Result<Vec<String>, Fault> {
        let mut items = Vec::new();
        let mut rest = parts;
        while let Some(first) = rest.first() {
            let count = rest.iter().take_while(|part| *part == first).count();
            let text = self.text(*first)?;
            items.push(if count == 1 { text } else { format!("{{{count}{{{text}}}}}") });
            rest = &rest[count..];
        }
        Ok(items)
    }

    fn parameter(&mut self, value: &BigUint, width: usize, source: &str) -> String {
        let key = (source.to_owned(), width);
        if let Some(name) = self.parameter_names.get(&key) {
            return name.clone();
        }
        let name = self.names.claim(&upper_case(source));
        self.parameters.insert(name.clone(), (width, literal(value, width)));
        self.parameter_names.insert(key, name.clone());
        name
    }

    /// The text behind `head`, on lines of its own where it does not fit.
    fn broken(&mut self, e: Expr, head: &str) -> Result<String, Fault> {
        let list = self.list;
        let (line, _) = self.anonymous(e)?;
        if head.len() + line.len() + 2 <= COLUMNS {
            return Ok(line);
        }
        let depth = head.len() - head.trim_start().len() + 4;
        let indent = &" ".repeat(depth);
        let below = format!("\n{indent}");
        Ok(match list.exprs.node(e) {
            Node::Mux(..) if !self.is_logic(e) => {
                let mut rungs = String::new();
                let mut at = e;
                while let Node::Mux(c, t, f) = list.exprs.node(at)
                    && (at == e || !(self.wires.exprs.contains_key(&at) || self.is_logic(at)))
                {
                    let (c, t) = (self.operand(*c, Tie::Mux)?, self.operand(*t, Tie::Mux)?);
                    rungs.push_str(&format!("{below}{c} ? {t} :"));
                    at = *f;
                }
                format!("{rungs}{below}{}", self.text(at)?)
            }
            Node::Concat(parts) => {
                let items = self.items(parts)?;
                format!("{{{below}{}}}", fill(&items, ",", indent))
            }
            Node::Binary(op, ..) => {
                let terms = self.terms(e, *op)?;
                format!("{below}{}", fill(&terms, &format!(" {}", sign(*op)), indent))
            }
            _ => line,
        })
    }

    /// The operands of a chain of one operator, or the two of any other.
    fn terms(&mut self, e: Expr, op: Binary) -> Result<Vec<String>, Fault> {
        let mut terms = Vec::new();
        let mut at = e;
        let chain = matches!(op, Binary::And | Binary::Or | Binary::Xor | Binary::Add);
        while let Node::Binary(inner, a, b) = self.list.exprs.node(at)
            && *inner == op
            && (at == e || (chain && !self.wires.exprs.contains_key(&at)))
        {
            terms.push(self.operand(*b, Tie::Binary(op))?);
            at = *a;
        }
        terms.push(self.operand(at, Tie::Binary(op))?);
        terms.reverse();
        Ok(terms)
    }
}

/// Puts a statement's value behind its head.
fn join(head: &str, value: &str) -> String {
    let blank = if value.starts_with('\n') { "" } else { " " };
    format!("{head}{blank}{value};")
}

/// Puts items on lines of at most [`COLUMNS`].
pub(super) fn fill(items: &[String], separator: &str, indent: &str) -> String {
    let mut text = String::new();
    let mut column = indent.len();
    for (at, item) in items.iter().enumerate() {
        let last = at + 1 == items.len();
        let item = if last { item.clone() } else { format!("{item}{separator}") };
        if at > 0 && column + item.len() + 1 > COLUMNS {
            text.push_str(&format!("\n{indent}"));
            column = indent.len();
        } else if at > 0 {
            text.push(' ');
            column += 1;
        }
        column += item.len();
        text.push_str(&item);
    }
    text
}

fn sign(op: Binary) -> &'static str {
    match op {
        Binary::Add => "+",
        Binary::Sub => "-",
        Binary::And => "&",
        Binary::Or => "|",
        Binary::Xor => "^",
        Binary::Eq => "==",
        Binary::Ne => "!=",
        Binary::Lt => "<",
        Binary::Le => "<=",
        Binary::Shl => "<<",
        Binary::Shr => ">>",
    }
}

/// A literal with its width: binary up to four bits, else hexadecimal; a wide mask as its runs of equal bits.
pub(super) fn literal(value: &BigUint, width: usize) -> String {
    if width > 64 && *value != BigUint::ZERO {
        let mut runs: Vec<(bool, usize)> = Vec::new();
        for bit in (0..width as u64).rev().map(|at| value.bit(at)) {
            match runs.last_mut() {
                Some((level, length)) if *level == bit => *length += 1,
                _ => runs.push((bit, 1)),
            }
        }
        if runs.len() <= 4 {
            let run = |(level, length): &(bool, usize)| match level {
                true => format!("{{{length}{{1'b1}}}}"),
                false => format!("{length}'h0"),
            };
            let runs: Vec<String> = runs.iter().map(run).collect();
            return if runs.len() == 1 {
                runs[0].clone()
            } else {
                format!("{{{}}}", runs.join(", "))
            };
        }
    }
    if width <= 4 { format!("{width}'b{value:0width$b}") } else { format!("{width}'h{value:x}") }
}

/// The range of a declaration, with a blank behind it.
pub(super) fn range(width: usize) -> String {
    if width == 1 { String::new() } else { format!("[{}:0] ", width - 1) }
}

/// A constant select.
pub(super) fn bits(low: usize, width: usize) -> String {
    if width == 1 { format!("[{low}]") } else { format!("[{}:{low}]", low + width - 1) }
}
