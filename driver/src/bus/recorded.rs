// SPDX-License-Identifier: MIT
//! A bus that writes down what passes, in front of any other: for tests, and for people who look for a fault.

use std::fmt;

use super::{BusAccess, BusError, BusErrorKind, Described, RegisterBus};

/// One access, and what became of it. It prints as a line: "write of op (0x220): 0x00000011".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Which way it went.
    pub access: BusAccess,
    /// Where it went.
    pub address: u16,
    /// What was written, or read; 0 where a read failed.
    pub value: u32,
    /// Whether it failed.
    pub result: Result<(), BusErrorKind>,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Described(self.access, self.address))?;
        if self.access == BusAccess::Write || self.result.is_ok() {
            write!(f, ": {:#010x}", self.value)?;
        }
        match self.result {
            Ok(()) => Ok(()),
            Err(BusErrorKind::Refused) => f.write_str(": refused"),
            Err(BusErrorKind::TimedOut { cycles }) => write!(f, ": no answer in {cycles} cycles"),
            Err(BusErrorKind::Unanswered { .. }) => f.write_str(": no answer on the line"),
            Err(BusErrorKind::Gone) => f.write_str(": nobody there"),
        }
    }
}

/// Passes every access on to another bus and keeps a [`Record`] of it. It prints as its records, a line each.
#[derive(Clone, Debug, Default)]
pub struct RecordedBus<B> {
    bus: B,
    records: Vec<Record>,
}

impl<B> RecordedBus<B> {
    /// A bus with no records yet.
    pub fn new(bus: B) -> Self {
        Self { bus, records: Vec::new() }
    }

    /// All accesses since the last [`RecordedBus::take`], in order. They are kept until then: 16 octets each.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The records so far, which are forgotten here.
    pub fn take(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.records)
    }

    /// The bus behind it.
    pub fn inner(&self) -> &B {
        &self.bus
    }

    /// The bus behind it, for what else its owner does with it; this is not recorded.
    pub fn inner_mut(&mut self) -> &mut B {
        &mut self.bus
    }

    /// Gives the bus behind it back.
    pub fn into_inner(self) -> B {
        self.bus
    }
}

impl<B> fmt::Display for RecordedBus<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.records.iter().try_for_each(|record| writeln!(f, "{record}"))
    }
}

impl<B: RegisterBus> RegisterBus for RecordedBus<B> {
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        let answer = self.bus.read(address);
        let (value, result) = (answer.unwrap_or(0), answer.map(|_| ()).map_err(|error| error.kind));
        self.records.push(Record { access: BusAccess::Read, address, value, result });
        answer
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        let answer = self.bus.write(address, value);
        let result = answer.map_err(|error| error.kind);
        self.records.push(Record { access: BusAccess::Write, address, value, result });
        answer
    }
}
