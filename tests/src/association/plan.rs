// SPDX-License-Identifier: MIT
//! How a network of a bridge and two hosts is built: which channels its links have, what its bridge allows, and how kind its
//! links are.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use vireo_association::carrier::Faults;
use vireo_association::evb::Local;
use vireo_association::time::Instant;
use vireo_association::vdp::Limits;
use vireo_driver::controller::{
    BridgeController, HostController, Identity, Moves, Policy, VsiType,
};
use vireo_driver::{Device, FaultyBus};
use vireo_model::pipeline;
use vireo_sim::engine::Engine;
use vireo_sim::engine::clocked::{PinEngine, Unkindness};
use vireo_sim::engine::reference::Reference;
use vireo_spec::ether::{MacAddr, Pcp, VlanId};
use vireo_spec::geometry::Geometry;
use vireo_spec::rows::{DEFAULT_MAXIMUM, LinkRow, PortRow};
use vireo_spec::tag::{Channel, ECid, Role, TagFamily};

use super::words::{MANAGER, vid};
use super::{Bus, Machine};

/// The bridge's port of the configured channel of link 0; that of link 1 is the next one.
pub const DEFAULT_PORT: u8 = 8;
/// The number of a configured channel, and the first that CDCP gives.
const CONFIGURED: u16 = 100;
/// E-CIDs that PE-CSP gives on a link.
const ECIDS: std::ops::RangeInclusive<u16> = 16..=19;

/// What channels a link has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// E-channels, by PE-CSP: one for each of the host's ports 0 and 1.
    Extended,
    /// One S-channel, by configuration, for the host's port 0.
    Shared,
    /// S-channels, by CDCP, which a test speaks; the host has ports for the two that there can be.
    Cdcp,
    /// One E-channel, by configuration, whose VDP is untagged.
    Untagged,
}

impl Kind {
    fn family(self) -> TagFamily {
        match self {
            Self::Extended | Self::Untagged => TagFamily::ETag,
            Self::Shared | Self::Cdcp => TagFamily::STag,
        }
    }

    fn channel(self, number: u16) -> Channel {
        match self.family() {
            TagFamily::STag => Channel::stag(VlanId::from_tci(number)),
            _ => Channel::etag(ECid::new(0, number, 0).expect("it has 12 bits")),
        }
    }
}

/// All that makes a network what it is.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The channels of each link.
    pub kinds: [Kind; 2],
    /// What the bridge allows.
    pub policy: Policy,
    /// What befalls frames on the links.
    pub faults: Faults,
    /// Of links, hash tables and sequence numbers.
    pub seed: u64,
    /// Machines without time: for tests that start very many.
    pub reference: bool,
    /// Of all machines.
    pub geometry: Geometry,
    /// The ports of hosts check their guests' sources.
    pub hosts_check: bool,
}

/// A machine with few of everything, so that it can be filled.
pub fn geometry() -> Geometry {
    Geometry::new(64, 2, 16, 2, 64, 64).expect("it can be built")
}

/// Types of VSIs: 1 moves where it is announced, 2 never, 3 always; of 4 there can be two, of two entries each; 5 does not
/// check sources. All admit VLANs 10 and 20; VID 0 becomes 10, and 20 in group 7.
pub fn policy() -> Policy {
    let admits = VsiType {
        manager: Some(MANAGER),
        vlans: BTreeSet::from([vid(10), vid(20)]),
        default_vlan: Some(vid(10)),
        groups: BTreeMap::from([(7, vid(20))]),
        default_priority: Pcp::new(5).expect("three bits"),
        check_source: true,
        ..VsiType::default()
    };
    let named = |id: u32, name: &str| VsiType { id, name: name.to_owned(), ..admits.clone() };
    let types = vec![
        named(1, "announced"),
        VsiType { moves: Moves::Never, ..named(2, "never") },
        VsiType { moves: Moves::Any, ..named(3, "any") },
        VsiType { vsis: Some(2), entries: Some(2), ..named(4, "few") },
        VsiType { check_source: false, moves: Moves::Any, ..named(5, "unchecked") },
    ];
    let (links, limits) = (BTreeMap::new(), Limits::default());
    Policy { links, types, limits, vsis: 8192, drain: Duration::from_millis(1) }
}

impl Plan {
    /// Links that deliver everything in 50 us, and [`policy`].
    pub fn new(kinds: [Kind; 2]) -> Self {
        let delay = Duration::from_micros(50)..Duration::from_micros(50);
        Self {
            kinds,
            policy: policy(),
            faults: Faults { delay, ..Faults::default() },
            seed: 1,
            reference: false,
            geometry: geometry(),
            hosts_check: true,
        }
    }

    /// The same with machines that have no time.
    pub fn without_time(self) -> Self {
        Self { reference: true, ..self }
    }

    /// The row of a host's port: its guest cannot reach the protocol, and sends from bound sources alone unless the plan says that
    /// hosts do not check.
    pub fn guest_row(&self) -> PortRow {
        PortRow {
            enabled: true,
            check_source: self.hosts_check,
            guard_reserved: true,
            maximum: DEFAULT_MAXIMUM,
            ..PortRow::default()
        }
    }

    fn device(&self, seed: u64) -> Device<Bus> {
        let engine: Box<dyn Engine> = if self.reference {
            Box::new(Reference::new(self.geometry))
        } else {
            let machine = pipeline::machine(self.geometry);
            Box::new(PinEngine::new(machine, self.geometry, Unkindness::NONE))
        };
        let bus = FaultyBus::new(Machine(engine));
        let mut device = Device::discover(bus).expect("it is a machine");
        device.initialize(self.seed ^ seed).expect("the bus works");
        device
    }

    /// A bridge's controller over a machine that its configuration alone has programmed.
    pub fn bridge(&self, starts: u64, now: Instant) -> BridgeController<Bus> {
        let mut device = self.device(starts);
        let mut policy = self.policy.clone();
        for (link, kind) in (0u8..).zip(self.kinds) {
            let row = link_row(Role::Bridge, kind);
            device.set_link(link, &row).expect("it is a link");
            let its = policy.links.entry(link).or_default();
            match kind {
                Kind::Extended => its.ecids = its.ecids.clone().or(Some(ECIDS)),
                Kind::Cdcp => its.svids = Some(CONFIGURED..=CONFIGURED + 1),
                Kind::Untagged => its.default_port = Some(DEFAULT_PORT + link),
                Kind::Shared => {}
            }
            if matches!(kind, Kind::Shared | Kind::Untagged) {
                let row = PortRow {
                    enabled: true,
                    link,
                    channel: kind.channel(CONFIGURED),
                    check_source: true,
                    control: kind == Kind::Shared,
                    pvid: vid(10),
                    maximum: DEFAULT_MAXIMUM,
                    ..PortRow::default()
                };
                create(&mut device, DEFAULT_PORT + link, &row);
            }
        }
        let source = MacAddr([2, 0, 0, 0, 0xb, 0]);
        let identity = Identity { source, evb: Local::default(), seed: self.seed ^ starts << 16 };
        BridgeController::new(device, policy, identity, now).expect("the bus works")
    }

    /// A host's controller over a machine that its configuration alone has programmed.
    pub fn host(&self, host: usize, starts: u64, now: Instant) -> HostController<Bus> {
        let mut device = self.device(starts ^ 1 << host);
        let kind = self.kinds[host];
        device.set_link(0, &link_row(Role::Extender, kind)).expect("it is a link");
        let ports = match kind {
            Kind::Extended => 0..0,
            Kind::Shared | Kind::Untagged => 0..1,
            Kind::Cdcp => 0..2,
        };
        for port in ports {
            let channel = kind.channel(CONFIGURED + u16::from(port));
            let row = PortRow { channel, ..self.guest_row() };
            create(&mut device, port, &row);
        }
        let source = MacAddr([2, 0, 0, 0, 0xa, host as u8]);
        let seed = self.seed ^ ((starts << 16) | (host as u64 + 1));
        let identity = Identity { source, evb: Local::default(), seed };
        let untagged = (kind == Kind::Untagged).then_some((0, 0)).into_iter().collect();
        HostController::new(device, identity, &untagged, now).expect("the bus works")
    }
}

fn link_row(role: Role, kind: Kind) -> LinkRow {
    LinkRow { enabled: true, role, family: kind.family(), maximum: DEFAULT_MAXIMUM }
}

fn create(device: &mut Device<Bus>, port: u8, row: &PortRow) {
    device.create_port(port, row).expect("its channel is free");
    device.enable_port(port).expect("it was created");
}
