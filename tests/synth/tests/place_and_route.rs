// SPDX-License-Identifier: MIT
//! Synthesis, place and route of the smallest machine, with its gate and its golden report; and what a report that is not
//! like the golden one is told.

use std::process::Command;

use serde_json::Value;
use vireo_synth_tests::{printed, root, succeeded, synth};

#[test]
fn sample_meets_its_gate_and_is_like_its_golden_report() {
    let folder = printed(64, [8, 4, 2, 256, 256]);
    let verilog = folder.path().to_str().expect("a path in UTF-8");
    let said = succeeded(&synth(
        "run.py",
        &["sample", "--verilog", verilog, "--golden", "check", "--json"],
    ));
    let reports: Value = serde_json::from_str(&said).unwrap();
    let seed = &reports[0]["seeds"][0];
    assert!(
        seed["fmax"]["clk"].as_f64().unwrap() >= reports[0]["gate"].as_f64().unwrap(),
        "{said}"
    );
    let through = seed["critical"]["clk"]["through"].as_array().unwrap();
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
