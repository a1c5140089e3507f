// SPDX-License-Identifier: MIT
//! What hardware, model and driver of Vireo agree on: tags, table rows, registers, drop reasons, geometry.

pub mod ether;
pub mod tag;
