// SPDX-License-Identifier: MIT
//! 100,000 random operations of the driver while both directions are full: no frame ever meets a state that no order of the
//! operations explains, by a software map of what each key was when.
//!
//! `VIREO_SEED=N` repeats one run: each prints its seed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fastrand::Rng;
use vireo_driver::{Device, Error};
use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::geometry::Width;
use vireo_spec::rows::PortRow;
use vireo_spec::table::Table;
use vireo_spec::tag::Role;
use vireo_tests::busy::map::{Map, Sent};
use vireo_tests::busy::operation::Operation;
use vireo_tests::busy::{Busy, busy};

/// Rows of the channel and of the binding table: few, so that most of them are in use and rows have to move.
const ROWS: usize = 64;
/// The longest frame, without a tag.
const LONGEST: usize = 130;

/// A driver, what is behind it, and the map of what it did.
struct Run {
    device: Device<Busy>,
    map: Map,
    rng: Rng,
    done: u64,
    refused: u64,
}

impl Run {
    fn new(width: Width, seed: u64) -> Self {
        let (device, state) = busy(width, ROWS, seed, LONGEST);
        Self { device, map: Map::new(state), rng: Rng::with_seed(seed), done: 0, refused: 0 }
    }

    /// An operation, and the frames that it met.
    fn operate(&mut self) {
        // The binding table fills, and empties.
        let bound = if (self.done / 1000).is_multiple_of(2) { 75 } else { 40 };
        let operation = Operation::random(&mut self.rng, &self.map.now, bound);
        self.device.bus_mut().focus = operation.focus(&mut self.rng, &self.map.now);
        let began = self.device.bus_mut().cycle();
        match operation.run(&mut self.device) {
            Ok(()) => {
                let ended = self.device.bus_mut().cycle();
                let after = operation.after(&self.map.now);
                let idle = after == self.map.now && !matches!(operation, Operation::Rehash(..));
                self.done += u64::from(!idle);
                self.map.change((began, ended), after);
            }
            Err(
                Error::TableFull { .. }
                | Error::ChannelInUse { .. }
                | Error::RehashRefused { .. }
                | Error::RehashStuck { .. },
            ) => self.refused += 1,
            Err(other) => panic!("{operation:?}: {other}"),
        }
        self.device.bus_mut().check(&self.map);
    }
}

#[test]
fn no_frame_meets_a_state_that_no_order_of_the_operations_explains() {
    const OPERATIONS: u64 = 25_000;
    let repeated = std::env::var("VIREO_SEED").ok().map(|n| n.parse::<u64>().expect("a number"));
    let (mut operations, mut frames, mut met) = (0, 0, 0);
    for (n, (width, stall)) in
        (1..).zip([(Width::W64, 0.0), (Width::W64, 0.3), (Width::W512, 0.0), (Width::W512, 0.3)])
    {
        let seed = repeated.unwrap_or(n);
        println!("repeat it: VIREO_SEED={seed} cargo test -p vireo-tests --test operations");
        let mut run = Run::new(width, seed);
        run.device.bus_mut().stall(stall);
        while run.done < OPERATIONS {
            run.operate();
        }
        run.device.bus_mut().finish(&run.map);
        assert_eq!(run.device.state().unwrap(), run.map.now, "{width:?}, seed {seed}");
        let Run { mut device, done, refused, .. } = run;
        let (bus, rows) = (device.bus_mut(), ROWS);
        println!(
            "{width:?}, stalls {stall}: {done} operations and {refused} that were refused, tables of {rows} rows, {} cycles, \
             {} frames, {} of which met a key that was changing",
            bus.cycle(),
            bus.frames,
            bus.met
        );
        (operations, frames, met) = (operations + done, frames + bus.frames, met + bus.met);
    }
    println!(
        "{operations} operations, {frames} frames, {met} of which met a key that was changing"
    );
    assert!(operations >= 100_000 && met > operations / 4);
}

/// Whether the map explains what becomes of frames after a mistake about a binding that decides, given which.
fn explained(mistake: impl FnOnce(&mut Run, (u8, MacAddr, VlanId))) -> bool {
    let mut run = Run::new(Width::W64, 7);
    (0..2000).for_each(|_| run.operate());
    let now = &run.map.now;
    let decides = |&(port, _, vlan): &(u8, _, _)| {
        let PortRow { enabled, link, .. } = now.ports[usize::from(port)];
        let checks = now.links[usize::from(link)].role == Role::Extender;
        enabled && checks && !now.admitted(vlan).contains(port.into())
    };
    let (port, mac, vlan) = *now.bindings.iter().find(|binding| decides(binding)).unwrap();
    let bus = run.device.bus_mut();
    bus.focus = Sent { port, mac, vlan, ..bus.focus };
    // What waits to enter is about something else still.
    (0..100).for_each(|_| _ = run.device.link(0).unwrap());
    let result = catch_unwind(AssertUnwindSafe(|| {
        mistake(&mut run, (port, mac, vlan));
        (0..100).for_each(|_| _ = run.device.link(0).unwrap());
        run.device.bus_mut().finish(&run.map);
    }));
    result.is_ok()
}

#[test]
fn a_map_that_is_told_something_wrong_does_not_explain_what_becomes_of_frames() {
    assert!(explained(|_, _| {}));
    assert!(!explained(|run, binding| {
        let mut wrong = run.map.now.clone();
        wrong.bindings.remove(&binding);
        let now = run.device.bus_mut().cycle();
        run.map.change((now, now), wrong);
    }));
}

/// Writes the rows of the binding table once more, as they are.
fn write_again(run: &mut Run, clear_first: bool) {
    for (way, row) in (0..4).flat_map(|way| (0..ROWS as u16 / 4).map(move |row| (way, row))) {
        let words = run.device.read_row(Table::Binding, way, row).unwrap();
        if clear_first {
            run.device.clear_row(Table::Binding, way, row).unwrap();
        }
        run.device.write_row(Table::Binding, way, row, &words).unwrap();
    }
}

#[test]
fn a_row_that_is_gone_for_a_moment_is_noticed() {
    // So often that a frame comes in the moment.
    const TIMES: usize = 10;
    assert!(explained(|run, _| (0..TIMES).for_each(|_| write_again(run, false))));
    assert!(!explained(|run, _| (0..TIMES).for_each(|_| write_again(run, true))));
}
