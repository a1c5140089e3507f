// SPDX-License-Identifier: MIT
//! The only unsafe code: the built machine is a shared library in C++, and this is its interface (shim.cpp has the other
//! side). Structures are the same to the octet; their sizes go into the build, which compares them.
#![allow(unsafe_code)]

use std::path::Path;
use std::ptr::NonNull;

use libloading::Library;
use vireo_spec::pins::MAX_OCTETS;

use super::error::VerilatorError;

/// What the sender of a stream drives. A pin of one bit is an octet everywhere: no value that C++ writes there is invalid.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Stream {
    pub(super) data: [u8; MAX_OCTETS],
    /// Low half first.
    pub(super) dest: [u64; 2],
    pub(super) keep: u64,
    pub(super) user: u16,
    pub(super) id: u8,
    pub(super) valid: u8,
    pub(super) last: u8,
}

impl Default for Stream {
    fn default() -> Self {
        Self { data: [0; MAX_OCTETS], dest: [0; 2], keep: 0, user: 0, id: 0, valid: 0, last: 0 }
    }
}

/// All input pins.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(super) struct Inputs {
    pub(super) s_port: Stream,
    pub(super) s_link: Stream,
    pub(super) wdata: u32,
    pub(super) awaddr: u16,
    pub(super) araddr: u16,
    pub(super) wstrb: u8,
    pub(super) awvalid: u8,
    pub(super) wvalid: u8,
    pub(super) bready: u8,
    pub(super) arvalid: u8,
    pub(super) rready: u8,
    pub(super) rst: u8,
    pub(super) m_link_ready: u8,
    pub(super) m_port_ready: u8,
}

/// All output pins.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(super) struct Outputs {
    pub(super) m_link: Stream,
    pub(super) m_port: Stream,
    pub(super) rdata: u32,
    pub(super) awready: u8,
    pub(super) wready: u8,
    pub(super) bvalid: u8,
    pub(super) bresp: u8,
    pub(super) arready: u8,
    pub(super) rvalid: u8,
    pub(super) rresp: u8,
    pub(super) s_port_ready: u8,
    pub(super) s_link_ready: u8,
    pub(super) irq: u8,
}

/// The machine in C++.
#[repr(C)]
struct Opaque {
    _private: [u8; 0],
}

/// A machine that lives in a loaded library.
pub(super) struct Machine {
    object: NonNull<Opaque>,
    clock: unsafe extern "C" fn(NonNull<Opaque>, *const Inputs, *mut Outputs),
    delete: unsafe extern "C" fn(NonNull<Opaque>),
    /// What the functions and the object are in: goes last.
    _library: Library,
}

// SAFETY: A verilated model belongs to no thread (it has a `VerilatedContext` of its own); it must only not be evaluated by
// two at once, and `clock` borrows it exclusively.
unsafe impl Send for Machine {}

impl Machine {
    /// Loads a library that [`super::build`] made, and makes a machine of it.
    pub(super) fn load(library: &Path) -> Result<Self, VerilatorError> {
        let failed = |source| VerilatorError::Load { library: library.into(), source };
        // SAFETY: The library was built from shim.cpp, whose text, like Verilator's version, is in its name: loading it runs no
        // code but constructors of Verilator's runtime, and its three functions have the types that are given here.
        unsafe {
            let library = Library::new(library).map_err(failed)?;
            let new = library
                .get::<unsafe extern "C" fn() -> NonNull<Opaque>>(b"vireo_new")
                .map_err(failed)?;
            let clock = *library.get(b"vireo_clock").map_err(failed)?;
            let delete = *library.get(b"vireo_delete").map_err(failed)?;
            let object = new();
            Ok(Self { object, clock, delete, _library: library })
        }
    }

    /// One cycle; `outputs` becomes what stands on the pins in the next one.
    pub(super) fn clock(&mut self, inputs: &Inputs, outputs: &mut Outputs) {
        // SAFETY: `object` came from the same library and is deleted only with `self`; both structures outlive the call, which
        // keeps no pointer to them.
        unsafe { (self.clock)(self.object, inputs, outputs) }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // SAFETY: Made by the same library in `load`, and nobody has it from here on; the library goes after this.
        unsafe { (self.delete)(self.object) }
    }
}
