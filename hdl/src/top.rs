// SPDX-License-Identifier: MIT
//! The machine: both directions, registers, counters and events, with the pins of docs/pipeline.md, section 2.

use rust_hdl::prelude::*;
use vireo_spec::fate::Disposition;
use vireo_spec::geometry::{Geometry, GeometryError, WAYS};

use crate::blocks::counters::Counters;
use crate::blocks::decapsulate::Decapsulate;
use crate::blocks::encapsulate::Encapsulate;
use crate::blocks::events::Events;
use crate::blocks::registers::Registers;
use crate::verilog::About;

/// The type of a machine of this size, the derived parameters filled in: width, ports, groups, links, and log2 of ports, of
/// groups (at least 1), of the channel rows and of the binding rows in each way.
#[macro_export]
macro_rules! machine {
    ($w:expr, $ports:expr, $groups:expr, $links:expr, $pa:expr, $ga:expr, $ca:expr, $ba:expr) => {
        $crate::top::Machine<
            { $w },
            { $w / 8 },
            { if $w < 256 { 256 / $w } else { 1 } },
            { $w + 64 },
            { $w / 64 },
            { $ports },
            { $ports + 1 },
            { $pa },
            { $ports + 26 },
            { $groups },
            { $ga },
            { $links },
            { $ca },
            { $ba },
            { $pa + 5 },
            { $ga + 5 },
        >
    };
}

/// The machine, `W` bits wide: `K` octets, `H` beats of header, `E = W + 64`, `O = W / 64`; `N = 2^PA` ports (`D = N + 1`,
/// `CR = N + 26`), `G` groups with `GA` bits of index (at least 1), `L` links; `2^CA` channel and `2^BA` binding rows in each way;
/// `PR = PA + 5`, `GR = GA + 5`.
///
/// [`machine!`](crate::machine) fills in what follows from the others.
#[derive(LogicBlock)]
pub struct Machine<
    const W: usize,
    const K: usize,
    const H: usize,
    const E: usize,
    const O: usize,
    const N: usize,
    const D: usize,
    const PA: usize,
    const CR: usize,
    const G: usize,
    const GA: usize,
    const L: usize,
    const CA: usize,
    const BA: usize,
    const PR: usize,
    const GR: usize,
> {
    /// Clock.
    pub clk: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub rst: Signal<In, Bit>,
    /// Frames from ports: a beat is offered.
    pub s_port_tvalid: Signal<In, Bit>,
    /// It is taken.
    pub s_port_tready: Signal<Out, Bit>,
    /// Its octets, first in bits 7:0.
    pub s_port_tdata: Signal<In, Bits<W>>,
    /// Which there are.
    pub s_port_tkeep: Signal<In, Bits<K>>,
    /// The frame's last beat.
    pub s_port_tlast: Signal<In, Bit>,
    /// Where from.
    pub s_port_tid: Signal<In, Bits<8>>,
    /// Bad frame, priority, drop eligible, source port.
    pub s_port_tuser: Signal<In, Bits<12>>,
    /// Frames to links: a beat is offered.
    pub m_link_tvalid: Signal<Out, Bit>,
    /// It is taken.
    pub m_link_tready: Signal<In, Bit>,
    /// Its octets, first in bits 7:0.
    pub m_link_tdata: Signal<Out, Bits<W>>,
    /// Which there are.
    pub m_link_tkeep: Signal<Out, Bits<K>>,
    /// The frame's last beat.
    pub m_link_tlast: Signal<Out, Bit>,
    /// Where to.
    pub m_link_tdest: Signal<Out, Bits<8>>,
    /// Bad frame, priority, drop eligible.
    pub m_link_tuser: Signal<Out, Bits<5>>,
    /// Frames from links: a beat is offered.
    pub s_link_tvalid: Signal<In, Bit>,
    /// It is taken.
    pub s_link_tready: Signal<Out, Bit>,
    /// Its octets, first in bits 7:0.
    pub s_link_tdata: Signal<In, Bits<W>>,
    /// Which there are.
    pub s_link_tkeep: Signal<In, Bits<K>>,
    /// The frame's last beat.
    pub s_link_tlast: Signal<In, Bit>,
    /// The link.
    pub s_link_tid: Signal<In, Bits<8>>,
    /// Bad frame, priority, drop eligible.
    pub s_link_tuser: Signal<In, Bits<5>>,
    /// Frames to ports: a beat is offered.
    pub m_port_tvalid: Signal<Out, Bit>,
    /// It is taken.
    pub m_port_tready: Signal<In, Bit>,
    /// Its octets, first in bits 7:0.
    pub m_port_tdata: Signal<Out, Bits<W>>,
    /// Which there are.
    pub m_port_tkeep: Signal<Out, Bits<K>>,
    /// The frame's last beat.
    pub m_port_tlast: Signal<Out, Bit>,
    /// Member ports, a bit each; top bit the control port.
    pub m_port_tdest: Signal<Out, Bits<D>>,
    /// Where a control frame came from.
    pub m_port_tid: Signal<Out, Bits<8>>,
    /// Bad frame, priority, drop eligible.
    pub m_port_tuser: Signal<Out, Bits<5>>,
    /// Write address is offered.
    pub s_axil_awvalid: Signal<In, Bit>,
    /// It is taken.
    pub s_axil_awready: Signal<Out, Bit>,
    /// Write address.
    pub s_axil_awaddr: Signal<In, Bits<12>>,
    /// Write data is offered.
    pub s_axil_wvalid: Signal<In, Bit>,
    /// It is taken.
    pub s_axil_wready: Signal<Out, Bit>,
    /// Write data.
    pub s_axil_wdata: Signal<In, Bits<32>>,
    /// Octets that are written.
    pub s_axil_wstrb: Signal<In, Bits<4>>,
    /// Write response is offered.
    pub s_axil_bvalid: Signal<Out, Bit>,
    /// It is taken.
    pub s_axil_bready: Signal<In, Bit>,
    /// Write response.
    pub s_axil_bresp: Signal<Out, Bits<2>>,
    /// Read address is offered.
    pub s_axil_arvalid: Signal<In, Bit>,
    /// It is taken.
    pub s_axil_arready: Signal<Out, Bit>,
    /// Read address.
    pub s_axil_araddr: Signal<In, Bits<12>>,
    /// Read data is offered.
    pub s_axil_rvalid: Signal<Out, Bit>,
    /// It is taken.
    pub s_axil_rready: Signal<In, Bit>,
    /// Read data.
    pub s_axil_rdata: Signal<Out, Bits<32>>,
    /// Read response.
    pub s_axil_rresp: Signal<Out, Bits<2>>,
    /// Interrupt.
    pub irq: Signal<Out, Bit>,
    encapsulate: Encapsulate<W, K, H, E, O, N, PA, G, GA, L, BA>,
    decapsulate: Decapsulate<W, K, H, E, O, N, D, PA, L, CR, CA, BA>,
    registers: Registers<W, N, PA, G, GA, L, CA, BA>,
    counters: Counters<N, L, PR, GR>,
    events: Events,
}

impl<
    const W: usize,
    const K: usize,
    const H: usize,
    const E: usize,
    const O: usize,
    const N: usize,
    const D: usize,
    const PA: usize,
    const CR: usize,
    const G: usize,
    const GA: usize,
    const L: usize,
    const CA: usize,
    const BA: usize,
    const PR: usize,
    const GR: usize,
> Machine<W, K, H, E, O, N, D, PA, CR, G, GA, L, CA, BA, PR, GR>
{
    /// Builds the machine.
    ///
    /// # Errors
    /// Names the first parameter that a machine cannot have, or that does not follow from the others.
    pub fn new() -> Result<Self, GeometryError> {
        let geometry = Geometry::new(W, L, N, G, WAYS << CA, WAYS << BA)?;
        let follows = |what, found, expected, why| {
            if found == expected {
                Ok(())
            } else {
                Err(GeometryError { what, found, expected: why })
            }
        };
        follows("K", K, geometry.width().octets(), "W / 8")?;
        follows("H", H, geometry.width().header_beats(), "the beats that hold 32 octets")?;
        follows("E", E, W + 64, "W + 64")?;
        follows("O", O, W / 64, "W / 64")?;
        follows("D", D, N + 1, "N + 1")?;
        follows("PA", 1 << PA, N, "log2 N")?;
        follows("CR", CR, N + 26, "N + 26")?;
        follows("PR", PR, PA + Disposition::BITS, "PA + 5")?;
        follows("GR", GR, GA + Disposition::BITS, "GA + 5")?;
        follows("GA", 1 << GA, G.max(2), "log2 G, at least 1")?;
        Ok(Self {
            clk: Signal::default(),
            rst: Signal::default(),
            s_port_tvalid: Signal::default(),
            s_port_tready: Signal::default(),
            s_port_tdata: Signal::default(),
            s_port_tkeep: Signal::default(),
            s_port_tlast: Signal::default(),
            s_port_tid: Signal::default(),
            s_port_tuser: Signal::default(),
            m_link_tvalid: Signal::default(),
            m_link_tready: Signal::default(),
            m_link_tdata: Signal::default(),
            m_link_tkeep: Signal::default(),
            m_link_tlast: Signal::default(),
            m_link_tdest: Signal::default(),
            m_link_tuser: Signal::default(),
            s_link_tvalid: Signal::default(),
            s_link_tready: Signal::default(),
            s_link_tdata: Signal::default(),
            s_link_tkeep: Signal::default(),
            s_link_tlast: Signal::default(),
            s_link_tid: Signal::default(),
            s_link_tuser: Signal::default(),
            m_port_tvalid: Signal::default(),
            m_port_tready: Signal::default(),
            m_port_tdata: Signal::default(),
            m_port_tkeep: Signal::default(),
            m_port_tlast: Signal::default(),
            m_port_tdest: Signal::default(),
            m_port_tid: Signal::default(),
            m_port_tuser: Signal::default(),
            s_axil_awvalid: Signal::default(),
            s_axil_awready: Signal::default(),
            s_axil_awaddr: Signal::default(),
            s_axil_wvalid: Signal::default(),
            s_axil_wready: Signal::default(),
            s_axil_wdata: Signal::default(),
            s_axil_wstrb: Signal::default(),
            s_axil_bvalid: Signal::default(),
            s_axil_bready: Signal::default(),
            s_axil_bresp: Signal::default(),
            s_axil_arvalid: Signal::default(),
            s_axil_arready: Signal::default(),
            s_axil_araddr: Signal::default(),
            s_axil_rvalid: Signal::default(),
            s_axil_rready: Signal::default(),
            s_axil_rdata: Signal::default(),
            s_axil_rresp: Signal::default(),
            irq: Signal::default(),
            encapsulate: Encapsulate::default(),
            decapsulate: Decapsulate::default(),
            registers: Registers::default(),
            counters: Counters::default(),
            events: Events::default(),
        })
    }
}

impl<
    const W: usize,
    const K: usize,
    const H: usize,
    const E: usize,
    const O: usize,
    const N: usize,
    const D: usize,
    const PA: usize,
    const CR: usize,
    const G: usize,
    const GA: usize,
    const L: usize,
    const CA: usize,
    const BA: usize,
    const PR: usize,
    const GR: usize,
> Logic for Machine<W, K, H, E, O, N, D, PA, CR, G, GA, L, CA, BA, PR, GR>
{
    #[hdl_gen]
    fn update(&mut self) {
        self.encapsulate.clk.next = self.clk.val();
        self.encapsulate.rst.next = self.rst.val();
        self.decapsulate.clk.next = self.clk.val();
        self.decapsulate.rst.next = self.rst.val();
        self.registers.clk.next = self.clk.val();
        self.registers.rst.next = self.rst.val();
        self.counters.clk.next = self.clk.val();
        self.counters.rst.next = self.rst.val();
        self.events.clk.next = self.clk.val();
        self.events.rst.next = self.rst.val();
        self.encapsulate.run.next = self.registers.run.val();
        self.encapsulate.commit.next = self.registers.commit.val();
        self.encapsulate.choice.next = self.registers.binding_choice.val();
        self.decapsulate.run.next = self.registers.run.val();
        self.decapsulate.commit.next = self.registers.commit.val();
        self.decapsulate.choice.next = self.registers.binding_choice.val();
        self.decapsulate.channel_choice.next = self.registers.channel_choice.val();
        for i in 0..8 {
            self.encapsulate.links[i].next = self.registers.links[i].val();
            self.decapsulate.links[i].next = self.registers.links[i].val();
        }
        self.encapsulate.seed_a.next = self.registers.binding_seed_a.val();
        self.encapsulate.seed_b.next = self.registers.binding_seed_b.val();
        self.decapsulate.seed_a.next = self.registers.binding_seed_a.val();
        self.decapsulate.seed_b.next = self.registers.binding_seed_b.val();
        self.decapsulate.channel_seed_a.next = self.registers.channel_seed_a.val();
        self.decapsulate.channel_seed_b.next = self.registers.channel_seed_b.val();

        self.encapsulate.s_valid.next = self.s_port_tvalid.val();
        self.encapsulate.s_data.next = self.s_port_tdata.val();
        self.encapsulate.s_keep.next = self.s_port_tkeep.val();
        self.encapsulate.s_last.next = self.s_port_tlast.val();
        self.encapsulate.s_id.next = self.s_port_tid.val();
        self.encapsulate.s_user.next = self.s_port_tuser.val();
        self.s_port_tready.next = self.encapsulate.s_ready.val();
        self.m_link_tvalid.next = self.encapsulate.m_valid.val();
        self.m_link_tdata.next = self.encapsulate.m_data.val();
        self.m_link_tkeep.next = self.encapsulate.m_keep.val();
        self.m_link_tlast.next = self.encapsulate.m_last.val();
        self.m_link_tdest.next = self.encapsulate.m_dest.val();
        self.m_link_tuser.next = self.encapsulate.m_user.val();
        self.encapsulate.m_ready.next = self.m_link_tready.val();
        self.decapsulate.s_valid.next = self.s_link_tvalid.val();
        self.decapsulate.s_data.next = self.s_link_tdata.val();
        self.decapsulate.s_keep.next = self.s_link_tkeep.val();
        self.decapsulate.s_last.next = self.s_link_tlast.val();
        self.decapsulate.s_id.next = self.s_link_tid.val();
        self.decapsulate.s_user.next = self.s_link_tuser.val();
        self.s_link_tready.next = self.decapsulate.s_ready.val();
        self.m_port_tvalid.next = self.decapsulate.m_valid.val();
        self.m_port_tdata.next = self.decapsulate.m_data.val();
        self.m_port_tkeep.next = self.decapsulate.m_keep.val();
        self.m_port_tlast.next = self.decapsulate.m_last.val();
        self.m_port_tdest.next = self.decapsulate.m_dest.val();
        self.m_port_tuser.next = self.decapsulate.m_user.val();
        self.m_port_tid.next = self.decapsulate.m_id.val();
        self.decapsulate.m_ready.next = self.m_port_tready.val();

        self.registers.awvalid.next = self.s_axil_awvalid.val();
        self.s_axil_awready.next = self.registers.awready.val();
        self.registers.awaddr.next = self.s_axil_awaddr.val();
        self.registers.wvalid.next = self.s_axil_wvalid.val();
        self.s_axil_wready.next = self.registers.wready.val();
        self.registers.wdata.next = self.s_axil_wdata.val();
        self.registers.wstrb.next = self.s_axil_wstrb.val();
        self.s_axil_bvalid.next = self.registers.bvalid.val();
        self.registers.bready.next = self.s_axil_bready.val();
        self.s_axil_bresp.next = self.registers.bresp.val();
        self.registers.arvalid.next = self.s_axil_arvalid.val();
        self.s_axil_arready.next = self.registers.arready.val();
        self.registers.araddr.next = self.s_axil_araddr.val();
        self.s_axil_rvalid.next = self.registers.rvalid.val();
        self.registers.rready.next = self.s_axil_rready.val();
        self.s_axil_rdata.next = self.registers.rdata.val();
        self.s_axil_rresp.next = self.registers.rresp.val();
        self.irq.next = self.registers.irq.val();
        self.registers.channel_read.next = self.decapsulate.channel_read.val();
        self.registers.binding_read.next = self.encapsulate.binding_read.val();
        self.registers.vlan_read.next = self.encapsulate.vlan_read.val();
        self.registers.traffic_read.next = self.counters.traffic.val();
        self.registers.disposition_read.next = self.counters.disposition.val();
        self.registers.busy.next = self.counters.busy.val();
        self.registers.complete.next = self.counters.complete.val();
        self.registers.level.next = self.events.level.val();
        self.registers.lost.next = self.events.lost.val();
        self.registers.loses.next = self.events.loses.val();
        self.registers.head.next = self.events.head.val();

        self.counters.sweep.next = self.registers.sweep.val();
        self.counters.tick.next = self.registers.tick.val();
        self.counters.snapshot.next = self.registers.snapshot.val();
        self.counters.row.next = self.registers.counter_row.val();
        self.counters.of_traffic.next = self.registers.counter_traffic.val();
        self.counters.of_disposition.next = self.registers.counter_disposition.val();
        self.counters.up.next = self.encapsulate.count.val();
        self.counters.down.next = self.decapsulate.count.val();
        self.counters.members.next = self.decapsulate.members.val();
        self.events.enable.next = self.registers.event_enable.val();
        self.events.up.next = self.encapsulate.dropped.val();
        self.events.up_event.next = self.encapsulate.event.val();
        self.events.down.next = self.decapsulate.dropped.val();
        self.events.down_event.next = self.decapsulate.event.val();
        self.events.pop.next = self.registers.pop.val();
        self.events.pop_sequence.next = self.registers.pop_sequence.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new(
            "machine",
            &format!("{} clocks from s_port to m_link, {} from s_link to m_port", 25 + H, 42 + H),
        )
        .with("W", W)
        .with("PORTS", N)
        .with("GROUPS", G)
        .with("LINKS", L)
        .with("CHANNEL_ROWS", WAYS << CA)
        .with("BINDING_ROWS", WAYS << BA)
        .says("Port extender and virtual bridge ports.")
        .timing()
    }
}
