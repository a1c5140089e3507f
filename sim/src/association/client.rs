// SPDX-License-Identifier: MIT
//! `vireo associate|deassociate|vsi`: a request to the program at a socket, and its answer.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use indicatif::ProgressBar;
use vireo_association::vdp::Key;

use super::control::{Counts, Listed, Outcome, Request, Wanted};
use super::error::ServeError;

fn ask(socket: &Path, request: &Request) -> Result<Outcome, ServeError> {
    let failed = |doing| move |error| ServeError::File { file: socket.into(), doing, error };
    let mut stream = UnixStream::connect(socket).map_err(failed(
        "reach the program that listens there; does it run, with this --socket?",
    ))?;
    let mut line = serde_json::to_vec(request).expect("requests are plain data");
    line.push(b'\n');
    stream.write_all(&line).map_err(failed("ask"))?;
    let spinner = ProgressBar::new_spinner().with_message("waiting for the answer");
    spinner.enable_steady_tick(Duration::from_millis(100));
    let mut answer = String::new();
    let heard = BufReader::new(stream).read_line(&mut answer);
    spinner.finish_and_clear();
    heard.map_err(failed("hear the answer"))?;
    let outcome = serde_json::from_str(&answer)
        .map_err(|error| failed("understand the answer")(error.into()))?;
    match outcome {
        Outcome::Failed { reason } => Err(ServeError::Refused(reason)),
        outcome => Ok(outcome),
    }
}

/// Asks a station for a VSI, and waits for what its bridge says.
///
/// # Errors
/// [`ServeError`]
pub fn associate(socket: &Path, wanted: Wanted) -> Result<Outcome, ServeError> {
    ask(socket, &Request::Associate(wanted))
}

/// Ends a VSI, at a station or at a bridge.
///
/// # Errors
/// [`ServeError`]
pub fn deassociate(
    socket: &Path,
    key: Key,
    channel: Option<String>,
) -> Result<Outcome, ServeError> {
    ask(socket, &Request::Deassociate { key, channel })
}

/// What a station or a bridge has counted.
///
/// # Errors
/// [`ServeError`]
pub fn count(socket: &Path) -> Result<Counts, ServeError> {
    match ask(socket, &Request::Count)? {
        Outcome::Counts { counts } => Ok(counts),
        other => Err(ServeError::Refused(format!("expected counters, found {other:?}"))),
    }
}

/// The VSIs of a station or a bridge.
///
/// # Errors
/// [`ServeError`]
pub fn list(socket: &Path) -> Result<Vec<Listed>, ServeError> {
    match ask(socket, &Request::List)? {
        Outcome::Vsis { vsis } => Ok(vsis),
        other => Err(ServeError::Refused(format!("expected a list of VSIs, found {other:?}"))),
    }
}
