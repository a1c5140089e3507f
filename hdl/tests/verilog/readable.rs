// SPDX-License-Identifier: MIT
//! The printed text as people read it: two modules kept as files, so that a change of style shows as a difference.
//! `VIREO_BLESS=1` writes the files anew.

use std::path::Path;

use crate::blocks::{Handshake, Machine};
use crate::kernel::{self, Case};

fn compare<B: Case>(name: &str) {
    let printed = kernel::record::<B>(name, 1, 1).design.text();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/verilog/{name}.v"));
    if std::env::var_os("VIREO_BLESS").is_some() {
        std::fs::write(&path, &printed).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(printed == kept, "{name}.v is printed differently now:\n{printed}");
}

#[test]
fn a_register_slice_reads_like_one_written_by_hand() {
    compare::<Handshake>("handshake");
}

#[test]
fn a_state_machine_keeps_the_names_of_its_states() {
    compare::<Machine>("machine");
}
