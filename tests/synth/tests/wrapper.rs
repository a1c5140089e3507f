// SPDX-License-Identifier: MIT
//! `synth/wrapper`: the machine between two MACs, simulated; and its script for Vivado, run as Tcl by stubs.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use vireo_synth_tests::{printed, root, succeeded, synth};

/// The machine that `vireo verilog --width 512` prints.
fn machine() -> TempDir {
    printed(512, [32, 16, 2, 1024, 4096])
}

/// The wrapper's folder and that of its FIFO, with a text in one of their files replaced by another.
fn changed(file: &str, from: &str, to: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["wrapper", "crossing"] {
        fs::create_dir(folder.path().join(name)).unwrap();
        for entry in fs::read_dir(root().join("synth").join(name)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, folder.path().join(name).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{file}: {from}");
    fs::write(&path, text.replace(from, to)).unwrap();
    folder
}

#[test]
fn frames_pass_between_macs_whole_in_order_and_once_or_are_counted_as_dropped() {
    let machine = machine();
    let machine = machine.path().to_str().unwrap();
    let said = succeeded(&synth("wrapper/simulate.py", &["--verilog", machine]));
    assert!(said.starts_with("lint: clean"), "{said}");
    assert!(said.contains("port to link: 237 sent") && said.ends_with("PASSED\n"), "{said}");
}

/// A wrapper whose FIFO was changed so must fail the bench, which says these words.
fn mutant_fails(from: &str, to: &str, words: &str) {
    let machine = machine();
    let folder = changed("crossing/vireo_frame_fifo.v", from, to);
    let mut command = Command::new("python3");
    command.arg(folder.path().join("wrapper/simulate.py")).arg("--verilog").arg(machine.path());
    let output = command.env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && said.contains(words), "{from} -> {to}: {said}");
}

#[test]
fn a_fifo_that_shows_a_frame_before_all_of_it_is_in_fails_the_bench() {
    mutant_fails(
        "                frames <= frames + 1'b1;\n            end",
        "            end\n            if (write == start) frames <= frames + 1'b1;",
        "FAIL vireo_mac_wrapper_tb",
    );
}

#[test]
fn a_fifo_that_keeps_the_beginning_of_a_frame_that_it_drops_fails_the_bench() {
    mutant_fails("                write <= start;\n", "", "FAIL");
}

#[test]
fn a_fifo_that_shows_the_rest_of_a_frame_to_a_mac_after_its_reset_fails_the_bench() {
    mutant_fails("skip <= (skip | m_rst) & rest;", "skip <= 1'b0;", "FAIL vireo_mac_wrapper_tb");
}

/// Runs a folder's `vivado.tcl` by the stubs, with a worst setup and hold slack in nanoseconds.
fn vivado(folder: &Path, slacks: [&str; 2], arguments: &[&Path]) -> Output {
    let mut command = Command::new("tclsh");
    command.arg(folder.join("vivado_stubs.tcl")).args(slacks).arg(folder.join("vivado.tcl"));
    command
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("tclsh: {error}; install it (Debian: apt-get install tcl)"))
}

#[test]
fn vivado_s_script_reads_all_files_goes_through_all_steps_and_meets_its_gate() {
    let (machine, out) = (machine(), tempfile::tempdir().unwrap());
    let wrapper = root().join("synth/wrapper");
    let build = out.path().join("build");
    let output = vivado(&wrapper, ["0.1", "0.01"], &[Path::new("a-part"), machine.path(), &build]);
    let said = succeeded(&output);
    let calls: Vec<_> = said.lines().filter_map(|line| line.strip_prefix("call ")).collect();
    let read: Vec<_> = calls.iter().filter(|call| call.starts_with("read_verilog")).collect();
    for entry in fs::read_dir(machine.path()).unwrap() {
        let path = entry.unwrap().path();
        let listed = read.iter().any(|call| call.contains(path.to_str().unwrap()));
        assert_eq!(listed, path.extension().is_some_and(|end| end == "v"), "{}", path.display());
    }
    for file in ["vireo_gray_crossing.v", "vireo_frame_fifo.v", "vireo_mac_wrapper.v"] {
        assert!(read.iter().any(|call| call.contains(file)), "{file} is not read");
    }
    let step = |name: &str| calls.iter().position(|call| call.starts_with(name));
    let steps = ["read_verilog", "read_xdc", "synth_design", "opt_design", "place_design"];
    let steps = steps.into_iter().chain(["route_design", "report_timing_summary"]);
    let at: Vec<_> = steps.map(|name| step(name).unwrap_or_else(|| panic!("no {name}"))).collect();
    assert!(at.is_sorted(), "{calls:?}");
    assert!(calls[at[2]].contains("-part a-part"), "{}", calls[at[2]]);
    assert!(
        calls
            .iter()
            .any(|call| call.starts_with("write_checkpoint") && call.contains("routed.dcp"))
    );
    assert!(said.ends_with("timing met\n"), "{said}");

    // Every clock of the wrapper is in the constraints, and both limits of what crosses.
    let text = fs::read_to_string(wrapper.join("vireo_mac_wrapper.v")).unwrap();
    let clocks = text.lines().filter_map(|line| line.trim().strip_prefix("input  wire         "));
    let clocks = clocks.map(|rest| rest.trim_end_matches(',')).filter(|name| name.ends_with("clk"));
    let clocks: Vec<_> = clocks.collect();
    assert_eq!(clocks.len(), 5, "{clocks:?}");
    for clock in clocks {
        let constraint = format!("create_clock -name {clock} ");
        assert!(calls.iter().any(|call| call.starts_with(&constraint)), "{clock}");
    }
    for limit in ["set_max_delay -datapath_only", "set_bus_skew"] {
        assert!(calls.iter().any(|call| call.starts_with(limit)), "{limit}");
    }
}

#[test]
fn vivado_s_script_fails_where_slack_is_negative_and_where_it_is_started_wrongly() {
    let (machine, out) = (machine(), tempfile::tempdir().unwrap());
    let wrapper = root().join("synth/wrapper");
    let arguments = [Path::new("a-part"), machine.path(), out.path()];
    for (slacks, missed) in [(["-0.001", "0"], "setup, -0.001"), (["0", "-0.2"], "hold, -0.2")] {
        let output = vivado(&wrapper, slacks, &arguments);
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stderr).contains(missed), "{output:?}");
    }
    let nothing = [Path::new("a-part"), out.path(), out.path()];
    for (wrong, words) in [(&nothing[..], "no vireo_machine.v"), (&arguments[..2], "arguments:")] {
        let output = vivado(&wrapper, ["0", "0"], wrong);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(words), "{output:?}");
    }
}

#[test]
fn a_script_or_constraint_with_a_slip_fails_its_check() {
    let (machine, out) = (machine(), tempfile::tempdir().unwrap());
    for (file, from, to) in [
        ("wrapper/vivado.tcl", "place_design\n", "place_desing\n"),
        ("wrapper/vivado.tcl", "    if {$slack < 0} {\n", "    if {$slak < 0} {\n"),
        ("wrapper/vivado.tcl", "proc stop {code words} {\n", "proc stop {code words}\n"),
        ("wrapper/vireo_mac_wrapper.xdc", "[get_ports clk]", "[get_ports clk"),
        ("crossing/vireo_gray_crossing.xdc", "set_bus_skew 3.000", "set_bus_skws 3.000"),
    ] {
        let folder = changed(file, from, to);
        let arguments = [Path::new("a-part"), machine.path(), out.path()];
        let output = vivado(&folder.path().join("wrapper"), ["0", "0"], &arguments);
        assert!(!output.status.success(), "{file}: {to}: {output:?}");
    }
}
