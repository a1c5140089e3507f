// SPDX-License-Identifier: MIT
//! What stands where at the front of a frame: addresses, EtherTypes, VLAN tags.
//! Both directions ask it; octets that a frame does not have read as zeros.

use vireo_spec::ether::{ADDRESS_LEN, ADDRESSES_LEN, ETHERTYPE_LEN, EtherType, MacAddr, VlanId};
use vireo_spec::tag::{CTag, CTagView, TagFamily};

/// Octets that hold the longest header: addresses, E-TAG, two VLAN tags and the EtherType behind them are 30.
const LEN: usize = 32;

/// The front of a frame.
pub(super) struct Header {
    octets: [u8; LEN],
    /// Octets of the whole frame.
    frame_len: usize,
}

impl Header {
    /// The front of `frame`, which may have any length.
    pub(super) fn of(frame: &[u8]) -> Self {
        let octets = frame.first_chunk().copied().unwrap_or_else(|| {
            let mut octets = [0; LEN];
            octets[..frame.len()].copy_from_slice(frame);
            octets
        });
        Self { octets, frame_len: frame.len() }
    }

    /// The destination address.
    pub(super) fn destination(&self) -> MacAddr {
        self.address(0)
    }

    /// The source address.
    pub(super) fn source(&self) -> MacAddr {
        self.address(ADDRESS_LEN)
    }

    fn address(&self, at: usize) -> MacAddr {
        MacAddr(std::array::from_fn(|octet| self.octets[at + octet]))
    }

    fn ethertype_at(&self, at: usize) -> EtherType {
        EtherType::from_octets([self.octets[at], self.octets[at + 1]])
    }

    /// What stands directly behind the addresses: a tag, where there is one.
    pub(super) fn behind_addresses(&self) -> &[u8] {
        &self.octets[ADDRESSES_LEN..]
    }

    /// The frame without the `removed` octets of a family tag behind its addresses.
    pub(super) fn host_frame(&self, removed: usize) -> HostFrame<'_> {
        let at = ADDRESSES_LEN + removed;
        let behind_tag = |outer: EtherType, at| outer.is_vlan_tag().then(|| self.ethertype_at(at));
        let first = self.ethertype_at(at);
        let second = behind_tag(first, at + CTag::LEN);
        let third = second.and_then(|second| behind_tag(second, at + 2 * CTag::LEN));
        HostFrame { header: self, at, ethertypes: [Some(first), second, third] }
    }
}

/// A frame as a host sent it: what enters by a port, or what is left of a link's frame once its family tag is off.
#[derive(Clone, Copy)]
pub(super) struct HostFrame<'a> {
    header: &'a Header,
    /// Where its outermost EtherType stands in the frame.
    at: usize,
    /// The EtherType directly behind the addresses, behind one VLAN tag, and behind two.
    ethertypes: [Option<EtherType>; 3],
}

impl HostFrame<'_> {
    /// Its addresses, which no tag moves.
    pub(super) fn header(&self) -> &Header {
        self.header
    }

    /// The EtherType directly behind the addresses.
    pub(super) fn ethertype(&self) -> EtherType {
        self.header.ethertype_at(self.at)
    }

    /// Under 14 octets, or cut off inside the tags, and the EtherType behind them, that it announces.
    pub(super) fn is_runt(&self) -> bool {
        let vlan_tags = self.ethertypes.iter().flatten().count() - 1;
        self.header.frame_len < self.at + vlan_tags * CTag::LEN + ETHERTYPE_LEN
    }

    /// A family tag, on a link of `family`, directly behind the addresses or behind one or two VLAN tags.
    pub(super) fn has_family_tag(&self, family: TagFamily) -> bool {
        self.ethertypes.iter().flatten().any(|&ethertype| is_family_tag(ethertype, family))
    }

    /// A third VLAN tag.
    pub(super) fn is_too_deep(&self) -> bool {
        self.ethertypes[2].is_some_and(EtherType::is_vlan_tag)
    }

    /// The C-TAG directly behind the addresses: the only tag that is the frame's VLAN.
    pub(super) fn c_tag(&self) -> Option<CTag> {
        CTagView::new_checked(&self.header.octets[self.at..]).ok().map(CTag::parse)
    }

    /// The frame's VLAN; 0 where it is untagged.
    pub(super) fn vlan(&self) -> VlanId {
        self.c_tag().map_or(VlanId::default(), |tag| tag.vid)
    }

    /// The frame's VLAN, or `pvid` where it is untagged or carries VID 0.
    pub(super) fn vlan_or(&self, pvid: VlanId) -> VlanId {
        if self.vlan() == VlanId::default() { pvid } else { self.vlan() }
    }
}

/// E-TAG or VN-Tag on any link, and on an S-TAG link also S-TAG.
fn is_family_tag(ethertype: EtherType, link: TagFamily) -> bool {
    match TagFamily::of(ethertype) {
        Some(TagFamily::STag) => link == TagFamily::STag,
        family => family.is_some(),
    }
}
