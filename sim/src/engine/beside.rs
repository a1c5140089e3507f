// SPDX-License-Identifier: MIT
//! The reference beside another engine: in a thread of its own it is told all that goes into the engine and holds against
//! its own what comes out, per stream and in order. Counters are compared when they are read.
//!
//! The reference has no time, so registers are written only while no frame is inside the engine.

use std::collections::VecDeque;
use std::fmt;
use std::panic::resume_unwind;
use std::thread::{self, JoinHandle};

use crossbeam::channel::{Receiver, Sender, bounded};
use thiserror::Error;
use vireo_driver::{BusError, RegisterBus};
use vireo_spec::ether::Priority;
use vireo_spec::geometry::Geometry;
use vireo_spec::registers as map;

use super::reference::Reference;
use super::{Arrival, Departure, Destination, Engine, Measured, Side, Sink};

/// What the reference may lag behind, in frames and register accesses: more only takes memory.
const LAG: usize = 1024;
/// Registers that tell of time, which the reference does not have.
const TIMED: [map::Register; 5] =
    [map::STATUS, map::IRQ_STATUS, map::EVENT, map::EVENT_LEVEL, map::EVENT_LOST];

/// A departure as it is compared: all but its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Where it went.
    pub to: Destination,
    /// Without FCS.
    pub octets: Vec<u8>,
    /// `tuser[4:1]`.
    pub priority: Priority,
    /// The MAC behind the machine must spoil it.
    pub bad: bool,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { to, octets, priority, bad } = self;
        let state = if *bad { "bad" } else { "good" };
        write!(f, "{to:?}, {priority:?}, {state}, {} octets", octets.len())?;
        octets.iter().try_for_each(|octet| write!(f, " {octet:02x}"))
    }
}

/// Shows a departure that may be missing.
struct OrNothing<'a>(&'a Option<Box<Left>>);

impl fmt::Display for OrNothing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(left) => left.fmt(f),
            None => f.write_str("nothing"),
        }
    }
}

/// The first thing in which an engine and the reference differ.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Difference {
    /// What left a stream.
    #[error(
        "the engine differs from the reference in departure {number} to {side:?}:\n\
         expected {}\n   found {}",
        OrNothing(expected),
        OrNothing(found)
    )]
    Departure {
        /// The stream.
        side: Side,
        /// Counted from 1 on each stream.
        number: u64,
        /// What the reference sends; nothing where it sends no more.
        expected: Option<Box<Left>>,
        /// What the engine sent; nothing where it sent no more.
        found: Option<Box<Left>>,
    },
    /// What a register says.
    #[error(
        "the engine differs from the reference in a read of register {address:#05x}: expected {expected:#010x}, \
         found {found:#010x}"
    )]
    Register {
        /// Its address.
        address: u16,
        /// What the reference answers.
        expected: u32,
        /// What the engine answered.
        found: u32,
    },
    /// The reference refuses what the engine has done.
    #[error("the engine differs from the reference: it took what that refuses, {0}")]
    Refused(#[from] BusError),
}

/// What was compared, and found to be the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Departures.
    pub frames: u64,
    /// Register reads, those of counters among them.
    pub reads: u64,
}

/// What the reference is told, in the order in which it happened.
enum Told {
    Wrote(u16, u32),
    Read(u16, u32),
    Entered(Arrival),
    Left(Side, Left),
}

/// An engine, and the reference beside it.
pub struct Beside<E> {
    engine: E,
    tell: Sender<Told>,
    reference: JoinHandle<Result<Compared, Difference>>,
}

impl<E: Engine> Beside<E> {
    /// Puts the reference beside an engine of this geometry that has just been reset.
    pub fn new(engine: E, geometry: Geometry) -> Self {
        let (tell, told) = bounded(LAG);
        let reference = thread::spawn(move || Follower::new(geometry).follow(&told));
        Self { engine, tell, reference }
    }

    /// Ends the comparison: gives the engine back, and how much was compared.
    ///
    /// # Errors
    /// The first difference; departures that only one of the two has are one.
    pub fn finish(self) -> Result<(E, Compared), Difference> {
        let Self { engine, tell, reference } = self;
        drop(tell);
        let compared = reference.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        Ok((engine, compared))
    }

    fn tell(&self, told: Told) {
        // The reference listens no more once it has found a difference, which `finish` tells.
        let _ = self.tell.send(told);
    }
}

impl<E: Engine> RegisterBus for Beside<E> {
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        let value = self.engine.read(address)?;
        if TIMED.iter().all(|register| register.index_of(address).is_none()) {
            self.tell(Told::Read(address, value));
        }
        Ok(value)
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        self.engine.write(address, value)?;
        self.tell(Told::Wrote(address, value));
        Ok(())
    }
}

impl<E: Engine> Engine for Beside<E> {
    fn offer(&mut self, arrival: Arrival) {
        self.tell(Told::Entered(arrival.clone()));
        self.engine.offer(arrival);
    }

    fn step(&mut self, sink: &mut Sink<'_>) -> bool {
        let tell = &self.tell;
        self.engine.step(&mut |departure| {
            let _ = tell.send(Told::Left(departure.side, left(&departure)));
            sink(departure);
        })
    }

    fn cycles(&self) -> u64 {
        self.engine.cycles()
    }

    fn begin(&mut self) {
        self.engine.begin();
    }

    fn now_ns(&self) -> Option<u64> {
        self.engine.now_ns()
    }

    fn measured(&self, entering: Side) -> Option<&Measured> {
        self.engine.measured(entering)
    }
}

fn left(departure: &Departure<'_>) -> Left {
    let Departure { to, octets, priority, bad, .. } = *departure;
    Left { to, octets: octets.to_vec(), priority, bad }
}

/// Departures of one stream that the reference has sent and the engine has not.
#[derive(Default)]
struct Ahead {
    waiting: VecDeque<Left>,
    /// Departures that both have sent.
    done: u64,
}

/// The reference, in its thread.
struct Follower {
    reference: Reference,
    ports: Ahead,
    links: Ahead,
    reads: u64,
}

impl Follower {
    fn new(geometry: Geometry) -> Self {
        let (ports, links) = (Ahead::default(), Ahead::default());
        Self { reference: Reference::new(geometry), ports, links, reads: 0 }
    }

    fn follow(mut self, told: &Receiver<Told>) -> Result<Compared, Difference> {
        for told in told {
            match told {
                Told::Wrote(address, value) => self.reference.write(address, value)?,
                Told::Read(address, found) => {
                    let expected = self.reference.read(address)?;
                    if found != expected {
                        return Err(Difference::Register { address, expected, found });
                    }
                    self.reads += 1;
                }
                Told::Entered(arrival) => {
                    let Self { reference, ports, links, .. } = &mut self;
                    reference.offer(arrival);
                    reference.run(&mut |departure| {
                        let ahead = match departure.side {
                            Side::Ports => &mut *ports,
                            Side::Links => &mut *links,
                        };
                        ahead.waiting.push_back(left(&departure));
                    });
                }
                // A frame that entered was told before what left of it.
                Told::Left(side, found) => {
                    let ahead = self.ahead(side);
                    let number = ahead.done + 1;
                    let expected = ahead.waiting.pop_front().map(Box::new);
                    if expected.as_deref() != Some(&found) {
                        let found = Some(Box::new(found));
                        return Err(Difference::Departure { side, number, expected, found });
                    }
                    ahead.done = number;
                }
            }
        }
        for side in [Side::Ports, Side::Links] {
            let ahead = self.ahead(side);
            let number = ahead.done + 1;
            if let expected @ Some(_) = ahead.waiting.pop_front().map(Box::new) {
                return Err(Difference::Departure { side, number, expected, found: None });
            }
        }
        Ok(Compared { frames: self.ports.done + self.links.done, reads: self.reads })
    }

    fn ahead(&mut self, side: Side) -> &mut Ahead {
        match side {
            Side::Ports => &mut self.ports,
            Side::Links => &mut self.links,
        }
    }
}

#[cfg(test)]
mod tests {
    use vireo_driver::Device;
    use vireo_model::pipeline;
    use vireo_spec::geometry::Width;
    use vireo_spec::pins::StreamId;

    use super::*;
    use crate::config::Config;
    use crate::engine::clocked::{PinEngine, Unkindness};
    use crate::program::program;

    const CONFIG: &str = r#"
        role = "extender"
        tag = "e-tag"
        [[link]]
        name = "up"
        [[port]]
        name = "vm"
        link = "up"
        channel = 20
        check_source = false
    "#;
    const FRAMES: u64 = 5;

    fn geometry(config: &Config) -> Geometry {
        config.geometry(Width::W64)
    }

    /// Sends frames through an engine with the reference beside it.
    fn compare<E: Engine>(make: impl FnOnce(Geometry) -> E) -> Result<Compared, Difference> {
        let config = Config::parse(CONFIG, "test.toml").unwrap();
        let engine = Beside::new(make(geometry(&config)), geometry(&config));
        let mut device = Device::discover(engine).unwrap();
        program(&mut device, &config, 1).unwrap();
        for n in 0..FRAMES {
            let octets = vec![n as u8; 60 + n as usize];
            device.bus_mut().offer(Arrival {
                timestamp_ns: 0,
                side: Side::Ports,
                id: StreamId::Port(0),
                source: None,
                priority: Priority::default(),
                octets,
                bad: false,
            });
        }
        device.bus_mut().run(&mut |_| {});
        device.snapshot().unwrap();
        device.into_bus().finish().map(|(_, compared)| compared)
    }

    /// An engine that does one thing wrong.
    struct Faulty {
        engine: Reference,
        /// Changes the octets of a departure, given its number; nothing: it does not leave.
        spoil: fn(u64, Vec<u8>) -> Option<Vec<u8>>,
        /// Changes what a register says.
        misread: fn(u16, u32) -> u32,
        departures: u64,
    }

    impl RegisterBus for Faulty {
        fn read(&mut self, address: u16) -> Result<u32, BusError> {
            self.engine.read(address).map(|value| (self.misread)(address, value))
        }

        fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
            self.engine.write(address, value)
        }
    }

    impl Engine for Faulty {
        fn offer(&mut self, arrival: Arrival) {
            self.engine.offer(arrival);
        }

        fn step(&mut self, sink: &mut Sink<'_>) -> bool {
            let Self { engine, spoil, departures, .. } = self;
            engine.step(&mut |departure| {
                *departures += 1;
                if let Some(octets) = spoil(*departures, departure.octets.to_vec()) {
                    sink(Departure { octets: &octets, ..departure });
                }
            })
        }

        fn cycles(&self) -> u64 {
            0
        }

        fn begin(&mut self) {}

        fn now_ns(&self) -> Option<u64> {
            None
        }

        fn measured(&self, _entering: Side) -> Option<&Measured> {
            None
        }
    }

    fn faulty(
        spoil: fn(u64, Vec<u8>) -> Option<Vec<u8>>,
        misread: fn(u16, u32) -> u32,
    ) -> Result<Compared, Difference> {
        compare(|geometry| Faulty {
            engine: Reference::new(geometry),
            spoil,
            misread,
            departures: 0,
        })
    }

    #[test]
    fn model_and_reference_differ_in_no_frame_and_no_counter() {
        let stalls = Unkindness { stall: 0.3, seed: 1 };
        let compared =
            compare(|geometry| PinEngine::new(pipeline::machine(geometry), geometry, stalls));
        let Compared { frames, reads } = compared.unwrap();
        assert_eq!(frames, FRAMES);
        assert!(reads > 0);
    }

    #[test]
    fn octet_that_changed_on_its_way_is_a_difference() {
        let difference = faulty(
            |number, mut octets| {
                octets[30] ^= u8::from(number == 3);
                Some(octets)
            },
            |_, value| value,
        )
        .unwrap_err();
        let Difference::Departure { side, number, expected, found } = &difference else {
            panic!("{difference}");
        };
        assert_eq!((*side, *number), (Side::Links, 3));
        let (expected, found) = (expected.as_ref().unwrap(), found.as_ref().unwrap());
        assert_eq!(expected.octets[30] ^ 1, found.octets[30]);
        assert!(difference.to_string().contains("departure 3 to Links"), "{difference}");
    }

    #[test]
    fn last_frame_that_never_left_is_a_difference() {
        let difference =
            faulty(|number, octets| (number < FRAMES).then_some(octets), |_, value| value);
        assert!(
            matches!(difference, Err(Difference::Departure { number: FRAMES, found: None, .. })),
            "{difference:?}"
        );
    }

    #[test]
    fn counter_that_is_one_too_high_is_a_difference() {
        let difference = faulty(
            |_, octets| Some(octets),
            |address, value| {
                let counts = map::STAGE.index_of(address).is_some() && value == FRAMES as u32;
                value + u32::from(counts)
            },
        );
        assert!(
            matches!(
                difference,
                Err(Difference::Register { expected, found, .. }) if found == expected + 1
            ),
            "{difference:?}"
        );
    }
}
