// SPDX-License-Identifier: MIT
//! What the tests against lldpad stand on: two network namespaces with a cable between them, and lldpad in either.
//!
//! Whatever a test starts ends with it, also when it panics or is killed. Nothing is ever skipped: a tool or a permission
//! that is missing fails the test and says what to do.

mod capture;
mod lldpad;
mod namespace;
mod peer;
mod program;
mod switch;
mod vdptool;

pub use capture::{Capture, Captured, Side};
pub use lldpad::{Lldpad, Role, Setup, Timers};
pub use namespace::{BRIDGE_MAC, Cable, INTERFACE, Namespace, STATION_MAC};
pub use peer::{Governed, Machine, Peer};
pub use program::{Program, installed};
pub use switch::Switch;
pub use vdptool::{Command, Listed, Vsi};

use std::thread;
use std::time::{Duration, Instant};

/// How long [`until`] waits for what takes lldpad a few seconds at most.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something to become so.
///
/// # Panics
/// When it has not within [`PATIENCE`].
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
