// SPDX-License-Identifier: MIT
//! A bus to a board at the end of a serial line, by the protocol of docs/board.md: a command of octets for each access, and an
//! answer to each.
//!
//! Noise on the line makes a command or an answer unreadable, which both ends see by its check octet. A read is then repeated
//! here; a write is not, because it may have had its effect: that is for the caller to judge.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{self, BaudRate, ControlFlags, FlushArg, SetArg};
use thiserror::Error;

use super::{BusAccess, BusError, BusErrorKind, RegisterBus};

/// How often a read is sent before the bus gives up.
const ATTEMPTS: u32 = 3;
/// Cycles of its clock that the board gives the machine to answer.
const PATIENCE: u64 = 65_535;

const COMMAND: u8 = 0x56;
const ANSWER: u8 = 0x76;
const READ: u8 = 0x10;
/// With all four strobes.
const WRITE: u8 = 0x2F;

/// Why a file cannot be the serial line to a board.
#[derive(Debug, Error)]
pub enum SerialError {
    /// It cannot be opened to read and write.
    #[error(
        "{}: cannot be opened to read and write: {source}; name the board's serial port, check that it is plugged in, \
         and that your user may use it (often: group dialout)", .path.display()
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another program drives the board through it.
    #[error("{}: another program uses this line; end that one first", .path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It is no serial line, or not one of this speed.
    #[error(
        "{}: expected a serial line that runs at {baud} baud with 8 data bits: {source}; name the device of the \
         board's serial port, such as /dev/ttyUSB1", .path.display()
    )]
    Settings {
        /// The file.
        path: PathBuf,
        /// Bits a second.
        baud: u32,
        /// What the system said.
        source: io::Error,
    },
}

/// A machine's registers at the other end of a serial line.
///
/// The line belongs to this program alone as long as the bus lives.
#[derive(Debug)]
pub struct SerialBus {
    line: File,
    timeout: Duration,
    /// Of the last command; the answer repeats it, so that a late one is not taken for another's.
    number: u8,
}

/// What the board said of a command.
enum Said {
    Ok([u8; 4]),
    Refused,
    MachineSilent,
}

/// Why there was no answer.
enum Silence {
    /// So many octets came, and none of them made a whole answer.
    Unanswered(u32),
    Gone,
}

impl SerialBus {
    /// Speed of the board's line if it is not built with another, in bits a second.
    pub const BAUD: u32 = 115_200;
    /// How long an answer may take: the line's speed makes it 2 ms, a converter to USB some 16 ms more.
    pub const TIMEOUT: Duration = Duration::from_millis(200);

    /// Opens the line at `path`, at [`Self::BAUD`], with [`Self::TIMEOUT`].
    ///
    /// # Errors
    /// [`SerialError`] says what is wrong with the file. Nothing was sent.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SerialError> {
        Self::with(path, Self::BAUD, Self::TIMEOUT)
    }

    /// Opens the line at `path`, at `baud` bits a second (one that the system knows: 9600 to 4000000), where an answer may take `timeout`.
    ///
    /// # Errors
    /// [`SerialError`] says what is wrong with the file or its settings. Nothing was sent.
    pub fn with(path: impl AsRef<Path>, baud: u32, timeout: Duration) -> Result<Self, SerialError> {
        let path = path.as_ref();
        // A modem's line would keep whoever opens it waiting for its carrier.
        let flags = OFlag::O_NOCTTY | OFlag::O_NONBLOCK;
        let line = OpenOptions::new().read(true).write(true).custom_flags(flags.bits()).open(path);
        let open = |source| SerialError::Open { path: path.into(), source };
        let line = line.map_err(open)?;
        line.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => SerialError::InUse { path: path.into() },
            TryLockError::Error(source) => open(source),
        })?;
        set(&line, baud).map_err(|source| SerialError::Settings {
            path: path.into(),
            baud,
            source,
        })?;
        Ok(Self { line, timeout, number: 0 })
    }

    /// Sends a command (kind, address, and what else it carries) once, and waits for its answer.
    fn attempt(&mut self, kind: u8, address: u16, value: &[u8]) -> Result<Said, Silence> {
        // What stands in the input is of older commands.
        termios::tcflush(&self.line, FlushArg::TCIFLUSH).map_err(|_| Silence::Gone)?;
        self.number = self.number.wrapping_add(1);
        let mut command = vec![COMMAND, kind, self.number];
        command.extend(address.to_le_bytes());
        command.extend(value);
        command.push(check(&command));

        let until = Instant::now() + self.timeout;
        let mut sent = 0;
        while sent < command.len() {
            match self.line.write(&command[sent..]) {
                Ok(octets) => sent += octets,
                Err(error) if is_for_later(&error) => {
                    if !self.ready(PollFlags::POLLOUT, until)? {
                        return Err(Silence::Unanswered(0));
                    }
                }
                Err(_) => return Err(Silence::Gone),
            }
        }

        let mut heard = Vec::new();
        let mut octets = [0; 64];
        loop {
            if let Some(said) = said(&heard, kind, self.number) {
                return Ok(said);
            }
            if !self.ready(PollFlags::POLLIN, until)? {
                return Err(Silence::Unanswered(heard.len() as u32));
            }
            match self.line.read(&mut octets) {
                Ok(0) => return Err(Silence::Gone),
                Ok(length) => heard.extend(&octets[..length]),
                Err(error) if is_for_later(&error) => {}
                Err(_) => return Err(Silence::Gone),
            }
        }
    }

    /// Waits for the line until then; `false` if it does not become ready.
    fn ready(&self, wanted: PollFlags, until: Instant) -> Result<bool, Silence> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let left =
                PollTimeout::try_from(left + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX);
            let mut files = [PollFd::new(self.line.as_fd(), wanted)];
            match poll(&mut files, left) {
                Ok(0) => return Ok(false),
                Ok(_) if files[0].revents().is_some_and(|found| found.intersects(wanted)) => {
                    return Ok(true);
                }
                Err(Errno::EINTR) if Instant::now() < until => {}
                Err(Errno::EINTR) => return Ok(false),
                // Hung up.
                _ => return Err(Silence::Gone),
            }
        }
    }

    fn access(
        &mut self,
        access: BusAccess,
        address: u16,
        value: &[u8],
    ) -> Result<[u8; 4], BusError> {
        let (kind, attempts) = match access {
            BusAccess::Read => (READ, ATTEMPTS),
            BusAccess::Write => (WRITE, 1),
        };
        let error = |kind| BusError { access, address, kind };
        let mut octets = 0;
        for _ in 0..attempts {
            match self.attempt(kind, address, value) {
                Ok(Said::Ok(data)) => return Ok(data),
                Ok(Said::Refused) => return Err(error(BusErrorKind::Refused)),
                Ok(Said::MachineSilent) => {
                    return Err(error(BusErrorKind::TimedOut { cycles: PATIENCE }));
                }
                Err(Silence::Unanswered(heard)) => octets += heard,
                Err(Silence::Gone) => return Err(error(BusErrorKind::Gone)),
            }
        }
        let milliseconds = self.timeout.as_millis().try_into().unwrap_or(u32::MAX);
        Err(error(BusErrorKind::Unanswered { attempts, milliseconds, octets }))
    }
}

impl RegisterBus for SerialBus {
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        self.access(BusAccess::Read, address, &[]).map(u32::from_le_bytes)
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        self.access(BusAccess::Write, address, &value.to_le_bytes()).map(drop)
    }
}

fn is_for_later(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// Octets as they are, 8N1, without flow control.
fn set(line: &File, baud: u32) -> io::Result<()> {
    let speed = speed(baud).ok_or(io::Error::other("the system knows no such speed"))?;
    let mut settings = termios::tcgetattr(line)?;
    termios::cfmakeraw(&mut settings);
    settings.control_flags &= !(ControlFlags::CSTOPB | ControlFlags::CRTSCTS);
    settings.control_flags |= ControlFlags::CREAD | ControlFlags::CLOCAL;
    termios::cfsetspeed(&mut settings, speed)?;
    termios::tcsetattr(line, SetArg::TCSANOW, &settings)?;
    Ok(())
}

fn speed(baud: u32) -> Option<BaudRate> {
    Some(match baud {
        9_600 => BaudRate::B9600,
        19_200 => BaudRate::B19200,
        38_400 => BaudRate::B38400,
        57_600 => BaudRate::B57600,
        115_200 => BaudRate::B115200,
        230_400 => BaudRate::B230400,
        460_800 => BaudRate::B460800,
        921_600 => BaudRate::B921600,
        1_000_000 => BaudRate::B1000000,
        2_000_000 => BaudRate::B2000000,
        3_000_000 => BaudRate::B3000000,
        4_000_000 => BaudRate::B4000000,
        _ => return None,
    })
}

/// The check octet of a message: CRC-8, polynomial x^8 + x^2 + x + 1, from 0xff.
fn check(message: &[u8]) -> u8 {
    message.iter().fold(0xFF, |crc, octet| {
        (0..8).fold(crc ^ octet, |crc, _| crc << 1 ^ if crc & 0x80 == 0 { 0 } else { 0x07 })
    })
}

/// The first whole answer to the command of this kind and number among these octets.
fn said(heard: &[u8], kind: u8, number: u8) -> Option<Said> {
    (0..heard.len()).find_map(|start| {
        let (&[first, status, of], rest) = heard[start..].split_first_chunk()?;
        if first != ANSWER || status & 0xF0 != kind & 0xF0 || of != number {
            return None;
        }
        let carried = if status == READ { 4 } else { 0 };
        let (data, rest) = rest.split_at_checked(carried)?;
        if *rest.first()? != check(&heard[start..start + 3 + carried]) {
            return None;
        }
        match status & 0x0F {
            0 => Some(Said::Ok(data.try_into().unwrap_or_default())),
            1 => Some(Said::Refused),
            2 => Some(Said::MachineSilent),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests;
