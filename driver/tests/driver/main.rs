// SPDX-License-Identifier: MIT
//! Tests of the driver against a memory that obeys the register map.

mod counters;
mod discovery;
mod events;
mod faults;
mod fill;
mod memory;
mod placement;
mod random;
mod rehash;
mod restart;
mod rows;
mod storm;
