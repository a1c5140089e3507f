// SPDX-License-Identifier: MIT
//! The cycle model: what every pin does in every cycle (docs/pipeline.md), a struct per stage.
//!
//! It delivers exactly the frames of [`crate::reference`], and hardware equals it pin for pin.

mod counters;
mod decapsulate;
mod edit;
mod encapsulate;
mod events;
mod exact;
mod flight;
mod front;
mod insert;
mod intake;
mod outlet;
mod parse;
mod ram;
mod registers;
mod remove;
mod tables;
mod window;

use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::pins::{Clocked, Inputs, Outputs};
use vireo_spec::rows::LinkRow;
use vireo_spec::table::Command;

use counters::Counters;
use decapsulate::Decapsulate;
use encapsulate::Encapsulate;
use events::Events;
use registers::{Registers, Request, SeededTable, View};
use tables::{Tables, Wires};

/// Cycles after reset until the tables are swept.
pub const SWEEP: u64 = 4096;

/// The machine with beats of `K` octets.
#[derive(Debug)]
pub struct Machine<const K: usize> {
    geometry: Geometry,
    pins: Outputs,
    /// The number of this cycle, counted from the end of reset.
    now: u64,
    tables: Tables,
    encapsulate: Encapsulate<K>,
    decapsulate: Decapsulate<K>,
    counters: Counters,
    events: Events,
    registers: Registers,
}

/// A machine of this geometry, as in the first cycle after reset.
pub fn machine(geometry: Geometry) -> Box<dyn Clocked + Send> {
    match geometry.width() {
        Width::W64 => Box::new(Machine::<8>::new(geometry)),
        Width::W128 => Box::new(Machine::<16>::new(geometry)),
        Width::W256 => Box::new(Machine::<32>::new(geometry)),
        Width::W512 => Box::new(Machine::<64>::new(geometry)),
    }
}

impl<const K: usize> Machine<K> {
    /// A machine as in the first cycle after reset.
    ///
    /// # Panics
    /// If the geometry is of another width: [`machine`] chooses the right one.
    pub fn new(geometry: Geometry) -> Self {
        assert_eq!(geometry.width().octets(), K, "the geometry's width is another");
        Self {
            geometry,
            pins: Outputs::default(),
            now: 0,
            tables: Tables::new(geometry),
            encapsulate: Encapsulate::new(),
            decapsulate: Decapsulate::new(geometry.ports()),
            counters: Counters::new(),
            events: Events::new(),
            registers: Registers::new(geometry),
        }
    }

    /// An edge with `rst`: the tables are emptied here at once, and the cycles that hardware sweeps them in are waited for.
    fn reset(&mut self) {
        let geometry = self.geometry;
        self.pins = Outputs::default();
        self.now = 0;
        self.tables = Tables::new(geometry);
        self.encapsulate = Encapsulate::new();
        self.decapsulate = Decapsulate::new(geometry.ports());
        self.counters.reset();
        self.events.reset();
        self.registers = Registers::new(geometry);
    }

    /// A write asked for something outside the registers.
    fn request(&mut self, request: Request) {
        match request {
            Request::Link { index, value } => self.tables.links[index] = LinkRow::unpack(value),
            Request::Seed { table, which, word, value } => {
                let keying = match table {
                    SeededTable::Channel => {
                        self.decapsulate.settle_channel(&self.tables);
                        &mut self.tables.channel_keying
                    }
                    SeededTable::Binding => {
                        self.encapsulate.settle_binding(&self.tables);
                        self.decapsulate.settle_binding(&self.tables);
                        &mut self.tables.binding_keying
                    }
                };
                set_seed_word(&mut keying.seeds[which], word, value);
            }
            Request::Choice { channel, binding } => {
                self.tables.channel_keying.choice = channel;
                self.tables.binding_keying.choice = binding;
            }
            Request::Snapshot => self.counters.begin(self.now),
            Request::Pop(_) => {}
        }
    }
}

fn set_seed_word(seed: &mut u128, word: usize, value: u32) {
    let shift = 32 * word;
    *seed = *seed & !(0xFFFF_FFFF << shift) | u128::from(value) << shift;
}

impl<const K: usize> Clocked for Machine<K> {
    fn outputs(&self) -> &Outputs {
        &self.pins
    }

    fn clock(&mut self, inputs: &Inputs) {
        if inputs.rst {
            return self.reset();
        }
        let run = self.now >= SWEEP;
        let view = View {
            run,
            busy: self.counters.busy(),
            event_level: self.events.level(),
            event_lost: self.events.lost(),
            event_head: self.events.head(),
        };
        let commit = match self.registers.commit() {
            Some((op, _)) if op.command == Command::Read => {
                let words = if op.table.is_counter() {
                    self.counters.read(&op)
                } else {
                    self.tables.read(&op)
                };
                self.registers.fetched(words);
                None
            }
            Some((op, stage)) => self.tables.commit(&op, stage),
            None => None,
        };
        let wires = Wires { run, tables: &self.tables, commit: commit.as_ref() };
        let pins = &mut self.pins;
        let encapsulated = self.encapsulate.clock(
            &wires,
            &inputs.s_port,
            &mut pins.s_port_ready,
            &mut pins.m_link,
            inputs.m_link_ready,
            &mut self.counters,
        );
        let decapsulated = self.decapsulate.clock(
            &wires,
            &inputs.s_link,
            &mut pins.s_link_ready,
            &mut pins.m_port,
            inputs.m_port_ready,
            &mut self.counters,
        );
        pins.irq = self.registers.irq(&view);
        let event_enable = self.registers.event_enable();
        let request = self.registers.clock(&inputs.s_axil, &mut pins.s_axil, &view);
        let pop = match request {
            Some(Request::Pop(sequence)) => Some(sequence),
            _ => None,
        };
        let lost = self.events.clock([encapsulated, decapsulated], event_enable, pop);
        let snapshot = self.counters.clock(self.now);
        self.registers.raise(lost, snapshot);
        if let Some(request) = request {
            self.request(request);
        }
        if let Some(commit) = commit {
            self.tables.write(commit);
        }
        self.now += 1;
    }
}
