// SPDX-License-Identifier: MIT
//! Storms without end, or nearly: two machines in lockstep at every width, spread over the cores. The tests run one storm a
//! width; this runs as many as wanted, and repeats one that a test has failed in.

use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use vireo_hdl_tests::{Weather, small};
use vireo_sim::engine::kind::PinKind;
use vireo_spec::geometry::Width;

/// Two machines in lockstep, in storms of frames, stalls, register accesses, table updates and resets
///
/// Stops at the first difference: says cycle, pin, both values, the frames in flight, and the command that repeats it, and leaves
/// a waveform of both sides and a capture of these frames.
#[derive(Debug, Parser)]
struct Args {
    /// The two machines, each model, hdl or verilator
    #[arg(long, value_delimiter = ',', default_value = "model,verilator", value_name = "A,B")]
    sides: Vec<PinKind>,
    /// Widths, with commas between them
    #[arg(long, value_delimiter = ',', default_value = "64,128,256,512", value_name = "W,...")]
    width: Vec<usize>,
    /// Seed of the first storm; the next ones count on
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Cycles of a storm
    #[arg(long, default_value_t = 5_000_000)]
    cycles: u64,
    /// Storms at each width
    #[arg(long, default_value_t = 16)]
    storms: u64,
    /// Frames between two resets, at least and at most
    #[arg(long, value_delimiter = ',', default_value = "1000,5000", value_name = "N,M")]
    between: Vec<u64>,
    /// Storms at a time: one a core unless given
    #[arg(long)]
    jobs: Option<usize>,
}

impl Args {
    /// All storms, those of each seed together.
    fn storms(&self) -> Result<Vec<Weather>, String> {
        let &[first, second] = &self.sides[..] else {
            return Err("--sides wants two machines".into());
        };
        let &[least, most] = &self.between[..] else {
            return Err("--between wants two numbers of frames".into());
        };
        if least == 0 || least > most {
            return Err(format!("--between {least},{most}: want 0 < {least} <= {most}"));
        }
        let width = |&bits| {
            Width::from_bits(bits).ok_or(format!("--width {bits}: want 64, 128, 256 or 512"))
        };
        let widths = self.width.iter().map(width).collect::<Result<Vec<_>, _>>()?;
        let seeds = self.seed..self.seed + self.storms;
        let storm = |seed, width| Weather {
            sides: [first, second],
            width,
            seed,
            cycles: self.cycles,
            between: (least, most),
        };
        Ok(seeds.flat_map(|seed| widths.iter().map(move |&width| storm(seed, width))).collect())
    }
}

/// Runs one storm; what there is to say of it, and whether nothing differed.
fn run(weather: &Weather) -> (String, bool) {
    let (bits, seed) = (weather.width.bits(), weather.seed);
    let make = |kind: PinKind| kind.machine(small(weather.width));
    let machines = match weather.sides.map(make) {
        [Ok(first), Ok(second)] => [first, second],
        [Err(error), _] | [_, Err(error)] => return (error.to_string(), false),
    };
    match weather.over(machines) {
        Ok(weathered) => {
            let [links, ports] = weathered.beats;
            let (cycles, frames) = (weathered.cycles, weathered.frames);
            let (resets, accesses) = (weathered.resets, weathered.accesses);
            let text = format!(
                "{bits:>3} bits, seed {seed}: no pin differs in {cycles} cycles; {frames} frames, {links} and {ports} beats \
                 out, {accesses} register accesses, {resets} resets"
            );
            (text, true)
        }
        Err(difference) => (weather.tell(&difference), false),
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let storms = match args.storms() {
        Ok(storms) => storms,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} storms, {eta} left")
        .expect("a template that is written right");
    let bar = ProgressBar::new(storms.len() as u64).with_style(style);
    let left = Mutex::new((storms.iter(), true));
    thread::scope(|scope| {
        for _ in 0..args.jobs.unwrap_or(cores).max(1) {
            scope.spawn(|| {
                loop {
                    let next = match &mut *left.lock().expect("no storm panics") {
                        (storms, true) => storms.next(),
                        _ => None,
                    };
                    let Some(weather) = next else { break };
                    let (text, passed) = run(weather);
                    bar.suspend(|| println!("{text}"));
                    bar.inc(1);
                    left.lock().expect("no storm panics").1 &= passed;
                }
            });
        }
    });
    bar.finish_and_clear();
    match left.into_inner() {
        Ok((_, true)) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
