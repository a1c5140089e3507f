// SPDX-License-Identifier: MIT
//! The direction from ports to links: intake ▶ window ▶ parse ▶ lookup (binding) ▶ decide ▶ insert ▶ outlet.
//!
//! Stations count clocks with `en` since a frame's header left the window; docs/pipeline.md's cycle `c` is station 2.

use vireo_spec::ether::{EtherType, Priority, VlanId};
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::pins::{Forward, StreamId, USER_PRIORITY_LOW, USER_SOURCE_LOW, USER_SOURCE_NONE};
use vireo_spec::rows::{BindingRow, LinkRow, PortRow};
use vireo_spec::table::Entity;
use vireo_spec::tag::{Channel, ETag, IngressECid, Role, STag, SourceVif, TagFamily, VnTag};

use super::counters::{Class, Counters};
use super::edit::{LONGEST_TAG, Verdict};
use super::events::Event;
use super::exact::{self, Probe};
use super::flight::Slot;
use super::front::{Front, Record};
use super::insert::Insert;
use super::outlet::Outlet;
use super::parse::{Header, Host};
use super::ram::ReadPort;
use super::tables::{Commit, Tables, Wires};

const PARSE: usize = 1;
const LOOKUP: usize = 2;
const DECIDE: usize = LOOKUP + exact::RESULT;
const EDIT: usize = DECIDE + 1;

/// What is known of a frame on its way.
#[derive(Clone, Debug, Default)]
struct Frame {
    /// Sampled when its first beat was accepted.
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

/// The rows of the cycle in which a frame's first beat was accepted (docs/pipeline.md, section 5).
#[derive(Clone, Copy, Debug)]
struct Source {
    id: StreamId,
    /// `tuser[4:1]` as it came.
    priority: Priority,
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
    fn sample(tables: &Tables, id: u8, user: u16) -> Self {
        let id = StreamId::from_code(id);
        let priority =
            Priority::from_code((user >> USER_PRIORITY_LOW & 0xF) as u8).expect("four bits");
        let mut ingress = None;
        let (entered, port, row) = match id {
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
                let source = (user >> USER_SOURCE_LOW) as u8 & 0x7F;
                let (_, source_row) = tables.port(source);
                if source != USER_SOURCE_NONE && source_row.link == group.link {
                    ingress = Some(source_row.channel);
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
        let (link, &link_row) = tables.link(row.link);
        let enabled = link_row.enabled
            && match id {
                StreamId::Port(_) => row.enabled,
                StreamId::Group(_) => row.enabled && link_row.role == Role::Bridge,
                StreamId::LinkControl(_) | StreamId::PortControl(_) => true,
            };
        Self { id, priority, enabled, link, link_row, entered, port, row, ingress }
    }

    /// Octets that the frame will grow by, as the intake paces it.
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
    fn set_header(&mut self, header: Header) {
        self.header = header;
    }
}

impl Frame {
    /// Station `PARSE`: what stands in the header, and the checks that need no lookup.
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
    /// The frame whose beats are being accepted grows by so many octets.
    growth: usize,
    insert: Insert,
    outlet: Outlet,
}

impl<const K: usize> Encapsulate<K> {
    pub(crate) fn new() -> Self {
        Self {
            front: Front::new(),
            growth: 0,
            insert: Insert::default(),
            outlet: Outlet::default(),
        }
    }

    /// The binding table's seeds are about to change at the end of this cycle.
    pub(crate) fn settle_binding(&mut self, tables: &Tables) {
        for age in 1..=exact::INDEX {
            if let Some(frame) = self.front.flight.header_at(LOOKUP + age) {
                frame.binding.settle(age, &tables.binding_keying);
            }
        }
    }

    /// One clock. `s_port` and its `tready`, `m_link` and its `tready`. A drop that makes an event.
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
            event = self.edit(counters, wires.event_enable);
            self.lookup(wires);
            self.front.advance(shift);
        }
        let accepted = (s_port.valid && *s_port_ready).then(|| self.accept(s_port, wires.tables));
        *s_port_ready = self.front.take(wires.run, shift, accepted);
        event
    }

    #[inline]
    fn accept(&mut self, s_port: &Forward, tables: &Tables) -> Slot {
        let mut slot = self.front.store(s_port);
        if slot.first {
            let source = Source::sample(tables, s_port.beat.id, s_port.beat.user);
            self.growth = source.growth();
            self.front.flight.frame_mut(slot).source = source;
        }
        slot.grows = slot.last && usize::from(slot.octets) + self.growth > K;
        slot
    }

    /// Stations between the window and the verdict.
    #[inline]
    fn lookup(&mut self, wires: &Wires<'_>) {
        let Wires { tables, commit, .. } = *wires;
        if let Some(frame) = self.front.flight.header_at(PARSE) {
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
    fn edit(&mut self, counters: &mut Counters, event_enable: u32) -> Option<Event> {
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
        self.insert.progress.event(&ending, event_enable)
    }
}
