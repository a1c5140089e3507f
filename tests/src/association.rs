// SPDX-License-Identifier: MIT
//! A bridge and two hosts that speak the association protocol: each a controller over a machine, joined by links in simulated
//! time. Protocol frames really pass the machines; frames of guests do, too.

mod plan;
mod words;

use std::time::Duration;

use vireo_association::carrier::{End, SimulatedLink};
use vireo_association::time::Instant;
use vireo_association::wire::frame;
use vireo_driver::controller::{BridgeController, BridgeEvent, HostController, HostEvent};
use vireo_driver::{BusError, Counters, FaultyBus, RegisterBus, State};
use vireo_sim::engine::{Arrival, Destination, Engine, Side};
use vireo_spec::ether::{EtherType, Priority};
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::pins::StreamId;
use vireo_spec::table::Entity;

pub use plan::{DEFAULT_PORT, Kind, Plan, geometry, policy};
pub use words::{
    MANAGER, answers, key, mac, mac_vid, pdu, vdp, vid, vsi, vsi_of_type, with_status,
};

/// Octets of the shortest frame that a MAC sends, without FCS.
const SHORTEST: usize = 60;

/// An engine behind the register bus of a driver.
pub struct Machine(pub Box<dyn Engine>);

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Machine")
    }
}

impl RegisterBus for Machine {
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        self.0.read(address)
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        self.0.write(address, value)
    }
}

/// The register bus of every machine here: it can be made to fail.
pub type Bus = FaultyBus<Machine>;

impl Machine {
    /// Passes one frame, and gives what leaves, but for frames that the MAC behind the machine spoils.
    fn pass(&mut self, side: Side, id: StreamId, octets: &[u8]) -> Vec<(Destination, Vec<u8>)> {
        self.0.offer(Arrival {
            timestamp_ns: 0,
            side,
            id,
            source: None,
            priority: Priority::default(),
            octets: octets.to_vec(),
            bad: false,
        });
        let mut left = Vec::new();
        self.0.run(&mut |departure| {
            if !departure.bad {
                left.push((departure.to, departure.octets.to_vec()));
            }
        });
        left
    }
}

/// A frame that came to a port: of the bridge from its guest, or of a host for its guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    /// When.
    pub at: Instant,
    /// The port.
    pub port: u8,
    /// Without tag and FCS.
    pub octets: Vec<u8>,
}

/// A host.
pub struct Host {
    /// Its controller.
    pub control: HostController<Bus>,
    /// Frames for its guests.
    pub came: Vec<Came>,
    /// Frames of the protocol that it was given, and where.
    pub heard: Vec<(StreamId, Vec<u8>)>,
    /// What its controller told.
    pub events: Vec<HostEvent>,
}

/// A bridge with a host on each of its two links.
pub struct Network {
    /// What it was built by.
    pub plan: Plan,
    /// The time.
    pub now: Instant,
    /// The bridge.
    pub bridge: BridgeController<Bus>,
    /// Frames of guests at the bridge.
    pub came: Vec<Came>,
    /// What the bridge's controller told.
    pub events: Vec<BridgeEvent>,
    /// The hosts: host n is on the bridge's link n, which is its own link 0.
    pub hosts: Vec<Host>,
    /// The links: end A is the bridge's.
    pub links: Vec<SimulatedLink>,
    starts: u64,
}

impl Network {
    /// The network of a plan, at the moment of its start: nothing has been said.
    pub fn new(plan: Plan) -> Self {
        let now = Instant::ZERO;
        let link = |n: u64| SimulatedLink::new(plan.faults.clone(), plan.seed ^ n << 32);
        Self {
            now,
            bridge: plan.bridge(0, now),
            came: Vec::new(),
            events: Vec::new(),
            hosts: (0..2).map(|host| Self::start(&plan, host, 0, now)).collect(),
            links: (0..2).map(link).collect(),
            starts: 0,
            plan,
        }
    }

    /// The same, once LLDP has been heard everywhere and ports 0 and 1 of hosts that speak PE-CSP have their channels.
    pub fn ready(plan: Plan) -> Self {
        let mut network = Self::new(plan);
        for host in 0..2 {
            network.ask_for_channels(host);
        }
        network.go(Duration::from_secs(2));
        network
    }

    fn start(plan: &Plan, host: usize, starts: u64, now: Instant) -> Host {
        let control = plan.host(host, starts, now);
        Host { control, came: Vec::new(), heard: Vec::new(), events: Vec::new() }
    }

    fn ask_for_channels(&mut self, host: usize) {
        if self.plan.kinds[host] == Kind::Extended {
            for port in 0..2 {
                let row = self.plan.guest_row();
                let made = self.hosts[host].control.create_channel(port, row, self.now);
                made.expect("the host's link is an extender's");
            }
        }
    }

    /// Where the station of a host's port speaks.
    pub fn at(&self, host: usize, port: u8) -> StreamId {
        match self.plan.kinds[host] {
            Kind::Untagged => StreamId::LinkControl(0),
            _ => StreamId::PortControl(port),
        }
    }

    /// The bridge's port of a host's port.
    pub fn virtual_port(&mut self, host: usize, port: u8) -> u8 {
        let row = self.hosts[host].control.device_mut().port(port).expect("the bus works");
        let channels = self.state().channels;
        let ports = channels.get(&(host as u8, row.channel)).expect("the bridge has its channel");
        ports.first().expect("it leads somewhere") as u8
    }

    /// What the bridge's machine says.
    pub fn state(&mut self) -> State {
        self.bridge.device_mut().state().expect("the bus works")
    }

    /// What the bridge's machine has counted since its start.
    pub fn counters(&mut self) -> &Counters {
        let device = self.bridge.device_mut();
        device.snapshot().expect("the bus works");
        device.counters()
    }

    /// Frames from a link that the bridge dropped at a virtual port for this reason, since its start.
    pub fn dropped(&mut self, port: u8, reason: DropReason) -> u64 {
        self.counters().disposition(Entity::PortOut(port), Disposition::Dropped(reason))
    }

    /// Frames that a host dropped at a port for this reason, since its start.
    pub fn dropped_at_host(&mut self, host: usize, port: u8, reason: DropReason) -> u64 {
        let device = self.hosts[host].control.device_mut();
        device.snapshot().expect("the bus works");
        device.counters().disposition(Entity::PortIn(port), Disposition::Dropped(reason))
    }

    /// A guest sends a frame.
    pub fn guest_sends(&mut self, host: usize, port: u8, octets: &[u8]) {
        self.host_sends(host, StreamId::Port(port), octets);
    }

    /// A host sends a frame, from a port or as a station's.
    pub fn host_sends(&mut self, host: usize, id: StreamId, octets: &[u8]) {
        let machine = self.hosts[host].control.device_mut().bus_mut().inner_mut();
        for (to, octets) in machine.pass(Side::Ports, id, octets) {
            if matches!(to, Destination::Link(_)) {
                self.links[host].send(End::B, padded(octets), self.now);
            }
        }
    }

    /// The bridge sends a frame, from a port or its own.
    pub fn bridge_sends(&mut self, id: StreamId, octets: &[u8]) {
        let machine = self.bridge.device_mut().bus_mut().inner_mut();
        for (to, octets) in machine.pass(Side::Ports, id, octets) {
            if let Destination::Link(link) = to {
                self.links[usize::from(link)].send(End::A, padded(octets), self.now);
            }
        }
    }

    fn arrive_at_bridge(&mut self, link: u8, octets: &[u8]) {
        let machine = self.bridge.device_mut().bus_mut().inner_mut();
        for (to, octets) in machine.pass(Side::Links, StreamId::Port(link), octets) {
            match to {
                Destination::Control(from) => self.bridge.receive(from, &octets, self.now),
                Destination::Ports(ports) => {
                    let at = self.now;
                    let came = ports.iter().map(|port| port as u8);
                    self.came.extend(came.map(|port| Came { at, port, octets: octets.clone() }));
                }
                Destination::Link(_) => panic!("a link's frame left on a link"),
            }
        }
    }

    fn arrive_at_host(&mut self, host: usize, octets: &[u8]) {
        let now = self.now;
        let host = &mut self.hosts[host];
        let machine = host.control.device_mut().bus_mut().inner_mut();
        for (to, octets) in machine.pass(Side::Links, StreamId::Port(0), octets) {
            match to {
                Destination::Control(from) => {
                    host.heard.push((from, octets.clone()));
                    host.control.receive(from, &octets, now);
                }
                Destination::Ports(ports) => {
                    for port in ports.iter().map(|port| port as u8) {
                        if is_protocol(&octets) {
                            let from = StreamId::PortControl(port);
                            host.heard.push((from, octets.clone()));
                            host.control.receive(from, &octets, now);
                        } else {
                            host.came.push(Came { at: now, port, octets: octets.clone() });
                        }
                    }
                }
                Destination::Link(_) => panic!("a link's frame left on a link"),
            }
        }
    }

    /// Lets time pass.
    pub fn go(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            self.exchange();
            // Who says "now" and then has nothing is asked again in a while, as by any program that is not to spin.
            let soon = self.now + Duration::from_micros(10);
            match self.next_at().map(|at| at.max(soon)) {
                Some(at) if at <= end => self.now = at,
                _ => break,
            }
        }
        self.now = end;
        self.exchange();
    }

    fn next_at(&self) -> Option<Instant> {
        let links = self.links.iter().map(SimulatedLink::next_at);
        let hosts = self.hosts.iter().map(|host| host.control.poll_at());
        links.chain(hosts).chain([self.bridge.poll_at()]).flatten().min()
    }

    /// All that can happen at this moment.
    fn exchange(&mut self) {
        loop {
            let mut quiet = true;
            for link in 0..self.links.len() {
                while let Some(octets) = self.links[link].receive(End::A, self.now) {
                    self.arrive_at_bridge(link as u8, &octets);
                    quiet = false;
                }
                while let Some(octets) = self.links[link].receive(End::B, self.now) {
                    self.arrive_at_host(link, &octets);
                    quiet = false;
                }
            }
            while let Some((id, octets)) = self.bridge.transmit(self.now) {
                self.bridge_sends(id, &octets);
                quiet = false;
            }
            for host in 0..self.hosts.len() {
                while let Some((id, octets)) = self.hosts[host].control.transmit(self.now) {
                    self.host_sends(host, id, &octets);
                    quiet = false;
                }
            }
            if quiet {
                break;
            }
        }
        self.events.extend(std::iter::from_fn(|| self.bridge.event()));
        for host in &mut self.hosts {
            host.events.extend(std::iter::from_fn(|| host.control.event()));
        }
    }

    /// The bridge's program is killed and its machine loses power; another one starts from what was saved.
    pub fn restart_bridge(&mut self) {
        let saved = self.bridge.save();
        self.starts += 1;
        self.bridge = self.plan.bridge(self.starts, self.now);
        let refused = self.bridge.restore(&saved, self.now).expect("it is the same machine");
        assert_eq!(refused, [], "policy is what it was");
    }

    /// A host is killed and starts again, with nothing but its channels' ports.
    pub fn restart_host(&mut self, host: usize) {
        self.starts += 1;
        self.hosts[host] = Self::start(&self.plan, host, self.starts, self.now);
        self.ask_for_channels(host);
    }
}

fn padded(mut octets: Vec<u8>) -> Vec<u8> {
    octets.resize(octets.len().max(SHORTEST), 0);
    octets
}

/// Whether whoever serves a port of a host hands such a frame to the station.
fn is_protocol(octets: &[u8]) -> bool {
    let header = frame::Packet::new_checked(octets).map(|packet| packet.repr());
    header.is_ok_and(|header| {
        header.destination == frame::NEAREST_CUSTOMER_BRIDGE
            && [EtherType::LLDP, EtherType::ECP].contains(&header.ethertype)
    })
}
