// SPDX-License-Identifier: MIT
//! Why there is no machine, and how to come by one.

use thiserror::Error;
use vireo_hdl::size::arguments;
use vireo_hdl::verilog::PrintError;
use vireo_spec::geometry::{Geometry, GeometryError};

use crate::{STACK, sizes};

/// Why there is no machine.
#[derive(Debug, Error)]
pub enum MachineError {
    /// The geometry can be built, but is not compiled in.
    #[error("a machine of {wanted} is not compiled in{}", offered(wanted))]
    NotOffered {
        /// What was asked for.
        wanted: Geometry,
    },
    /// No machine that is compiled in is as large.
    #[error("no machine that holds {wanted} is compiled in{}", offered(wanted))]
    TooSmall {
        /// What is needed.
        wanted: Geometry,
    },
    /// The machine cannot be built.
    #[error(transparent)]
    Geometry(#[from] GeometryError),
    /// The machine has no exact Verilog.
    #[error(transparent)]
    Print(#[from] PrintError),
    /// The system gives no thread to put the machine together.
    #[error("the machine is put together in a thread with {} MiB of stack, which the system refuses: {source}", STACK >> 20)]
    Thread {
        /// What the system answered.
        #[from]
        source: std::io::Error,
    },
}

/// What is compiled in, and how something else comes to be.
fn offered(wanted: &Geometry) -> String {
    let sizes: String = sizes().map(|size| format!("\n  {size}")).collect();
    let own = arguments(&wanted.width().bits().to_string(), wanted);
    format!(
        ". Hardware is typed by its size, and there are:{sizes}\n\
         To have this one too, build with it in the environment:\n  \
         VIREO_SIZE=\"{own}\" cargo build --release"
    )
}
