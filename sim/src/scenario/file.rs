// SPDX-License-Identifier: MIT
//! A scenario as a file: a machine, frames that enter it, and what its driver does at which time. docs/scenario.md describes
//! every key. Everything that can be wrong with it is found before anything runs.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;
use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::tag::Channel;

use crate::config::{Config, ConfigErrors, Endpoint};
use crate::engine::Arrival;
use crate::input_file::{InputFile, InputFileError};
use crate::run::{Input, RunError, arrivals};

/// A scenario that is whole: every name in it is that of something that there is.
#[derive(Debug)]
pub struct Scenario {
    /// The machine, as it is when time begins.
    pub config: Config,
    /// Frames in the order of their timestamps, which count from there.
    pub frames: Vec<Arrival>,
    /// What the driver does, by time.
    pub steps: Vec<Step>,
}

/// Something that the driver does.
#[derive(Clone, Debug)]
pub struct Step {
    /// When it begins, or as soon as what was before it is done.
    pub at_ns: u64,
    /// The line of the file.
    pub line: usize,
    /// What it is.
    pub what: What,
}

/// What a driver can do. Indices are those of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the names say it
pub enum What {
    Enable { port: u8 },
    Disable { port: u8 },
    Bind { port: u8, mac: Option<MacAddr>, vlan: VlanId },
    Unbind { port: u8, mac: Option<MacAddr>, vlan: VlanId },
    Join { group: usize, port: u8 },
    Leave { group: usize, port: u8 },
    Move { port: u8, link: u8, channel: Channel, groups: Vec<usize>, drain_ns: u64 },
    Delete { port: u8 },
}

impl What {
    /// The key that asks for it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Enable { .. } => "enable",
            Self::Disable { .. } => "disable",
            Self::Bind { .. } => "bind",
            Self::Unbind { .. } => "unbind",
            Self::Join { .. } => "join",
            Self::Leave { .. } => "leave",
            Self::Move { .. } => "move",
            Self::Delete { .. } => "delete",
        }
    }
}

/// Why a file is no scenario.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// The file itself.
    #[error(transparent)]
    File(#[from] InputFileError),
    /// The machine's configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    machine: PathBuf,
    #[serde(default)]
    send: Vec<Send>,
    #[serde(default)]
    at: Vec<Spanned<At>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Send {
    into: Spanned<String>,
    file: PathBuf,
    #[serde(default)]
    us: Option<Spanned<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    us: Spanned<f64>,
    enable: Option<Spanned<String>>,
    disable: Option<Spanned<String>>,
    bind: Option<Binding>,
    unbind: Option<Binding>,
    join: Option<Membership>,
    leave: Option<Membership>,
    #[serde(rename = "move")]
    moves: Option<Move>,
    delete: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Binding {
    port: Spanned<String>,
    mac: Option<Spanned<String>>,
    vlan: Spanned<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Membership {
    group: Spanned<String>,
    port: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    port: Spanned<String>,
    link: Spanned<String>,
    channel: Spanned<u32>,
    #[serde(default)]
    extension: u8,
    #[serde(default)]
    groups: Vec<Spanned<String>>,
    drain_us: Spanned<f64>,
}

/// The file that is read: where things stand in it, and what they are called.
struct Reader {
    input: InputFile,
    config: Config,
}

type Read<T> = Result<T, ScenarioError>;

impl Scenario {
    /// Reads a scenario. Files that it names stand beside it.
    ///
    /// # Errors
    /// [`ScenarioError`] with file, line and column, or what is wrong with a capture.
    pub fn load(path: &Path) -> Result<Self, RunError> {
        let input = InputFile::read(path).map_err(ScenarioError::from)?;
        let file: File = input.parse().map_err(ScenarioError::from)?;
        let beside = path.parent().unwrap_or(Path::new(""));
        let config = Config::load(beside.join(&file.machine))?;
        let reader = Reader { input, config };
        let mut frames = Vec::new();
        for send in &file.send {
            frames.extend(reader.send(send, beside)?);
        }
        // Stable: frames of one time enter in the order of the file.
        frames.sort_by_key(|frame| frame.timestamp_ns);
        let mut steps = file.at.iter().map(|at| reader.step(at)).collect::<Read<Vec<_>>>()?;
        steps.sort_by_key(|step| step.at_ns);
        Ok(Self { config: reader.config, frames, steps })
    }
}

impl Reader {
    fn wrong<T>(&self, at: &Spanned<impl Sized>, problem: impl Into<String>) -> Read<T> {
        Err(self.input.wrong(at, problem).into())
    }

    fn ns(&self, us: &Spanned<f64>) -> Read<u64> {
        let value = *us.get_ref();
        if (0.0..=1e9).contains(&value) {
            return Ok((value * 1000.0).round() as u64);
        }
        self.wrong(us, format!("a time is 0 to 1e9 microseconds, not {value}"))
    }

    /// A capture's frames, at their distances from `us` on.
    fn send(&self, send: &Send, beside: &Path) -> Result<Vec<Arrival>, RunError> {
        let from = send.us.as_ref().map_or(Ok(0), |us| self.ns(us))?;
        let into = format!("{}={}", send.into.get_ref(), beside.join(&send.file).display());
        let input: Input = match into.parse() {
            Ok(input) => input,
            Err(problem) => return Ok(self.wrong(&send.into, problem)?),
        };
        let mut frames = arrivals(&self.config, &input)?;
        let first = frames.first().map_or(0, |frame| frame.timestamp_ns);
        for frame in &mut frames {
            frame.timestamp_ns = frame.timestamp_ns.saturating_sub(first) + from;
        }
        Ok(frames)
    }

    fn step(&self, at: &Spanned<At>) -> Read<Step> {
        let entry = at.get_ref();
        let mut steps = Vec::new();
        if let Some(name) = &entry.enable {
            steps.push(What::Enable { port: self.port(name)? });
        }
        if let Some(name) = &entry.disable {
            steps.push(What::Disable { port: self.port(name)? });
        }
        if let Some(name) = &entry.delete {
            steps.push(What::Delete { port: self.port(name)? });
        }
        if let Some(binding) = &entry.bind {
            let (port, mac, vlan) = self.binding(binding)?;
            steps.push(What::Bind { port, mac, vlan });
        }
        if let Some(binding) = &entry.unbind {
            let (port, mac, vlan) = self.binding(binding)?;
            steps.push(What::Unbind { port, mac, vlan });
        }
        if let Some(Membership { group, port }) = &entry.join {
            steps.push(What::Join { group: self.group(group)?, port: self.port(port)? });
        }
        if let Some(Membership { group, port }) = &entry.leave {
            steps.push(What::Leave { group: self.group(group)?, port: self.port(port)? });
        }
        if let Some(moves) = &entry.moves {
            steps.push(self.moves(moves)?);
        }
        let (Some(what), true) = (steps.pop(), steps.is_empty()) else {
            return self.wrong(
                at,
                "an [[at]] does one thing: enable, disable, bind, unbind, join, leave, move or delete",
            );
        };
        let line = self.input.position(at).line;
        Ok(Step { at_ns: self.ns(&entry.us)?, line, what })
    }

    fn moves(&self, moves: &Move) -> Read<What> {
        let channel = *moves.channel.get_ref();
        match Channel::from_config(self.config.family, channel, moves.extension, false) {
            Ok(channel) => Ok(What::Move {
                port: self.port(&moves.port)?,
                link: self.link(&moves.link)?,
                channel,
                groups: moves.groups.iter().map(|name| self.group(name)).collect::<Read<_>>()?,
                drain_ns: self.ns(&moves.drain_us)?,
            }),
            Err(error) => self.wrong(&moves.channel, error.to_string()),
        }
    }

    fn binding(&self, binding: &Binding) -> Read<(u8, Option<MacAddr>, VlanId)> {
        let mac = match &binding.mac {
            None => None,
            Some(text) => match text.get_ref().parse::<MacAddr>() {
                Ok(mac) if mac.is_group() => {
                    return self.wrong(text, format!("{mac} is a group's address, no source's"));
                }
                Ok(mac) => Some(mac),
                Err(error) => return self.wrong(text, error.to_string()),
            },
        };
        let vlan = *binding.vlan.get_ref();
        if vlan >= VlanId::RESERVED.get() {
            return self.wrong(&binding.vlan, format!("a VLAN is 0 to 4094, not {vlan}"));
        }
        Ok((self.port(&binding.port)?, mac, VlanId::from_tci(vlan)))
    }

    fn port(&self, name: &Spanned<String>) -> Read<u8> {
        match self.config.find(name.get_ref()) {
            Some(Endpoint::Port(port)) => Ok(port as u8),
            _ => self.wrong(name, format!("the machine has no port {:?}", name.get_ref())),
        }
    }

    fn link(&self, name: &Spanned<String>) -> Read<u8> {
        match self.config.find(name.get_ref()) {
            Some(Endpoint::Link(link)) => Ok(link as u8),
            _ => self.wrong(name, format!("the machine has no link {:?}", name.get_ref())),
        }
    }

    fn group(&self, name: &Spanned<String>) -> Read<usize> {
        match self.config.find(name.get_ref()) {
            Some(Endpoint::Group(group)) => Ok(group),
            _ => self.wrong(name, format!("the machine has no group {:?}", name.get_ref())),
        }
    }
}
