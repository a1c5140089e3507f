// SPDX-License-Identifier: MIT
//! `vireo move`: a virtual port moves between two links of a bridge, again and again, under full traffic in both directions, and
//! every frame is looked for: lost, twice, late, changed, at another port.

mod flow;
mod hosts;

use std::fmt;

use fastrand::Rng;
use serde::Serialize;
use vireo_driver::Device;
use vireo_spec::ether::VlanId;
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::rows::{LinkRow, PortRow};
use vireo_spec::tag::{Role, TagFamily};

use crate::engine::Engine;
use crate::engine::kind::PinKind;
use crate::run::RunError;

pub use flow::{Flow, Place};
pub use hosts::{AWAY, HOME, Hosts, Lane, MOVING};
use hosts::{channel, source};

/// Moves to be made.
#[derive(Clone, Copy, Debug)]
pub struct Moves {
    /// The bridge.
    pub engine: PinKind,
    /// Its width.
    pub width: Width,
    /// How often the port moves, forth and back.
    pub moves: usize,
    /// Frames of 60 to 1518 octets; else of 60.
    pub mixed: bool,
    /// Of frames, phases and hash tables.
    pub seed: u64,
    /// Each move waits until the old link has drained; else it does not, and loses what is under way there.
    pub drains: bool,
}

/// What came of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The engine's name.
    pub engine: &'static str,
    /// Bits of the streams.
    pub width: usize,
    /// Moves.
    pub moves: usize,
    /// Cycles that they took, with the traffic between them.
    pub cycles: u64,
    /// Frames that came.
    pub frames: usize,
    /// Frames that did not.
    pub lost: usize,
    /// Frames that came again.
    pub twice: usize,
    /// Frames that came behind their successor.
    pub late: usize,
    /// Frames that came with other octets.
    pub changed: usize,
    /// Frames that came to another port than theirs.
    pub strayed: usize,
    /// The longest time between two frames of the moving port, in cycles: towards the links, and from them.
    pub longest_gap: [u64; 2],
}

impl Moved {
    /// Whether each frame came once, in order, where it belongs.
    pub fn is_whole(&self) -> bool {
        self.lost + self.twice + self.late + self.changed + self.strayed == 0
    }
}

impl Moves {
    /// The bridge with its hosts, set up; traffic flows from here on.
    ///
    /// # Errors
    /// What is not on this computer, or what the machine refuses.
    pub fn bridge(&self) -> Result<Device<Hosts>, RunError> {
        let engine = self.engine.name();
        let geometry = Geometry::new(self.width.bits(), 2, 4, 2, 256, 256)
            .expect("a geometry that can be built");
        let geometry = self.engine.geometry(geometry);
        let geometry = geometry.map_err(|source| RunError::NotOffered { engine, source })?;
        let machine = self.engine.machine(geometry);
        let machine = machine.map_err(|source| RunError::Make { engine, source })?;
        let mut device = Device::discover(Hosts::new(machine, geometry, self.mixed, self.seed))?;
        device.initialize(self.seed)?;
        for link in 0..2 {
            let (role, family) = (Role::Bridge, TagFamily::ETag);
            device.set_link(link, &LinkRow { enabled: true, role, family, maximum: 9216 })?;
        }
        let vlan = VlanId::from_tci(7);
        for (port, place) in (0..).zip(HOME) {
            let row = PortRow {
                link: place.0,
                channel: channel(place),
                check_source: true,
                pvid: vlan,
                maximum: 9216,
                ..PortRow::default()
            };
            device.create_port(port, &row)?;
            device.bind(port, Some(source(port.into())), vlan)?;
            device.enable_port(port)?;
        }
        device.bus_mut().flowing = true;
        Ok(device)
    }

    /// Makes the moves, at random times, and says how many cycles they took.
    ///
    /// # Errors
    /// What the machine refuses.
    pub fn make(&self, device: &mut Device<Hosts>) -> Result<u64, RunError> {
        let mut phases = Rng::with_seed(self.seed);
        let started = device.bus_mut().engine.cycles();
        let placed = |hosts: &Hosts| hosts.lanes[0].flows[MOVING].places.last().copied();
        device.bus_mut().until("start", |hosts| placed(hosts).is_some());
        for n in 0..self.moves {
            device.bus_mut().run(phases.u64(0..200));
            let (old, new) = if n % 2 == 0 { (HOME[MOVING], AWAY) } else { (AWAY, HOME[MOVING]) };
            device.bus_mut().moving = Some((new, None));
            device.move_port(MOVING as u8, new.0, channel(new), &[], |hosts| {
                if self.drains {
                    hosts.drain(old);
                }
            })?;
            // The next one moves home from where this one has come, which frames have seen.
            device
                .bus_mut()
                .until("arrive", |hosts| hosts.place == new && placed(hosts) == Some(new));
        }
        device.bus_mut().run(3000);
        Ok(device.bus_mut().engine.cycles() - started)
    }

    /// All of it.
    ///
    /// # Errors
    /// What is not on this computer, or what the machine refuses.
    pub fn run(&self) -> Result<Moved, RunError> {
        let mut device = self.bridge()?;
        let cycles = self.make(&mut device)?;
        device.bus_mut().finish();
        let Hosts { lanes, .. } = device.into_bus();
        let sum = |count: fn(&Flow) -> usize| {
            lanes.iter().flat_map(|lane| &lane.flows).map(count).sum::<usize>()
        };
        Ok(Moved {
            engine: self.engine.name(),
            width: self.width.bits(),
            moves: self.moves,
            cycles,
            frames: sum(|flow| flow.came.len() - flow.lost()),
            lost: sum(Flow::lost),
            twice: sum(|flow| flow.twice),
            late: sum(|flow| flow.late),
            changed: sum(|flow| flow.changed),
            strayed: lanes.iter().map(|lane| lane.strayed).sum(),
            longest_gap: [0, 1].map(|lane: usize| lanes[lane].flows[MOVING].longest_gap()),
        })
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { engine, width, moves, cycles, frames, longest_gap: [up, down], .. } = self;
        let Self { lost, twice, late, changed, strayed, .. } = self;
        writeln!(
            f,
            "{moves} moves on {engine}, {width} bits, in {cycles} cycles of full traffic both ways"
        )?;
        writeln!(
            f,
            "{frames} frames came; {lost} lost, {twice} twice, {late} late, {changed} changed, {strayed} at another port"
        )?;
        writeln!(
            f,
            "longest gap between two frames of the moving port: {up} cycles towards the links, {down} from them"
        )
    }
}
