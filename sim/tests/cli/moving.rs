// SPDX-License-Identifier: MIT
//! `vireo move`: no frame is missed on any engine, and a move that does not wait is found out.

use serde_json::Value;

use crate::common::Desk;

#[test]
fn moves_lose_no_frame_on_model_hardware_and_verilog() {
    let desk = Desk::new();
    for run in [
        "--moves 50 --width 512",
        "--moves 50 --width 64 --minimum --seed 7",
        "--moves 20 --width 64 --engine verilator",
        "--moves 4 --width 64 --engine hdl --minimum",
    ] {
        let done = desk.vireo(&format!("move --json {run}"));
        assert_eq!((done.status, &*done.stderr), (0, ""), "{run}: {}", done.stdout);
        let moved: Value = serde_json::from_str(&done.stdout).unwrap();
        for fault in ["lost", "twice", "late", "changed", "strayed"] {
            assert_eq!(moved[fault], 0, "{run}: {moved}");
        }
        let moves = moved["moves"].as_u64().unwrap();
        assert!(moved["frames"].as_u64().unwrap() > 20 * moves, "{run}: {moved}");
    }
}

#[test]
fn move_that_does_not_wait_for_the_old_link_loses_frames_and_says_so() {
    let done = Desk::new().vireo("move --hasty --width 64 --moves 20");
    assert_eq!(done.status, 1, "{}", done.stdout);
    assert!(!done.stdout.contains(" 0 lost"), "{}", done.stdout);
}
