// SPDX-License-Identifier: MIT
//! The engine `verilator`: the printed Verilog, built by Verilator into a library that is kept, loaded and clocked like any
//! other machine with pins.

mod build;
mod error;
mod foreign;
#[cfg(test)]
mod tests;

use vireo_hdl::verilog::Design;
use vireo_spec::geometry::Geometry;
use vireo_spec::pins::{Beat, Clocked, Forward, Inputs, Outputs};

pub use build::Builder;
pub use error::VerilatorError;

/// Clocks of reset: one is enough for a machine that resets every flip-flop; a fault must not hide behind power-up.
const RESET: usize = 2;

/// A machine in Verilog, compiled by Verilator.
pub struct Verilated {
    machine: foreign::Machine,
    driven: foreign::Inputs,
    seen: foreign::Outputs,
    outputs: Outputs,
}

impl Verilated {
    /// The machine of a printed design, in cycle 0 of docs/pipeline.md, section 6; built in the user's cache, if it is not there.
    ///
    /// # Errors
    /// What is missing on this computer, or what Verilator and the compiler say.
    pub fn build(design: &Design, geometry: Geometry) -> Result<Self, VerilatorError> {
        Self::from_text(&design.text(), &design.top, geometry)
    }

    /// The same from any Verilog: `top` is the module that has the machine's pins at this `geometry`.
    ///
    /// # Errors
    /// As [`Verilated::build`].
    pub fn from_text(text: &str, top: &str, geometry: Geometry) -> Result<Self, VerilatorError> {
        Self::built_by(&Builder::of_user()?, text, top, geometry)
    }

    /// The same in a cache that the caller names.
    ///
    /// # Errors
    /// As [`Verilated::build`].
    pub fn built_by(
        builder: &Builder,
        text: &str,
        top: &str,
        geometry: Geometry,
    ) -> Result<Self, VerilatorError> {
        let library = builder.library(text, top, geometry)?;
        let mut machine = Self {
            machine: foreign::Machine::load(&library)?,
            driven: foreign::Inputs::default(),
            seen: foreign::Outputs::default(),
            outputs: Outputs::default(),
        };
        let reset = Inputs { rst: true, ..Inputs::default() };
        (0..RESET).for_each(|_| machine.clock(&reset));
        Ok(machine)
    }
}

impl Clocked for Verilated {
    fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    fn clock(&mut self, inputs: &Inputs) {
        let (driven, axil) = (&mut self.driven, &inputs.s_axil);
        drive(&mut driven.s_port, &inputs.s_port);
        drive(&mut driven.s_link, &inputs.s_link);
        driven.wdata = axil.wdata;
        driven.awaddr = axil.awaddr;
        driven.araddr = axil.araddr;
        driven.wstrb = axil.wstrb;
        driven.awvalid = axil.awvalid.into();
        driven.wvalid = axil.wvalid.into();
        driven.bready = axil.bready.into();
        driven.arvalid = axil.arvalid.into();
        driven.rready = axil.rready.into();
        driven.rst = inputs.rst.into();
        driven.m_link_ready = inputs.m_link_ready.into();
        driven.m_port_ready = inputs.m_port_ready.into();

        self.machine.clock(driven, &mut self.seen);

        let (seen, outputs) = (&self.seen, &mut self.outputs);
        see(&mut outputs.m_link, &seen.m_link);
        see(&mut outputs.m_port, &seen.m_port);
        outputs.s_port_ready = seen.s_port_ready != 0;
        outputs.s_link_ready = seen.s_link_ready != 0;
        outputs.irq = seen.irq != 0;
        let axil = &mut outputs.s_axil;
        axil.awready = seen.awready != 0;
        axil.wready = seen.wready != 0;
        axil.bvalid = seen.bvalid != 0;
        axil.bresp = seen.bresp;
        axil.arready = seen.arready != 0;
        axil.rvalid = seen.rvalid != 0;
        axil.rdata = seen.rdata;
        axil.rresp = seen.rresp;
    }
}

/// `tdest` is no pin of the machine's inputs.
fn drive(pins: &mut foreign::Stream, stream: &Forward) {
    let beat = &stream.beat;
    pins.data = beat.data;
    pins.keep = beat.keep;
    pins.user = beat.user;
    pins.id = beat.id;
    pins.valid = stream.valid.into();
    pins.last = beat.last.into();
}

fn see(stream: &mut Forward, pins: &foreign::Stream) {
    stream.valid = pins.valid != 0;
    stream.beat = Beat {
        data: pins.data,
        keep: pins.keep,
        last: pins.last != 0,
        user: pins.user,
        id: pins.id,
        dest: u128::from(pins.dest[1]) << 64 | u128::from(pins.dest[0]),
    };
}
