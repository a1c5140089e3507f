// SPDX-License-Identifier: MIT
//! Numbers that have names, such as the commands of `op`: gathered from the types that declare them, for the printed map.

use super::{event, link, op};
use crate::fate::{Disposition, DropReason};
use crate::field::Field;
use crate::table::{Command, Entity, Table};
use crate::tag::{Role, TagFamily};

/// A number with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The name, upper case with underscores.
    pub name: String,
    /// The number.
    pub value: u16,
    /// What it means, in one sentence.
    pub meaning: String,
}

/// Numbers of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    /// What they number, lower case.
    pub name: &'static str,
    /// Bits of the field that they stand in.
    pub width: usize,
    /// The numbers, ascending.
    pub values: Vec<Code>,
}

fn code(name: &str, value: impl Into<u16>, meaning: impl Into<String>) -> Code {
    let name = name.to_uppercase().replace('-', "_");
    Code { name, value: value.into(), meaning: meaning.into() }
}

fn codes(name: &'static str, field: Field, values: impl IntoIterator<Item = Code>) -> Codes {
    Codes { name, width: field.width, values: values.into_iter().collect() }
}

fn commands() -> Codes {
    let each = Command::ALL.map(|it| code(it.name(), it.code(), it.meaning()));
    codes("command", op::COMMAND, each)
}

fn tables() -> Codes {
    let each = Table::ALL.map(|it| code(it.name(), it as u8, it.meaning()));
    codes("table", op::TABLE, each)
}

fn families() -> Codes {
    let meaning =
        |it: TagFamily| format!("EtherType 0x{:04X}, {} octets.", it.ethertype().0, it.len());
    codes("family", link::FAMILY, TagFamily::ALL.map(|it| code(it.name(), it.code(), meaning(it))))
}

fn roles() -> Codes {
    let meaning = |role| match role {
        Role::Extender => "A port extender: the host's end.",
        Role::Bridge => "The controlling bridge.",
    };
    codes("role", link::ROLE, Role::ALL.map(|it| code(it.name(), it.code(), meaning(it))))
}

fn reasons() -> Codes {
    let each = DropReason::ALL.iter().map(|it| code(it.name(), it.code(), it.meaning()));
    codes("reason", event::REASON, each)
}

/// Dispositions that are no drop; a drop's is its reason's code.
fn dispositions() -> Codes {
    let each = Disposition::all().filter_map(|it| {
        let (name, meaning) = match it {
            Disposition::Dropped(_) => return None,
            Disposition::Forwarded => ("FORWARDED", "It left on a link, or on member ports."),
            Disposition::Control => ("CONTROL", "It left to the control port."),
            Disposition::AtPort => {
                ("AT_PORT", "At a bridge's link: dropped, and counted at the virtual port.")
            }
        };
        Some(code(name, it.code(), meaning))
    });
    codes("disposition", event::REASON, each)
}

/// The first entity of each kind.
fn entities() -> Codes {
    let each = Entity::KINDS.map(|it| {
        let meaning = match it.index() {
            Some(index) => format!("{} Add the {index}'s number.", it.meaning()),
            None => it.meaning().to_owned(),
        };
        code(it.name(), it.code(), meaning)
    });
    codes("entity", event::ENTITY, each)
}

/// All kinds of numbers.
pub fn all() -> Vec<Codes> {
    vec![commands(), tables(), families(), roles(), reasons(), dispositions(), entities()]
}

/// What the values of a field mean, where each has a name.
pub fn of(field: Field) -> Option<Codes> {
    let declared = [
        (op::COMMAND, commands as fn() -> Codes),
        (op::TABLE, tables),
        (link::FAMILY, families),
        (link::ROLE, roles),
        (event::REASON, reasons),
    ];
    declared.into_iter().find(|(known, _)| *known == field).map(|(_, codes)| codes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ascend_and_fit_their_fields() {
        for codes in all() {
            assert!(codes.values.is_sorted_by(|a, b| a.value < b.value), "{}", codes.name);
            let greatest = codes.values.last().unwrap().value;
            assert!(greatest < 1 << codes.width, "{}", codes.name);
        }
    }
}
