// SPDX-License-Identifier: MIT
//! lldpad as a daemon: station or bridge of EVB, with the timers that a test wants.

use std::fs;

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::namespace::{INTERFACE, Namespace};
use crate::program::{Program, installed};
use crate::until;

/// Which of the two lldpad is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It asks.
    Station,
    /// It answers, and confirms whatever it understands.
    Bridge,
}

/// What it says in its EVB TLV, as the field calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// R: how often an unacknowledged request is sent again.
    pub retries: u8,
    /// RTE: an acknowledgement is waited for 10 * 2^RTE us.
    pub rte: u8,
    /// RWD: the resource wait delay is 10 * 2^RWD us.
    pub rwd: u8,
    /// RKA: a keep-alive is due every 10 * 2^RKA us.
    pub rka: u8,
}

impl Timers {
    /// As fast as lldpad holds up with: a keep-alive every 1.3 s, silence is noticed after 1.1 s.
    pub const FAST: Self = Self { retries: 3, rte: 10, rwd: 16, rka: 17 };
}

/// How lldpad is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Station or bridge; it cannot be changed later.
    pub role: Role,
    /// Its timers.
    pub timers: Timers,
    /// Whether it knows group ids, which filters may then have.
    pub groups: bool,
}

impl Setup {
    /// Fast timers, and group ids.
    pub const fn new(role: Role) -> Self {
        Self { role, timers: Timers::FAST, groups: true }
    }

    /// The configuration file.
    fn text(&self) -> String {
        let mode = match self.role {
            Role::Station => "station",
            Role::Bridge => "bridge",
        };
        let Timers { retries, rte, rwd, rka } = self.timers;
        let groups = self.groups;
        format!(
            "dcbx: {{ version = \"1.0\"; dcbx_version = 2; }};
nearest_customer_bridge: {{ {INTERFACE}: {{
    adminStatus = 3;
    tlvid0080c20d: {{
        enableTx = true;
        evbmode = \"{mode}\";
        evbrrcap = true;
        evbrrreq = true;
        evbgpid = {groups};
        ecpretries = {retries};
        ecprte = {rte};
        vdprwd = {rwd};
        vdprka = {rka};
    }};
}}; }};
"
        )
    }
}

/// A running lldpad. Dropped, it is killed, which nobody is told; [`Lldpad::stop`] has it take leave.
#[derive(Debug)]
pub struct Lldpad {
    program: Program,
    pub(crate) namespace: Namespace,
    /// lldpad rewrites its configuration file.
    _folder: TempDir,
}

impl Lldpad {
    /// Starts it; it is not [`Lldpad::ready`] yet.
    ///
    /// # Panics
    /// When it is not installed or does not start.
    pub fn start(namespace: &Namespace, setup: Setup) -> Self {
        let folder = tempfile::tempdir().expect("make a folder for lldpad's configuration");
        let file = folder.path().join("lldpad.conf");
        fs::write(&file, setup.text()).expect("write lldpad's configuration");
        let arguments =
            ["-p", "-t", "-V7", "-f"].map(Into::into).into_iter().chain([file.into_os_string()]);
        let program = Program::start(namespace, &installed("lldpad", "lldpad"), arguments);
        Self { program, namespace: namespace.clone(), _folder: folder }
    }

    /// Waits until it has started VDP on the cable and told it the timers; what is asked before that is refused.
    ///
    /// # Panics
    /// When it ends instead.
    pub fn ready(&mut self) {
        until("lldpad starts VDP", || {
            if let Some(status) = self.program.ended() {
                panic!("lldpad has ended ({status})");
            }
            let told = format!("data_from_evb:{INTERFACE}");
            self.log().lines().any(|line| line.starts_with(&told))
        });
    }

    /// What it has logged up to now.
    pub fn log(&self) -> String {
        self.program.printed()
    }

    /// Has it end as a service is ended, and waits for that: it says farewell by LLDP (TTL 0), not by VDP.
    ///
    /// # Panics
    /// When it has ended before, or does not.
    pub fn stop(mut self) {
        self.program.signal(Signal::SIGTERM);
        until("lldpad ends", || self.program.ended().is_some());
    }
}
