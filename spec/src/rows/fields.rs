// SPDX-License-Identifier: MIT
//! Where the bits of every table's rows stand: declared here, once, for software, model and hardware.

use crate::field::Field;

/// Fields of a `port` row.
pub mod port {
    use super::Field;
    /// The port's own channel.
    pub const CHANNEL: Field = Field::new("channel", 0, 22, "The port's own channel on its link.");
    /// Its link.
    pub const LINK: Field = Field::new("link", 24, 3, "The link that its channel is on.");
    /// Enabled.
    pub const ENABLED: Field = Field::new("enabled", 31, 1, "Frames enter and leave by this port.");
    /// Trust.
    pub const TRUST_PRIORITY: Field =
        Field::new("trust_priority", 32, 1, "The tag's priority comes from the frame's C-TAG.");
    /// Source check.
    pub const CHECK_SOURCE: Field =
        Field::new("check_source", 33, 1, "Frames from unbound sources are dropped.");
    /// Guard.
    pub const GUARD_RESERVED: Field =
        Field::new("guard_reserved", 34, 1, "Frames to 01-80-C2-00-00-00..0F are dropped.");
    /// Control.
    pub const CONTROL: Field =
        Field::new("control", 35, 1, "LLDP and ECP to a reserved address go to the control port.");
    /// Default priority.
    pub const DEFAULT_PRIORITY: Field =
        Field::new("default_priority", 36, 3, "The tag's priority otherwise.");
    /// Port VLAN.
    pub const PVID: Field =
        Field::new("pvid", 40, 12, "VLAN of frames that are untagged or carry VID 0.");
    /// Maximum.
    pub const MAXIMUM: Field =
        Field::new("maximum", 64, 14, "Octets of the longest frame, without the family tag.");
    /// All fields.
    pub const FIELDS: &[Field] = &[
        CHANNEL,
        LINK,
        ENABLED,
        TRUST_PRIORITY,
        CHECK_SOURCE,
        GUARD_RESERVED,
        CONTROL,
        DEFAULT_PRIORITY,
        PVID,
        MAXIMUM,
    ];
}

/// Fields of a `group` row.
pub mod group {
    use super::Field;
    /// The channel.
    pub const CHANNEL: Field =
        Field::new("channel", 0, 22, "The channel that the group's one copy leaves with.");
    /// The link.
    pub const LINK: Field = Field::new("link", 24, 3, "The link that the copy leaves on.");
    /// Enabled.
    pub const ENABLED: Field = Field::new("enabled", 31, 1, "Frames enter by this group.");
    /// Trust.
    pub const TRUST_PRIORITY: Field =
        Field::new("trust_priority", 32, 1, "The tag's priority comes from the frame's C-TAG.");
    /// Default priority.
    pub const DEFAULT_PRIORITY: Field =
        Field::new("default_priority", 36, 3, "The tag's priority otherwise.");
    /// All fields.
    pub const FIELDS: &[Field] = &[CHANNEL, LINK, ENABLED, TRUST_PRIORITY, DEFAULT_PRIORITY];
}

/// Fields of a `channel` row.
pub mod channel {
    use super::Field;
    /// The channel.
    pub const CHANNEL: Field = Field::new("channel", 0, 22, "The channel, with `link` the key.");
    /// The link.
    pub const LINK: Field = Field::new("link", 24, 3, "The link, with `channel` the key.");
    /// Valid.
    pub const VALID: Field = Field::new("valid", 31, 1, "The row holds a channel.");
    /// Members.
    pub const MEMBERS: Field =
        Field::new("members", 32, 64, "Member ports, a bit each; at a bridge the virtual port.");
    /// All fields.
    pub const FIELDS: &[Field] = &[CHANNEL, LINK, VALID, MEMBERS];
}

/// Fields of a `binding` row.
pub mod binding {
    use super::Field;
    /// The address.
    pub const MAC: Field =
        Field::new("mac", 0, 48, "Source address, first octet on the wire most significant.");
    /// The VLAN.
    pub const VLAN: Field = Field::new("vlan", 48, 12, "VLAN of the frame, or the port's pvid.");
    /// The port.
    pub const PORT: Field = Field::new("port", 64, 6, "The port that the source is bound to.");
    /// Valid.
    pub const VALID: Field = Field::new("valid", 95, 1, "The row holds a binding.");
    /// All fields.
    pub const FIELDS: &[Field] = &[MAC, VLAN, PORT, VALID];
}

/// Fields of a `vlan` row.
pub mod vlan {
    use super::Field;
    /// The ports.
    pub const PORTS: Field =
        Field::new("ports", 0, 64, "Ports that admit any individual source in this VLAN.");
    /// All fields.
    pub const FIELDS: &[Field] = &[PORTS];
}

/// Fields of a `traffic` counter row.
pub mod traffic {
    use super::Field;
    /// Unicast frames.
    pub const UNICAST: Field = Field::new("unicast", 0, 32, "Frames to an individual address.");
    /// Multicast frames.
    pub const MULTICAST: Field =
        Field::new("multicast", 32, 32, "Frames to a group address but broadcast.");
    /// Broadcast frames.
    pub const BROADCAST: Field =
        Field::new("broadcast", 64, 32, "Frames to the broadcast address.");
    /// Octets.
    pub const OCTETS: Field = Field::new("octets", 96, 48, "Octets of all of them.");
    /// All fields.
    pub const FIELDS: &[Field] = &[UNICAST, MULTICAST, BROADCAST, OCTETS];
}

/// Fields of a `disposition` counter row.
pub mod disposition {
    use super::Field;
    /// Frames.
    pub const FRAMES: Field = Field::new("frames", 0, 32, "Frames of this disposition.");
    /// All fields.
    pub const FIELDS: &[Field] = &[FRAMES];
}
