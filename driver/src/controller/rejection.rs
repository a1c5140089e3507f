// SPDX-License-Identifier: MIT
//! Why a bridge refuses a request: for the people who run it. Its station is told the status that stands for it.

use thiserror::Error;
use vireo_association::wire::vdp::{ManagerId, Refusal};
use vireo_spec::ether::{MacAddr, VlanId};

use crate::Error as DeviceError;

/// Why a bridge refuses a request. What was before it still is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Rejection {
    /// Untagged VDP belongs to nobody.
    #[error(
        "the link has no default port: name one in the policy, or have the VSI spoken of in a channel"
    )]
    NoDefaultPort,
    /// A manager of whose types none is known.
    #[error("manager {manager} has no types here: expected one that the policy names")]
    Manager {
        /// The manager.
        manager: ManagerId,
    },
    /// A type that is not known.
    #[error("type {id} version {version} is not in the policy")]
    Type {
        /// Its number.
        id: u32,
        /// Its version.
        version: u8,
    },
    /// A type that may be elsewhere only.
    #[error("type {vsi_type:?} may not be on link {link}: see its `links`")]
    Link {
        /// The type's name.
        vsi_type: String,
        /// The link's number.
        link: u8,
    },
    /// A VLAN that the type does not admit.
    #[error("VLAN {vlan}: expected one of the `vlans` of type {vsi_type:?}")]
    Vlan {
        /// The VLAN.
        vlan: VlanId,
        /// The type's name.
        vsi_type: String,
    },
    /// Nothing to fill VID 0 with.
    #[error("VID 0: type {vsi_type:?} has no `default_vlan`")]
    NoDefaultVlan {
        /// The type's name.
        vsi_type: String,
    },
    /// A group that the type does not know.
    #[error("group {group}: expected a `group` of type {vsi_type:?}")]
    Group {
        /// The group.
        group: u32,
        /// The type's name.
        vsi_type: String,
    },
    /// An address that no source has.
    #[error("{mac}: expected the address of one interface")]
    Address {
        /// The address.
        mac: MacAddr,
    },
    /// More filter entries than the type admits.
    #[error("{found} filter entries: expected at most the {most} `entries` of type {vsi_type:?}")]
    Entries {
        /// How many.
        found: usize,
        /// How many there may be.
        most: usize,
        /// The type's name.
        vsi_type: String,
    },
    /// Another VSI has the E-channel.
    #[error("another VSI is in the E-channel of port {port}, which holds one")]
    ChannelTaken {
        /// The channel's port.
        port: u8,
    },
    /// The bridge holds as many VSIs as it may.
    #[error("the bridge holds {most} VSIs, as many as its policy admits")]
    Vsis {
        /// How many there may be.
        most: usize,
    },
    /// There are as many VSIs of the type as there may be.
    #[error("there are {most} VSIs of type {vsi_type:?}, as many as its `vsis` admits")]
    VsisOfType {
        /// How many there may be.
        most: usize,
        /// The type's name.
        vsi_type: String,
    },
    /// The machine's tables are full, or reserved for others.
    #[error(
        "{needed} bindings find no room beside those that are there and those that are reserved"
    )]
    Bindings {
        /// How many.
        needed: usize,
    },
    /// It is associated in another channel, and stays there.
    #[error(
        "it is associated at port {port}, and its type's `moves` does not let it be taken from there"
    )]
    MayNotMove {
        /// The port of its channel.
        port: u8,
    },
    /// It, or what is to make room for it, has just moved.
    #[error("its old or new channel is not drained of an earlier move yet: it is asked for again")]
    Draining,
    /// Of a state that was saved: where it was there is no channel now.
    #[error("port {port} has no channel where it could be spoken of any more")]
    NoChannel {
        /// The port.
        port: u8,
    },
    /// Of a state that was saved: its station was told another VLAN for VID 0 than policy gives now.
    #[error("policy fills VID 0 in with another VLAN than its station was told; it asks again")]
    OtherVlan,
    /// The machine.
    #[error("the machine refuses: {0}")]
    Machine(#[from] DeviceError),
}

impl Rejection {
    /// What the station is told (docs/association.md).
    pub const fn status(&self) -> Refusal {
        match self {
            Self::Manager { .. } => Refusal::Manager,
            Self::Type { .. }
            | Self::Link { .. }
            | Self::MayNotMove { .. }
            | Self::NoChannel { .. } => Refusal::Other,
            Self::Vlan { .. }
            | Self::NoDefaultVlan { .. }
            | Self::Group { .. }
            | Self::Address { .. }
            | Self::OtherVlan => Refusal::Entry,
            Self::NoDefaultPort
            | Self::Entries { .. }
            | Self::ChannelTaken { .. }
            | Self::Vsis { .. }
            | Self::VsisOfType { .. }
            | Self::Bindings { .. }
            | Self::Draining
            | Self::Machine(_) => Refusal::Resources,
        }
    }
}
