// SPDX-License-Identifier: MIT
//! What a read of the register map answers, in three clocks: the page, a word of each page, the one (docs/pipeline.md, section 7). Addresses, fields and codes are crate `spec`'s.

use rust_hdl::prelude::*;
use vireo_spec::registers::{self as map, status};

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
    assert!(word(&map::SEED_CHANNEL_B) == word(&map::SEED_CHANNEL_A) + 4);
    assert!(word(&map::SEED_BINDING_B) == word(&map::SEED_BINDING_A) + 4);
    assert!(map::SEED_WORDS == 3);
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
        /// `event`, if the level is not 0.
        pub head: Signal<In, Bits<128>>,
        /// `seed_channel_a`.
        pub channel_a: [Signal<In, Bits<32>>; 3],
        /// `seed_channel_b`.
        pub channel_b: [Signal<In, Bits<32>>; 3],
        /// `seed_binding_a`.
        pub binding_a: [Signal<In, Bits<32>>; 3],
        /// `seed_binding_b`.
        pub binding_b: [Signal<In, Bits<32>>; 3],
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
        channel_seeds: DFF<Bit>,
        binding_seeds: DFF<Bit>,
        any: DFF<Bit>,
        // Which word of it; 0 in others, so that each page's choice has an index of its own that need not reach all of them.
        size_at: DFF<Bits<3>>,
        setting_at: DFF<Bits<2>>,
        link_at: DFF<Bits<3>>,
        stage_at: DFF<Bits<3>>,
        event_at: DFF<Bits<3>>,
        channel_seed_at: DFF<Bits<3>>,
        binding_seed_at: DFF<Bits<3>>,
        on_size: Signal<Local, Bit>,
        on_setting: Signal<Local, Bit>,
        on_link: Signal<Local, Bit>,
        on_stage: Signal<Local, Bit>,
        on_event: Signal<Local, Bit>,
        on_channel_seed: Signal<Local, Bit>,
        on_binding_seed: Signal<Local, Bit>,
        seed_word: Signal<Local, Bit>,
        // A word of each.
        size_value: DFF<Bits<32>>,
        state_value: DFF<Bits<32>>,
        setting_value: DFF<Bits<32>>,
        link_value: DFF<Bits<32>>,
        stage_value: DFF<Bits<32>>,
        event_value: DFF<Bits<32>>,
        channel_seed_value: DFF<Bits<32>>,
        binding_seed_value: DFF<Bits<32>>,
        size: Pick,
        setting: Pick,
        linked: Pick,
        stages: Pick,
        event: Pick,
        channel_seed: Pick,
        binding_seed: Pick,
        low: Signal<Local, Bits<3>>,
        status: Signal<Local, Bits<32>>,
        at_sizes: Fixed<{ page(&map::MAGIC, 3) }, 7>,
        at_status: Fixed<{ word(&map::STATUS) }, 10>,
        at_settings: Fixed<{ page(&map::SEED_CHOICE, 2) }, 8>,
        at_link: Fixed<{ page(&map::LINK, 3) }, 7>,
        at_stage: Fixed<{ page(&map::STAGE, 3) }, 7>,
        at_events: Fixed<{ page(&map::EVENT_LEVEL, 3) }, 7>,
        at_channel_seeds: Fixed<{ page(&map::SEED_CHANNEL_A, 3) }, 7>,
        at_binding_seeds: Fixed<{ page(&map::SEED_BINDING_A, 3) }, 7>,
        link_words: Fixed<L, 4>,
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
            channel_seeds,
            binding_seeds,
            any,
            size_at,
            setting_at,
            link_at,
            stage_at,
            event_at,
            channel_seed_at,
            binding_seed_at,
            size_value,
            state_value,
            setting_value,
            link_value,
            stage_value,
            event_value,
            channel_seed_value,
            binding_seed_value
        );
        // The page, and the word of it.
        self.low.next = self.word.val().get_bits::<3>(0);
        self.on_size.next = self.word.val().get_bits::<7>(3) == self.at_sizes.val();
        self.on_setting.next = self.word.val().get_bits::<8>(2) == self.at_settings.val();
        self.on_link.next = self.word.val().get_bits::<7>(3) == self.at_link.val();
        self.on_stage.next = self.word.val().get_bits::<7>(3) == self.at_stage.val();
        self.on_event.next = self.word.val().get_bits::<7>(3) == self.at_events.val();
        self.on_channel_seed.next = self.word.val().get_bits::<7>(3) == self.at_channel_seeds.val();
        self.on_binding_seed.next = self.word.val().get_bits::<7>(3) == self.at_binding_seeds.val();
        self.seed_word.next = !self.low.val().get_bits::<2>(0).all();
        self.sizes.d.next = self.on_size.val();
        self.state.d.next = self.word.val() == self.at_status.val();
        self.settings.d.next = self.on_setting.val();
        self.link.d.next =
            self.on_link.val() & (bit_cast::<4, 3>(self.low.val()) < self.link_words.val());
        self.staged.d.next = self.on_stage.val();
        self.events.d.next =
            self.on_event.val() & (self.low.val().get_bit(2) | (!self.low.val().get_bit(1)));
        self.channel_seeds.d.next = self.on_channel_seed.val() & self.seed_word.val();
        self.binding_seeds.d.next = self.on_binding_seed.val() & self.seed_word.val();
        self.size_at.d.next = 0.into();
        self.setting_at.d.next = 0.into();
        self.link_at.d.next = 0.into();
        self.stage_at.d.next = 0.into();
        self.event_at.d.next = 0.into();
        self.channel_seed_at.d.next = 0.into();
        self.binding_seed_at.d.next = 0.into();
        if self.on_size.val() {
            self.size_at.d.next = self.low.val();
        }
        if self.on_setting.val() {
            self.setting_at.d.next = self.low.val().get_bits::<2>(0);
        }
        if self.on_link.val() {
            self.link_at.d.next = self.low.val();
        }
        if self.on_stage.val() {
            self.stage_at.d.next = self.low.val();
        }
        if self.on_event.val() {
            self.event_at.d.next = self.low.val();
        }
        if self.on_channel_seed.val() {
            self.channel_seed_at.d.next = self.low.val();
        }
        if self.on_binding_seed.val() {
            self.binding_seed_at.d.next = self.low.val();
        }
        self.any.d.next =
            (self.sizes.q.val() | self.state.q.val() | self.settings.q.val() | self.link.q.val())
                | (self.staged.q.val()
                    | self.events.q.val()
                    | self.channel_seeds.q.val()
                    | self.binding_seeds.q.val());

        // A word of each page, or 0.
        self.status.next = 0.into();
        self.status.next =
            self.status.val().replace_bit(self.status_ready.val().index(), self.run.val());
        self.status.next =
            self.status.val().replace_bit(self.status_busy.val().index(), self.busy.val());
        self.size.at.next = self.size_at.q.val();
        self.size.words[0].next = self.magic.val();
        self.size.words[1].next = self.version.val();
        self.size.words[2].next = self.width.val();
        self.size.words[3].next = self.number_links.val();
        self.size.words[4].next = self.number_ports.val();
        self.size.words[5].next = self.number_groups.val();
        self.size.words[6].next = self.number_channels.val();
        self.size.words[7].next = self.number_bindings.val();
        self.setting.at.next = bit_cast::<3, 2>(self.setting_at.q.val());
        self.setting.words[0].next = self.seed_choice.val();
        self.setting.words[1].next = self.event_enable.val();
        self.setting.words[2].next = self.causes.val();
        self.setting.words[3].next = self.irq_enable.val();
        self.event.at.next = self.event_at.q.val();
        self.event.words[0].next = bit_cast::<32, 5>(self.level.val());
        self.event.words[1].next = self.lost.val();
        self.event.words[2].next = 0.into();
        self.event.words[3].next = 0.into();
        for i in 0..4 {
            self.setting.words[i + 4].next = 0.into();
            self.event.words[i + 4].next = self.head.val().get_bits::<32>(i * 32);
        }
        self.channel_seed.at.next = self.channel_seed_at.q.val();
        self.binding_seed.at.next = self.binding_seed_at.q.val();
        for i in 0..3 {
            self.channel_seed.words[i].next = self.channel_a[i].val();
            self.channel_seed.words[i + 4].next = self.channel_b[i].val();
            self.binding_seed.words[i].next = self.binding_a[i].val();
            self.binding_seed.words[i + 4].next = self.binding_b[i].val();
        }
        self.channel_seed.words[3].next = 0.into();
        self.channel_seed.words[7].next = 0.into();
        self.binding_seed.words[3].next = 0.into();
        self.binding_seed.words[7].next = 0.into();
        self.linked.at.next = self.link_at.q.val();
        self.stages.at.next = self.stage_at.q.val();
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
        if self.events.q.val() & (self.level.val().any() | (!self.event_at.q.val().get_bit(2))) {
            self.event_value.d.next = self.event.value.val();
        }
        self.channel_seed_value.d.next = 0.into();
        if self.channel_seeds.q.val() {
            self.channel_seed_value.d.next = self.channel_seed.value.val();
        }
        self.binding_seed_value.d.next = 0.into();
        if self.binding_seeds.q.val() {
            self.binding_seed_value.d.next = self.binding_seed.value.val();
        }

        // The one that is not 0.
        self.known.next = self.any.q.val();
        self.value.next = (self.size_value.q.val() | self.state_value.q.val())
            | (self.setting_value.q.val() | self.link_value.q.val())
            | (self.stage_value.q.val() | self.event_value.q.val())
            | (self.channel_seed_value.q.val() | self.binding_seed_value.q.val());
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
