// SPDX-License-Identifier: MIT
//! Network namespaces, and a cable (a veth pair) between two of them.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::panic::resume_unwind;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;

use nix::sched::{CloneFlags, setns};

use crate::program::installed;
use crate::until;

/// The name of a cable's interface, in both namespaces.
pub const INTERFACE: &str = "veth0";
/// The address of a cable's interface at the station.
pub const STATION_MAC: &str = "02:00:00:00:0a:01";
/// The address of a cable's interface at the bridge.
pub const BRIDGE_MAC: &str = "02:00:00:00:0b:01";

/// What holds a namespace open: it has a /dev/shm of its own, for lldpad keeps its process id there; no IPv6, whose frames
/// nobody asked for; and it ends when its input does, hence with the test in any case.
const HOLD: &str = "mount -t tmpfs none /dev/shm || exit
for conf in all default; do
    file=/proc/sys/net/ipv6/conf/$conf/disable_ipv6
    if [ -e $file ]; then echo 1 >$file || exit; fi
done
echo ready
exec cat";

/// A network namespace with a /dev/shm of its own. It lives until the last of its clones is dropped.
#[derive(Clone, Debug)]
pub struct Namespace(Arc<Holder>);

#[derive(Debug)]
struct Holder(Child);

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Namespace {
    /// A namespace in which there is nothing yet but the loopback.
    ///
    /// # Panics
    /// When this user may not make one.
    #[expect(clippy::new_without_default, reason = "it starts a process")]
    pub fn new() -> Self {
        let child = Command::new(installed("unshare", "util-linux"))
            .args(["-n", "-m", "sh", "-c", HOLD])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("start unshare");
        let mut holder = Holder(child);
        let mut line = String::new();
        let output = holder.0.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut line).expect("read from unshare");
        if line != "ready\n" {
            let mut why = String::new();
            let errors = holder.0.stderr.take().expect("it is piped");
            BufReader::new(errors).read_to_string(&mut why).expect("read from unshare");
            panic!(
                "no network namespace can be made here ({}): run these tests as root, or under `unshare -Urnm`",
                why.trim()
            );
        }
        Self(Arc::new(holder))
    }

    /// A command that runs a program in the namespace, its folder being `/`. The program is killed when the thread that
    /// starts it ends.
    ///
    /// # Panics
    /// When nsenter is not installed.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(installed("nsenter", "util-linux"));
        command
            .args(["-t", &self.id().to_string(), "-n", "-m", "--"])
            .arg(installed("setpriv", "util-linux"))
            .args(["--pdeathsig", "KILL", "--"])
            .arg(program);
        command
    }

    /// Does something in the namespace, in a thread of its own: sockets opened there stay there.
    ///
    /// # Panics
    /// When what is done panics.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let namespace = File::open(format!("/proc/{}/ns/net", self.id()))
            .expect("open the namespace that its holder is in");
        let done = thread::scope(|scope| {
            let inside = || {
                setns(namespace, CloneFlags::CLONE_NEWNET).expect("enter the namespace");
                work()
            };
            scope.spawn(inside).join()
        });
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Runs `ip` in the namespace, and gives what it prints.
    ///
    /// # Panics
    /// When it fails.
    pub fn ip(&self, arguments: &str) -> String {
        let output = self
            .command(&installed("ip", "iproute2"))
            .args(arguments.split_whitespace())
            .output()
            .expect("start nsenter");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "ip {arguments}: {}", errors.trim());
        String::from_utf8(output.stdout).expect("ip prints text")
    }

    /// The process id of its holder.
    pub(crate) fn id(&self) -> u32 {
        self.0.0.id()
    }
}

/// A station and a bridge, each a namespace, and a cable between them whose ends are called [`INTERFACE`].
#[derive(Debug)]
pub struct Cable {
    /// Where [`STATION_MAC`] is.
    pub station: Namespace,
    /// Where [`BRIDGE_MAC`] is.
    pub bridge: Namespace,
}

impl Cable {
    /// Makes both namespaces and the cable, and takes both ends up.
    ///
    /// # Panics
    /// When this user may not, or `ip` is not installed.
    #[expect(clippy::new_without_default, reason = "it starts processes")]
    pub fn new() -> Self {
        let (station, bridge) = (Namespace::new(), Namespace::new());
        station.ip(&format!(
            "link add {INTERFACE} address {STATION_MAC} type veth peer name {INTERFACE} address {BRIDGE_MAC} netns {}",
            bridge.id()
        ));
        let cable = Self { station, bridge };
        for end in [&cable.station, &cable.bridge] {
            end.ip(&format!("link set {INTERFACE} up"));
        }
        cable.wait_for_carrier();
        cable
    }

    /// Waits until both ends carry frames. An end that is up has its carrier a moment later, by work that the kernel does when it
    /// comes to it; a frame sent until then is lost, and nobody is told.
    ///
    /// # Panics
    /// When that does not come.
    pub fn wait_for_carrier(&self) {
        for end in [&self.station, &self.bridge] {
            until("the cable carries frames", || {
                end.ip(&format!("-oneline link show dev {INTERFACE}")).contains(" state UP ")
            });
        }
    }
}
