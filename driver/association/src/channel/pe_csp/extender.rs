// SPDX-License-Identifier: MIT
//! The extender's side of PE-CSP: what is wanted for each of its ports, asked for until the bridge has answered.

use std::collections::{BTreeMap, VecDeque};

use vireo_spec::ether::MacAddr;
use vireo_spec::tag::ECid;

use super::{Counters, Line, PATIENCE};
use crate::ecp;
use crate::time::Instant;
use crate::wire::pe_csp::{Action, Kind, Message, Status};

/// Something that became of a port's channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtenderEvent {
    /// The port has this channel.
    Created {
        /// The extender's port.
        port: u32,
        /// Its channel.
        ecid: ECid,
    },
    /// The bridge gives the port none.
    Refused {
        /// The extender's port.
        port: u32,
        /// Why.
        status: Status,
    },
    /// The port has no channel any more.
    Deleted {
        /// The extender's port.
        port: u32,
        /// The bridge said so first.
        by_bridge: bool,
    },
}

#[derive(Clone, Copy, Debug)]
struct Port {
    wanted: bool,
    given: Option<ECid>,
    /// What the request that is under way is known by, and when it is asked again.
    asked: Option<(u32, Instant)>,
}

/// An extender's side of PE-CSP on one link.
#[derive(Debug)]
pub struct Extender {
    line: Line,
    ports: BTreeMap<u32, Port>,
    transaction: u32,
    events: VecDeque<ExtenderEvent>,
}

impl Extender {
    /// An extender without channels. `seed` draws the first sequence and transaction.
    pub fn new(source: MacAddr, timing: ecp::Timing, seed: u64) -> Self {
        let transaction = fastrand::Rng::with_seed(!seed).u32(..);
        let line = Line::new(source, timing, seed);
        Self { line, ports: BTreeMap::new(), transaction, events: VecDeque::new() }
    }

    /// Wants a channel for a port.
    pub fn create(&mut self, port: u32, now: Instant) {
        let entry = self.ports.entry(port);
        let entry = entry.or_insert(Port { wanted: true, given: None, asked: None });
        entry.wanted = true;
        if entry.given.is_none() {
            self.ask(port, now);
        }
    }

    /// Wants none any more.
    pub fn delete(&mut self, port: u32, now: Instant) {
        if let Some(found) = self.ports.get_mut(&port) {
            found.wanted = false;
            self.ask(port, now);
        }
    }

    /// The channel of a port.
    pub fn channel(&self, port: u32) -> Option<ECid> {
        self.ports.get(&port)?.given
    }

    fn ask(&mut self, port: u32, now: Instant) {
        let Some(found) = self.ports.get_mut(&port) else { return };
        self.transaction = self.transaction.wrapping_add(1);
        found.asked = Some((self.transaction, now + PATIENCE));
        let message = Message {
            kind: Kind::Request,
            action: if found.wanted { Action::Create } else { Action::Delete },
            status: Status::Success,
            transaction: self.transaction,
            port: Some(port),
            ecid: found.given,
            unknown: Vec::new(),
        };
        self.line.say(&message);
    }

    /// Takes a frame.
    pub fn process(&mut self, octets: &[u8], now: Instant) {
        let Some(message) = self.line.hear(octets, now) else { return };
        match (message.kind, message.action) {
            (Kind::Response, _) => self.answered(&message),
            (Kind::Request, Action::Delete) => self.deleted_by_bridge(&message),
            _ => self.line.counters.not_understood += 1,
        }
    }

    fn answered(&mut self, message: &Message) {
        let asked = |(_, port): &(&u32, &mut Port)| {
            port.asked.is_some_and(|(transaction, _)| transaction == message.transaction)
        };
        let Some((&number, port)) = self.ports.iter_mut().find(asked) else {
            self.line.counters.stray += 1;
            return;
        };
        port.asked = None;
        let event = match (port.wanted, message.status, message.ecid) {
            (true, Status::Success, Some(ecid)) => {
                port.given = Some(ecid);
                ExtenderEvent::Created { port: number, ecid }
            }
            (true, Status::Success, None) => {
                self.line.counters.not_understood += 1;
                return;
            }
            (true, status, _) => {
                self.ports.remove(&number);
                ExtenderEvent::Refused { port: number, status }
            }
            // Whatever the bridge says of a channel that nobody wants, it is gone.
            (false, ..) => {
                self.ports.remove(&number);
                ExtenderEvent::Deleted { port: number, by_bridge: false }
            }
        };
        self.events.push_back(event);
    }

    fn deleted_by_bridge(&mut self, message: &Message) {
        let its = |(_, port): &(&u32, &Port)| port.given.is_some() && port.given == message.ecid;
        if let Some((&number, _)) = self.ports.iter().find(its) {
            self.ports.remove(&number);
            self.events.push_back(ExtenderEvent::Deleted { port: number, by_bridge: true });
        }
        let answer = Message { kind: Kind::Response, status: Status::Success, ..message.clone() };
        self.line.say(&answer);
    }

    /// The next frame to send.
    pub fn poll(&mut self, now: Instant) -> Option<Vec<u8>> {
        let late = |(_, port): &(&u32, &Port)| port.asked.is_some_and(|(_, at)| at <= now);
        let late: Vec<_> = self.ports.iter().filter(late).map(|(&port, _)| port).collect();
        for port in late {
            self.ask(port, now);
        }
        self.line.poll(now)
    }

    /// When [`Extender::poll`] is next to be asked.
    pub fn poll_at(&self) -> Option<Instant> {
        let asked = self.ports.values().filter_map(|port| Some(port.asked?.1));
        asked.chain(self.line.endpoint.poll_at()).min()
    }

    /// The oldest event that was not asked for yet.
    pub fn event(&mut self) -> Option<ExtenderEvent> {
        self.events.pop_front()
    }

    /// What it has counted.
    pub fn counters(&self) -> &Counters {
        &self.line.counters
    }
}
