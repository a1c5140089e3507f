// SPDX-License-Identifier: MIT
//! Which frames are a VSI's: VLANs, and with them MAC addresses and groups where the format has them.
//! Format 1, entry count 2, entries; all entries of a filter have the same format.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vireo_spec::ether::{MacAddr, Pcp, Priority, VlanId};

use super::super::{Error, Found};

/// Octets in front of the entries.
const HEADER_LEN: usize = 3;

/// PS 1, PCP 3, VID 12.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct VidWord {
    /// The PCP counts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ps: bool,
    /// The priority.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pcp: Pcp,
    /// The VLAN; 0 asks the bridge for one.
    pub vid: VlanId,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl VidWord {
    /// The VLAN, without a priority.
    pub const fn new(vid: VlanId) -> Self {
        // Priority 0 of a tag's word.
        Self { ps: false, pcp: Priority::from_tci(0).pcp, vid }
    }

    const fn from_octets(octets: [u8; 2]) -> Self {
        let word = u16::from_be_bytes(octets);
        // PCP stands one bit lower than in a tag.
        let pcp = Priority::from_tci(word << 1).pcp;
        Self { ps: word >> 15 == 1, pcp, vid: VlanId::from_tci(word) }
    }

    const fn to_octets(self) -> [u8; 2] {
        let word = (self.ps as u16) << 15 | (self.pcp.get() as u16) << 12 | self.vid.get();
        word.to_be_bytes()
    }
}

/// What an entry of a filter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FilterFormat {
    /// 1: VID word.
    Vid,
    /// 2: MAC 6, VID word.
    MacVid,
    /// 3: group 4, VID word.
    GroupVid,
    /// 4: group 4, MAC 6, VID word.
    GroupMacVid,
}

impl FilterFormat {
    const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Vid),
            2 => Some(Self::MacVid),
            3 => Some(Self::GroupVid),
            4 => Some(Self::GroupMacVid),
            _ => None,
        }
    }

    /// The number on the wire, 1..=4.
    pub const fn code(self) -> u8 {
        match self {
            Self::Vid => 1,
            Self::MacVid => 2,
            Self::GroupVid => 3,
            Self::GroupMacVid => 4,
        }
    }

    /// Octets of an entry.
    pub const fn entry_len(self) -> usize {
        match self {
            Self::Vid => 2,
            Self::MacVid => 8,
            Self::GroupVid => 6,
            Self::GroupMacVid => 12,
        }
    }
}

impl fmt::Display for FilterFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Vid => "VID",
            Self::MacVid => "MAC/VID",
            Self::GroupVid => "GROUP/VID",
            Self::GroupMacVid => "GROUP/MAC/VID",
        })
    }
}

/// One entry, of any format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entry {
    /// The group, where the format has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<u32>,
    /// The MAC address, where the format has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<MacAddr>,
    /// The VLAN.
    #[serde(flatten)]
    pub word: VidWord,
}

impl Entry {
    /// The format of a filter that holds such entries.
    pub const fn format(&self) -> FilterFormat {
        match (self.group, self.mac) {
            (None, None) => FilterFormat::Vid,
            (None, Some(_)) => FilterFormat::MacVid,
            (Some(_), None) => FilterFormat::GroupVid,
            (Some(_), Some(_)) => FilterFormat::GroupMacVid,
        }
    }
}

/// Which frames are a VSI's. The text form (JSON) is the format and the entries.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Listed", into = "Listed")]
pub enum Filter {
    /// All frames of a VLAN.
    Vid(Vec<VidWord>),
    /// A MAC address's frames in a VLAN.
    MacVid(Vec<(MacAddr, VidWord)>),
    /// All frames of a group's VLAN.
    GroupVid(Vec<(u32, VidWord)>),
    /// A MAC address's frames in a group's VLAN.
    GroupMacVid(Vec<(u32, MacAddr, VidWord)>),
}

impl Filter {
    /// Reads a filter that fills `octets`, which stand `at` octets behind the start of the TLV.
    pub(super) fn parse(octets: &[u8], at: usize) -> Result<Self, Error> {
        let error = |at, expected, found| Error { protocol: "VSI TLV", at, expected, found };
        let Some((&[format, high, low], entries)) = octets.split_first_chunk::<HEADER_LEN>() else {
            let found = Found::Octets(octets.len());
            return Err(error(at, "3 octets of filter format and entry count", found));
        };
        let Some(known) = FilterFormat::from_code(format) else {
            return Err(error(at, "filter format 1..=4", Found::Value(format.into())));
        };
        let count = usize::from(u16::from_be_bytes([high, low]));
        if entries.len() != count * known.entry_len() {
            let found = Found::Octets(entries.len());
            return Err(error(at + HEADER_LEN, "exactly the entries that are counted", found));
        }
        Ok(match known {
            FilterFormat::Vid => {
                Self::Vid(read(entries, |octets: [u8; 2]| VidWord::from_octets(octets)))
            }
            FilterFormat::MacVid => Self::MacVid(read(entries, |[a, b, c, d, e, f, g, h]| {
                (MacAddr([a, b, c, d, e, f]), VidWord::from_octets([g, h]))
            })),
            FilterFormat::GroupVid => Self::GroupVid(read(entries, |[a, b, c, d, e, f]| {
                (u32::from_be_bytes([a, b, c, d]), VidWord::from_octets([e, f]))
            })),
            FilterFormat::GroupMacVid => {
                Self::GroupMacVid(read(entries, |[a, b, c, d, m @ .., y, z]: [u8; 12]| {
                    (u32::from_be_bytes([a, b, c, d]), MacAddr(m), VidWord::from_octets([y, z]))
                }))
            }
        })
    }

    /// Octets of format, count and entries.
    pub fn buffer_len(&self) -> usize {
        HEADER_LEN + self.len() * self.format().entry_len()
    }

    /// Appends the filter. The TLV's length has been checked, so the count fits.
    pub(super) fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.format().code());
        out.extend((self.len() as u16).to_be_bytes());
        for entry in self.entries() {
            out.extend(entry.group.into_iter().flat_map(u32::to_be_bytes));
            out.extend(entry.mac.into_iter().flat_map(|mac| mac.0));
            out.extend(entry.word.to_octets());
        }
    }

    /// What its entries hold.
    pub const fn format(&self) -> FilterFormat {
        match self {
            Self::Vid(_) => FilterFormat::Vid,
            Self::MacVid(_) => FilterFormat::MacVid,
            Self::GroupVid(_) => FilterFormat::GroupVid,
            Self::GroupMacVid(_) => FilterFormat::GroupMacVid,
        }
    }

    /// How many entries there are.
    pub const fn len(&self) -> usize {
        match self {
            Self::Vid(entries) => entries.len(),
            Self::MacVid(entries) => entries.len(),
            Self::GroupVid(entries) => entries.len(),
            Self::GroupMacVid(entries) => entries.len(),
        }
    }

    /// There is no entry; a bridge refuses that.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry at this place.
    pub fn get(&self, index: usize) -> Option<Entry> {
        match self {
            Self::Vid(entries) => {
                entries.get(index).map(|&word| Entry { group: None, mac: None, word })
            }
            Self::MacVid(entries) => {
                entries.get(index).map(|&(mac, word)| Entry { group: None, mac: Some(mac), word })
            }
            Self::GroupVid(entries) => entries.get(index).map(|&(group, word)| Entry {
                group: Some(group),
                mac: None,
                word,
            }),
            Self::GroupMacVid(entries) => entries.get(index).map(|&(group, mac, word)| Entry {
                group: Some(group),
                mac: Some(mac),
                word,
            }),
        }
    }

    /// The entries, in order.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// Puts another VID into the entry at `index`, as a bridge does with VID 0. Without such an entry, nothing happens.
    pub fn set_vid(&mut self, index: usize, vid: VlanId) {
        let word = match self {
            Self::Vid(entries) => entries.get_mut(index),
            Self::MacVid(entries) => entries.get_mut(index).map(|(_, word)| word),
            Self::GroupVid(entries) => entries.get_mut(index).map(|(_, word)| word),
            Self::GroupMacVid(entries) => entries.get_mut(index).map(|(_, _, word)| word),
        };
        if let Some(word) = word {
            word.vid = vid;
        }
    }

    /// The filter of these entries, which all have the first one's format.
    pub fn from_entries(entries: impl IntoIterator<Item = Entry>) -> Result<Self, EntriesError> {
        let mut entries = entries.into_iter().peekable();
        let format = entries.peek().ok_or(EntriesError::Empty)?.format();
        Self::of_format(format, entries)
    }

    fn of_format(
        format: FilterFormat,
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<Self, EntriesError> {
        let mut filter = match format {
            FilterFormat::Vid => Self::Vid(Vec::new()),
            FilterFormat::MacVid => Self::MacVid(Vec::new()),
            FilterFormat::GroupVid => Self::GroupVid(Vec::new()),
            FilterFormat::GroupMacVid => Self::GroupMacVid(Vec::new()),
        };
        for (index, entry) in entries.into_iter().enumerate() {
            let Entry { group, mac, word } = entry;
            match (&mut filter, group, mac) {
                (Self::Vid(entries), None, None) => entries.push(word),
                (Self::MacVid(entries), None, Some(mac)) => entries.push((mac, word)),
                (Self::GroupVid(entries), Some(group), None) => entries.push((group, word)),
                (Self::GroupMacVid(entries), Some(group), Some(mac)) => {
                    entries.push((group, mac, word));
                }
                _ => {
                    let (expected, found) = (format, entry.format());
                    return Err(EntriesError::Mixed { index, expected, found });
                }
            }
        }
        Ok(filter)
    }
}

/// Entries of `N` octets each.
fn read<const N: usize, E>(octets: &[u8], entry: impl Fn([u8; N]) -> E) -> Vec<E> {
    octets.as_chunks::<N>().0.iter().map(|&octets| entry(octets)).collect()
}

/// Entries that are not one filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EntriesError {
    /// No entry, and so no format.
    #[error("filter: expected at least one entry, found none")]
    Empty,
    /// An entry of another format than the ones before it.
    #[error("filter: expected {expected} in entry {index}, as before it, found {found}")]
    Mixed {
        /// Which entry, from 0.
        index: usize,
        /// The filter's format.
        expected: FilterFormat,
        /// The entry's.
        found: FilterFormat,
    },
}

/// The text form.
#[derive(Serialize, Deserialize)]
struct Listed {
    format: FilterFormat,
    entries: Vec<Entry>,
}

impl From<Filter> for Listed {
    fn from(filter: Filter) -> Self {
        Self { format: filter.format(), entries: filter.entries().collect() }
    }
}

impl TryFrom<Listed> for Filter {
    type Error = EntriesError;

    fn try_from(Listed { format, entries }: Listed) -> Result<Self, EntriesError> {
        Self::of_format(format, entries)
    }
}
