// SPDX-License-Identifier: MIT
//! What can be wrong with a capture file: where, what was found, and what a person can do.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

use pcap_file::DataLink;
use pcap_file::pcapng::PcapNgParseError;
use thiserror::Error;

use super::packet::LONGEST_FRAME;

/// A capture file that could not be read or written.
#[derive(Debug, Error)]
#[error("{}: {fault}", path.display())]
pub struct CaptureError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: CaptureFault,
}

/// What is wrong with a capture file.
#[derive(Debug, Error)]
pub enum CaptureFault {
    /// The operating system did not hand the file over.
    #[error("cannot be read: {0}")]
    Read(io::Error),
    /// The operating system did not take the file. Nothing was left at its place.
    #[error("cannot be written: {0}")]
    Write(io::Error),
    /// The file has no octets, not even a header.
    #[error("the file is empty; a capture without packets still has a header: capture it again")]
    Empty,
    /// The file starts as no capture does.
    #[error(
        "not a capture: it starts with {found:02x?}, neither pcap nor pcapng; unpack it if it is \
         compressed, or convert it: editcap -F nsecpcap IN OUT"
    )]
    NotACapture {
        /// The first octets, at most four.
        found: Vec<u8>,
    },
    /// The file ends inside its header.
    #[error("cut off: the file ends after {left} of its header's {needed} octets: copy it again")]
    HeaderCut {
        /// Octets of the header.
        needed: u64,
        /// Octets that the file has.
        left: u64,
    },
    /// A version of the format that is not known: its fields may mean something else.
    #[error("{format} version {major}.{minor}, expected {expected}: convert it with editcap")]
    Version {
        /// pcap or pcapng.
        format: &'static str,
        /// The major version found.
        major: u16,
        /// The minor version found.
        minor: u16,
        /// The versions that are read.
        expected: &'static str,
    },
    /// The packets are not Ethernet frames.
    #[error(
        "{}link type {found} ({:?}), expected Ethernet (1): capture on an Ethernet interface, \
         not on \"any\"",
        interface.map_or(String::new(), |number| format!("interface {number} has ")),
        DataLink::from(*found)
    )]
    LinkType {
        /// The pcapng interface, counted from 0 in its section; pcap has but one.
        interface: Option<u32>,
        /// The number of the link type.
        found: u32,
    },
    /// The frames end in a check sequence that cannot be Ethernet's.
    #[error(
        "{field} is {value}: Ethernet's frame check sequence has 4 octets, and no other can be \
         taken off; capture without it"
    )]
    CheckSequence {
        /// The field that declares it, with its unit.
        field: &'static str,
        /// Its value.
        value: u32,
    },
    /// A packet is broken.
    #[error("packet {number} (at octet {offset}): {fault}")]
    Packet {
        /// The packet's number in the file, from 1.
        number: u64,
        /// Where its record or block starts in the file, in octets.
        offset: u64,
        /// What is wrong.
        fault: PacketFault,
    },
    /// A pcapng block is broken, and may or may not hold a packet.
    #[error("block at octet {offset}, where packet {next_packet} was to follow: {fault}")]
    Block {
        /// The number, from 1, of the packet that was to come.
        next_packet: u64,
        /// Where the block starts in the file, in octets.
        offset: u64,
        /// What is wrong.
        fault: PacketFault,
    },
}

/// What is wrong with a packet, read or to be written.
#[derive(Debug, Error)]
pub enum PacketFault {
    /// The snap length cut the packet.
    #[error(
        "only {captured} of the frame's {original} octets were captured, and the rest cannot be \
         sent: capture again with a longer snap length (tcpdump -s 0)"
    )]
    Cut {
        /// Octets in the file.
        captured: u32,
        /// Octets that the frame had.
        original: u32,
    },
    /// The lengths contradict each other.
    #[error("{captured} octets were captured of a frame of {original}: the file is damaged")]
    MoreThanSent {
        /// Octets in the file.
        captured: u32,
        /// Octets that the frame had.
        original: u32,
    },
    /// A length that no capture tool writes.
    #[error("a frame of {length} octets, the longest is {LONGEST_FRAME}: the length is damaged")]
    TooLong {
        /// Octets, as the file or the caller has it.
        length: u64,
    },
    /// The file ends inside the packet.
    #[error("cut off: the file ends after {left} of {needed} octets: copy it again")]
    Truncated {
        /// Octets of the record or block, as far as the file tells.
        needed: u64,
        /// Octets from its start to the end of the file.
        left: u64,
    },
    /// Nothing is left to send.
    #[error(
        "{captured} octets, of which {check_sequence} are frame check sequence: no frame is left"
    )]
    NoFrame {
        /// Octets in the file.
        captured: u32,
        /// Octets of the declared frame check sequence.
        check_sequence: usize,
    },
    /// The fraction of a timestamp is a second or more.
    #[error("the timestamp's fraction is {found}, of {units} in a second: the file is damaged")]
    Fraction {
        /// The fraction found.
        found: u32,
        /// How many of its unit make a second.
        units: u32,
    },
    /// The timestamp is outside what the format, or a [`Frame`](super::Frame), can hold.
    #[error("the timestamp, {seconds} s after 1970, is above {last} s: correct it with editcap -t")]
    Timestamp {
        /// Whole seconds since the Unix epoch.
        seconds: u64,
        /// The last second that can be held.
        last: u64,
    },
    /// The block breaks a rule of pcapng.
    #[error("{}: rewrite the file with editcap -F nsecpcap IN OUT", with_causes(.0))]
    Malformed(PcapNgParseError),
}

/// The library keeps the evidence in the causes; a person wants it in the one line.
fn with_causes(error: &dyn StdError) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}
