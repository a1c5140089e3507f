// SPDX-License-Identifier: MIT
//! Registers, counters' banks and events on the pins: docs/pipeline.md, sections 7 to 9, against the cycle model, cycle by cycle.

use std::collections::HashMap;

use fastrand::Rng;
use vireo_driver::{BusAccess, BusError, BusErrorKind, Device, Error, RegisterBus};
use vireo_model::pipeline;
use vireo_sim::engine::clocked::{PinEngine, Unkindness};
use vireo_sim::engine::reference::Reference;
use vireo_sim::engine::{Arrival, Engine, Side};
use vireo_spec::ether::Priority;
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::pins::{RESP_OKAY, RESP_SLVERR, StreamId};
use vireo_spec::registers::{self as map, Access, MAP, Register};
use vireo_spec::rows;
use vireo_spec::table::{Command, Entity, Op, Table};
use vireo_tests::bench::{Answer, Bench};
use vireo_tests::case::Case;

fn geometry(width: Width) -> Geometry {
    Geometry::new(width.bits(), 2, 8, 4, 64, 128).unwrap()
}

/// A machine that is ready.
fn ready(geometry: Geometry) -> Bench {
    let mut bench = Bench::new(geometry);
    bench.run_to(4100);
    bench
}

fn op(command: Command, table: Table, way: u8, row: u16) -> u32 {
    Op { command, table, way, row }.pack()
}

fn register_at(address: u16, geometry: &Geometry) -> Option<(&'static Register, usize)> {
    let (register, index) = MAP.iter().find_map(|r| r.index_of(address).map(|n| (r, n)))?;
    let beyond = register.address == map::LINK.address && index >= geometry.links();
    (!beyond).then_some((register, index))
}

/// The bits that a register keeps of what is written.
fn kept(register: &Register, index: usize) -> u32 {
    let seeds =
        [map::SEED_CHANNEL_A, map::SEED_CHANNEL_B, map::SEED_BINDING_A, map::SEED_BINDING_B];
    if seeds.iter().any(|seed| seed.address == register.address) && index % 3 == 2 {
        return 0xFF; // 72 bits a round
    }
    register.fields.iter().fold(0, |bits, field| bits | field.at(u32::MAX))
}

fn strobed(old: u32, new: u32, strobes: u8) -> u32 {
    let mask = (0..4).filter(|n| strobes >> n & 1 == 1).fold(0, |mask, n| mask | 0xFF << (8 * n));
    old & !mask | new & mask
}

/// A staged row as the machine keeps it: fields alone, cut to its size, and nothing of a hash table's row that is not valid.
fn stored(table: Table, staged: &Words, geometry: &Geometry) -> Words {
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

#[test]
fn write_channels_answer_in_the_documented_cycles_in_any_order_and_distance() {
    let mut bench = ready(geometry(Width::W64));
    let row = |command| (map::OP.address, op(command, Table::Binding, 3, 5));
    // Address, value, cycles from the write cycle to the answer, the answer.
    let writes = [
        (map::STAGE.address, 0x1234, 1, RESP_OKAY),
        (row(Command::Write).0, row(Command::Write).1, 2, RESP_OKAY),
        (row(Command::Clear).0, row(Command::Clear).1, 2, RESP_OKAY),
        (row(Command::Read).0, row(Command::Read).1, 4, RESP_OKAY),
        (map::MAGIC.address, 0, 1, RESP_SLVERR),
        (map::OP.address, 0, 1, RESP_SLVERR),
    ];
    let mut transactions = 0;
    for (address, value, clocks, response) in writes {
        for p in 0..6 {
            for q in 0..6 {
                for (wait, early) in [(0, true), (0, false), (1, false), (4, false)] {
                    let began = u64::max(p, q) + 1 + clocks;
                    let y = began + wait;
                    for n in 0..=y {
                        let axil = &mut bench.inputs.s_axil;
                        (axil.awvalid, axil.awaddr) =
                            (n == p, if n == p { address } else { 0xFFC });
                        (axil.wvalid, axil.wdata) = (n == q, if n == q { value } else { !value });
                        (axil.wstrb, axil.bready) = (0xF, early || n == y);
                        let pins = bench.outputs().s_axil;
                        let found = (pins.awready, pins.wready, pins.bvalid);
                        let context = format!("{address:#x}: AW {p}, W {q}, B {y}, cycle {n}");
                        assert_eq!(found, (n <= p, n <= q, n >= began), "{context}");
                        assert!(!pins.bvalid || pins.bresp == response, "{context}");
                        bench.clock();
                    }
                    transactions += 1;
                }
            }
        }
    }
    println!("{transactions} writes");
}

/// What the register file must do, pin for pin.
struct Expected {
    geometry: Geometry,
    words: HashMap<u16, u32>,
    rows: HashMap<(Table, u8, u16), Words>,
    address: Option<u16>,
    data: Option<(u32, u8)>,
    /// From when on `bvalid`, and the answer.
    answer: Option<(u64, u8)>,
    /// When `stage` takes a row that a READ fetched.
    fetched: Option<(u64, Words)>,
    /// When the address was taken, and what it was.
    reading: Option<(u64, u16)>,
    read: (u32, u8),
}

impl Expected {
    fn new(geometry: Geometry) -> Self {
        let sizes = [
            (map::MAGIC, map::MAGIC_VALUE),
            (map::VERSION, map::VERSION_VALUE),
            (map::WIDTH, geometry.width().bits() as u32),
            (map::LINKS, geometry.links() as u32),
            (map::PORTS, geometry.ports() as u32),
            (map::GROUPS, geometry.groups() as u32),
            (map::CHANNELS, geometry.channels() as u32),
            (map::BINDINGS, geometry.bindings() as u32),
            (map::STATUS, map::status::READY.at(1)),
        ];
        Self {
            geometry,
            words: sizes.into_iter().map(|(register, value)| (register.address, value)).collect(),
            rows: HashMap::new(),
            address: None,
            data: None,
            answer: None,
            fetched: None,
            reading: None,
            read: (0, RESP_OKAY),
        }
    }

    /// What a read shows in this cycle.
    fn load(&self, address: u16) -> (u32, u8) {
        match register_at(address, &self.geometry) {
            Some((register, _)) if register.access != Access::WriteOnly => {
                (self.words.get(&(address & !3)).copied().unwrap_or(0), RESP_OKAY)
            }
            _ => (0, RESP_SLVERR),
        }
    }

    /// A write in write cycle `x`.
    fn store(&mut self, x: u64, address: u16, value: u32, strobes: u8) {
        let refused = (x + 1, RESP_SLVERR);
        let done = (x + 1, RESP_OKAY);
        self.answer = Some(match register_at(address, &self.geometry) {
            Some((register, index)) if register.access == Access::ReadWrite => {
                let word = self.words.entry(address & !3).or_default();
                *word = strobed(*word, value, strobes) & kept(register, index);
                done
            }
            Some((register, _)) if register.access == Access::WriteOneToClear => done,
            Some((register, _)) if register.access == Access::WriteOnly && strobes == 0xF => {
                match Op::unpack(value, &self.geometry) {
                    _ if register.address == map::EVENT_POP.address => done,
                    Some(op) if register.address == map::OP.address => {
                        (x + self.operate(x, op), RESP_OKAY)
                    }
                    _ => refused,
                }
            }
            _ => refused,
        });
    }

    fn operate(&mut self, x: u64, op: Op) -> u64 {
        let stage =
            std::array::from_fn(|n| self.words.get(&map::STAGE.nth(n)).copied().unwrap_or(0));
        let place = (op.table, op.way, op.row);
        match op.command {
            Command::Read => {
                let row = self.rows.get(&place).copied().unwrap_or_default();
                self.fetched = Some((x + 3, row));
                return 4;
            }
            Command::Write => self.rows.insert(place, stored(op.table, &stage, &self.geometry)),
            Command::Clear => self.rows.insert(place, [0; ROW_WORDS]),
        };
        2
    }
}

/// Random transactions on all channels at once; every pin in every cycle, and what is read.
#[test]
fn random_transactions_on_all_channels_at_once_answer_as_documented() {
    const CYCLES: u64 = 200_000;
    let geometries = [
        geometry(Width::W64),
        Geometry::new(512, 1, 2, 1, 64, 64).unwrap(),
        Geometry::new(256, 8, 64, 64, 256, 64).unwrap(),
    ];
    for (seed, geometry) in geometries.into_iter().enumerate() {
        let mut rng = Rng::with_seed(seed as u64);
        let mut bench = ready(geometry);
        let mut expected = Expected::new(geometry);
        let mut answers = 0;
        for n in bench.cycle()..bench.cycle() + CYCLES {
            let axil = &mut bench.inputs.s_axil;
            if !axil.awvalid && rng.u8(0..4) == 0 {
                let word = match rng.u8(0..4) {
                    0 => map::OP.address,
                    1 => map::STAGE.nth(rng.usize(..8)),
                    _ => any_address(&mut rng),
                };
                (axil.awvalid, axil.awaddr) = (true, word | rng.u16(..4));
            }
            if !axil.wvalid && rng.u8(0..4) == 0 {
                let table = Table::ALL[rng.usize(..7)];
                let rows = table.rows(&geometry).min(9) as u16;
                let op = op(Command::ALL[rng.usize(..3)], table, rng.u8(..4), rng.u16(..rows + 1));
                axil.wdata = if rng.bool() { op } else { rng.u32(..) };
                axil.wstrb = if rng.u8(0..4) == 0 { rng.u8(..16) } else { 0xF };
                axil.wvalid = true;
            }
            if !axil.arvalid && rng.u8(0..3) == 0 {
                (axil.arvalid, axil.araddr) = (true, any_address(&mut rng) | rng.u16(..4));
            }
            (axil.bready, axil.rready) = (rng.bool(), rng.bool());
            let (driven, pins) = (*axil, bench.outputs().s_axil);
            let write_idle = expected.answer.is_none();
            let ready = (pins.awready, pins.wready, pins.arready);
            let free = (
                write_idle && expected.address.is_none(),
                write_idle && expected.data.is_none(),
                expected.reading.is_none(),
            );
            assert_eq!(ready, free, "seed {seed}, cycle {n}");
            let bvalid = expected.answer.is_some_and(|answer| n >= answer.0);
            let rvalid = expected.reading.is_some_and(|reading| n >= reading.0 + 2);
            assert_eq!((pins.bvalid, pins.rvalid), (bvalid, rvalid), "seed {seed}, cycle {n}");
            assert!(
                !bvalid || Some(pins.bresp) == expected.answer.map(|a| a.1),
                "seed {seed}, cycle {n}"
            );
            assert!(!rvalid || (pins.rdata, pins.rresp) == expected.read, "seed {seed}, cycle {n}");
            if let Some((taken, address)) = expected.reading {
                if n == taken + 1 {
                    expected.read = expected.load(address);
                }
                if rvalid && driven.rready {
                    expected.reading = None;
                    answers += 1;
                }
            }
            // What this edge changes.
            if let (Some(address), Some((value, strobes))) = (expected.address, expected.data) {
                (expected.address, expected.data) = (None, None);
                expected.store(n, address, value, strobes);
            }
            if let Some((_, row)) = expected.fetched.take_if(|fetched| fetched.0 == n) {
                row.iter().enumerate().for_each(|(word, &value)| {
                    expected.words.insert(map::STAGE.nth(word), value);
                });
            }
            if bvalid && driven.bready {
                expected.answer = None;
                answers += 1;
            }
            bench.clock();
            let axil = &mut bench.inputs.s_axil;
            if driven.awvalid && pins.awready {
                (expected.address, axil.awvalid) = (Some(driven.awaddr), false);
            }
            if driven.wvalid && pins.wready {
                (expected.data, axil.wvalid) = (Some((driven.wdata, driven.wstrb)), false);
            }
            if driven.arvalid && pins.arready {
                (expected.reading, axil.arvalid) = (Some((n, driven.araddr)), false);
            }
        }
        println!("{answers} answers in {CYCLES} cycles");
    }
}

/// Any word's address but `snapshot`, most of them registers.
fn any_address(rng: &mut Rng) -> u16 {
    loop {
        let register = &MAP[rng.usize(..MAP.len())];
        let inside = register.nth(rng.usize(..usize::from(register.count)));
        let address = if rng.u8(0..6) == 0 { rng.u16(..1024) * 4 } else { inside };
        if address != map::SNAPSHOT.address {
            return address;
        }
    }
}

/// Everything that software can read.
fn dump(bench: &mut Bench) -> Vec<Answer> {
    let loads = (0..1024).map(|word| Answer { cycle: 0, answered: 0, ..bench.load(word * 4) });
    loads.collect()
}

#[test]
fn every_address_answers_by_the_map_and_a_refused_write_changes_nothing() {
    for links in [1, 2, 8] {
        let geometry = Geometry::new(64, links, 2, 1, 64, 64).unwrap();
        let mut bench = ready(geometry);
        let mut rng = Rng::with_seed(links as u64);
        for register in MAP.iter().filter(|r| r.access == Access::ReadWrite) {
            for n in 0..register.count.into() {
                bench.store(register.nth(n), rng.u32(..), 0xF);
            }
        }
        let before = dump(&mut bench);
        let (mut readable, mut writable) = (0, 0);
        for word in 0..1024 {
            let address = word * 4 + rng.u16(..4);
            let register = register_at(address, &geometry).map(|(register, _)| register);
            let access = register.map(|register| register.access);
            let reads = access.is_some_and(|access| access != Access::WriteOnly);
            let answer = bench.load(address);
            assert_eq!(answer.response == RESP_OKAY, reads, "read of {address:#x}");
            assert!(reads || answer.data == 0, "read of {address:#x}");
            assert_eq!(answer.data, before[usize::from(word)].data, "low bits of {address:#x}");
            let writes = access.is_some_and(|access| access != Access::ReadOnly);
            readable += usize::from(reads);
            writable += usize::from(writes);
            if writes {
                continue;
            }
            let answer = bench.store(address, rng.u32(..), 0xF);
            assert_eq!(answer.response, RESP_SLVERR, "write of {address:#x}");
        }
        assert_eq!(dump(&mut bench), before, "a refused write had an effect");
        for word in (0..1024).filter(|&word| word * 4 != map::SNAPSHOT.address) {
            let access = register_at(word * 4, &geometry).map(|(register, _)| register.access);
            if access.is_some_and(|access| access != Access::ReadOnly) {
                let value = op(Command::Read, Table::Port, 0, 0);
                let answer = bench.store(word * 4, value, 0xF);
                assert_eq!(answer.response, RESP_OKAY, "write of {:#x}", word * 4);
            }
        }
        assert_eq!(bench.store(map::SNAPSHOT.address, 0, 0xF).response, RESP_OKAY);
        println!("{links} links: {readable} words readable, {writable} writable");
    }
}

#[test]
fn partial_strobes_write_their_octets_and_are_refused_where_a_write_acts() {
    let geometry = geometry(Width::W128);
    let mut bench = ready(geometry);
    let mut rng = Rng::with_seed(5);
    for register in MAP.iter().filter(|r| r.access == Access::ReadWrite) {
        for n in 0..register.count.into() {
            let address = register.nth(n);
            if register_at(address, &geometry).is_none() {
                continue;
            }
            let mut expected = bench.load(address).data;
            for strobes in 0..16 {
                let value = rng.u32(..);
                assert_eq!(bench.store(address, value, strobes).response, RESP_OKAY);
                expected = strobed(expected, value, strobes) & kept(register, n);
                assert_eq!(bench.load(address).data, expected, "{}[{n}]", register.name);
            }
        }
    }
    let before = dump(&mut bench);
    for strobes in 0..15 {
        let read = op(Command::Read, Table::Port, 0, 0);
        for (register, value) in [(map::OP, read), (map::SNAPSHOT, 1), (map::EVENT_POP, 0)] {
            let answer = bench.store(register.address, value, strobes);
            assert_eq!(answer.response, RESP_SLVERR, "{} strobes {strobes}", register.name);
        }
        assert_eq!(dump(&mut bench), before, "strobes {strobes}");
    }
}

#[test]
fn an_op_that_cannot_be_is_refused_without_effect_and_unused_bits_do_not_matter() {
    for geometry in [geometry(Width::W64), Geometry::new(64, 8, 64, 64, 16384, 16384).unwrap()] {
        let mut bench = ready(geometry);
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
        let mut bench = ready(geometry);
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

/// The cycle in which the banks swap after a snapshot's write cycle.
fn swap(written: u64) -> u64 {
    (written + 2049..).find(|s| s % 128 == 127).unwrap()
}

/// A write, and `distance` cycles after it a read, both channels being idle.
fn store_and_load(bench: &mut Bench, write: (u16, u32), read: u16, distance: u64) -> [Answer; 2] {
    let (began, mut answers) = (bench.cycle(), [None; 2]);
    while answers.contains(&None) {
        let now = bench.cycle();
        let (pins, axil) = (bench.outputs().s_axil, &mut bench.inputs.s_axil);
        (axil.awvalid, axil.awaddr, axil.bready) = (now == began, write.0, true);
        (axil.wvalid, axil.wdata, axil.wstrb) = (now == began, write.1, 0xF);
        (axil.arvalid, axil.araddr, axil.rready) = (now == began + distance, read, true);
        if pins.bvalid {
            let response = pins.bresp;
            answers[0] = Some(Answer { response, data: 0, cycle: began + 1, answered: now });
        }
        if pins.rvalid {
            let (response, data) = (pins.rresp, pins.rdata);
            let cycle = began + distance + 1;
            answers[1] = Some(Answer { response, data, cycle, answered: now });
        }
        bench.clock();
    }
    bench.inputs.s_axil = Default::default();
    answers.map(Option::unwrap)
}

#[test]
fn a_snapshot_is_busy_and_interrupts_in_the_documented_cycles_at_every_phase() {
    let mut bench = ready(geometry(Width::W64));
    let snapshot = map::irq::SNAPSHOT.at(1);
    bench.store(map::IRQ_ENABLE.address, snapshot, 0xF);
    for phase in 0..128 {
        let start = (bench.cycle() + 1..).find(|x| x % 128 == phase).unwrap();
        bench.run_to(start - 1);
        let distance = phase & 1;
        let write = (map::SNAPSHOT.address, 1);
        let [answer, status] = store_and_load(&mut bench, write, map::STATUS.address, distance);
        assert_eq!((answer.response, answer.cycle, answer.answered), (RESP_OKAY, start, start + 1));
        assert_eq!(map::status::BUSY.of(status.data) == 1, status.cycle > start, "{status:?}");
        let done = swap(start) + 160;
        let op = op(Command::Read, Table::Port, 0, 0);
        for register in [map::OP, map::SNAPSHOT] {
            assert_eq!(bench.store(register.address, op, 0xF).response, RESP_SLVERR);
        }
        assert_eq!(bench.store(map::EVENT_POP.address, 0, 0xF).response, RESP_OKAY);
        // One look in each phase at one of: the last busy cycle, the first that is not.
        let look = done + (phase >> 1 & 1);
        let over = look > done;
        if phase & 4 == 0 {
            bench.run_to(look - 1);
            let register = if phase & 8 == 0 { map::STATUS } else { map::IRQ_STATUS };
            let answer = bench.load(register.address);
            let seen = match register.address == map::STATUS.address {
                true => map::status::BUSY.of(answer.data) == 0,
                false => map::irq::SNAPSHOT.of(answer.data) == 1,
            };
            assert_eq!((answer.cycle, seen), (look, over), "phase {phase}: {}", register.name);
        } else {
            while bench.cycle() < look - 1 {
                assert!(!bench.outputs().irq, "phase {phase}");
                bench.clock();
            }
            let answer = bench.store(map::OP.address, op, 0xF);
            assert_eq!((answer.cycle, answer.response == RESP_OKAY), (look, over), "phase {phase}");
        }
        bench.run_to(u64::max(bench.cycle(), done + 10));
        bench.store(map::IRQ_STATUS.address, snapshot, 0xF);
    }
}

#[test]
fn the_snapshot_interrupt_rises_in_its_cycle_and_a_clear_in_that_cycle_loses() {
    let snapshot = map::irq::SNAPSHOT.at(1);
    for clear in -3i64..4 {
        let mut bench = ready(geometry(Width::W64));
        bench.store(map::IRQ_ENABLE.address, snapshot, 0xF);
        let written = bench.store(map::SNAPSHOT.address, 1, 0xF).cycle;
        // The bit is set at the end of `done`.
        let done = swap(written) + 160;
        let cleared = done.checked_add_signed(clear).unwrap();
        let mut high = Vec::new();
        for n in bench.cycle()..done + 20 {
            let axil = &mut bench.inputs.s_axil;
            (axil.awvalid, axil.wvalid, axil.bready) = (n + 1 == cleared, n + 1 == cleared, true);
            (axil.awaddr, axil.wdata, axil.wstrb) = (map::IRQ_STATUS.address, snapshot, 1);
            high.extend(bench.outputs().irq.then_some(n));
            bench.clock();
        }
        // irq_status is 1 from `done + 1` until the clear's write cycle; the pin is a flip-flop behind it.
        let last = if clear <= 0 { done + 19 } else { cleared + 1 };
        assert_eq!(high, (done + 2..=last).collect::<Vec<_>>(), "clear {clear} cycles after");
    }
}

fn runt(side: Side, octets: usize) -> Arrival {
    let (id, priority) = (StreamId::Port(0), Priority::default());
    let octets = vec![2; octets];
    Arrival { timestamp_ns: 0, side, id, source: None, priority, octets, bad: false }
}

/// Cycles from the acceptance of a frame's last beat to the one in which it counts, without gaps and stalls.
fn counts_after(width: Width, entering: Side) -> u64 {
    let keys = 3 + width.header_beats() as u64;
    keys + if entering == Side::Ports { 11 } else { 24 }
}

/// Runts make events; port 0 and link 0 are enabled.
fn eventful(width: Width) -> Bench {
    let mut bench = ready(geometry(width));
    bench.store(map::EVENT_ENABLE.address, 1 << DropReason::Runt.code(), 0xF);
    bench.store(map::IRQ_ENABLE.address, map::irq::EVENT.at(1), 0xF);
    bench.store(map::LINK.address, map::link::ENABLED.at(1), 0xF);
    bench.store(map::STAGE.address, 1 << rows::port::ENABLED.low, 0xF);
    bench.store(map::OP.address, op(Command::Write, Table::Port, 0, 0), 0xF);
    bench
}

#[test]
fn an_event_shows_two_cycles_after_its_frame_counts_and_interrupts_in_the_third() {
    for width in Width::ALL {
        for side in [Side::Ports, Side::Links] {
            for look in 0..4 {
                let mut bench = eventful(width);
                bench.offer(runt(side, 13));
                while bench.lane(side).entered.is_empty() {
                    bench.clock();
                }
                let q = bench.lane(side).entered[0].last + counts_after(width, side);
                bench.run_to(q + look - 1);
                let answer = bench.load(map::EVENT_LEVEL.address);
                assert_eq!(
                    (answer.cycle, answer.data),
                    (q + look, u32::from(look >= 2)),
                    "{width:?}"
                );
                bench.run_to(u64::max(bench.cycle(), q + 8));
                // The pin is seen whole only where no read stood in the way.
                let mut bench = eventful(width);
                bench.offer(runt(side, 13));
                while !bench.outputs().irq {
                    bench.clock();
                }
                let q = bench.lane(side).entered[0].last + counts_after(width, side);
                assert_eq!(bench.cycle(), q + 3, "{width:?} {side:?}");
            }
        }
    }
}

fn event_words(bench: &mut Bench) -> Words {
    let mut words = [0; ROW_WORDS];
    (0..4).for_each(|n| words[n] = bench.load(map::EVENT.nth(n)).data);
    words
}

#[test]
fn of_two_events_in_one_cycle_encapsulate_s_comes_first() {
    let width = Width::W512;
    let mut bench = eventful(width);
    bench.offer(runt(Side::Links, 13));
    let earlier = counts_after(width, Side::Links) - counts_after(width, Side::Ports);
    bench.run_to(bench.cycle() + earlier);
    bench.offer(runt(Side::Ports, 13));
    bench.drain();
    let mut entities = Vec::new();
    for sequence in 1..=2 {
        let words = event_words(&mut bench);
        assert_eq!(map::event::SEQUENCE.get(&words), sequence);
        entities.push(map::event::ENTITY.get(&words) as u16);
        bench.store(map::EVENT_POP.address, sequence as u32, 0xF);
    }
    assert_eq!(entities, [Entity::PortIn(0).code(), Entity::LinkIn(0).code()]);
    assert_eq!(event_words(&mut bench), [0; ROW_WORDS], "words of an empty FIFO");
    assert!(!bench.outputs().irq);
}

/// A FIFO with 16 events and another that waits in front of it.
fn full(lost: usize) -> Bench {
    let mut bench = eventful(Width::W512);
    (0..17 + lost).for_each(|_| bench.offer(runt(Side::Ports, 13)));
    bench.drain();
    bench
}

#[test]
fn a_full_fifo_loses_counts_and_interrupts_and_a_pop_makes_room_in_the_next_cycle() {
    for lost in [0, 1, 40] {
        let mut bench = full(lost);
        assert_eq!(bench.load(map::EVENT_LEVEL.address).data, map::EVENT_DEPTH as u32);
        assert_eq!(bench.load(map::EVENT_LOST.address).data, lost as u32);
        let causes = map::irq::EVENT.at(1) | map::irq::LOST.at((lost > 0).into());
        assert_eq!(bench.load(map::IRQ_STATUS.address).data, causes);
        bench.store(map::IRQ_STATUS.address, 0, 0xF);
        bench.store(map::IRQ_STATUS.address, u32::MAX, 0xE);
        bench.store(map::IRQ_STATUS.address, u32::MAX << 8, 0xF);
        assert_eq!(bench.load(map::IRQ_STATUS.address).data, causes, "no 1 was written to a bit");
        bench.store(map::IRQ_STATUS.address, u32::MAX, 0xF);
        let after = bench.load(map::IRQ_STATUS.address).data;
        assert_eq!(after, map::irq::EVENT.at(1), "event follows the FIFO, lost was cleared");
        assert_eq!(bench.load(map::EVENT_LOST.address).data, lost as u32, "the count stays");
    }
    // The write cycle, the one after, and from then on: the waiting event fills the room.
    for (distance, level) in [(0, 16), (1, 15), (2, 16), (3, 16)] {
        let mut bench = full(3);
        let head = map::event::SEQUENCE.get(&event_words(&mut bench)) as u32;
        let pop = (map::EVENT_POP.address, head);
        let [_, seen] = store_and_load(&mut bench, pop, map::EVENT_LEVEL.address, distance);
        assert_eq!(seen.data, level, "{distance} cycles after the write cycle");
    }
}

#[test]
fn a_pop_takes_the_head_once_and_no_other_number_takes_anything() {
    let mut bench = full(0);
    for (head, level) in (1..=17).zip([16].into_iter().chain((1..=16).rev())) {
        assert_eq!(bench.load(map::EVENT_LEVEL.address).data, level);
        let words = event_words(&mut bench);
        assert_eq!(map::event::SEQUENCE.get(&words), u64::from(head));
        for other in [0, head - 1, head + 1, head ^ 0x8000] {
            assert_eq!(bench.store(map::EVENT_POP.address, other, 0xF).response, RESP_OKAY);
            assert_eq!(event_words(&mut bench), words, "pop of {other}, head {head}");
        }
        for _ in 0..3 {
            assert_eq!(bench.store(map::EVENT_POP.address, head, 0xF).response, RESP_OKAY);
        }
    }
    assert_eq!(bench.load(map::EVENT_LEVEL.address).data, 0);
    assert_eq!(bench.store(map::EVENT_POP.address, 0, 0xF).response, RESP_OKAY);
    assert_eq!(event_words(&mut bench), [0; ROW_WORDS]);
    assert!(!bench.outputs().irq);
}

#[test]
fn the_interrupt_pin_follows_causes_and_enables_a_cycle_later() {
    let mut bench = full(1);
    bench.store(map::SNAPSHOT.address, 1, 0xF);
    bench.run_to(bench.cycle() + 3000);
    for n in (0..8).chain((0..8).rev()).chain([7, 0, 7, 5, 2]) {
        let x = bench.cycle() + 1;
        bench.store(map::IRQ_ENABLE.address, n, 0xF);
        // The enable is new in x + 1, the pin in x + 2: the cycle in which `store` returns.
        assert_eq!((bench.cycle(), bench.outputs().irq), (x + 2, n != 0), "enable {n}");
    }
    // Without causes the pin falls, one by one.
    for (cause, rest) in [(map::irq::LOST, 5), (map::irq::SNAPSHOT, 1)] {
        bench.store(map::IRQ_ENABLE.address, cause.at(1), 0xF);
        assert!(bench.outputs().irq, "{}", cause.name);
        bench.store(map::IRQ_STATUS.address, cause.at(1), 0xF);
        assert!(!bench.outputs().irq, "{}", cause.name);
        assert_eq!(bench.load(map::IRQ_STATUS.address).data, rest);
    }
}

#[test]
fn sequence_numbers_have_16_bits_and_wrap() {
    let mut bench = eventful(Width::W512);
    let mut sequence = 1u16;
    for _ in 0..(1 << 16) / 8 + 2 {
        (0..8).for_each(|_| bench.offer(runt(Side::Ports, 13)));
        bench.run_to(bench.cycle() + 60);
        assert_eq!(bench.load(map::EVENT_LEVEL.address).data, 8);
        for _ in 0..8 {
            assert_eq!(bench.load(map::EVENT.address).data & 0xFFFF, u32::from(sequence));
            bench.store(map::EVENT_POP.address, sequence.into(), 0xF);
            sequence = sequence.wrapping_add(1);
        }
    }
    assert_eq!(bench.load(map::EVENT_LOST.address).data, 0);
}

/// All counters that a machine has.
fn counters<B: RegisterBus>(device: &mut Device<B>) -> Vec<(Entity, Words, Vec<u64>)> {
    let geometry = *device.geometry();
    let exists = |entity: &Entity| match *entity {
        Entity::PortIn(port) | Entity::PortOut(port) => usize::from(port) < geometry.ports(),
        Entity::GroupIn(group) => usize::from(group) < geometry.groups(),
        Entity::LinkIn(link) | Entity::LinkOut(link) => usize::from(link) < geometry.links(),
        _ => true,
    };
    let entities = (0..Entity::COUNT as u16).filter_map(Entity::from_code).filter(exists);
    let row = |entity| {
        let traffic = device.read_row(Table::Traffic, 0, Entity::code(entity)).unwrap();
        let dispositions = Disposition::all().map(|disposition| {
            let row = entity.row(disposition);
            let words = device.read_row(Table::Disposition, 0, row).unwrap();
            rows::disposition::FRAMES.get(&words)
        });
        (entity, traffic, dispositions.collect())
    };
    entities.map(row).collect()
}

#[test]
fn a_snapshot_at_full_rate_holds_exactly_the_frames_that_counted_before_the_swap() {
    let (mut snapshots, mut frames) = (0, 0);
    for seed in 0..24 {
        let mut rng = Rng::with_seed(seed);
        let width = Width::ALL[seed as usize % 4];
        let case = Case::random(&mut rng, width);
        let mut device = Device::discover(Bench::new(case.geometry)).unwrap();
        case.program(&mut device).unwrap();
        let mut reference = Device::discover(Reference::new(case.geometry)).unwrap();
        case.program(&mut reference).unwrap();
        let mut waiting = Vec::new();
        // Short ones, so that many count around the swap.
        let frames_of_case = std::iter::repeat_with(|| case.frame(&mut rng));
        let cases: Vec<_> =
            frames_of_case.filter(|frame| frame.octets.len() <= 100).take(200).collect();
        for taken in 0..3 {
            // Frames of both sides without pause, for longer than snapshot and readout take.
            let start = device.bus_mut().cycle() + 100 + 37 * taken;
            let mut written = None;
            loop {
                let bench = device.bus_mut();
                for side in [Side::Ports, Side::Links] {
                    while bench.lane(side).queue.len() < 3 {
                        let frame = cases[rng.usize(..cases.len())].clone();
                        if frame.side == side {
                            waiting.push(frame.clone());
                            bench.offer(frame);
                        }
                    }
                }
                match written {
                    None if bench.cycle() > start => {
                        written = Some(bench.store(map::SNAPSHOT.address, 1, 0xF).cycle);
                    }
                    Some(x) if bench.cycle() > swap(x) + 161 => break,
                    _ => bench.clock(),
                }
            }
            let s = swap(written.unwrap());
            // Only frames that wait at this moment enter while the counters are read.
            let found = counters(&mut device);
            device.bus_mut().drain();
            let bench = device.bus_mut();
            let mut later = Vec::new();
            for side in [Side::Ports, Side::Links] {
                let delay = counts_after(width, side);
                let lane = bench.lane(side);
                let (own, others): (Vec<_>, _) = waiting.into_iter().partition(|f| f.side == side);
                for frame in own {
                    let entered = lane.entered.pop_front().unwrap();
                    if entered.last + delay <= s {
                        reference.bus_mut().offer(frame);
                        frames += 1;
                    } else {
                        later.push(frame);
                    }
                }
                waiting = others;
                lane.left.clear();
                lane.refused.clear();
            }
            reference.bus_mut().run(&mut |_| ());
            reference.bus_mut().write(map::SNAPSHOT.address, 1).unwrap();
            assert_eq!(found, counters(&mut reference), "seed {seed}, snapshot {taken}");
            later.into_iter().for_each(|frame| reference.bus_mut().offer(frame));
            for (entity, traffic, dispositions) in &found {
                if entity.code() < Entity::PortOut(0).code() {
                    let classes = [
                        rows::traffic::UNICAST,
                        rows::traffic::MULTICAST,
                        rows::traffic::BROADCAST,
                    ];
                    let frames: u64 = classes.iter().map(|class| class.get(traffic)).sum();
                    assert_eq!(frames, dispositions.iter().sum::<u64>(), "{entity:?}, seed {seed}");
                }
            }
            assert_eq!(found, counters(&mut device), "a snapshot reads the same again");
            snapshots += 1;
        }
    }
    println!("{frames} frames in {snapshots} snapshots");
}

#[test]
fn the_driver_reports_a_refused_access_by_register_and_can_repeat_it() {
    let geometry = geometry(Width::W64);
    let engine = PinEngine::new(pipeline::machine(geometry), geometry, Unkindness::NONE);
    let mut device = Device::discover(engine).unwrap();
    device.bus_mut().write(map::SNAPSHOT.address, 1).unwrap();
    let (access, kind) = (BusAccess::Write, BusErrorKind::Refused);
    let refused = BusError { access, address: map::OP.address, kind };
    assert_eq!(device.port(0), Err(Error::Bus(refused)));
    let outside = device.bus_mut().read(0xFFC).unwrap_err();
    assert_eq!(outside, BusError { access: BusAccess::Read, address: 0xFFC, kind });
    while device.bus_mut().read(map::STATUS.address).unwrap() != map::status::READY.at(1) {}
    assert!(device.port(0).is_ok(), "the machine is no longer busy");
}
