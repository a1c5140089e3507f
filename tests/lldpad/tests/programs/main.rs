// SPDX-License-Identifier: MIT
//! The programs of the association protocol as a user meets them: `vireo station` and `vireo vdp-bridge` at the ends of a cable, and
//! `vireo associate`, `deassociate` and `vsi` that talk to either.

mod channels;
mod lab;
mod refusals;
mod restarts;
mod vsis;
