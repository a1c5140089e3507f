// SPDX-License-Identifier: MIT
//! The block `traffic` against what docs/pipeline.md says of it.
use crate::bench::{CYCLES, Random, clock, clocked, generates, settle};
use crate::counter::Banks;
use rust_hdl::prelude::*;
use vireo_hdl::blocks::gather::Round;
use vireo_hdl::blocks::traffic::*;
use vireo_spec::field::ROW_WORDS;
use vireo_spec::rows::traffic as f;

clocked!([const A: usize] Traffic<A>);

/// Frames by class and octets, as software reads them: the low, the middle and the high 64 bits.
pub(crate) fn words(sums: &[u64; 4]) -> [u64; 3] {
    let mut words = [0; ROW_WORDS];
    f::FIELDS.iter().zip(sums).for_each(|(field, &sum)| field.set(&mut words, sum & field.max()));
    [0, 1, 2].map(|i| u64::from(words[2 * i]) | u64::from(words[2 * i + 1]) << 32)
}

/// The same of the block's output.
pub(crate) fn shown(value: Bits<144>) -> [u64; 3] {
    [
        value.get_bits::<64>(0).to_u64(),
        value.get_bits::<64>(64).to_u64(),
        value.get_bits::<16>(128).to_u64(),
    ]
}

#[test]
fn traffic_counts_frames_by_class_and_octets() {
    generates::<Traffic<3>>();
    let mut random = Random::new(12);
    let mut block = Traffic::<3>::default();
    let mut banks = Banks::<[u64; 4]>::new(3);
    for cycle in 0..CYCLES {
        let asked = banks.ask(&mut random);
        let mut frames = || if random.one_in(2) { 0 } else { random.below(256) };
        let frames = [frames(), frames(), frames()];
        let octets = random.below(1 << 16);
        let [unicast, multicast, broadcast] = frames.map(|n| n.to_bits());
        block.rst.next = asked.rst;
        block.add.next = asked.add;
        block.bank.next = asked.active;
        block.row.next = asked.row.to_bits();
        block.amount.next = Round { unicast, multicast, broadcast, octets: octets.to_bits() };
        block.clear.next = asked.clear.to_bits();
        block.other.next = asked.other.to_bits();
        block.again.next = true;
        block.shows.next = true;
        block.shown.next = !asked.active;
        settle(&mut block);
        if let Some(sums) = banks.read() {
            assert_eq!(shown(block.value.val()), words(&sums), "cycle {cycle}");
        }
        banks.clock(&asked, |sums| {
            (0..3).for_each(|class| sums[class] += frames[class]);
            sums[3] += octets;
        });
        clock(&mut block);
    }
}
