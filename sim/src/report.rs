// SPDX-License-Identifier: MIT
//! What a machine counted, by the names of its configuration: report.json, and a table for people.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::Serialize;
use vireo_driver::{Counters, Traffic};
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::table::Entity;

use crate::config::Config;
use crate::engine::{Engine, Measured, Side};

/// report.json.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The engine's name.
    pub engine: String,
    /// Width of the streams in bits.
    pub width: usize,
    /// Cycles of the machine's clock, from its reset; 0 for an engine without time.
    pub cycles: u64,
    /// By name.
    pub ports: BTreeMap<String, Counts>,
    /// By name.
    pub links: BTreeMap<String, Counts>,
    /// By name.
    pub groups: BTreeMap<String, Counts>,
    /// Frames that the control plane sent, and that left to it.
    pub control: Counts,
    /// Streams of an engine with pins; nothing for one without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streams: Option<Streams>,
}

/// What was counted at one port, link or group. `in` and `out` are seen from the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Frames that entered there.
    pub in_frames: u64,
    /// Their octets.
    pub in_octets: u64,
    /// Good copies that left there.
    pub out_frames: u64,
    /// Their octets.
    pub out_octets: u64,
    /// Of those that entered there, or at a bridge came from the link: handed to the control port.
    pub to_control: u64,
    /// Drops that counted there, by reason; those that are 0 are left out.
    pub drops: BTreeMap<DropReason, u64>,
}

/// What links, ports and groups are called, by their numbers.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Links.
    pub links: Vec<String>,
    /// Ports.
    pub ports: Vec<String>,
    /// Groups.
    pub groups: Vec<String>,
}

impl Names {
    /// The numbers themselves, where nothing else is known.
    pub fn numbers(geometry: &Geometry) -> Self {
        let numbers = |count: usize| (0..count).map(|number| number.to_string()).collect();
        Self {
            links: numbers(geometry.links()),
            ports: numbers(geometry.ports()),
            groups: numbers(geometry.groups()),
        }
    }
}

impl Config {
    /// The names of its links, ports and groups.
    pub fn names(&self) -> Names {
        Names {
            links: self.links.iter().map(|link| link.name.clone()).collect(),
            ports: self.ports.iter().map(|port| port.name.clone()).collect(),
            groups: self.groups.iter().map(|group| group.name.clone()).collect(),
        }
    }
}

/// Both directions of an engine with pins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Streams {
    /// From ports to links.
    pub encapsulate: Stream,
    /// From links to ports.
    pub decapsulate: Stream,
}

/// One direction of an engine with pins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stream {
    /// Frames that entered.
    pub frames: u64,
    /// Beats that entered.
    pub beats_in: u64,
    /// Beats that left.
    pub beats_out: u64,
    /// Cycles from the first beat that entered to the last.
    pub busy_cycles: u64,
    /// The documented cycles from first beat in to first beat out.
    pub latency: u64,
    /// Frames that left exactly so long after one entered: all of them, without stalls, without gaps, and without frames before
    /// them that grow by a beat and make them wait in the queue.
    pub on_time: u64,
    /// Frames that left.
    pub frames_out: u64,
}

impl Streams {
    /// What an engine measured; nothing for one without pins.
    pub fn new(engine: &dyn Engine, width: Width) -> Option<Self> {
        let stream = |side, latency| {
            let Measured {
                beats_in,
                beats_out,
                frames_in,
                frames_out,
                on_time,
                first_cycle,
                last_cycle,
            } = *engine.measured(side)?;
            let busy_cycles = first_cycle.map_or(0, |first| last_cycle + 1 - first);
            Some(Stream {
                frames: frames_in,
                beats_in,
                beats_out,
                busy_cycles,
                latency,
                on_time,
                frames_out,
            })
        };
        Some(Self {
            encapsulate: stream(Side::Ports, width.encapsulate_latency())?,
            decapsulate: stream(Side::Links, width.decapsulate_latency())?,
        })
    }
}

impl Counts {
    fn new(
        counters: &Counters,
        entered: Option<Entity>,
        left: &[Entity],
        drops: &[Entity],
    ) -> Self {
        let entered = entered.map_or(Traffic::default(), |entity| counters.traffic(entity));
        let mut counts =
            Self { in_frames: entered.frames(), in_octets: entered.octets, ..Self::default() };
        for entity in left {
            let traffic = counters.traffic(*entity);
            counts.out_frames += traffic.frames();
            counts.out_octets += traffic.octets;
        }
        for (disposition, frames) in drops.iter().flat_map(|entity| counters.dispositions(*entity))
        {
            match disposition {
                Disposition::Dropped(reason) => *counts.drops.entry(reason).or_default() += frames,
                Disposition::Control => counts.to_control += frames,
                // Forwarded shows as what left; at the port shows there.
                Disposition::Forwarded | Disposition::AtPort => {}
            }
        }
        counts.drops.retain(|_, frames| *frames != 0);
        counts
    }
}

fn by_name(names: &[String], counts: impl Fn(usize) -> Counts) -> BTreeMap<String, Counts> {
    names.iter().enumerate().map(|(number, name)| (name.clone(), counts(number))).collect()
}

impl Report {
    /// What a snapshot of the counters says, by these names.
    pub fn new(
        engine: &str,
        width: usize,
        cycles: u64,
        names: &Names,
        counters: &Counters,
    ) -> Self {
        let port = |index: usize| {
            let (entered, left) = (Entity::PortIn(index as u8), Entity::PortOut(index as u8));
            Counts::new(counters, Some(entered), &[left], &[entered, left])
        };
        let link = |index: usize| {
            let (entered, left) = (Entity::LinkIn(index as u8), Entity::LinkOut(index as u8));
            Counts::new(counters, Some(entered), &[left], &[entered])
        };
        let group = |index: usize| {
            let entered = Entity::GroupIn(index as u8);
            Counts::new(counters, Some(entered), &[], &[entered])
        };
        let to_control = [Entity::ControlOut, Entity::ControlOutAtLink];
        let control = Entity::ControlIn;
        Self {
            engine: engine.into(),
            width,
            cycles,
            ports: by_name(&names.ports, port),
            links: by_name(&names.links, link),
            groups: by_name(&names.groups, group),
            control: Counts::new(counters, Some(control), &to_control, &[control]),
            streams: None,
        }
    }

    /// The report as JSON, with a newline at its end.
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("a report is plain data");
        json.push('\n');
        json
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [&self.ports, &self.links, &self.groups];
        let width = names.iter().flat_map(|map| map.keys()).map(String::len).max().unwrap_or(0);
        let width = width.max("control".len());
        writeln!(
            f,
            "       {:width$} {:>9} {:>9} {:>8}  drops by reason",
            "", "in", "out", "control"
        )?;
        for (kind, map) in ["port", "link", "group"].into_iter().zip(names) {
            // Frames enter by groups at a bridge only: an extender's have nothing to tell.
            for (name, counts) in
                map.iter().filter(|(_, counts)| kind != "group" || **counts != Counts::default())
            {
                write_row(f, kind, name, width, counts)?;
            }
        }
        if self.control != Counts::default() {
            write_row(f, "", "control", width, &self.control)?;
        }
        if let Some(streams) = &self.streams {
            writeln!(f)?;
            for (name, stream) in
                [("ports ▶ links", &streams.encapsulate), ("links ▶ ports", &streams.decapsulate)]
            {
                if stream.frames == 0 {
                    continue;
                }
                let rate = stream.frames as f64 / stream.busy_cycles.max(1) as f64;
                let latency = if stream.on_time == stream.frames_out {
                    format!("latency {} cycles, each frame", stream.latency)
                } else {
                    format!("latency {} cycles but for gaps, stalls and the queue", stream.latency)
                };
                writeln!(
                    f,
                    "{name}: {} frames in {} cycles, {rate:.3} frames per cycle, {latency}",
                    stream.frames, stream.busy_cycles
                )?;
            }
        }
        Ok(())
    }
}

fn write_row(
    f: &mut fmt::Formatter<'_>,
    kind: &str,
    name: &str,
    width: usize,
    counts: &Counts,
) -> fmt::Result {
    let mut drops = String::new();
    for (reason, frames) in &counts.drops {
        write!(drops, " {reason} {frames}")?;
    }
    let Counts { in_frames, out_frames, to_control, .. } = counts;
    let row =
        format!("{kind:<6} {name:width$} {in_frames:>9} {out_frames:>9} {to_control:>8} {drops}");
    writeln!(f, "{}", row.trim_end())
}
