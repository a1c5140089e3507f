// SPDX-License-Identifier: MIT
//! The configuration file of `vireo run`: which links, ports and groups a machine has, and what each may do.
//! It is read and checked as a whole before anything runs; what comes out fits a machine and turns into its rows.
//! docs/configuration.md describes every key.

mod cursor;
mod error;
mod read;
mod rows;
#[cfg(test)]
mod tests;
mod values;

use std::fs;
use std::path::Path;

use vireo_spec::ether::{MacAddr, Pcp, VlanId};
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::ports::PortSet;
use vireo_spec::tag::{Channel, Role, TagFamily};

pub use error::{ConfigError, ConfigErrors, Item, Key, Position, Problem};

/// The shortest `max_frame`: the shortest Ethernet frame, FCS included.
pub const MIN_MAX_FRAME: u16 = 64;
/// The longest name, so that a file system takes it with `.pcap` behind it.
pub const MAX_NAME_LEN: usize = 250;
/// The fewest rows of a channel or binding table (docs/pipeline.md, section 1).
const MIN_ROWS: usize = 64;
/// The most bindings of MAC addresses in a file: half of the rows of the largest table, so that each finds a place.
pub const MAX_BINDINGS: usize = 8192;

/// A machine, as a file describes it. Only [`Config::parse`] and [`Config::load`] make one, so it is whole:
/// every index is that of something that exists, and a machine that fits can be built.
///
/// The place of a section among those of its kind is the number of the link, port or group in the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// Which end of its links the machine is.
    pub role: Role,
    /// The tag on its links.
    pub family: TagFamily,
    /// Links, 1 to 8.
    pub links: Vec<Link>,
    /// An extender's ports, or a bridge's virtual ports: 64 at most.
    pub ports: Vec<Port>,
    /// Groups, 64 at most.
    pub groups: Vec<Group>,
}

/// A `[[link]]`: the cable that tagged frames run over.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// Its name.
    pub name: String,
    /// Octets of the longest frame that enters by it, without the tag: 64..=9216, 9216 unless given.
    pub max_frame: u16,
}

/// A `[[port]]`. What a file leaves out has the value that a key's description names.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Its link, as an index of [`Config::links`].
    pub link: usize,
    /// Its own channel on that link, of the keys `channel` and `extension` (0 unless given).
    pub channel: Channel,
    /// The tag's priority is the C-TAG's, where a frame has one; so unless given.
    pub trust_priority: bool,
    /// The tag's priority otherwise; 0 unless given.
    pub default_priority: Pcp,
    /// Only bound sources may send; so unless given, and then without bindings nothing passes.
    pub check_source: bool,
    /// Frames to reserved addresses are dropped; not so unless given.
    pub guard_reserved: bool,
    /// LLDP and ECP of this port go to the control port; not so unless given.
    pub control: bool,
    /// The VLAN of frames without one, 0..=4094; 0 unless given.
    pub pvid: VlanId,
    /// Frames enter and leave; so unless given.
    pub enabled: bool,
    /// Octets of the longest frame that enters by it, without the tag: 64..=9216, 9216 unless given.
    pub max_frame: u16,
    /// Who may send; nobody unless given.
    pub bindings: Vec<Binding>,
}

/// A source that a port admits in a VLAN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Binding {
    /// The source; none: any individual address.
    pub mac: Option<MacAddr>,
    /// The VLAN, 0..=4094; 0 is that of untagged frames at a port whose `pvid` is 0.
    pub vlan: VlanId,
}

/// A `[[group]]`: a channel whose frames the extender replicates.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its link, as an index of [`Config::links`].
    pub link: usize,
    /// Its channel on that link.
    pub channel: Channel,
    /// The ports that get a copy, all on the group's link; none unless given.
    pub members: PortSet,
    /// The tag's priority is the C-TAG's, where a frame has one; so unless given.
    pub trust_priority: bool,
    /// The tag's priority otherwise; 0 unless given.
    pub default_priority: Pcp,
}

/// What a name of a configuration stands for: an index of [`Config::links`], [`Config::ports`] or [`Config::groups`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A link.
    Link(usize),
    /// A port.
    Port(usize),
    /// A group.
    Group(usize),
}

impl Endpoint {
    /// The kind's name in a file: `link`, `port` or `group`.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Link(_) => "link",
            Self::Port(_) => "port",
            Self::Group(_) => "group",
        }
    }

    /// The index among those of its kind.
    pub const fn index(self) -> usize {
        let (Self::Link(index) | Self::Port(index) | Self::Group(index)) = self;
        index
    }
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// That the file cannot be read, or else everything that [`Config::parse`] finds wrong.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ConfigErrors> {
        let path = path.as_ref();
        let octets = fs::read(path).map_err(|error| {
            let problem = Problem::Unreadable(error);
            ConfigErrors::of(ConfigError { file: path.into(), position: None, key: None, problem })
        })?;
        match str::from_utf8(&octets) {
            Ok(text) => Self::parse(text, path),
            Err(error) => {
                let text = String::from_utf8_lossy(&octets[..error.valid_up_to()]);
                let position = Some(Position::of(&text, text.len()));
                let (key, problem) = (None, Problem::NotUtf8);
                Err(ConfigErrors::of(ConfigError { file: path.into(), position, key, problem }))
            }
        }
    }

    /// Reads a text; errors name `file`.
    ///
    /// # Errors
    /// The first place at which the text is no TOML; else everything that is wrong with it as a configuration.
    pub fn parse(text: &str, file: impl AsRef<Path>) -> Result<Self, ConfigErrors> {
        read::parse(text, file.as_ref())
    }

    /// What `name` stands for.
    pub fn find(&self, name: &str) -> Option<Endpoint> {
        let links = self.links.iter().position(|link| link.name == name).map(Endpoint::Link);
        let ports = || self.ports.iter().position(|port| port.name == name).map(Endpoint::Port);
        let groups =
            || self.groups.iter().position(|group| group.name == name).map(Endpoint::Group);
        links.or_else(ports).or_else(groups)
    }

    /// The smallest machine of `width` that holds the configuration, its hash tables at most half full.
    pub fn geometry(&self, width: Width) -> Geometry {
        let rows = |used: usize| (2 * used).next_power_of_two().max(MIN_ROWS);
        Geometry::new(
            width.bits(),
            self.links.len().next_power_of_two(),
            self.ports.len().next_power_of_two().max(2),
            self.groups.len().next_power_of_two(),
            rows(self.channel_rows().count()),
            rows(self.binding_rows().count()),
        )
        .expect("a configuration is read only if a machine holds it")
    }
}
