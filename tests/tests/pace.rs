// SPDX-License-Identifier: MIT
//! Frames keep pace and time: docs/pipeline.md, sections 2 and 3, against the cycle model, clock by clock.
//!
//! `VIREO_SEED=N` repeats one random case: its test prints N last when it fails.

use std::collections::VecDeque;

use fastrand::Rng;
use vireo_driver::RegisterBus;
use vireo_sim::engine::Side;
use vireo_spec::geometry::Width;
use vireo_spec::pins::{StreamId, USER_BAD};
use vireo_spec::registers as map;
use vireo_spec::tag::TagFamily;
use vireo_tests::bench::SIDES;
use vireo_tests::case::Case;
use vireo_tests::plain::{MAXIMUM, arrival, host, plain, programmed, tag};
use vireo_tests::timing::{Intake, grows, latency};
use vireo_tests::traffic::traffic;

/// Sends frames of these sizes, back to back both ways at once, and checks each clock. Sizes are those without tag.
fn sizes(width: Width, family: TagFamily, sizes: &[usize]) {
    let growth = family.len();
    let mut bench = programmed(&plain(width, family)).into_bus();
    let started = bench.cycle();
    let mut next = [0; 2];
    let mut sent = [VecDeque::new(), VecDeque::new()];
    let mut intakes = [Intake::default(), Intake::default()];
    let mut previous = [None; 2];
    let mut left_frames = 0;
    while left_frames < 2 * sizes.len() {
        for side in SIDES {
            let at = &mut next[side as usize];
            while *at < sizes.len() && bench.lane(side).queue.len() < 2 {
                // The two directions meet each other in ever other sizes.
                let octets =
                    if side == Side::Ports { sizes[*at] } else { sizes[sizes.len() - 1 - *at] };
                let untagged = host(octets, *at as u32);
                let mut tagged = untagged.clone();
                tagged.splice(12..12, tag(family, 0));
                let frame = if side == Side::Ports { &untagged } else { &tagged };
                bench.offer(arrival(side, StreamId::Port(0), frame.clone()));
                sent[side as usize].push_back((*at, untagged));
                *at += 1;
            }
        }
        bench.clock();
        for side in SIDES {
            let lane = bench.lane(side);
            let Some(left) = lane.left.pop_front() else { continue };
            let entered = lane.entered.pop_front().unwrap();
            let (serial, frame) = sent[side as usize].pop_front().unwrap();
            let context =
                format!("{side:?}, frame {serial} of {} octets, {entered:?}", frame.len());
            let (added, rest) = if side == Side::Ports { (growth, 12 + growth) } else { (0, 12) };
            assert_eq!(left.octets.len(), frame.len() + added, "{context}");
            assert!(
                left.octets[..12] == frame[..12] && left.octets[rest..] == frame[12..],
                "{context}"
            );
            assert_eq!(left.user & USER_BAD, 0, "{context}");
            assert_eq!(left.beats, left.octets.len().div_ceil(width.octets()), "{context}: beats");
            let (octets, grows) = match side {
                Side::Ports => (frame.len(), grows(width, frame.len(), growth)),
                Side::Links => (frame.len() + growth, false),
            };
            let beats = octets.div_ceil(width.octets());
            let intake = &mut intakes[side as usize];
            let passed = intake.pass(entered, beats, grows, &mut lane.refused);
            assert_eq!(left.first, passed.first + latency(width, side), "{context}: latency");
            assert_eq!(left.last + 1, left.first + left.beats as u64, "{context}: a gap inside");
            if side == Side::Ports && previous[0].is_some_and(|end| end + 1 != left.first) {
                panic!("{context}: the link was idle before it");
            }
            previous[side as usize] = Some(left.last);
            left_frames += 1;
        }
    }
    for side in SIDES {
        let refused = &bench.lane(side).refused;
        assert!(refused.is_empty(), "{side:?}: also not ready in {refused:?}");
    }
    let cycles = bench.cycle() - started;
    println!("{width:?} {family:?}: {left_frames} frames in {cycles} cycles");
}

fn back_to_back_minimum_frames() -> impl Iterator<Item = usize> {
    let runs = [[14, 14], [60, 60], [14, 60], [64, 15], [56, 57]];
    runs.into_iter().flat_map(|pair| (0..100).map(move |n| pair[n % 2]))
}

fn every_size(width: Width) {
    let mut all: Vec<usize> = (14..=MAXIMUM).collect();
    Rng::with_seed(1).shuffle(&mut all);
    let mut order: Vec<_> = back_to_back_minimum_frames().collect();
    order.extend(all);
    sizes(width, TagFamily::ETag, &order);
    sizes(width, TagFamily::VnTag, &order);
    sizes(width, TagFamily::STag, &order);
}

#[test]
fn every_frame_size_keeps_pace_and_latency_at_64_bits() {
    every_size(Width::W64);
}

#[test]
fn every_frame_size_keeps_pace_and_latency_at_128_bits() {
    every_size(Width::W128);
}

#[test]
fn every_frame_size_keeps_pace_and_latency_at_256_and_512_bits() {
    every_size(Width::W256);
    every_size(Width::W512);
}

fn random_cases(seeds: std::ops::Range<u64>, stalls: &[f64]) {
    let repeated = std::env::var("VIREO_SEED").ok().map(|n| n.parse::<u64>().expect("a number"));
    let (mut frames, mut left, mut cycles) = (0, 0, 0);
    for seed in repeated.map_or(seeds, |seed| seed..seed + 1) {
        println!("repeat it: VIREO_SEED={seed} cargo test -p vireo-tests --test pace");
        let mut rng = Rng::with_seed(seed);
        let case = Case::random(&mut rng, Width::ALL[seed as usize % 4]);
        let mut bench = programmed(&case).into_bus();
        bench.stall = stalls[seed as usize / 4 % stalls.len()];
        bench.gap = bench.stall;
        let traffic_began = bench.cycle();
        let sent: Vec<_> = (0..100).map(|_| case.frame(&mut rng)).collect();
        left += traffic(&mut bench, &case, &sent);
        frames += sent.len();
        cycles += bench.cycle() - traffic_began;
    }
    println!("{frames} frames in, {left} out, {cycles} cycles");
}

#[test]
fn latency_depends_on_neither_tables_nor_verdict_nor_neighbours() {
    random_cases(0..1200, &[0.0]);
}

#[test]
fn outputs_wait_for_ready_and_frames_stay_whole_through_random_stalls() {
    random_cases(2000..2800, &[0.05, 0.3, 0.6, 0.9]);
}

#[test]
fn a_stall_costs_no_more_than_itself() {
    let mut cycles = 0;
    for width in Width::ALL {
        for family in TagFamily::ALL {
            let mut rng = Rng::with_seed(4);
            let mut bench = programmed(&plain(width, family)).into_bus();
            bench.stall = 0.3;
            for serial in 0..2000 {
                let octets = rng.usize(14..300);
                bench.offer(arrival(Side::Ports, StreamId::Port(0), host(octets, serial)));
                // A frame that a tag made longer leaves room behind it once the tag is off.
                if !grows(width, octets, family.len()) {
                    let mut tagged = host(octets, serial);
                    tagged.splice(12..12, tag(family, 0));
                    bench.offer(arrival(Side::Links, StreamId::Port(0), tagged));
                }
            }
            bench.drain();
            for side in SIDES {
                let lane = bench.lane(side);
                let (Some(first), Some(last)) = (lane.left.front(), lane.left.back()) else {
                    continue;
                };
                let saturated = last.last + 1 - first.first;
                assert_eq!(lane.valid, saturated, "{width:?} {family:?} {side:?}: idle clocks");
                cycles += saturated;
            }
        }
    }
    println!("{cycles} cycles");
}

#[test]
fn family_code_3_keeps_pace_as_an_s_tag() {
    for width in Width::ALL {
        let case = plain(width, TagFamily::STag);
        let mut bench = programmed(&case).into_bus();
        for link in 0..2 {
            let row = case.links[link].pack() | map::link::FAMILY.at(3);
            bench.write(map::LINK.nth(link), row).unwrap();
        }
        let mut rng = Rng::with_seed(6);
        let frames: Vec<_> = (0..400).map(|_| case.frame(&mut rng)).collect();
        assert!(traffic(&mut bench, &case, &frames) > 100);
    }
}

#[test]
fn a_gap_inside_a_frame_delays_what_waits_for_it_by_its_length() {
    for width in Width::ALL {
        let mut rng = Rng::with_seed(3);
        let mut bench = programmed(&plain(width, TagFamily::ETag)).into_bus();
        let header = width.header_beats();
        for n in 0..400 {
            let side = SIDES[n % 2];
            let mut octets = host(rng.usize(60..400), n as u32);
            if side == Side::Links {
                octets.splice(12..12, tag(TagFamily::ETag, 0));
            }
            let beats = octets.len().div_ceil(width.octets());
            bench.offer(arrival(side, StreamId::Port(0), octets));
            // The first beat leaves the window with the one behind the header, or when the frame has ended; decapsulate
            // needs the second beat too.
            let needed = (header + usize::from(side == Side::Links)).min(beats - 1);
            let mut gaps = 0;
            for beat in 0..beats {
                let gap = if beat > 0 && rng.bool() { rng.u64(0..5) } else { 0 };
                bench.pause(gap);
                gaps += if beat <= needed { gap } else { 0 };
                bench.clock();
            }
            bench.drain();
            let lane = bench.lane(side);
            let (entered, left) =
                (lane.entered.pop_front().unwrap(), lane.left.pop_front().unwrap());
            let expected = entered.first + latency(width, side) + gaps;
            assert_eq!(left.first, expected, "{width:?} {side:?} {beats} beats, gaps {gaps}");
        }
    }
}
