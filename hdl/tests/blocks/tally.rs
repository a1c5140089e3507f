// SPDX-License-Identifier: MIT
//! The block `tally` against what docs/pipeline.md, sections 8 and 9, says of it.
use std::collections::VecDeque;

use crate::bench::{CYCLES, Random, clock, clocked, generates, settle};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::slot::Slot;
use vireo_hdl::blocks::tally::*;
use vireo_hdl::blocks::verdict::Verdict;
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::table::Entity;

clocked!([] Tally);

/// What the tally needs of a frame's verdict.
#[derive(Clone, Copy, Debug)]
struct Fate {
    drop: Option<u64>,
    control: bool,
    at_port: bool,
    growth: u64,
    maximum: u64,
    members: u64,
    port: u64,
    entity: u64,
    class: u64,
    mac: u64,
    vlan: u64,
    link: u64,
    channel: u64,
}

impl Fate {
    fn random(random: &mut Random) -> Self {
        let longest = [64, 256, 16_384, 16_384][random.below(4) as usize];
        Self {
            drop: random.one_in(4).then(|| random.below(DropReason::ALL.len() as u64)),
            control: random.one_in(4),
            at_port: random.one_in(3),
            growth: [0, 4, 6, 8][random.below(4) as usize],
            maximum: random.below(longest),
            members: random.bits(),
            port: random.below(64),
            entity: random.below(512),
            class: random.below(3),
            mac: random.bits() >> 16,
            vlan: random.below(4096),
            link: random.below(8),
            channel: random.below(1 << 22),
        }
    }

    fn pins(&self, random: &mut Random) -> Verdict {
        Verdict {
            drop: self.drop.is_some(),
            reason: self.drop.unwrap_or_else(|| random.below(32)).to_bits(),
            control: self.control,
            at_port: self.at_port,
            growth: self.growth.to_bits(),
            maximum: self.maximum.to_bits(),
            members: self.members.to_bits(),
            port: self.port.to_bits(),
            entity: self.entity.to_bits(),
            class: self.class.to_bits(),
            mac: self.mac.to_bits(),
            vlan: self.vlan.to_bits(),
            link: self.link.to_bits(),
            channel: self.channel.to_bits(),
            // What it has no use for.
            check_source: random.one_in(2),
            tag: random.bits().to_bits(),
            priority: random.below(16).to_bits(),
            id: random.below(256).to_bits(),
            port_vlan: random.below(4096).to_bits(),
        }
    }
}

/// A frame that counts: what it counts as, its copies, its event.
struct Counted {
    count: Count,
    members: u64,
    event: Option<Event>,
}

/// A frame ended: sections 8 and 9.
fn counted(fate: &Fate, removes: bool, octets: u64, bad: bool) -> Counted {
    let octets = octets.min(65_535);
    let net = if removes { octets.saturating_sub(fate.growth) } else { octets };
    let late = if net > fate.maximum {
        Some(DropReason::Oversize)
    } else {
        bad.then_some(DropReason::FrameError)
    };
    let reason = fate.drop.or(late.map(|reason| reason.code().into()));
    let at_port = fate.at_port && fate.drop.is_some();
    let (forwarded, control) =
        (reason.is_none() && !fate.control, reason.is_none() && fate.control);
    let code = |disposition: Disposition| u64::from(disposition.code());
    let disposition = match reason {
        Some(_) if at_port => code(Disposition::AtPort),
        Some(reason) => reason,
        None if control => code(Disposition::Control),
        None => code(Disposition::Forwarded),
    };
    let entity = if at_port { Entity::PortOut(fate.port as u8).code() } else { fate.entity as u16 };
    let event = reason.map(|reason| Event {
        reason: reason.to_bits(),
        entity: entity.to_bits(),
        mac: fate.mac.to_bits(),
        vlan: fate.vlan.to_bits(),
        channel: fate.channel.to_bits(),
        link: fate.link.to_bits(),
    });
    let count = Count {
        valid: true,
        entity: fate.entity.to_bits(),
        class: fate.class.to_bits(),
        octets: octets.to_bits(),
        disposition: disposition.to_bits(),
        at_port: at_port || control && fate.at_port,
        port: fate.port.to_bits(),
        port_disposition: reason.unwrap_or(code(Disposition::Control)).to_bits(),
        forwarded,
        control,
        link: fate.link.to_bits(),
        out_octets: if removes { net } else { octets + fate.growth }.min(65_535).to_bits(),
    };
    Counted { count, members: fate.members, event }
}

/// What says nothing in this count is as it is in the other.
fn comparable(count: Count, other: Count) -> Count {
    Count {
        port_disposition: if other.at_port { count.port_disposition } else { 0u64.to_bits() },
        out_octets: if other.forwarded | other.control { count.out_octets } else { 0u64.to_bits() },
        ..count
    }
}

fn agrees(removes: bool) {
    let mut random = Random::new(removes.into());
    let mut block = Tally::default();
    block.removes.next = removes;
    let mut frame: Option<(Fate, u64, u64)> = None;
    let mut before: Option<Counted> = None;
    // Two slots behind what comes: the slot, the verdict that holds then, and what counts.
    let empty = || VecDeque::from([None, None]);
    let mut line: VecDeque<Option<(Slot, Fate, u64)>> = empty();
    let (mut saturated, mut oversize) = (0, 0);
    for cycle in 0..CYCLES / 2 {
        let en = !random.one_in(4);
        let rst = random.one_in(5000);
        let beat = !random.one_in(4);
        let first = frame.is_none();
        // (fate, octets so far, beats to come): one in some hundred is longer than can be counted.
        let (fate, octets, left) = frame.unwrap_or_else(|| {
            let beats = if random.one_in(400) { 1020 + random.below(20) } else { random.below(6) };
            (Fate::random(&mut random), 0, beats)
        });
        let (last, bad) = (left == 0, left == 0 && random.one_in(4));
        // Only a runt is shorter than its headers, and it is dropped.
        let least = if first && fate.drop.is_none() { 22 } else { 1 };
        let size = if last { least + random.below(65 - least) } else { 64 };
        block.en.next = en;
        block.rst.next = rst;
        let came = Slot { valid: beat, first, last, bad, size: size.to_bits() };
        block.after.next = came;
        // What a frame's verdict says of octets stands with its first beat only.
        let soon = if first { fate } else { Fate::random(&mut random) };
        let out = if removes { soon.growth } else { 0 };
        block.maximum.next = (soon.maximum + out).to_bits();
        block.growth.next = soon.growth.to_bits();
        // So does the rest, a slot before it is at the end.
        let end = line[0];
        let coming = match line[1] {
            Some((Slot { first: true, .. }, fate, _)) => fate,
            _ => Fate::random(&mut random),
        };
        let any = Slot { first: random.one_in(2), last: random.one_in(2), ..Slot::default() };
        block.slot.next = end.map_or(any, |(slot, ..)| slot);
        block.verdict.next = coming.pins(&mut random);
        settle(&mut block);

        let ended = end
            .filter(|(slot, ..)| en && slot.last)
            .map(|(slot, fate, octets)| counted(&fate, removes, octets, slot.bad));
        let shown = block.count.val();
        if cycle > 0 {
            assert_eq!(shown.valid, before.is_some(), "cycle {cycle}");
            let event = before.as_ref().and_then(|counted| counted.event);
            assert_eq!(block.dropped.val(), event.is_some(), "cycle {cycle}: {end:?}");
            if let Some(event) = event {
                assert_eq!(block.event.val(), event, "cycle {cycle}");
            }
        }
        if let Some(Counted { count, members, .. }) = before {
            assert_eq!(comparable(shown, count), comparable(count, count), "cycle {cycle}");
            if count.forwarded {
                assert_eq!(block.members.val().to_u64(), members, "cycle {cycle}");
            }
        }
        if let (Some((_, fate, octets)), true) = (end, ended.is_some()) {
            saturated += u32::from(octets > 65_535);
            oversize += u32::from(octets > fate.maximum);
        }
        if en {
            line.pop_front();
            line.push_back(beat.then_some((came, fate, octets + size)));
        }
        if en && beat {
            frame = (!last).then_some((fate, octets + size, left.saturating_sub(1)));
        }
        before = ended;
        if rst {
            (frame, before, line) = (None, None, empty());
        }
        clock(&mut block);
    }
    assert!(saturated > 0 && oversize > 1000, "{saturated} saturated, {oversize} oversize");
}

#[test]
fn tally_counts_each_frame_once_under_one_disposition() {
    generates::<Tally>();
    agrees(false);
    agrees(true);
}
