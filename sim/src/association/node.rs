// SPDX-License-Identifier: MIT
//! A program of the association protocol: a controller and its machine between real interfaces, and the wait for what comes.

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
use vireo_model::pipeline;
use vireo_spec::ether::{MIN_FRAME_LEN, MacAddr};
use vireo_spec::geometry::{Geometry, MAX_PORTS, Width};
use vireo_spec::tag::Role;

use super::control::Socket;
use super::error::ServeError;
use super::passage::{self, Controller, Machine};
use super::trouble::Trouble;
use crate::config::{Config, Endpoint};
use crate::engine::clocked::{PinEngine, Unkindness};
use crate::program::program;

/// Rows of the channel table: several for each port, since ports move.
const CHANNELS: usize = 1024;
/// Rows of the binding table: twice the VSIs that a bridge holds unless told otherwise.
const BINDINGS: usize = 16384;
/// Frames of an interface that are taken at once: under a flood, the protocol and the clients have their turn.
const BURST: usize = 256;
/// Octets of the longest frame of an interface, jumbo frames included, and its tags.
const LONGEST: usize = 16384;

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

/// The configuration of a machine, read from a file or the one that is meant when there is none: one link, and on it one port
/// for what is spoken untagged.
///
/// # Errors
/// [`ServeError::Config`] or [`ServeError::Role`].
pub fn configuration(file: Option<&Path>, role: Role) -> Result<Config, ServeError> {
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
///
/// # Errors
/// [`ServeError::Discover`] or [`ServeError::Device`].
pub fn machine(config: &Config) -> Result<Device<Machine>, ServeError> {
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
    trouble: Trouble,
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
        let (started, buffer) = (time::Instant::now(), vec![0; LONGEST]);
        Ok(Self { links, started, signals, buffer, trouble: Trouble::default() })
    }

    /// The address of the first interface.
    pub(super) fn address(&self) -> MacAddr {
        self.links.first().map(|(_, socket)| socket.mac()).unwrap_or_default()
    }

    pub(super) fn now(&self) -> Instant {
        Instant::from_micros(self.started.elapsed().as_micros() as u64)
    }

    /// Moves all frames that wait: from the interfaces, through the machine, to the controller and back. What is to be sent then
    /// leaves once `remember` has done what a restart must not forget.
    pub(super) fn pump<C: Controller>(
        &mut self,
        controller: &mut C,
        remember: impl FnOnce(&mut C),
    ) -> Result<(), ServeError> {
        self.receive(controller.machine())?;
        let passed = passage::settle(controller, self.now());
        remember(controller);
        passed.links.into_iter().try_for_each(|(link, octets)| self.send(link, octets))
    }

    fn receive(&mut self, machine: &mut Machine) -> Result<(), ServeError> {
        for (link, socket) in &mut self.links {
            for _ in 0..BURST {
                let received = socket.receive(&mut self.buffer);
                let Some(len) = heard(received, &mut self.trouble)?.flatten() else { break };
                let octets = self.buffer[..len].to_vec();
                machine.offer(passage::from_link(*link, octets));
            }
        }
        Ok(())
    }

    fn send(&mut self, link: u8, mut octets: Vec<u8>) -> Result<(), ServeError> {
        let Some((_, socket)) = self.links.iter().find(|(its, _)| *its == link) else {
            return Ok(());
        };
        octets.resize(octets.len().max(MIN_FRAME_LEN), 0);
        if heard(socket.send(&octets), &mut self.trouble)?.is_some() {
            self.trouble.over();
        }
        Ok(())
    }

    /// Says goodbye to all neighbours.
    pub(super) fn leave<C: Controller>(
        &mut self,
        controller: &mut C,
        remember: impl FnOnce(&mut C),
    ) -> Result<(), ServeError> {
        for (to, octets) in controller.farewells() {
            controller.machine().offer(passage::from_control(to, octets));
        }
        self.pump(controller, remember)
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

/// What a carrier says. A cable that is out or busy is told of, and ends nothing: what was to be said the protocol repeats.
fn heard<T>(said: Result<T, CarrierError>, trouble: &mut Trouble) -> Result<Option<T>, ServeError> {
    match said {
        Ok(said) => Ok(Some(said)),
        Err(error @ (CarrierError::Down { .. } | CarrierError::Full { .. })) => {
            trouble.tell(Err(error.into()));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn unknown_link(config: &Config, name: String) -> ServeError {
    let links: Vec<_> = config.links.iter().map(|link| &*link.name).collect();
    let expected = format!("each link of the machine once at most: {}", links.join(", "));
    ServeError::Name { option: "--interface", name, expected }
}
