// SPDX-License-Identifier: MIT
//! A machine clocked by hand: every cycle is counted from the sweep's cycle 0, every transfer is written down with its cycle,
//! and outputs that break AXI4-Stream's rules or those of docs/pipeline.md, section 2, end the test at once.

use std::collections::VecDeque;

use fastrand::Rng;
use vireo_driver::{BusAccess, BusError, BusErrorKind, RegisterBus};
use vireo_model::pipeline;
use vireo_sim::engine::{Arrival, Side};
use vireo_spec::geometry::Geometry;
use vireo_spec::pins::{
    Beat, Clocked, Forward, Inputs, Outputs, RESP_OKAY, USER_BAD, USER_PRIORITY_LOW,
    USER_SOURCE_LOW, USER_SOURCE_NONE,
};

use crate::timing::{SAMPLES, WRITES};

/// Both directions, by where frames enter.
pub const SIDES: [Side; 2] = [Side::Ports, Side::Links];

/// Cycles within which any register access is answered, and an empty machine has delivered everything.
const PATIENCE: u64 = 200;

/// Cycles of a frame that entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// Its first beat was accepted.
    pub first: u64,
    /// Its last beat was accepted.
    pub last: u64,
}

/// A frame that left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The cycle in which its first beat was valid first.
    pub first: u64,
    /// The cycle in which its last beat was taken.
    pub last: u64,
    /// Beats out.
    pub beats: usize,
    /// Its octets.
    pub octets: Vec<u8>,
    /// `tid`.
    pub id: u8,
    /// `tdest`.
    pub dest: u128,
    /// `tuser` of the last beat.
    pub user: u16,
}

/// One direction: what is sent into it and what came out of it.
#[derive(Debug, Default)]
pub struct Lane {
    /// Frames that wait to enter.
    pub queue: VecDeque<Arrival>,
    /// Frames that entered, in order.
    pub entered: VecDeque<Entered>,
    /// Frames that left, in order.
    pub left: VecDeque<Left>,
    /// Cycles in which a beat was offered and not accepted.
    pub refused: VecDeque<u64>,
    /// Cycles in which the output was valid.
    pub valid: u64,
    sent: usize,
    began: u64,
    offered: Forward,
    leaving: Option<Left>,
    seen: Option<u64>,
    held: Option<Beat>,
    /// Cycles since a beat moved.
    quiet: u64,
}

impl Lane {
    fn offer(&mut self, octets: usize) {
        let (false, Some(frame)) = (self.offered.valid, self.queue.front()) else { return };
        let rest = &frame.octets[self.sent..];
        let held = rest.len().min(octets);
        let last = held == rest.len();
        let beat = &mut self.offered.beat;
        beat.data[held..octets].fill(0);
        beat.data[..held].copy_from_slice(&rest[..held]);
        beat.keep = u64::MAX >> (64 - held);
        beat.last = last;
        beat.id = frame.id.code();
        beat.user = (u16::from(last && frame.bad) * USER_BAD)
            | (u16::from(frame.priority.code()) << USER_PRIORITY_LOW)
            | (u16::from(frame.source.unwrap_or(USER_SOURCE_NONE)) << USER_SOURCE_LOW);
        self.offered.valid = true;
    }

    fn enter(&mut self, ready: bool, cycle: u64) {
        if !self.offered.valid {
            return;
        }
        if !ready {
            self.refused.push_back(cycle);
            return;
        }
        (self.offered.valid, self.quiet) = (false, 0);
        if self.sent == 0 {
            self.began = cycle;
        }
        self.sent += self.offered.beat.keep.count_ones() as usize;
        if self.offered.beat.last {
            self.sent = 0;
            self.queue.pop_front();
            self.entered.push_back(Entered { first: self.began, last: cycle });
        }
    }

    fn leave(&mut self, pins: &Forward, ready: bool, octets: usize, cycle: u64) {
        if let Some(held) = self.held.take() {
            assert!(pins.valid, "cycle {cycle}: tvalid fell without tready");
            assert_eq!(pins.beat, held, "cycle {cycle}: the payload changed without tready");
        }
        if !pins.valid {
            return;
        }
        self.quiet = 0;
        self.valid += 1;
        let seen = *self.seen.get_or_insert(cycle);
        let beat = &pins.beat;
        if !ready {
            self.held = Some(*beat);
            return;
        }
        self.seen = None;
        let kept = beat.keep.count_ones() as usize;
        assert!(kept > 0 && kept <= octets, "cycle {cycle}: tkeep {:#x}", beat.keep);
        assert_eq!(beat.keep, u64::MAX >> (64 - kept), "cycle {cycle}: tkeep has holes");
        assert!(beat.last || kept == octets, "cycle {cycle}: a beat inside a frame is not full");
        assert!(beat.last || beat.user & USER_BAD == 0, "cycle {cycle}: bad before the last beat");
        assert!(beat.user < 32, "cycle {cycle}: tuser has 5 bits");
        assert!(beat.data[kept..].iter().all(|&o| o == 0), "cycle {cycle}: lanes without tkeep");
        let leaving = self.leaving.get_or_insert_with(|| Left {
            first: seen,
            last: cycle,
            beats: 0,
            octets: Vec::new(),
            id: beat.id,
            dest: beat.dest,
            user: beat.user,
        });
        let same = (leaving.id, leaving.dest, leaving.user | USER_BAD);
        assert_eq!(
            (beat.id, beat.dest, beat.user | USER_BAD),
            same,
            "cycle {cycle}: tid, tdest or tuser changed in a frame"
        );
        leaving.octets.extend_from_slice(&beat.data[..kept]);
        leaving.beats += 1;
        if beat.last {
            (leaving.last, leaving.user) = (cycle, beat.user);
            self.left.extend(self.leaving.take());
        }
    }
}

/// A register access that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// RESP_OKAY or RESP_SLVERR.
    pub response: u8,
    /// What was read.
    pub data: u32,
    /// The cycle whose end a write takes effect at, or whose values a read shows.
    pub cycle: u64,
    /// The first cycle of `bvalid` or `rvalid`.
    pub answered: u64,
}

/// The machine and what is on its pins.
pub struct Bench {
    /// The pins that a test drives: those of the streams are the bench's own.
    pub inputs: Inputs,
    /// Probability of a cycle without `tready`, on each output.
    pub stall: f64,
    /// Probability of a cycle without a new beat, on each input.
    pub gap: f64,
    /// The write cycle of the last register write.
    pub written: u64,
    lanes: [Lane; 2],
    paused: bool,
    cycle: u64,
    octets: usize,
    random: Rng,
    machine: Box<dyn Clocked + Send>,
}

impl Bench {
    /// The cycle model as in cycle 0.
    pub fn new(geometry: Geometry) -> Self {
        Self::over(geometry, pipeline::machine(geometry))
    }

    /// A machine that is in cycle 0.
    pub fn over(geometry: Geometry, machine: Box<dyn Clocked + Send>) -> Self {
        Self {
            inputs: Inputs::default(),
            stall: 0.0,
            gap: 0.0,
            written: 0,
            lanes: Default::default(),
            paused: false,
            cycle: 0,
            octets: geometry.width().octets(),
            random: Rng::with_seed(1),
            machine,
        }
    }

    /// The cycle model, ready: its sweep is over and nothing was sent or written.
    pub fn ready(geometry: Geometry) -> Self {
        let mut bench = Self::new(geometry);
        bench.run_to(4100);
        bench
    }

    /// The direction that frames of `entering` take.
    pub fn lane(&mut self, entering: Side) -> &mut Lane {
        &mut self.lanes[entering as usize]
    }

    /// Queues a frame.
    pub fn offer(&mut self, frame: Arrival) {
        self.lane(frame.side).queue.push_back(frame);
    }

    /// The number of this cycle, counted from the sweep's cycle 0.
    pub fn cycle(&self) -> u64 {
        self.cycle
    }

    /// The output pins in this cycle.
    pub fn outputs(&self) -> &Outputs {
        self.machine.outputs()
    }

    /// The edge that ends this cycle. With `rst` also frames that were sent, or waited, are forgotten.
    pub fn clock(&mut self) {
        let outputs = *self.machine.outputs();
        let readies = [outputs.s_port_ready, outputs.s_link_ready];
        let pins = [&outputs.m_link, &outputs.m_port];
        let mut takes = [true; 2];
        for (side, lane) in self.lanes.iter_mut().enumerate() {
            let mut chance = |no: f64| no == 0.0 || self.random.f64() >= no;
            lane.quiet += 1;
            if chance(self.gap) && !self.paused {
                lane.offer(self.octets);
            }
            takes[side] = chance(self.stall);
        }
        (self.inputs.s_port, self.inputs.s_link) = (self.lanes[0].offered, self.lanes[1].offered);
        [self.inputs.m_link_ready, self.inputs.m_port_ready] = takes;
        self.machine.clock(&self.inputs);
        for (side, lane) in self.lanes.iter_mut().enumerate() {
            lane.leave(pins[side], takes[side], self.octets, self.cycle);
            lane.enter(readies[side], self.cycle);
        }
        self.cycle += 1;
        if self.inputs.rst {
            self.lanes = Default::default();
            self.cycle = 0;
        }
    }

    /// Clocks without offering a beat.
    pub fn pause(&mut self, cycles: u64) {
        self.paused = true;
        (0..cycles).for_each(|_| self.clock());
        self.paused = false;
    }

    /// Clocks until it is cycle `cycle`.
    pub fn run_to(&mut self, cycle: u64) {
        assert!(self.cycle <= cycle, "cycle {cycle} is over: it is {}", self.cycle);
        while self.cycle < cycle {
            self.clock();
        }
    }

    /// Clocks until all that was queued has entered and what leaves has left.
    pub fn drain(&mut self) {
        while self.lanes.iter().any(|lane| !lane.queue.is_empty() || lane.quiet < PATIENCE) {
            self.clock();
        }
    }

    /// Writes a register, address and data in one cycle.
    pub fn store(&mut self, address: u16, value: u32, strobes: u8) -> Answer {
        let axil = &mut self.inputs.s_axil;
        (axil.awvalid, axil.awaddr, axil.bready) = (true, address, true);
        (axil.wvalid, axil.wdata, axil.wstrb) = (true, value, strobes);
        let started = self.cycle;
        while self.cycle < started + PATIENCE {
            let (now, pins) = (self.cycle, self.machine.outputs().s_axil);
            self.clock();
            let axil = &mut self.inputs.s_axil;
            if (axil.awvalid && pins.awready) || (axil.wvalid && pins.wready) {
                self.written = now + WRITES;
            }
            axil.awvalid &= !pins.awready;
            axil.wvalid &= !pins.wready;
            if pins.bvalid {
                axil.bready = false;
                let (response, cycle) = (pins.bresp, self.written);
                return Answer { response, data: 0, cycle, answered: now };
            }
        }
        panic!("no answer to a write of {address:#x} in cycle {started}");
    }

    /// Reads a register.
    pub fn load(&mut self, address: u16) -> Answer {
        let axil = &mut self.inputs.s_axil;
        (axil.arvalid, axil.araddr, axil.rready) = (true, address, true);
        let (started, mut sampled) = (self.cycle, 0);
        while self.cycle < started + PATIENCE {
            let (now, pins) = (self.cycle, self.machine.outputs().s_axil);
            self.clock();
            let axil = &mut self.inputs.s_axil;
            if axil.arvalid && pins.arready {
                (axil.arvalid, sampled) = (false, now + SAMPLES);
            }
            if pins.rvalid {
                axil.rready = false;
                let (response, data) = (pins.rresp, pins.rdata);
                return Answer { response, data, cycle: sampled, answered: now };
            }
        }
        panic!("no answer to a read of {address:#x} in cycle {started}");
    }

    /// A write, and a read that shows what is `distance` cycles after the write cycle, both channels being idle.
    pub fn store_and_load(&mut self, write: (u16, u32), read: u16, distance: u64) -> [Answer; 2] {
        let (began, mut answers) = (self.cycle, [None; 2]);
        let (written, sampled) = (began + WRITES, began + WRITES + distance);
        while answers.contains(&None) {
            let now = self.cycle;
            let (pins, axil) = (self.machine.outputs().s_axil, &mut self.inputs.s_axil);
            (axil.awvalid, axil.awaddr, axil.bready) = (now == began, write.0, true);
            (axil.wvalid, axil.wdata, axil.wstrb) = (now == began, write.1, 0xF);
            (axil.arvalid, axil.araddr, axil.rready) = (now + SAMPLES == sampled, read, true);
            if pins.bvalid {
                let response = pins.bresp;
                answers[0] = Some(Answer { response, data: 0, cycle: written, answered: now });
            }
            if pins.rvalid {
                let (response, data) = (pins.rresp, pins.rdata);
                answers[1] = Some(Answer { response, data, cycle: sampled, answered: now });
            }
            self.clock();
        }
        self.inputs.s_axil = Default::default();
        answers.map(Option::unwrap)
    }
}

fn checked(access: BusAccess, address: u16, answer: Answer) -> Result<u32, BusError> {
    let kind = BusErrorKind::Refused;
    if answer.response == RESP_OKAY {
        Ok(answer.data)
    } else {
        Err(BusError { access, address, kind })
    }
}

impl RegisterBus for Bench {
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        let answer = self.load(address);
        checked(BusAccess::Read, address, answer)
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        let answer = self.store(address, value, 0xF);
        checked(BusAccess::Write, address, answer).map(|_| ())
    }
}
