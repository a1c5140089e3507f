// SPDX-License-Identifier: MIT
//! The command line as a user meets it: the binary, files in, files out, exit statuses and messages.

#[path = "../common/mod.rs"]
mod common;
mod decode;
mod desk;
mod moving;
mod outcomes;
mod output;
mod refusals;
mod round_trip;
mod scenario;
mod show;
mod waveform;
