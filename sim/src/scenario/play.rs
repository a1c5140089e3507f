// SPDX-License-Identifier: MIT
//! Plays a scenario on one engine: the frames enter at their times, and the driver does its steps through registers meanwhile.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs;
use std::path::Path;

use serde::Serialize;
use vireo_driver::Device;
use vireo_spec::geometry::Geometry;

use super::file::{Scenario, Step, What};
use crate::engine::clocked::Unkindness;
use crate::engine::kind::EngineKind;
use crate::engine::{Arrival, Departure, Engine};
use crate::program::program;
use crate::report::{Report, Streams};
use crate::run::{Captures, RunError, engine, write_report};

/// What came of a scenario on one engine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Played {
    /// What was counted.
    pub report: Report,
    /// What the driver did.
    pub steps: Vec<Done>,
}

/// A step that is done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Done {
    /// Its line in the scenario.
    pub line: usize,
    /// The key that asks for it.
    pub what: &'static str,
    /// When it began, in nanoseconds; none without time.
    pub began_ns: Option<u64>,
    /// When it was done.
    pub done_ns: Option<u64>,
}

/// The engine and what is to enter it.
struct Stage<'a> {
    /// Of an engine without time: what has not entered yet.
    waiting: VecDeque<Arrival>,
    captures: Captures<'a>,
}

impl Stage<'_> {
    /// Lets time pass until `until_ns`: cycle by cycle, or, without time, frame by frame.
    fn pass(&mut self, engine: &mut dyn Engine, until_ns: u64) {
        let Self { waiting, captures } = self;
        let mut sink = |departure: Departure<'_>| captures.take(&departure);
        if engine.now_ns().is_some() {
            while engine.now_ns().is_some_and(|now| now < until_ns) {
                engine.step(&mut sink);
            }
            return;
        }
        while waiting.front().is_some_and(|frame| frame.timestamp_ns < until_ns) {
            waiting.drain(..1).for_each(|frame| engine.offer(frame));
            engine.run(&mut sink);
        }
    }
}

/// Plays `scenario` on a machine of `geometry`; captures and report go into `out`.
///
/// # Errors
/// [`RunError`]; a step that the driver refuses is named by its line.
pub(super) fn play(
    scenario: &Scenario,
    kind: EngineKind,
    geometry: Geometry,
    unkindness: Unkindness,
    out: &Path,
) -> Result<Played, RunError> {
    let made = kind.machine(geometry);
    let made = made.map_err(|source| RunError::Make { engine: kind.name(), source })?;
    fs::create_dir_all(out).map_err(|error| RunError::Out { path: out.into(), error })?;
    let (engine, _) = engine(made, geometry, unkindness, None);
    let mut device = Device::discover(engine)?;
    program(&mut device, &scenario.config, unkindness.seed)?;

    let engine = device.bus_mut();
    engine.begin();
    let timed = engine.now_ns().is_some();
    let frames = scenario.frames.iter().cloned();
    let waiting = if timed {
        frames.for_each(|frame| engine.offer(frame));
        VecDeque::new()
    } else {
        frames.collect()
    };
    let stage = RefCell::new(Stage { waiting, captures: Captures::new(&scenario.config, out) });
    let mut steps = Vec::new();
    for step in &scenario.steps {
        stage.borrow_mut().pass(device.bus_mut().as_mut(), step.at_ns);
        let began_ns = device.bus_mut().now_ns();
        let wait = |engine: &mut Box<dyn Engine>, for_ns: u64| {
            let from = engine.now_ns().unwrap_or(step.at_ns);
            stage.borrow_mut().pass(engine.as_mut(), from + for_ns);
        };
        perform(&mut device, scenario, step, wait)
            .map_err(|source| RunError::Step { line: step.line, source })?;
        let (what, done_ns) = (step.what.name(), device.bus_mut().now_ns());
        steps.push(Done { line: step.line, what, began_ns, done_ns });
    }
    let Stage { waiting, mut captures } = stage.into_inner();
    let engine = device.bus_mut();
    waiting.into_iter().for_each(|frame| engine.offer(frame));
    engine.run(&mut |departure| captures.take(&departure));
    let (streams, cycles) = (Streams::new(engine.as_ref(), geometry.width()), engine.cycles());
    device.snapshot()?;
    let (bits, config) = (geometry.width().bits(), &scenario.config);
    let counters = device.counters();
    let mut report = Report::new(kind.name(), bits, cycles, &config.names(), counters);
    report.streams = streams;
    captures.finish()?;
    write_report(&report, out)?;
    Ok(Played { report, steps })
}

/// Does a step; `wait` lets nanoseconds pass while frames flow.
fn perform(
    device: &mut Device<Box<dyn Engine>>,
    scenario: &Scenario,
    step: &Step,
    wait: impl FnOnce(&mut Box<dyn Engine>, u64),
) -> Result<(), vireo_driver::Error> {
    let channel = |group: usize| scenario.config.groups[group].channel;
    match &step.what {
        What::Enable { port } => device.enable_port(*port),
        What::Disable { port } => device.disable_port(*port),
        What::Bind { port, mac, vlan } => device.bind(*port, *mac, *vlan),
        What::Unbind { port, mac, vlan } => device.unbind(*port, *mac, *vlan),
        What::Join { group, port } => device.join_group(*port, channel(*group)),
        What::Leave { group, port } => device.leave_group(*port, channel(*group)),
        What::Move { port, link, channel: to, groups, drain_ns } => {
            let groups: Vec<_> = groups.iter().map(|group| channel(*group)).collect();
            device.move_port(*port, *link, *to, &groups, |engine| wait(engine, *drain_ns))
        }
        What::Delete { port } => device.delete_port(*port),
    }
}
