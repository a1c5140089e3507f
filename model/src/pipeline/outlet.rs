// SPDX-License-Identifier: MIT
//! `outlet`: the register slice behind a direction. Its `ready` is the direction's `en` (docs/pipeline.md, 3.8).

use vireo_spec::pins::{Beat, Forward};

/// The registers of the outlet but for `out`, which is the pins themselves.
#[derive(Debug, Default)]
pub(crate) struct Outlet {
    ready: bool,
    skid: Beat,
    full: bool,
}

impl Outlet {
    /// The direction's `en` in this cycle.
    #[inline]
    pub(crate) fn en(&self) -> bool {
        self.ready
    }

    /// One clock: `out` are the pins, `edited` is the edit's output register.
    #[inline]
    pub(crate) fn clock(&mut self, out: &mut Forward, tready: bool, edited: Option<&Beat>) {
        let edited = if self.ready { edited } else { None };
        if !out.valid || tready {
            if self.full {
                *out = Forward { valid: true, beat: self.skid };
                self.full = false;
            } else if let Some(beat) = edited {
                out.valid = true;
                out.beat = *beat;
            } else {
                out.valid = false;
            }
        } else if let Some(beat) = edited {
            self.skid = *beat;
            self.full = true;
        }
        self.ready = !self.full;
    }
}
