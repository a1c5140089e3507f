// SPDX-License-Identifier: MIT
//! What the two formats share: a packet as the file has it, and the checks that make it a frame.

use std::time::Duration;

use super::{CaptureFault, Frame, PacketFault};

/// The longest packet of a capture, in octets: tcpdump's and Wireshark's own bound. It holds a
/// jumbo frame with its tag many times over; a length above it is damage.
pub const LONGEST_FRAME: u32 = 262_144;

/// Octets of Ethernet's frame check sequence (IEEE 802.3, 3.2.9).
const CHECK_SEQUENCE: usize = 4;

/// A packet as a capture has it.
pub(super) struct Packet<'a> {
    /// Since the Unix epoch.
    pub(super) timestamp: Duration,
    /// Octets that it had when it was sent.
    pub(super) original: u32,
    /// Octets that were captured.
    pub(super) octets: &'a [u8],
    /// Octets of frame check sequence at its end.
    pub(super) check_sequence: usize,
}

impl Packet<'_> {
    /// The frame, if it is whole.
    pub(super) fn into_frame(self) -> Result<Frame, PacketFault> {
        let Packet { timestamp, original, octets, check_sequence } = self;
        // No block or record of either format can be longer than its 32-bit length.
        let captured = octets.len() as u32;
        if captured > LONGEST_FRAME {
            return Err(PacketFault::TooLong { length: captured.into() });
        }
        if captured < original {
            return Err(PacketFault::Cut { captured, original });
        }
        if captured > original {
            return Err(PacketFault::MoreThanSent { captured, original });
        }
        let frame = octets.len().checked_sub(check_sequence).filter(|&length| length > 0);
        let length = frame.ok_or(PacketFault::NoFrame { captured, check_sequence })?;
        let timestamp_ns =
            u64::try_from(timestamp.as_nanos()).map_err(|_| PacketFault::Timestamp {
                seconds: timestamp.as_secs(),
                last: Duration::from_nanos(u64::MAX).as_secs(),
            })?;
        Ok(Frame { timestamp_ns, octets: octets[..length].to_vec() })
    }
}

/// Octets of frame check sequence, from a field that counts them in `unit`s of so many bits.
pub(super) fn check_sequence(
    field: &'static str,
    value: u32,
    unit: u32,
) -> Result<usize, CaptureFault> {
    match value * unit {
        0 => Ok(0),
        32 => Ok(CHECK_SEQUENCE),
        _ => Err(CaptureFault::CheckSequence { field, value }),
    }
}
