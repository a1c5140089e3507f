// SPDX-License-Identifier: MIT
//! rust-hdl's kernel stepped by hand in one thread: random inputs in, every port's value in every cycle out.

use rust_hdl::core::atom::{Atom, AtomKind};
use rust_hdl::prelude::*;
use vireo_hdl::verilog::Design;

/// A block of the corpus: what its inputs are is known by name alone, so it drives them itself.
pub(crate) trait Case: Block + Default {
    /// Gives every input but the clock a random value.
    fn drive(&mut self, random: &mut Random);
    /// Sets the clock, if there is one.
    fn clock(&mut self, level: bool);
}

/// Implements [`Case`]: `case!(Block, clk; a, b)`, or `case!(Block; a, b)` without a clock.
#[macro_export]
macro_rules! case {
    ($block:ty, $clk:ident; $($input:ident),*) => {
        impl $crate::kernel::Case for $block {
            fn drive(&mut self, random: &mut $crate::kernel::Random) {
                $(self.$input.next = random.value();)*
            }
            fn clock(&mut self, level: bool) {
                self.$clk.next = level.into();
            }
        }
    };
    ($block:ty; $($input:ident),*) => {
        impl $crate::kernel::Case for $block {
            fn drive(&mut self, random: &mut $crate::kernel::Random) {
                $(self.$input.next = random.value();)*
            }
            fn clock(&mut self, _: bool) {}
        }
    };
}

/// `VIREO_SEED` if it is set, else a fixed seed; printed, so that a failure can be repeated.
pub(crate) fn seed() -> u64 {
    let seed = std::env::var("VIREO_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    println!("repeat with: VIREO_SEED={seed} cargo test -p vireo-hdl --test verilog");
    seed
}

/// splitmix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn value<T: Draw>(&mut self) -> T {
        T::draw(self)
    }
}

/// A type of which inputs are made.
pub(crate) trait Draw {
    fn draw(random: &mut Random) -> Self;
}

impl Draw for bool {
    fn draw(random: &mut Random) -> Self {
        random.next() & 1 == 1
    }
}

impl<const N: usize> Draw for Bits<N> {
    /// Often all zeros, all ones or small, where carries, comparisons and sign-like mistakes show.
    fn draw(random: &mut Random) -> Self {
        let kind = random.next() % 8;
        let mut value = Self::default();
        for bit in 0..N {
            let set = match kind {
                0 => false,
                1 => true,
                2 => bit < 3 && random.next() & 1 == 1,
                _ => random.next() & 1 == 1,
            };
            value = value.replace_bit(bit, set);
        }
        value
    }
}

/// A port of the top and its value in each cycle.
pub(crate) struct Port {
    pub(crate) name: String,
    pub(crate) width: usize,
    pub(crate) input: bool,
    pub(crate) clock: bool,
    pub(crate) values: Vec<String>,
}

/// What the kernel did.
pub(crate) struct Recording {
    pub(crate) name: String,
    pub(crate) design: Design,
    pub(crate) ports: Vec<Port>,
}

impl Recording {
    pub(crate) fn cycles(&self) -> usize {
        self.ports.first().map_or(0, |port| port.values.len())
    }

    /// Makes the record wrong in one bit.
    pub(crate) fn flip_an_output_bit(&mut self, cycle: usize) {
        let port = self.ports.iter_mut().find(|port| !port.input).unwrap();
        let value = u128::from_str_radix(&port.values[cycle], 16).unwrap();
        port.values[cycle] = format!("{:x}", value ^ 1);
    }
}

/// Prints the block, then clocks it with random inputs.
pub(crate) fn record<B: Case>(name: &str, seed: u64, cycles: usize) -> Recording {
    let mut block = B::default();
    block.connect_all();
    let design = Design::print(&block, name).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut random = Random(seed);
    let mut ports = Ports::default();
    for _ in 0..cycles {
        block.drive(&mut random);
        block.clock(false);
        settle(&mut block, name);
        ports.depth = 0;
        ports.at = 0;
        block.accept(name, &mut ports);
        block.clock(true);
        settle(&mut block, name);
    }
    Recording { name: name.into(), design, ports: ports.found }
}

fn settle(block: &mut dyn Block, name: &str) {
    for _ in 0..1000 {
        block.update_all();
        if !block.has_changed() {
            return;
        }
    }
    panic!("{name} does not settle");
}

#[derive(Default)]
struct Ports {
    found: Vec<Port>,
    namespace: Vec<String>,
    depth: usize,
    at: usize,
}

impl Probe for Ports {
    fn visit_start_scope(&mut self, _: &str, _: &dyn Block) {
        self.depth += 1;
    }

    fn visit_end_scope(&mut self, _: &str, _: &dyn Block) {
        self.depth -= 1;
    }

    fn visit_start_namespace(&mut self, name: &str, _: &dyn Block) {
        self.namespace.push(name.into());
    }

    fn visit_end_namespace(&mut self, _: &str, _: &dyn Block) {
        self.namespace.pop();
    }

    fn visit_atom(&mut self, name: &str, atom: &dyn Atom) {
        let input = atom.kind() == AtomKind::InputParameter;
        if self.depth != 1 || !(input || atom.kind() == AtomKind::OutputParameter) {
            return;
        }
        if self.at == self.found.len() {
            let mut path = self.namespace.clone();
            path.push(name.into());
            self.found.push(Port {
                name: path.join("_").replace('$', "_"),
                width: atom.bits(),
                input,
                clock: atom.descriptor().name == "clock",
                values: Vec::new(),
            });
        }
        let text = format!("{:x}", atom.verilog());
        let digits = text.split_once("'h").unwrap().1.to_owned();
        self.found[self.at].values.push(digits);
        self.at += 1;
    }
}
