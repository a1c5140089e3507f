// SPDX-License-Identifier: MIT
//! The folder that the demonstration leaves: captures, a waveform, reports and configurations. All files are written before the
//! first gets its name, so that a disk that is full leaves none.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use vireo_spec::geometry::Geometry;

use super::network::{History, Outcome, Plan, Seen};
use crate::capture::Writer;
use crate::report::Report;
use crate::run::RunError;
use crate::unfinished::Unfinished;
use crate::wave::Wave;

/// The subfolder of what the guests sent.
pub(super) const GUESTS: &str = "guests";

/// The folder and its subfolders. When dropped, those that it made and that are empty go again.
pub(super) struct Folder {
    root: PathBuf,
    made: Vec<PathBuf>,
}

/// What has been written and has no name yet.
#[derive(Default)]
struct Files {
    captures: Vec<Writer>,
    texts: Vec<(PathBuf, Unfinished)>,
}

fn refused(path: &Path) -> impl FnOnce(io::Error) -> RunError {
    let path = path.to_owned();
    move |error| RunError::Write { path, error }
}

impl Folder {
    /// Makes the folder, with a subfolder for each machine and one for the guests, where they are not there yet.
    ///
    /// # Errors
    /// What the system refuses.
    pub(super) fn create(root: &Path, plans: &[Plan]) -> Result<Self, RunError> {
        let mut folder = Self { root: root.to_owned(), made: Vec::new() };
        folder.make(root.to_owned())?;
        for name in plans.iter().map(|plan| plan.name).chain([GUESTS]) {
            folder.make(root.join(name))?;
        }
        Ok(folder)
    }

    fn make(&mut self, path: PathBuf) -> Result<(), RunError> {
        match fs::create_dir(&path) {
            Err(_) if path.is_dir() => Ok(()),
            made => {
                made.map_err(refused(&path))?;
                self.made.push(path);
                Ok(())
            }
        }
    }

    fn wave_path(&self, machine: &str) -> PathBuf {
        self.root.join(format!("{machine}.vcd"))
    }

    /// Starts the waveform of a machine.
    ///
    /// # Errors
    /// What the system refuses.
    pub(super) fn wave(&self, machine: &str, geometry: Geometry) -> Result<Wave, RunError> {
        let path = self.wave_path(machine);
        Wave::create(&path, geometry).map_err(refused(&path))
    }

    /// Writes everything; the waveform is that of the first machine.
    ///
    /// # Errors
    /// What the system refuses.
    pub(super) fn write(
        &self,
        plans: &[Plan],
        history: &History,
        wave: Arc<Mutex<Wave>>,
    ) -> Result<(), RunError> {
        let mut files = Files::default();
        files.captures(&self.root.join(GUESTS), &history.sent)?;
        for Outcome { name, left, .. } in &history.machines {
            files.captures(&self.root.join(name), left)?;
        }
        for Plan { name, toml } in plans {
            files.text(self.root.join(format!("{name}.toml")), toml)?;
        }
        let reports: BTreeMap<&str, &Report> =
            history.machines.iter().map(|machine| (machine.name, &machine.report)).collect();
        let mut json = serde_json::to_string_pretty(&reports).expect("a report is plain data");
        json.push('\n');
        files.text(self.root.join("report.json"), &json)?;
        let path = self.wave_path(plans[0].name);
        Wave::finish(wave).map_err(refused(&path))?;
        files.finish()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for path in self.made.iter().rev() {
            // Fails where it is not empty, and should.
            let _ = fs::remove_dir(path);
        }
    }
}

impl Files {
    fn captures(&mut self, folder: &Path, seen: &Seen) -> Result<(), RunError> {
        for (name, frames) in seen {
            let mut writer = Writer::create(folder.join(format!("{name}.pcap")))?;
            for frame in frames {
                writer.write(frame.timestamp_ns, &frame.octets)?;
            }
            self.captures.push(writer);
        }
        Ok(())
    }

    fn text(&mut self, path: PathBuf, text: &str) -> Result<(), RunError> {
        let (unfinished, mut file) = Unfinished::create(&path).map_err(refused(&path))?;
        file.write_all(text.as_bytes()).map_err(refused(&path))?;
        self.texts.push((path, unfinished));
        Ok(())
    }

    fn finish(self) -> Result<(), RunError> {
        for writer in self.captures {
            writer.finish()?;
        }
        for (path, unfinished) in self.texts {
            unfinished.finish().map_err(refused(&path))?;
        }
        Ok(())
    }
}
