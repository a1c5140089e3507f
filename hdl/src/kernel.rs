// SPDX-License-Identifier: MIT
//! The machine in rust-hdl's kernel, stepped by hand in one thread, behind the pins that all engines share.

use num_bigint::BigUint;
use rust_hdl::prelude::*;
use vireo_spec::pins::{Beat, Clocked, Forward, Inputs, Outputs};

use crate::top::Machine;

/// Passes over all blocks within which signals settle; a machine that needs more has a combinational loop.
const PASSES: usize = 200;

/// A block with the machine's pins, of whatever size.
pub trait Pins: Block {
    /// Sets the clock.
    fn clk(&mut self, high: bool);

    /// Sets all other inputs.
    fn drive(&mut self, inputs: &Inputs);

    /// Reads the outputs; payload where it is valid.
    fn sample(&self, outputs: &mut Outputs);
}

/// A machine in the kernel.
pub struct Kernel {
    machine: Box<dyn Pins + Send>,
    outputs: Outputs,
}

impl Kernel {
    /// A machine, its signals connected, as in the first cycle after reset.
    pub fn new(machine: Box<dyn Pins + Send>) -> Self {
        let mut kernel = Self { machine, outputs: Outputs::default() };
        kernel.clock(&Inputs { rst: true, ..Inputs::default() });
        kernel
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
}

impl Clocked for Kernel {
    fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    fn clock(&mut self, inputs: &Inputs) {
        // Nothing happens at the falling edge, which therefore settles along with the inputs.
        self.machine.clk(false);
        self.machine.drive(inputs);
        self.settle();
        self.machine.clk(true);
        self.settle();
        self.machine.sample(&mut self.outputs);
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
    const PR: usize,
    const GR: usize,
> Pins for Machine<W, K, H, E, R, N, D, PA, CR, G, GA, L, CA, BA, PR, GR>
{
    fn clk(&mut self, high: bool) {
        self.clk.next = Clock { clk: high };
    }

    fn drive(&mut self, inputs: &Inputs) {
        self.rst.next = inputs.rst;
        let Forward { valid, beat } = &inputs.s_port;
        self.s_port_tvalid.next = *valid;
        self.s_port_tdata.next = wide(&beat.data[..K]);
        self.s_port_tkeep.next = beat.keep.into();
        self.s_port_tlast.next = beat.last;
        self.s_port_tid.next = u64::from(beat.id).into();
        self.s_port_tuser.next = u64::from(beat.user).into();
        let Forward { valid, beat } = &inputs.s_link;
        self.s_link_tvalid.next = *valid;
        self.s_link_tdata.next = wide(&beat.data[..K]);
        self.s_link_tkeep.next = beat.keep.into();
        self.s_link_tlast.next = beat.last;
        self.s_link_tid.next = u64::from(beat.id).into();
        // The stream of links carries no source port.
        self.s_link_tuser.next = u64::from(beat.user & 0x1F).into();
        self.m_link_tready.next = inputs.m_link_ready;
        self.m_port_tready.next = inputs.m_port_ready;
        let axil = &inputs.s_axil;
        self.s_axil_awvalid.next = axil.awvalid;
        self.s_axil_awaddr.next = u64::from(axil.awaddr & 0xFFF).into();
        self.s_axil_wvalid.next = axil.wvalid;
        self.s_axil_wdata.next = u64::from(axil.wdata).into();
        self.s_axil_wstrb.next = u64::from(axil.wstrb).into();
        self.s_axil_bready.next = axil.bready;
        self.s_axil_arvalid.next = axil.arvalid;
        self.s_axil_araddr.next = u64::from(axil.araddr & 0xFFF).into();
        self.s_axil_rready.next = axil.rready;
    }

    fn sample(&self, o: &mut Outputs) {
        o.s_port_ready = self.s_port_tready.val();
        o.s_link_ready = self.s_link_tready.val();
        o.m_link.valid = self.m_link_tvalid.val();
        if o.m_link.valid {
            o.m_link.beat = Beat {
                data: octets(self.m_link_tdata.val()),
                keep: number(self.m_link_tkeep.val()) as u64,
                last: self.m_link_tlast.val(),
                user: number(self.m_link_tuser.val()) as u16,
                id: 0,
                dest: number(self.m_link_tdest.val()),
            };
        }
        o.m_port.valid = self.m_port_tvalid.val();
        if o.m_port.valid {
            o.m_port.beat = Beat {
                data: octets(self.m_port_tdata.val()),
                keep: number(self.m_port_tkeep.val()) as u64,
                last: self.m_port_tlast.val(),
                user: number(self.m_port_tuser.val()) as u16,
                id: number(self.m_port_tid.val()) as u8,
                dest: number(self.m_port_tdest.val()),
            };
        }
        let axil = &mut o.s_axil;
        axil.awready = self.s_axil_awready.val();
        axil.wready = self.s_axil_wready.val();
        axil.bvalid = self.s_axil_bvalid.val();
        axil.bresp = number(self.s_axil_bresp.val()) as u8;
        axil.arready = self.s_axil_arready.val();
        axil.rvalid = self.s_axil_rvalid.val();
        axil.rdata = number(self.s_axil_rdata.val()) as u32;
        axil.rresp = number(self.s_axil_rresp.val()) as u8;
        o.irq = self.irq.val();
    }
}

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
