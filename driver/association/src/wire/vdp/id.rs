// SPDX-License-Identifier: MIT
//! The names of VSIs and of their managers, and their texts.
//! An id's text says its format: a UUID, an IPv4 or IPv6 address, a MAC address, else the format and 32 hexadecimal digits.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vireo_spec::ether::MacAddr;

/// Octets of either.
const LEN: usize = 16;
/// What an IPv4 address stands behind: an IPv4-mapped IPv6 address.
const IPV4_PREFIX: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
/// What a MAC address stands behind.
const MAC_PREFIX: [u8; 10] = [0; 10];
/// Digits of a UUID's groups.
const UUID_GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// Whose VSI types a PDU speaks of. Text: 32 hexadecimal digits.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct ManagerId(pub [u8; LEN]);

/// How a VSI's id is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdFormat {
    /// 1: an IPv4 address, mapped into an IPv6 address.
    Ipv4,
    /// 2: an IPv6 address.
    Ipv6,
    /// 3: a MAC address, in the last 6 octets.
    Mac,
    /// 4: what the station made up.
    Local,
    /// 5: a UUID (RFC 4122).
    Uuid,
    /// Any other, which a bridge refuses.
    Unknown(u8),
}

impl IdFormat {
    pub(super) const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Ipv4,
            2 => Self::Ipv6,
            3 => Self::Mac,
            4 => Self::Local,
            5 => Self::Uuid,
            code => Self::Unknown(code),
        }
    }

    /// The number on the wire.
    pub const fn code(self) -> u8 {
        match self {
            Self::Ipv4 => 1,
            Self::Ipv6 => 2,
            Self::Mac => 3,
            Self::Local => 4,
            Self::Uuid => 5,
            Self::Unknown(code) => code,
        }
    }
}

impl fmt::Display for IdFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4 => f.write_str("ipv4"),
            Self::Ipv6 => f.write_str("ipv6"),
            Self::Mac => f.write_str("mac"),
            Self::Local => f.write_str("local"),
            Self::Uuid => f.write_str("uuid"),
            Self::Unknown(code) => write!(f, "format-{code}"),
        }
    }
}

impl IdFormat {
    /// The inverse of `Display`.
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "ipv4" => Some(Self::Ipv4),
            "ipv6" => Some(Self::Ipv6),
            "mac" => Some(Self::Mac),
            "local" => Some(Self::Local),
            "uuid" => Some(Self::Uuid),
            _ => name.strip_prefix("format-")?.parse().ok().map(Self::from_code),
        }
    }
}

/// A VSI's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VsiId {
    /// How the octets are to be read.
    pub format: IdFormat,
    /// The name.
    pub octets: [u8; LEN],
}

impl VsiId {
    /// A UUID.
    pub const fn uuid(octets: [u8; LEN]) -> Self {
        Self { format: IdFormat::Uuid, octets }
    }

    /// An IPv4 address.
    pub const fn ipv4(address: Ipv4Addr) -> Self {
        Self { format: IdFormat::Ipv4, octets: address.to_ipv6_mapped().octets() }
    }

    /// An IPv6 address.
    pub const fn ipv6(address: Ipv6Addr) -> Self {
        Self { format: IdFormat::Ipv6, octets: address.octets() }
    }

    /// A MAC address.
    pub const fn mac(MacAddr([a, b, c, d, e, f]): MacAddr) -> Self {
        let octets = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d, e, f];
        Self { format: IdFormat::Mac, octets }
    }
}

impl fmt::Display for VsiId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [head @ .., a, b, c, d] = self.octets;
        match self.format {
            IdFormat::Uuid => {
                let mut octets = self.octets.as_slice();
                for (index, digits) in UUID_GROUPS.into_iter().enumerate() {
                    let (group, rest) = octets.split_at(digits / 2);
                    octets = rest;
                    f.write_str(if index == 0 { "" } else { "-" })?;
                    write_hex(f, group)?;
                }
                Ok(())
            }
            IdFormat::Ipv4 if head == IPV4_PREFIX => write!(f, "{}", Ipv4Addr::new(a, b, c, d)),
            IdFormat::Ipv6 => write!(f, "{}", Ipv6Addr::from(self.octets)),
            IdFormat::Mac if self.octets.starts_with(&MAC_PREFIX) => {
                write!(f, "{}", MacAddr([head[10], head[11], a, b, c, d]))
            }
            format => {
                write!(f, "{format}:")?;
                write_hex(f, &self.octets)
            }
        }
    }
}

fn write_hex(f: &mut fmt::Formatter<'_>, octets: &[u8]) -> fmt::Result {
    octets.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
}

impl FromStr for VsiId {
    type Err = IdParseError;

    fn from_str(text: &str) -> Result<Self, IdParseError> {
        if let Ok(mac) = text.parse() {
            return Ok(Self::mac(mac));
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::ipv4(address));
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::ipv6(address));
        }
        let error = || IdParseError { found: text.to_owned() };
        if let Some((format, digits)) = text.split_once(':') {
            let octets = parse_hex(digits).ok_or_else(error)?;
            return Ok(Self { format: IdFormat::from_name(format).ok_or_else(error)?, octets });
        }
        let groups = text.split('-').map(str::len);
        let octets = groups.eq(UUID_GROUPS).then(|| parse_hex(&text.replace('-', ""))).flatten();
        octets.map(Self::uuid).ok_or_else(error)
    }
}

/// 32 hexadecimal digits, and nothing else.
fn parse_hex(digits: &str) -> Option<[u8; LEN]> {
    let is_hex = digits.len() == 2 * LEN && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex.then(|| u128::from_str_radix(digits, 16).ok().map(u128::to_be_bytes)).flatten()
}

impl fmt::Display for ManagerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl FromStr for ManagerId {
    type Err = ManagerIdParseError;

    fn from_str(text: &str) -> Result<Self, ManagerIdParseError> {
        parse_hex(text).map(Self).ok_or_else(|| ManagerIdParseError { found: text.to_owned() })
    }
}

/// A text is no VSI id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "VSI id: expected a UUID, an IPv4, IPv6 or MAC address, or a format (ipv4, ipv6, mac, local, uuid, format-N), a colon and \
     32 hexadecimal digits, found {found:?}"
)]
pub struct IdParseError {
    /// The text.
    pub found: String,
}

/// A text is no manager id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("manager id: expected 32 hexadecimal digits, found {found:?}")]
pub struct ManagerIdParseError {
    /// The text.
    pub found: String,
}

impl TryFrom<String> for VsiId {
    type Error = IdParseError;

    fn try_from(text: String) -> Result<Self, IdParseError> {
        text.parse()
    }
}

impl From<VsiId> for String {
    fn from(id: VsiId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for ManagerId {
    type Error = ManagerIdParseError;

    fn try_from(text: String) -> Result<Self, ManagerIdParseError> {
        text.parse()
    }
}

impl From<ManagerId> for String {
    fn from(id: ManagerId) -> Self {
        id.to_string()
    }
}
