// SPDX-License-Identifier: MIT
//! Reset and the sweep behind it: docs/pipeline.md, section 6, against the cycle model, clock by clock.

use std::collections::HashSet;

use fastrand::Rng;
use vireo_driver::{Device, RegisterBus};
use vireo_spec::geometry::Width;
use vireo_spec::pins::{Outputs, RESP_OKAY};
use vireo_spec::registers::{self as map, Access, MAP};
use vireo_spec::table::{Command, Entity, Table};
use vireo_spec::tag::TagFamily;
use vireo_tests::bench::{Bench, SIDES};
use vireo_tests::case::Case;
use vireo_tests::plain::{plain, programmed};
use vireo_tests::register_file::op;
use vireo_tests::traffic::traffic;

/// All rows of `table`, and whether one is not empty.
fn has_rows(device: &mut Device<Bench>, table: Table) -> bool {
    let geometry = *device.geometry();
    (0..table.ways() as u8).any(|way| {
        (0..table.rows(&geometry) as u16)
            .any(|row| device.read_row(table, way, row).unwrap().iter().any(|&word| word != 0))
    })
}

fn reset_registers(bench: &mut Bench) {
    let readable = MAP.iter().filter(|r| r.access != Access::WriteOnly);
    for register in readable {
        for n in 0..register.count.into() {
            let answer = bench.load(register.nth(n));
            if answer.response == RESP_OKAY && register.reset.is_some() {
                assert_eq!(Some(answer.data), register.reset, "{}[{n}] after reset", register.name);
            }
        }
    }
}

#[test]
fn reset_in_the_middle_of_traffic_leaves_an_empty_machine_that_works_again() {
    for (n, width) in Width::ALL.into_iter().enumerate() {
        let mut rng = Rng::with_seed(n as u64 + 10);
        let case = Case::random(&mut rng, width);
        let mut device = programmed(&case);
        let frames: Vec<_> = (0..60).map(|_| case.frame(&mut rng)).collect();
        traffic(device.bus_mut(), &case, &frames);
        device.snapshot().unwrap();
        let mut bench = device.into_bus();
        let everything = u32::MAX;
        for register in [map::IRQ_ENABLE, map::EVENT_ENABLE, map::STAGE, map::SEED_BINDING_B] {
            bench.write(register.address, everything).unwrap();
        }
        bench.stall = 0.5;
        for held in 0..4 {
            frames.iter().for_each(|frame| bench.offer(frame.clone()));
            for _ in 0..500 + held {
                bench.clock();
            }
            bench.write(map::SNAPSHOT.address, 1).unwrap();
            // An address without data, and a read under way.
            let axil = &mut bench.inputs.s_axil;
            (axil.awvalid, axil.awaddr, axil.arvalid) = (true, map::OP.address, true);
            bench.clock();
            bench.inputs.s_axil = Default::default();
            bench.inputs.rst = true;
            for _ in 0..=held {
                bench.clock();
                assert_eq!(*bench.outputs(), Outputs::default(), "{width:?}: in reset");
            }
            bench.inputs.rst = false;
            frames.iter().for_each(|frame| bench.offer(frame.clone()));
            bench.clock();
            let axil = bench.outputs().s_axil;
            assert!(axil.awready && axil.wready && axil.arready, "{width:?}: in cycle 1");
            if held < 3 {
                bench.run_to(4097 - 60);
            } else {
                reset_registers(&mut bench);
            }
        }
        bench.stall = 0.0;
        while bench.cycle() < 4110 {
            let outputs = *bench.outputs();
            let readies = [outputs.s_port_ready, outputs.s_link_ready];
            if bench.cycle() <= 4097 {
                assert_eq!(
                    readies,
                    [bench.cycle() == 4097; 2],
                    "{width:?}: cycle {}",
                    bench.cycle()
                );
            }
            assert!(!outputs.m_link.valid && !outputs.m_port.valid && !outputs.irq);
            bench.clock();
        }
        bench.drain();
        for side in SIDES {
            assert!(bench.lane(side).left.is_empty(), "{width:?}: no link is enabled");
            bench.lane(side).entered.clear();
            bench.lane(side).refused.clear();
        }
        let mut device = Device::discover(bench).unwrap();
        for table in Table::ALL.into_iter().filter(|table| !table.is_counter()) {
            assert!(!has_rows(&mut device, table), "{width:?}: {table:?} after reset");
        }
        assert!(
            !has_rows(&mut device, Table::Disposition),
            "{width:?}: the bank that is not active"
        );
        device.snapshot().unwrap();
        let entities = (0..Entity::COUNT as u16).filter_map(Entity::from_code);
        let counters = device.counters();
        let of =
            |e| counters.traffic(e).frames() - counters.dispositions(e).map(|d| d.1).sum::<u64>();
        let entering = |e: &Entity| e.code() < Entity::PortOut(0).code();
        assert!(entities.clone().filter(entering).all(|e| of(e) == 0));
        let counted = entities.filter(entering).map(|e| counters.traffic(e).frames()).sum::<u64>();
        assert_eq!(counted, frames.len() as u64, "{width:?}: only what came after reset");
        case.program(&mut device).unwrap();
        traffic(device.bus_mut(), &case, &frames);
    }
}

#[test]
fn ready_and_run_come_in_the_cycles_that_the_sweep_takes() {
    let case = plain(Width::W64, TagFamily::ETag);
    for phase in 0..12 {
        let mut bench = Bench::new(case.geometry);
        bench.run_to(4070 + phase);
        let mut seen = HashSet::new();
        while bench.cycle() < 4110 {
            let status = bench.load(map::STATUS.address);
            assert_eq!(map::status::READY.of(status.data) == 1, status.cycle >= 4096, "{status:?}");
            let op = op(Command::Read, Table::Port, 0, 0);
            let refusing = if phase < 6 { map::OP } else { map::SNAPSHOT };
            let answer = bench.store(refusing.address, op, 0xF);
            // It is decided in the cycle before the write cycle.
            assert_eq!(answer.response == RESP_OKAY, answer.cycle > 4096, "{answer:?}");
            seen.insert(answer.response);
            if answer.response == RESP_OKAY {
                break;
            }
        }
        assert_eq!(seen.len(), 2);
    }
}
