// SPDX-License-Identifier: MIT
//! `vireo vdp-bridge`: the bridge's side of the association protocol on interfaces, over the model of its machine.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::{Value, json};
use vireo_association::evb::Local;
use vireo_association::vdp::{self, Key};
use vireo_association::wire::vdp::{Filter, ManagerId, Vsi};
use vireo_driver::controller::{BridgeController, BridgeEvent, Identity, Saved, Withdrawal};
use vireo_spec::pins::StreamId;
use vireo_spec::tag::{Channel, Role, TagFamily};

use super::control::{Client, Listed, Outcome, Request, Socket, counts};
use super::error::ServeError;
use super::node::{Attachment, Node, configuration, machine};
use super::passage::Machine;
use super::policy;
use super::state::Memory;
use super::trouble::Trouble;
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
    let mut memory = Memory::<Saved>::load(job.state.as_deref())?;
    let mut node = Node::open(&config, &job.interfaces)?;
    let mut socket = Socket::open(&job.socket)?;
    let identity = Identity { source: node.address(), evb: job.evb, seed: fastrand::u64(..) };
    let mut controller = BridgeController::new(machine(&config)?, policy, identity, node.now())?;
    if let Some(file) = &job.state {
        let restored = controller.restore(memory.written(), node.now());
        restored.map_err(|source| ServeError::Restore { file: file.clone(), source })?;
    }
    let (mut confirmed, mut trouble) = (0, Trouble::default());
    // Events are printed, and what has changed is remembered, before a station is answered.
    let mut follow = |controller: &mut BridgeController<Machine>| {
        let before = confirmed;
        confirmed = controller.bridges().map(|(_, bridge)| bridge.counters().confirmed).sum();
        let mut changed = confirmed != before;
        while let Some(event) = controller.event() {
            changed = true;
            trouble.tell(say(job.json, &describe(&config, &event)));
        }
        memory.remember(changed, || controller.save());
    };
    loop {
        node.pump(&mut controller, &mut follow)?;
        for (client, request) in socket.requests() {
            serve(&config, &mut controller, client, request);
        }
        if !node.wait(&controller, &socket)? {
            return node.leave(&mut controller, &mut follow);
        }
    }
}

/// The name of a port: the configuration's, or its number.
fn port_name(config: &Config, port: u8) -> String {
    config.ports.get(usize::from(port)).map_or(format!("port {port}"), |found| found.name.clone())
}

/// The name of where it is spoken: a link's, or a port's.
fn plane(config: &Config, controller: &BridgeController<Machine>, at: StreamId) -> String {
    match at {
        StreamId::LinkControl(link) => config.links[usize::from(link)].name.clone(),
        _ => controller.port_of(at).map_or_else(String::new, |port| port_name(config, port)),
    }
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
            let ports = controller.bridges();
            let ports = ports.filter_map(|(at, bridge)| Some((controller.port_of(at)?, bridge)));
            let held = ports
                .flat_map(|(port, bridge)| bridge.vsis().map(move |(key, held)| (port, key, held)));
            let vsis = held.map(|(port, key, held)| Listed {
                channel: port_name(config, port),
                manager: key.manager,
                command: held.command,
                vsi: held.vsi.clone(),
                state: "confirmed".into(),
            });
            Outcome::Vsis { vsis: vsis.collect() }
        }
        Request::Count => {
            let layers = |bridge: &vdp::Bridge| {
                BTreeMap::from([
                    ("vdp".into(), counts(bridge.counters())),
                    ("line".into(), counts(bridge.line_counters())),
                    ("ecp".into(), counts(bridge.ecp_counters())),
                ])
            };
            let channels = controller.bridges();
            let channels =
                channels.map(|(at, bridge)| (plane(config, controller, at), layers(bridge)));
            let all = BTreeMap::from([("all".into(), counts(controller.counters()))]);
            let counts = channels.chain([("controller".into(), all)]).collect();
            Outcome::Counts { counts }
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
