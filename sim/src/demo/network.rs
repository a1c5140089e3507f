// SPDX-License-Identifier: MIT
//! The network of the demonstration: three machines, the cables between them, the bridge behind the middle one, and guests.
//!
//! All machines share one clock and are stepped together; what leaves one in a cycle enters the next in the cycle after it.
//! Each port and link is a MAC: it pads to the shortest frame, and drops what the machine marked as bad.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use thiserror::Error;
use vireo_driver::{Device, DiscoverError};
use vireo_model::pipeline::machine;
use vireo_spec::ether::{Priority, VlanId};
use vireo_spec::geometry::Width;
use vireo_spec::pins::{Clocked, StreamId};
use vireo_spec::tag::Role;

use super::bridge::{BridgePort, Egress, LearningBridge, Segment};
use super::guests::Sent;
use crate::capture::{Frame, SHORTEST_FRAME};
use crate::config::{Config, ConfigErrors, Endpoint};
use crate::engine::beside::{Beside, Compared, Difference};
use crate::engine::clocked::{CYCLE_NS, PinEngine, Unkindness};
use crate::engine::{Arrival, Destination, Engine, Side};
use crate::program::program;
use crate::report::{Report, Streams};
use crate::wave::Wave;

/// Width of all machines' streams.
pub(super) const WIDTH: Width = Width::W512;
/// Cycles between the end of a guest's frame and the next guest's: several frames are then on their way at any time.
const GAP: u64 = 24;
/// Seed of the hash tables.
const SEED: u64 = 1;

/// Why the demonstration did not come to its end.
#[derive(Debug, Error)]
pub(super) enum NetworkError {
    #[error("{0}")]
    Config(#[from] ConfigErrors),
    #[error("{machine}: {error}")]
    Discover { machine: &'static str, error: DiscoverError },
    #[error("{machine}: {error}")]
    Driver { machine: &'static str, error: vireo_driver::Error },
    #[error("{machine}: {error}")]
    Difference { machine: &'static str, error: Difference },
}

/// A machine of the network, by the file that configures it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Its name: other machines have links of this name to it.
    pub(super) name: &'static str,
    /// Its configuration file.
    pub(super) toml: &'static str,
}

impl Plan {
    /// The configuration in the file.
    pub(super) fn config(&self) -> Result<Config, ConfigErrors> {
        Config::parse(self.toml, format!("{}.toml", self.name))
    }
}

/// Frames by the name of what they crossed, with the time of the network's clock.
pub(super) type Seen = BTreeMap<String, Vec<Frame>>;

/// What a machine has done.
pub(super) struct Outcome {
    /// Its name.
    pub(super) name: &'static str,
    /// What it was.
    pub(super) config: Config,
    /// What left it, by port and link.
    pub(super) left: Seen,
    /// What it counted.
    pub(super) report: Report,
    /// What of it the reference has done, too.
    pub(super) compared: Compared,
}

/// What happened in the network.
pub(super) struct History {
    /// The machines.
    pub(super) machines: Vec<Outcome>,
    /// What the guests sent, by their names.
    pub(super) sent: Seen,
}

struct Machine {
    name: &'static str,
    config: Config,
    device: Device<Beside<PinEngine<dyn Clocked + Send>>>,
    left: Seen,
}

impl Machine {
    fn new(plan: &Plan, wave: Option<&Arc<Mutex<Wave>>>) -> Result<Self, NetworkError> {
        let (name, config) = (plan.name, plan.config()?);
        let geometry = config.geometry(WIDTH);
        let mut engine = PinEngine::new(machine(geometry), geometry, Unkindness::NONE);
        if let Some(wave) = wave {
            engine.observe(Wave::observer(wave));
        }
        let mut device = Device::discover(Beside::new(engine, geometry))
            .map_err(|error| NetworkError::Discover { machine: name, error })?;
        program(&mut device, &config, SEED)
            .map_err(|error| NetworkError::Driver { machine: name, error })?;
        let names = config.ports.iter().map(|port| &port.name);
        let names = names.chain(config.links.iter().map(|link| &link.name));
        let left = names.map(|name| (name.clone(), Vec::new())).collect();
        Ok(Self { name, config, device, left })
    }

    fn cycles(&mut self) -> u64 {
        self.device.bus_mut().cycles()
    }

    /// A cycle: what left good, and to where; whether anything moved or waits.
    fn step(&mut self) -> (bool, Vec<(Endpoint, Vec<u8>)>) {
        let Self { config, device, left, .. } = self;
        let mut leaving = Vec::new();
        let busy = device.bus_mut().step(&mut |departure| {
            if departure.bad {
                return;
            }
            let mut leave = |endpoint, name: &str| {
                let octets = padded(departure.octets);
                let frame = Frame { timestamp_ns: departure.timestamp_ns, octets: octets.clone() };
                left.entry(name.to_owned()).or_default().push(frame);
                leaving.push((endpoint, octets));
            };
            match departure.to {
                Destination::Link(link) => {
                    let link = usize::from(link);
                    leave(Endpoint::Link(link), &config.links[link].name);
                }
                Destination::Ports(ports) => {
                    ports.iter().for_each(|port| {
                        leave(Endpoint::Port(port), &config.ports[port].name);
                    });
                }
                // No port of this network has a control plane.
                Destination::Control(_) => {}
            }
        });
        (busy, leaving)
    }

    fn finish(self) -> Result<Outcome, NetworkError> {
        let Self { name, config, mut device, left } = self;
        let engine = device.bus_mut();
        let (streams, cycles) = (Streams::new(engine, WIDTH), engine.cycles());
        device.snapshot().map_err(|error| NetworkError::Driver { machine: name, error })?;
        let mut report =
            Report::new("model", WIDTH.bits(), cycles, &config.names(), device.counters());
        report.streams = streams;
        let finished = device.into_bus().finish();
        let (_, compared) =
            finished.map_err(|error| NetworkError::Difference { machine: name, error })?;
        Ok(Outcome { name, config, left, report, compared })
    }
}

fn padded(octets: &[u8]) -> Vec<u8> {
    let mut octets = octets.to_vec();
    octets.resize(octets.len().max(SHORTEST_FRAME), 0);
    octets
}

/// The bridge behind a machine: a port for each virtual port, and a segment for each group.
fn learning_bridge(config: &Config) -> LearningBridge {
    let ports = config.ports.iter().map(|port| BridgePort {
        vlans: port.bindings.iter().map(|binding| binding.vlan).collect(),
        pvid: port.pvid,
    });
    // The configurations give a group its VLAN as base.
    let segments = config.groups.iter().map(|group| Segment {
        vlan: VlanId::from_tci(group.channel.ecid().base()),
        members: group.members,
    });
    LearningBridge::new(ports.collect(), segments.collect())
}

/// The machines, running.
pub(super) struct Network {
    machines: Vec<Machine>,
    /// The bridging machine, and the bridge behind it.
    bridge: (usize, LearningBridge),
    sent: Seen,
}

impl Network {
    /// Builds and programs the machines of `plans`, one of which is a bridge; the one that is named with a waveform shows
    /// its pins there.
    pub(super) fn new(
        plans: &[Plan],
        wave: (&str, &Arc<Mutex<Wave>>),
    ) -> Result<Self, NetworkError> {
        let machines = plans.iter().map(|plan| {
            let (name, wave) = wave;
            Machine::new(plan, (plan.name == name).then_some(wave))
        });
        let mut machines = machines.collect::<Result<Vec<_>, _>>()?;
        // Programming took each its time; from here on they run in step.
        let latest = machines.iter_mut().map(Machine::cycles).max().unwrap_or(0);
        for machine in &mut machines {
            while machine.cycles() < latest {
                machine.step();
            }
        }
        let bridging = machines.iter().position(|machine| machine.config.role == Role::Bridge);
        let bridging = bridging.expect("one of the machines is a bridge");
        let bridge = (bridging, learning_bridge(&machines[bridging].config));
        Ok(Self { machines, bridge, sent: Seen::new() })
    }

    /// Sends the guests' traffic through the network until all of it has arrived somewhere.
    pub(super) fn run(mut self, traffic: Vec<Sent>) -> Result<History, NetworkError> {
        let mut traffic = traffic.into_iter().peekable();
        let mut cycle = self.machines.iter_mut().map(Machine::cycles).max().unwrap_or(0);
        let mut next = cycle;
        loop {
            if cycle >= next
                && let Some(Sent { guest, octets, .. }) = traffic.next()
            {
                let octets = padded(&octets);
                next = cycle + octets.len().div_ceil(WIDTH.octets()) as u64 + GAP;
                self.guest_sends(guest, cycle, octets);
            }
            let mut busy = traffic.peek().is_some();
            let mut leaving = Vec::new();
            for (index, machine) in self.machines.iter_mut().enumerate() {
                let (more, left) = machine.step();
                busy |= more;
                leaving.extend(left.into_iter().map(|(from, octets)| (index, from, octets)));
            }
            cycle += 1;
            busy |= !leaving.is_empty();
            for (machine, from, octets) in leaving {
                self.carry(machine, from, octets);
            }
            if !busy {
                break;
            }
        }
        let machines = self.machines.into_iter().map(Machine::finish);
        Ok(History { machines: machines.collect::<Result<_, _>>()?, sent: self.sent })
    }

    fn guest_sends(&mut self, guest: &str, cycle: u64, octets: Vec<u8>) {
        let hosts = self.machines.iter().enumerate();
        let mut hosts = hosts.filter(|(_, machine)| machine.config.role == Role::Extender);
        let port = hosts.find_map(|(index, machine)| match machine.config.find(guest) {
            Some(Endpoint::Port(port)) => Some((index, port)),
            _ => None,
        });
        let (machine, port) = port.expect("each guest has a port");
        let frame = Frame { timestamp_ns: cycle * CYCLE_NS, octets: octets.clone() };
        self.sent.entry(guest.to_owned()).or_default().push(frame);
        let id = StreamId::Port(port as u8);
        self.enter(machine, Side::Ports, id, None, octets);
    }

    /// Takes what left a machine to where it goes on: the other end of the link, or the bridge. A guest keeps what it gets.
    fn carry(&mut self, machine: usize, from: Endpoint, octets: Vec<u8>) {
        match from {
            Endpoint::Link(link) => {
                let Machine { name, config, .. } = &self.machines[machine];
                let there = &config.links[link].name;
                let there = self.machines.iter().position(|machine| machine.name == there);
                let there = there.expect("each link has the name of a machine");
                let back = self.machines[there].config.find(name);
                let back = back.expect("each link has another end").index();
                let id = StreamId::Port(back as u8);
                self.enter(there, Side::Links, id, None, octets);
            }
            Endpoint::Port(port) if machine == self.bridge.0 => {
                for egress in self.bridge.1.forward(port, &octets) {
                    let (id, source) = match egress {
                        Egress::Port(to) => (StreamId::Port(to as u8), None),
                        Egress::Segment(group) => (StreamId::Group(group as u8), Some(port as u8)),
                    };
                    self.enter(machine, Side::Ports, id, source, octets.clone());
                }
            }
            Endpoint::Port(_) | Endpoint::Group(_) => {}
        }
    }

    fn enter(
        &mut self,
        machine: usize,
        side: Side,
        id: StreamId,
        source: Option<u8>,
        octets: Vec<u8>,
    ) {
        self.machines[machine].device.bus_mut().offer(Arrival {
            // Machines count time from the first arrival's; so it is the clock's own.
            timestamp_ns: 0,
            side,
            id,
            source,
            priority: Priority::default(),
            octets,
            bad: false,
        });
    }
}
