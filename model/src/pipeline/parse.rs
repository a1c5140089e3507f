// SPDX-License-Identifier: MIT
//! `parse`: what stands where in a header, and what docs/rules.md asks of it that needs no table (docs/pipeline.md, 3.3).

use vireo_spec::ether::{ADDRESSES_LEN, EtherType, HEADER_LEN, MacAddr, Priority, VlanId};
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::rows::{LinkRow, PortRow};
use vireo_spec::tag::{Channel, Role, TagFamily};

/// Clocks from the window to docs/pipeline.md's cycle `c`: the header's registers, and behind them the four clocks of parse.
pub(crate) const PARSED: usize = 5;

/// The first octets of a frame, zeros behind its end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Header {
    octets: [u8; Self::OCTETS],
    len: u8,
}

impl Header {
    /// Addresses, E-TAG, two VLAN tags and the EtherType behind them are 30.
    pub(crate) const OCTETS: usize = 32;

    /// Appends a beat's octets; those that do not fit are not part of the header.
    #[inline]
    pub(crate) fn push<const K: usize>(&mut self, beat: &[u8; K], octets: u8) {
        let (at, room) = (self.len as usize, Self::OCTETS - self.len as usize);
        if K >= Self::OCTETS {
            self.octets.copy_from_slice(&beat[..Self::OCTETS]);
        } else {
            self.octets[at..at + K].copy_from_slice(beat);
        }
        self.len += octets.min(room as u8);
    }

    #[inline]
    fn word(&self, at: usize) -> u16 {
        u16::from_be_bytes([self.octets[at], self.octets[at + 1]])
    }

    #[inline]
    fn ethertype(&self, at: usize) -> EtherType {
        EtherType(self.word(at))
    }

    #[inline]
    fn address(&self, at: usize) -> MacAddr {
        MacAddr(self.octets[at..at + 6].try_into().expect("six octets"))
    }

    #[inline]
    pub(crate) fn destination(&self) -> MacAddr {
        self.address(0)
    }

    #[inline]
    pub(crate) fn source(&self) -> MacAddr {
        self.address(6)
    }

    /// The tag's octets behind its EtherType, where the outermost is a family tag.
    #[inline]
    pub(crate) fn tag_words(&self) -> [u16; 3] {
        [14, 16, 18].map(|at| self.word(at))
    }

    /// What stands directly behind the addresses, if it is a family tag on a link of `family`.
    #[inline]
    pub(crate) fn family_tag(&self, family: TagFamily) -> Option<TagFamily> {
        family_of(self.ethertype(ADDRESSES_LEN), family)
    }

    /// The header as it would be without a family tag of `removed` octets.
    #[inline]
    pub(crate) fn host(&self, removed: usize, family: TagFamily) -> Host {
        let at = ADDRESSES_LEN + removed;
        let len = self.len as usize;
        let types = [0, 4, 8].map(|behind| self.ethertype(at + behind));
        let vlans = types.iter().take_while(|t| t.is_vlan_tag()).count();
        // The EtherType behind `depth` VLAN tags ends here.
        let needed = at + 4 * vlans.min(2) + 2;
        let tci = self.word(at + 2);
        let c_tag = (types[0] == EtherType::C_TAG).then_some(tci);
        Host {
            runt: len < HEADER_LEN || len < needed,
            ethertype: types[0],
            tag_present: types[..=vlans.min(2)].iter().any(|&t| family_of(t, family).is_some()),
            tag_depth: vlans == 3,
            vlan: c_tag.map_or(VlanId::default(), VlanId::from_tci),
            priority: c_tag.map(Priority::from_tci),
        }
    }

    /// Whether the frame is MAC control: its EtherType stands directly behind the addresses, or behind a family tag.
    #[inline]
    pub(crate) fn is_mac_control(&self, removed: usize) -> bool {
        self.ethertype(ADDRESSES_LEN) == EtherType::MAC_CONTROL
            || self.ethertype(ADDRESSES_LEN + removed) == EtherType::MAC_CONTROL
    }
}

/// A family tag: E-TAG and VN-Tag everywhere, S-TAG on an S-TAG link.
fn family_of(ethertype: EtherType, link: TagFamily) -> Option<TagFamily> {
    TagFamily::of(ethertype).filter(|&f| f != TagFamily::STag || link == TagFamily::STag)
}

/// A host frame, as its header tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Host {
    /// It ends before its header does.
    pub(crate) runt: bool,
    /// Directly behind the addresses.
    pub(crate) ethertype: EtherType,
    /// A family tag behind none, one or two VLAN tags.
    pub(crate) tag_present: bool,
    /// A third VLAN tag.
    pub(crate) tag_depth: bool,
    /// The frame's VLAN; 0 if it is untagged.
    pub(crate) vlan: VlanId,
    /// Its C-TAG's priority.
    pub(crate) priority: Option<Priority>,
}

impl Host {
    /// The host-frame checks of docs/rules.md that need no lookup; `reserved`: the destination is a reserved address.
    #[inline]
    pub(crate) fn checks(&self, reserved: bool, port: &PortRow) -> Option<Disposition> {
        let dropped = |reason| Some(Disposition::Dropped(reason));
        if reserved && port.guard_reserved {
            dropped(DropReason::ReservedAddress)
        } else if reserved
            && port.control
            && matches!(self.ethertype, EtherType::LLDP | EtherType::ECP)
        {
            Some(Disposition::Control)
        } else if self.tag_present {
            dropped(DropReason::TagPresent)
        } else if self.tag_depth {
            dropped(DropReason::TagDepth)
        } else if self.vlan == VlanId::RESERVED {
            dropped(DropReason::ReservedVlan)
        } else {
            None
        }
    }
}

impl Default for Host {
    fn default() -> Self {
        Header::default().host(0, TagFamily::ETag)
    }
}

/// What the outermost family tag says; all 0 without one of the link's own family.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LinkTag {
    /// Octets.
    pub(crate) len: usize,
    /// The tag is the link's family's, of a version and direction that the link takes.
    pub(crate) good: bool,
    pub(crate) channel: Channel,
    /// The source's channel on this link, if the tag names one: only the bits that pruning compares.
    pub(crate) ingress: Option<u32>,
    pub(crate) priority: Option<Priority>,
}

impl LinkTag {
    pub(crate) fn parse(header: &Header, link: &LinkRow) -> Self {
        let Some(family) = header.family_tag(link.family) else { return Self::default() };
        let len = family.len();
        if family != link.family {
            return Self { len, ..Self::default() };
        }
        let [first, second, third] = header.tag_words();
        let channel = |bits: u32| Channel::from_bits(bits).expect("22 bits");
        match family {
            TagFamily::ETag => {
                let (ingress_ext, ext) = (u32::from(third >> 8), u32::from(third & 0xFF));
                let ingress = u32::from(first & 0xFFF) << 8 | ingress_ext;
                Self {
                    len,
                    good: true,
                    channel: channel(u32::from(second & 0x3FFF) << 8 | ext),
                    ingress: Some(ingress).filter(|&ingress| ingress != 0),
                    priority: Some(Priority::from_tci(first)),
                }
            }
            TagFamily::VnTag => {
                let (downstream, list) = (first >> 15 == 1, first >> 14 & 1);
                let (looped, version) = (second >> 15 == 1, second >> 12 & 3);
                let svif = u32::from(second & 0xFFF);
                let vif = match link.role {
                    Role::Extender => u32::from(list) << 14 | u32::from(first & 0x3FFF),
                    Role::Bridge => svif,
                };
                Self {
                    len,
                    good: version == 0 && downstream == (link.role == Role::Extender),
                    channel: channel(vif),
                    ingress: looped.then_some(svif),
                    priority: None,
                }
            }
            TagFamily::STag => Self {
                len,
                good: true,
                channel: channel(u32::from(first & 0xFFF)),
                ingress: None,
                priority: Some(Priority::from_tci(first)),
            },
        }
    }

    /// What pruning compares of a channel: E-CID base and extension, or the VIF.
    pub(crate) fn pruned_bits(family: TagFamily) -> u32 {
        match family {
            TagFamily::ETag => (1 << 20) - 1,
            TagFamily::VnTag | TagFamily::STag => (1 << 14) - 1,
        }
    }
}
