// SPDX-License-Identifier: MIT
//! A bus to hardware whose registers are a file to map: a PCI resource (`/sys/bus/pci/devices/.../resource0`) or a UIO device
//! (`/dev/uio0`, its first mapping).
//!
//! Writes on such a bus are posted: nobody says that one was refused. Each is followed by a read of `status`, which answers only
//! when the write has arrived.
#![allow(unsafe_code)]

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use memmap2::{MmapOptions, MmapRaw};
use thiserror::Error;
use vireo_spec::registers::{MAGIC, SPACE, STATUS};

use super::{BusAccess, BusError, BusErrorKind, RegisterBus};

/// Why a file cannot be a machine's registers.
#[derive(Debug, Error)]
pub enum MapError {
    /// It cannot be opened to read and write.
    #[error(
        "{}: cannot be opened to read and write: {source}; {}", .path.display(), remedy(source)
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is too short.
    #[error(
        "{}: expected {SPACE} octets of registers at least, found {found}; name the resource (BAR) that the \
         machine's registers stand in", .path.display()
    )]
    TooShort {
        /// The file.
        path: PathBuf,
        /// Its octets.
        found: u64,
    },
    /// It cannot be mapped.
    #[error(
        "{}: {SPACE} octets of it cannot be mapped: {source}; name a PCI resource file of memory (not of I/O ports), \
         or a UIO device whose first mapping is the machine's registers", .path.display()
    )]
    Map {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

fn remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound => {
            "check the name, that the hardware is there (lspci), and for UIO that its driver is bound to it"
        }
        io::ErrorKind::PermissionDenied => {
            "run this as root, or let a udev rule give the file to your user"
        }
        _ => "name a PCI resource file or a UIO device",
    }
}

/// The registers of a machine in memory of this host: little endian, 4 KiB, 32 bits an access.
#[derive(Debug)]
pub struct MappedBus {
    map: MmapRaw,
}

impl MappedBus {
    /// Maps the first 4 KiB of the file at `path`.
    ///
    /// # Errors
    /// [`MapError`] says what is wrong with the file. Nothing was accessed.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, MapError> {
        let path = path.as_ref();
        let open = |source| MapError::Open { path: path.into(), source };
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(open)?;
        let metadata = file.metadata().map_err(open)?;
        // A device's file has no length; one that is too short for a mapping refuses it.
        if metadata.is_file() && metadata.len() < SPACE.into() {
            return Err(MapError::TooShort { path: path.into(), found: metadata.len() });
        }
        let map = MmapOptions::new().len(SPACE.into()).map_raw(&file);
        Ok(Self { map: map.map_err(|source| MapError::Map { path: path.into(), source })? })
    }

    /// The register at `address`; `None` if it is none.
    fn register(&self, address: u16) -> Option<*mut u32> {
        let inside = address < SPACE && address.is_multiple_of(4);
        inside.then(|| self.map.as_mut_ptr().cast::<u32>().wrapping_add(usize::from(address) / 4))
    }

    fn load(&self, address: u16) -> Option<u32> {
        let register = self.register(address)?;
        // SAFETY: `register` points to a whole, aligned word of the mapping, which lives as long as `self`. The mapping is not
        // of Rust's memory, no reference to it is ever made, and a volatile access is all that software does to registers.
        Some(u32::from_le(unsafe { register.read_volatile() }))
    }

    fn store(&mut self, address: u16, value: u32) -> Option<()> {
        let register = self.register(address)?;
        // SAFETY: As in `load`; the mapping was made writable.
        unsafe { register.write_volatile(value.to_le()) };
        Some(())
    }

    /// Hardware that is gone, or whose memory is not enabled, reads as ones everywhere.
    fn is_gone(&self, read: u32) -> bool {
        read == u32::MAX && self.load(MAGIC.address) == Some(u32::MAX)
    }
}

impl RegisterBus for MappedBus {
    /// Also fails where the bus reads as ones, the machine's `magic` included ([`BusErrorKind::Gone`]).
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        let error = |kind| BusError { access: BusAccess::Read, address, kind };
        let value = self.load(address).ok_or(error(BusErrorKind::Refused))?;
        if self.is_gone(value) { Err(error(BusErrorKind::Gone)) } else { Ok(value) }
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        let error = |kind| BusError { access: BusAccess::Write, address, kind };
        self.store(address, value).ok_or(error(BusErrorKind::Refused))?;
        match self.load(STATUS.address) {
            Some(status) if self.is_gone(status) => Err(error(BusErrorKind::Gone)),
            _ => Ok(()),
        }
    }
}
