// SPDX-License-Identifier: MIT
//! Which tag a link speaks.
//! A link row holds the family's code, a configuration its name.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{ETag, STag, UnknownName, VnTag};
use crate::ether::{EtherType, RangeError};

/// The tag that names channels on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TagFamily {
    /// 802.1BR.
    ETag = 0,
    /// VN-Tag.
    VnTag = 1,
    /// S-channels (802.1Qbg).
    STag = 2,
}

impl TagFamily {
    /// Every family, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::ETag, Self::VnTag, Self::STag];

    /// Octets of the tag: what a frame grows by on the link.
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "no tag is empty")]
    pub const fn len(self) -> usize {
        match self {
            Self::ETag => ETag::LEN,
            Self::VnTag => VnTag::LEN,
            Self::STag => STag::LEN,
        }
    }

    /// The EtherType that announces the tag.
    #[inline]
    pub const fn ethertype(self) -> EtherType {
        match self {
            Self::ETag => EtherType::E_TAG,
            Self::VnTag => EtherType::VN_TAG,
            Self::STag => EtherType::S_TAG,
        }
    }

    /// The family that `ethertype` announces. An S-TAG is a channel's tag on an S-TAG link only;
    /// elsewhere it is a VLAN tag.
    #[inline]
    pub const fn of(ethertype: EtherType) -> Option<Self> {
        match ethertype {
            EtherType::E_TAG => Some(Self::ETag),
            EtherType::VN_TAG => Some(Self::VnTag),
            EtherType::S_TAG => Some(Self::STag),
            _ => None,
        }
    }

    /// The two bits that stand for the family in a link row.
    #[inline]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The inverse of [`TagFamily::code`]; 3 and above are a [`RangeError`].
    #[inline]
    pub const fn from_code(code: u8) -> Result<Self, RangeError> {
        match code {
            0 => Ok(Self::ETag),
            1 => Ok(Self::VnTag),
            2 => Ok(Self::STag),
            _ => Err(RangeError { field: "tag family", max: 2, found: code as u64 }),
        }
    }

    /// The name in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ETag => "e-tag",
            Self::VnTag => "vn-tag",
            Self::STag => "s-tag",
        }
    }
}

impl fmt::Display for TagFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for TagFamily {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let family = Self::ALL.into_iter().find(|family| family.name() == text);
        family.ok_or_else(|| UnknownName {
            what: "tag family",
            expected: "\"e-tag\", \"vn-tag\" or \"s-tag\"",
            found: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::{IntoDeserializer, value::Error as ValueError};

    #[test]
    fn family_has_one_name_in_text_and_serde_and_one_code() {
        let facts = [
            (TagFamily::ETag, "e-tag", 0, 8, 0x893f),
            (TagFamily::VnTag, "vn-tag", 1, 6, 0x8926),
            (TagFamily::STag, "s-tag", 2, 4, 0x88a8),
        ];
        for (family, name, code, len, ethertype) in facts {
            assert_eq!(family.to_string(), name);
            assert_eq!(name.parse(), Ok(family));
            let read =
                TagFamily::deserialize(IntoDeserializer::<ValueError>::into_deserializer(name));
            assert_eq!(read, Ok(family));
            assert_eq!((family.code(), family.len()), (code, len));
            assert_eq!(TagFamily::from_code(code), Ok(family));
            assert_eq!(family.ethertype(), EtherType(ethertype));
        }
        assert_eq!(TagFamily::ALL, facts.map(|fact| fact.0));
    }

    #[test]
    fn unknown_family_is_refused_in_every_form() {
        assert_eq!(
            "E-TAG".parse::<TagFamily>().unwrap_err().to_string(),
            "tag family: expected \"e-tag\", \"vn-tag\" or \"s-tag\", found \"E-TAG\""
        );
        for code in 3..=u8::MAX {
            assert_eq!(TagFamily::from_code(code).unwrap_err().found, code.into());
        }
        let known = (0..=u16::MAX).filter_map(|value| TagFamily::of(EtherType(value)));
        assert_eq!(known.count(), TagFamily::ALL.len());
        for family in TagFamily::ALL {
            assert_eq!(TagFamily::of(family.ethertype()), Some(family));
        }
    }
}
