// SPDX-License-Identifier: MIT
//! A controller over the model of a machine that stands between real interfaces and it: frames from an interface enter the machine
//! by their link, what leaves by the link is sent, and the protocol's frames come and go by the machine's control port.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::time;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use vireo_association::carrier::{CarrierError, PacketSocket};
use vireo_association::time::Instant;
use vireo_driver::Device;
use vireo_driver::controller::{BridgeController, HostController};
use vireo_model::pipeline;
use vireo_spec::ether::{EtherType, HEADER_LEN, MIN_FRAME_LEN, MacAddr, Priority};
use vireo_spec::geometry::{Geometry, MAX_PORTS, Width};
use vireo_spec::pins::StreamId;
use vireo_spec::tag::Role;

use super::control::Socket;
use super::error::ServeError;
use crate::config::{Config, Endpoint};
use crate::engine::clocked::{PinEngine, Unkindness};
use crate::engine::{Arrival, Destination, Engine, Side};
use crate::program::program;

/// Rows of the channel table: several for each port, since ports move.
const CHANNELS: usize = 1024;
/// Rows of the binding table: twice the VSIs that a bridge holds unless told otherwise.
const BINDINGS: usize = 16384;
/// Octets of the longest frame of an interface, jumbo frames included, and its tags.
const LONGEST: usize = 16384;

/// The machine that a program runs.
pub(super) type Machine = Box<dyn Engine>;

/// An interface, and the link of the machine that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The interface.
    pub interface: String,
    /// The link's name; none: the first.
    pub link: Option<String>,
}

impl std::str::FromStr for Attachment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (interface, link) = match text.split_once('=') {
            Some((interface, link)) => (interface, Some(link.to_owned())),
            None => (text, None),
        };
        if interface.is_empty() || link.as_deref() == Some("") {
            return Err("expected an interface, or INTERFACE=LINK".into());
        }
        Ok(Self { interface: interface.into(), link })
    }
}

/// Either controller.
pub(super) trait Controller {
    fn receive(&mut self, from: StreamId, octets: &[u8], now: Instant);
    fn transmit(&mut self, now: Instant) -> Option<(StreamId, Vec<u8>)>;
    fn poll_at(&self) -> Option<Instant>;
    fn machine(&mut self) -> &mut Machine;
    fn farewells(&self) -> Vec<(StreamId, Vec<u8>)>;
}

impl Controller for BridgeController<Machine> {
    fn receive(&mut self, from: StreamId, octets: &[u8], now: Instant) {
        Self::receive(self, from, octets, now);
    }

    fn transmit(&mut self, now: Instant) -> Option<(StreamId, Vec<u8>)> {
        Self::transmit(self, now)
    }

    fn poll_at(&self) -> Option<Instant> {
        Self::poll_at(self)
    }

    fn machine(&mut self) -> &mut Machine {
        self.device_mut().bus_mut()
    }

    fn farewells(&self) -> Vec<(StreamId, Vec<u8>)> {
        Self::farewells(self).collect()
    }
}

impl Controller for HostController<Machine> {
    fn receive(&mut self, from: StreamId, octets: &[u8], now: Instant) {
        Self::receive(self, from, octets, now);
    }

    fn transmit(&mut self, now: Instant) -> Option<(StreamId, Vec<u8>)> {
        Self::transmit(self, now)
    }

    fn poll_at(&self) -> Option<Instant> {
        Self::poll_at(self)
    }

    fn machine(&mut self) -> &mut Machine {
        self.device_mut().bus_mut()
    }

    fn farewells(&self) -> Vec<(StreamId, Vec<u8>)> {
        Self::farewells(self).collect()
    }
}

/// The configuration of a machine, read from a file or the one that is meant when there is none: one link, and on it one port
/// for what is spoken untagged.
pub(super) fn configuration(file: Option<&Path>, role: Role) -> Result<Config, ServeError> {
    let Some(file) = file else {
        let text = format!(
            "role = {:?}\ntag = \"e-tag\"\n[[link]]\nname = \"link0\"\n[[port]]\nname = \"port0\"\nlink = \"link0\"\n\
             channel = 1\ncontrol = true\n",
            role.name()
        );
        return Ok(Config::parse(&text, "the machine without a file")?);
    };
    let config = Config::load(file)?;
    if config.role != role {
        let (expected, found) = (role.name(), config.role.name());
        return Err(ServeError::Role { file: file.into(), expected, found });
    }
    Ok(config)
}

/// A machine that was given this configuration, with room for all that may be associated.
pub(super) fn machine(config: &Config) -> Result<Device<Machine>, ServeError> {
    let room = config.geometry(Width::W64);
    let geometry = Geometry::new(64, room.links(), MAX_PORTS, room.groups(), CHANNELS, BINDINGS)
        .expect("it is larger than one that there is");
    let engine: Machine =
        Box::new(PinEngine::new(pipeline::machine(geometry), geometry, Unkindness::NONE));
    let mut device = Device::discover(engine)?;
    program(&mut device, config, fastrand::u64(..))?;
    Ok(device)
}

/// Interfaces, and the program's clock.
pub(super) struct Node {
    links: Vec<(u8, PacketSocket)>,
    started: time::Instant,
    signals: SignalFd,
    buffer: Vec<u8>,
}

impl Node {
    /// Opens the interfaces of a machine. From now on the signals that end a program are heard by [`Node::wait`].
    pub(super) fn open(config: &Config, attachments: &[Attachment]) -> Result<Self, ServeError> {
        let mut links = Vec::new();
        for Attachment { interface, link } in attachments {
            let number = match link {
                None => 0,
                Some(name) => match config.find(name) {
                    Some(Endpoint::Link(link)) => link as u8,
                    _ => return Err(unknown_link(config, name.clone())),
                },
            };
            if links.iter().any(|&(taken, _)| taken == number) {
                let name = config.links[usize::from(number)].name.clone();
                return Err(unknown_link(config, name));
            }
            links.push((number, PacketSocket::open_all(interface)?));
        }
        let mut ends = SigSet::empty();
        ends.add(Signal::SIGINT);
        ends.add(Signal::SIGTERM);
        let system = |doing| move |error: Errno| ServeError::System { doing, error: error.into() };
        ends.thread_block().map_err(system("hold signals back"))?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        let signals = SignalFd::with_flags(&ends, flags).map_err(system("hear signals"))?;
        Ok(Self { links, started: time::Instant::now(), signals, buffer: vec![0; LONGEST] })
    }

    /// The address of the first interface.
    pub(super) fn address(&self) -> MacAddr {
        self.links.first().map(|(_, socket)| socket.mac()).unwrap_or_default()
    }

    pub(super) fn now(&self) -> Instant {
        Instant::from_micros(self.started.elapsed().as_micros() as u64)
    }

    /// Moves all frames that wait: from the interfaces, through the machine, to the controller and back.
    pub(super) fn pump(&mut self, controller: &mut impl Controller) -> Result<(), ServeError> {
        self.receive(controller.machine())?;
        loop {
            let mut heard = Vec::new();
            let mut sent = Vec::new();
            controller.machine().run(&mut |departure| match departure.to {
                _ if departure.bad => {}
                Destination::Link(link) => sent.push((link, departure.octets.to_vec())),
                Destination::Control(from) => heard.push((from, departure.octets.to_vec())),
                // At a host the channel's protocol frames come down at its port; nobody serves the port otherwise.
                Destination::Ports(ports) if is_protocol(departure.octets) => {
                    let ports = ports.iter().map(|port| StreamId::PortControl(port as u8));
                    heard.extend(ports.map(|port| (port, departure.octets.to_vec())));
                }
                Destination::Ports(_) => {}
            });
            for (link, octets) in sent {
                self.send(link, octets)?;
            }
            let now = self.now();
            for (from, octets) in heard {
                controller.receive(from, &octets, now);
            }
            let mut idle = true;
            while let Some((to, octets)) = controller.transmit(now) {
                controller.machine().offer(arrival(Side::Ports, to, octets));
                idle = false;
            }
            if idle {
                return Ok(());
            }
        }
    }

    fn receive(&mut self, machine: &mut Machine) -> Result<(), ServeError> {
        for (link, socket) in &mut self.links {
            while let Some(len) = heard(socket.receive(&mut self.buffer))?.flatten() {
                let octets = self.buffer[..len].to_vec();
                machine.offer(arrival(Side::Links, StreamId::Port(*link), octets));
            }
        }
        Ok(())
    }

    fn send(&mut self, link: u8, mut octets: Vec<u8>) -> Result<(), ServeError> {
        let Some((_, socket)) = self.links.iter().find(|(its, _)| *its == link) else {
            return Ok(());
        };
        octets.resize(octets.len().max(MIN_FRAME_LEN), 0);
        heard(socket.send(&octets)).map(|_| ())
    }

    /// Says goodbye to all neighbours.
    pub(super) fn leave(&mut self, controller: &mut impl Controller) -> Result<(), ServeError> {
        for (to, octets) in controller.farewells() {
            controller.machine().offer(arrival(Side::Ports, to, octets));
        }
        self.pump(controller)
    }

    /// Waits until there is something to do. Whether the program is to go on.
    pub(super) fn wait(
        &mut self,
        controller: &impl Controller,
        socket: &Socket,
    ) -> Result<bool, ServeError> {
        let timeout = match controller.poll_at() {
            None => PollTimeout::NONE,
            Some(at) => {
                let micros = at.since(self.now()).as_micros();
                let millis = u16::try_from(micros.div_ceil(1000)).unwrap_or(u16::MAX);
                PollTimeout::from(millis)
            }
        };
        let links = self.links.iter().map(|(_, socket)| socket.as_fd());
        let descriptors: Vec<BorrowedFd<'_>> =
            links.chain(socket.descriptors()).chain([self.signals.as_fd()]).collect();
        let mut polled: Vec<_> =
            descriptors.into_iter().map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        match poll(&mut polled, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => {
                let error = io::Error::from(error);
                return Err(ServeError::System { doing: "wait for frames", error });
            }
        }
        Ok(!matches!(self.signals.read_signal(), Ok(Some(_))))
    }
}

/// What a carrier says, but for a cable that is out or busy: what was to be said is repeated by the protocol.
fn heard<T>(said: Result<T, CarrierError>) -> Result<Option<T>, ServeError> {
    match said {
        Ok(said) => Ok(Some(said)),
        Err(CarrierError::Down { .. } | CarrierError::Full { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn unknown_link(config: &Config, name: String) -> ServeError {
    let links: Vec<_> = config.links.iter().map(|link| &*link.name).collect();
    let expected = format!("each link of the machine once at most: {}", links.join(", "));
    ServeError::Name { option: "--interface", name, expected }
}

fn arrival(side: Side, id: StreamId, octets: Vec<u8>) -> Arrival {
    let priority = Priority::default();
    Arrival { timestamp_ns: 0, side, id, source: None, priority, octets, bad: false }
}

fn is_protocol(octets: &[u8]) -> bool {
    let Some(&[.., high, low]) = octets.first_chunk::<HEADER_LEN>() else { return false };
    let ethertype = EtherType::from_octets([high, low]);
    let Some(&destination) = octets.first_chunk() else { return false };
    MacAddr(destination).is_reserved() && matches!(ethertype, EtherType::LLDP | EtherType::ECP)
}
