// SPDX-License-Identifier: MIT
//! Numbers that a block computes with: positions and codes of crate `spec`, widths, masks.
//! A number is part of the block's type, so that blocks need no constructor of their own, and the printer sees a constant.

use std::ops::{Deref, DerefMut};

use rust_hdl::prelude::*;

/// The number `VALUE`, as `BITS` bits.
pub struct Fixed<const VALUE: usize, const BITS: usize>(Constant<Bits<BITS>>);

impl<const VALUE: usize, const BITS: usize> Default for Fixed<VALUE, BITS> {
    fn default() -> Self {
        assert!(BITS >= 64 || VALUE >> BITS == 0, "{VALUE} has more than {BITS} bits");
        Self(Constant::new(Bits::from(VALUE as u64)))
    }
}

impl<const VALUE: usize, const BITS: usize> Fixed<VALUE, BITS> {
    /// The number.
    pub fn val(&self) -> Bits<BITS> {
        self.0.val()
    }
}

/// A number that is worked out: masks, and what follows from a width.
pub trait Value<const BITS: usize> {
    /// The number.
    fn value() -> Bits<BITS>;
}

/// The number that `V` works out.
pub struct Known<V, const BITS: usize>(Constant<Bits<BITS>>, std::marker::PhantomData<V>);

impl<V: Value<BITS>, const BITS: usize> Default for Known<V, BITS> {
    fn default() -> Self {
        Self(Constant::new(V::value()), std::marker::PhantomData)
    }
}

impl<V, const BITS: usize> Known<V, BITS> {
    /// The number.
    pub fn val(&self) -> Bits<BITS> {
        self.0.val()
    }
}

/// All ones.
pub struct Ones;

impl<const BITS: usize> Value<BITS> for Ones {
    fn value() -> Bits<BITS> {
        Bits::mask()
    }
}

/// `N - 1`: the mask of an index below `N`, a power of two.
pub struct Below<const N: usize>;

impl<const N: usize, const BITS: usize> Value<BITS> for Below<N> {
    fn value() -> Bits<BITS> {
        Bits::from(N as u64 - 1)
    }
}

impl<const VALUE: usize, const BITS: usize> Logic for Fixed<VALUE, BITS> {
    fn update(&mut self) {}
}

impl<V, const BITS: usize> Logic for Known<V, BITS> {
    fn update(&mut self) {}
}

macro_rules! constant_block {
    (($($generics:tt)*) $name:ty) => {
        impl<$($generics)*> Block for $name {
            fn connect_all(&mut self) {}
            fn update_all(&mut self) {}
            fn has_changed(&self) -> bool {
                false
            }
            fn accept(&self, name: &str, probe: &mut dyn Probe) {
                self.0.accept(name, probe);
            }
        }
    };
}

constant_block!((const VALUE: usize, const BITS: usize) Fixed<VALUE, BITS>);
constant_block!((V, const BITS: usize) Known<V, BITS>);

/// `N` blocks of a kind; an array whose length is a parameter has no default in Rust.
pub struct Many<T, const N: usize>([T; N]);

impl<T: Default, const N: usize> Default for Many<T, N> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| T::default()))
    }
}

impl<T, const N: usize> Deref for Many<T, N> {
    type Target = [T; N];

    fn deref(&self) -> &[T; N] {
        &self.0
    }
}

impl<T, const N: usize> DerefMut for Many<T, N> {
    fn deref_mut(&mut self) -> &mut [T; N] {
        &mut self.0
    }
}

impl<T: Block, const N: usize> Logic for Many<T, N> {
    fn update(&mut self) {}
}

impl<T: Block, const N: usize> Block for Many<T, N> {
    fn connect_all(&mut self) {
        self.0.connect_all();
    }

    fn update_all(&mut self) {
        self.0.update_all();
    }

    fn has_changed(&self) -> bool {
        self.0.has_changed()
    }

    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        self.0.accept(name, probe);
    }
}
