// SPDX-License-Identifier: MIT
//! A bridge's policy as a file: types of VSIs, what links may give, limits. docs/association.md describes every key.
//! Everything that can be wrong with it is found before anything runs.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;
use vireo_association::vdp::Limits;
use vireo_driver::controller::{LinkPolicy, Moves, Policy, VsiType};
use vireo_spec::ether::{Pcp, VlanId};

use super::control::manager;
use crate::config::{Config, Endpoint};
use crate::input_file::{InputFile, InputFileError};

/// VSIs in all unless the file says otherwise.
const VSIS: usize = 8192;
/// Microseconds for a link to drain unless the file says otherwise.
const DRAIN_US: u64 = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    vsis: Option<usize>,
    drain_us: Option<u64>,
    #[serde(default)]
    limits: FileLimits,
    #[serde(default)]
    link: Vec<FileLink>,
    #[serde(default, rename = "type")]
    types: Vec<FileType>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLimits {
    rate: Option<u32>,
    burst: Option<u32>,
    vsis: Option<usize>,
    answers: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLink {
    name: Spanned<String>,
    default_port: Option<Spanned<String>>,
    ecids: Option<Spanned<[u16; 2]>>,
    svids: Option<Spanned<[u16; 2]>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileType {
    name: String,
    manager: Option<Spanned<String>>,
    id: Spanned<u32>,
    version: Option<u8>,
    vlans: Spanned<Vec<Vlans>>,
    default_vlan: Option<Spanned<u16>>,
    #[serde(default)]
    group: Vec<FileGroup>,
    #[serde(default = "yes")]
    trust_priority: bool,
    default_priority: Option<Spanned<u8>>,
    #[serde(default = "yes")]
    check_source: bool,
    #[serde(default)]
    moves: FileMoves,
    links: Option<Vec<Spanned<String>>>,
    vsis: Option<usize>,
    entries: Option<usize>,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileGroup {
    id: u32,
    vlan: Spanned<u16>,
}

/// A VLAN, or the first and the last of several.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Vlans {
    One(u16),
    Range([u16; 2]),
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FileMoves {
    Never,
    #[default]
    Announced,
    Any,
}

impl From<FileMoves> for Moves {
    fn from(moves: FileMoves) -> Self {
        match moves {
            FileMoves::Never => Self::Never,
            FileMoves::Announced => Self::Announced,
            FileMoves::Any => Self::Any,
        }
    }
}

/// Reads a policy for the bridge that `config` describes.
///
/// # Errors
/// [`InputFileError`]: the first thing that is wrong.
pub fn load(path: &Path, config: &Config) -> Result<Policy, InputFileError> {
    let input = InputFile::read(path)?;
    let file: File = input.parse()?;
    Reader { input, config }.policy(&file)
}

struct Reader<'a> {
    input: InputFile,
    config: &'a Config,
}

impl Reader<'_> {
    fn policy(&self, file: &File) -> Result<Policy, InputFileError> {
        let unless_set = Limits::default();
        let limits = Limits {
            rate: file.limits.rate.unwrap_or(unless_set.rate),
            burst: file.limits.burst.unwrap_or(unless_set.burst),
            vsis: file.limits.vsis.unwrap_or(unless_set.vsis),
            answers: file.limits.answers.unwrap_or(unless_set.answers),
        };
        let links = file.link.iter().map(|link| Ok((self.link(&link.name)?, self.gives(link)?)));
        Ok(Policy {
            links: links.collect::<Result<_, _>>()?,
            types: file.types.iter().map(|found| self.vsi_type(found)).collect::<Result<_, _>>()?,
            limits,
            vsis: file.vsis.unwrap_or(VSIS),
            drain: Duration::from_micros(file.drain_us.unwrap_or(DRAIN_US)),
        })
    }

    fn link(&self, name: &Spanned<String>) -> Result<u8, InputFileError> {
        match self.config.find(name.get_ref()) {
            Some(Endpoint::Link(link)) => Ok(link as u8),
            _ => {
                let names: Vec<_> = self.config.links.iter().map(|link| &*link.name).collect();
                let problem = format!(
                    "{:?}: expected a link of the machine: {}",
                    name.get_ref(),
                    names.join(", ")
                );
                Err(self.input.wrong(name, problem))
            }
        }
    }

    fn gives(&self, link: &FileLink) -> Result<LinkPolicy, InputFileError> {
        let number = self.link(&link.name)?;
        let default_port =
            link.default_port.as_ref().map(|name| match self.config.find(name.get_ref()) {
                Some(Endpoint::Port(port))
                    if self.config.ports[port].link == usize::from(number) =>
                {
                    Ok(port as u8)
                }
                _ => {
                    let (port, link) = (name.get_ref(), link.name.get_ref());
                    let problem = format!("{port:?}: expected a port of link {link:?}");
                    Err(self.input.wrong(name, problem))
                }
            });
        Ok(LinkPolicy {
            default_port: default_port.transpose()?,
            ecids: self.range(link.ecids.as_ref(), 1..=4095)?,
            svids: self.range(link.svids.as_ref(), 2..=4094)?,
        })
    }

    fn range(
        &self,
        given: Option<&Spanned<[u16; 2]>>,
        within: RangeInclusive<u16>,
    ) -> Result<Option<RangeInclusive<u16>>, InputFileError> {
        let Some(given) = given else { return Ok(None) };
        let [first, last] = *given.get_ref();
        if first <= last && within.contains(&first) && within.contains(&last) {
            return Ok(Some(first..=last));
        }
        let (low, high) = within.into_inner();
        let problem =
            format!("[{first}, {last}]: expected the first and the last of {low} to {high}");
        Err(self.input.wrong(given, problem))
    }

    fn vlan(&self, at: &Spanned<impl Sized>, vlan: u16) -> Result<VlanId, InputFileError> {
        let fits = VlanId::new(vlan).ok().filter(|_| (1..=4094).contains(&vlan));
        fits.ok_or_else(|| self.input.wrong(at, format!("VLAN {vlan}: expected 1 to 4094")))
    }

    fn vsi_type(&self, found: &FileType) -> Result<VsiType, InputFileError> {
        let mut vlans = BTreeSet::new();
        for &given in found.vlans.get_ref() {
            let (first, last) = match given {
                Vlans::One(vlan) => (vlan, vlan),
                Vlans::Range([first, last]) => (first, last),
            };
            for vlan in [first, last] {
                self.vlan(&found.vlans, vlan)?;
            }
            if first > last {
                let problem =
                    format!("[{first}, {last}]: expected the first VLAN and then the last");
                return Err(self.input.wrong(&found.vlans, problem));
            }
            vlans.extend((first..=last).map(VlanId::from_tci));
        }
        let filled_in = |vlan: &Spanned<u16>| {
            let id = self.vlan(vlan, *vlan.get_ref())?;
            if vlans.contains(&id) {
                return Ok(id);
            }
            let problem = format!("VLAN {id}: expected one of the type's own `vlans`");
            Err(self.input.wrong(vlan, problem))
        };
        let default_vlan = found.default_vlan.as_ref().map(filled_in).transpose()?;
        let groups = found.group.iter().map(|group| Ok((group.id, filled_in(&group.vlan)?)));
        let groups = groups.collect::<Result<_, _>>()?;
        let of_manager = found
            .manager
            .as_ref()
            .map(|text| manager(text.get_ref()).map_err(|problem| self.input.wrong(text, problem)));
        let priority = found.default_priority.as_ref().map(|given| {
            Pcp::new(*given.get_ref()).map_err(|error| self.input.wrong(given, error.to_string()))
        });
        let id = *found.id.get_ref();
        if id >= 1 << 24 {
            let problem = format!("type {id}: expected at most {}", (1 << 24) - 1);
            return Err(self.input.wrong(&found.id, problem));
        }
        let links = found.links.as_ref().map(|names| names.iter().map(|name| self.link(name)));
        Ok(VsiType {
            name: found.name.clone(),
            manager: of_manager.transpose()?,
            id,
            version: found.version,
            default_vlan,
            groups,
            trust_priority: found.trust_priority,
            default_priority: priority.transpose()?.unwrap_or_default(),
            check_source: found.check_source,
            moves: found.moves.into(),
            links: links.map(Iterator::collect).transpose()?,
            vsis: found.vsis,
            entries: found.entries,
            vlans,
        })
    }
}
