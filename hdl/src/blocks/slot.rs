// SPDX-License-Identifier: MIT
//! What moves through a direction: a slot is a beat or a bubble (docs/pipeline.md, section 3), and a frame's first beat
//! takes along what the rows of its source said when it came.

#![allow(missing_docs)] // of the methods that rust-hdl derives for a structure

use rust_hdl::prelude::*;

/// A slot, but for its octets.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct Slot {
    /// A beat, else a bubble.
    pub valid: Bit,
    /// The frame's first beat.
    pub first: Bit,
    /// The frame's last beat.
    pub last: Bit,
    /// The MAC marked the frame; on the last beat.
    pub bad: Bit,
    /// Octets, 1 to 64; a beat that is not last is full.
    pub size: Bits<7>,
}

/// Where a frame comes from: its stream id and what the rows said in the cycles behind the one in which its first beat was accepted.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct Origin {
    /// Kind of the stream id: 0 port (or link), 1 group, 2 a link's control plane, 3 a port's.
    pub kind: Bits<2>,
    /// Its index.
    pub index: Bits<6>,
    /// Every row that must be is enabled, and the group's link is a bridge's.
    pub enabled: Bit,
    /// Its link.
    pub link: Bits<3>,
    /// The link's tag family, 3 read as S-TAG.
    pub family: Bits<2>,
    /// The link's role is bridge.
    pub bridge: Bit,
    /// Octets that its tag adds (encapsulate; 0 to 8).
    pub growth: Bits<4>,
    /// The channel that it leaves with (encapsulate).
    pub channel: Bits<22>,
    /// The priority comes from the frame's C-TAG.
    pub trust: Bit,
    /// The priority otherwise.
    pub default_priority: Bits<3>,
    /// Frames from unbound sources are dropped.
    pub check_source: Bit,
    /// Frames to reserved addresses are dropped.
    pub guard: Bit,
    /// LLDP and ECP go to the control port.
    pub control: Bit,
    /// VLAN of frames without one.
    pub pvid: Bits<12>,
    /// Octets of the longest frame.
    pub maximum: Bits<14>,
    /// The source port of a group's frame is on the same link.
    pub looped: Bit,
    /// That port's channel.
    pub source: Bits<22>,
    /// Priority that came with the frame, drop eligible on top.
    pub priority: Bits<4>,
}
