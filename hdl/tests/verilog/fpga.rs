// SPDX-License-Identifier: MIT
//! Block RAM as FPGA tools see it: Yosys finds it on ECP5 and UltraScale+, and the memory made of ECP5's primitives does
//! what the array does.

use std::path::Path;
use std::process::Command;

use crate::bench::{Bench, run};
use crate::blocks::{Bypass, Flow, Memory};
use crate::kernel;

/// Cells of one kind after synthesis.
fn cells(sources: &[&Path], synth: &str, kind: &str) -> usize {
    let files: Vec<String> = sources.iter().map(|f| f.display().to_string()).collect();
    let script = format!("read_verilog {}; {synth} -top vireo_memory; stat", files.join(" "));
    let said = run(Command::new("yosys").args(["-p", &script]));
    let stat = said.rsplit_once("Number of cells").map_or("", |(_, stat)| stat);
    let line = stat.lines().find(|line| line.split_whitespace().next() == Some(kind));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

#[test]
fn a_table_of_256_rows_becomes_block_ram_on_ecp5_and_ultrascale() {
    let folder = tempfile::tempdir().unwrap();
    let recording = kernel::record::<Memory<83, 8>>("memory", kernel::seed(), 1);
    recording.design.write(folder.path()).unwrap();
    let top = folder.path().join("vireo_memory.v");
    let array = folder.path().join("vireo_block_ram.v");
    let ecp5 = folder.path().join("vendor/ecp5/vireo_block_ram.v");
    // 83 bits in blocks of 18.
    assert_eq!(cells(&[&top, &array], "synth_ecp5", "DP16KD"), 5);
    assert_eq!(cells(&[&top, &array], "synth_xilinx -family xcup", "RAMB18E2"), 5);
    // Its own output registers spare two of 83 bits in logic.
    assert_eq!(cells(&[&top, &array], "synth_ecp5", "TRELLIS_FF"), 2 * 83);
    assert_eq!(cells(&[&top, &ecp5], "synth_ecp5", "DP16KD"), 5);
    assert_eq!(cells(&[&top, &ecp5], "synth_ecp5", "TRELLIS_FF"), 0);
}

#[test]
fn the_memory_of_ecp5_primitives_agrees_with_the_kernel() {
    let seed = kernel::seed();
    let recordings = [
        kernel::record::<Memory<40, 3>>("memory", seed, 2_000),
        kernel::record::<Memory<20, 11>>("memory_deep", seed, 2_000),
        kernel::record::<Memory<9, 12>>("memory_deeper", seed, 2_000),
        kernel::record::<Bypass>("bypass", seed, 2_000),
        kernel::record::<Flow<40, 7>>("flow", seed, 2_000),
        kernel::record::<Flow<20, 11>>("flow_deep", seed, 2_000),
    ];
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::new(folder.path());
    bench.use_ecp5();
    for recording in &recordings {
        bench.add(recording);
    }
    bench.icarus();
}
