// SPDX-License-Identifier: MIT
//! Runs a block's update function on expressions instead of values: what is left is one expression for every signal that
//! the block assigns, with rust-hdl's rule that `.val()` of a local or an output sees what was assigned last.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigUint;
use rust_hdl::core::ast::{
    VerilogBlock, VerilogBlockOrConditional, VerilogConditional, VerilogExpression, VerilogLink,
    VerilogLiteral, VerilogMatch, VerilogOp, VerilogOpUnary, VerilogStatement,
};

use super::error::Fault;
use super::expr::{Binary, Expr, Exprs, NetId, Unary};
use super::nets::{NetKind, Nets};
use super::path::{Loops, integer_literal, resolve};
use super::scope::{State, literal_value};

/// What each assigned net holds at the end.
pub(super) type Assigned = BTreeMap<NetId, Expr>;

/// A literal or loop index takes its width from where it stands.
#[derive(Clone, Copy)]
enum Value {
    Int(i128),
    Bits(Expr),
}

pub(super) struct Evaluator<'a> {
    pub(super) nets: &'a Nets,
    pub(super) states: &'a [State],
    pub(super) exprs: &'a mut Exprs,
    pub(super) assigned: Assigned,
    /// The local that held an expression first, to name it after.
    pub(super) held_by: BTreeMap<Expr, NetId>,
    pub(super) loops: Loops,
}

impl Evaluator<'_> {
    pub(super) fn block(&mut self, block: &VerilogBlock) -> Result<(), Fault> {
        block.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &VerilogStatement) -> Result<(), Fault> {
        match statement {
            VerilogStatement::Assignment(target, value) => {
                let (net, width, name) = self.target(target)?;
                let value = self.expression(value)?;
                let value = self.sized(value, width, &name)?;
                self.assign(net, width, value, name)
            }
            VerilogStatement::SliceAssignment { base, width, offset, replacement } => {
                let (net, whole, name) = self.target(base)?;
                let Value::Int(low) = self.expression(offset)? else {
                    return Err(Fault::Unsupported(format!("a moving part of `{name}`")));
                };
                let low = range(low, *width, whole)?;
                let piece = self.expression(replacement)?;
                let piece = self.sized(piece, *width, &name)?;
                let old = self.last(net);
                let value = self.exprs.replace(old, low, piece);
                self.assign(net, whole, value, name)
            }
            VerilogStatement::If(conditional) => self.conditional(conditional),
            VerilogStatement::Match(choice) => self.choice(choice),
            VerilogStatement::Loop(repeat) => {
                for index in repeat.from.as_usize()..repeat.to.as_usize() {
                    self.loops.push((repeat.index.clone(), index as i128));
                    let done = self.block(&repeat.block);
                    self.loops.pop();
                    done?;
                }
                Ok(())
            }
            VerilogStatement::Comment(_) => Ok(()),
            VerilogStatement::Link(links) => links.iter().try_for_each(|link| self.link(link)),
            VerilogStatement::Macro(block) => self.block(block),
        }
    }

    fn link(&mut self, link: &VerilogLink) -> Result<(), Fault> {
        let (link, forward) = match link {
            VerilogLink::Forward(link) => (link, true),
            VerilogLink::Backward(link) => (link, false),
            VerilogLink::Bidirectional(link) => {
                return Err(Fault::Unsupported(format!("two-way signal `{}`", link.my_name)));
            }
        };
        let owner = format!("{}{}", link.owner_name, link.my_name);
        let other = format!("{}{}", link.other_name, link.my_name);
        let (target, source) = if forward { (other, owner) } else { (owner, other) };
        self.statement(&VerilogStatement::Assignment(
            VerilogExpression::Signal(target),
            VerilogExpression::Signal(source),
        ))
    }

    fn conditional(&mut self, conditional: &VerilogConditional) -> Result<(), Fault> {
        let test = self.condition(&conditional.test)?;
        let always = self.exprs.constant(test).map(|value| *value != BigUint::ZERO);
        let before = self.assigned.clone();
        if always != Some(false) {
            self.block(&conditional.then)?;
            if always == Some(true) {
                return Ok(());
            }
        }
        let then = std::mem::replace(&mut self.assigned, before);
        match &conditional.otherwise {
            VerilogBlockOrConditional::Block(block) => self.block(block)?,
            VerilogBlockOrConditional::Conditional(next) => self.statement(next)?,
            VerilogBlockOrConditional::None => {}
        }
        if always.is_none() {
            let otherwise = std::mem::take(&mut self.assigned);
            self.assigned = self.choose(test, then, otherwise);
        }
        Ok(())
    }

    fn condition(&mut self, test: &VerilogExpression) -> Result<Expr, Fault> {
        let value = self.expression(test)?;
        self.sized(value, 1, "a condition")
    }

    /// Rust has checked that the arms cover every value, so the last one needs no test.
    fn choice(&mut self, choice: &VerilogMatch) -> Result<(), Fault> {
        let subject = self.expression(&choice.test)?;
        let before = self.assigned.clone();
        let mut arms = Vec::new();
        for case in &choice.cases {
            self.assigned = before.clone();
            self.block(&case.block)?;
            let test = match case.condition.as_str() {
                "default" => self.exprs.literal(1_u8, 1),
                pattern => {
                    let pattern = self.pattern(pattern)?;
                    self.compare(Binary::Eq, subject, pattern, "a match")?
                }
            };
            arms.push((test, std::mem::take(&mut self.assigned)));
            if case.condition == "default" {
                break;
            }
        }
        self.assigned = arms.pop().map_or(before, |(_, last)| last);
        for (test, arm) in arms.into_iter().rev() {
            let otherwise = std::mem::take(&mut self.assigned);
            self.assigned = self.choose(test, arm, otherwise);
        }
        Ok(())
    }

    fn pattern(&mut self, pattern: &str) -> Result<Value, Fault> {
        match pattern {
            "true" => Ok(Value::Bits(self.exprs.literal(1_u8, 1))),
            "false" => Ok(Value::Bits(self.exprs.literal(0_u8, 1))),
            _ => match integer_literal(pattern) {
                Some(value) => Ok(Value::Int(value)),
                None => self.signal(pattern),
            },
        }
    }

    fn choose(&mut self, test: Expr, then: Assigned, otherwise: Assigned) -> Assigned {
        let nets: BTreeSet<NetId> = then.keys().chain(otherwise.keys()).copied().collect();
        let mut merged = Assigned::new();
        for net in nets {
            let held = self.exprs.held(net, self.nets.info(net).width);
            let t = then.get(&net).copied().unwrap_or(held);
            let f = otherwise.get(&net).copied().unwrap_or(held);
            let value = self.exprs.choose(test, t, f);
            if self.nets.info(net).kind == NetKind::Local {
                self.held_by.entry(value).or_insert(net);
            }
            merged.insert(net, value);
        }
        merged
    }

    fn target(&self, target: &VerilogExpression) -> Result<(NetId, usize, String), Fault> {
        let name = match target {
            VerilogExpression::Signal(name) => resolve(name, &self.loops)?,
            VerilogExpression::Paren(inner) => return self.target(inner),
            other => return Err(Fault::Target(format!("{other:?}"))),
        };
        let net = self.nets.find(&name).ok_or_else(|| Fault::UnknownName(name.clone()))?;
        Ok((net, self.nets.info(net).width, name))
    }

    fn assign(&mut self, net: NetId, width: usize, value: Expr, name: String) -> Result<(), Fault> {
        let found = self.exprs.width(value);
        if found != width {
            return Err(Fault::Width { construct: format!("`{name}`"), left: width, right: found });
        }
        match self.nets.info(net).kind {
            NetKind::Output | NetKind::Local | NetKind::PinIn { .. } => {
                if self.nets.info(net).kind == NetKind::Local {
                    self.held_by.entry(value).or_insert(net);
                }
                self.assigned.insert(net, value);
                Ok(())
            }
            _ => Err(Fault::Target(name)),
        }
    }

    /// What the block assigned last.
    fn last(&mut self, net: NetId) -> Expr {
        match self.assigned.get(&net) {
            Some(value) => *value,
            None => self.exprs.held(net, self.nets.info(net).width),
        }
    }

    /// `.val()`: of a local or an output what was assigned last, of any other signal what it settles at.
    fn read(&mut self, net: NetId) -> Expr {
        let info = self.nets.info(net);
        match &info.kind {
            NetKind::Constant(value) => self.exprs.named(value.clone(), info.width, &info.source),
            NetKind::Output | NetKind::Local => self.last(net),
            NetKind::Input | NetKind::PinIn { .. } | NetKind::PinOut { .. } => {
                self.exprs.net(net, info.width)
            }
        }
    }

    fn signal(&mut self, name: &str) -> Result<Value, Fault> {
        if let Some((_, index)) = self.loops.iter().rev().find(|(index, _)| index == name) {
            return Ok(Value::Int(*index));
        }
        let name = resolve(name, &self.loops)?;
        if let Some(net) = self.nets.find(&name) {
            return Ok(Value::Bits(self.read(net)));
        }
        let state = self.states.iter().find(|state| state.name == name);
        let state = state.ok_or(Fault::UnknownName(name))?;
        Ok(Value::Bits(self.exprs.named(state.code, state.width, &state.name)))
    }

    fn expression(&mut self, e: &VerilogExpression) -> Result<Value, Fault> {
        match e {
            VerilogExpression::Signal(name) => self.signal(name),
            VerilogExpression::Literal(literal) => self.literal(literal),
            VerilogExpression::Paren(inner) => self.expression(inner),
            VerilogExpression::Cast(inner, width) => match self.expression(inner)? {
                Value::Bits(value) => Ok(Value::Bits(self.exprs.resize(value, *width))),
                literal => Ok(Value::Bits(self.sized(literal, *width, "a cast")?)),
            },
            VerilogExpression::Unary(op, inner) => self.unary(op, inner),
            VerilogExpression::Binary(l, op, r) => {
                let (l, r) = (self.expression(l)?, self.expression(r)?);
                self.binary(op, l, r)
            }
            VerilogExpression::Index(base, at) => self.select(base, at, 1),
            VerilogExpression::Slice(base, width, at) => self.select(base, at, *width),
            VerilogExpression::IndexReplace(base, at, bit) => {
                let base = self.bits(base, "replace_bit")?;
                let bit = self.condition(bit)?;
                let at = self.expression(at)?;
                Ok(Value::Bits(match self.fixed(at) {
                    Some(at) => {
                        let at = range(at, 1, self.exprs.width(base))?;
                        self.exprs.replace(base, at, bit)
                    }
                    None => {
                        let Value::Bits(at) = at else { unreachable!("an integer is fixed") };
                        self.exprs.replace_bit(base, at, bit)
                    }
                }))
            }
            VerilogExpression::Signed(_) | VerilogExpression::Unsigned(_) => {
                Err(Fault::Unsupported("a signed value".into()))
            }
        }
    }

    fn bits(&mut self, e: &VerilogExpression, construct: &str) -> Result<Expr, Fault> {
        match self.expression(e)? {
            Value::Bits(value) => Ok(value),
            Value::Int(_) => Err(Fault::Unsized(construct.into())),
        }
    }

    fn literal(&mut self, literal: &VerilogLiteral) -> Result<Value, Fault> {
        let value = literal_value(literal);
        let value = value.ok_or_else(|| Fault::Unsupported(format!("literal {literal}")))?;
        if literal.to_string().starts_with("1'") {
            return Ok(Value::Bits(self.exprs.literal(value, 1)));
        }
        let value = i128::try_from(value);
        value.map(Value::Int).map_err(|_| Fault::Unsupported(format!("literal {literal}")))
    }

    /// A value that is known now, if it is.
    fn fixed(&self, value: Value) -> Option<i128> {
        match value {
            Value::Int(value) => Some(value),
            Value::Bits(value) => i128::try_from(self.exprs.constant(value)?.clone()).ok(),
        }
    }

    fn sized(&mut self, value: Value, width: usize, construct: &str) -> Result<Expr, Fault> {
        match value {
            Value::Bits(value) if self.exprs.width(value) == width => Ok(value),
            Value::Bits(value) => Err(Fault::Width {
                construct: construct.into(),
                left: width,
                right: self.exprs.width(value),
            }),
            Value::Int(value) => match BigUint::try_from(value) {
                Ok(bits) if bits.bits() <= width as u64 => Ok(self.exprs.literal(bits, width)),
                _ => Err(Fault::Literal { value, width, construct: construct.into() }),
            },
        }
    }

    fn select(
        &mut self,
        base: &VerilogExpression,
        at: &VerilogExpression,
        width: usize,
    ) -> Result<Value, Fault> {
        let base = self.bits(base, "a part of a literal")?;
        let own = self.exprs.width(base);
        let at = self.expression(at)?;
        if let Some(low) = self.fixed(at) {
            // rust-hdl reads zeros behind the end.
            let low = range(low, 0, own)?;
            let reach = (low + width).max(own);
            let whole = self.exprs.resize(base, reach);
            return Ok(Value::Bits(self.exprs.slice(whole, low, width)));
        }
        let Value::Bits(at) = at else { unreachable!("an integer is fixed") };
        Ok(Value::Bits(self.exprs.part(base, at, width)))
    }

    fn unary(&mut self, op: &VerilogOpUnary, inner: &VerilogExpression) -> Result<Value, Fault> {
        let value = self.expression(inner)?;
        let value = match (op, value) {
            (VerilogOpUnary::Neg, Value::Int(value)) => return Ok(Value::Int(-value)),
            (VerilogOpUnary::Neg, Value::Bits(_)) => {
                return Err(Fault::Unsupported("a signed value".into()));
            }
            (_, Value::Int(_)) => return Err(Fault::Unsized(format!("{op:?}"))),
            (_, Value::Bits(value)) => value,
        };
        let op = match op {
            VerilogOpUnary::All => Unary::All,
            VerilogOpUnary::Any => Unary::Any,
            VerilogOpUnary::Xor => Unary::Xor,
            VerilogOpUnary::Not | VerilogOpUnary::Neg => Unary::Not,
        };
        Ok(Value::Bits(self.exprs.unary(op, value)))
    }

    fn binary(&mut self, op: &VerilogOp, l: Value, r: Value) -> Result<Value, Fault> {
        let name = format!("{op:?}");
        let (op, l, r) = match op {
            VerilogOp::Add => (Binary::Add, l, r),
            VerilogOp::Sub => (Binary::Sub, l, r),
            VerilogOp::BitAnd | VerilogOp::LogicalAnd => (Binary::And, l, r),
            VerilogOp::BitOr | VerilogOp::LogicalOr => (Binary::Or, l, r),
            VerilogOp::BitXor => (Binary::Xor, l, r),
            VerilogOp::Eq => (Binary::Eq, l, r),
            VerilogOp::Ne => (Binary::Ne, l, r),
            VerilogOp::Lt => (Binary::Lt, l, r),
            VerilogOp::Le => (Binary::Le, l, r),
            VerilogOp::Gt => (Binary::Lt, r, l),
            VerilogOp::Ge => (Binary::Le, r, l),
            VerilogOp::Shl => return self.shift(Binary::Shl, l, r),
            VerilogOp::Shr => return self.shift(Binary::Shr, l, r),
            VerilogOp::Mul => match (l, r) {
                (Value::Int(l), Value::Int(r)) => return Ok(Value::Int(l * r)),
                _ => return Err(Fault::Unsupported("a product".into())),
            },
        };
        match (op, l, r) {
            (Binary::Add, Value::Int(l), Value::Int(r)) => Ok(Value::Int(l + r)),
            (Binary::Sub, Value::Int(l), Value::Int(r)) => Ok(Value::Int(l - r)),
            // rust-hdl adds a bool to a value of any width.
            (Binary::Add, Value::Bits(l), Value::Bits(r)) if self.exprs.width(r) == 1 => {
                let r = self.exprs.resize(r, self.exprs.width(l));
                Ok(Value::Bits(self.exprs.binary(op, l, r)))
            }
            _ => Ok(self.compare(op, l, r, &name).map(Value::Bits)?),
        }
    }

    /// An operator whose operands have one width; a literal takes the other operand's.
    fn compare(&mut self, op: Binary, l: Value, r: Value, name: &str) -> Result<Expr, Fault> {
        let width = match (l, r) {
            (Value::Bits(value), _) | (_, Value::Bits(value)) => self.exprs.width(value),
            (Value::Int(l), Value::Int(r)) => {
                let holds = match op {
                    Binary::Eq => l == r,
                    Binary::Ne => l != r,
                    Binary::Lt => l < r,
                    Binary::Le => l <= r,
                    _ => return Err(Fault::Unsized(name.into())),
                };
                return Ok(self.exprs.literal(u8::from(holds), 1));
            }
        };
        if let (Value::Bits(l), Value::Bits(r)) = (l, r)
            && self.exprs.width(l) != self.exprs.width(r)
        {
            let (left, right) = (self.exprs.width(l), self.exprs.width(r));
            return Err(Fault::Width { construct: name.into(), left, right });
        }
        let (l, r) = (self.sized(l, width, name)?, self.sized(r, width, name)?);
        Ok(self.exprs.binary(op, l, r))
    }

    fn shift(&mut self, op: Binary, l: Value, r: Value) -> Result<Value, Fault> {
        let Value::Bits(value) = l else { return Err(Fault::Unsized("a shift".into())) };
        let amount = match r {
            Value::Bits(amount) => amount,
            Value::Int(amount) => self.sized(Value::Int(amount), 32, "a shift")?,
        };
        Ok(Value::Bits(self.exprs.binary(op, value, amount)))
    }
}

/// `low` as a bit number, if `width` bits from there are within `whole`.
fn range(low: i128, width: usize, whole: usize) -> Result<usize, Fault> {
    let bit = usize::try_from(low).unwrap_or(usize::MAX);
    match bit.checked_add(width) {
        Some(end) if end <= whole => Ok(bit),
        _ => {
            Err(Fault::Range { low: bit, high: bit.saturating_add(width.max(1) - 1), width: whole })
        }
    }
}
