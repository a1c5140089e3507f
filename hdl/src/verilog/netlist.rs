// SPDX-License-Identifier: MIT
//! One block as registers, instances and one expression for everything it drives, with clocks resolved to its ports:
//! what is left to do is to name and to print.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigUint;
use rust_hdl::core::ast::Verilog;

use super::about::Leaf;
use super::error::{Fault, PrintError};
use super::eval::Evaluator;
use super::expr::{Expr, Exprs, NetId, Node};
use super::nets::{NetKind, Nets};
use super::scope::Scope;

/// A flip-flop of the module.
#[derive(Debug)]
pub(super) struct Register {
    pub(super) q: NetId,
    /// Field name in the block.
    pub(super) source: String,
    pub(super) next: Expr,
    /// Value at power-up.
    pub(super) init: BigUint,
    pub(super) clock: NetId,
}

/// A sub-block that stays a module.
#[derive(Debug)]
pub(super) struct Instance {
    /// Number among the block's sub-blocks.
    pub(super) child: usize,
    /// Pins in the order of its ports; what drives an input, or the net that an output drives.
    pub(super) pins: Vec<(NetId, Option<Expr>)>,
}

#[derive(Debug)]
pub(super) struct Netlist<'a> {
    pub(super) scope: &'a Scope,
    pub(super) nets: Nets,
    pub(super) exprs: Exprs,
    pub(super) outputs: Vec<(NetId, Expr)>,
    pub(super) locals: Vec<(NetId, Expr)>,
    /// The local that held an expression on the way.
    pub(super) held_by: BTreeMap<Expr, NetId>,
    /// What drives the inputs of sub-blocks, for a block that reads them back.
    pub(super) pins: BTreeMap<NetId, Expr>,
    pub(super) registers: Vec<Register>,
    pub(super) instances: Vec<Instance>,
}

impl<'a> Netlist<'a> {
    pub(super) fn of(scope: &'a Scope) -> Result<Self, PrintError> {
        build(scope).map_err(|fault| scope.error(fault))
    }
}

fn build(scope: &Scope) -> Result<Netlist<'_>, Fault> {
    let code = match &scope.code {
        Verilog::Combinatorial(code) => code,
        Verilog::Empty => return Err(Fault::Opaque("an update function without #[hdl_gen]")),
        Verilog::Custom(_) => return Err(Fault::Opaque("Verilog text")),
        Verilog::Blackbox(_) => return Err(Fault::Opaque("a black box")),
        Verilog::Wrapper(_) => return Err(Fault::Opaque("a wrapper of Verilog text")),
    };
    let nets = Nets::of(scope);
    let mut exprs = Exprs::default();
    let mut evaluator = Evaluator {
        nets: &nets,
        states: &scope.states,
        exprs: &mut exprs,
        assigned: BTreeMap::new(),
        held_by: BTreeMap::new(),
        loops: Vec::new(),
    };
    evaluator.block(code)?;
    let (assigned, held_by) = (evaluator.assigned, evaluator.held_by);

    let mut list = Netlist {
        scope,
        nets,
        exprs,
        outputs: Vec::new(),
        locals: Vec::new(),
        held_by,
        pins: BTreeMap::new(),
        registers: Vec::new(),
        instances: Vec::new(),
    };
    for (net, info) in list.nets.iter() {
        let driven = assigned.get(&net).copied();
        match info.kind {
            NetKind::Output if info.clock => return Err(Fault::Clock(info.source.clone())),
            NetKind::Output | NetKind::PinIn { .. } => {
                let value = driven.ok_or_else(|| Fault::Undriven(info.source.replace('$', ".")))?;
                if let NetKind::Output = info.kind {
                    list.outputs.push((net, value));
                } else {
                    list.pins.insert(net, value);
                }
            }
            NetKind::Local => list.locals.extend(driven.map(|value| (net, value))),
            _ => {}
        }
    }
    list.find_latch()?;
    let (mut done, mut open) = (BTreeSet::new(), BTreeSet::new());
    for value in list.pins.values() {
        list.find_loop(*value, &mut done, &mut open)?;
    }
    for child in 0..scope.children.len() {
        if scope.children[child].leaf == Some(Leaf::Dff) {
            let register = list.register(child)?;
            list.registers.push(register);
        } else {
            let instance = list.instance(child)?;
            list.instances.push(instance);
        }
    }
    Ok(list)
}

impl Netlist<'_> {
    /// A value from before the assignment that reaches a pin or an output is memory without a clock.
    fn find_latch(&self) -> Result<(), Fault> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<Expr> = self.outputs.iter().map(|(_, value)| *value).collect();
        open.extend(self.pins.values());
        while let Some(e) = open.pop() {
            if !seen.insert(e) {
                continue;
            }
            if let Node::Held(net) = self.exprs.node(e) {
                return Err(Fault::Latch(self.nets.info(*net).source.replace('$', ".")));
            }
            open.extend(self.exprs.operands(e));
        }
        Ok(())
    }

    /// A pin that the block reads back must not depend on itself; paths through sub-blocks are not looked for.
    fn find_loop(
        &self,
        e: Expr,
        done: &mut BTreeSet<Expr>,
        open: &mut BTreeSet<Expr>,
    ) -> Result<(), Fault> {
        if !done.insert(e) {
            return Ok(());
        }
        open.insert(e);
        let mut next = self.exprs.operands(e);
        if let Node::Net(net) = self.exprs.node(e)
            && let Some(driver) = self.pins.get(net)
        {
            if open.contains(driver) {
                return Err(Fault::Loop(self.nets.info(*net).source.replace('$', ".")));
            }
            next.push(*driver);
        }
        for operand in next {
            self.find_loop(operand, done, open)?;
        }
        open.remove(&e);
        Ok(())
    }

    /// The expression itself, or what drives it if it is the input of a sub-block.
    pub(super) fn behind_pins(&self, e: Expr) -> Expr {
        match self.exprs.node(e) {
            Node::Net(net) => self.pins.get(net).copied().unwrap_or(e),
            _ => e,
        }
    }

    fn pin(&self, child: usize, port: &str) -> Result<NetId, Fault> {
        let name = format!("{}${port}", self.scope.children[child].name);
        self.nets.find(&name).ok_or(Fault::UnknownName(name))
    }

    fn driver(&self, pin: NetId) -> Result<Expr, Fault> {
        let name = || self.nets.info(pin).source.replace('$', ".");
        self.pins.get(&pin).copied().ok_or_else(|| Fault::Undriven(name()))
    }

    /// The clock port that drives a clock pin.
    fn clock(&self, pin: NetId) -> Result<NetId, Fault> {
        match *self.exprs.node(self.driver(pin)?) {
            Node::Net(net)
                if self.nets.info(net).clock && self.nets.info(net).kind == NetKind::Input =>
            {
                Ok(net)
            }
            _ => Err(Fault::Clock(self.nets.info(pin).source.replace('$', "."))),
        }
    }

    fn register(&self, child: usize) -> Result<Register, Fault> {
        let scope = &self.scope.children[child];
        // rust-hdl writes the value at power-up into the flip-flop's own text alone.
        let init = match &scope.code {
            Verilog::Custom(text) => text
                .split_once("q = ")
                .and_then(|(_, rest)| rest.split_once(';'))
                .and_then(|(literal, _)| literal.split_once("'h"))
                .and_then(|(_, digits)| BigUint::parse_bytes(digits.as_bytes(), 16)),
            _ => None,
        };
        Ok(Register {
            q: self.pin(child, "q")?,
            source: scope.name.clone(),
            next: self.driver(self.pin(child, "d")?)?,
            init: init.ok_or(Fault::Opaque("a flip-flop without a value at power-up"))?,
            clock: self.clock(self.pin(child, "clock")?)?,
        })
    }

    fn instance(&self, child: usize) -> Result<Instance, Fault> {
        let mut pins = Vec::new();
        for (net, info) in self.nets.iter() {
            match info.kind {
                NetKind::PinIn { child: owner } if owner == child => {
                    if info.clock {
                        self.clock(net)?;
                    }
                    pins.push((net, Some(self.driver(net)?)));
                }
                NetKind::PinOut { child: owner } if owner == child => pins.push((net, None)),
                _ => {}
            }
        }
        Ok(Instance { child, pins })
    }
}
