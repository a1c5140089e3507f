// SPDX-License-Identifier: MIT
//! Rows of the tables: typed values, and their packing into the words that software stages and hardware stores.
//!
//! A typed row packs and unpacks without loss; bits that belong to no field read as 0.

mod fields;

pub use fields::{binding, channel, disposition, group, port, traffic, vlan};

use crate::ether::{MacAddr, Pcp, VlanId};
use crate::field::{Field, ROW_WORDS, Words};
use crate::ports::PortSet;
use crate::tag::{Channel, Role, TagFamily};

/// Octets of the longest frame unless configured, without the family tag.
pub const DEFAULT_MAXIMUM: u16 = 9216;

fn flag(field: Field, words: &Words) -> bool {
    field.get(words) != 0
}

// A field is as wide as what stands in it, so these conversions cannot fail.
const FITS: &str = "a field is as wide as its type";

fn channel_in(field: Field, words: &Words) -> Channel {
    Channel::from_bits(field.get(words) as u32).expect(FITS)
}

fn pcp_in(field: Field, words: &Words) -> Pcp {
    Pcp::new(field.get(words) as u8).expect(FITS)
}

fn vlan_in(field: Field, words: &Words) -> VlanId {
    VlanId::from_tci(field.get(words) as u16)
}

fn mac_in(field: Field, words: &Words) -> MacAddr {
    MacAddr::from_u64(field.get(words)).expect(FITS)
}

/// What a link is: its row, a register of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkRow {
    /// Frames enter and leave by this link.
    pub enabled: bool,
    /// Which end of the link the machine is.
    pub role: Role,
    /// The family of its tags.
    pub family: TagFamily,
    /// Octets of the longest frame, without the family tag; 14 bits.
    pub maximum: u16,
}

impl LinkRow {
    /// The register's value.
    pub fn pack(&self) -> u32 {
        use crate::registers::link as f;
        f::MAXIMUM.at(self.maximum.into())
            | f::FAMILY.at(self.family.code().into())
            | f::ROLE.at(self.role.code().into())
            | f::ENABLED.at(self.enabled.into())
    }

    /// The row of a register's value; the reserved family code 3 reads as S-TAG (docs/pipeline.md, 3.1).
    pub fn unpack(register: u32) -> Self {
        use crate::registers::link as f;
        Self {
            enabled: f::ENABLED.of(register) != 0,
            role: Role::from_code(f::ROLE.of(register) as u8).unwrap_or(Role::Bridge),
            family: TagFamily::from_code(f::FAMILY.of(register) as u8).unwrap_or(TagFamily::STag),
            maximum: f::MAXIMUM.of(register) as u16,
        }
    }
}

/// A port: an extender's extended port, or a bridge's virtual port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortRow {
    /// Frames enter and leave by this port.
    pub enabled: bool,
    /// The link that its channel is on; 3 bits.
    pub link: u8,
    /// Its own channel on that link.
    pub channel: Channel,
    /// The tag's priority comes from the frame's C-TAG, where it has one.
    pub trust_priority: bool,
    /// The tag's priority otherwise.
    pub default_priority: Pcp,
    /// Frames from unbound sources are dropped.
    pub check_source: bool,
    /// Frames to reserved addresses are dropped.
    pub guard_reserved: bool,
    /// LLDP and ECP to a reserved address go to the control port.
    pub control: bool,
    /// VLAN of frames that are untagged or carry VID 0.
    pub pvid: VlanId,
    /// Octets of the longest frame; 14 bits.
    pub maximum: u16,
}

impl PortRow {
    /// Packs the row.
    pub fn pack(&self) -> Words {
        use port as f;
        let mut words = [0; ROW_WORDS];
        f::CHANNEL.set(&mut words, self.channel.bits().into());
        f::LINK.set(&mut words, self.link.into());
        f::ENABLED.set(&mut words, self.enabled.into());
        f::TRUST_PRIORITY.set(&mut words, self.trust_priority.into());
        f::CHECK_SOURCE.set(&mut words, self.check_source.into());
        f::GUARD_RESERVED.set(&mut words, self.guard_reserved.into());
        f::CONTROL.set(&mut words, self.control.into());
        f::DEFAULT_PRIORITY.set(&mut words, u64::from(self.default_priority));
        f::PVID.set(&mut words, self.pvid.into());
        f::MAXIMUM.set(&mut words, self.maximum.into());
        words
    }

    /// Unpacks a row.
    pub fn unpack(words: &Words) -> Self {
        use port as f;
        Self {
            enabled: flag(f::ENABLED, words),
            link: f::LINK.get(words) as u8,
            channel: channel_in(f::CHANNEL, words),
            trust_priority: flag(f::TRUST_PRIORITY, words),
            default_priority: pcp_in(f::DEFAULT_PRIORITY, words),
            check_source: flag(f::CHECK_SOURCE, words),
            guard_reserved: flag(f::GUARD_RESERVED, words),
            control: flag(f::CONTROL, words),
            pvid: vlan_in(f::PVID, words),
            maximum: f::MAXIMUM.get(words) as u16,
        }
    }
}

/// A bridge's group: what enters by it leaves once, on a channel that the extender replicates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupRow {
    /// Frames enter by this group.
    pub enabled: bool,
    /// The link that the copy leaves on; 3 bits.
    pub link: u8,
    /// The channel that it leaves with.
    pub channel: Channel,
    /// The tag's priority comes from the frame's C-TAG, where it has one.
    pub trust_priority: bool,
    /// The tag's priority otherwise.
    pub default_priority: Pcp,
}

impl GroupRow {
    /// Packs the row.
    pub fn pack(&self) -> Words {
        use group as f;
        let mut words = [0; ROW_WORDS];
        f::CHANNEL.set(&mut words, self.channel.bits().into());
        f::LINK.set(&mut words, self.link.into());
        f::ENABLED.set(&mut words, self.enabled.into());
        f::TRUST_PRIORITY.set(&mut words, self.trust_priority.into());
        f::DEFAULT_PRIORITY.set(&mut words, u64::from(self.default_priority));
        words
    }

    /// Unpacks a row.
    pub fn unpack(words: &Words) -> Self {
        use group as f;
        Self {
            enabled: flag(f::ENABLED, words),
            link: f::LINK.get(words) as u8,
            channel: channel_in(f::CHANNEL, words),
            trust_priority: flag(f::TRUST_PRIORITY, words),
            default_priority: pcp_in(f::DEFAULT_PRIORITY, words),
        }
    }
}

/// A channel of a link, and who gets what arrives on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelRow {
    /// The link; 3 bits.
    pub link: u8,
    /// The channel on it.
    pub channel: Channel,
    /// Member ports; at a bridge the one virtual port.
    pub members: PortSet,
}

impl ChannelRow {
    /// The key that the table hashes (docs/pipeline.md, section 4).
    pub fn key(link: u8, channel: Channel) -> u128 {
        u128::from(channel.bits()) | u128::from(link) << 22
    }

    /// Packs the row, valid.
    pub fn pack(&self) -> Words {
        use channel as f;
        let mut words = [0; ROW_WORDS];
        f::CHANNEL.set(&mut words, self.channel.bits().into());
        f::LINK.set(&mut words, self.link.into());
        f::VALID.set(&mut words, 1);
        f::MEMBERS.set(&mut words, self.members.bits());
        words
    }

    /// Unpacks a row; `None` if it is not valid.
    pub fn unpack(words: &Words) -> Option<Self> {
        use channel as f;
        flag(f::VALID, words).then(|| Self {
            link: f::LINK.get(words) as u8,
            channel: channel_in(f::CHANNEL, words),
            members: PortSet::from_bits(f::MEMBERS.get(words)),
        })
    }
}

/// A source address that a port may send from in a VLAN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BindingRow {
    /// The port; 6 bits.
    pub port: u8,
    /// The source address.
    pub mac: MacAddr,
    /// The VLAN.
    pub vlan: VlanId,
}

impl BindingRow {
    /// The key that the table hashes (docs/pipeline.md, section 4).
    pub fn key(port: u8, mac: MacAddr, vlan: VlanId) -> u128 {
        u128::from(vlan.get()) | u128::from(mac.to_u64()) << 12 | u128::from(port) << 60
    }

    /// Packs the row, valid.
    pub fn pack(&self) -> Words {
        use binding as f;
        let mut words = [0; ROW_WORDS];
        f::MAC.set(&mut words, self.mac.to_u64());
        f::VLAN.set(&mut words, self.vlan.into());
        f::PORT.set(&mut words, self.port.into());
        f::VALID.set(&mut words, 1);
        words
    }

    /// Unpacks a row; `None` if it is not valid.
    pub fn unpack(words: &Words) -> Option<Self> {
        use binding as f;
        flag(f::VALID, words).then(|| Self {
            port: f::PORT.get(words) as u8,
            mac: mac_in(f::MAC, words),
            vlan: vlan_in(f::VLAN, words),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(bits: u32) -> Channel {
        Channel::from_bits(bits).unwrap()
    }

    fn cleared(words: &Words, fields: &[Field]) -> Words {
        let mut rest = *words;
        fields.iter().for_each(|f| f.set(&mut rest, 0));
        rest
    }

    #[test]
    fn fields_of_a_row_do_not_overlap() {
        for fields in [
            port::FIELDS,
            group::FIELDS,
            channel::FIELDS,
            binding::FIELDS,
            vlan::FIELDS,
            traffic::FIELDS,
            disposition::FIELDS,
        ] {
            let ones: usize = fields.iter().map(|f| f.width).sum();
            let mut words = [0; ROW_WORDS];
            fields.iter().for_each(|f| f.set(&mut words, f.max()));
            assert_eq!(words.iter().map(|w| w.count_ones() as usize).sum::<usize>(), ones);
            assert_eq!(cleared(&words, fields), [0; ROW_WORDS]);
        }
    }

    #[test]
    fn rows_survive_packing() {
        let port = PortRow {
            enabled: true,
            link: 5,
            channel: channel(0x2A_BCDE),
            trust_priority: true,
            default_priority: Pcp::new(6).unwrap(),
            check_source: true,
            guard_reserved: false,
            control: true,
            pvid: VlanId::new(0xABC).unwrap(),
            maximum: 9216,
        };
        assert_eq!(PortRow::unpack(&port.pack()), port);
        let group = GroupRow {
            enabled: true,
            link: 1,
            channel: channel(0x10_0100),
            trust_priority: false,
            default_priority: Pcp::new(3).unwrap(),
        };
        assert_eq!(GroupRow::unpack(&group.pack()), group);
        let channel = ChannelRow {
            link: 7,
            channel: channel(0x3F_FFFF),
            members: PortSet::from_bits(0x8000_0000_0000_0001),
        };
        assert_eq!(ChannelRow::unpack(&channel.pack()), Some(channel));
        assert_eq!(ChannelRow::unpack(&[0; ROW_WORDS]), None);
        let binding = BindingRow {
            port: 63,
            mac: MacAddr::from_u64(0x5254_0000_00FF).unwrap(),
            vlan: VlanId::new(4094).unwrap(),
        };
        assert_eq!(BindingRow::unpack(&binding.pack()), Some(binding));
        let link =
            LinkRow { enabled: true, role: Role::Bridge, family: TagFamily::VnTag, maximum: 1518 };
        assert_eq!(LinkRow::unpack(link.pack()), link);
    }
}
