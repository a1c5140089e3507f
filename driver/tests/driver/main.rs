// SPDX-License-Identifier: MIT
//! Tests of the driver against a memory that obeys the register map.

mod buses;
mod counters;
mod discovery;
mod events;
mod faults;
mod fill;
mod judge;
mod life;
mod memory;
mod placement;
mod port;
mod random;
mod rehash;
mod restart;
mod rows;
mod storm;
