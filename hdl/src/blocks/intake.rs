// SPDX-License-Identifier: MIT
//! Intake: register slice of a stream that enters, with a gap behind each frame that grows by a beat (docs/pipeline.md, 3.1).

use rust_hdl::prelude::*;

use super::known::{Fixed, Known, Ones};
use super::logic_block::logic_block;
use super::slot::{Origin, Slot};
use crate::verilog::About;

logic_block! {
    /// Takes beats of `W` bits, `K` octets, and hands slots to the window.
    pub struct Intake<const W: usize, const K: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// The tables are swept.
        pub run: Signal<In, Bit>,
        /// `tvalid`.
        pub s_valid: Signal<In, Bit>,
        /// `tdata`.
        pub s_data: Signal<In, Bits<W>>,
        /// `tkeep`.
        pub s_keep: Signal<In, Bits<K>>,
        /// `tlast`.
        pub s_last: Signal<In, Bit>,
        /// `tuser[0]`.
        pub s_bad: Signal<In, Bit>,
        /// What the rows say in this cycle about a frame that begins in it.
        pub s_origin: Signal<In, Origin>,
        /// `tready`.
        pub s_ready: Signal<Out, Bit>,
        /// The direction moves.
        pub en: Signal<In, Bit>,
        /// The slot for the window; a gap is a bubble.
        pub slot: Signal<Out, Slot>,
        /// Its octets, 0 behind the last.
        pub data: Signal<Out, Bits<W>>,
        /// With a first beat: where the frame comes from.
        pub origin: Signal<Out, Origin>,
        ready: DFF<Bit>,
        middle: DFF<Bit>,
        growth: DFF<Bits<4>>,
        gap: DFF<Bit>,
        out: DFF<Slot>,
        out_grows: DFF<Bit>,
        out_data: DFF<Bits<W>>,
        out_origin: DFF<Origin>,
        skid: DFF<Slot>,
        skid_grows: DFF<Bit>,
        skid_data: DFF<Bits<W>>,
        skid_origin: DFF<Origin>,
        accept: Signal<Local, Bit>,
        beat: Signal<Local, Slot>,
        top_lane: Signal<Local, Bits<7>>,
        spare: Signal<Local, Bits<10>>,
        octets: Signal<Local, Bits<W>>,
        adds: Signal<Local, Bits<4>>,
        grows: Signal<Local, Bit>,
        load: Signal<Local, Bit>,
        makes_gap: Signal<Local, Bit>,
        skid_full: Signal<Local, Bit>,
        lanes: Fixed<K, 7>,
        all: Known<Ones, W>,
    }
}

impl<const W: usize, const K: usize> Logic for Intake<W, K> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clk,
            ready,
            middle,
            growth,
            gap,
            out,
            out_grows,
            out_data,
            out_origin,
            skid,
            skid_grows,
            skid_data,
            skid_origin
        );
        self.s_ready.next = self.ready.q.val();
        self.slot.next = self.out.q.val();
        self.data.next = self.out_data.q.val();
        self.origin.next = self.out_origin.q.val();

        // The accepted beat. `tkeep` counts on the last beat only.
        self.accept.next = self.s_valid.val() & self.ready.q.val();
        self.top_lane.next = self.lanes.val() - 1;
        self.adds.next = self.growth.q.val();
        self.octets.next = self.s_data.val();
        if self.accept.val() {
            if self.s_last.val() {
                self.top_lane.next = 0.into();
                for i in 0..K {
                    if self.s_keep.val().get_bit(i) {
                        self.top_lane.next = i.to_bits();
                    }
                }
            }
            if !self.middle.q.val() {
                self.adds.next = self.s_origin.val().growth;
            }
        }
        self.beat.next.valid = self.accept.val();
        self.beat.next.first = !self.middle.q.val();
        self.beat.next.last = self.s_last.val();
        self.beat.next.bad = self.s_bad.val() & self.s_last.val();
        self.beat.next.size = self.top_lane.val() + 1;
        self.spare.next = bit_cast::<10, 7>(self.lanes.val() - self.beat.val().size) << 3;
        if self.spare.val().any() {
            self.octets.next = self.s_data.val() & (self.all.val() >> self.spare.val());
        }
        self.grows.next = self.s_last.val()
            & ((self.beat.val().size + bit_cast::<7, 4>(self.adds.val())) > self.lanes.val());
        if self.accept.val() {
            self.middle.d.next = !self.s_last.val();
            self.growth.d.next = self.adds.val();
        }

        self.load.next = ((!self.out.q.val().valid) & (!self.gap.q.val())) | self.en.val();
        self.makes_gap.next = self.out.q.val().valid & self.out_grows.q.val();
        self.skid_full.next = self.skid.q.val().valid;
        if self.load.val() {
            self.gap.d.next = self.makes_gap.val();
            if self.makes_gap.val() {
                self.out.d.next.valid = false;
            } else if self.skid.q.val().valid {
                self.out.d.next = self.skid.q.val();
                self.out_grows.d.next = self.skid_grows.q.val();
                self.out_data.d.next = self.skid_data.q.val();
                self.out_origin.d.next = self.skid_origin.q.val();
                self.skid_full.next = false;
            } else if self.accept.val() {
                self.out.d.next = self.beat.val();
                self.out_grows.d.next = self.grows.val();
                self.out_data.d.next = self.octets.val();
                self.out_origin.d.next = self.s_origin.val();
            } else {
                self.out.d.next.valid = false;
            }
        }
        if self.accept.val() & ((!self.load.val()) | self.makes_gap.val() | self.skid.q.val().valid)
        {
            self.skid.d.next = self.beat.val();
            self.skid_grows.d.next = self.grows.val();
            self.skid_data.d.next = self.octets.val();
            self.skid_origin.d.next = self.s_origin.val();
            self.skid_full.next = true;
        }
        self.skid.d.next.valid = self.skid_full.val();
        self.ready.d.next =
            self.run.val() & (!self.skid_full.val()) & (!(self.accept.val() & self.grows.val()));
        if self.rst.val() {
            self.ready.d.next = false;
            self.middle.d.next = false;
            self.gap.d.next = false;
            self.out.d.next.valid = false;
            self.skid.d.next.valid = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("intake", "1 clock")
            .with("W", W)
            .says("Register slice of a stream that enters, with a gap behind each frame that grows by a beat.")
            .timing()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::bench::{Random, clock, clocked, generates, pack, settle, unpack};

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
            let mut origin =
                Origin { channel: random.below(1 << 22).to_bits(), ..Origin::default() };
            if let Some(beat) = &held {
                lanes[..beat.octets.len()].copy_from_slice(&beat.octets);
                let keep =
                    if beat.last { u64::MAX >> (64 - beat.octets.len()) } else { random.bits() };
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
}
