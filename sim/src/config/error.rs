// SPDX-License-Identifier: MIT
//! What can be wrong with a configuration: where it stands, what was found, what belongs there, and what to do.
//! A file is checked as a whole, so its faults come together, in the order in which they stand in it.

use std::fmt;
use std::io;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use thiserror::Error;
use vireo_spec::ether::{MacAddr, MacParseError, VlanId};
use vireo_spec::tag::{ChannelError, ChannelUse, TagFamily, UnknownName};

use super::Endpoint;

/// Why a file is no configuration: one error or more, in the order of the file, a line each.
#[derive(Debug, Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ConfigErrors(pub(super) Vec<ConfigError>);

impl ConfigErrors {
    pub(super) fn of(error: ConfigError) -> Self {
        Self(vec![error])
    }

    /// The errors, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigError> {
        self.0.iter()
    }
}

/// One thing that is wrong with a configuration.
#[derive(Debug, Error)]
#[error(
    "{}:{}{}{problem}",
    file.display(),
    position.map_or(" ".to_owned(), |Position { line, column }| format!("{line}:{column}: ")),
    key.as_ref().map_or(String::new(), |key| format!("{key}: "))
)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// Where in the file; none where the file as a whole could not be read.
    pub position: Option<Position>,
    /// Whose key; none where the text is no TOML.
    pub key: Option<Key>,
    /// What is wrong.
    pub problem: Problem,
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, counted from 1.
    pub line: usize,
    /// The character in it, counted from 1.
    pub column: usize,
}

impl Position {
    /// The place of the octet `offset` in `text`, or of its end.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// A key of a configuration. Shown as a person knows it: `port "vm0": bindings[1].vlan`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The section that the key stands in; none at the top of the file.
    pub item: Option<Item>,
    /// The key in that section; empty where the section as a whole is meant.
    pub field: String,
}

impl Key {
    /// The path in the file, sections counted from 0: `port[1].bindings[1].vlan`.
    pub fn path(&self) -> String {
        match &self.item {
            None => self.field.clone(),
            Some(item) if self.field.is_empty() => item.path(),
            Some(item) => format!("{}.{}", item.path(), self.field),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.item {
            None => write!(f, "{}", self.field),
            Some(item) if self.field.is_empty() => write!(f, "{item}"),
            Some(item) => write!(f, "{item}: {}", self.field),
        }
    }
}

/// A `[[link]]`, `[[port]]` or `[[group]]` section. Shown by its name, or where it has none by its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Which one.
    pub endpoint: Endpoint,
    /// Its name, if it has one.
    pub name: Option<String>,
}

impl Item {
    /// The path in the file: `port[1]`.
    pub fn path(&self) -> String {
        format!("{}[{}]", self.endpoint.kind(), self.endpoint.index())
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{} {name:?}", self.endpoint.kind()),
            None => f.write_str(&self.path()),
        }
    }
}

/// What is wrong at a place of a configuration.
#[derive(Debug, Error)]
pub enum Problem {
    /// The operating system did not hand the file over.
    #[error("cannot be read: {0}; check the path")]
    Unreadable(io::Error),
    /// The file holds octets that are no text.
    #[error("found octets that are not UTF-8; save the file as UTF-8 text")]
    NotUtf8,
    /// The text is no TOML.
    #[error("not TOML: {message}{}", found.as_ref().map_or(String::new(), |f| format!(", found {f:?}")))]
    Syntax {
        /// What the parser says, and what it expected.
        message: String,
        /// What stands there.
        found: Option<String>,
    },
    /// The section has no such key.
    #[error("unknown key; {}the keys here are {}", did_you_mean(near.as_deref()), known.join(", "))]
    UnknownKey {
        /// The key that was probably meant.
        near: Option<String>,
        /// The keys that there are.
        known: Vec<&'static str>,
    },
    /// The section lacks a key that it must have.
    #[error("missing; expected {expected}")]
    Missing {
        /// What belongs there.
        expected: &'static str,
    },
    /// A value of another type.
    #[error("expected {expected}, found {found}")]
    Type {
        /// The type that belongs there.
        expected: &'static str,
        /// Type and value that stand there.
        found: String,
    },
    /// A number that is too small or too large.
    #[error("expected {}..={}, found {found}", expected.start(), expected.end())]
    Range {
        /// The numbers that there are.
        expected: RangeInclusive<u64>,
        /// The number, as it is written.
        found: String,
    },
    /// A word that is none of a few.
    #[error("expected {}, found {:?}{}", error.expected, error.found, near.as_deref().map_or(String::new(), |near| format!("; did you mean {near:?}?")))]
    Word {
        /// What was found and expected.
        error: UnknownName,
        /// The word that was probably meant.
        near: Option<&'static str>,
    },
    /// A text that is no MAC address.
    #[error(transparent)]
    Mac(#[from] MacParseError),
    /// A binding of a group address.
    #[error(
        "{found} is a group address, and nothing is sent from one; expected a station's own address, \
         with an even first octet"
    )]
    GroupMac {
        /// The address.
        found: MacAddr,
    },
    /// A name that makes no file name.
    #[error(
        "{found:?} cannot name a capture file; expected 1 to {most} of A-Z, a-z, 0-9, '.', '_' and '-', \
         the first no '.'"
    )]
    Name {
        /// The name.
        found: String,
        /// The most characters.
        most: usize,
    },
    /// The name of the control port's capture file.
    #[error(
        "\"control\" is the control port, whose frames go to control.pcap; choose another name"
    )]
    ReservedName,
    /// A name that something else has.
    #[error(
        "{found:?} is already the name of a {kind} (line {line}); links, ports and groups share one \
         name space, since each names a capture file: choose another name"
    )]
    NameTaken {
        /// The name.
        found: String,
        /// What has it.
        kind: &'static str,
        /// Where.
        line: usize,
    },
    /// A name that nothing has.
    #[error("there is no {kind} {found:?}; {}add it, or name one that there is", did_you_mean(near.as_deref()))]
    NoSuch {
        /// What was looked for: a link, a port.
        kind: &'static str,
        /// The name.
        found: String,
        /// The name that was probably meant.
        near: Option<String>,
    },
    /// The name of something else.
    #[error("{found:?} is a {is} (line {line}); expected the name of a {kind}")]
    OtherKind {
        /// What was looked for: a link, a port.
        kind: &'static str,
        /// The name.
        found: String,
        /// What has that name.
        is: &'static str,
        /// Where.
        line: usize,
    },
    /// A number that no channel of this link can have.
    #[error(
        "a {usage}'s channel on a link with {family}: expected {}..={} ({:#x}..={:#x}), found {found}",
        expected.start(), expected.end(), expected.start(), expected.end()
    )]
    ChannelRange {
        /// The file's tag.
        family: TagFamily,
        /// What the channel leads to.
        usage: ChannelUse,
        /// The numbers that there are.
        expected: RangeInclusive<u32>,
        /// The number, as it is written.
        found: String,
    },
    /// The tag has no extension, or no groups.
    #[error(transparent)]
    Channel(ChannelError),
    /// A channel that leads elsewhere already.
    #[error(
        "{found} is already used by {by} on link {link:?} (line {line}); a link needs a channel of its own \
         for each port and group"
    )]
    ChannelTaken {
        /// The channel, as it is written.
        found: String,
        /// What has it.
        by: Item,
        /// The link that both are on.
        link: String,
        /// Where.
        line: usize,
    },
    /// A member that the group's copy cannot reach.
    #[error(
        "port {found:?} is on link {its_link:?}, the group on {link:?}; a group reaches ports of its own \
         link: take it out, or give {its_link:?} a group of its own"
    )]
    MemberElsewhere {
        /// The port.
        found: String,
        /// The port's link.
        its_link: String,
        /// The group's link.
        link: String,
    },
    /// A port that is listed twice.
    #[error("port {found:?} is a member already (line {line}); name it once")]
    MemberTwice {
        /// The port.
        found: String,
        /// Where it stands first.
        line: usize,
    },
    /// A binding that is listed twice.
    #[error(
        "{} in VLAN {vlan} is bound already (line {line}); list it once",
        mac.map_or("any individual source".to_owned(), |mac| mac.to_string())
    )]
    BindingTwice {
        /// The address; none for any individual source.
        mac: Option<MacAddr>,
        /// The VLAN.
        vlan: VlanId,
        /// Where it stands first.
        line: usize,
    },
    /// More than a machine holds.
    #[error(
        "expected at most {most} {what}, found {found}; leave some out, or use another machine for them"
    )]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The most.
        most: usize,
        /// How many there are.
        found: usize,
    },
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map_or(String::new(), |near| format!("did you mean {near:?}? "))
}
