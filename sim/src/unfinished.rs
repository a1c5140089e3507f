// SPDX-License-Identifier: MIT
//! Files that appear under their name when they are complete, so that nothing is ever half-written.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// A file beside the one that is to be, on the same file system, so that the name can pass to it in one step. Removed when
/// dropped, unless the name has passed.
#[derive(Debug)]
pub(crate) struct Unfinished {
    beside: PathBuf,
    path: PathBuf,
}

impl Unfinished {
    /// A new file, which no other writer has, for `path`.
    pub(crate) fn create(path: &Path) -> io::Result<(Self, File)> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        // A folder could not be replaced when the file is complete, so it is told before work is done.
        if path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        for attempt in 0_u32.. {
            let mut beside = std::ffi::OsString::from(".");
            beside.push(name);
            beside.push(format!(".{}-{attempt}.unfinished", std::process::id()));
            let beside = path.with_file_name(beside);
            match OpenOptions::new().write(true).create_new(true).open(&beside) {
                // Of this process, or left by a killed one that had the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                opened => return opened.map(|file| (Self { beside, path: path.into() }, file)),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Passes the name on, in place of what had it before. The file must be closed.
    pub(crate) fn finish(self) -> io::Result<()> {
        fs::rename(&self.beside, &self.path)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Fails where there is nothing to remove; nobody could be told of another failure.
        let _ = fs::remove_file(&self.beside);
    }
}
