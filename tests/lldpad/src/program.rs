// SPDX-License-Identifier: MIT
//! A program that runs inside a namespace beside the test, and ends with it.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::NamedTempFile;

use crate::namespace::Namespace;

/// Where a tool is: in the path, or where Debian puts what only root used to run.
///
/// # Panics
/// When it is not installed.
pub fn installed(tool: &str, package: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|folder| folder.join(tool))
        .find(|file| file.is_file())
        .unwrap_or_else(|| {
            panic!("{tool} is not installed: `apt-get install {package}`, or start tests/run.sh, which does")
        })
}

/// A running program. Dropped, it is killed; a panicking test shows the end of what it printed.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    log: NamedTempFile,
    /// It runs in there, so the namespace has to outlive it.
    _namespace: Namespace,
}

impl Program {
    /// Starts a program in a namespace. Paths among its arguments have to be absolute.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start<A: AsRef<OsStr>>(
        namespace: &Namespace,
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let log = NamedTempFile::new().expect("make a file for the program's output");
        let output =
            || Stdio::from(File::options().append(true).open(log.path()).expect("open the log"));
        let child = namespace
            .command(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output())
            .stderr(output())
            .spawn()
            .unwrap_or_else(|error| panic!("start {}: {error}", program.display()));
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self { name, child, log, _namespace: namespace.clone() }
    }

    /// What it has printed up to now, on both its outputs.
    ///
    /// # Panics
    /// When the file that it prints to cannot be read.
    pub fn printed(&self) -> String {
        let octets = fs::read(self.log.path()).expect("read the program's output");
        String::from_utf8_lossy(&octets).into_owned()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it did.
    ///
    /// # Panics
    /// When the system does not know it.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("ask for the program's state")
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// When it has ended already.
    pub fn signal(&mut self, signal: Signal) {
        assert_eq!(self.ended(), None, "{} has ended; it printed:\n{}", self.name, self.printed());
        let id = Pid::from_raw(i32::try_from(self.child.id()).expect("process ids are positive"));
        kill(id, signal).expect("signal a child that has not been waited for");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            const SHOWN: usize = 60;
            let printed = self.printed();
            let lines: Vec<&str> = printed.lines().collect();
            let end = lines[lines.len().saturating_sub(SHOWN)..].join("\n");
            eprintln!("--- the last that {} printed:\n{end}\n---", self.name);
        }
    }
}
