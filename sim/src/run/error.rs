// SPDX-License-Identifier: MIT
//! Why a run did not come to its end.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use vireo_driver::DiscoverError;
use vireo_machines::MachineError;

use crate::capture::{CaptureError, CaptureFault};
use crate::config::ConfigErrors;
use crate::engine::kind::MakeError;
use crate::engine::lockstep::Difference;
use crate::scenario::ScenarioError;

/// Why a run did not come to its end.
#[derive(Debug, Error)]
pub enum RunError {
    /// The configuration is wrong.
    #[error("{0}")]
    Config(#[from] ConfigErrors),
    /// A capture is broken, or could not be written.
    #[error("{0}")]
    Capture(#[from] CaptureError),
    /// A scenario is wrong.
    #[error("{0}")]
    Scenario(#[from] ScenarioError),
    /// The driver refused a step of a scenario, or the machine did.
    #[error("the step in line {line}: {source}")]
    Step {
        /// Its line.
        line: usize,
        /// Why.
        source: vireo_driver::Error,
    },
    /// `--in` names what the configuration does not have.
    #[error("--in {name}: {problem}")]
    Input {
        /// What was named.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The engine has no pins to show.
    #[error("--wave: engine reference has no pins; take engine model")]
    NoPins,
    /// No machine of the engine holds the configuration.
    #[error("--engine {engine}: {source}")]
    NotOffered {
        /// The engine.
        engine: &'static str,
        /// Which there are.
        source: MachineError,
    },
    /// The engine's machine cannot be made on this computer.
    #[error("--engine {engine}: {source}")]
    Make {
        /// The engine.
        engine: &'static str,
        /// What is missing.
        source: MakeError,
    },
    /// The two machines of a lockstep are not the same.
    #[error("{difference}\nthe pins before it and the frames in flight: {folder}\nto repeat it: {command}", folder = folder.display())]
    Differs {
        /// The first difference.
        difference: Box<Difference>,
        /// What was left of it.
        folder: PathBuf,
        /// What repeats it: the seed of everything random stands in it.
        command: String,
    },
    /// The waveform would take the place of something else that the run writes.
    #[error("--wave {path}: the run writes its captures and its report there; name another file", path = .0.display())]
    WaveTaken(PathBuf),
    /// The machine cannot be driven.
    #[error("{0}")]
    Discover(#[from] DiscoverError),
    /// The machine refused its configuration.
    #[error("{0}")]
    Driver(#[from] vireo_driver::Error),
    /// `--out` can be no folder.
    #[error("{path}: cannot be made a folder: {error}; name another with --out", path = path.display())]
    Out {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A file could not be written, or one of an earlier run not be removed.
    #[error("{path}: cannot be written: {error}", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl RunError {
    /// Whether the caller's input is wrong, and nothing was written.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::Config(_)
            | Self::Input { .. }
            | Self::NoPins
            | Self::Scenario(_)
            | Self::NotOffered { .. }
            | Self::WaveTaken(_) => true,
            Self::Capture(error) => !matches!(error.fault, CaptureFault::Write(_)),
            Self::Make { .. }
            | Self::Differs { .. }
            | Self::Discover(_)
            | Self::Driver(_)
            | Self::Step { .. }
            | Self::Out { .. }
            | Self::Write { .. } => false,
        }
    }
}

/// A refusal of the disk, as an error of the run.
pub(super) fn at_path(path: &Path) -> impl FnOnce(io::Error) -> RunError {
    let path = path.to_owned();
    move |error| RunError::Write { path, error }
}
