// SPDX-License-Identifier: MIT
//! What a run leaves: the captures and report.json that the documents promise, whichever engine, width and stall.

use std::fs;

use serde_json::{Value, json};

use crate::common::Desk;
use crate::desk::{behind, etag, lldp, padded, tagged, untagged};

/// Options that may change nothing but engine, width and cycles in the report.
const RUNS: [&str; 13] = [
    "--engine reference",
    "--width 64",
    "--width 128",
    "--width 256",
    "--engine model --width 512",
    "--width 64 --stall 0.4 --seed 5",
    "--width 128 --stall 0.9 --seed 6",
    "--width 256 --stall 0.4 --seed 7",
    "--width 512 --stall 0.4 --seed 8",
    "--engine hdl --width 512",
    "--engine verilator --width 64",
    "--engine lockstep --sides model,verilator --width 64 --stall 0.4 --seed 5",
    "--engine lockstep --width 256",
];

/// Checks the captures of a run, each frame padded, and that there is nothing but them and the report.
#[track_caller]
fn check_captures(desk: &Desk, run: &str, expected: &[(&str, Vec<Vec<u8>>)]) {
    let mut names: Vec<_> = expected.iter().map(|(name, _)| format!("{name}.pcap")).collect();
    names.push("report.json".into());
    names.sort();
    assert_eq!(desk.names("out"), names, "{run}");
    for (name, frames) in expected {
        let frames: Vec<_> = frames.iter().cloned().map(padded).collect();
        assert_eq!(desk.frames(&format!("out/{name}.pcap")), frames, "{name}.pcap, {run}");
    }
}

/// Checks frames in, out and to the control plane, and drops by reason.
#[track_caller]
fn check_counts(run: &str, found: &Value, expected: &[(&str, [u64; 3], Value)]) {
    assert_eq!(found.as_object().unwrap().len(), expected.len(), "{run}: {found}");
    for (name, [entered, left, control], drops) in expected {
        let counts = &found[name];
        let frames = ["in_frames", "out_frames", "to_control"].map(|key| counts[key].as_u64());
        assert_eq!(frames, [entered, left, control].map(|&n| Some(n)), "{name}, {run}");
        assert_eq!(&counts["drops"], drops, "{name}, {run}");
    }
}

/// Engine, width and cycles, which are those of the run; the rest is for all runs alike.
fn check_run(report: &mut Value, run: &str) {
    let option = |name: &str, default: &str| {
        let mut words = run.split(' ').skip_while(|&word| word != name);
        words.nth(1).unwrap_or(default).to_owned()
    };
    let report = report.as_object_mut().unwrap();
    let engine = option("--engine", "model");
    assert_eq!(report.remove("engine"), Some(json!(engine)), "{run}");
    assert_eq!(report.remove("width").unwrap().to_string(), option("--width", "512"), "{run}");
    let cycles = report.remove("cycles").unwrap().as_u64().unwrap();
    let streams = report.remove("streams");
    if engine == "reference" {
        assert_eq!((cycles, streams), (0, None), "{run}");
    } else {
        let streams = streams.unwrap();
        let late = |way: &str| streams[way]["on_time"] != streams[way]["frames_out"];
        // Towards links a frame may also wait for those before it that grow by a beat.
        if run.contains("--stall") {
            assert!(late("encapsulate") || late("decapsulate"), "{run}: {streams}");
        } else {
            assert!(!late("decapsulate"), "{run}: {streams}");
        }
        assert!(cycles > streams["encapsulate"]["busy_cycles"].as_u64().unwrap(), "{run}");
    }
}

#[test]
fn extender_gives_the_same_captures_and_counts_by_every_engine_width_and_stall() {
    let desk = Desk::new();
    let arguments = desk.extender();
    let mut first = None;
    for run in RUNS {
        desk.run(&format!("{arguments} --out out {run}"));
        let up0 = vec![
            // By time, and frames of one time in the order of the command line.
            behind(&etag(0, 0, 20), &untagged(1, 46)),
            behind(&etag(5, 0, 21), &tagged(2, 5, 101)),
            lldp(0x33),
            behind(&etag(0, 0, 20), &lldp(0x33)),
            behind(&etag(1, 0, 21), &tagged(9, 1, 7)),
            behind(&etag(3, 0, 22), &untagged(3, 1500)),
        ];
        let captures = [
            ("up0", up0),
            ("vm0", vec![untagged(0x20, 200), untagged(0x20, 46)]),
            ("vm1", vec![untagged(0x20, 46), tagged(1, 5, 101)]),
        ];
        // What goes to the control plane comes from both directions, and only each has an order.
        let mut control = desk.frames("out/control.pcap");
        control.sort();
        assert_eq!(control, [padded(lldp(1)), padded(lldp(0x20))], "{run}");
        fs::remove_file(desk.path("out/control.pcap")).unwrap();
        check_captures(&desk, run, &captures);

        let mut report = desk.report("out");
        check_run(&mut report, run);
        let ports = [
            ("vm0", [5, 2, 1], json!({"TAG_PRESENT": 1, "SOURCE_UNBOUND": 1, "RUNT": 1})),
            ("vm1", [4, 2, 0], json!({"SOURCE_UNBOUND": 1, "OVERSIZE": 1})),
            ("vm2", [2, 0, 0], json!({"RESERVED_ADDRESS": 1})),
            ("vm3", [1, 0, 0], json!({"PORT_DISABLED": 1})),
        ];
        check_counts(run, &report["ports"], &ports);
        let link = ("up0", [6, 6, 1], json!({"TAG_ABSENT": 1, "CHANNEL_MISS": 1}));
        check_counts(run, &report["links"], &[link]);
        check_counts(run, &report["groups"], &[("flood", [0, 0, 0], json!({}))]);
        let control = json!({"control": report["control"]});
        check_counts(run, &control, &[("control", [2, 2, 0], json!({}))]);
        assert_eq!(*first.get_or_insert_with(|| report.clone()), report, "{run}");
    }
}

#[test]
fn bridge_gives_the_same_captures_and_counts_by_every_engine_width_and_stall() {
    let desk = Desk::new();
    let arguments = desk.bridge();
    let mut first = None;
    for run in RUNS {
        desk.run(&format!("{arguments} --out out {run}"));
        let [plain, vlan] = [&untagged(0x20, 46), &tagged(0x20, 6, 101)];
        let flood = |ingress| etag(2, ingress, 0x1001);
        let down0 = [
            (flood(0), plain),
            (flood(20), plain),
            // A source behind another link is none that this link's extender could leave out.
            (flood(0), plain),
            (etag(0, 0, 21), plain),
            (flood(0), vlan),
            (flood(20), vlan),
            (flood(0), vlan),
            (etag(6, 0, 21), vlan),
        ];
        let down0 = down0.map(|(tag, frame)| behind(&tag, frame)).to_vec();
        let captures =
            [("control", vec![lldp(1)]), ("down0", down0), ("vm0", vec![untagged(1, 64)])];
        check_captures(&desk, run, &captures);

        let mut report = desk.report("out");
        check_run(&mut report, run);
        let ports = [
            ("vm0", [0, 1, 1], json!({"SOURCE_UNBOUND": 1})),
            ("vm1", [2, 0, 0], json!({"TAG_PRESENT": 1})),
            ("far", [0, 0, 0], json!({})),
        ];
        check_counts(run, &report["ports"], &ports);
        let links =
            [("down0", [5, 8, 1], json!({"CHANNEL_MISS": 1})), ("down1", [0, 0, 0], json!({}))];
        check_counts(run, &report["links"], &links);
        check_counts(run, &report["groups"], &[("flood", [6, 0, 0], json!({}))]);
        assert_eq!(*first.get_or_insert_with(|| report.clone()), report, "{run}");
    }
}

#[test]
fn captures_of_an_earlier_run_are_removed_and_other_files_stay() {
    let desk = Desk::new();
    let arguments = desk.extender();
    desk.run(&format!("{arguments} --out out"));
    assert_eq!(
        desk.names("out"),
        ["control.pcap", "report.json", "up0.pcap", "vm0.pcap", "vm1.pcap"]
    );
    desk.capture("out/mine.pcap", &[untagged(1, 46)]);
    desk.run("extender.toml --in vm2=vm2.pcap --out out");
    assert_eq!(desk.names("out"), ["mine.pcap", "report.json", "up0.pcap"]);
    assert_eq!(desk.frames("out/up0.pcap"), [behind(&etag(3, 0, 22), &untagged(3, 1500))]);
    assert_eq!(desk.report("out")["ports"]["vm0"]["in_frames"], 0);
    desk.run("extender.toml --out out");
    assert_eq!(desk.names("out"), ["mine.pcap", "report.json"]);
}

#[test]
fn out_is_made_with_its_parents_and_a_capture_in_it_may_be_the_input() {
    let desk = Desk::new();
    desk.extender();
    desk.run("extender.toml --in vm2=vm2.pcap --out a/b/out");
    assert_eq!(desk.names("a/b/out"), ["report.json", "up0.pcap"]);
    // Back into the same folder: up0.pcap is read, and then stale.
    let config = fs::read_to_string(desk.path("extender.toml")).unwrap();
    let config = config.replace("extender", "bridge").replace("guard_reserved = true\n", "");
    desk.write("mirror.toml", &config);
    desk.run("mirror.toml --in up0=a/b/out/up0.pcap --out a/b/out");
    assert_eq!(desk.names("a/b/out"), ["report.json", "vm2.pcap"]);
    assert_eq!(desk.frames("a/b/out/vm2.pcap"), [untagged(3, 1500)]);
}

#[test]
fn report_on_stdout_is_a_table_or_with_json_the_file() {
    let desk = Desk::new();
    let arguments = desk.extender();
    let table = desk.run(&format!("{arguments} --out out"));
    for row in [
        "port   vm0             5         2        1  RUNT 1 TAG_PRESENT 1 SOURCE_UNBOUND 1",
        "port   vm1             4         2        0  SOURCE_UNBOUND 1 OVERSIZE 1",
        "link   up0             6         6        1  TAG_ABSENT 1 CHANNEL_MISS 1",
    ] {
        assert!(table.lines().any(|line| line == row), "no row {row:?} in\n{table}");
    }
    // No frame enters by an extender's groups, so the table for people has none; the report names them.
    assert!(!table.contains("flood"), "{table}");
    let printed = desk.run(&format!("{arguments} --out out --json"));
    assert_eq!(printed, fs::read_to_string(desk.path("out/report.json")).unwrap());
    // What the design shows stands at the keys where it shows it.
    let report: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(report["engine"], "model");
    assert!(report["cycles"].as_u64().unwrap() > 0);
    assert_eq!(report["ports"]["vm2"]["drops"], json!({"RESERVED_ADDRESS": 1}));
    assert_eq!(report["groups"]["flood"]["drops"], json!({}));
}

#[test]
fn same_seed_gives_the_same_run_and_another_seed_other_stalls() {
    let desk = Desk::new();
    let arguments = desk.extender();
    let run = |seed: u32| {
        desk.run(&format!("{arguments} --out out --json --width 64 --stall 0.5 --seed {seed}"))
    };
    let (first, again, other) = (run(3), run(3), run(4));
    assert_eq!(first, again);
    assert_ne!(first, other);
}
