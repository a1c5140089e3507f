// SPDX-License-Identifier: MIT
//! A controller over a machine: what enters the machine by a link goes through it, and the protocol's frames come and go by its
//! control port. A program, a test or a bench gives frames in and takes out what is left.

use vireo_association::time::Instant;
use vireo_driver::controller::{BridgeController, HostController};
use vireo_spec::ether::{EtherType, HEADER_LEN, MacAddr, Priority};
use vireo_spec::pins::StreamId;
use vireo_spec::ports::PortSet;

use crate::engine::{Arrival, Destination, Engine, Side};

/// The machine under a controller.
pub type Machine = Box<dyn Engine + Send>;

/// Either controller.
pub trait Controller {
    /// Takes a protocol frame of this control plane.
    fn receive(&mut self, from: StreamId, octets: &[u8], now: Instant);
    /// The next frame to send, and by which control plane.
    fn transmit(&mut self, now: Instant) -> Option<(StreamId, Vec<u8>)>;
    /// When it next has something to do.
    fn poll_at(&self) -> Option<Instant>;
    /// Its machine.
    fn machine(&mut self) -> &mut Machine;
    /// What says goodbye to the neighbours.
    fn farewells(&self) -> Vec<(StreamId, Vec<u8>)>;
}

/// Both have these as methods of their own, which need no trait.
macro_rules! controller {
    ($($controller:ty),*) => {$(
        impl Controller for $controller {
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
    )*};
}

controller!(BridgeController<Machine>, HostController<Machine>);

/// What has left a machine and is not the controller's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// By a link.
    pub links: Vec<(u8, Vec<u8>)>,
    /// By ports, the protocol's frames apart.
    pub ports: Vec<(PortSet, Vec<u8>)>,
}

/// A frame that enters by a link.
pub fn from_link(link: u8, octets: Vec<u8>) -> Arrival {
    arrival(Side::Links, StreamId::Port(link), octets)
}

/// A frame that a control plane sends.
pub fn from_control(plane: StreamId, octets: Vec<u8>) -> Arrival {
    arrival(Side::Ports, plane, octets)
}

fn arrival(side: Side, id: StreamId, octets: Vec<u8>) -> Arrival {
    let priority = Priority::default();
    Arrival { timestamp_ns: 0, side, id, source: None, priority, octets, bad: false }
}

/// Lets the machine and its controller do all that there is to do now.
pub fn settle(controller: &mut impl Controller, now: Instant) -> Passed {
    let mut passed = Passed::default();
    loop {
        let mut heard = Vec::new();
        controller.machine().run(&mut |departure| match departure.to {
            _ if departure.bad => {}
            Destination::Link(link) => passed.links.push((link, departure.octets.to_vec())),
            Destination::Control(from) => heard.push((from, departure.octets.to_vec())),
            // At a host the channel's protocol frames come down at its port.
            Destination::Ports(ports) if is_protocol(departure.octets) => {
                let ports = ports.iter().map(|port| StreamId::PortControl(port as u8));
                heard.extend(ports.map(|port| (port, departure.octets.to_vec())));
            }
            Destination::Ports(ports) => passed.ports.push((ports, departure.octets.to_vec())),
        });
        for (from, octets) in heard {
            controller.receive(from, &octets, now);
        }
        let mut idle = true;
        while let Some((to, octets)) = controller.transmit(now) {
            controller.machine().offer(from_control(to, octets));
            idle = false;
        }
        if idle {
            return passed;
        }
    }
}

fn is_protocol(octets: &[u8]) -> bool {
    let Some(&[.., high, low]) = octets.first_chunk::<HEADER_LEN>() else { return false };
    let ethertype = EtherType::from_octets([high, low]);
    let Some(&destination) = octets.first_chunk() else { return false };
    MacAddr(destination).is_reserved() && matches!(ethertype, EtherType::LLDP | EtherType::ECP)
}
