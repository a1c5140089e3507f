// SPDX-License-Identifier: MIT
//! `vireo vdp-bridge`: the bridge's side of the association protocol on interfaces, over the model of its machine.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use vireo_association::evb::Local;
use vireo_association::vdp::Key;
use vireo_association::wire::vdp::{Filter, ManagerId, Vsi};
use vireo_driver::controller::{BridgeController, BridgeEvent, Identity, Saved, Withdrawal};
use vireo_spec::tag::{Channel, Role, TagFamily};

use super::control::{Client, Listed, Outcome, Request, Socket};
use super::error::ServeError;
use super::node::{Attachment, Node, configuration, machine};
use super::passage::Machine;
use super::{policy, state};
use crate::config::Config;

/// What `vireo vdp-bridge` is to do.
#[derive(Clone, Debug)]
pub struct BridgeJob {
    /// Interfaces, and their links.
    pub interfaces: Vec<Attachment>,
    /// The machine; none: one link with a port for what is spoken untagged.
    pub machine: Option<PathBuf>,
    /// Types of VSIs and what links give.
    pub policy: PathBuf,
    /// Where state survives a restart.
    pub state: Option<PathBuf>,
    /// Where clients reach it.
    pub socket: PathBuf,
    /// What it says of itself.
    pub evb: Local,
    /// Print events as JSON, a line each.
    pub json: bool,
}

/// Runs until a signal ends it.
///
/// # Errors
/// [`ServeError`]
pub fn run(job: &BridgeJob) -> Result<(), ServeError> {
    let config = configuration(job.machine.as_deref(), Role::Bridge)?;
    let policy = policy::load(&job.policy, &config)?;
    let saved: Saved = job.state.as_deref().map(state::load).transpose()?.unwrap_or_default();
    let mut node = Node::open(&config, &job.interfaces)?;
    let mut socket = Socket::open(&job.socket)?;
    let identity = Identity { source: node.address(), evb: job.evb, seed: fastrand::u64(..) };
    let mut controller = BridgeController::new(machine(&config)?, policy, identity, node.now())?;
    if let Some(file) = &job.state {
        let restored = controller.restore(&saved, node.now());
        restored.map_err(|source| ServeError::Restore { file: file.clone(), source })?;
    }
    let mut memory = Memory { file: job.state.as_deref(), confirmed: 0, written: saved };
    loop {
        node.pump(&mut controller, |controller| {
            let mut told = false;
            while let Some(event) = controller.event() {
                told = true;
                say(job.json, &describe(&config, &event))?;
            }
            memory.remember(controller, told)
        })?;
        for (client, request) in socket.requests() {
            serve(&config, &mut controller, client, request);
        }
        if !node.wait(&controller, &socket)? {
            return node.leave(&mut controller);
        }
    }
}

/// What survives a restart.
struct Memory<'a> {
    file: Option<&'a Path>,
    /// Requests that were confirmed when it was last looked.
    confirmed: u64,
    /// What the file says.
    written: Saved,
}

impl Memory<'_> {
    /// Writes what has changed, if anything can have.
    fn remember(
        &mut self,
        controller: &BridgeController<Machine>,
        told: bool,
    ) -> Result<(), ServeError> {
        let Some(file) = self.file else { return Ok(()) };
        let confirmed = controller.bridges().map(|(_, bridge)| bridge.counters().confirmed).sum();
        if !told && confirmed == self.confirmed {
            return Ok(());
        }
        self.confirmed = confirmed;
        let now = controller.save();
        if now != self.written {
            state::save(file, &now)?;
            self.written = now;
        }
        Ok(())
    }
}

/// The name of a port: the configuration's, or its number.
fn port_name(config: &Config, port: u8) -> String {
    config.ports.get(usize::from(port)).map_or(format!("port {port}"), |found| found.name.clone())
}

fn serve(
    config: &Config,
    controller: &mut BridgeController<Machine>,
    client: Client,
    request: Request,
) {
    client.answer(&match request {
        Request::Associate(_) => Outcome::Failed {
            reason: "a bridge associates what its stations ask for: give a station's --socket"
                .into(),
        },
        Request::Deassociate { key, channel: None } => {
            if controller.withdraw(&key) {
                Outcome::Removed
            } else {
                let reason = format!("VSI {} of manager {} is not here", key.id, key.manager);
                Outcome::Failed { reason }
            }
        }
        Request::Deassociate { channel: Some(_), .. } => Outcome::Failed {
            reason: "a bridge withdraws a VSI wherever it is: leave --channel out".into(),
        },
        Request::List => {
            let vsis = controller.vsis().map(|(port, key, placement)| Listed {
                channel: port_name(config, port),
                manager: key.manager,
                command: placement.command,
                vsi: placement.vsi.clone(),
                state: "confirmed".into(),
            });
            Outcome::Vsis { vsis: vsis.collect() }
        }
    });
}

/// Prints an event as a line.
fn say(as_json: bool, event: &Value) -> Result<(), ServeError> {
    let line = if as_json {
        event.to_string()
    } else {
        let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
        let fields = event.as_object().into_iter().flatten();
        let fields = fields.filter(|(name, _)| *name != "event" && *name != "vsi");
        let fields: Vec<_> =
            fields.map(|(name, value)| format!("{name} {}", text(value))).collect();
        format!("{:<16}{:<38}{}", text(&event["event"]), text(&event["vsi"]), fields.join("  "))
    };
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", line.trim_end()).and_then(|()| out.flush()) {
        // Who listened has left; the protocol goes on.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(ServeError::System { doing: "print", error })
        }
        _ => Ok(()),
    }
}

fn refused_event(manager: &ManagerId, vsi: &Vsi, reason: &str) -> Value {
    json!({
        "event": "refused", "vsi": vsi.id.to_string(), "manager": manager.to_string(),
        "type": vsi.type_id, "version": vsi.type_version, "reason": reason,
    })
}

fn with_filter(event: &str, port: String, manager: &ManagerId, vsi: &Vsi) -> Value {
    json!({
        "event": event, "vsi": vsi.id.to_string(), "port": port, "manager": manager.to_string(),
        "type": vsi.type_id, "version": vsi.type_version, "filter": filter_text(&vsi.filter),
    })
}

/// A filter as people write it.
pub(crate) fn filter_text(filter: &Filter) -> String {
    let entries = filter.entries().map(|entry| {
        let vid = entry.word.vid;
        match (entry.mac, entry.group) {
            (None, None) => format!("{vid}"),
            (Some(mac), None) => format!("{vid}-{mac}"),
            (None, Some(group)) => format!("{vid}--{group}"),
            (Some(mac), Some(group)) => format!("{vid}-{mac}-{group}"),
        }
    });
    entries.collect::<Vec<_>>().join(",")
}

/// A channel as a configuration writes it.
fn number(config: &Config, channel: Channel) -> u32 {
    match config.family {
        TagFamily::ETag => channel.ecid().to_word().into(),
        TagFamily::VnTag | TagFamily::STag => channel.bits(),
    }
}

fn describe(config: &Config, event: &BridgeEvent) -> Value {
    let port_of = |port: u8| port_name(config, port);
    let key = |event: &str, port: u8, key: &Key, why: &str| {
        json!({
            "event": event, "vsi": key.id.to_string(), "port": port_of(port),
            "manager": key.manager.to_string(), "reason": why,
        })
    };
    match event {
        BridgeEvent::Associated { port, manager, vsi } => {
            with_filter("associated", port_of(*port), manager, vsi)
        }
        BridgeEvent::Moved { from, to, port, manager, vsi } => {
            let mut said = with_filter("moved", port_of(*port), manager, vsi);
            said["from"] = port_of(*from).into();
            said["to"] = port_of(*to).into();
            said
        }
        BridgeEvent::Withdrawn { port, key: gone, cause } => key(
            "withdrawn",
            *port,
            gone,
            match cause {
                Withdrawal::Deassociated => "de-associated",
                Withdrawal::Silent => "its station is silent",
                Withdrawal::ChannelDeleted => "its channel was deleted",
                Withdrawal::Administrator => "by the administrator",
            },
        ),
        BridgeEvent::Refused { manager, vsi, why, .. } => {
            refused_event(manager, vsi, &why.to_string())
        }
        BridgeEvent::ChannelCreated { port, link, channel } => json!({
            "event": "channel-created", "vsi": "", "port": port_of(*port),
            "link": config.links[usize::from(*link)].name, "channel": number(config, *channel),
        }),
        BridgeEvent::ChannelDeleted { port, link, channel } => json!({
            "event": "channel-deleted", "vsi": "", "port": port_of(*port),
            "link": config.links[usize::from(*link)].name, "channel": number(config, *channel),
        }),
    }
}
