// SPDX-License-Identifier: MIT
//! Bindings of a port: the sources that it may send from.

use std::collections::BTreeSet;

use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::geometry::VLAN_ROWS;
use vireo_spec::rows::BindingRow;
use vireo_spec::table::Table;

use super::{Call, Operation};
use crate::access::Place;
use crate::placement::Placed;
use crate::tables::vlan_words;
use crate::{Device, Error, RegisterBus};

impl<B: RegisterBus> Device<B> {
    /// Lets `port` send from `mac`, or from any individual address, in `vlan`.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::NotInitialized`] or [`Error::TableFull`] before anything is changed, or
    /// [`Error::Interrupted`].
    pub fn bind(&mut self, port: u8, mac: Option<MacAddr>, vlan: VlanId) -> Result<(), Error> {
        let call = Call { operation: Operation::Bind, port };
        self.port_exists(port)?;
        let (placed, bus) = self.placed()?;
        let Some(mac) = mac else { return self.admit_any(call, vlan, true) };
        let row = BindingRow { port, mac, vlan };
        call.commit_placed(&mut placed.bindings, bus, |bindings, bus| {
            if bindings.get(row.key()).is_some() { Ok(()) } else { bindings.insert(bus, row) }
        })
    }

    /// Takes such a binding back, if it is there; other bindings of the port stay.
    ///
    /// # Errors
    /// [`Error::NoSuch`] or [`Error::NotInitialized`] before any access, or [`Error::Interrupted`].
    pub fn unbind(&mut self, port: u8, mac: Option<MacAddr>, vlan: VlanId) -> Result<(), Error> {
        let call = Call { operation: Operation::Unbind, port };
        self.port_exists(port)?;
        let (placed, bus) = self.placed()?;
        let Some(mac) = mac else { return self.admit_any(call, vlan, false) };
        call.commit_placed(&mut placed.bindings, bus, |bindings, bus| {
            Ok(bindings.remove(bus, BindingRow::key(port, mac, vlan))?)
        })
    }

    /// The machine's own row says who else is in it, so that there is no copy to disagree with.
    fn admit_any(&mut self, call: Call, vlan: VlanId, admitted: bool) -> Result<(), Error> {
        let mut ports = call.before(self.vlan(vlan))?;
        if ports.contains(call.port.into()) == admitted {
            return Ok(());
        }
        ports.set(call.port.into(), admitted);
        self.may_admit(vlan);
        let place = Place { table: Table::Vlan, way: 0, row: vlan.get() };
        call.commit(&mut self.bus, place, &vlan_words(ports))
    }

    /// Takes all bindings of a port away, one after the other.
    pub(super) fn unbind_all(&mut self, port: u8) -> Result<(), Error> {
        let (placed, bus) = self.placed()?;
        placed.bindings.settle(bus, None)?;
        let its = |row: &&BindingRow| row.port == port;
        let keys: Vec<_> = placed.bindings.iter().filter(its).map(Placed::key).collect();
        for key in keys {
            placed.bindings.remove(bus, key)?;
        }
        for vlan in self.admitting()? {
            let mut ports = self.vlan(vlan)?;
            if ports.contains(port.into()) {
                ports.set(port.into(), false);
                self.set_vlan(vlan, ports)?;
            }
        }
        Ok(())
    }

    /// The VLANs that may admit some port: those that this driver has written, on a machine that was taken over those that it
    /// finds.
    fn admitting(&mut self) -> Result<BTreeSet<VlanId>, Error> {
        if let Some(known) = &self.placed()?.0.admitting {
            return Ok(known.clone());
        }
        let mut found = BTreeSet::new();
        for vlan in (0..VLAN_ROWS as u16).map(VlanId::from_tci) {
            if !self.vlan(vlan)?.is_empty() {
                found.insert(vlan);
            }
        }
        self.placed()?.0.admitting = Some(found.clone());
        Ok(found)
    }
}
