// SPDX-License-Identifier: MIT
//! The block `binding` against what docs/pipeline.md says of it.
use crate::bench::{CYCLES, Random, all, bus_words, clock, clocked, generates, settle, wide};
use crate::lookup::{Keying, Lookup, ROWS};
use crate::vlan::Admission;
use rust_hdl::prelude::*;
use vireo_hdl::blocks::binding::*;
use vireo_hdl::blocks::commit::Commit;
use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::field::Words;
use vireo_spec::rows::BindingRow;

const PORTS: usize = 8;
clocked!([const N: usize, const A: usize] Binding<N, A>);

fn source(random: &mut Random) -> (MacAddr, VlanId) {
    let mac = 0x5254_0000_0000 | random.below(2) << 40 | random.below(3);
    (MacAddr::from_u64(mac).unwrap(), VlanId::from_tci(random.below(3) as u16 * 0x7FF))
}

/// A row of this key, as it reads back.
fn words(key: u128) -> Words {
    let mac = MacAddr::from_u64(key as u64 >> 12 & 0xFFFF_FFFF_FFFF).unwrap();
    BindingRow { port: (key >> 60) as u8, mac, vlan: VlanId::from_tci(key as u16 & 0xFFF) }.pack()
}

#[test]
fn binding_admits_bound_sources_and_those_of_open_vlans() {
    generates::<Binding<PORTS, 4>>();
    let mut random = Random::new(33);
    let mut block = Binding::<PORTS, 4>::default();
    let mut lookup = Lookup::new();
    let mut way_before = 0;
    let mut keying = Keying::default();
    let mut admission = Admission::new();
    let mut by_vlan = 0;
    for cycle in 0..CYCLES {
        let en = !random.one_in(4);
        keying.drive(&mut random, &mut block.seed_a, &mut block.seed_b, &mut block.choice);
        let (mac, vlan) = source(&mut random);
        let port = random.below(PORTS as u64) as u8;
        let key = BindingRow::key(port, mac, vlan);
        // A row's port is cut to the machine's.
        let (new_mac, new_vlan) = source(&mut random);
        let mut new = BindingRow { port: random.below(64) as u8, mac: new_mac, vlan: new_vlan };
        let mut row = random.below(4096) as usize;
        if !random.one_in(4) {
            let (key, rows) = lookup.about(&mut random);
            row = (random.below(256) as usize * ROWS) | rows[random.below(4) as usize];
            if random.one_in(2) {
                new = BindingRow::unpack(&words(key)).unwrap();
                new.port |= random.below(8) as u8 * PORTS as u8;
            }
        }
        let valid = !random.one_in(4);
        let mut staged = new.pack();
        // Bits that belong to no field may be anything.
        staged[1] |= (random.bits() as u32) & 0xF000_0000;
        staged[2] |= (random.bits() as u32) & 0x7FFF_FFC0;
        let commit = if random.one_in(2) { 1 << random.below(4) } else { 0 };
        let commit = if random.one_in(50) { random.below(16) } else { commit };
        // The bus brings a row that is not valid as zeros.
        if !valid {
            staged = [0; 8];
        }
        let commit_vlan = random.one_in(8);
        let vlan_row = random.below(3) as usize * 0x7FF;
        let ports = if random.one_in(3) { random.below(1 << PORTS) } else { 0 };
        let way = random.below(4);
        block.en.next = all(en);
        block.key.next = wide(key);
        block.commit.next = Commit {
            binding: commit.to_bits(),
            way: way.to_bits(),
            row: row.to_bits(),
            words: bus_words(&staged),
            begins: random.one_in(2),
            sweeps: random.one_in(2),
            // What is written to other tables is none of these.
            port: random.one_in(2),
            group: random.one_in(2),
            vlan: random.one_in(2),
            channel: random.below(16).to_bits(),
        };
        block.vlan_commit.next = Commit {
            vlan: commit_vlan,
            row: vlan_row.to_bits(),
            words: wide(u128::from(ports)),
            binding: random.below(16).to_bits(),
            ..block.commit.val()
        };
        settle(&mut block);

        let found = lookup.found().is_some();
        if cycle > 30 {
            assert_eq!(block.bound.val(), found | admission.admits(), "cycle {cycle}");
        }
        by_vlan += u32::from(!found && admission.admits());
        if let Some(read) = lookup.read(std::mem::replace(&mut way_before, way as usize)) {
            let stored = read.map_or([0; 8], |(key, _)| words(key));
            assert_eq!(block.row_read.val(), bus_words(&stored), "cycle {cycle}");
        }
        if let Some(read) = admission.read() {
            assert_eq!(block.vlan_read.val().to_u64(), read, "cycle {cycle}");
        }
        let stored = BindingRow::key(new.port % PORTS as u8, new.mac, new.vlan);
        lookup.clock(en, key, &keying, commit, row, valid.then_some((stored, 0)));
        let write = commit_vlan.then_some(ports);
        admission.clock(en, (vlan.get(), port), vlan_row, write);
        clock(&mut block);
    }
    let Lookup { hits, bypasses, .. } = lookup;
    assert!(
        hits > 2_500 && bypasses > 2_500 && by_vlan > 2_500,
        "{hits} hits, {bypasses} bypasses, {by_vlan} by VLAN"
    );
}
