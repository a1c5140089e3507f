// SPDX-License-Identifier: MIT
//! The move of a VSI to another channel, make before break, and what waits until the old place has drained.
//!
//! Between shared channels bindings move. The VSI of an E-channel takes its virtual port along, so that the bridge has nothing to
//! learn again: the two channels exchange their ports.

use std::time::Duration;

use vireo_association::time::Instant;
use vireo_association::vdp::Key;
use vireo_spec::rows::PortRow;
use vireo_spec::tag::Channel;

use super::event::BridgeEvent;
use super::policy::Source;
use super::registry::{Placement, Registry};
use super::rejection::Rejection;
use crate::RegisterBus;

/// After which what the bus has refused is tried again.
pub(crate) const RETRY: Duration = Duration::from_secs(1);

/// What goes once frames for a place that was left can no longer be under way.
#[derive(Clone, Debug)]
pub(crate) struct Drain {
    pub(crate) until: Instant,
    pub(crate) what: Draining,
}

/// See [`Drain`].
#[derive(Clone, Debug)]
pub(crate) enum Draining {
    /// Bindings at the old port.
    Sources { port: u8, sources: Vec<Source> },
    /// The channel that `port` has left. A spare port then takes it over, with this row, unless the channel was deleted.
    Port { port: u8, left: (u8, Channel), spare: Option<(u8, PortRow)> },
}

impl Drain {
    /// The port that has no row until then.
    pub(crate) fn spare(&self) -> Option<u8> {
        match self.what {
            Draining::Port { spare, .. } => spare.map(|(port, _)| port),
            Draining::Sources { .. } => None,
        }
    }

    /// Whether frames of `port` may be of either place: what arrives may be the old station's, and `spare` has no channel yet.
    fn blurs(&self, at: u8) -> bool {
        matches!(self.what, Draining::Port { port, .. } if port == at) || self.spare() == Some(at)
    }

    /// Whether it cannot outlive the port.
    fn is_about(&self, at: u8) -> bool {
        matches!(self.what, Draining::Sources { port, .. } if port == at) || self.blurs(at)
    }
}

impl<B: RegisterBus> Registry<B> {
    /// Whether protocol frames of a port cannot be told from those of the place that it has left.
    pub(crate) fn is_blurred(&self, port: u8) -> bool {
        self.drains.iter().any(|drain| drain.blurs(port))
    }

    /// Whether a port has no channel yet: what is to be sent there waits.
    pub(crate) fn is_waiting(&self, port: u8) -> bool {
        self.drains.iter().any(|drain| drain.spare() == Some(port))
    }

    /// Associates at port `new` the VSI that is associated at `old`.
    pub(crate) fn take_over(
        &mut self,
        old: u8,
        new: u8,
        key: Key,
        placement: Placement,
        now: Instant,
    ) -> Result<(), Rejection> {
        if self.is_blurred(old) || self.is_blurred(new) {
            return Err(Rejection::Draining);
        }
        let (manager, vsi) = (placement.manager, placement.vsi.clone());
        let both_alone = [old, new].iter().all(|&port| self.exclusive.contains(port.into()));
        let port = if both_alone {
            self.exchange(old, new, &key, placement, now)?;
            old
        } else {
            self.rebind(old, new, &key, placement, now)?;
            new
        };
        self.counters.moves += 1;
        self.tell(BridgeEvent::Moved { from: old, to: new, port, manager, vsi });
        Ok(())
    }

    /// Binds at the new port; the old port's bindings go when its link has drained.
    fn rebind(
        &mut self,
        old: u8,
        new: u8,
        key: &Key,
        placement: Placement,
        now: Instant,
    ) -> Result<(), Rejection> {
        self.bind(new, &placement)?;
        if let Some(held) = self.drop_note(old, key) {
            let until = now + self.policy.drain;
            let what = Draining::Sources { port: old, sources: held.sources };
            self.drains.push(Drain { until, what });
        }
        self.note(new, *key, placement);
        self.taken.push((old, *key));
        Ok(())
    }

    /// Moves port `old` to the channel of port `new`, whose number then waits for the channel that `old` has left.
    fn exchange(
        &mut self,
        old: u8,
        new: u8,
        key: &Key,
        placement: Placement,
        now: Instant,
    ) -> Result<(), Rejection> {
        let (left, taken) = (*self.ledger.row(old), *self.ledger.row(new));
        self.end_drains_of(new, now);
        self.ledger.bind(old, &placement.sources)?;
        if let Err(error) = self.ledger.start_move(old, new) {
            let _ = self.ledger.unbind(old, &placement.sources);
            return Err(error.into());
        }
        let mut bare_old = self.bare[&old];
        let mut bare_new = self.bare[&new];
        (bare_old.link, bare_old.channel) = (taken.link, taken.channel);
        (bare_new.link, bare_new.channel) = (left.link, left.channel);
        self.bare.insert(old, bare_old);
        self.bare.insert(new, bare_new);

        let row = self.policy.types[placement.vsi_type].row(&bare_old, placement.untagged);
        // It has moved: what is still to be done is wanted, even if the bus fails now.
        let _ = self.ledger.insist_on_row(old, row);
        self.drop_note(new, key);
        if let Some(held) = self.drop_note(old, key) {
            let _ = self.ledger.unbind(old, &held.sources);
        }
        self.note(old, *key, placement);
        let until = now + self.policy.drain;
        let what = Draining::Port {
            port: old,
            left: (left.link, left.channel),
            spare: Some((new, bare_new)),
        };
        self.drains.push(Drain { until, what });
        self.exchanged.push((old, new));
        self.taken.push((new, *key));
        Ok(())
    }

    /// If a port has just left this channel: nothing takes the channel over any more. Gives the port that would have.
    pub(crate) fn abandon(&mut self, channel: (u8, Channel), now: Instant) -> Option<u8> {
        let its = |drain: &&mut Drain| matches!(drain.what, Draining::Port { left, spare: Some(_), .. } if left == channel);
        let drain = self.drains.iter_mut().find(its)?;
        let Draining::Port { port, ref mut spare, .. } = drain.what else { return None };
        let (would_have, _) = spare.take()?;
        self.end_drains_of(port, now);
        Some(would_have)
    }

    /// Ends the drains whose time has come.
    pub(crate) fn end_drains(&mut self, now: Instant) {
        self.end_those(now, |drain| drain.until <= now);
    }

    /// Ends the drains about a port at once: what is said in its channels is over.
    pub(crate) fn end_drains_of(&mut self, port: u8, now: Instant) {
        self.end_those(now, |drain| drain.is_about(port));
    }

    /// What the bus refuses is tried again after a while.
    fn end_those(&mut self, now: Instant, goes: impl Fn(&Drain) -> bool) {
        let (over, still): (Vec<_>, _) = self.drains.drain(..).partition(goes);
        self.drains = still;
        for drain in over {
            if !self.end(&drain.what) {
                self.drains.push(Drain { until: now + RETRY, ..drain });
            }
        }
    }

    /// Whether it is done.
    fn end(&mut self, what: &Draining) -> bool {
        match what {
            Draining::Sources { port, sources } => {
                if self.at(*port).next().is_none() {
                    self.bare(*port);
                }
                // Unbound, or the ledger is in doubt and unbinds when it settles.
                let _ = self.ledger.unbind(*port, sources);
                true
            }
            Draining::Port { port, left, spare } => {
                self.ledger.finish_move(*port, *left).is_ok()
                    && spare.is_none_or(|(spare, row)| self.ledger.create_port(spare, row).is_ok())
            }
        }
    }

    /// When the next drain ends.
    pub(crate) fn drained_at(&self) -> Option<Instant> {
        self.drains.iter().map(|drain| drain.until).min()
    }
}
