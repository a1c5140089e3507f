// SPDX-License-Identifier: MIT
//! Engines with pins: drives anything [`Clocked`] cycle by cycle, with random gaps and stalls where they are asked for.
//!
//! Register accesses are AXI4-Lite transactions in cycles, while the frames that were queued flow.

use std::collections::VecDeque;

use vireo_driver::{BusAccess, BusError, BusErrorKind, RegisterBus};
use vireo_spec::ether::Priority;
use vireo_spec::geometry::Geometry;
use vireo_spec::pins::{
    Beat, Clocked, Inputs, Outputs, RESP_OKAY, StreamId, USER_BAD, USER_PRIORITY_LOW,
};
use vireo_spec::ports::PortSet;

use super::stream::{Receiver, Sender};
use super::{Arrival, Departure, Destination, Engine, Measured, Side, Sink};

/// Nanoseconds of a cycle in captures: 200 MHz.
pub const CYCLE_NS: u64 = 5;
/// Cycles without a beat out after which a machine that takes no more is empty: more than its stages.
const DRAINED: u64 = 64;
/// Cycles that a register access may take.
const BUS_PATIENCE: u64 = 4096;

/// Sees the pins of every cycle.
pub type Observer = Box<dyn FnMut(u64, &Inputs, &Outputs) + Send>;

/// Takes a frame that left: the stream, its last beat, its octets, the cycle in which its first beat stood on the pins.
type PinSink<'a> = dyn FnMut(Side, &Beat, &[u8], u64) + 'a;

/// How unkind the test bench is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unkindness {
    /// Probability of a gap in front of each beat in, and of a stall in each cycle, on every stream: 0 to below 1.
    pub stall: f64,
    /// Seed of the random numbers.
    pub seed: u64,
}

impl Unkindness {
    /// No gaps, no stalls.
    pub const NONE: Self = Self { stall: 0.0, seed: 0 };
}

struct Direction {
    sender: Sender,
    receiver: Receiver,
    latency: u64,
    /// Cycles in which frames entered, as long as a departure may refer to them.
    entered: VecDeque<u64>,
    measured: Measured,
}

impl Direction {
    fn new(latency: u64) -> Self {
        Self {
            sender: Sender::default(),
            receiver: Receiver::default(),
            latency,
            entered: VecDeque::new(),
            measured: Measured::default(),
        }
    }
}

/// A machine with pins in its test bench.
pub struct PinEngine<C: ?Sized> {
    inputs: Inputs,
    geometry: Geometry,
    encapsulate: Direction,
    decapsulate: Direction,
    random: fastrand::Rng,
    stall: f64,
    cycle: u64,
    started_ns: Option<u64>,
    /// The cycle in which a clock began.
    began: Option<u64>,
    /// Cycles since something last moved.
    quiet: u64,
    /// Departures of cycles that a register access took.
    early: Vec<(Side, Beat, Vec<u8>, u64)>,
    observer: Option<Observer>,
    machine: Box<C>,
}

impl<C: Clocked + ?Sized> PinEngine<C> {
    /// A test bench around a machine that has just been reset.
    pub fn new(machine: Box<C>, geometry: Geometry, unkindness: Unkindness) -> Self {
        let width = geometry.width();
        Self {
            inputs: Inputs::default(),
            geometry,
            encapsulate: Direction::new(width.encapsulate_latency()),
            decapsulate: Direction::new(width.decapsulate_latency()),
            random: fastrand::Rng::with_seed(unkindness.seed),
            stall: unkindness.stall,
            cycle: 0,
            started_ns: None,
            began: None,
            quiet: 0,
            early: Vec::new(),
            observer: None,
            machine,
        }
    }

    /// From now on `observer` sees the pins of every cycle.
    pub fn observe(&mut self, observer: Observer) {
        self.observer = Some(observer);
    }

    /// The machine.
    pub fn machine(&self) -> &C {
        &self.machine
    }

    /// Takes the machine out of its test bench, as it stands.
    pub fn into_machine(self) -> Box<C> {
        self.machine
    }

    fn chance(&mut self) -> bool {
        self.stall > 0.0 && self.random.f64() < self.stall
    }

    /// One cycle.
    fn clock(&mut self, sink: &mut PinSink<'_>) {
        let octets = self.geometry.width().octets();
        let gaps = [self.chance(), self.chance()];
        let now_ns = self.now_ns();
        self.encapsulate.sender.offer(octets, gaps[0], now_ns);
        self.decapsulate.sender.offer(octets, gaps[1], now_ns);
        self.inputs.s_port = self.encapsulate.sender.pins;
        self.inputs.s_link = self.decapsulate.sender.pins;
        self.inputs.m_link_ready = !self.chance();
        self.inputs.m_port_ready = !self.chance();
        let outputs = self.machine.outputs();
        if let Some(observer) = &mut self.observer {
            observer(self.cycle, &self.inputs, outputs);
        }
        self.quiet += 1;
        let streams = [
            (
                Side::Links,
                &mut self.encapsulate,
                outputs.s_port_ready,
                &outputs.m_link,
                self.inputs.m_link_ready,
            ),
            (
                Side::Ports,
                &mut self.decapsulate,
                outputs.s_link_ready,
                &outputs.m_port,
                self.inputs.m_port_ready,
            ),
        ];
        for (leaving, direction, taken, pins, ready) in streams {
            let measured = &mut direction.measured;
            if let Some(taken) = direction.sender.clock(taken) {
                self.quiet = 0;
                measured.beats_in += 1;
                measured.first_cycle.get_or_insert(self.cycle);
                measured.last_cycle = self.cycle;
                if taken.first {
                    measured.frames_in += 1;
                    direction.entered.push_back(self.cycle);
                }
            }
            if pins.valid {
                self.quiet = 0;
            }
            measured.beats_out += u64::from(pins.valid && ready);
            if let Some(last) = direction.receiver.clock(pins, ready, self.cycle) {
                let (octets, began) = direction.receiver.frame();
                measured.frames_out += 1;
                let entered = began.saturating_sub(direction.latency);
                while direction.entered.front().is_some_and(|&cycle| cycle < entered) {
                    direction.entered.pop_front();
                }
                measured.on_time += u64::from(direction.entered.front() == Some(&entered));
                sink(leaving, &last, octets, began);
            }
        }
        self.machine.clock(&self.inputs);
        self.cycle += 1;
    }

    /// Clocks until `done` says so; frames that leave meanwhile wait for the next step.
    fn clock_until<T>(&mut self, mut done: impl FnMut(&mut Self) -> Option<T>) -> Option<T> {
        let mut early = std::mem::take(&mut self.early);
        let mut result = None;
        for _ in 0..BUS_PATIENCE {
            self.clock(&mut |side, beat, octets, cycle| {
                early.push((side, *beat, octets.to_vec(), cycle));
            });
            result = done(self);
            if result.is_some() {
                break;
            }
        }
        self.early = early;
        result
    }

    fn timed_out(&mut self, access: BusAccess, address: u16) -> BusError {
        self.inputs.s_axil = Default::default();
        BusError { access, address, kind: BusErrorKind::TimedOut { cycles: BUS_PATIENCE } }
    }
}

impl<C: Clocked + ?Sized> RegisterBus for PinEngine<C> {
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        let pins = &mut self.inputs.s_axil;
        (pins.arvalid, pins.araddr, pins.rready) = (true, address, true);
        let mut accepted = self.machine.outputs().s_axil.arready;
        let answer = self.clock_until(|bench| {
            let outputs = bench.machine.outputs().s_axil;
            bench.inputs.s_axil.arvalid &= !accepted;
            accepted |= bench.inputs.s_axil.arvalid && outputs.arready;
            outputs.rvalid.then_some((outputs.rresp, outputs.rdata))
        });
        let Some((response, data)) = answer else {
            return Err(self.timed_out(BusAccess::Read, address));
        };
        // The answer stands on the pins; one more clock takes it.
        self.clock_until(|_| Some(()));
        self.inputs.s_axil.rready = false;
        if response == RESP_OKAY {
            Ok(data)
        } else {
            Err(BusError { access: BusAccess::Read, address, kind: BusErrorKind::Refused })
        }
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        let pins = &mut self.inputs.s_axil;
        (pins.awvalid, pins.awaddr) = (true, address);
        (pins.wvalid, pins.wdata, pins.wstrb, pins.bready) = (true, value, 0xF, true);
        let outputs = self.machine.outputs().s_axil;
        let (mut aw, mut w) = (outputs.awready, outputs.wready);
        let answer = self.clock_until(|bench| {
            let outputs = bench.machine.outputs().s_axil;
            let pins = &mut bench.inputs.s_axil;
            pins.awvalid &= !aw;
            pins.wvalid &= !w;
            aw |= pins.awvalid && outputs.awready;
            w |= pins.wvalid && outputs.wready;
            outputs.bvalid.then_some(outputs.bresp)
        });
        let Some(response) = answer else {
            return Err(self.timed_out(BusAccess::Write, address));
        };
        self.clock_until(|_| Some(()));
        self.inputs.s_axil.bready = false;
        if response == RESP_OKAY {
            Ok(())
        } else {
            Err(BusError { access: BusAccess::Write, address, kind: BusErrorKind::Refused })
        }
    }
}

impl<C: Clocked + ?Sized> Engine for PinEngine<C> {
    fn offer(&mut self, arrival: Arrival) {
        self.started_ns.get_or_insert(arrival.timestamp_ns);
        let direction = match arrival.side {
            Side::Ports => &mut self.encapsulate,
            Side::Links => &mut self.decapsulate,
        };
        direction.sender.push(arrival);
    }

    fn step(&mut self, sink: &mut Sink<'_>) -> bool {
        let ports = self.geometry.ports();
        let (started_ns, from) = match self.began {
            Some(began) => (0, began),
            None => (self.started_ns.unwrap_or(0), 0),
        };
        let mut deliver = |side, beat: &Beat, octets: &[u8], cycle: u64| {
            let timestamp_ns = started_ns + cycle.saturating_sub(from) * CYCLE_NS;
            sink(departure(side, beat, octets, timestamp_ns, ports));
        };
        for (side, beat, octets, cycle) in self.early.drain(..) {
            deliver(side, &beat, &octets, cycle);
        }
        self.clock(&mut deliver);
        let waiting = [&self.encapsulate, &self.decapsulate].iter().any(|d| !d.sender.is_empty());
        waiting || self.quiet < DRAINED
    }

    fn cycles(&self) -> u64 {
        self.cycle
    }

    fn begin(&mut self) {
        self.began = Some(self.cycle);
    }

    fn now_ns(&self) -> Option<u64> {
        self.began.map(|began| (self.cycle - began) * CYCLE_NS)
    }

    fn measured(&self, entering: Side) -> Option<&Measured> {
        Some(match entering {
            Side::Ports => &self.encapsulate.measured,
            Side::Links => &self.decapsulate.measured,
        })
    }
}

/// What the pins say of a frame, by its last beat.
fn departure<'a>(
    side: Side,
    beat: &Beat,
    octets: &'a [u8],
    timestamp_ns: u64,
    ports: usize,
) -> Departure<'a> {
    let to = match side {
        Side::Links => match StreamId::from_code(beat.dest as u8) {
            StreamId::Port(link) => Destination::Link(link),
            control => Destination::Control(control),
        },
        Side::Ports if beat.dest >> ports & 1 == 1 => {
            Destination::Control(StreamId::from_code(beat.id))
        }
        Side::Ports => Destination::Ports(PortSet::from_bits(beat.dest as u64)),
    };
    let priority = (beat.user >> USER_PRIORITY_LOW & 0xF) as u8;
    Departure {
        side,
        to,
        octets,
        priority: Priority::from_code(priority).unwrap_or_default(),
        bad: beat.user & USER_BAD != 0,
        timestamp_ns,
    }
}
