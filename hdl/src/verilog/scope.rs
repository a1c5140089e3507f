// SPDX-License-Identifier: MIT
//! The tree of blocks as rust-hdl's probe shows it: atoms, sub-blocks, the syntax tree of the update function, and what
//! a block says of itself. Nothing is judged here but atoms of a kind that the printer does without.

use num_bigint::BigUint;
use rust_hdl::core::ast::{Verilog, VerilogLiteral};
use rust_hdl::core::atom::{Atom, AtomKind, is_atom_signed};
use rust_hdl::core::type_descriptor::{TypeDescriptor, TypeKind};
use rust_hdl::prelude::{Block, Probe};

use super::about::{About, Leaf};
use super::error::{Fault, PrintError};

/// A signal or constant of a block.
#[derive(Debug, Clone)]
pub(super) struct AtomInfo {
    /// Name in the block, parts and indices joined by `$`.
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) width: usize,
    pub(super) clock: bool,
    /// The value now; of use for constants.
    pub(super) value: BigUint,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Input,
    Output,
    Local,
    Constant,
}

/// A state of a `LogicState` type: its name in the syntax tree (`Type$State`), code and width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) name: String,
    pub(super) code: usize,
    pub(super) width: usize,
}

/// A block and what is in it.
#[derive(Debug)]
pub(super) struct Scope {
    /// Path from the top, for errors.
    pub(super) path: String,
    /// Name in its parent, an array's index behind `$`.
    pub(super) name: String,
    pub(super) atoms: Vec<AtomInfo>,
    pub(super) states: Vec<State>,
    pub(super) children: Vec<Scope>,
    pub(super) code: Verilog,
    pub(super) about: Option<About>,
    pub(super) leaf: Option<Leaf>,
}

impl Scope {
    /// Reads the tree of `top`.
    pub(super) fn read(top: &dyn Block, name: &str) -> Result<Self, PrintError> {
        let mut reader = Reader::default();
        top.accept(name, &mut reader);
        match (reader.fault, reader.done) {
            (Some(fault), _) => Err(fault),
            (None, Some(scope)) => Ok(scope),
            (None, None) => Err(PrintError {
                block: name.into(),
                fault: Fault::Unsupported("an array of blocks at the top".into()),
            }),
        }
    }

    pub(super) fn error(&self, fault: Fault) -> PrintError {
        PrintError { block: self.path.clone(), fault }
    }
}

/// The value of a literal; `None` for a negative one.
pub(super) fn literal_value(literal: &VerilogLiteral) -> Option<BigUint> {
    let text = format!("{literal:x}");
    let (_, digits) = text.split_once("'h")?;
    BigUint::parse_bytes(digits.as_bytes(), 16)
}

#[derive(Default)]
struct Reader {
    open: Vec<Scope>,
    namespace: Vec<String>,
    done: Option<Scope>,
    fault: Option<PrintError>,
}

impl Reader {
    fn states(&mut self, kind: &TypeDescriptor) {
        match &kind.kind {
            TypeKind::Enum(names) => {
                let width = names.len().next_power_of_two().trailing_zeros() as usize;
                for (code, name) in names.iter().enumerate() {
                    let state = State { name: name.replace("::", "$"), code, width };
                    // A parent may name the states of what its sub-blocks say.
                    for scope in self.open.iter_mut().rev().take(2) {
                        if !scope.states.contains(&state) {
                            scope.states.push(state.clone());
                        }
                    }
                }
            }
            TypeKind::Composite(fields) => {
                for field in fields {
                    self.states(&field.kind);
                }
            }
            TypeKind::Bits(_) | TypeKind::Signed(_) => {}
        }
    }
}

impl Probe for Reader {
    fn visit_start_scope(&mut self, name: &str, node: &dyn Block) {
        let path = match self.open.last() {
            Some(parent) => format!("{}.{}", parent.path, name.replace('$', ".")),
            None => name.to_owned(),
        };
        let timing = node.timing();
        self.open.push(Scope {
            path,
            name: name.into(),
            atoms: Vec::new(),
            states: Vec::new(),
            children: Vec::new(),
            code: node.hdl(),
            about: About::read(&timing),
            leaf: Leaf::read(&timing),
        });
    }

    fn visit_start_namespace(&mut self, name: &str, _node: &dyn Block) {
        self.namespace.push(name.into());
    }

    fn visit_atom(&mut self, name: &str, atom: &dyn Atom) {
        let mut parts = self.namespace.clone();
        parts.push(name.into());
        let name = parts.join("$");
        self.states(&atom.descriptor());
        let Some(scope) = self.open.last_mut() else { return };
        let role = match atom.kind() {
            AtomKind::InputParameter => Role::Input,
            AtomKind::OutputParameter => Role::Output,
            AtomKind::LocalSignal => Role::Local,
            AtomKind::Constant => Role::Constant,
            other => {
                let fault = Fault::Unsupported(format!("signal `{name}` of kind {other:?}"));
                self.fault.get_or_insert(scope.error(fault));
                return;
            }
        };
        let value = literal_value(&atom.verilog());
        if is_atom_signed(atom) || atom.bits() == 0 || value.is_none() {
            let kind = if atom.bits() == 0 { "without bits" } else { "of a signed type" };
            self.fault
                .get_or_insert(scope.error(Fault::Unsupported(format!("signal `{name}` {kind}"))));
            return;
        }
        scope.atoms.push(AtomInfo {
            name,
            role,
            width: atom.bits(),
            clock: atom.descriptor().name == "clock",
            value: value.unwrap_or_default(),
        });
    }

    fn visit_end_namespace(&mut self, _name: &str, _node: &dyn Block) {
        self.namespace.pop();
    }

    fn visit_end_scope(&mut self, _name: &str, _node: &dyn Block) {
        let Some(scope) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(scope),
            None => self.done = Some(scope),
        }
    }
}
