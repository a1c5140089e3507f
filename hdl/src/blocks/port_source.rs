// SPDX-License-Identifier: MIT
//! Where a frame at `s_port` comes from: the rows of its stream id, port and group a cycle after it came, its link's in the next
//! (docs/pipeline.md, 3.1 and 5).

use rust_hdl::prelude::*;
use vireo_spec::pins::USER_SOURCE_NONE;

use super::commit::Commit;
use super::known::{Below, Fixed, Known};
use super::logic_block::logic_block;
use super::rows::{
    GROUP_BITS, GroupFields, GroupMask, GroupRow, LinkFields, LinkRow, PORT_BITS, PortFields,
    PortMask, PortRow,
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
        /// What the rows said of the frame of three cycles ago.
        pub origin: Signal<Out, Origin>,
        // Cycle t+1.
        tid1: DFF<Bits<8>>,
        tuser1: DFF<Bits<12>>,
        // Cycle t+2: the rows of ports and groups, and the number of the link.
        kind2: DFF<Bits<2>>,
        index2: DFF<Bits<6>>,
        link2: DFF<Bits<3>>,
        priority2: DFF<Bits<4>>,
        sourced2: DFF<Bit>,
        port2: DFF<PortRow>,
        group2: DFF<GroupRow>,
        source_link2: DFF<Bits<3>>,
        source2: DFF<Bits<22>>,
        // Cycle t+3: the link's row.
        kind3: DFF<Bits<2>>,
        index3: DFF<Bits<6>>,
        link3: DFF<Bits<3>>,
        priority3: DFF<Bits<4>>,
        port3: DFF<PortRow>,
        channel3: DFF<Bits<22>>,
        trust3: DFF<Bit>,
        default3: DFF<Bits<3>>,
        pvid3: DFF<Bits<12>>,
        group_enabled3: DFF<Bit>,
        looped3: DFF<Bit>,
        source3: DFF<Bits<22>>,
        row3: DFF<LinkRow>,
        ports: RowRam<PORT_BITS, PA>,
        sources: RowRam<PORT_BITS, PA>,
        groups: RowRam<GROUP_BITS, GA>,
        port: PortFields,
        source: PortFields,
        group: GroupFields,
        link: LinkFields<L>,
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
        dff_setup!(
            self,
            clk,
            tid1,
            tuser1,
            kind2,
            index2,
            link2,
            priority2,
            sourced2,
            port2,
            group2,
            source_link2,
            source2,
            kind3,
            index3,
            link3,
            priority3,
            port3,
            channel3,
            trust3,
            default3,
            pvid3,
            group_enabled3,
            looped3,
            source3,
            row3
        );
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

        // Cycle t+1.
        self.tid1.d.next = self.tid.val();
        self.tuser1.d.next = self.tuser.val();
        self.kind.next = self.tid1.q.val().get_bits::<2>(6);
        self.ports.addr.next = bit_cast::<PA, 8>(self.tid1.q.val());
        self.sources.addr.next = bit_cast::<PA, 7>(self.tuser1.q.val().get_bits::<7>(5));
        self.index.next = self.tid1.q.val().get_bits::<6>(0) & self.group_index.val();
        self.groups.addr.next = bit_cast::<GA, 6>(self.index.val());
        self.port.row.next = self.ports.data.val();
        self.source.row.next = self.sources.data.val();
        self.group.row.next = self.groups.data.val();
        if self.kind.val() == 1 {
            self.chosen.next = self.group.fields.val().link;
        } else if self.kind.val() == 2 {
            self.chosen.next = self.tid1.q.val().get_bits::<3>(0) & self.link_index.val();
        } else {
            self.index.next = bit_cast::<6, PA>(bit_cast::<PA, 8>(self.tid1.q.val()));
            self.chosen.next = self.port.fields.val().link;
        }
        self.kind2.d.next = self.kind.val();
        self.index2.d.next = self.index.val();
        self.link2.d.next = self.chosen.val();
        self.priority2.d.next = self.tuser1.q.val().get_bits::<4>(1);
        self.sourced2.d.next =
            (self.kind.val() == 1) & (self.tuser1.q.val().get_bits::<7>(5) != self.no_source.val());
        self.port2.d.next = self.port.fields.val();
        self.group2.d.next = self.group.fields.val();
        self.source_link2.d.next = self.source.fields.val().link;
        self.source2.d.next = self.source.fields.val().channel;

        // Cycle t+2: the link's row, and which of the rows read count.
        for i in 0..8 {
            self.link.rows[i].next = self.links[i].val();
        }
        self.link.link.next = self.link2.q.val();
        self.row3.d.next = self.link.fields.val();
        self.kind3.d.next = self.kind2.q.val();
        self.index3.d.next = self.index2.q.val();
        self.link3.d.next = self.link2.q.val();
        self.priority3.d.next = self.priority2.q.val();
        self.port3.d.next = self.port2.q.val();
        self.group_enabled3.d.next = self.group2.q.val().enabled;
        self.looped3.d.next =
            self.sourced2.q.val() & (self.source_link2.q.val() == self.group2.q.val().link);
        self.source3.d.next = self.source2.q.val();
        if self.kind2.q.val() == 1 {
            self.channel3.d.next = self.group2.q.val().channel;
            self.trust3.d.next = self.group2.q.val().trust;
            self.default3.d.next = self.group2.q.val().default_priority;
            self.pvid3.d.next = 0.into();
        } else {
            self.channel3.d.next = self.port2.q.val().channel;
            self.trust3.d.next = self.port2.q.val().trust;
            self.default3.d.next = self.port2.q.val().default_priority;
            self.pvid3.d.next = self.port2.q.val().pvid;
            if self.kind2.q.val() == 2 {
                self.channel3.d.next = 0.into();
                self.pvid3.d.next = 0.into();
            }
        }

        // Cycle t+3.
        self.found.next.kind = self.kind3.q.val();
        self.found.next.index = self.index3.q.val();
        self.found.next.link = self.link3.q.val();
        self.found.next.family = self.row3.q.val().family;
        self.found.next.bridge = self.row3.q.val().bridge;
        self.found.next.priority = self.priority3.q.val();
        self.found.next.looped = self.looped3.q.val();
        self.found.next.source = self.source3.q.val();
        self.found.next.maximum = self.row3.q.val().maximum;
        self.found.next.growth = self.row3.q.val().growth;
        self.found.next.enabled = self.row3.q.val().enabled;
        self.found.next.channel = self.channel3.q.val();
        self.found.next.trust = self.trust3.q.val();
        self.found.next.default_priority = self.default3.q.val();
        self.found.next.pvid = self.pvid3.q.val();
        self.found.next.check_source = self.port3.q.val().check_source;
        self.found.next.guard = self.port3.q.val().guard;
        self.found.next.control = self.port3.q.val().control;
        if self.kind3.q.val() == 0 {
            self.found.next.maximum = self.port3.q.val().maximum;
            self.found.next.enabled = self.row3.q.val().enabled & self.port3.q.val().enabled;
        } else if self.kind3.q.val() == 1 {
            self.found.next.enabled = self.row3.q.val().enabled
                & (self.row3.q.val().bridge & self.group_enabled3.q.val());
        } else if self.kind3.q.val() == 2 {
            self.found.next.growth = 0.into();
        }
        self.origin.next = self.found.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("port_source", "3 clocks")
            .with("PORTS", 1 << PA)
            .with("GROUPS", G)
            .with("LINKS", L)
            .says("What the rows say of a frame at s_port.")
            .timing()
    }
}
