// SPDX-License-Identifier: MIT
//! Writes captures, whole or not at all: they appear under their name when they are complete.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::PathBuf;

use pcap_file::pcap::{PcapHeader, PcapTsResolution, PcapWriteError, PcapWriter, RawPcapPacket};
use pcap_file::{DataLink, Endianness};

use super::packet::LONGEST_FRAME;
use super::{CaptureError, CaptureFault, PacketFault};
use crate::unfinished::Unfinished;

/// The shortest frame of Ethernet without its check sequence, in octets. Shorter frames are padded
/// with zeros: the machine does not pad, and the MAC behind it, which would, is not there.
pub const SHORTEST_FRAME: usize = 60;

const NANOSECONDS: u64 = 1_000_000_000;

/// A pcap file in the making: nanoseconds, Ethernet, little-endian on every machine.
///
/// The file takes its name in [`finish`](Self::finish). A writer that is dropped before leaves
/// nothing behind, and what had the name before stays as it was.
#[derive(Debug)]
pub struct Writer {
    // Before `unfinished`, so that the file is closed when that one removes it.
    pcap: PcapWriter<BufWriter<File>>,
    unfinished: Unfinished,
    path: PathBuf,
    written: u64,
    offset: u64,
    /// The disk refused a part of a record: what comes after it could not be found again.
    torn: bool,
}

impl Writer {
    /// Starts a capture that is to be `path`, whose directory must exist.
    ///
    /// # Errors
    /// [`CaptureFault::Write`] if no file can be made beside `path`.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, CaptureError> {
        let path = path.into();
        let start = || -> Result<_, CaptureFault> {
            let (unfinished, file) = Unfinished::create(&path).map_err(CaptureFault::Write)?;
            let header = PcapHeader {
                snaplen: LONGEST_FRAME,
                datalink: DataLink::ETHERNET,
                ts_resolution: PcapTsResolution::NanoSecond,
                endianness: Endianness::Little,
                ..PcapHeader::default()
            };
            let pcap = PcapWriter::with_header(BufWriter::new(file), header).map_err(io_fault)?;
            Ok((pcap, unfinished))
        };
        match start() {
            Ok((pcap, unfinished)) => {
                Ok(Self { pcap, unfinished, path, written: 0, offset: 24, torn: false })
            }
            Err(fault) => Err(CaptureError { path, fault }),
        }
    }

    /// Appends a frame without check sequence, padded with zeros to [`SHORTEST_FRAME`] octets.
    /// `timestamp_ns` counts nanoseconds since the Unix epoch.
    ///
    /// # Errors
    /// [`PacketFault::TooLong`] above [`LONGEST_FRAME`] octets, [`PacketFault::Timestamp`] from
    /// the year 2106 on; the capture is then as before the call. [`CaptureFault::Write`] if the
    /// disk does not take it; the capture can then not be finished any more.
    pub fn write(&mut self, timestamp_ns: u64, octets: &[u8]) -> Result<(), CaptureError> {
        let written = self.append(timestamp_ns, octets);
        let length = written.map_err(|fault| CaptureError { path: self.path.clone(), fault })?;
        self.written += 1;
        self.offset += length as u64;
        Ok(())
    }

    /// Gives the capture its name, in place of what had it before.
    ///
    /// # Errors
    /// [`CaptureFault::Write`]; nothing is then left behind.
    pub fn finish(self) -> Result<(), CaptureError> {
        let Self { pcap, unfinished, path, torn, .. } = self;
        let close = || {
            if torn {
                return Err(io::Error::other("a frame before could not be written"));
            }
            // Into the inner file, so that it is closed when it is renamed.
            pcap.into_inner().into_inner().map_err(io::IntoInnerError::into_error)?;
            unfinished.finish()
        };
        close().map_err(|error| CaptureError { path, fault: CaptureFault::Write(error) })
    }

    fn append(&mut self, timestamp_ns: u64, octets: &[u8]) -> Result<usize, CaptureFault> {
        let packet_fault =
            |fault| CaptureFault::Packet { number: self.written + 1, offset: self.offset, fault };
        let seconds = timestamp_ns / NANOSECONDS;
        let ts_sec = u32::try_from(seconds)
            .map_err(|_| packet_fault(PacketFault::Timestamp { seconds, last: u32::MAX.into() }))?;
        if octets.len() as u64 > u64::from(LONGEST_FRAME) {
            return Err(packet_fault(PacketFault::TooLong { length: octets.len() as u64 }));
        }
        let mut padded = [0; SHORTEST_FRAME];
        let data = if let Some(start) = padded.get_mut(..octets.len()) {
            start.copy_from_slice(octets);
            &padded[..]
        } else {
            octets
        };
        let length = data.len() as u32;
        let record = RawPcapPacket {
            ts_sec,
            ts_frac: (timestamp_ns % NANOSECONDS) as u32,
            incl_len: length,
            orig_len: length,
            data: Cow::Borrowed(data),
        };
        self.pcap.write_raw_packet(&record).map_err(|error| {
            self.torn = true;
            io_fault(error)
        })
    }
}

/// The library's checks cannot fail here: only the disk is left.
fn io_fault(error: PcapWriteError) -> CaptureFault {
    CaptureFault::Write(match error {
        PcapWriteError::Io(error) | PcapWriteError::FieldWriteFailed(_, error) => error,
        PcapWriteError::Validation(error) => io::Error::other(error),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::capture::fixture::{self, ETHERNET, Order, frame};
    use crate::capture::{Frame, read};

    const SECOND: u64 = NANOSECONDS;

    fn at(timestamp_ns: u64, octets: &[u8]) -> Frame {
        Frame { timestamp_ns, octets: octets.to_vec() }
    }

    fn entries(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn what_is_written_is_read_again_padded_to_the_shortest_frame() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.pcap");
        let jumbo = frame(9_216 + 8);
        let mut writer = Writer::create(&path).unwrap();
        writer.write(0, &frame(14)).unwrap();
        writer.write(1_700_000_000 * SECOND + 123_456_789, &frame(60)).unwrap();
        writer.write(5, &jumbo).unwrap();
        writer.write(6, &frame(LONGEST_FRAME as usize)).unwrap();
        assert!(!path.exists());
        writer.finish().unwrap();
        let mut short = frame(14);
        short.resize(SHORTEST_FRAME, 0);
        let expected = [
            at(0, &short),
            at(1_700_000_000 * SECOND + 123_456_789, &frame(60)),
            at(5, &jumbo),
            at(6, &frame(LONGEST_FRAME as usize)),
        ];
        assert_eq!(read(&path).unwrap(), expected);
        assert_eq!(entries(directory.path()), ["out.pcap"]);
    }

    #[test]
    fn written_capture_is_nanosecond_little_endian_ethernet() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.pcap");
        let mut writer = Writer::create(&path).unwrap();
        writer.write(3 * SECOND + 4, &frame(60)).unwrap();
        writer.finish().unwrap();
        let order = Order::Little;
        let mut header = order.header(fixture::NANOSECONDS, ETHERNET);
        header[16..20].copy_from_slice(&order.u32(LONGEST_FRAME));
        let expected = [header, order.record(3, 4, &frame(60))].concat();
        assert_eq!(fs::read(&path).unwrap(), expected);
    }

    #[test]
    fn writer_dropped_before_it_is_finished_leaves_what_was_there() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.pcap");
        fs::write(&path, b"before").unwrap();
        let mut writer = Writer::create(&path).unwrap();
        writer.write(0, &frame(60)).unwrap();
        let rival = Writer::create(&path).unwrap();
        assert_eq!(entries(directory.path()).len(), 3);
        drop(writer);
        drop(rival);
        assert_eq!(entries(directory.path()), ["out.pcap"]);
        assert_eq!(fs::read(&path).unwrap(), b"before");
    }

    #[test]
    fn writer_that_cannot_take_its_name_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let taken = directory.path().join("taken");
        let writer = Writer::create(&taken).unwrap();
        fs::create_dir(&taken).unwrap();
        for error in [writer.finish().unwrap_err(), Writer::create(&taken).unwrap_err()] {
            assert!(matches!(error.fault, CaptureFault::Write(_)), "{error:?}");
            assert_eq!(entries(directory.path()), ["taken"]);
        }
        let error = Writer::create(directory.path().join("absent/out.pcap")).unwrap_err();
        assert!(matches!(error.fault, CaptureFault::Write(_)), "{error:?}");
    }

    #[test]
    fn frame_that_the_format_cannot_hold_is_refused_and_the_capture_goes_on() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.pcap");
        let mut writer = Writer::create(&path).unwrap();
        writer.write(0, &frame(60)).unwrap();
        let error = writer.write(0, &frame(LONGEST_FRAME as usize + 1)).unwrap_err();
        assert!(
            matches!(
                error.fault,
                CaptureFault::Packet {
                    number: 2,
                    offset: 100,
                    fault: PacketFault::TooLong { length: 262_145 },
                }
            ),
            "{error:?}"
        );
        let error = writer.write((1 << 32) * SECOND, &frame(60)).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("packet 2 (at octet 100): the timestamp, 4294967296 s"), "{text}");
        writer.write(1, &frame(61)).unwrap();
        writer.finish().unwrap();
        assert_eq!(read(&path).unwrap(), [at(0, &frame(60)), at(1, &frame(61))]);
    }
}
