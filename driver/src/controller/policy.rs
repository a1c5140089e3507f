// SPDX-License-Identifier: MIT
//! What a bridge's administrator allows: types of VSIs (each a port profile), what links may give, and limits.
//! A request is judged here before anything is programmed (docs/association.md).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use vireo_association::vdp::{Hint, Limits};
use vireo_association::wire::vdp::{Entry, Filter, ManagerId, Vsi};
use vireo_spec::ether::{MacAddr, Pcp, VlanId};
use vireo_spec::rows::PortRow;

use super::rejection::Rejection;

/// Which VSIs a bridge takes, and where.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// What each link may give, by its number; a link that is not in it gives nothing.
    pub links: BTreeMap<u8, LinkPolicy>,
    /// Types of VSIs; the first that a request fits counts.
    pub types: Vec<VsiType>,
    /// Of each channel.
    pub limits: Limits,
    /// VSIs in all, reservations among them.
    pub vsis: usize,
    /// How long frames for a place that was left may still be under way on its link.
    pub drain: Duration,
}

/// What a link may give to the station at its other end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkPolicy {
    /// The port that untagged VDP belongs to.
    pub default_port: Option<u8>,
    /// On an E-TAG link: the E-CIDs that PE-CSP gives, 1..=4095.
    pub ecids: Option<RangeInclusive<u16>>,
    /// On an S-TAG link: the SVIDs that CDCP gives, 2..=4094.
    pub svids: Option<RangeInclusive<u16>>,
}

/// When a VSI that is associated in one channel may be associated in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moves {
    /// Not before it was de-associated.
    Never,
    /// When the request says that it is migrating to there (M).
    #[default]
    Announced,
    /// Always.
    Any,
}

impl Moves {
    /// Whether a request with this hint moves the VSI.
    pub fn allow(self, hint: Option<Hint>) -> bool {
        match self {
            Self::Never => false,
            Self::Announced => hint == Some(Hint::MigrateTo),
            Self::Any => true,
        }
    }
}

/// A VSI type: the port profile that it names.
#[derive(Clone, Debug, Default)]
pub struct VsiType {
    /// Its name, for people.
    pub name: String,
    /// The manager whose type it is; none: any.
    pub manager: Option<ManagerId>,
    /// The number, 24 bits.
    pub id: u32,
    /// The version; none: any.
    pub version: Option<u8>,
    /// The VLANs that it admits.
    pub vlans: BTreeSet<VlanId>,
    /// What VID 0 becomes.
    pub default_vlan: Option<VlanId>,
    /// What VID 0 becomes in an entry of a group.
    pub groups: BTreeMap<u32, VlanId>,
    /// An E-channel's port: the priority is the frame's own, where it has one.
    pub trust_priority: bool,
    /// An E-channel's port: the priority otherwise.
    pub default_priority: Pcp,
    /// An E-channel's port: only bound sources may send.
    pub check_source: bool,
    /// When a VSI of it may move.
    pub moves: Moves,
    /// The links where it may be; none: all.
    pub links: Option<BTreeSet<u8>>,
    /// VSIs of it at once; none: no limit of its own.
    pub vsis: Option<usize>,
    /// Filter entries of a VSI; none: no limit of its own.
    pub entries: Option<usize>,
}

/// A source that may send: an address, or any individual one, in a VLAN.
pub type Source = (Option<MacAddr>, VlanId);

/// What a request comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The filter, VID 0 filled in.
    pub filter: Filter,
    /// What it lets send.
    pub sources: BTreeSet<Source>,
    /// The VLAN that VID 0 became: that of the VSI's untagged frames.
    pub untagged: Option<VlanId>,
}

impl Policy {
    /// The type that a VSI names, if it may be on `link`.
    ///
    /// # Errors
    /// [`Rejection::Manager`], [`Rejection::Type`] or [`Rejection::Link`].
    pub fn find(&self, manager: ManagerId, vsi: &Vsi, link: u8) -> Result<usize, Rejection> {
        let of_manager = |found: &VsiType| found.manager.is_none_or(|its| its == manager);
        let is = |found: &VsiType| {
            of_manager(found)
                && found.id == vsi.type_id
                && found.version.is_none_or(|version| version == vsi.type_version)
        };
        match self.types.iter().position(is) {
            Some(found) if self.types[found].may_be_on(link) => Ok(found),
            Some(found) => Err(Rejection::Link { vsi_type: self.types[found].name.clone(), link }),
            None if !self.types.iter().any(of_manager) => Err(Rejection::Manager { manager }),
            None => Err(Rejection::Type { id: vsi.type_id, version: vsi.type_version }),
        }
    }
}

impl VsiType {
    fn may_be_on(&self, link: u8) -> bool {
        self.links.as_ref().is_none_or(|links| links.contains(&link))
    }

    /// What a filter lets send, once it is sure that this type admits all of it.
    ///
    /// # Errors
    /// [`Rejection::Entries`], [`Rejection::Group`], [`Rejection::NoDefaultVlan`], [`Rejection::Vlan`] or
    /// [`Rejection::Address`].
    pub fn admit(&self, filter: &Filter) -> Result<Admitted, Rejection> {
        let vsi_type = || self.name.clone();
        if let Some(most) = self.entries.filter(|&most| filter.len() > most) {
            return Err(Rejection::Entries { found: filter.len(), most, vsi_type: vsi_type() });
        }
        let mut admitted =
            Admitted { filter: filter.clone(), sources: BTreeSet::new(), untagged: None };
        for (index, entry) in filter.entries().enumerate() {
            let vlan = self.vlan(&entry)?;
            if !self.vlans.contains(&vlan) {
                return Err(Rejection::Vlan { vlan, vsi_type: vsi_type() });
            }
            if let Some(mac) = entry.mac.filter(|mac| mac.is_group() || *mac == MacAddr::default())
            {
                return Err(Rejection::Address { mac });
            }
            if entry.word.vid == VlanId::default() {
                admitted.filter.set_vid(index, vlan);
                admitted.untagged = Some(vlan);
            }
            admitted.sources.insert((entry.mac, vlan));
        }
        Ok(admitted)
    }

    /// The VLAN that an entry means.
    fn vlan(&self, entry: &Entry) -> Result<VlanId, Rejection> {
        let vsi_type = || self.name.clone();
        let unknown = |group| Rejection::Group { group, vsi_type: vsi_type() };
        let of_group = entry
            .group
            .map(|group| self.groups.get(&group).copied().ok_or_else(|| unknown(group)))
            .transpose()?;
        if entry.word.vid != VlanId::default() {
            return Ok(entry.word.vid);
        }
        let filled = if entry.group.is_some() { of_group } else { self.default_vlan };
        filled.ok_or_else(|| Rejection::NoDefaultVlan { vsi_type: vsi_type() })
    }

    /// The row of the port of an E-channel that holds a VSI of this type, where `bare` is that of a channel that holds none.
    pub fn row(&self, bare: &PortRow, untagged: Option<VlanId>) -> PortRow {
        PortRow {
            trust_priority: self.trust_priority,
            default_priority: self.default_priority,
            check_source: self.check_source,
            pvid: untagged.unwrap_or(bare.pvid),
            ..*bare
        }
    }
}
