// SPDX-License-Identifier: MIT
//! A VSI at its station: what is wanted, what the bridge has confirmed, and what it waits for.

use super::super::Hint;
use crate::time::Instant;
use crate::wire::vdp::{Command, Entry, Filter, Vsi};

/// What a VSI waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// For its turn to be asked for.
    Queued,
    /// For its answer, or the end of patience.
    Asked { until: Instant },
    /// For the next keep-alive, or the next try.
    Resting { until: Instant },
}

impl Phase {
    pub(super) fn until(self) -> Option<Instant> {
        match self {
            Self::Queued => None,
            Self::Asked { until } | Self::Resting { until } => Some(until),
        }
    }
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
    /// What the bridge has confirmed, VID 0 filled in; none also when it does not answer any more.
    pub confirmed: Option<(Command, Filter)>,
    /// The bridge does not answer.
    pub unanswered: bool,
    pub(super) farewells: u8,
    pub(super) phase: Phase,
}

impl VsiState {
    /// What is to be said of it: once confirmed, the filter that was.
    pub(super) fn says(&self) -> Vsi {
        let confirmed = self.confirmed.as_ref().filter(|(command, filter)| {
            (*command == self.wanted || self.wanted == Command::Deassociate)
                && answers(&self.vsi.filter, filter)
        });
        let filter = confirmed.map_or(&self.vsi.filter, |(_, filter)| filter);
        Vsi { filter: filter.clone(), ..self.vsi.clone() }
    }

    pub(super) fn needs_groups(&self) -> bool {
        self.vsi.filter.entries().any(|entry| entry.group.is_some())
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
