// SPDX-License-Identifier: MIT
//! Speed: the extender, the traffic and the loops that `vireo bench` and the criterion benchmarks measure.

use std::fmt::Write as _;
use std::time::Instant;

use serde::Serialize;
use thiserror::Error;
use vireo_driver::{Device, RegisterBus};
use vireo_machines::{MachineError, sizes};
use vireo_spec::ether::{MacAddr, Priority, VlanId};
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::pins::{Beat, Clocked, Forward, Inputs, StreamId};
use vireo_spec::ports::PortSet;
use vireo_spec::rows::{DEFAULT_MAXIMUM, LinkRow, PortRow};
use vireo_spec::tag::{Channel, ECid, ETag, IngressECid, Role, TagFamily};

use crate::engine::clocked::{PinEngine, Unkindness};
use crate::engine::kind::{EngineKind, MakeError, PinKind};
use crate::engine::reference::Reference;
use crate::engine::{Arrival, Side};

/// The most ports of the extender that is measured, each with a checked source.
const PORTS: usize = 16;
/// VLAN of all its traffic.
const VLAN: u16 = 101;

/// What the frames look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Traffic {
    /// Of twelve frames six of 64 octets, five of 594 or so, one of 1518; each twelfth goes down to all ports.
    #[serde(rename = "mixed")]
    Mixed,
    /// 64 octets, back to back.
    #[serde(rename = "64 octets")]
    Minimum,
}

impl Traffic {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Mixed, Self::Minimum];

    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mixed => "mixed",
            Self::Minimum => "64 octets",
        }
    }

    fn size(self, n: usize) -> usize {
        const MIXED: [usize; 12] = [64, 594, 64, 64, 1518, 64, 594, 64, 594, 64, 570, 594];
        match self {
            Self::Mixed => MIXED[n % MIXED.len()],
            Self::Minimum => 64,
        }
    }

    fn to_all(self, n: usize) -> bool {
        self == Self::Mixed && n % 12 == 5
    }

    /// Frames for both sides of an extender with so many ports, as long a run of them as its period.
    pub fn arrivals(self, ports: usize) -> Vec<Arrival> {
        let mut arrivals = Vec::new();
        for n in 0..96 {
            let port = (n % ports) as u8;
            let outside = MacAddr([0x52, 0x54, 0, 1, 0, port]);
            let up = frame(outside, guest(port), &[], self.size(n));
            let (channel, destination) = match self.to_all(n) {
                true => (group_channel(), MacAddr::BROADCAST),
                false => (own_channel(port), guest(port)),
            };
            let ecid = channel.ecid();
            let tag = ETag { priority: Priority::default(), ingress: IngressECid::NONE, ecid };
            let down = frame(destination, outside, &tag.to_octets(), self.size(n));
            for (side, id, octets) in
                [(Side::Ports, StreamId::Port(port), up), (Side::Links, StreamId::Port(0), down)]
            {
                arrivals.push(Arrival {
                    timestamp_ns: 0,
                    side,
                    id,
                    source: None,
                    priority: Priority::default(),
                    octets,
                    bad: false,
                });
            }
        }
        arrivals
    }
}

fn own_channel(port: u8) -> Channel {
    Channel::etag(ECid::new(0, u16::from(port) + 1, 0).expect("base has 12 bits"))
}

fn group_channel() -> Channel {
    Channel::etag(ECid::new(1, 0x100, 0).expect("base has 12 bits"))
}

fn guest(port: u8) -> MacAddr {
    MacAddr([0x52, 0x54, 0, 0, 0, port])
}

/// A frame of `octets` octets and a tag, in VLAN 101 with priority 5.
fn frame(destination: MacAddr, source: MacAddr, tag: &[u8], octets: usize) -> Vec<u8> {
    let c_tag = [0x81, 0, 0xA0, VLAN as u8, 8, 0];
    let mut frame = [&destination.0[..], &source.0, tag, &c_tag].concat();
    frame.resize(octets + tag.len(), 0x5A);
    frame
}

/// Makes an extender of a machine: ports with checked sources, a channel each, and a group of all of them.
fn program<B: RegisterBus>(
    device: &mut Device<B>,
    ports: usize,
) -> Result<(), vireo_driver::Error> {
    device.initialize(1)?;
    let everyone: PortSet = (0..ports).collect();
    device.add_channel(0, group_channel(), everyone)?;
    for port in 0..ports as u8 {
        let members = [usize::from(port)].into_iter().collect();
        device.add_channel(0, own_channel(port), members)?;
        device.bind(port, Some(guest(port)), VlanId::from_tci(VLAN))?;
        let row = PortRow {
            enabled: true,
            channel: own_channel(port),
            trust_priority: true,
            check_source: true,
            maximum: DEFAULT_MAXIMUM,
            ..PortRow::default()
        };
        device.set_port(port, &row)?;
    }
    let (role, family) = (Role::Extender, TagFamily::ETag);
    device.set_link(0, &LinkRow { enabled: true, role, family, maximum: DEFAULT_MAXIMUM })
}

/// An extender with pins, under traffic that never ends, both directions busy.
pub struct Load {
    machine: Box<dyn Clocked>,
    inputs: Inputs,
    streams: [Vec<Forward>; 2],
    at: [usize; 2],
    /// Frames whose last beat was taken.
    pub frames: u64,
}

impl Load {
    /// A machine that has just been reset, made an extender.
    ///
    /// # Errors
    /// The driver's.
    pub fn new(
        machine: Box<dyn Clocked>,
        geometry: Geometry,
        traffic: Traffic,
    ) -> Result<Self, vireo_driver::Error> {
        let ports = geometry.ports().min(PORTS);
        let engine = PinEngine::new(machine, geometry, Unkindness::NONE);
        let mut device = Device::discover(engine).expect("it is a machine");
        program(&mut device, ports)?;
        let mut streams = [Vec::new(), Vec::new()];
        for arrival in traffic.arrivals(ports) {
            let stream = &mut streams[usize::from(arrival.side == Side::Links)];
            push_beats(stream, &arrival, geometry.width().octets());
        }
        let mut inputs = Inputs { m_link_ready: true, m_port_ready: true, ..Inputs::default() };
        (inputs.s_port, inputs.s_link) = (streams[0][0], streams[1][0]);
        let machine = device.into_bus().into_machine();
        Ok(Self { machine, inputs, streams, at: [0; 2], frames: 0 })
    }

    /// Clocks the machine so often; whenever a beat was taken the next one is offered.
    pub fn clock(&mut self, cycles: u64) {
        for _ in 0..cycles {
            let outputs = self.machine.outputs();
            let taken = [outputs.s_port_ready, outputs.s_link_ready];
            self.machine.clock(&self.inputs);
            let pins = [&mut self.inputs.s_port, &mut self.inputs.s_link];
            for (n, pins) in pins.into_iter().enumerate().filter(|(n, _)| taken[*n]) {
                self.frames += u64::from(pins.beat.last);
                self.at[n] = (self.at[n] + 1) % self.streams[n].len();
                *pins = self.streams[n][self.at[n]];
            }
        }
    }
}

fn push_beats(stream: &mut Vec<Forward>, arrival: &Arrival, octets: usize) {
    for chunk in arrival.octets.chunks(octets) {
        let keep = u64::MAX >> (64 - chunk.len());
        let mut beat = Beat { id: arrival.id.code(), keep, ..Beat::default() };
        beat.data[..chunk.len()].copy_from_slice(chunk);
        stream.push(Forward { valid: true, beat });
    }
    stream.last_mut().expect("a frame has a beat").beat.last = true;
}

/// Why nothing was measured.
#[derive(Debug, Error)]
pub enum BenchError {
    /// There is no such machine, or not on this computer.
    #[error(transparent)]
    Make(#[from] MakeError),
    /// The machine refused to become an extender.
    #[error(transparent)]
    Driver(#[from] vireo_driver::Error),
}

impl From<MachineError> for BenchError {
    fn from(error: MachineError) -> Self {
        Self::Make(error.into())
    }
}

/// A row of what was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Speed {
    /// The engine's name.
    pub engine: &'static str,
    /// Bits, of an engine with pins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<usize>,
    /// What the frames were like.
    pub traffic: Traffic,
    /// Cycles a second, of an engine with pins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycles_per_second: Option<f64>,
    /// Frames a second, both directions together.
    pub frames_per_second: f64,
}

/// The least time to measure, in seconds.
const MEASURED: f64 = 1.0;

/// Repeats `work` until it has taken long enough; rounds a second.
fn rate(mut work: impl FnMut()) -> f64 {
    work();
    let (start, mut rounds) = (Instant::now(), 0.0);
    loop {
        work();
        rounds += 1.0;
        let elapsed = start.elapsed().as_secs_f64();
        if elapsed >= MEASURED {
            return rounds / elapsed;
        }
    }
}

/// Measures an engine: those with pins at a width, on the smallest machine that is compiled in, so that all do the same work.
///
/// # Errors
/// What is not on this computer, or what the machine refuses.
pub fn speed(kind: EngineKind, width: Width, traffic: Traffic) -> Result<Speed, BenchError> {
    let small = sizes().next().expect("sizes are compiled in");
    let geometry = small.geometry(width.bits()).map_err(MachineError::from)?;
    let Some((machine, _)) = kind.machine(geometry)? else {
        return Ok(reference(geometry, traffic)?);
    };
    const CYCLES: u64 = 500;
    let mut load = Load::new(machine, geometry, traffic)?;
    load.clock(CYCLES);
    let before = load.frames;
    let mut rounds = 0;
    let rate = rate(|| {
        load.clock(CYCLES);
        rounds += 1;
    });
    let frames_per_round = (load.frames - before) as f64 / f64::from(rounds);
    Ok(Speed {
        engine: kind.name(),
        width: Some(width.bits()),
        traffic,
        cycles_per_second: Some(rate * CYCLES as f64),
        frames_per_second: rate * frames_per_round,
    })
}

/// The reference as the extender that is measured.
///
/// # Errors
/// The driver's.
pub fn reference_engine(geometry: Geometry) -> Result<Reference, vireo_driver::Error> {
    let mut device =
        Device::discover(Reference::new(geometry)).expect("the reference is a machine");
    program(&mut device, geometry.ports().min(PORTS))?;
    Ok(device.into_bus())
}

fn reference(geometry: Geometry, traffic: Traffic) -> Result<Speed, vireo_driver::Error> {
    let mut engine = reference_engine(geometry)?;
    let arrivals = traffic.arrivals(geometry.ports().min(PORTS));
    let mut left = 0u64;
    let rate = rate(|| {
        for _ in 0..100 {
            for arrival in &arrivals {
                engine.pass(arrival, &mut |departure| left += departure.octets.len() as u64);
            }
        }
    });
    assert!(left > 0, "no frame left the machine");
    let frames_per_second = rate * 100.0 * arrivals.len() as f64;
    Ok(Speed {
        engine: "reference",
        width: None,
        traffic,
        cycles_per_second: None,
        frames_per_second,
    })
}

/// The share of a lockstep's time that comparing takes, 0 to 1: what two machines would take one after the other is not it.
/// Nothing, unless all three were measured with the same width and traffic.
fn comparing(rows: &[Speed], sides: [PinKind; 2], lockstep: &Speed) -> Option<f64> {
    let cycles = |kind: PinKind| {
        let same = |row: &&Speed| {
            (row.engine, row.width, row.traffic) == (kind.name(), lockstep.width, lockstep.traffic)
        };
        rows.iter().find(same)?.cycles_per_second
    };
    let alone = 1.0 / cycles(sides[0])? + 1.0 / cycles(sides[1])?;
    Some((1.0 - alone * lockstep.cycles_per_second?).max(0.0))
}

/// The rows as a table for people; `sides` are those of the locksteps among them.
pub fn table(rows: &[Speed], sides: [PinKind; 2]) -> String {
    let mut text = String::from("engine     width  traffic    k cycles/s  k frames/s  comparing\n");
    for row in rows {
        let width = row.width.map_or("-".into(), |bits| bits.to_string());
        let thousands = |n: f64| format!("{:.1}", n / 1e3);
        let cycles = row.cycles_per_second.map_or("-".into(), thousands);
        let frames = thousands(row.frames_per_second);
        let lockstep = Some(row).filter(|row| row.engine == EngineKind::Lockstep(sides).name());
        let comparing = lockstep.and_then(|row| comparing(rows, sides, row));
        let comparing = comparing.map_or("-".into(), |share| format!("{:.0} %", 100.0 * share));
        let (engine, traffic) = (row.engine, row.traffic.name());
        writeln!(
            text,
            "{engine:<10} {width:>5}  {traffic:<9} {cycles:>11} {frames:>11} {comparing:>10}"
        )
        .expect("a string takes all");
    }
    text
}
