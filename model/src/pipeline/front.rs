// SPDX-License-Identifier: MIT
//! What both directions begin with: intake ▶ window ▶ delay line, and the records of the frames in them.

use vireo_spec::pins::{Beat, Forward, USER_BAD};

use super::flight::{Flight, Slot};
use super::intake::{Entry, Intake};
use super::parse::Header;
use super::tables::{Tables, Wires};
use super::window::Window;

/// What a direction knows of a frame in flight.
pub(crate) trait Record: Default + Clone {
    /// Its first beat is accepted: `tid` and `tuser` are taken from it.
    fn enter(&mut self, beat: &Beat);
    /// The clock behind: the rows of ports and groups are read.
    fn read_port(&mut self, tables: &Tables);
    /// The clock behind that: the link's row is read.
    fn read_link(&mut self, tables: &Tables);
    /// Octets that the frame will grow by, as the intake paces it, once its rows are read.
    fn growth(&self) -> usize;
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
    /// The frame whose beats go into the queue grows by so many octets.
    growth: usize,
}

impl<const K: usize, F: Record> Front<K, F> {
    pub(crate) fn new() -> Self {
        Self {
            flight: Flight::new(),
            intake: Intake::default(),
            window: Window::default(),
            open: false,
            growth: 0,
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
    fn store(&mut self, beat: &Beat) -> Slot {
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
        if slot.first {
            self.flight.frame_mut(slot).enter(beat);
        }
        slot
    }

    /// One clock of the intake: the stream and its `tready`.
    #[inline]
    pub(crate) fn take(
        &mut self,
        wires: &Wires<'_>,
        shift: bool,
        pins: &Forward,
        ready: &mut bool,
    ) {
        let Entry { port, link, mut grows } = self.intake.entry();
        if port.first {
            self.flight.frame_mut(port).read_port(wires.tables);
        }
        if link.first {
            self.flight.frame_mut(link).read_link(wires.tables);
        }
        if grows.first {
            self.growth = self.flight.frame(grows).growth();
        }
        grows.grows = grows.last && usize::from(grows.octets) + self.growth > K;
        let accepted = if pins.valid && *ready { self.store(&pins.beat) } else { Slot::BUBBLE };
        *ready = self.intake.clock(wires.run, shift, grows, accepted);
    }
}
