// SPDX-License-Identifier: MIT
//! What goes wrong and does not end a program: a cable that is out, a disk that is full. What is associated matters more.

use std::io::{self, Write};

use super::error::ServeError;

/// What was told last, so that it is told once and not at each frame.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    last: Option<String>,
}

impl Trouble {
    /// Tells an error on standard error, unless it is the one that was told last. Whether there was none.
    pub(super) fn tell(&mut self, result: Result<(), ServeError>) -> bool {
        let Err(error) = result else { return true };
        let text = error.to_string();
        if self.last.as_ref() != Some(&text) {
            // Nobody may be listening; there is no one else to tell.
            let _ = writeln!(io::stderr(), "{text}");
            self.last = Some(text);
        }
        false
    }

    /// It is over: from now on it is told again.
    pub(super) fn over(&mut self) {
        self.last = None;
    }
}
