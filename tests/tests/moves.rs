// SPDX-License-Identifier: MIT
//! A machine moves from one link of a bridge to the other and back, under full traffic both ways: no frame is lost, none comes
//! twice, none comes to the wrong port, and none comes a cycle later than if nothing had moved.
//!
//! `VIREO_SEED=N` repeats one run: each prints its seed.

use std::collections::VecDeque;

use fastrand::Rng;
use vireo_driver::{BusError, Device, RegisterBus};
use vireo_model::pipeline;
use vireo_sim::engine::clocked::{PinEngine, Unkindness};
use vireo_sim::engine::{Departure, Destination, Engine, Side};
use vireo_spec::ether::{MacAddr, Priority, VlanId};
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::pins::{Clocked, StreamId};
use vireo_spec::registers as map;
use vireo_spec::rows::{LinkRow, PortRow};
use vireo_spec::table::Table;
use vireo_spec::tag::{Channel, ECid, ETag, ETagView, IngressECid, Role, TagFamily};
use vireo_tests::bench::SIDES;
use vireo_tests::plain::arrival;

/// A place of a port: link and channel.
type Place = (u8, u16);

/// Where the ports are at first: the one that moves, and one on each link that stays.
const HOME: [Place; 3] = [(0, 20), (0, 21), (1, 22)];
/// Where the first one moves, and from there home again.
const AWAY: Place = (1, 30);
const MOVING: usize = 0;
/// Beats that wait to enter at each side, more than pass during a register access: so traffic is full at all times.
const AHEAD: usize = 48;

fn channel((_, base): Place) -> Channel {
    Channel::etag(ECid::new(0, base, 0).unwrap())
}

fn tag(place: Place) -> [u8; ETag::LEN] {
    let (priority, ingress, ecid) = (Priority::default(), IngressECid::NONE, channel(place).ecid());
    ETag { priority, ingress, ecid }.to_octets()
}

fn source(port: usize) -> MacAddr {
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

/// One port's frames in one direction.
#[derive(Default)]
struct Flow {
    /// Octets of each frame sent, without tag.
    sent: Vec<usize>,
    /// The cycle in which each frame came; frames that were lost have none.
    came: Vec<Option<u64>>,
    /// Where they came (towards links), one after the other.
    places: Vec<Place>,
}

impl Flow {
    fn take(&mut self, serial: u32, place: Option<Place>, cycle: u64) {
        let serial = serial as usize;
        assert!(serial >= self.came.len(), "frame {serial} came twice, or behind its successor");
        self.came.resize(serial, None);
        self.came.push(Some(cycle));
        self.places.extend(place.filter(|_| self.places.last() != place.as_ref()));
    }

    fn lost(&self) -> usize {
        self.came.iter().filter(|cycle| cycle.is_none()).count()
    }

    /// The longest time between two frames.
    fn longest_gap(&self) -> u64 {
        let cycles: Vec<u64> = self.came.iter().flatten().copied().collect();
        cycles.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
    }
}

/// One direction: what waits to enter, and what came out.
struct Lane {
    /// Beats of the frames that were offered and have not begun to enter.
    waiting: VecDeque<usize>,
    offered: u64,
    random: Rng,
    flows: [Flow; 3],
}

/// The bridge with its hosts: they send all the while, also while the driver accesses registers.
struct Hosts {
    engine: PinEngine<dyn Clocked + Send>,
    lanes: [Lane; 2],
    octets: usize,
    mixed: bool,
    /// Traffic has begun.
    flowing: bool,
    /// Where the moving machine sends from.
    place: Place,
    /// While it moves: where to, and the cycle from which on it sends from there.
    moving: Option<(Place, Option<u64>)>,
    /// Where it came from, and how many frames later the last from there comes.
    stragglers: (Place, u32),
    /// The last frame that it sent by each link.
    last_by: [usize; 2],
    random: Rng,
}

impl Hosts {
    fn new(width: Width, mixed: bool, seed: u64) -> Self {
        let geometry = Geometry::new(width.bits(), 2, 4, 2, 256, 256).unwrap();
        let lane = |side| Lane {
            waiting: VecDeque::new(),
            offered: 0,
            random: Rng::with_seed(seed << 1 | side),
            flows: Default::default(),
        };
        Self {
            engine: PinEngine::new(pipeline::machine(geometry), geometry, Unkindness::NONE),
            lanes: [lane(0), lane(1)],
            octets: width.octets(),
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
        for side in SIDES {
            let entered = self.engine.measured(side).unwrap().frames_in;
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
        self.engine.offer(arrival(side, id, frame));
    }

    fn step(&mut self) {
        self.feed();
        let (engine, lanes) = (&mut self.engine, &mut self.lanes);
        engine.step(&mut |departure| take(lanes, &departure));
    }

    fn run(&mut self, cycles: u64) {
        let end = self.engine.cycles() + cycles;
        while self.engine.cycles() < end {
            self.step();
        }
    }

    fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let started = self.engine.cycles();
        while !done(self) {
            self.step();
            assert!(self.engine.cycles() < started + 100_000, "they do not {what}");
        }
    }

    /// Until the machine sends from its new place alone, and what it sent from the old one has come.
    fn drain(&mut self, old: Place) {
        self.until("drain", |hosts| {
            let settled = hosts.moving.is_none() && hosts.stragglers.1 == 0;
            settled && hosts.lanes[1].flows[MOVING].came.len() > hosts.last_by[usize::from(old.0)]
        });
    }
}

fn take(lanes: &mut [Lane; 2], departure: &Departure<'_>) {
    assert!(!departure.bad);
    let cycle = departure.timestamp_ns / vireo_sim::engine::clocked::CYCLE_NS;
    let mut octets = departure.octets.to_vec();
    let (lane, to, place) = match departure.to {
        Destination::Link(link) => {
            let ecid = ETagView::new_checked(&octets[12..]).unwrap().ecid();
            octets.drain(12..12 + ETag::LEN);
            let place = (link, ecid.base());
            let home = HOME.iter().position(|home| *home == place);
            let port = home.or((place == AWAY).then_some(MOVING));
            (&mut lanes[0], port.expect("a place that some port has"), Some(place))
        }
        Destination::Ports(ports) => {
            assert_eq!(ports.iter().count(), 1);
            (&mut lanes[1], ports.first().unwrap(), None)
        }
        Destination::Control(_) => panic!("a frame to the control port"),
    };
    let (port, serial) = (usize::from(octets[14]), octets[15..19].try_into().unwrap());
    let serial = u32::from_be_bytes(serial);
    assert_eq!(port, to, "frame {serial} came to the wrong port");
    let flow = &mut lane.flows[port];
    assert!(octets == frame(port, serial, flow.sent[serial as usize]), "frame {serial} changed");
    flow.take(serial, place, cycle);
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

/// A bridge with two links and three virtual ports, each bound to its source; traffic begins when it is set up.
fn bridge(width: Width, mixed: bool, seed: u64) -> Device<Hosts> {
    let mut device = Device::discover(Hosts::new(width, mixed, seed)).unwrap();
    device.initialize(seed).unwrap();
    for link in 0..2 {
        let (role, family) = (Role::Bridge, TagFamily::ETag);
        device.set_link(link, &LinkRow { enabled: true, role, family, maximum: 9216 }).unwrap();
    }
    let vlan = VlanId::new(7).unwrap();
    for (port, place) in (0..).zip(HOME) {
        let row = PortRow {
            link: place.0,
            channel: channel(place),
            check_source: true,
            pvid: vlan,
            maximum: 9216,
            ..PortRow::default()
        };
        device.create_port(port, &row).unwrap();
        device.bind(port, Some(source(port.into())), vlan).unwrap();
        device.enable_port(port).unwrap();
    }
    device.bus_mut().flowing = true;
    device
}

/// Moves from home away and back, at random times, each waiting with `drain` for the old link; and how many cycles they took.
fn run(
    device: &mut Device<Hosts>,
    moves: usize,
    phases: &mut Rng,
    drain: fn(&mut Hosts, Place),
) -> u64 {
    let started = device.bus_mut().engine.cycles();
    device.bus_mut().until("start", |hosts| !hosts.lanes[0].flows[MOVING].places.is_empty());
    for n in 0..moves {
        device.bus_mut().run(phases.u64(0..200));
        let (old, new) = if n % 2 == 0 { (HOME[MOVING], AWAY) } else { (AWAY, HOME[MOVING]) };
        device.bus_mut().moving = Some((new, None));
        device
            .move_port(MOVING as u8, new.0, channel(new), &[], |hosts| drain(hosts, old))
            .unwrap();
        // The next one moves home from where this one has come, which frames have seen.
        device.bus_mut().until("arrive", |hosts| {
            hosts.place == new && hosts.lanes[0].flows[MOVING].places.last() == Some(&new)
        });
    }
    device.bus_mut().run(3000);
    device.bus_mut().engine.cycles() - started
}

#[test]
fn a_thousand_moves_under_full_traffic_lose_no_frame_and_delay_none() {
    const MOVES: usize = 125;
    let repeated = std::env::var("VIREO_SEED").ok().map(|n| n.parse::<u64>().expect("a number"));
    let (mut moves, mut frames, mut longest) = (0, 0, 0);
    for width in Width::ALL {
        for mixed in [false, true] {
            let seed = repeated.unwrap_or(width as u64 * 2 + u64::from(mixed));
            println!("repeat it: VIREO_SEED={seed} cargo test -p vireo-tests --test moves");
            let mut device = bridge(width, mixed, seed);
            let cycles = run(&mut device, MOVES, &mut Rng::with_seed(seed), Hosts::drain);
            let moved = device.into_bus();
            let mut device = bridge(width, mixed, seed);
            device.bus_mut().run(cycles);
            let still = device.into_bus();
            for (side, (moved, still)) in
                SIDES.into_iter().zip(moved.lanes.iter().zip(&still.lanes))
            {
                for (port, (flow, quiet)) in moved.flows.iter().zip(&still.flows).enumerate() {
                    let context = format!("{width:?}, {side:?}, port {port}");
                    assert_eq!(flow.lost(), 0, "{context}");
                    assert!(flow.came.len() > MOVES, "{context}: traffic is full");
                    assert!(
                        flow.sent.len() - flow.came.len() < 100,
                        "{context}: the last are lost"
                    );
                    // What came, came in the cycle in which it comes when nothing moves.
                    let both = flow.came.len().min(quiet.came.len());
                    assert_eq!(flow.came[..both], quiet.came[..both], "{context}");
                    assert_eq!(flow.longest_gap(), quiet.longest_gap(), "{context}");
                    longest = longest.max(flow.longest_gap());
                    frames += flow.came.len();
                }
            }
            let places = &moved.lanes[0].flows[MOVING].places;
            assert_eq!(places.len(), MOVES + 1, "the tag switches once a move");
            moves += MOVES;
            let gap = |lane: usize| moved.lanes[lane].flows[MOVING].longest_gap();
            println!(
                "{width:?}, {}: {MOVES} moves in {cycles} cycles; longest gap of the moving port: {} cycles \
                 downwards, {} upwards, with and without moves",
                if mixed { "60 to 1518 octets" } else { "60 octets" },
                gap(0),
                gap(1)
            );
        }
    }
    println!("{moves} moves, {frames} frames; longest gap of any receiver: {longest} cycles");
    assert!(repeated.is_some() || moves == 1000);
}

#[test]
fn a_move_that_does_not_wait_for_the_old_link_loses_what_is_under_way() {
    let mut device = bridge(Width::W64, true, 1);
    run(&mut device, 20, &mut Rng::with_seed(1), |_, _| ());
    let lost = device.into_bus().lanes[1].flows[MOVING].lost();
    println!("{lost} frames lost");
    assert!(lost > 0, "the test above could not fail");
}
