// SPDX-License-Identifier: MIT
//! Vireo's engines, captures, topologies and command line.

pub mod capture;
pub mod config;
pub mod engine;
