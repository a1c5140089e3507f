// SPDX-License-Identifier: MIT
//! `remove`: decapsulate's edit takes the tag out from behind the addresses. A beat out needs the beat behind it, so it works
//! one slot late, whatever the frame (docs/pipeline.md, 3.7).

use super::edit::{Ending, Output, Progress, TAG_AT, Verdict};
use super::flight::{Flight, Slot};

/// The registers of remove.
#[derive(Debug, Default)]
pub(crate) struct Remove {
    /// Of the frame whose beats arrive.
    pub(crate) progress: Progress,
    pub(crate) out: Output,
    /// The beat held.
    held: Slot,
    /// Its frame's verdict: the next frame's may arrive while the last beat of this one is held.
    verdict: Verdict,
    /// The held beat's number in its frame; it stops counting behind the tag.
    at: usize,
}

impl Remove {
    /// One clock with `en`: the slot at the end of the delay line, and for a first beat the verdict.
    #[inline]
    pub(crate) fn clock<const K: usize, F: Default + Clone>(
        &mut self,
        slot: Slot,
        verdict: Option<&Verdict>,
        flight: &Flight<K, F>,
    ) -> Option<Ending> {
        let mut arriving = slot;
        if self.held.is_beat() && (self.held.last || slot.is_beat()) {
            let spent = self.shift(slot, flight);
            if spent {
                arriving = Slot::BUBBLE;
            }
            self.held = Slot::BUBBLE;
        } else {
            self.out.bubble();
        }
        if let Some(verdict) = verdict {
            self.progress.begin(verdict);
            self.verdict = *verdict;
            self.at = 0;
            self.out.begin(verdict.maximum.into());
        }
        if arriving.is_beat() {
            self.held = arriving;
        }
        if slot.is_beat() { self.progress.count(slot, self.progress.verdict.growth) } else { None }
    }

    /// The held beat without the tag, filled up from the one behind it. Whether that one is spent.
    #[inline]
    fn shift<const K: usize, F: Default + Clone>(
        &mut self,
        behind: Slot,
        flight: &Flight<K, F>,
    ) -> bool {
        let behind = if self.held.last { Slot::BUBBLE } else { behind };
        let growth = usize::from(self.verdict.growth);
        let mut both = [0u8; 128];
        both[..K].copy_from_slice(flight.data(self.held));
        if behind.is_beat() {
            both[K..2 * K].copy_from_slice(flight.data(behind));
        }
        let octets = usize::from(self.held.octets) + usize::from(behind.octets);
        let mut row = [0u8; K];
        let (octets, whole) = if growth == 0 || self.at < TAG_AT / K {
            row.copy_from_slice(&both[..K]);
            (usize::from(self.held.octets), self.held.last)
        } else {
            row.copy_from_slice(&both[growth..growth + K]);
            if self.at == TAG_AT / K {
                row[..TAG_AT % K].copy_from_slice(&both[..TAG_AT % K]);
            }
            let octets = octets.saturating_sub(growth);
            (octets.min(K), octets <= K && (self.held.last || behind.last))
        };
        self.at += usize::from(self.at <= TAG_AT / K);
        if self.verdict.leaves() {
            let bad = self.held.bad || behind.bad;
            self.out.emit(&row, octets, whole, bad, &self.verdict);
        } else {
            self.out.bubble();
        }
        whole && !self.held.last
    }
}
