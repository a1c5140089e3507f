// SPDX-License-Identifier: MIT
//! `vireo` with no argument: the demonstration. Two hosts, a bridge between them, recorded traffic and two bad guests, cycle by
//! cycle; then a text for a person, made of what happened, and a folder with all of it.

mod bridge;
mod folder;
mod guests;
mod network;
mod story;

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use crate::cli::{Failure, print};
use crate::config::Endpoint;
use crate::run::RunError;
use folder::Folder;
use network::{Network, NetworkError, Plan};

/// Where everything is left, in the current directory.
const FOLDER: &str = "vireo-demo";
/// The host of the spoofing guest and of the one with four interfaces.
const HOST_A: Plan = Plan { name: "host-a", toml: include_str!("host-a.toml") };
/// The controlling bridge.
const BRIDGE: Plan = Plan { name: "bridge", toml: include_str!("bridge.toml") };
/// The host of the forging guest.
const HOST_B: Plan = Plan { name: "host-b", toml: include_str!("host-b.toml") };

impl From<NetworkError> for Failure {
    fn from(error: NetworkError) -> Self {
        Self { status: 1, text: error.to_string() }
    }
}

fn not_written(error: RunError) -> Failure {
    let text = format!(
        "{error}\nthe demonstration leaves a folder {FOLDER} where it is started: start it where that can be written"
    );
    Failure { status: 1, text }
}

/// Runs the demonstration.
///
/// # Errors
/// The folder cannot be written, or the model differs from the reference; nothing is then left half-written.
pub(crate) fn main() -> Result<ExitCode, Failure> {
    let plans = [HOST_A, BRIDGE, HOST_B];
    let shown = HOST_A.config().map_err(NetworkError::from)?;
    let victim = shown.find(guests::VICTIM).map_or(0, Endpoint::index);
    let forged = shown.ports[victim].channel;

    let folder = Folder::create(Path::new(FOLDER), &plans).map_err(not_written)?;
    let wave = folder.wave(HOST_A.name, shown.geometry(network::WIDTH)).map_err(not_written)?;
    let wave = Arc::new(Mutex::new(wave));
    let network = Network::new(&plans, (HOST_A.name, &wave))?;
    let history = network.run(guests::traffic(forged))?;
    folder.write(&plans, &history, wave).map_err(not_written)?;
    print(&story::text(&history))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::beside::Difference;

    #[test]
    fn machine_that_differs_from_the_reference_is_named_and_fails_the_demonstration() {
        let error = Difference::Register { address: 0x200, expected: 3, found: 4 };
        let failure = Failure::from(NetworkError::Difference { machine: BRIDGE.name, error });
        assert_eq!(failure.status, 1);
        assert!(failure.text.starts_with("bridge: the engine differs"), "{}", failure.text);
    }
}
