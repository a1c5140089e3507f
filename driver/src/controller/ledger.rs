// SPDX-License-Identifier: MIT
//! The machine beside what it is wanted to hold, so that a change happens wholly or not at all.
//!
//! A change that fails is taken back by bringing the machine to what was wanted before it ([`Device::reconcile`]); where the bus
//! does not let that happen either, the ledger stays in doubt, changes nothing more, and tries again when it is next asked.

use std::collections::BTreeMap;

use vireo_spec::ports::PortSet;
use vireo_spec::rows::PortRow;
use vireo_spec::tag::Channel;

use super::policy::Source;
use crate::state::State;
use crate::{Device, Error, RegisterBus};

/// Rows of the binding table of a hundred that associations may use: below what the driver fills without a refusal
/// (docs/performance.md), so that a reservation which was given is a place that will be found.
const FILL_PERCENT: usize = 90;

/// The machine and what is wanted of it.
#[derive(Debug)]
pub(crate) struct Ledger<B> {
    device: Device<B>,
    wanted: State,
    /// How many need a source at a port; what the machine held before anybody associated is needed once, for ever.
    claims: BTreeMap<(u8, Source), u32>,
    /// Bindings of addresses that are promised and not there.
    reserved: usize,
    in_doubt: bool,
}

impl<B: RegisterBus> Ledger<B> {
    /// Starts from what the machine holds.
    pub(crate) fn new(mut device: Device<B>) -> Result<Self, Error> {
        let wanted = device.state()?;
        let bound = wanted.bindings.iter().map(|&(port, mac, vlan)| (port, (Some(mac), vlan)));
        let admitted = wanted.vlans.iter().flat_map(|(&vlan, ports)| {
            ports.iter().map(move |port| (port as u8, (None, vlan))).collect::<Vec<_>>()
        });
        let claims = bound.chain(admitted).map(|claim| (claim, 1)).collect();
        Ok(Self { device, wanted, claims, reserved: 0, in_doubt: false })
    }

    pub(crate) fn device_mut(&mut self) -> &mut Device<B> {
        &mut self.device
    }

    pub(crate) fn into_device(self) -> Device<B> {
        self.device
    }

    /// What the machine is wanted to hold.
    pub(crate) fn wanted(&self) -> &State {
        &self.wanted
    }

    /// A port's row, as it is wanted.
    pub(crate) fn row(&self, port: u8) -> &PortRow {
        &self.wanted.ports[usize::from(port)]
    }

    /// Whether so many bindings of addresses more find room beside what is bound and reserved.
    pub(crate) fn has_room(&self, bindings: usize) -> bool {
        let capacity = self.device.bindings().map_or(0, |table| table.capacity());
        self.wanted.bindings.len() + self.reserved + bindings <= capacity * FILL_PERCENT / 100
    }

    /// Promises room for so many bindings, or takes a promise back.
    pub(crate) fn reserve(&mut self, bindings: usize) {
        self.reserved += bindings;
    }

    /// Takes a promise back.
    pub(crate) fn release(&mut self, bindings: usize) {
        self.reserved = self.reserved.saturating_sub(bindings);
    }

    /// Whether a source is bound at a port already, for somebody else or for good.
    pub(crate) fn is_claimed(&self, port: u8, source: Source) -> bool {
        self.claims.contains_key(&(port, source))
    }

    /// If an earlier change could not be taken back: takes it back now.
    ///
    /// # Errors
    /// [`Error::Bus`], and the ledger stays in doubt.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        if self.in_doubt {
            self.device.reconcile(&self.wanted)?;
            self.in_doubt = false;
        }
        Ok(())
    }

    /// Makes `change` on the machine and then in what is wanted, or neither.
    fn change(
        &mut self,
        change: impl FnOnce(&mut Device<B>) -> Result<(), Error>,
        then: impl FnOnce(&mut Self),
    ) -> Result<(), Error> {
        self.settle()?;
        let changed = change(&mut self.device);
        match changed {
            Ok(()) => then(self),
            Err(_) => {
                self.in_doubt = true;
                // Where this fails as well, the next change tries again: what counts is why this one failed.
                let _ = self.settle();
            }
        }
        changed
    }

    /// Wants what `then` says from now on, and makes `change` on the machine: where that fails, the ledger is in doubt until the
    /// machine is so. For what is taken away, which is not wanted any more even if the bus fails now.
    fn insist(
        &mut self,
        then: impl FnOnce(&mut Self),
        change: impl FnOnce(&mut Device<B>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let settled = self.settle();
        then(self);
        settled.and_then(|()| change(&mut self.device)).inspect_err(|_| self.in_doubt = true)
    }

    /// Lets `port` send from all of these.
    pub(crate) fn bind(&mut self, port: u8, sources: &[Source]) -> Result<(), Error> {
        let missing: Vec<_> =
            sources.iter().filter(|&&source| !self.is_claimed(port, source)).copied().collect();
        let change = |device: &mut Device<B>| {
            missing.iter().try_for_each(|&(mac, vlan)| device.bind(port, mac, vlan))
        };
        self.change(change, |ledger| {
            for &source in sources {
                *ledger.claims.entry((port, source)).or_default() += 1;
                ledger.note(port, source, true);
            }
        })
    }

    /// Takes these back: what nobody needs any more is unbound. Each was bound once by the caller.
    pub(crate) fn unbind(&mut self, port: u8, sources: &[Source]) -> Result<(), Error> {
        let last = |source: &&Source| self.claims.get(&(port, **source)) == Some(&1);
        let unneeded: Vec<_> = sources.iter().filter(last).copied().collect();
        let then = |ledger: &mut Self| {
            for &source in sources {
                if let Some(count) = ledger.claims.get_mut(&(port, source)) {
                    *count -= 1;
                    if *count == 0 {
                        ledger.claims.remove(&(port, source));
                        ledger.note(port, source, false);
                    }
                }
            }
        };
        self.insist(then, |device| {
            unneeded.iter().try_for_each(|&(mac, vlan)| device.unbind(port, mac, vlan))
        })
    }

    fn note(&mut self, port: u8, (mac, vlan): Source, bound: bool) {
        match mac {
            Some(mac) if bound => _ = self.wanted.bindings.insert((port, mac, vlan)),
            Some(mac) => _ = self.wanted.bindings.remove(&(port, mac, vlan)),
            None => {
                let ports = self.wanted.vlans.entry(vlan).or_default();
                ports.set(port.into(), bound);
                if ports.is_empty() {
                    self.wanted.vlans.remove(&vlan);
                }
            }
        }
    }

    /// Gives a port that stays where it is another row.
    pub(crate) fn set_row(&mut self, port: u8, row: PortRow) -> Result<(), Error> {
        if *self.row(port) == row {
            return Ok(());
        }
        let change = |device: &mut Device<B>| device.set_port(port, &row);
        self.change(change, |ledger| ledger.wanted.ports[usize::from(port)] = row)
    }

    /// The same, even if the bus fails now.
    pub(crate) fn insist_on_row(&mut self, port: u8, row: PortRow) -> Result<(), Error> {
        if *self.row(port) == row {
            return Ok(());
        }
        let then = |ledger: &mut Self| ledger.wanted.ports[usize::from(port)] = row;
        self.insist(then, |device| device.set_port(port, &row))
    }

    /// Makes an enabled port of `row`, without bindings.
    pub(crate) fn create_port(&mut self, port: u8, row: PortRow) -> Result<(), Error> {
        let row = PortRow { enabled: true, ..row };
        let change = |device: &mut Device<B>| {
            device.create_port(port, &row)?;
            device.enable_port(port)
        };
        self.change(change, |ledger| {
            ledger.wanted.ports[usize::from(port)] = row;
            ledger.lead(port, row.link, row.channel);
        })
    }

    /// Takes a port without bindings away, even if the bus fails now.
    pub(crate) fn delete_port(&mut self, port: u8) -> Result<(), Error> {
        self.insist(|ledger| ledger.forget_port(port), |device| device.delete_port(port))
    }

    fn forget_port(&mut self, port: u8) {
        let row = std::mem::take(&mut self.wanted.ports[usize::from(port)]);
        self.wanted.channels.remove(&(row.link, row.channel));
    }

    /// Moves a port to the channel of `spare`, a port without bindings, which goes: both or neither. Its old channel leads to the
    /// port that moves until [`Ledger::finish_move`].
    pub(crate) fn start_move(&mut self, port: u8, spare: u8) -> Result<(), Error> {
        let PortRow { link, channel, .. } = *self.row(spare);
        self.change(
            |device| {
                device.delete_port(spare)?;
                device.start_move(port, link, channel, &[])
            },
            |ledger| {
                ledger.forget_port(spare);
                let row = &mut ledger.wanted.ports[usize::from(port)];
                (row.link, row.channel) = (link, channel);
                ledger.lead(port, link, channel);
            },
        )
    }

    /// Takes away what leads to a port by the place that it has left, also if the port was deleted meanwhile.
    pub(crate) fn finish_move(&mut self, port: u8, left: (u8, Channel)) -> Result<(), Error> {
        let is_there = *self.row(port) != PortRow::default();
        self.change(
            |device| {
                if is_there {
                    device.finish_move(port)
                } else {
                    device.remove_channel(left.0, left.1)
                }
            },
            |ledger| _ = ledger.wanted.channels.remove(&left),
        )
    }

    fn lead(&mut self, port: u8, link: u8, channel: Channel) {
        self.wanted.channels.insert((link, channel), PortSet::from_iter([usize::from(port)]));
    }
}
