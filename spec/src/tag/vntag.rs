// SPDX-License-Identifier: MIT
//! VN-Tag: names the virtual interface (VIF) that a frame comes from, or the VIF or list it goes to.
//! It carries no priority. Its version and direction are for the receiver to judge: a version other
//! than 0 is an error of [`VnTag::parse`], a direction wrong for the role is the caller's to see.

use super::{Channel, TagError, checked, put, word};
use crate::ether::{EtherType, bounded_field};

bounded_field! {
    /// A destination: a VIF or the number of a VIF list, 0..=16383 (dvif, 14 bits).
    Vif(u16), "dvif", 0..=0x3fff
}

bounded_field! {
    /// The VIF of a source, 0..=4095 (svif, 12 bits).
    SourceVif(u16), "svif", 0..=0xfff
}

impl Vif {
    /// The low 14 bits of a word.
    #[inline]
    pub(super) const fn from_low_bits(word: u16) -> Self {
        Self(word & Self::MAX.0)
    }

    /// The same VIF as a source; nothing where svif cannot hold it.
    #[inline]
    pub const fn source(self) -> Option<SourceVif> {
        if self.0 <= SourceVif::MAX.0 { Some(SourceVif(self.0)) } else { None }
    }
}

impl SourceVif {
    /// The same VIF as a destination.
    #[inline]
    pub const fn to_vif(self) -> Vif {
        Vif(self.0)
    }
}

/// Which way a VN-Tag travels (d).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// d = 0: upstream, towards the bridge.
    HostToNetwork = 0,
    /// d = 1: downstream, towards the extender.
    NetworkToHost = 1,
}

/// Six octets that are known to be a VN-Tag, of any version: EtherType 16; d 1, p 1, dvif 14;
/// l 1, r 1, version 2, svif 12.
#[derive(Debug, Clone, Copy)]
pub struct VnTagView<'a>(&'a [u8; VnTag::LEN]);

impl<'a> VnTagView<'a> {
    /// Takes the tag at the front of `octets`; [`TagError`] for another EtherType or too few octets.
    #[inline]
    pub fn new_checked(octets: &'a [u8]) -> Result<Self, TagError> {
        checked(octets, EtherType::VN_TAG).map(Self)
    }

    /// d.
    #[inline]
    pub const fn direction(self) -> Direction {
        if self.0[2] & 0x80 == 0 { Direction::HostToNetwork } else { Direction::NetworkToHost }
    }

    /// p: dvif is the number of a list.
    #[inline]
    pub const fn list(self) -> bool {
        self.0[2] & 0x40 != 0
    }

    /// dvif.
    #[inline]
    pub const fn destination(self) -> Vif {
        Vif::from_low_bits(word(self.0, 2))
    }

    /// l: the source is behind the same link.
    #[inline]
    pub const fn looped(self) -> bool {
        self.0[4] & 0x80 != 0
    }

    /// The version, 0..=3; only [`VnTag::VERSION`] is known.
    #[inline]
    pub const fn version(self) -> u8 {
        self.0[4] >> 4 & 3
    }

    /// svif.
    #[inline]
    pub const fn source(self) -> SourceVif {
        SourceVif(word(self.0, 4) & SourceVif::MAX.0)
    }
}

/// What a VN-Tag of version 0 says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VnTag {
    /// Which way it travels.
    pub direction: Direction,
    /// The destination is a list. VIF 5 and list 5 differ.
    pub list: bool,
    /// Downstream the VIF or list; upstream 0.
    pub destination: Vif,
    /// Downstream: the frame came from `source` on this same link, which gets no copy.
    pub looped: bool,
    /// Upstream the channel; downstream the source of a looped frame.
    pub source: SourceVif,
}

impl VnTag {
    /// Octets of the tag, its EtherType included.
    pub const LEN: usize = 6;
    /// The version whose fields are known.
    pub const VERSION: u8 = 0;

    /// A tag as an extender sends it: the source's VIF and no destination.
    #[inline]
    pub const fn upstream(source: SourceVif) -> Self {
        Self {
            direction: Direction::HostToNetwork,
            list: false,
            destination: Vif(0),
            looped: false,
            source,
        }
    }

    /// A tag as a bridge sends it: to a VIF or a list, with the source where that is behind the
    /// same link.
    #[inline]
    pub const fn downstream(list: bool, destination: Vif, source: Option<SourceVif>) -> Self {
        let (looped, source) = match source {
            Some(source) => (true, source),
            None => (false, SourceVif(0)),
        };
        Self { direction: Direction::NetworkToHost, list, destination, looped, source }
    }

    /// What the tag in the frame says; [`TagError::Version`] where its version is not known.
    #[inline]
    pub const fn parse(view: VnTagView<'_>) -> Result<Self, TagError> {
        if view.version() != Self::VERSION {
            return Err(TagError::Version { expected: Self::VERSION, found: view.version() });
        }
        Ok(Self {
            direction: view.direction(),
            list: view.list(),
            destination: view.destination(),
            looped: view.looped(),
            source: view.source(),
        })
    }

    /// The tag in the order of the wire; version and reserved bit are 0.
    #[inline]
    pub const fn to_octets(self) -> [u8; Self::LEN] {
        let [a, b] = EtherType::VN_TAG.to_octets();
        let destination =
            (self.direction as u16) << 15 | (self.list as u16) << 14 | self.destination.0;
        let source = (self.looped as u16) << 15 | (Self::VERSION as u16) << 12 | self.source.0;
        let ([c, d], [e, f]) = (destination.to_be_bytes(), source.to_be_bytes());
        [a, b, c, d, e, f]
    }

    /// Writes the tag at the front of `octets`; where it does not fit nothing is written.
    #[inline]
    pub fn emit(self, octets: &mut [u8]) -> Result<(), TagError> {
        put(self.to_octets(), EtherType::VN_TAG, octets)
    }

    /// The channel that the tag names: upstream the source's VIF, downstream the VIF or list.
    #[inline]
    pub const fn channel(self) -> Channel {
        match self.direction {
            Direction::HostToNetwork => Channel::vntag(false, self.source.to_vif()),
            Direction::NetworkToHost => Channel::vntag(self.list, self.destination),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::CTagView;

    fn view(octets: &[u8]) -> VnTagView<'_> {
        VnTagView::new_checked(octets).unwrap()
    }

    #[test]
    fn known_frame_comes_from_svif_20_in_vlan_101() {
        let octets = [0x89, 0x26, 0x00, 0x00, 0x00, 0x14, 0x81, 0x00, 0x00, 0x65, 0x08, 0x00];
        let tag = VnTag::parse(view(&octets)).unwrap();
        assert_eq!(tag, VnTag::upstream(SourceVif::new(20).unwrap()));
        assert_eq!(tag.to_octets(), octets[..6]);
        let vlan = CTagView::new_checked(&octets[VnTag::LEN..]).unwrap();
        assert_eq!(vlan.vid().get(), 101);
    }

    #[test]
    fn every_field_has_its_own_place() {
        let fields = |octets: [u8; 6]| {
            let v = view(&octets);
            (
                v.direction() as u8,
                v.list() as u8,
                v.destination().get(),
                v.looped() as u8,
                v.version(),
                v.source().get(),
            )
        };
        assert_eq!(fields([0x89, 0x26, 0x80, 0, 0, 0]), (1, 0, 0, 0, 0, 0));
        assert_eq!(fields([0x89, 0x26, 0x40, 0, 0, 0]), (0, 1, 0, 0, 0, 0));
        assert_eq!(fields([0x89, 0x26, 0x3a, 0xbc, 0, 0]), (0, 0, 0x3abc, 0, 0, 0));
        assert_eq!(fields([0x89, 0x26, 0, 0, 0x80, 0]), (0, 0, 0, 1, 0, 0));
        assert_eq!(fields([0x89, 0x26, 0, 0, 0x20, 0]), (0, 0, 0, 0, 2, 0));
        assert_eq!(fields([0x89, 0x26, 0, 0, 0x0d, 0xef]), (0, 0, 0, 0, 0, 0xdef));
    }

    #[test]
    fn every_value_of_every_field_survives_parse_and_emit() {
        for background in [0x00, 0x8f] {
            let mut octets = [background; VnTag::LEN];
            octets[..2].copy_from_slice(&EtherType::VN_TAG.to_octets());
            for at in [2, 4] {
                let mut octets = octets;
                for value in 0..=u16::MAX {
                    octets[at..at + 2].copy_from_slice(&value.to_be_bytes());
                    let tag = VnTag::parse(view(&octets));
                    let version = octets[4] >> 4 & 3;
                    if version != 0 {
                        let (expected, found) = (0, version);
                        assert_eq!(tag, Err(TagError::Version { expected, found }));
                        continue;
                    }
                    let mut written = [0xaa; VnTag::LEN];
                    tag.unwrap().emit(&mut written).unwrap();
                    let mut expected = octets;
                    expected[4] &= 0x8f;
                    assert_eq!(written, expected, "from {octets:02x?}");
                }
            }
        }
    }

    #[test]
    fn reserved_bit_is_ignored_on_receipt_and_sent_as_zero() {
        let sent = [0x89, 0x26, 0xc0, 0x05, 0x80, 0x14];
        let mut received = sent;
        received[4] |= 0x40;
        let tag = VnTag::parse(view(&received)).unwrap();
        assert_eq!(tag, VnTag::parse(view(&sent)).unwrap());
        assert_eq!(tag.to_octets(), sent);
    }

    #[test]
    fn downstream_tag_is_looped_only_with_a_source() {
        let (five, twenty) = (Vif::new(5).unwrap(), SourceVif::new(20).unwrap());
        let flood = VnTag::downstream(true, five, Some(twenty));
        assert_eq!(flood.to_octets(), [0x89, 0x26, 0xc0, 0x05, 0x80, 0x14]);
        let single = VnTag::downstream(false, five, None);
        assert_eq!(single.to_octets(), [0x89, 0x26, 0x80, 0x05, 0x00, 0x00]);
    }

    #[test]
    fn tag_names_its_source_upstream_and_its_destination_downstream() {
        let (five, twenty) = (Vif::new(5).unwrap(), SourceVif::new(20).unwrap());
        let upstream = VnTag::upstream(twenty).channel();
        assert_eq!(upstream, Channel::vntag(false, twenty.to_vif()));
        let list = VnTag::downstream(true, five, Some(twenty)).channel();
        assert_eq!(list, Channel::vntag(true, five));
        assert_ne!(list, VnTag::downstream(false, five, None).channel());
    }

    #[test]
    fn vntag_cut_off_anywhere_is_an_error_and_writes_nothing() {
        let octets = [0x89, 0x26, 0xff, 0xff, 0x8f, 0xff];
        let tag = VnTag::parse(view(&octets)).unwrap();
        for found in 0..VnTag::LEN {
            let error = TagError::Truncated { tag: EtherType::VN_TAG, expected: 6, found };
            assert_eq!(VnTagView::new_checked(&octets[..found]).unwrap_err(), error);
            let mut room = [0xaa; VnTag::LEN];
            assert_eq!(tag.emit(&mut room[..found]), Err(error));
            assert_eq!(room, [0xaa; VnTag::LEN]);
        }
    }

    #[test]
    fn vif_takes_what_its_field_holds_and_no_more() {
        for value in 0..=u16::MAX {
            assert_eq!(Vif::new(value).is_ok(), value < 1 << 14);
            assert_eq!(SourceVif::new(value).is_ok(), value < 1 << 12);
            if let Ok(vif) = Vif::new(value) {
                assert_eq!(vif.source(), SourceVif::new(value).ok());
            }
        }
    }
}
