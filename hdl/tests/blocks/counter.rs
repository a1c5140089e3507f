use crate::bench::{Random, clock, clocked, generates, settle};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::counter::*;

clocked!([const A: usize, const R: usize] Counter<A, R>);

#[test]
fn counter_misses_nothing_when_one_row_counts_in_every_clock() {
    generates::<Counter<4, 32>>();
    let mut random = Random::new(9);
    let mut block = Counter::<4, 32>::default();
    let mut banks = [[0u64; 16]; 2];
    for round in 0..200 {
        let active = round & 1 == 1;
        for cycle in 0..116u64 {
            block.bank.next = active;
            block.shown.next = !active;
            block.add.next = cycle < 100 && !random.one_in(3);
            let (row, amount) = (random.below(3), random.below(99));
            block.row.next = row.to_bits();
            block.amount.next = amount.to_bits();
            // First the other bank is read, then cleared.
            let clears = (16..32).contains(&cycle);
            block.clear.next = if clears { 1u64 << u64::from(!active) } else { 0 }.to_bits();
            block.other.next = (cycle % 16).to_bits();
            settle(&mut block);
            if (2..16).contains(&cycle) && round > 0 {
                let at = cycle as usize - 2;
                assert_eq!(
                    block.value.val().to_u64(),
                    banks[usize::from(!active)][at],
                    "round {round}, row {at}"
                );
            }
            if block.add.val() {
                banks[usize::from(active)][row as usize] += amount;
            }
            if cycle == 31 {
                banks[usize::from(!active)] = [0; 16];
            }
            clock(&mut block);
        }
    }
}
