// SPDX-License-Identifier: MIT
//! When a frame does what, in cycles: the figures of docs/pipeline.md that several tests hold the machine to.

use vireo_sim::engine::Side;
use vireo_spec::geometry::Width;

/// Cycles from the acceptance of a frame's first beat to the one in which its first beat is valid, without gaps and stalls.
pub fn latency(width: Width, entering: Side) -> u64 {
    match entering {
        Side::Ports => width.encapsulate_latency(),
        Side::Links => width.decapsulate_latency(),
    }
}

/// Whether the tag of `growth` octets makes a frame of `octets` octets a beat longer.
pub fn grows(width: Width, octets: usize, growth: usize) -> bool {
    (octets + growth).div_ceil(width.octets()) > octets.div_ceil(width.octets())
}

/// Cycles from the acceptance of a frame's last beat to the one in which it counts, without gaps and stalls.
pub fn counts_after(width: Width, entering: Side) -> u64 {
    let keys = 3 + width.header_beats() as u64;
    keys + if entering == Side::Ports { 11 } else { 24 }
}
