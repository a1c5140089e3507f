// SPDX-License-Identifier: MIT
//! Loss, duplication and reordering, each with each: how soon all VSIs are confirmed, what it costs to keep them, and how soon
//! both sides agree once the link is good. `VIREO_BLESS=1` puts today's figures into grid.txt.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Duration;

use vireo_association::carrier::Faults;
use vireo_association::vdp::Limits;
use vireo_association::wire::vdp::Command;

use crate::world::{OPERATING, World, key, mac_vid, vsi};

const VSIS: u32 = 24;
const SEEDS: u64 = 8;
/// How long the link is bad.
const PERIODS: u32 = 40;
const STEP: Duration = Duration::from_millis(1);
const DELAY: std::ops::Range<Duration> = Duration::from_micros(50)..Duration::from_micros(400);

/// Of a cell of the grid, its seeds together.
#[derive(Default)]
struct Figures {
    /// Until each VSI was confirmed, ms; the worst of the seeds.
    confirmed: u64,
    /// Frames.
    frames: u64,
    repetitions: u64,
    given_up: u64,
    /// Requests that no answer came to.
    unanswered: u64,
    /// VSIs that the bridge took for silent.
    silent: u64,
    /// Until both agree when the link is good, ms; the worst of the seeds.
    agree: u64,
}

/// Wants all VSIs; who loses one wants it again.
fn want_all(world: &mut World) {
    for number in 0..VSIS {
        if !world.wanted.contains_key(&key(number)) {
            world.want(Command::Associate, vsi(number, mac_vid(number, 0))).unwrap();
        }
    }
}

impl Figures {
    fn add(&mut self, faults: &Faults, seed: u64) {
        let mut world = World::new(OPERATING, Limits::default(), faults.clone(), seed);
        want_all(&mut world);
        let end = world.now + OPERATING.keep_alive() * PERIODS;
        let mut open: Vec<_> = (0..VSIS).collect();
        while world.now < end {
            world.run(STEP);
            open.retain(|&number| !world.told.contains_key(&key(number)));
            if !open.is_empty() {
                self.confirmed = self.confirmed.max(world.now.micros() / 1000);
            }
            want_all(&mut world);
        }
        world.link.set_faults(Faults { delay: DELAY, ..Faults::default() });
        let good = world.now;
        while !(world.agree() && world.told.len() == VSIS as usize) {
            world.run(STEP);
            let waited = world.now.since(good);
            assert!(waited < OPERATING.silence() + OPERATING.keep_alive() * 3, "{faults:?} {seed}");
            want_all(&mut world);
        }
        self.agree = self.agree.max(world.now.since(good).as_millis() as u64);
        self.frames += world.link.counters().sent;
        for ecp in [world.station.ecp_counters(), world.bridge.ecp_counters()] {
            self.repetitions += ecp.repetitions;
            self.given_up += ecp.given_up;
        }
        self.unanswered += world.station.counters().unanswered;
        self.silent += world.bridge.counters().silent;
    }
}

fn table() -> String {
    let mut table = format!(
        "{VSIS} VSIs for {PERIODS} keep-alive periods of {} ms, {SEEDS} seeds together; the worst seed where it says so\n\n\
         loss % | doubled % | reordered % | confirmed, worst ms | frames | repeated | given up | unanswered | silent | agree, worst ms\n",
        OPERATING.keep_alive().as_millis()
    );
    for loss in [0, 5, 20, 40] {
        for doubled in [0, 5, 20] {
            for reordered in [0, 5, 20, 40] {
                let [loss_, duplication, reordering] =
                    [loss, doubled, reordered].map(|percent| f64::from(percent) / 100.0);
                let corruption = 0.0;
                let faults =
                    Faults { loss: loss_, duplication, reordering, corruption, delay: DELAY };
                let mut figures = Figures::default();
                (0..SEEDS).for_each(|seed| figures.add(&faults, seed));
                let Figures { confirmed, frames, repetitions, given_up, unanswered, silent, agree } =
                    figures;
                writeln!(
                    table,
                    "{loss:6} | {doubled:9} | {reordered:11} | {confirmed:19} | {frames:6} | {repetitions:8} | \
                     {given_up:8} | {unanswered:10} | {silent:6} | {agree:15}"
                )
                .unwrap();
                // While the link is bad, too.
                let periods = if loss < 40 { 5 } else { 20 };
                let bound = OPERATING.keep_alive().as_millis() as u64 * periods;
                assert!(confirmed < bound, "confirmed after {confirmed} ms: {faults:?}");
            }
        }
    }
    table
}

#[test]
fn what_a_bad_link_costs_is_what_the_table_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines/grid.txt");
    let table = table();
    if std::env::var_os("VIREO_BLESS").is_some() {
        fs::write(&page, table).unwrap();
    } else {
        let kept = fs::read_to_string(&page).unwrap();
        assert_eq!(kept, table, "tests/machines/grid.txt is not what comes out today");
    }
}
