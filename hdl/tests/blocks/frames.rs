// SPDX-License-Identifier: MIT
//! Random frames as hosts and neighbours send them, sane, forged and cut off, and what docs/rules.md sees in them: what the
//! blocks that read headers are held against.

use rust_hdl::prelude::*;
use vireo_hdl::blocks::parse::Parsed;
use vireo_hdl::blocks::slot::Origin;
use vireo_spec::ether::{ADDRESSES_LEN, EtherType, MacAddr};
use vireo_spec::tag::TagFamily;

use crate::bench::Random;

/// Octets of a frame that the machine looks at.
pub(crate) const FRONT: usize = 32;

/// What announces a tag, VLAN tags first.
const TAGS: [EtherType; 5] =
    [EtherType::C_TAG, EtherType::S_TAG, EtherType::Q_IN_Q, EtherType::E_TAG, EtherType::VN_TAG];

/// The front of a frame.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// Its first octets, 32 at most.
    pub(crate) octets: Vec<u8>,
    /// What it announces, outermost first: tags, and the type of what they wrap.
    pub(crate) announces: Vec<EtherType>,
}

impl Frame {
    /// A frame behind at most four tags, of every kind in every order, whole.
    pub(crate) fn random(random: &mut Random) -> Self {
        // VLAN tags are what is looked through, so they are drawn more often.
        let count = random.below(5);
        let tag = |random: &mut Random| {
            let kinds = if random.one_in(2) { 3 } else { 5 };
            TAGS[random.below(kinds) as usize]
        };
        let announced: Vec<EtherType> = (0..count).map(|_| tag(random)).collect();
        Self::with_tags(random, &announced)
    }

    /// A frame behind these tags, of which the outermost stands first.
    pub(crate) fn with_tags(random: &mut Random, tags: &[EtherType]) -> Self {
        let mut octets = destination(random).0.to_vec();
        octets.extend(random.octets(6));
        let inner = match random.below(8) {
            0 => EtherType::LLDP,
            1 => EtherType::ECP,
            2 => EtherType::MAC_CONTROL,
            3 => EtherType::CN_TAG,
            // Types of IP, and lengths: no tag is announced by less than 0x8000.
            _ => EtherType(random.below(0x8000) as u16),
        };
        for &tag in tags {
            octets.extend(tag.to_octets());
            let mut word = random.bits() as u16;
            match random.below(6) {
                0 => word &= 0xF000,
                1 => word |= 0x0FFF,
                _ => (),
            }
            octets.extend(word.to_be_bytes());
            octets.extend(random.octets(TagFamily::of(tag).map_or(4, TagFamily::len) - 4));
        }
        octets.extend(inner.to_octets());
        // Where no tag is looked for any more, there may be what looks like one.
        let forged = random.one_in(3);
        while octets.len() < FRONT {
            let tag = TAGS[random.below(5) as usize].to_octets();
            octets.extend(if forged { tag.to_vec() } else { random.octets(2) });
        }
        octets.truncate(FRONT);
        Self { octets, announces: tags.iter().copied().chain([inner]).collect() }
    }

    /// The same, cut off somewhere.
    pub(crate) fn cut_off(mut self, random: &mut Random) -> Self {
        self.octets.truncate(1 + random.below(FRONT as u64) as usize);
        self
    }
}

fn destination(random: &mut Random) -> MacAddr {
    let number = random.bits() & MacAddr::BROADCAST.to_u64();
    let number = match random.below(8) {
        0 => MacAddr::BROADCAST.to_u64(),
        1 => MacAddr::BROADCAST.to_u64() ^ 1 << random.below(48),
        2 | 3 => 0x0180_C200_0000 | random.below(16),
        // Not quite reserved.
        4 => (0x0180_C200_0000 | random.below(16)) ^ 1 << (4 + random.below(44)),
        5 => number | 1 << 40,
        _ => number,
    };
    MacAddr::from_u64(number).expect("48 bits")
}

/// What the rows say of where a frame comes from: anything.
pub(crate) fn origin(random: &mut Random) -> Origin {
    let (flags, numbers) = (random.bits(), random.bits());
    let flag = |at: u32| flags >> at & 1 == 1;
    Origin {
        kind: random.below(4).to_bits(),
        index: random.below(64).to_bits(),
        enabled: flag(0),
        link: random.below(8).to_bits(),
        family: random.below(3).to_bits(),
        bridge: flag(1),
        growth: [0_u64, 4, 6, 8][(flags >> 8 & 3) as usize].to_bits(),
        channel: (numbers & 0x3F_FFFF).to_bits(),
        trust: flag(2),
        default_priority: (flags >> 16 & 7).to_bits(),
        check_source: flag(3),
        guard: flag(4),
        control: flag(5),
        pvid: (flags >> 32 & 0xFFF).to_bits(),
        maximum: (flags >> 44 & 0x3FFF).to_bits(),
        looped: flag(6),
        source: (numbers >> 24 & 0x3F_FFFF).to_bits(),
        priority: (numbers >> 60).to_bits(),
    }
}

/// What docs/rules.md sees in a frame that begins with these octets, where it enters at a link or a port, of an S-TAG link or
/// another. Zeros stand for octets that it does not have.
pub(crate) fn described(octets: &[u8], at_link: bool, s_tag_link: bool) -> Parsed {
    let mut front = [0; FRONT];
    front[..octets.len()].copy_from_slice(octets);
    let word = |at: usize| u16::from_be_bytes([front[at], front[at + 1]]);
    let ethertype = |at: usize| EtherType(word(at));
    let family = |at: usize| {
        TagFamily::of(ethertype(at)).filter(|&family| family != TagFamily::STag || s_tag_link)
    };
    let outermost = family(ADDRESSES_LEN).filter(|_| at_link);
    // The host frame's EtherType, and the VLAN tags from there on.
    let host = ADDRESSES_LEN + outermost.map_or(0, TagFamily::len);
    let vlans = (0..3).take_while(|depth| ethertype(host + 4 * depth).is_vlan_tag()).count();
    let looked_through = vlans.min(2);
    let tagged = ethertype(host) == EtherType::C_TAG;
    let address = |at: usize| MacAddr(*front[at..].first_chunk().expect("6 octets"));
    let to = address(0);
    Parsed {
        valid: true,
        runt: octets.len() < host + 2 + 4 * looked_through,
        mac_control: [ADDRESSES_LEN, host].map(ethertype).contains(&EtherType::MAC_CONTROL),
        tag: outermost.map_or(0, |family| u64::from(family.code()) + 1).to_bits(),
        word0: u64::from(word(14)).to_bits(),
        word1: u64::from(word(16)).to_bits(),
        word2: u64::from(word(18)).to_bits(),
        class: (u64::from(to.is_group()) + u64::from(to.is_broadcast())).to_bits(),
        reserved: to.is_reserved(),
        mac: address(6).to_u64().to_bits(),
        tagged,
        tci: if tagged { u64::from(word(host + 2)) } else { 0 }.to_bits(),
        discovery: [EtherType::LLDP, EtherType::ECP].contains(&ethertype(host)),
        tag_present: (0..=looked_through).any(|depth| family(host + 4 * depth).is_some()),
        tag_depth: vlans == 3,
    }
}
