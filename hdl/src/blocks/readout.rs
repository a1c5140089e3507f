// SPDX-License-Identifier: MIT
//! What a read of the register map answers in a cycle. Addresses, fields and codes are crate `spec`'s.

use rust_hdl::prelude::*;
use vireo_spec::registers::{self as map, SEED_WORDS, status};

use super::known::{Fixed, Known, Value};
use super::logic_block::logic_block;
use super::registers::word;
use crate::verilog::About;

/// Rows of `2^A` in each of four ways.
pub struct AllWays<const A: usize>;

impl<const A: usize, const BITS: usize> Value<BITS> for AllWays<A> {
    fn value() -> Bits<BITS> {
        Bits::from(4 << A)
    }
}

logic_block! {
    /// For a machine of `W` bits, `N` ports, `G` groups, `L` links, `2^CA` channel and `2^BA` binding rows in each way.
    pub struct Readout<
        const W: usize,
        const N: usize,
        const G: usize,
        const L: usize,
        const CA: usize,
        const BA: usize,
    > {
        /// The word of the address map that is read.
        pub word: Signal<In, Bits<10>>,
        /// `status.ready`.
        pub run: Signal<In, Bit>,
        /// `status.busy`.
        pub busy: Signal<In, Bit>,
        /// `seed_choice`.
        pub seed_choice: Signal<In, Bits<32>>,
        /// `event_enable`.
        pub event_enable: Signal<In, Bits<32>>,
        /// `irq_status`.
        pub causes: Signal<In, Bits<32>>,
        /// `irq_enable`.
        pub irq_enable: Signal<In, Bits<32>>,
        /// `link`.
        pub links: [Signal<In, Bits<32>>; 8],
        /// `stage`.
        pub stage: [Signal<In, Bits<32>>; 8],
        /// `event_level`.
        pub level: Signal<In, Bits<5>>,
        /// `event_lost`.
        pub lost: Signal<In, Bits<32>>,
        /// `event`.
        pub head: Signal<In, Bits<128>>,
        /// The word of `seed_channel_a` at its distance from the first.
        pub channel_a: Signal<In, Bits<32>>,
        /// The word of `seed_channel_b`.
        pub channel_b: Signal<In, Bits<32>>,
        /// The word of `seed_binding_a`.
        pub binding_a: Signal<In, Bits<32>>,
        /// The word of `seed_binding_b`.
        pub binding_b: Signal<In, Bits<32>>,
        /// The word is in the map, and can be read.
        pub known: Signal<Out, Bit>,
        /// Its value, 0 if it is not.
        pub value: Signal<Out, Bits<32>>,
        off: Signal<Local, Bits<10>>,
        status: Signal<Local, Bits<32>>,
        at_magic: Fixed<{ word(&map::MAGIC) }, 10>,
        at_version: Fixed<{ word(&map::VERSION) }, 10>,
        at_width: Fixed<{ word(&map::WIDTH) }, 10>,
        at_links: Fixed<{ word(&map::LINKS) }, 10>,
        at_ports: Fixed<{ word(&map::PORTS) }, 10>,
        at_groups: Fixed<{ word(&map::GROUPS) }, 10>,
        at_channels: Fixed<{ word(&map::CHANNELS) }, 10>,
        at_bindings: Fixed<{ word(&map::BINDINGS) }, 10>,
        at_status: Fixed<{ word(&map::STATUS) }, 10>,
        at_seed_choice: Fixed<{ word(&map::SEED_CHOICE) }, 10>,
        at_event_enable: Fixed<{ word(&map::EVENT_ENABLE) }, 10>,
        at_irq_status: Fixed<{ word(&map::IRQ_STATUS) }, 10>,
        at_irq_enable: Fixed<{ word(&map::IRQ_ENABLE) }, 10>,
        at_link: Fixed<{ word(&map::LINK) }, 10>,
        at_stage: Fixed<{ word(&map::STAGE) }, 10>,
        at_event_level: Fixed<{ word(&map::EVENT_LEVEL) }, 10>,
        at_event_lost: Fixed<{ word(&map::EVENT_LOST) }, 10>,
        at_event: Fixed<{ word(&map::EVENT) }, 10>,
        at_channel_a: Fixed<{ word(&map::SEED_CHANNEL_A) }, 10>,
        at_channel_b: Fixed<{ word(&map::SEED_CHANNEL_B) }, 10>,
        at_binding_a: Fixed<{ word(&map::SEED_BINDING_A) }, 10>,
        at_binding_b: Fixed<{ word(&map::SEED_BINDING_B) }, 10>,
        link_words: Fixed<L, 10>,
        stage_words: Fixed<{ map::STAGE.count as usize }, 10>,
        event_words: Fixed<{ map::EVENT.count as usize }, 10>,
        seed_words: Fixed<{ SEED_WORDS as usize }, 10>,
        magic: Fixed<{ map::MAGIC_VALUE as usize }, 32>,
        version: Fixed<{ map::VERSION_VALUE as usize }, 32>,
        width: Fixed<W, 32>,
        number_links: Fixed<L, 32>,
        number_ports: Fixed<N, 32>,
        number_groups: Fixed<G, 32>,
        number_channels: Known<AllWays<CA>, 32>,
        number_bindings: Known<AllWays<BA>, 32>,
        status_ready: Fixed<{ status::READY.low }, 5>,
        status_busy: Fixed<{ status::BUSY.low }, 5>,
    }
}

impl<
    const W: usize,
    const N: usize,
    const G: usize,
    const L: usize,
    const CA: usize,
    const BA: usize,
> Logic for Readout<W, N, G, L, CA, BA>
{
    #[hdl_gen]
    fn update(&mut self) {
        self.status.next = 0.into();
        self.status.next =
            self.status.val().replace_bit(self.status_ready.val().index(), self.run.val());
        self.status.next =
            self.status.val().replace_bit(self.status_busy.val().index(), self.busy.val());
        self.known.next = true;
        self.value.next = 0.into();
        if self.word.val() == self.at_magic.val() {
            self.value.next = self.magic.val();
        } else if self.word.val() == self.at_version.val() {
            self.value.next = self.version.val();
        } else if self.word.val() == self.at_width.val() {
            self.value.next = self.width.val();
        } else if self.word.val() == self.at_links.val() {
            self.value.next = self.number_links.val();
        } else if self.word.val() == self.at_ports.val() {
            self.value.next = self.number_ports.val();
        } else if self.word.val() == self.at_groups.val() {
            self.value.next = self.number_groups.val();
        } else if self.word.val() == self.at_channels.val() {
            self.value.next = self.number_channels.val();
        } else if self.word.val() == self.at_bindings.val() {
            self.value.next = self.number_bindings.val();
        } else if self.word.val() == self.at_status.val() {
            self.value.next = self.status.val();
        } else if self.word.val() == self.at_seed_choice.val() {
            self.value.next = self.seed_choice.val();
        } else if self.word.val() == self.at_event_enable.val() {
            self.value.next = self.event_enable.val();
        } else if self.word.val() == self.at_irq_status.val() {
            self.value.next = self.causes.val();
        } else if self.word.val() == self.at_irq_enable.val() {
            self.value.next = self.irq_enable.val();
        } else if self.word.val() == self.at_event_level.val() {
            self.value.next = bit_cast::<32, 5>(self.level.val());
        } else if self.word.val() == self.at_event_lost.val() {
            self.value.next = self.lost.val();
        } else {
            self.known.next = false;
        }
        self.off.next = self.word.val() - self.at_link.val();
        if self.off.val() < self.link_words.val() {
            self.known.next = true;
            for i in 0..8 {
                if self.off.val().index() == i {
                    self.value.next = self.links[i].val();
                }
            }
        }
        self.off.next = self.word.val() - self.at_stage.val();
        if self.off.val() < self.stage_words.val() {
            self.known.next = true;
            for i in 0..8 {
                if self.off.val().index() == i {
                    self.value.next = self.stage[i].val();
                }
            }
        }
        self.off.next = self.word.val() - self.at_event.val();
        if self.off.val() < self.event_words.val() {
            self.known.next = true;
            for i in 0..4 {
                if self.off.val().index() == i {
                    self.value.next = self.head.val().get_bits::<32>(i * 32);
                }
            }
        }
        if (self.word.val() - self.at_channel_a.val()) < self.seed_words.val() {
            self.known.next = true;
            self.value.next = self.channel_a.val();
        } else if (self.word.val() - self.at_channel_b.val()) < self.seed_words.val() {
            self.known.next = true;
            self.value.next = self.channel_b.val();
        } else if (self.word.val() - self.at_binding_a.val()) < self.seed_words.val() {
            self.known.next = true;
            self.value.next = self.binding_a.val();
        } else if (self.word.val() - self.at_binding_b.val()) < self.seed_words.val() {
            self.known.next = true;
            self.value.next = self.binding_b.val();
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("readout", "no clock")
            .with("W", W)
            .with("PORTS", N)
            .with("GROUPS", G)
            .with("LINKS", L)
            .with("CHANNEL_ROWS", 4 << CA)
            .with("BINDING_ROWS", 4 << BA)
            .says("What a read of the register map answers.")
            .timing()
    }
}
