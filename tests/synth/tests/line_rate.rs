// SPDX-License-Identifier: MIT
//! `synth/line_rate.py`: what it computes is what the cycle model takes, and what the documents show is what it makes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use vireo_synth_tests::{root, succeeded, synth};

#[test]
fn plot_and_table_in_the_documents_are_what_the_command_makes() {
    let folder = tempfile::tempdir().unwrap();
    let plot = folder.path().join("line-rate.svg");
    let said = succeeded(&synth("line_rate.py", &["--out", plot.to_str().unwrap()]));
    let again = "make it again: python3 synth/line_rate.py --out docs/line-rate.svg";
    let committed = fs::read(root().join("docs/line-rate.svg")).unwrap();
    assert!(fs::read(&plot).unwrap() == committed, "docs/line-rate.svg differs; {again}");
    let page = fs::read_to_string(root().join("docs/comparison.md")).unwrap();
    let rows: Vec<_> = said.lines().filter(|line| line.starts_with("| ")).collect();
    assert_eq!(rows.len(), 2 * 12, "{said}");
    for row in rows {
        assert!(page.contains(row), "docs/comparison.md does not say {row}; {again}");
    }
}

/// Clocks of a frame of so many octets without tag where frames come without end (docs/pipeline.md, 3.1): its beats
/// in, and a gap behind it if it grows by a beat.
fn encapsulate(width: u64, octets: u64) -> u64 {
    let beat = width / 8;
    let last = (octets - 1) % beat + 1;
    octets.div_ceil(beat) + u64::from(last > beat - 8.min(beat))
}

#[test]
fn a_frame_takes_the_clocks_that_are_computed_at_every_size_and_width() {
    let said = succeeded(&synth("line_rate.py", &["--measure", "--json"]));
    let said: Value = serde_json::from_str(&said).unwrap();
    let measured = said["measured"].as_array().unwrap();
    for width in [64, 128, 256, 512] {
        for octets in (60..=200).chain([1518]) {
            let row = measured.iter().find(|row| row["width"] == width && row["size"] == octets);
            let row = row.unwrap_or_else(|| panic!("{width} bits, {octets} octets not measured"));
            assert_eq!(row["encapsulate"], encapsulate(width, octets), "{row}");
            assert_eq!(row["decapsulate"], (octets + 8).div_ceil(width / 8), "{row}");
        }
    }
}

#[test]
fn hundred_gigabit_is_held_at_every_size_by_512_bits_at_the_mac_s_clock_and_not_below() {
    let said = succeeded(&synth("line_rate.py", &["--json"]));
    let said: Value = serde_json::from_str(&said).unwrap();
    let worst = |width: u64, mhz: f64, gbps: u64| {
        let of = |row: &&Value| row["width"] == width && row["mhz"] == mhz && row["gbps"] == gbps;
        let rows = said["worst"].as_array().unwrap().iter().filter(of);
        let shares: Vec<_> = rows.map(|row| row["worst_share"].as_f64().unwrap()).collect();
        assert_eq!(shares.len(), 2, "{width} bits, {mhz} MHz, {gbps} GbE: both directions");
        shares
    };
    assert_eq!(worst(512, 322.265625, 100), [1.0, 1.0]);
    assert_eq!(worst(128, 175.0, 10), [1.0, 1.0]);
    // Two clocks for each frame of 60 octets: 125 M frames/s, of 148.81 M that a port and 135.87 M that a link carries.
    let [encapsulate, decapsulate] = worst(512, 250.0, 100)[..] else { unreachable!() };
    assert!((encapsulate - 125.0 / 148.8095).abs() < 1e-5, "{encapsulate}");
    assert!((decapsulate - 125.0 / 135.8696).abs() < 1e-5, "{decapsulate}");
}

/// The command with another program in the place of `vireo`.
fn measured_with(program: &Path) -> Output {
    let mut command = Command::new("python3");
    command.current_dir(root()).args(["synth/line_rate.py", "--measure", "119", "120", "121"]);
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("VIREO", program).output().unwrap()
}

#[cfg(unix)]
#[test]
fn a_machine_that_loses_a_clock_at_one_size_fails_the_command() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("slow");
    // Says what a machine would that takes a clock too many for frames of 120 octets at 512 bits.
    let slow = r#"#!/usr/bin/env python3
import json, pathlib, struct, sys
width = int(sys.argv[sys.argv.index("--width") + 1])
def stream(name):
    pcap = (pathlib.Path(sys.argv[2]).parent / f"{name}.pcap").read_bytes()
    sizes, at = [], 24
    while at < len(pcap):
        sizes.append(struct.unpack_from("<I", pcap, at + 8)[0])
        at += 16 + sizes[-1]
    tag = 8 if name == "port" else 0
    lost = width == 512 and sizes[0] == 120 and name == "port"
    cycles = sum(-(-(size + tag) * 8 // width) + lost for size in sizes[:-1])
    return {"busy_cycles": cycles + -(-sizes[-1] * 8 // width), "frames_out": len(sizes)}
print(json.dumps({"streams": {"encapsulate": stream("port"), "decapsulate": stream("link")}}))
"#;
    fs::write(&program, slow).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let output = measured_with(&program);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("'width': 512, 'size': 120, 'encapsulate': 3"), "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let output = measured_with(Path::new("/no/such/vireo"));
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("/no/such/vireo") && !said.contains("Traceback"), "{said}");
}
