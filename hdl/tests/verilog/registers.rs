// SPDX-License-Identifier: MIT
//! The corpus: the blocks behind the machine's AXI4-Lite pins.

use rust_hdl::prelude::*;
use vireo_hdl::blocks::bus_read::BusRead;
use vireo_hdl::blocks::bus_write::BusWrite;
use vireo_hdl::blocks::commit::Commit;
use vireo_hdl::blocks::interrupts::Interrupts;
use vireo_hdl::blocks::operation::Operation;
use vireo_hdl::blocks::readout::Readout;
use vireo_hdl::blocks::seed::Seed;
use vireo_hdl::blocks::setting::Setting;
use vireo_hdl::blocks::stage::Stage;
use vireo_hdl::blocks::sweep::Sweep;

use crate::kernel::{Case, Draw, Random};

impl Draw for Commit {
    fn draw(random: &mut Random) -> Self {
        Self {
            port: random.value(),
            group: random.value(),
            vlan: random.value(),
            channel: random.value(),
            binding: random.value(),
            way: random.value(),
            row: random.value(),
            words: random.value(),
            begins: random.value(),
            sweeps: random.value(),
        }
    }
}

/// Inputs of a block with a clock, and a reset that comes seldom.
macro_rules! with_reset {
    ($block:ty; $($input:ident),*) => {
        impl Case for $block {
            fn drive(&mut self, random: &mut Random) {
                self.rst.next = random.next().is_multiple_of(64);
                $(self.$input.next = random.value();)*
            }
            fn clock(&mut self, level: bool) {
                self.clk.next = level.into();
            }
        }
    };
}

with_reset!(BusWrite; awvalid, awaddr, wvalid, wdata, wstrb, bready, acts, starts, done);
with_reset!(BusRead; arvalid, araddr, rready, known, value);
with_reset!(Interrupts; waiting, loses, complete, write, ones, enable);
with_reset!(Seed; write, octets, data);
with_reset!(Setting<0xF0F>; write, octets, data);
with_reset!(Sweep;);
with_reset!(
    Stage<8, 3, 2, 2>;
    write, word, octets, data, fetches, of_group, of_channel, of_binding, of_vlan, of_counter, row, commit,
    channel_read, binding_read, vlan_read, traffic_read, disposition_read
);

impl Case for Operation<8, 4, 4, 5> {
    fn drive(&mut self, random: &mut Random) {
        self.rst.next = random.next().is_multiple_of(64);
        // Mostly a row that there is.
        let row = (random.next() % 64) << 16;
        self.data.next = (random.next() & 0xFFF | row).to_bits();
        self.starts.next = random.value();
        self.staged.next = random.value();
        self.sweep.next = random.value();
        self.tick.next = random.value();
        self.last.next = random.value();
    }
    fn clock(&mut self, level: bool) {
        self.clk.next = level.into();
    }
}

impl Case for Readout<64, 8, 4, 2, 4, 5> {
    fn drive(&mut self, random: &mut Random) {
        // Mostly a word that there is.
        self.word.next = (random.next() % 0x140).to_bits();
        self.run.next = random.value();
        self.busy.next = random.value();
        self.seed_choice.next = random.value();
        self.event_enable.next = random.value();
        self.causes.next = random.value();
        self.irq_enable.next = random.value();
        self.links.iter_mut().for_each(|link| link.next = random.value());
        self.stage.iter_mut().for_each(|word| word.next = random.value());
        self.level.next = random.value();
        self.lost.next = random.value();
        self.head.next = random.value();
        for seed in
            [&mut self.channel_a, &mut self.channel_b, &mut self.binding_a, &mut self.binding_b]
        {
            seed.iter_mut().for_each(|word| word.next = random.value());
        }
    }
    fn clock(&mut self, level: bool) {
        self.clk.next = level.into();
    }
}

/// Their recordings.
pub(crate) fn recordings(seed: u64, cycles: usize) -> Vec<crate::kernel::Recording> {
    use crate::kernel::record;
    vec![
        record::<BusWrite>("bus_write", seed, cycles),
        record::<BusRead>("bus_read", seed, cycles),
        record::<Interrupts>("interrupts", seed, cycles),
        record::<Operation<8, 4, 4, 5>>("operation", seed, cycles),
        record::<Readout<64, 8, 4, 2, 4, 5>>("readout", seed, cycles),
        record::<Seed>("seed", seed, cycles),
        record::<Setting<0xF0F>>("setting", seed, cycles),
        record::<Stage<8, 3, 2, 2>>("stage", seed, cycles),
        record::<Sweep>("sweep", seed, cycles),
    ]
}
