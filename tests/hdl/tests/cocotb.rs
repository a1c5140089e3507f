// SPDX-License-Identifier: MIT
//! The printed Verilog under Icarus, on buses that nobody here wrote: cocotb runs the test bench in `tests/cocotb`, whose
//! sources, sinks and AXI4-Lite master are cocotbext-axi's.

use std::fs;
use std::path::Path;
use std::process::Command;

use vireo_hdl::verilog::Design;
use vireo_machines as machines;
use vireo_spec::geometry::{Geometry, Width};
use vireo_spec::registers::c_header;
use vireo_tests::python;

/// Lines of a failed run's log that are shown.
const SHOWN: usize = 60;

/// What cocotb says of a run.
#[derive(Debug, PartialEq, Eq)]
struct Results {
    passed: usize,
    failed: Vec<String>,
}

fn printed(width: Width) -> Design {
    let geometry =
        Geometry::new(width.bits(), 2, 8, 4, 256, 256).expect("a geometry that can be built");
    machines::print(geometry).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs the test bench, or those of its tests that `filter` matches, on a design: what became of each, and the log.
fn results(design: &Design, filter: &str) -> (Results, String) {
    for tool in ["iverilog", "vvp"] {
        if let Err(error) = Command::new(tool).arg("-V").output() {
            panic!("{tool}: {error}; install Icarus Verilog (Debian: apt-get install iverilog)");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("vireo.h"), c_header::text()).unwrap();
    design.write(folder.path()).unwrap();
    let output = Command::new(python::interpreter())
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("cocotb/run.py"))
        .args([folder.path(), &at("vireo.h")])
        .arg(&design.top)
        .args(design.files.iter().map(|file| at(&file.name)))
        .envs([("PYTHONDONTWRITEBYTECODE", "1"), ("COCOTB_TEST_FILTER", filter)])
        .output()
        .unwrap();
    let said = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let log = fs::read_to_string(at("log")).unwrap_or_default() + &said(&output.stderr);
    let xml = fs::read_to_string(at("results.xml"))
        .unwrap_or_else(|_| panic!("cocotb left no results: {}\n{}", output.status, end(&log)));
    (read(&xml), log)
}

/// The results in JUnit's format: a `testcase` that went wrong has a `failure` or an `error` in it.
fn read(xml: &str) -> Results {
    let mut results = Results { passed: 0, failed: Vec::new() };
    for case in xml.split("<testcase ").skip(1) {
        let name = case.split_once(" name=\"").and_then(|(_, rest)| rest.split_once('"'));
        let name = name.map_or("a test without a name", |(name, _)| name);
        let case = case.split("</testcase>").next().unwrap_or(case);
        if ["<failure", "<error", "<skipped"].iter().any(|mark| case.contains(mark)) {
            results.failed.push(name.to_owned());
        } else {
            results.passed += 1;
        }
    }
    results
}

fn end(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(SHOWN)..].join("\n")
}

fn passes(width: Width) {
    let (results, log) = results(&printed(width), "");
    assert!(results.failed.is_empty(), "{:?} failed\n{}", results.failed, end(&log));
    assert!(results.passed > 0, "no test ran\n{}", end(&log));
    println!("{} bits: {} cocotb tests passed", width.bits(), results.passed);
}

#[test]
fn printed_machine_passes_on_independent_buses_at_64_bits() {
    passes(Width::W64);
}

#[test]
fn printed_machine_passes_on_independent_buses_at_512_bits() {
    passes(Width::W512);
}

#[test]
fn machine_that_answers_okay_to_what_it_refuses_is_found_out() {
    let mut design = printed(Width::W64);
    let right = design.text();
    for file in &mut design.files {
        file.text = file.text.replace("SLVERR = 2'b10", "SLVERR = 2'b00");
    }
    assert_ne!(design.text(), right, "the printed response has another name");
    let (results, log) = results(&design, "registers");
    assert_eq!((results.passed, results.failed.len()), (0, 2), "{}", end(&log));
    assert!(log.contains("not <AxiResp.SLVERR: 2>"), "{}", end(&log));
}
