// SPDX-License-Identifier: MIT
//! State that survives a restart: a JSON file, which is replaced as a whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::ServeError;
use crate::unfinished::Unfinished;

/// What a file remembers; nothing if it is not there.
pub(super) fn load<T: DeserializeOwned + Default>(file: &Path) -> Result<T, ServeError> {
    match fs::read_to_string(file) {
        Ok(text) => serde_json::from_str(&text)
            .map_err(|error| ServeError::State { file: file.into(), problem: error.to_string() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
        Err(error) => Err(ServeError::File { file: file.into(), doing: "read", error }),
    }
}

/// Remembers this from now on.
pub(super) fn save(file: &Path, state: &impl Serialize) -> Result<(), ServeError> {
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
