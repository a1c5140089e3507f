// SPDX-License-Identifier: MIT
//! The wire formats against captures of a real peer, against random values and random octets, and at their limits.
//! The state machines above them have tests of their own.

mod captures;
mod decode;
mod golden;
mod limits;
mod random;
mod strategies;
mod text;
