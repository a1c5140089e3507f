// SPDX-License-Identifier: MIT
//! Scenarios of the counters: classes, banks, and that no frame is counted twice or not at all.

use std::ops::Range;

use vireo_spec::fate::Disposition;
use vireo_spec::tag::Role::{Bridge, Extender};
use vireo_spec::tag::TagFamily::ETag;

use super::*;

#[test]
fn classes_go_by_the_destination_with_zeros_for_what_is_missing() {
    let mut bench = Bench::new(Extender, ETag);
    for octets in [vec![], vec![0xFF; 5], vec![0xFF; 6], vec![0x01; 3], vec![0x02; 70_000]] {
        bench.enter_port(3, &octets);
    }
    bench.snapshot();
    let octets = 5 + 6 + 3 + 65_535;
    assert_eq!(bench.traffic(Entity::PortIn(3)), [2, 2, 1, octets], "a frame's octets saturate");
}

#[test]
fn reads_repeat_until_the_banks_swap() {
    let mut bench = Bench::new(Extender, ETag);
    bench.port(3, 20, |_| {});
    bench.enter_port(3, &data(&IPV4));
    assert_eq!(bench.traffic(Entity::PortIn(3)), [0; 4], "the active bank is not read");
    bench.snapshot();
    bench.enter_port(3, &data(&IPV4));
    assert_eq!(bench.traffic(Entity::PortIn(3)), [1, 0, 0, 64]);
    assert_eq!(bench.traffic(Entity::PortIn(3)), [1, 0, 0, 64]);
    bench.enter_port(3, &data(&IPV4));
    bench.snapshot();
    assert_eq!(bench.traffic(Entity::PortIn(3)), [2, 0, 0, 128]);
    bench.snapshot();
    assert_eq!(bench.traffic(Entity::PortIn(3)), [0; 4]);
}

#[test]
fn control_plane_of_ports_and_links_is_one_entity() {
    let mut bench = Bench::new(Bridge, ETag);
    bench.port(3, 20, |_| {});
    for id in [StreamId::LinkControl(0), StreamId::LinkControl(1), StreamId::PortControl(3)] {
        assert!(bench.enter(id, None, &data(&IPV4)).is_some());
    }
    bench.snapshot();
    assert_eq!(bench.traffic(Entity::ControlIn), [3, 0, 0, 3 * 64]);
    assert_eq!(bench.traffic(Entity::PortIn(3)), [0; 4]);
    assert_eq!(bench.traffic(Entity::LinkOut(0)), [2, 0, 0, 64 + 72]);
    assert_eq!(bench.traffic(Entity::LinkOut(1)), [1, 0, 0, 64]);
}

/// Splitmix64: a frame's octets need no better.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    fn in_range(&mut self, range: Range<usize>) -> usize {
        range.start + self.next() as usize % range.len()
    }

    fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.in_range(0..of.len())]
    }

    /// Mostly near what the machine looks at, any length from 0, now and then oversize.
    fn frame(&mut self) -> Vec<u8> {
        let destinations = [&DESTINATION, &RESERVED, &[0xFF; 6], &[1, 0, 0x5E, 0, 0, 1]];
        let mut frame = self.pick(&destinations).to_vec();
        frame.extend(self.pick(&[&SOURCE, &RESERVED, &[2; 6]]));
        let tags: [&[u8]; 12] = [
            &[0x89, 0x3F, 0, 0, 0, 20, 0, 0],
            &[0x89, 0x3F, 0, 20, 0x10, 1, 0, 0],
            &[0x89, 0x26, 0x80, 20, 0, 0],
            &[0x89, 0x26, 0, 0, 0, 20],
            &[0x89, 0x26, 0xC0, 5, 0x80, 20],
            &[0x88, 0xA8, 0, 20],
            &[0x81, 0, 0, 101],
            &[0x81, 0, 0x0F, 0xFF],
            &[0x91, 0, 0, 20],
            &[0x88, 0x08],
            &[0x88, 0xCC],
            &[],
        ];
        for _ in 0..self.in_range(0..5) {
            frame.extend(self.pick(&tags));
        }
        frame.extend(self.pick::<[u8]>(&[&[0x08, 0x00], &[0x88, 0xCC], &[0x89, 0x40]]));
        match self.in_range(0..8) {
            0 => frame.truncate(self.in_range(0..frame.len() + 1)),
            1 => frame.resize(usize::from(MAXIMUM) + self.in_range(0..20), 0),
            _ => frame.resize(self.in_range(60..128), 0),
        }
        frame
    }
}

/// A machine where every port checks something else.
fn busy_bench(role: Role, family: TagFamily) -> Bench {
    let mut bench = Bench::new(role, family);
    for port in 0..8 {
        bench.port(port, 20 + u16::from(port), |row| {
            row.enabled = port != 5;
            row.link = port & 1;
            row.control = port & 2 != 0;
            row.guard_reserved = port == 4;
            row.check_source = port & 4 != 0;
        });
        bench.members(port & 1, channel(family, 20 + u16::from(port)), &[port.into()]);
    }
    bench.members(0, etag_channel(1, 1, 0), &[0, 2, 5]);
    bench.members(0, vif_list(5), &[0, 1]);
    bench.members(1, channel(family, 20), &[4]);
    bench.group(1, if family == ETag { etag_channel(1, 1, 0) } else { vif_list(5) }, |_| {});
    bench.bind(4, SOURCE, 101);
    bench.bind_any(&[6], 0);
    bench
}

#[test]
fn every_frame_has_one_disposition_and_every_good_copy_a_place() {
    let seed = std::env::var("VIREO_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    println!("repeat: VIREO_SEED={seed} cargo test -p vireo-model every_frame_has_one_disposition");
    let mut random = Random(seed);
    for role in [Extender, Bridge] {
        for family in TagFamily::ALL {
            let mut bench = busy_bench(role, family);
            let mut entered = vec![0u32; Entity::COUNT];
            let mut good = 0;
            for _ in 0..20_000 {
                let (sent, bad) = (random.frame(), random.in_range(0..20) == 0);
                let index = random.in_range(0..8) as u8;
                let id = StreamId::from_code(random.next() as u8 & 0xC0 | index);
                let (entity, left) = if random.next() & 1 == 0 {
                    let entity = match id {
                        StreamId::Port(port) => Entity::PortIn(port),
                        StreamId::Group(group) => Entity::GroupIn(group),
                        _ => Entity::ControlIn,
                    };
                    (
                        entity,
                        bench.machine.from_port(id, Some(index), priority(1, false), &sent, bad),
                    )
                } else {
                    (Entity::LinkIn(index & 1), bench.machine.from_link(index, &sent, bad))
                };
                entered[usize::from(entity.code())] += 1;
                good += left.filter(|left| !left.bad).map_or(0, |left| match left.to {
                    Destination::Ports(members) => members.iter().count() as u64,
                    _ => 1,
                });
            }
            bench.snapshot();
            let mut sum = |entity| -> u32 {
                Disposition::all().map(|disposition| bench.count(entity, disposition)).sum()
            };
            for (code, &frames) in entered.iter().enumerate().filter(|&(_, &frames)| frames > 0) {
                let entity = Entity::from_code(code as u16).unwrap();
                assert_eq!(sum(entity), frames, "{role} {family} {entity:?}");
            }
            let links = [0, 1].map(Entity::LinkIn);
            let at_port: u32 = links.map(|at| bench.count(at, Disposition::AtPort)).iter().sum();
            assert_eq!(at_port > 0, role == Bridge, "the traffic reaches virtual ports' checks");
            let drops: u32 = (0..8)
                .flat_map(|port| DropReason::ALL.iter().map(move |&reason| (port, reason)))
                .map(|(port, reason)| {
                    bench.count(Entity::PortOut(port), Disposition::Dropped(reason))
                })
                .sum();
            assert_eq!(at_port, drops, "{role} {family}");
            let out = (0x100..0x200).filter_map(Entity::from_code);
            let copies: u64 =
                out.map(|entity| bench.traffic(entity)[..3].iter().sum::<u64>()).sum();
            assert_eq!(copies, good, "{role} {family}");
        }
    }
}
