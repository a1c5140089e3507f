use crate::bench::{Random, clock, clocked, generates, settle};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::vlan::*;

clocked!([const N: usize] Vlan<N>);

#[test]
fn vlan_row_of_the_fifth_cycle_stands_in_the_tenth() {
    generates::<Vlan<8>>();
    let mut random = Random::new(5);
    let mut block = Vlan::<8>::default();
    let mut rows = vec![0u64; 4096];
    // (VLAN, port, admits) of keys on their way.
    let mut line = [(0usize, 0u64, false); 10];
    for cycle in 0..20_000 {
        let en = !random.one_in(4);
        let (vlan, port) = (random.below(8) as usize, random.below(8));
        let (commit, row, data) = (random.one_in(2), random.below(8) as usize, random.below(256));
        block.en.next = en;
        block.vlan.next = vlan.to_bits();
        block.port.next = port.to_bits();
        block.commit.next = commit;
        block.row.next = row.to_bits();
        block.row_data.next = data.to_bits();
        settle(&mut block);
        if cycle > 30 {
            assert_eq!(block.admits.val(), line[9].2, "cycle {cycle}");
        }
        if en {
            let (v, p, _) = line[4];
            let there = if commit && row == v { data } else { rows[v] };
            line[4].2 = there >> p & 1 == 1;
            line.copy_within(0..9, 1);
            line[0] = (vlan, port, false);
        }
        if commit {
            rows[row] = data;
        }
        clock(&mut block);
    }
}
