// SPDX-License-Identifier: MIT
//! A TOML file that a person has written, read through serde: what is wrong with it is said by file, line and column.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use thiserror::Error;
use toml::Spanned;

use crate::config::Position;

/// Why a file is not what it should be.
#[derive(Debug, Error)]
pub enum InputFileError {
    /// The system does not hand the file over.
    #[error("{path}: cannot be read: {error}; check the path", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// Something in it is wrong.
    #[error("{path}:{}:{}: {problem}", position.line, position.column, path = path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Where in it.
        position: Position,
        /// What is wrong, and what belongs there.
        problem: String,
    },
}

/// A file and its text.
#[derive(Debug)]
pub(crate) struct InputFile {
    path: PathBuf,
    text: String,
}

impl InputFile {
    /// Reads it.
    pub(crate) fn read(path: &Path) -> Result<Self, InputFileError> {
        let unreadable = |error| InputFileError::Unreadable { path: path.into(), error };
        let text = fs::read_to_string(path).map_err(unreadable)?;
        Ok(Self { path: path.into(), text })
    }

    /// What it says, as far as types and keys go.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, InputFileError> {
        toml::from_str(&self.text).map_err(|error| {
            let problem = error.message().trim_end().replace('\n', ", ");
            self.wrong_at(error.span().unwrap_or_default().start, problem)
        })
    }

    /// Where a value stands.
    pub(crate) fn position(&self, of: &Spanned<impl Sized>) -> Position {
        Position::of(&self.text, of.span().start)
    }

    /// What is wrong with a value.
    pub(crate) fn wrong(
        &self,
        value: &Spanned<impl Sized>,
        problem: impl Into<String>,
    ) -> InputFileError {
        self.wrong_at(value.span().start, problem.into())
    }

    fn wrong_at(&self, at: usize, problem: String) -> InputFileError {
        let position = Position::of(&self.text, at);
        InputFileError::Wrong { path: self.path.clone(), position, problem }
    }
}
