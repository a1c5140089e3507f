// SPDX-License-Identifier: MIT
//! A storm: random pins for a machine, cycle by cycle, that mean something. Frames of every kind with gaps, stalls, register
//! accesses and table updates in the middle of traffic, snapshots, events, now and then a reset.

use std::collections::VecDeque;

use fastrand::Rng;
use vireo_sim::engine::{Arrival, Side};
use vireo_spec::field::Words;
use vireo_spec::geometry::{Geometry, WAYS};
use vireo_spec::hash::{self, ROUNDS, Seeds};
use vireo_spec::pins::{
    Beat, Forward, Inputs, Outputs, USER_BAD, USER_PRIORITY_LOW, USER_SOURCE_LOW, USER_SOURCE_NONE,
};
use vireo_spec::registers as map;
use vireo_spec::rows::{BindingRow, ChannelRow};
use vireo_spec::table::{Command, Op, Table};

use crate::case::Case;

/// A write that waits for its turn.
#[derive(Clone, Copy, Debug)]
struct Store {
    address: u16,
    value: u32,
    strobes: u8,
}

/// Random pins for a machine.
pub struct Storm {
    rng: Rng,
    geometry: Geometry,
    case: Case,
    /// Seed set A of the channel and the binding table.
    seeds: [Seeds; 2],
    streams: [VecDeque<Forward>; 2],
    stores: VecDeque<Store>,
    /// Frames between two resets, at least and at most.
    between: (u64, u64),
    /// Those that are left until the next one.
    frames_left: u64,
    /// Probability of a gap or stall now; it changes now and then.
    stall: f64,
    inputs: Inputs,
    /// Frames that were made.
    pub frames: u64,
}

impl Storm {
    /// A storm for a machine of this geometry, which is reset with at least and at most `between` frames between two resets.
    pub fn new(seed: u64, geometry: Geometry, between: (u64, u64)) -> Self {
        let mut rng = Rng::with_seed(seed);
        let case = Case::random_of(&mut rng, geometry);
        let mut storm = Self {
            rng,
            geometry,
            case,
            seeds: [[0; ROUNDS]; 2],
            streams: Default::default(),
            stores: VecDeque::new(),
            between,
            frames_left: 0,
            stall: 0.0,
            inputs: Inputs::default(),
            frames: 0,
        };
        storm.begin();
        storm
    }

    /// A new configuration, to be written behind a reset.
    fn begin(&mut self) {
        self.case = Case::random_of(&mut self.rng, self.geometry);
        self.frames_left = self.rng.u64(self.between.0..=self.between.1);
        self.streams.iter_mut().for_each(VecDeque::clear);
        self.stores.clear();
        self.inputs = Inputs::default();
        for (table, registers) in [map::SEED_CHANNEL_A, map::SEED_BINDING_A].iter().enumerate() {
            for word in 0..usize::from(map::SEED_WORDS) {
                let value = if word % 3 == 2 { self.rng.u32(0..256) } else { self.rng.u32(..) };
                let shift = 32 * (word % 3);
                let seed = &mut self.seeds[table][word / 3];
                *seed = *seed & !(0xFFFF_FFFF << shift) | u128::from(value) << shift;
                self.store(registers.nth(word), value);
            }
        }
        for row in 0..self.case.channels.len() {
            self.channel(row);
        }
        for row in 0..self.case.bindings.len() {
            self.binding(row);
        }
        for port in 0..self.geometry.ports() {
            self.row(Table::Port, 0, port, &self.case.ports[port].pack());
        }
        for group in 0..self.geometry.groups() {
            self.row(Table::Group, 0, group, &self.case.groups[group].pack());
        }
        for link in 0..self.geometry.links() {
            self.store(map::LINK.nth(link), self.case.links[link].pack());
        }
        self.store(map::EVENT_ENABLE.address, self.rng.clone().u32(..));
        self.store(map::IRQ_ENABLE.address, 7);
    }

    fn store(&mut self, address: u16, value: u32) {
        self.stores.push_back(Store { address, value, strobes: 0xF });
    }

    fn row(&mut self, table: Table, way: usize, row: usize, words: &Words) {
        let long = table.fields().iter().map(|f| (f.low + f.width).div_ceil(32)).max().unwrap_or(1);
        for (word, &value) in words.iter().enumerate().take(long) {
            self.store(map::STAGE.nth(word), value);
        }
        self.op(Command::Write, table, way, row);
    }

    fn op(&mut self, command: Command, table: Table, way: usize, row: usize) {
        let op = Op { command, table, way: way as u8, row: row as u16 };
        self.store(map::OP.address, op.pack());
    }

    /// Writes one of the case's channels where the hash finds it, in any way: what stood there goes.
    fn channel(&mut self, row: usize) {
        let (link, channel, members) = self.case.channels[row];
        let permuted = hash::permute(ChannelRow::key(link, channel), &self.seeds[0]);
        let way = self.rng.usize(..WAYS);
        let at = hash::index(permuted, way, self.geometry.channel_rows());
        self.row(Table::Channel, way, at, &ChannelRow { link, channel, members }.pack());
    }

    fn binding(&mut self, row: usize) {
        let (port, mac, vlan) = self.case.bindings[row];
        let Some(mac) = mac else {
            let ports = self.rng.u64(..);
            let mut words = Words::default();
            vireo_spec::rows::vlan::PORTS.set(&mut words, ports);
            return self.row(Table::Vlan, 0, vlan.get().into(), &words);
        };
        let permuted = hash::permute(BindingRow::key(port, mac, vlan), &self.seeds[1]);
        let way = self.rng.usize(..WAYS);
        let at = hash::index(permuted, way, self.geometry.binding_rows());
        self.row(Table::Binding, way, at, &BindingRow { port, mac, vlan }.pack());
    }

    /// Something that software might do in the middle of traffic, or should not.
    fn meddle(&mut self) {
        let table = Table::ALL[self.rng.usize(..Table::ALL.len())];
        let way = self.rng.usize(..table.ways());
        let row = self.rng.usize(..table.rows(&self.geometry));
        match self.rng.u8(0..20) {
            0..=2 if !self.case.channels.is_empty() => {
                let row = self.rng.usize(..self.case.channels.len());
                self.channel(row);
            }
            3..=5 if !self.case.bindings.is_empty() => {
                let row = self.rng.usize(..self.case.bindings.len());
                self.binding(row);
            }
            6 | 7 => {
                let other = Case::random_of(&mut self.rng, self.geometry);
                let port = self.rng.usize(..self.geometry.ports());
                self.row(Table::Port, 0, port, &other.ports[port].pack());
            }
            8 => {
                let other = Case::random_of(&mut self.rng, self.geometry);
                let link = self.rng.usize(..self.geometry.links());
                self.store(map::LINK.nth(link), other.links[link].pack());
            }
            9..=12 => self.op(Command::Read, table, way, row),
            13 => self.op(Command::Clear, table, way, row),
            14 => self.store(map::SNAPSHOT.address, 0),
            15 | 16 => {
                let sequence = self.rng.u32(0..64);
                self.store(map::EVENT_POP.address, sequence);
            }
            17 => self.store(map::IRQ_STATUS.address, 7),
            18 => {
                let choice = if self.rng.u8(0..4) == 0 { self.rng.u32(..) } else { 0 };
                self.store(map::SEED_CHOICE.address, choice);
            }
            _ => {
                let (address, value) = (self.rng.u16(0..0x600), self.rng.u32(..));
                let strobes = self.rng.u8(0..16);
                self.stores.push_back(Store { address, value, strobes });
            }
        }
    }

    fn frame(&mut self) {
        let frame = self.case.frame(&mut self.rng);
        let octets = self.geometry.width().octets();
        let stream = &mut self.streams[usize::from(frame.side == Side::Links)];
        push_beats(stream, &frame, octets);
        self.frames += 1;
    }

    fn chance(&mut self) -> bool {
        self.stall > 0.0 && self.rng.f64() < self.stall
    }

    /// The pins of the next cycle, given the outputs in it, and those of this cycle before it is clocked. Call it once a cycle.
    pub fn inputs(&mut self, outputs: &Outputs) -> &Inputs {
        if self.rng.u16(..) < 16 {
            self.stall = [0.0, 0.0, 0.05, 0.3, 0.8][self.rng.usize(..5)];
        }
        while self.streams.iter().any(VecDeque::is_empty) {
            self.frame();
            self.frames_left = self.frames_left.saturating_sub(1);
        }
        if self.frames_left == 0 {
            self.begin();
            self.inputs.rst = true;
            return &self.inputs;
        }
        self.inputs.rst = false;
        let gaps = [self.chance(), self.chance()];
        let pins = [&mut self.inputs.s_port, &mut self.inputs.s_link];
        for ((pins, stream), gap) in pins.into_iter().zip(&mut self.streams).zip(gaps) {
            if !pins.valid && !gap {
                *pins = stream.pop_front().expect("there are frames in every stream");
            }
        }
        self.inputs.m_link_ready = !self.chance();
        self.inputs.m_port_ready = !self.chance();
        self.axil(outputs);
        &self.inputs
    }

    fn axil(&mut self, outputs: &Outputs) {
        if self.stores.is_empty() && self.rng.u8(0..32) == 0 {
            self.meddle();
        }
        let pins = &mut self.inputs.s_axil;
        pins.bready = self.rng.bool();
        pins.rready = self.rng.bool();
        let idle = !pins.awvalid && !pins.wvalid && outputs.s_axil.awready && outputs.s_axil.wready;
        if idle && let Some(store) = self.stores.pop_front() {
            (pins.awaddr, pins.wdata, pins.wstrb) = (store.address, store.value, store.strobes);
            // One of them may come first.
            (pins.awvalid, pins.wvalid) = (true, true);
        }
        if !pins.arvalid && self.rng.u8(0..8) == 0 {
            pins.arvalid = true;
            pins.araddr = match self.rng.bool() {
                true => map::MAP[self.rng.usize(..map::MAP.len())].address,
                false => self.rng.u16(0..0x600),
            };
        }
    }

    /// The edge: what was taken with these outputs is offered no longer.
    pub fn clocked(&mut self, outputs: &Outputs) {
        if self.inputs.rst {
            return;
        }
        self.inputs.s_port.valid &= !outputs.s_port_ready;
        self.inputs.s_link.valid &= !outputs.s_link_ready;
        let (pins, axil) = (&mut self.inputs.s_axil, &outputs.s_axil);
        pins.awvalid &= !axil.awready;
        pins.wvalid &= !axil.wready;
        pins.arvalid &= !axil.arready;
    }
}

fn push_beats(stream: &mut VecDeque<Forward>, frame: &Arrival, octets: usize) {
    let chunks = frame.octets.chunks(octets);
    let beats = chunks.len();
    for (n, chunk) in chunks.enumerate() {
        let last = n + 1 == beats;
        let user = (u16::from(last && frame.bad) * USER_BAD)
            | (u16::from(frame.priority.code()) << USER_PRIORITY_LOW)
            | (u16::from(frame.source.unwrap_or(USER_SOURCE_NONE)) << USER_SOURCE_LOW);
        let keep = u64::MAX >> (64 - chunk.len());
        let mut beat = Beat { keep, last, user, id: frame.id.code(), ..Beat::default() };
        beat.data[..chunk.len()].copy_from_slice(chunk);
        stream.push_back(Forward { valid: true, beat });
    }
}
