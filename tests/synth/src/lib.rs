// SPDX-License-Identifier: MIT
//! What the tests of `synth` share: its commands, run as a user runs them, from the project's root.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use vireo_spec::geometry::Geometry;

/// The project's root.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// What `python3 synth/<script> <arguments>` did. The first such command installs the pinned tools, which takes a package index.
///
/// # Panics
/// If Python cannot be started: the test cannot run, and says what to install.
pub fn synth(script: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new("python3");
    command.current_dir(root()).arg(Path::new("synth").join(script)).args(arguments);
    command.env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap_or_else(|error| {
        panic!("python3: {error}; install it (Debian: apt-get install python3 python3-venv)")
    })
}

/// That a command succeeded, with its words if not; its standard output.
///
/// # Panics
/// If it failed.
pub fn succeeded(output: &Output) -> String {
    let said = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let (out, err) = (said(&output.stdout), said(&output.stderr));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    out
}

/// The smallest machine that is compiled in, printed: the board carries it, and the proofs are about it.
pub fn smallest() -> TempDir {
    printed(64, [8, 4, 2, 256, 256])
}

/// The machine of `width` bits with so many ports, groups, links, channels and bindings, as `vireo verilog` prints it.
///
/// # Panics
/// If that size is not compiled in, or cannot be written.
pub fn printed(width: usize, [ports, groups, links, channels, bindings]: [usize; 5]) -> TempDir {
    let geometry = Geometry::new(width, links, ports, groups, channels, bindings)
        .unwrap_or_else(|error| panic!("{error}"));
    let design = vireo_machines::print(geometry).unwrap_or_else(|error| panic!("{error}"));
    let folder = tempfile::tempdir().expect("a folder for Verilog");
    design.write(folder.path()).unwrap_or_else(|error| panic!("{error}"));
    folder
}
