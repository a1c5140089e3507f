// SPDX-License-Identifier: MIT
//! The block `recipients` against docs/rules.md, "Enters at a link", 6 and 7, at the clocks of docs/pipeline.md, 3.4.

use std::collections::VecDeque;

use rust_hdl::prelude::*;
use vireo_hdl::blocks::commit::Commit;
use vireo_hdl::blocks::recipients::Recipients;
use vireo_hdl::blocks::slot::Origin;
use vireo_hdl::blocks::verdict::Verdict;
use vireo_spec::ether::{ADDRESSES_LEN, EtherType};
use vireo_spec::fate::DropReason;
use vireo_spec::field::Words;
use vireo_spec::pins::StreamId;
use vireo_spec::rows::{PortRow, port};
use vireo_spec::tag::{ETagView, IngressECid, TagFamily, VnTagView};

use crate::bench::{CYCLES, Random, bus_words, clock, clocked, generates, settle};
use crate::frames::{Frame, described, origin};
use crate::host_checks::{Fate, fate};
use crate::verdict::verdict;

clocked!([const N: usize, const PA: usize, const L: usize] Recipients<N, PA, L>);

/// A frame on its way from `c+12`.
#[derive(Clone, Debug)]
struct Job {
    frame: Frame,
    origin: Origin,
    hit: bool,
    listed: u64,
    verdict: Verdict,
}

impl Job {
    fn family(&self) -> TagFamily {
        TagFamily::from_code(self.origin.family.to_u8()).expect("a family")
    }

    fn random(random: &mut Random, ports: usize, links: usize) -> Self {
        let link = random.below(links as u64).to_bits();
        let origin = Origin { link, ..origin(random) };
        let family = TagFamily::from_code(origin.family.to_u8()).expect("a family");
        let mut tags = vec![family.ethertype()];
        let inner = Frame::random(random).announces;
        tags.extend(
            inner.iter().filter(|_| random.one_in(2)).take(3).filter(|ethertype| {
                ethertype.is_vlan_tag() || TagFamily::of(**ethertype).is_some()
            }),
        );
        let mut frame = Frame::with_tags(random, &tags);
        // It comes from one of a few.
        let source = few(random);
        let above = random.below(16) << 12;
        match family {
            TagFamily::ETag => {
                let [high, low] = ((source >> 8 | above) as u16).to_be_bytes();
                (frame.octets[14], frame.octets[15], frame.octets[18]) = (high, low, source as u8);
            }
            TagFamily::VnTag => {
                let [high, low] = ((source & 0xFFF | above) as u16).to_be_bytes();
                (frame.octets[16], frame.octets[17]) = (high, low);
            }
            TagFamily::STag => (),
        }
        let verdict = Verdict {
            drop: random.one_in(8),
            control: false,
            at_port: false,
            check_source: false,
            members: 0.into(),
            link,
            mac: described(&frame.octets, true, family == TagFamily::STag).mac,
            ..verdict(random)
        };
        let verdict = Verdict { control: !verdict.drop && random.one_in(8), ..verdict };
        let listed = match random.below(4) {
            0 => 1 << random.below(ports as u64),
            1 => random.bits(),
            _ => random.bits() & random.bits() & random.bits(),
        };
        let listed = listed & u64::MAX >> (64 - ports);
        Self { frame, origin, hit: !random.one_in(8), listed, verdict }
    }

    /// The members that the frame came from.
    fn same(&self, row: &PortRow) -> bool {
        let tag = &self.frame.octets[ADDRESSES_LEN..];
        let link = u64::from(row.link) == self.origin.link.to_u64();
        link && match self.family() {
            TagFamily::ETag => {
                let ingress = ETagView::new_checked(tag).expect("an E-TAG").ingress();
                let own = row.channel.ecid();
                ingress != IngressECid::NONE
                    && (own.base(), own.ext()) == (ingress.base(), ingress.ext())
            }
            TagFamily::VnTag => {
                let view = VnTagView::new_checked(tag).expect("a VN-Tag");
                view.looped() && row.channel.vif() == view.source().to_vif()
            }
            TagFamily::STag => false,
        }
    }

    fn lowest(&self) -> usize {
        if self.listed == 0 { 0 } else { self.listed.trailing_zeros() as usize }
    }

    /// The VLAN with the lowest member's pvid.
    fn vlan(&self, row: &PortRow) -> u64 {
        let at = ADDRESSES_LEN + self.family().len();
        let tag = u16::from_be_bytes([self.frame.octets[at + 2], self.frame.octets[at + 3]]);
        match self.frame.announces[1] {
            EtherType::C_TAG if tag & 0xFFF != 0 => u64::from(tag & 0xFFF),
            _ => row.pvid.into(),
        }
    }

    /// The verdict in `c+18`, and the binding key in `c+16`, with the rows of `c+14`; what does not matter is as it was.
    fn judged(&self, table: &[PortRow]) -> (Verdict, u128) {
        let at = self.lowest();
        let row = &table[at];
        let (vlan, mut verdict) = (self.vlan(row), self.verdict);
        let key = u128::from(vlan) | u128::from(self.mac()) << 12 | (at as u128) << 60;
        verdict.port = (at as u64).to_bits();
        verdict.port_vlan = vlan.to_bits();
        if verdict.drop || verdict.control {
            return (verdict, key);
        }
        let mut refuse = |reason: DropReason| {
            verdict.drop = true;
            verdict.reason = u64::from(reason.code()).to_bits();
        };
        if !self.hit {
            refuse(DropReason::ChannelMiss);
        } else if !self.origin.bridge {
            let gets = |&port: &usize| {
                self.listed >> port & 1 == 1 && table[port].enabled && !self.same(&table[port])
            };
            let members = (0..table.len()).filter(gets).fold(0, |map, port| map | 1_u64 << port);
            if members == 0 {
                refuse(DropReason::Pruned);
            }
            verdict.members = members.to_bits();
        } else if self.listed == 0 {
            refuse(DropReason::Pruned);
        } else {
            let family = self.family();
            let s_tag_link = family == TagFamily::STag;
            let checked =
                fate(&self.frame, family.len(), s_tag_link, row.guard_reserved, row.control);
            verdict.at_port = true;
            verdict.members = (1_u64 << at).to_bits();
            if !row.enabled || matches!(checked, Fate::Drop(_)) {
                verdict.drop = true;
                verdict.vlan = vlan.to_bits();
                let reason = match checked {
                    Fate::Drop(reason) if row.enabled => reason,
                    _ => DropReason::PortDisabled,
                };
                verdict.reason = u64::from(reason.code()).to_bits();
            } else if checked == Fate::Control {
                verdict.control = true;
                verdict.members = 0.into();
                verdict.id = u64::from(StreamId::PortControl(at as u8).code()).to_bits();
            } else {
                verdict.check_source = row.check_source;
            }
        }
        (verdict, key)
    }

    fn mac(&self) -> u64 {
        self.frame.octets[6..12].iter().fold(0, |mac, &octet| mac << 8 | u64::from(octet))
    }
}

/// One of a few channels, so that sources and members meet; 0 among them.
fn few(random: &mut Random) -> u64 {
    [0, 0x1, 0x100, 0x101, 0xF_FFFF, 0xABC][random.below(6) as usize]
}

fn agree<const N: usize, const PA: usize, const L: usize>(cycles: u64) {
    generates::<Recipients<N, PA, L>>();
    let mut random = Random::new(N as u64);
    let mut block = Recipients::<N, PA, L>::default();
    block.connect_all();
    let mut table = vec![PortRow::default(); N];
    // What is in `c+13` and `c+14`, and, with the rows read, from `c+18` back to `c+15`.
    let mut way: [Option<Job>; 2] = [None, None];
    let mut judged: VecDeque<Option<(Job, Verdict, u128)>> =
        VecDeque::from([None, None, None, None]);
    let (mut pruned, mut passed) = (0, 0);
    for cycle in 0..cycles {
        let en = !random.one_in(4);
        let mut words: Words = [0; 8];
        (0..3).for_each(|word| words[word] = random.bits() as u32);
        port::CHANNEL.set(&mut words, few(&mut random) | random.below(4) << 20);
        port::ENABLED.set(&mut words, u64::from(!random.one_in(4)));
        port::GUARD_RESERVED.set(&mut words, u64::from(random.one_in(4)));
        let (write, at) = (random.one_in(2), random.bits() & 0xFFF);
        let job = Job::random(&mut random, N, L);
        block.en.next = en;
        block.commit.next = Commit {
            port: write,
            row: at.to_bits(),
            words: bus_words(&words),
            ..Commit::default()
        };
        let header =
            |job: &Job| described(&job.frame.octets, true, job.family() == TagFamily::STag);
        // In `c` it says who sent it.
        let other = Job::random(&mut random, N, L);
        block.hit.next = job.hit;
        block.listed.next = job.listed.to_bits();
        let in_14 = way[1].as_ref().unwrap_or(&other);
        block.header.next = header(in_14);
        block.origin.next = in_14.origin;
        settle(&mut block);
        block.source.next = block.header_source.val();
        let in_15 = judged[3].as_ref().map_or(&other, |(job, ..)| job);
        block.parsed.next = header(in_15);
        let in_18 = judged[0].as_ref().map_or(&other, |(job, ..)| job);
        block.s_verdict.next = in_18.verdict;
        settle(&mut block);
        if let Some((_, _, key)) = judged[2] {
            let found = block.key.val();
            let found = u128::from(found.get_bits::<64>(0).to_u64())
                | u128::from(found.get_bits::<8>(64).to_u64()) << 64;
            assert_eq!(found, key, "cycle {cycle}");
        }
        if let Some((_, mut expected, _)) = judged[0].clone() {
            let found = block.verdict.val();
            if expected.drop || expected.control {
                // Nobody gets it.
                expected.members = found.members;
            }
            assert_eq!(found, expected, "cycle {cycle}");
            pruned +=
                u64::from(expected.drop && expected.reason.to_u8() == DropReason::Pruned.code());
            passed += u64::from(!expected.drop);
        }
        if en {
            judged.pop_front();
            judged.push_back(way[1].take().map(|job| {
                let (verdict, key) = job.judged(&table);
                (job, verdict, key)
            }));
            way[1] = way[0].take();
            way[0] = Some(job);
        }
        if write {
            let row = PortRow::unpack(&words);
            table[at as usize % N] = PortRow { link: row.link % L as u8, ..row };
        }
        clock(&mut block);
    }
    assert!(pruned > cycles / 50 && passed > cycles / 5, "{pruned} pruned, {passed} passed");
}

#[test]
fn recipients_are_the_members_that_the_rules_leave() {
    // A port is as the next; the fewer, the faster.
    agree::<2, 1, 1>(CYCLES * 4 / 10);
    agree::<8, 3, 2>(CYCLES * 4 / 10);
    agree::<32, 5, 4>(CYCLES / 10);
    agree::<64, 6, 8>(CYCLES / 10);
}
