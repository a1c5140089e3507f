// SPDX-License-Identifier: MIT
//! The machine twice: as a reference, frame by frame, and as a cycle model, pin by pin.
//!
//! Both are written from `spec` and the documents, not from each other; tests compare them.

pub mod pipeline;
pub mod reference;
