// SPDX-License-Identifier: MIT
//! The register map, declared once. Hardware and model decode it, the driver writes by it, and SystemRDL, Markdown and
//! the C header are printed from it.

pub mod c_header;
pub mod codes;
pub mod markdown;
mod parts;
pub mod rdl;

use crate::fate::DropReason;
use crate::field::Field;

/// Octets of address space; AXI4-Lite addresses have 12 bits.
pub const SPACE: u16 = 0x1000;
/// `magic`: "VIRO".
pub const MAGIC_VALUE: u32 = u32::from_be_bytes(*b"VIRO");
/// `version`: major in the upper half (software must match it), minor in the lower.
pub const VERSION_VALUE: u32 = 0x0002_0000;
/// 32-bit words of a seed.
pub const SEED_WORDS: u16 = 3;

/// What software may do with a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read; a write answers SLVERR.
    ReadOnly,
    /// Read and write, octet by octet.
    ReadWrite,
    /// Writing acts; a read answers SLVERR.
    WriteOnly,
    /// Read; a 1 written to a bit clears it.
    WriteOneToClear,
}

/// A register, an array of them four octets apart, or one that is longer than a word: its words follow each other, and its
/// fields say so by reaching beyond bit 31.
#[derive(Clone, Copy, Debug)]
pub struct Register {
    /// Name, lower case with underscores.
    pub name: &'static str,
    /// Address of the first.
    pub address: u16,
    /// How many there are.
    pub count: u16,
    /// What software may do.
    pub access: Access,
    /// Fields; none overlap.
    pub fields: &'static [Field],
    /// Value of each word after reset; `None` where that is the machine's size, or nothing that software may rely on.
    pub reset: Option<u32>,
    /// What it is.
    pub description: &'static str,
}

impl Register {
    const fn new(
        name: &'static str,
        address: u16,
        count: u16,
        access: Access,
        fields: &'static [Field],
        reset: Option<u32>,
        description: &'static str,
    ) -> Self {
        assert!(address.is_multiple_of(4) && address + 4 * count <= SPACE);
        Self { name, address, count, access, fields, reset, description }
    }

    /// Whether its words are one long value, not an array.
    pub fn is_long(&self) -> bool {
        self.fields.iter().any(|field| field.low + field.width > 32)
    }

    /// Whether a word of it is one number, without finer structure.
    pub fn is_number(&self) -> bool {
        self.fields == WORD
    }

    /// Address of the `index`th of an array.
    ///
    /// # Panics
    /// If the array has fewer: a defect of the caller.
    pub const fn nth(&self, index: usize) -> u16 {
        assert!(index < self.count as usize);
        self.address + 4 * index as u16
    }

    /// Which of the array `address` is, its low two bits ignored.
    pub const fn index_of(&self, address: u16) -> Option<usize> {
        let word = address & !3;
        if word >= self.address && word < self.address + 4 * self.count {
            Some(((word - self.address) / 4) as usize)
        } else {
            None
        }
    }
}

/// A word without finer structure.
const WORD: &[Field] = &[Field::new("value", 0, 32, "The value.")];

/// Fields of `version`.
pub mod version {
    use super::Field;
    /// Minor.
    pub const MINOR: Field = Field::new("minor", 0, 16, "Grows with compatible additions.");
    /// Major.
    pub const MAJOR: Field = Field::new("major", 16, 16, "Software must know it.");
}

/// Fields of `status`.
pub mod status {
    use super::Field;
    /// Ready.
    pub const READY: Field = Field::new("ready", 0, 1, "The tables are swept; traffic flows.");
    /// Busy.
    pub const BUSY: Field = Field::new("busy", 1, 1, "A snapshot is being taken.");
}

/// Fields of `seed_choice`.
pub mod seed_choice {
    use super::Field;
    /// Channel ways.
    pub const CHANNEL: Field =
        Field::new("channel", 0, 4, "A bit a way of the channel table: 1 = seed B.");
    /// Binding ways.
    pub const BINDING: Field =
        Field::new("binding", 8, 4, "A bit a way of the binding table: 1 = seed B.");
}

/// Fields of `event_enable`.
pub mod event_enable {
    use super::{DropReason, Field};
    /// Reasons.
    pub const REASONS: Field = Field::new(
        "reasons",
        0,
        DropReason::ALL.len(),
        "A bit a drop reason, by code: such a drop makes an event.",
    );
}

/// Fields of `irq_status` and `irq_enable`.
pub mod irq {
    use super::Field;
    /// Event.
    pub const EVENT: Field = Field::new("event", 0, 1, "The event FIFO is not empty.");
    /// Lost.
    pub const LOST: Field = Field::new("lost", 1, 1, "An event was lost.");
    /// Snapshot.
    pub const SNAPSHOT: Field = Field::new("snapshot", 2, 1, "A snapshot is complete.");
}

/// Fields of `link`.
pub mod link {
    use super::Field;
    /// Maximum.
    pub const MAXIMUM: Field =
        Field::new("maximum", 0, 14, "Octets of the longest frame, without the family tag.");
    /// Family.
    pub const FAMILY: Field = Field::new("family", 16, 2, "The family of the link's tags.");
    /// Role.
    pub const ROLE: Field = Field::new("role", 18, 1, "Which end of the link the machine is.");
    /// Enabled.
    pub const ENABLED: Field = Field::new("enabled", 31, 1, "Frames enter and leave by this link.");
}

/// Fields of `op`.
pub mod op {
    use super::Field;
    /// Command.
    pub const COMMAND: Field = Field::new("command", 0, 2, "What to do to the row.");
    /// Table.
    pub const TABLE: Field = Field::new("table", 4, 4, "The table.");
    /// Way.
    pub const WAY: Field = Field::new("way", 8, 2, "The way, where the table has ways; else 0.");
    /// Row.
    pub const ROW: Field = Field::new("row", 16, 16, "The row.");
}

/// Fields of `event[0..4]`, the FIFO's head.
pub mod event {
    use super::Field;
    /// Sequence (word 0).
    pub const SEQUENCE: Field = Field::new("sequence", 0, 16, "The event's number, from 1.");
    /// Reason (word 0).
    pub const REASON: Field = Field::new("reason", 16, 5, "The drop reason's code.");
    /// Entity (word 0).
    pub const ENTITY: Field = Field::new("entity", 21, 9, "Where the drop counted.");
    /// Source address (words 1 and 2).
    pub const MAC: Field = Field::new("mac", 32, 48, "The frame's source address.");
    /// VLAN (word 2).
    pub const VLAN: Field = Field::new("vlan", 80, 12, "The frame's VLAN, or the pvid.");
    /// Channel (word 3).
    pub const CHANNEL: Field = Field::new("channel", 96, 22, "The channel.");
    /// Link (word 3).
    pub const LINK: Field = Field::new("link", 120, 3, "The link.");
    /// All fields.
    pub const FIELDS: &[Field] = &[SEQUENCE, REASON, ENTITY, MAC, VLAN, CHANNEL, LINK];
}

macro_rules! map {
    ($($constant:ident $name:literal $address:literal $count:expr, $access:ident $fields:expr, $reset:expr, $description:literal;)*) => {
        $(#[doc = $description] pub const $constant: Register =
            Register::new($name, $address, $count, Access::$access, $fields, $reset, $description);)*

        /// All registers, by address.
        pub const MAP: &[Register] = &[$($constant,)*];
    };
}

map! {
    MAGIC "magic" 0x000 1, ReadOnly WORD, Some(MAGIC_VALUE), "\"VIRO\": the machine says who it is.";
    VERSION "version" 0x004 1, ReadOnly &[version::MINOR, version::MAJOR], Some(VERSION_VALUE), "Version of this map.";
    WIDTH "width" 0x008 1, ReadOnly WORD, None, "Bits of a stream's data.";
    LINKS "links" 0x00C 1, ReadOnly WORD, None, "Links.";
    PORTS "ports" 0x010 1, ReadOnly WORD, None, "Ports.";
    GROUPS "groups" 0x014 1, ReadOnly WORD, None, "Groups.";
    CHANNELS "channels" 0x018 1, ReadOnly WORD, None, "Rows in all ways of the channel table.";
    BINDINGS "bindings" 0x01C 1, ReadOnly WORD, None, "Rows in all ways of the binding table.";
    STATUS "status" 0x020 1, ReadOnly &[status::READY, status::BUSY], Some(0), "What the machine is doing.";
    SEED_CHOICE "seed_choice" 0x040 1, ReadWrite &[seed_choice::CHANNEL, seed_choice::BINDING], Some(0), "Which seed each way hashes with.";
    EVENT_ENABLE "event_enable" 0x044 1, ReadWrite &[event_enable::REASONS], Some(0), "Drops that make events; 0 after reset.";
    IRQ_STATUS "irq_status" 0x048 1, WriteOneToClear &[irq::EVENT, irq::LOST, irq::SNAPSHOT], Some(0), "Interrupt causes; event follows the FIFO and is not cleared by writing.";
    IRQ_ENABLE "irq_enable" 0x04C 1, ReadWrite &[irq::EVENT, irq::LOST, irq::SNAPSHOT], Some(0), "Causes that raise the interrupt pin.";
    LINK "link" 0x080 8, ReadWrite &[link::MAXIMUM, link::FAMILY, link::ROLE, link::ENABLED], Some(0), "Link rows. Those beyond the machine's links are outside the map.";
    SNAPSHOT "snapshot" 0x100 1, WriteOnly WORD, None, "Any value: swap the counter banks.";
    STAGE "stage" 0x200 8, ReadWrite WORD, None, "The row that a WRITE commits, or that a READ fetched.";
    OP "op" 0x220 1, WriteOnly &[op::COMMAND, op::TABLE, op::WAY, op::ROW], None, "Do this to a table's row; the answer comes when it is done.";
    EVENT_LEVEL "event_level" 0x300 1, ReadOnly WORD, Some(0), "Events in the FIFO, 0 to 16.";
    EVENT_LOST "event_lost" 0x304 1, ReadOnly WORD, Some(0), "Events lost since reset; wraps.";
    EVENT "event" 0x310 4, ReadOnly event::FIELDS, Some(0), "The FIFO's head; 0 while it is empty.";
    EVENT_POP "event_pop" 0x320 1, WriteOnly &[event::SEQUENCE], None, "The head's sequence number takes it off; another changes nothing.";
    SEED_CHANNEL_A "seed_channel_a" 0x400 SEED_WORDS, ReadWrite WORD, Some(0), "Seed A of the channel table, low word first; the third keeps 8 bits, 72 in all.";
    SEED_CHANNEL_B "seed_channel_b" 0x410 SEED_WORDS, ReadWrite WORD, Some(0), "Seed B of the channel table.";
    SEED_BINDING_A "seed_binding_a" 0x420 SEED_WORDS, ReadWrite WORD, Some(0), "Seed A of the binding table.";
    SEED_BINDING_B "seed_binding_b" 0x430 SEED_WORDS, ReadWrite WORD, Some(0), "Seed B of the binding table.";
}

/// Events that the FIFO holds.
pub const EVENT_DEPTH: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_and_their_fields_do_not_overlap() {
        let mut taken = std::collections::HashSet::new();
        for register in MAP {
            for index in 0..register.count {
                assert!(taken.insert(register.nth(index.into())), "{}", register.name);
            }
            let mut bits = 0u128;
            for field in register.fields {
                let mask = u128::from(field.max()) << field.low;
                assert_eq!(bits & mask, 0, "{}.{}", register.name, field.name);
                bits |= mask;
            }
            let words = if register.is_long() { register.count } else { 1 };
            assert!(bits.ilog2() < u32::from(32 * words), "{}", register.name);
        }
    }

    #[test]
    fn an_array_knows_its_addresses() {
        assert_eq!(STAGE.index_of(0x21C), Some(7));
        assert_eq!(STAGE.index_of(0x21F), Some(7));
        assert_eq!(STAGE.index_of(0x220), None);
    }
}
