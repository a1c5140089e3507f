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
        self.out.clock();
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
        let data = self.out.data::<K>();
        data.fill(0);
        data[..self.overflow].copy_from_slice(&self.carry[..self.overflow]);
        self.out.emit(self.overflow, true, self.bad, &self.progress.verdict);
        self.overflow = 0;
    }

    /// The beat with what was carried, or with the tag, in front; what does not fit is carried on.
    #[inline]
    fn shift<const K: usize>(&mut self, slot: Slot, data: &[u8; K]) {
        let verdict = &self.progress.verdict;
        let (tag, carry) = (&verdict.tag, &mut self.carry);
        let out = self.out.data::<K>();
        let at_tag = self.at == TAG_AT / K;
        let mut octets = usize::from(slot.octets);
        if verdict.growth == 0 || self.at < TAG_AT / K {
            *out = *data;
        } else {
            octets += usize::from(verdict.growth);
            match verdict.growth {
                8 => splice::<K, 8>(at_tag, data, tag, carry, out),
                6 => splice::<K, 6>(at_tag, data, tag, carry, out),
                _ => splice::<K, 4>(at_tag, data, tag, carry, out),
            }
        }
        self.at += usize::from(self.at <= TAG_AT / K);
        let fits = octets <= K;
        self.out.emit(octets.min(K), slot.last && fits, slot.bad, verdict);
        if slot.last && !fits {
            self.overflow = octets - K;
            self.bad = slot.bad;
        }
    }
}

/// Puts the tag, or behind it what was carried, in front of `data`: `G` octets, a constant, so that a beat moves as a whole.
#[inline]
fn splice<const K: usize, const G: usize>(
    at_tag: bool,
    data: &[u8; K],
    tag: &[u8; LONGEST_TAG],
    carry: &mut [u8; LONGEST_TAG],
    out: &mut [u8; K],
) {
    if !at_tag {
        out[..G].copy_from_slice(&carry[..G]);
        out[G..].copy_from_slice(&data[..K - G]);
        carry[..G].copy_from_slice(&data[K - G..]);
        return;
    }
    let before = TAG_AT % K;
    out[..before].copy_from_slice(&data[..before]);
    if before + G <= K {
        out[before..before + G].copy_from_slice(&tag[..G]);
        out[before + G..].copy_from_slice(&data[before..K - G]);
        carry[..G].copy_from_slice(&data[K - G..]);
    } else {
        let fit = K - before;
        out[before..].copy_from_slice(&tag[..fit]);
        carry[..G - fit].copy_from_slice(&tag[fit..G]);
        carry[G - fit..G].copy_from_slice(&data[before..]);
    }
}
