// SPDX-License-Identifier: MIT
//! The commands of the association protocol.

use std::env;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use vireo_association::evb::Local;
use vireo_association::vdp::{Hint, Key};
use vireo_association::wire::vdp::{Command, Entry, Filter, ManagerId, VidWord, Vsi, VsiId};
use vireo_spec::ether::VlanId;

use super::{Failure, print};
use crate::association::{
    self, Attachment, BridgeJob, Counts, Listed, Outcome, ServeError, StationJob, Wanted,
};

#[derive(Debug, Args)]
pub(super) struct BridgeArgs {
    /// An interface, and the link of the machine that it is (the first unless named)
    #[arg(long = "interface", value_name = "INTERFACE[=LINK]", required = true)]
    interfaces: Vec<Attachment>,
    /// The machine: a TOML file (docs/configuration.md); without it one link with one port, port0, for VDP that comes untagged
    #[arg(long, value_name = "FILE")]
    machine: Option<PathBuf>,
    /// Types of VSIs, what links give, limits: a TOML file (docs/association.md)
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    #[command(flatten)]
    program: ProgramArgs,
    /// Print events as JSON, a line each
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct StationArgs {
    /// An interface, and the link of the machine that it is (the first unless named)
    #[arg(long = "interface", value_name = "INTERFACE[=LINK]", required = true)]
    interfaces: Vec<Attachment>,
    /// The adapter: a TOML file (docs/configuration.md); without it one link with one port, port0, which speaks untagged
    #[arg(long, value_name = "FILE")]
    machine: Option<PathBuf>,
    /// A port that speaks untagged on its link; all others speak in their channels
    #[arg(long = "default-port", value_name = "PORT")]
    default_ports: Vec<String>,
    /// A port that asks the bridge for its channel (E-TAG: PE-CSP, S-TAG: CDCP), whatever the file says of it
    #[arg(long = "ask-channel", value_name = "PORT")]
    asking: Vec<String>,
    #[command(flatten)]
    program: ProgramArgs,
}

/// What both programs take.
#[derive(Debug, Args)]
struct ProgramArgs {
    /// Where state survives a restart; it is replaced as a whole at each change
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Where `vireo associate`, `deassociate` and `vsi` reach it
    #[arg(long, value_name = "FILE")]
    socket: Option<PathBuf>,
    /// EVB's R: repetitions of an ECP request, 0 to 7
    #[arg(long, default_value = "3", value_parser = clap::value_parser!(u8).range(0..=7))]
    retries: u8,
    /// EVB's RTE: ECP waits 10 * 2^RTE microseconds, 0 to 31
    #[arg(long, default_value = "14", value_parser = clap::value_parser!(u8).range(0..=31))]
    rte: u8,
    /// EVB's RWD: the bridge may take 10 * 2^RWD microseconds, 0 to 31
    #[arg(long, default_value = "20", value_parser = clap::value_parser!(u8).range(0..=31))]
    rwd: u8,
    /// EVB's RKA: a keep-alive every 10 * 2^RKA microseconds, 0 to 31
    #[arg(long, default_value = "20", value_parser = clap::value_parser!(u8).range(0..=31))]
    rka: u8,
}

impl ProgramArgs {
    fn evb(&self) -> Local {
        let &Self { retries, rte, rwd, rka, .. } = self;
        Local { retries, rte, rwd, rka, ..Local::default() }
    }
}

/// How a VSI is to be had.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    /// It can send
    Associate,
    /// Asks whether it could be associated
    PreAssociate,
    /// Keeps room for it
    Reserve,
}

/// Where a VSI comes from or goes to.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum HintName {
    /// It is migrating to here
    To,
    /// It is migrating from here
    From,
}

/// What names a VSI.
#[derive(Debug, Args)]
struct NamedArgs {
    /// The VSI: a UUID, or an IPv4, IPv6 or MAC address
    #[arg(long)]
    id: VsiId,
    /// The manager of its type: a number up to 255, or 32 hexadecimal digits
    #[arg(long, default_value = "1", value_parser = association::manager)]
    manager: ManagerId,
}

#[derive(Debug, Args)]
pub(super) struct AssociateArgs {
    #[command(flatten)]
    vsi: NamedArgs,
    /// Its type, 24 bits
    #[arg(long = "type", value_parser = clap::value_parser!(u32).range(0..1 << 24))]
    type_id: u32,
    /// The version of its type
    #[arg(long, default_value = "1")]
    version: u8,
    /// What it may send: VID, VID-MAC, VID--GROUP or VID-MAC-GROUP, all of one kind; VID 0: what the bridge fills in
    #[arg(long = "filter", required = true, value_delimiter = ',', value_parser = entry)]
    filter: Vec<Entry>,
    /// How
    #[arg(long, default_value = "associate")]
    mode: Mode,
    /// Where it comes from or goes to
    #[arg(long)]
    hint: Option<HintName>,
    /// The port by whose channel, or the link where it is spoken untagged; the first unless named
    #[arg(long)]
    channel: Option<String>,
    /// Where the station listens
    #[arg(long, value_name = "FILE")]
    socket: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct DeassociateArgs {
    #[command(flatten)]
    vsi: NamedArgs,
    /// The channel, at a station that has it in more than one
    #[arg(long)]
    channel: Option<String>,
    /// Where the station listens, or the bridge, which then tells the station
    #[arg(long, value_name = "FILE")]
    socket: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct VsiArgs {
    /// What has been counted, instead of the VSIs: by channel, layer and name; lines without those that are 0
    #[arg(long)]
    counters: bool,
    /// Where the station or the bridge listens
    #[arg(long, value_name = "FILE")]
    socket: Option<PathBuf>,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// A filter entry as people write it.
fn entry(text: &str) -> Result<Entry, String> {
    let expected =
        "expected VID, VID-MAC, VID--GROUP or VID-MAC-GROUP, such as 2-52:54:00:00:00:01";
    let mut parts = text.splitn(3, '-');
    let vid = parts.next().and_then(|vid| vid.parse().ok()).ok_or(expected)?;
    let vid = VlanId::new(vid).map_err(|error| error.to_string())?;
    let mac = parts.next().filter(|mac| !mac.is_empty()).map(str::parse).transpose();
    let group = parts.next().map(str::parse).transpose().map_err(|_| expected)?;
    let mac = mac.map_err(|error| format!("{error}; {expected}"))?;
    if mac.is_none() && group.is_none() && text.contains('-') {
        return Err(expected.into());
    }
    Ok(Entry { group, mac, word: VidWord::new(vid) })
}

/// The socket that is meant where none is named.
fn socket(named: Option<&PathBuf>, program: &str) -> PathBuf {
    let folder = || env::var_os("XDG_RUNTIME_DIR").map_or("/run".into(), PathBuf::from);
    named.cloned().unwrap_or_else(|| folder().join("vireo").join(format!("{program}.socket")))
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        Self { status: if error.is_bad_input() { 2 } else { 1 }, text: error.to_string() }
    }
}

pub(super) fn bridge_command(args: &BridgeArgs) -> Result<ExitCode, Failure> {
    association::run_bridge(&BridgeJob {
        interfaces: args.interfaces.clone(),
        machine: args.machine.clone(),
        policy: args.policy.clone(),
        state: args.program.state.clone(),
        socket: socket(args.program.socket.as_ref(), "bridge"),
        evb: args.program.evb(),
        json: args.json,
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn station_command(args: &StationArgs) -> Result<ExitCode, Failure> {
    association::run_station(&StationJob {
        interfaces: args.interfaces.clone(),
        machine: args.machine.clone(),
        default_ports: args.default_ports.clone(),
        asking: args.asking.clone(),
        state: args.program.state.clone(),
        socket: socket(args.program.socket.as_ref(), "station"),
        evb: args.program.evb(),
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn associate_command(args: &AssociateArgs) -> Result<ExitCode, Failure> {
    let filter = Filter::from_entries(args.filter.iter().copied())
        .map_err(|error| Failure { status: 2, text: format!("--filter: {error}") })?;
    let &AssociateArgs { type_id, version: type_version, .. } = args;
    let NamedArgs { id, manager } = args.vsi;
    let wanted = Wanted {
        channel: args.channel.clone(),
        manager,
        command: match args.mode {
            Mode::Associate => Command::Associate,
            Mode::PreAssociate => Command::PreAssociate,
            Mode::Reserve => Command::PreAssociateWithReservation,
        },
        vsi: Vsi { type_id, type_version, id, filter },
        hint: args.hint.map(|hint| match hint {
            HintName::To => Hint::MigrateTo,
            HintName::From => Hint::MigrateFrom,
        }),
    };
    let outcome = association::associate(&socket(args.socket.as_ref(), "station"), wanted)?;
    let done = matches!(outcome, Outcome::Confirmed { .. });
    show(&id, &outcome, done, args.json)
}

pub(super) fn deassociate_command(args: &DeassociateArgs) -> Result<ExitCode, Failure> {
    let key = Key::new(args.vsi.manager, args.vsi.id);
    let socket = socket(args.socket.as_ref(), "station");
    let outcome = association::deassociate(&socket, key, args.channel.clone())?;
    show(&args.vsi.id, &outcome, outcome == Outcome::Removed, args.json)
}

/// Says what came of a request; status 1 unless that is what was asked for.
fn show(id: &VsiId, outcome: &Outcome, done: bool, json: bool) -> Result<ExitCode, Failure> {
    let text = match outcome {
        Outcome::Confirmed { command, filter } => {
            format!("{id}: {command} confirmed: {}", association::filter_text(filter))
        }
        Outcome::Refused { command, reason, status, kept } => {
            let kept = if *kept { "; what was confirmed before still is" } else { "" };
            format!("{id}: {command} refused: {reason} (status {status:#04x}){kept}")
        }
        Outcome::Unanswered { command } => {
            format!(
                "{id}: {command} unanswered: the bridge is silent; it is asked again from time to time"
            )
        }
        Outcome::Removed => format!("{id}: gone"),
        other => format!("{id}: {other:?}"),
    };
    let json_text = || serde_json::to_string(outcome).expect("outcomes are plain data");
    print(&(if json { json_text() } else { text } + "\n"))?;
    Ok(ExitCode::from(u8::from(!done)))
}

pub(super) fn vsi_command(args: &VsiArgs) -> Result<ExitCode, Failure> {
    let socket = socket(args.socket.as_ref(), "station");
    if args.counters {
        let counts = association::count(&socket)?;
        return print(&match args.json {
            true => serde_json::to_string_pretty(&counts).expect("counters are plain data") + "\n",
            false => lines(&counts),
        });
    }
    let vsis = association::list(&socket)?;
    print(&match args.json {
        true => serde_json::to_string_pretty(&vsis).expect("VSIs are plain data") + "\n",
        false => table(&vsis),
    })
}

fn lines(counts: &Counts) -> String {
    let mut lines = String::new();
    for (channel, layers) in counts {
        for (layer, counters) in layers {
            for (name, count) in counters.iter().filter(|(_, count)| **count > 0) {
                let _ = writeln!(lines, "{channel:<12}  {layer:<5}  {name:<16}  {count}");
            }
        }
    }
    lines
}

fn table(vsis: &[Listed]) -> String {
    let heading = ["channel", "VSI", "manager", "type", "wanted", "state", "filter"];
    let rows = vsis.iter().map(|found| {
        [
            found.channel.clone(),
            found.vsi.id.to_string(),
            found.manager.to_string(),
            format!("{} v{}", found.vsi.type_id, found.vsi.type_version),
            found.command.to_string(),
            found.state.clone(),
            association::filter_text(&found.vsi.filter),
        ]
    });
    let rows: Vec<_> = [heading.map(str::to_owned)].into_iter().chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<_> = (0..heading.len()).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &[String; 7]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}
