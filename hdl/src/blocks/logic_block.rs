// SPDX-License-Identifier: MIT
//! A logic block that the kernel works on only where something changes.
//!
//! rust-hdl's own derive evaluates every block in every pass of a cycle, a dozen or more. Here, a block in which nothing changed
//! in the last pass only looks at its inputs; its logic is evaluated when something that it reads has changed; and the clock,
//! which changes twice a cycle in every block, is handed on without evaluating any logic.
//!
//! So a block's logic must be a function of the signals that it reads, hand its own clock on to each of its parts, and read
//! nothing of its parts but their outputs.

use rust_hdl::prelude::*;

use super::known::{Fixed, Known, Many};
use super::pipe::{Pipe, Ring};
use crate::ram::{BlockRam, FlowRam, SmallRam};

/// A part of a block: a signal of its own, or a block within it.
pub(super) trait Part {
    /// Takes over what was written to it from outside the block; whether that is something new.
    fn take_input(&mut self) -> bool {
        false
    }

    /// In the last pass something has changed that the block's logic may read.
    fn shows_new(&self) -> bool {
        false
    }

    /// In the last pass something has changed that leaves the block.
    fn gives_new(&self) -> bool {
        false
    }

    /// Hands the clock on, if it has one.
    fn drive_clock(&mut self, _: Clock) {}
}

impl<T: Synth> Part for Signal<In, T> {
    fn take_input(&mut self) -> bool {
        self.update_all();
        self.has_changed()
    }

    fn shows_new(&self) -> bool {
        self.has_changed()
    }
}

impl<T: Synth> Part for Signal<Out, T> {
    fn shows_new(&self) -> bool {
        self.has_changed()
    }

    fn gives_new(&self) -> bool {
        self.has_changed()
    }
}

impl<T: Synth> Part for Signal<Local, T> {
    fn shows_new(&self) -> bool {
        self.has_changed()
    }
}

impl<T: Part, const N: usize> Part for [T; N] {
    fn take_input(&mut self) -> bool {
        self.iter_mut().fold(false, |new, part| new | part.take_input())
    }

    fn shows_new(&self) -> bool {
        self.iter().any(T::shows_new)
    }

    fn gives_new(&self) -> bool {
        self.iter().any(T::gives_new)
    }

    fn drive_clock(&mut self, clock: Clock) {
        self.iter_mut().for_each(|part| part.drive_clock(clock));
    }
}

impl<T: Part, const N: usize> Part for Many<T, N> {
    fn take_input(&mut self) -> bool {
        (**self).take_input()
    }

    fn shows_new(&self) -> bool {
        (**self).shows_new()
    }

    fn gives_new(&self) -> bool {
        (**self).gives_new()
    }

    fn drive_clock(&mut self, clock: Clock) {
        (**self).drive_clock(clock);
    }
}

impl<const VALUE: usize, const BITS: usize> Part for Fixed<VALUE, BITS> {}
impl<V, const BITS: usize> Part for Known<V, BITS> {}

/// Blocks that are not declared by [`logic_block`]: `$clock` is handed on to, `$output` is read of.
macro_rules! clocked_part {
    (($($generics:tt)*) $name:ty, $clock:ident, $($output:ident),+) => {
        impl<$($generics)*> Part for $name {
            fn shows_new(&self) -> bool {
                $(self.$output.has_changed())||+
            }

            fn drive_clock(&mut self, clock: Clock) {
                self.$clock.next = clock;
            }
        }
    };
}

clocked_part!((T: Synth) DFF<T>, clock, q);
clocked_part!((T: Synth, const N: usize) Pipe<T, N>, clk, q);
clocked_part!((T: Synth, const N: usize) Ring<T, N>, clk, q);
clocked_part!((const W: usize, const A: usize) BlockRam<W, A>, clk, a_data, b_rdata);
clocked_part!((const W: usize, const A: usize) FlowRam<W, A>, clk, data);
clocked_part!((T: Synth, const A: usize) SmallRam<T, A>, clk, data);

/// The block's clock, if it has one.
macro_rules! clock_of {
    ($block:ident: clk $($other:ident)*) => {
        Some(&mut $block.clk)
    };
    ($block:ident: $first:ident $($other:ident)+) => {
        $crate::blocks::logic_block::clock_of!($block: $($other)+)
    };
    ($block:ident: $last:ident) => {
        None::<&mut Signal<In, Clock>>
    };
}
pub(super) use clock_of;

/// Whether a part has something new for the logic. The clock is handed on without it.
macro_rules! is_read_anew {
    ($block:ident, clk) => {
        false
    };
    ($block:ident, $part:ident) => {
        $block.$part.shows_new()
    };
}
pub(super) use is_read_anew;

/// Declares a block: what `#[derive(LogicBlock, Default)]` would, but that it is worked on only where something changes.
macro_rules! logic_block {
    (
        $(#[$meta:meta])*
        pub struct $name:ident $(< $(const $parameter:ident: usize),+ $(,)? >)? {
            $($(#[$about:meta])* $visible:vis $field:ident: $type:ty,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Default)]
        pub struct $name $(< $(const $parameter: usize),+ >)? {
            $($(#[$about])* $visible $field: $type,)+
            /// Nothing changed in the last pass.
            at_rest: bool,
            /// The logic has been evaluated since it had something new to read.
            evaluated: bool,
        }

        impl $(< $(const $parameter: usize),+ >)? Block for $name $(< $($parameter),+ >)? {
            fn connect_all(&mut self) {
                self.connect();
                $(self.$field.connect_all();)+
            }

            fn update_all(&mut self) {
                use $crate::blocks::logic_block::{Part, clock_of, is_read_anew};
                if self.at_rest {
                    // All of them: none may keep what was written to it.
                    $(self.at_rest &= !self.$field.take_input();)+
                } else {
                    if !self.evaluated {
                        self.update();
                    }
                    $(self.$field.update_all();)+
                    self.at_rest = !($(self.$field.has_changed())||+);
                }
                self.evaluated = !($(is_read_anew!(self, $field))||+);
                if let Some(clk) = clock_of!(self: $($field)+)
                    && clk.has_changed()
                {
                    let clock = clk.val();
                    $(self.$field.drive_clock(clock);)+
                }
            }

            fn has_changed(&self) -> bool {
                !self.at_rest
            }

            fn accept(&self, name: &str, probe: &mut dyn Probe) {
                probe.visit_start_scope(name, self);
                $(self.$field.accept(stringify!($field), probe);)+
                probe.visit_end_scope(name, self);
            }
        }

        impl $(< $(const $parameter: usize),+ >)? $crate::blocks::logic_block::Part for $name $(< $($parameter),+ >)? {
            fn shows_new(&self) -> bool {
                $($crate::blocks::logic_block::Part::gives_new(&self.$field))||+
            }

            fn drive_clock(&mut self, clock: Clock) {
                if let Some(clk) = $crate::blocks::logic_block::clock_of!(self: $($field)+) {
                    clk.next = clock;
                }
            }
        }
    };
}
pub(super) use logic_block;
