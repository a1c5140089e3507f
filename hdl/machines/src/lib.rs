// SPDX-License-Identifier: MIT
//! The sizes of the machine that are compiled in, since hardware is typed by its size: for rust-hdl's kernel and for the
//! Verilog printer. A crate of its own beside the blocks, and not optimized, because each machine takes a compiler many seconds.

mod error;

use std::thread;

use vireo_hdl::kernel::{Kernel, Pins};
use vireo_hdl::verilog::Design;
use vireo_spec::geometry::Geometry;

pub use error::MachineError;
pub use vireo_hdl::size::Size;

/// Stack of the thread that puts a machine together, in octets: its blocks are moved into each other by value.
const STACK: usize = 256 << 20;

/// The size that whoever compiles this asks for.
const OWN: Option<&str> = option_env!("VIREO_SIZE");

/// [`OWN`]; without one a machine that is there anyway.
const OWN_NUMBERS: [usize; 6] = match OWN {
    Some(text) => vireo_hdl::size::numbers(text),
    None => [64, 8, 4, 2, 256, 256],
};

const OWN_PORTS: usize = OWN_NUMBERS[1];
const OWN_GROUPS: usize = OWN_NUMBERS[2];
const OWN_LINKS: usize = OWN_NUMBERS[3];
const OWN_CHANNELS: usize = OWN_NUMBERS[4];
const OWN_BINDINGS: usize = OWN_NUMBERS[5];

mod large {
    use super::*;

    vireo_hdl::sizes! {
        [64, 128, 512] bits, 32 ports, 16 groups, 2 links, 1024 channels, 2048 bindings;
        [64, 128, 256, 512] bits, 32 ports, 16 groups, 2 links, 1024 channels, 4096 bindings;
        [512] bits, 64 ports, 64 groups, 8 links, 4096 channels, 16384 bindings;
        [OWN_NUMBERS[0]] bits, OWN_PORTS ports, OWN_GROUPS groups, OWN_LINKS links, OWN_CHANNELS channels, OWN_BINDINGS bindings;
    }
}

/// The sizes that are compiled in.
pub fn sizes() -> impl Iterator<Item = &'static Size> {
    let large = &large::SIZES[..large::SIZES.len() - usize::from(OWN.is_none())];
    vireo_small_machine::SIZES.iter().chain(large)
}

/// The smallest machine that is compiled in and has at least this geometry, at the same width.
///
/// # Errors
/// [`MachineError::TooSmall`] lists the sizes that are compiled in.
pub fn fitting(wanted: Geometry) -> Result<Geometry, MachineError> {
    // What takes time and room is the width of a bitmap of ports, and then the rows.
    let cost = |geometry: &Geometry| (geometry.ports(), geometry.channels() + geometry.bindings());
    let fitting = sizes().filter_map(|size| size.fitting(&wanted));
    fitting.min_by_key(cost).ok_or(MachineError::TooSmall { wanted })
}

/// The machine of a geometry, put together in a thread that has the stack for it.
fn machine(geometry: Geometry) -> Result<Box<dyn Pins + Send>, MachineError> {
    let machine = thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK);
        let thread = thread.spawn_scoped(scope, || {
            vireo_small_machine::assemble(&geometry).or_else(|| large::assemble(&geometry))
        })?;
        Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    match machine {
        Ok(Some(machine)) => Ok(machine?),
        Ok(None) => Err(MachineError::NotOffered { wanted: geometry }),
        Err(source) => Err(MachineError::Thread { source }),
    }
}

/// The machine of a geometry in rust-hdl's kernel, in the first cycle after reset.
///
/// # Errors
/// [`MachineError::NotOffered`] lists the sizes that are compiled in.
pub fn kernel(geometry: Geometry) -> Result<Kernel, MachineError> {
    machine(geometry).map(Kernel::new)
}

/// The machine of a geometry in Verilog; its top is the module `vireo_machine`.
///
/// # Errors
/// [`MachineError::NotOffered`] lists the sizes that are compiled in.
pub fn print(geometry: Geometry) -> Result<Design, MachineError> {
    Ok(Design::print(&*machine(geometry)?, "machine")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_that_no_machine_can_have_says_why() {
        let Err(error) = <vireo_hdl::machine!(96, 4, 2, 2, 2, 1, 4, 4)>::new() else {
            panic!("96 bits were built")
        };
        assert_eq!(error.to_string(), "width is 96; it must be 64, 128, 256 or 512");
    }

    #[test]
    fn smallest_machine_that_is_large_enough_is_taken() {
        let small = Geometry::new(64, 1, 2, 1, 64, 64).unwrap();
        assert_eq!(fitting(small).unwrap().ports(), 8);
        let grouped = Geometry::new(64, 1, 2, 8, 64, 64).unwrap();
        let larger = Geometry::new(64, 2, 32, 16, 1024, 2048).unwrap();
        assert_eq!(fitting(grouped).unwrap(), larger);
    }

    #[test]
    fn machine_that_is_not_compiled_in_is_answered_by_those_that_are_and_the_way_to_this_one() {
        let odd = Geometry::new(128, 8, 64, 2, 64, 8192).unwrap();
        let own = "VIREO_SIZE=\"--width 128 --ports 64 --groups 2 --links 8 --channels 64 --bindings 8192\"";
        for error in [print(odd).err().unwrap(), fitting(odd).err().unwrap()] {
            let text = error.to_string();
            assert!(text.contains(own), "{text}");
            assert!(text.contains("--width 64|128|256|512 --ports 32"), "{text}");
        }
    }
}
