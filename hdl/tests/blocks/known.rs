// SPDX-License-Identifier: MIT
//! The block `known`: numbers that are part of a type, and rows of blocks of a length that is, in a block that uses them all.

use std::collections::VecDeque;

use rust_hdl::prelude::*;
use vireo_hdl::blocks::known::{Below, Fixed, Known, Many, Ones};

use crate::bench::{CYCLES, Random, clock, clocked, generates, settle};

/// `N` flip-flops in a row, of numbers that known ones were mixed into.
#[derive(LogicBlock, Default)]
struct Mixer<const W: usize, const N: usize> {
    clk: Signal<In, Clock>,
    a: Signal<In, Bits<W>>,
    sum: Signal<Out, Bits<W>>,
    differs: Signal<Out, Bits<W>>,
    index: Signal<Out, Bits<W>>,
    q: Signal<Out, Bits<W>>,
    stage: Many<DFF<Bits<W>>, N>,
    moving: Signal<Local, Bits<W>>,
    fixed: Fixed<0x5A, W>,
    all: Known<Ones, W>,
    below: Known<Below<N>, W>,
}

impl<const W: usize, const N: usize> Logic for Mixer<W, N> {
    #[hdl_gen]
    fn update(&mut self) {
        self.sum.next = self.a.val() + self.fixed.val();
        self.differs.next = self.a.val() ^ self.all.val();
        self.index.next = self.a.val() & self.below.val();
        self.moving.next = self.a.val();
        for i in 0..N {
            self.stage[i].clock.next = self.clk.val();
            self.stage[i].d.next = self.moving.val();
            self.moving.next = self.stage[i].q.val();
        }
        self.q.next = self.moving.val();
    }
}

clocked!([const W: usize, const N: usize] Mixer<W, N>);

fn agree<const W: usize, const N: usize>() {
    generates::<Mixer<W, N>>();
    let mut random = Random::new(W as u64);
    let mut block = Mixer::<W, N>::default();
    block.connect_all();
    let ones = u64::MAX >> (64 - W);
    let mut row: VecDeque<u64> = vec![0; N].into();
    for cycle in 0..CYCLES / 4 {
        let a = random.bits() & ones;
        block.a.next = a.to_bits();
        settle(&mut block);
        assert_eq!(block.sum.val().to_u64(), a.wrapping_add(0x5A) & ones, "cycle {cycle}");
        assert_eq!(block.differs.val().to_u64(), !a & ones, "cycle {cycle}");
        assert_eq!(block.index.val().to_u64(), a % N as u64, "cycle {cycle}");
        assert_eq!(block.q.val().to_u64(), row[0], "cycle {cycle}");
        row.pop_front();
        row.push_back(a);
        clock(&mut block);
    }
}

#[test]
fn known_numbers_and_rows_of_blocks_are_what_their_types_say() {
    agree::<7, 1>();
    agree::<12, 4>();
    agree::<33, 16>();
    agree::<64, 64>();
}

#[test]
#[should_panic(expected = "90 has more than 6 bits")]
fn number_that_does_not_fit_its_bits_is_refused_where_the_block_is_made() {
    let _ = Mixer::<6, 2>::default();
}
