// SPDX-License-Identifier: MIT
//! The board in simulation, from RGMII pins to RGMII pins, LiteEth's MAC and all, with the driver at the end of its serial line.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use vireo_driver::{BusErrorKind, Device, RegisterBus, SerialBus};
use vireo_spec::ether::VlanId;
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::registers::{MAGIC, MAGIC_VALUE};
use vireo_spec::rows::{LinkRow, PortRow};
use vireo_spec::table::Entity;
use vireo_spec::tag::{Channel, Role, TagFamily};
use vireo_synth_tests::{root, smallest, succeeded, synth};

/// How long a simulation on a busy machine may take to say something.
const PATIENCE: Duration = Duration::from_secs(60);
/// Frames that the board itself has lost, since configuration.
const FULL_AT_HOST: u16 = 0x1004;
const DROPPED_TO_LINK: u16 = 0x1010;
/// The port's channel, as an E-TAG: EtherType; priority and Ingress_E-CID; E-CID; extensions.
const CHANNEL: u32 = 0x2A;
const TAG: [u8; 8] = [0x89, 0x3F, 0, 0, 0, 0x2A, 0, 0];

/// In place of the machine, which takes long to be placed: what comes in on one side leaves on the other.
const PASSES_THROUGH: &str = include_str!("board/passes_through.v");

/// The program that simulates the board around the machine in this folder.
fn simulation(machine: &Path, out: &Path) -> PathBuf {
    let _ = fs::remove_dir_all(out);
    let (machine, folder) = (machine.to_str().unwrap(), out.to_str().unwrap());
    let arguments = ["--simulation", "--json", "--verilog", machine, "--out", folder];
    let report: serde_json::Value =
        serde_json::from_str(&succeeded(&synth("board.py", &arguments))).unwrap();
    report["simulation"].as_str().unwrap().into()
}

/// A folder with what stands in for the machine.
fn passes_through() -> TempDir {
    let machine = tempfile::tempdir().unwrap();
    fs::write(machine.path().join("vireo_machine.v"), PASSES_THROUGH).unwrap();
    machine
}

/// A board, simulated.
struct Board {
    program: Child,
    input: ChildStdin,
    output: Receiver<String>,
    line: PathBuf,
}

impl Board {
    /// The board with its machine, built once.
    fn start() -> Self {
        static BUILT: OnceLock<PathBuf> = OnceLock::new();
        Self::of(BUILT.get_or_init(|| {
            let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("board");
            simulation(smallest().path(), &out)
        }))
    }

    fn of(simulation: &Path) -> Self {
        let mut program = Command::new(simulation)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the simulation starts");
        let input = program.stdin.take().unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let (sender, output) = channel();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut board = Self { program, input, output, line: PathBuf::new() };
        board.line = board.says().strip_prefix("serial ").expect("the line's name").into();
        board
    }

    fn says(&self) -> String {
        self.output.recv_timeout(PATIENCE).expect("the simulation says something")
    }

    fn bus(&self) -> SerialBus {
        SerialBus::with(&self.line, SerialBus::BAUD, PATIENCE).unwrap()
    }

    /// A frame without preamble and check sequence for the port of this name; its check sequence is wrong with `!` behind the
    /// name.
    fn receives(&mut self, name: &str, frame: &[u8]) {
        writeln!(self.input, "{name} {}", hexadecimal(frame)).unwrap();
    }

    /// The port and the frame, without preamble and check sequence, that leave next. Its check sequence is right.
    fn sends(&self) -> (String, String) {
        let line = self.says();
        let (name, frame) = line.split_once(' ').expect("a name and a frame");
        (name.into(), frame.into())
    }

    /// An extender with port 0 on link 0, by the driver, over the serial line.
    fn extender(&self) -> Device<SerialBus> {
        let mut device = Device::discover(self.bus()).unwrap();
        device.initialize(1).unwrap();
        let family = TagFamily::ETag;
        device
            .set_link(0, &LinkRow { enabled: true, role: Role::Extender, family, maximum: 2000 })
            .unwrap();
        let channel = Channel::from_config(family, CHANNEL, 0, false).unwrap();
        let pvid = VlanId::from_tci(7);
        let row =
            PortRow { channel, pvid, maximum: 1518, check_source: true, ..PortRow::default() };
        device.create_port(0, &row).unwrap();
        device.bind(0, None, pvid).unwrap();
        device.enable_port(0).unwrap();
        device
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// A host's frame of `length` octets without check sequence, `number` among them.
fn frame(length: usize, number: u32) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00];
    frame.extend(number.to_be_bytes());
    frame.extend((frame.len()..length).map(|at| at as u8));
    frame
}

/// The same frame with the channel's tag behind its addresses.
fn tagged(frame: &[u8]) -> Vec<u8> {
    [&frame[..12], &TAG, &frame[12..]].concat()
}

#[test]
fn driver_on_the_serial_line_makes_an_extender_that_tags_and_untags() {
    let mut board = Board::start();
    let mut device = board.extender();

    // Every place in a beat of eight octets at which a frame may end.
    for length in (60..=68).chain([1500, 1514]) {
        let plain = frame(length, length as u32);
        board.receives("host", &plain);
        assert_eq!(board.sends(), ("link".into(), hexadecimal(&tagged(&plain))), "{length}");
        board.receives("link", &tagged(&plain));
        assert_eq!(board.sends(), ("host".into(), hexadecimal(&plain)), "{length}");
    }

    device.snapshot().unwrap();
    let counters = device.counters();
    assert_eq!(counters.traffic(Entity::PortIn(0)).frames(), 11);
    assert_eq!(counters.traffic(Entity::LinkOut(0)).frames(), 11);
    assert_eq!(counters.traffic(Entity::PortOut(0)).frames(), 11);
}

#[test]
fn host_that_forges_a_tag_or_sends_a_damaged_frame_is_dropped_and_counted() {
    let mut board = Board::start();
    let mut device = board.extender();
    board.receives("host", &tagged(&frame(60, 1)));
    board.receives("host!", &frame(60, 2));
    board.receives("link!", &tagged(&frame(60, 3)));
    board.receives("host", &frame(60, 4));
    assert_eq!(board.sends(), ("link".into(), hexadecimal(&tagged(&frame(60, 4)))));

    device.snapshot().unwrap();
    let counters = device.counters();
    let count = |entity, reason| counters.disposition(entity, Disposition::Dropped(reason));
    assert_eq!(count(Entity::PortIn(0), DropReason::TagPresent), 1);
    assert_eq!(count(Entity::PortIn(0), DropReason::FrameError), 1);
    assert_eq!(count(Entity::LinkIn(0), DropReason::FrameError), 1);
    assert_eq!(counters.disposition(Entity::PortIn(0), Disposition::Forwarded), 1);
    assert_eq!(device.bus_mut().read(DROPPED_TO_LINK), Ok(1), "the bad frame, on its way out");
}

#[test]
fn overload_loses_whole_frames_and_counts_them() {
    const SENT: u32 = 1500;
    let mut board = Board::start();
    let mut device = board.extender();
    // A tag makes the shortest frame a tenth longer, so the link falls behind.
    for number in 0..SENT {
        board.receives("host", &frame(60, number));
    }
    let (mut left, mut lost, mut next) = (0, 0, 0);
    for _ in 0..10_000 {
        if left + lost == SENT {
            break;
        }
        let Ok(line) = board.output.recv_timeout(Duration::from_millis(20)) else {
            lost = device.bus_mut().read(FULL_AT_HOST).unwrap();
            continue;
        };
        let octets = line.strip_prefix("link ").expect("a frame with a right check sequence");
        let number = u32::from_str_radix(&octets[44..52], 16).unwrap();
        assert!(number >= next, "frame {number} behind {next}");
        assert_eq!(octets, hexadecimal(&tagged(&frame(60, number))));
        (left, next) = (left + 1, number + 1);
    }
    assert!(lost > 0, "{left} of {SENT} left");
    assert_eq!(left + lost, SENT);
}

#[test]
fn what_is_no_register_is_refused_and_noise_on_the_line_is_passed_over() {
    let board = Board::start();
    let mut bus = board.bus();
    assert_eq!(bus.read(0xFFC).unwrap_err().kind, BusErrorKind::Refused);
    assert_eq!(bus.write(MAGIC.address, 0).unwrap_err().kind, BusErrorKind::Refused);
    assert_eq!(bus.read(0x1014).unwrap_err().kind, BusErrorKind::Refused);
    assert_eq!(bus.write(0x1000, 0).unwrap_err().kind, BusErrorKind::Refused);
    assert_eq!(bus.read(0x1000), Ok(u32::from_be_bytes(*b"VERS")));
    drop(bus);

    // The beginning of a command, half a command and a silence, and a write whose check octet is wrong.
    let mut line = fs::OpenOptions::new().write(true).open(&board.line).unwrap();
    line.write_all(&[0x00, 0xFF, 0x56, 0x56, 0x10, 0x01]).unwrap();
    let mut bus = SerialBus::with(&board.line, SerialBus::BAUD, Duration::from_secs(2)).unwrap();
    assert_eq!(bus.read(MAGIC.address), Ok(MAGIC_VALUE), "a read is repeated");
}

#[test]
fn machine_that_answers_too_late_answers_no_other_command() {
    let (machine, out) = (passes_through(), tempfile::tempdir().unwrap());
    let board = Board::of(&simulation(machine.path(), out.path()));
    let mut bus = board.bus();
    assert_eq!(bus.read(0x004), Ok(0x004));
    let silent = Err(BusErrorKind::TimedOut { cycles: 65_535 });
    let mut read = |address| bus.read(address).map_err(|error| error.kind);
    assert_eq!(read(0xF00), silent);
    assert_eq!(read(0x004), silent, "the machine still owes an answer");
    assert_eq!(read(0x1000), Ok(u32::from_be_bytes(*b"VERS")), "the board itself owes none");
    let next = (0..1000).map(|_| read(0x004)).find(|read| *read != silent);
    assert_eq!(next, Some(Ok(0x004)), "the late answer was 0xf00");
}

#[test]
fn board_around_the_machine_is_placed_meets_its_gates_and_comes_out_the_same_twice() {
    let machine = passes_through();
    let out = tempfile::tempdir().unwrap();
    let (machine, folder) = (machine.path().to_str().unwrap(), out.path().to_str().unwrap());
    let arguments = ["--twice", "--json", "--verilog", machine, "--out", folder];
    let said = succeeded(&synth("board.py", &arguments));
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(report["fmax"].as_object().unwrap().len(), 4, "{said}");
    assert!(fs::read(out.path().join("versa.bit")).unwrap().len() > 100_000);
}

#[test]
fn clock_that_misses_its_gate_and_bitstreams_that_differ_are_told() {
    let words = "
import board
fmax = {'clk': 83.3, 'mac_clk': 125.0, 'host_rx_clk': 200.0}
print(board.missed({'fmax': fmax}))
print(board.differences({'sha256': {'versa.bit': 'a', 'versa.svf': 'b'}}, {'sha256': {'versa.bit': 'a', 'versa.svf': 'c'}}))";
    let output = Command::new("python3")
        .current_dir(root().join("synth"))
        .args(["-B", "-c", words])
        .output()
        .unwrap();
    assert_eq!(
        succeeded(&output),
        "['clk: 83.3 MHz, expected 83.33', 'link_rx_clk: 0 MHz, expected 125.0']\n\
         ['versa.svf: b, and c the second time']\n"
    );
}
