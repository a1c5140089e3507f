// SPDX-License-Identifier: MIT
//! Reads pcapng (draft-ietf-opsawg-pcapng): sections of blocks, where each packet names the
//! interface that tells its link type, the unit of its time and its frame check sequence.

use std::time::Duration;

use pcap_file::DataLink;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketOption;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::blocks::packet::PacketOption;
use pcap_file::pcapng::blocks::section_header::SectionHeaderBlock;
use pcap_file::pcapng::blocks::{
    ENHANCED_PACKET_BLOCK, PACKET_BLOCK, SECTION_HEADER_BLOCK, SIMPLE_PACKET_BLOCK,
};
use pcap_file::pcapng::{Block, PcapNgParseError, PcapNgParser};

use super::packet::{Packet, check_sequence};
use super::{CaptureFault, Frame, PacketFault};

/// Octets of the shortest block: its type, and its length twice.
const SHORTEST_BLOCK: usize = 12;

/// All frames of a file that starts with a section header's block type.
pub(super) fn parse(file: &[u8]) -> Result<Vec<Frame>, CaptureFault> {
    let block_fault = |next_packet, rest: &[u8], error| CaptureFault::Block {
        next_packet,
        offset: (file.len() - rest.len()) as u64,
        fault: fault(error, rest),
    };
    let (mut rest, mut parser) =
        PcapNgParser::new(file).map_err(|error| block_fault(1, file, error))?;
    check_version(parser.section())?;
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let number = frames.len() as u64 + 1;
        // Raw, so that a block that holds no packet is skipped by its length, whatever is in it.
        let (after, raw) =
            parser.next_raw_block(rest).map_err(|error| block_fault(number, rest, error))?;
        match raw.type_ {
            SECTION_HEADER_BLOCK => check_version(parser.section())?,
            ENHANCED_PACKET_BLOCK | SIMPLE_PACKET_BLOCK | PACKET_BLOCK => {
                let packet_fault = |fault| CaptureFault::Packet {
                    number,
                    offset: (file.len() - rest.len()) as u64,
                    fault,
                };
                let block = raw
                    .try_into_block(parser.state())
                    .map_err(|error| packet_fault(PacketFault::Malformed(error.into())))?;
                if let Some(packet) = packet(&block, parser.interfaces())? {
                    frames.push(packet.into_frame().map_err(packet_fault)?);
                }
            }
            _ => {}
        }
        rest = after;
    }
    Ok(frames)
}

/// Later major versions may give blocks another layout.
fn check_version(section: &SectionHeaderBlock<'_>) -> Result<(), CaptureFault> {
    let (major, minor) = (section.major_version, section.minor_version);
    if major == 1 {
        Ok(())
    } else {
        Err(CaptureFault::Version { format: "pcapng", major, minor, expected: "1.x" })
    }
}

/// The packet in a block, if the block holds one. The library has checked that its interface
/// exists.
fn packet<'a>(
    block: &'a Block<'_>,
    interfaces: &[InterfaceDescriptionBlock<'_>],
) -> Result<Option<Packet<'a>>, CaptureFault> {
    let (interface, flags, timestamp, original, octets) = match block {
        Block::EnhancedPacket(packet) => {
            let flags = packet.options.iter().find_map(|option| match option {
                EnhancedPacketOption::Flags(flags) => Some(*flags),
                _ => None,
            });
            (packet.interface_id, flags, packet.timestamp, packet.original_len, &packet.data)
        }
        // Obsolete, yet a frame that were skipped would be lost in silence.
        Block::Packet(packet) => {
            let flags = packet.options.iter().find_map(|option| match option {
                PacketOption::Flags(flags) => Some(*flags),
                _ => None,
            });
            let interface = packet.interface_id.into();
            (interface, flags, packet.timestamp, packet.original_len, &packet.data)
        }
        // Has no time, and belongs to the section's first interface.
        Block::SimplePacket(packet) => (0, None, Duration::ZERO, packet.original_len, &packet.data),
        _ => return Ok(None),
    };
    let description = &interfaces[interface as usize];
    if description.linktype != DataLink::ETHERNET {
        let found = description.linktype.into();
        return Err(CaptureFault::LinkType { interface: Some(interface), found });
    }
    // What the packet says goes before what its interface says; 0 is "not known".
    let check_sequence = match flags.map_or(0, |flags| (flags >> 5) & 0xf) {
        0 => interface_check_sequence(description)?,
        octets => check_sequence("a packet's frame check sequence length (octets)", octets, 8)?,
    };
    Ok(Some(Packet { timestamp, original, octets, check_sequence }))
}

/// Octets of frame check sequence that an interface's packets have.
fn interface_check_sequence(
    description: &InterfaceDescriptionBlock<'_>,
) -> Result<usize, CaptureFault> {
    let declared = description.options.iter().find_map(|option| match option {
        InterfaceDescriptionOption::IfFcsLen(length) => Some(u32::from(*length)),
        _ => None,
    });
    match declared.unwrap_or(0) {
        // The format counts bits, but its own example and Wireshark count octets. No Ethernet
        // has a check sequence of 4 bits, so both can be understood.
        4 => check_sequence("if_fcslen (octets)", 4, 8),
        bits => check_sequence("if_fcslen (bits)", bits, 1),
    }
}

/// The fault of the block that `rest` starts with.
fn fault(error: PcapNgParseError, rest: &[u8]) -> PacketFault {
    match error {
        PcapNgParseError::IncompleteBuffer(needed, _) => {
            // Once it has the block's length the library counts from behind it.
            let counted = if rest.len() < SHORTEST_BLOCK { 0 } else { 8 };
            PacketFault::Truncated { needed: (needed + counted) as u64, left: rest.len() as u64 }
        }
        error => PacketFault::Malformed(error),
    }
}
