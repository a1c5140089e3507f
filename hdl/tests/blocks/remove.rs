use crate::bench::{Job, Random, clock, clocked, generates, pack, settle, unpack};
use rust_hdl::prelude::*;
use std::collections::VecDeque;
use vireo_hdl::blocks::remove::*;
use vireo_hdl::blocks::slot::Slot;

clocked!([const W: usize, const K: usize, const E: usize, const D: usize] Remove<W, K, E, D>);

fn agree<const W: usize, const K: usize, const E: usize>() {
    generates::<Remove<W, K, E, 33>>();
    let mut random = Random::new(W as u64 + 2);
    let mut block = Remove::<W, K, E, 33>::default();
    let mut expected = VecDeque::new();
    let (mut job, mut at) = (None::<Job>, 0);
    let mut beats = 0;
    for cycle in 0..8000 {
        let en = !random.one_in(4);
        block.en.next = en;
        if job.is_none() && !random.one_in(5) {
            job = Some(Job::random(&mut random, 3 * K as u64 + 10));
            at = 0;
        }
        let mut slot = Slot { first: random.one_in(2), last: random.one_in(2), ..Slot::default() };
        if let (Some(job), false) = (&job, random.one_in(6)) {
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
        let verdict =
            job.clone().filter(|_| slot.first && slot.valid).unwrap_or(Job::random(&mut random, 9));
        block.s_drop.next = verdict.drop;
        block.s_growth.next = (verdict.growth as u64).to_bits();
        block.s_maximum.next = (verdict.maximum as u64).to_bits();
        block.s_priority.next = (verdict.mark & 15).to_bits();
        block.s_dest.next = (verdict.mark >> 8 & 0xFFFF).to_bits();
        block.s_id.next = (verdict.mark >> 24 & 255).to_bits();
        settle(&mut block);
        if en && slot.valid {
            let whole = job.clone().expect("a slot has a frame");
            if slot.first {
                let octets = [&whole.octets[..12], &whole.octets[12 + whole.growth..]].concat();
                for beat in whole.beats(&octets, whole.maximum, K) {
                    expected.push_back((beat, whole.mark));
                }
            }
            at += slot.size.index();
            if slot.last {
                job = None;
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
            assert_eq!(block.m_dest.val().to_u64(), mark >> 8 & 0xFFFF);
            assert_eq!(block.m_id.val().to_u64(), mark >> 24 & 255);
            beats += 1;
        }
    }
    assert!(expected.len() < 30 && beats > 1500, "{beats} beats, {} late", expected.len());
}

#[test]
fn remove_takes_the_tag_out_and_cuts_at_the_maximum() {
    agree::<64, 8, 128>();
    agree::<128, 16, 192>();
    agree::<256, 32, 320>();
    agree::<512, 64, 576>();
}
