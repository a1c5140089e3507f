// SPDX-License-Identifier: MIT
//! A VSI at its station: what is wanted, what the bridge has confirmed, and what it waits for.

use super::super::Hint;
use crate::time::Instant;
use crate::wire::vdp::{Command, Entry, Filter, Vsi, VsiTlv};

/// What a VSI waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// To be asked for, when it is its turn.
    Queued { turn: u64 },
    /// For its answer, or the end of patience.
    Asked { until: Instant },
    /// For the next keep-alive, or the next try.
    Resting { until: Instant },
}

/// A VSI at its station.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VsiState {
    /// What is wanted; de-association while it goes.
    pub wanted: Command,
    /// As it was asked for.
    pub vsi: Vsi,
    /// Where it comes from or goes to.
    pub hint: Option<Hint>,
    /// What the bridge has confirmed last, VID 0 filled in. While it does not answer, it may have forgotten that.
    pub confirmed: Option<(Command, Filter)>,
    /// The bridge does not answer.
    pub unanswered: bool,
    /// Whoever wants it knows that it is confirmed.
    pub(super) told: bool,
    /// De-associations that nobody answered.
    pub(super) farewells: u8,
    pub(super) phase: Phase,
}

impl VsiState {
    pub(super) fn is_asked(&self) -> bool {
        matches!(self.phase, Phase::Asked { .. })
    }

    /// What is to be said of it: once confirmed, the filter that was.
    pub(super) fn says(&self) -> Vsi {
        let filter = self.confirmed_filter().unwrap_or(&self.vsi.filter);
        Vsi { filter: filter.clone(), ..self.vsi.clone() }
    }

    /// What is to be asked of the bridge.
    pub(super) fn request(&self) -> VsiTlv {
        // Where it comes from is told until it is confirmed: a keep-alive moves nothing.
        let status = Hint::status(self.hint.filter(|_| self.confirmed_filter().is_none()));
        VsiTlv { command: self.wanted, status, vsi: self.says() }
    }

    /// The filter as it was filled in, if what was confirmed is what is wanted, or to be ended.
    fn confirmed_filter(&self) -> Option<&Filter> {
        let (command, filter) = self.confirmed.as_ref()?;
        let same = [*command, Command::Deassociate].contains(&self.wanted);
        (same && answers(&self.vsi.filter, filter)).then_some(filter)
    }

    /// Whether there is news in it that a bridge without groups would not understand: neither a keep-alive nor a farewell.
    pub(super) fn needs_groups(&self) -> bool {
        self.confirmed_filter().is_none()
            && self.wanted != Command::Deassociate
            && self.vsi.filter.entries().any(|entry| entry.group.is_some())
    }
}

/// Whether `given` is `asked` with nothing but VID 0 filled in.
pub(super) fn answers(asked: &Filter, given: &Filter) -> bool {
    let fits = |(asked, given): (Entry, Entry)| {
        let mut filled = asked;
        if asked.word.vid.get() == 0 {
            filled.word.vid = given.word.vid;
        }
        filled == given
    };
    asked.format() == given.format()
        && asked.len() == given.len()
        && asked.entries().zip(given.entries()).all(fits)
}
