// SPDX-License-Identifier: MIT
//! A set of ports: the bitmap of members that channel rows hold and `m_port.tdest` shows.

use bitvec::prelude::*;

/// A set of ports 0 to 63, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PortSet(BitArray<[u64; 1], Lsb0>);

impl PortSet {
    /// The ports whose bits are 1.
    pub fn from_bits(bits: u64) -> Self {
        Self(BitArray::new([bits]))
    }

    /// A bit a port.
    pub fn bits(self) -> u64 {
        self.0.into_inner()[0]
    }

    /// Whether `port` (0 to 63) is in the set.
    pub fn contains(self, port: usize) -> bool {
        self.0[port]
    }

    /// Puts `port` (0 to 63) into the set or takes it out.
    pub fn set(&mut self, port: usize, member: bool) {
        self.0.set(port, member);
    }

    /// The lowest port.
    pub fn first(self) -> Option<usize> {
        (!self.is_empty()).then(|| self.bits().trailing_zeros() as usize)
    }

    /// The ports, lowest first.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter_ones()
    }

    /// Whether it has no port.
    pub fn is_empty(self) -> bool {
        self.bits() == 0
    }
}

impl FromIterator<usize> for PortSet {
    fn from_iter<I: IntoIterator<Item = usize>>(ports: I) -> Self {
        let mut set = Self::default();
        ports.into_iter().for_each(|port| set.set(port, true));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_its_bits() {
        let set: PortSet = [63, 0, 5].into_iter().collect();
        assert_eq!(set.bits(), 1 << 63 | 1 | 1 << 5);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 5, 63]);
        assert_eq!(set.first(), Some(0));
        assert!(set.contains(5) && !set.contains(6));
        assert!(PortSet::from_bits(0).is_empty());
    }
}
