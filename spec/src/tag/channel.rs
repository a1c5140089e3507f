// SPDX-License-Identifier: MIT
//! The channel: what a tag names on its link, as the 22-bit number of the machine's tables.
//! The number's layout is this machine's own, so nothing in it hangs on where a standard puts
//! E-CID_ext in a 22-bit E-CID (unverified): GRP, base and extension keep their own bits.
//!
//! | family | bits, 0 the least significant |
//! |---|---|
//! | E-TAG | E-CID_ext 7:0, E-CID_base 19:8, GRP 21:20 |
//! | VN-Tag | VIF 13:0, p 14 |
//! | S-TAG | VID 11:0 |

use std::{fmt, ops::RangeInclusive};

use thiserror::Error;

use super::{ECid, TagFamily, Vif};
use crate::ether::{RangeError, VlanId};

/// A channel of a link, without the link and its tag family: those are columns of their own.
/// An accessor of another family than the channel's reads bits that mean something else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel(u32);

impl Channel {
    /// Bits of the number.
    pub const WIDTH: u32 = 22;
    /// Where E-CID_base begins, with GRP directly above it.
    const BASE_AT: u32 = 8;
    /// VN-Tag's p.
    const LIST: u32 = 1 << 14;

    /// From the number in a table row; [`RangeError`] for more than 22 bits.
    #[inline]
    pub const fn from_bits(bits: u32) -> Result<Self, RangeError> {
        let max = (1 << Self::WIDTH) - 1;
        if bits > max {
            return Err(RangeError { field: "channel", max: max as u64, found: bits as u64 });
        }
        Ok(Self(bits))
    }

    /// The number for a table row.
    #[inline]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The channel of an E-TAG link that `ecid` names.
    #[inline]
    pub const fn etag(ecid: ECid) -> Self {
        Self((ecid.to_word() as u32) << Self::BASE_AT | ecid.ext() as u32)
    }

    /// The channel of a VN-Tag link: a VIF, or with `list` (p) a VIF list.
    #[inline]
    pub const fn vntag(list: bool, vif: Vif) -> Self {
        Self(if list { Self::LIST } else { 0 } | vif.get() as u32)
    }

    /// The channel of an S-TAG link.
    #[inline]
    pub const fn stag(vid: VlanId) -> Self {
        Self(vid.get() as u32)
    }

    /// On an E-TAG link: GRP, base and extension.
    #[inline]
    pub const fn ecid(self) -> ECid {
        ECid::from_word((self.0 >> Self::BASE_AT) as u16, self.0 as u8)
    }

    /// On a VN-Tag link: p, the VIF is a list.
    #[inline]
    pub const fn list(self) -> bool {
        self.0 & Self::LIST != 0
    }

    /// On a VN-Tag link: the VIF or list.
    #[inline]
    pub const fn vif(self) -> Vif {
        Vif::from_low_bits(self.0 as u16)
    }

    /// On an S-TAG link: the VID.
    #[inline]
    pub const fn vid(self) -> VlanId {
        VlanId::from_tci(self.0 as u16)
    }

    /// GRP or p and base, VIF or VID are all 0: names no channel, whatever the tables say
    /// (CHANNEL_MISS in docs/rules.md). An extension alone names none.
    #[inline]
    pub const fn is_null(self, family: TagFamily) -> bool {
        match family {
            TagFamily::ETag => self.0 >> Self::BASE_AT == 0,
            TagFamily::VnTag => !self.list() && self.vif().get() == 0,
            TagFamily::STag => self.vid().get() == 0,
        }
    }

    /// From the keys of a configuration: `channel` and `extension` of a port, or of a `group`.
    ///
    /// | family | port | group |
    /// |---|---|---|
    /// | E-TAG | base 1..=4095 | GRP 1..=3 above base: 0x1000..=0x3FFF |
    /// | VN-Tag | VIF 1..=4095 | list 0..=0x3FFF |
    /// | S-TAG | VID 1..=4094 | none |
    ///
    /// A VN-Tag port ends at 4095 since svif has 12 bits, an S-TAG's at 4094 since 802.1Q
    /// reserves VID 0xFFF. Only an E-TAG has an extension. Else [`ChannelError`].
    pub fn from_config(
        family: TagFamily,
        channel: u32,
        extension: u8,
        group: bool,
    ) -> Result<Self, ChannelError> {
        let usage = if group { ChannelUse::Group } else { ChannelUse::Port };
        if extension != 0 && family != TagFamily::ETag {
            return Err(ChannelError::Extension { family, extension });
        }
        let expected = usage.numbers(family).ok_or(ChannelError::NoGroups { family })?;
        if !expected.contains(&channel) {
            return Err(ChannelError::Range { family, usage, expected, found: channel });
        }
        let number = channel as u16;
        Ok(match family {
            TagFamily::ETag => Self::etag(ECid::from_word(number, extension)),
            TagFamily::VnTag => Self::vntag(group, Vif::from_low_bits(number)),
            TagFamily::STag => Self::stag(VlanId::from_tci(number)),
        })
    }
}

/// What a channel of a configuration leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChannelUse {
    /// One port.
    Port,
    /// A group of ports: point to multipoint.
    Group,
}

impl ChannelUse {
    /// The numbers that a configuration may give such a channel; none where the family has none.
    const fn numbers(self, family: TagFamily) -> Option<RangeInclusive<u32>> {
        match (self, family) {
            (Self::Port, TagFamily::ETag | TagFamily::VnTag) => Some(1..=0xfff),
            (Self::Port, TagFamily::STag) => Some(1..=0xffe),
            (Self::Group, TagFamily::ETag) => Some(0x1000..=0x3fff),
            (Self::Group, TagFamily::VnTag) => Some(0..=0x3fff),
            (Self::Group, TagFamily::STag) => None,
        }
    }
}

impl fmt::Display for ChannelUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Port => "port",
            Self::Group => "group",
        })
    }
}

/// A configuration's channel that its link cannot carry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChannelError {
    /// The number is not one for this use.
    #[error(
        "channel of a {usage} on a link with {family}: expected {}..={} ({:#x}..={:#x}), \
         found {found} ({found:#x})",
        .expected.start(), .expected.end(), .expected.start(), .expected.end()
    )]
    Range {
        /// The link's tag.
        family: TagFamily,
        /// What the channel leads to.
        usage: ChannelUse,
        /// The numbers that there are.
        expected: RangeInclusive<u32>,
        /// The configured number.
        found: u32,
    },
    /// The tag has no place for an extension.
    #[error("extension on a link with {family}: expected 0 or e-tag, found {extension}")]
    Extension {
        /// The link's tag.
        family: TagFamily,
        /// The configured extension.
        extension: u8,
    },
    /// The tag cannot name a group.
    #[error("group on a link with {family}: expected e-tag or vn-tag; {family} has no groups")]
    NoGroups {
        /// The link's tag.
        family: TagFamily,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_where_the_tables_expect_them() {
        let etag = Channel::etag(ECid::new(2, 0x345, 0x67).unwrap());
        assert_eq!(etag.bits(), 0x23_4567);
        let list = Channel::vntag(true, Vif::new(0x1234).unwrap());
        assert_eq!(list.bits(), 0x5234);
        let stag = Channel::stag(VlanId::new(0xabc).unwrap());
        assert_eq!(stag.bits(), 0xabc);
    }

    #[test]
    fn every_channel_of_every_family_survives_its_number() {
        for bits in 0..1 << Channel::WIDTH {
            let channel = Channel::from_bits(bits).unwrap();
            assert_eq!(Channel::etag(channel.ecid()).bits(), bits);
            let vntag = Channel::vntag(channel.list(), channel.vif());
            assert_eq!(vntag.bits(), bits & 0x7fff);
            assert_eq!(Channel::stag(channel.vid()).bits(), bits & 0xfff);
        }
        for bits in [1 << 22, u32::MAX] {
            let error = Channel::from_bits(bits).unwrap_err();
            assert_eq!((error.max, error.found), (0x3f_ffff, bits.into()));
        }
    }

    #[test]
    fn channel_without_group_and_base_is_null_whatever_its_extension() {
        let null = |group, base, ext| {
            Channel::etag(ECid::new(group, base, ext).unwrap()).is_null(TagFamily::ETag)
        };
        assert!(null(0, 0, 0) && null(0, 0, 255));
        assert!(!null(1, 0, 0) && !null(0, 1, 0));
        let vntag = |list, vif| Channel::vntag(list, Vif::new(vif).unwrap());
        assert!(vntag(false, 0).is_null(TagFamily::VnTag));
        assert!(!vntag(true, 0).is_null(TagFamily::VnTag));
        assert!(!vntag(false, 1).is_null(TagFamily::VnTag));
        assert!(Channel::default().is_null(TagFamily::STag));
        assert!(!Channel::stag(VlanId::MAX).is_null(TagFamily::STag));
    }

    #[test]
    fn configuration_takes_exactly_the_channels_that_its_link_can_carry() {
        for channel in (0..=0x2_0000).chain([0x10_0001, u32::MAX]) {
            let port = |family| Channel::from_config(family, channel, 0, false);
            let group = |family| Channel::from_config(family, channel, 0, true);
            let bits = |result: Result<Channel, _>| result.ok().map(Channel::bits);
            let only =
                |range: RangeInclusive<u32>, bits: u32| range.contains(&channel).then_some(bits);

            let shifted = channel.wrapping_shl(8);
            assert_eq!(bits(port(TagFamily::ETag)), only(1..=4095, shifted));
            assert_eq!(bits(group(TagFamily::ETag)), only(0x1000..=0x3fff, shifted));
            assert_eq!(bits(port(TagFamily::VnTag)), only(1..=4095, channel));
            let list = channel | 0x4000;
            assert_eq!(bits(group(TagFamily::VnTag)), only(0..=0x3fff, list));
            assert_eq!(bits(port(TagFamily::STag)), only(1..=4094, channel));
            let family = TagFamily::STag;
            assert_eq!(group(family), Err(ChannelError::NoGroups { family }));
        }
    }

    #[test]
    fn extension_belongs_to_an_etag_alone() {
        let extended = Channel::from_config(TagFamily::ETag, 20, 7, false).unwrap();
        assert_eq!(extended.ecid(), ECid::new(0, 20, 7).unwrap());
        let extended = Channel::from_config(TagFamily::ETag, 0x1014, 7, true).unwrap();
        assert_eq!(extended.ecid(), ECid::new(1, 20, 7).unwrap());
        for family in [TagFamily::VnTag, TagFamily::STag] {
            let error = Channel::from_config(family, 20, 7, false).unwrap_err();
            let extension = 7;
            assert_eq!(error, ChannelError::Extension { family, extension });
        }
    }

    #[test]
    fn refused_channel_says_what_would_have_been_right() {
        let error = Channel::from_config(TagFamily::STag, 4095, 0, false).unwrap_err();
        assert_eq!(
            error.to_string(),
            "channel of a port on a link with s-tag: expected 1..=4094 (0x1..=0xffe), \
             found 4095 (0xfff)"
        );
    }
}
