// SPDX-License-Identifier: MIT
//! The Verilog printer against rust-hdl's kernel: a corpus of small blocks, the constructs among them that rust-hdl's own
//! printer gets wrong, agrees in every cycle with Icarus and Verilator; lint and Yosys accept what is printed.

mod bench;
mod blocks;
mod faults;
mod fpga;
mod kernel;
mod memories;
mod readable;
mod registers;
mod structure;

use vireo_hdl::verilog::Design;

use crate::bench::Bench;
use crate::kernel::Recording;

/// Cycles of random inputs for each block.
const CYCLES: usize = 5_000;

#[test]
fn every_block_of_the_corpus_agrees_with_icarus_and_verilator_in_every_cycle() {
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::new(folder.path());
    for recording in corpus(kernel::seed()) {
        bench.add(&recording);
    }
    bench.lint();
    bench.yosys();
    bench.icarus();
    bench.verilator();
}

#[test]
fn a_wrong_output_bit_is_caught_by_the_bench() {
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::new(folder.path());
    let mut recording = kernel::record::<blocks::Precedence>("precedence", kernel::seed(), 50);
    recording.flip_an_output_bit(31);
    bench.add(&recording);
    let said = bench.run_icarus();
    assert!(said.contains("differs: precedence cycle 31 "), "{said}");
}

#[test]
fn the_same_blocks_print_the_same_bytes() {
    let print = || -> Vec<Design> { corpus(1).into_iter().map(|r| r.design).collect() };
    assert_eq!(print(), print());
}

fn corpus(seed: u64) -> Vec<Recording> {
    use blocks::*;
    let mut all = vec![
        kernel::record::<Precedence>("precedence", seed, CYCLES),
        kernel::record::<CastWidth>("cast_width", seed, CYCLES),
        kernel::record::<LiteralWidth>("literal_width", seed, CYCLES),
        kernel::record::<CastOfNot>("cast_of_not", seed, CYCLES),
        kernel::record::<Shifts>("shifts", seed, CYCLES),
        kernel::record::<WideShifts>("wide_shifts", seed, CYCLES),
        kernel::record::<Parts>("parts", seed, CYCLES),
        kernel::record::<Replace>("replace", seed, CYCLES),
        kernel::record::<MatchIndex>("match_index", seed, CYCLES),
        kernel::record::<MatchBool>("match_bool", seed, CYCLES),
        kernel::record::<Comparisons>("comparisons", seed, CYCLES),
        kernel::record::<Reductions>("reductions", seed, CYCLES),
        kernel::record::<Reassigned>("reassigned", seed, CYCLES),
        kernel::record::<Doubling>("doubling", seed, CYCLES),
        kernel::record::<Machine>("machine", seed, CYCLES),
        kernel::record::<Rows>("rows", seed, CYCLES),
        kernel::record::<Bank>("bank", seed, CYCLES),
        kernel::record::<Relay>("relay", seed, CYCLES),
        kernel::record::<Constants>("constants", seed, CYCLES),
        kernel::record::<PowerUp>("power_up", seed, CYCLES),
        kernel::record::<ReadsPin>("reads_pin", seed, CYCLES),
        kernel::record::<Reserved>("reserved", seed, CYCLES),
        kernel::record::<Wide>("wide", seed, CYCLES),
        kernel::record::<Memory<40, 3>>("memory", seed, CYCLES),
        kernel::record::<Bypass>("bypass", seed, CYCLES),
        kernel::record::<Flow<40, 7>>("flow", seed, CYCLES),
        kernel::record::<SmallMemory>("small_memory", seed, CYCLES),
        kernel::record::<Handshake>("handshake", seed, CYCLES),
    ];
    all.extend(registers::recordings(seed, CYCLES));
    all
}
