// SPDX-License-Identifier: MIT
//! The programs of the association protocol as a user meets them: `vireo station` and `vireo vdp-bridge` at the ends of a cable, and
//! `vireo associate`, `deassociate` and `vsi` that talk to either.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tempfile::TempDir;
use vireo_lldpad_tests as tests;
use vireo_lldpad_tests::{
    Cable, Capture, Captured, INTERFACE, Lldpad, Namespace, PATIENCE, Program, Role, Setup, Side,
    Vsi, installed, until,
};

const VIREO: &str = env!("CARGO_BIN_EXE_vireo-under-test");
/// A keep-alive every 1.3 s, and silence is noticed after 1.1 s.
const TIMERS: &str = "--rte 10 --rwd 16 --rka 17";
const ID: &str = "a1412857-60f7-4ce1-e95a-2164943f5301";
const MANAGER: &str = "01000000000000000000000000000000";

const POLICY: &str = r#"[[link]]
name = "link0"
default_port = "port0"

[[type]]
name = "web"
id = 5
vlans = [2, [100, 199]]
default_vlan = 2
group = [{ id = 200, vlan = 101 }]
"#;

/// A cable, and a folder for sockets, state and configurations. The order is that of dropping.
struct Lab {
    cable: Cable,
    folder: TempDir,
}

/// A command that has ended.
#[derive(Debug)]
struct Done {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Done {
    /// The JSON that it printed, without white space: there is none in what these tests expect.
    fn json(&self) -> String {
        self.stdout.split_whitespace().collect()
    }

    /// That it failed with this status, and said all of this on stderr.
    #[track_caller]
    fn refused(&self, status: i32, texts: &[&str]) {
        assert_eq!((self.status, &*self.stdout), (status, ""), "{self:?}");
        for text in texts {
            assert!(self.stderr.contains(text), "no {text:?} in {}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

/// Runs a command to its end, which comes.
fn finish(mut command: Command) -> Done {
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
    fn new() -> Self {
        let lab = Self { cable: Cable::new(), folder: tempfile::tempdir().expect("make a folder") };
        lab.write("policy.toml", POLICY);
        lab
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("write a file");
    }

    /// Arguments as in a shell without quotes; `./NAME` is a file of the folder.
    fn arguments(&self, text: &str) -> Vec<String> {
        let full = |word: &str| match word.strip_prefix("./") {
            Some(name) => self.path(name).display().to_string(),
            None => word.to_owned(),
        };
        text.split_whitespace().map(full).collect()
    }

    /// A program in a namespace that runs on; its socket is there.
    fn start(&self, namespace: &Namespace, text: &str) -> Program {
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

    fn station(&self) -> Program {
        self.start(&self.cable.station, &self.station_arguments(""))
    }

    fn station_arguments(&self, more: &str) -> String {
        format!(
            "station --interface {INTERFACE} --socket ./s.socket --state ./s.json {TIMERS} {more}"
        )
    }

    fn bridge(&self) -> Program {
        self.start(&self.cable.bridge, &self.bridge_arguments(""))
    }

    fn bridge_arguments(&self, more: &str) -> String {
        format!(
            "vdp-bridge --interface {INTERFACE} --policy ./policy.toml --socket ./b.socket --state ./b.json {TIMERS} {more}"
        )
    }

    /// A client, or a program that does not come to run.
    fn vireo(&self, text: &str) -> Done {
        let mut command = self.cable.station.command(Path::new(VIREO));
        command.args(self.arguments(text));
        finish(command)
    }

    fn associate(&self, more: &str) -> Done {
        self.vireo(&format!("associate --socket ./s.socket --type 5 {more}"))
    }

    /// What a program lists: channel, id, state and filter of each.
    #[track_caller]
    fn listed(&self, socket: &str) -> Vec<[String; 4]> {
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
    fn remembered(&self, file: &str, text: &str) {
        until("the state is written", || {
            fs::read_to_string(self.path(file)).is_ok_and(|state| state.contains(text))
        });
    }
}

fn row(channel: &str, id: &str, filter: &str) -> [String; 4] {
    [channel, id, "confirmed", filter].map(str::to_owned)
}

/// ECP requests among these frames: who sent it, its octets from EtherType on.
fn ecp(frames: &[Captured]) -> Vec<(Side, Vec<u8>)> {
    let at = |frame: &[u8]| frame.windows(2).position(|octets| octets == [0x89, 0x40]);
    let found = frames.iter().filter_map(|captured| {
        let at = at(&captured.frame).filter(|&at| at == 12 || at == 20)?;
        Some((captured.from, captured.frame[at..].to_vec()))
    });
    found.filter(|(_, octets)| octets[2] >> 2 & 3 == 0).collect()
}

fn events(program: &Program, event: &str) -> usize {
    program.printed().lines().filter(|line| line.starts_with(event)).count()
}

#[test]
fn vsi_is_associated_listed_at_both_ends_and_deassociated_by_the_station() {
    let lab = Lab::new();
    let (bridge, _station) = (lab.bridge(), lab.station());
    let asked = format!("--id {ID} --filter 0-52:54:00:00:00:01");
    let done = lab.associate(&asked);
    let line = format!("{ID}: ASSOC confirmed: 2-52:54:00:00:00:01\n");
    assert_eq!((done.status, &*done.stdout, &*done.stderr), (0, &*line, ""));
    assert_eq!(lab.listed("s.socket"), [row("link0", ID, "2-52:54:00:00:00:01")]);
    assert_eq!(lab.listed("b.socket"), [row("port0", ID, "2-52:54:00:00:00:01")]);

    // Asked for again it is confirmed again.
    let done = lab.associate(&format!("{asked} --json"));
    assert_eq!(done.status, 0, "{done:?}");
    let filter = r#"{"format":"mac-vid","entries":[{"mac":"52:54:00:00:00:01","vid":2}]}"#;
    let confirmed = format!(r#"{{"outcome":"confirmed","command":"associate","filter":{filter}}}"#);
    assert_eq!(done.json(), confirmed);
    for (socket, channel) in [("s.socket", "link0"), ("b.socket", "port0")] {
        let listed = lab.vireo(&format!("vsi --socket ./{socket} --json"));
        let vsi = format!(r#"{{"type_id":5,"type_version":1,"id":"{ID}","filter":{filter}}}"#);
        let before =
            format!(r#""channel":"{channel}","manager":"{MANAGER}","command":"associate""#);
        let expected = format!(r#"[{{{before},"vsi":{vsi},"state":"confirmed"}}]"#);
        assert_eq!((listed.status, listed.json()), (0, expected));
    }

    let done = lab.vireo(&format!("deassociate --socket ./s.socket --id {ID}"));
    assert_eq!((done.status, &*done.stdout), (0, &*format!("{ID}: gone\n")));
    assert_eq!((lab.listed("s.socket"), lab.listed("b.socket")), (vec![], vec![]));
    let again = lab.vireo(&format!("deassociate --socket ./s.socket --id {ID} --json"));
    again.refused(1, &[ID, "is not here"]);
    assert_eq!((events(&bridge, "associated"), events(&bridge, "withdrawn")), (1, 1));
}

#[test]
fn every_form_of_filter_and_mode_is_confirmed_with_vid_0_filled_in() {
    let lab = Lab::new();
    let (_bridge, _station) = (lab.bridge(), lab.station());
    for (id, asked, given) in [
        ("10.0.0.1", "100,101", "100,101"),
        ("10.0.0.2", "0", "2"),
        (
            "10.0.0.3",
            "0-52:54:00:00:00:03,100-52:54:00:00:00:03",
            "2-52:54:00:00:00:03,100-52:54:00:00:00:03",
        ),
        ("::4", "0--200", "101--200"),
        ("52:54:00:00:00:05", "0-52:54:00:00:00:05-200", "101-52:54:00:00:00:05-200"),
    ] {
        let done = lab.associate(&format!("--id {id} --filter {asked}"));
        let line = format!("{id}: ASSOC confirmed: {given}\n");
        assert_eq!((done.status, &*done.stdout), (0, &*line), "{done:?}");
    }
    for (mode, command) in
        [("pre-associate", "PREASSOC"), ("reserve", "PREASSOC-RR"), ("associate", "ASSOC")]
    {
        let done = lab.associate(&format!("--id {ID} --filter 150 --mode {mode}"));
        assert_eq!((done.status, done.stdout), (0, format!("{ID}: {command} confirmed: 150\n")));
    }
    assert_eq!(lab.listed("b.socket").len(), 6);
    for (filter, text) in [
        ("2-52:54:00:00:00", "expected VID, VID-MAC"),
        ("4096", "4096"),
        ("2,3-52:54:00:00:00:01", "--filter"),
        ("2-", "expected VID, VID-MAC"),
    ] {
        lab.associate(&format!("--id {ID} --filter {filter}")).refused(2, &[text]);
    }
}

#[test]
fn refusal_exits_1_with_the_reason() {
    let lab = Lab::new();
    let (_bridge, _station) = (lab.bridge(), lab.station());
    let done = lab.associate(&format!("--id {ID} --filter 9"));
    let line = format!("{ID}: ASSOC refused: bad VID, group or MAC (status 0x45)\n");
    assert_eq!((done.status, &*done.stdout, &*done.stderr), (1, &*line, ""));
    let done = lab.associate(&format!("--id {ID} --filter 9 --json"));
    let refused = r#"{"outcome":"refused","command":"associate","reason":"badVID,grouporMAC","status":69,"kept":false}"#;
    assert_eq!((done.status, &*done.json()), (1, refused));
    assert_eq!(lab.listed("s.socket"), Vec::<[String; 4]>::new());

    let done = lab.associate(&format!("--id {ID} --filter 2 --channel port9"));
    done.refused(1, &["channel port9: expected one of link0"]);
    let done = lab.vireo(&format!("associate --socket ./b.socket --id {ID} --type 5 --filter 2"));
    done.refused(1, &["give a station's --socket"]);
}

#[test]
fn bridge_that_is_not_there_is_unanswered_and_the_vsi_comes_when_it_is() {
    let lab = Lab::new();
    let _station = lab.station();
    let done = lab.associate(&format!("--id {ID} --filter 2"));
    assert_eq!((done.status, &*done.stderr), (1, ""));
    assert!(done.stdout.starts_with(&format!("{ID}: ASSOC unanswered: ")), "{}", done.stdout);
    assert_eq!(lab.listed("s.socket")[0][2], "unanswered");
    let done = lab.associate("--id 10.0.0.2 --filter 2--200 --json");
    let unanswered = r#"{"outcome":"unanswered","command":"associate"}"#;
    assert_eq!((done.status, &*done.json()), (1, unanswered));
    let _bridge = lab.bridge();
    until("the bridge that came is asked again", || lab.listed("b.socket").len() == 2);
}

#[test]
fn vsi_that_the_bridges_administrator_ends_goes_from_the_station() {
    let lab = Lab::new();
    let (bridge, _station) = (lab.bridge(), lab.station());
    assert_eq!(lab.associate(&format!("--id {ID} --filter 2")).status, 0);
    let done = lab.vireo(&format!("deassociate --socket ./b.socket --id {ID} --json"));
    assert_eq!((done.status, &*done.json()), (0, r#"{"outcome":"removed"}"#));
    until("the station's VSI goes", || lab.listed("s.socket").is_empty());
    assert!(bridge.printed().contains("by the administrator"), "{}", bridge.printed());
    let done = lab.vireo(&format!("deassociate --socket ./b.socket --id {ID}"));
    done.refused(1, &["is not here"]);
}

#[test]
fn hints_are_said_to_the_bridge() {
    let lab = Lab::new();
    let (_bridge, _station) = (lab.bridge(), lab.station());
    let capture = Capture::start(&lab.cable);
    for (id, hint, status) in [("10.0.0.1", "to", 0x10), ("10.0.0.2", "from", 0x20)] {
        assert_eq!(lab.associate(&format!("--id {id} --filter 2 --hint {hint}")).status, 0);
        // Behind EtherType and ECP: the manager's TLV of 18 octets, a VSI TLV's two, its status.
        until("the hint is on the cable", || {
            let said = ecp(&capture.frames());
            said.iter().any(|(from, octets)| *from == Side::Station && octets[26] == status)
        });
    }
}

#[test]
fn vireos_bridge_serves_lldpads_station() {
    let lab = Lab::new();
    let bridge = lab.bridge();
    let mut station = Lldpad::start(&lab.cable.station, Setup::new(Role::Station));
    station.ready();
    let vsi = Vsi { type_version: 1, ..Vsi::fresh(&["0-52:54:00:00:00:01"]) };
    let answer = station.request(tests::Command::Associate, &vsi);
    let filters = station.find(&vsi).map(|listed| listed.filters);
    assert_eq!(filters, Some(vec!["2-52:54:00:00:00:01".into()]), "{answer}");
    assert_eq!(lab.listed("b.socket"), [row("port0", &vsi.uuid, "2-52:54:00:00:00:01")]);
    // lldpad knows it by its filter, as it was filled in.
    let filled_in = Vsi { filters: vec!["2-52:54:00:00:00:01".into()], ..vsi };
    station.request(tests::Command::Deassociate, &filled_in);
    until("the bridge lets it go", || lab.listed("b.socket").is_empty());
    assert!(bridge.printed().contains("de-associated"), "{}", bridge.printed());
}

#[test]
fn vireos_station_is_served_by_lldpads_bridge() {
    let lab = Lab::new();
    let mut bridge = Lldpad::start(&lab.cable.bridge, Setup::new(Role::Bridge));
    let _station = lab.station();
    bridge.ready();
    let done = lab.associate(&format!("--id {ID} --filter 2-52:54:00:00:00:01"));
    assert_eq!(done.stdout, format!("{ID}: ASSOC confirmed: 2-52:54:00:00:00:01\n"), "{done:?}");
    let done = lab.vireo(&format!("deassociate --socket ./s.socket --id {ID}"));
    assert_eq!((done.status, done.stdout), (0, format!("{ID}: gone\n")));
}

#[test]
fn bridge_and_station_that_were_killed_go_on_where_they_were() {
    let lab = Lab::new();
    let (mut bridge, mut station) = (lab.bridge(), lab.station());
    assert_eq!(lab.associate(&format!("--id {ID} --filter 0-52:54:00:00:00:01")).status, 0);
    let expected = row("port0", ID, "2-52:54:00:00:00:01");
    lab.remembered("b.json", ID);
    bridge.signal(Signal::SIGKILL);
    until("the bridge is dead", || bridge.ended().is_some());
    let capture = Capture::start(&lab.cable);
    let bridge = lab.bridge();
    assert_eq!(lab.listed("b.socket"), std::slice::from_ref(&expected));
    // A keep-alive that is confirmed: no new association.
    let answered = |since: usize| {
        let said = ecp(&capture.frames());
        said.iter().skip(since).any(|(from, octets)| *from == Side::Bridge && octets[26] == 0x40)
    };
    until("a keep-alive is confirmed", || answered(0));
    assert_eq!(bridge.printed(), "");

    station.signal(Signal::SIGKILL);
    until("the station is dead", || station.ended().is_some());
    let before = ecp(&capture.frames()).len();
    let _station = lab.station();
    until("the station asks as before", || answered(before));
    until("and knows it", || lab.listed("s.socket") == [row("link0", ID, "2-52:54:00:00:00:01")]);
    assert_eq!((lab.listed("b.socket"), bridge.printed()), (vec![expected], String::new()));
}

#[test]
fn terminated_programs_say_farewell_and_take_their_sockets_away() {
    let lab = Lab::new();
    let programs =
        [(Side::Bridge, lab.bridge(), "b.socket"), (Side::Station, lab.station(), "s.socket")];
    let capture = Capture::start(&lab.cable);
    for (side, mut program, socket) in programs {
        program.signal(Signal::SIGTERM);
        until("it ends", || program.ended().is_some());
        assert_eq!(program.ended().and_then(|status| status.code()), Some(0));
        assert!(!lab.path(socket).exists());
        // LLDP whose third TLV, TTL, is 0: both ids before it are MAC addresses.
        let farewell = |said: &Captured| {
            said.from == side
                && said.frame[12..14] == [0x88, 0xcc]
                && said.frame[32..36] == [6, 2, 0, 0]
        };
        until("it says farewell", || capture.frames().iter().any(farewell));
    }
}

#[test]
fn state_that_was_cut_off_is_refused_and_stays_as_it_is() {
    let lab = Lab::new();
    for (file, arguments) in
        [("b.json", lab.bridge_arguments("")), ("s.json", lab.station_arguments(""))]
    {
        lab.write(file, "{ \"vsis\": [ {");
        lab.vireo(&arguments).refused(2, &[&format!("{file}: "), "remove it to start without"]);
        assert_eq!(fs::read_to_string(lab.path(file)).expect("it is there"), "{ \"vsis\": [ {");
    }
}

#[test]
fn what_is_wrong_with_a_policy_is_told_by_its_place() {
    let lab = Lab::new();
    for (from, to, texts) in [
        ("vlans = [2", "vlan = [2", &[":8:1: ", "vlan"][..]),
        (
            "name = \"link0\"",
            "name = \"link9\"",
            &[":2:8: ", "link9", "expected a link of the machine: link0"],
        ),
        ("\"port0\"", "\"port9\"", &[":3:16: ", "port9", "expected a port of link \"link0\""]),
        ("[100, 199]", "[100, 4095]", &[":8:9: ", "VLAN 4095: expected 1 to 4094"]),
        ("[100, 199]", "[199, 100]", &[":8:9: ", "199"]),
        ("default_vlan = 2", "default_vlan = 3", &[":9:16: ", "VLAN 3"]),
        ("id = 5", "id = 16777216", &[":7:6: ", "at most 16777215"]),
        ("[[type]]", "[[type]", &[":5:"]),
    ] {
        assert!(POLICY.contains(from), "{from}");
        lab.write("policy.toml", &POLICY.replacen(from, to, 1));
        let done = lab.vireo(&lab.bridge_arguments(""));
        done.refused(2, &[&["policy.toml", texts[0]].concat()]);
        done.refused(2, &texts[1..]);
    }
}

#[test]
fn input_that_does_not_fit_is_refused_by_name() {
    let lab = Lab::new();
    lab.write("host.toml", HOST);
    let without = |text: &str| text.replace(&format!("--interface {INTERFACE}"), "");
    let station = lab.station_arguments("");
    let elsewhere = format!("{} --interface", without(&station));
    for (arguments, status, texts) in [
        (format!("{elsewhere} nothere0"), 1, &["nothere0", "ip link"][..]),
        (format!("{elsewhere} {INTERFACE}=up9"), 2, &["up9", "link0"]),
        (format!("{station} --interface {INTERFACE}"), 2, &["link0", "once"]),
        (without(&station), 2, &["--interface"]),
        (
            lab.bridge_arguments("--machine ./host.toml"),
            2,
            &["host.toml", "role: expected \"bridge\", found \"extender\""],
        ),
        (
            lab.station_arguments("--machine ./host.toml --default-port vm9"),
            2,
            &["--default-port vm9", "vm0, vm1"],
        ),
        (lab.station_arguments("--rte 32"), 2, &["--rte"]),
        (station.replace("./s.socket", "./policy.toml"), 2, &["policy.toml", "no socket"]),
        ("vsi --socket ./none.socket".into(), 1, &["none.socket", "--socket"]),
    ] {
        lab.vireo(&arguments).refused(status, texts);
    }
    assert_eq!(fs::read_to_string(lab.path("policy.toml")).expect("it stays"), POLICY);
    let _station = lab.station();
    lab.vireo(&station).refused(1, &["s.socket", "another vireo listens there"]);
}

#[test]
fn missing_capability_is_told_with_what_gives_it() {
    let lab = Lab::new();
    let mut command = lab.cable.station.command(&installed("setpriv", "util-linux"));
    command.args(["--bounding-set=-net_raw", "--inh-caps=-net_raw", VIREO]);
    command.args(lab.arguments(&lab.station_arguments("")));
    finish(command).refused(1, &[INTERFACE, "CAP_NET_RAW", "setcap cap_net_raw+ep"]);
    assert!(!lab.path("s.socket").exists());
}

const HOST: &str = r#"role = "extender"
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

#[test]
fn association_in_an_e_channel_is_tagged_and_moves_when_it_is_announced() {
    let lab = Lab::new();
    lab.write("host.toml", HOST);
    let bridge = HOST.replace("extender", "bridge").replace("up0", "down0");
    lab.write("bridge.toml", &bridge.replace("channel =", "control = true\nchannel ="));
    lab.write(
        "policy.toml",
        &POLICY.replace("link0", "down0").replace("default_port = \"port0\"\n", ""),
    );
    let _bridge = lab.start(&lab.cable.bridge, &lab.bridge_arguments("--machine ./bridge.toml"));
    let _station = lab.start(&lab.cable.station, &lab.station_arguments("--machine ./host.toml"));
    let capture = Capture::start(&lab.cable);
    let asked = format!("--id {ID} --filter 2-52:54:00:00:00:01 --channel");
    let done = lab.associate(&format!("{asked} vm0"));
    assert_eq!(done.stdout, format!("{ID}: ASSOC confirmed: 2-52:54:00:00:00:01\n"), "{done:?}");
    assert_eq!(lab.listed("s.socket"), [row("vm0", ID, "2-52:54:00:00:00:01")]);
    assert_eq!(lab.listed("b.socket"), [row("vm0", ID, "2-52:54:00:00:00:01")]);
    for side in [Side::Station, Side::Bridge] {
        until("its ECP is in the port's E-channel", || {
            // GRP and E-CID_base are the third pair of octets of the tag.
            let tagged = |said: &Captured| {
                said.from == side
                    && said.frame[12..14] == [0x89, 0x3f]
                    && said.frame[16..18] == [0, 20]
                    && said.frame[20..22] == [0x89, 0x40]
            };
            capture.frames().iter().any(tagged)
        });
    }
    let untagged = |said: &Captured| said.frame[12..14] == [0x89, 0x40];
    assert!(!capture.frames().iter().any(untagged), "nothing of it untagged");

    let done = lab.associate(&format!("{asked} vm1"));
    assert_eq!((done.status, done.stdout.contains("refused")), (1, true), "{done:?}");
    let done = lab.associate(&format!("{asked} vm1 --hint to"));
    assert_eq!(done.stdout, format!("{ID}: ASSOC confirmed: 2-52:54:00:00:00:01\n"), "{done:?}");
    until("the old channel's VSI goes", || {
        lab.listed("s.socket") == [row("vm1", ID, "2-52:54:00:00:00:01")]
    });
    assert_eq!(lab.listed("b.socket").len(), 1);
}

#[test]
fn ports_that_ask_get_their_channels_from_the_bridge_and_keep_their_vsis_over_a_restart() {
    let lab = Lab::new();
    lab.write("host.toml", HOST);
    let bridge = HOST.split("[[port]]").next().expect("a link");
    lab.write("bridge.toml", &bridge.replace("extender", "bridge").replace("up0", "down0"));
    let gives =
        POLICY.replace("link0", "down0").replace("default_port = \"port0\"", "ecids = [100, 199]");
    lab.write("policy.toml", &gives);
    let _bridge = lab.start(&lab.cable.bridge, &lab.bridge_arguments("--machine ./bridge.toml"));
    let arguments =
        lab.station_arguments("--machine ./host.toml --ask-channel vm0 --ask-channel vm1");
    let station = lab.start(&lab.cable.station, &arguments);
    let asked = format!("--id {ID} --filter 2-52:54:00:00:00:01 --channel vm1");
    until("the bridge has given the channel", || lab.associate(&asked).status == 0);
    assert_eq!(lab.listed("s.socket"), [row("vm1", ID, "2-52:54:00:00:00:01")]);
    assert_eq!(lab.listed("b.socket").len(), 1);
    lab.remembered("s.json", ID);
    drop(station);
    let _station = lab.start(&lab.cable.station, &arguments);
    until("the VSI is there again", || {
        lab.listed("s.socket") == [row("vm1", ID, "2-52:54:00:00:00:01")]
    });
    assert_eq!(lab.listed("b.socket").len(), 1);
}

#[test]
fn clients_that_say_nothing_nonsense_or_too_much_stop_nobody() {
    let lab = Lab::new();
    let (_bridge, _station) = (lab.bridge(), lab.station());
    for socket in ["s.socket", "b.socket"] {
        let connect = || UnixStream::connect(lab.path(socket)).expect("connect");
        // More than it serves at once.
        let _silent: Vec<_> = (0..80).map(|_| connect()).collect();
        for said in
            [&b"hello\n"[..], b"{\"associate\":{}}\n", b"\xff\xfe\n", b"{", b"[[[[[[[[[[[[\n"]
        {
            let mut client = connect();
            client.write_all(said).expect("say it");
            client.shutdown(std::net::Shutdown::Write).expect("say no more");
            let mut answer = String::new();
            client.read_to_string(&mut answer).expect("it is answered");
            assert!(answer.starts_with(r#"{"outcome":"failed","reason":""#), "{answer}");
        }
        let mut client = connect();
        let long = vec![b'['; 1 << 20];
        // It is let go on the way.
        let _ = client.write_all(&long);
        assert_eq!(lab.listed(socket), Vec::<[String; 4]>::new());
    }
    assert_eq!(lab.associate(&format!("--id {ID} --filter 2")).status, 0);
}
