// SPDX-License-Identifier: MIT
//! Why a program of the association protocol does not run, or has ended.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use vireo_association::carrier::CarrierError;
use vireo_driver::controller::RestoreError;
use vireo_driver::{DiscoverError, Error};

use crate::config::ConfigErrors;
use crate::input_file::InputFileError;

/// Why a program of the association protocol does not run, or has ended.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The machine's configuration is wrong.
    #[error("{0}")]
    Config(#[from] ConfigErrors),
    /// The policy is wrong.
    #[error("{0}")]
    Policy(#[from] InputFileError),
    /// A machine for the other end of the link.
    #[error("{file}: role: expected {expected:?}, found {found:?}; {expected} is what this command runs", file = file.display())]
    Role {
        /// The configuration.
        file: PathBuf,
        /// What the command runs.
        expected: &'static str,
        /// What the file says.
        found: &'static str,
    },
    /// What is named is not in the machine.
    #[error("{option} {name}: expected {expected}")]
    Name {
        /// Where it was named.
        option: &'static str,
        /// The name.
        name: String,
        /// What there is.
        expected: String,
    },
    /// An interface.
    #[error(transparent)]
    Carrier(#[from] CarrierError),
    /// The machine is none.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    /// The machine refuses.
    #[error(transparent)]
    Device(#[from] Error),
    /// The state of before cannot be taken up.
    #[error("{file}: {source}", file = file.display())]
    Restore {
        /// The file.
        file: PathBuf,
        /// Why.
        source: RestoreError,
    },
    /// A state file is none.
    #[error("{file}: {problem}; remove it to start without what it remembers", file = file.display())]
    State {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A file, or the socket, that the system does not let us have.
    #[error("{file}: {doing}: {error}", file = file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What was to be done.
        doing: &'static str,
        /// What the system says.
        error: io::Error,
    },
    /// Another program serves there.
    #[error("{file}: another vireo listens there; end it, or give this one another --socket", file = file.display())]
    SocketInUse {
        /// The socket.
        file: PathBuf,
    },
    /// Something that is no socket is where one is to be.
    #[error("{file}: is there already and no socket; give another --socket", file = file.display())]
    NoSocket {
        /// What is there.
        file: PathBuf,
    },
    /// The system refuses something else.
    #[error("{doing}: {error}")]
    System {
        /// What was to be done.
        doing: &'static str,
        /// What the system says.
        error: io::Error,
    },
    /// The program at the socket says no.
    #[error("{0}")]
    Refused(String),
}

impl ServeError {
    /// Whether the input is at fault, and not this computer.
    pub fn is_bad_input(&self) -> bool {
        matches!(
            self,
            Self::Config(_)
                | Self::Policy(_)
                | Self::Role { .. }
                | Self::Name { .. }
                | Self::NoSocket { .. }
                | Self::State { .. }
                | Self::Restore { .. }
        )
    }
}
