// SPDX-License-Identifier: MIT
//! Capture files: frames into the machine and out of it.
//!
//! An engine is fed what [`read`] returns, in order; what leaves a port goes to a [`Writer`].
//! Frames are Ethernet II octets without preamble and without frame check sequence, as the
//! machine's streams carry them.

mod classic;
mod error;
mod next_generation;
mod packet;
mod writer;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use std::path::Path;

pub use error::{CaptureError, CaptureFault, PacketFault};
pub use packet::LONGEST_FRAME;
pub use writer::{SHORTEST_FRAME, Writer};

/// One Ethernet frame of a capture. Its number, counted from 0, is its index in what [`read`]
/// returns; messages count packets from 1, as capture tools do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Nanoseconds since the Unix epoch; 0 where the capture keeps no time (a pcapng simple
    /// packet). Rounded down where the capture is finer.
    pub timestamp_ns: u64,
    /// The frame from its destination address to the end of its payload, without frame check
    /// sequence: 1 to [`LONGEST_FRAME`] octets.
    pub octets: Vec<u8>,
}

/// Reads a whole capture: pcap with micro- or nanoseconds, or pcapng, of either byte order.
///
/// Every packet of the file is a frame, whichever interface it came from; pcapng blocks that hold
/// no packet are skipped. A frame check sequence that the file declares is taken off.
///
/// # Errors
/// All or nothing: the first fault ends the reading, and the error names the file, the packet and
/// what was found there. Among them are a link type other than Ethernet and a packet cut by the
/// snap length, which would enter the machine as a shorter frame than the one that was sent.
pub fn read(path: impl AsRef<Path>) -> Result<Vec<Frame>, CaptureError> {
    let path = path.as_ref();
    std::fs::read(path)
        .map_err(CaptureFault::Read)
        .and_then(|file| parse(&file))
        .map_err(|fault| CaptureError { path: path.to_owned(), fault })
}

/// Reads a capture that is in memory, as [`read`] does; the formats are told apart by their first four octets.
pub(crate) fn parse(file: &[u8]) -> Result<Vec<Frame>, CaptureFault> {
    match file {
        [] => Err(CaptureFault::Empty),
        [0x0a, 0x0d, 0x0d, 0x0a, ..] => next_generation::parse(file),
        [0xa1, 0xb2, 0xc3, 0xd4, ..]
        | [0xd4, 0xc3, 0xb2, 0xa1, ..]
        | [0xa1, 0xb2, 0x3c, 0x4d, ..]
        | [0x4d, 0x3c, 0xb2, 0xa1, ..] => classic::parse(file),
        _ => Err(CaptureFault::NotACapture { found: file[..file.len().min(4)].to_vec() }),
    }
}
