// SPDX-License-Identifier: MIT
//! The block `counters` against what docs/pipeline.md, section 8, says of it.
use std::collections::{HashMap, VecDeque};

use crate::bench::{CYCLES, Random, clock, clocked, generates, settle};
use crate::traffic::{shown, words};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::counters::*;
use vireo_hdl::blocks::tally::Count;
use vireo_spec::fate::Disposition;
use vireo_spec::table::Entity;

clocked!([const N: usize, const L: usize, const PR: usize, const GR: usize] Counters<N, L, PR, GR>);

const PORTS: usize = 4;
/// 4 ports, 4 links, 4 groups.
type Block = Counters<PORTS, 4, 7, 7>;
const SWEEP: u64 = 4096;

/// A frame that counts.
#[derive(Clone, Copy)]
struct Frame {
    entity: Entity,
    class: usize,
    octets: u64,
    disposition: Disposition,
    /// At a virtual port.
    port: Option<(u8, Disposition)>,
    out_octets: u64,
    link: u8,
    members: u64,
}

fn disposition(random: &mut Random) -> Disposition {
    // Not "at port", which is a link's alone.
    let any = Disposition::all().nth(random.below(16) as usize).unwrap();
    if random.one_in(2) { Disposition::Forwarded } else { any }
}

fn octets(random: &mut Random) -> u64 {
    let bits = 6 + random.below(11);
    random.below(1 << bits)
}

/// What frames may add to a round: what a frame holds that began before it, and a beat in each clock.
const ROOM: u64 = 65_535 + 128 * 64;

/// A frame that entered by a port, a group or from the control plane; `room` is what may still leave in this round.
fn upward(random: &mut Random, room: u64) -> Frame {
    let entity = match random.below(3) {
        0 => Entity::PortIn(random.below(PORTS as u64) as u8),
        1 => Entity::GroupIn(random.below(3) as u8),
        _ => Entity::ControlIn,
    };
    Frame {
        entity,
        class: random.below(3) as usize,
        octets: octets(random),
        disposition: disposition(random),
        port: None,
        out_octets: octets(random).min(room),
        link: random.below(3) as u8,
        members: 0,
    }
}

/// A frame that entered by a link.
fn downward(random: &mut Random, room: u64, room_in: u64) -> Frame {
    let link = random.below(3) as u8;
    let mut frame = Frame { entity: Entity::LinkIn(link), link, ..upward(random, room) };
    frame.octets = frame.octets.min(room_in);
    let port = random.below(PORTS as u64) as u8;
    frame.members = random.bits() & ((1 << PORTS) - 1);
    match random.below(6) {
        0 => {
            frame.disposition = Disposition::AtPort;
            frame.port = Some((port, Disposition::Dropped(vireo_spec::fate::DropReason::TagDepth)));
        }
        1 => {
            frame.disposition = Disposition::Control;
            frame.port = random.one_in(2).then_some((port, Disposition::Control));
        }
        _ => {}
    }
    frame
}

fn pins(frame: Option<Frame>, random: &mut Random) -> Count {
    let Some(frame) = frame else {
        // What is beside an invalid count is nothing.
        return Count {
            forwarded: random.one_in(2),
            at_port: random.one_in(2),
            ..Count::default()
        };
    };
    let (port, port_disposition) = frame.port.unwrap_or((1, Disposition::Forwarded));
    Count {
        valid: true,
        entity: frame.entity.code().to_bits(),
        class: frame.class.to_bits(),
        octets: frame.octets.to_bits(),
        disposition: frame.disposition.code().to_bits(),
        at_port: frame.port.is_some(),
        port: port.to_bits(),
        port_disposition: port_disposition.code().to_bits(),
        forwarded: frame.disposition == Disposition::Forwarded,
        control: frame.disposition == Disposition::Control,
        link: frame.link.to_bits(),
        out_octets: frame.out_octets.to_bits(),
    }
}

/// A bank: sums by row.
#[derive(Default)]
struct Bank {
    traffic: HashMap<u16, [u64; 4]>,
    frames: HashMap<u16, u64>,
}

impl Bank {
    fn traffic(&mut self, entity: Entity, class: usize, octets: u64) {
        let sums = self.traffic.entry(entity.code()).or_default();
        sums[class] += 1;
        sums[3] += octets;
    }

    fn disposition(&mut self, entity: Entity, disposition: Disposition) {
        *self.frames.entry(entity.row(disposition)).or_default() += 1;
    }

    fn count(&mut self, frame: &Frame, up: bool) {
        self.traffic(frame.entity, frame.class, frame.octets);
        self.disposition(frame.entity, frame.disposition);
        if let Some((port, disposition)) = frame.port {
            self.disposition(Entity::PortOut(port), disposition);
        }
        let mut leaves = |entity| self.traffic(entity, frame.class, frame.out_octets);
        match (frame.disposition, up) {
            (Disposition::Control, true) => leaves(Entity::ControlOutAtLink),
            (Disposition::Control, false) => leaves(Entity::ControlOut),
            (Disposition::Forwarded, true) => leaves(Entity::LinkOut(frame.link)),
            (Disposition::Forwarded, false) => (0..PORTS as u8)
                .filter(|port| frame.members >> port & 1 == 1)
                .for_each(|port| leaves(Entity::PortOut(port))),
            _ => {}
        }
    }
}

/// A snapshot on its way: written in this cycle, then swapped at the end of that one.
enum Snapshot {
    None,
    Written(u64),
    Swapped(u64),
}

fn row(random: &mut Random) -> u64 {
    let entity = match random.below(10) {
        0 => random.below(512) as u16,
        1..5 => random.below(8) as u16 * 64,
        _ => random.below(8) as u16 * 64 + random.below(5) as u16,
    };
    if random.one_in(2) { entity.into() } else { u64::from(entity) << 5 | random.below(20) }
}

#[test]
fn counters_count_every_frame_once_in_the_bank_of_its_cycle() {
    generates::<Block>();
    let mut random = Random::new(13);
    let mut block = Block::default();
    let mut banks = [Bank::default(), Bank::default()];
    let (mut active, mut active_before) = (0, 0);
    let mut snapshot = Snapshot::None;
    // Cycles since the reset; what entered a cycle ago; rows asked for in the last six cycles, `None` if they cannot be read.
    let mut at = 0;
    let mut ended: [Option<Frame>; 2] = [None, None];
    let mut reads: VecDeque<Option<u64>> = VecDeque::from([None; 6]);
    let (mut room, mut asked) = ([0; 3], 0);
    let (mut snapshots, mut nonzero) = (0, 0);
    for cycle in 0..CYCLES {
        let sweep = at < SWEEP;
        let busy = !matches!(snapshot, Snapshot::None);
        // Resets come seldom: each costs a sweep. Some come while a snapshot is taken.
        let rst = random.one_in(20_000);
        let write = !sweep && !busy && random.one_in(300);
        // Software's row stands still until it is read.
        if random.one_in(24) {
            asked = row(&mut random);
        }
        block.rst.next = rst;
        block.sweep.next = sweep;
        block.tick.next = (at & 0xFFF).to_bits();
        block.snapshot.next = write;
        block.up.next = pins(ended[0], &mut random);
        block.down.next = pins(ended[1], &mut random);
        let members = ended[1].map_or(!0, |frame| frame.members);
        block.members.next = members.to_bits();
        block.row.next = asked.to_bits();
        block.of_traffic.next = true;
        block.of_disposition.next = true;
        settle(&mut block);

        let complete = matches!(snapshot, Snapshot::Swapped(s) if at == s + 160);
        assert_eq!(block.busy.val(), busy, "cycle {cycle}, {at} since reset");
        assert_eq!(block.complete.val(), complete, "cycle {cycle}, {at} since reset");
        let stands = reads.iter().all(|&row| row == Some(asked));
        if let Some(row) = reads[0].filter(|_| stands) {
            let idle = &banks[1 - active];
            if row < 512 {
                let sums = idle.traffic.get(&(row as u16)).copied().unwrap_or_default();
                let value = shown(block.traffic.val());
                assert_eq!(value, words(&sums), "cycle {cycle}, traffic {row:#x}");
                nonzero += u32::from(sums[3] > 0);
            }
            let frames = idle.frames.get(&(row as u16)).copied().unwrap_or_default();
            let value = block.disposition.val().to_u64();
            assert_eq!(value, frames, "cycle {cycle}, disposition {row:#x}");
            nonzero += u32::from(frames > 0);
        }

        // What stands at the inputs counted a cycle ago.
        for (frame, up) in ended.iter().zip([true, false]) {
            if let Some(frame) = frame {
                banks[active_before].count(frame, up);
            }
        }
        reads.pop_front();
        reads.push_back((!sweep && !busy).then_some(asked));
        if at % 128 == 0 {
            room = [ROOM; 3];
        }
        ended = [None, None];
        if !sweep {
            // A round in which frames end in clock after clock, and three with few.
            let rarely = if at % 512 < 128 { 2 } else { 16 };
            ended[0] = random.one_in(rarely).then(|| upward(&mut random, room[0]));
            ended[1] = random.one_in(rarely).then(|| downward(&mut random, room[1], room[2]));
            room[0] -= ended[0].map_or(0, |frame| frame.out_octets);
            room[1] -= ended[1].map_or(0, |frame| frame.out_octets);
            room[2] -= ended[1].map_or(0, |frame| frame.octets);
        }
        active_before = active;
        match snapshot {
            Snapshot::None if write => snapshot = Snapshot::Written(at),
            Snapshot::Written(x) if at >= x + 2049 && at % 128 == 127 => {
                snapshot = Snapshot::Swapped(at);
                active = 1 - active;
                banks[active] = Bank::default();
                snapshots += 1;
            }
            Snapshot::Swapped(_) if complete => snapshot = Snapshot::None,
            _ => {}
        }
        at += 1;
        if rst {
            (banks, snapshot) = (Default::default(), Snapshot::None);
            (active, active_before, at, ended) = (0, 0, 0, [None, None]);
            reads = VecDeque::from([None; 6]);
        }
        clock(&mut block);
    }
    assert!(snapshots > 20 && nonzero > 5000, "{snapshots} snapshots, {nonzero} sums read");
}
