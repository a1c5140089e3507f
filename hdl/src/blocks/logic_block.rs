// SPDX-License-Identifier: MIT
//! A logic block that the kernel leaves alone while nothing in it changes.
//!
//! rust-hdl's own derive evaluates every block in every pass of a cycle, a dozen or more. A block's logic depends on nothing but its
//! signals, so one that did not change in the last pass has nothing to do in this one: that is most of them.

/// Declares a block: what `#[derive(LogicBlock, Default)]` would, but for blocks at rest.
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
        }

        impl $(< $(const $parameter: usize),+ >)? Block for $name $(< $($parameter),+ >)? {
            fn connect_all(&mut self) {
                self.connect();
                $(self.$field.connect_all();)+
            }

            fn update_all(&mut self) {
                if !self.at_rest {
                    self.update();
                }
                $(self.$field.update_all();)+
                self.at_rest = !($(self.$field.has_changed())||+);
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
    };
}
pub(super) use logic_block;
