// SPDX-License-Identifier: MIT
//! What a driver does to a machine while traffic flows, and what that makes of a state: from the promises of the driver's
//! calls, not from their code.

use fastrand::Rng;
use vireo_driver::{Device, Error, RegisterBus, State};
use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::ports::PortSet;
use vireo_spec::rows::PortRow;
use vireo_spec::table::Table;
use vireo_spec::tag::{Channel, ECid};

use super::map::Sent;
use crate::plain::MAXIMUM;

/// Links of the machine.
pub const LINKS: usize = 4;
/// Ports of the machine; the first half are at home at the extenders' links.
pub const PORTS: usize = 8;
/// Groups of an extender's link.
const GROUPS: u16 = 8;
/// Channels that lead to one port, on a link.
const LEADS: u16 = 16;

/// A port.
pub fn port(rng: &mut Rng) -> u8 {
    rng.u8(0..PORTS as u8)
}

/// A link.
pub fn link(rng: &mut Rng) -> u8 {
    rng.u8(0..LINKS as u8)
}

/// A source: few, so that frames and bindings meet.
pub fn mac(rng: &mut Rng) -> MacAddr {
    MacAddr([0x02, 0, 0, 0, 0, rng.u8(0..6)])
}

/// All VLANs that frames are in.
pub fn vlans() -> impl Iterator<Item = VlanId> {
    [7, 101].into_iter().map(VlanId::from_tci)
}

/// One of them.
pub fn vlan(rng: &mut Rng) -> VlanId {
    vlans().nth(rng.usize(0..2)).expect("there are two")
}

fn lead(rng: &mut Rng) -> Channel {
    Channel::etag(ECid::new(0, rng.u16(1..=LEADS), 0).expect("a base has 12 bits"))
}

fn group(rng: &mut Rng) -> Channel {
    Channel::etag(ECid::new(1, rng.u16(1..=GROUPS), 0).expect("a base has 12 bits"))
}

fn is_group(channel: Channel) -> bool {
    channel.ecid().group() != 0
}

fn is_extender(link: u8) -> bool {
    usize::from(link) < LINKS / 2
}

/// A channel that this link may carry.
pub fn channel(rng: &mut Rng, link: u8) -> Channel {
    if is_extender(link) && rng.bool() { group(rng) } else { lead(rng) }
}

/// What the driver is asked to do.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    /// [`Device::bind`]: port, source, VLAN.
    Bind(u8, Option<MacAddr>, VlanId),
    /// [`Device::unbind`].
    Unbind(u8, Option<MacAddr>, VlanId),
    /// [`Device::add_channel`]: link, channel, members.
    AddChannel(u8, Channel, PortSet),
    /// [`Device::remove_channel`].
    RemoveChannel(u8, Channel),
    /// [`Device::create_port`]: port, link, channel.
    Create(u8, u8, Channel),
    /// [`Device::delete_port`].
    Delete(u8),
    /// [`Device::enable_port`].
    Enable(u8),
    /// [`Device::disable_port`].
    Disable(u8),
    /// [`Device::join_group`].
    Join(u8, Channel),
    /// [`Device::leave_group`].
    Leave(u8, Channel),
    /// [`Device::start_move`]: port, link, channel.
    StartMove(u8, u8, Channel),
    /// [`Device::finish_move`].
    FinishMove(u8),
    /// [`Device::rehash`].
    Rehash(Table, u64),
}

fn port_row(link: u8, channel: Channel) -> PortRow {
    let maximum = MAXIMUM as u16;
    PortRow { link, channel, check_source: true, maximum, ..PortRow::default() }
}

impl Operation {
    /// Something that may be asked of a machine in this state: many a binding of `bound` percent, now and then new seeds.
    pub fn random(rng: &mut Rng, state: &State, bound: u8) -> Self {
        let port = port(rng);
        let row = state.ports[usize::from(port)];
        let created = row != PortRow::default();
        // Ports of extenders stay with extenders.
        let half = (LINKS / 2) as u8;
        let own = rng.u8(0..half) + if usize::from(port) < PORTS / 2 { 0 } else { half };
        match rng.u8(0..100) {
            _ if rng.u16(0..400) == 0 => {
                let table = if rng.bool() { Table::Channel } else { Table::Binding };
                Self::Rehash(table, rng.u64(..))
            }
            0..45 => {
                let mac = (rng.u8(0..12) != 0).then(|| mac(rng));
                let bind = if mac.is_some() { rng.u8(0..100) < bound } else { rng.u8(0..3) == 0 };
                let vlan = vlan(rng);
                if bind { Self::Bind(port, mac, vlan) } else { Self::Unbind(port, mac, vlan) }
            }
            45..63 => {
                let link = link(rng);
                let channel = channel(rng, link);
                let members: PortSet = (0..PORTS).filter(|_| rng.u8(0..3) == 0).collect();
                if members.is_empty() || rng.u8(0..3) == 0 {
                    Self::RemoveChannel(link, channel)
                } else {
                    Self::AddChannel(link, channel, members)
                }
            }
            63.. if !created => Self::Create(port, own, lead(rng)),
            63..70 if is_extender(row.link) && rng.bool() => Self::Join(port, group(rng)),
            63..70 if is_extender(row.link) => Self::Leave(port, group(rng)),
            70 => Self::Delete(port),
            71..78 => Self::StartMove(port, own, lead(rng)),
            78..83 => Self::FinishMove(port),
            83..85 => Self::Disable(port),
            _ => Self::Enable(port),
        }
    }

    /// Asks a driver to do it.
    ///
    /// # Errors
    /// The driver's.
    pub fn run<B: RegisterBus>(self, device: &mut Device<B>) -> Result<(), Error> {
        match self {
            Self::Bind(port, mac, vlan) => device.bind(port, mac, vlan),
            Self::Unbind(port, mac, vlan) => device.unbind(port, mac, vlan),
            Self::AddChannel(link, channel, members) => device.add_channel(link, channel, members),
            Self::RemoveChannel(link, channel) => device.remove_channel(link, channel),
            Self::Create(port, link, channel) => device.create_port(port, &port_row(link, channel)),
            Self::Delete(port) => device.delete_port(port),
            Self::Enable(port) => device.enable_port(port),
            Self::Disable(port) => device.disable_port(port),
            Self::Join(port, group) => device.join_group(port, group),
            Self::Leave(port, group) => device.leave_group(port, group),
            Self::StartMove(port, link, channel) => device.start_move(port, link, channel, &[]),
            Self::FinishMove(port) => device.finish_move(port),
            Self::Rehash(table, seed) => device.rehash(table, seed),
        }
    }

    /// The state after it, if the driver does not refuse it.
    pub fn after(self, state: &State) -> State {
        let mut state = state.clone();
        match self {
            Self::Bind(port, Some(mac), vlan) => _ = state.bindings.insert((port, mac, vlan)),
            Self::Unbind(port, Some(mac), vlan) => _ = state.bindings.remove(&(port, mac, vlan)),
            Self::Bind(port, None, vlan) => admit(&mut state, port, vlan, true),
            Self::Unbind(port, None, vlan) => admit(&mut state, port, vlan, false),
            Self::AddChannel(link, channel, members) => {
                state.channels.insert((link, channel), members);
            }
            Self::RemoveChannel(link, channel) => _ = state.channels.remove(&(link, channel)),
            Self::Create(port, link, channel) => {
                if state.ports[usize::from(port)] == PortRow::default() {
                    bare(&mut state, port);
                }
                state.ports[usize::from(port)] = port_row(link, channel);
                member(&mut state, port, (link, channel), true);
            }
            Self::Delete(port) => {
                bare(&mut state, port);
                state.ports[usize::from(port)] = PortRow::default();
            }
            Self::Enable(port) => state.ports[usize::from(port)].enabled = true,
            Self::Disable(port) => state.ports[usize::from(port)].enabled = false,
            Self::Join(port, group) => {
                let link = state.ports[usize::from(port)].link;
                member(&mut state, port, (link, group), true);
            }
            Self::Leave(port, group) => {
                let link = state.ports[usize::from(port)].link;
                member(&mut state, port, (link, group), false);
            }
            Self::StartMove(port, link, channel) => {
                let row = &mut state.ports[usize::from(port)];
                (row.link, row.channel) = (link, channel);
                member(&mut state, port, (link, channel), true);
            }
            Self::FinishMove(port) => {
                let PortRow { link, channel, .. } = state.ports[usize::from(port)];
                let goes = |&(at, by): &(u8, Channel)| at != link || by != channel && !is_group(by);
                leave(&mut state, port, goes);
            }
            Self::Rehash(..) => {}
        }
        state
    }

    /// A frame that it is about.
    pub fn focus(self, rng: &mut Rng, state: &State) -> Sent {
        let mut frame = Sent::random(rng);
        match self {
            Self::Bind(port, mac, vlan) | Self::Unbind(port, mac, vlan) => {
                (frame.port, frame.vlan) = (port, vlan);
                frame.mac = mac.unwrap_or(frame.mac);
                let PortRow { link, channel, .. } = state.ports[usize::from(port)];
                (frame.link, frame.channel) = (link, channel);
            }
            Self::AddChannel(link, channel, _) | Self::RemoveChannel(link, channel) => {
                (frame.link, frame.channel) = (link, channel);
            }
            Self::Create(port, link, channel) | Self::StartMove(port, link, channel) => {
                (frame.port, frame.link, frame.channel) = (port, link, channel);
            }
            Self::Join(port, group) | Self::Leave(port, group) => {
                frame.port = port;
                (frame.link, frame.channel) = (state.ports[usize::from(port)].link, group);
            }
            Self::Delete(port)
            | Self::Enable(port)
            | Self::Disable(port)
            | Self::FinishMove(port) => {
                let PortRow { link, channel, .. } = state.ports[usize::from(port)];
                (frame.port, frame.link, frame.channel) = (port, link, channel);
            }
            Self::Rehash(..) => {}
        }
        frame
    }
}

/// Takes a port out of all channels that go.
fn leave(state: &mut State, port: u8, goes: impl Fn(&(u8, Channel)) -> bool) {
    state.channels.retain(|key, members| {
        if goes(key) {
            members.set(port.into(), false);
        }
        !members.is_empty()
    });
}

/// Neither channels nor bindings name the port any more.
fn bare(state: &mut State, port: u8) {
    leave(state, port, |_| true);
    state.bindings.retain(|binding| binding.0 != port);
    vlans().for_each(|vlan| admit(state, port, vlan, false));
}

fn member(state: &mut State, port: u8, key: (u8, Channel), member: bool) {
    let members = state.channels.entry(key).or_default();
    members.set(port.into(), member);
    if members.is_empty() {
        state.channels.remove(&key);
    }
}

fn admit(state: &mut State, port: u8, vlan: VlanId, admitted: bool) {
    let ports = state.vlans.entry(vlan).or_default();
    ports.set(port.into(), admitted);
    if ports.is_empty() {
        state.vlans.remove(&vlan);
    }
}
