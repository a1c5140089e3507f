// SPDX-License-Identifier: MIT
//! Register accesses on the pins, transaction by transaction and address by address: docs/pipeline.md, section 7,
//! against the cycle model, cycle by cycle.

use std::collections::HashMap;

use fastrand::Rng;
use vireo_driver::{BusAccess, BusError, BusErrorKind, Device, Error, RegisterBus};
use vireo_model::pipeline;
use vireo_sim::engine::clocked::{PinEngine, Unkindness};
use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::pins::{RESP_OKAY, RESP_SLVERR};
use vireo_spec::registers::{self as map, Access, MAP};
use vireo_spec::table::{Command, Op, Table};
use vireo_tests::bench::Bench;
use vireo_tests::register_file::{dump, geometry, kept, op, register_at, stored, strobed};
use vireo_tests::timing::{SAMPLES, WRITES};

#[test]
fn write_channels_answer_in_the_documented_cycles_in_any_order_and_distance() {
    let mut bench = Bench::ready(geometry(Width::W64));
    let row = |command| (map::OP.address, op(command, Table::Binding, 3, 5));
    // Address, value, cycles from the write cycle to the answer, the answer.
    let writes = [
        (map::STAGE.address, 0x1234, 1, RESP_OKAY),
        (row(Command::Write).0, row(Command::Write).1, 3, RESP_OKAY),
        (row(Command::Clear).0, row(Command::Clear).1, 3, RESP_OKAY),
        (row(Command::Read).0, row(Command::Read).1, 7, RESP_OKAY),
        (map::MAGIC.address, 0, 1, RESP_SLVERR),
        (map::OP.address, 0, 1, RESP_SLVERR),
    ];
    let mut transactions = 0;
    for (address, value, clocks, response) in writes {
        for p in 0..6 {
            for q in 0..6 {
                for (wait, early) in [(0, true), (0, false), (1, false), (4, false)] {
                    let began = u64::max(p, q) + WRITES + clocks;
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
    /// What is written in the cycle after the next: address, value, strobes.
    asked: Option<(u16, u32, u8)>,
    /// What is written in the next cycle.
    decided: Option<(u16, u32, u8)>,
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
            asked: None,
            decided: None,
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
                self.fetched = Some((x + 6, row));
                return 7;
            }
            Command::Write => self.rows.insert(place, stored(op.table, &stage, &self.geometry)),
            Command::Clear => self.rows.insert(place, [0; ROW_WORDS]),
        };
        3
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
        let mut bench = Bench::ready(geometry);
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
            let write_idle =
                expected.answer.is_none() && expected.asked.is_none() && expected.decided.is_none();
            let ready = (pins.awready, pins.wready, pins.arready);
            let free = (
                write_idle && expected.address.is_none(),
                write_idle && expected.data.is_none(),
                expected.reading.is_none(),
            );
            assert_eq!(ready, free, "seed {seed}, cycle {n}");
            let bvalid = expected.answer.is_some_and(|answer| n >= answer.0);
            let rvalid = expected.reading.is_some_and(|reading| n >= reading.0 + 4);
            assert_eq!((pins.bvalid, pins.rvalid), (bvalid, rvalid), "seed {seed}, cycle {n}");
            assert!(
                !bvalid || Some(pins.bresp) == expected.answer.map(|a| a.1),
                "seed {seed}, cycle {n}"
            );
            assert!(!rvalid || (pins.rdata, pins.rresp) == expected.read, "seed {seed}, cycle {n}");
            if let Some((taken, address)) = expected.reading {
                if n == taken + SAMPLES {
                    expected.read = expected.load(address);
                }
                if rvalid && driven.rready {
                    expected.reading = None;
                    answers += 1;
                }
            }
            // What this edge changes.
            if let Some((address, value, strobes)) = expected.decided.take() {
                expected.store(n, address, value, strobes);
            }
            expected.decided = expected.asked.take();
            if let (Some(address), Some((value, strobes))) = (expected.address, expected.data) {
                (expected.address, expected.data) = (None, None);
                expected.asked = Some((address, value, strobes));
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

#[test]
fn every_address_answers_by_the_map_and_a_refused_write_changes_nothing() {
    for links in [1, 2, 8] {
        let geometry = Geometry::new(64, links, 2, 1, 64, 64).unwrap();
        let mut bench = Bench::ready(geometry);
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
    let mut bench = Bench::ready(geometry);
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
