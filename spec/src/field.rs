// SPDX-License-Identifier: MIT
//! A field of a register or of a table row: where its bits stand, declared once.
//!
//! Registers, rows, the printed map and every user of either read positions from here, so no bit number is written twice.

use bitvec::prelude::*;

/// Words in a staged row, the longest row there can be.
pub const ROW_WORDS: usize = 8;

/// A row, or a register (word 0), as software sees it: bit `b` is bit `b % 32` of word `b / 32`.
pub type Words = [u32; ROW_WORDS];

/// A named group of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name in the map, lower case with underscores.
    pub name: &'static str,
    /// Position of its least significant bit; 32 and more are further words of a row.
    pub low: usize,
    /// Bits, 1 to 64.
    pub width: usize,
    /// One sentence for the printed map.
    pub description: &'static str,
}

impl Field {
    /// Declares a field.
    pub const fn new(
        name: &'static str,
        low: usize,
        width: usize,
        description: &'static str,
    ) -> Self {
        assert!(width >= 1 && width <= 64 && low + width <= 32 * ROW_WORDS);
        Self { name, low, width, description }
    }

    /// The field's value in a row.
    pub fn get(&self, words: &Words) -> u64 {
        words.view_bits::<Lsb0>()[self.low..self.low + self.width].load_le()
    }

    /// Puts `value` into a row.
    ///
    /// # Panics
    /// If `value` has more bits than the field: callers hand in typed values, so that is a defect of theirs.
    pub fn set(&self, words: &mut Words, value: u64) {
        assert!(value <= self.max(), "{} = {value:#x} exceeds {} bits", self.name, self.width);
        words.view_bits_mut::<Lsb0>()[self.low..self.low + self.width].store_le(value);
    }

    /// The field's value in a register.
    pub const fn of(&self, register: u32) -> u32 {
        (register >> self.low) & self.max() as u32
    }

    /// `value` at the field's place in a register; bits that do not fit are cut off.
    pub const fn at(&self, value: u32) -> u32 {
        (value & self.max() as u32) << self.low
    }

    /// The greatest value that fits.
    pub const fn max(&self) -> u64 {
        u64::MAX >> (64 - self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_across_words_reads_back_and_leaves_its_neighbours() {
        let field = Field::new("f", 24, 48, "");
        let mut words = [0xFFFF_FFFF; ROW_WORDS];
        field.set(&mut words, 0x1234_5678_9ABC);
        assert_eq!(field.get(&words), 0x1234_5678_9ABC);
        assert_eq!(words[0] & 0x00FF_FFFF, 0x00FF_FFFF);
        assert_eq!(words[2] >> 8, 0x00FF_FFFF);
    }

    #[test]
    #[should_panic(expected = "exceeds 3 bits")]
    fn a_value_too_large_for_its_field_is_refused() {
        Field::new("f", 0, 3, "").set(&mut [0; ROW_WORDS], 8);
    }
}
