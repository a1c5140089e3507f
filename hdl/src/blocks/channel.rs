// SPDX-License-Identifier: MIT
//! The channel lookup: who gets what arrives on a channel of a link (docs/pipeline.md, 3.4).

use rust_hdl::prelude::*;
use vireo_spec::rows::channel;

use super::commit::Commit;
use super::exact::Exact;
use super::known::{Below, Fixed, Known};
use super::logic_block::logic_block;
use crate::verilog::About;

logic_block! {
    /// The table `channel` of `2^A` rows in each way, for `N` ports and `L` links; `R = N + 26`.
    pub struct Channel<const N: usize, const R: usize, const A: usize, const L: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// The direction moves, as the exact match takes it.
        pub en: Signal<In, Bits<7>>,
        /// The channel, in cycle `x`.
        pub channel: Signal<In, Bits<22>>,
        /// Its link.
        pub link: Signal<In, Bits<3>>,
        /// Seed A.
        pub seed_a: Signal<In, Bits<72>>,
        /// Seed B.
        pub seed_b: Signal<In, Bits<72>>,
        /// A bit a way: it is indexed by seed B.
        pub choice: Signal<In, Bits<4>>,
        /// Rows that are written or read.
        pub commit: Signal<In, Commit>,
        /// The row of three cycles ago, as software has it.
        pub row_read: Signal<Out, Bits<96>>,
        /// The channel has a row; in `x+11`.
        pub hit: Signal<Out, Bit>,
        /// Its members.
        pub members: Signal<Out, Bits<N>>,
        exact: Exact<25, N, R, A>,
        at: Signal<Local, Commit>,
        row: Signal<Local, Bits<12>>,
        words: Signal<Local, Bits<96>>,
        own_link: Signal<Local, Bits<3>>,
        there: Signal<Local, Bits<R>>,
        channel_at: Fixed<{ channel::CHANNEL.low }, 7>,
        link_at: Fixed<{ channel::LINK.low }, 7>,
        valid_at: Fixed<{ channel::VALID.low }, 7>,
        members_at: Fixed<{ channel::MEMBERS.low }, 7>,
        stored_valid: Known<Below<R>, 7>,
        link_index: Known<Below<L>, 3>,
    }
}

impl<const N: usize, const R: usize, const A: usize, const L: usize> Logic for Channel<N, R, A, L> {
    #[hdl_gen]
    fn update(&mut self) {
        self.exact.clk.next = self.clk.val();
        self.exact.en.next = self.en.val();
        self.exact.key.next =
            bit_cast::<72, 22>(self.channel.val()) | (bit_cast::<72, 3>(self.link.val()) << 22);
        self.exact.seed_a.next = self.seed_a.val();
        self.exact.seed_b.next = self.seed_b.val();
        self.exact.choice.next = self.choice.val();
        self.hit.next = self.exact.hit.val();
        self.members.next = self.exact.value.val();

        self.at.next = self.commit.val();
        self.row.next = self.at.val().row;
        self.words.next = self.at.val().words;
        self.own_link.next =
            self.words.val().get_bits::<3>(self.link_at.val().index()) & self.link_index.val();
        self.exact.commit.next = self.at.val().channel;
        self.exact.way.next = self.at.val().way;
        self.exact.row.next = bit_cast::<A, 12>(self.row.val());
        self.exact.row_data.next =
            (bit_cast::<R, 22>(self.words.val().get_bits::<22>(self.channel_at.val().index()))
                | (bit_cast::<R, 3>(self.own_link.val()) << 22)
                | (bit_cast::<R, N>(
                    self.words.val().get_bits::<N>(self.members_at.val().index()),
                ) << 25))
                .replace_bit(
                    self.stored_valid.val().index(),
                    self.words.val().get_bit(self.valid_at.val().index()),
                );
        self.there.next = self.exact.row_read.val();
        self.row_read.next = ((bit_cast::<96, 22>(self.there.val().get_bits::<22>(0))
            << self.channel_at.val())
            | (bit_cast::<96, 3>(self.there.val().get_bits::<3>(22)) << self.link_at.val())
            | (bit_cast::<96, N>(self.there.val().get_bits::<N>(25)) << self.members_at.val()))
        .replace_bit(
            self.valid_at.val().index(),
            self.there.val().get_bit(self.stored_valid.val().index()),
        );
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("channel", "11 clocks")
            .with("PORTS", N)
            .with("ROWS", 1 << A)
            .with("LINKS", L)
            .says("Who gets what arrives on a channel of a link.")
            .timing()
    }
}
