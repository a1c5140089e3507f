// SPDX-License-Identifier: MIT
//! Block RAM: an array with a registered read, and an output register behind it. Port A reads for lookups, port B is software's.
//!
//! The raw array gives poison where a read meets a write of the same row; the bypass is what makes such a read defined.

/// What a raw array gives where a read meets a write: a value that no test can mistake for a row.
pub(crate) trait Poison {
    const POISON: Self;
}

impl Poison for u64 {
    const POISON: Self = 0xDEAD_DEAD_DEAD_DEAD;
}

/// A row that port B writes in this cycle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write<T> {
    pub(crate) row: usize,
    pub(crate) value: T,
}

/// The array.
#[derive(Debug)]
pub(crate) struct BlockRam<T> {
    rows: Box<[T]>,
}

impl<T: Copy + Poison + Default> BlockRam<T> {
    /// `rows` rows, swept.
    pub(crate) fn new(rows: usize) -> Self {
        Self { rows: vec![T::default(); rows].into_boxed_slice() }
    }

    /// The row as it stood before this cycle's edge; undefined where port B writes it in this cycle.
    #[inline]
    fn raw(&self, row: usize, written: Option<&Write<T>>) -> T {
        match written {
            Some(write) if write.row == row => T::POISON,
            _ => self.rows[row],
        }
    }

    /// Port B's read: software's accesses come one after the other, so no write meets it.
    pub(crate) fn read(&self, row: usize) -> T {
        self.rows[row]
    }

    /// The edge for port B.
    pub(crate) fn write(&mut self, write: Write<T>) {
        self.rows[write.row] = write.value;
    }
}

/// The registers of one lookup's read through port A.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadPort<T> {
    raw: T,
    /// The row that was written in the cycle of the read.
    bypass: Option<T>,
}

impl<T: Copy + Poison + Default> Default for ReadPort<T> {
    fn default() -> Self {
        Self { raw: T::default(), bypass: None }
    }
}

impl<T: Copy + Poison + Default> ReadPort<T> {
    /// The clock of the array read.
    #[inline]
    pub(crate) fn read(&mut self, ram: &BlockRam<T>, row: usize, written: Option<&Write<T>>) {
        self.raw = ram.raw(row, written);
        self.bypass = written.filter(|write| write.row == row).map(|write| write.value);
    }

    /// What the output register takes a clock later.
    #[inline]
    pub(crate) fn output(&self) -> T {
        self.bypass.unwrap_or(self.raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_that_meets_a_write_sees_the_new_row_by_the_bypass_alone() {
        let mut ram = BlockRam::<u64>::new(4);
        let mut port = ReadPort::default();
        let write = Write { row: 2, value: 7 };
        assert_eq!(ram.raw(2, Some(&write)), u64::POISON);
        port.read(&ram, 2, Some(&write));
        ram.write(write);
        assert_eq!(port.output(), 7);
        port.read(&ram, 3, Some(&write));
        assert_eq!(port.output(), 0);
    }
}
