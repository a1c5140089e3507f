// SPDX-License-Identifier: MIT
//! A difference between two machines: what is said of it, and the waveform and the capture that it leaves.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use vireo_spec::geometry::Geometry;
use vireo_spec::pins::{Inputs, Outputs};

use super::flight::InFlight;
use crate::capture::{CaptureError, Writer};
use crate::engine::clocked::CYCLE_NS;
use crate::wave::Wave;

/// Octets of a frame in flight that its line shows: an Ethernet header with two tags and a little more.
const SHOWN: usize = 32;

/// The waveform and the capture of a difference.
const LEFT: [&str; 2] = ["pins.vcd", "frames.pcap"];

/// The pins of both sides in one cycle.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The cycle.
    pub cycle: u64,
    /// What both were given.
    pub inputs: Inputs,
    /// What they answered.
    pub outputs: [Outputs; 2],
}

/// The first cycle in which two machines differed.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What the machines are.
    pub geometry: Geometry,
    /// The cycle, from the machines' reset.
    pub cycle: u64,
    /// The pin, by its name in Verilog.
    pub pin: &'static str,
    /// What the sides are called.
    pub sides: [&'static str; 2],
    /// What the pin was on them, in hexadecimal.
    pub values: [String; 2],
    /// The frames that may have been inside, those from ports first, each direction's in order.
    pub in_flight: Vec<InFlight>,
    /// The pins of the cycles that led to it, the last of which differs.
    pub history: Vec<Sample>,
}

impl Difference {
    /// Leaves in `folder`, which is made if need be, a waveform of both sides in the cycles that led to the difference,
    /// `pins.vcd`, and the frames in flight, `frames.pcap`; what they replace is of an earlier difference.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn leave(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut wave = Wave::create_of(&folder.join(LEFT[0]), self.geometry, &self.sides)?;
        for Sample { cycle, inputs, outputs } in &self.history {
            wave.sample(*cycle, inputs, &[&outputs[0], &outputs[1]]);
        }
        wave.complete()?;
        self.write_frames(folder).map_err(io::Error::other)
    }

    /// Removes what an earlier difference has left in `folder`, and the folder with it unless somebody has put more there.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn remove(folder: &Path) -> io::Result<()> {
        if !folder.is_dir() {
            return Ok(());
        }
        for name in LEFT {
            match fs::remove_file(folder.join(name)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        match fs::remove_dir(folder) {
            Err(error) if error.kind() != ErrorKind::DirectoryNotEmpty => Err(error),
            _ => Ok(()),
        }
    }

    fn write_frames(&self, folder: &Path) -> Result<(), CaptureError> {
        let mut capture = Writer::create(folder.join(LEFT[1]))?;
        let mut frames: Vec<_> = self.in_flight.iter().collect();
        frames.sort_by_key(|frame| frame.entered);
        for frame in frames {
            capture.write(frame.entered * CYCLE_NS, &frame.octets)?;
        }
        capture.finish()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cycle, pin, sides, values, in_flight, .. } = self;
        let [first, second] = values;
        write!(
            f,
            "cycle {cycle}: pin {pin} is {first} in {} and {second} in {}; frames in flight: {}",
            sides[0],
            sides[1],
            in_flight.len()
        )?;
        in_flight.iter().try_for_each(|frame| {
            let InFlight { stream, id, entered, octets, complete } = frame;
            let (count, so_far) = (octets.len(), if *complete { "" } else { " so far" });
            write!(f, "\n  {stream} {id:?}, since cycle {entered}, {count} octets{so_far}:")?;
            octets.iter().take(SHOWN).try_for_each(|octet| write!(f, " {octet:02x}"))?;
            f.write_str(if count > SHOWN { " ..." } else { "" })
        })
    }
}
