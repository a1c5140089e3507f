// SPDX-License-Identifier: MIT
//! Every property that is promised is proven of the printed machine, and every proof can fail.

use std::collections::BTreeSet;
use std::fs;
use std::process::Output;

use serde_json::Value;
use vireo_synth_tests::{root, smallest, succeeded, synth};

/// What is proven: the streams, the frames' octets, their verdicts, the bus, the tables, the ports and the tags.
const PROPERTIES: std::ops::RangeInclusive<u64> = 1..=7;

/// What the command did with the small machine.
fn prove(arguments: &[&str]) -> Output {
    let machine = smallest();
    let verilog = ["--verilog", machine.path().to_str().expect("a path")];
    synth("prove.py", &[arguments, &verilog].concat())
}

#[test]
fn each_property_is_proven_and_its_proof_can_fail() {
    let report: Value = serde_json::from_str(&succeeded(&prove(&["--json"]))).expect("JSON");
    let results = report["results"].as_array().expect("results");
    assert_eq!(report["ok"], true, "{report:#}");

    let (mut proven, mut caught) = (BTreeSet::new(), BTreeSet::new());
    for result in results {
        assert!(result["wrong"].is_null(), "{result:#}");
        let asserts = result["asserts"].as_object().expect("assertions");
        match result["breaks"].as_str() {
            None => proven.extend(asserts.values().filter_map(Value::as_u64)),
            Some(broken) => {
                assert!(result["trace"].is_string(), "{result:#}");
                caught.extend(asserts[broken].as_u64());
            }
        }
    }
    assert_eq!(proven, PROPERTIES.collect(), "proven");
    assert_eq!(caught, PROPERTIES.collect(), "properties with a mutant that is caught");
}

/// A copy of the proofs with a list of its own.
fn proofs_with(list: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in fs::read_dir(root().join("synth/proofs")).expect("proofs").flatten() {
        fs::copy(file.path(), folder.path().join(file.file_name())).expect("a copy");
    }
    fs::write(folder.path().join("proofs.toml"), list).expect("a list");
    folder
}

/// A list of one proof, the streams', with one mutant: this text of a slice of the outlets replaced by that.
fn streams(find: &str, replace: &str) -> String {
    format!(
        "[[proof]]\nname = 'streams'\nmode = 'prove'\ndepth = 6\n\
         cut = ['vireo_(?!machine|encapsulate|decapsulate|registers|outlet_|slice_|bus_).*']\n\
         [proof.asserts]\nlink_stalled = 1\nport_stalled = 1\nslices_agree = 1\n\
         [[proof.mutant]]\nname = 'mutant'\nmodule = 'vireo_slice_p14'\n\
         find = '''{find}'''\nreplace = '''{replace}'''\nbreaks = 'link_stalled'\n"
    )
}

/// That the command fails over a list, for the one reason given.
fn fails(list: &str, name: &str, reason: &str) {
    let folder = proofs_with(list);
    let output = prove(&["--proofs", folder.path().to_str().expect("a path"), name]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains(reason), "{said}");
}

#[test]
fn mutant_that_survives_or_does_not_apply_any_more_fails_the_command() {
    fails(
        &streams("assign m_valid = out;", "assign m_valid = (out);"),
        "streams.mutant",
        "survives",
    );
    fails(&streams("no such text", ""), "streams.mutant", "0 times instead of once");
    fails(&streams("reg ", "reg"), "streams.mutant", "times instead of once");
}

#[test]
fn property_that_does_not_hold_fails_the_command_and_leaves_a_trace() {
    let list = streams("assign m_valid = out;", "assign m_valid = 1'b0;");
    let folder = proofs_with(&list);
    let harness = folder.path().join("streams.sv");
    let text = fs::read_to_string(&harness).expect("the harness");
    let wrong = text.replace(
        "!link_waits || (m_link_tvalid && link == link_before)",
        "!link_waits || !m_link_tvalid",
    );
    assert_ne!(text, wrong);
    fs::write(&harness, wrong).expect("the harness");
    let output = prove(&["--proofs", folder.path().to_str().expect("a path"), "streams"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(
        said.contains("streams: fails at link_stalled") && said.contains("trace.vcd"),
        "{said}"
    );
}
