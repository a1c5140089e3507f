// SPDX-License-Identifier: MIT
//! What hardware, model and driver of Vireo agree on: tags, table rows, registers, drop reasons, geometry.
//!
//! Pure data and its (de)serialization; it knows none of them.

pub mod ether;
pub mod fate;
pub mod field;
pub mod geometry;
pub mod hash;
pub mod pins;
pub mod ports;
pub mod registers;
pub mod rows;
pub mod table;
pub mod tag;
