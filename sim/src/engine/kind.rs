// SPDX-License-Identifier: MIT
//! Which engine brings a machine to life, and what it takes to make it.

use clap::ValueEnum;
use indicatif::ProgressBar;
use thiserror::Error;
use vireo_machines::{self as machines, MachineError};
use vireo_model::pipeline;
use vireo_spec::geometry::Geometry;
use vireo_spec::pins::Clocked;

use super::lockstep::{Lockstep, Watch};
use super::verilator::{Verilated, VerilatorError};

/// A machine with pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PinKind {
    /// The cycle model.
    Model,
    /// The hardware in rust-hdl's kernel.
    Hdl,
    /// The printed Verilog, built by Verilator.
    Verilator,
}

/// An engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    /// The rules, frame by frame, without time.
    Reference,
    /// A machine with pins.
    Pins(PinKind),
    /// Two machines with the same inputs, every output pin compared in every cycle.
    Lockstep([PinKind; 2]),
}

/// Why there is no machine.
#[derive(Debug, Error)]
pub enum MakeError {
    /// It is not compiled in.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// Its Verilog cannot be built on this computer.
    #[error(transparent)]
    Verilator(#[from] VerilatorError),
}

/// A machine with pins that has just been reset, and where a difference will show if it is two.
pub type Made = (Box<dyn Clocked>, Option<Watch>);

impl PinKind {
    /// The name on the command line and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Hdl => "hdl",
            Self::Verilator => "verilator",
        }
    }

    /// The machine that stands for one of at least this geometry: hardware is there in some sizes only.
    ///
    /// # Errors
    /// [`MachineError::TooSmall`]
    pub fn geometry(self, wanted: Geometry) -> Result<Geometry, MachineError> {
        match self {
            Self::Model => Ok(wanted),
            Self::Hdl | Self::Verilator => machines::fitting(wanted),
        }
    }

    /// A machine that has just been reset. Says on a terminal that Verilator is at work, which takes a while once.
    ///
    /// # Errors
    /// What is not compiled in, or not installed.
    pub fn machine(self, geometry: Geometry) -> Result<Box<dyn Clocked>, MakeError> {
        Ok(match self {
            Self::Model => pipeline::machine(geometry),
            Self::Hdl => Box::new(machines::kernel(geometry)?),
            Self::Verilator => {
                let spinner = ProgressBar::new_spinner()
                    .with_message("Verilator builds the machine, unless it has done so before");
                spinner.enable_steady_tick(std::time::Duration::from_millis(100));
                let built = Verilated::build(&machines::print(geometry)?, geometry);
                spinner.finish_and_clear();
                Box::new(built?)
            }
        })
    }
}

impl EngineKind {
    /// The name on the command line and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Pins(kind) => kind.name(),
            Self::Lockstep(_) => "lockstep",
        }
    }

    /// The machine that stands for one of at least this geometry.
    ///
    /// # Errors
    /// [`MachineError::TooSmall`]
    pub fn geometry(self, wanted: Geometry) -> Result<Geometry, MachineError> {
        match self {
            Self::Reference => Ok(wanted),
            Self::Pins(kind) => kind.geometry(wanted),
            Self::Lockstep([first, second]) => second.geometry(first.geometry(wanted)?),
        }
    }

    /// Its machine, if it is an engine with pins.
    ///
    /// # Errors
    /// As [`PinKind::machine`].
    pub fn machine(self, geometry: Geometry) -> Result<Option<Made>, MakeError> {
        Ok(match self {
            Self::Reference => None,
            Self::Pins(kind) => Some((kind.machine(geometry)?, None)),
            Self::Lockstep(sides) => {
                let [first, second] = sides;
                let first = (first.name(), first.machine(geometry)?);
                let second = (second.name(), second.machine(geometry)?);
                let lockstep = Lockstep::new(geometry, first, second);
                let watch = lockstep.watch();
                Some((Box::new(lockstep), Some(watch)))
            }
        })
    }
}
