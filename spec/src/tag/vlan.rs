// SPDX-License-Identifier: MIT
//! VLAN tags: one layout under two EtherTypes, which are two types here.
//! An S-TAG names an S-channel on its link; a C-TAG is the frame's own VLAN and is never changed.

use super::{Channel, TagError, checked, put, word};
use crate::ether::{EtherType, Priority, VlanId};

/// The tag of an S-channel, EtherType 0x88A8.
pub type STag = VlanTag<{ EtherType::S_TAG.0 }>;
/// The frame's VLAN tag, EtherType 0x8100.
pub type CTag = VlanTag<{ EtherType::C_TAG.0 }>;
/// An S-TAG in a frame.
pub type STagView<'a> = VlanTagView<'a, { EtherType::S_TAG.0 }>;
/// A C-TAG in a frame.
pub type CTagView<'a> = VlanTagView<'a, { EtherType::C_TAG.0 }>;

/// Four octets that are known to be a VLAN tag of EtherType `TPID`: TPID 16; PCP 3, DEI 1, VID 12.
#[derive(Debug, Clone, Copy)]
pub struct VlanTagView<'a, const TPID: u16>(&'a [u8; 4]);

impl<'a, const TPID: u16> VlanTagView<'a, TPID> {
    /// Takes the tag at the front of `octets`; [`TagError`] for another EtherType or too few octets.
    #[inline]
    pub fn new_checked(octets: &'a [u8]) -> Result<Self, TagError> {
        checked(octets, EtherType(TPID)).map(Self)
    }

    /// PCP and DEI.
    #[inline]
    pub const fn priority(self) -> Priority {
        Priority::from_tci(word(self.0, 2))
    }

    /// VID.
    #[inline]
    pub const fn vid(self) -> VlanId {
        VlanId::from_tci(word(self.0, 2))
    }
}

/// What a VLAN tag of EtherType `TPID` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VlanTag<const TPID: u16> {
    /// PCP and DEI.
    pub priority: Priority,
    /// VID; of an S-TAG, the channel.
    pub vid: VlanId,
}

impl<const TPID: u16> VlanTag<TPID> {
    /// Octets of the tag, its EtherType included.
    pub const LEN: usize = 4;

    /// What the tag in the frame says.
    #[inline]
    pub const fn parse(view: VlanTagView<'_, TPID>) -> Self {
        Self { priority: view.priority(), vid: view.vid() }
    }

    /// The tag in the order of the wire.
    #[inline]
    pub const fn to_octets(self) -> [u8; 4] {
        let [a, b] = TPID.to_be_bytes();
        let [c, d] = (self.priority.to_tci() | self.vid.get()).to_be_bytes();
        [a, b, c, d]
    }

    /// Writes the tag at the front of `octets`; where it does not fit nothing is written.
    #[inline]
    pub fn emit(self, octets: &mut [u8]) -> Result<(), TagError> {
        put(self.to_octets(), EtherType(TPID), octets)
    }
}

impl STag {
    /// The channel that the tag names.
    #[inline]
    pub const fn channel(self) -> Channel {
        Channel::stag(self.vid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_tag_survives<const TPID: u16>() {
        for tci in 0..=u16::MAX {
            let [high, low] = tci.to_be_bytes();
            let [a, b] = TPID.to_be_bytes();
            let octets = [a, b, high, low];
            let tag = VlanTag::parse(VlanTagView::<TPID>::new_checked(&octets).unwrap());
            let fields = (tag.priority.pcp.get(), tag.priority.dei, tag.vid.get());
            assert_eq!(fields, (high >> 5, high & 0x10 != 0, tci & 0xfff));
            let mut written = [0xaa; 6];
            tag.emit(&mut written).unwrap();
            assert_eq!(written, [a, b, high, low, 0xaa, 0xaa]);
        }
    }

    #[test]
    fn every_s_tag_and_c_tag_survives_parse_and_emit() {
        every_tag_survives::<{ EtherType::S_TAG.0 }>();
        every_tag_survives::<{ EtherType::C_TAG.0 }>();
    }

    #[test]
    fn c_tag_is_not_taken_for_an_s_tag() {
        let octets = [0x81, 0x00, 0x00, 0x65];
        assert_eq!(
            STagView::new_checked(&octets).unwrap_err(),
            TagError::EtherType { expected: EtherType::S_TAG, found: EtherType::C_TAG }
        );
        assert_eq!(CTagView::new_checked(&octets).unwrap().vid().get(), 101);
    }

    #[test]
    fn vlan_tag_cut_off_anywhere_is_an_error_and_writes_nothing() {
        let octets = [0x88, 0xa8, 0xff, 0xff];
        let tag = STag::parse(STagView::new_checked(&octets).unwrap());
        for found in 0..STag::LEN {
            let error = TagError::Truncated { tag: EtherType::S_TAG, expected: 4, found };
            assert_eq!(STagView::new_checked(&octets[..found]).unwrap_err(), error);
            let mut room = [0xaa; 4];
            assert_eq!(tag.emit(&mut room[..found]), Err(error));
            assert_eq!(room, [0xaa; 4]);
        }
    }
}
