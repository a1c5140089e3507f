// SPDX-License-Identifier: MIT
//! What `vireo` prints: help, the register map, and what becomes of it where nobody can take it.

use std::fs::OpenOptions;
use std::process::Stdio;

use crate::common::Desk;

#[test]
fn help_of_each_command_lists_each_option() {
    let desk = Desk::new();
    for (command, options) in [
        ("", &["run", "bench", "registers", "--version"][..]),
        (
            "run",
            &[
                "<CONFIG>",
                "--in <NAME=FILE>",
                "--out <DIR>",
                "--engine <ENGINE>",
                "reference",
                "model",
                "--width <WIDTH>",
                "64, 128, 256 or 512",
                "--stall <P>",
                "--seed <N>",
                "--wave <FILE.vcd>",
                "--json",
                "GROUP@PORT",
                "control@NAME",
            ],
        ),
        ("bench", &["--engine <ENGINE>", "--width <WIDTH>", "--json"]),
        ("registers", &["--format <FORMAT>", "rdl", "md", "c"]),
    ] {
        let help = desk.vireo(&format!("{command} --help"));
        assert_eq!((help.status, &*help.stderr), (0, ""), "{command} --help");
        for option in options {
            assert!(
                help.stdout.contains(option),
                "{command} --help: no {option} in\n{}",
                help.stdout
            );
        }
    }
}

#[test]
fn registers_are_printed_in_each_format() {
    let desk = Desk::new();
    // Of each: its comment, and how it says where a row is staged.
    for (format, starts, holds) in
        [("rdl", "//", "stage"), ("md", "<!--", "`stage`"), ("c", "/*", "#define VIREO_STAGE")]
    {
        let done = desk.vireo(&format!("registers --format {format}"));
        assert_eq!((done.status, &*done.stderr), (0, ""), "{format}");
        assert!(done.stdout.starts_with(starts), "{format}: {}", &done.stdout[..80]);
        assert!(done.stdout.contains(holds) && done.stdout.ends_with('\n'), "{format}");
    }
    let wrong = desk.vireo("registers --format pdf");
    assert_eq!((wrong.status, &*wrong.stdout), (2, ""));
    assert!(wrong.stderr.contains("[possible values: rdl, md, c]"), "{}", wrong.stderr);
}

#[test]
fn reader_that_left_early_is_no_failure() {
    let desk = Desk::new();
    let run = format!("run {} --out out --json", desk.extender());
    for arguments in [&run, "registers --format md", "run --help"] {
        let mut command = desk.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), &*stderr), (Some(0), ""), "{arguments}");
    }
    assert!(desk.names("out").contains(&"report.json".into()));
}

#[test]
fn failure_is_told_by_its_status_where_stderr_has_gone() {
    let desk = Desk::new();
    for arguments in ["run absent.toml --out out", "run --no-such-option"] {
        let mut child = desk.command(arguments).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stderr.take());
        assert_eq!(child.wait().unwrap().code(), Some(2), "{arguments}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn full_disk_behind_stdout_is_a_failure_with_a_text() {
    let desk = Desk::new();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = desk.command("registers --format c").stdout(full).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.starts_with("standard output: No space left"), "{stderr}");
}
