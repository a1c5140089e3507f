use crate::bench::{Random, clock, clocked, generates, pack, settle, unpack};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::intake::*;
use vireo_hdl::blocks::slot::Origin;

clocked!([const W: usize, const K: usize] Intake<W, K>);

#[derive(Clone, PartialEq, Debug)]
enum Out {
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
    origin: u64,
}

/// Section 3.1 in plain Rust.
struct Rule {
    ready: bool,
    out: Out,
    skid: Option<Beat>,
}

impl Rule {
    fn clock(&mut self, rst: bool, run: bool, en: bool, offered: Option<Beat>) {
        let accepted = offered.filter(|_| self.ready);
        let grew = accepted.as_ref().is_some_and(|beat| beat.grows);
        let mut waiting = accepted;
        if self.out == Out::Empty || en {
            self.out = match &self.out {
                Out::Beat(beat) if beat.grows => Out::Gap,
                _ => match self.skid.take().or_else(|| waiting.take()) {
                    Some(beat) => Out::Beat(beat),
                    None => Out::Empty,
                },
            };
        }
        if waiting.is_some() {
            assert!(self.skid.is_none(), "a beat is lost");
            self.skid = waiting;
        }
        self.ready = run && self.skid.is_none() && !grew;
        if rst {
            *self = Self { ready: false, out: Out::Empty, skid: None };
        }
    }
}

fn agree<const W: usize, const K: usize>() {
    generates::<Intake<W, K>>();
    let mut random = Random::new(W as u64);
    let mut block = Intake::<W, K>::default();
    let mut rule = Rule { ready: false, out: Out::Empty, skid: None };
    let (mut open, mut frame) = (false, (0, 0));
    let mut held: Option<Beat> = None;
    for cycle in 0..6000u64 {
        let rst = cycle < 2 || random.one_in(1000);
        let run = cycle > 8;
        let en = !random.one_in(1 + cycle / 1000);
        if held.is_none() && !random.one_in(4) {
            if !open {
                frame = ([0, 4, 6, 8][random.below(4) as usize], random.below(1 << 22));
            }
            let last = random.one_in(3);
            let size = if last { 1 + random.below(K as u64) as usize } else { K };
            held = Some(Beat {
                octets: (0..size).map(|_| random.bits() as u8).collect(),
                first: !open,
                last,
                bad: last && random.one_in(2),
                grows: last && size + frame.0 > K,
                origin: frame.1,
            });
        }
        block.rst.next = rst;
        block.run.next = run;
        block.en.next = en;
        block.s_valid.next = held.is_some();
        let mut lanes: Vec<u8> = (0..K).map(|_| random.bits() as u8).collect();
        // What means nothing is random: lanes behind the end, `tkeep` before `tlast`, rows behind the first beat.
        let mut origin = Origin { channel: random.below(1 << 22).to_bits(), ..Origin::default() };
        if let Some(beat) = &held {
            lanes[..beat.octets.len()].copy_from_slice(&beat.octets);
            let keep = if beat.last { u64::MAX >> (64 - beat.octets.len()) } else { random.bits() };
            block.s_keep.next = (keep & (u64::MAX >> (64 - K))).to_bits();
            block.s_last.next = beat.last;
            block.s_bad.next = beat.bad || !beat.last;
            if beat.first {
                origin.channel = beat.origin.to_bits();
                origin.growth = (frame.0 as u64).to_bits();
            }
        }
        block.s_data.next = pack(&lanes);
        block.s_origin.next = origin;
        settle(&mut block);
        assert_eq!(block.s_ready.val(), rule.ready, "cycle {cycle}");
        let slot = block.slot.val();
        assert_eq!(slot.valid, matches!(rule.out, Out::Beat(_)), "cycle {cycle}");
        if let Out::Beat(beat) = &rule.out {
            assert_eq!((slot.first, slot.last, slot.bad), (beat.first, beat.last, beat.bad));
            assert_eq!(slot.size.to_u64(), beat.octets.len() as u64);
            let octets = unpack(block.data.val());
            assert_eq!(octets[..beat.octets.len()], beat.octets);
            assert!(octets[beat.octets.len()..].iter().all(|&octet| octet == 0));
            if beat.first {
                assert_eq!(block.origin.val().channel.to_u64(), beat.origin);
            }
        }
        rule_and_source(&mut rule, rst, run, en, &mut held, &mut open);
        clock(&mut block);
    }
}

fn rule_and_source(
    rule: &mut Rule,
    rst: bool,
    run: bool,
    en: bool,
    held: &mut Option<Beat>,
    open: &mut bool,
) {
    let offered = held.clone();
    if rule.ready
        && let Some(beat) = held.take()
    {
        *open = !beat.last;
    }
    rule.clock(rst, run, en, offered);
    if rst {
        (*held, *open) = (None, false);
    }
}

#[test]
fn intake_obeys_its_rule_at_every_width() {
    agree::<64, 8>();
    agree::<128, 16>();
    agree::<256, 32>();
    agree::<512, 64>();
}
