// SPDX-License-Identifier: MIT
//! The register bus: the one way from host software to a machine, be it hardware or a model of it.
//!
//! A bus carries 32-bit reads and writes; its errors name the register that they met. [`MappedBus`] and [`SerialBus`] lead to
//! hardware; [`RecordedBus`] and [`FaultyBus`] stand in front of any other.

mod faulty;
mod mapped;
mod recorded;
mod serial;

pub use faulty::{Fault, FaultyBus};
pub use mapped::{MapError, MappedBus};
pub use recorded::{Record, RecordedBus};
pub use serial::{SerialBus, SerialError};

use std::fmt;

use thiserror::Error;
use vireo_spec::registers::MAP;

/// Carries register accesses to one machine, in the order of the calls.
pub trait RegisterBus {
    /// Reads the register at `address` (octets, a multiple of 4 below 0x1000).
    ///
    /// # Errors
    /// If the machine refuses the access or does not answer. The caller may repeat it.
    fn read(&mut self, address: u16) -> Result<u32, BusError>;

    /// Writes all four octets of the register at `address` and returns when the machine has answered.
    ///
    /// # Errors
    /// If the machine refuses the access, which then has had no effect, or does not answer, in which case it may have had its
    /// effect. The caller may repeat it.
    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError>;
}

macro_rules! forward {
    ($pointer:ty) => {
        impl<B: RegisterBus + ?Sized> RegisterBus for $pointer {
            fn read(&mut self, address: u16) -> Result<u32, BusError> {
                (**self).read(address)
            }

            fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
                (**self).write(address, value)
            }
        }
    };
}
forward!(&mut B);
forward!(Box<B>);

/// Which way an access went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusAccess {
    /// From the machine.
    Read,
    /// To the machine.
    Write,
}

/// Why an access failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BusErrorKind {
    /// The machine answered SLVERR; the access had no effect.
    Refused,
    /// The machine did not answer; the access may have had its effect.
    TimedOut {
        /// How long the bus waited, in cycles of the machine's clock.
        cycles: u64,
    },
    /// A serial line brought no whole answer; the access may have had its effect.
    Unanswered {
        /// How often it was sent.
        attempts: u32,
        /// How long each of them waited.
        milliseconds: u32,
        /// Octets that came instead of an answer.
        octets: u32,
    },
    /// There is nobody at the other end of the bus any more; the access may have had its effect.
    Gone,
}

/// An access that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub struct BusError {
    /// Which way it went.
    pub access: BusAccess,
    /// Where it went.
    pub address: u16,
    /// Why it failed.
    pub kind: BusErrorKind,
}

impl BusError {
    /// Whether the access may have had its effect, for all that is known.
    pub fn may_have_had_effect(&self) -> bool {
        self.kind != BusErrorKind::Refused
    }
}

/// An access as people read it: "write of stage[3] (0x20c)".
struct Described(BusAccess, u16);

impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let &Self(access, address) = self;
        f.write_str(match access {
            BusAccess::Read => "read of ",
            BusAccess::Write => "write of ",
        })?;
        match MAP.iter().find_map(|r| r.index_of(address).map(|index| (r, index))) {
            Some((register, index)) if register.count > 1 => {
                write!(f, "{}[{index}]", register.name)
            }
            Some((register, _)) => f.write_str(register.name),
            None => f.write_str("no register"),
        }?;
        write!(f, " (0x{address:03x})")
    }
}

impl fmt::Display for BusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", Described(self.access, self.address))?;
        match self.kind {
            BusErrorKind::Refused => f.write_str(
                "was refused (SLVERR): a machine refuses what its register map or geometry does not \
                 have, and table operations before it is ready or during a snapshot; check that \
                 nothing else drives or resets this machine, then repeat the call",
            ),
            BusErrorKind::TimedOut { cycles } => write!(
                f,
                "got no answer within {cycles} cycles: check that the machine is clocked and out of \
                 reset, then repeat the call"
            ),
            BusErrorKind::Unanswered { attempts, milliseconds, octets } => write!(
                f,
                "got no whole answer over the serial line ({attempts} x {milliseconds} ms, {octets} octets came): check \
                 cable and power, that the board is configured, and that the line has the speed that the board was \
                 built with, then repeat the call"
            ),
            BusErrorKind::Gone => f.write_str(
                "found nobody: check that the hardware is still there, powered and configured, and that its \
                 memory is enabled on the bus, then open it again",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_register_of_every_address() {
        let text = |address| {
            let kind = BusErrorKind::TimedOut { cycles: 100 };
            BusError { access: BusAccess::Write, address, kind }.to_string()
        };
        assert!(
            text(0x20C).starts_with("write of stage[3] (0x20c) got no answer within 100 cycles")
        );
        assert!(text(0x220).starts_with("write of op (0x220) "));
        assert!(text(0x434).starts_with("write of seed_binding_b[1] (0x434) "));
        assert!(text(0xFFC).starts_with("write of no register (0xffc) "));
    }
}
