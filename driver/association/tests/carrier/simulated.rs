// SPDX-License-Identifier: MIT
//! A simulated link does what it is told, counts it, and does it again from the same seed.

use std::time::Duration;

use vireo_association::carrier::{End, Faults, LinkCounters, SimulatedLink};
use vireo_association::time::Instant;

const FRAMES: u16 = 2000;
const FRAME_LEN: usize = 60;

/// A frame that tells which one it is; the rest are zeros.
fn frame(number: u16) -> Vec<u8> {
    let mut frame = vec![0; FRAME_LEN];
    frame[..2].copy_from_slice(&number.to_be_bytes());
    frame
}

fn number(frame: &[u8]) -> u16 {
    u16::from_be_bytes([frame[0], frame[1]])
}

/// Sends so many frames from A, one every 100 us, then gives all that came to B with its time of arrival.
fn exchange(faults: Faults, seed: u64) -> (Vec<(Instant, Vec<u8>)>, LinkCounters) {
    let mut link = SimulatedLink::new(faults, seed);
    for sent in 0..FRAMES {
        link.send(End::A, frame(sent), Instant::from_micros(u64::from(sent) * 100));
    }
    let mut arrived = Vec::new();
    while let Some(now) = link.next_at() {
        let frame = link.receive(End::B, now).expect("B is the only end that anything is for");
        arrived.push((now, frame));
    }
    (arrived, link.counters())
}

#[test]
fn link_without_faults_delivers_everything_in_order_at_once() {
    let (arrived, counters) = exchange(Faults::default(), 1);
    for (sent, (at, frame)) in (0..FRAMES).zip(&arrived) {
        assert_eq!((number(frame), at.micros()), (sent, u64::from(sent) * 100));
    }
    let all = u64::from(FRAMES);
    assert_eq!(counters, LinkCounters { sent: all, delivered: all, ..LinkCounters::default() });
}

#[test]
fn frame_arrives_at_the_other_end_only_and_not_before_its_time() {
    let delay = Duration::from_millis(3)..Duration::from_millis(3);
    let mut link = SimulatedLink::new(Faults { delay, ..Faults::default() }, 1);
    link.send(End::B, frame(7), Instant::from_micros(10));
    assert_eq!(link.next_at(), Some(Instant::from_micros(3010)));
    assert_eq!(link.receive(End::A, Instant::from_micros(3009)), None);
    assert_eq!(link.receive(End::B, Instant::from_micros(9000)), None);
    assert_eq!(link.receive(End::A, Instant::from_micros(3010)), Some(frame(7)));
    assert_eq!(link.receive(End::A, Instant::from_micros(9000)), None);
    assert_eq!(link.next_at(), None);
}

#[test]
fn varying_delay_keeps_the_order_and_stays_in_its_range() {
    let delay = Duration::from_micros(50)..Duration::from_micros(5000);
    let (arrived, _) = exchange(Faults { delay, ..Faults::default() }, 2);
    let order: Vec<u16> = arrived.iter().map(|(_, frame)| number(frame)).collect();
    assert_eq!(order, (0..FRAMES).collect::<Vec<_>>());
    for (at, frame) in &arrived {
        let sent = Instant::from_micros(u64::from(number(frame)) * 100);
        let delay = at.since(sent).as_micros();
        assert!((50..5000).contains(&delay), "frame {} took {delay} us", number(frame));
    }
}

#[test]
fn lost_frames_are_about_as_many_as_asked_and_counted() {
    let (arrived, counters) = exchange(Faults { loss: 0.25, ..Faults::default() }, 3);
    assert_eq!(counters.lost + counters.delivered, u64::from(FRAMES));
    assert_eq!(arrived.len() as u64, counters.delivered);
    assert!((400..600).contains(&counters.lost), "lost {} of {FRAMES}", counters.lost);
}

#[test]
fn duplicated_frames_arrive_twice() {
    let (arrived, counters) = exchange(Faults { duplication: 1.0, ..Faults::default() }, 4);
    let order: Vec<u16> = arrived.iter().map(|(_, frame)| number(frame)).collect();
    assert_eq!(order, (0..FRAMES).flat_map(|sent| [sent, sent]).collect::<Vec<_>>());
    assert_eq!(counters.duplicated, u64::from(FRAMES));
}

#[test]
fn reordered_frames_are_overtaken_and_the_rest_keep_their_order() {
    let (arrived, counters) = exchange(Faults { reordering: 0.1, ..Faults::default() }, 5);
    let order: Vec<u16> = arrived.iter().map(|(_, frame)| number(frame)).collect();
    let held_back: Vec<bool> =
        arrived.iter().map(|(at, frame)| at.micros() != u64::from(number(frame)) * 100).collect();
    let kept: Vec<u16> =
        order.iter().zip(&held_back).filter(|(_, held)| !**held).map(|(n, _)| *n).collect();
    assert!(kept.is_sorted());
    assert!(!order.is_sorted(), "nothing was overtaken");
    assert_eq!(held_back.iter().filter(|held| **held).count() as u64, counters.reordered);
    let mut all = order;
    all.sort_unstable();
    assert_eq!(all, (0..FRAMES).collect::<Vec<_>>(), "all arrive");
}

#[test]
fn corrupted_frames_keep_their_length_and_differ_in_one_to_four_octets() {
    let (arrived, counters) = exchange(Faults { corruption: 1.0, ..Faults::default() }, 6);
    for (sent, (_, corrupted)) in (0..FRAMES).zip(&arrived) {
        assert_eq!(corrupted.len(), FRAME_LEN);
        let altered = frame(sent).iter().zip(corrupted).filter(|(was, is)| was != is).count();
        assert!((1..=4).contains(&altered), "{altered} octets of frame {sent}");
    }
    assert_eq!(counters.corrupted, u64::from(FRAMES));
}

#[test]
fn octetless_frame_passes_corruption_unharmed() {
    let mut link = SimulatedLink::new(Faults { corruption: 1.0, ..Faults::default() }, 7);
    link.send(End::A, Vec::new(), Instant::ZERO);
    assert_eq!(link.receive(End::B, Instant::ZERO), Some(Vec::new()));
    assert_eq!(link.counters().corrupted, 0);
}

#[test]
fn same_seed_gives_the_same_link_and_another_seed_another() {
    let faults = Faults {
        loss: 0.1,
        duplication: 0.1,
        reordering: 0.1,
        corruption: 0.1,
        delay: Duration::ZERO..Duration::from_millis(2),
    };
    assert_eq!(exchange(faults.clone(), 8), exchange(faults.clone(), 8));
    assert_ne!(exchange(faults.clone(), 8), exchange(faults, 9));
}
