// SPDX-License-Identifier: MIT
//! Beats and frames on their way from intake to edit, in one direction: the memory behind window, delay line and headers.
//!
//! Hardware moves them from register to register; the model leaves them where they were put and moves their numbers, a
//! [`Slot`] each, so that a clock copies no data that it does not change.

/// Beats that a direction holds at the most are 16 in the intake, 4 in the window, 33 in the delay line, 1 in remove.
const PLACES: usize = 64;

/// Clocks from the window to the edit, at the most, and a power of two.
const DEPTH: usize = 64;

/// A beat in flight, or a bubble.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slot {
    /// Where the beat's data stands, and its frame's record if it is the first.
    pub(crate) place: u8,
    /// Octets in it; 0 is a bubble.
    pub(crate) octets: u8,
    pub(crate) first: bool,
    pub(crate) last: bool,
    /// The MAC marked it (on the last beat).
    pub(crate) bad: bool,
    /// Its frame grows by a beat behind it (on the last beat).
    pub(crate) grows: bool,
}

impl Slot {
    pub(crate) const BUBBLE: Self =
        Self { place: 0, octets: 0, first: false, last: false, bad: false, grows: false };

    pub(crate) fn is_beat(&self) -> bool {
        self.octets != 0
    }
}

/// The memory of one direction: `K` octets a beat, `F` what is known of a frame.
#[derive(Debug)]
pub(crate) struct Flight<const K: usize, F> {
    beats: Box<[[u8; K]; PLACES]>,
    frames: Box<[F]>,
    next: u8,
    /// The delay line: what left the window `n` clocks ago (with `en`) stands at `now - n`.
    line: [Slot; DEPTH],
    now: usize,
    /// Bit `n`: a frame's first beat left the window `n` clocks ago.
    headers: u64,
}

impl<const K: usize, F: Default + Clone> Flight<K, F> {
    pub(crate) fn new() -> Self {
        Self {
            beats: Box::new([[0; K]; PLACES]),
            frames: vec![F::default(); PLACES].into_boxed_slice(),
            next: 0,
            line: [Slot::BUBBLE; DEPTH],
            now: 0,
            headers: 0,
        }
    }

    /// Stores the beat on the pins; lanes that hold no octet become 0.
    #[inline]
    pub(crate) fn store(&mut self, data: &[u8; 64], octets: usize) -> u8 {
        let place = self.next;
        self.next = (place + 1) % PLACES as u8;
        let beat = &mut self.beats[place as usize];
        beat.copy_from_slice(&data[..K]);
        if octets < K {
            beat[octets..].fill(0);
        }
        place
    }

    #[inline]
    pub(crate) fn data(&self, slot: Slot) -> &[u8; K] {
        &self.beats[slot.place as usize % PLACES]
    }

    #[inline]
    pub(crate) fn frame(&self, slot: Slot) -> &F {
        &self.frames[slot.place as usize % PLACES]
    }

    #[inline]
    pub(crate) fn frame_mut(&mut self, slot: Slot) -> &mut F {
        &mut self.frames[slot.place as usize % PLACES]
    }

    /// What left the window `n` clocks ago.
    #[inline]
    pub(crate) fn at(&self, n: usize) -> Slot {
        self.line[self.now.wrapping_sub(n) % DEPTH]
    }

    /// The frame whose first beat left the window `n` clocks ago.
    #[inline]
    pub(crate) fn header_at(&mut self, n: usize) -> Option<&mut F> {
        if self.headers >> n & 1 == 0 {
            return None;
        }
        let slot = self.at(n);
        Some(self.frame_mut(slot))
    }

    /// One clock of the delay line; in the next cycle `leaving` is what left the window a clock ago.
    #[inline]
    pub(crate) fn advance(&mut self, leaving: Slot) {
        self.now = self.now.wrapping_add(1);
        self.line[self.now.wrapping_sub(1) % DEPTH] = leaving;
        self.headers = self.headers << 1 | u64::from(leaving.first) << 1;
    }
}
