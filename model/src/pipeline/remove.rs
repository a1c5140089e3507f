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
        self.out.clock();
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
        let held_data = flight.data(self.held);
        let behind_data = behind.is_beat().then(|| flight.data(behind));
        let at_tag = self.at == TAG_AT / K;
        let out = self.out.data::<K>();
        let (octets, whole) = if self.verdict.growth == 0 || self.at < TAG_AT / K {
            *out = *held_data;
            (usize::from(self.held.octets), self.held.last)
        } else {
            match self.verdict.growth {
                8 => splice::<K, 8>(at_tag, held_data, behind_data, out),
                6 => splice::<K, 6>(at_tag, held_data, behind_data, out),
                _ => splice::<K, 4>(at_tag, held_data, behind_data, out),
            }
            let octets = usize::from(self.held.octets) + usize::from(behind.octets);
            let octets = octets.saturating_sub(self.verdict.growth.into());
            (octets.min(K), octets <= K && (self.held.last || behind.last))
        };
        self.at += usize::from(self.at <= TAG_AT / K);
        if self.verdict.leaves() {
            self.out.emit(octets, whole, self.held.bad || behind.bad, &self.verdict);
        } else {
            self.out.bubble();
        }
        whole && !self.held.last
    }
}

/// Takes `G` octets out, at the tag or behind it: a constant, so that a beat moves as a whole.
#[inline]
fn splice<const K: usize, const G: usize>(
    at_tag: bool,
    held: &[u8; K],
    behind: Option<&[u8; K]>,
    out: &mut [u8; K],
) {
    out[..K - G].copy_from_slice(&held[G..]);
    match behind {
        Some(behind) => out[K - G..].copy_from_slice(&behind[..G]),
        None => out[K - G..].fill(0),
    }
    if at_tag {
        out[..TAG_AT % K].copy_from_slice(&held[..TAG_AT % K]);
    }
}
