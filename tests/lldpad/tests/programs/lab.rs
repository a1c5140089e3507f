// SPDX-License-Identifier: MIT
//! A cable with room for two programs, and commands that run to their end.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use vireo_lldpad_tests::{Cable, Captured, INTERFACE, Namespace, PATIENCE, Program, Side, until};

pub(crate) const VIREO: &str = env!("CARGO_BIN_EXE_vireo-under-test");
/// A keep-alive every 1.3 s, and silence is noticed after 1.1 s.
pub(crate) const TIMERS: &str = "--rte 10 --rwd 16 --rka 17";
pub(crate) const ID: &str = "a1412857-60f7-4ce1-e95a-2164943f5301";
pub(crate) const MANAGER: &str = "01000000000000000000000000000000";

pub(crate) const POLICY: &str = r#"[[link]]
name = "link0"
default_port = "port0"

[[type]]
name = "web"
id = 5
vlans = [2, [100, 199]]
default_vlan = 2
group = [{ id = 200, vlan = 101 }]
"#;

/// An adapter of two ports with E-channels.
pub(crate) const HOST: &str = r#"role = "extender"
tag = "e-tag"

[[link]]
name = "up0"

[[port]]
name = "vm0"
link = "up0"
channel = 20

[[port]]
name = "vm1"
link = "up0"
channel = 21
"#;

/// A cable, and a folder for sockets, state and configurations. The order is that of dropping.
pub(crate) struct Lab {
    pub(crate) cable: Cable,
    pub(crate) folder: TempDir,
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Done {
    /// The JSON that it printed, without white space: there is none in what these tests expect.
    pub(crate) fn json(&self) -> String {
        self.stdout.split_whitespace().collect()
    }

    /// That it failed with this status, and said all of this on stderr.
    #[track_caller]
    pub(crate) fn refused(&self, status: i32, texts: &[&str]) {
        assert_eq!((self.status, &*self.stdout), (status, ""), "{self:?}");
        for text in texts {
            assert!(self.stderr.contains(text), "no {text:?} in {}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

/// Runs a command to its end, which comes.
pub(crate) fn finish(mut command: Command) -> Done {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("start it");
    let mut ended = false;
    let start = Instant::now();
    while !ended && start.elapsed() < PATIENCE {
        ended = child.try_wait().expect("ask for its state").is_some();
        thread::sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    let output = child.wait_with_output().expect("read what it printed");
    assert!(ended, "{command:?} does not end");
    let text = |octets| String::from_utf8(octets).expect("output is UTF-8");
    let status = output.status.code().expect("no signal ended it");
    Done { status, stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Lab {
    pub(crate) fn new() -> Self {
        let lab = Self { cable: Cable::new(), folder: tempfile::tempdir().expect("make a folder") };
        lab.write("policy.toml", POLICY);
        lab
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("write a file");
    }

    /// Arguments as in a shell without quotes; `./NAME` is a file of the folder.
    pub(crate) fn arguments(&self, text: &str) -> Vec<String> {
        let full = |word: &str| match word.strip_prefix("./") {
            Some(name) => self.path(name).display().to_string(),
            None => word.to_owned(),
        };
        text.split_whitespace().map(full).collect()
    }

    /// A program in a namespace that runs on; its socket is there.
    pub(crate) fn start(&self, namespace: &Namespace, text: &str) -> Program {
        let arguments = self.arguments(text);
        let at = arguments.iter().position(|word| word == "--socket").expect("it has a socket");
        let socket = PathBuf::from(&arguments[at + 1]);
        let mut program = Program::start(namespace, Path::new(VIREO), arguments);
        until("the program listens", || {
            assert_eq!(program.ended(), None, "{text}: {}", program.printed());
            UnixStream::connect(&socket).is_ok()
        });
        program
    }

    pub(crate) fn station(&self) -> Program {
        self.start(&self.cable.station, &self.station_arguments(""))
    }

    pub(crate) fn station_arguments(&self, more: &str) -> String {
        format!(
            "station --interface {INTERFACE} --socket ./s.socket --state ./s.json {TIMERS} {more}"
        )
    }

    pub(crate) fn bridge(&self) -> Program {
        self.start(&self.cable.bridge, &self.bridge_arguments(""))
    }

    pub(crate) fn bridge_arguments(&self, more: &str) -> String {
        format!(
            "vdp-bridge --interface {INTERFACE} --policy ./policy.toml --socket ./b.socket --state ./b.json {TIMERS} {more}"
        )
    }

    /// A client, or a program that does not come to run.
    pub(crate) fn vireo(&self, text: &str) -> Done {
        let mut command = self.cable.station.command(Path::new(VIREO));
        command.args(self.arguments(text));
        finish(command)
    }

    pub(crate) fn associate(&self, more: &str) -> Done {
        self.vireo(&format!("associate --socket ./s.socket --type 5 {more}"))
    }

    /// What a program lists: channel, id, state and filter of each.
    #[track_caller]
    pub(crate) fn listed(&self, socket: &str) -> Vec<[String; 4]> {
        let done = self.vireo(&format!("vsi --socket ./{socket}"));
        assert_eq!((done.status, &*done.stderr), (0, ""));
        let mut lines = done.stdout.lines();
        let heading: Vec<_> = lines.next().expect("a heading").split_whitespace().collect();
        assert_eq!(heading, ["channel", "VSI", "manager", "type", "wanted", "state", "filter"]);
        let cells =
            lines.map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        cells.map(|cells| [0, 1, 6, 7].map(|column| cells[column].clone())).collect()
    }

    /// Waits until the file holds the text: what was confirmed is remembered.
    pub(crate) fn remembered(&self, file: &str, text: &str) {
        until("the state is written", || {
            fs::read_to_string(self.path(file)).is_ok_and(|state| state.contains(text))
        });
    }
}

pub(crate) fn row(channel: &str, id: &str, filter: &str) -> [String; 4] {
    [channel, id, "confirmed", filter].map(str::to_owned)
}

/// ECP requests among these frames: who sent it, its octets from EtherType on.
pub(crate) fn ecp(frames: &[Captured]) -> Vec<(Side, Vec<u8>)> {
    let at = |frame: &[u8]| frame.windows(2).position(|octets| octets == [0x89, 0x40]);
    let found = frames.iter().filter_map(|captured| {
        let at = at(&captured.frame).filter(|&at| at == 12 || at == 20)?;
        Some((captured.from, captured.frame[at..].to_vec()))
    });
    found.filter(|(_, octets)| octets[2] >> 2 & 3 == 0).collect()
}

pub(crate) fn events(program: &Program, event: &str) -> usize {
    program.printed().lines().filter(|line| line.starts_with(event)).count()
}
