// SPDX-License-Identifier: MIT
//! The block `remove` against docs/pipeline.md, 3.7: a frame's beats out are worked out from the whole frame, and leave one
//! with each beat in but the first, the one that is then left in the slot behind.

use std::collections::VecDeque;

use rust_hdl::prelude::*;
use vireo_hdl::blocks::remove::Remove;
use vireo_hdl::blocks::slot::Slot;

use crate::bench::{CYCLES, Job, Left, Random, clock, clocked, generates, pack, settle, unpack};

clocked!([const W: usize, const K: usize, const E: usize, const D: usize] Remove<W, K, E, D>);

fn agree<const W: usize, const K: usize, const E: usize>() {
    generates::<Remove<W, K, E, 33>>();
    let mut random = Random::new(W as u64 + 2);
    let mut block = Remove::<W, K, E, 33>::default();
    block.connect_all();
    let (mut job, mut at) = (None::<Job>, 0);
    // Three slots behind what comes: octets, and the verdict that holds then; and what leaves, a clock later.
    let mut held = Job::random(&mut random, 9);
    let mut line = VecDeque::from(vec![(vec![0; K], held.clone()); 3]);
    let mut leaving = VecDeque::from([None, None, None, None]);
    // What is still to leave of the frame, and what stands in the output's FFs.
    let (mut due, mut out) = (VecDeque::new(), None::<Left>);
    let mut beats = 0;
    for cycle in 0..CYCLES / 4 {
        let (rst, en) = (cycle < 2 || random.one_in(300), !random.one_in(4));
        if job.is_none() && !random.one_in(5) {
            job = Some(Job::random(&mut random, 3 * K as u64 + 10));
            at = 0;
        }
        let came = job.clone().filter(|_| !random.one_in(6));
        let mut slot = Slot { first: random.one_in(2), last: random.one_in(2), ..Slot::default() };
        let mut lanes = random.octets(K);
        if let Some(job) = &came {
            slot = job.slot(at, K);
            lanes = job.octets[at..at + slot.size.index()].to_vec();
            lanes.resize(K, 0);
        }
        // What a frame's verdict says of octets means something with its first beat only.
        let soon =
            came.clone().filter(|_| slot.first).unwrap_or_else(|| Job::random(&mut random, 9));
        // The octets and the rest of the verdict come three slots later.
        let (octets, verdict) = &line[0];
        block.s_data.next = pack(octets);
        block.rst.next = rst;
        block.en.next = en;
        block.s_third.next = slot;
        block.s_drop.next = verdict.drop;
        block.s_growth.next = (soon.growth as u64).to_bits();
        block.s_maximum.next = (soon.maximum as u64).to_bits();
        block.s_priority.next = (verdict.mark & 15).to_bits();
        block.s_dest.next = (verdict.mark >> 8 & 0x1_FFFF_FFFF).to_bits();
        block.s_id.next = (verdict.mark >> 48 & 255).to_bits();
        settle(&mut block);
        assert_eq!(block.m_valid.val(), out.is_some(), "cycle {cycle}");
        if let Some(left) = &out {
            assert_eq!(unpack(block.m_data.val()), left.lanes, "cycle {cycle}");
            assert_eq!(block.m_keep.val().to_u64(), left.keep, "cycle {cycle}");
            assert_eq!(block.m_last.val(), left.last, "cycle {cycle}");
            let user = (left.mark & 15) << 1 | u64::from(left.bad);
            assert_eq!(block.m_user.val().to_u64(), user, "cycle {cycle}");
            assert_eq!(block.m_dest.val().to_u64(), left.mark >> 8 & 0x1_FFFF_FFFF);
            assert_eq!(block.m_id.val().to_u64(), left.mark >> 48 & 255, "cycle {cycle}");
        }
        if en {
            if came.is_some() && slot.first {
                held.clone_from(&soon);
            }
            line.pop_front();
            line.push_back((lanes, held.clone()));
            let mut leaves = None;
            // Behind a frame's last beat what is held of it leaves, whatever comes.
            if job.is_none() || at == 0 || slot.valid && !slot.first {
                leaves = due.pop_front();
            }
            if let Some(whole) = came {
                if slot.first {
                    let (front, tagged) = whole.octets.split_at(whole.octets.len().min(12));
                    let behind = tagged.get(whole.growth..).unwrap_or_default();
                    assert!(due.is_empty(), "cycle {cycle}: a frame still leaves");
                    due = whole.beats(&[front, behind].concat(), whole.maximum, K);
                }
                at += slot.size.index();
                if slot.last {
                    job = None;
                }
            }
            leaving.push_back(leaves);
            out = leaving.pop_front().flatten();
            beats += u64::from(out.is_some());
        }
        if rst {
            (job, out) = (None, None);
            leaving = VecDeque::from([None, None, None, None]);
            due.clear();
        }
        clock(&mut block);
    }
    assert!(beats > CYCLES / 20, "{beats} beats");
}

#[test]
fn remove_takes_the_tag_out_and_cuts_at_the_maximum() {
    agree::<64, 8, 128>();
    agree::<128, 16, 192>();
    agree::<256, 32, 320>();
    agree::<512, 64, 576>();
}
