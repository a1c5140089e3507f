// SPDX-License-Identifier: MIT
//! The nets that a block can name: its own signals and constants, and the pins of its sub-blocks.

use std::collections::BTreeMap;

use num_bigint::BigUint;

use super::expr::NetId;
use super::scope::{Role, Scope};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NetKind {
    Input,
    Output,
    Local,
    Constant(BigUint),
    /// Driven by the block, read by the sub-block of this number.
    PinIn {
        child: usize,
    },
    /// Driven by the sub-block of this number.
    PinOut {
        child: usize,
    },
}

#[derive(Debug, Clone)]
pub(super) struct NetInfo {
    /// Name as the probe shows it; of a pin, behind its sub-block's name and `$`.
    pub(super) source: String,
    pub(super) kind: NetKind,
    pub(super) width: usize,
    pub(super) clock: bool,
}

/// Nets by number and by name.
#[derive(Debug, Default)]
pub(super) struct Nets {
    all: Vec<NetInfo>,
    by_name: BTreeMap<String, NetId>,
}

impl Nets {
    pub(super) fn of(scope: &Scope) -> Self {
        let mut nets = Self::default();
        for atom in &scope.atoms {
            let kind = match atom.role {
                Role::Input => NetKind::Input,
                Role::Output => NetKind::Output,
                Role::Local => NetKind::Local,
                Role::Constant => NetKind::Constant(atom.value.clone()),
            };
            nets.add(NetInfo {
                source: atom.name.clone(),
                kind,
                width: atom.width,
                clock: atom.clock,
            });
        }
        for (child, sub) in scope.children.iter().enumerate() {
            for atom in &sub.atoms {
                let kind = match atom.role {
                    Role::Input => NetKind::PinIn { child },
                    Role::Output => NetKind::PinOut { child },
                    Role::Local | Role::Constant => continue,
                };
                nets.add(NetInfo {
                    source: format!("{}${}", sub.name, atom.name),
                    kind,
                    width: atom.width,
                    clock: atom.clock,
                });
            }
        }
        nets
    }

    fn add(&mut self, info: NetInfo) {
        self.by_name.insert(info.source.clone(), NetId(self.all.len()));
        self.all.push(info);
    }

    pub(super) fn info(&self, net: NetId) -> &NetInfo {
        &self.all[net.0]
    }

    pub(super) fn find(&self, name: &str) -> Option<NetId> {
        self.by_name.get(name).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (NetId, &NetInfo)> {
        self.all.iter().enumerate().map(|(at, info)| (NetId(at), info))
    }
}
