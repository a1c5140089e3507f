// SPDX-License-Identifier: MIT
//! What a read of the register map answers, in three clocks: the page, a word of each page, the one (docs/pipeline.md, section 7). Addresses, fields and codes are crate `spec`'s.

use rust_hdl::prelude::*;
use vireo_spec::registers::{self as map, SEED_WORDS, status};

use super::known::{Fixed, Known, Value};
use super::logic_block::logic_block;
use super::pick::Pick;
use super::registers::{page, word};
use crate::verilog::About;

/// Rows of `2^A` in each of four ways.
pub struct AllWays<const A: usize>;

impl<const A: usize, const BITS: usize> Value<BITS> for AllWays<A> {
    fn value() -> Bits<BITS> {
        Bits::from(4 << A)
    }
}

// The registers of a page stand where `update` picks them.
const _: () = {
    assert!(word(&map::BINDINGS) == word(&map::MAGIC) + 7);
    assert!(word(&map::EVENT_ENABLE) == word(&map::SEED_CHOICE) + 1);
    assert!(word(&map::IRQ_STATUS) == word(&map::SEED_CHOICE) + 2);
    assert!(word(&map::IRQ_ENABLE) == word(&map::SEED_CHOICE) + 3);
    assert!(word(&map::EVENT_LOST) == word(&map::EVENT_LEVEL) + 1);
    assert!(word(&map::EVENT) == word(&map::EVENT_LEVEL) + 4 && map::EVENT.count == 4);
};

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
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// The word of the address map that is read; it stands until the answer.
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
        /// Two clocks later: the word is in the map, and can be read.
        pub known: Signal<Out, Bit>,
        /// Its value of the cycle between, 0 if it is not.
        pub value: Signal<Out, Bits<32>>,
        // Pages of the map.
        sizes: DFF<Bit>,
        state: DFF<Bit>,
        settings: DFF<Bit>,
        link: DFF<Bit>,
        staged: DFF<Bit>,
        events: DFF<Bit>,
        seeds: [DFF<Bit>; 4],
        any: DFF<Bit>,
        // A word of each.
        size_value: DFF<Bits<32>>,
        state_value: DFF<Bits<32>>,
        setting_value: DFF<Bits<32>>,
        link_value: DFF<Bits<32>>,
        stage_value: DFF<Bits<32>>,
        event_value: DFF<Bits<32>>,
        seed_values: [DFF<Bits<32>>; 4],
        size: Pick,
        setting: Pick,
        linked: Pick,
        stages: Pick,
        event: Pick,
        low: Signal<Local, Bits<3>>,
        low4: Signal<Local, Bits<4>>,
        seed_page: Signal<Local, Bits<6>>,
        all: Signal<Local, Bits<32>>,
        status: Signal<Local, Bits<32>>,
        at_sizes: Fixed<{ page(&map::MAGIC, 3) }, 7>,
        at_status: Fixed<{ word(&map::STATUS) }, 10>,
        at_settings: Fixed<{ page(&map::SEED_CHOICE, 2) }, 8>,
        at_link: Fixed<{ page(&map::LINK, 3) }, 7>,
        at_stage: Fixed<{ page(&map::STAGE, 3) }, 7>,
        at_events: Fixed<{ page(&map::EVENT_LEVEL, 3) }, 7>,
        at_seeds: [Signal<Local, Bits<6>>; 4],
        at_channel_a: Fixed<{ page(&map::SEED_CHANNEL_A, 4) }, 6>,
        at_channel_b: Fixed<{ page(&map::SEED_CHANNEL_B, 4) }, 6>,
        at_binding_a: Fixed<{ page(&map::SEED_BINDING_A, 4) }, 6>,
        at_binding_b: Fixed<{ page(&map::SEED_BINDING_B, 4) }, 6>,
        link_words: Fixed<L, 4>,
        seed_words: Fixed<{ SEED_WORDS as usize }, 4>,
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
        dff_setup!(
            self,
            clk,
            sizes,
            state,
            settings,
            link,
            staged,
            events,
            any,
            size_value,
            state_value,
            setting_value,
            link_value,
            stage_value,
            event_value
        );
        // The page.
        self.low.next = self.word.val().get_bits::<3>(0);
        self.low4.next = self.word.val().get_bits::<4>(0);
        self.seed_page.next = self.word.val().get_bits::<6>(4);
        self.sizes.d.next = self.word.val().get_bits::<7>(3) == self.at_sizes.val();
        self.state.d.next = self.word.val() == self.at_status.val();
        self.settings.d.next = self.word.val().get_bits::<8>(2) == self.at_settings.val();
        self.link.d.next = (self.word.val().get_bits::<7>(3) == self.at_link.val())
            & (bit_cast::<4, 3>(self.low.val()) < self.link_words.val());
        self.staged.d.next = self.word.val().get_bits::<7>(3) == self.at_stage.val();
        self.events.d.next = (self.word.val().get_bits::<7>(3) == self.at_events.val())
            & (self.low.val().get_bit(2) | (!self.low.val().get_bit(1)));
        self.at_seeds[0].next = self.at_channel_a.val();
        self.at_seeds[1].next = self.at_channel_b.val();
        self.at_seeds[2].next = self.at_binding_a.val();
        self.at_seeds[3].next = self.at_binding_b.val();
        self.any.d.next = self.sizes.q.val()
            | self.state.q.val()
            | self.settings.q.val()
            | self.link.q.val()
            | self.staged.q.val()
            | self.events.q.val();
        for i in 0..4 {
            self.seeds[i].clock.next = self.clk.val();
            self.seeds[i].d.next = (self.seed_page.val() == self.at_seeds[i].val())
                & (self.low4.val() < self.seed_words.val());
            if self.seeds[i].q.val() {
                self.any.d.next = true;
            }
        }

        // A word of each page, or 0.
        self.status.next = 0.into();
        self.status.next =
            self.status.val().replace_bit(self.status_ready.val().index(), self.run.val());
        self.status.next =
            self.status.val().replace_bit(self.status_busy.val().index(), self.busy.val());
        self.size.at.next = self.low.val();
        self.size.words[0].next = self.magic.val();
        self.size.words[1].next = self.version.val();
        self.size.words[2].next = self.width.val();
        self.size.words[3].next = self.number_links.val();
        self.size.words[4].next = self.number_ports.val();
        self.size.words[5].next = self.number_groups.val();
        self.size.words[6].next = self.number_channels.val();
        self.size.words[7].next = self.number_bindings.val();
        self.setting.at.next = self.low.val();
        self.setting.words[0].next = self.seed_choice.val();
        self.setting.words[1].next = self.event_enable.val();
        self.setting.words[2].next = self.causes.val();
        self.setting.words[3].next = self.irq_enable.val();
        self.event.at.next = self.low.val();
        self.event.words[0].next = bit_cast::<32, 5>(self.level.val());
        self.event.words[1].next = self.lost.val();
        self.event.words[2].next = 0.into();
        self.event.words[3].next = 0.into();
        for i in 0..4 {
            self.setting.words[i + 4].next = 0.into();
            self.event.words[i + 4].next = self.head.val().get_bits::<32>(i * 32);
        }
        self.linked.at.next = self.low.val();
        self.stages.at.next = self.low.val();
        for i in 0..8 {
            self.linked.words[i].next = self.links[i].val();
            self.stages.words[i].next = self.stage[i].val();
        }
        self.size_value.d.next = 0.into();
        if self.sizes.q.val() {
            self.size_value.d.next = self.size.value.val();
        }
        self.state_value.d.next = 0.into();
        if self.state.q.val() {
            self.state_value.d.next = self.status.val();
        }
        self.setting_value.d.next = 0.into();
        if self.settings.q.val() {
            self.setting_value.d.next = self.setting.value.val();
        }
        self.link_value.d.next = 0.into();
        if self.link.q.val() {
            self.link_value.d.next = self.linked.value.val();
        }
        self.stage_value.d.next = 0.into();
        if self.staged.q.val() {
            self.stage_value.d.next = self.stages.value.val();
        }
        self.event_value.d.next = 0.into();
        if self.events.q.val() {
            self.event_value.d.next = self.event.value.val();
        }
        for i in 0..4 {
            self.seed_values[i].clock.next = self.clk.val();
            self.seed_values[i].d.next = 0.into();
        }
        if self.seeds[0].q.val() {
            self.seed_values[0].d.next = self.channel_a.val();
        }
        if self.seeds[1].q.val() {
            self.seed_values[1].d.next = self.channel_b.val();
        }
        if self.seeds[2].q.val() {
            self.seed_values[2].d.next = self.binding_a.val();
        }
        if self.seeds[3].q.val() {
            self.seed_values[3].d.next = self.binding_b.val();
        }

        // The one that is not 0.
        self.known.next = self.any.q.val();
        self.all.next = (self.size_value.q.val() | self.state_value.q.val())
            | (self.setting_value.q.val() | self.link_value.q.val())
            | (self.stage_value.q.val() | self.event_value.q.val());
        for i in 0..4 {
            self.all.next = self.all.val() | self.seed_values[i].q.val();
        }
        self.value.next = self.all.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("readout", "2 clocks")
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
