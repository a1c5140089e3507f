// SPDX-License-Identifier: MIT
//! A field, cut at the boundaries of 32-bit words: how software reaches one that is longer than a word.
//! The printed forms of the map say it in these pieces.

use crate::field::Field;

/// The bits of a field that stand in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The word.
    pub(super) word: usize,
    /// Position of its least significant bit there.
    pub(super) low: usize,
    /// Bits.
    pub(super) width: usize,
}

impl Part {
    /// The bits, at their place in the word.
    pub(super) fn mask(self) -> u32 {
        u32::MAX >> (32 - self.width) << self.low
    }
}

/// The field's parts, least significant first.
pub(super) fn parts(field: Field) -> Vec<Part> {
    let end = field.low + field.width;
    let words = field.low / 32..end.div_ceil(32);
    let part = |word| {
        let low = field.low.max(32 * word);
        Part { word, low: low - 32 * word, width: end.min(32 * word + 32) - low }
    };
    words.map(part).collect()
}

/// Bits as `high:low`, or the one bit.
pub(super) fn bits(low: usize, width: usize) -> String {
    if width == 1 { low.to_string() } else { format!("{}:{low}", low + width - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_cut_where_words_meet() {
        let cut = |low, width| {
            let parts = parts(Field::new("f", low, width, ""));
            parts.iter().map(|part| (part.word, part.mask())).collect::<Vec<_>>()
        };
        assert_eq!(cut(0, 32), [(0, 0xFFFF_FFFF)]);
        assert_eq!(cut(95, 1), [(2, 0x8000_0000)]);
        assert_eq!(cut(24, 48), [(0, 0xFF00_0000), (1, 0xFFFF_FFFF), (2, 0xFF)]);
    }
}
