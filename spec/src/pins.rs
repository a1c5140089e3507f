// SPDX-License-Identifier: MIT
//! The machine's pins, independent of its width: what a test bench drives and sees in one cycle.
//!
//! Named as in Verilog (`s_port_tdata` is `s_port.beat.data`). Lanes beyond the machine's width are 0.

/// Octets in the widest beat.
pub const MAX_OCTETS: usize = 64;

/// Where a frame comes from or goes to, beyond plain member ports: `tid` of `s_port` and `m_port`, `tdest` of `m_link`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamId {
    /// A port (on link streams: a link).
    Port(u8),
    /// A group.
    Group(u8),
    /// The control plane of a link.
    LinkControl(u8),
    /// The control plane of a port.
    PortControl(u8),
}

impl StreamId {
    /// The eight bits on the pins: kind in 7:6, index in 5:0 (bits above are cut off).
    pub const fn code(self) -> u8 {
        match self {
            Self::Port(index) => index & 63,
            Self::Group(index) => 64 | (index & 63),
            Self::LinkControl(index) => 128 | (index & 63),
            Self::PortControl(index) => 192 | (index & 63),
        }
    }

    /// What the eight bits mean.
    pub const fn from_code(code: u8) -> Self {
        let index = code & 63;
        match code >> 6 {
            0 => Self::Port(index),
            1 => Self::Group(index),
            2 => Self::LinkControl(index),
            _ => Self::PortControl(index),
        }
    }
}

/// `tuser` bit 0: the frame is bad (on its last beat).
pub const USER_BAD: u16 = 1;
/// `tuser` bits 4:1: drop eligible above priority, as [`crate::ether::Priority`] packs them.
pub const USER_PRIORITY_LOW: usize = 1;
/// `s_port.tuser` bits 11:5: source port of a group's frame.
pub const USER_SOURCE_LOW: usize = 5;
/// A group's frame has no source port.
pub const USER_SOURCE_NONE: u8 = 127;

/// The payload of one transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// First octet on the wire first (bits 7:0 of `tdata`).
    pub data: [u8; MAX_OCTETS],
    /// A bit an octet.
    pub keep: u64,
    /// The frame's last beat.
    pub last: bool,
    /// `tuser`.
    pub user: u16,
    /// `tid`, where the stream has one.
    pub id: u8,
    /// `tdest`, where the stream has one.
    pub dest: u128,
}

impl Default for Beat {
    fn default() -> Self {
        Self { data: [0; MAX_OCTETS], keep: 0, last: false, user: 0, id: 0, dest: 0 }
    }
}

/// What the sender of a stream drives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forward {
    /// `tvalid`.
    pub valid: bool,
    /// The payload; it means something while `valid`.
    pub beat: Beat,
}

/// What an AXI4-Lite manager drives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the names are AXI4-Lite's own
pub struct AxilInputs {
    pub awvalid: bool,
    pub awaddr: u16,
    pub wvalid: bool,
    pub wdata: u32,
    pub wstrb: u8,
    pub bready: bool,
    pub arvalid: bool,
    pub araddr: u16,
    pub rready: bool,
}

/// What the machine answers on AXI4-Lite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the names are AXI4-Lite's own
pub struct AxilOutputs {
    pub awready: bool,
    pub wready: bool,
    pub bvalid: bool,
    pub bresp: u8,
    pub arready: bool,
    pub rvalid: bool,
    pub rdata: u32,
    pub rresp: u8,
}

/// AXI4-Lite response: done.
pub const RESP_OKAY: u8 = 0;
/// AXI4-Lite response: refused.
pub const RESP_SLVERR: u8 = 2;

/// All input pins in one cycle, but for the clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Synchronous reset, active high.
    pub rst: bool,
    /// Frames from ports.
    pub s_port: Forward,
    /// Frames from links.
    pub s_link: Forward,
    /// `m_link.tready`.
    pub m_link_ready: bool,
    /// `m_port.tready`.
    pub m_port_ready: bool,
    /// Register accesses.
    pub s_axil: AxilInputs,
}

/// All output pins in one cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outputs {
    /// `s_port.tready`.
    pub s_port_ready: bool,
    /// `s_link.tready`.
    pub s_link_ready: bool,
    /// Frames to links.
    pub m_link: Forward,
    /// Frames to ports.
    pub m_port: Forward,
    /// Register answers.
    pub s_axil: AxilOutputs,
    /// Interrupt.
    pub irq: bool,
}

/// Anything that has the machine's pins: the cycle model, rust-hdl's kernel, generated Verilog.
///
/// All outputs are flip-flops, so they do not depend on the inputs of their cycle.
pub trait Clocked {
    /// The output pins in this cycle.
    fn outputs(&self) -> &Outputs;

    /// The rising edge that ends this cycle, in which the input pins were `inputs`.
    fn clock(&mut self, inputs: &Inputs);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_ids_survive_their_eight_bits() {
        for code in 0..=255 {
            assert_eq!(StreamId::from_code(code).code(), code);
        }
    }
}
