// SPDX-License-Identifier: MIT
//! Registers: how software writes rows, reads counters and takes events (docs/pipeline.md, section 7, without its timing).
//! All of a machine's configuration comes through here.

use thiserror::Error;

use vireo_spec::field::Words;
use vireo_spec::geometry::Geometry;
use vireo_spec::registers::{self as map, Access, Register};
use vireo_spec::rows::LinkRow;
use vireo_spec::table::{Command, Op, Table};

use super::Machine;

/// An access that the machine answers with SLVERR. It had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("register {address:#05x}: {refusal}")]
pub struct Refused {
    /// The address accessed.
    pub address: u16,
    /// Why.
    pub refusal: Refusal,
}

/// Why an access is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// No register is there in a machine of this geometry.
    #[error("no register is there; the map is printed by `vireo registers --format md`")]
    OutsideMap,
    /// A write to a register that only reads.
    #[error("{0} can only be read")]
    ReadOnly(&'static str),
    /// A read of a register that only acts.
    #[error("{0} can only be written")]
    WriteOnly(&'static str),
    /// An operation whose command, table, way or row does not exist, or that writes a counter.
    #[error("op {0:#010x}: no such command, table, way or row, or a counter is written")]
    NoSuchOperation(u32),
}

/// What the registers hold that is neither a table's, a counter's nor an event's.
#[derive(Clone, Debug)]
pub(super) struct Registers {
    /// By address: the constants, and the last value written.
    values: Vec<u32>,
    /// A snapshot completed since software last cleared this.
    has_snapshot: bool,
}

impl Registers {
    pub(super) fn new(geometry: &Geometry) -> Self {
        let mut values = vec![0; usize::from(map::SPACE) / 4];
        for (register, value) in [
            (map::MAGIC, map::MAGIC_VALUE),
            (map::VERSION, map::VERSION_VALUE),
            (map::WIDTH, geometry.width().bits() as u32),
            (map::LINKS, geometry.links() as u32),
            (map::PORTS, geometry.ports() as u32),
            (map::GROUPS, geometry.groups() as u32),
            (map::CHANNELS, geometry.channels() as u32),
            (map::BINDINGS, geometry.bindings() as u32),
            (map::STATUS, map::status::READY.at(1)),
        ] {
            values[usize::from(register.address / 4)] = value;
        }
        Self { values, has_snapshot: false }
    }

    fn words<const N: usize>(&self, register: &Register) -> [u32; N] {
        std::array::from_fn(|index| self.values[usize::from(register.nth(index) / 4)])
    }

    fn set_words(&mut self, register: &Register, words: &[u32]) {
        for (index, &word) in words.iter().enumerate() {
            self.values[usize::from(register.nth(index) / 4)] = word;
        }
    }
}

/// The registers of the four seeds: channel A and B, binding A and B.
const SEEDS: [Register; 4] =
    [map::SEED_CHANNEL_A, map::SEED_CHANNEL_B, map::SEED_BINDING_A, map::SEED_BINDING_B];

/// The bits that the `index`th of `register` has.
fn bits_of(register: &Register, index: usize) -> u32 {
    let is_seed = SEEDS.iter().any(|seed| seed.address == register.address);
    // The last word of a seed has 8 bits.
    if is_seed && index + 1 == register.count.into() {
        return 0xFF;
    }
    register.fields.iter().fold(0, |bits, field| bits | field.at(u32::MAX))
}

impl Machine {
    /// Reads the register at `address`, whose low two bits are ignored.
    ///
    /// # Errors
    /// [`Refused`] outside the map, and for a register that can only be written.
    pub fn read_register(&self, address: u16) -> Result<u32, Refused> {
        let (register, _) = self.register_at(address)?;
        if register.access == Access::WriteOnly {
            return Err(Refused { address, refusal: Refusal::WriteOnly(register.name) });
        }
        Ok(if let Some(word) = map::EVENT.index_of(address) {
            self.events.head()[word]
        } else if register.address == map::EVENT_LEVEL.address {
            self.events.level()
        } else if register.address == map::EVENT_LOST.address {
            self.events.lost()
        } else if register.address == map::IRQ_STATUS.address {
            map::irq::EVENT.at((self.events.level() > 0).into())
                | map::irq::LOST.at(self.events.has_lost.into())
                | map::irq::SNAPSHOT.at(self.registers.has_snapshot.into())
        } else {
            self.registers.values[usize::from(address / 4)]
        })
    }

    /// Writes `value` to the register at `address`, all four octets; what it sets off is done on return.
    ///
    /// # Errors
    /// [`Refused`] outside the map, for a register that can only be read, and for an operation that does not exist.
    pub fn write_register(&mut self, address: u16, value: u32) -> Result<(), Refused> {
        let (register, index) = self.register_at(address)?;
        if register.access == Access::ReadOnly {
            return Err(Refused { address, refusal: Refusal::ReadOnly(register.name) });
        }
        let value = value & bits_of(register, index);
        if register.access == Access::ReadWrite {
            self.registers.values[usize::from(address / 4)] = value;
        }
        if let Some(link) = map::LINK.index_of(address) {
            self.tables.links[link] = LinkRow::unpack(value);
        } else if register.address == map::SEED_CHOICE.address {
            self.tables.channels.choice = map::seed_choice::CHANNEL.of(value);
            self.tables.bindings.choice = map::seed_choice::BINDING.of(value);
        } else if register.address == map::EVENT_ENABLE.address {
            self.events.enabled = map::event_enable::REASONS.of(value);
        } else if register.address == map::IRQ_STATUS.address {
            self.events.has_lost &= map::irq::LOST.of(value) == 0;
            self.registers.has_snapshot &= map::irq::SNAPSHOT.of(value) == 0;
        } else if register.address == map::SNAPSHOT.address {
            self.counters.snapshot();
            self.registers.has_snapshot = true;
        } else if register.address == map::EVENT_POP.address {
            self.events.pop(map::event::SEQUENCE.of(value) as u16);
        } else if register.address == map::OP.address {
            let op = Op::unpack(value, self.tables.geometry())
                .ok_or(Refused { address, refusal: Refusal::NoSuchOperation(value) })?;
            self.operate(op);
        } else if let Some(n) = SEEDS.iter().position(|seed| seed.index_of(address).is_some()) {
            self.load_seed(n);
        }
        Ok(())
    }

    fn register_at(&self, address: u16) -> Result<(&'static Register, usize), Refused> {
        let found =
            map::MAP.iter().find_map(|register| Some((register, register.index_of(address)?)));
        found
            .filter(|&(register, index)| {
                register.address != map::LINK.address || index < self.tables.links.len()
            })
            .ok_or(Refused { address, refusal: Refusal::OutsideMap })
    }

    fn operate(&mut self, op: Op) {
        let Op { command, table, way, row } = op;
        match command {
            Command::Read => {
                let words = match table {
                    Table::Traffic => self.counters.traffic(row),
                    Table::Disposition => self.counters.disposition(row),
                    _ => self.tables.read(table, way, row),
                };
                self.registers.set_words(&map::STAGE, &words);
            }
            Command::Write => {
                let words = self.registers.words(&map::STAGE);
                self.tables.write(table, way, row, &words);
            }
            Command::Clear => self.tables.write(table, way, row, &Words::default()),
        }
    }

    /// Takes over the `n`th of [`SEEDS`].
    fn load_seed(&mut self, n: usize) {
        let words: [u32; map::SEED_WORDS as usize] = self.registers.words(&SEEDS[n]);
        let table =
            if n < 2 { &mut self.tables.channels.seeds } else { &mut self.tables.bindings.seeds };
        table[n % 2] = words.iter().rev().fold(0, |seed, &word| seed << 32 | u128::from(word));
    }
}
