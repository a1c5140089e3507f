// SPDX-License-Identifier: MIT
//! Builds a machine's Verilog into a shared library, once: what was built is kept under the hash of all that it is made of.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};
use vireo_spec::geometry::Geometry;

use super::error::VerilatorError;
use super::foreign::{Inputs, Outputs};

const SHIM: &str = include_str!("shim.cpp");
/// What [`FLAGS`] make.
const LIBRARY: &str = "machine.so";
/// Beside the library while it is built, and after a failure: the texts, objects and the log.
const WORK: &str = "work";
/// The first version that schedules as IEEE 1800 says, which the one evaluation an edge in shim.cpp relies on.
const OLDEST: u32 = 5;
/// Lines of the log that an error repeats.
const TAIL: usize = 20;

/// For Verilator: no tracing, no checks, nothing unknown; then for the compiler. Warnings are the lint's matter, not the build's.
const FLAGS: &str = "--cc --exe --build -O3 --x-assign fast --x-initial fast --no-assert -Wno-fatal \
    --prefix Vmachine --Mdir objects -o machine.so \
    -MAKEFLAGS OPT_FAST=-O3 -MAKEFLAGS OPT_SLOW=-O1 -MAKEFLAGS OPT_GLOBAL=-O2 \
    -CFLAGS -fPIC -CFLAGS -fvisibility=hidden -LDFLAGS -shared";

/// Turns Verilog into libraries, and the folder that it keeps them in. Any number of programs may share the folder.
#[derive(Clone, Debug)]
pub struct Builder {
    folder: PathBuf,
    pub(super) verilator: String,
    pub(super) compiler: String,
    pub(super) make: String,
}

impl Builder {
    /// Keeps what it builds in `folder`, which is made if need be.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.into(),
            verilator: "verilator".into(),
            compiler: std::env::var("CXX").unwrap_or_else(|_| "g++".into()),
            make: "make".into(),
        }
    }

    /// Keeps what it builds in the user's cache: `$VIREO_CACHE`, or `vireo` in `$XDG_CACHE_HOME` or in `~/.cache`.
    ///
    /// # Errors
    /// [`VerilatorError::NoCache`] if none of these is set.
    pub fn of_user() -> Result<Self, VerilatorError> {
        let set =
            |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let folder = set("VIREO_CACHE")
            .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("vireo")))
            .or_else(|| set("HOME").map(|home| home.join(".cache/vireo")))
            .ok_or(VerilatorError::NoCache)?;
        Ok(Self::new(&folder))
    }

    /// The library of the machine that `text` describes, `top` its module; built unless it is there.
    ///
    /// # Errors
    /// What is missing, or what Verilator and the compiler say.
    pub(super) fn library(
        &self,
        text: &str,
        top: &str,
        geometry: Geometry,
    ) -> Result<PathBuf, VerilatorError> {
        let verilator = self.verilator_version()?;
        let compiler = self
            .version(&self.compiler)
            .map_err(|source| self.no_compiler(&self.compiler, source))?;
        let defines = [
            format!("-DVIREO_WIDTH={}", geometry.width().bits()),
            format!("-DVIREO_PORTS={}", geometry.ports()),
            format!("-DVIREO_INPUTS={}", size_of::<Inputs>()),
            format!("-DVIREO_OUTPUTS={}", size_of::<Outputs>()),
        ];
        let flags = format!("{FLAGS} {}", defines.join(" "));
        let key = key(&[text, top, SHIM, &verilator, &self.compiler, &compiler, &flags]);
        let folder = self.folder.join("verilator").join(key);
        let library = folder.join(LIBRARY);
        if library.exists() {
            return Ok(library);
        }
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        // Whoever comes second waits here and finds the library; a builder that dies leaves the lock open.
        let lock = folder.join("lock");
        let guard = File::create(&lock).map_err(at(&lock))?;
        guard.lock().map_err(at(&lock))?;
        if !library.exists() {
            self.build(&folder, text, top, &defines)?;
        }
        Ok(library)
    }

    /// Builds in a folder of its own; the library takes its place in one step, when it is complete.
    fn build(
        &self,
        folder: &Path,
        text: &str,
        top: &str,
        defines: &[String],
    ) -> Result<(), VerilatorError> {
        self.version(&self.make).map_err(|source| self.no_compiler(&self.make, source))?;
        let work = folder.join(WORK);
        if work.exists() {
            fs::remove_dir_all(&work).map_err(at(&work))?;
        }
        fs::create_dir_all(&work).map_err(at(&work))?;
        for (name, text) in [("machine.v", text), ("shim.cpp", SHIM)] {
            let path = work.join(name);
            fs::write(&path, text).map_err(at(&path))?;
        }
        let log = work.join("log");
        let said = File::create(&log).map_err(at(&log))?;
        let jobs = std::thread::available_parallelism().map_or(1, usize::from);
        let mut command = Command::new(&self.verilator);
        command.args(FLAGS.split_whitespace()).args(["-j", &jobs.to_string(), "--top-module", top]);
        command.args(["-MAKEFLAGS", &format!("CXX={0} LINK={0}", self.compiler)]);
        command.args(defines.iter().flat_map(|define| ["-CFLAGS", define]));
        command.args(["machine.v", "shim.cpp"]).current_dir(&work).env("MAKE", &self.make);
        command.stdin(Stdio::null()).stderr(said.try_clone().map_err(at(&log))?).stdout(said);
        let done = command.status().map_err(|source| self.no_verilator(source))?;
        let built = work.join("objects").join(LIBRARY);
        if !done.success() || !built.exists() {
            let said = fs::read(&log).map_err(at(&log))?;
            return Err(VerilatorError::Failed {
                tail: tail(&String::from_utf8_lossy(&said)),
                log,
            });
        }
        let library = folder.join(LIBRARY);
        fs::rename(&built, &library).map_err(at(&library))?;
        fs::remove_dir_all(&work).map_err(at(&work))
    }

    /// All that Verilator says of its version, if it is new enough.
    fn verilator_version(&self) -> Result<String, VerilatorError> {
        let said = self.version(&self.verilator).map_err(|source| self.no_verilator(source))?;
        let number = said.strip_prefix("Verilator ").and_then(|rest| rest.split('.').next());
        match number.and_then(|number| number.parse::<u32>().ok()) {
            Some(OLDEST..) => Ok(said),
            _ => Err(VerilatorError::TooOld { program: self.verilator.clone(), found: said }),
        }
    }

    /// The first line that a tool says of its version.
    fn version(&self, program: &str) -> io::Result<String> {
        let done = Command::new(program).arg("--version").stdin(Stdio::null()).output()?;
        let said = String::from_utf8_lossy(&done.stdout);
        Ok(said.lines().next().unwrap_or_default().trim().to_owned())
    }

    fn no_verilator(&self, source: io::Error) -> VerilatorError {
        VerilatorError::Missing { program: self.verilator.clone(), source }
    }

    fn no_compiler(&self, program: &str, source: io::Error) -> VerilatorError {
        VerilatorError::CompilerMissing { program: program.to_owned(), source }
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> VerilatorError {
    move |source| VerilatorError::Cache { path: path.into(), source }
}

/// SHA-256 in hex; each part with its length, so that no two lists give the same octets.
fn key(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|octet| format!("{octet:02x}")).collect()
}

fn tail(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}
