// SPDX-License-Identifier: MIT
//! What can go wrong between host software and a machine, with what a person needs to mend it.
//!
//! [`DiscoverError`]: no machine that this driver can drive. [`Error`]: a call to one that it drives.

use thiserror::Error;
use vireo_spec::ether::RangeError;
use vireo_spec::geometry::GeometryError;
use vireo_spec::registers::{MAGIC_VALUE, VERSION_VALUE};
use vireo_spec::table::Table;
use vireo_spec::tag::{Channel, ChannelUse, TagFamily};

use crate::BusError;
use crate::placement::SEARCH_BOUND;
use crate::port::{Operation, Progress, advice};
use crate::rehash::REHASH_LOAD;

/// Why [`Device::discover`](crate::Device::discover) found no machine that it can drive.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DiscoverError {
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// Register `magic` says that this is something else.
    #[error(
        "no Vireo machine answers: expected magic {MAGIC_VALUE:#010x}, found {found:#010x}; check that \
         the bus leads to the start of the machine's registers"
    )]
    Magic {
        /// What the register held.
        found: u32,
    },
    /// The machine's register map is of another major version.
    #[error(
        "the register map's major version: expected {}, found {} (version {found:#010x}); use the \
         driver that was released with this machine",
        VERSION_VALUE >> 16, found >> 16
    )]
    Version {
        /// What the register held: major in the upper half, minor in the lower.
        found: u32,
    },
    /// The machine claims a size that cannot be built.
    #[error("the machine's geometry registers: {0}; use the driver that was released with it")]
    Geometry(#[from] GeometryError),
    /// The machine did not become ready after its reset.
    #[error(
        "status.ready: expected 1 after the tables are swept, found 0 at each of {polls} reads; check that \
         the machine is clocked and not held in reset"
    )]
    NotReady {
        /// Reads of `status`.
        polls: u32,
    },
}

/// Why a call to a [`Device`](crate::Device) failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// The bus failed. The call may be repeated.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The bus failed in the middle of an operation on a port. Repeating the call is safe, and completes it.
    #[error(
        "{operation} of port {port} was interrupted: {progress}; {}: {source}",
        advice(*.operation, *.progress)
    )]
    Interrupted {
        /// What was to be done.
        operation: Operation,
        /// To which port.
        port: u8,
        /// How far it came.
        progress: Progress,
        /// What the bus said.
        source: BusError,
    },
    /// A port that was not created, or was deleted. Nothing was changed.
    #[error("port {port} does not exist: its row is empty; call create_port first")]
    NotCreated {
        /// The port.
        port: u8,
    },
    /// A port of this number is there, and is another. Nothing was changed.
    #[error(
        "port {port} exists: on link {link} with channel {:#x}, or enabled; delete it first, or move it",
        .channel.bits()
    )]
    PortExists {
        /// The port.
        port: u8,
        /// Its link.
        link: u8,
        /// Its channel.
        channel: Channel,
    },
    /// A channel that leads to another port. Nothing was changed.
    #[error(
        "channel {:#x} of link {link} leads to port {user}: choose another, or delete that port first",
        .channel.bits()
    )]
    ChannelInUse {
        /// The link.
        link: u8,
        /// The channel.
        channel: Channel,
        /// The port that it leads to.
        user: usize,
    },
    /// A channel that a tag of the link's family cannot carry for this use. Nothing was changed.
    #[error(
        "channel {:#x} on link {link}: expected one that names a {expected} with {family}; set the link's row \
         first, and see Channel::from_config for the numbers",
        .channel.bits()
    )]
    WrongChannel {
        /// The link.
        link: u8,
        /// The link's family of tags.
        family: TagFamily,
        /// The channel.
        channel: Channel,
        /// What it should name.
        expected: ChannelUse,
    },
    /// The members of a group stand at extenders. Nothing was changed.
    #[error(
        "link {link} is a bridge's, where a group has no members: expected an extender's link; a bridge sends to a \
         group by its row (set_group), and the extender at the link's other end knows the members"
    )]
    GroupAtBridge {
        /// The link.
        link: u8,
    },
    /// An index beyond the machine's geometry. Nothing was accessed.
    #[error("there is no {what} {index}: expected 0..={}, as this machine has {count}", count - 1)]
    NoSuch {
        /// What was meant, e.g. "port".
        what: &'static str,
        /// The index.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A state of a machine of another size. Nothing was accessed.
    #[error(
        "the state has {found} {what} rows: expected {expected}, as this machine has; start from State::new with \
         its geometry"
    )]
    WrongSize {
        /// What there are too many or too few of, e.g. "port".
        what: &'static str,
        /// The machine's.
        expected: usize,
        /// The state's.
        found: usize,
    },
    /// A number that its field cannot hold. Nothing was accessed.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// Counters can only be read. Nothing was accessed.
    #[error(
        "rows of table {} can only be read: expected a table of configuration; counters start anew at \
         each snapshot by themselves", .table.name()
    )]
    CounterIsReadOnly {
        /// The table.
        table: Table,
    },
    /// A hash table was used before its seed was drawn. Nothing was accessed.
    #[error("this device's hash tables have no seeds yet: call initialize first")]
    NotInitialized,
    /// A hash table has no place for a row, nor a move of others that would make one. Nothing was changed.
    #[error(
        "table {} has no place for another row: {used} of {rows} rows are used, and a search of \
         {SEARCH_BOUND} rows found no move that makes room; remove rows, or build the machine with more",
        .table.name()
    )]
    TableFull {
        /// The table.
        table: Table,
        /// Rows in use.
        used: usize,
        /// Rows in all ways.
        rows: usize,
    },
    /// Only the exact-match tables hash. Nothing was accessed.
    #[error("table {} has no seeds: expected table channel or binding", .table.name())]
    NotHashed {
        /// The table.
        table: Table,
    },
    /// A hash table on the machine has no seed that a driver drew. Nothing was changed.
    #[error(
        "table {} hashes with a seed that no driver drew; the machine comes from \
         reset, or its initialization was cut short: call initialize", .table.name()
    )]
    NotSeeded {
        /// The table.
        table: Table,
    },
    /// A table is too full for a new seed: its rows have to find place in all ways but one. Nothing was changed.
    #[error(
        "table {} is too full for a new seed: expected at most {REHASH_LOAD} % of its {rows} rows used, \
         found {used}; remove rows first", .table.name()
    )]
    RehashRefused {
        /// The table.
        table: Table,
        /// Rows in use.
        used: usize,
        /// Rows in all ways.
        rows: usize,
    },
    /// No way could be emptied into the others. All rows are found, some ways have the new seed.
    #[error(
        "table {} keeps its old seed in some ways: its {used} rows, of {rows}, find no place in all ways but one, \
         which is rare and only likely in small tables; call rehash with another number, or remove rows first",
        .table.name()
    )]
    RehashStuck {
        /// The table.
        table: Table,
        /// Rows in use.
        used: usize,
        /// Rows in all ways.
        rows: usize,
    },
    /// A snapshot did not end.
    #[error(
        "status.busy: expected 0 when a snapshot is complete, found 1 at each of {polls} reads; check that \
         the machine is clocked, then repeat the call, which loses no counts"
    )]
    SnapshotBusy {
        /// Reads of `status`.
        polls: u32,
    },
    /// A snapshot was asked for and did not happen.
    #[error(
        "irq_status.snapshot: expected 1 after a snapshot, found 0; check that nothing else resets the \
         machine or clears its interrupts, then repeat the call"
    )]
    SnapshotNotTaken,
    /// An event with a reason or entity that this driver does not know; it was taken off the FIFO.
    #[error(
        "event {sequence} has drop reason {reason} and entity {entity:#x}, which this driver does not know; \
         use the driver that was released with this machine. Later events are not lost"
    )]
    UnknownEvent {
        /// The event's number.
        sequence: u16,
        /// The code of the drop reason.
        reason: u8,
        /// The code of the entity.
        entity: u16,
    },
}
