// SPDX-License-Identifier: MIT
//! `vireo scenario`: one file of frames and of what a driver does, played on any engines, and their results compared.

mod compare;
mod file;
mod play;

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;
use vireo_spec::geometry::Width;

use crate::engine::clocked::Unkindness;
use crate::engine::kind::EngineKind;
use crate::run::RunError;

pub use compare::Disagreement;
pub use file::{Scenario, ScenarioError, Step, What};
pub use play::{Done, Played};

/// What `vireo scenario` is asked to do.
#[derive(Clone, Debug)]
pub struct Job {
    /// The scenario.
    pub file: PathBuf,
    /// The engines, the first of which the others are compared with.
    pub engines: Vec<EngineKind>,
    /// The folder for what comes out, a folder in it for each engine.
    pub out: PathBuf,
    /// Width of the streams.
    pub width: Width,
    /// Gaps and stalls, and the seed of all random numbers.
    pub unkindness: Unkindness,
}

/// What came of a scenario.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// By engine, in the order of the job.
    pub engines: Vec<Played>,
    /// What any of them did otherwise than the first.
    pub disagreements: Vec<Disagreement>,
}

/// Plays a scenario on all engines of a job, on machines of one size, and compares what came of it.
///
/// # Errors
/// [`RunError`]; if it [is bad input](RunError::is_bad_input), nothing was written.
pub fn run(job: &Job) -> Result<Outcome, RunError> {
    let scenario = Scenario::load(&job.file)?;
    let mut geometry = scenario.config.geometry(job.width);
    for kind in &job.engines {
        let fitting = kind.geometry(geometry);
        geometry =
            fitting.map_err(|source| RunError::NotOffered { engine: kind.name(), source })?;
    }
    let folder = |kind: &EngineKind| job.out.join(kind.name());
    let mut engines = Vec::new();
    for kind in &job.engines {
        engines.push(play::play(&scenario, *kind, geometry, job.unkindness, &folder(kind))?);
    }
    let folders: Vec<_> = job.engines.iter().map(folder).collect();
    let disagreements = compare::all(&engines, &folders)?;
    Ok(Outcome { engines, disagreements })
}

impl Outcome {
    /// All of it as JSON, with a newline at its end.
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("an outcome is plain data");
        json.push('\n');
        json
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, others)) = self.engines.split_first() else { return Ok(()) };
        writeln!(f, "{}", first.report)?;
        for Done { line, what, began_ns, done_ns } in &first.steps {
            if let (Some(began), Some(done)) = (began_ns, done_ns) {
                let us = |ns: &u64| *ns as f64 / 1000.0;
                writeln!(f, "line {line}: {what}, {:.3} to {:.3} us", us(began), us(done))?;
            }
        }
        for disagreement in &self.disagreements {
            writeln!(f, "{disagreement}")?;
        }
        for other in others {
            let name = &other.report.engine;
            if self.disagreements.iter().all(|disagreement| disagreement.engine != *name) {
                writeln!(f, "{name} agrees with {}", first.report.engine)?;
            }
        }
        Ok(())
    }
}
