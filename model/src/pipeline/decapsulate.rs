// SPDX-License-Identifier: MIT
//! The direction from links to ports: intake ▶ window ▶ parse ▶ lookup (channel ▶ members; binding) ▶ decide ▶ remove ▶ outlet.
//!
//! Stations count clocks with `en` since a frame's header left the window; docs/pipeline.md's cycle `c` is station [`PARSED`].

use vireo_spec::ether::VlanId;
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::pins::{Beat, Forward, StreamId};
use vireo_spec::ports::PortSet;
use vireo_spec::rows::{BindingRow, ChannelRow, LinkRow, PortRow};
use vireo_spec::table::Entity;
use vireo_spec::tag::Role;

use super::counters::{Class, Counters};
use super::edit::Verdict;
use super::events::Event;
use super::exact::{self, Probe};
use super::front::{Front, Record};
use super::outlet::Outlet;
use super::parse::{Header, Host, LinkTag, PARSED};
use super::ram::ReadPort;
use super::remove::Remove;
use super::tables::{Commit, Tables, Wires};

const LOOKUP_CHANNEL: usize = PARSED + 1;
/// Behind the result, the lowest member is singled out and encoded; then the rows of the ports are read.
const ROWS: usize = LOOKUP_CHANNEL + exact::RESULT + 2;
/// What the rows say of the members; the binding's key.
const JUDGE: usize = ROWS + 1;
const LOOKUP_BINDING: usize = JUDGE + 1;
const DECIDE: usize = LOOKUP_BINDING + exact::RESULT;
const EDIT: usize = DECIDE + 1;

/// What is known of a frame on its way.
#[derive(Clone, Debug)]
struct Frame {
    /// Cut to the machine's links when its row is read.
    link: u8,
    link_row: LinkRow,
    header: Header,
    /// Of what is behind the outermost family tag.
    host: Host,
    tag: LinkTag,
    /// What the link's checks say that need no lookup.
    early: Option<Disposition>,
    channel: Probe<ChannelRow>,
    /// Members that get a copy, or at a bridge the virtual port.
    copies: Option<Copies>,
    binding: Probe<BindingRow>,
    any_source: ReadPort<u64>,
    verdict: Verdict,
}

/// Whom a channel's row says the frame is for, after the port rows were read.
#[derive(Clone, Copy, Debug)]
struct Copies {
    members: PortSet,
    /// At a bridge, the virtual port and its row.
    port: Option<(u8, PortRow)>,
}

impl Default for Frame {
    fn default() -> Self {
        Self {
            link: 0,
            link_row: LinkRow::unpack(0),
            header: Header::default(),
            host: Host::default(),
            tag: LinkTag::default(),
            early: None,
            channel: Probe::default(),
            copies: None,
            binding: Probe::default(),
            any_source: ReadPort::default(),
            verdict: Verdict::default(),
        }
    }
}

impl Record for Frame {
    fn enter(&mut self, beat: &Beat) {
        self.link = beat.id;
    }

    /// Its link alone says what happens to a frame from a link, until its members are known.
    fn read_port(&mut self, _tables: &Tables) {}

    fn read_link(&mut self, tables: &Tables) {
        let (link, &row) = tables.link(self.link);
        (self.link, self.link_row) = (link, row);
    }

    /// It shrinks.
    fn growth(&self) -> usize {
        0
    }

    fn set_header(&mut self, header: Header) {
        self.header = header;
    }
}

impl Frame {
    /// The clock before station `LOOKUP_CHANNEL`: what stands in the header, the checks that need no lookup, the channel's key.
    fn parse(&mut self) {
        self.tag = LinkTag::parse(&self.header, &self.link_row);
        self.host = self.header.host(self.tag.len, self.link_row.family);
        self.early = self.early_checks();
        self.channel.start(ChannelRow::key(self.link, self.tag.channel));
    }

    fn early_checks(&self) -> Option<Disposition> {
        use DropReason::*;
        let reason = if !self.link_row.enabled {
            PortDisabled
        } else if self.host.runt {
            Runt
        } else if self.header.is_mac_control(self.tag.len) {
            MacControl
        } else if self.tag.len == 0 {
            if self.header.destination().is_reserved() {
                return Some(Disposition::Control);
            }
            TagAbsent
        } else if !self.tag.good {
            TagFormat
        } else if self.tag.channel.is_null(self.link_row.family) {
            ChannelMiss
        } else {
            return None;
        };
        Some(Disposition::Dropped(reason))
    }

    /// Station `ROWS`: the rows of all ports are read in this one cycle.
    fn members(&mut self, tables: &Tables) {
        self.copies = self.channel.result().map(|members| {
            let members = PortSet::from_bits(members);
            let lowest = members.first().map_or(0, |port| port as u8);
            match self.link_row.role {
                Role::Bridge => Copies { members, port: Some((lowest, *tables.port(lowest).1)) },
                Role::Extender => {
                    let gets = |&port: &usize| self.gets_copy(tables.port(port as u8).1);
                    Copies { members: members.iter().filter(gets).collect(), port: None }
                }
            }
        });
    }

    /// Whether a member gets a copy: not if it is disabled, nor if it is the frame's source.
    fn gets_copy(&self, member: &PortRow) -> bool {
        let own = member.channel.bits() & LinkTag::pruned_bits(self.link_row.family);
        member.enabled && !(member.link == self.link && self.tag.ingress == Some(own))
    }

    /// Station `JUDGE`: the binding's key.
    fn key(&mut self) {
        let (port, row) = self.copies.and_then(|copies| copies.port).unwrap_or_default();
        self.binding.start(BindingRow::key(port, self.header.source(), self.vlan(&row)));
    }

    fn vlan(&self, port: &PortRow) -> VlanId {
        if self.host.vlan == VlanId::default() { port.pvid } else { self.host.vlan }
    }

    /// The VLAN that the `vlan` table is asked for, and an event tells.
    fn checked_vlan(&self) -> VlanId {
        let row = self.copies.and_then(|copies| copies.port).unwrap_or_default().1;
        self.vlan(&row)
    }

    /// What a virtual port has to say of a frame from its link.
    fn at_port(&self, port: u8, row: &PortRow) -> Disposition {
        if !row.enabled {
            return Disposition::Dropped(DropReason::PortDisabled);
        }
        let reserved = self.header.destination().is_reserved();
        self.host.checks(reserved, row).unwrap_or_else(|| {
            let source = self.header.source();
            let any = self.any_source.output() >> port & 1 == 1;
            let bound = !source.is_group() && (any || self.binding.result().is_some());
            if row.check_source && !bound {
                Disposition::Dropped(DropReason::SourceUnbound)
            } else {
                Disposition::Forwarded
            }
        })
    }

    /// Station `DECIDE`. `ports`: the number of ports, the control port's bit in `tdest`.
    fn decide(&mut self, ports: usize) {
        let control = 1u128 << ports;
        let mut at_port = None;
        let mut id = StreamId::LinkControl(self.link);
        let mut dest = 0;
        let disposition = match (self.early, self.copies) {
            (Some(early), _) => {
                dest = control;
                early
            }
            (None, None) => Disposition::Dropped(DropReason::ChannelMiss),
            (None, Some(copies)) if copies.members.is_empty() => {
                Disposition::Dropped(DropReason::Pruned)
            }
            (None, Some(Copies { members, port: None })) => {
                dest = members.bits().into();
                Disposition::Forwarded
            }
            (None, Some(Copies { port: Some((port, row)), .. })) => {
                let disposition = self.at_port(port, &row);
                dest = 1 << port;
                match disposition {
                    Disposition::Forwarded => Disposition::Forwarded,
                    Disposition::Control => {
                        dest = control;
                        id = StreamId::PortControl(port);
                        at_port = Some((Entity::PortOut(port), Disposition::Control));
                        Disposition::Control
                    }
                    Disposition::Dropped(_) | Disposition::AtPort => {
                        at_port = Some((Entity::PortOut(port), disposition));
                        Disposition::AtPort
                    }
                }
            }
        };
        let vlan =
            if disposition == Disposition::AtPort { self.checked_vlan() } else { self.host.vlan };
        self.verdict = Verdict {
            disposition,
            dest,
            id: if disposition == Disposition::Control { id.code() } else { 0 },
            priority: self.tag.priority.or(self.host.priority).unwrap_or_default(),
            growth: self.tag.len as u8,
            tag: Default::default(),
            maximum: self.link_row.maximum,
            entered: Entity::LinkIn(self.link),
            at_port,
            class: Class::of(self.header.destination()),
            source: self.header.source(),
            vlan,
            channel: self.tag.channel,
            link: self.link,
        };
    }
}

/// The registers of the direction.
#[derive(Debug)]
pub(crate) struct Decapsulate<const K: usize> {
    front: Front<K, Frame>,
    remove: Remove,
    outlet: Outlet,
    ports: usize,
}

impl<const K: usize> Decapsulate<K> {
    pub(crate) fn new(ports: usize) -> Self {
        Self { front: Front::new(), remove: Remove::default(), outlet: Outlet::default(), ports }
    }

    /// A seed of the channel table is about to change at the end of this cycle.
    pub(crate) fn settle_channel(&mut self, tables: &Tables) {
        for age in 1..=exact::INDEX {
            if let Some(frame) = self.front.flight.header_at(LOOKUP_CHANNEL + age) {
                frame.channel.settle(&tables.channel_keying);
            }
        }
    }

    /// A seed of the binding table is about to change at the end of this cycle.
    pub(crate) fn settle_binding(&mut self, tables: &Tables) {
        for age in 1..=exact::INDEX {
            if let Some(frame) = self.front.flight.header_at(LOOKUP_BINDING + age) {
                frame.binding.settle(&tables.binding_keying);
            }
        }
    }

    /// One clock. `s_link` and its `tready`, `m_port` and its `tready`. The event of a frame that ended in this cycle and was
    /// dropped.
    #[inline]
    pub(crate) fn clock(
        &mut self,
        wires: &Wires<'_>,
        s_link: &Forward,
        s_link_ready: &mut bool,
        m_port: &mut Forward,
        m_port_ready: bool,
        counters: &mut Counters,
    ) -> Option<Event> {
        let en = self.outlet.en();
        let shift = self.front.shifts(en);
        let mut event = None;
        self.outlet.clock(m_port, m_port_ready, self.remove.out.beat());
        if en {
            event = self.edit(counters);
            self.lookup(wires);
            self.front.advance(shift);
        }
        self.front.take(wires, shift, s_link, s_link_ready);
        event
    }

    /// Stations between the window and the verdict.
    #[inline]
    fn lookup(&mut self, wires: &Wires<'_>) {
        let Wires { tables, commit, .. } = *wires;
        if let Some(frame) = self.front.flight.header_at(LOOKUP_CHANNEL - 1) {
            frame.parse();
        }
        if let Some(frame) = self.front.flight.header_at(LOOKUP_CHANNEL + exact::INDEX) {
            frame.channel.index(&tables.channel_keying, &tables.channel);
        }
        if let Some(frame) = self.front.flight.header_at(LOOKUP_CHANNEL + exact::ARRAY) {
            frame.channel.read(&tables.channel, Commit::channel(commit));
        }
        if let Some(frame) = self.front.flight.header_at(ROWS) {
            frame.members(tables);
        }
        if let Some(frame) = self.front.flight.header_at(JUDGE) {
            frame.key();
        }
        if let Some(frame) = self.front.flight.header_at(LOOKUP_BINDING + exact::INDEX) {
            frame.binding.index(&tables.binding_keying, &tables.binding);
        }
        if let Some(frame) = self.front.flight.header_at(LOOKUP_BINDING + exact::ARRAY) {
            frame.binding.read(&tables.binding, Commit::binding(commit));
            let row = frame.checked_vlan().get().into();
            frame.any_source.read(&tables.vlan, row, Commit::vlan(commit));
        }
        if let Some(frame) = self.front.flight.header_at(DECIDE) {
            frame.decide(self.ports);
        }
    }

    /// The edit, and the count where a frame ends.
    #[inline]
    fn edit(&mut self, counters: &mut Counters) -> Option<Event> {
        let slot = self.front.flight.at(EDIT);
        let verdict = slot.first.then(|| &self.front.flight.frame(slot).verdict);
        let ending = self.remove.clock(slot, verdict, &self.front.flight)?;
        let verdict = &self.remove.progress.verdict;
        counters.traffic(verdict.entered, verdict.class, ending.octets);
        counters.disposition(verdict.entered, ending.disposition);
        let left = ending.octets.saturating_sub(verdict.growth.into());
        match ending.disposition {
            Disposition::Forwarded => {
                for port in PortSet::from_bits(verdict.dest as u64).iter() {
                    counters.traffic(Entity::PortOut(port as u8), verdict.class, left);
                }
            }
            Disposition::Control => counters.traffic(Entity::ControlOut, verdict.class, left),
            Disposition::Dropped(_) | Disposition::AtPort => {}
        }
        if let Some((port, disposition)) = verdict.at_port
            && matches!(ending.disposition, Disposition::AtPort | Disposition::Control)
        {
            counters.disposition(port, disposition);
        }
        self.remove.progress.event(&ending)
    }
}
