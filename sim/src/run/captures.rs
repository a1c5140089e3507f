// SPDX-License-Identifier: MIT
//! The captures that a run writes.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use super::RunError;
use crate::capture::{CaptureError, Writer};
use crate::config::Config;
use crate::engine::{Departure, Destination};

/// The captures that leave, by name; each begins with its first frame.
pub(crate) struct Captures<'a> {
    config: &'a Config,
    out: &'a Path,
    writers: BTreeMap<String, Writer>,
    failed: Option<CaptureError>,
}

impl<'a> Captures<'a> {
    pub(crate) fn new(config: &'a Config, out: &'a Path) -> Self {
        Self { config, out, writers: BTreeMap::new(), failed: None }
    }

    pub(crate) fn take(&mut self, departure: &Departure<'_>) {
        if departure.bad || self.failed.is_some() {
            return;
        }
        let config = self.config;
        match departure.to {
            // A machine may be larger than its configuration; what that does not name never leaves.
            Destination::Link(link) => {
                if let Some(link) = config.links.get(usize::from(link)) {
                    self.write(&link.name, departure);
                }
            }
            Destination::Ports(ports) => {
                for port in ports.iter() {
                    if let Some(port) = config.ports.get(port) {
                        self.write(&port.name, departure);
                    }
                }
            }
            Destination::Control(_) => self.write("control", departure),
        }
    }

    fn write(&mut self, name: &str, departure: &Departure<'_>) {
        if let Err(error) = self.try_write(name, departure) {
            self.failed = Some(error);
        }
    }

    fn try_write(&mut self, name: &str, departure: &Departure<'_>) -> Result<(), CaptureError> {
        if !self.writers.contains_key(name) {
            let writer = Writer::create(self.out.join(format!("{name}.pcap")))?;
            self.writers.insert(name.into(), writer);
        }
        let writer = self.writers.get_mut(name).expect("just put there");
        writer.write(departure.timestamp_ns, departure.octets)
    }

    /// Gives all captures their names, and removes those that an earlier run left for names that sent nothing now.
    pub(crate) fn finish(self) -> Result<(), RunError> {
        if let Some(error) = self.failed {
            return Err(error.into());
        }
        let config = self.config;
        let names = config.ports.iter().map(|port| &port.name);
        let names = names.chain(config.links.iter().map(|link| &link.name)).map(String::as_str);
        for name in names.chain(["control"]).filter(|&name| !self.writers.contains_key(name)) {
            let stale = self.out.join(format!("{name}.pcap"));
            match fs::remove_file(&stale) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(RunError::Write { path: stale, error });
                }
                _ => {}
            }
        }
        for writer in self.writers.into_values() {
            writer.finish()?;
        }
        Ok(())
    }
}
