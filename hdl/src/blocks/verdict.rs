// SPDX-License-Identifier: MIT
//! The verdict: what becomes of a frame, and what its edit and the counters need to know (docs/rules.md).

#![allow(missing_docs)] // of the methods that rust-hdl derives for a structure

use rust_hdl::prelude::*;

/// What is known of a frame when its first beat is at the end of the delay line.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct Verdict {
    /// It is dropped.
    pub drop: Bit,
    /// Why.
    pub reason: Bits<5>,
    /// It goes to the control port.
    pub control: Bit,
    /// It counts at a virtual port: a drop as "at port", a control frame as such.
    pub at_port: Bit,
    /// Its source must be bound.
    pub check_source: Bit,
    /// Octets that go in or come out.
    pub growth: Bits<4>,
    /// They (encapsulate), first in bits 7:0.
    pub tag: Bits<64>,
    /// Priority, drop eligible on top.
    pub priority: Bits<4>,
    /// Octets of the longest frame, without the family tag.
    pub maximum: Bits<14>,
    /// `tdest` (encapsulate) or `tid` (decapsulate).
    pub id: Bits<8>,
    /// Member ports (decapsulate).
    pub members: Bits<64>,
    /// The virtual port (decapsulate).
    pub port: Bits<6>,
    /// Where it entered: the code of an entity.
    pub entity: Bits<9>,
    /// Destination: 0 unicast, 1 multicast, 2 broadcast.
    pub class: Bits<2>,
    /// Source address.
    pub mac: Bits<48>,
    /// VLAN for the event.
    pub vlan: Bits<12>,
    /// VLAN for the event of an unbound source.
    pub port_vlan: Bits<12>,
    /// Link.
    pub link: Bits<3>,
    /// Channel for the event.
    pub channel: Bits<22>,
}

/// What the edit and the tally need of a verdict ahead of its frame's first beat.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// Octets that go in or come out.
    pub growth: Bits<4>,
    /// Octets of the longest frame, without them.
    pub maximum: Bits<14>,
    /// With them.
    pub with_tag: Bits<15>,
}
