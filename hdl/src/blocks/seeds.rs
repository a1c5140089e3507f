// SPDX-License-Identifier: MIT
//! A seed set: 72 bits for each round of a hash, in three words (register `seed_...` of the map).

use rust_hdl::prelude::*;

use super::logic_block::logic_block;
use super::setting::Setting;
use crate::ram::RowRam;
use crate::verilog::About;

logic_block! {
    /// Four seeds.
    pub struct Seeds {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// A word is written in this cycle.
        pub write: Signal<In, Bit>,
        /// A bit a word: which; 3 a round, low word first.
        pub word: Signal<In, Bits<12>>,
        /// A bit an octet of it that is written.
        pub octets: Signal<In, Bits<4>>,
        /// What is written.
        pub data: Signal<In, Bits<32>>,
        /// The seeds.
        pub seed: [Signal<Out, Bits<72>>; 4],
        low: [Setting<0xFFFF_FFFF>; 4],
        middle: [Setting<0xFFFF_FFFF>; 4],
        high: [Setting<0xFF>; 4],
        part_low: Signal<Local, Bits<32>>,
        part_middle: Signal<Local, Bits<32>>,
        part_high: Signal<Local, Bits<32>>,
    }
}

impl Logic for Seeds {
    #[hdl_gen]
    fn update(&mut self) {
        for i in 0..4 {
            self.low[i].clk.next = self.clk.val();
            self.middle[i].clk.next = self.clk.val();
            self.high[i].clk.next = self.clk.val();
            self.low[i].rst.next = self.rst.val();
            self.middle[i].rst.next = self.rst.val();
            self.high[i].rst.next = self.rst.val();
            self.low[i].octets.next = self.octets.val();
            self.middle[i].octets.next = self.octets.val();
            self.high[i].octets.next = self.octets.val();
            self.low[i].data.next = self.data.val();
            self.middle[i].data.next = self.data.val();
            self.high[i].data.next = self.data.val();
            self.low[i].write.next = self.write.val() & self.word.val().get_bit(i * 3);
            self.middle[i].write.next = self.write.val() & self.word.val().get_bit(i * 3 + 1);
            self.high[i].write.next = self.write.val() & self.word.val().get_bit(i * 3 + 2);
            self.part_low.next = self.low[i].value.val();
            self.part_middle.next = self.middle[i].value.val();
            self.part_high.next = self.high[i].value.val();
            self.seed[i].next = bit_cast::<72, 32>(self.part_low.val())
                | ((bit_cast::<72, 32>(self.part_middle.val()) << 32)
                    | (bit_cast::<72, 32>(self.part_high.val()) << 64));
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("seeds", "1 clock").says("A seed for each round of a hash.").timing()
    }
}

logic_block! {
    /// The words of four sets once more, for software to read: to choose one of 48 words costs as many gates as to keep them in a memory
    /// twice over.
    pub struct SeedWords {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// A word is written in this cycle.
        pub write: Signal<In, Bit>,
        /// A bit a set: the one that it is of.
        pub of: Signal<In, Bits<4>>,
        /// A bit a word: which of them.
        pub one: Signal<In, Bits<12>>,
        /// From two cycles before on: the same as numbers, the set in bits 5:4.
        pub word: Signal<In, Bits<6>>,
        /// From the cycle before on: a bit an octet of it that is written.
        pub octets: Signal<In, Bits<4>>,
        /// What is written.
        pub data: Signal<In, Bits<32>>,
        /// A word is read in this cycle.
        pub reads: Signal<In, Bit>,
        /// Which.
        pub read: Signal<In, Bits<6>>,
        /// A cycle later: its value; 0 if none is read.
        pub value: Signal<Out, Bits<32>>,
        rams: [RowRam<8, 6>; 4],
        // Words of each set that were written since the reset; the memory may hold anything in others.
        written: [DFF<Bits<12>>; 4],
        // A bit a set: it is the one that is written, and the word is none of them.
        fresh: DFF<Bits<4>>,
        to: DFF<Bits<6>>,
        kept: DFF<Bits<4>>,
        // It is the one that is read, and the word is one of them.
        holds: DFF<Bits<4>>,
        row: DFF<Bits<32>>,
        at: Signal<Local, Bits<4>>,
        from: Signal<Local, Bits<4>>,
        octet: Signal<Local, Bits<8>>,
        all: Signal<Local, Bits<32>>,
        marks: Signal<Local, Bits<12>>,
        flags: Signal<Local, Bits<16>>,
        news: Signal<Local, Bits<4>>,
        olds: Signal<Local, Bits<4>>,
        in_set: Signal<Local, Bit>,
    }
}

impl Logic for SeedWords {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clk, to, fresh, kept, holds, row);
        self.to.d.next = self.word.val();
        // The third word of a round keeps 8 bits.
        self.at.next = self.to.q.val().get_bits::<4>(0);
        self.kept.d.next = self.octets.val();
        if (self.at.val() == 2)
            | (self.at.val() == 5)
            | (self.at.val() == 8)
            | (self.at.val() == 11)
        {
            self.kept.d.next = self.octets.val() & 1;
        }
        self.from.next = self.read.val().get_bits::<4>(0);
        self.news.next = 0.into();
        self.olds.next = 0.into();
        for i in 0..4 {
            self.written[i].clock.next = self.clk.val();
            self.written[i].d.next = self.written[i].q.val();
            self.marks.next = self.written[i].q.val();
            self.flags.next = bit_cast::<16, 12>(self.marks.val());
            self.in_set.next = self.to.q.val().get_bits::<2>(4).index() == i;
            self.news.next = self.news.val().replace_bit(
                i,
                self.in_set.val() & (!self.flags.val().get_bit(self.at.val().index())),
            );
            if self.of.val().get_bit(i) {
                self.written[i].d.next = self.marks.val() | self.one.val();
            }
            if self.rst.val() {
                self.written[i].d.next = 0.into();
            }
            self.in_set.next = self.reads.val() & (self.read.val().get_bits::<2>(4).index() == i);
            self.olds.next = self.olds.val().replace_bit(
                i,
                self.in_set.val() & self.flags.val().get_bit(self.from.val().index()),
            );
        }
        self.fresh.d.next = self.news.val();
        self.holds.d.next = self.olds.val();
        self.all.next = 0.into();
        for i in 0..4 {
            self.rams[i].clk.next = self.clk.val();
            self.rams[i].write.next =
                self.write.val() & (self.kept.q.val().get_bit(i) | self.fresh.q.val().any());
            self.rams[i].waddr.next = self.to.q.val();
            self.rams[i].wdata.next = 0.into();
            if self.kept.q.val().get_bit(i) {
                self.rams[i].wdata.next = self.data.val().get_bits::<8>(i * 8);
            }
            self.rams[i].addr.next = self.read.val();
            self.octet.next = self.rams[i].data.val();
            self.all.next = (self.all.val() >> 8) | (bit_cast::<32, 8>(self.octet.val()) << 24);
        }
        self.row.d.next = self.all.val();
        self.value.next = 0.into();
        if self.holds.q.val().any() {
            self.value.next = self.row.q.val();
        }
        if self.rst.val() {
            self.holds.d.next = 0.into();
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("seed_words", "1 clock")
            .says("The words of four seed sets, for software to read.")
            .timing()
    }
}
