// SPDX-License-Identifier: MIT
//! The direction from ports to links: intake ▶ window ▶ parse ▶ lookup (binding) ▶ decide ▶ insert ▶ outlet.
//!
//! Stations count clocks with `en` since a frame's header left the window; docs/pipeline.md's cycle `c` is station [`PARSED`].

use vireo_spec::ether::{EtherType, Priority, VlanId};
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::pins::{
    Beat, Forward, StreamId, USER_PRIORITY_LOW, USER_SOURCE_LOW, USER_SOURCE_NONE,
};
use vireo_spec::rows::{BindingRow, LinkRow, PortRow};
use vireo_spec::table::Entity;
use vireo_spec::tag::{Channel, ETag, IngressECid, Role, STag, SourceVif, TagFamily, VnTag};

use super::counters::{Class, Counters};
use super::edit::{LONGEST_TAG, Verdict};
use super::events::Event;
use super::exact::{self, Probe};
use super::front::{Front, Record};
use super::insert::Insert;
use super::outlet::Outlet;
use super::parse::{Header, Host, PARSED};
use super::ram::ReadPort;
use super::tables::{Commit, Tables, Wires};

const LOOKUP: usize = PARSED;
const DECIDE: usize = LOOKUP + exact::RESULT;
const EDIT: usize = DECIDE + 1;

/// What is known of a frame on its way.
#[derive(Clone, Debug, Default)]
struct Frame {
    /// Read while its first beat came in.
    source: Source,
    header: Header,
    host: Host,
    /// What the checks say that need no lookup.
    early: Option<Disposition>,
    vlan: VlanId,
    binding: Probe<BindingRow>,
    any_source: ReadPort<u64>,
    verdict: Verdict,
}

/// Where a frame came in, and the rows that it uses (docs/pipeline.md, 3.1 and section 5).
#[derive(Clone, Copy, Debug)]
struct Source {
    id: StreamId,
    /// `tuser[4:1]` as it came.
    priority: Priority,
    /// `tuser[11:5]`: the source port of a group's frame.
    port_of_group: u8,
    enabled: bool,
    link: u8,
    link_row: LinkRow,
    /// Where the frame counts.
    entered: Entity,
    /// The row of the port, or what a group or control plane has of one.
    port: u8,
    row: PortRow,
    /// The source port's channel, if a group's frame has one that lies behind the group's link.
    ingress: Option<Channel>,
}

impl Default for Source {
    fn default() -> Self {
        Self {
            id: StreamId::Port(0),
            priority: Priority::default(),
            port_of_group: USER_SOURCE_NONE,
            enabled: false,
            link: 0,
            link_row: LinkRow::unpack(0),
            entered: Entity::ControlIn,
            port: 0,
            row: PortRow::default(),
            ingress: None,
        }
    }
}

impl Source {
    fn enter(&mut self, beat: &Beat) {
        self.id = StreamId::from_code(beat.id);
        let priority = (beat.user >> USER_PRIORITY_LOW & 0xF) as u8;
        self.priority = Priority::from_code(priority).expect("four bits");
        self.port_of_group = (beat.user >> USER_SOURCE_LOW) as u8 & 0x7F;
    }

    fn read_port(&mut self, tables: &Tables) {
        self.ingress = None;
        (self.entered, self.port, self.row) = match self.id {
            StreamId::Port(index) => {
                let (port, row) = tables.port(index);
                (Entity::PortIn(port), port, *row)
            }
            StreamId::PortControl(index) => {
                let (port, row) = tables.port(index);
                (Entity::ControlIn, port, *row)
            }
            StreamId::Group(index) => {
                let (index, group) = tables.group(index);
                let (_, source_row) = tables.port(self.port_of_group);
                if self.port_of_group != USER_SOURCE_NONE && source_row.link == group.link {
                    self.ingress = Some(source_row.channel);
                }
                let row = PortRow {
                    enabled: group.enabled,
                    link: group.link,
                    channel: group.channel,
                    trust_priority: group.trust_priority,
                    default_priority: group.default_priority,
                    ..PortRow::default()
                };
                (Entity::GroupIn(index), 0, row)
            }
            StreamId::LinkControl(index) => {
                (Entity::ControlIn, 0, PortRow { link: index, ..PortRow::default() })
            }
        };
    }

    fn read_link(&mut self, tables: &Tables) {
        let (link, &link_row) = tables.link(self.row.link);
        (self.link, self.link_row) = (link, link_row);
        self.enabled = link_row.enabled
            && match self.id {
                StreamId::Port(_) => self.row.enabled,
                StreamId::Group(_) => self.row.enabled && link_row.role == Role::Bridge,
                StreamId::LinkControl(_) | StreamId::PortControl(_) => true,
            };
    }

    #[inline]
    fn growth(&self) -> usize {
        if matches!(self.id, StreamId::LinkControl(_)) { 0 } else { self.link_row.family.len() }
    }

    /// Whether the host-frame checks are this machine's.
    fn checks_host(&self) -> bool {
        matches!(self.id, StreamId::Port(_)) && self.link_row.role == Role::Extender
    }

    fn maximum(&self) -> u16 {
        if matches!(self.id, StreamId::Port(_)) { self.row.maximum } else { self.link_row.maximum }
    }

    /// The tag that the frame gets, zeros behind its end.
    fn tag(&self, priority: Priority) -> [u8; LONGEST_TAG] {
        let mut octets = [0; LONGEST_TAG];
        let channel = self.row.channel;
        match self.link_row.family {
            TagFamily::ETag => {
                let ingress = self.ingress.map_or(IngressECid::NONE, |source| {
                    let ecid = source.ecid();
                    IngressECid::new(ecid.base(), ecid.ext()).expect("base has 12 bits")
                });
                let tag = ETag { priority, ingress, ecid: channel.ecid() };
                octets.copy_from_slice(&tag.to_octets());
            }
            TagFamily::VnTag => {
                let svif = |channel: Channel| {
                    SourceVif::new(channel.vif().get() & 0xFFF).expect("12 bits")
                };
                let tag = match self.link_row.role {
                    Role::Extender => VnTag::upstream(svif(channel)),
                    Role::Bridge => {
                        let source = self.ingress.map(svif);
                        VnTag::downstream(channel.list(), channel.vif(), source)
                    }
                };
                octets[..VnTag::LEN].copy_from_slice(&tag.to_octets());
            }
            TagFamily::STag => {
                let tag = STag { priority, vid: channel.vid() };
                octets[..STag::LEN].copy_from_slice(&tag.to_octets());
            }
        }
        octets
    }
}

impl Record for Frame {
    fn enter(&mut self, beat: &Beat) {
        self.source.enter(beat);
    }

    fn read_port(&mut self, tables: &Tables) {
        self.source.read_port(tables);
    }

    fn read_link(&mut self, tables: &Tables) {
        self.source.read_link(tables);
    }

    fn growth(&self) -> usize {
        self.source.growth()
    }

    fn set_header(&mut self, header: Header) {
        self.header = header;
    }
}

impl Frame {
    /// The clock before station `LOOKUP`: what stands in the header, and the checks that need no lookup.
    fn parse(&mut self) {
        let source = &self.source;
        self.host = self.header.host(0, source.link_row.family);
        self.early = self.early_checks();
        let untagged = self.host.vlan == VlanId::default();
        self.vlan = if untagged { source.row.pvid } else { self.host.vlan };
        self.binding.start(BindingRow::key(source.port, self.header.source(), self.vlan));
    }

    fn early_checks(&self) -> Option<Disposition> {
        use DropReason::*;
        let (source, host) = (&self.source, &self.host);
        let reserved = self.header.destination().is_reserved();
        let dropped = |reason| Some(Disposition::Dropped(reason));
        if !source.enabled {
            dropped(PortDisabled)
        } else if host.runt {
            dropped(Runt)
        } else if host.ethertype == EtherType::MAC_CONTROL {
            dropped(MacControl)
        } else if !source.checks_host() {
            Some(Disposition::Forwarded)
        } else {
            host.checks(reserved, &source.row)
        }
    }

    /// Station `DECIDE`.
    fn decide(&mut self) {
        let source = &self.source;
        let address = self.header.source();
        let disposition = self.early.unwrap_or_else(|| {
            let any = self.any_source.output() >> source.port & 1 == 1;
            let bound = !address.is_group() && (any || self.binding.result().is_some());
            if source.row.check_source && !bound {
                Disposition::Dropped(DropReason::SourceUnbound)
            } else {
                Disposition::Forwarded
            }
        });
        let untagged = matches!(source.id, StreamId::LinkControl(_));
        let own = match self.host.priority.filter(|_| source.row.trust_priority) {
            Some(priority) => priority,
            None => Priority { pcp: source.row.default_priority, dei: false },
        };
        let priority = if untagged { source.priority } else { own };
        let control = disposition == Disposition::Control;
        self.verdict = Verdict {
            disposition,
            dest: if control {
                StreamId::PortControl(source.port).code().into()
            } else {
                source.link.into()
            },
            id: 0,
            priority,
            growth: if untagged || control { 0 } else { source.link_row.family.len() as u8 },
            tag: source.tag(priority),
            maximum: source.maximum(),
            entered: source.entered,
            at_port: None,
            class: Class::of(self.header.destination()),
            source: address,
            vlan: self.vlan,
            channel: source.row.channel,
            link: source.link,
        };
    }
}

/// The registers of the direction.
#[derive(Debug)]
pub(crate) struct Encapsulate<const K: usize> {
    front: Front<K, Frame>,
    insert: Insert,
    outlet: Outlet,
}

impl<const K: usize> Encapsulate<K> {
    pub(crate) fn new() -> Self {
        Self { front: Front::new(), insert: Insert::default(), outlet: Outlet::default() }
    }

    /// A seed of the binding table is about to change at the end of this cycle.
    pub(crate) fn settle_binding(&mut self, tables: &Tables) {
        for age in 1..=exact::INDEX {
            if let Some(frame) = self.front.flight.header_at(LOOKUP + age) {
                frame.binding.settle(&tables.binding_keying);
            }
        }
    }

    /// One clock. `s_port` and its `tready`, `m_link` and its `tready`. The event of a frame that ended in this cycle and was
    /// dropped.
    #[inline]
    pub(crate) fn clock(
        &mut self,
        wires: &Wires<'_>,
        s_port: &Forward,
        s_port_ready: &mut bool,
        m_link: &mut Forward,
        m_link_ready: bool,
        counters: &mut Counters,
    ) -> Option<Event> {
        let en = self.outlet.en();
        let shift = self.front.shifts(en);
        let mut event = None;
        self.outlet.clock(m_link, m_link_ready, self.insert.out.beat());
        if en {
            event = self.edit(counters);
            self.lookup(wires);
            self.front.advance(shift);
        }
        self.front.take(wires, shift, s_port, s_port_ready);
        event
    }

    /// Stations between the window and the verdict.
    #[inline]
    fn lookup(&mut self, wires: &Wires<'_>) {
        let Wires { tables, commit, .. } = *wires;
        if let Some(frame) = self.front.flight.header_at(LOOKUP - 1) {
            frame.parse();
        }
        if let Some(frame) = self.front.flight.header_at(LOOKUP + exact::INDEX) {
            frame.binding.index(&tables.binding_keying, &tables.binding);
        }
        if let Some(frame) = self.front.flight.header_at(LOOKUP + exact::ARRAY) {
            frame.binding.read(&tables.binding, Commit::binding(commit));
            let row = frame.vlan.get().into();
            frame.any_source.read(&tables.vlan, row, Commit::vlan(commit));
        }
        if let Some(frame) = self.front.flight.header_at(DECIDE) {
            frame.decide();
        }
    }

    /// The edit, and the count where a frame ends.
    #[inline]
    fn edit(&mut self, counters: &mut Counters) -> Option<Event> {
        let slot = self.front.flight.at(EDIT);
        let verdict = slot.first.then(|| &self.front.flight.frame(slot).verdict);
        let ending = self.insert.clock(slot, self.front.flight.data(slot), verdict)?;
        let verdict = &self.insert.progress.verdict;
        counters.traffic(verdict.entered, verdict.class, ending.octets);
        counters.disposition(verdict.entered, ending.disposition);
        let left = ending.octets + u32::from(verdict.growth);
        match ending.disposition {
            Disposition::Forwarded => {
                counters.traffic(Entity::LinkOut(verdict.link), verdict.class, left);
            }
            Disposition::Control => {
                counters.traffic(Entity::ControlOutAtLink, verdict.class, left);
            }
            Disposition::Dropped(_) | Disposition::AtPort => {}
        }
        self.insert.progress.event(&ending)
    }
}
