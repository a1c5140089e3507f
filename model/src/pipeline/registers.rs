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
    Seed { table: SeededTable, set: usize, word: usize, value: u32 },
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

/// A READ's or a commit's progress, in clocks since the write cycle.
#[derive(Clone, Copy, Debug)]
struct Running {
    op: Op,
    clocks: u8,
    fetched: Words,
}

/// The registers, and the transactions under way.
#[derive(Debug)]
pub(crate) struct Registers {
    geometry: Geometry,
    aw: Option<u16>,
    w: Option<(u32, u8)>,
    ar: Option<u16>,
    running: Option<Running>,
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
            ar: None,
            running: None,
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
        self.running.as_ref().filter(|r| r.clocks == 1).map(|r| (r.op, &self.stage))
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
        if let Some(address) = self.ar.take() {
            let read = self.read(address, view);
            out.rdata = read.unwrap_or(0);
            out.rresp = if read.is_some() { RESP_OKAY } else { RESP_SLVERR };
            out.rvalid = true;
        }
        if pins.arvalid && out.arready {
            self.ar = Some(pins.araddr);
        }
        out.arready = self.ar.is_none() && !out.rvalid;
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
            let done = if running.op.command == Command::Read { 3 } else { 1 };
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
        } else if let (Some(address), Some((value, strobes))) = (self.aw, self.w) {
            in_progress = true;
            (self.aw, self.w) = (None, None);
            match self.write(address, value, strobes, view) {
                Ok(made) => {
                    request = made;
                    out.bresp = RESP_OKAY;
                }
                Err(Refused) => out.bresp = RESP_SLVERR,
            }
            out.bvalid = self.running.is_none();
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

    fn write(
        &mut self,
        address: u16,
        value: u32,
        strobes: u8,
        view: &View,
    ) -> Result<Option<Request>, Refused> {
        let address = address & (map::SPACE - 1);
        let is = |register: &map::Register| register.index_of(address);
        let whole = strobes == 0xF;
        let free = view.run && !view.busy;
        if is(&map::SEED_CHOICE).is_some() {
            self.choice = strobed(self.choice, value, strobes) & bits(&map::SEED_CHOICE);
            let channel = seed_choice::CHANNEL.of(self.choice) as u8;
            let binding = seed_choice::BINDING.of(self.choice) as u8;
            debug_assert!(channel < 1 << WAYS && binding < 1 << WAYS);
            Ok(Some(Request::Choice { channel, binding }))
        } else if is(&map::EVENT_ENABLE).is_some() {
            self.event_enable =
                strobed(self.event_enable, value, strobes) & bits(&map::EVENT_ENABLE);
            Ok(None)
        } else if is(&map::IRQ_STATUS).is_some() {
            self.irq_sticky &= !strobed(0, value, strobes);
            Ok(None)
        } else if is(&map::IRQ_ENABLE).is_some() {
            self.irq_enable = strobed(self.irq_enable, value, strobes) & bits(&map::IRQ_ENABLE);
            Ok(None)
        } else if let Some(index) = is(&map::LINK).filter(|&i| i < self.geometry.links()) {
            let value = strobed(self.links[index], value, strobes) & bits(&map::LINK);
            self.links[index] = value;
            Ok(Some(Request::Link { index, value }))
        } else if let Some(index) = is(&map::STAGE) {
            self.stage[index] = strobed(self.stage[index], value, strobes);
            Ok(None)
        } else if is(&map::SNAPSHOT).is_some() && whole && free {
            Ok(Some(Request::Snapshot))
        } else if is(&map::OP).is_some() && whole && free {
            let op = Op::unpack(value, &self.geometry).ok_or(Refused)?;
            self.running = Some(Running { op, clocks: 1, fetched: [0; ROW_WORDS] });
            Ok(None)
        } else if is(&map::EVENT_POP).is_some() && whole {
            Ok(Some(Request::Pop(map::event::SEQUENCE.of(value) as u16)))
        } else {
            let (n, word) = SEEDS
                .iter()
                .enumerate()
                .find_map(|(n, register)| is(register).map(|word| (n, word)))
                .ok_or(Refused)?;
            let table = if n < 2 { SeededTable::Channel } else { SeededTable::Binding };
            // The third word of a round holds the upper 8 of its 72 bits.
            let held = if word % 3 == 2 { 0xFF } else { u32::MAX };
            let value = strobed(self.seeds[n][word], value, strobes) & held;
            self.seeds[n][word] = value;
            Ok(Some(Request::Seed { table, set: n % 2, word, value }))
        }
    }
}

/// The write is answered with SLVERR and changes nothing.
#[derive(Debug)]
struct Refused;
