// SPDX-License-Identifier: MIT
//! A storm: random pins for a machine, cycle by cycle, that mean something. Frames of every kind with gaps, stalls, register
//! accesses and table updates in the middle of traffic, snapshots, events, now and then a reset.

mod software;

use std::collections::VecDeque;

use fastrand::Rng;
use vireo_sim::engine::{Arrival, Side};
use vireo_spec::geometry::Geometry;
use vireo_spec::hash;
use vireo_spec::pins::{
    Beat, Forward, Inputs, Outputs, USER_BAD, USER_PRIORITY_LOW, USER_SOURCE_LOW, USER_SOURCE_NONE,
};
use vireo_spec::registers as map;

use crate::case::Case;
use software::Store;

const SEED_MASK: u128 = (1 << hash::BITS) - 1;

/// Octets of a frame that is long.
const LONG: usize = 300;

/// What there has been since a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The tables are swept.
    Sweep,
    /// The configuration is written, in the middle of the first frames.
    Configuration,
    /// All else. Frames are counted until the next reset.
    Traffic,
}

/// Random pins for a machine.
pub struct Storm {
    rng: Rng,
    geometry: Geometry,
    case: Case,
    /// Seed A of the channel and the binding table.
    seeds: [u128; 2],
    streams: [VecDeque<Forward>; 2],
    stores: VecDeque<Store>,
    /// The address, the data of a write that are still to come.
    owed: [bool; 2],
    /// Where the register stands that is read.
    read: u16,
    /// The number of the event that was read last.
    head: u32,
    phase: Phase,
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
            seeds: [0; 2],
            streams: Default::default(),
            stores: VecDeque::new(),
            owed: [false; 2],
            read: 0,
            head: 0,
            phase: Phase::Sweep,
            between,
            frames_left: 0,
            stall: 0.0,
            inputs: Inputs::default(),
            frames: 0,
        };
        storm.begin();
        storm
    }

    /// A reset, and a new configuration.
    fn begin(&mut self) {
        self.case = Case::random_of(&mut self.rng, self.geometry);
        // More sources are bound, so that more frames pass.
        for _ in 0..3 {
            let other = Case::random_of(&mut self.rng, self.geometry);
            self.case.bindings.extend(other.bindings);
        }
        let rng = &mut self.rng;
        self.seeds = [(); 2].map(|()| rng.u128(..) & SEED_MASK);
        self.frames_left = self.rng.u64(self.between.0..=self.between.1);
        self.streams.iter_mut().for_each(VecDeque::clear);
        self.stores.clear();
        self.owed = [false; 2];
        self.phase = Phase::Sweep;
        self.inputs = Inputs::default();
    }

    fn frame(&mut self) {
        let mut frame = self.case.frame(&mut self.rng);
        // Or most of the time would go to the long ones.
        while frame.octets.len() > LONG && self.rng.u8(0..8) != 0 {
            frame = self.case.frame(&mut self.rng);
        }
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
            self.frames_left -= u64::from(self.phase == Phase::Traffic && self.frames_left > 0);
        }
        if self.frames_left == 0 {
            self.begin();
            self.inputs.rst = true;
            return &self.inputs;
        }
        self.inputs.rst = false;
        match self.phase {
            // The intakes wait for the sweep.
            Phase::Sweep if outputs.s_port_ready => self.configure(),
            Phase::Configuration if self.stores.is_empty() => self.phase = Phase::Traffic,
            _ => {}
        }
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
        if self.stores.is_empty() && self.rng.u8(0..8) == 0 {
            self.meddle();
        }
        let pins = &mut self.inputs.s_axil;
        pins.bready = self.rng.u8(0..4) != 0;
        pins.rready = self.rng.u8(0..4) != 0;
        let idle = !pins.awvalid && !pins.wvalid && outputs.s_axil.awready && outputs.s_axil.wready;
        if idle
            && self.owed == [false; 2]
            && let Some(store) = self.stores.pop_front()
        {
            (pins.awaddr, pins.wdata, pins.wstrb) = (store.address, store.value, store.strobes);
            self.owed = [true; 2];
        }
        // Either may come first.
        for (owed, valid) in self.owed.iter_mut().zip([&mut pins.awvalid, &mut pins.wvalid]) {
            if *owed && self.rng.u8(0..4) != 0 {
                (*owed, *valid) = (false, true);
            }
        }
        if !pins.arvalid && self.rng.u8(0..4) == 0 {
            pins.arvalid = true;
            let register = match self.rng.u8(0..8) {
                0..=3 => map::STAGE,
                4 => map::EVENT,
                _ => map::MAP[self.rng.usize(..map::MAP.len())],
            };
            pins.araddr = match self.rng.u8(0..4) {
                0 => self.rng.u16(0..0x600),
                _ => register.nth(self.rng.usize(..usize::from(register.count))),
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
        if pins.arvalid && axil.arready {
            self.read = pins.araddr;
        }
        pins.arvalid &= !axil.arready;
        if axil.rvalid && pins.rready && self.read == map::EVENT.address {
            self.head = axil.rdata & 0xFFFF;
        }
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
