// SPDX-License-Identifier: MIT
//! A machine that is never idle: both directions are full in every cycle, also while the driver accesses registers, and every
//! frame is held to a software map of what the driver did.
//!
//! [`operation`] is what a driver does, to a machine or to a state; [`map`] is the software map; this module is the traffic.

pub mod map;
pub mod operation;

use std::collections::VecDeque;

use fastrand::Rng;
use vireo_driver::{BusError, Device, RegisterBus, State};
use vireo_sim::engine::Side;
use vireo_spec::ether::Priority;
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::pins::{StreamId, USER_BAD};
use vireo_spec::ports::PortSet;
use vireo_spec::rows::LinkRow;
use vireo_spec::tag::{Channel, ETag, ETagView, IngressECid, Role, TagFamily};

use crate::bench::{Bench, Left, SIDES};
use crate::plain::{MAXIMUM, arrival};
use crate::timing::{Intake, grows, latency};
use map::{Map, Outcome, SERIAL, Sent};
use operation::{LINKS, PORTS};

/// Beats that wait to enter at each side, more than pass during a register access.
const AHEAD: usize = 48;
/// The shortest frame, without a tag.
const SHORTEST: usize = 60;

/// A machine under full traffic, with the hosts around it.
pub struct Busy {
    bench: Bench,
    geometry: Geometry,
    rng: Rng,
    /// By direction: frames that were sent and whose fate is not known, in order.
    sent: [VecDeque<(Sent, Vec<u8>)>; 2],
    /// By direction: the number of the next frame.
    serial: [u32; 2],
    /// By direction: what frames wait for where nothing stalls.
    intakes: [Intake; 2],
    /// Traffic flows.
    flowing: bool,
    /// Octets of the longest frame.
    longest: usize,
    /// Half of the frames are about this one.
    pub focus: Sent,
    /// Frames whose fate was explained.
    pub frames: u64,
    /// Those of them whose fate hung on something that was being changed.
    pub met: u64,
}

impl Busy {
    /// Frames of `SHORTEST` to `longest` octets, drawn from `seed`, for a machine that is idle still.
    fn new(geometry: Geometry, seed: u64, longest: usize) -> Self {
        let mut rng = Rng::with_seed(seed);
        Self {
            bench: Bench::new(geometry),
            geometry,
            focus: Sent::random(&mut rng),
            rng,
            sent: Default::default(),
            serial: [0; 2],
            intakes: Default::default(),
            flowing: false,
            longest,
            frames: 0,
            met: 0,
        }
    }

    /// The machine's cycle.
    pub fn cycle(&self) -> u64 {
        self.bench.cycle()
    }

    /// From now on outputs stall with this probability in each cycle, both.
    pub fn stall(&mut self, probability: f64) {
        self.bench.stall = probability;
    }

    /// Lets frames flow from now on, or no more.
    pub fn flow(&mut self, flowing: bool) {
        self.flowing = flowing;
    }

    fn feed(&mut self) {
        let ahead = AHEAD.div_ceil(SHORTEST.div_ceil(self.geometry.width().octets()));
        for side in SIDES {
            let waiting = self.bench.lane(side).queue.len();
            for _ in waiting..if self.flowing { ahead } else { 0 } {
                self.send(side);
            }
        }
    }

    fn send(&mut self, side: Side) {
        let mut frame = Sent::random(&mut self.rng);
        if self.rng.bool() {
            frame = Sent { port: frame.port, link: frame.link, ..self.focus };
            if self.rng.u8(0..4) != 0 {
                (frame.port, frame.link) = (self.focus.port, self.focus.link);
            }
        }
        let serial = &mut self.serial[side as usize];
        let length = self.rng.usize(SHORTEST..=self.longest);
        let octets = frame.octets(*serial, length);
        *serial += 1;
        let mut entering = octets.clone();
        let id = match side {
            Side::Ports => StreamId::Port(frame.port),
            Side::Links => {
                entering.splice(12..12, tag(frame.channel));
                StreamId::Port(frame.link)
            }
        };
        self.bench.offer(arrival(side, id, entering));
        self.sent[side as usize].push_back((frame, octets));
    }

    /// Holds every frame whose fate is known to the map: it left, or one behind it did. Panics at the first that the map does not
    /// explain, and at one that left late, twice, behind its successor, or with other octets.
    pub fn check(&mut self, map: &Map) {
        for side in SIDES {
            let stalls = self.bench.stall > 0.0;
            let width = self.geometry.width();
            let takes = latency(width, side);
            let lane = self.bench.lane(side);
            while let (Some(entered), Some(left)) = (lane.entered.front(), lane.left.front()) {
                let (frame, octets) =
                    self.sent[side as usize].pop_front().expect("what entered was sent");
                let mut on_time = entered.first + takes;
                if !stalls {
                    let (beats, grows) = match side {
                        Side::Ports => (octets.len(), grows(width, octets.len(), ETag::LEN)),
                        Side::Links => (octets.len() + ETag::LEN, false),
                    };
                    let beats = beats.div_ceil(width.octets());
                    let intake = &mut self.intakes[side as usize];
                    let passed = intake.pass(*entered, beats, grows, &mut lane.refused);
                    on_time = passed.first + takes;
                }
                let latest = if stalls { left.first } else { on_time };
                let outcome = outcome(side, left, &octets);
                if outcome != Outcome::Nothing {
                    assert!(stalls || left.first == on_time, "{side:?} {frame:?}: late");
                    lane.left.pop_front();
                }
                let window = (entered.first, latest);
                lane.entered.pop_front();
                self.met += u64::from(map.explain(side, &frame, window, outcome));
                self.frames += 1;
            }
        }
    }

    /// Lets what was sent leave, and holds all of it to the map.
    pub fn finish(&mut self, map: &Map) {
        self.flowing = false;
        self.bench.drain();
        self.check(map);
        let now = self.cycle();
        for side in SIDES {
            let lane = self.bench.lane(side);
            assert!(lane.left.is_empty(), "{side:?}: left, and was not sent");
            for entered in lane.entered.drain(..) {
                let (frame, _) = self.sent[side as usize].pop_front().expect("it was sent");
                map.explain(side, &frame, (entered.first, now), Outcome::Nothing);
                self.frames += 1;
            }
            assert!(self.sent[side as usize].is_empty(), "{side:?}: sent, and did not enter");
        }
    }
}

fn tag(channel: Channel) -> [u8; ETag::LEN] {
    let (priority, ingress) = (Priority::default(), IngressECid::NONE);
    ETag { priority, ingress, ecid: channel.ecid() }.to_octets()
}

fn serial(octets: &[u8]) -> u32 {
    let serial = octets.get(SERIAL..SERIAL + 4).and_then(|serial| serial.try_into().ok());
    u32::from_be_bytes(serial.expect("a frame with a number"))
}

/// What became of the frame with these octets, given the next one that left: nothing, if that is one behind it.
fn outcome(side: Side, left: &Left, octets: &[u8]) -> Outcome {
    assert!(left.octets.len() >= SHORTEST, "{side:?}: a frame that nobody sent: {left:?}");
    let mut found = left.octets.clone();
    let outcome = match side {
        Side::Ports => {
            let tag: Vec<u8> = found.drain(12..12 + ETag::LEN).collect();
            let tag = ETag::parse(ETagView::new_checked(&tag).expect("an E-TAG"));
            assert_eq!((tag.priority, tag.ingress), (Priority::default(), IngressECid::NONE));
            Outcome::Link(left.dest as u8, tag.channel())
        }
        Side::Links => Outcome::Ports(PortSet::from_bits(left.dest as u64)),
    };
    if serial(&found) > serial(octets) {
        return Outcome::Nothing;
    }
    assert!(
        serial(&found) == serial(octets),
        "{side:?}: a frame left twice, or too late: {left:?}"
    );
    assert_eq!((&found[..], left.user & USER_BAD), (octets, 0), "{side:?}: changed");
    outcome
}

impl RegisterBus for Busy {
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        self.feed();
        self.bench.read(address)
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        self.feed();
        self.bench.write(address, value)
    }
}

/// A machine with [`LINKS`] links, two of extenders and two of bridges, and [`PORTS`] ports that are not created.
pub fn busy(width: Width, rows: usize, seed: u64, longest: usize) -> (Device<Busy>, State) {
    let geometry = Geometry::new(width.bits(), LINKS, PORTS, 1, rows, rows).unwrap();
    let mut device = Device::discover(Busy::new(geometry, seed, longest)).unwrap();
    device.initialize(seed).unwrap();
    for link in 0..LINKS as u8 {
        device.set_link(link, &link_row(link)).unwrap();
    }
    device.bus_mut().flow(true);
    let mut state = State::new(&geometry);
    state.links = (0..LINKS as u8).map(link_row).collect();
    (device, state)
}

/// The first half of the links are extenders', the others bridges'.
fn link_row(link: u8) -> LinkRow {
    let role = if usize::from(link) < LINKS / 2 { Role::Extender } else { Role::Bridge };
    LinkRow { enabled: true, role, family: TagFamily::ETag, maximum: MAXIMUM as u16 }
}
