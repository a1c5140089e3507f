// SPDX-License-Identifier: MIT
//! What size a machine is: width, ports, groups, links, rows. Hardware is built from it, software reads it from registers.

use std::fmt;

use thiserror::Error;

/// Ways of the exact-match tables.
pub const WAYS: usize = 4;
/// Rows of the `vlan` table: one for each VLAN identifier.
pub const VLAN_ROWS: usize = 4096;
/// The most ports that a machine can have: a bitmap of members is 64 bits.
pub const MAX_PORTS: usize = 64;
/// The most groups that a machine can have.
pub const MAX_GROUPS: usize = 64;
/// The most links that a machine can have.
pub const MAX_LINKS: usize = 8;

/// Width of the four streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Width {
    /// 64 bits.
    W64,
    /// 128 bits.
    W128,
    /// 256 bits.
    W256,
    /// 512 bits.
    W512,
}

impl Width {
    /// All widths, narrowest first.
    pub const ALL: [Self; 4] = [Self::W64, Self::W128, Self::W256, Self::W512];

    /// The width of `bits`, if there is one.
    pub const fn from_bits(bits: usize) -> Option<Self> {
        match bits {
            64 => Some(Self::W64),
            128 => Some(Self::W128),
            256 => Some(Self::W256),
            512 => Some(Self::W512),
            _ => None,
        }
    }

    /// Bits in a beat.
    pub const fn bits(self) -> usize {
        64 << self as usize
    }

    /// Octets in a beat (`K` of docs/pipeline.md).
    pub const fn octets(self) -> usize {
        self.bits() / 8
    }

    /// Beats that hold the longest header, 32 octets (`H` of docs/pipeline.md).
    pub const fn header_beats(self) -> usize {
        if self.octets() >= 32 { 1 } else { 32 / self.octets() }
    }

    /// Cycles from the first beat accepted at `s_port` to the first beat out at `m_link` (docs/pipeline.md, 3.9).
    pub const fn encapsulate_latency(self) -> u64 {
        25 + self.header_beats() as u64
    }

    /// Cycles from the first beat accepted at `s_link` to the first beat out at `m_port` (docs/pipeline.md, 3.9).
    pub const fn decapsulate_latency(self) -> u64 {
        42 + self.header_beats() as u64
    }
}

/// A geometry that cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what} is {found}; it must be {expected}")]
pub struct GeometryError {
    /// The parameter, as the command line and the register map name it.
    pub what: &'static str,
    /// What was asked for, or read from a machine.
    pub found: usize,
    /// What can be built.
    pub expected: &'static str,
}

/// The size of a machine. Its fields are private, so a geometry that exists can be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Geometry {
    width: Width,
    links: usize,
    ports: usize,
    groups: usize,
    channels: usize,
    bindings: usize,
}

impl Default for Geometry {
    /// 512 bits, 2 links, 32 ports, 16 groups, 1024 channel rows, 4096 binding rows.
    fn default() -> Self {
        Self { width: Width::W512, links: 2, ports: 32, groups: 16, channels: 1024, bindings: 4096 }
    }
}

fn checked(
    what: &'static str,
    found: usize,
    low: usize,
    high: usize,
    expected: &'static str,
) -> Result<(), GeometryError> {
    if found.is_power_of_two() && (low..=high).contains(&found) {
        Ok(())
    } else {
        Err(GeometryError { what, found, expected })
    }
}

impl Geometry {
    /// A geometry of `width` bits, with so many links, ports, groups, and rows in all ways of the channel and binding tables.
    ///
    /// # Errors
    /// Names the first parameter that docs/pipeline.md, section 1, does not allow.
    pub fn new(
        width: usize,
        links: usize,
        ports: usize,
        groups: usize,
        channels: usize,
        bindings: usize,
    ) -> Result<Self, GeometryError> {
        let width = Width::from_bits(width).ok_or(GeometryError {
            what: "width",
            found: width,
            expected: "64, 128, 256 or 512",
        })?;
        checked("links", links, 1, MAX_LINKS, "1, 2, 4 or 8")?;
        checked("ports", ports, 2, MAX_PORTS, "a power of two from 2 to 64")?;
        checked("groups", groups, 1, MAX_GROUPS, "a power of two from 1 to 64")?;
        checked("channels", channels, 64, 16384, "a power of two from 64 to 16384")?;
        checked("bindings", bindings, 64, 16384, "a power of two from 64 to 16384")?;
        Ok(Self { width, links, ports, groups, channels, bindings })
    }

    /// The same geometry at another width.
    pub fn with_width(self, width: Width) -> Self {
        Self { width, ..self }
    }

    /// Width of the streams.
    pub fn width(&self) -> Width {
        self.width
    }

    /// Links.
    pub fn links(&self) -> usize {
        self.links
    }

    /// Ports (`N`).
    pub fn ports(&self) -> usize {
        self.ports
    }

    /// Groups.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Channel rows, in all ways.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Binding rows, in all ways.
    pub fn bindings(&self) -> usize {
        self.bindings
    }

    /// Channel rows in one way.
    pub fn channel_rows(&self) -> usize {
        self.channels / WAYS
    }

    /// Binding rows in one way.
    pub fn binding_rows(&self) -> usize {
        self.bindings / WAYS
    }
}

impl fmt::Display for Geometry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { width, links, ports, groups, channels, bindings } = self;
        let width = width.bits();
        write!(
            f,
            "{width} bits, {ports} ports, {groups} groups, {links} links, {channels} channels and {bindings} bindings"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_geometry_that_cannot_be_built_says_why() {
        let error = Geometry::new(512, 2, 48, 16, 1024, 4096).unwrap_err();
        assert_eq!(error.to_string(), "ports is 48; it must be a power of two from 2 to 64");
        assert_eq!(Geometry::new(100, 2, 32, 16, 1024, 4096).unwrap_err().what, "width");
        assert_eq!(Geometry::new(64, 2, 32, 16, 32, 4096).unwrap_err().what, "channels");
    }

    #[test]
    fn the_header_takes_as_many_beats_as_hold_32_octets() {
        assert_eq!(Width::ALL.map(Width::header_beats), [4, 2, 1, 1]);
        assert_eq!(Width::ALL.map(Width::octets), [8, 16, 32, 64]);
    }
}
