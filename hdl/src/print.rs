// SPDX-License-Identifier: MIT
//! The machines that can be printed. Hardware is typed by its size, so each is compiled in; another is a line more in
//! the list below.

use std::fmt;
use std::thread;

use rust_hdl::prelude::Block;
use thiserror::Error;
use vireo_spec::geometry::{Geometry, GeometryError, WAYS};

use crate::machine;
use crate::verilog::{Design, PrintError};

/// Stack of the thread that puts a machine together, in octets: its blocks are moved into each other by value.
const STACK: usize = 256 << 20;

/// A size of machine that is compiled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// What the size is called.
    pub name: &'static str,
    /// Widths of its streams in bits.
    pub widths: &'static [usize],
    /// Ports.
    pub ports: usize,
    /// Groups.
    pub groups: usize,
    /// Links.
    pub links: usize,
    /// Channel rows, in all ways.
    pub channels: usize,
    /// Binding rows, in all ways.
    pub bindings: usize,
}

impl Size {
    /// A machine of this size, `width` bits wide.
    ///
    /// # Errors
    /// [`GeometryError`] for a width that no machine has.
    pub fn geometry(&self, width: usize) -> Result<Geometry, GeometryError> {
        let &Self { links, ports, groups, channels, bindings, .. } = self;
        Geometry::new(width, links, ports, groups, channels, bindings)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, widths, ports, groups, links, channels, bindings } = self;
        let widths = widths.iter().map(usize::to_string).collect::<Vec<_>>().join("|");
        write!(
            f,
            "{name}: --width {widths} --ports {ports} --groups {groups} --links {links} --channels {channels} --bindings {bindings}"
        )
    }
}

/// Why a machine was not printed.
#[derive(Debug, Error)]
pub enum MachineError {
    /// The geometry can be built, but is not compiled in.
    #[error(
        "a machine of {found} is not compiled in. Hardware is typed by its size; there are:\
         \n{sizes}\n\
         Another size takes one line more in the list of hdl/src/print.rs, which hands it to the macro machine!",
        sizes = SIZES.map(|size| format!("  {size}")).join("\n"),
    )]
    NotOffered {
        /// What was asked for.
        found: String,
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

const fn log2(n: usize) -> usize {
    n.ilog2() as usize
}

macro_rules! sizes {
    ($count:literal: $($name:literal at $($width:literal)|+ bits, $ports:literal ports, $groups:literal groups,
                       $links:literal links, $channels:literal channels, $bindings:literal bindings;)*) => {
        /// The sizes that are compiled in, smallest first.
        pub const SIZES: [Size; $count] = [$(
            Size {
                name: $name,
                widths: &[$($width),+],
                ports: $ports,
                groups: $groups,
                links: $links,
                channels: $channels,
                bindings: $bindings,
            }
        ),*];

        /// The machine of a geometry, its signals connected; `None` if it is not compiled in.
        fn assemble(geometry: Geometry) -> Option<Result<Box<dyn Block>, GeometryError>> {
            let key = (
                geometry.width().bits(),
                geometry.ports(),
                geometry.groups(),
                geometry.links(),
                geometry.channels(),
                geometry.bindings(),
            );
            $($(
                if key == ($width, $ports, $groups, $links, $channels, $bindings) {
                    return Some(connected(<machine!(
                        $width,
                        $ports,
                        $groups,
                        $links,
                        log2($ports),
                        log2(if $groups > 1 { $groups } else { 2 }),
                        log2($channels / WAYS),
                        log2($bindings / WAYS)
                    )>::new()));
                }
            )+)*
            None
        }
    };
}

// A machine takes a compiler some 20 seconds, so there are not more than these.
sizes! {
    3:
    "small" at 64 | 128 | 256 | 512 bits, 8 ports, 4 groups, 2 links, 256 channels, 256 bindings;
    "default" at 64 | 128 | 256 | 512 bits, 32 ports, 16 groups, 2 links, 1024 channels, 4096 bindings;
    "large" at 512 bits, 64 ports, 64 groups, 8 links, 4096 channels, 16384 bindings;
}

fn connected<M: Block + 'static>(
    machine: Result<M, GeometryError>,
) -> Result<Box<dyn Block>, GeometryError> {
    let mut machine: Box<dyn Block> = Box::new(machine?);
    machine.connect_all();
    Ok(machine)
}

/// The machine of a geometry in Verilog; its top is the module `vireo_machine`.
///
/// # Errors
/// [`MachineError::NotOffered`] lists the sizes that are compiled in.
pub fn print(geometry: Geometry) -> Result<Design, MachineError> {
    let assembled = || match assemble(geometry) {
        Some(machine) => Ok(Design::print(&*machine?, "machine")?),
        None => Err(MachineError::NotOffered {
            found: format!(
                "{} bits, {} ports, {} groups, {} links, {} channels and {} bindings",
                geometry.width().bits(),
                geometry.ports(),
                geometry.groups(),
                geometry.links(),
                geometry.channels(),
                geometry.bindings()
            ),
        }),
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, assembled)?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
