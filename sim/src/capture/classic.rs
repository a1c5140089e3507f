// SPDX-License-Identifier: MIT
//! Reads pcap (draft-ietf-opsawg-pcap): one header, then a record for each packet.

use std::time::Duration;

use pcap_file::DataLink;
use pcap_file::pcap::{PcapHeader, PcapParseError, PcapParser, PcapTsResolution};

use super::packet::{LONGEST_FRAME, Packet, check_sequence};
use super::{CaptureFault, Frame, PacketFault};

/// Octets of the file's header.
const HEADER: u64 = 24;
/// Octets of a record before its packet.
const RECORD_HEADER: u64 = 16;

/// All frames of a file that starts with one of pcap's four magic numbers.
pub(super) fn parse(file: &[u8]) -> Result<Vec<Frame>, CaptureFault> {
    // The magic number is known, so only the length is left to fail.
    let (mut rest, parser) = PcapParser::new(file)
        .map_err(|_| CaptureFault::HeaderCut { needed: HEADER, left: file.len() as u64 })?;
    let header = parser.header();
    let check_sequence = check_header(&header)?;
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let (after, frame) =
            next_frame(&parser, rest, check_sequence).map_err(|fault| CaptureFault::Packet {
                number: frames.len() as u64 + 1,
                offset: (file.len() - rest.len()) as u64,
                fault,
            })?;
        frames.push(frame);
        rest = after;
    }
    Ok(frames)
}

/// Refuses what would be misread; returns the octets of frame check sequence that each packet has.
fn check_header(header: &PcapHeader) -> Result<usize, CaptureFault> {
    let (major, minor) = (header.version_major, header.version_minor);
    if (major, minor) != (2, 4) {
        // Before 2.4 a record's two lengths may stand in either order.
        return Err(CaptureFault::Version { format: "pcap", major, minor, expected: "2.4" });
    }
    // The field is the link type, reserved bits, the flag that the length of the frame check
    // sequence is known, and this length in units of 16 bits.
    let network = u32::from(header.datalink);
    let found = network & 0xffff;
    if DataLink::from(found) != DataLink::ETHERNET {
        return Err(CaptureFault::LinkType { interface: None, found });
    }
    let known = network & (1 << 26) != 0;
    let units = if known { network >> 28 } else { 0 };
    check_sequence("the header's frame check sequence length (16-bit units)", units, 16)
}

/// The frame of the record that `rest` starts with, and what follows it.
fn next_frame<'a>(
    parser: &PcapParser,
    rest: &'a [u8],
    check_sequence: usize,
) -> Result<(&'a [u8], Frame), PacketFault> {
    // The raw record: the library's checked one refuses a snap length of 0, which some tools
    // write for "no limit".
    let (after, record) = parser.next_raw_packet(rest).map_err(|error| match error {
        PcapParseError::IncompleteBuffer(packet, _) if rest.len() as u64 >= RECORD_HEADER => {
            if packet as u64 > u64::from(LONGEST_FRAME) {
                PacketFault::TooLong { length: packet as u64 }
            } else {
                let needed = RECORD_HEADER + packet as u64;
                PacketFault::Truncated { needed, left: rest.len() as u64 }
            }
        }
        _ => PacketFault::Truncated { needed: RECORD_HEADER, left: rest.len() as u64 },
    })?;
    let (units, nanoseconds) = match parser.header().ts_resolution {
        PcapTsResolution::MicroSecond => (1_000_000, 1_000),
        PcapTsResolution::NanoSecond => (1_000_000_000, 1),
    };
    if record.ts_frac >= units {
        return Err(PacketFault::Fraction { found: record.ts_frac, units });
    }
    let packet = Packet {
        timestamp: Duration::new(record.ts_sec.into(), record.ts_frac * nanoseconds),
        original: record.orig_len,
        octets: &record.data,
        check_sequence,
    };
    Ok((after, packet.into_frame()?))
}
