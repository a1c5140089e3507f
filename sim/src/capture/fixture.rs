// SPDX-License-Identifier: MIT
//! Captures made by hand, octet by octet, so that the tests do not trust the library that they
//! test.

/// The byte order of a capture's numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    Big,
    Little,
}

pub(super) const ORDERS: [Order; 2] = [Order::Big, Order::Little];

pub(super) const MICROSECONDS: u32 = 0xa1b2_c3d4;
pub(super) const NANOSECONDS: u32 = 0xa1b2_3c4d;
pub(super) const ETHERNET: u32 = 1;

impl Order {
    pub(super) fn u16(self, value: u16) -> [u8; 2] {
        match self {
            Order::Big => value.to_be_bytes(),
            Order::Little => value.to_le_bytes(),
        }
    }

    pub(super) fn u32(self, value: u32) -> [u8; 4] {
        match self {
            Order::Big => value.to_be_bytes(),
            Order::Little => value.to_le_bytes(),
        }
    }

    fn words(self, values: &[u32]) -> Vec<u8> {
        values.iter().flat_map(|&value| self.u32(value)).collect()
    }

    /// A pcap header with a snap length of 65535.
    pub(super) fn header(self, magic: u32, network: u32) -> Vec<u8> {
        let version = [self.u16(2), self.u16(4)].concat();
        [self.words(&[magic]), version, self.words(&[0, 0, 65_535, network])].concat()
    }

    /// A pcap record of a packet that was not cut.
    pub(super) fn record(self, seconds: u32, fraction: u32, octets: &[u8]) -> Vec<u8> {
        self.record_of(seconds, fraction, octets.len() as u32, octets)
    }

    /// A pcap record of a packet that had `original` octets.
    pub(super) fn record_of(
        self,
        seconds: u32,
        frac: u32,
        original: u32,
        octets: &[u8],
    ) -> Vec<u8> {
        [self.words(&[seconds, frac, octets.len() as u32, original]), octets.to_vec()].concat()
    }

    /// A pcapng block of any type, its body padded.
    pub(super) fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let body = padded(body);
        let length = self.u32(12 + body.len() as u32);
        [&self.u32(kind), &length, &body[..], &length].concat()
    }

    /// A section header of pcapng 1.0.
    pub(super) fn section(self) -> Vec<u8> {
        self.section_of_version(1)
    }

    pub(super) fn section_of_version(self, major: u16) -> Vec<u8> {
        let version = [self.u16(major), self.u16(0)].concat();
        let unknown_length = self.words(&[u32::MAX; 2]);
        self.block(0x0a0d_0d0a, &[self.words(&[0x1a2b_3c4d]), version, unknown_length].concat())
    }

    /// An interface with options (code, value).
    pub(super) fn interface(self, link_type: u16, snap: u32, options: &[(u16, &[u8])]) -> Vec<u8> {
        let link_type = [self.u16(link_type), self.u16(0)].concat();
        self.block(1, &[link_type, self.words(&[snap]), self.options(options)].concat())
    }

    /// An enhanced packet of an interface, not cut, at a time in the interface's units.
    pub(super) fn enhanced(self, interface: u32, time: u64, octets: &[u8]) -> Vec<u8> {
        self.enhanced_of(interface, time, octets.len() as u32, octets, &[])
    }

    pub(super) fn enhanced_of(
        self,
        interface: u32,
        time: u64,
        original: u32,
        octets: &[u8],
        options: &[(u16, &[u8])],
    ) -> Vec<u8> {
        let (high, low) = ((time >> 32) as u32, time as u32);
        let fields = self.words(&[interface, high, low, octets.len() as u32, original]);
        self.block(6, &[fields, padded(octets), self.options(options)].concat())
    }

    /// A simple packet of a frame that had `original` octets.
    pub(super) fn simple(self, original: u32, octets: &[u8]) -> Vec<u8> {
        self.block(3, &[self.words(&[original]), octets.to_vec()].concat())
    }

    /// An obsolete packet block of an interface, not cut.
    pub(super) fn obsolete(self, interface: u16, time: u64, octets: &[u8]) -> Vec<u8> {
        let interface = [self.u16(interface), self.u16(0)].concat();
        let length = octets.len() as u32;
        let fields = self.words(&[(time >> 32) as u32, time as u32, length, length]);
        self.block(2, &[interface, fields, padded(octets)].concat())
    }

    fn options(self, options: &[(u16, &[u8])]) -> Vec<u8> {
        let mut all = Vec::new();
        for &(code, value) in options {
            all.extend(self.u16(code));
            all.extend(self.u16(value.len() as u16));
            all.extend(padded(value));
        }
        if !options.is_empty() {
            all.extend([0; 4]);
        }
        all
    }
}

/// To the next multiple of four octets.
fn padded(octets: &[u8]) -> Vec<u8> {
    let mut padded = octets.to_vec();
    padded.resize(octets.len().next_multiple_of(4), 0);
    padded
}

/// A frame of `length` octets, each octet telling its place.
pub(super) fn frame(length: usize) -> Vec<u8> {
    (0..length).map(|place| place as u8).collect()
}
