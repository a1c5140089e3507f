// SPDX-License-Identifier: MIT
//! The machine in rust-hdl's kernel, stepped by hand in one thread, behind the pins that all engines share.

use num_bigint::BigUint;
use rust_hdl::prelude::*;
use vireo_spec::geometry::{Geometry, GeometryError};
use vireo_spec::pins::{Beat, Clocked, Forward, Inputs, Outputs};

use crate::print::SIZES;
use crate::top::Machine;

/// Passes over all blocks within which signals settle; a machine that needs more has a combinational loop.
const PASSES: usize = 200;

fn wide<const N: usize>(octets: &[u8]) -> Bits<N> {
    BigUint::from_bytes_le(octets).into()
}

fn octets<const N: usize>(bits: Bits<N>) -> [u8; 64] {
    let value: BigUint = bits.into();
    let mut octets = [0; 64];
    for (octet, byte) in octets.iter_mut().zip(value.to_bytes_le()) {
        *octet = byte;
    }
    octets
}

fn number<const N: usize>(bits: Bits<N>) -> u128 {
    u128::from_le_bytes(octets(bits)[..16].try_into().expect("16 octets"))
}

/// A machine in the kernel. The parameters are [`Machine`]'s.
pub struct Kernel<
    const W: usize,
    const K: usize,
    const H: usize,
    const E: usize,
    const R: usize,
    const N: usize,
    const D: usize,
    const PA: usize,
    const CR: usize,
    const G: usize,
    const GA: usize,
    const L: usize,
    const CA: usize,
    const BA: usize,
> {
    machine: Box<Machine<W, K, H, E, R, N, D, PA, CR, G, GA, L, CA, BA>>,
    outputs: Outputs,
}

impl<
    const W: usize,
    const K: usize,
    const H: usize,
    const E: usize,
    const R: usize,
    const N: usize,
    const D: usize,
    const PA: usize,
    const CR: usize,
    const G: usize,
    const GA: usize,
    const L: usize,
    const CA: usize,
    const BA: usize,
> Kernel<W, K, H, E, R, N, D, PA, CR, G, GA, L, CA, BA>
{
    /// A machine as in the first cycle after reset.
    ///
    /// # Errors
    /// As [`Machine::new`].
    pub fn new() -> Result<Self, GeometryError> {
        let mut machine = Box::new(Machine::new()?);
        machine.connect_all();
        let mut kernel = Self { machine, outputs: Outputs::default() };
        kernel.clock(&Inputs { rst: true, ..Inputs::default() });
        Ok(kernel)
    }

    fn settle(&mut self) {
        for _ in 0..PASSES {
            self.machine.update_all();
            if !self.machine.has_changed() {
                return;
            }
        }
        unreachable!("the machine has a combinational loop");
    }

    fn drive(&mut self, inputs: &Inputs) {
        let m = &mut self.machine;
        m.rst.next = inputs.rst;
        let Forward { valid, beat } = &inputs.s_port;
        m.s_port_tvalid.next = *valid;
        m.s_port_tdata.next = wide(&beat.data[..K]);
        m.s_port_tkeep.next = beat.keep.into();
        m.s_port_tlast.next = beat.last;
        m.s_port_tid.next = u64::from(beat.id).into();
        m.s_port_tuser.next = u64::from(beat.user).into();
        let Forward { valid, beat } = &inputs.s_link;
        m.s_link_tvalid.next = *valid;
        m.s_link_tdata.next = wide(&beat.data[..K]);
        m.s_link_tkeep.next = beat.keep.into();
        m.s_link_tlast.next = beat.last;
        m.s_link_tid.next = u64::from(beat.id).into();
        // The stream of links carries no source port.
        m.s_link_tuser.next = u64::from(beat.user & 0x1F).into();
        m.m_link_tready.next = inputs.m_link_ready;
        m.m_port_tready.next = inputs.m_port_ready;
        let axil = &inputs.s_axil;
        m.s_axil_awvalid.next = axil.awvalid;
        m.s_axil_awaddr.next = u64::from(axil.awaddr & 0xFFF).into();
        m.s_axil_wvalid.next = axil.wvalid;
        m.s_axil_wdata.next = u64::from(axil.wdata).into();
        m.s_axil_wstrb.next = u64::from(axil.wstrb).into();
        m.s_axil_bready.next = axil.bready;
        m.s_axil_arvalid.next = axil.arvalid;
        m.s_axil_araddr.next = u64::from(axil.araddr & 0xFFF).into();
        m.s_axil_rready.next = axil.rready;
    }

    fn sample(&mut self) {
        let (m, o) = (&self.machine, &mut self.outputs);
        o.s_port_ready = m.s_port_tready.val();
        o.s_link_ready = m.s_link_tready.val();
        o.m_link.valid = m.m_link_tvalid.val();
        if o.m_link.valid {
            o.m_link.beat = Beat {
                data: octets(m.m_link_tdata.val()),
                keep: number(m.m_link_tkeep.val()) as u64,
                last: m.m_link_tlast.val(),
                user: number(m.m_link_tuser.val()) as u16,
                id: 0,
                dest: number(m.m_link_tdest.val()),
            };
        }
        o.m_port.valid = m.m_port_tvalid.val();
        if o.m_port.valid {
            o.m_port.beat = Beat {
                data: octets(m.m_port_tdata.val()),
                keep: number(m.m_port_tkeep.val()) as u64,
                last: m.m_port_tlast.val(),
                user: number(m.m_port_tuser.val()) as u16,
                id: number(m.m_port_tid.val()) as u8,
                dest: number(m.m_port_tdest.val()),
            };
        }
        let axil = &mut o.s_axil;
        axil.awready = m.s_axil_awready.val();
        axil.wready = m.s_axil_wready.val();
        axil.bvalid = m.s_axil_bvalid.val();
        axil.bresp = number(m.s_axil_bresp.val()) as u8;
        axil.arready = m.s_axil_arready.val();
        axil.rvalid = m.s_axil_rvalid.val();
        axil.rdata = number(m.s_axil_rdata.val()) as u32;
        axil.rresp = number(m.s_axil_rresp.val()) as u8;
        o.irq = m.irq.val();
    }
}

impl<
    const W: usize,
    const K: usize,
    const H: usize,
    const E: usize,
    const R: usize,
    const N: usize,
    const D: usize,
    const PA: usize,
    const CR: usize,
    const G: usize,
    const GA: usize,
    const L: usize,
    const CA: usize,
    const BA: usize,
> Clocked for Kernel<W, K, H, E, R, N, D, PA, CR, G, GA, L, CA, BA>
{
    fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    fn clock(&mut self, inputs: &Inputs) {
        self.drive(inputs);
        self.settle();
        self.machine.clk.next = Clock { clk: true };
        self.settle();
        self.machine.clk.next = Clock { clk: false };
        self.settle();
        self.sample();
    }
}

/// The machine of this geometry in the kernel, if it is compiled in: the smallest of [`SIZES`], at all widths.
pub fn machine(geometry: Geometry) -> Option<Box<dyn Clocked>> {
    if SIZES[0].geometry(geometry.width().bits()) != Ok(geometry) {
        return None;
    }
    macro_rules! small {
        ($width:literal) => {
            Box::new(
                Kernel::<
                    $width,
                    { $width / 8 },
                    { if $width < 256 { 256 / $width } else { 1 } },
                    { $width + 64 },
                    { $width + 10 },
                    8,
                    9,
                    3,
                    34,
                    4,
                    2,
                    2,
                    6,
                    6,
                >::new()
                .ok()?,
            )
        };
    }
    Some(match geometry.width().bits() {
        64 => small!(64),
        128 => small!(128),
        256 => small!(256),
        _ => small!(512),
    })
}
