// SPDX-License-Identifier: MIT
//! The register map for people: every register, every field, the tables behind `op` and the numbers that have names.

use std::fmt::{self, Write};

use super::codes;
use super::parts::{bits, parts};
use super::{Access, MAP, Register};
use crate::fate::Disposition;
use crate::field::Field;
use crate::geometry::Geometry;
use crate::table::Table;

const HEAD: &str = "\
<!-- SPDX-License-Identifier: MIT -->
# Registers

Printed by `vireo registers --format md`. Addresses are in octets from the machine's base, words have 32 bits. Bits that
belong to no field read as 0 and ignore writes. What happens in which cycle is said in docs/pipeline.md, section 7.

";

/// The document.
pub fn text() -> String {
    let mut out = HEAD.to_owned();
    write(&mut out).expect("a string takes any text");
    out
}

fn write(out: &mut String) -> fmt::Result {
    write_map(out)?;
    for register in MAP.iter().filter(|register| !register.is_number()) {
        writeln!(out, "\n## `{}`\n\n{}\n", register.name, register.description)?;
        write_fields(out, register.fields, register.is_long())?;
    }
    write_tables(out)?;
    writeln!(out, "\n# Codes")?;
    for codes in codes::all() {
        writeln!(out, "\n## {}\n", title(codes.name))?;
        match codes.name {
            "disposition" => {
                writeln!(
                    out,
                    "A drop's disposition is its reason's code; these are the others.\n"
                )?;
            }
            "entity" => {
                writeln!(
                    out,
                    "An entity's row in `traffic` is its code; its row in `disposition` is its code times {} plus the \
                     disposition's.\n",
                    1 << Disposition::BITS
                )?;
            }
            _ => {}
        }
        let rows = codes.values.into_iter().map(|code| {
            let shown = format!("{} ({:#x})", code.value, code.value);
            [shown, format!("`{}`", code.name), code.meaning]
        });
        write_rows(out, ["code", "name", "meaning"], rows)?;
    }
    Ok(())
}

fn write_map(out: &mut String) -> fmt::Result {
    let rows = MAP.iter().map(|register| {
        let Register { name, address, count, .. } = register;
        let shown = if *count == 1 { format!("`{name}`") } else { format!("`{name}[{count}]`") };
        let reset = register.reset.map_or("-".to_owned(), |reset| format!("{reset:#x}"));
        let access = match register.access {
            Access::ReadOnly => "read",
            Access::ReadWrite => "read, write",
            Access::WriteOnly => "write",
            Access::WriteOneToClear => "read, 1 clears",
        };
        [format!("{address:03X}"), shown, access.to_owned(), reset, register.description.to_owned()]
    });
    write_rows(out, ["address", "register", "access", "reset", "what it is"], rows)?;
    writeln!(
        out,
        "\nA register that has no section of its own is one number. Words of an array are four octets apart."
    )
}

/// A table of fields; with `words`, it also says where each stands in 32-bit words.
fn write_fields(out: &mut String, fields: &[Field], words: bool) -> fmt::Result {
    let place = |field: &Field| bits(field.low, field.width);
    let name = |field: &Field| format!("`{}`", field.name);
    let meaning = |field: &Field| match codes::of(*field) {
        Some(codes) => {
            format!("{} See [{}](#{}).", field.description, title(codes.name), codes.name)
        }
        None => field.description.to_owned(),
    };
    if words {
        let rows =
            fields.iter().map(|field| [place(field), words_of(field), name(field), meaning(field)]);
        write_rows(out, ["bits", "word[bits]", "field", "what it is"], rows)
    } else {
        let rows = fields.iter().map(|field| [place(field), name(field), meaning(field)]);
        write_rows(out, ["bits", "field", "what it is"], rows)
    }
}

fn words_of(field: &Field) -> String {
    let parts = parts(*field).into_iter().rev();
    let shown = parts.map(|part| format!("{}[{}]", part.word, bits(part.low, part.width)));
    shown.collect::<Vec<_>>().join(", ")
}

fn write_tables(out: &mut String) -> fmt::Result {
    writeln!(out, "\n# Tables\n\nReached by `op`, a row at a time, through `stage`.\n")?;
    let rows = Table::ALL.map(|table| {
        let access = if table.is_counter() { "read" } else { "read, write" };
        [
            (table as u8).to_string(),
            format!("`{}`", table.name()),
            table.ways().to_string(),
            rows_in_a_way(table),
            access.to_owned(),
            table.meaning().to_owned(),
        ]
    });
    write_rows(out, ["code", "table", "ways", "rows in a way", "access", "what a row is"], rows)?;
    for table in Table::ALL {
        writeln!(out, "\n## Row of `{}`\n", table.name())?;
        write_fields(out, table.fields(), true)?;
    }
    Ok(())
}

fn rows_in_a_way(table: Table) -> String {
    match (table.sized_by(), table.ways()) {
        (Some(register), 1) => format!("`{}`", register.name),
        (Some(register), ways) => format!("`{}` / {ways}", register.name),
        (None, _) => table.rows(&Geometry::default()).to_string(),
    }
}

/// A name as a heading; its anchor is the name itself.
fn title(name: &str) -> String {
    name[..1].to_uppercase() + &name[1..]
}

/// A Markdown table, its columns aligned so that it reads as plain text too.
fn write_rows<const N: usize>(
    out: &mut String,
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> fmt::Result {
    let rows: Vec<_> = std::iter::once(head.map(str::to_owned)).chain(rows).collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)
    });
    for (index, row) in rows.iter().enumerate() {
        let cells: [String; N] =
            std::array::from_fn(|column| format!("{:<1$}", row[column], widths[column]));
        writeln!(out, "| {} |", cells.join(" | "))?;
        if index == 0 {
            writeln!(out, "|{}|", widths.map(|width| "-".repeat(width + 2)).join("|"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_a_row_and_a_code_read_as_tables() {
        let text = text();
        for excerpt in [
            "| 080     | `link[8]`           | read, write    | 0x0        | Link rows.",
            "\n| 3:0  | `channel` | A bit a way of the channel table: 1 = seed B. |\n",
            "| 79:32   | 2[15:0], 1[31:0] | `mac`      | The frame's source address.",
            "| 2    | `channel`     | 4    | `channels` / 4 | read, write |",
            "| 1:0   | `command` | What to do to the row. See [Command](#command).",
            "\n| 2 (0x2) | `WRITE` | Commit `stage` as the row.  |\n",
            "its code times 32 plus the disposition's.",
        ] {
            assert!(text.contains(excerpt), "{excerpt:?} is missing in:\n{text}");
        }
    }

    #[test]
    fn rows_of_a_table_are_as_long_as_its_head() {
        for block in text().split("\n\n").filter(|block| block.starts_with('|')) {
            let mut lines = block.lines().map(|line| line.chars().count());
            let head = lines.next();
            assert!(lines.all(|line| Some(line) == head), "{block}");
        }
    }

    #[test]
    fn the_text_is_always_the_same() {
        assert_eq!(text(), text());
    }
}
