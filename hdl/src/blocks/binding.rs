// SPDX-License-Identifier: MIT
//! The binding lookup: whether a source may send from a port in a VLAN (docs/pipeline.md, 3.4).

use rust_hdl::prelude::*;
use vireo_spec::rows::binding;

use super::commit::Commit;
use super::exact::Exact;
use super::known::{Below, Fixed, Known};
use super::logic_block::logic_block;
use super::vlan::Vlan;
use crate::verilog::About;

logic_block! {
    /// The tables `binding` (`2^A` rows in each way) and `vlan`, for `N` ports.
    pub struct Binding<const N: usize, const A: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// The direction moves: seven bits for the exact match, one for VLANs.
        pub en: Signal<In, Bits<8>>,
        /// The key, in cycle `x`.
        pub key: Signal<In, Bits<72>>,
        /// Seed A.
        pub seed_a: Signal<In, Bits<72>>,
        /// Seed B.
        pub seed_b: Signal<In, Bits<72>>,
        /// A bit a way: it is indexed by seed B.
        pub choice: Signal<In, Bits<4>>,
        /// Rows of `binding` that are written or read.
        pub commit: Signal<In, Commit>,
        /// Rows of `vlan` that are.
        pub vlan_commit: Signal<In, Commit>,
        /// The `binding` row of three cycles ago, as software has it.
        pub row_read: Signal<Out, Bits<96>>,
        /// The `vlan` row of three cycles ago.
        pub vlan_read: Signal<Out, Bits<N>>,
        /// The source is bound; in `x+11`.
        pub bound: Signal<Out, Bit>,
        exact: Exact<66, 1, 68, A>,
        vlan: Vlan<N>,
        at: Signal<Local, Commit>,
        row: Signal<Local, Bits<12>>,
        words: Signal<Local, Bits<96>>,
        port: Signal<Local, Bits<6>>,
        there: Signal<Local, Bits<68>>,
        mac_at: Fixed<{ binding::MAC.low }, 7>,
        vlan_at: Fixed<{ binding::VLAN.low }, 7>,
        port_at: Fixed<{ binding::PORT.low }, 7>,
        valid_at: Fixed<{ binding::VALID.low }, 7>,
        port_index: Known<Below<N>, 6>,
    }
}

impl<const N: usize, const A: usize> Logic for Binding<N, A> {
    #[hdl_gen]
    fn update(&mut self) {
        self.exact.clk.next = self.clk.val();
        self.vlan.clk.next = self.clk.val();
        self.exact.en.next = self.en.val().get_bits::<7>(0);
        self.vlan.en.next = self.en.val().get_bit(7);
        self.exact.key.next = self.key.val();
        self.vlan.vlan.next = self.key.val().get_bits::<12>(0);
        self.vlan.port.next = self.key.val().get_bits::<6>(60);
        self.exact.seed_a.next = self.seed_a.val();
        self.exact.seed_b.next = self.seed_b.val();
        self.exact.choice.next = self.choice.val();
        self.bound.next = self.exact.hit.val() | self.vlan.admits.val();

        // The row as it is stored: the key's bits, a value without meaning, valid.
        self.at.next = self.commit.val();
        self.row.next = self.at.val().row;
        self.words.next = self.at.val().words;
        self.port.next =
            self.words.val().get_bits::<6>(self.port_at.val().index()) & self.port_index.val();
        self.exact.commit.next = self.at.val().binding;
        self.exact.way.next = self.at.val().way;
        self.exact.row.next = bit_cast::<A, 12>(self.row.val());
        self.exact.row_data.next =
            (bit_cast::<68, 12>(self.words.val().get_bits::<12>(self.vlan_at.val().index()))
                | (bit_cast::<68, 48>(self.words.val().get_bits::<48>(self.mac_at.val().index()))
                    << 12)
                | (bit_cast::<68, 6>(self.port.val()) << 60))
                .replace_bit(67, self.words.val().get_bit(self.valid_at.val().index()));
        self.at.next = self.vlan_commit.val();
        self.words.next = self.at.val().words;
        self.vlan.commit.next = self.at.val().vlan;
        self.vlan.row.next = self.at.val().row;
        self.vlan.row_data.next = bit_cast::<N, 96>(self.words.val());

        self.there.next = self.exact.row_read.val();
        self.row_read.next = ((bit_cast::<96, 48>(self.there.val().get_bits::<48>(12))
            << self.mac_at.val())
            | (bit_cast::<96, 12>(self.there.val().get_bits::<12>(0)) << self.vlan_at.val())
            | (bit_cast::<96, 6>(self.there.val().get_bits::<6>(60)) << self.port_at.val()))
        .replace_bit(self.valid_at.val().index(), self.there.val().get_bit(67));
        self.vlan_read.next = self.vlan.row_read.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("binding", "11 clocks")
            .with("PORTS", N)
            .with("ROWS", 1 << A)
            .says("Whether a source may send from a port in a VLAN.")
            .timing()
    }
}
