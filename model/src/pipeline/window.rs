// SPDX-License-Identifier: MIT
//! `window`: as many beats as hold the longest header, so that a header is whole when it is parsed (docs/pipeline.md, 3.2).

use super::flight::{Flight, Slot};
use super::parse::Header;

/// The most beats that a header takes.
const MOST: usize = 4;

/// The registers of the window, `w[0]` youngest.
#[derive(Debug, Default)]
pub(crate) struct Window {
    w: [Slot; MOST],
    /// The youngest entry is not its frame's last beat.
    open: bool,
}

/// `H`: beats that hold the longest header.
const fn beats(octets: usize) -> usize {
    if octets >= Header::OCTETS { 1 } else { Header::OCTETS / octets }
}

impl Window {
    /// Whether the window shifts in this cycle, if the direction's `en` is 1.
    #[inline]
    pub(crate) fn shifts(&self, offered: Slot) -> bool {
        offered.is_beat() || !self.open
    }

    /// The entry that leaves when the window shifts.
    #[inline]
    pub(crate) fn oldest<const K: usize>(&self) -> Slot {
        self.w[beats(K) - 1]
    }

    /// The header of the frame whose first beat is the oldest entry.
    #[inline]
    pub(crate) fn header<const K: usize, F: Default + Clone>(
        &self,
        flight: &Flight<K, F>,
    ) -> Header {
        let mut header = Header::default();
        for slot in self.w[..beats(K)].iter().rev() {
            header.push(flight.data(*slot), slot.octets);
            if slot.last {
                break;
            }
        }
        header
    }

    /// One clock with `shift`.
    #[inline]
    pub(crate) fn clock<const K: usize>(&mut self, slot: Slot) {
        for i in (1..beats(K)).rev() {
            self.w[i] = self.w[i - 1];
        }
        self.w[0] = slot;
        self.open = slot.is_beat() && !slot.last;
    }
}
