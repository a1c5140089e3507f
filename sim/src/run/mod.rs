// SPDX-License-Identifier: MIT
//! `vireo run`: captures go into a configured machine, captures and a report come out.
//!
//! Everything that can be wrong with the input is found before anything is written.

mod captures;
mod error;
mod input;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use indicatif::{ProgressBar, ProgressStyle};
use vireo_driver::Device;
use vireo_spec::geometry::{Geometry, Width};

use crate::config::Config;
use crate::engine::clocked::{PinEngine, Unkindness};
use crate::engine::kind::{EngineKind, Made, MakeError, PinKind};
use crate::engine::lockstep::{Difference, Watch};
use crate::engine::reference::Reference;
use crate::engine::{Arrival, Departure, Engine};
use crate::program::program;
use crate::report::{Report, Streams};
use crate::unfinished::Unfinished;
use crate::wave::Wave;

pub(crate) use captures::Captures;
pub use error::RunError;
use error::at_path;
pub use input::Input;
pub(crate) use input::arrivals;

/// The folder beside the captures for what there is of a difference.
const DIFFERENCE: &str = "difference";

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

impl Job {
    /// The command that does the job.
    pub fn command(&self) -> String {
        let mut words = vec!["vireo".to_owned(), "run".into(), self.config.display().to_string()];
        let mut option = |name: &str, value: String| words.extend([name.into(), value]);
        self.inputs.iter().for_each(|input| option("--in", input.to_string()));
        option("--out", self.out.display().to_string());
        option("--engine", self.engine.name().into());
        if let EngineKind::Lockstep(sides) = self.engine {
            option("--sides", sides.map(PinKind::name).join(","));
        }
        option("--width", self.width.bits().to_string());
        option("--stall", self.unkindness.stall.to_string());
        option("--seed", self.unkindness.seed.to_string());
        if let Some(wave) = &self.wave {
            option("--wave", wave.display().to_string());
        }
        let quoted = words.iter().map(|word| shlex::try_quote(word).unwrap_or(word.into()));
        quoted.collect::<Vec<_>>().join(" ")
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

/// A machine that has just been reset, as an engine, and where a difference will show if it is two.
pub(crate) fn engine(
    made: Option<Made>,
    geometry: Geometry,
    unkindness: Unkindness,
    wave: Option<&Arc<Mutex<Wave>>>,
) -> (Box<dyn Engine>, Option<Watch>) {
    let Some((machine, watch)) = made else {
        return (Box::new(Reference::new(geometry)), None);
    };
    let mut engine = PinEngine::new(machine, geometry, unkindness);
    if let Some(wave) = wave {
        engine.observe(Wave::observer(wave));
    }
    (Box::new(engine), watch)
}

/// Runs a job.
///
/// # Errors
/// [`RunError`]; if it [is bad input](RunError::is_bad_input), nothing was written.
pub fn run(job: &Job) -> Result<Report, RunError> {
    run_on(job, |geometry| job.engine.machine(geometry))
}

/// Runs a job on the machine that `make` makes.
fn run_on(
    job: &Job,
    make: impl FnOnce(Geometry) -> Result<Option<Made>, MakeError>,
) -> Result<Report, RunError> {
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
    let geometry = job.engine.geometry(config.geometry(job.width));
    let geometry =
        geometry.map_err(|source| RunError::NotOffered { engine: job.engine.name(), source })?;
    let made = make(geometry);
    let made = made.map_err(|source| RunError::Make { engine: job.engine.name(), source })?;

    fs::create_dir_all(&job.out).map_err(|error| RunError::Out { path: job.out.clone(), error })?;
    let wave = match &job.wave {
        Some(path) => {
            let wave = Wave::create(path, geometry).map_err(at_path(path))?;
            Some(Arc::new(Mutex::new(wave)))
        }
        None => None,
    };
    let (engine, watch) = engine(made, geometry, job.unkindness, wave.as_ref());
    let mut captures = Captures::new(&config, &job.out);
    let outcome = simulate(job, &config, engine, watch.as_ref(), frames, &mut captures);
    if let Some(difference) = watch.as_ref().and_then(|watch| watch.get()) {
        return Err(differs(job, difference));
    }
    let report = outcome?;
    captures.finish()?;
    let folder = job.out.join(DIFFERENCE);
    Difference::remove(&folder).map_err(at_path(&folder))?;
    if let (Some(wave), Some(path)) = (wave, &job.wave) {
        Wave::finish(wave).map_err(at_path(path))?;
    }
    write_report(&report, &job.out)?;
    Ok(report)
}

/// Programs the machine, sends the frames through, and reads what it counted. Ends early on a difference.
fn simulate(
    job: &Job,
    config: &Config,
    engine: Box<dyn Engine>,
    watch: Option<&Watch>,
    frames: Vec<Arrival>,
    captures: &mut Captures<'_>,
) -> Result<Report, RunError> {
    let differs = || watch.is_some_and(|watch| watch.get().is_some());
    let mut device = Device::discover(engine)?;
    program(&mut device, config, job.unkindness.seed)?;
    let bar = progress(frames.len());
    let engine = device.bus_mut();
    frames.into_iter().for_each(|frame| engine.offer(frame));
    let mut sink = |departure: Departure<'_>| {
        bar.inc(1);
        captures.take(&departure);
    };
    while !differs() && engine.step(&mut sink) {}
    bar.finish_and_clear();
    let streams = Streams::new(engine.as_ref(), job.width);
    let cycles = engine.cycles();
    device.snapshot()?;
    let (name, counters) = (job.engine.name(), device.counters());
    let mut report = Report::new(name, job.width.bits(), cycles, &config.names(), counters);
    report.streams = streams;
    Ok(report)
}

/// Leaves what there is of a difference beside the captures.
fn differs(job: &Job, difference: &Difference) -> RunError {
    let folder = job.out.join(DIFFERENCE);
    if let Err(error) = difference.leave(&folder) {
        return at_path(&folder)(error);
    }
    RunError::Differs { difference: Box::new(difference.clone()), folder, command: job.command() }
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

#[cfg(test)]
mod tests {
    use vireo_model::pipeline;
    use vireo_spec::pins::{Clocked, Inputs, Outputs};

    use super::*;
    use crate::engine::lockstep::Lockstep;

    /// The cycle model, but for the octets that leave on links from one cycle on.
    struct Faulty {
        machine: Box<dyn Clocked + Send>,
        outputs: Outputs,
        cycles: u64,
    }

    impl Clocked for Faulty {
        fn outputs(&self) -> &Outputs {
            &self.outputs
        }

        fn clock(&mut self, inputs: &Inputs) {
            self.machine.clock(inputs);
            self.cycles += 1;
            self.outputs = *self.machine.outputs();
            self.outputs.m_link.beat.data[5] ^= u8::from(self.cycles > 100);
        }
    }

    #[test]
    fn lockstep_of_machines_that_differ_stops_says_how_to_repeat_it_and_leaves_waveform_and_capture()
     {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("my machine.toml");
        fs::write(
            &config,
            "role = \"extender\"\ntag = \"e-tag\"\n[[link]]\nname = \"up\"\n[[port]]\nname = \"vm\"\n\
             link = \"up\"\nchannel = 20\ncheck_source = false\n",
        )
        .unwrap();
        let capture = folder.path().join("vm.pcap");
        let mut writer = crate::capture::Writer::create(&capture).unwrap();
        (0..50).for_each(|n| writer.write(n, &[n as u8; 60]).unwrap());
        writer.finish().unwrap();
        let job = Job {
            config,
            inputs: vec![format!("vm={}", capture.display()).parse().unwrap()],
            out: folder.path().join("out"),
            engine: EngineKind::Lockstep([PinKind::Model, PinKind::Hdl]),
            width: Width::W64,
            unkindness: Unkindness { stall: 0.25, seed: 7 },
            wave: None,
        };
        let error = run_on(&job, |geometry| {
            let machine = pipeline::machine(geometry);
            let outputs = *machine.outputs();
            let faulty = Box::new(Faulty { machine, outputs, cycles: 0 });
            let lockstep =
                Lockstep::new(geometry, ("model", pipeline::machine(geometry)), ("hdl", faulty));
            let watch = lockstep.watch();
            Ok(Some((Box::new(lockstep), Some(watch))))
        })
        .unwrap_err();
        assert!(!error.is_bad_input());
        let text = error.to_string();
        for part in [
            ": pin m_link_tdata is 0x",
            "s_port Port(0), since cycle ",
            "60 octets: 00 00",
            "out/difference\nto repeat it: vireo run '",
            "--engine lockstep --sides 'model,hdl' --width 64 --stall 0.25 --seed 7",
        ] {
            assert!(text.contains(part), "no {part:?} in {text}");
        }
        let left = folder.path().join("out/difference");
        assert!(fs::read_to_string(left.join("pins.vcd")).unwrap().contains("$scope module hdl"));
        assert!(!crate::capture::read(left.join("frames.pcap")).unwrap().is_empty());
        assert!(!folder.path().join("out/report.json").exists());

        // A run without a difference leaves nothing of it.
        run_on(&job, |geometry| EngineKind::Pins(PinKind::Model).machine(geometry)).unwrap();
        assert!(!left.exists());
    }
}
