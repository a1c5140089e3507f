// SPDX-License-Identifier: MIT
//! A row of a table over the bus: stage it and commit it with `op`, or fetch it with `op` and read the stage.
//!
//! The commit is one clock of the machine, so no frame sees half a row. Indexes are checked by those who call.

use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::registers::{OP, STAGE};
use vireo_spec::table::{Command, Op, Table};

use crate::{BusError, RegisterBus};

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) table: Table,
    pub(crate) way: u8,
    pub(crate) row: u16,
}

impl Place {
    fn op(self, command: Command) -> u32 {
        Op { command, table: self.table, way: self.way, row: self.row }.pack()
    }

    /// Words that the row's fields reach into; the others of the stage mean nothing to this table.
    fn words(self) -> usize {
        self.table.fields().iter().map(|f| (f.low + f.width).div_ceil(32)).max().unwrap_or(0)
    }

    /// Fetches the row.
    pub(crate) fn read(self, bus: &mut impl RegisterBus) -> Result<Words, BusError> {
        bus.write(OP.address, self.op(Command::Read))?;
        let mut words = [0; ROW_WORDS];
        for (index, word) in words.iter_mut().take(self.words()).enumerate() {
            *word = bus.read(STAGE.nth(index))?;
        }
        Ok(words)
    }

    /// Commits `words` as the row. After an error the machine holds the old row or the new one, never a mixture.
    pub(crate) fn write(self, bus: &mut impl RegisterBus, words: &Words) -> Result<(), BusError> {
        for (index, &word) in words.iter().take(self.words()).enumerate() {
            bus.write(STAGE.nth(index), word)?;
        }
        bus.write(OP.address, self.op(Command::Write))
    }

    /// Makes the row zeros.
    pub(crate) fn clear(self, bus: &mut impl RegisterBus) -> Result<(), BusError> {
        bus.write(OP.address, self.op(Command::Clear))
    }
}
