// SPDX-License-Identifier: MIT
//! State that survives a restart: a JSON file, which is replaced as a whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::ServeError;
use super::trouble::Trouble;
use crate::unfinished::Unfinished;

/// What a program remembers. A file that cannot be written ends nothing: it is told, and written when it can be.
#[derive(Debug)]
pub(super) struct Memory<'a, T> {
    file: Option<&'a Path>,
    /// What the file says.
    written: T,
    /// It was to say something else, and could not be written.
    behind: bool,
    trouble: Trouble,
}

impl<'a, T: Serialize + DeserializeOwned + Default + PartialEq> Memory<'a, T> {
    /// What the file remembers; nothing if it is not there, or none is meant.
    pub(super) fn load(file: Option<&'a Path>) -> Result<Self, ServeError> {
        let written = file.map(load).transpose()?.unwrap_or_default();
        Ok(Self { file, written, behind: false, trouble: Trouble::default() })
    }

    /// What the file says.
    pub(super) fn written(&self) -> &T {
        &self.written
    }

    /// Remembers what is so `now`, where that may have changed.
    pub(super) fn remember(&mut self, changed: bool, now: impl FnOnce() -> T) {
        let Some(file) = self.file.filter(|_| changed || self.behind) else { return };
        let now = now();
        self.behind = now != self.written && !self.trouble.tell(save(file, &now));
        if !self.behind {
            self.written = now;
            self.trouble.over();
        }
    }
}

fn load<T: DeserializeOwned + Default>(file: &Path) -> Result<T, ServeError> {
    match fs::read_to_string(file) {
        Ok(text) => serde_json::from_str(&text)
            .map_err(|error| ServeError::State { file: file.into(), problem: error.to_string() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
        Err(error) => Err(ServeError::File { file: file.into(), doing: "read", error }),
    }
}

fn save(file: &Path, state: &impl Serialize) -> Result<(), ServeError> {
    let write = || {
        let (unfinished, mut to) = Unfinished::create(file)?;
        serde_json::to_writer_pretty(&mut to, state)?;
        to.write_all(b"\n")?;
        to.sync_all()?;
        drop(to);
        unfinished.finish()
    };
    write().map_err(|error| ServeError::File { file: file.into(), doing: "write", error })
}
