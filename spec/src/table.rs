// SPDX-License-Identifier: MIT
//! Tables that software reaches through `op`, the rows that counters have there, and `op` itself as a typed value.

use crate::fate::Disposition;
use crate::field::Field;
use crate::geometry::{Geometry, VLAN_ROWS, WAYS};
use crate::registers::{self, Register, op};
use crate::rows;

/// A table that `op` reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Table {
    /// Ports, a row each.
    Port,
    /// Groups, a row each.
    Group,
    /// (link, channel) to members, four ways.
    Channel,
    /// (port, MAC, VLAN), four ways.
    Binding,
    /// VLAN to the ports that admit any individual source in it.
    Vlan,
    /// Traffic counters, a row an [`Entity`].
    Traffic,
    /// Disposition counters, a row an [`Entity`] and [`Disposition`].
    Disposition,
}

impl Table {
    /// All tables, by code.
    pub const ALL: [Self; 7] = [
        Self::Port,
        Self::Group,
        Self::Channel,
        Self::Binding,
        Self::Vlan,
        Self::Traffic,
        Self::Disposition,
    ];

    /// The name in the printed map.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Port => "port",
            Self::Group => "group",
            Self::Channel => "channel",
            Self::Binding => "binding",
            Self::Vlan => "vlan",
            Self::Traffic => "traffic",
            Self::Disposition => "disposition",
        }
    }

    /// What a row of it is, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Port => "A port.",
            Self::Group => "A group.",
            Self::Channel => "A channel of a link, and its members.",
            Self::Binding => "A source that a port may send from.",
            Self::Vlan => "The ports that admit any individual source in this VLAN.",
            Self::Traffic => "Counts an entity's frames and octets.",
            Self::Disposition => "Counts an entity's frames of one disposition.",
        }
    }

    /// The fields of its rows.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Port => rows::port::FIELDS,
            Self::Group => rows::group::FIELDS,
            Self::Channel => rows::channel::FIELDS,
            Self::Binding => rows::binding::FIELDS,
            Self::Vlan => rows::vlan::FIELDS,
            Self::Traffic => rows::traffic::FIELDS,
            Self::Disposition => rows::disposition::FIELDS,
        }
    }

    /// Whether software may only read it.
    pub const fn is_counter(self) -> bool {
        matches!(self, Self::Traffic | Self::Disposition)
    }

    /// Ways (1 or 4).
    pub const fn ways(self) -> usize {
        if matches!(self, Self::Channel | Self::Binding) { WAYS } else { 1 }
    }

    /// The register that says how many rows all ways have together; `None` where every machine has the same number.
    pub const fn sized_by(self) -> Option<Register> {
        match self {
            Self::Port => Some(registers::PORTS),
            Self::Group => Some(registers::GROUPS),
            Self::Channel => Some(registers::CHANNELS),
            Self::Binding => Some(registers::BINDINGS),
            Self::Vlan | Self::Traffic | Self::Disposition => None,
        }
    }

    /// Rows in one way, for a machine of this geometry. Counter rows are 2^9 entities, whatever the geometry: one that the machine
    /// does not have reads as 0.
    pub fn rows(self, geometry: &Geometry) -> usize {
        match self {
            Self::Port => geometry.ports(),
            Self::Group => geometry.groups(),
            Self::Channel => geometry.channel_rows(),
            Self::Binding => geometry.binding_rows(),
            Self::Vlan => VLAN_ROWS,
            Self::Traffic => Entity::COUNT,
            Self::Disposition => Entity::COUNT << Disposition::BITS,
        }
    }
}

/// Whom a counter counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entity {
    /// Frames that entered by a port.
    PortIn(u8),
    /// Frames that entered by a group.
    GroupIn(u8),
    /// Frames that the control plane sent.
    ControlIn,
    /// Frames that entered by a link.
    LinkIn(u8),
    /// Traffic: copies that left by a member port. Dispositions: what a bridge's virtual port did with frames from its link.
    PortOut(u8),
    /// Frames that left to the control port at `m_port`.
    ControlOut,
    /// Frames that left by a link.
    LinkOut(u8),
    /// Frames that left to the control port at `m_link`.
    ControlOutAtLink,
}

impl Entity {
    /// Rows that entities take: codes have 9 bits.
    pub const COUNT: usize = 512;

    /// One entity of each kind, the first.
    pub const KINDS: [Self; 8] = [
        Self::PortIn(0),
        Self::GroupIn(0),
        Self::ControlIn,
        Self::LinkIn(0),
        Self::PortOut(0),
        Self::ControlOut,
        Self::LinkOut(0),
        Self::ControlOutAtLink,
    ];

    /// The name of its kind in the printed map.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PortIn(_) => "PORT_IN",
            Self::GroupIn(_) => "GROUP_IN",
            Self::ControlIn => "CONTROL_IN",
            Self::LinkIn(_) => "LINK_IN",
            Self::PortOut(_) => "PORT_OUT",
            Self::ControlOut => "CONTROL_OUT",
            Self::LinkOut(_) => "LINK_OUT",
            Self::ControlOutAtLink => "CONTROL_OUT_AT_LINK",
        }
    }

    /// What its kind counts, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::PortIn(_) => "Frames that entered by this port.",
            Self::GroupIn(_) => "Frames that entered by this group.",
            Self::ControlIn => "Frames that the control plane sent.",
            Self::LinkIn(_) => "Frames that entered by this link.",
            Self::PortOut(_) => {
                "Traffic: copies that left by this member port. Dispositions: what became of frames from a bridge's link \
                 at this virtual port."
            }
            Self::ControlOut => "Frames that left to the control port at `m_port`.",
            Self::LinkOut(_) => "Frames that left by this link.",
            Self::ControlOutAtLink => "Frames that left to the control port at `m_link`.",
        }
    }

    /// What numbers the entities of its kind, in the low bits of the code; `None` where there is one.
    pub const fn index(self) -> Option<&'static str> {
        match self {
            Self::PortIn(_) | Self::PortOut(_) => Some("port"),
            Self::GroupIn(_) => Some("group"),
            Self::LinkIn(_) | Self::LinkOut(_) => Some("link"),
            Self::ControlIn | Self::ControlOut | Self::ControlOutAtLink => None,
        }
    }

    /// The entity's code: its row in `traffic`, and above the disposition's code its row in `disposition`.
    pub const fn code(self) -> u16 {
        match self {
            Self::PortIn(port) => port as u16,
            Self::GroupIn(group) => 0x040 | group as u16,
            Self::ControlIn => 0x080,
            Self::LinkIn(link) => 0x0C0 | link as u16,
            Self::PortOut(port) => 0x100 | port as u16,
            Self::ControlOut => 0x140,
            Self::LinkOut(link) => 0x180 | link as u16,
            Self::ControlOutAtLink => 0x1C0,
        }
    }

    /// The entity of a code; `None` for a code that no entity has.
    pub const fn from_code(code: u16) -> Option<Self> {
        let index = (code & 63) as u8;
        Some(match (code >> 6, index) {
            (0, _) => Self::PortIn(index),
            (1, _) => Self::GroupIn(index),
            (2, 0) => Self::ControlIn,
            (3, _) => Self::LinkIn(index),
            (4, _) => Self::PortOut(index),
            (5, 0) => Self::ControlOut,
            (6, _) => Self::LinkOut(index),
            (7, 0) => Self::ControlOutAtLink,
            _ => return None,
        })
    }

    /// The row in `disposition` that counts `disposition` for this entity.
    pub const fn row(self, disposition: Disposition) -> u16 {
        self.code() << Disposition::BITS | disposition.code() as u16
    }
}

/// What `op` does to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Fetch it into `stage`.
    Read,
    /// Commit `stage`.
    Write,
    /// Write zeros.
    Clear,
}

impl Command {
    /// All commands, by code.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Clear];

    /// The code in `op`; 0 is none.
    pub const fn code(self) -> u8 {
        self as u8 + 1
    }

    /// The name in the printed map.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "READ",
            Self::Write => "WRITE",
            Self::Clear => "CLEAR",
        }
    }

    /// What it does, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Read => "Fetch the row into `stage`.",
            Self::Write => "Commit `stage` as the row.",
            Self::Clear => "Make the row 0.",
        }
    }
}

/// A value of `op`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Op {
    /// What to do.
    pub command: Command,
    /// The table.
    pub table: Table,
    /// The way; 0 where the table has one.
    pub way: u8,
    /// The row.
    pub row: u16,
}

impl Op {
    /// The register's value.
    pub fn pack(&self) -> u32 {
        op::COMMAND.at(self.command.code().into())
            | op::TABLE.at(self.table as u32)
            | op::WAY.at(self.way.into())
            | op::ROW.at(self.row.into())
    }

    /// The operation of a register's value; `None` if a machine of this geometry refuses it: no such command, table, way or
    /// row, or a counter written.
    pub fn unpack(register: u32, geometry: &Geometry) -> Option<Self> {
        let code = op::COMMAND.of(register);
        let command = Command::ALL.into_iter().find(|command| u32::from(command.code()) == code)?;
        let table = *Table::ALL.get(op::TABLE.of(register) as usize)?;
        let (way, row) = (op::WAY.of(register), op::ROW.of(register));
        let exists = (way as usize) < table.ways() && (row as usize) < table.rows(geometry);
        let allowed = command == Command::Read || !table.is_counter();
        (exists && allowed).then_some(Self { command, table, way: way as u8, row: row as u16 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_exist_is_refused() {
        let geometry = Geometry::default();
        let op = Op { command: Command::Write, table: Table::Channel, way: 3, row: 255 };
        assert_eq!(Op::unpack(op.pack(), &geometry), Some(op));
        for refused in [
            Op { row: 256, ..op },
            Op { table: Table::Port, row: 0, ..op },
            Op { table: Table::Traffic, way: 0, row: 0, ..op },
        ] {
            assert_eq!(Op::unpack(refused.pack(), &geometry), None, "{refused:?}");
        }
        assert_eq!(Op::unpack(op.pack() & !3, &geometry), None, "no command");
        assert_eq!(Op::unpack(op.pack() | 7 << 4, &geometry), None, "no such table");
    }

    #[test]
    fn entities_survive_their_codes() {
        let known = (0..Entity::COUNT as u16).filter_map(Entity::from_code);
        assert_eq!(known.clone().count(), 64 * 5 + 3);
        known.for_each(|entity| assert_eq!(Entity::from_code(entity.code()), Some(entity)));
    }
}
