// SPDX-License-Identifier: MIT
//! A limit of requests a second, which lets a burst through: a bucket that fills steadily and is emptied by requests.

use crate::time::Instant;

/// A request, in the unit in which the bucket fills each microsecond by the rate.
const REQUEST: u64 = 1_000_000;

#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    rate: u64,
    full: u64,
    level: u64,
    filled_at: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(super) fn new(rate: u32, burst: u32) -> Self {
        let full = u64::from(burst) * REQUEST;
        Self { rate: rate.into(), full, level: full, filled_at: Instant::ZERO }
    }

    /// Whether another request is within the limit.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let passed = now.micros().saturating_sub(self.filled_at.micros());
        self.filled_at = self.filled_at.max(now);
        self.level = self.level.saturating_add(passed.saturating_mul(self.rate)).min(self.full);
        let within = self.level >= REQUEST;
        if within {
            self.level -= REQUEST;
        }
        within
    }
}
