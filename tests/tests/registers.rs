// SPDX-License-Identifier: MIT
//! The printed register map against its declarations, as the tools that people feed it to read it: systemrdl-compiler, a C
//! compiler, and a reader of Markdown.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::field::{Field, ROW_WORDS};
use vireo_spec::registers::{self, Access, MAP, Register, c_header, markdown, rdl};
use vireo_spec::table::{self, Entity, Table};
use vireo_spec::tag::{Role, TagFamily};
use vireo_tests::python;

/// What systemrdl-compiler says of a map.
fn elaborated(text: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vireo.rdl");
    fs::write(&file, text).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registers.py");
    let output = finished(Command::new(python::interpreter()).arg(script).arg(file), "");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The output of a command that succeeded.
fn finished(command: &mut Command, advice: &str) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error} {advice}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
    output
}

/// What systemrdl-compiler should say of the map.
fn declared() -> Value {
    json!({ "messages": [], "registers": MAP.iter().map(declared_register).collect::<Vec<_>>() })
}

fn declared_register(register: &Register) -> Value {
    let long = register.is_long();
    let array = register.count > 1 && !long;
    json!({
        "name": register.name,
        "address": register.address,
        "count": array.then_some(register.count),
        "stride": array.then_some(4),
        "octets": if long { 4 * register.count } else { 4 },
        "accesswidth": 32,
        "fields": register.fields.iter().map(|field| declared_field(register, field)).collect::<Vec<_>>(),
    })
}

fn declared_field(register: &Register, field: &Field) -> Value {
    let mut words = [register.reset.unwrap_or(0); ROW_WORDS];
    words[register.count.min(ROW_WORDS as u16) as usize..].fill(0);
    json!({
        "name": field.name,
        "low": field.low,
        "width": field.width,
        "readable": register.access != Access::WriteOnly,
        "writable": register.access != Access::ReadOnly,
        "onwrite": (register.access == Access::WriteOneToClear).then_some("woclr"),
        "reset": register.reset.map(|_| field.get(&words)),
        "codes": declared_codes(field),
    })
}

fn declared_codes(field: &Field) -> Option<Vec<(String, u8)>> {
    let upper = |name: &str| name.to_uppercase().replace('-', "_");
    let commands = table::Command::ALL.iter().map(|it| (upper(it.name()), it.code()));
    let tables = Table::ALL.iter().map(|it| (upper(it.name()), *it as u8));
    let families = TagFamily::ALL.iter().map(|it| (upper(it.name()), it.code()));
    let roles = Role::ALL.iter().map(|it| (upper(it.name()), it.code()));
    let reasons = DropReason::ALL.iter().map(|it| (it.name().to_owned(), it.code()));
    match *field {
        registers::op::COMMAND => Some(commands.collect()),
        registers::op::TABLE => Some(tables.collect()),
        registers::link::FAMILY => Some(families.collect()),
        registers::link::ROLE => Some(roles.collect()),
        registers::event::REASON => Some(reasons.collect()),
        _ => None,
    }
}

#[test]
fn systemrdl_compiler_elaborates_what_is_declared() {
    let (found, expected) = (elaborated(&rdl::text()), declared());
    assert_eq!(found["messages"], expected["messages"]);
    let both = |key: &Value| key["registers"].as_array().unwrap().clone();
    let (found, expected) = (both(&found), both(&expected));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
}

#[test]
fn a_map_that_moves_a_field_or_does_not_compile_is_found_out() {
    let moved = rdl::text().replace("role[18:18]", "role[19:19]");
    assert_ne!(elaborated(&moved)["registers"], declared()["registers"]);
    let overlapping = rdl::text().replace("@ 0x220", "@ 0x21C");
    assert_ne!(elaborated(&overlapping)["messages"], declared()["messages"]);
}

/// Names and values that the header should define, from the declarations.
fn expected_constants() -> BTreeMap<String, u64> {
    let mut constants = BTreeMap::new();
    let mut add = |name: String, value: u64| {
        let name = format!("VIREO_{}", name.to_uppercase().replace('-', "_"));
        assert_eq!(constants.insert(name.clone(), value), None, "{name} twice");
    };
    add("SPACE".into(), registers::SPACE.into());
    add("EVENT_DEPTH".into(), registers::EVENT_DEPTH as u64);
    for register in MAP {
        let name = register.name;
        add(name.into(), register.address.into());
        if register.count > 1 {
            add(format!("{name}_COUNT"), register.count.into());
        }
        if let Some(reset) = register.reset {
            add(format!("{name}_RESET"), reset.into());
        }
        if !register.is_number() {
            add_fields(&mut add, name, register.fields, register.is_long());
        }
    }
    for table in Table::ALL {
        add(format!("TABLE_{}", table.name()), table as u64);
        add(format!("TABLE_{}_WAYS", table.name()), table.ways() as u64);
        add_fields(&mut add, &format!("row_{}", table.name()), table.fields(), true);
    }
    add("TABLE_VLAN_ROWS".into(), vireo_spec::geometry::VLAN_ROWS as u64);
    add("TABLE_TRAFFIC_ROWS".into(), Entity::COUNT as u64);
    add("TABLE_DISPOSITION_ROWS".into(), (Entity::COUNT << Disposition::BITS) as u64);
    for command in table::Command::ALL {
        add(format!("COMMAND_{}", command.name()), command.code().into());
    }
    for family in TagFamily::ALL {
        add(format!("FAMILY_{}", family.name()), family.code().into());
    }
    for role in Role::ALL {
        add(format!("ROLE_{}", role.name()), role.code().into());
    }
    for reason in DropReason::ALL {
        add(format!("REASON_{}", reason.name()), reason.code().into());
    }
    add("DISPOSITION_FORWARDED".into(), Disposition::Forwarded.code().into());
    add("DISPOSITION_CONTROL".into(), Disposition::Control.code().into());
    add("DISPOSITION_AT_PORT".into(), Disposition::AtPort.code().into());
    for entity in Entity::KINDS {
        add(format!("ENTITY_{}", entity.name()), entity.code().into());
    }
    constants
}

/// A field's parts are found by filling it in a row: the words that change are those that it stands in.
fn add_fields(add: &mut impl FnMut(String, u64), owner: &str, fields: &[Field], words: bool) {
    for field in fields {
        let mut row = [0; ROW_WORDS];
        field.set(&mut row, field.max());
        let parts: Vec<_> = row.into_iter().enumerate().filter(|(_, mask)| *mask != 0).collect();
        for (index, (word, mask)) in parts.iter().enumerate() {
            let part = if parts.len() > 1 { format!("_{index}") } else { String::new() };
            let name = format!("{owner}_{}{part}", field.name);
            add(format!("{name}_MASK"), (*mask).into());
            add(format!("{name}_SHIFT"), mask.trailing_zeros().into());
            if words {
                add(format!("{name}_WORD"), *word as u64);
            }
        }
    }
}

/// What a C compiler makes of `expressions`, with the header included.
fn in_c(expressions: impl Iterator<Item = String>) -> BTreeMap<String, u64> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("vireo.h"), c_header::text()).unwrap();
    let prints: String = expressions
        .map(|it| format!("    printf(\"%s = %lu\\n\", \"{it}\", (unsigned long)({it}));\n"))
        .collect();
    let program = format!(
        "#include \"vireo.h\"\n#include \"vireo.h\"\n#include <stdio.h>\n\nint main(void)\n{{\n{prints}    return 0;\n}}\n"
    );
    let (source, executable) = (folder.path().join("map.c"), folder.path().join("map"));
    fs::write(&source, program).unwrap();
    let strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"];
    let mut compiler = Command::new("cc");
    compiler.args(strict).arg(&source).arg("-o").arg(&executable);
    finished(&mut compiler, "(install a C compiler; Debian: apt-get install gcc libc6-dev)");
    let printed = String::from_utf8(finished(&mut Command::new(executable), "").stdout).unwrap();
    let lines = printed.lines().map(|line| line.split_once(" = ").unwrap());
    lines.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
}

#[test]
fn c_program_sees_the_numbers_that_are_declared() {
    let expected = expected_constants();
    let text = c_header::text();
    let defined = text.lines().filter_map(|line| line.strip_prefix("#define ")?.split_once(' '));
    let constants = defined.map(|(name, _)| name.to_owned()).filter(|name| !name.contains('('));
    assert_eq!(in_c(constants), expected);
}

#[test]
fn c_program_finds_the_row_of_a_disposition_counter() {
    let row = "VIREO_DISPOSITION_ROW(VIREO_ENTITY_PORT_OUT + 5, VIREO_REASON_TAG_DEPTH)";
    let expected = Entity::PortOut(5).row(Disposition::Dropped(DropReason::TagDepth));
    assert_eq!(in_c([row.to_owned()].into_iter())[row], u64::from(expected));
}

/// The document's part under the heading `name`, up to the next heading.
fn section<'a>(text: &'a str, name: &str) -> &'a str {
    let heading = format!("\n## {name}\n");
    let start = text.find(&heading).unwrap_or_else(|| panic!("no section {name}")) + heading.len();
    let rest = &text[start..];
    &rest[..rest.find("\n#").unwrap_or(rest.len())]
}

/// Asserts that some row of the tables in `text` holds all `cells`.
fn assert_row(text: &str, cells: &[&str]) {
    let mut rows = text.lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let found = rows.any(|row| cells.iter().all(|cell| row.contains(cell)));
    assert!(found, "no row has {cells:?} in\n{text}");
}

#[test]
fn markdown_names_every_register_field_and_code() {
    let text = markdown::text();
    let bits = |field: &Field| match field.width {
        1 => field.low.to_string(),
        width => format!("{}:{}", field.low + width - 1, field.low),
    };
    let assert_fields = |section: &str, fields: &[Field]| {
        for field in fields {
            let name = format!("`{}`", field.name);
            assert!(section.contains(field.description), "{name}: {}", field.description);
            assert_row(section, &[&bits(field), &name]);
        }
    };
    for register in MAP {
        let Register { name, address, count, description, .. } = register;
        let name = if *count > 1 { format!("`{name}[{count}]`") } else { format!("`{name}`") };
        assert_row(&text, &[&format!("{address:03X}"), &name, description]);
        if !register.is_number() {
            assert_fields(section(&text, &format!("`{}`", register.name)), register.fields);
        }
    }
    for table in Table::ALL {
        assert_fields(section(&text, &format!("Row of `{}`", table.name())), table.fields());
    }
    for reason in DropReason::ALL {
        let (code, name) = (reason.code(), format!("`{}`", reason.name()));
        let row = [&format!("{code} ({code:#x})"), name.as_str(), reason.meaning()];
        assert_row(section(&text, "Reason"), &row);
    }
}
