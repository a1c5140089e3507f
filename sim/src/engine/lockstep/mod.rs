// SPDX-License-Identifier: MIT
//! The engine `lockstep`: two machines with the same inputs, every output pin compared in every cycle.
//!
//! Handshakes are compared always, payload while it is valid. On a difference both stop, and what led to it is kept.

mod compare;
mod difference;
mod flight;

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use vireo_spec::geometry::Geometry;
use vireo_spec::pins::{Clocked, Inputs, Outputs};

use compare::differing;
pub use difference::{Difference, Sample};
use flight::Flight;
pub use flight::InFlight;

/// Cycles of pins that are kept for the waveform of a difference.
const KEPT: usize = 512;

/// Where the first difference between two machines will be found, by whoever has given them away.
pub type Watch = Arc<OnceLock<Difference>>;

/// Two machines in lockstep.
pub struct Lockstep<A: ?Sized, B: ?Sized> {
    names: [&'static str; 2],
    geometry: Geometry,
    cycle: u64,
    history: VecDeque<Sample>,
    flight: Flight,
    difference: Watch,
    first: Box<A>,
    second: Box<B>,
}

impl<A: Clocked + ?Sized, B: Clocked + ?Sized> Lockstep<A, B> {
    /// Two machines of this geometry that stand in the same cycle, and what they are called.
    pub fn new(
        geometry: Geometry,
        first: (&'static str, Box<A>),
        second: (&'static str, Box<B>),
    ) -> Self {
        let mut lockstep = Self {
            names: [first.0, second.0],
            geometry,
            cycle: 0,
            history: VecDeque::with_capacity(KEPT),
            flight: Flight::new(geometry.width()),
            difference: Arc::default(),
            first: first.1,
            second: second.1,
        };
        lockstep.compare();
        lockstep
    }

    /// The first difference, if there was one. The machines stand still from it on.
    pub fn difference(&self) -> Option<&Difference> {
        self.difference.get()
    }

    /// Where the first difference will be found.
    pub fn watch(&self) -> Watch {
        Arc::clone(&self.difference)
    }

    fn compare(&mut self) {
        let outputs = [self.first.outputs(), self.second.outputs()];
        if let Some((pin, values)) = differing(outputs[0], outputs[1], &self.geometry) {
            let last = Sample {
                cycle: self.cycle,
                inputs: Inputs::default(),
                outputs: outputs.map(Outputs::clone),
            };
            self.difference.get_or_init(|| Difference {
                geometry: self.geometry,
                cycle: self.cycle,
                pin,
                sides: self.names,
                values,
                in_flight: self.flight.frames(),
                history: self.history.drain(..).chain([last]).collect(),
            });
        }
    }
}

impl<A: Clocked + ?Sized, B: Clocked + ?Sized> Clocked for Lockstep<A, B> {
    fn outputs(&self) -> &Outputs {
        self.first.outputs()
    }

    fn clock(&mut self, inputs: &Inputs) {
        if self.difference.get().is_some() {
            return;
        }
        if self.history.len() == KEPT {
            self.history.pop_front();
        }
        let outputs = [*self.first.outputs(), *self.second.outputs()];
        self.flight.clock(self.cycle, inputs, &outputs[0]);
        self.history.push_back(Sample { cycle: self.cycle, inputs: *inputs, outputs });
        self.first.clock(inputs);
        self.second.clock(inputs);
        self.cycle += 1;
        self.compare();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vireo_model::pipeline;
    use vireo_spec::geometry::Width;
    use vireo_spec::pins::{Beat, Forward, MAX_OCTETS};

    /// The cycle model, but for one pin from one cycle on.
    struct Faulty {
        machine: Box<dyn Clocked + Send>,
        outputs: Outputs,
        cycle: u64,
    }

    const BROKEN_FROM: u64 = 5000;

    impl Clocked for Faulty {
        fn outputs(&self) -> &Outputs {
            &self.outputs
        }

        fn clock(&mut self, inputs: &Inputs) {
            self.machine.clock(inputs);
            self.cycle += 1;
            self.outputs = *self.machine.outputs();
            self.outputs.s_link_ready &= self.cycle < BROKEN_FROM;
        }
    }

    /// The beats of a frame of 64 octets at 64 bits, from this cycle on.
    fn frame(from: u64, octet: u8, cycle: u64) -> Option<Forward> {
        let at = cycle.checked_sub(from).filter(|&at| at < 8)?;
        let beat = Beat { data: [octet; MAX_OCTETS], keep: 0xFF, last: at == 7, ..Beat::default() };
        Some(Forward { valid: true, beat })
    }

    #[test]
    fn a_pin_that_differs_is_named_with_cycle_values_and_frames_in_flight_and_leaves_waveform_and_capture()
     {
        let geometry = Geometry::default().with_width(Width::W64);
        let machine = pipeline::machine(geometry);
        let outputs = *machine.outputs();
        let faulty = Box::new(Faulty { machine, outputs, cycle: 0 });
        let sides = (("model", pipeline::machine(geometry)), ("faulty", faulty));
        let mut lockstep = Lockstep::new(geometry, sides.0, sides.1);
        for cycle in 0..2 * BROKEN_FROM {
            // One that has left when the pin breaks, one that has entered, one that is entering.
            let frames = [frame(4900, 1, cycle), frame(4990, 2, cycle)];
            lockstep.clock(&Inputs {
                s_port: frames.into_iter().flatten().next().unwrap_or_default(),
                s_link: frame(4996, 3, cycle).unwrap_or_default(),
                ..Inputs::default()
            });
        }
        let difference = lockstep.difference().expect("a difference");
        let (two, three) = (" 02".repeat(32), " 03".repeat(32));
        assert_eq!(
            difference.to_string(),
            format!(
                "cycle 5000: pin s_link_tready is 0x1 in model and 0x0 in faulty; frames in flight: 2\n  \
                 s_port Port(0), since cycle 4990, 64 octets:{two} ...\n  \
                 s_link Port(0), since cycle 4996, 32 octets so far:{three}"
            )
        );
        assert_eq!(difference.history.len(), KEPT + 1);
        let folder = tempfile::tempdir().unwrap();
        difference.leave(folder.path()).unwrap();
        let wave = std::fs::read_to_string(folder.path().join("pins.vcd")).unwrap();
        for scope in ["model", "faulty"] {
            assert!(wave.contains(&format!("$scope module {scope} $end")), "{scope}");
        }
        let frames = crate::capture::read(folder.path().join("frames.pcap")).unwrap();
        let octets: Vec<_> = frames.iter().map(|frame| frame.octets[0]).collect();
        assert_eq!(octets, [2, 3]);
    }
}
