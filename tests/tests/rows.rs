// SPDX-License-Identifier: MIT
//! Operations on rows, and what a row keeps of what was written: docs/pipeline.md, sections 5 and 7, against the cycle model.

use std::collections::HashMap;

use fastrand::Rng;
use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::pins::{RESP_OKAY, RESP_SLVERR};
use vireo_spec::registers::{self as map, MAP};
use vireo_spec::table::{Command, Table};
use vireo_tests::bench::Bench;
use vireo_tests::register_file::{dump, geometry, kept, op, stored};

#[test]
fn an_op_that_cannot_be_is_refused_without_effect_and_unused_bits_do_not_matter() {
    for geometry in [geometry(Width::W64), Geometry::new(64, 8, 64, 64, 16384, 16384).unwrap()] {
        let mut bench = Bench::ready(geometry);
        for n in 0..ROW_WORDS {
            bench.store(map::STAGE.nth(n), 0x0101_0101 * n as u32, 0xF);
        }
        let stage = dump(&mut bench);
        let mut done = 0;
        let unused = !MAP.iter().find(|r| r.address == map::OP.address).map_or(0, |r| kept(r, 0));
        for code in 0..1 << 10 {
            let (command, table, way) = (code & 3, code >> 2 & 15, code >> 6 & 3);
            let known = Table::ALL.get(table as usize);
            let rows = known.map_or(1, |table| table.rows(&geometry)) as u32;
            for row in [0, rows - 1, rows, rows + 1, 0xFFFF].map(|row| row.min(0xFFFF)) {
                let value = map::op::COMMAND.at(command)
                    | map::op::TABLE.at(table)
                    | map::op::WAY.at(way)
                    | map::op::ROW.at(row)
                    | (unused * (code >> 8 & 1));
                let exists = known.is_some_and(|t| (way as usize) < t.ways() && row < rows);
                let writes = command != u32::from(Command::Read.code());
                let refused =
                    !exists || command == 0 || known.is_some_and(|t| t.is_counter() && writes);
                let answer = bench.store(map::OP.address, value, 0xF);
                assert_eq!(answer.response == RESP_SLVERR, refused, "op {value:#x}");
                if refused {
                    continue;
                }
                done += 1;
                if !writes {
                    for n in 0..ROW_WORDS {
                        bench.store(map::STAGE.nth(n), 0x0101_0101 * n as u32, 0xF);
                    }
                }
            }
        }
        assert_eq!(dump(&mut bench), stage, "a refused op had an effect on the registers");
        println!("{done} of {} operations done", 5 << 10);
    }
}

#[test]
fn a_row_reads_back_as_written_cut_to_the_machine() {
    let geometries = [
        geometry(Width::W512),
        Geometry::new(64, 1, 2, 1, 64, 64).unwrap(),
        Geometry::new(128, 8, 64, 64, 16384, 16384).unwrap(),
        Geometry::new(256, 4, 16, 8, 1024, 4096).unwrap(),
    ];
    let mut checked = 0;
    for (seed, geometry) in geometries.into_iter().enumerate() {
        let mut rng = Rng::with_seed(seed as u64);
        let mut bench = Bench::ready(geometry);
        let mut expected = HashMap::new();
        for table in Table::ALL.into_iter().filter(|table| !table.is_counter()) {
            for n in 0..300 {
                let (way, row) =
                    (rng.u8(..table.ways() as u8), rng.u16(..table.rows(&geometry) as u16));
                let staged: Words = std::array::from_fn(|_| rng.u32(..));
                let command = if n % 8 == 7 { Command::Clear } else { Command::Write };
                for (n, &word) in staged.iter().enumerate() {
                    bench.store(map::STAGE.nth(n), word, 0xF);
                }
                let answer = bench.store(map::OP.address, op(command, table, way, row), 0xF);
                assert_eq!(answer.response, RESP_OKAY);
                let kept = match command {
                    Command::Clear => [0; ROW_WORDS],
                    _ => stored(table, &staged, &geometry),
                };
                expected.insert((table, way, row), kept);
            }
        }
        for ((table, way, row), words) in expected {
            bench.store(map::OP.address, op(Command::Read, table, way, row), 0xF);
            let read: Words = std::array::from_fn(|n| bench.load(map::STAGE.nth(n)).data);
            assert_eq!(read, words, "{table:?} way {way} row {row} of {geometry:?}");
            checked += 1;
        }
    }
    println!("{checked} rows");
}
