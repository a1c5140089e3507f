// SPDX-License-Identifier: MIT
//! What both directions begin with: intake ▶ window ▶ delay line, and the records of the frames in them.

use vireo_spec::pins::{Forward, USER_BAD};

use super::flight::{Flight, Slot};
use super::intake::Intake;
use super::parse::Header;
use super::window::Window;

/// What a direction knows of a frame in flight.
pub(crate) trait Record: Default + Clone {
    /// The header left the window.
    fn set_header(&mut self, header: Header);
}

/// The stages up to the delay line.
#[derive(Debug)]
pub(crate) struct Front<const K: usize, F> {
    pub(crate) flight: Flight<K, F>,
    intake: Intake,
    window: Window,
    /// The next beat accepted is not a frame's first.
    open: bool,
}

impl<const K: usize, F: Record> Front<K, F> {
    pub(crate) fn new() -> Self {
        Self {
            flight: Flight::new(),
            intake: Intake::default(),
            window: Window::default(),
            open: false,
        }
    }

    /// Whether the window shifts in this cycle.
    #[inline]
    pub(crate) fn shifts(&self, en: bool) -> bool {
        en && self.window.shifts(self.intake.slot())
    }

    /// One clock with `en` of window and delay line.
    #[inline]
    pub(crate) fn advance(&mut self, shift: bool) {
        let leaving = if shift { self.window.oldest::<K>() } else { Slot::BUBBLE };
        if leaving.first {
            let header = self.window.header(&self.flight);
            self.flight.frame_mut(leaving).set_header(header);
        }
        self.flight.advance(leaving);
        if shift {
            self.window.clock::<K>(self.intake.slot());
        }
    }

    /// Stores the beat on the pins, which the intake accepts in this cycle.
    #[inline]
    pub(crate) fn store(&mut self, pins: &Forward) -> Slot {
        let beat = &pins.beat;
        let octets = if beat.last { beat.keep.count_ones() as usize } else { K };
        let slot = Slot {
            place: self.flight.store(&beat.data, octets),
            octets: octets as u8,
            first: !self.open,
            last: beat.last,
            bad: beat.last && beat.user & USER_BAD != 0,
            grows: false,
        };
        self.open = !beat.last;
        slot
    }

    /// One clock of the intake. Returns `tready` of the next cycle.
    #[inline]
    pub(crate) fn take(&mut self, run: bool, shift: bool, accepted: Option<Slot>) -> bool {
        self.intake.clock(run, shift, accepted)
    }
}
