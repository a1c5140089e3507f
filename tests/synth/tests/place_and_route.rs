// SPDX-License-Identifier: MIT
//! Place and route of the machine: what a report is judged by, and what is said when a step fails.

use std::process::Command;

use serde_json::Value;
use vireo_synth_tests::{root, smallest, succeeded, synth};

#[test]
fn smallest_machine_meets_its_gate_and_is_like_its_golden_report() {
    let folder = smallest();
    let verilog = folder.path().to_str().expect("a path in UTF-8");
    let made =
        synth("run.py", &["smallest-64", "--verilog", verilog, "--golden", "check", "--json"]);
    let said = succeeded(&made);
    let reports: Value = serde_json::from_str(&said).expect("reports");
    let seed = &reports[0]["seeds"][0];
    let [fmax, gate] =
        [&seed["fmax"]["clk"], &reports[0]["gate"]].map(|n| n.as_f64().expect("MHz"));
    assert!(fmax >= gate, "{said}");
    let through = seed["critical"]["clk"]["through"].as_array().expect("a path");
    assert!(through.len() > 1, "the critical path names its blocks: {through:?}");
}

#[test]
fn reports_are_judged_by_gate_and_margin() {
    let output = Command::new("python3")
        .current_dir(root().join("synth"))
        .args(["-B", "-m", "unittest", "test_reports"])
        .output()
        .unwrap();
    succeeded(&output);
}

#[test]
fn verilog_that_does_not_synthesize_is_told_with_the_log_and_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("vireo_machine.v"), "module vireo_machine(; endmodule")
        .unwrap();
    let output = synth("run.py", &["xcup-512", "--verilog", folder.path().to_str().unwrap()]);
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(words.contains("vireo_machine.v") && words.contains("yosys.log"), "{words}");
}
