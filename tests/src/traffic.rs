// SPDX-License-Identifier: MIT
//! Frames sent into a bench, each one held to what the reference makes of it and, where nothing stalls, to its time.

use vireo_driver::Device;
use vireo_sim::engine::reference::Reference;
use vireo_sim::engine::{Arrival, Engine, Side};
use vireo_spec::pins::{StreamId, USER_BAD};

use crate::bench::{Bench, SIDES};
use crate::case::Case;
use crate::timing::{Intake, grows, latency};

/// What a tag adds to a frame that enters by a port, as the intake sees it: checks and verdict do not matter.
pub fn growth(case: &Case, frame: &Arrival) -> usize {
    let link = match frame.id {
        _ if frame.side == Side::Links => return 0,
        StreamId::LinkControl(_) => return 0,
        StreamId::Group(group) => case.groups[usize::from(group)].link,
        StreamId::Port(port) | StreamId::PortControl(port) => case.ports[usize::from(port)].link,
    };
    case.links[usize::from(link)].family.len()
}

/// Sends these frames into a machine of this configuration; what leaves is what the reference says, in order. On time, if the
/// bench does not stall. Returns how many left.
pub fn traffic(bench: &mut Bench, case: &Case, frames: &[Arrival]) -> usize {
    let width = case.geometry.width();
    let mut reference = Device::discover(Reference::new(case.geometry)).unwrap();
    case.program(&mut reference).unwrap();
    frames.iter().for_each(|frame| bench.offer(frame.clone()));
    bench.drain();
    let mut left_frames = 0;
    for side in SIDES {
        let timed = bench.stall == 0.0 && bench.gap == 0.0;
        let lane = bench.lane(side);
        let mut intake = Intake::default();
        let own: Vec<_> = frames.iter().filter(|frame| frame.side == side).collect();
        assert_eq!(lane.entered.len(), own.len());
        for (n, &frame) in own.iter().enumerate() {
            let mut entered = lane.entered.pop_front().unwrap();
            let context = format!("{width:?} {side:?} {n}: {:?}, {entered:?}", frame.id);
            if timed {
                let beats = frame.octets.len().div_ceil(width.octets());
                let grows = grows(width, frame.octets.len(), growth(case, frame));
                entered = intake.pass(entered, beats, grows, &mut lane.refused);
            }
            let mut expected = None;
            reference.bus_mut().offer(frame.clone());
            reference.bus_mut().run(&mut |d| expected = Some((d.octets.to_vec(), d.bad)));
            let Some((octets, bad)) = expected else { continue };
            let left = lane.left.pop_front().unwrap_or_else(|| panic!("{context}: nothing left"));
            assert_eq!((&left.octets, left.user & USER_BAD != 0), (&octets, bad), "{context}");
            assert_eq!(left.beats, octets.len().div_ceil(width.octets()), "{context}: beats");
            if timed {
                assert_eq!(left.first, entered.first + latency(width, side), "{context}: latency");
                assert_eq!(left.last + 1, left.first + left.beats as u64, "{context}: a gap");
            }
            left_frames += 1;
        }
        assert_eq!(lane.left.len(), 0, "{width:?} {side:?}: more left than should");
        assert!(!timed || lane.refused.is_empty(), "{side:?}: not ready in {:?}", lane.refused);
        lane.refused.clear();
    }
    left_frames
}
