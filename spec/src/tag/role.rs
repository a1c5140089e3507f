// SPDX-License-Identifier: MIT
//! Which end of a tagged link the machine is.
//! The role decides which tags a link takes in and what stands in those that it sends.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::UnknownName;
use crate::ether::RangeError;

/// The end of a link; content of a link row, not another design.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A port extender: the host's end. Its link is an Upstream Port.
    Extender = 0,
    /// The controlling bridge. Its link is a Cascade Port.
    Bridge = 1,
}

impl Role {
    /// Both roles, in the order of their codes.
    pub const ALL: [Self; 2] = [Self::Extender, Self::Bridge];

    /// The bit that stands for the role in a link row.
    #[inline]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The inverse of [`Role::code`]; 2 and above are a [`RangeError`].
    #[inline]
    pub const fn from_code(code: u8) -> Result<Self, RangeError> {
        match code {
            0 => Ok(Self::Extender),
            1 => Ok(Self::Bridge),
            _ => Err(RangeError { field: "role", max: 1, found: code as u64 }),
        }
    }

    /// The name in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Extender => "extender",
            Self::Bridge => "bridge",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Role {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let role = Self::ALL.into_iter().find(|role| role.name() == text);
        role.ok_or_else(|| UnknownName {
            what: "role",
            expected: "\"extender\" or \"bridge\"",
            found: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::{IntoDeserializer, value::Error as ValueError};

    #[test]
    fn role_has_one_name_in_text_and_serde_and_one_code() {
        for (role, name, code) in [(Role::Extender, "extender", 0), (Role::Bridge, "bridge", 1)] {
            assert_eq!(role.to_string(), name);
            assert_eq!(name.parse(), Ok(role));
            let read = Role::deserialize(IntoDeserializer::<ValueError>::into_deserializer(name));
            assert_eq!(read, Ok(role));
            assert_eq!(role.code(), code);
            assert_eq!(Role::from_code(code), Ok(role));
        }
    }

    #[test]
    fn unknown_role_is_refused_in_every_form() {
        assert_eq!(
            "switch".parse::<Role>().unwrap_err().to_string(),
            "role: expected \"extender\" or \"bridge\", found \"switch\""
        );
        for code in 2..=u8::MAX {
            assert_eq!(Role::from_code(code).unwrap_err().found, code.into());
        }
    }
}
