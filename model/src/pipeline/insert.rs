// SPDX-License-Identifier: MIT
//! `insert`: encapsulate's edit puts the tag behind the addresses and moves what follows (docs/pipeline.md, 3.6).

use super::edit::{Ending, LONGEST_TAG, Output, Progress, TAG_AT, Verdict};
use super::flight::Slot;

/// The registers of insert.
#[derive(Debug, Default)]
pub(crate) struct Insert {
    pub(crate) progress: Progress,
    pub(crate) out: Output,
    /// The beat's number in its frame stops counting behind the tag.
    at: usize,
    carry: [u8; LONGEST_TAG],
    /// Octets of the carry that a slot behind the frame must bring out.
    overflow: usize,
    bad: bool,
}

impl Insert {
    /// One clock with `en`: the slot at the end of the delay line, its data, and for a first beat the verdict.
    #[inline]
    pub(crate) fn clock<const K: usize>(
        &mut self,
        slot: Slot,
        data: &[u8; K],
        verdict: Option<&Verdict>,
    ) -> Option<Ending> {
        if !slot.is_beat() {
            self.flush::<K>();
            return None;
        }
        debug_assert_eq!(self.overflow, 0, "the intake left no gap behind a frame that grows");
        if let Some(verdict) = verdict {
            self.progress.begin(verdict);
            self.out.begin(u32::from(verdict.maximum) + u32::from(verdict.growth));
            self.at = 0;
        }
        if self.progress.verdict.leaves() {
            self.shift(slot, data);
        } else {
            self.out.bubble();
        }
        self.progress.count(slot, 0)
    }

    /// The slot behind a frame that grew: what was carried is its last beat.
    fn flush<const K: usize>(&mut self) {
        if self.overflow == 0 {
            self.out.bubble();
            return;
        }
        let mut data = [0; K];
        data[..LONGEST_TAG].copy_from_slice(&self.carry);
        self.out.emit(&data, self.overflow, true, self.bad, &self.progress.verdict);
        self.overflow = 0;
    }

    /// The beat with what was carried, or with the tag, in front; what does not fit is carried on.
    #[inline]
    fn shift<const K: usize>(&mut self, slot: Slot, data: &[u8; K]) {
        let verdict = &self.progress.verdict;
        let growth = verdict.growth as usize;
        let mut octets = usize::from(slot.octets);
        // A beat and the longest tag; only the first K + growth are used.
        let mut row = [0u8; 64 + 2 * LONGEST_TAG];
        if growth == 0 || self.at < TAG_AT / K {
            row[..K].copy_from_slice(data);
        } else {
            if self.at == TAG_AT / K {
                let (before, tag) = (TAG_AT % K, &verdict.tag);
                row[before..before + LONGEST_TAG].copy_from_slice(tag);
                row[before + growth..growth + K].copy_from_slice(&data[before..]);
                row[..before].copy_from_slice(&data[..before]);
            } else {
                row[..LONGEST_TAG].copy_from_slice(&self.carry);
                row[growth..growth + K].copy_from_slice(data);
            }
            octets += growth;
        }
        self.carry.copy_from_slice(&row[K..K + LONGEST_TAG]);
        self.at += usize::from(self.at <= TAG_AT / K);
        let fits = octets <= K;
        let out: &[u8; K] = row[..K].try_into().expect("a beat");
        self.out.emit(out, octets.min(K), slot.last && fits, slot.bad, verdict);
        if slot.last && !fits {
            self.overflow = octets - K;
            self.bad = slot.bad;
        }
    }
}
