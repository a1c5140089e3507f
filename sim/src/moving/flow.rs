// SPDX-License-Identifier: MIT
//! One port's frames in one direction, from the one who sends them to the one who gets them.

/// A place of a port: link and channel.
pub type Place = (u8, u16);

/// Frames by serial number.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// Octets of each frame sent, without tag.
    pub sent: Vec<usize>,
    /// The cycle in which each frame came; frames that were lost have none.
    pub came: Vec<Option<u64>>,
    /// Where they came (towards links), one after the other.
    pub places: Vec<Place>,
    /// Frames that came a second time.
    pub twice: usize,
    /// Frames that came behind their successor.
    pub late: usize,
    /// Frames that came with other octets than they were sent with.
    pub changed: usize,
}

impl Flow {
    pub(super) fn take(&mut self, serial: usize, place: Option<Place>, cycle: u64) {
        match self.came.get_mut(serial) {
            Some(Some(_)) => self.twice += 1,
            Some(missing) => {
                *missing = Some(cycle);
                self.late += 1;
            }
            None => {
                self.came.resize(serial, None);
                self.came.push(Some(cycle));
            }
        }
        self.places.extend(place.filter(|_| self.places.last() != place.as_ref()));
    }

    /// Frames that did not come, though one that was sent later did, or the traffic has ended.
    pub fn lost(&self) -> usize {
        self.came.iter().filter(|cycle| cycle.is_none()).count()
    }

    /// The longest time between two frames, in cycles.
    pub fn longest_gap(&self) -> u64 {
        let cycles: Vec<u64> = self.came.iter().flatten().copied().collect();
        cycles.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).max().unwrap_or(0)
    }
}
