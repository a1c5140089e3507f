// SPDX-License-Identifier: MIT
//! What the blocks' tests share: rust-hdl's kernel stepped by hand in one thread, and random stimuli that repeat.

use std::collections::VecDeque;

use rust_hdl::prelude::*;
use vireo_hdl::blocks::slot::Slot;
use vireo_spec::field::Words;

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

/// The rising edge that ends this cycle, and the beginning of the next. Nothing happens at the falling edge, which therefore
/// settles along with the next cycle's inputs.
pub(crate) fn clock(block: &mut impl Clocked) {
    if block.clk().val().clk {
        settle(block);
    }
    block.clk().next = Clock { clk: true };
    settle(block);
    block.clk().next = Clock { clk: false };
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
    /// From `VIREO_SEED` if it is set, else a fixed seed, and `salt`, which keeps a test's runs apart. Prints what repeats
    /// the test, which shows where it fails.
    pub(crate) fn new(salt: u64) -> Self {
        let seed = std::env::var("VIREO_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        println!("repeat with: VIREO_SEED={seed} cargo test -p vireo-hdl --test blocks {test}");
        let mixed = (seed ^ salt.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self(mixed | 1 << 40)
    }

    /// 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Random octets.
    pub(crate) fn octets(&mut self, size: usize) -> Vec<u8> {
        (0..size.div_ceil(8)).flat_map(|_| self.bits().to_le_bytes()).take(size).collect()
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

/// Octets as a number, first in bits 7:0; by 64 bits at a time, since a shift moves every bit.
pub(crate) fn pack<const W: usize>(octets: &[u8]) -> Bits<W> {
    octets.chunks(8).rev().fold(Bits::default(), |all: Bits<W>, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        (all << 64) | u64::from_le_bytes(word)
    })
}

/// The octets of a number of a multiple of 64 bits.
pub(crate) fn unpack<const W: usize>(value: Bits<W>) -> Vec<u8> {
    (0..W / 64).flat_map(|i| value.get_bits::<64>(64 * i).to_u64().to_le_bytes()).collect()
}

/// Up to 128 bits as a number; by 64 bits at a time, since rust-hdl goes by way of a big one, bit by bit.
pub(crate) fn wide<const W: usize>(value: u128) -> Bits<W> {
    let part = |at: u32| bit_cast::<W, 64>(((value >> at) as u64).into());
    if value >> 64 == 0 { part(0) } else { (part(64) << 64) | part(0) }
}

/// A wire that has a copy for each group of stages.
pub(crate) fn all<const N: usize>(bit: bool) -> Bits<N> {
    if bit { Bits::mask() } else { Bits::default() }
}

/// A row's words 0 to 2, as they travel to the tables and back.
pub(crate) fn bus_words(words: &Words) -> Bits<96> {
    wide(words[..3].iter().rev().fold(0, |all, &word| all << 32 | u128::from(word)))
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
    /// A frame of up to `longest` octets behind what a header needs; a runt is always dropped.
    pub(crate) fn random(random: &mut Random, longest: u64) -> Self {
        let growth = [0, 4, 6, 8][random.below(4) as usize];
        let ones = if growth == 0 { u64::MAX } else { u64::MAX >> (64 - 8 * growth) };
        let drop = random.one_in(5);
        let size = if drop && random.one_in(3) {
            1 + random.below(13) as usize
        } else {
            14 + growth + random.below(longest) as usize
        };
        Self {
            octets: random.octets(size),
            bad: random.one_in(4),
            drop,
            growth,
            maximum: if random.one_in(3) { random.below(size as u64 + 18) as usize } else { 9216 },
            tag: random.bits() & ones,
            mark: random.bits(),
        }
    }

    /// The beats, of `width` octets, that leave when the edit makes `octets` of the frame. What exceeds `limit` is cut.
    pub(crate) fn beats(&self, octets: &[u8], limit: usize, width: usize) -> VecDeque<Left> {
        let kept = octets.len().min(limit);
        let cut = octets.len() > limit;
        let count = kept.div_ceil(width).max(1);
        let beat = |at: usize| {
            let last = at + 1 == count;
            let mut lanes = octets[at * width..kept.min((at + 1) * width)].to_vec();
            let keep = (1_u128 << lanes.len()) - 1;
            lanes.resize(width, 0);
            let bad = last && (cut || self.bad);
            Left { lanes, keep: keep as u64, last, bad, mark: self.mark }
        };
        (0..count).filter(|_| !self.drop).map(beat).collect()
    }

    /// The slot of the frame's beat of `width` octets that begins at octet `at`.
    pub(crate) fn slot(&self, at: usize, width: usize) -> Slot {
        let size = (self.octets.len() - at).min(width);
        let last = at + size == self.octets.len();
        let size = (size as u64).to_bits();
        Slot { valid: true, first: at == 0, last, bad: last && self.bad, size }
    }
}

/// A beat that an edit lets go.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Left {
    /// Its octets, 0 behind the last.
    pub(crate) lanes: Vec<u8>,
    /// A bit an octet.
    pub(crate) keep: u64,
    /// It ends the frame.
    pub(crate) last: bool,
    /// The frame is bad.
    pub(crate) bad: bool,
    /// The frame's.
    pub(crate) mark: u64,
}
