// SPDX-License-Identifier: MIT
//! Which expressions of a module become a wire of their own, and under which name: the block's locals, what drives a pin,
//! what Verilog can only take a part of by name, and what is used twice and would otherwise be printed twice.

use std::collections::{BTreeMap, BTreeSet};

use super::expr::{Expr, NetId, Node};
use super::names::Names;
use super::netlist::Netlist;
use super::nets::NetKind;

/// An expression with more leaves than this gets a wire, so that a person can read the line.
const LONGEST: usize = 20;
/// A choice with more leaves than this gets a wire where it is a part of something else.
const LONGEST_INNER_CHOICE: usize = 4;
/// An expression that is used more than once and has at least this many leaves gets a wire.
const WORTH_SHARING: usize = 3;

/// Names of everything that the module declares.
#[derive(Debug, Default)]
pub(super) struct Wires {
    pub(super) exprs: BTreeMap<Expr, String>,
    pub(super) nets: BTreeMap<NetId, String>,
    /// Registers that something reads.
    pub(super) live: BTreeSet<NetId>,
}

struct Planner<'n, 'a> {
    list: &'n Netlist<'a>,
    uses: BTreeMap<Expr, usize>,
    /// What a part is taken of.
    bases: BTreeSet<Expr>,
    /// The signal for whose sake an expression was met first.
    under: BTreeMap<Expr, String>,
    /// What choices ask.
    conditions: BTreeSet<Expr>,
    /// What is an operand of something, other than the next rung of a ladder of choices.
    operands: BTreeSet<Expr>,
    /// Choices that become `if` and `else` of a register.
    branches: BTreeSet<Expr>,
    pending: Vec<NetId>,
    wires: Wires,
}

impl Wires {
    /// Names nets and wires; `names` holds the ports already, whose names are in `ports`.
    pub(super) fn plan(list: &Netlist, names: &mut Names, ports: BTreeMap<NetId, String>) -> Self {
        let mut planner = Planner {
            list,
            uses: BTreeMap::new(),
            bases: BTreeSet::new(),
            under: BTreeMap::new(),
            conditions: BTreeSet::new(),
            operands: BTreeSet::new(),
            branches: BTreeSet::new(),
            pending: Vec::new(),
            wires: Self { nets: ports, ..Self::default() },
        };
        planner.name_nets(names);
        planner.walk();
        planner.name_signals(names);
        planner.find_branches();
        planner.name_rest(names);
        planner.wires
    }
}

impl Planner<'_, '_> {
    fn name_nets(&mut self, names: &mut Names) {
        for register in &self.list.registers {
            self.wires.nets.insert(register.q, names.claim(&register.source));
        }
        for instance in &self.list.instances {
            for (pin, driver) in &instance.pins {
                if driver.is_none() {
                    let name = names.claim(&self.list.nets.info(*pin).source);
                    self.wires.nets.insert(*pin, name);
                }
            }
        }
    }

    /// Counts uses from what the module drives, through the registers that are read.
    fn walk(&mut self) {
        let list = self.list;
        for (net, value) in &list.outputs {
            self.visit(*value, &list.nets.info(*net).source);
        }
        for instance in &list.instances {
            for (pin, driver) in &instance.pins {
                if let Some(value) = driver {
                    self.visit(*value, &list.nets.info(*pin).source);
                }
            }
        }
        while let Some(q) = self.pending.pop() {
            if let Some(register) = list.registers.iter().find(|r| r.q == q) {
                self.visit(register.next, &format!("{}_next", register.source));
            }
        }
    }

    fn visit(&mut self, e: Expr, root: &str) {
        let list = self.list;
        let uses = self.uses.entry(e).or_default();
        *uses += 1;
        if *uses > 1 {
            return;
        }
        self.under.insert(e, root.into());
        match list.exprs.node(e) {
            Node::Net(net) => {
                if let Some(value) = list.pins.get(net) {
                    self.visit(*value, root);
                } else if matches!(list.nets.info(*net).kind, NetKind::PinOut { .. })
                    && self.wires.live.insert(*net)
                {
                    self.pending.push(*net);
                }
            }
            Node::Slice(base, _) | Node::Part(base, _) => {
                self.bases.insert(list.behind_pins(*base));
            }
            Node::Mux(c, ..) => {
                self.conditions.insert(*c);
            }
            _ => {}
        }
        for (at, operand) in list.exprs.operands(e).into_iter().enumerate() {
            if !(at == 2 && matches!(list.exprs.node(e), Node::Mux(..))) {
                self.operands.insert(operand);
            }
            self.visit(operand, root);
        }
    }

    fn is_leaf(&self, e: Expr) -> bool {
        matches!(self.list.exprs.node(e), Node::Const(..) | Node::Net(_))
    }

    /// Locals keep their names; outputs and pins of sub-blocks name what drives them.
    fn name_signals(&mut self, names: &mut Names) {
        let list = self.list;
        for (net, value) in &list.locals {
            if self.uses.contains_key(value) && !self.is_leaf(*value) {
                let source = &list.nets.info(*net).source;
                self.wires.exprs.entry(*value).or_insert_with(|| names.claim(source));
            }
        }
        for (net, value) in &list.outputs {
            if !self.is_leaf(*value) {
                let name = &self.wires.nets[net];
                self.wires.exprs.entry(*value).or_insert_with(|| name.clone());
            }
        }
        for instance in &list.instances {
            for (pin, driver) in &instance.pins {
                let Some(value) = driver else { continue };
                let part = matches!(list.exprs.node(*value), Node::Slice(..));
                if !self.is_leaf(*value) && !part {
                    let source = &list.nets.info(*pin).source;
                    self.wires.exprs.entry(*value).or_insert_with(|| names.claim(source));
                }
            }
        }
    }

    fn find_branches(&mut self) {
        let list = self.list;
        let mut open: Vec<Expr> = list.registers.iter().map(|r| r.next).collect();
        while let Some(e) = open.pop() {
            let once = self.uses.get(&e) == Some(&1);
            if let Node::Mux(_, t, f) = list.exprs.node(e)
                && once
                && !self.wires.exprs.contains_key(&e)
                && !self.bases.contains(&e)
            {
                self.branches.insert(e);
                open.extend([*t, *f]);
            }
        }
    }

    /// Operands come before what is made of them, so one pass knows the length of every line.
    fn name_rest(&mut self, names: &mut Names) {
        let mut lengths: BTreeMap<Expr, usize> = BTreeMap::new();
        for (e, uses) in &self.uses {
            let length = self.length(*e, &lengths);
            let base = self.bases.contains(e) && !matches!(self.list.exprs.node(*e), Node::Net(_));
            let shared = *uses > 1 && length >= WORTH_SHARING;
            let choice = matches!(self.list.exprs.node(*e), Node::Mux(..));
            let inner = choice
                && self.operands.contains(e)
                && (length > LONGEST_INNER_CHOICE || self.rungs(*e) > 2);
            let long = (length > LONGEST || inner) && !self.branches.contains(e);
            if (base || shared || long) && !self.wires.exprs.contains_key(e) {
                let list = self.list;
                let local = list.held_by.get(e).map(|net| &list.nets.info(*net).source);
                let name = match local {
                    None if self.conditions.contains(e) => names.numbered("when"),
                    None => names.numbered(&self.under[e]),
                    Some(local) => names.numbered(local),
                };
                self.wires.exprs.insert(*e, name);
            }
            lengths.insert(*e, if self.wires.exprs.contains_key(e) { 1 } else { length });
        }
    }

    /// Choices of a ladder.
    fn rungs(&self, e: Expr) -> usize {
        let mut at = e;
        let mut count = 0;
        while let Node::Mux(_, _, f) = self.list.exprs.node(at) {
            count += 1;
            at = *f;
        }
        count
    }

    /// Leaves of the expression as it will be printed; a ladder of choices is as long as its longest rung.
    fn length(&self, e: Expr, lengths: &BTreeMap<Expr, usize>) -> usize {
        let exprs = &self.list.exprs;
        let of = |e: &Expr| lengths.get(e).copied().unwrap_or(1);
        match exprs.node(e) {
            Node::Mux(c, t, f) if matches!(exprs.node(*f), Node::Mux(..)) => {
                (of(c) + of(t)).max(of(f))
            }
            Node::Slice(..) => 1,
            _ => exprs.operands(e).iter().map(of).sum::<usize>().max(1),
        }
    }
}
