// SPDX-License-Identifier: MIT
//! Tests of the driver against a memory that obeys the register map.

mod counters;
mod discovery;
mod events;
mod faults;
mod memory;
mod placement;
mod rows;
