// SPDX-License-Identifier: MIT
//! A bus that fails when it is told to, in front of any other: what software does on a bad day can be tried out.

use super::{BusAccess, BusError, BusErrorKind, RegisterBus};

/// How an access fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// [`BusErrorKind::Refused`]; nothing happens.
    Refused,
    /// [`BusErrorKind::TimedOut`]; the access never reached the machine.
    Lost,
    /// [`BusErrorKind::TimedOut`]; the access had its effect, and the answer was lost.
    Unheard,
    /// [`BusErrorKind::Gone`], for this access and all that follow, until [`FaultyBus::mend`]; nothing happens.
    Gone,
    /// The same, but the first of them had its effect.
    GoneUnheard,
}

impl Fault {
    /// Every way to fail.
    pub const ALL: [Self; 5] =
        [Self::Refused, Self::Lost, Self::Unheard, Self::Gone, Self::GoneUnheard];
}

/// Passes accesses on to another bus, but for those that it was told to fail.
#[derive(Clone, Debug)]
pub struct FaultyBus<B> {
    bus: B,
    accesses: u64,
    planned: Option<(u64, Fault)>,
}

impl<B> FaultyBus<B> {
    /// A bus that fails nothing yet.
    pub fn new(bus: B) -> Self {
        Self { bus, accesses: 0, planned: None }
    }

    /// Fails the access in front of which `others` go well, counted from now: 0 is the next one. What was planned before is
    /// forgotten.
    pub fn fail(&mut self, others: u64, fault: Fault) {
        self.planned = Some((self.accesses + others, fault));
    }

    /// From now on nothing fails.
    pub fn mend(&mut self) {
        self.planned = None;
    }

    /// Accesses so far, failed ones included.
    pub fn accesses(&self) -> u64 {
        self.accesses
    }

    /// The bus behind it.
    pub fn inner(&self) -> &B {
        &self.bus
    }

    /// The bus behind it, for what else its owner does with it.
    pub fn inner_mut(&mut self) -> &mut B {
        &mut self.bus
    }

    /// Gives the bus behind it back.
    pub fn into_inner(self) -> B {
        self.bus
    }

    /// The fault of the access that comes now.
    fn fault(&mut self) -> Option<Fault> {
        let number = self.accesses;
        self.accesses += 1;
        match self.planned? {
            (at, fault) if number == at => Some(fault),
            (at, Fault::Gone | Fault::GoneUnheard) if number > at => Some(Fault::Gone),
            _ => None,
        }
    }
}

impl<B: RegisterBus> FaultyBus<B> {
    fn access<T>(
        &mut self,
        access: BusAccess,
        address: u16,
        mut pass: impl FnMut(&mut B) -> Result<T, BusError>,
    ) -> Result<T, BusError> {
        let Some(fault) = self.fault() else { return pass(&mut self.bus) };
        if matches!(fault, Fault::Unheard | Fault::GoneUnheard) {
            pass(&mut self.bus)?;
        }
        let kind = match fault {
            Fault::Refused => BusErrorKind::Refused,
            Fault::Lost | Fault::Unheard => BusErrorKind::TimedOut { cycles: 0 },
            Fault::Gone | Fault::GoneUnheard => BusErrorKind::Gone,
        };
        Err(BusError { access, address, kind })
    }
}

impl<B: RegisterBus> RegisterBus for FaultyBus<B> {
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        self.access(BusAccess::Read, address, |bus| bus.read(address))
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        self.access(BusAccess::Write, address, |bus| bus.write(address, value))
    }
}
