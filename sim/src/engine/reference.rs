// SPDX-License-Identifier: MIT
//! The engine `reference`: `model::reference` behind the engines' trait.

use std::collections::VecDeque;

use vireo_driver::{BusAccess, BusError, BusErrorKind, RegisterBus};
use vireo_model::reference::{self, Machine};
use vireo_spec::geometry::Geometry;

use super::{Arrival, Departure, Destination, Engine, Measured, Side, Sink};

/// The reference machine and what waits to enter it.
pub struct Reference {
    machine: Machine,
    queue: VecDeque<Arrival>,
}

impl Reference {
    /// A machine of this geometry, as after reset.
    pub fn new(geometry: Geometry) -> Self {
        Self { machine: Machine::new(geometry), queue: VecDeque::new() }
    }
}

fn refused(access: BusAccess, address: u16) -> BusError {
    BusError { access, address, kind: BusErrorKind::Refused }
}

impl RegisterBus for Reference {
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        self.machine.read_register(address).map_err(|_| refused(BusAccess::Read, address))
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        self.machine.write_register(address, value).map_err(|_| refused(BusAccess::Write, address))
    }
}

impl Reference {
    /// Passes one frame, without queueing it.
    pub fn pass(&mut self, frame: &Arrival, sink: &mut Sink<'_>) {
        let (departure, side) = match (frame.side, frame.id) {
            (Side::Links, id) => {
                let link = id.code() & 63;
                (self.machine.from_link(link, &frame.octets, frame.bad), Side::Ports)
            }
            (Side::Ports, id) => {
                let (source, priority) = (frame.source, frame.priority);
                let departure =
                    self.machine.from_port(id, source, priority, &frame.octets, frame.bad);
                (departure, Side::Links)
            }
        };
        let Some(departure) = departure else { return };
        let to = match departure.to {
            reference::Destination::Link(link) => Destination::Link(link),
            reference::Destination::Ports(ports) => Destination::Ports(ports),
            reference::Destination::Control(id) => Destination::Control(id),
        };
        sink(Departure {
            side,
            to,
            octets: departure.octets,
            priority: departure.priority,
            bad: departure.bad,
            timestamp_ns: frame.timestamp_ns,
        });
    }
}

impl Engine for Reference {
    fn offer(&mut self, arrival: Arrival) {
        self.queue.push_back(arrival);
    }

    fn step(&mut self, sink: &mut Sink<'_>) -> bool {
        if let Some(frame) = self.queue.pop_front() {
            self.pass(&frame, sink);
        }
        !self.queue.is_empty()
    }

    fn cycles(&self) -> u64 {
        0
    }

    fn begin(&mut self) {}

    fn now_ns(&self) -> Option<u64> {
        None
    }

    fn measured(&self, _entering: Side) -> Option<&Measured> {
        None
    }
}
