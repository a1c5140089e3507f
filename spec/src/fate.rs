// SPDX-License-Identifier: MIT
//! What becomes of a frame: the reasons for which one is dropped, and the dispositions that counters count.

use serde::{Serialize, Serializer};

macro_rules! drop_reasons {
    ($($variant:ident $name:literal $meaning:literal,)*) => {
        /// Why a frame was dropped, in the order of checks of docs/rules.md. A frame counts under one reason only.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum DropReason {
            $(#[doc = $meaning] $variant,)*
        }

        impl DropReason {
            /// All reasons, by code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in reports, as docs/rules.md writes it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means, in one sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

drop_reasons! {
    PortDisabled "PORT_DISABLED" "The port, group or link is not enabled.",
    Runt "RUNT" "The frame ends before its header does.",
    MacControl "MAC_CONTROL" "MAC control (PAUSE, PFC) never crosses.",
    TagAbsent "TAG_ABSENT" "A frame on a link carries no channel's tag.",
    TagFormat "TAG_FORMAT" "The tag is another family's, of another version, or goes the wrong way.",
    ChannelMiss "CHANNEL_MISS" "The link has no such channel.",
    Pruned "PRUNED" "No enabled member but the source's own port is left.",
    ReservedAddress "RESERVED_ADDRESS" "A guarded port sent to 01-80-C2-00-00-00..0F.",
    TagPresent "TAG_PRESENT" "A host's frame carries a channel's tag.",
    TagDepth "TAG_DEPTH" "A host's frame carries a third VLAN tag.",
    ReservedVlan "RESERVED_VLAN" "A host's frame carries VLAN 0xFFF.",
    SourceUnbound "SOURCE_UNBOUND" "The source address is not bound to the port in this VLAN.",
    FrameError "FRAME_ERROR" "The MAC flagged the frame as bad.",
    Oversize "OVERSIZE" "The frame has more octets than the maximum where it entered.",
}

impl DropReason {
    /// The code in events and in `event_enable`.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl std::fmt::Display for DropReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for DropReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Where a frame went, as the counters know it. Its code is the low five bits of a disposition counter's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// Dropped for this reason, and counted here.
    Dropped(DropReason),
    /// It left on a link, or on member ports.
    Forwarded,
    /// It left to the control port.
    Control,
    /// At a bridge's link: dropped, and counted at the virtual port.
    AtPort,
}

impl Disposition {
    /// Bits of a code.
    pub const BITS: usize = 5;

    /// The code: a reason's own, or one of the three from 16 on.
    pub const fn code(self) -> u8 {
        match self {
            Self::Dropped(reason) => reason.code(),
            Self::Forwarded => 16,
            Self::Control => 17,
            Self::AtPort => 18,
        }
    }

    /// All dispositions.
    pub fn all() -> impl Iterator<Item = Self> {
        let drops = DropReason::ALL.iter().map(|&reason| Self::Dropped(reason));
        drops.chain([Self::Forwarded, Self::Control, Self::AtPort])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_disposition_has_a_code_of_its_own_that_fits() {
        let codes: HashSet<u8> = Disposition::all().map(Disposition::code).collect();
        assert_eq!(codes.len(), Disposition::all().count());
        assert!(codes.iter().all(|&code| code < 1 << Disposition::BITS));
    }
}
