// SPDX-License-Identifier: MIT
//! End-to-end tests of the hardware: two machines in lockstep, in a storm of frames, stalls and register accesses.
//!
//! `VIREO_SEED=N` repeats a run, `VIREO_CYCLES=N` makes it as long as wanted.

use vireo_hdl::print::SIZES;
use vireo_model::pipeline;
use vireo_sim::engine::lockstep::{Difference, Lockstep};
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::pins::Clocked;
use vireo_tests::storm::Storm;

/// A number from the environment, or else the test command's.
///
/// # Panics
/// If it is no number.
pub fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |n| n.parse().expect("a number"))
}

/// The smallest machine that is compiled in.
///
/// # Panics
/// Never: it has all widths.
pub fn small(width: Width) -> Geometry {
    SIZES[0].geometry(width.bits()).expect("a geometry that can be built")
}

/// What a storm over two machines came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weathered {
    /// Cycles.
    pub cycles: u64,
    /// Frames that were made.
    pub frames: u64,
    /// Beats that left on links and on ports.
    pub beats: [u64; 2],
    /// Register accesses that were answered.
    pub accesses: u64,
}

/// Clocks the cycle model and another machine through a storm.
///
/// # Errors
/// The first difference.
pub fn weather(
    geometry: Geometry,
    other: (&'static str, Box<dyn Clocked>),
    seed: u64,
    cycles: u64,
    resets: bool,
) -> Result<Weathered, Box<Difference>> {
    let model: Box<dyn Clocked> = pipeline::machine(geometry);
    let mut lockstep = Lockstep::new(geometry, ("model", model), other);
    let mut storm = Storm::new(seed, geometry, resets);
    let mut weathered = Weathered { cycles, ..Weathered::default() };
    for _ in 0..cycles {
        let outputs = *lockstep.outputs();
        let inputs = *storm.inputs(&outputs);
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

/// A storm that must end without a difference, and have been one.
///
/// # Panics
/// On a difference, with the command that repeats it.
pub fn equals_model(
    test: &str,
    width: Width,
    other: (&'static str, Box<dyn Clocked>),
    cycles: u64,
    resets: bool,
) {
    let (seed, cycles) = (number("VIREO_SEED", 1), number("VIREO_CYCLES", cycles));
    let bits = width.bits();
    match weather(small(width), other, seed, pipeline::SWEEP + cycles, resets) {
        Err(difference) => panic!(
            "{difference}\n{}\nrepeat it: VIREO_SEED={seed} VIREO_CYCLES={cycles} cargo test -p \
             vireo-hdl-tests --test {test} {bits}_bits",
            waveform(&difference, test, width)
        ),
        Ok(weathered) => {
            assert!(weathered.frames > cycles / 200, "{weathered:?}");
            assert!(weathered.beats.iter().all(|&beats| beats > cycles / 200), "{weathered:?}");
            assert!(weathered.accesses > cycles / 200, "{weathered:?}");
            println!("{bits} bits: no pin differs; {weathered:?}");
        }
    }
}

/// Leaves a waveform of both sides, and says where.
fn waveform(difference: &Difference, test: &str, width: Width) -> String {
    let path = std::env::temp_dir().join(format!("vireo-{test}-{}.vcd", width.bits()));
    match difference.write_wave(&path, small(width)) {
        Ok(()) => format!("both sides' pins before it: {}", path.display()),
        Err(error) => format!("no waveform of it: {}: {error}", path.display()),
    }
}
