use crate::bench::{Job, Random, clock, clocked, generates, pack, settle, unpack};
use rust_hdl::prelude::*;
use std::collections::VecDeque;
use vireo_hdl::blocks::insert::*;
use vireo_hdl::blocks::slot::Slot;

clocked!([const W: usize, const K: usize, const E: usize] Insert<W, K, E>);

fn agree<const W: usize, const K: usize, const E: usize>() {
    generates::<Insert<W, K, E>>();
    let mut random = Random::new(W as u64 + 1);
    let mut block = Insert::<W, K, E>::default();
    let mut expected = VecDeque::new();
    let (mut job, mut at, mut gap) = (None::<Job>, 0, true);
    let mut beats = 0;
    block.en.next = true;
    for cycle in 0..8000 {
        let en = !random.one_in(4);
        block.en.next = en;
        if job.is_none() && !gap && !random.one_in(5) {
            job = Some(Job::random(&mut random, 3 * K as u64 + 10));
            at = 0;
        }
        let mut slot = Slot::default();
        let bubble = random.one_in(6);
        if let (Some(job), false) = (&job, bubble) {
            let size = (job.octets.len() - at).min(K);
            slot = Slot {
                valid: true,
                first: at == 0,
                last: at + size == job.octets.len(),
                bad: job.bad && at + size == job.octets.len(),
                size: (size as u64).to_bits(),
            };
            block.s_data.next = pack(&job.octets[at..at + size]);
        }
        block.s_slot.next = slot;
        // The verdict means something with a first beat only.
        let verdict =
            job.clone().filter(|_| slot.first && slot.valid).unwrap_or(Job::random(&mut random, 9));
        block.s_drop.next = verdict.drop;
        block.s_growth.next = (verdict.growth as u64).to_bits();
        block.s_tag.next = verdict.tag.to_bits();
        block.s_maximum.next = (verdict.maximum as u64).to_bits();
        block.s_priority.next = (verdict.mark & 15).to_bits();
        block.s_dest.next = (verdict.mark >> 8 & 255).to_bits();
        settle(&mut block);
        if en {
            gap = false;
            if slot.valid {
                let done = job.clone().filter(|_| slot.last);
                if slot.first {
                    let whole = job.as_ref().expect("a slot has a frame");
                    let tag = whole.tag.to_le_bytes();
                    let (front, behind) = whole.octets.split_at(12);
                    let octets = [front, &tag[..whole.growth], behind].concat();
                    for beat in whole.beats(&octets, whole.maximum + whole.growth, K) {
                        expected.push_back((beat, whole.mark));
                    }
                }
                at += slot.size.index();
                if done.is_some() {
                    // The intake leaves a gap where the frame's end may overflow.
                    gap = slot.size.index() + 8 > K;
                    job = None;
                }
            }
        }
        clock(&mut block);
        if en && block.m_valid.val() {
            let ((octets, last, bad), mark) = expected.pop_front().expect("a beat is due");
            let mut lanes = octets.clone();
            lanes.resize(K, 0);
            assert_eq!(unpack(block.m_data.val()), lanes, "cycle {cycle}");
            let keep: Vec<bool> = (0..K).map(|lane| block.m_keep.val().get_bit(lane)).collect();
            assert!((0..K).all(|lane| keep[lane] == (lane < octets.len())), "cycle {cycle}");
            assert_eq!(block.m_last.val(), last, "cycle {cycle}");
            assert_eq!(
                block.m_user.val().to_u64(),
                (mark & 15) << 1 | u64::from(bad),
                "cycle {cycle}"
            );
            assert_eq!(block.m_dest.val().to_u64(), mark >> 8 & 255);
            beats += 1;
        }
    }
    assert!(expected.len() < 30 && beats > 1500, "{beats} beats, {} late", expected.len());
}

#[test]
fn insert_puts_the_tag_behind_the_addresses_and_cuts_at_the_maximum() {
    agree::<64, 8, 128>();
    agree::<128, 16, 192>();
    agree::<256, 32, 320>();
    agree::<512, 64, 576>();
}
