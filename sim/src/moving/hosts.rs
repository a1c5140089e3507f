// SPDX-License-Identifier: MIT
//! The hosts around a bridge with two links: they send at full rate, also while the driver accesses registers, and one of them
//! moves from link to link. Every frame names its port and has a number, so that each is missed, or met twice.

use std::collections::VecDeque;

use fastrand::Rng;
use vireo_driver::{BusError, RegisterBus};
use vireo_spec::ether::{MacAddr, Priority};
use vireo_spec::geometry::Geometry;
use vireo_spec::pins::{Clocked, StreamId};
use vireo_spec::registers as map;
use vireo_spec::table::Table;
use vireo_spec::tag::{Channel, ECid, ETag, ETagView, IngressECid};

use super::flow::{Flow, Place};
use crate::engine::clocked::{CYCLE_NS, PinEngine, Unkindness};
use crate::engine::{Arrival, Departure, Destination, Engine, Side};

/// Where the ports are at first: the one that moves, and one on each link that stays.
pub const HOME: [Place; 3] = [(0, 20), (0, 21), (1, 22)];
/// Where the first one moves, and from there home again.
pub const AWAY: Place = (1, 30);
/// The port that moves.
pub const MOVING: usize = 0;
/// Beats that wait to enter at each side, more than pass during a register access: so traffic is full at all times.
const AHEAD: usize = 48;

pub(super) fn channel((_, base): Place) -> Channel {
    Channel::etag(ECid::new(0, base, 0).expect("a base has 12 bits"))
}

fn tag(place: Place) -> [u8; ETag::LEN] {
    let (priority, ingress, ecid) = (Priority::default(), IngressECid::NONE, channel(place).ecid());
    ETag { priority, ingress, ecid }.to_octets()
}

pub(super) fn source(port: usize) -> MacAddr {
    MacAddr([0x02, 0, 0, 0, 0, port as u8])
}

fn frame(port: usize, serial: u32, octets: usize) -> Vec<u8> {
    let mut frame = vec![0x52, 0x54, 0, 0, 0, 9];
    frame.extend(source(port).0);
    frame.extend([0x08, 0x00, port as u8]);
    frame.extend(serial.to_be_bytes());
    frame.extend((frame.len()..octets).map(|at| (at as u32 ^ serial) as u8));
    frame
}

/// One direction: what waits to enter, and what came out.
pub struct Lane {
    /// Beats of the frames that were offered and have not begun to enter.
    waiting: VecDeque<usize>,
    offered: u64,
    random: Rng,
    /// By port.
    pub flows: [Flow; 3],
    /// Frames that came to another port than theirs, or to none.
    pub strayed: usize,
}

/// The bridge with its hosts: they send all the while, also while the driver accesses registers.
pub struct Hosts {
    pub(super) engine: PinEngine<dyn Clocked>,
    /// From ports to links, and from links to ports.
    pub lanes: [Lane; 2],
    octets: usize,
    mixed: bool,
    /// Traffic has begun.
    pub(super) flowing: bool,
    /// Where the moving machine sends from.
    pub(super) place: Place,
    /// While it moves: where to, and the cycle from which on it sends from there.
    pub(super) moving: Option<(Place, Option<u64>)>,
    /// Where it came from, and how many frames later the last from there comes.
    stragglers: (Place, u32),
    /// The last frame that it sent by each link.
    last_by: [usize; 2],
    random: Rng,
}

impl Hosts {
    pub(super) fn new(
        machine: Box<dyn Clocked>,
        geometry: Geometry,
        mixed: bool,
        seed: u64,
    ) -> Self {
        let lane = |side| Lane {
            waiting: VecDeque::new(),
            offered: 0,
            random: Rng::with_seed(seed << 1 | side),
            flows: Default::default(),
            strayed: 0,
        };
        Self {
            engine: PinEngine::new(machine, geometry, Unkindness::NONE),
            lanes: [lane(0), lane(1)],
            octets: geometry.width().octets(),
            mixed,
            flowing: false,
            place: HOME[MOVING],
            moving: None,
            stragglers: (HOME[MOVING], 0),
            last_by: [0; 2],
            random: Rng::with_seed(!seed),
        }
    }

    /// Where the moving machine's next frame comes from.
    fn sends_from(&mut self) -> Place {
        if let Some((target, Some(resumes))) = self.moving
            && self.engine.cycles() >= resumes
        {
            self.stragglers = (self.place, self.random.u32(0..12));
            (self.place, self.moving) = (target, None);
        }
        let (old, left) = &mut self.stragglers;
        *left = left.saturating_sub(1);
        let late = *left > 0 && self.random.bool();
        if late { *old } else { self.place }
    }

    fn feed(&mut self) {
        if !self.flowing {
            return;
        }
        for side in [Side::Ports, Side::Links] {
            let entered = self.engine.measured(side).map_or(0, |measured| measured.frames_in);
            let lane = &mut self.lanes[side as usize];
            lane.waiting.drain(..lane.waiting.len() - (lane.offered - entered) as usize);
            while self.lanes[side as usize].waiting.iter().sum::<usize>() < AHEAD {
                self.send(side);
            }
        }
    }

    fn send(&mut self, side: Side) {
        let random = &mut self.lanes[side as usize].random;
        // Half of all frames are the moving machine's.
        let port = random.usize(0..4).saturating_sub(1);
        let octets = if self.mixed { random.usize(60..=1518) } else { 60 };
        let mut id = StreamId::Port(port as u8);
        let serial = self.lanes[side as usize].flows[port].sent.len();
        let mut frame = frame(port, serial as u32, octets);
        if side == Side::Links {
            let place = if port == MOVING { self.sends_from() } else { HOME[port] };
            if port == MOVING {
                self.last_by[usize::from(place.0)] = serial;
            }
            frame.splice(12..12, tag(place));
            id = StreamId::Port(place.0);
        }
        let lane = &mut self.lanes[side as usize];
        lane.flows[port].sent.push(octets);
        lane.waiting.push_back(frame.len().div_ceil(self.octets));
        lane.offered += 1;
        self.engine.offer(Arrival {
            timestamp_ns: 0,
            side,
            id,
            source: None,
            priority: Priority::default(),
            octets: frame,
            bad: false,
        });
    }

    fn step(&mut self) {
        self.feed();
        let (engine, lanes) = (&mut self.engine, &mut self.lanes);
        engine.step(&mut |departure| take(lanes, &departure));
    }

    /// Lets so many cycles pass.
    pub fn run(&mut self, cycles: u64) {
        let end = self.engine.cycles() + cycles;
        while self.engine.cycles() < end {
            self.step();
        }
    }

    /// Ends the traffic and lets all that was sent come; what has not come then is lost.
    pub(super) fn finish(&mut self) {
        self.flowing = false;
        let (engine, lanes) = (&mut self.engine, &mut self.lanes);
        engine.run(&mut |departure| take(lanes, &departure));
        for flow in lanes.iter_mut().flat_map(|lane| &mut lane.flows) {
            flow.came.resize(flow.sent.len().max(flow.came.len()), None);
        }
    }

    pub(super) fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let started = self.engine.cycles();
        while !done(self) {
            self.step();
            assert!(self.engine.cycles() < started + 100_000, "they do not {what}");
        }
    }

    /// Until the machine sends from its new place alone, and what it sent from the old one has come.
    pub fn drain(&mut self, old: Place) {
        self.until("drain", |hosts| {
            let settled = hosts.moving.is_none() && hosts.stragglers.1 == 0;
            settled && hosts.lanes[1].flows[MOVING].came.len() > hosts.last_by[usize::from(old.0)]
        });
    }
}

fn take(lanes: &mut [Lane; 2], departure: &Departure<'_>) {
    let mut octets = departure.octets.to_vec();
    let (lane, to, place) = match departure.to {
        Destination::Link(link) => {
            let tag = octets.get(12..).and_then(|rest| ETagView::new_checked(rest).ok());
            let place = tag.map(|tag| (link, tag.ecid().base()));
            octets.drain(12..octets.len().min(12 + ETag::LEN));
            let home = HOME.iter().position(|home| Some(*home) == place);
            (&mut lanes[0], home.or((place == Some(AWAY)).then_some(MOVING)), place)
        }
        Destination::Ports(ports) => {
            let only = ports.first().filter(|_| ports.iter().count() == 1);
            (&mut lanes[1], only, None)
        }
        Destination::Control(_) => return lanes[1].strayed += 1,
    };
    let named = octets.get(14..19).map(|name| (usize::from(name[0]), &name[1..]));
    let Some((port, serial)) = named.filter(|(port, _)| Some(*port) == to) else {
        return lane.strayed += 1;
    };
    let serial = u32::from_be_bytes(serial.try_into().expect("four octets"));
    let flow = &mut lane.flows[port];
    let sent = flow.sent.get(serial as usize).map(|size| frame(port, serial, *size));
    flow.changed += usize::from(departure.bad || sent != Some(octets));
    flow.take(serial as usize, place, departure.timestamp_ns / CYCLE_NS);
}

impl RegisterBus for Hosts {
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        self.feed();
        self.engine.read(address)
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        self.feed();
        self.engine.write(address, value)?;
        // From when the bridge knows the new channel, the moving machine may be there: before the port's row switches, while it
        // does, or later.
        let channels = map::op::TABLE.of(value) == Table::Channel as u32;
        if let Some((_, resumes @ None)) = &mut self.moving
            && address == map::OP.address
            && channels
        {
            *resumes = Some(self.engine.cycles() + self.random.u64(0..120));
        }
        Ok(())
    }
}
