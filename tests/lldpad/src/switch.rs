// SPDX-License-Identifier: MIT
//! Vireo's bridge with its machine: a controller over the pipeline's model, at an end of a cable. The protocol's frames pass the
//! machine by its control port, and data frames can be sent through it.

use std::collections::BTreeMap;
use std::time::Duration;

use vireo_association::evb::{Local, Operating};
use vireo_association::time::Instant;
use vireo_association::vdp::Limits;
use vireo_driver::Error;
use vireo_driver::controller::{BridgeController, Identity, LinkPolicy, Policy, VsiType};
use vireo_sim::association::passage::{Machine as Model, from_link, settle};
use vireo_sim::association::{configuration, machine};
use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::table::Entity;
use vireo_spec::tag::{ECid, ETag, IngressECid, Role};

use crate::peer::Machine;

/// The link of the cable, and its port for what is spoken untagged.
const LINK: u8 = 0;
const PORT: u8 = 0;
/// The E-CID of that port.
const ECID: u16 = 1;

/// A bridge, its machine, and what came of the frames that were sent through it.
pub struct Switch {
    /// The bridge.
    pub controller: BridgeController<Model>,
    /// Frames to send over the cable.
    waiting: Vec<Vec<u8>>,
}

impl Switch {
    /// A bridge that holds no VSI, and takes those of type 5 in VLANs 2 to 199; VID 0 becomes 42.
    ///
    /// # Panics
    /// When the model cannot be programmed.
    pub fn new(source: MacAddr, evb: Local, limits: Limits) -> Self {
        let config = configuration(None, Role::Bridge).expect("the machine without a file");
        let device = machine(&config).expect("program the model");
        let vlans = (2..200).map(VlanId::from_tci).collect();
        let web = VsiType {
            name: "web".into(),
            id: 5,
            vlans,
            default_vlan: Some(VlanId::from_tci(42)),
            check_source: true,
            ..VsiType::default()
        };
        let gives = LinkPolicy { default_port: Some(PORT), ..LinkPolicy::default() };
        let policy = Policy {
            links: BTreeMap::from([(LINK, gives)]),
            types: vec![web],
            limits,
            vsis: limits.vsis,
            drain: Duration::from_millis(1),
        };
        let identity = Identity { source, evb, seed: fastrand::u64(..) };
        let controller = BridgeController::new(device, policy, identity, Instant::ZERO);
        Self { controller: controller.expect("take the model over"), waiting: Vec::new() }
    }

    /// Sends an untagged frame, or one in a VLAN, of `source` through the default port's channel. Whether it reaches the port.
    pub fn passes(&mut self, source: MacAddr, vlan: Option<VlanId>) -> bool {
        let tag = ETag {
            priority: Default::default(),
            ingress: IngressECid::NONE,
            ecid: ECid::new(0, ECID, 0).expect("a unicast channel"),
        };
        let mut frame = [MacAddr::BROADCAST.0, source.0].concat();
        frame.extend_from_slice(&tag.to_octets());
        if let Some(vlan) = vlan {
            frame.extend_from_slice(&[0x81, 0x00]);
            frame.extend_from_slice(&vlan.get().to_be_bytes());
        }
        frame.extend_from_slice(&[0x08, 0x00]);
        frame.resize(68, 0);
        self.controller.device_mut().bus_mut().offer(from_link(LINK, frame));
        // No time passes for the controller meanwhile: nothing of it is due before the time that it was told last.
        let passed = settle(&mut self.controller, Instant::ZERO);
        self.waiting.extend(passed.links.into_iter().map(|(_, octets)| octets));
        !passed.ports.is_empty()
    }

    /// Frames of sources that are not bound, which were dropped at the default port since the last time.
    ///
    /// # Errors
    /// The driver's.
    pub fn unbound(&mut self) -> Result<u64, Error> {
        let device = self.controller.device_mut();
        device.snapshot()?;
        let dropped = Disposition::Dropped(DropReason::SourceUnbound);
        Ok(device.counters().disposition(Entity::PortOut(PORT), dropped))
    }
}

impl Machine for Switch {
    fn process(&mut self, frame: &[u8], now: Instant) {
        self.controller.device_mut().bus_mut().offer(from_link(LINK, frame.to_vec()));
        let passed = settle(&mut self.controller, now);
        self.waiting.extend(passed.links.into_iter().map(|(_, octets)| octets));
    }

    fn poll(&mut self, now: Instant) -> Option<Vec<u8>> {
        if self.waiting.is_empty() && self.controller.poll_at().is_some_and(|at| at <= now) {
            let passed = settle(&mut self.controller, now);
            self.waiting.extend(passed.links.into_iter().map(|(_, octets)| octets));
        }
        if self.waiting.is_empty() { None } else { Some(self.waiting.remove(0)) }
    }

    fn set_timing(&mut self, _: Operating) {
        // It has an LLDP agent of its own.
    }
}
