// SPDX-License-Identifier: MIT
//! Ethernet's own vocabulary: addresses, EtherTypes, VLAN identifiers, priorities.
//! Everything that reads or writes a frame or a table row stands on these types; they are
//! `Copy`, never allocate, and hold only values that their fields on the wire can hold.

mod mac;

use std::fmt;

use thiserror::Error;

pub use mac::{MacAddr, MacParseError};

/// Octets of one MAC address.
pub const ADDRESS_LEN: usize = 6;
/// Octets of destination and source address together; a link's tag stands directly behind them.
pub const ADDRESSES_LEN: usize = 2 * ADDRESS_LEN;
/// Octets of an EtherType.
pub const ETHERTYPE_LEN: usize = 2;
/// Octets of addresses and EtherType; a frame with fewer is a runt.
pub const HEADER_LEN: usize = ADDRESSES_LEN + ETHERTYPE_LEN;
/// Octets, without FCS, to which the MAC behind the machine pads a shorter frame with zeros.
pub const MIN_FRAME_LEN: usize = 60;

/// A number does not fit the field that it is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{field}: expected 0..={max} ({max:#x}), found {found} ({found:#x})")]
pub struct RangeError {
    /// The field, by its name in the standard.
    pub field: &'static str,
    /// The largest value that the field holds.
    pub max: u64,
    /// What was to be put there.
    pub found: u64,
}

/// Declares an unsigned field that is narrower than the integer it is kept in.
macro_rules! bounded_field {
    ($(#[$doc:meta])* $name:ident($int:ty), $field:literal, 0..=$max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "u64", into = "u64")]
        pub struct $name($int);

        impl $name {
            /// The largest value.
            pub const MAX: Self = Self($max);

            #[doc = concat!("Checks that `value` is 0..=", stringify!($max), ", else [`RangeError`].")]
            ///
            /// [`RangeError`]: crate::ether::RangeError
            #[inline]
            pub const fn new(value: $int) -> Result<Self, $crate::ether::RangeError> {
                if value > $max {
                    return Err($crate::ether::RangeError {
                        field: $field,
                        max: $max,
                        found: value as u64,
                    });
                }
                Ok(Self(value))
            }

            /// The value as a number.
            #[inline]
            pub const fn get(self) -> $int {
                self.0
            }
        }

        impl TryFrom<u64> for $name {
            type Error = $crate::ether::RangeError;

            fn try_from(found: u64) -> Result<Self, Self::Error> {
                let out_of_range = $crate::ether::RangeError { field: $field, max: $max, found };
                <$int>::try_from(found).map_err(|_| out_of_range).and_then(Self::new)
            }
        }

        impl From<$name> for u64 {
            #[inline]
            fn from(value: $name) -> u64 {
                value.0.into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
pub(crate) use bounded_field;

/// What an Ethernet header announces next. Values without a name here are kept as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EtherType(pub u16);

impl EtherType {
    /// A customer's VLAN tag (802.1Q).
    pub const C_TAG: Self = Self(0x8100);
    /// A service VLAN tag (802.1Q); here also the tag of an S-channel.
    pub const S_TAG: Self = Self(0x88a8);
    /// A service VLAN tag as bridges sent it before 0x88A8 was assigned.
    pub const Q_IN_Q: Self = Self(0x9100);
    /// E-TAG (802.1BR).
    pub const E_TAG: Self = Self(0x893f);
    /// VN-Tag.
    pub const VN_TAG: Self = Self(0x8926);
    /// MAC control: PAUSE and PFC.
    pub const MAC_CONTROL: Self = Self(0x8808);
    /// Link Layer Discovery Protocol.
    pub const LLDP: Self = Self(0x88cc);
    /// Edge Control Protocol (802.1Qbg), which carries VDP.
    pub const ECP: Self = Self(0x8940);
    /// Congestion notification; stands inside the VLAN tag.
    pub const CN_TAG: Self = Self(0x22e9);

    /// From the order of the wire.
    #[inline]
    pub const fn from_octets(octets: [u8; ETHERTYPE_LEN]) -> Self {
        Self(u16::from_be_bytes(octets))
    }

    /// In the order of the wire.
    #[inline]
    pub const fn to_octets(self) -> [u8; ETHERTYPE_LEN] {
        self.0.to_be_bytes()
    }

    /// One of the VLAN tags behind which a family tag is still looked for: 0x8100, 0x88A8, 0x9100.
    #[inline]
    pub const fn is_vlan_tag(self) -> bool {
        matches!(self, Self::C_TAG | Self::S_TAG | Self::Q_IN_Q)
    }
}

impl fmt::Display for EtherType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:04x}", self.0)
    }
}

bounded_field! {
    /// A VLAN's identifier, 0..=4095; 0 in a tag means "priority only".
    VlanId(u16), "VID", 0..=4095
}

impl VlanId {
    /// 0xFFF, which 802.1Q reserves: no frame may carry it.
    pub const RESERVED: Self = Self::MAX;

    /// The low 12 bits of a tag's word.
    #[inline]
    pub const fn from_tci(tci: u16) -> Self {
        Self(tci & Self::MAX.0)
    }
}

bounded_field! {
    /// A priority code point, 0..=7.
    Pcp(u8), "PCP", 0..=7
}

/// The priority that travels in a tag: PCP and DEI of a VLAN tag, E-PCP and E-DEI of an E-TAG.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Priority {
    /// The code point.
    pub pcp: Pcp,
    /// Drop eligible: may be dropped before frames that are not.
    pub dei: bool,
}

impl Priority {
    /// The high four bits of a tag's word: code point 3, drop eligible 1.
    #[inline]
    pub const fn from_tci(tci: u16) -> Self {
        Self { pcp: Pcp((tci >> 13) as u8), dei: tci >> 12 & 1 == 1 }
    }

    /// The priority in its place in a tag's word; the low 12 bits are 0.
    #[inline]
    pub const fn to_tci(self) -> u16 {
        (self.pcp.0 as u16) << 13 | (self.dei as u16) << 12
    }

    /// The four bits that travel with a frame inside the machine: drop eligible above the code
    /// point.
    #[inline]
    pub const fn code(self) -> u8 {
        (self.dei as u8) << 3 | self.pcp.0
    }

    /// The inverse of [`Priority::code`]; 16 and above are a [`RangeError`].
    #[inline]
    pub const fn from_code(code: u8) -> Result<Self, RangeError> {
        if code > 0xf {
            return Err(RangeError { field: "priority", max: 0xf, found: code as u64 });
        }
        Ok(Self { pcp: Pcp(code & Pcp::MAX.0), dei: code >> 3 == 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use serde::de::{Deserialize, IntoDeserializer, value::Error as ValueError};

    /// Shows a value through its `Serialize`, for which the formatter is the serializer.
    pub(super) struct Serialized<T>(pub(super) T);

    impl<T: Serialize> fmt::Display for Serialized<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.serialize(f)
        }
    }

    #[test]
    fn only_vlan_ethertypes_are_vlan_tags() {
        for value in 0..=u16::MAX {
            let ethertype = EtherType(value);
            assert_eq!(EtherType::from_octets(ethertype.to_octets()), ethertype);
            let expected = [0x8100, 0x88a8, 0x9100].contains(&value);
            assert_eq!(ethertype.is_vlan_tag(), expected, "{ethertype}");
        }
        assert_eq!(EtherType(0x1234).to_octets(), [0x12, 0x34]);
        assert_eq!(EtherType::CN_TAG.to_string(), "0x22e9");
    }

    #[test]
    fn numbers_beyond_their_field_are_refused() {
        for value in 0..=u16::MAX {
            assert_eq!(VlanId::new(value).is_ok(), value <= 4095);
            assert_eq!(VlanId::try_from(u64::from(value)), VlanId::new(value));
        }
        for value in 0..=u8::MAX {
            assert_eq!(Pcp::new(value).is_ok(), value <= 7);
        }
        // 65536 + 5 must not be taken for 5.
        assert_eq!(VlanId::try_from(65_541_u64).unwrap_err().found, 65_541);
        assert_eq!(
            Pcp::new(8).unwrap_err().to_string(),
            "PCP: expected 0..=7 (0x7), found 8 (0x8)"
        );
        let read = VlanId::deserialize(IntoDeserializer::<ValueError>::into_deserializer(4096_u64));
        assert!(read.unwrap_err().to_string().starts_with("VID: expected"));
        assert_eq!(Serialized(VlanId::RESERVED).to_string(), "4095");
    }

    #[test]
    fn every_tag_word_splits_into_priority_and_vid_and_joins_again() {
        for tci in 0..=u16::MAX {
            let (priority, vid) = (Priority::from_tci(tci), VlanId::from_tci(tci));
            assert_eq!(priority.to_tci() | vid.get(), tci);
        }
        let priority = Priority::from_tci(0xb065);
        assert_eq!((priority.pcp.get(), priority.dei), (5, true));
    }

    #[test]
    fn priority_inside_the_machine_has_drop_eligible_on_top() {
        let priority = Priority { pcp: Pcp::new(5).unwrap(), dei: false };
        assert_eq!(priority.code(), 0b0101);
        assert_eq!(Priority { dei: true, ..priority }.code(), 0b1101);
        for code in 0..=u8::MAX {
            let read = Priority::from_code(code).map(Priority::code).ok();
            assert_eq!(read, (code < 16).then_some(code));
        }
    }
}
