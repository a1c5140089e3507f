// SPDX-License-Identifier: MIT
//! vdptool: what an administrator asks of a station's lldpad, and what it answers.

use std::process::Output;

use crate::lldpad::Lldpad;
use crate::namespace::INTERFACE;
use crate::program::installed;

/// What a VSI is to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// `preassoc`
    PreAssociate,
    /// `preassoc-rr`
    PreAssociateWithReservation,
    /// `assoc`
    Associate,
    /// `deassoc`
    Deassociate,
}

impl Command {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::PreAssociate => "preassoc",
            Self::PreAssociateWithReservation => "preassoc-rr",
            Self::Associate => "assoc",
            Self::Deassociate => "deassoc",
        }
    }
}

/// A virtual interface as vdptool is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vsi {
    /// The manager's id: its first octet, the others being zero.
    pub manager: u8,
    /// The VSI's type.
    pub type_id: u32,
    /// The type's version.
    pub type_version: u8,
    /// The VSI's id.
    pub uuid: String,
    /// `none`, `to` (it migrates hither) or `from`.
    pub hints: &'static str,
    /// Entries `VID`, `VID-MAC`, `VID--GROUP` or `VID-MAC-GROUP`, all of one form; decimal, a VID may be `PCP@VID`.
    pub filters: Vec<String>,
}

impl Vsi {
    /// A VSI that nobody has heard of: lldpad remembers UUIDs for a while.
    pub fn fresh(filters: &[&str]) -> Self {
        let [a, b, c] = [fastrand::u32(1..), fastrand::u32(..), fastrand::u32(..)];
        Self {
            manager: 1,
            type_id: 5,
            type_version: 4,
            uuid: format!("{a:08x}-{:04x}-{:04x}-{:04x}-{c:08x}0001", b >> 16, b & 0xffff, c >> 16),
            hints: "none",
            filters: filters.iter().map(ToString::to_string).collect(),
        }
    }
}

/// A VSI as lldpad lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// `preassoc`, `preassoc-rr` or `assoc`.
    pub mode: String,
    /// The VSI's id.
    pub uuid: String,
    /// 0: the bridge has confirmed it; 255: it has not answered yet.
    pub hints: u8,
    /// Its entries, with what the bridge has filled in.
    pub filters: Vec<String>,
}

impl Lldpad {
    /// Asks for a VSI to become something, and waits for the bridge's answer: gives what vdptool prints. (Its exit code
    /// says nothing about that.)
    ///
    /// # Panics
    /// When vdptool is not installed.
    pub fn request(&self, command: Command, vsi: &Vsi) -> String {
        let mut arguments = vec![
            format!("mode={}", command.word()),
            format!("mgrid2={}", vsi.manager),
            format!("typeid={}", vsi.type_id),
            format!("typeidver={}", vsi.type_version),
            format!("uuid={}", vsi.uuid),
            format!("hints={}", vsi.hints),
        ];
        arguments.extend(vsi.filters.iter().map(|filter| format!("filter={filter}")));
        let arguments = arguments.iter().flat_map(|argument| ["-c", argument]);
        let output = self.vdptool(["-T", "-W", "-V", command.word()].into_iter().chain(arguments));
        let text = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The VSIs that it knows in one mode. One that was refused or removed is not among them.
    ///
    /// # Panics
    /// When vdptool fails, or what it prints is not understood.
    pub fn listed(&self, command: Command) -> Vec<Listed> {
        let output = self.vdptool(["-t", "-V", command.word()]);
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "vdptool -t: {text}{errors}");
        text.split("VSI ").skip(1).map(listed).collect()
    }

    /// The one VSI of this id, in whatever mode it is.
    ///
    /// # Panics
    /// As [`Lldpad::listed`].
    pub fn find(&self, vsi: &Vsi) -> Option<Listed> {
        use Command::{Associate, PreAssociate, PreAssociateWithReservation};
        [Associate, PreAssociateWithReservation, PreAssociate]
            .into_iter()
            .flat_map(|command| self.listed(command))
            .find(|listed| listed.uuid == vsi.uuid)
    }

    fn vdptool<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Output {
        self.namespace
            .command(&installed("vdptool", "lldpad"))
            .args(["-i", INTERFACE])
            .args(arguments)
            .output()
            .expect("start nsenter")
    }
}

/// One VSI of what vdptool prints: a line for each property.
fn listed(text: &str) -> Listed {
    let values = |name: &str| -> Vec<String> {
        text.lines()
            .filter_map(|line| line.split_once('='))
            .filter(|(key, _)| key.trim() == name)
            .map(|(_, value)| value.trim().to_owned())
            .collect()
    };
    let value = |name| match &values(name)[..] {
        [value] => value.clone(),
        _ => panic!("one {name} in what vdptool says of a VSI: {text}"),
    };
    let hints = value("hints").parse().unwrap_or_else(|_| panic!("hints as a number: {text}"));
    Listed { mode: value("mode"), uuid: value("uuid"), hints, filters: values("filter") }
}
