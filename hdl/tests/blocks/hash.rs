use crate::bench::{Random, clock, clocked, generates, settle, wide};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::hash::*;
use vireo_spec::hash::permute;

clocked!([] Hash);

#[test]
fn hash_is_the_one_of_the_spec_four_clocks_later() {
    generates::<Hash>();
    let mut random = Random::new(4);
    let mut block = Hash::default();
    let mut word =
        || (u128::from(random.bits()) | u128::from(random.bits()) << 64) & ((1 << 72) - 1);
    let seeds = [word(), word(), word(), word()];
    let keys: Vec<u128> = (0..2000).map(|_| word()).collect();
    for (i, seed) in seeds.iter().enumerate() {
        block.seed[i].next = wide(*seed);
    }
    block.en.next = true;
    for at in 0..keys.len() {
        block.key.next = wide(keys[at]);
        settle(&mut block);
        if at >= 4 {
            assert_eq!(block.x.val().to_u128(), permute(keys[at - 4], &seeds), "key {at}");
        }
        clock(&mut block);
    }
}
