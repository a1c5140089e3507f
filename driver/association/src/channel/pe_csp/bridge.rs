// SPDX-License-Identifier: MIT
//! The bridge's side of PE-CSP: it gives each port of an extender one channel, and the same one to whoever asks again.

use std::collections::BTreeMap;

use vireo_spec::ether::MacAddr;
use vireo_spec::tag::ECid;

use super::{Counters, Line};
use crate::ecp;
use crate::time::Instant;
use crate::wire::pe_csp::{Action, Kind, Message, Status};

/// Who makes a port of the machine for each channel.
pub trait ChannelAuthority {
    /// Gives a channel, which leads to a port from now on.
    ///
    /// # Errors
    /// The status that is answered.
    fn create(&mut self) -> Result<ECid, Status>;

    /// Takes a channel back, with all that is associated in it.
    fn delete(&mut self, ecid: ECid);
}

/// A bridge's side of PE-CSP on one link.
#[derive(Debug)]
pub struct Bridge {
    line: Line,
    /// Of each port of the extender.
    channels: BTreeMap<u32, ECid>,
    transaction: u32,
}

impl Bridge {
    /// A bridge that has given no channel. `seed` draws the first sequence and transaction.
    pub fn new(source: MacAddr, timing: ecp::Timing, seed: u64) -> Self {
        let transaction = fastrand::Rng::with_seed(!seed).u32(..);
        Self { line: Line::new(source, timing, seed), channels: BTreeMap::new(), transaction }
    }

    /// Notes a channel that was given before a restart.
    pub fn restore(&mut self, port: u32, ecid: ECid) {
        self.channels.insert(port, ecid);
    }

    /// The channels, with the port of the extender that each is for.
    pub fn channels(&self) -> impl Iterator<Item = (u32, ECid)> + '_ {
        self.channels.iter().map(|(&port, &ecid)| (port, ecid))
    }

    /// Takes a frame.
    pub fn process(&mut self, octets: &[u8], now: Instant, authority: &mut impl ChannelAuthority) {
        let Some(message) = self.line.hear(octets, now) else { return };
        let (status, ecid) = match (message.kind, message.action, message.port) {
            (Kind::Request, Action::Create, Some(port)) => match self.channels.get(&port) {
                Some(&ecid) => (Status::Success, Some(ecid)),
                None => match authority.create() {
                    Ok(ecid) => {
                        self.channels.insert(port, ecid);
                        (Status::Success, Some(ecid))
                    }
                    Err(status) => (status, None),
                },
            },
            (Kind::Request, Action::Delete, Some(port)) => {
                let ecid = self.channels.remove(&port);
                ecid.into_iter().for_each(|ecid| authority.delete(ecid));
                (Status::Success, ecid)
            }
            // Nothing waits for it: what this side deletes is gone when it says so.
            (Kind::Response, ..) => return,
            (Kind::Request, ..) => (Status::Format, None),
            (Kind::Unknown(_), ..) => {
                self.line.counters.not_understood += 1;
                return;
            }
        };
        if status == Status::Format {
            self.line.counters.not_understood += 1;
        }
        let answer = Message { kind: Kind::Response, status, ecid, ..message };
        self.line.say(&answer);
    }

    /// Tells the extender that a channel is gone.
    pub fn deleted(&mut self, ecid: ECid) {
        let Some((&port, _)) = self.channels.iter().find(|(_, its)| **its == ecid) else { return };
        self.channels.remove(&port);
        self.transaction = self.transaction.wrapping_add(1);
        let message = Message {
            kind: Kind::Request,
            action: Action::Delete,
            status: Status::Success,
            transaction: self.transaction,
            port: Some(port),
            ecid: Some(ecid),
            unknown: Vec::new(),
        };
        self.line.say(&message);
    }

    /// The next frame to send.
    pub fn poll(&mut self, now: Instant) -> Option<Vec<u8>> {
        self.line.poll(now)
    }

    /// When [`Bridge::poll`] is next to be asked.
    pub fn poll_at(&self) -> Option<Instant> {
        self.line.endpoint.poll_at()
    }

    /// What it has counted.
    pub fn counters(&self) -> &Counters {
        &self.line.counters
    }
}
