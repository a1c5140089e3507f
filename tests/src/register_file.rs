// SPDX-License-Identifier: MIT
//! What registers and rows keep of what is written: the map in `vireo_spec` and docs/pipeline.md, sections 5 and 7, said
//! once more for the tests at the pins.

use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::registers::{self as map, MAP, Register};
use vireo_spec::rows;
use vireo_spec::table::{Command, Op, Table};

use crate::bench::{Answer, Bench};

/// A machine with few of everything.
pub fn geometry(width: Width) -> Geometry {
    Geometry::new(width.bits(), 2, 8, 4, 64, 128).unwrap()
}

/// The value of `op` that does `command` to this row.
pub fn op(command: Command, table: Table, way: u8, row: u16) -> u32 {
    Op { command, table, way, row }.pack()
}

/// The register at an address, and which of its kind; none where the machine has none.
pub fn register_at(address: u16, geometry: &Geometry) -> Option<(&'static Register, usize)> {
    let (register, index) = MAP.iter().find_map(|r| r.index_of(address).map(|n| (r, n)))?;
    let beyond = register.address == map::LINK.address && index >= geometry.links();
    (!beyond).then_some((register, index))
}

/// The bits that a register keeps of what is written.
pub fn kept(register: &Register, index: usize) -> u32 {
    let seeds =
        [map::SEED_CHANNEL_A, map::SEED_CHANNEL_B, map::SEED_BINDING_A, map::SEED_BINDING_B];
    if seeds.iter().any(|seed| seed.address == register.address) && index == 2 {
        return 0xFF; // 72 bits
    }
    register.fields.iter().fold(0, |bits, field| bits | field.at(u32::MAX))
}

/// What octets of `new` under `strobes` make of `old`.
pub fn strobed(old: u32, new: u32, strobes: u8) -> u32 {
    let mask = (0..4).filter(|n| strobes >> n & 1 == 1).fold(0, |mask, n| mask | 0xFF << (8 * n));
    old & !mask | new & mask
}

/// A staged row as the machine keeps it: fields alone, cut to its size, and nothing of a hash table's row that is not valid.
pub fn stored(table: Table, staged: &Words, geometry: &Geometry) -> Words {
    let ports = u64::MAX >> (64 - geometry.ports());
    let index = |count: usize| count as u64 - 1;
    let mut words = [0; ROW_WORDS];
    for field in table.fields() {
        let whole = field.get(staged);
        let cut = match (table, field.name) {
            (_, "link") => whole & index(geometry.links()),
            (Table::Binding, "port") => whole & index(geometry.ports()),
            (Table::Channel, "members") | (Table::Vlan, "ports") => whole & ports,
            _ => whole,
        };
        field.set(&mut words, cut);
    }
    let valid = match table {
        Table::Channel => rows::channel::VALID.get(staged) == 1,
        Table::Binding => rows::binding::VALID.get(staged) == 1,
        _ => true,
    };
    if valid { words } else { [0; ROW_WORDS] }
}

/// Everything that software can read.
pub fn dump(bench: &mut Bench) -> Vec<Answer> {
    let loads = (0..1024).map(|word| Answer { cycle: 0, answered: 0, ..bench.load(word * 4) });
    loads.collect()
}
