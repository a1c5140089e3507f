// SPDX-License-Identifier: MIT
//! `--in`: a capture, and where its frames enter.

use std::fmt;
use std::path::PathBuf;

use vireo_spec::ether::Priority;
use vireo_spec::pins::StreamId;

use super::RunError;
use crate::capture;
use crate::config::{Config, Endpoint};
use crate::engine::{Arrival, Side};

/// Where the frames of a capture enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// A port, link or group of the configuration.
    pub name: String,
    /// Of a group's frames: the virtual port by which they entered the bridge.
    pub source: Option<String>,
    /// The frames are the control plane's, for this link or port.
    pub control: bool,
    /// The capture.
    pub file: PathBuf,
}

impl std::str::FromStr for Input {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = text
            .split_once('=')
            .ok_or("expected NAME=FILE, GROUP@PORT=FILE or control@NAME=FILE")?;
        if name.is_empty() || file.is_empty() {
            return Err("neither the name nor the file may be empty".into());
        }
        let (name, source, control) = match name.split_once('@') {
            Some(("control", name)) => (name, None, true),
            Some((name, source)) => (name, Some(source.to_owned()), false),
            None => (name, None, false),
        };
        Ok(Self { name: name.to_owned(), source, control, file: file.into() })
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, source, control, file } = self;
        let control = if *control { "control@" } else { "" };
        let source = source.iter().map(|source| format!("@{source}")).collect::<String>();
        write!(f, "{control}{name}{source}={}", file.display())
    }
}

/// The frames of one `--in`.
pub(crate) fn arrivals(config: &Config, input: &Input) -> Result<Vec<Arrival>, RunError> {
    let wrong = |name: &str, problem| Err(RunError::Input { name: name.into(), problem });
    let Some(endpoint) = config.find(&input.name) else {
        return wrong(&input.name, "the configuration has no port, link or group of this name");
    };
    let mut source = None;
    if let Some(name) = &input.source {
        match (endpoint, config.find(name)) {
            (Endpoint::Group(_), Some(Endpoint::Port(port))) => source = Some(port as u8),
            (Endpoint::Group(_), _) => return wrong(name, "the configuration has no such port"),
            _ => {
                return wrong(
                    &input.name,
                    "only a group's frames have a port that they entered by",
                );
            }
        }
    }
    let index = endpoint.index() as u8;
    let (side, id) = match (endpoint, input.control) {
        (Endpoint::Port(_), false) => (Side::Ports, StreamId::Port(index)),
        (Endpoint::Port(_), true) => (Side::Ports, StreamId::PortControl(index)),
        (Endpoint::Link(_), false) => (Side::Links, StreamId::Port(index)),
        (Endpoint::Link(_), true) => (Side::Ports, StreamId::LinkControl(index)),
        (Endpoint::Group(_), false) => (Side::Ports, StreamId::Group(index)),
        (Endpoint::Group(_), true) => return wrong(&input.name, "a group has no control plane"),
    };
    let arrival = |frame: capture::Frame| Arrival {
        timestamp_ns: frame.timestamp_ns,
        side,
        id,
        source,
        priority: Priority::default(),
        octets: frame.octets,
        bad: false,
    };
    Ok(capture::read(&input.file)?.into_iter().map(arrival).collect())
}
