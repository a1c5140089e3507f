// SPDX-License-Identifier: MIT
//! `--wave`: a VCD file that another reader parses, with the pins by name and the beats that the captures and the report tell of.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;

use vcd::{Command, IdCode, Parser, Value, VarType};

use crate::common::Desk;
use crate::desk::padded;

/// The pins of a machine with one link and four ports, 64 bits wide, with their bits.
fn pins() -> BTreeMap<String, u32> {
    let mut pins = BTreeMap::from([("clk".into(), 1), ("rst".into(), 1), ("irq".into(), 1)]);
    for (stream, user, others) in [
        ("s_port", 12, &[("id", 8)][..]),
        ("m_link", 5, &[("dest", 8)]),
        ("s_link", 5, &[("id", 8)]),
        ("m_port", 5, &[("id", 8), ("dest", 5)]),
    ] {
        let all =
            [("valid", 1), ("ready", 1), ("data", 64), ("keep", 8), ("last", 1), ("user", user)];
        for (pin, bits) in all.iter().chain(others) {
            pins.insert(format!("{stream}_t{pin}"), *bits);
        }
    }
    for (pin, bits) in [
        ("awvalid", 1),
        ("awready", 1),
        ("awaddr", 12),
        ("wvalid", 1),
        ("wready", 1),
        ("wdata", 32),
        ("wstrb", 4),
        ("bvalid", 1),
        ("bready", 1),
        ("bresp", 2),
        ("arvalid", 1),
        ("arready", 1),
        ("araddr", 12),
        ("rvalid", 1),
        ("rready", 1),
        ("rdata", 32),
        ("rresp", 2),
    ] {
        pins.insert(format!("s_axil_{pin}"), bits);
    }
    pins
}

/// What was seen on a stream at the rising edges.
#[derive(Default)]
struct Seen {
    beats: u64,
    frame: Vec<u8>,
    frames: Vec<Vec<u8>>,
}

/// The values of the pins as the file goes on.
struct Pins {
    names: BTreeMap<IdCode, String>,
    values: BTreeMap<String, u64>,
}

impl Pins {
    fn change(&mut self, id: IdCode, bits: impl IntoIterator<Item = Value>) {
        let number = bits.into_iter().fold(0, |number, bit| {
            assert!(matches!(bit, Value::V0 | Value::V1), "{}: {bit}", self.names[&id]);
            number << 1 | u64::from(bit == Value::V1)
        });
        self.values.insert(self.names[&id].clone(), number);
    }

    /// Takes the beat of a stream where it is handed over.
    fn take(&self, stream: &str, seen: &mut Seen) {
        let pin = |name: &str| self.values[&format!("{stream}_t{name}")];
        if pin("valid") & pin("ready") == 0 {
            return;
        }
        seen.beats += 1;
        let octets = pin("keep").count_ones() as usize;
        seen.frame.extend(&pin("data").to_le_bytes()[..octets]);
        if pin("last") == 1 {
            let frame = std::mem::take(&mut seen.frame);
            // A bad frame is spoilt by the MAC.
            if pin("user") & 1 == 0 {
                seen.frames.push(frame);
            }
        }
    }
}

#[test]
fn waveform_shows_the_named_pins_and_the_beats_of_report_and_captures() {
    let desk = Desk::new();
    let arguments = desk.extender();
    desk.run(&format!("{arguments} --out out --width 64 --stall 0.3 --wave pins.vcd"));

    let mut parser = Parser::new(BufReader::new(File::open(desk.path("pins.vcd")).unwrap()));
    let header = parser.parse_header().unwrap();
    let module = header.find_scope(&["vireo"]).expect("the module vireo");
    let variables = || {
        module.items.iter().filter_map(|item| match item {
            vcd::ScopeItem::Var(variable) => Some(variable),
            _ => None,
        })
    };
    assert!(variables().all(|variable| variable.var_type == VarType::Wire));
    let found: BTreeMap<_, _> = variables().map(|v| (v.reference.clone(), v.size)).collect();
    assert_eq!(found, pins());

    let names = variables().map(|v| (v.code, v.reference.clone())).collect();
    let mut pins = Pins { names, values: BTreeMap::new() };
    let streams = ["s_port", "m_link", "s_link", "m_port"];
    let mut seen: [Seen; 4] = Default::default();
    let (mut time, mut rose, mut rising) = (None, false, 0);
    for command in parser {
        match command.unwrap() {
            Command::Timestamp(now) => {
                assert!(time.is_none_or(|before| before < now), "{time:?}, then {now}");
                time = Some(now);
                if rose {
                    rising += 1;
                    streams
                        .iter()
                        .zip(&mut seen)
                        .for_each(|(stream, seen)| pins.take(stream, seen));
                }
                rose = false;
            }
            Command::ChangeScalar(id, value) => {
                pins.change(id, [value]);
                rose |= pins.names[&id] == "clk" && value == Value::V1;
            }
            Command::ChangeVector(id, value) => pins.change(id, value.iter()),
            other => panic!("{other:?} in a waveform"),
        }
    }

    let report = desk.report("out");
    assert!(rising >= report["cycles"].as_u64().unwrap());
    let beats = |way: &str, pin: &str| report["streams"][way][pin].as_u64().unwrap();
    let expected = [
        beats("encapsulate", "beats_in"),
        beats("encapsulate", "beats_out"),
        beats("decapsulate", "beats_in"),
        beats("decapsulate", "beats_out"),
    ];
    assert_eq!(seen.each_ref().map(|seen| seen.beats), expected);
    assert!(expected.iter().all(|&beats| beats > 0), "{expected:?}");
    assert_eq!(seen[2].frames, desk.frames("net.pcap"));
    let [_, up0, ..] = seen.map(|seen| seen.frames.into_iter().map(padded).collect::<Vec<_>>());
    // What vm0 hands to the control plane leaves by m_link too, and up0.pcap has the rest.
    let control = desk.frames("out/control.pcap");
    let up0: Vec<_> = up0.into_iter().filter(|frame| !control.contains(frame)).collect();
    assert_eq!(up0, desk.frames("out/up0.pcap"));
}

#[test]
fn waveform_that_cannot_be_made_fails_by_name_and_leaves_no_captures() {
    let desk = Desk::new();
    let arguments = desk.extender();
    let done = desk.vireo(&format!("run {arguments} --out out --wave absent/pins.vcd"));
    assert_eq!((done.status, &*done.stdout), (1, ""));
    assert!(done.stderr.starts_with("absent/pins.vcd: cannot be written: "), "{}", done.stderr);
    assert_eq!(desk.names("out"), [""; 0]);
}
