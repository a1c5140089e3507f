// SPDX-License-Identifier: MIT
//! Why there is no verilated machine: what is missing on this computer, or what Verilator and the compiler said.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// A machine that could not be built by Verilator, or not be loaded.
#[derive(Debug, Error)]
pub enum VerilatorError {
    /// Verilator does not start.
    #[error(
        "{program} does not start ({source}): install Verilator 5.0 or later (Debian: apt-get install verilator)"
    )]
    Missing {
        /// What was to be started.
        program: String,
        /// What the system answered.
        source: io::Error,
    },
    /// Before 5.0 Verilator scheduled clocks differently.
    #[error("{program} is `{found}`: Verilator 5.0 or later is needed")]
    TooOld {
        /// What was asked.
        program: String,
        /// What it says of itself.
        found: String,
    },
    /// What compiles Verilator's C++ does not start.
    #[error(
        "{program} does not start ({source}): Verilator's C++ needs make and a C++ compiler \
         (Debian: apt-get install make g++; CXX names another compiler)"
    )]
    CompilerMissing {
        /// What was to be started.
        program: String,
        /// What the system answered.
        source: io::Error,
    },
    /// Verilator or the compiler refused the text.
    #[error("the machine's Verilog was not built; {log} ends with:\n{tail}", log = log.display())]
    Failed {
        /// All that was said.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// The cache's folder cannot be used.
    #[error("{path}: {source}; VIREO_CACHE names another folder to keep built machines in", path = path.display())]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// Nothing says where the cache is.
    #[error(
        "there is no folder to keep built machines in: set VIREO_CACHE, XDG_CACHE_HOME or HOME"
    )]
    NoCache,
    /// A built machine that this program cannot load.
    #[error("{library} cannot be loaded ({source}): remove it to have it built again", library = library.display())]
    Load {
        /// The shared library.
        library: PathBuf,
        /// What the loader answered.
        source: libloading::Error,
    },
}
