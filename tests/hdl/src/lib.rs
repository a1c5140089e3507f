// SPDX-License-Identifier: MIT
//! End-to-end tests of the hardware: two machines in lockstep, in a storm of frames, stalls, register accesses and resets.

use std::path::PathBuf;

use vireo_machines::sizes;
use vireo_model::pipeline;
use vireo_sim::engine::kind::PinKind;
use vireo_sim::engine::lockstep::{Difference, Lockstep};
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::pins::Clocked;
use vireo_tests::storm::Storm;

/// The smallest machine that is compiled in.
///
/// # Panics
/// Never: it has all widths.
pub fn small(width: Width) -> Geometry {
    let small = sizes().next().expect("sizes are compiled in");
    small.geometry(width.bits()).expect("a geometry that can be built")
}

/// A storm over two small machines.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// What the machines are.
    pub sides: [PinKind; 2],
    /// Their width.
    pub width: Width,
    /// Of all that is random.
    pub seed: u64,
    /// How long it lasts, the first sweep of the tables not counted.
    pub cycles: u64,
    /// Frames between two resets, at least and at most.
    pub between: (u64, u64),
}

/// What a storm came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weathered {
    /// Cycles.
    pub cycles: u64,
    /// Resets in the middle of traffic.
    pub resets: u64,
    /// Frames that were made.
    pub frames: u64,
    /// Beats that left on links and on ports.
    pub beats: [u64; 2],
    /// Register accesses that were answered.
    pub accesses: u64,
}

impl Weather {
    /// Clocks two machines, that are what `sides` says and have just been reset, through the storm.
    ///
    /// # Errors
    /// The first difference.
    pub fn over(&self, machines: [Box<dyn Clocked>; 2]) -> Result<Weathered, Box<Difference>> {
        let (geometry, [first, second]) = (small(self.width), machines);
        let [a, b] = self.sides.map(PinKind::name);
        let mut lockstep = Lockstep::new(geometry, (a, first), (b, second));
        let mut storm = Storm::new(self.seed, geometry, self.between);
        let cycles = pipeline::SWEEP + self.cycles;
        let mut weathered = Weathered { cycles, ..Weathered::default() };
        for _ in 0..cycles {
            let outputs = *lockstep.outputs();
            let inputs = *storm.inputs(&outputs);
            weathered.resets += u64::from(inputs.rst);
            weathered.beats[0] += u64::from(outputs.m_link.valid && inputs.m_link_ready);
            weathered.beats[1] += u64::from(outputs.m_port.valid && inputs.m_port_ready);
            let axil = (outputs.s_axil, inputs.s_axil);
            weathered.accesses += u64::from(axil.0.bvalid && axil.1.bready);
            weathered.accesses += u64::from(axil.0.rvalid && axil.1.rready);
            lockstep.clock(&inputs);
            storm.clocked(&outputs);
            if let Some(difference) = lockstep.difference() {
                return Err(Box::new(difference.clone()));
            }
        }
        weathered.frames = storm.frames;
        Ok(weathered)
    }

    /// The command that repeats the storm.
    pub fn command(&self) -> String {
        let Self { sides, width, seed, cycles, between: (least, most) } = self;
        let [a, b] = sides.map(PinKind::name);
        let bits = width.bits();
        format!(
            "cargo run --release -p vireo-hdl-tests --bin storm -- --sides {a},{b} --width {bits} --seed {seed} \
             --cycles {cycles} --between {least},{most} --storms 1"
        )
    }

    /// All that is to be said of a difference; leaves a waveform and a capture.
    pub fn tell(&self, difference: &Difference) -> String {
        let folder = self.folder();
        let left = match difference.leave(&folder) {
            Ok(()) => format!("the pins before it and the frames in flight: {}", folder.display()),
            Err(error) => format!("no waveform and capture: {}: {error}", folder.display()),
        };
        let (bits, seed) = (self.width.bits(), self.seed);
        let command = self.command();
        format!("{bits} bits, seed {seed}: {difference}\n{left}\nto repeat it: {command}")
    }

    /// Where a difference leaves what there is of it.
    pub fn folder(&self) -> PathBuf {
        let [a, b] = self.sides.map(PinKind::name);
        let name = format!("vireo-{a}-{b}-{}-{}", self.width.bits(), self.seed);
        std::env::temp_dir().join(name)
    }

    /// The storm must end without a difference, and have been one.
    ///
    /// # Panics
    /// On a difference, with the command that repeats it.
    pub fn must_pass(&self, other: Box<dyn Clocked>) {
        let model: Box<dyn Clocked> = pipeline::machine(small(self.width));
        match self.over([model, other]) {
            Err(difference) => panic!("{}", self.tell(&difference)),
            Ok(weathered) => {
                let least = self.cycles / 500;
                assert!(weathered.frames > least, "{weathered:?}");
                assert!(weathered.beats.iter().all(|&beats| beats > least), "{weathered:?}");
                assert!(weathered.accesses > least, "{weathered:?}");
                assert!(weathered.resets > 0, "{weathered:?}");
                println!("{} bits: no pin differs; {weathered:?}", self.width.bits());
            }
        }
    }
}
