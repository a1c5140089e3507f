// SPDX-License-Identifier: MIT
//! What the blocks' tests share: rust-hdl's kernel stepped by hand in one thread, and random stimuli that repeat.

use rust_hdl::prelude::*;

/// Random cycles that each block is held against its description.
pub(crate) const CYCLES: u64 = 200_000;

/// A block with a clock.
pub(crate) trait Clocked: Block {
    /// Its clock pin.
    fn clk(&mut self) -> &mut Signal<In, Clock>;
}

macro_rules! clocked {
    ([$($generics:tt)*] $name:ty) => {
        impl<$($generics)*> $crate::bench::Clocked for $name {
            fn clk(&mut self) -> &mut Signal<In, Clock> {
                &mut self.clk
            }
        }
    };
}
pub(crate) use clocked;

/// Lets signals settle.
pub(crate) fn settle(block: &mut impl Block) {
    for _ in 0..200 {
        block.update_all();
        if !block.has_changed() {
            return;
        }
    }
    panic!("the block does not settle");
}

/// The rising edge that ends this cycle, and the beginning of the next.
pub(crate) fn clock(block: &mut impl Clocked) {
    block.clk().next = Clock { clk: true };
    settle(block);
    block.clk().next = Clock { clk: false };
    settle(block);
}

/// Builds the block and generates its Verilog: generation can panic where simulation passed.
pub(crate) fn generates<B: Block + Default>() {
    let mut block = B::default();
    block.connect_all();
    assert!(generate_verilog_unchecked(&block).contains("endmodule"));
}

/// A small generator of random numbers (xorshift64*).
pub(crate) struct Random(u64);

impl Random {
    /// From a seed, which the test names on failure by being constant.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1 << 40)
    }

    /// 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        (self.bits() >> 11) % limit
    }

    /// True once in `n`.
    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// Octets as a number, first in bits 7:0.
pub(crate) fn pack<const W: usize>(octets: &[u8]) -> Bits<W> {
    octets.iter().rev().fold(Bits::default(), |all: Bits<W>, &octet| (all << 8) | u64::from(octet))
}

/// The octets of a number.
pub(crate) fn unpack<const W: usize>(value: Bits<W>) -> Vec<u8> {
    (0..W / 8).map(|i| value.get_bits::<8>(8 * i).to_u8()).collect()
}

/// Up to 128 bits as a number.
pub(crate) fn wide<const W: usize>(value: u128) -> Bits<W> {
    value.to_bits()
}

/// A frame, and how an edit treats it.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// Its octets.
    pub(crate) octets: Vec<u8>,
    /// The MAC marked it.
    pub(crate) bad: bool,
    /// It is dropped.
    pub(crate) drop: bool,
    /// Octets that go in or come out.
    pub(crate) growth: usize,
    /// Octets of the longest frame.
    pub(crate) maximum: usize,
    /// The tag that goes in.
    pub(crate) tag: u64,
    /// Priority and destination, any number.
    pub(crate) mark: u64,
}

impl Job {
    /// A frame of 14 octets and more.
    pub(crate) fn random(random: &mut Random, longest: u64) -> Self {
        let growth = [0, 4, 6, 8][random.below(4) as usize];
        let size = 14 + growth + random.below(longest) as usize;
        let ones = if growth == 0 { 0 } else { u64::MAX >> (64 - 8 * growth) };
        Self {
            octets: (0..size).map(|_| random.bits() as u8).collect(),
            bad: random.one_in(4),
            drop: random.one_in(5),
            growth,
            maximum: if random.one_in(3) {
                9 + random.below(size as u64 + 9) as usize
            } else {
                9216
            },
            tag: random.bits() & ones,
            mark: random.bits(),
        }
    }

    /// The beats, of `width` octets, that leave when the edit makes `octets` of the frame: (octets, last, bad).
    /// What exceeds `limit` is cut.
    pub(crate) fn beats(
        &self,
        octets: &[u8],
        limit: usize,
        width: usize,
    ) -> Vec<(Vec<u8>, bool, bool)> {
        if self.drop {
            return Vec::new();
        }
        let kept = octets.len().min(limit);
        let cut = octets.len() > limit;
        let count = kept.div_ceil(width).max(1);
        let beat = |at: usize| {
            let last = at + 1 == count;
            let lanes = octets[at * width..kept.min((at + 1) * width)].to_vec();
            (lanes, last, last && (cut || self.bad))
        };
        (0..count).map(beat).collect()
    }
}
