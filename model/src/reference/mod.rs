// SPDX-License-Identifier: MIT
//! The machine frame by frame, without time: docs/rules.md in code, to be read beside that page.
//!
//! A frame goes in whole and leaves whole, or is dropped; registers act at once. It is slow on purpose where plainness asks
//! for it, and is what the cycle model and the hardware are held against.

mod counters;
mod decapsulate;
mod encapsulate;
mod events;
mod header;
mod host_checks;
mod link_tag;
mod registers;
mod tables;
#[cfg(test)]
mod tests;

pub use registers::{Refusal, Refused};

use vireo_spec::ether::Priority;
use vireo_spec::fate::DropReason;
use vireo_spec::geometry::Geometry;
use vireo_spec::pins::StreamId;
use vireo_spec::ports::PortSet;

use counters::Counters;
use events::Events;
use registers::Registers;
use tables::Tables;

/// Octets of the longest frame that leaves: the greatest maximum that a row holds, and the longest tag.
const LONGEST: usize = 0x3FFF + vireo_spec::tag::ETag::LEN;

/// The reference machine, as it is when reset and sweep are over: ready, and never busy.
#[derive(Clone, Debug)]
pub struct Machine {
    registers: Registers,
    tables: Tables,
    counters: Counters,
    events: Events,
    /// What leaves; each frame overwrites the one before.
    out: Vec<u8>,
}

/// Where a frame leaves to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// This link.
    Link(u8),
    /// A copy to each of these ports, at least one.
    Ports(PortSet),
    /// The control port, which is told where the frame came from: [`StreamId::LinkControl`] or [`StreamId::PortControl`].
    Control(StreamId),
}

/// A frame that leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure<'a> {
    /// Where to.
    pub to: Destination,
    /// The frame without FCS; never padded, and cut off at the maximum where it is oversize.
    pub octets: &'a [u8],
    /// The priority that travels with it.
    pub priority: Priority,
    /// Its end is marked bad (OVERSIZE, FRAME_ERROR): it counted as dropped, and is no good copy.
    pub bad: bool,
}

impl Machine {
    /// A machine of this geometry as after reset and sweep: every row and counter is 0, so every link is disabled.
    pub fn new(geometry: Geometry) -> Self {
        Self {
            registers: Registers::new(&geometry),
            tables: Tables::new(geometry),
            counters: Counters::default(),
            events: Events::default(),
            out: Vec::with_capacity(LONGEST),
        }
    }
}

/// What is known only at a frame's end (docs/rules.md): `octets` are those without the tag that is taken off.
fn found_at_end(octets: usize, maximum: u16, bad: bool) -> Option<DropReason> {
    if octets > maximum.into() {
        Some(DropReason::Oversize)
    } else if bad {
        Some(DropReason::FrameError)
    } else {
        None
    }
}
