// SPDX-License-Identifier: MIT
//! Where a frame at `s_port` comes from: the rows of its stream id, read without a clock (docs/pipeline.md, 3.1 and 5).

use rust_hdl::prelude::*;
use vireo_spec::pins::USER_SOURCE_NONE;

use super::commit::Commit;
use super::known::{Below, Fixed, Known};
use super::logic_block::logic_block;
use super::rows::{
    GROUP_BITS, GroupFields, GroupMask, LinkFields, PORT_BITS, PortFields, PortMask,
};
use super::slot::Origin;
use crate::ram::RowRam;
use crate::verilog::About;

logic_block! {
    /// For `2^PA` ports, `G` groups (`GA` bits of index, at least 1) and `L` links.
    pub struct PortSource<const PA: usize, const G: usize, const GA: usize, const L: usize> {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Rows that are written.
        pub commit: Signal<In, Commit>,
        /// The link rows.
        pub links: [Signal<In, Bits<32>>; 8],
        /// `tid`.
        pub tid: Signal<In, Bits<8>>,
        /// `tuser`.
        pub tuser: Signal<In, Bits<12>>,
        /// What the rows say in this cycle.
        pub origin: Signal<Out, Origin>,
        ports: RowRam<PORT_BITS, PA>,
        sources: RowRam<PORT_BITS, PA>,
        groups: RowRam<GROUP_BITS, GA>,
        port: PortFields,
        source: PortFields,
        group: GroupFields,
        link: LinkFields,
        at: Signal<Local, Commit>,
        row: Signal<Local, Bits<12>>,
        words: Signal<Local, Bits<96>>,
        kind: Signal<Local, Bits<2>>,
        index: Signal<Local, Bits<6>>,
        chosen: Signal<Local, Bits<3>>,
        found: Signal<Local, Origin>,
        port_mask: Known<PortMask<L>, PORT_BITS>,
        group_mask: Known<GroupMask<L>, GROUP_BITS>,
        group_index: Known<Below<G>, 6>,
        link_index: Known<Below<L>, 3>,
        no_source: Fixed<{ USER_SOURCE_NONE as usize }, 7>,
    }
}

impl<const PA: usize, const G: usize, const GA: usize, const L: usize> Logic
    for PortSource<PA, G, GA, L>
{
    #[hdl_gen]
    fn update(&mut self) {
        self.at.next = self.commit.val();
        self.row.next = self.at.val().row;
        self.words.next = self.at.val().words;
        self.ports.clk.next = self.clk.val();
        self.sources.clk.next = self.clk.val();
        self.groups.clk.next = self.clk.val();
        self.ports.write.next = self.at.val().port;
        self.sources.write.next = self.at.val().port;
        self.groups.write.next = self.at.val().group;
        self.ports.waddr.next = bit_cast::<PA, 12>(self.row.val());
        self.sources.waddr.next = bit_cast::<PA, 12>(self.row.val());
        self.groups.waddr.next = bit_cast::<GA, 12>(self.row.val());
        self.ports.wdata.next = bit_cast::<PORT_BITS, 96>(self.words.val()) & self.port_mask.val();
        self.sources.wdata.next =
            bit_cast::<PORT_BITS, 96>(self.words.val()) & self.port_mask.val();
        self.groups.wdata.next =
            bit_cast::<GROUP_BITS, 96>(self.words.val()) & self.group_mask.val();

        self.kind.next = self.tid.val().get_bits::<2>(6);
        self.ports.addr.next = bit_cast::<PA, 8>(self.tid.val());
        self.sources.addr.next = bit_cast::<PA, 7>(self.tuser.val().get_bits::<7>(5));
        self.index.next = self.tid.val().get_bits::<6>(0) & self.group_index.val();
        self.groups.addr.next = bit_cast::<GA, 6>(self.index.val());
        self.port.row.next = self.ports.data.val();
        self.source.row.next = self.sources.data.val();
        self.group.row.next = self.groups.data.val();
        if self.kind.val() == 1 {
            self.chosen.next = self.group.fields.val().link;
        } else if self.kind.val() == 2 {
            self.chosen.next = self.tid.val().get_bits::<3>(0) & self.link_index.val();
        } else {
            self.index.next = bit_cast::<6, PA>(bit_cast::<PA, 8>(self.tid.val()));
            self.chosen.next = self.port.fields.val().link;
        }
        for i in 0..8 {
            self.link.rows[i].next = self.links[i].val();
        }
        self.link.link.next = self.chosen.val();

        self.found.next.kind = self.kind.val();
        self.found.next.index = self.index.val();
        self.found.next.link = self.chosen.val();
        self.found.next.family = self.link.fields.val().family;
        self.found.next.bridge = self.link.fields.val().bridge;
        self.found.next.priority = self.tuser.val().get_bits::<4>(1);
        self.found.next.looped = false;
        self.found.next.source = self.source.fields.val().channel;
        self.found.next.maximum = self.link.fields.val().maximum;
        self.found.next.growth = self.link.fields.val().growth;
        self.found.next.enabled = self.link.fields.val().enabled;
        self.found.next.channel = self.port.fields.val().channel;
        self.found.next.trust = self.port.fields.val().trust;
        self.found.next.default_priority = self.port.fields.val().default_priority;
        self.found.next.pvid = self.port.fields.val().pvid;
        self.found.next.check_source = self.port.fields.val().check_source;
        self.found.next.guard = self.port.fields.val().guard;
        self.found.next.control = self.port.fields.val().control;
        if self.kind.val() == 0 {
            self.found.next.maximum = self.port.fields.val().maximum;
            self.found.next.enabled =
                self.link.fields.val().enabled & self.port.fields.val().enabled;
        } else if self.kind.val() == 1 {
            self.found.next.channel = self.group.fields.val().channel;
            self.found.next.trust = self.group.fields.val().trust;
            self.found.next.default_priority = self.group.fields.val().default_priority;
            self.found.next.pvid = 0.into();
            self.found.next.enabled = self.link.fields.val().enabled
                & self.link.fields.val().bridge
                & self.group.fields.val().enabled;
            self.found.next.looped = (self.tuser.val().get_bits::<7>(5) != self.no_source.val())
                & (self.source.fields.val().link == self.group.fields.val().link);
        } else if self.kind.val() == 2 {
            self.found.next.channel = 0.into();
            self.found.next.growth = 0.into();
            self.found.next.pvid = 0.into();
        }
        self.origin.next = self.found.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("port_source", "no clock")
            .with("PORTS", 1 << PA)
            .with("GROUPS", G)
            .with("LINKS", L)
            .says("What the rows say of a frame at s_port.")
            .timing()
    }
}
