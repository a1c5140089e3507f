// SPDX-License-Identifier: MIT
//! `vireo station`: the host's side of the association protocol on interfaces, over the model of its adapter.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use vireo_association::evb::Local;
use vireo_association::vdp::{Key, Station, StationEvent, WantError};
use vireo_association::wire::vdp::{Command, Vsi};
use vireo_driver::controller::{ChannelEvent, HostController, HostEvent, Identity};
use vireo_spec::pins::StreamId;
use vireo_spec::tag::Role;

use super::control::{Client, Counts, Listed, Outcome, Request, Socket, Wanted, counts};
use super::error::ServeError;
use super::node::{Attachment, Node, configuration, machine};
use super::passage::Machine;
use super::state::Memory;
use crate::config::{Config, Endpoint};

/// What `vireo station` is to do.
#[derive(Clone, Debug)]
pub struct StationJob {
    /// Interfaces, and their links.
    pub interfaces: Vec<Attachment>,
    /// The adapter; none: one link with a port for what is spoken untagged.
    pub machine: Option<PathBuf>,
    /// Ports whose VSIs are spoken of untagged on their links; of an adapter without a file its only one.
    pub default_ports: Vec<String>,
    /// Ports that ask the bridge for their channels, whatever the file says of these.
    pub asking: Vec<String>,
    /// Where state survives a restart.
    pub state: Option<PathBuf>,
    /// Where clients reach it.
    pub socket: PathBuf,
    /// What it says of itself.
    pub evb: Local,
}

/// What is wanted, over a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Remembered {
    vsis: Vec<Wanted>,
}

/// Who waits for what becomes of a VSI.
struct Waiting {
    at: StreamId,
    key: Key,
    command: Command,
    client: Client,
}

struct Program<'a> {
    config: &'a Config,
    controller: HostController<Machine>,
    waiting: Vec<Waiting>,
    /// What is remembered of channels that are yet to be given.
    later: Vec<Wanted>,
}

/// Runs until a signal ends it.
///
/// # Errors
/// [`ServeError`]
pub fn run(job: &StationJob) -> Result<(), ServeError> {
    let config = configuration(job.machine.as_deref(), Role::Extender)?;
    let default_ports = default_ports(&config, job)?;
    let mut memory = Memory::<Remembered>::load(job.state.as_deref())?;
    let mut node = Node::open(&config, &job.interfaces)?;
    let mut socket = Socket::open(&job.socket)?;
    let identity = Identity { source: node.address(), evb: job.evb, seed: fastrand::u64(..) };
    let asking = job.asking.iter().map(|name| port(&config, "--ask-channel", name));
    let asking = asking.collect::<Result<Vec<_>, _>>()?;
    let mut device = machine(&config)?;
    for &port in &asking {
        device.delete_port(port)?;
    }
    let mut controller = HostController::new(device, identity, &default_ports, node.now())?;
    for &port in &asking {
        let row = config.port_row(&config.ports[usize::from(port)]);
        controller.create_channel(port, row, node.now())?;
    }
    let (waiting, later) = (Vec::new(), Vec::new());
    let mut program = Program { config: &config, controller, waiting, later };
    for wanted in &memory.written().vsis {
        if asking
            .iter()
            .any(|&port| wanted.channel.as_ref() == Some(&config.ports[usize::from(port)].name))
        {
            program.later.push(wanted.clone());
            continue;
        }
        if let (Some(file), Err(reason)) = (&job.state, program.want(wanted)) {
            let problem = format!("VSI {}: {reason}", wanted.vsi.id);
            return Err(ServeError::State { file: file.clone(), problem });
        }
    }
    loop {
        node.pump(&mut program.controller, |_| ())?;
        while let Some(event) = program.controller.event() {
            program.follow(event);
        }
        for (client, request) in socket.requests() {
            program.serve(client, request);
        }
        memory.remember(true, || program.remembered());
        // What was just asked for leaves before the program rests.
        node.pump(&mut program.controller, |_| ())?;
        if !node.wait(&program.controller, &socket)? {
            return node.leave(&mut program.controller, |_| ());
        }
    }
}

/// The port of this name.
fn port(config: &Config, option: &'static str, name: &str) -> Result<u8, ServeError> {
    match config.find(name) {
        Some(Endpoint::Port(port)) => Ok(port as u8),
        _ => {
            let names: Vec<_> = config.ports.iter().map(|port| &*port.name).collect();
            let expected = format!("a port of the machine: {}", names.join(", "));
            Err(ServeError::Name { option, name: name.into(), expected })
        }
    }
}

/// By link, the port whose VSIs are spoken of untagged.
fn default_ports(config: &Config, job: &StationJob) -> Result<BTreeMap<u8, u8>, ServeError> {
    if job.machine.is_none() && job.default_ports.is_empty() {
        return Ok(BTreeMap::from([(0, 0)]));
    }
    let mut ports = BTreeMap::new();
    for name in &job.default_ports {
        let option = "--default-port";
        let port = port(config, option, name)?;
        let link = config.ports[usize::from(port)].link as u8;
        if ports.insert(link, port).is_some() || job.asking.contains(name) {
            let expected = "one port on each link at most, which asks for no channel".into();
            return Err(ServeError::Name { option, name: name.clone(), expected });
        }
    }
    Ok(ports)
}

impl Program<'_> {
    /// The name of a channel: its port's, or its link's where it is spoken untagged.
    fn name(&self, at: StreamId) -> String {
        match at {
            StreamId::LinkControl(link) => self.config.links[usize::from(link)].name.clone(),
            StreamId::PortControl(port) | StreamId::Port(port) | StreamId::Group(port) => {
                let found = self.config.ports.get(usize::from(port));
                found.map_or(format!("port {port}"), |found| found.name.clone())
            }
        }
    }

    /// The channel of this name; without a name the first.
    fn channel(&self, name: Option<&str>) -> Result<StreamId, String> {
        let mut stations = self.controller.stations().map(|(at, _)| at);
        let found = stations.find(|&at| name.is_none_or(|name| self.name(at) == name));
        found.ok_or_else(|| {
            let names: Vec<_> = self.controller.stations().map(|(at, _)| self.name(at)).collect();
            format!("channel {}: expected one of {}", name.unwrap_or("none"), names.join(", "))
        })
    }

    fn want(&mut self, wanted: &Wanted) -> Result<(StreamId, Key), String> {
        let Wanted { channel, manager, command, vsi, hint } = wanted.clone();
        let at = self.channel(channel.as_deref())?;
        let key = Key::new(manager, vsi.id);
        let asked = self.controller.want(at, manager, command, vsi, hint);
        asked.map_err(|error: WantError| error.to_string())?;
        Ok((at, key))
    }

    fn serve(&mut self, client: Client, request: Request) {
        match request {
            Request::Associate(wanted) => match self.want(&wanted) {
                Ok((at, key)) => {
                    self.supersede(at, key, |_| true);
                    self.waiting.push(Waiting { at, key, command: wanted.command, client });
                }
                Err(reason) => client.answer(&Outcome::Failed { reason }),
            },
            Request::Deassociate { key, channel } => {
                let has = |at: StreamId| {
                    let mut stations = self.controller.stations().filter(|(found, _)| *found == at);
                    stations.any(|(_, station)| station.vsis().any(|(its, _)| *its == key))
                };
                let named = |at: &StreamId| {
                    channel.as_ref().is_none_or(|name| self.name(*at) == *name) && has(*at)
                };
                let at = self.controller.stations().map(|(at, _)| at).find(named);
                match at.filter(|&at| self.controller.deassociate(at, &key)) {
                    Some(at) => {
                        let command = Command::Deassociate;
                        self.supersede(at, key, |waits| waits.command != command);
                        self.waiting.push(Waiting { at, key, command, client });
                    }
                    None => {
                        let reason =
                            format!("VSI {} of manager {} is not here", key.id, key.manager);
                        client.answer(&Outcome::Failed { reason });
                    }
                }
            }
            Request::List => client.answer(&Outcome::Vsis { vsis: self.listed() }),
            Request::Count => client.answer(&Outcome::Counts { counts: self.counts() }),
        }
    }

    /// Answers who waits for what is not wanted any more: nothing will be told of it.
    fn supersede(&mut self, at: StreamId, key: Key, over: impl Fn(&Waiting) -> bool) {
        let is_over = |waits: &mut Waiting| (waits.at, waits.key) == (at, key) && over(waits);
        for waits in self.waiting.extract_if(.., is_over) {
            let reason = format!("VSI {}: another request came meanwhile, and counts", key.id);
            waits.client.answer(&Outcome::Failed { reason });
        }
    }

    fn listed(&self) -> Vec<Listed> {
        let stations = self.controller.stations();
        let vsis = stations.flat_map(|(at, station)| {
            station.vsis().map(move |(key, vsi)| (self.name(at), key, vsi))
        });
        vsis.map(|(channel, key, found)| Listed {
            channel,
            manager: key.manager,
            command: found.wanted,
            vsi: match &found.confirmed {
                Some((_, filter)) => Vsi { filter: filter.clone(), ..found.vsi.clone() },
                None => found.vsi.clone(),
            },
            state: match &found.confirmed {
                _ if found.unanswered => "unanswered",
                Some((command, _)) if *command == found.wanted => "confirmed",
                _ => "asked",
            }
            .into(),
        })
        .collect()
    }

    fn counts(&self) -> Counts {
        let layers = |station: &Station| {
            BTreeMap::from([
                ("vdp".into(), counts(station.counters())),
                ("line".into(), counts(station.line_counters())),
                ("ecp".into(), counts(station.ecp_counters())),
            ])
        };
        let astray = BTreeMap::from([("frames_astray".into(), self.controller.frames_astray())]);
        let all = BTreeMap::from([("all".into(), astray)]);
        let stations = self.controller.stations();
        let channels = stations.map(|(at, station)| (self.name(at), layers(station)));
        channels.chain([("controller".into(), all)]).collect()
    }

    fn remembered(&self) -> Remembered {
        let stations = self.controller.stations();
        let vsis = stations.flat_map(|(at, station)| {
            station.vsis().map(move |(key, vsi)| (self.name(at), key, vsi))
        });
        let wanted = vsis.filter(|(_, _, vsi)| vsi.wanted != Command::Deassociate);
        let wanted = wanted.map(|(channel, key, found)| Wanted {
            channel: Some(channel),
            manager: key.manager,
            command: found.wanted,
            vsi: found.vsi.clone(),
            hint: found.hint,
        });
        Remembered { vsis: wanted.chain(self.later.iter().cloned()).collect() }
    }

    /// Wants what is remembered of a port whose channel is there now. What cannot be wanted any more is not remembered either.
    fn take_up(&mut self, port: u8) {
        let name = self.name(StreamId::PortControl(port));
        let its = |wanted: &mut Wanted| wanted.channel.as_ref() == Some(&name);
        for wanted in self.later.extract_if(.., its).collect::<Vec<_>>() {
            let _ = self.want(&wanted);
        }
    }

    /// Answers who waits for this.
    fn follow(&mut self, event: HostEvent) {
        let (at, key, outcome) = match event {
            HostEvent::Vsi { at, event } => {
                let (key, outcome) = outcome(event);
                (at, key, outcome)
            }
            HostEvent::NotProgrammed { at, key, error } => {
                let reason = format!("the adapter could not be programmed: {error}");
                (at, key, Outcome::Failed { reason })
            }
            HostEvent::Channel(ChannelEvent::Given { port, .. }) => {
                self.take_up(port);
                return;
            }
            HostEvent::Channel(_) => return,
        };
        let told = |waits: &mut Waiting| (waits.at, waits.key) == (at, key);
        for waits in self.waiting.extract_if(.., told) {
            waits.client.answer(&outcome);
        }
    }
}

fn outcome(event: StationEvent) -> (Key, Outcome) {
    match event {
        StationEvent::Confirmed { manager, command, vsi, .. } => {
            (Key::new(manager, vsi.id), Outcome::Confirmed { command, filter: vsi.filter })
        }
        StationEvent::Refused { manager, command, vsi, status }
        | StationEvent::Kept { manager, command, vsi, status } => {
            let reason = status.error().map_or("refused".into(), |refusal| refusal.to_string());
            let (kept, status) = (status.keep(), status.0);
            (Key::new(manager, vsi.id), Outcome::Refused { command, reason, status, kept })
        }
        StationEvent::Unanswered { manager, command, vsi } => {
            (Key::new(manager, vsi.id), Outcome::Unanswered { command })
        }
        StationEvent::Removed { manager, vsi, .. } => (Key::new(manager, vsi.id), Outcome::Removed),
    }
}
