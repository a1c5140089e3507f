// SPDX-License-Identifier: MIT
//! The command line of `vireo`.

mod association;
mod values;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use vireo_spec::geometry::Geometry;
use vireo_spec::geometry::Width;
use vireo_spec::registers::{c_header, markdown, rdl};

use self::values::{EngineName, probability, sides, width};
use crate::bench;
use crate::decode;
use crate::engine::clocked::Unkindness;
use crate::engine::kind::{EngineKind, PinKind};
use crate::moving::Moves;
use crate::run::{self, Input, Job};
use crate::scenario;
use crate::show;
use crate::verilog::{self, VerilogError};

/// One physical port becomes many virtual ones: the machine behind it, simulated.
///
/// Without a command: the demonstration.
#[derive(Debug, Parser)]
#[command(name = "vireo", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Send captures through a machine
    Run(RunArgs),
    /// Play a scenario on one engine or more, and compare what comes of it
    ///
    /// A scenario says which frames enter a machine when, and what its driver does meanwhile (docs/scenario.md). Exit status 1
    /// if an engine did anything otherwise than the first.
    Scenario(ScenarioArgs),
    /// Move a virtual port between two links of a bridge under full traffic, and look for every frame
    ///
    /// Exit status 1 if a frame was lost, came twice, out of order, changed or at another port.
    Move(MoveArgs),
    /// Show what a machine's tables say and what it has counted
    Show(ShowArgs),
    /// Measure how fast the engines are on this computer
    ///
    /// Those with pins as an extender of 8 ports, with both directions busy in every cycle. Where a lockstep is measured beside
    /// both its sides, the share of its time that comparing takes is said as well.
    Bench(BenchArgs),
    /// Say what the frames of captures hold: channels' tags, LLDP with EVB and CDCP, ECP with VDP and PE-CSP
    Decode {
        /// Captures (pcap or pcapng)
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print JSON, an object a frame, instead of lines
        #[arg(long)]
        json: bool,
    },
    /// Run the bridge's side of the association protocol on interfaces, over the model of its machine
    ///
    /// Needs the capability CAP_NET_RAW. Prints what becomes of VSIs, a line each, until it is interrupted.
    VdpBridge(association::BridgeArgs),
    /// Run the host's side of the association protocol on interfaces, over the model of its adapter
    ///
    /// Needs the capability CAP_NET_RAW. Serves `associate`, `deassociate` and `vsi` until it is interrupted.
    Station(association::StationArgs),
    /// Have a station associate a VSI, and wait for what its bridge says
    ///
    /// Exit status 1 if the bridge refuses it, or does not answer.
    Associate(association::AssociateArgs),
    /// End a VSI at a station, or at a bridge
    Deassociate(association::DeassociateArgs),
    /// List the VSIs of a station or a bridge
    Vsi(association::VsiArgs),
    /// Print a machine as Verilog, with its register map and a README
    ///
    /// Hardware is typed by its size, so not every size is compiled in; one that is not is answered by a list of those that
    /// are.
    Verilog(VerilogArgs),
    /// Print the register map
    Registers {
        /// SystemRDL, Markdown or a C header
        #[arg(long)]
        format: Format,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Rdl,
    Md,
    C,
}

#[derive(Debug, Args)]
struct RunArgs {
    /// The machine: a TOML file (docs/configuration.md)
    config: PathBuf,
    /// A capture (pcap or pcapng) and the port, link or group that its frames enter by; GROUP@PORT: a group's frames that entered the bridge by that virtual port; control@NAME: frames that the control plane sends by a link or port
    #[arg(long = "in", value_name = "NAME=FILE")]
    inputs: Vec<Input>,
    /// The folder for NAME.pcap, control.pcap and report.json
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// What brings the machine to life
    #[arg(long, default_value = "model")]
    engine: EngineName,
    /// The two engines of a lockstep, each model, hdl or verilator
    #[arg(long, default_value = "model,hdl", value_name = "A,B", value_parser = sides)]
    sides: [PinKind; 2],
    /// Bits of the streams: 64, 128, 256 or 512
    #[arg(long, default_value = "512", value_parser = width)]
    width: Width,
    /// Probability of a gap or stall in each cycle, on every stream; 0 to 0.99 (no matter to the engine reference)
    #[arg(long, default_value = "0", value_name = "P", value_parser = probability)]
    stall: f64,
    /// Seed of gaps, stalls and the hash tables
    #[arg(long, default_value = "1", value_name = "N")]
    seed: u64,
    /// Write the pins of every cycle as a waveform
    #[arg(long, value_name = "FILE.vcd")]
    wave: Option<PathBuf>,
    /// Print the report as JSON instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct MoveArgs {
    /// The bridge: model, hdl or verilator
    #[arg(long, default_value = "model")]
    engine: PinKind,
    /// Bits of the streams: 64, 128, 256 or 512
    #[arg(long, default_value = "512", value_parser = width)]
    width: Width,
    /// How often the port moves, forth and back
    #[arg(long, default_value = "100", value_name = "N")]
    moves: usize,
    /// Frames of 60 octets only, instead of 60 to 1518
    #[arg(long)]
    minimum: bool,
    /// Do not wait for the old link to drain: shows what such a move loses
    #[arg(long)]
    hasty: bool,
    /// Seed of frames, phases and hash tables
    #[arg(long, default_value = "1", value_name = "N")]
    seed: u64,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// The model of a machine that this configuration was given to
    #[arg(required_unless_present = "device", conflicts_with = "device")]
    config: Option<PathBuf>,
    /// Hardware: the file of its registers (a PCI resource such as /sys/bus/pci/devices/.../resource0, or a UIO device), or
    /// `serial:` and a board's serial port (serial:/dev/ttyUSB1)
    #[arg(long, value_name = "FILE")]
    device: Option<show::Place>,
    /// Show also frames a second, measured for so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    rates: Option<u64>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ScenarioArgs {
    /// The scenario: a TOML file (docs/scenario.md)
    file: PathBuf,
    /// The folder for what comes out: in it one for each engine, with NAME.pcap, control.pcap and report.json
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Engines, with commas between them: of reference, model, hdl and verilator
    #[arg(long, value_delimiter = ',', default_value = "model,reference")]
    engine: Vec<EngineName>,
    /// Bits of the streams: 64, 128, 256 or 512
    #[arg(long, default_value = "512", value_parser = width)]
    width: Width,
    /// Probability of a gap or stall in each cycle, on every stream; 0 to 0.99
    #[arg(long, default_value = "0", value_name = "P", value_parser = probability)]
    stall: f64,
    /// Seed of gaps, stalls and the hash tables
    #[arg(long, default_value = "1", value_name = "N")]
    seed: u64,
    /// Print what came of it as JSON instead of tables
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct VerilogArgs {
    /// Bits of the streams: 64, 128, 256 or 512
    #[arg(long, default_value = "512", value_parser = width)]
    width: Width,
    /// Ports
    #[arg(long, default_value = "32", value_name = "N")]
    ports: usize,
    /// Groups
    #[arg(long, default_value = "16", value_name = "N")]
    groups: usize,
    /// Links
    #[arg(long, default_value = "2", value_name = "N")]
    links: usize,
    /// Rows of the channel table
    #[arg(long, default_value = "1024", value_name = "N")]
    channels: usize,
    /// Rows of the binding table
    #[arg(long, default_value = "4096", value_name = "N")]
    bindings: usize,
    /// The folder for it, which must not be there, or be empty; it appears when it is complete
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct BenchArgs {
    /// Engines, with commas between them
    #[arg(long, value_delimiter = ',', default_value = "reference,model")]
    engine: Vec<EngineName>,
    /// The two engines of a lockstep, each model, hdl or verilator
    #[arg(long, default_value = "model,verilator", value_name = "A,B", value_parser = sides)]
    sides: [PinKind; 2],
    /// Widths, with commas between them
    #[arg(long, value_delimiter = ',', default_value = "64,128,256,512", value_parser = width)]
    width: Vec<Width>,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let result = match Cli::parse().command {
        None => crate::demo::main(),
        Some(Command::Run(args)) => run_command(&args),
        Some(Command::Move(args)) => move_command(&args),
        Some(Command::Show(args)) => show_command(&args),
        Some(Command::Scenario(args)) => scenario_command(&args),
        Some(Command::Bench(args)) => bench_command(&args),
        Some(Command::Decode { files, json }) => decode_command(&files, json),
        Some(Command::VdpBridge(args)) => association::bridge_command(&args),
        Some(Command::Station(args)) => association::station_command(&args),
        Some(Command::Associate(args)) => association::associate_command(&args),
        Some(Command::Deassociate(args)) => association::deassociate_command(&args),
        Some(Command::Vsi(args)) => association::vsi_command(&args),
        Some(Command::Verilog(args)) => verilog_command(&args),
        Some(Command::Registers { format }) => {
            let text = match format {
                Format::Rdl => rdl::text(),
                Format::Md => markdown::text(),
                Format::C => c_header::text(),
            };
            print(&text)
        }
    };
    result.unwrap_or_else(|failure| {
        // Nobody may be listening; there is no one else to tell.
        let _ = writeln!(io::stderr(), "{}", failure.text);
        ExitCode::from(failure.status)
    })
}

/// Why a command failed, and the exit status that says so: 2 for wrong input, 1 for what the system refused.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: u8,
    pub(crate) text: String,
}

impl From<run::RunError> for Failure {
    fn from(error: run::RunError) -> Self {
        Self { status: if error.is_bad_input() { 2 } else { 1 }, text: error.to_string() }
    }
}

impl From<VerilogError> for Failure {
    fn from(error: VerilogError) -> Self {
        Self { status: if error.is_bad_input() { 2 } else { 1 }, text: error.to_string() }
    }
}

impl From<bench::BenchError> for Failure {
    fn from(error: bench::BenchError) -> Self {
        Self { status: 1, text: error.to_string() }
    }
}

/// Prints to standard output. A reader that has left early, as `head` does, is no failure.
pub(crate) fn print(text: &str) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure { status: 1, text: format!("standard output: {error}") })
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn bench_command(args: &BenchArgs) -> Result<ExitCode, Failure> {
    let mut rows = Vec::new();
    for traffic in bench::Traffic::ALL {
        for engine in &args.engine {
            let kind = engine.kind(args.sides);
            // The reference has no width.
            let widths =
                &args.width[..if kind == EngineKind::Reference { 1 } else { args.width.len() }];
            for &width in widths {
                rows.push(bench::speed(kind, width, traffic)?);
            }
        }
    }
    print(&match args.json {
        true => serde_json::to_string_pretty(&rows).expect("rows are plain data") + "\n",
        false => bench::table(&rows, args.sides),
    })
}

fn run_command(args: &RunArgs) -> Result<ExitCode, Failure> {
    let job = Job {
        config: args.config.clone(),
        inputs: args.inputs.clone(),
        out: args.out.clone(),
        engine: args.engine.kind(args.sides),
        width: args.width,
        unkindness: Unkindness { stall: args.stall, seed: args.seed },
        wave: args.wave.clone(),
    };
    let report = run::run(&job)?;
    print(&if args.json { report.to_json() } else { report.to_string() })
}

fn move_command(args: &MoveArgs) -> Result<ExitCode, Failure> {
    let &MoveArgs { engine, width, moves, minimum, hasty, seed, json } = args;
    let moved = Moves { engine, width, moves, mixed: !minimum, seed, drains: !hasty }.run()?;
    print(&match json {
        true => serde_json::to_string_pretty(&moved).expect("counts are plain data") + "\n",
        false => moved.to_string(),
    })?;
    Ok(ExitCode::from(u8::from(!moved.is_whole())))
}

fn show_command(args: &ShowArgs) -> Result<ExitCode, Failure> {
    let over = args.rates.map(Duration::from_secs);
    let shown = match (&args.device, &args.config) {
        (Some(place), _) => show::hardware(place, over),
        (None, Some(config)) => show::configured(config, over),
        (None, None) => unreachable!("clap wants one of them"),
    };
    let shown = shown.map_err(|error| Failure {
        status: if error.is_bad_input() { 2 } else { 1 },
        text: error.to_string(),
    })?;
    print(&if args.json { shown.to_json() } else { shown.to_string() })
}

fn scenario_command(args: &ScenarioArgs) -> Result<ExitCode, Failure> {
    if args.engine.contains(&EngineName::Lockstep) {
        let text = "--engine lockstep: a scenario compares engines by itself; name both".into();
        return Err(Failure { status: 2, text });
    }
    let named_again = |at: usize| args.engine[..at].contains(&args.engine[at]);
    if (1..args.engine.len()).any(named_again) {
        let text = "--engine: an engine is named twice; it would be compared with itself".into();
        return Err(Failure { status: 2, text });
    }
    let outcome = scenario::run(&scenario::Job {
        file: args.file.clone(),
        engines: args.engine.iter().map(|engine| engine.kind([PinKind::Model; 2])).collect(),
        out: args.out.clone(),
        width: args.width,
        unkindness: Unkindness { stall: args.stall, seed: args.seed },
    })?;
    print(&if args.json { outcome.to_json() } else { outcome.to_string() })?;
    Ok(ExitCode::from(u8::from(!outcome.disagreements.is_empty())))
}

fn decode_command(files: &[PathBuf], json: bool) -> Result<ExitCode, Failure> {
    let form = if json { decode::Form::Json } else { decode::Form::Lines };
    let decoded = decode::decode(files, form);
    print(&decoded.map_err(|error| Failure { status: 2, text: error.to_string() })?)
}

fn verilog_command(args: &VerilogArgs) -> Result<ExitCode, Failure> {
    let VerilogArgs { width, ports, groups, links, channels, bindings, ref out } = *args;
    let geometry = Geometry::new(width.bits(), links, ports, groups, channels, bindings)
        .map_err(|error| Failure { status: 2, text: error.to_string() })?;
    verilog::write(geometry, out)?;
    Ok(ExitCode::SUCCESS)
}
