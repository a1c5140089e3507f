// SPDX-License-Identifier: MIT
//! A driver that is killed at any access, in the middle of an operation, while both directions are full: the next one takes the
//! running machine over and brings it to the wanted state, and frames that the operation is not about do not notice.
//!
//! `VIREO_SEED=N` repeats one run: each prints its seed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fastrand::Rng;
use vireo_driver::{Device, Error, Fault, FaultyBus, RegisterBus};
use vireo_spec::geometry::Width;
use vireo_tests::busy::busy;
use vireo_tests::busy::map::Map;
use vireo_tests::busy::operation::Operation;

/// Rows of the channel and of the binding table: few, so that most of them are in use and rows have to move.
const ROWS: usize = 64;
/// The longest frame, without a tag.
const LONGEST: usize = 130;
/// Drivers that are killed, by width.
const KILLS: [(Width, usize); 2] = [(Width::W64, 200), (Width::W512, 50)];
/// Operations that are let through before one is cut short.
const BETWEEN: usize = 20;

#[test]
fn a_driver_that_is_killed_is_replaced_without_a_lost_frame() {
    let repeated = std::env::var("VIREO_SEED").ok().map(|n| n.parse::<u64>().expect("a number"));
    for (n, (width, drivers)) in (1..).zip(KILLS) {
        let seed = repeated.unwrap_or(n);
        println!("repeat it: VIREO_SEED={seed} cargo test -p vireo-tests --test restart");
        let mut rng = Rng::with_seed(seed);
        let (device, state) = busy(width, ROWS, seed, LONGEST);
        let mut map = Map::new(state);
        let mut device = adopted(FaultyBus::new(device.into_bus()));
        let (mut kills, mut strays, mut finished) = (0, 0, 0);
        while kills < drivers {
            for _ in 0..BETWEEN {
                let operation = Operation::random(&mut rng, &map.now, 65);
                let began = device.bus_mut().inner().cycle();
                match operation.run(&mut device) {
                    Ok(()) => {
                        let ended = device.bus_mut().inner().cycle();
                        map.change((began, ended), operation.after(&map.now));
                    }
                    Err(Error::Interrupted { .. } | Error::Bus(_)) => panic!("nothing failed"),
                    Err(_) => {}
                }
                device.bus_mut().inner_mut().check(&map);
            }
            let operation = Operation::random(&mut rng, &map.now, 65);
            let focus = operation.focus(&mut rng, &map.now);
            device.bus_mut().inner_mut().focus = focus;
            let began = device.bus_mut().inner().cycle();
            let fault = if rng.bool() { Fault::Gone } else { Fault::GoneUnheard };
            let most = if matches!(operation, Operation::Rehash(..)) { 400 } else { 12 };
            device.bus_mut().fail(rng.u64(0..most), fault);
            let result = operation.run(&mut device);
            let (old, new) = (map.now.clone(), operation.after(&map.now));
            match result {
                Err(Error::Interrupted { .. } | Error::Bus(_)) => kills += 1,
                other => {
                    // It was not as long as that, or it was refused.
                    device.bus_mut().mend();
                    if other.is_ok() {
                        let ended = device.bus_mut().inner().cycle();
                        map.change((began, ended), new);
                    }
                    continue;
                }
            }
            // Nothing is left of the driver but the machine.
            let mut bus = device.into_bus();
            bus.mend();
            let mut next = Device::discover(bus).unwrap();
            strays += next.adopt().unwrap().strays;
            let still = rng.bool();
            let wanted = if still { new.clone() } else { old };
            finished += usize::from(still);
            next.reconcile(&wanted).unwrap();
            let ended = next.bus_mut().inner().cycle();
            map.change((began, ended), new);
            map.change((began, ended), wanted.clone());
            next.bus_mut().inner_mut().check(&map);
            assert_eq!(next.state().unwrap(), wanted, "seed {seed}, {operation:?}");
            next.bus_mut().inner_mut().check(&map);
            device = next;
        }
        let bus = device.bus_mut().inner_mut();
        bus.finish(&map);
        println!(
            "{width:?}: {kills} drivers killed, what {finished} of them were about is wanted still; {strays} strays taken over; \
             {} cycles, {} frames, each as the map says, {} of which met a key that was changing",
            bus.cycle(),
            bus.frames,
            bus.met
        );
    }
}

/// A driver that starts on this machine, as it runs.
fn adopted<B: RegisterBus>(bus: B) -> Device<B> {
    let mut device = Device::discover(bus).unwrap();
    device.adopt().unwrap();
    device
}

#[test]
fn a_driver_that_starts_over_instead_loses_frames() {
    for adopts in [true, false] {
        let mut rng = Rng::with_seed(5);
        let (mut device, state) = busy(Width::W64, ROWS, 5, LONGEST);
        let mut map = Map::new(state);
        for _ in 0..500 {
            let operation = Operation::random(&mut rng, &map.now, 65);
            let began = device.bus_mut().cycle();
            if operation.run(&mut device).is_ok() {
                let ended = device.bus_mut().cycle();
                map.change((began, ended), operation.after(&map.now));
            }
        }
        let mut next = Device::discover(device.into_bus()).unwrap();
        if adopts {
            next.adopt().unwrap();
        } else {
            next.initialize(6).unwrap();
        }
        next.reconcile(&map.now).unwrap();
        assert_eq!(next.state().unwrap(), map.now);
        let check = catch_unwind(AssertUnwindSafe(|| next.bus_mut().check(&map)));
        assert_eq!(check.is_ok(), adopts);
    }
}
