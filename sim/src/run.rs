// SPDX-License-Identifier: MIT
//! `vireo run`: captures go into a configured machine, captures and a report come out.
//!
//! Everything that can be wrong with the input is found before anything is written.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use indicatif::{ProgressBar, ProgressStyle};
use thiserror::Error;
use vireo_driver::{Device, DiscoverError};
use vireo_model::pipeline;
use vireo_spec::ether::Priority;
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::pins::StreamId;

use crate::capture::{self, CaptureError, CaptureFault, Writer};
use crate::config::{Config, ConfigErrors, Endpoint};
use crate::engine::clocked::{PinEngine, Unkindness};
use crate::engine::reference::Reference;
use crate::engine::{Arrival, Departure, Destination, Engine, Side};
use crate::program::program;
use crate::report::{Report, Streams};
use crate::unfinished::Unfinished;
use crate::wave::Wave;

/// Which engine brings the machine to life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum EngineKind {
    /// The rules, frame by frame, without time.
    Reference,
    /// The cycle model: every pin in every cycle.
    Model,
}

impl EngineKind {
    /// The name on the command line and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Model => "model",
        }
    }

    /// A machine that has just been reset. A waveform wants pins.
    fn engine(
        self,
        geometry: Geometry,
        unkindness: Unkindness,
        wave: Option<&Arc<Mutex<Wave>>>,
    ) -> Box<dyn Engine> {
        match self {
            Self::Reference => Box::new(Reference::new(geometry)),
            Self::Model => {
                let machine = pipeline::machine(geometry);
                let mut engine = PinEngine::new(machine, geometry, unkindness);
                if let Some(wave) = wave {
                    engine.observe(Wave::observer(wave));
                }
                Box::new(engine)
            }
        }
    }
}

/// Where the frames of a capture enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// A port, link or group of the configuration.
    pub name: String,
    /// Of a group's frames: the virtual port by which they entered the bridge.
    pub source: Option<String>,
    /// The frames are the control plane's, for this link or port.
    pub control: bool,
    /// The capture.
    pub file: PathBuf,
}

impl std::str::FromStr for Input {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = text
            .split_once('=')
            .ok_or("expected NAME=FILE, GROUP@PORT=FILE or control@NAME=FILE")?;
        if name.is_empty() || file.is_empty() {
            return Err("neither the name nor the file may be empty".into());
        }
        let (name, source, control) = match name.split_once('@') {
            Some(("control", name)) => (name, None, true),
            Some((name, source)) => (name, Some(source.to_owned()), false),
            None => (name, None, false),
        };
        Ok(Self { name: name.to_owned(), source, control, file: file.into() })
    }
}

/// What `vireo run` is asked to do.
#[derive(Clone, Debug)]
pub struct Job {
    /// The machine's configuration.
    pub config: PathBuf,
    /// Captures, and where they enter. Frames of one side enter in the order of their timestamps.
    pub inputs: Vec<Input>,
    /// The folder for what comes out.
    pub out: PathBuf,
    /// The engine.
    pub engine: EngineKind,
    /// Width of the streams.
    pub width: Width,
    /// Gaps and stalls, and the seed of all random numbers, the hash tables' too.
    pub unkindness: Unkindness,
    /// A waveform of all pins.
    pub wave: Option<PathBuf>,
}

/// Why a run did not come to its end.
#[derive(Debug, Error)]
pub enum RunError {
    /// The configuration is wrong.
    #[error("{0}")]
    Config(#[from] ConfigErrors),
    /// A capture is broken, or could not be written.
    #[error("{0}")]
    Capture(#[from] CaptureError),
    /// `--in` names what the configuration does not have.
    #[error("--in {name}: {problem}")]
    Input {
        /// What was named.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The engine has no pins to show.
    #[error("--wave: engine reference has no pins; take engine model")]
    NoPins,
    /// The waveform would take the place of something else that the run writes.
    #[error("--wave {path}: the run writes its captures and its report there; name another file", path = .0.display())]
    WaveTaken(PathBuf),
    /// The machine cannot be driven.
    #[error("{0}")]
    Discover(#[from] DiscoverError),
    /// The machine refused its configuration.
    #[error("{0}")]
    Driver(#[from] vireo_driver::Error),
    /// `--out` can be no folder.
    #[error("{path}: cannot be made a folder: {error}; name another with --out", path = path.display())]
    Out {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A file could not be written, or one of an earlier run not be removed.
    #[error("{path}: cannot be written: {error}", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl RunError {
    /// Whether the caller's input is wrong, and nothing was written.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::Config(_) | Self::Input { .. } | Self::NoPins | Self::WaveTaken(_) => true,
            Self::Capture(error) => !matches!(error.fault, CaptureFault::Write(_)),
            Self::Discover(_) | Self::Driver(_) | Self::Out { .. } | Self::Write { .. } => false,
        }
    }
}

fn at_path(path: &Path) -> impl FnOnce(io::Error) -> RunError {
    let path = path.to_owned();
    move |error| RunError::Write { path, error }
}

/// The frames of one `--in`.
fn arrivals(config: &Config, input: &Input) -> Result<Vec<Arrival>, RunError> {
    let wrong = |name: &str, problem| Err(RunError::Input { name: name.into(), problem });
    let Some(endpoint) = config.find(&input.name) else {
        return wrong(&input.name, "the configuration has no port, link or group of this name");
    };
    let mut source = None;
    if let Some(name) = &input.source {
        match (endpoint, config.find(name)) {
            (Endpoint::Group(_), Some(Endpoint::Port(port))) => source = Some(port as u8),
            (Endpoint::Group(_), _) => return wrong(name, "the configuration has no such port"),
            _ => {
                return wrong(
                    &input.name,
                    "only a group's frames have a port that they entered by",
                );
            }
        }
    }
    let index = endpoint.index() as u8;
    let (side, id) = match (endpoint, input.control) {
        (Endpoint::Port(_), false) => (Side::Ports, StreamId::Port(index)),
        (Endpoint::Port(_), true) => (Side::Ports, StreamId::PortControl(index)),
        (Endpoint::Link(_), false) => (Side::Links, StreamId::Port(index)),
        (Endpoint::Link(_), true) => (Side::Ports, StreamId::LinkControl(index)),
        (Endpoint::Group(_), false) => (Side::Ports, StreamId::Group(index)),
        (Endpoint::Group(_), true) => return wrong(&input.name, "a group has no control plane"),
    };
    let arrival = |frame: capture::Frame| Arrival {
        timestamp_ns: frame.timestamp_ns,
        side,
        id,
        source,
        priority: Priority::default(),
        octets: frame.octets,
        bad: false,
    };
    Ok(capture::read(&input.file)?.into_iter().map(arrival).collect())
}

/// The captures that leave, by name; each begins with its first frame.
struct Captures<'a> {
    config: &'a Config,
    out: &'a Path,
    writers: BTreeMap<String, Writer>,
    failed: Option<CaptureError>,
}

impl Captures<'_> {
    fn take(&mut self, departure: &Departure<'_>) {
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
    fn finish(self) -> Result<(), RunError> {
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

/// Whether a run with output folder `out` may write `path` itself: a capture or the report.
fn is_output(path: &Path, out: &Path) -> bool {
    let absolute = |path: &Path| std::path::absolute(path).ok();
    let inside = path.parent().and_then(absolute) == absolute(out);
    let capture = path.extension().is_some_and(|extension| extension == "pcap");
    inside && (capture || path.file_name().is_some_and(|name| name == "report.json"))
}

/// A bar on a terminal, nothing in a pipe.
fn progress(frames: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} frames, {eta} left")
        .expect("a template that is written right");
    ProgressBar::new(frames as u64).with_style(style)
}

/// Runs a job.
///
/// # Errors
/// [`RunError`]; if it [is bad input](RunError::is_bad_input), nothing was written.
pub fn run(job: &Job) -> Result<Report, RunError> {
    let config = Config::load(&job.config)?;
    if job.wave.is_some() && job.engine == EngineKind::Reference {
        return Err(RunError::NoPins);
    }
    if let Some(path) = job.wave.as_ref().filter(|path| is_output(path, &job.out)) {
        return Err(RunError::WaveTaken(path.clone()));
    }
    let mut frames = Vec::new();
    for input in &job.inputs {
        frames.extend(arrivals(&config, input)?);
    }
    // Stable: frames of one time enter in the order of the command line.
    frames.sort_by_key(|frame| frame.timestamp_ns);

    fs::create_dir_all(&job.out).map_err(|error| RunError::Out { path: job.out.clone(), error })?;
    let geometry = config.geometry(job.width);
    let wave = match &job.wave {
        Some(path) => {
            let wave = Wave::create(path, geometry).map_err(at_path(path))?;
            Some(Arc::new(Mutex::new(wave)))
        }
        None => None,
    };
    let engine = job.engine.engine(geometry, job.unkindness, wave.as_ref());
    let mut device = Device::discover(engine)?;
    program(&mut device, &config, job.unkindness.seed)?;

    let bar = progress(frames.len());
    let mut captures =
        Captures { config: &config, out: &job.out, writers: BTreeMap::new(), failed: None };
    let engine = device.bus_mut();
    frames.into_iter().for_each(|frame| engine.offer(frame));
    engine.run(&mut |departure| {
        bar.inc(1);
        captures.take(&departure);
    });
    bar.finish_and_clear();
    let streams = Streams::new(engine.as_ref(), job.width);
    let cycles = engine.cycles();
    device.snapshot()?;
    let mut report =
        Report::new(job.engine.name(), job.width.bits(), cycles, &config, device.counters());
    report.streams = streams;
    drop(device);

    captures.finish()?;
    if let (Some(wave), Some(path)) = (wave, &job.wave) {
        Wave::finish(wave).map_err(at_path(path))?;
    }
    write_report(&report, &job.out)?;
    Ok(report)
}

/// Writes report.json into `out`.
///
/// # Errors
/// What the disk refused; a report that was there before then stays.
pub fn write_report(report: &Report, out: &Path) -> Result<(), RunError> {
    let path = out.join("report.json");
    let write = || {
        let (unfinished, mut file) = Unfinished::create(&path)?;
        io::Write::write_all(&mut file, report.to_json().as_bytes())?;
        drop(file);
        unfinished.finish()
    };
    write().map_err(at_path(&path))
}
