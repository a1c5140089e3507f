// SPDX-License-Identifier: MIT
//! The block `intake` against docs/pipeline.md, 3.1.

use std::collections::VecDeque;

use rust_hdl::prelude::*;
use vireo_hdl::blocks::intake::Intake;
use vireo_hdl::blocks::slot::Origin;

use crate::bench::{CYCLES, Random, clock, clocked, generates, pack, settle, unpack};
use crate::frames::origin;

clocked!([const W: usize, const K: usize] Intake<W, K>);

#[derive(Clone, Default, PartialEq, Debug)]
enum Out {
    #[default]
    Empty,
    Beat(Beat),
    Gap,
}

#[derive(Clone, PartialEq, Debug)]
struct Beat {
    octets: Vec<u8>,
    first: bool,
    last: bool,
    bad: bool,
    grows: bool,
    origin: Origin,
}

/// What it holds.
#[derive(Default)]
struct Queue {
    ready: bool,
    held: usize,
    out: Out,
    /// Beats of one cycle ago to three: the last goes into the queue at this cycle's end.
    comes: [Option<Beat>; 3],
    beats: VecDeque<Beat>,
}

impl Queue {
    fn clock(&mut self, run: bool, en: bool, offered: Option<Beat>) {
        let accepted = offered.filter(|_| self.ready);
        let (held, mut taken) = (self.held, 0);
        if self.out == Out::Empty || en {
            self.out = match &self.out {
                Out::Beat(beat) if beat.grows => Out::Gap,
                _ => match self.beats.pop_front() {
                    Some(beat) => {
                        taken = 1;
                        Out::Beat(beat)
                    }
                    None => Out::Empty,
                },
            };
        }
        self.held = held + usize::from(accepted.is_some()) - taken;
        assert!(self.held <= 15, "it holds {} beats", self.held);
        self.ready = run && held < 14;
        self.beats.extend(self.comes[2].take());
        self.comes.rotate_right(1);
        self.comes[0] = accepted;
    }
}

/// The next beat of a stream of frames; `open` is the origin of the one that is under way.
fn beat<const K: usize>(random: &mut Random, open: Option<Origin>) -> Beat {
    let origin = open.unwrap_or_else(|| origin(random));
    let last = random.one_in(3);
    let size = if last { 1 + random.below(K as u64) as usize } else { K };
    Beat {
        octets: random.octets(size),
        first: open.is_none(),
        last,
        bad: last && random.one_in(2),
        grows: last && size > K - origin.growth.index(),
        origin,
    }
}

fn agree<const W: usize, const K: usize>() {
    generates::<Intake<W, K>>();
    let mut random = Random::new(W as u64);
    let mut block = Intake::<W, K>::default();
    block.connect_all();
    let mut queue = Queue::default();
    let mut open = None;
    let mut held: Option<Beat> = None;
    let (mut gaps, mut most, mut run) = (0, 0, false);
    for cycle in 0..CYCLES / 4 {
        let rst = cycle < 2 || random.one_in(1000);
        // It stays 1 once the tables are swept.
        run = !rst && (run || random.one_in(8));
        let en = random.below(8) >= cycle / 1000 % 8;
        if held.is_none() && !random.one_in(4) {
            held = Some(beat::<K>(&mut random, open));
        }
        // What means nothing is random: lanes behind the end, `tkeep` and `tuser[0]` before `tlast`, rows behind the first beat.
        let mut lanes = random.octets(K);
        let mut keep = random.bits() >> (64 - K);
        let (mut last, mut bad) = (random.one_in(2), random.one_in(2));
        if let Some(beat) = &held {
            lanes[..beat.octets.len()].copy_from_slice(&beat.octets);
            last = beat.last;
            if beat.last {
                keep = u64::MAX >> (64 - beat.octets.len());
                bad = beat.bad;
            }
        }
        // The rows of a first beat are known three cycles later.
        let rows = match &queue.comes[2] {
            Some(beat) if beat.first => beat.origin,
            _ => origin(&mut random),
        };
        block.rst.next = rst;
        block.run.next = run;
        block.en.next = en;
        block.s_valid.next = held.is_some();
        block.s_data.next = pack(&lanes);
        block.s_keep.next = keep.to_bits();
        block.s_last.next = last;
        block.s_bad.next = bad;
        block.s_origin.next = rows;
        settle(&mut block);
        assert_eq!(block.s_ready.val(), queue.ready, "cycle {cycle}");
        let slot = block.slot.val();
        assert_eq!(slot.valid, matches!(queue.out, Out::Beat(_)), "cycle {cycle}");
        if let Out::Beat(beat) = &queue.out {
            let found = (slot.first, slot.last, slot.bad, slot.size.index());
            assert_eq!(
                found,
                (beat.first, beat.last, beat.bad, beat.octets.len()),
                "cycle {cycle}"
            );
            let mut octets = beat.octets.clone();
            octets.resize(K, 0);
            assert_eq!(unpack(block.data.val()), octets, "cycle {cycle}");
            if beat.first {
                assert_eq!(block.origin.val(), beat.origin, "cycle {cycle}");
            }
        }
        most = most.max(queue.held);
        gaps += u64::from(queue.out == Out::Gap);
        let offered = held.clone();
        if let Some(beat) = held.take_if(|_| queue.ready) {
            open = (!beat.last).then_some(beat.origin);
        }
        queue.clock(run, en, offered);
        if rst {
            (queue, held, open) = (Queue::default(), None, None);
        }
        clock(&mut block);
    }
    assert!(gaps > CYCLES / 1000 && most == 15, "{gaps} gaps, {most} beats");
}

#[test]
fn intake_obeys_its_rule_at_every_width() {
    agree::<64, 8>();
    agree::<128, 16>();
    agree::<256, 32>();
    agree::<512, 64>();
}
