// SPDX-License-Identifier: MIT
//! Two engines' results of one scenario held against each other: engines with pins must agree in every frame and its time,
//! one without time in the frames of every stream and in the counters.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::play::Played;
use crate::capture::{self, Frame};
use crate::report::Report;
use crate::run::RunError;

/// Something that an engine did otherwise than the first one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// The engine.
    pub engine: String,
    /// The one that it was compared with.
    pub with: String,
    /// In what: a capture's name, or `report`.
    pub place: String,
    /// What is different.
    pub text: String,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { engine, with, place, text } = self;
        write!(f, "{engine} differs from {with} in {place}: {text}")
    }
}

/// Compares all with the first; each has a folder of captures.
pub(super) fn all(engines: &[Played], folders: &[PathBuf]) -> Result<Vec<Disagreement>, RunError> {
    let mut found = Vec::new();
    let Some((first, others)) = engines.split_first() else { return Ok(found) };
    for (other, folder) in others.iter().zip(&folders[1..]) {
        let disagreement = |place: &str, text: String| Disagreement {
            engine: other.report.engine.clone(),
            with: first.report.engine.clone(),
            place: place.into(),
            text,
        };
        if let Some(text) = reports(&first.report, &other.report) {
            found.push(disagreement("report", text));
        }
        let timed = first.report.cycles > 0 && other.report.cycles > 0;
        for name in names(&folders[0])?.union(&names(folder)?) {
            let [a, b] = [&folders[0], folder].map(|folder| frames(&folder.join(name)));
            // The control port takes from both directions, whose order among each other only time tells.
            let text = captures(a?, b?, timed, !timed && name == "control.pcap");
            found.extend(text.map(|text| disagreement(name, text)));
        }
    }
    Ok(found)
}

fn reports(a: &Report, b: &Report) -> Option<String> {
    let same = a.ports == b.ports && a.links == b.links && a.groups == b.groups;
    let same = same && a.control == b.control;
    (!same).then(|| "other counts; compare the two files report.json".into())
}

fn captures(mut a: Vec<Frame>, mut b: Vec<Frame>, timed: bool, unordered: bool) -> Option<String> {
    if unordered {
        a.sort_by(|x, y| x.octets.cmp(&y.octets));
        b.sort_by(|x, y| x.octets.cmp(&y.octets));
    }
    let same = |(a, b): (&Frame, &Frame)| {
        a.octets == b.octets && (!timed || a.timestamp_ns == b.timestamp_ns)
    };
    let at = a.iter().zip(&b).position(|pair| !same(pair));
    match at {
        Some(at) => {
            let times = [&a[at], &b[at]].map(|frame| frame.timestamp_ns);
            let what = if a[at].octets == b[at].octets { "time" } else { "octets" };
            let (first, second) = (times[0], times[1]);
            Some(format!("frame {}: other {what} (at {first} and {second} ns)", at + 1))
        }
        None if a.len() != b.len() => Some(format!("{} frames and {}", a.len(), b.len())),
        None => None,
    }
}

/// Captures in a folder.
fn names(folder: &Path) -> Result<BTreeSet<String>, RunError> {
    let failed = |error| RunError::Write { path: folder.into(), error };
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".pcap") && !name.starts_with('.') {
            names.insert(name);
        }
    }
    Ok(names)
}

/// A capture's frames; none where there is no capture.
fn frames(path: &Path) -> Result<Vec<Frame>, RunError> {
    if path.exists() { Ok(capture::read(path)?) } else { Ok(Vec::new()) }
}
