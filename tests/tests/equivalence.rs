// SPDX-License-Identifier: MIT
//! The cycle model delivers exactly what the reference delivers: frames, order per stream, counters, events.
//!
//! `VIREO_SEED=N` repeats one case; `VIREO_CASES=N` runs so many.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use fastrand::Rng;
use vireo_driver::Device;
use vireo_sim::engine::clocked::{PinEngine, Unkindness};
use vireo_sim::engine::reference::Reference;
use vireo_sim::engine::{Arrival, Destination, Engine, Side};
use vireo_spec::ether::Priority;
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::geometry::Width;
use vireo_spec::table::Entity;
use vireo_spec::tag::Role;
use vireo_tests::case::Case;

/// Cases in the test command.
const CASES: u64 = 4000;

/// What an engine made of a case.
#[derive(Debug, PartialEq)]
struct Outcome {
    departures: Vec<(Side, Destination, Vec<u8>, Priority, bool)>,
    traffic: Vec<(Entity, [u64; 4])>,
    dispositions: Vec<(Entity, Vec<(Disposition, u64)>)>,
    events: Vec<String>,
    events_lost: u32,
}

fn outcome<E: Engine>(engine: E, case: &Case, frames: &[Arrival]) -> Outcome {
    let mut device = Device::discover(engine).expect("a machine");
    case.program(&mut device).expect("a machine that can be programmed");
    let mut departures = Vec::new();
    for frame in frames {
        device.bus_mut().offer(frame.clone());
    }
    device.bus_mut().run(&mut |d| {
        departures.push((d.side, d.to, d.octets.to_vec(), d.priority, d.bad));
    });
    // The sides are independent; each side's order is what counts.
    departures.sort_by_key(|d| d.0 == Side::Links);
    device.snapshot().expect("a snapshot");
    let entities = (0..Entity::COUNT as u16).filter_map(Entity::from_code);
    let counters = device.counters();
    let traffic = entities
        .clone()
        .map(|e| (e, counters.traffic(e)))
        .map(|(e, t)| (e, [t.unicast, t.multicast, t.broadcast, t.octets]))
        .filter(|(_, t)| *t != [0; 4])
        .collect();
    let dispositions = entities
        .map(|e| (e, counters.dispositions(e).filter(|d| d.1 != 0).collect::<Vec<_>>()))
        .filter(|(_, d)| !d.is_empty())
        .collect();
    let mut events = Vec::new();
    let events_lost = device.events_lost().expect("a register");
    while let Some(mut event) = device.next_event().expect("a register") {
        event.sequence = 0;
        events.push(format!("{event:?}"));
    }
    events.sort();
    Outcome { departures, traffic, dispositions, events, events_lost }
}

/// Reasons that were seen, by where: the role and whether the frame entered at a port.
type Seen = HashSet<(DropReason, Role, bool)>;

fn run_case(seed: u64, seen: &Mutex<Seen>) {
    let mut rng = Rng::with_seed(seed);
    let width = Width::ALL[rng.usize(..4)];
    let case = Case::random(&mut rng, width);
    let count = rng.usize(4..40);
    let frames: Vec<_> = (0..count).map(|_| case.frame(&mut rng)).collect();
    let stall = [0.0, 0.1, 0.5, 0.9][rng.usize(..4)];
    let unkindness = Unkindness { stall, seed };
    let expected = outcome(Reference::new(case.geometry), &case, &frames);
    let machine = vireo_model::pipeline::machine(case.geometry);
    let found = outcome(PinEngine::new(machine, case.geometry, unkindness), &case, &frames);
    for (n, (e, f)) in expected.departures.iter().zip(&found.departures).enumerate() {
        assert_eq!(f, e, "departure {n}; {:?}", case.geometry);
    }
    assert_eq!(
        found.departures.len(),
        expected.departures.len(),
        "departures; {:?}",
        case.geometry
    );
    assert_eq!(found.traffic, expected.traffic, "traffic counters");
    assert_eq!(found.dispositions, expected.dispositions, "disposition counters");
    // Which events are lost depends on when they came; how many there were does not.
    if found.events_lost == 0 && expected.events_lost == 0 {
        assert_eq!(found.events, expected.events, "events");
    }
    let made = |outcome: &Outcome| outcome.events.len() + outcome.events_lost as usize;
    assert_eq!(made(&found), made(&expected), "events, with those lost");
    let mut seen = seen.lock().expect("no thread died");
    for (entity, dispositions) in &expected.dispositions {
        for (disposition, _) in dispositions {
            let Disposition::Dropped(reason) = *disposition else { continue };
            match *entity {
                Entity::PortIn(port) => {
                    let link = case.ports[usize::from(port)].link;
                    seen.insert((reason, case.links[usize::from(link)].role, true));
                }
                Entity::LinkIn(link) => {
                    seen.insert((reason, case.links[usize::from(link)].role, false));
                }
                Entity::PortOut(_) => {
                    seen.insert((reason, Role::Bridge, false));
                }
                _ => {}
            }
        }
    }
}

/// Every reason, in every role and direction in which docs/rules.md has it.
fn reachable() -> Seen {
    use DropReason::*;
    let mut all = Seen::new();
    for role in Role::ALL {
        for reason in [PortDisabled, Runt, MacControl, FrameError, Oversize] {
            all.insert((reason, role, true));
            all.insert((reason, role, false));
        }
        for reason in [TagAbsent, TagFormat, ChannelMiss, Pruned] {
            all.insert((reason, role, false));
        }
    }
    for reason in [ReservedAddress, TagPresent, TagDepth, ReservedVlan, SourceUnbound] {
        all.insert((reason, Role::Extender, true));
        all.insert((reason, Role::Bridge, false));
    }
    all
}

#[test]
fn model_delivers_what_reference_delivers_and_every_drop_reason_is_reached() {
    let seen = Mutex::new(Seen::new());
    let number = |name| std::env::var(name).ok().map(|n| n.parse::<u64>().expect("a number"));
    if let Some(seed) = number("VIREO_SEED") {
        return run_case(seed, &seen);
    }
    let cases = number("VIREO_CASES").unwrap_or(CASES);
    let next = AtomicU64::new(0);
    let failed = Mutex::new(Vec::new());
    crossbeam::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|_| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= cases || !failed.lock().expect("no thread died").is_empty() {
                        return;
                    }
                    if std::panic::catch_unwind(|| run_case(seed, &seen)).is_err() {
                        failed.lock().expect("no thread died").push(seed);
                    }
                }
            });
        }
    })
    .expect("no thread died");
    let failed = failed.into_inner().expect("no thread died");
    assert!(
        failed.is_empty(),
        "case {} differs; repeat it: VIREO_SEED={} cargo test -p vireo-tests --test equivalence",
        failed[0],
        failed[0]
    );
    let seen = seen.into_inner().expect("no thread died");
    let missed: Vec<_> = reachable().difference(&seen).copied().collect();
    assert!(missed.is_empty(), "never reached: {missed:?}");
    let beyond: Vec<_> = seen.difference(&reachable()).copied().collect();
    assert!(beyond.is_empty(), "reached where docs/rules.md has none: {beyond:?}");
    println!("{cases} cases, {} reasons by role and direction", seen.len());
}
