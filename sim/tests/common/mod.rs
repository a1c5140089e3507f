// SPDX-License-Identifier: MIT
//! A user's desk for the tests of the binary: a folder of its own, captures made octet by octet, `vireo` called as from a shell.
//! What the tests expect is built here from the documents, not by the library that they test.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A folder that goes away with its test; commands run in it, so paths are those that a user types.
pub(crate) struct Desk(TempDir);

/// A command that has ended.
pub(crate) struct Done {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// A capture of these frames, a microsecond apart.
    pub(crate) fn capture(&self, name: &str, frames: &[Vec<u8>]) {
        let word = |value: usize| (value as u32).to_le_bytes();
        let mut file = [0xa1b2_c3d4, 4 << 16 | 2, 0, 0, 0xffff, 1].map(word).concat();
        for (microseconds, frame) in frames.iter().enumerate() {
            file.extend([1_700_000_000, microseconds, frame.len(), frame.len()].map(word).concat());
            file.extend(frame);
        }
        fs::write(self.path(name), file).unwrap();
    }

    /// `vireo` with arguments as in a shell, without quotes.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vireo"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path());
        // The machines that Verilator builds: kept, as a user's are, but not among those.
        command.stdin(Stdio::null()).env("VIREO_CACHE", env!("CARGO_TARGET_TMPDIR"));
        command
    }

    pub(crate) fn vireo(&self, arguments: &str) -> Done {
        let output = self.command(arguments).output().expect("the binary runs");
        let text = |octets| String::from_utf8(octets).expect("output is UTF-8");
        Done {
            status: output.status.code().expect("no signal ended the command"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// A run that a user expects to work: it says nothing on stderr, and no progress bar into a pipe.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &str) -> String {
        let done = self.vireo(&format!("run {arguments}"));
        assert_eq!((done.status, &*done.stderr), (0, ""), "vireo run {arguments}");
        done.stdout
    }
}

/// A frame: addresses, the tags' octets, EtherType and payload.
pub(crate) fn frame(
    to: [u8; 6],
    from: [u8; 6],
    tags: &[&[u8]],
    ethertype: u16,
    payload: &[u8],
) -> Vec<u8> {
    [&to, &from, &tags.concat()[..], &ethertype.to_be_bytes(), payload].concat()
}

/// Octets of a VLAN tag: EtherType, then PCP 3, DEI 1, VID 12.
pub(crate) fn vlan_tag(ethertype: u16, pcp: u16, dei: u16, vid: u16) -> [u8; 4] {
    let [a, b] = ethertype.to_be_bytes();
    let [c, d] = (pcp << 13 | dei << 12 | vid).to_be_bytes();
    [a, b, c, d]
}

/// A guest's address.
pub(crate) const fn mac(last: u8) -> [u8; 6] {
    [0x52, 0x54, 0, 0, 0, last]
}
