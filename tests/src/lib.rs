// SPDX-License-Identifier: MIT
//! End-to-end tests of Vireo.

pub mod bench;
pub mod case;
pub mod python;
