// SPDX-License-Identifier: MIT
//! Vireo's engines, captures, topologies and command line.

pub mod association;
pub mod bench;
pub mod capture;
pub mod cli;
pub mod config;
pub mod decode;
pub mod demo;
pub mod engine;
pub mod input_file;
pub mod moving;
pub mod program;
pub mod report;
pub mod run;
pub mod scenario;
pub mod show;
mod unfinished;
pub mod verilog;
pub mod wave;
