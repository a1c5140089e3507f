// SPDX-License-Identifier: MIT
//! A register bus that is nothing but memory: it obeys the register map, and knows no frames.
//!
//! It can fail at any access, before or after that has had its effect, and after each write it checks that every promised key
//! is found, as a lookup of the machine would.

use std::cell::{RefCell, RefMut};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use vireo_driver::{BusAccess, BusError, BusErrorKind, Device, RegisterBus};
use vireo_spec::field::{Field, Words};
use vireo_spec::geometry::{Geometry, WAYS};
use vireo_spec::hash;
use vireo_spec::registers::{self as map, Access};
use vireo_spec::rows::{BindingRow, ChannelRow};
use vireo_spec::table::{Command, Entity, Op, Table};

/// Fails one access.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// The number of the access, from 0.
    pub(crate) at: usize,
    /// Whether the access has its effect all the same.
    pub(crate) effect: bool,
    pub(crate) kind: BusErrorKind,
}

pub(crate) const SILENCE: BusErrorKind = BusErrorKind::TimedOut { cycles: 1000 };

/// The memory. Registers that only read are in `words`, too, so a test can change what a machine says of itself.
pub(crate) struct Memory {
    geometry: Geometry,
    pub(crate) words: HashMap<u16, u32>,
    pub(crate) rows: HashMap<(Table, u8, u16), Words>,
    counting: HashMap<(Table, u16), Words>,
    pub(crate) events: VecDeque<[u32; 4]>,
    /// Reads of `status` until it says "ready", and until a snapshot is complete.
    pub(crate) ready_after: u32,
    pub(crate) busy_for: u32,
    /// A snapshot is answered and not taken, as if the machine had been reset behind it.
    pub(crate) deaf_to_snapshot: bool,
    pub(crate) fault: Option<Fault>,
    /// Accesses so far, and the writes among them.
    pub(crate) accesses: usize,
    pub(crate) writes: Vec<(u16, u32)>,
    /// Keys that every lookup must find, and the rows of which it must find one.
    pub(crate) promised: HashMap<(Table, u128), Vec<Words>>,
}

/// Lookups in a hash table as it is at this moment: in each way by the seed that its choice bit names, the lowest that hits.
struct Lookups<'a> {
    rows: &'a HashMap<(Table, u8, u16), Words>,
    table: Table,
    /// Rows a way.
    ways: usize,
    /// Of each way.
    seeds: [u128; WAYS],
}

impl Lookups<'_> {
    fn find(&self, key: u128) -> Option<Words> {
        let first = hash::permute(key, self.seeds[0]);
        (0..WAYS).find_map(|way| {
            let same = self.seeds[way] == self.seeds[0];
            let permuted = if same { first } else { hash::permute(key, self.seeds[way]) };
            let row = hash::index(permuted, way, self.ways) as u16;
            let words = *self.rows.get(&(self.table, way as u8, row))?;
            (key_of(self.table, &words) == Some(key)).then_some(words)
        })
    }
}

type Answer = Result<u32, BusErrorKind>;

impl Memory {
    fn word(&self, register: map::Register, index: usize) -> u32 {
        self.words.get(&register.nth(index)).copied().unwrap_or(0)
    }

    pub(crate) fn row(&self, table: Table, way: u8, row: u16) -> Words {
        self.rows.get(&(table, way, row)).copied().unwrap_or_default()
    }

    /// Rows of a table that hold something.
    pub(crate) fn used(&self, table: Table) -> usize {
        self.rows.iter().filter(|((t, ..), words)| *t == table && **words != [0; 8]).count()
    }

    pub(crate) fn ops(&self) -> usize {
        self.writes.iter().filter(|(address, _)| *address == map::OP.address).count()
    }

    /// Counts as the machine would between two snapshots.
    pub(crate) fn count(&mut self, table: Table, row: u16, field: Field, more: u64) {
        let words = self.counting.entry((table, row)).or_default();
        field.set(words, field.get(words) + more);
    }

    fn seed(&self, register: map::Register) -> u128 {
        (0..3).rev().fold(0, |seed, word| seed << 32 | u128::from(self.word(register, word)))
    }

    fn lookups(&self, table: Table) -> Lookups<'_> {
        let (registers, choice) = if table == Table::Channel {
            ([map::SEED_CHANNEL_A, map::SEED_CHANNEL_B], map::seed_choice::CHANNEL)
        } else {
            ([map::SEED_BINDING_A, map::SEED_BINDING_B], map::seed_choice::BINDING)
        };
        let choice = choice.of(self.word(map::SEED_CHOICE, 0));
        let both = registers.map(|register| self.seed(register));
        let seeds = std::array::from_fn(|way| both[(choice >> way & 1) as usize]);
        Lookups { rows: &self.rows, table, ways: table.rows(&self.geometry), seeds }
    }

    /// What a lookup of the machine finds.
    pub(crate) fn lookup(&self, table: Table, key: u128) -> Option<Words> {
        self.lookups(table).find(key)
    }

    fn check_promises(&self) {
        if self.promised.is_empty() {
            return;
        }
        let (channels, bindings) = (self.lookups(Table::Channel), self.lookups(Table::Binding));
        for ((table, key), rows) in &self.promised {
            let lookups = if *table == Table::Channel { &channels } else { &bindings };
            let found = lookups.find(*key);
            assert!(
                found.is_some_and(|found| rows.contains(&found)),
                "after access {}: key {key:#x} of {table:?}: expected one of {rows:x?}, found {found:x?}",
                self.accesses
            );
        }
    }

    fn register(&self, address: u16, refused: Access) -> Result<map::Register, BusErrorKind> {
        let found = map::MAP.iter().find_map(|r| r.index_of(address).map(|index| (*r, index)));
        let (register, index) = found.ok_or(BusErrorKind::Refused)?;
        let beyond = register.address == map::LINK.address && index >= self.geometry.links();
        if beyond || register.access == refused { Err(BusErrorKind::Refused) } else { Ok(register) }
    }

    fn read(&mut self, address: u16) -> Answer {
        let register = self.register(address, Access::WriteOnly)?;
        let index = register.index_of(address).unwrap();
        Ok(match register.address {
            a if a == map::STATUS.address => {
                let ready = map::status::READY.at(u32::from(self.ready_after == 0));
                let busy = map::status::BUSY.at(u32::from(self.busy_for > 0));
                self.ready_after = self.ready_after.saturating_sub(1);
                if self.busy_for > 0 {
                    self.busy_for -= 1;
                    if self.busy_for == 0 {
                        *self.words.entry(map::IRQ_STATUS.address).or_default() |=
                            map::irq::SNAPSHOT.at(1);
                    }
                }
                ready | busy
            }
            a if a == map::EVENT_LEVEL.address => self.events.len() as u32,
            a if a == map::EVENT.address => self.events.front().map_or(0, |event| event[index]),
            _ => self.word(register, index),
        })
    }

    fn write(&mut self, address: u16, value: u32) -> Answer {
        let register = self.register(address, Access::ReadOnly)?;
        let blocked = self.busy_for > 0 || self.ready_after > 0;
        match register.address {
            a if a == map::OP.address => {
                let op = Op::unpack(value, &self.geometry).ok_or(BusErrorKind::Refused)?;
                if blocked {
                    return Err(BusErrorKind::Refused);
                }
                let place = (op.table, op.way, op.row);
                match op.command {
                    Command::Read => {
                        let row = self.row(op.table, op.way, op.row);
                        (0..8).for_each(|i| _ = self.words.insert(map::STAGE.nth(i), row[i]));
                    }
                    Command::Write => {
                        let staged = std::array::from_fn(|i| self.word(map::STAGE, i));
                        let mut row = [0; 8];
                        let fields = op.table.fields().iter();
                        fields.for_each(|field| field.set(&mut row, field.get(&staged)));
                        self.rows.insert(place, row);
                    }
                    Command::Clear => _ = self.rows.insert(place, [0; 8]),
                }
            }
            a if a == map::SNAPSHOT.address => {
                if blocked {
                    return Err(BusErrorKind::Refused);
                }
                if self.deaf_to_snapshot {
                    return Ok(0);
                }
                self.rows.retain(|(table, ..), _| !table.is_counter());
                let counted =
                    self.counting.drain().map(|((table, row), words)| ((table, 0, row), words));
                self.rows.extend(counted);
                self.busy_for = 5;
            }
            a if a == map::IRQ_STATUS.address => *self.words.entry(a).or_default() &= !value,
            a if a == map::EVENT_POP.address => {
                self.events.pop_front_if(|event| event[0] & 0xFFFF == value & 0xFFFF);
            }
            _ => _ = self.words.insert(address, value),
        }
        Ok(0)
    }

    fn access(&mut self, access: BusAccess, address: u16, value: u32) -> Result<u32, BusError> {
        let number = self.accesses;
        self.accesses += 1;
        let error = |kind| BusError { access, address, kind };
        let fault = self.fault.filter(|fault| fault.at == number);
        if let Some(fault) = fault.filter(|fault| !fault.effect) {
            return Err(error(fault.kind));
        }
        let answer = match access {
            BusAccess::Read => self.read(address),
            BusAccess::Write => {
                self.writes.push((address, value));
                let answer = self.write(address, value);
                // No lookup sees what is staged.
                if map::STAGE.index_of(address).is_none() {
                    self.check_promises();
                }
                answer
            }
        };
        if let Some(fault) = fault { Err(error(fault.kind)) } else { answer.map_err(error) }
    }
}

/// The key of a row, if it is valid.
pub(crate) fn key_of(table: Table, words: &Words) -> Option<u128> {
    if table == Table::Channel {
        ChannelRow::unpack(words).map(|row| ChannelRow::key(row.link, row.channel))
    } else {
        BindingRow::unpack(words).map(|row| BindingRow::key(row.port, row.mac, row.vlan))
    }
}

/// The bus: the driver holds one end of the memory, the test another.
#[derive(Clone)]
pub(crate) struct Bus(Rc<RefCell<Memory>>);

impl Bus {
    /// A machine just out of reset and swept.
    pub(crate) fn new(geometry: Geometry) -> Self {
        let words = [
            (map::MAGIC, map::MAGIC_VALUE),
            (map::VERSION, map::VERSION_VALUE),
            (map::WIDTH, geometry.width().bits() as u32),
            (map::LINKS, geometry.links() as u32),
            (map::PORTS, geometry.ports() as u32),
            (map::GROUPS, geometry.groups() as u32),
            (map::CHANNELS, geometry.channels() as u32),
            (map::BINDINGS, geometry.bindings() as u32),
        ];
        Self(Rc::new(RefCell::new(Memory {
            geometry,
            words: words.into_iter().map(|(register, value)| (register.address, value)).collect(),
            rows: HashMap::new(),
            counting: HashMap::new(),
            events: VecDeque::new(),
            ready_after: 0,
            busy_for: 0,
            deaf_to_snapshot: false,
            fault: None,
            accesses: 0,
            writes: Vec::new(),
            promised: HashMap::new(),
        })))
    }

    pub(crate) fn memory(&self) -> RefMut<'_, Memory> {
        self.0.borrow_mut()
    }

    /// What the driver makes of it, initialized.
    pub(crate) fn device(&self, seed: u64) -> Device<Self> {
        let mut device = Device::discover(self.clone()).unwrap();
        device.initialize(seed).unwrap();
        device
    }

    /// The next access fails.
    pub(crate) fn fail_next(&self, after: usize, effect: bool, kind: BusErrorKind) {
        let at = self.memory().accesses + after;
        self.memory().fault = Some(Fault { at, effect, kind });
    }

    /// From now on every lookup of this key must find one of `rows`.
    pub(crate) fn promise(&self, table: Table, rows: &[Words]) {
        let key = key_of(table, &rows[0]).unwrap();
        self.memory().promised.insert((table, key), rows.to_vec());
    }

    pub(crate) fn count_traffic(&self, entity: Entity, field: Field, more: u64) {
        self.memory().count(Table::Traffic, entity.code(), field, more);
    }
}

impl RegisterBus for Bus {
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        self.memory().access(BusAccess::Read, address, 0)
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        self.memory().access(BusAccess::Write, address, value).map(|_| ())
    }
}
