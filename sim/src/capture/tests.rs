// SPDX-License-Identifier: MIT
//! Captures read: every format, every fault, and octets that mean nothing. The writer's tests are
//! with the writer.

use std::fs;

use proptest::prelude::*;

use super::fixture::{ETHERNET, MICROSECONDS, NANOSECONDS, ORDERS, Order, frame};
use super::{CaptureFault, Frame, LONGEST_FRAME, PacketFault, parse, read};

const SECOND: u64 = 1_000_000_000;

fn at(timestamp_ns: u64, octets: &[u8]) -> Frame {
    Frame { timestamp_ns, octets: octets.to_vec() }
}

fn frames(file: &[Vec<u8>]) -> Vec<Frame> {
    parse(&file.concat()).unwrap_or_else(|fault| panic!("{fault}"))
}

fn fault(file: &[Vec<u8>]) -> CaptureFault {
    parse(&file.concat()).expect_err("a broken capture was read")
}

/// Checks the fault of a packet, its number and where it starts.
macro_rules! assert_packet_fault {
    ($fault:expr, $number:expr, $offset:expr, $pattern:pat) => {
        match $fault {
            CaptureFault::Packet { number, offset, fault: $pattern } => {
                assert_eq!((number, offset), ($number, $offset));
            }
            other => panic!("{other:?}"),
        }
    };
}

#[test]
fn pcap_of_every_magic_is_read() {
    let (long, short) = (frame(1514), frame(17));
    for order in ORDERS {
        for (magic, unit) in [(MICROSECONDS, 1_000), (NANOSECONDS, 1)] {
            let header = order.header(magic, ETHERNET);
            let file = [header, order.record(7, 999_999, &long), order.record(8, 0, &short)];
            let expected = [at(7 * SECOND + 999_999 * unit, &long), at(8 * SECOND, &short)];
            assert_eq!(frames(&file), expected, "{order:?} {magic:x}");
        }
    }
}

#[test]
fn pcap_without_packets_or_without_snap_length_is_read() {
    let header = Order::Little.header(MICROSECONDS, ETHERNET);
    assert_eq!(frames(std::slice::from_ref(&header)), []);
    let mut unlimited = header;
    unlimited[16..20].fill(0);
    let file = [unlimited, Order::Little.record(0, 0, &frame(60))];
    assert_eq!(frames(&file), [at(0, &frame(60))]);
}

#[test]
fn pcapng_interfaces_keep_their_own_time_resolution() {
    for order in ORDERS {
        let offset = match order {
            Order::Big => 100_i64.to_be_bytes(),
            Order::Little => 100_i64.to_le_bytes(),
        };
        let file = [
            order.section(),
            order.interface(1, 0, &[(2, b"eth0")]),
            order.interface(1, 0, &[(9, &[9]), (14, &offset)]),
            order.interface(1, 0, &[(9, &[0x80 | 10])]),
            order.enhanced(1, 3 * SECOND + 5, &frame(61)),
            order.enhanced(0, 3_000_007, &frame(62)),
            // 1024ths: 2.5 s.
            order.enhanced(2, 2560, &frame(63)),
            order.simple(60, &frame(60)),
            order.obsolete(0, 1, &frame(64)),
        ];
        let expected = [
            at(103 * SECOND + 5, &frame(61)),
            at(3 * SECOND + 7_000, &frame(62)),
            at(5 * SECOND / 2, &frame(63)),
            at(0, &frame(60)),
            at(1_000, &frame(64)),
        ];
        assert_eq!(frames(&file), expected, "{order:?}");
    }
}

#[test]
fn pcapng_blocks_without_packets_are_skipped_whatever_they_hold() {
    for order in ORDERS {
        let file = [
            order.section(),
            order.block(0x0000_7777, &[0xff; 12]),
            order.interface(1, 0, &[]),
            // Name resolution and statistics, both malformed.
            order.block(4, &[0xff; 8]),
            order.block(5, &[0xff; 2]),
            order.enhanced(0, 0, &frame(60)),
        ];
        assert_eq!(frames(&file), [at(0, &frame(60))]);
    }
}

#[test]
fn pcapng_sections_of_both_byte_orders_start_their_interfaces_anew() {
    let (big, little) = (Order::Big, Order::Little);
    let mut file = vec![
        big.section(),
        big.interface(1, 0, &[(9, &[0])]),
        big.enhanced(0, 3, &frame(60)),
        little.section(),
        little.interface(1, 0, &[(9, &[3])]),
        little.enhanced(0, 3, &frame(61)),
    ];
    assert_eq!(frames(&file), [at(3 * SECOND, &frame(60)), at(3_000_000, &frame(61))]);
    file.remove(4);
    assert_packet_fault!(fault(&file), 2, 180, PacketFault::Malformed(_));
}

#[test]
fn declared_frame_check_sequence_is_taken_off() {
    let order = Order::Little;
    let header = order.header(NANOSECONDS, 2 << 28 | 1 << 26 | ETHERNET);
    assert_eq!(frames(&[header, order.record(0, 0, &frame(64))]), [at(0, &frame(60))]);
    // Without the flag the length means nothing.
    let header = order.header(NANOSECONDS, 2 << 28 | ETHERNET);
    assert_eq!(frames(&[header, order.record(0, 0, &frame(64))]), [at(0, &frame(64))]);
    for declared in [4, 32] {
        let interface = order.interface(1, 0, &[(13, &[declared])]);
        let file = [order.section(), interface, order.enhanced(0, 0, &frame(64))];
        assert_eq!(frames(&file), [at(0, &frame(60))]);
    }
    let flags = order.u32(4 << 5);
    let packet = order.enhanced_of(0, 0, 64, &frame(64), &[(2, &flags)]);
    let file = [order.section(), order.interface(1, 0, &[]), packet];
    assert_eq!(frames(&file), [at(0, &frame(60))]);
}

#[test]
fn frame_check_sequence_that_is_not_ethernets_is_refused() {
    let order = Order::Big;
    let record = order.record(0, 0, &frame(64));
    let header = order.header(NANOSECONDS, 1 << 28 | 1 << 26 | ETHERNET);
    let found = fault(&[header, record]);
    assert!(matches!(found, CaptureFault::CheckSequence { value: 1, .. }), "{found:?}");
    let interface = order.interface(1, 0, &[(13, &[16])]);
    let found = fault(&[order.section(), interface, order.enhanced(0, 0, &frame(64))]);
    assert!(matches!(found, CaptureFault::CheckSequence { value: 16, .. }), "{found:?}");
    // Nothing would be left of the frame.
    let header = order.header(NANOSECONDS, 2 << 28 | 1 << 26 | ETHERNET);
    let found = fault(&[header, order.record(0, 0, &frame(4))]);
    assert_packet_fault!(found, 1, 24, PacketFault::NoFrame { captured: 4, check_sequence: 4 });
}

#[test]
fn link_type_other_than_ethernet_is_named() {
    for order in ORDERS {
        let found = fault(&[order.header(MICROSECONDS, 113)]);
        assert!(
            matches!(found, CaptureFault::LinkType { interface: None, found: 113 }),
            "{found:?}"
        );
        let interfaces = [order.interface(1, 0, &[]), order.interface(101, 0, &[])].concat();
        let file = [order.section(), interfaces, order.enhanced(1, 0, &frame(60))];
        let found = fault(&file);
        assert!(
            matches!(found, CaptureFault::LinkType { interface: Some(1), found: 101 }),
            "{found:?}"
        );
        assert!(found.to_string().contains("interface 1 has link type 101 (RAW)"), "{found}");
    }
}

#[test]
fn packet_cut_by_the_snap_length_is_named_by_its_number() {
    for order in ORDERS {
        let whole = order.record(0, 0, &frame(60));
        let cut = order.record_of(0, 0, 1514, &frame(64));
        let found = fault(&[order.header(MICROSECONDS, ETHERNET), whole, cut]);
        assert_packet_fault!(found, 2, 100, PacketFault::Cut { captured: 64, original: 1514 });

        let opening = [order.section(), order.interface(1, 64, &[])].concat();
        let cut = order.enhanced_of(0, 0, 1514, &frame(64), &[]);
        let found = fault(&[opening.clone(), cut]);
        assert_packet_fault!(found, 1, 48, PacketFault::Cut { captured: 64, original: 1514 });
        let found = fault(&[opening, order.simple(1514, &frame(64))]);
        assert_packet_fault!(found, 1, 48, PacketFault::Cut { captured: 64, original: 1514 });
    }
}

#[test]
fn every_cut_of_a_pcap_is_an_error_or_ends_between_packets() {
    for order in ORDERS {
        let record = order.record(1, 2, &frame(60));
        let file = [order.header(MICROSECONDS, ETHERNET), record.clone(), record].concat();
        for length in 0..file.len() {
            match (parse(&file[..length]), length) {
                (Err(CaptureFault::Empty), 0) => {}
                (Err(CaptureFault::NotACapture { found }), 1..4) => assert_eq!(found.len(), length),
                (Err(CaptureFault::HeaderCut { needed: 24, left }), 4..24) => {
                    assert_eq!(left, length as u64);
                }
                (Ok(frames), 24 | 100) => assert_eq!(frames.len(), (length - 24) / 76),
                (Err(CaptureFault::Packet { number, offset, fault }), _) => {
                    let start = if length < 100 { 24 } else { 100 };
                    assert_eq!((number, offset), (start / 76 + 1, start));
                    let PacketFault::Truncated { needed, left } = fault else { panic!("{fault}") };
                    assert_eq!(left, length as u64 - start);
                    assert_eq!(needed, if left < 16 { 16 } else { 76 });
                }
                (Err(other), _) => panic!("{length}: {other:?}"),
                (Ok(frames), _) => panic!("{} frames of {length} octets", frames.len()),
            }
        }
    }
}

#[test]
fn every_cut_of_a_pcapng_is_an_error_or_ends_between_blocks() {
    for order in ORDERS {
        let blocks =
            [order.section(), order.interface(1, 0, &[]), order.enhanced(0, 0, &frame(60))];
        let ends = [28, 48, 140];
        let file = blocks.concat();
        assert_eq!(file.len(), 140);
        for length in 4..file.len() {
            match parse(&file[..length]) {
                Ok(frames) => {
                    assert!(ends.contains(&length), "{length}");
                    assert_eq!(frames, []);
                }
                Err(CaptureFault::Block { next_packet: 1, offset, fault }) => {
                    let PacketFault::Truncated { needed, left } = fault else { panic!("{fault}") };
                    assert_eq!(left, length as u64 - offset);
                    let end = ends.iter().copied().find(|&end| end > length).unwrap() as u64;
                    assert_eq!(needed, if left < 12 { 12 } else { end - offset });
                }
                Err(other) => panic!("{length}: {other:?}"),
            }
        }
    }
}

#[test]
fn bogus_length_is_refused_before_it_is_believed() {
    for order in ORDERS {
        let length = 1_u32 << 31;
        let mut record = order.record(0, 0, &frame(60));
        record[8..12].copy_from_slice(&order.u32(length));
        let found = fault(&[order.header(MICROSECONDS, ETHERNET), record]);
        assert_packet_fault!(found, 1, 24, PacketFault::TooLong { length: 0x8000_0000 });

        let mut block = order.enhanced(0, 0, &frame(60));
        block[4..8].copy_from_slice(&order.u32(length));
        let opening = [order.section(), order.interface(1, 0, &[])].concat();
        let CaptureFault::Block { next_packet: 1, offset: 48, fault: found } =
            fault(&[opening.clone(), block])
        else {
            panic!("another fault")
        };
        let PacketFault::Truncated { needed, left } = found else { panic!("{found}") };
        assert_eq!((needed, left), (u64::from(length), 92));

        let mut packet = order.enhanced(0, 0, &frame(60));
        packet[20..28].copy_from_slice(&[order.u32(length), order.u32(length)].concat());
        let found = fault(&[opening, packet]);
        assert!(found.to_string().contains("2147483648"), "{found}");
        assert_packet_fault!(found, 1, 48, PacketFault::Malformed(_));

        let long = order.record(0, 0, &frame(LONGEST_FRAME as usize + 1));
        let found = fault(&[order.header(MICROSECONDS, ETHERNET), long]);
        assert_packet_fault!(found, 1, 24, PacketFault::TooLong { length: 262_145 });
    }
}

#[test]
fn contradictions_in_a_packet_are_named() {
    for order in ORDERS {
        let in_pcap = |magic, record: Vec<u8>| fault(&[order.header(magic, ETHERNET), record]);
        let found = in_pcap(MICROSECONDS, order.record_of(0, 0, 59, &frame(60)));
        assert_packet_fault!(
            found,
            1,
            24,
            PacketFault::MoreThanSent { captured: 60, original: 59 }
        );
        let found = in_pcap(MICROSECONDS, order.record(0, 1_000_000, &frame(60)));
        assert_packet_fault!(found, 1, 24, PacketFault::Fraction { units: 1_000_000, .. });
        let found = in_pcap(NANOSECONDS, order.record(0, 1_000_000_000, &frame(60)));
        assert_packet_fault!(found, 1, 24, PacketFault::Fraction { units: 1_000_000_000, .. });
        let found = in_pcap(MICROSECONDS, order.record(0, 0, &[]));
        assert_packet_fault!(found, 1, 24, PacketFault::NoFrame { captured: 0, .. });

        let opening = [order.section(), order.interface(1, 0, &[(9, &[0])])].concat();
        let offset = opening.len() as u64;
        let found = fault(&[opening.clone(), order.enhanced(0, u64::MAX, &frame(60))]);
        assert_packet_fault!(found, 1, offset, PacketFault::Timestamp { seconds: u64::MAX, .. });
        let found = fault(&[opening.clone(), order.enhanced(1, 0, &frame(60))]);
        assert!(found.to_string().contains("Invalid interface ID: 1"), "{found}");
        assert_packet_fault!(found, 1, offset, PacketFault::Malformed(_));
        let packet = order.enhanced_of(0, 0, 59, &frame(60), &[]);
        assert_packet_fault!(fault(&[opening, packet]), 1, offset, PacketFault::Malformed(_));
    }
}

#[test]
fn block_whose_lengths_differ_is_named_with_its_place() {
    for order in ORDERS {
        let mut packet = order.enhanced(0, 0, &frame(60));
        let last = packet.len() - 4;
        packet[last..].copy_from_slice(&order.u32(96));
        let whole = order.enhanced(0, 0, &frame(60));
        let found = fault(&[order.section(), order.interface(1, 0, &[]), whole, packet]);
        assert!(found.to_string().contains("initial 92B, trailing 96B"), "{found}");
        assert!(matches!(found, CaptureFault::Block { next_packet: 2, offset: 140, .. }));
    }
}

#[test]
fn time_resolution_finer_than_nanoseconds_is_refused_by_name() {
    for resolution in [10, 0x80 | 30] {
        let interface = Order::Little.interface(1, 0, &[(9, &[resolution])]);
        let found = fault(&[Order::Little.section(), interface]);
        assert!(found.to_string().contains("Invalid timestamp resolution"), "{found}");
        assert!(found.to_string().contains("editcap"), "{found}");
    }
}

#[test]
fn unknown_version_is_refused() {
    for order in ORDERS {
        let mut header = order.header(MICROSECONDS, ETHERNET);
        header[6..8].copy_from_slice(&order.u16(2));
        let found = fault(&[header]);
        assert!(matches!(found, CaptureFault::Version { major: 2, minor: 2, .. }), "{found:?}");
        let found = fault(&[order.section_of_version(2)]);
        assert!(matches!(found, CaptureFault::Version { major: 2, minor: 0, .. }), "{found:?}");
    }
}

#[test]
fn file_that_is_no_capture_is_named_with_what_it_starts_with() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("in.pcap");
    fs::write(&path, b"\x1f\x8b\x08\x00 compressed").unwrap();
    let error = read(&path).unwrap_err();
    assert!(matches!(error.fault, CaptureFault::NotACapture { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("in.pcap: not a capture: it starts with [1f, 8b, 08, 00]"), "{text}");
    fs::write(&path, b"").unwrap();
    assert!(matches!(read(&path).unwrap_err().fault, CaptureFault::Empty));
    let error = read(directory.path().join("absent")).unwrap_err();
    assert!(matches!(error.fault, CaptureFault::Read(_)), "{error:?}");
}

/// A sound capture of either format, to be damaged.
fn sound(order: Order, classic: bool) -> Vec<u8> {
    let flags = order.u32(4 << 5);
    let file = if classic {
        vec![order.header(NANOSECONDS, ETHERNET), order.record(1, 2, &frame(64))]
    } else {
        vec![
            order.section(),
            order.interface(1, 128, &[(2, b"eth0"), (9, &[0x80 | 20]), (13, &[4])]),
            order.enhanced_of(0, 1 << 40, 64, &frame(64), &[(2, &flags)]),
            order.simple(64, &frame(64)),
            order.obsolete(0, 9, &frame(65)),
        ]
    };
    file.concat()
}

proptest! {
    #[test]
    fn random_octets_never_panic(
        start in prop::sample::select(vec![
            &[][..], &[0x0a, 0x0d, 0x0d, 0x0a], &[0xa1, 0xb2, 0xc3, 0xd4],
            &[0x4d, 0x3c, 0xb2, 0xa1],
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..512),
    ) {
        let _ = parse(&[start, &rest].concat());
    }

    #[test]
    fn damaged_captures_never_panic_and_name_a_place_in_the_file(
        order in prop::sample::select(ORDERS.to_vec()),
        classic: bool,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        length in any::<prop::sample::Index>(),
    ) {
        let mut file = sound(order, classic);
        for (place, octet) in damage {
            let place = place.index(file.len());
            file[place] = octet;
        }
        file.truncate(length.index(2 * file.len()));
        if let Err(CaptureFault::Packet { offset, .. } | CaptureFault::Block { offset, .. }) =
            parse(&file)
        {
            prop_assert!(offset < file.len() as u64);
        }
    }
}
