// SPDX-License-Identifier: MIT
//! ECP's state machine alone.

use std::time::Duration;

use vireo_association::ecp::{Counters, Endpoint, GAP, QueueFull, Received, Timing};
use vireo_association::time::Instant;
use vireo_association::wire::ecp::{Operation, Repr, Subtype};

use crate::world::at;

/// Repeated three times, every 10.24 ms.
const TIMING: Timing = Timing { retries: 3, rte: 10, gap: GAP };
const WAIT: Duration = Duration::from_micros(10_240);

fn endpoint(first: u16) -> Endpoint {
    Endpoint::new(Subtype::Vdp, TIMING, first, 2)
}

fn pdu(operation: Operation, sequence: u16, payload: &[u8]) -> Vec<u8> {
    Repr { operation, subtype: Subtype::Vdp, sequence }.emit(payload)
}

fn request(sequence: u16) -> Vec<u8> {
    pdu(Operation::Request, sequence, b"what")
}

fn acknowledgement(sequence: u16) -> Vec<u8> {
    pdu(Operation::Acknowledgement, sequence, &[])
}

#[test]
fn request_that_nobody_acknowledges_is_repeated_r_times_then_given_up() {
    let mut endpoint = endpoint(7);
    endpoint.send(b"what".into()).unwrap();
    let mut now = at(0);
    for _ in 0..4 {
        assert_eq!(endpoint.poll(now), Some(request(7)));
        assert_eq!(endpoint.poll(now), None);
        assert_eq!(endpoint.poll_at(), Some(now + WAIT));
        assert_eq!(endpoint.poll(at(now.micros() + 10_239)), None, "not before its time");
        now = now + WAIT;
    }
    assert_eq!(endpoint.poll(now), None);
    assert_eq!(endpoint.poll_at(), None);
    let expected = Counters { requests: 1, repetitions: 3, given_up: 1, ..Counters::default() };
    assert_eq!(endpoint.counters(), &expected);
}

#[test]
fn next_request_goes_out_when_one_is_given_up() {
    let mut endpoint = endpoint(7);
    endpoint.send(b"lost".into()).unwrap();
    endpoint.send(b"what".into()).unwrap();
    let mut now = at(0);
    for _ in 0..4 {
        assert!(endpoint.poll(now).is_some());
        now = now + WAIT;
    }
    assert_eq!(endpoint.poll(now), Some(request(8)));
}

#[test]
fn acknowledgement_of_the_request_under_way_ends_it_and_any_other_is_stray() {
    let mut endpoint = endpoint(7);
    endpoint.send(b"what".into()).unwrap();
    endpoint.poll(at(0)).unwrap();
    assert_eq!(endpoint.process(&acknowledgement(6), true, at(1)), Ok(Received::Stray));
    assert!(!endpoint.is_idle());
    assert_eq!(endpoint.process(&acknowledgement(7), true, at(2)), Ok(Received::Acknowledged));
    assert!(endpoint.is_idle());
    assert_eq!(endpoint.process(&acknowledgement(7), true, at(3)), Ok(Received::Stray));
    assert_eq!(endpoint.counters().stray, 2);
    assert_eq!(endpoint.poll(at(1_000_000)), None);
}

#[test]
fn request_that_comes_twice_is_acknowledged_twice_and_goes_on_once() {
    let mut endpoint = endpoint(0);
    assert_eq!(endpoint.process(&request(9), true, at(0)), Ok(Received::Request(b"what")));
    assert_eq!(endpoint.process(&request(9), true, at(5)), Ok(Received::Duplicate));
    assert_eq!(endpoint.poll(at(5)), Some(acknowledgement(9)));
    assert_eq!(endpoint.poll(at(5)), Some(acknowledgement(9)));
    assert_eq!(endpoint.poll(at(5)), None);
    assert_eq!(endpoint.process(&request(10), true, at(6)), Ok(Received::Request(b"what")));
    assert_eq!(endpoint.counters().duplicates, 1);
}

#[test]
fn sequence_of_old_is_new_once_no_repetition_of_it_can_come() {
    let mut endpoint = endpoint(0);
    let late = at(0) + TIMING.repetitions();
    endpoint.process(&request(9), true, at(0)).unwrap();
    let before = at(late.micros() - 1);
    assert_eq!(endpoint.process(&request(9), true, before), Ok(Received::Duplicate));
    assert_eq!(endpoint.process(&request(9), true, late), Ok(Received::Request(b"what")));
}

#[test]
fn peer_that_outlived_us_does_not_take_our_first_request_for_a_repetition() {
    let mut peer = endpoint(0);
    let mut taken = 0;
    for first in [0x1234, 0x9876, 0x0fed] {
        // Each life draws its own first sequence.
        let mut life = endpoint(first);
        life.send(b"what".into()).unwrap();
        let pdu = life.poll(at(0)).unwrap();
        taken += u32::from(matches!(peer.process(&pdu, true, at(0)), Ok(Received::Request(_))));
    }
    assert_eq!(taken, 3);
}

#[test]
fn sequence_goes_on_behind_the_last_number_with_the_first() {
    let mut endpoint = endpoint(u16::MAX);
    let mut now = at(0);
    for sequence in [u16::MAX, 0, 1] {
        endpoint.send(b"what".into()).unwrap();
        assert_eq!(endpoint.poll(now), Some(request(sequence)));
        endpoint.process(&acknowledgement(sequence), true, now).unwrap();
        now = now + GAP;
    }
}

#[test]
fn three_milliseconds_lie_between_two_requests_and_none_before_an_acknowledgement() {
    let mut endpoint = endpoint(7);
    endpoint.send(b"what".into()).unwrap();
    endpoint.send(b"what".into()).unwrap();
    endpoint.poll(at(0)).unwrap();
    endpoint.process(&acknowledgement(7), true, at(100)).unwrap();
    endpoint.process(&request(1), true, at(100)).unwrap();
    assert_eq!(endpoint.poll(at(100)), Some(acknowledgement(1)));
    assert_eq!(endpoint.poll(at(2_999)), None);
    assert_eq!(endpoint.poll_at(), Some(at(3_000)));
    assert_eq!(endpoint.poll(at(3_000)), Some(request(8)));
}

#[test]
fn gap_counts_from_the_last_repetition() {
    let mut endpoint = endpoint(7);
    endpoint.send(b"what".into()).unwrap();
    endpoint.send(b"what".into()).unwrap();
    endpoint.poll(at(0)).unwrap();
    endpoint.poll(at(10_240)).unwrap();
    endpoint.process(&acknowledgement(7), true, at(10_300)).unwrap();
    assert_eq!(endpoint.poll(at(13_239)), None);
    assert_eq!(endpoint.poll(at(13_240)), Some(request(8)));
}

#[test]
fn queue_that_is_full_says_so() {
    let mut endpoint = endpoint(7);
    endpoint.send(b"what".into()).unwrap();
    assert!(endpoint.has_room());
    endpoint.send(b"what".into()).unwrap();
    assert_eq!(endpoint.send(b"more".into()), Err(QueueFull { bound: 2 }));
    endpoint.poll(at(0)).unwrap();
    endpoint.send(b"more".into()).unwrap();
}

#[test]
fn request_without_room_is_not_acknowledged_and_is_new_when_it_comes_again() {
    let mut endpoint = endpoint(7);
    assert_eq!(endpoint.process(&request(1), false, at(0)), Ok(Received::Declined));
    assert_eq!(endpoint.poll(at(0)), None);
    assert_eq!(endpoint.process(&request(1), true, at(9)), Ok(Received::Request(b"what")));
    assert_eq!(endpoint.counters().declined, 1);
}

#[test]
fn flood_of_requests_leaves_a_bounded_number_of_acknowledgements() {
    let mut endpoint = endpoint(7);
    for sequence in 0..10_000 {
        endpoint.process(&request(sequence), true, at(0)).unwrap();
    }
    let sent = std::iter::from_fn(|| endpoint.poll(at(0))).count();
    assert!((1..=64).contains(&sent), "{sent}");
}

#[test]
fn pdus_of_another_version_subtype_or_operation_go_no_further() {
    let mut endpoint = endpoint(7);
    let mut other = request(1);
    other[0] = 0x20 | other[0] & 0xf;
    assert!(endpoint.process(&other, true, Instant::ZERO).is_err());
    let subtype = Subtype::PeCsp;
    let other = Repr { operation: Operation::Request, subtype, sequence: 1 }.emit(&[]);
    assert_eq!(endpoint.process(&other, true, Instant::ZERO), Ok(Received::Other));
    let other = pdu(Operation::Unknown(2), 1, &[]);
    assert_eq!(endpoint.process(&other, true, Instant::ZERO), Ok(Received::Other));
    assert_eq!((endpoint.counters().other, endpoint.poll(Instant::ZERO)), (2, None));
}
