// SPDX-License-Identifier: MIT
//! The drain: after each round of 128 clocks it takes what was gathered, one of those who count a clock, and says what each
//! counted in the round (docs/pipeline.md, section 8). Between `gather` and the ledger of `counters`.

use rust_hdl::prelude::*;

use super::gather::Round;
use super::known::{Known, Value};
use super::logic_block::logic_block;
use crate::ram::FlowRam;
use crate::verilog::About;

/// The last of the entities that are gathered and drained: ports, links out and in, and control out at either end.
pub struct LastDrained<const N: usize, const L: usize>;

impl<const N: usize, const L: usize> Value<7> for LastDrained<N, L> {
    fn value() -> Bits<7> {
        Bits::from((N + 2 * L + 1) as u64)
    }
}

logic_block! {
    /// For `N` ports and `L` links.
    pub struct Drain<const N: usize, const L: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// The tables are swept: nothing counts, and a row that is cleared must not be read.
        pub sweep: Signal<In, Bit>,
        /// A round ends with this cycle.
        pub ends: Signal<In, Bit>,
        /// The bank that it counts in.
        pub bank: Signal<In, Bit>,
        /// From the third cycle after it on: what number 0, 1, ... has counted in all.
        pub gathered: Signal<In, Round>,
        /// From the fourth cycle after it on: one of them counts,
        pub add: Signal<Out, Bit>,
        /// in this bank,
        pub drained_bank: Signal<Out, Bit>,
        /// number 0, 1, ...,
        pub row: Signal<Out, Bits<7>>,
        /// this, in the round.
        pub amount: Signal<Out, Round>,
        // What each had counted when the round before ended; the first round after a reset is swept, so that it need not be cleared.
        previous: FlowRam<41, 7>,
        of_round: DFF<Bit>,
        // The number whose previous total is read in this cycle; stands behind the last one's in the next.
        reads: DFF<Bit>,
        reading: DFF<Bits<7>>,
        comes: DFF<Bit>,
        coming: DFF<Bits<7>>,
        meets: DFF<Bit>,
        meeting: DFF<Bits<7>>,
        adds: DFF<Bit>,
        adding: DFF<Bits<7>>,
        grown: DFF<Round>,
        now: Signal<Local, Round>,
        last: Known<LastDrained<N, L>, 7>,
    }
}

impl<const N: usize, const L: usize> Logic for Drain<N, L> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clk, of_round, reads, reading, comes, coming, meets, meeting, adds, adding, grown
        );
        if self.reads.q.val() {
            self.reading.d.next = self.reading.q.val() + 1;
            if self.reading.q.val() == self.last.val() {
                self.reads.d.next = false;
            }
        }
        if self.ends.val() {
            self.reads.d.next = true;
            self.reading.d.next = 0.into();
            self.of_round.d.next = self.bank.val();
        }
        self.comes.d.next = self.reads.q.val();
        self.coming.d.next = self.reading.q.val();
        self.meets.d.next = self.comes.q.val();
        self.meeting.d.next = self.coming.q.val();
        self.adds.d.next = self.meets.q.val() & (!self.sweep.val());
        self.adding.d.next = self.meeting.q.val();

        self.now.next = self.gathered.val();
        self.previous.clk.next = self.clk.val();
        self.previous.enable.next = true;
        self.previous.addr.next = self.reading.q.val();
        self.previous.write.next = self.meets.q.val();
        self.previous.waddr.next = self.meeting.q.val();
        self.previous.wdata.next = (bit_cast::<41, 8>(self.now.val().unicast)
            | (bit_cast::<41, 8>(self.now.val().multicast) << 8))
            | ((bit_cast::<41, 8>(self.now.val().broadcast) << 16)
                | (bit_cast::<41, 17>(self.now.val().octets) << 24));
        self.grown.d.next.unicast =
            self.now.val().unicast - self.previous.data.val().get_bits::<8>(0);
        self.grown.d.next.multicast =
            self.now.val().multicast - self.previous.data.val().get_bits::<8>(8);
        self.grown.d.next.broadcast =
            self.now.val().broadcast - self.previous.data.val().get_bits::<8>(16);
        self.grown.d.next.octets =
            self.now.val().octets - self.previous.data.val().get_bits::<17>(24);

        self.add.next = self.adds.q.val();
        self.drained_bank.next = self.of_round.q.val();
        self.row.next = self.adding.q.val();
        self.amount.next = self.grown.q.val();
        if self.rst.val() {
            self.reads.d.next = false;
            self.comes.d.next = false;
            self.meets.d.next = false;
            self.adds.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("drain", "4 clocks")
            .with("PORTS", N)
            .says("What those who are gathered counted in a round, one a clock.")
            .timing()
    }
}
