// SPDX-License-Identifier: MIT
//! Python for tests that ask a tool written in it: an interpreter that has the packages of `requirements.txt`.
//! They stand in a virtual environment under the build folder, so a machine's own Python stays as it is.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

const REQUIREMENTS: &str = include_str!("../requirements.txt");
const ADVICE: &str = "install python3, python3-venv and python3-pip (Debian: apt-get install python3-venv python3-pip), and \
                      let pip reach a package index";

/// The interpreter. The first call makes the environment, which takes a package index and some seconds; others, in this
/// process or another, wait for it.
///
/// # Panics
/// If the environment cannot be made: the test cannot run, and says what to install.
pub fn interpreter() -> PathBuf {
    let version =
        run(Command::new("python3").args(["-c", "import sys; print(sys.executable, sys.version)"]));
    let mut hasher = DefaultHasher::new();
    (REQUIREMENTS, version).hash(&mut hasher);
    let home = build_folder().join("venv");
    make(&home, &format!("{:016x}", hasher.finish()))
}

/// The environment `name` in `home`, complete: a mark is written last, and what has none is made anew.
fn make(home: &Path, name: &str) -> PathBuf {
    let environment = home.join(name);
    let mark = environment.join("complete");
    let python = environment.join("bin/python");

    let made = fs::create_dir_all(home).and_then(|()| File::create(home.join("lock")));
    let lock = made.unwrap_or_else(|error| panic!("{}: {error}", home.display()));
    lock.lock().unwrap_or_else(|error| panic!("lock in {}: {error}", home.display()));
    if !mark.exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment));
        let requirements = environment.join("requirements.txt");
        write(&requirements, REQUIREMENTS);
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
            .arg(&requirements));
        write(&mark, "");
    }
    python
}

/// Cargo's build folder: a test's executable is `<build folder>/<profile>/deps/<name>`.
fn build_folder() -> PathBuf {
    let executable = std::env::current_exe().expect("a test knows its own path");
    executable.ancestors().nth(3).expect("a test stands in a build folder").to_owned()
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// What `command` printed, once it has succeeded.
fn run(command: &mut Command) -> String {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => panic!("{command:?}: {error}; {ADVICE}"),
    };
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}; {ADVICE}\n{out}{err}", output.status);
    out.into_owned()
}
