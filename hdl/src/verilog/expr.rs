// SPDX-License-Identifier: MIT
//! Expressions with an exact width each, stored once however often they are used: what a block computes, apart from how
//! rust-hdl or Verilog write it. Both operands of an operator have one width, so Verilog's context rules cannot widen any.

use std::collections::HashMap;

use num_bigint::BigUint;

/// A net of a module: port, register, pin of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NetId(pub(super) usize);

/// An expression in [`Exprs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Expr(usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Unary {
    Not,
    All,
    Any,
    Xor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Binary {
    Add,
    Sub,
    And,
    Or,
    Xor,
    Eq,
    Ne,
    Lt,
    Le,
    /// The right operand is an amount of any width.
    Shl,
    /// The right operand is an amount of any width.
    Shr,
}

impl Binary {
    pub(super) fn is_comparison(self) -> bool {
        matches!(self, Self::Eq | Self::Ne | Self::Lt | Self::Le)
    }

    pub(super) fn is_shift(self) -> bool {
        matches!(self, Self::Shl | Self::Shr)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Node {
    /// A value; the name is that of a `Constant` field or a state, empty for a literal.
    Const(BigUint, String),
    /// What a signal holds before the block assigned it: a latch if it reaches an output.
    Held(NetId),
    Net(NetId),
    Unary(Unary, Expr),
    Binary(Binary, Expr, Expr),
    Mux(Expr, Expr, Expr),
    /// Parts, most significant first.
    Concat(Vec<Expr>),
    /// Bits from a constant lowest one.
    Slice(Expr, usize),
    /// Bits from a lowest one that is a value, never outside.
    Part(Expr, Expr),
}

/// All expressions of a module.
#[derive(Debug, Default)]
pub(super) struct Exprs {
    nodes: Vec<(Node, usize)>,
    index: HashMap<(Node, usize), Expr>,
}

fn ones(width: usize) -> BigUint {
    (BigUint::from(1_u8) << width) - 1_u8
}

impl Exprs {
    pub(super) fn node(&self, e: Expr) -> &Node {
        &self.nodes[e.0].0
    }

    pub(super) fn width(&self, e: Expr) -> usize {
        self.nodes[e.0].1
    }

    fn add(&mut self, node: Node, width: usize) -> Expr {
        let key = (node, width);
        if let Some(e) = self.index.get(&key) {
            return *e;
        }
        let e = Expr(self.nodes.len());
        self.nodes.push(key.clone());
        self.index.insert(key, e);
        e
    }

    /// Expressions that this one is made of.
    pub(super) fn operands(&self, e: Expr) -> Vec<Expr> {
        match self.node(e) {
            Node::Const(..) | Node::Held(_) | Node::Net(_) => Vec::new(),
            Node::Unary(_, a) | Node::Slice(a, _) => vec![*a],
            Node::Binary(_, a, b) | Node::Part(a, b) => vec![*a, *b],
            Node::Mux(c, t, f) => vec![*c, *t, *f],
            Node::Concat(parts) => parts.clone(),
        }
    }

    pub(super) fn constant(&self, e: Expr) -> Option<&BigUint> {
        match self.node(e) {
            Node::Const(value, _) => Some(value),
            _ => None,
        }
    }

    pub(super) fn is_zero(&self, e: Expr) -> bool {
        self.constant(e).is_some_and(|v| *v == BigUint::ZERO)
    }

    pub(super) fn is_ones(&self, e: Expr) -> bool {
        self.constant(e).is_some_and(|v| *v == ones(self.width(e)))
    }

    pub(super) fn net(&mut self, net: NetId, width: usize) -> Expr {
        self.add(Node::Net(net), width)
    }

    pub(super) fn held(&mut self, net: NetId, width: usize) -> Expr {
        self.add(Node::Held(net), width)
    }

    pub(super) fn literal(&mut self, value: impl Into<BigUint>, width: usize) -> Expr {
        self.named(value, width, "")
    }

    /// A constant with the name under which people know it.
    pub(super) fn named(&mut self, value: impl Into<BigUint>, width: usize, name: &str) -> Expr {
        self.add(Node::Const(value.into() & ones(width), name.into()), width)
    }

    pub(super) fn unary(&mut self, op: Unary, a: Expr) -> Expr {
        let width = self.width(a);
        if let Some(value) = self.constant(a) {
            return match op {
                Unary::Not => self.literal(value ^ ones(width), width),
                Unary::All => self.literal(u8::from(*value == ones(width)), 1),
                Unary::Any => self.literal(u8::from(*value != BigUint::ZERO), 1),
                Unary::Xor => self.literal(value.count_ones() % 2, 1),
            };
        }
        match (op, self.node(a)) {
            (Unary::Not, Node::Unary(Unary::Not, inner)) => *inner,
            (Unary::Not, Node::Binary(Binary::Eq, l, r)) => {
                let (l, r) = (*l, *r);
                self.binary(Binary::Ne, l, r)
            }
            (Unary::Not, Node::Binary(Binary::Ne, l, r)) => {
                let (l, r) = (*l, *r);
                self.binary(Binary::Eq, l, r)
            }
            (Unary::Not, _) => self.add(Node::Unary(op, a), width),
            (_, _) if width == 1 => a,
            _ => self.add(Node::Unary(op, a), 1),
        }
    }

    /// Operands of one width; for shifts the right one is an amount.
    pub(super) fn binary(&mut self, op: Binary, a: Expr, b: Expr) -> Expr {
        let width = self.width(a);
        debug_assert!(op.is_shift() || width == self.width(b));
        if let (Some(x), Some(y)) = (self.constant(a).cloned(), self.constant(b).cloned())
            && !op.is_shift()
        {
            return self.fold(op, &x, &y, width);
        }
        match op {
            Binary::And if self.is_zero(a) || self.is_ones(b) => return a,
            Binary::And if self.is_zero(b) || self.is_ones(a) => return b,
            Binary::Or if self.is_ones(a) || self.is_zero(b) => return a,
            Binary::Or if self.is_ones(b) || self.is_zero(a) => return b,
            Binary::And | Binary::Or if a == b => return a,
            Binary::Xor if self.is_zero(b) => return a,
            Binary::Xor if self.is_zero(a) => return b,
            Binary::Xor if self.is_ones(b) => return self.unary(Unary::Not, a),
            Binary::Add if self.is_zero(a) => return b,
            Binary::Add | Binary::Sub if self.is_zero(b) => return a,
            Binary::Eq | Binary::Ne if width == 1 && self.constant(b).is_some() => {
                return if self.is_ones(b) == (op == Binary::Eq) {
                    a
                } else {
                    self.unary(Unary::Not, a)
                };
            }
            Binary::Le if self.is_zero(a) || self.is_ones(b) || a == b => {
                return self.literal(1_u8, 1);
            }
            Binary::Lt if self.is_ones(a) || self.is_zero(b) || a == b => {
                return self.literal(0_u8, 1);
            }
            Binary::Shl | Binary::Shr if self.is_zero(a) => return a,
            Binary::Shl | Binary::Shr => {
                if let Some(amount) = self.constant(b) {
                    let amount = usize::try_from(amount).unwrap_or(usize::MAX).min(width);
                    return self.shift(op, a, amount);
                }
            }
            _ => {}
        }
        self.add(Node::Binary(op, a, b), if op.is_comparison() { 1 } else { width })
    }

    fn fold(&mut self, op: Binary, x: &BigUint, y: &BigUint, width: usize) -> Expr {
        let value = match op {
            Binary::Add => x + y,
            Binary::Sub => (x + (BigUint::from(1_u8) << width)) - y,
            Binary::And => x & y,
            Binary::Or => x | y,
            Binary::Xor => x ^ y,
            Binary::Eq => u8::from(x == y).into(),
            Binary::Ne => u8::from(x != y).into(),
            Binary::Lt => u8::from(x < y).into(),
            Binary::Le => u8::from(x <= y).into(),
            Binary::Shl | Binary::Shr => unreachable!("shifts are wiring"),
        };
        self.literal(value, if op.is_comparison() { 1 } else { width })
    }

    /// A shift by a constant is wiring.
    fn shift(&mut self, op: Binary, a: Expr, amount: usize) -> Expr {
        let width = self.width(a);
        let zeros = self.literal(0_u8, amount);
        let kept = width - amount;
        if kept == 0 {
            return zeros;
        }
        match op {
            Binary::Shl => {
                let low = self.slice(a, 0, kept);
                self.concat(&[low, zeros])
            }
            _ => {
                let high = self.slice(a, amount, kept);
                self.concat(&[zeros, high])
            }
        }
    }

    pub(super) fn mux(&mut self, c: Expr, t: Expr, f: Expr) -> Expr {
        let width = self.width(t);
        debug_assert!(self.width(c) == 1 && width == self.width(f));
        if t == f || self.is_ones(c) {
            return t;
        }
        if self.is_zero(c) {
            return f;
        }
        if let Node::Unary(Unary::Not, inner) = *self.node(c) {
            return self.mux(inner, f, t);
        }
        // What a branch asks again, its place already answers.
        if let Node::Mux(again, inner, _) = *self.node(t)
            && again == c
        {
            return self.mux(c, inner, f);
        }
        if let Node::Mux(again, _, inner) = *self.node(f)
            && again == c
        {
            return self.mux(c, t, inner);
        }
        if width == 1 && self.is_ones(t) && self.is_zero(f) {
            return c;
        }
        if width == 1 && self.is_zero(t) && self.is_ones(f) {
            return self.unary(Unary::Not, c);
        }
        self.add(Node::Mux(c, t, f), width)
    }

    /// A choice between values of which parts may not be assigned yet: such parts stay apart, so that a later assignment
    /// can replace them whole.
    pub(super) fn choose(&mut self, c: Expr, t: Expr, f: Expr) -> Expr {
        if !(self.has_held_part(t) || self.has_held_part(f)) {
            return self.mux(c, t, f);
        }
        let mut cuts: Vec<usize> = self.cuts(t).into_iter().chain(self.cuts(f)).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut parts = Vec::new();
        for ends in cuts.windows(2) {
            let (low, width) = (ends[0], ends[1] - ends[0]);
            let (t, f) = (self.slice(t, low, width), self.slice(f, low, width));
            parts.push(self.mux(c, t, f));
        }
        parts.reverse();
        self.concat(&parts)
    }

    fn has_held_part(&self, e: Expr) -> bool {
        match self.node(e) {
            Node::Held(_) => true,
            Node::Slice(base, _) => matches!(self.node(*base), Node::Held(_)),
            Node::Concat(parts) => parts.iter().any(|part| self.has_held_part(*part)),
            _ => false,
        }
    }

    /// Where the parts of a value meet, both ends among them.
    fn cuts(&self, e: Expr) -> Vec<usize> {
        let mut cuts = vec![0];
        if let Node::Concat(parts) = self.node(e) {
            for part in parts.iter().rev().take(parts.len() - 1) {
                cuts.push(cuts[cuts.len() - 1] + self.width(*part));
            }
        }
        cuts.push(self.width(e));
        cuts
    }

    /// Joins parts, most significant first; neighbours that belong together become one.
    pub(super) fn concat(&mut self, parts: &[Expr]) -> Expr {
        let mut joined: Vec<Expr> = Vec::new();
        for part in parts {
            let flat = match self.node(*part) {
                Node::Concat(inner) => inner.clone(),
                _ => vec![*part],
            };
            for low in flat {
                if self.width(low) == 0 {
                    continue;
                }
                let merged = joined.last().and_then(|high| self.merge(*high, low));
                if let Some(merged) = merged {
                    joined.pop();
                    joined.push(merged);
                } else {
                    joined.push(low);
                }
            }
        }
        if joined.len() == 1 {
            return joined[0];
        }
        let width = joined.iter().map(|e| self.width(*e)).sum();
        self.add(Node::Concat(joined), width)
    }

    fn merge(&mut self, high: Expr, low: Expr) -> Option<Expr> {
        let (hw, lw) = (self.width(high), self.width(low));
        match (self.node(high).clone(), self.node(low).clone()) {
            (Node::Const(h, hn), Node::Const(l, ln)) if hn.is_empty() && ln.is_empty() => {
                Some(self.literal((h << lw) | l, hw + lw))
            }
            (Node::Slice(a, hi), Node::Slice(b, lo)) if a == b && hi == lo + lw => {
                Some(self.slice(a, lo, hw + lw))
            }
            _ => None,
        }
    }

    /// `width` bits of `e` from bit `low`.
    pub(super) fn slice(&mut self, e: Expr, low: usize, width: usize) -> Expr {
        debug_assert!(low + width <= self.width(e));
        if width == self.width(e) {
            return e;
        }
        match self.node(e).clone() {
            Node::Const(value, _) => self.literal(value >> low, width),
            Node::Slice(inner, offset) => self.slice(inner, offset + low, width),
            Node::Concat(parts) => {
                let mut at = 0;
                let mut picked = Vec::new();
                for part in parts.iter().rev() {
                    let part_width = self.width(*part);
                    let (from, to) = (low.max(at), (low + width).min(at + part_width));
                    if from < to {
                        picked.push(self.slice(*part, from - at, to - from));
                    }
                    at += part_width;
                }
                picked.reverse();
                self.concat(&picked)
            }
            // The low bits of a sum need no more than the low bits of its terms.
            Node::Binary(op @ (Binary::Add | Binary::Sub), a, b)
                if low == 0 && self.is_wiring(a) && self.is_wiring(b) =>
            {
                let (a, b) = (self.slice(a, 0, width), self.slice(b, 0, width));
                self.binary(op, a, b)
            }
            _ => self.add(Node::Slice(e, low), width),
        }
    }

    /// No operator: a slice of it costs nothing.
    fn is_wiring(&self, e: Expr) -> bool {
        matches!(self.node(e), Node::Const(..) | Node::Net(_) | Node::Slice(..) | Node::Concat(_))
    }

    pub(super) fn resize(&mut self, e: Expr, width: usize) -> Expr {
        let own = self.width(e);
        if width <= own {
            return self.slice(e, 0, width);
        }
        let zeros = self.literal(0_u8, width - own);
        self.concat(&[zeros, e])
    }

    /// `width` bits of `e` from a bit that is a value; zeros behind the end, as in rust-hdl.
    pub(super) fn part(&mut self, e: Expr, at: Expr, width: usize) -> Expr {
        let own = self.width(e);
        let index_bits = self.width(at);
        // Beyond twice the value's size the zeros would outgrow it: shift instead.
        if index_bits > 1 + own.next_power_of_two().trailing_zeros() as usize {
            let shifted = self.binary(Binary::Shr, e, at);
            return self.resize(shifted, width);
        }
        let reach = (1_usize << index_bits) - 1 + width;
        let whole = if reach > own { self.resize(e, reach) } else { e };
        // Lint wants an index as wide as its signal's bit numbers.
        let bits = self.width(whole).next_power_of_two().trailing_zeros() as usize;
        let at = self.resize(at, bits);
        self.add(Node::Part(whole, at), width)
    }

    /// `e` with the bit at `at` replaced.
    pub(super) fn replace_bit(&mut self, e: Expr, at: Expr, bit: Expr) -> Expr {
        let width = self.width(e);
        let one = self.literal(1_u8, width);
        let place = self.binary(Binary::Shl, one, at);
        let mask = self.unary(Unary::Not, place);
        let kept = self.binary(Binary::And, e, mask);
        let bit = self.resize(bit, width);
        let set = self.binary(Binary::Shl, bit, at);
        self.binary(Binary::Or, kept, set)
    }

    /// `e` with the bits of `value` from bit `low` on.
    pub(super) fn replace(&mut self, e: Expr, low: usize, value: Expr) -> Expr {
        let (width, piece) = (self.width(e), self.width(value));
        let above = low + piece;
        let below = self.slice(e, 0, low);
        let over = self.slice(e, above, width - above);
        self.concat(&[over, value, below])
    }
}
