// SPDX-License-Identifier: MIT
//! MAC addresses: their classes, their text, and their 48-bit number.
//! Bindings are keyed by them, and a bridge's reserved ones are told apart here.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use super::{ADDRESS_LEN, RangeError};

/// A MAC address, in the order of the wire. Text and serde form: `52:54:00:00:00:01`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddr(pub [u8; ADDRESS_LEN]);

impl MacAddr {
    /// All ones.
    pub const BROADCAST: Self = Self([0xff; ADDRESS_LEN]);

    /// A group address (multicast or broadcast): the first octet's lowest bit is 1.
    #[inline]
    pub const fn is_group(self) -> bool {
        self.0[0] & 1 == 1
    }

    /// The address of every station.
    #[inline]
    pub const fn is_broadcast(self) -> bool {
        self.to_u64() == Self::BROADCAST.to_u64()
    }

    /// One of 01-80-C2-00-00-00..0F, which a bridge does not forward (docs/rules.md).
    #[inline]
    pub const fn is_reserved(self) -> bool {
        self.to_u64() >> 4 == 0x0180_c200_0000 >> 4
    }

    /// The address as a 48-bit number; the first octet on the wire is the most significant.
    #[inline]
    pub const fn to_u64(self) -> u64 {
        let [a, b, c, d, e, f] = self.0;
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }

    /// The inverse of [`MacAddr::to_u64`]; a number of more than 48 bits is a [`RangeError`].
    #[inline]
    pub const fn from_u64(bits: u64) -> Result<Self, RangeError> {
        let [high, low, a, b, c, d, e, f] = bits.to_be_bytes();
        if high != 0 || low != 0 {
            return Err(RangeError {
                field: "MAC address",
                max: Self::BROADCAST.to_u64(),
                found: bits,
            });
        }
        Ok(Self([a, b, c, d, e, f]))
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// A text is not a MAC address; says where it stops being one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("MAC address, such as 52:54:00:00:00:01: expected {expected} as character {at}, found {}",
    DisplayFound(*.found))]
pub struct MacParseError {
    /// The position in the text, counted in characters from 1.
    pub at: usize,
    /// What belongs there.
    pub expected: &'static str,
    /// What stands there; nothing where the text ended.
    pub found: Option<char>,
}

/// Shows the end of a text in words.
struct DisplayFound(Option<char>);

impl fmt::Display for DisplayFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(found) => write!(f, "{found:?}"),
            None => f.write_str("the end"),
        }
    }
}

impl FromStr for MacAddr {
    type Err = MacParseError;

    fn from_str(text: &str) -> Result<Self, MacParseError> {
        let mut octets = [0; ADDRESS_LEN];
        let mut characters = text.chars();
        for at in 0..3 * ADDRESS_LEN {
            let found = characters.next();
            let error = |expected| MacParseError { at: at + 1, expected, found };
            if at == 3 * ADDRESS_LEN - 1 {
                found.map_or(Ok(()), |_| Err(error("the end")))?;
            } else if at % 3 == 2 {
                (found == Some(':')).then_some(()).ok_or(error("a colon"))?;
            } else {
                let digit = found.and_then(|c| c.to_digit(16));
                let digit = digit.ok_or(error("a hexadecimal digit"))?;
                octets[at / 3] = octets[at / 3] << 4 | digit as u8;
            }
        }
        Ok(Self(octets))
    }
}

impl Serialize for MacAddr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MacAddr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl de::Visitor<'_> for Text {
            type Value = MacAddr;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a MAC address such as \"52:54:00:00:00:01\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<MacAddr, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ether::tests::Serialized;
    use serde::de::{IntoDeserializer, value::Error as ValueError};

    #[test]
    fn mac_address_keeps_its_text_through_parse_display_and_serde() {
        let text = "52:54:00:aB:0c:01";
        let mac: MacAddr = text.parse().unwrap();
        assert_eq!(mac, MacAddr([0x52, 0x54, 0x00, 0xab, 0x0c, 0x01]));
        assert_eq!(mac.to_string(), "52:54:00:ab:0c:01");
        assert_eq!(Serialized(mac).to_string(), mac.to_string());
        let read = MacAddr::deserialize(IntoDeserializer::<ValueError>::into_deserializer(text));
        assert_eq!(read, Ok(mac));
    }

    #[test]
    fn malformed_mac_address_says_where_and_what() {
        let cases = [
            ("", 1, "a hexadecimal digit", None),
            ("52:54:00:00:00:0", 17, "a hexadecimal digit", None),
            ("52:54:00:00:00", 15, "a colon", None),
            ("52:54:00:00:00:012", 18, "the end", Some('2')),
            ("52:54:00:00:00:01:", 18, "the end", Some(':')),
            ("52-54-00-00-00-01", 3, "a colon", Some('-')),
            ("525400000001", 3, "a colon", Some('5')),
            ("5:254:00:00:00:01", 2, "a hexadecimal digit", Some(':')),
            ("52:5g:00:00:00:01", 5, "a hexadecimal digit", Some('g')),
            ("52:+4:00:00:00:01", 4, "a hexadecimal digit", Some('+')),
            (" 52:54:00:00:00:01", 1, "a hexadecimal digit", Some(' ')),
            ("52:54:é0:00:00:01", 7, "a hexadecimal digit", Some('é')),
        ];
        for (text, at, expected, found) in cases {
            let error = MacParseError { at, expected, found };
            assert_eq!(text.parse::<MacAddr>(), Err(error), "{text:?}");
        }
        assert_eq!(
            "52-".parse::<MacAddr>().unwrap_err().to_string(),
            "MAC address, such as 52:54:00:00:00:01: expected a colon as character 3, found '-'"
        );
        let read = MacAddr::deserialize(IntoDeserializer::<ValueError>::into_deserializer("52"));
        assert!(read.unwrap_err().to_string().ends_with("found the end"));
    }

    #[test]
    fn first_octet_of_a_mac_address_is_most_significant() {
        let mac = MacAddr([1, 2, 3, 4, 5, 6]);
        assert_eq!(mac.to_u64(), 0x0102_0304_0506);
        for bit in 0..48 {
            let mac = MacAddr::from_u64(1 << bit).unwrap();
            assert_eq!(mac.to_u64(), 1 << bit);
            assert_eq!(mac.0[5 - bit / 8], 1 << (bit % 8));
        }
        for bit in 48..64 {
            assert_eq!(MacAddr::from_u64(1 << bit).unwrap_err().found, 1 << bit);
        }
    }

    #[test]
    fn reserved_group_and_broadcast_addresses_are_told_apart() {
        let base = 0x0180_c200_0000;
        for offset in 0..=0xff {
            let mac = MacAddr::from_u64(base + offset).unwrap();
            assert_eq!(mac.is_reserved(), offset <= 0xf, "{mac}");
            assert!(mac.is_group() && !mac.is_broadcast(), "{mac}");
        }
        for bit in 4..48 {
            let mac = MacAddr::from_u64(base ^ 1 << bit).unwrap();
            assert!(!mac.is_reserved(), "{mac}");
            assert_eq!(mac.is_group(), bit != 40, "{mac}");
        }
        assert!(MacAddr::BROADCAST.is_broadcast() && MacAddr::BROADCAST.is_group());
        for bit in 0..48 {
            let mac = MacAddr::from_u64(MacAddr::BROADCAST.to_u64() ^ 1 << bit).unwrap();
            assert!(!mac.is_broadcast(), "{mac}");
        }
    }
}
