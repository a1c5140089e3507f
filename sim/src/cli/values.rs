// SPDX-License-Identifier: MIT
//! What the texts of options mean: engines, widths, probabilities.

use clap::ValueEnum;
use vireo_spec::geometry::Width;

use crate::engine::kind::{EngineKind, PinKind};

/// What brings the machine to life
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum EngineName {
    /// The rules, frame by frame, without time
    Reference,
    /// The cycle model: every pin in every cycle
    Model,
    /// The hardware in rust-hdl's kernel: a few thousand cycles a second
    Hdl,
    /// The hardware's Verilog, which Verilator builds once and keeps ($VIREO_CACHE, or vireo in the user's cache)
    Verilator,
    /// Two of model, hdl and verilator (--sides) with the same inputs, every output pin compared in every cycle
    Lockstep,
}

impl EngineName {
    pub(super) fn kind(self, sides: [PinKind; 2]) -> EngineKind {
        match self {
            Self::Reference => EngineKind::Reference,
            Self::Model => EngineKind::Pins(PinKind::Model),
            Self::Hdl => EngineKind::Pins(PinKind::Hdl),
            Self::Verilator => EngineKind::Pins(PinKind::Verilator),
            Self::Lockstep => EngineKind::Lockstep(sides),
        }
    }
}

pub(super) fn width(text: &str) -> Result<Width, String> {
    let bits = text.parse().map_err(|_| "a number of bits".to_string())?;
    Width::from_bits(bits).ok_or_else(|| "a width is 64, 128, 256 or 512 bits".into())
}

pub(super) fn sides(text: &str) -> Result<[PinKind; 2], String> {
    let side = |name| PinKind::from_str(name, false);
    match text.split_once(',') {
        Some((first, second)) => Ok([side(first)?, side(second)?]),
        None => Err("two engines, such as model,verilator".into()),
    }
}

pub(super) fn probability(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(p) if (0.0..=0.99).contains(&p) => Ok(p),
        _ => Err("a probability is a number from 0 to 0.99".into()),
    }
}
