// SPDX-License-Identifier: MIT
//! Port rows as decapsulate sees them: the lowest member's, and of all ports what pruning compares (docs/pipeline.md, 3.4).

use rust_hdl::prelude::*;
use vireo_spec::rows::port;

use super::commit::Commit;
use super::known::{Fixed, Known, Many};
use super::logic_block::logic_block;
use super::rows::{PORT_BITS, PortFields, PortMask, PortRow};
use crate::ram::RowRam;
use crate::verilog::About;

logic_block! {
    /// For `N = 2^PA` ports and `L` links; reads without a clock.
    pub struct Members<const N: usize, const PA: usize, const L: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Rows that are written.
        pub commit: Signal<In, Commit>,
        /// A port.
        pub port: Signal<In, Bits<6>>,
        /// Its row.
        pub row: Signal<Out, PortRow>,
        /// A link.
        pub link: Signal<In, Bits<3>>,
        /// A frame's source channel on it: E-CID base and extension, or VIF.
        pub source: Signal<In, Bits<20>>,
        /// It is a VIF.
        pub vif: Signal<In, Bit>,
        /// The ports that are enabled.
        pub enabled: Signal<Out, Bits<N>>,
        /// The ports whose own link and channel these are, but for GRP and p of the channel, which no source has, as far as the low
        /// bits go.
        pub same: Signal<Out, Bits<N>>,
        /// And as far as the others go.
        pub same_rest: Signal<Out, Bits<N>>,
        ram: RowRam<PORT_BITS, PA>,
        fields: PortFields,
        // Of each port: enabled, link, VIF or the low bits of base and extension, their rest.
        own: Many<DFF<Bits<24>>, N>,
        at: Signal<Local, Commit>,
        row_index: Signal<Local, Bits<12>>,
        words: Signal<Local, Bits<96>>,
        masked: Signal<Local, Bits<PORT_BITS>>,
        new: Signal<Local, Bits<24>>,
        this: Signal<Local, Bits<24>>,
        wanted: Signal<Local, Bits<24>>,
        enabled_map: Signal<Local, Bits<N>>,
        same_map: Signal<Local, Bits<N>>,
        rest_map: Signal<Local, Bits<N>>,
        mask: Known<PortMask<L>, PORT_BITS>,
        channel_at: Fixed<{ port::CHANNEL.low }, 7>,
        link_at: Fixed<{ port::LINK.low }, 7>,
        enabled_at: Fixed<{ port::ENABLED.low }, 7>,
    }
}

impl<const N: usize, const PA: usize, const L: usize> Logic for Members<N, PA, L> {
    #[hdl_gen]
    fn update(&mut self) {
        self.at.next = self.commit.val();
        self.row_index.next = self.at.val().row;
        self.words.next = self.at.val().words;
        self.masked.next = bit_cast::<PORT_BITS, 96>(self.words.val()) & self.mask.val();
        self.ram.clk.next = self.clk.val();
        self.ram.write.next = self.at.val().port;
        self.ram.waddr.next = bit_cast::<PA, 12>(self.row_index.val());
        self.ram.wdata.next = self.masked.val();
        self.ram.addr.next = bit_cast::<PA, 6>(self.port.val());
        self.fields.row.next = self.ram.data.val();
        self.row.next = self.fields.fields.val();

        self.new.next =
            (bit_cast::<24, 3>(self.masked.val().get_bits::<3>(self.link_at.val().index())) << 1)
                | (bit_cast::<24, 20>(
                    self.masked.val().get_bits::<20>(self.channel_at.val().index()),
                ) << 4);
        self.new.next =
            self.new.val().replace_bit(0, self.masked.val().get_bit(self.enabled_at.val().index()));
        self.wanted.next = (bit_cast::<24, 3>(self.link.val()) << 1)
            | (bit_cast::<24, 20>(self.source.val()) << 4);
        self.enabled_map.next = 0.into();
        self.same_map.next = 0.into();
        self.rest_map.next = 0.into();
        for i in 0..N {
            self.own[i].clock.next = self.clk.val();
            self.own[i].d.next = self.own[i].q.val();
            // The row's bits above the machine's ports are 0, but for the sweep's, which clears every row in turn.
            if self.at.val().port & (bit_cast::<PA, 12>(self.row_index.val()).index() == i) {
                self.own[i].d.next = self.new.val();
            }
            self.this.next = self.own[i].q.val();
            self.enabled_map.next =
                self.enabled_map.val().replace_bit(i, self.this.val().get_bit(0));
            self.same_map.next = self.same_map.val().replace_bit(
                i,
                self.this.val().get_bits::<11>(1) == self.wanted.val().get_bits::<11>(1),
            );
            self.rest_map.next = self.rest_map.val().replace_bit(
                i,
                (self.this.val().get_bits::<6>(12) == self.wanted.val().get_bits::<6>(12))
                    & (self.vif.val()
                        | (self.this.val().get_bits::<6>(18)
                            == self.wanted.val().get_bits::<6>(18))),
            );
        }
        self.enabled.next = self.enabled_map.val();
        self.same.next = self.same_map.val();
        self.same_rest.next = self.rest_map.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("members", "no clock")
            .with("PORTS", N)
            .with("LINKS", L)
            .says("Port rows as decapsulate sees them.")
            .timing()
    }
}
