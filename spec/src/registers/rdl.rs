// SPDX-License-Identifier: MIT
//! The register map in SystemRDL 2.0, for tools that make documentation, verification models or software from it.
//!
//! It is software's view. Rows of tables are no registers: their layout is the description of `stage`.

use std::fmt::{self, Write};

use super::codes::{self, Codes};
use super::parts::bits;
use super::{Access, EVENT_ENABLE, MAP, Register, STAGE};
use crate::field::Field;
use crate::table::Table;

/// The map of a machine with the most links that there can be.
pub fn text() -> String {
    let mut out = String::new();
    write(&mut out).expect("a string takes any text");
    out
}

fn write(out: &mut String) -> fmt::Result {
    writeln!(out, "// SPDX-License-Identifier: MIT")?;
    writeln!(
        out,
        "// Printed by `vireo registers --format rdl`. Change the declarations, not this text.\n"
    )?;
    for codes in codes::all() {
        write_codes(out, &codes)?;
    }
    writeln!(out, "addrmap vireo {{")?;
    writeln!(out, "    name = \"Vireo\";")?;
    writeln!(
        out,
        "    desc = \"Port extender and virtual bridge ports: registers of one machine.\";"
    )?;
    writeln!(out, "    default accesswidth = 32;")?;
    for register in MAP {
        write_register(out, register)?;
    }
    writeln!(out, "}};")
}

fn write_codes(out: &mut String, codes: &Codes) -> fmt::Result {
    writeln!(out, "enum {} {{", codes.name)?;
    for code in &codes.values {
        let (name, width, meaning) = (&code.name, codes.width, quoted(&code.meaning));
        writeln!(out, "    {name} = {width}'d{} {{ desc = {meaning}; }};", code.value)?;
    }
    writeln!(out, "}};\n")
}

fn write_register(out: &mut String, register: &Register) -> fmt::Result {
    let Register { name, address, count, .. } = register;
    writeln!(out, "\n    reg {{")?;
    writeln!(out, "        desc = {};", quoted(&description(register)?))?;
    if register.is_long() {
        writeln!(out, "        regwidth = {};", 32 * count)?;
    }
    for field in register.fields {
        write_field(out, register, *field)?;
    }
    if *count == 1 || register.is_long() {
        writeln!(out, "    }} {name} @ 0x{address:03X};")
    } else {
        writeln!(out, "    }} {name}[{count}] @ 0x{address:03X} += 4;")
    }
}

fn write_field(out: &mut String, register: &Register, field: Field) -> fmt::Result {
    let Field { name, low, width, description } = field;
    let access = match register.access {
        Access::ReadOnly => "sw = r;",
        Access::ReadWrite => "sw = rw;",
        Access::WriteOnly => "sw = w;",
        Access::WriteOneToClear => "sw = rw; onwrite = woclr;",
    };
    write!(out, "        field {{ desc = {}; {access}", quoted(description))?;
    if let Some(codes) = codes::of(field) {
        write!(out, " encode = {};", codes.name)?;
    }
    write!(out, " }} {name}[{}:{low}]", low + width - 1)?;
    if let Some(reset) = register.reset {
        let word = u128::from(reset) << (field.low / 32 * 32);
        write!(out, " = {width}'h{:X}", word >> low & u128::from(field.max()))?;
    }
    writeln!(out, ";")
}

/// The register's description, and what only a list can say.
fn description(register: &Register) -> Result<String, fmt::Error> {
    let mut text = register.description.to_owned();
    if register.address == STAGE.address {
        for table in Table::ALL {
            write!(text, "\n\nA row of `{}`:\n", table.name())?;
            for field in table.fields() {
                let bits = bits(field.low, field.width);
                write!(text, "\n- bits {bits}: `{}`. {}", field.name, field.description)?;
            }
        }
    }
    if register.address == EVENT_ENABLE.address {
        text.push('\n');
        let reasons = codes::of(super::event::REASON);
        for code in reasons.iter().flat_map(|codes| &codes.values) {
            write!(text, "\n- bit {}: {}. {}", code.value, code.name, code.meaning)?;
        }
    }
    Ok(text)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_and_codes_read_as_systemrdl() {
        let text = text();
        for excerpt in [
            "    WRITE = 2'd2 { desc = \"Commit `stage` as the row.\"; };\n",
            "        field { desc = \"The value.\"; sw = r; } value[31:0] = 32'h5649524F;\n    } magic @ 0x000;\n",
            "sw = r; } major[31:16] = 16'h2;\n",
            "sw = rw; onwrite = woclr; } lost[1:1] = 1'h0;\n",
            "sw = w; encode = table; } table[7:4];\n",
            "    } link[8] @ 0x080 += 4;\n",
            "\n- bits 95:32: `members`.",
            "        regwidth = 128;\n",
            "mac[79:32] = 48'h0;\n",
        ] {
            assert!(text.contains(excerpt), "{excerpt:?} is missing in:\n{text}");
        }
    }

    #[test]
    fn the_text_is_always_the_same() {
        assert_eq!(text(), text());
    }
}
