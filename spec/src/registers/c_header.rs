// SPDX-License-Identifier: MIT
//! The register map as a C header, for software in C that drives a machine by its bus.
//! It holds constants alone: how the bus is reached is the software's own matter.

use std::fmt::{self, Write};

use super::codes;
use super::parts::parts;
use super::{EVENT_DEPTH, MAP, Register, SPACE};
use crate::fate::Disposition;
use crate::field::Field;
use crate::geometry::Geometry;
use crate::table::Table;

const HEAD: &str = "\
/* SPDX-License-Identifier: MIT */
/* Printed by `vireo registers --format c`. Change the declarations, not this text.
 *
 * VIREO_<REGISTER>             octets from the machine's base address
 * VIREO_<REGISTER>_COUNT       words in an array or long register, four octets apart
 * VIREO_<REGISTER>_RESET       value of each word after reset
 * VIREO_..._<FIELD>_MASK       the field's bits, at their place in the word
 * VIREO_..._<FIELD>_SHIFT      position of the lowest of them
 * VIREO_..._<FIELD>_WORD       the word, in a long register or a staged row
 *
 * A field across words has a part in each, least significant first: <FIELD>_0, <FIELD>_1. A register without fields is
 * one number.
 */
#ifndef VIREO_REGISTERS_H
#define VIREO_REGISTERS_H
";

/// The header.
pub fn text() -> String {
    let mut out = HEAD.to_owned();
    write(&mut out).expect("a string takes any text");
    out
}

fn write(out: &mut String) -> fmt::Result {
    writeln!(out, "\n/* Octets of address space. */")?;
    define(out, "SPACE", hex(SPACE.into()))?;
    for register in MAP {
        write_register(out, register)?;
    }
    writeln!(out, "\n/* Events that the FIFO holds. */")?;
    define(out, "EVENT_DEPTH", decimal(EVENT_DEPTH))?;
    for codes in codes::all() {
        writeln!(out, "\n/* Codes: {}. */", codes.name)?;
        for code in codes.values {
            writeln!(out, "/* {} */", code.meaning)?;
            define(out, &format!("{}_{}", codes.name, code.name), decimal(code.value))?;
        }
    }
    for table in Table::ALL {
        write_table(out, table)?;
    }
    writeln!(
        out,
        "\n/* The row of `disposition` that counts a disposition (or drop reason) for an entity. */"
    )?;
    writeln!(
        out,
        "#define VIREO_DISPOSITION_ROW(entity, disposition) (((entity) << {}) | (disposition))",
        decimal(Disposition::BITS)
    )?;
    writeln!(out, "\n#endif")
}

fn write_register(out: &mut String, register: &Register) -> fmt::Result {
    let name = register.name;
    writeln!(out, "\n/* {} */", register.description)?;
    define(out, name, hex(register.address.into()))?;
    if register.count > 1 {
        define(out, &format!("{name}_COUNT"), decimal(register.count))?;
    }
    if let Some(reset) = register.reset {
        define(out, &format!("{name}_RESET"), hex(reset))?;
    }
    if !register.is_number() {
        write_fields(out, name, register.fields, register.is_long())?;
    }
    Ok(())
}

fn write_table(out: &mut String, table: Table) -> fmt::Result {
    let name = table.name();
    writeln!(out, "\n/* Table `{name}`: {} */", table.meaning())?;
    define(out, &format!("table_{name}_WAYS"), decimal(table.ways()))?;
    if table.sized_by().is_none() {
        let rows = table.rows(&Geometry::default());
        define(out, &format!("table_{name}_ROWS"), decimal(rows))?;
    }
    write_fields(out, &format!("row_{name}"), table.fields(), true)
}

fn write_fields(out: &mut String, owner: &str, fields: &[Field], words: bool) -> fmt::Result {
    for field in fields {
        writeln!(out, "/* {} */", field.description)?;
        let parts = parts(*field);
        for (index, part) in parts.iter().enumerate() {
            let mut name = format!("{owner}_{}", field.name);
            if parts.len() > 1 {
                write!(name, "_{index}")?;
            }
            if words {
                define(out, &format!("{name}_WORD"), decimal(part.word))?;
            }
            define(out, &format!("{name}_SHIFT"), decimal(part.low))?;
            define(out, &format!("{name}_MASK"), hex(part.mask()))?;
        }
    }
    Ok(())
}

fn define(out: &mut String, name: &str, value: String) -> fmt::Result {
    writeln!(out, "#define {:<48} {value}", format!("VIREO_{}", name.to_uppercase()))
}

fn decimal(value: impl fmt::Display) -> String {
    format!("{value}u")
}

fn hex(value: u32) -> String {
    format!("0x{value:X}u")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and values, the columns between them aside.
    fn definitions() -> Vec<(String, String)> {
        let text = text();
        let defined = text.lines().filter_map(|line| line.strip_prefix("#define "));
        let split = defined.filter_map(|line| line.split_once(' '));
        split.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
    }

    #[test]
    fn constants_are_what_the_map_declares() {
        let definitions = definitions();
        for (name, value) in [
            ("VIREO_OP", "0x220u"),
            ("VIREO_OP_ROW_SHIFT", "16u"),
            ("VIREO_OP_ROW_MASK", "0xFFFF0000u"),
            ("VIREO_LINK_COUNT", "8u"),
            ("VIREO_MAGIC_RESET", "0x5649524Fu"),
            ("VIREO_EVENT_MAC_1_WORD", "2u"),
            ("VIREO_EVENT_MAC_1_MASK", "0xFFFFu"),
            ("VIREO_ROW_BINDING_VALID_WORD", "2u"),
            ("VIREO_ROW_BINDING_VALID_MASK", "0x80000000u"),
            ("VIREO_COMMAND_CLEAR", "3u"),
            ("VIREO_TABLE_CHANNEL", "2u"),
            ("VIREO_FAMILY_S_TAG", "2u"),
            ("VIREO_REASON_SOURCE_UNBOUND", "11u"),
            ("VIREO_DISPOSITION_AT_PORT", "18u"),
            ("VIREO_ENTITY_LINK_OUT", "384u"),
        ] {
            let found = definitions.iter().find(|(defined, _)| defined == name);
            assert_eq!(found.map(|(_, value)| value.as_str()), Some(value), "{name}");
        }
    }

    #[test]
    fn no_name_is_defined_twice() {
        let mut seen = std::collections::HashSet::new();
        for (name, _) in definitions() {
            assert!(seen.insert(name.clone()), "{name}");
        }
    }

    #[test]
    fn the_text_is_always_the_same() {
        assert_eq!(text(), text());
    }
}
