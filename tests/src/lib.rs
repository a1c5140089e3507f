// SPDX-License-Identifier: MIT
//! End-to-end tests of Vireo.

pub mod association;
pub mod bench;
pub mod busy;
pub mod case;
pub mod plain;
pub mod python;
pub mod register_file;
pub mod storm;
pub mod timing;
pub mod traffic;
