// SPDX-License-Identifier: MIT
//! E-TAG (802.1BR): names the port or group of a port extender that a frame comes from or goes to.
//! Upstream the source channel stands in E-CID; downstream E-CID is the destination and
//! Ingress_E-CID the port behind the same link that must not get its own frame back.

use super::{Channel, TagError, checked, put, word};
use crate::ether::{EtherType, Priority, RangeError};

/// The largest E-CID_base and Ingress_E-CID_base.
const BASE_MAX: u16 = 0xfff;
/// The largest GRP.
const GROUP_MAX: u8 = 3;

const fn check_base(field: &'static str, base: u16) -> Result<(), RangeError> {
    if base > BASE_MAX {
        return Err(RangeError { field, max: BASE_MAX as u64, found: base as u64 });
    }
    Ok(())
}

/// An E-channel identifier. GRP, base and extension are separate fields and are matched as such.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ECid {
    group: u8,
    base: u16,
    ext: u8,
}

impl ECid {
    /// GRP 0..=3 (0: one port, else a point-to-multipoint channel), base 0..=4095, any extension;
    /// else [`RangeError`].
    #[inline]
    pub const fn new(group: u8, base: u16, ext: u8) -> Result<Self, RangeError> {
        if group > GROUP_MAX {
            return Err(RangeError { field: "GRP", max: GROUP_MAX as u64, found: group as u64 });
        }
        match check_base("E-CID_base", base) {
            Ok(()) => Ok(Self { group, base, ext }),
            Err(error) => Err(error),
        }
    }

    /// From the tag's word that holds GRP above base; the two reserved bits on top are ignored.
    #[inline]
    pub(super) const fn from_word(word: u16, ext: u8) -> Self {
        Self { group: (word >> 12) as u8 & GROUP_MAX, base: word & BASE_MAX, ext }
    }

    /// GRP directly above base, as in the tag and in a configuration: 0..=0x3FFF.
    #[inline]
    pub const fn to_word(self) -> u16 {
        (self.group as u16) << 12 | self.base
    }

    /// GRP, 0..=3.
    #[inline]
    pub const fn group(self) -> u8 {
        self.group
    }

    /// E-CID_base, 0..=4095.
    #[inline]
    pub const fn base(self) -> u16 {
        self.base
    }

    /// E-CID_ext.
    #[inline]
    pub const fn ext(self) -> u8 {
        self.ext
    }

    /// The same port as a source; nothing for a group, which is never one.
    #[inline]
    pub const fn ingress(self) -> Option<IngressECid> {
        let Self { group, base, ext } = self;
        if group == 0 { Some(IngressECid { base, ext }) } else { None }
    }
}

/// The E-CID of a source: an E-CID without GRP, since no group sends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IngressECid {
    base: u16,
    ext: u8,
}

impl IngressECid {
    /// No source to prune.
    pub const NONE: Self = Self { base: 0, ext: 0 };

    /// Base 0..=4095, else [`RangeError`]; any extension.
    #[inline]
    pub const fn new(base: u16, ext: u8) -> Result<Self, RangeError> {
        match check_base("Ingress_E-CID_base", base) {
            Ok(()) => Ok(Self { base, ext }),
            Err(error) => Err(error),
        }
    }

    /// Ingress_E-CID_base, 0..=4095.
    #[inline]
    pub const fn base(self) -> u16 {
        self.base
    }

    /// Ingress_E-CID_ext.
    #[inline]
    pub const fn ext(self) -> u8 {
        self.ext
    }

    /// The port's own E-CID, to compare with the channel of an extended port.
    #[inline]
    pub const fn to_ecid(self) -> ECid {
        ECid { group: 0, base: self.base, ext: self.ext }
    }
}

/// Eight octets that are known to be an E-TAG: EtherType 16; E-PCP 3, E-DEI 1,
/// Ingress_E-CID_base 12; reserved 2, GRP 2, E-CID_base 12; Ingress_E-CID_ext 8; E-CID_ext 8.
#[derive(Debug, Clone, Copy)]
pub struct ETagView<'a>(&'a [u8; ETag::LEN]);

impl<'a> ETagView<'a> {
    /// Takes the tag at the front of `octets`; [`TagError`] for another EtherType or too few octets.
    #[inline]
    pub fn new_checked(octets: &'a [u8]) -> Result<Self, TagError> {
        checked(octets, EtherType::E_TAG).map(Self)
    }

    /// E-PCP and E-DEI.
    #[inline]
    pub const fn priority(self) -> Priority {
        Priority::from_tci(word(self.0, 2))
    }

    /// Ingress_E-CID, base and extension.
    #[inline]
    pub const fn ingress(self) -> IngressECid {
        IngressECid { base: word(self.0, 2) & BASE_MAX, ext: self.0[6] }
    }

    /// GRP and E-CID, base and extension.
    #[inline]
    pub const fn ecid(self) -> ECid {
        ECid::from_word(word(self.0, 4), self.0[7])
    }
}

/// What an E-TAG says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ETag {
    /// E-PCP and E-DEI.
    pub priority: Priority,
    /// The source behind the same link that gets no copy; upstream [`IngressECid::NONE`].
    pub ingress: IngressECid,
    /// Upstream the source's channel, downstream the destination's, a port's or a group's.
    pub ecid: ECid,
}

impl ETag {
    /// Octets of the tag, its EtherType included.
    pub const LEN: usize = 8;

    /// What the tag in the frame says.
    #[inline]
    pub const fn parse(view: ETagView<'_>) -> Self {
        Self { priority: view.priority(), ingress: view.ingress(), ecid: view.ecid() }
    }

    /// The tag in the order of the wire; reserved bits are 0.
    #[inline]
    pub const fn to_octets(self) -> [u8; Self::LEN] {
        let [a, b] = EtherType::E_TAG.to_octets();
        let [c, d] = (self.priority.to_tci() | self.ingress.base).to_be_bytes();
        let [e, f] = self.ecid.to_word().to_be_bytes();
        [a, b, c, d, e, f, self.ingress.ext, self.ecid.ext]
    }

    /// Writes the tag at the front of `octets`; where it does not fit nothing is written.
    #[inline]
    pub fn emit(self, octets: &mut [u8]) -> Result<(), TagError> {
        put(self.to_octets(), EtherType::E_TAG, octets)
    }

    /// The channel that the tag names: E-CID, in both directions.
    #[inline]
    pub const fn channel(self) -> Channel {
        Channel::etag(self.ecid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(octets: &[u8]) -> ETag {
        ETag::parse(ETagView::new_checked(octets).unwrap())
    }

    #[test]
    fn known_frame_has_drop_eligible_and_ecid_0x0d8() {
        let octets = [0x89, 0x3f, 0x10, 0x00, 0x00, 0xd8, 0x00, 0x00, 0x08, 0x00];
        let tag = parse(&octets);
        assert_eq!(tag.priority, Priority::from_tci(0x1000));
        assert!(tag.priority.dei);
        assert_eq!(tag.ingress, IngressECid::NONE);
        assert_eq!(tag.ecid, ECid::new(0, 0x0d8, 0).unwrap());
        assert_eq!(tag.to_octets(), octets[..8]);
    }

    #[test]
    fn every_field_has_its_own_place() {
        // PCP 5, DEI 0, ingress 0xabc ext 0x12, GRP 2, base 0x345, ext 0x67: no two digits alike.
        let octets = [0x89, 0x3f, 0xaa, 0xbc, 0x23, 0x45, 0x12, 0x67];
        let tag = ETag {
            priority: Priority::from_tci(0xa000),
            ingress: IngressECid::new(0xabc, 0x12).unwrap(),
            ecid: ECid::new(2, 0x345, 0x67).unwrap(),
        };
        assert_eq!((tag.priority.pcp.get(), tag.priority.dei), (5, false));
        assert_eq!(tag.to_octets(), octets);
        assert_eq!(parse(&octets), tag);
    }

    #[test]
    fn every_value_of_every_field_survives_parse_and_emit() {
        for background in [0x00, 0xff] {
            let mut octets = [background; ETag::LEN];
            octets[..2].copy_from_slice(&EtherType::E_TAG.to_octets());
            for at in [2, 4, 6] {
                let mut octets = octets;
                for value in 0..=u16::MAX {
                    octets[at..at + 2].copy_from_slice(&value.to_be_bytes());
                    let mut written = [0xaa; ETag::LEN];
                    parse(&octets).emit(&mut written).unwrap();
                    let mut expected = octets;
                    expected[4] &= 0x3f;
                    assert_eq!(written, expected, "from {octets:02x?}");
                }
            }
        }
    }

    #[test]
    fn reserved_bits_are_ignored_on_receipt_and_sent_as_zero() {
        let sent = [0x89, 0x3f, 0x00, 0x00, 0x30, 0x01, 0x00, 0x00];
        for reserved in 1..=3 {
            let mut received = sent;
            received[4] |= reserved << 6;
            assert_eq!(parse(&received), parse(&sent));
            assert_eq!(parse(&received).to_octets(), sent);
        }
    }

    #[test]
    fn etag_cut_off_anywhere_is_an_error_and_writes_nothing() {
        let octets = [0x89, 0x3f, 0xff, 0xff, 0x3f, 0xff, 0xff, 0xff];
        let tag = parse(&octets);
        for found in 0..ETag::LEN {
            let error = TagError::Truncated { tag: EtherType::E_TAG, expected: 8, found };
            assert_eq!(ETagView::new_checked(&octets[..found]).unwrap_err(), error);
            let mut room = [0xaa; ETag::LEN];
            assert_eq!(tag.emit(&mut room[..found]), Err(error));
            assert_eq!(room, [0xaa; ETag::LEN]);
        }
    }

    #[test]
    fn another_ethertype_is_told_before_a_lack_of_octets() {
        let error = ETagView::new_checked(&[0x89, 0x26, 0x00]).unwrap_err();
        let (expected, found) = (EtherType::E_TAG, EtherType::VN_TAG);
        assert_eq!(error, TagError::EtherType { expected, found });
    }

    #[test]
    fn ecid_takes_what_its_fields_hold_and_no_more() {
        for group in 0..=u8::MAX {
            assert_eq!(ECid::new(group, 1, 0).is_ok(), group <= 3, "{group}");
        }
        for base in 0..=u16::MAX {
            assert_eq!(ECid::new(1, base, 9).is_ok(), base <= 4095, "{base}");
            assert_eq!(IngressECid::new(base, 9).is_ok(), base <= 4095, "{base}");
        }
        let error = ECid::new(4, 0, 0).unwrap_err();
        assert_eq!((error.field, error.max, error.found), ("GRP", 3, 4));
    }

    #[test]
    fn port_is_a_source_and_a_group_is_none() {
        let port = ECid::new(0, 20, 3).unwrap();
        let source = IngressECid::new(20, 3).unwrap();
        assert_eq!(port.ingress(), Some(source));
        assert_eq!(source.to_ecid(), port);
        for group in 1..=3 {
            assert_eq!(ECid::new(group, 20, 3).unwrap().ingress(), None);
        }
    }
}
