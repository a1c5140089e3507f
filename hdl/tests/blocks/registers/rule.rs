// SPDX-License-Identifier: MIT
//! Registers in plain Rust: the bus, the sweep, operations and interrupts as docs/pipeline.md, sections 6 and 7, says them.

use super::{Bus, LINKS, Machine};
use crate::seed::octets;
use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::geometry::Geometry;
use vireo_spec::pins::{RESP_OKAY, RESP_SLVERR};
use vireo_spec::registers::{self as map, Access, MAP, Register};
use vireo_spec::rows::{GroupRow, PortRow, binding, channel};
use vireo_spec::table::{Command, Op, Table};

pub(super) const SWEEP: u64 = 4096;
pub(super) const SEEDS: [Register; 4] =
    [map::SEED_CHANNEL_A, map::SEED_CHANNEL_B, map::SEED_BINDING_A, map::SEED_BINDING_B];

fn geometry() -> Geometry {
    Geometry::new(64, LINKS, 8, 4, 64, 128).unwrap()
}

/// A write on its way.
#[derive(Clone, Copy, Default)]
pub(super) struct Write {
    pub(super) address: Option<u16>,
    data: Option<(u32, u64)>,
    /// Both were held a cycle ago.
    told: bool,
    /// What it does, once that is decided.
    act: Option<Act>,
    /// Cycles since the write cycle.
    pub(super) since: Option<u32>,
    pub(super) op: Option<Op>,
    pub(super) refused: bool,
    /// The row that an operation read, on its way to the stage.
    fetched: Words,
}

/// What a write does in its write cycle.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Act {
    Refused,
    Stored,
    Snapshot,
    Pop(u32),
    Start(Op),
}

/// A read's data and response.
type Answer = (u32, u8);

/// Sections 6 and 7 in plain Rust.
pub(super) struct Rule {
    /// Cycles since the reset.
    pub(super) at: u64,
    pub(super) write: Write,
    /// A read's address, cycles since it came, and what it answers once that is sampled.
    pub(super) read: Option<(u16, u32, Option<Answer>)>,
    /// All registers, by word of the address.
    value: [u32; 1024],
    pending: u32,
    pub(super) interrupt: bool,
    ports: [Words; 8],
    groups: [Words; 4],
}

/// The register at an address, and which of an array; links that the machine does not have are outside the map.
fn decode(address: u16) -> Option<(&'static Register, usize)> {
    let found = MAP.iter().find_map(|register| Some((register, register.index_of(address)?)));
    found.filter(|(register, index)| register.address != map::LINK.address || *index < LINKS)
}

/// The bits that a word keeps.
fn mask(register: &Register, index: usize) -> u32 {
    if SEEDS.iter().any(|seed| seed.address == register.address) && index == 2 {
        return 0xFF;
    }
    register.fields.iter().fold(0, |all, field| all | field.at(u32::MAX))
}

impl Rule {
    pub(super) fn new() -> Self {
        Self {
            at: 0,
            write: Write::default(),
            read: None,
            value: [0; 1024],
            pending: 0,
            interrupt: false,
            ports: [[0; ROW_WORDS]; 8],
            groups: [[0; ROW_WORDS]; 4],
        }
    }

    pub(super) fn run(&self) -> bool {
        self.at >= SWEEP
    }

    pub(super) fn word(&self, register: &Register, index: usize) -> u32 {
        self.value[usize::from(register.nth(index)) / 4]
    }

    fn stage(&mut self) -> &mut [u32] {
        &mut self.value[usize::from(map::STAGE.address) / 4..][..ROW_WORDS]
    }

    /// What is done in this cycle, if it is a write cycle.
    pub(super) fn act(&self) -> Option<Act> {
        self.write.act.filter(|_| self.write.since == Some(0))
    }

    /// What a write does, if that is decided in this cycle.
    fn decides(&self, machine: &Machine) -> Option<Act> {
        let Write { address, data, told: true, since: None, .. } = self.write else {
            return None;
        };
        let (address, (data, strobes)) = (address.unwrap(), data.unwrap());
        let whole = strobes == 15;
        let ready = whole && self.run() && !machine.busy;
        Some(match decode(address) {
            Some((register, _)) if register.address == map::SNAPSHOT.address && ready => {
                Act::Snapshot
            }
            Some((register, _)) if register.address == map::EVENT_POP.address && whole => {
                Act::Pop(map::event::SEQUENCE.of(data))
            }
            Some((register, _)) if register.address == map::OP.address && ready => {
                Op::unpack(data, &geometry()).map_or(Act::Refused, Act::Start)
            }
            Some((Register { access: Access::ReadWrite | Access::WriteOneToClear, .. }, _)) => {
                Act::Stored
            }
            _ => Act::Refused,
        })
    }

    /// Cycles from the write cycle to the answer.
    fn answers(&self) -> u32 {
        match self.write.op {
            Some(Op { command: Command::Read, .. }) => 7,
            Some(_) => 3,
            None => 1,
        }
    }

    pub(super) fn awready(&self) -> bool {
        self.at > 0 && self.write.address.is_none()
    }

    pub(super) fn wready(&self) -> bool {
        self.at > 0 && self.write.data.is_none()
    }

    pub(super) fn bvalid(&self) -> bool {
        self.write.since.is_some_and(|since| since >= self.answers())
    }

    pub(super) fn arready(&self) -> bool {
        self.at > 0 && self.read.is_none()
    }

    pub(super) fn answer(&self) -> Option<Answer> {
        self.read.and_then(|(_, since, answer)| answer.filter(|_| since >= 4))
    }

    fn causes(&self, machine: &Machine) -> u32 {
        self.pending | map::irq::EVENT.at(u32::from(machine.level > 0))
    }

    /// What a read of this address answers in this cycle.
    fn sample(&self, address: u16, machine: &Machine) -> Answer {
        let Some((register, index)) = decode(address) else {
            return (0, RESP_SLVERR);
        };
        let status =
            map::status::READY.at(self.run().into()) | map::status::BUSY.at(machine.busy.into());
        let value = match register.address {
            _ if register.access == Access::WriteOnly => return (0, RESP_SLVERR),
            a if a == map::WIDTH.address => 64,
            a if a == map::LINKS.address => LINKS as u32,
            a if a == map::PORTS.address => 8,
            a if a == map::GROUPS.address => 4,
            a if a == map::CHANNELS.address => 64,
            a if a == map::BINDINGS.address => 128,
            a if a == map::STATUS.address => status,
            a if a == map::IRQ_STATUS.address => self.causes(machine),
            a if a == map::EVENT_LEVEL.address => machine.level,
            a if a == map::EVENT_LOST.address => machine.lost,
            a if a == map::EVENT.address && machine.level == 0 => 0,
            a if a == map::EVENT.address => machine.head[index],
            _ if register.access == Access::ReadOnly => register.reset.unwrap(),
            _ => self.word(register, index),
        };
        (value, RESP_OKAY)
    }

    /// The row that an operation reads, as it comes from the tables in this cycle.
    fn fetched(&self, op: &Op, machine: &Machine) -> Words {
        match op.table {
            Table::Port => self.ports[usize::from(op.row)],
            Table::Group => self.groups[usize::from(op.row)],
            table => machine.read[table as usize],
        }
    }

    /// The row that an operation commits.
    pub(super) fn committed(&mut self, op: &Op) -> Words {
        let mut words = [0; ROW_WORDS];
        if op.command == Command::Write {
            words[..3].copy_from_slice(&self.stage()[..3]);
        }
        let valid = match op.table {
            Table::Channel => channel::VALID.get(&words),
            Table::Binding => binding::VALID.get(&words),
            _ => 1,
        };
        if valid == 0 {
            words = [0; ROW_WORDS];
        }
        words
    }

    /// The cycle's end.
    pub(super) fn clock(&mut self, bus: &Bus, machine: &Machine) {
        let act = self.act();
        let decided = self.decides(machine);
        self.answers_read(bus, machine);
        self.registers(act, machine);
        self.operates(machine);
        self.answers_write(bus, decided);
        self.at += 1;
    }

    fn registers(&mut self, act: Option<Act>, machine: &Machine) {
        self.interrupt = self.causes(machine) & self.word(&map::IRQ_ENABLE, 0) != 0;
        let mut cleared = 0;
        match act {
            Some(Act::Stored) => {
                let (register, index) = decode(self.write.address.unwrap()).unwrap();
                let (data, strobes) = self.write.data.unwrap();
                let strobe = octets(strobes);
                if register.access == Access::WriteOneToClear {
                    cleared = data & strobe;
                } else {
                    let value = &mut self.value[usize::from(register.nth(index)) / 4];
                    *value = (*value & !strobe | data & strobe) & mask(register, index);
                }
            }
            Some(Act::Start(op)) => self.write.op = Some(op),
            Some(Act::Refused) => self.write.refused = true,
            _ => {}
        }
        let causes = map::irq::LOST.at(machine.loses.into())
            | map::irq::SNAPSHOT.at(machine.complete.into());
        self.pending = self.pending & !cleared | causes;
    }

    fn operates(&mut self, machine: &Machine) {
        match (self.write.op, self.write.since) {
            (Some(op @ Op { command: Command::Read, .. }), Some(5)) => {
                self.write.fetched = self.fetched(&op, machine);
            }
            (Some(Op { command: Command::Read, table, .. }), Some(6)) => {
                let mut row = self.write.fetched;
                if matches!(table, Table::Traffic | Table::Disposition) {
                    // These are taken a cycle later; they stand.
                    row = machine.read[table as usize];
                }
                self.stage().copy_from_slice(&row);
            }
            (Some(op), Some(2)) if op.command != Command::Read => {
                let words = self.committed(&op);
                match op.table {
                    Table::Port => {
                        let mut row = PortRow::unpack(&words);
                        row.link %= LINKS as u8;
                        self.ports[usize::from(op.row)] = row.pack();
                    }
                    Table::Group => {
                        let mut row = GroupRow::unpack(&words);
                        row.link %= LINKS as u8;
                        self.groups[usize::from(op.row)] = row.pack();
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn answers_write(&mut self, bus: &Bus, decided: Option<Act>) {
        let (awready, wready) = (self.awready(), self.wready());
        if self.bvalid() && bus.bready {
            self.write = Write::default();
            return;
        }
        let write = &mut self.write;
        write.since = write.since.map(|since| since + 1).or(decided.map(|_| 0));
        write.act = write.act.or(decided);
        write.told = write.address.is_some() && write.data.is_some();
        write.address = write.address.or(bus.aw.filter(|_| awready));
        write.data = write.data.or(bus.w.filter(|_| wready));
    }

    fn answers_read(&mut self, bus: &Bus, machine: &Machine) {
        let arready = self.arready();
        self.read = match self.read {
            None => bus.ar.filter(|_| arready).map(|address| (address, 1, None)),
            Some((address, 2, _)) => Some((address, 3, Some(self.sample(address, machine)))),
            Some((_, since, _)) if since >= 4 && bus.rready => None,
            Some((address, since, answer)) => Some((address, since + 1, answer)),
        };
    }
}
