// SPDX-License-Identifier: MIT
//! Snapshots of the counters: docs/pipeline.md, section 8, against the cycle model, cycle by cycle.

use fastrand::Rng;
use vireo_driver::{Device, RegisterBus};
use vireo_sim::engine::Engine;
use vireo_sim::engine::reference::Reference;
use vireo_spec::fate::Disposition;
use vireo_spec::field::Words;
use vireo_spec::geometry::Width;
use vireo_spec::pins::{RESP_OKAY, RESP_SLVERR};
use vireo_spec::registers as map;
use vireo_spec::rows;
use vireo_spec::table::{Command, Entity, Table};
use vireo_tests::bench::{Bench, SIDES};
use vireo_tests::case::Case;
use vireo_tests::register_file::{geometry, op};
use vireo_tests::timing::{Intake, SAMPLES, WRITES, counts_after, grows};
use vireo_tests::traffic::growth;

/// The cycle in which the banks swap after a snapshot's write cycle.
fn swap(written: u64) -> u64 {
    (written + 2049..).find(|s| s % 128 == 127).unwrap()
}

#[test]
fn a_snapshot_is_busy_and_interrupts_in_the_documented_cycles_at_every_phase() {
    let mut bench = Bench::ready(geometry(Width::W64));
    let snapshot = map::irq::SNAPSHOT.at(1);
    bench.store(map::IRQ_ENABLE.address, snapshot, 0xF);
    for phase in 0..128 {
        let start = (bench.cycle() + WRITES..).find(|x| x % 128 == phase).unwrap();
        bench.run_to(start - WRITES);
        let distance = phase & 1;
        let write = (map::SNAPSHOT.address, 1);
        let [answer, status] = bench.store_and_load(write, map::STATUS.address, distance);
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
            bench.run_to(look - SAMPLES);
            let register = if phase & 8 == 0 { map::STATUS } else { map::IRQ_STATUS };
            let answer = bench.load(register.address);
            let seen = match register.address == map::STATUS.address {
                true => map::status::BUSY.of(answer.data) == 0,
                false => map::irq::SNAPSHOT.of(answer.data) == 1,
            };
            assert_eq!((answer.cycle, seen), (look, over), "phase {phase}: {}", register.name);
        } else {
            while bench.cycle() < look + 1 - WRITES {
                assert!(!bench.outputs().irq, "phase {phase}");
                bench.clock();
            }
            let answer = bench.store(map::OP.address, op, 0xF);
            // Whether it is refused is decided in the cycle before the write cycle.
            let found = (answer.cycle - 1, answer.response == RESP_OKAY);
            assert_eq!(found, (look, over), "phase {phase}");
        }
        bench.run_to(u64::max(bench.cycle(), done + 10));
        bench.store(map::IRQ_STATUS.address, snapshot, 0xF);
    }
}

#[test]
fn the_snapshot_interrupt_rises_in_its_cycle_and_a_clear_in_that_cycle_loses() {
    let snapshot = map::irq::SNAPSHOT.at(1);
    for clear in -3i64..4 {
        let mut bench = Bench::ready(geometry(Width::W64));
        bench.store(map::IRQ_ENABLE.address, snapshot, 0xF);
        let written = bench.store(map::SNAPSHOT.address, 1, 0xF).cycle;
        // The bit is set at the end of `done`.
        let done = swap(written) + 160;
        let cleared = done.checked_add_signed(clear).unwrap();
        let mut high = Vec::new();
        for n in bench.cycle()..done + 20 {
            let axil = &mut bench.inputs.s_axil;
            (axil.awvalid, axil.wvalid) = (n + WRITES == cleared, n + WRITES == cleared);
            axil.bready = true;
            (axil.awaddr, axil.wdata, axil.wstrb) = (map::IRQ_STATUS.address, snapshot, 1);
            high.extend(bench.outputs().irq.then_some(n));
            bench.clock();
        }
        // irq_status is 1 from `done + 1` until the clear's write cycle; the pin is a flip-flop behind it.
        let last = if clear <= 0 { done + 19 } else { cleared + 1 };
        assert_eq!(high, (done + 2..=last).collect::<Vec<_>>(), "clear {clear} cycles after");
    }
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
        let mut intakes = [Intake::default(), Intake::default()];
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
                for side in SIDES {
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
            for side in SIDES {
                let delay = counts_after(width, side);
                let lane = bench.lane(side);
                let (own, others): (Vec<_>, _) = waiting.into_iter().partition(|f| f.side == side);
                for frame in own {
                    let entered = lane.entered.pop_front().unwrap();
                    let beats = frame.octets.len().div_ceil(width.octets());
                    let grows = grows(width, frame.octets.len(), growth(&case, &frame));
                    let intake = &mut intakes[side as usize];
                    let passed = intake.pass(entered, beats, grows, &mut lane.refused);
                    if passed.last + delay <= s {
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
