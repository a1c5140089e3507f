// SPDX-License-Identifier: MIT
//! Registers: the AXI4-Lite subordinate and what it holds (docs/pipeline.md, section 7).

use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::geometry::{Geometry, WAYS};
use vireo_spec::pins::{AxilInputs, AxilOutputs, RESP_OKAY, RESP_SLVERR};
use vireo_spec::registers as map;
use vireo_spec::registers::{irq, seed_choice, status};
use vireo_spec::table::{Command, Op};

/// What a write asks of the rest of the machine, at the end of its write cycle.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Request {
    Link { index: usize, value: u32 },
    Seed { table: SeededTable, which: usize, word: usize, value: u32 },
    Choice { channel: u8, binding: u8 },
    Snapshot,
    Pop(u16),
}

/// A table with seeds of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeededTable {
    Channel,
    Binding,
}

/// What a read shows of the rest of the machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) run: bool,
    pub(crate) busy: bool,
    pub(crate) event_level: usize,
    pub(crate) event_lost: u32,
    pub(crate) event_head: Words,
}

/// The write is answered with SLVERR and changes nothing.
#[derive(Clone, Copy, Debug)]
struct Refused;

/// What a write does, as it was decided in the cycle before its write cycle.
#[derive(Clone, Copy, Debug)]
enum Effect {
    SeedChoice,
    EventEnable,
    IrqStatus,
    IrqEnable,
    Link(usize),
    Stage(usize),
    /// Which of [`SEEDS`], and its word.
    Seed(usize, usize),
    Snapshot,
    EventPop,
    Op(Op),
}

/// A write whose halves are both there.
#[derive(Clone, Copy, Debug)]
struct Asked {
    address: u16,
    value: u32,
    strobes: u8,
}

/// A write in its write cycle.
#[derive(Clone, Copy, Debug)]
struct Decided {
    effect: Result<Effect, Refused>,
    value: u32,
    strobes: u8,
}

/// An operation under way, in clocks since the write cycle.
#[derive(Clone, Copy, Debug)]
struct Running {
    op: Op,
    clocks: u8,
    fetched: Words,
}

/// The clock in which an operation's row is written, or its array read.
const COMMIT: u8 = 2;
/// The clock at whose end a READ's row is in `stage`.
const STAGED: u8 = 6;

/// A read under way.
#[derive(Clone, Copy, Debug)]
enum Reading {
    /// The clock behind the handshake.
    Addressed(u16),
    /// The register is sampled.
    Sampling(u16),
    /// The value, or that there is none, goes to the pins.
    Sampled(Option<u32>),
}

/// The registers, and the transactions under way.
#[derive(Debug)]
pub(crate) struct Registers {
    geometry: Geometry,
    aw: Option<u16>,
    w: Option<(u32, u8)>,
    asked: Option<Asked>,
    decided: Option<Decided>,
    running: Option<Running>,
    reading: Option<Reading>,
    stage: Words,
    links: [u32; map::LINK.count as usize],
    /// The seeds as words: channel A, B, binding A, B.
    seeds: [[u32; map::SEED_WORDS as usize]; 4],
    choice: u32,
    event_enable: u32,
    irq_enable: u32,
    /// The bits of `irq_status` that stay.
    irq_sticky: u32,
}

/// `value` with the octets of `strobes` replaced.
fn strobed(old: u32, value: u32, strobes: u8) -> u32 {
    let mask = (0..4).filter(|i| strobes >> i & 1 == 1).fold(0, |mask, i| mask | 0xFF << (8 * i));
    (old & !mask) | (value & mask)
}

/// The bits that a register of this map has.
fn bits(register: &map::Register) -> u32 {
    register.fields.iter().fold(0, |bits, field| bits | field.at(u32::MAX))
}

const SEEDS: [map::Register; 4] =
    [map::SEED_CHANNEL_A, map::SEED_CHANNEL_B, map::SEED_BINDING_A, map::SEED_BINDING_B];

impl Registers {
    pub(crate) fn new(geometry: Geometry) -> Self {
        Self {
            geometry,
            aw: None,
            w: None,
            asked: None,
            decided: None,
            running: None,
            reading: None,
            stage: [0; ROW_WORDS],
            links: [0; map::LINK.count as usize],
            seeds: [[0; map::SEED_WORDS as usize]; 4],
            choice: 0,
            event_enable: 0,
            irq_enable: 0,
            irq_sticky: 0,
        }
    }

    pub(crate) fn event_enable(&self) -> u32 {
        self.event_enable
    }

    /// The operation whose row is committed, or whose array is read, in this cycle.
    pub(crate) fn commit(&self) -> Option<(Op, &Words)> {
        self.running.as_ref().filter(|r| r.clocks == COMMIT).map(|r| (r.op, &self.stage))
    }

    /// The array read of a READ gave this row.
    pub(crate) fn fetched(&mut self, words: Words) {
        if let Some(running) = &mut self.running {
            running.fetched = words;
        }
    }

    /// `irq_status` in this cycle.
    fn irq_status(&self, view: &View) -> u32 {
        self.irq_sticky | irq::EVENT.at((view.event_level != 0).into())
    }

    /// The next value of the interrupt pin.
    pub(crate) fn irq(&self, view: &View) -> bool {
        self.irq_status(view) & self.irq_enable != 0
    }

    /// Causes that stay until software clears them; they win against a clear in the same cycle.
    pub(crate) fn raise(&mut self, lost: bool, snapshot: bool) {
        self.irq_sticky |= irq::LOST.at(lost.into()) | irq::SNAPSHOT.at(snapshot.into());
    }

    /// One clock.
    #[inline]
    pub(crate) fn clock(
        &mut self,
        pins: &AxilInputs,
        out: &mut AxilOutputs,
        view: &View,
    ) -> Option<Request> {
        self.clock_read(pins, out, view);
        self.clock_write(pins, out, view)
    }

    #[inline]
    fn clock_read(&mut self, pins: &AxilInputs, out: &mut AxilOutputs, view: &View) {
        let finished = out.rvalid && pins.rready;
        if finished {
            out.rvalid = false;
        }
        self.reading = match self.reading {
            Some(Reading::Addressed(address)) => Some(Reading::Sampling(address)),
            Some(Reading::Sampling(address)) => Some(Reading::Sampled(self.read(address, view))),
            Some(Reading::Sampled(read)) => {
                out.rdata = read.unwrap_or(0);
                out.rresp = if read.is_some() { RESP_OKAY } else { RESP_SLVERR };
                out.rvalid = true;
                None
            }
            None => (pins.arvalid && out.arready).then_some(Reading::Addressed(pins.araddr)),
        };
        out.arready = self.reading.is_none() && !out.rvalid;
    }

    #[inline]
    fn clock_write(
        &mut self,
        pins: &AxilInputs,
        out: &mut AxilOutputs,
        view: &View,
    ) -> Option<Request> {
        let mut request = None;
        let mut in_progress = out.bvalid;
        if out.bvalid && pins.bready {
            out.bvalid = false;
            in_progress = false;
        }
        if let Some(running) = &mut self.running {
            in_progress = true;
            let done = if running.op.command == Command::Read { STAGED } else { COMMIT };
            if running.clocks == done {
                if running.op.command == Command::Read {
                    self.stage = running.fetched;
                }
                self.running = None;
                out.bvalid = true;
                out.bresp = RESP_OKAY;
            } else {
                running.clocks += 1;
            }
        } else if let Some(Decided { effect, value, strobes }) = self.decided.take() {
            in_progress = true;
            match effect {
                Ok(effect) => {
                    request = self.write(effect, value, strobes);
                    out.bresp = RESP_OKAY;
                }
                Err(Refused) => out.bresp = RESP_SLVERR,
            }
            out.bvalid = self.running.is_none();
        } else if let Some(Asked { address, value, strobes }) = self.asked.take() {
            in_progress = true;
            let effect = self.decide(address, value, strobes, view);
            self.decided = Some(Decided { effect, value, strobes });
        } else if let (Some(address), Some((value, strobes))) = (self.aw, self.w) {
            in_progress = true;
            (self.aw, self.w) = (None, None);
            self.asked = Some(Asked { address, value, strobes });
        }
        if pins.awvalid && out.awready {
            self.aw = Some(pins.awaddr);
        }
        if pins.wvalid && out.wready {
            self.w = Some((pins.wdata, pins.wstrb));
        }
        out.awready = self.aw.is_none() && !in_progress;
        out.wready = self.w.is_none() && !in_progress;
        request
    }

    fn read(&self, address: u16, view: &View) -> Option<u32> {
        let address = address & (map::SPACE - 1);
        let geometry = &self.geometry;
        let number = |value: usize| Some(value as u32);
        let is = |register: &map::Register| register.index_of(address);
        if is(&map::MAGIC).is_some() {
            Some(map::MAGIC_VALUE)
        } else if is(&map::VERSION).is_some() {
            Some(map::VERSION_VALUE)
        } else if is(&map::WIDTH).is_some() {
            number(geometry.width().bits())
        } else if is(&map::LINKS).is_some() {
            number(geometry.links())
        } else if is(&map::PORTS).is_some() {
            number(geometry.ports())
        } else if is(&map::GROUPS).is_some() {
            number(geometry.groups())
        } else if is(&map::CHANNELS).is_some() {
            number(geometry.channels())
        } else if is(&map::BINDINGS).is_some() {
            number(geometry.bindings())
        } else if is(&map::STATUS).is_some() {
            Some(status::READY.at(view.run.into()) | status::BUSY.at(view.busy.into()))
        } else if is(&map::SEED_CHOICE).is_some() {
            Some(self.choice)
        } else if is(&map::EVENT_ENABLE).is_some() {
            Some(self.event_enable)
        } else if is(&map::IRQ_STATUS).is_some() {
            Some(self.irq_status(view))
        } else if is(&map::IRQ_ENABLE).is_some() {
            Some(self.irq_enable)
        } else if let Some(index) = is(&map::LINK) {
            (index < geometry.links()).then(|| self.links[index])
        } else if let Some(index) = is(&map::STAGE) {
            Some(self.stage[index])
        } else if is(&map::EVENT_LEVEL).is_some() {
            number(view.event_level)
        } else if is(&map::EVENT_LOST).is_some() {
            Some(view.event_lost)
        } else if let Some(index) = is(&map::EVENT) {
            Some(view.event_head[index])
        } else {
            SEEDS
                .iter()
                .zip(&self.seeds)
                .find_map(|(register, words)| is(register).map(|i| words[i]))
        }
    }

    /// What a write to this address does, and whether it is refused, in the cycle before its write cycle.
    fn decide(
        &self,
        address: u16,
        value: u32,
        strobes: u8,
        view: &View,
    ) -> Result<Effect, Refused> {
        let address = address & (map::SPACE - 1);
        let is = |register: &map::Register| register.index_of(address);
        let whole = strobes == 0xF;
        let free = view.run && !view.busy;
        if is(&map::SEED_CHOICE).is_some() {
            Ok(Effect::SeedChoice)
        } else if is(&map::EVENT_ENABLE).is_some() {
            Ok(Effect::EventEnable)
        } else if is(&map::IRQ_STATUS).is_some() {
            Ok(Effect::IrqStatus)
        } else if is(&map::IRQ_ENABLE).is_some() {
            Ok(Effect::IrqEnable)
        } else if let Some(index) = is(&map::LINK).filter(|&i| i < self.geometry.links()) {
            Ok(Effect::Link(index))
        } else if let Some(index) = is(&map::STAGE) {
            Ok(Effect::Stage(index))
        } else if is(&map::SNAPSHOT).is_some() && whole && free {
            Ok(Effect::Snapshot)
        } else if is(&map::OP).is_some() && whole && free {
            Op::unpack(value, &self.geometry).map(Effect::Op).ok_or(Refused)
        } else if is(&map::EVENT_POP).is_some() && whole {
            Ok(Effect::EventPop)
        } else {
            SEEDS
                .iter()
                .enumerate()
                .find_map(|(n, register)| is(register).map(|word| Effect::Seed(n, word)))
                .ok_or(Refused)
        }
    }

    /// The edge that ends the write cycle. What is asked of the rest of the machine.
    fn write(&mut self, effect: Effect, value: u32, strobes: u8) -> Option<Request> {
        match effect {
            Effect::SeedChoice => {
                self.choice = strobed(self.choice, value, strobes) & bits(&map::SEED_CHOICE);
                let channel = seed_choice::CHANNEL.of(self.choice) as u8;
                let binding = seed_choice::BINDING.of(self.choice) as u8;
                debug_assert!(channel < 1 << WAYS && binding < 1 << WAYS);
                Some(Request::Choice { channel, binding })
            }
            Effect::EventEnable => {
                self.event_enable =
                    strobed(self.event_enable, value, strobes) & bits(&map::EVENT_ENABLE);
                None
            }
            Effect::IrqStatus => {
                self.irq_sticky &= !strobed(0, value, strobes);
                None
            }
            Effect::IrqEnable => {
                self.irq_enable = strobed(self.irq_enable, value, strobes) & bits(&map::IRQ_ENABLE);
                None
            }
            Effect::Link(index) => {
                let value = strobed(self.links[index], value, strobes) & bits(&map::LINK);
                self.links[index] = value;
                Some(Request::Link { index, value })
            }
            Effect::Stage(index) => {
                self.stage[index] = strobed(self.stage[index], value, strobes);
                None
            }
            Effect::Seed(n, word) => {
                let table = if n < 2 { SeededTable::Channel } else { SeededTable::Binding };
                // The third word holds the upper 8 of its 72 bits.
                let held = if word == 2 { 0xFF } else { u32::MAX };
                let value = strobed(self.seeds[n][word], value, strobes) & held;
                self.seeds[n][word] = value;
                Some(Request::Seed { table, which: n % 2, word, value })
            }
            Effect::Snapshot => Some(Request::Snapshot),
            Effect::EventPop => Some(Request::Pop(map::event::SEQUENCE.of(value) as u16)),
            Effect::Op(op) => {
                self.running = Some(Running { op, clocks: 1, fetched: [0; ROW_WORDS] });
                None
            }
        }
    }
}
