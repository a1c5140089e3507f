// SPDX-License-Identifier: MIT
//! The block `registers` against what docs/pipeline.md, sections 6 and 7, and the register map say of it.
mod rule;

use rule::{Act, Rule, SEEDS, SWEEP};

use crate::bench::{CYCLES, Random, bus_words, clock, clocked, generates, settle, wide};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::registers::*;
use vireo_spec::field::Words;
use vireo_spec::pins::{RESP_OKAY, RESP_SLVERR};
use vireo_spec::registers::{self as map, EVENT_DEPTH, MAP, SEED_WORDS};
use vireo_spec::table::{Command, Op, Table};

clocked!([
    const W: usize, const N: usize, const PA: usize, const G: usize, const GA: usize, const L: usize,
    const CA: usize, const BA: usize
] Registers<W, N, PA, G, GA, L, CA, BA>);

const LINKS: usize = 2;
/// 8 ports, 4 groups, 16 channel and 32 binding rows in each way.
type Block = Registers<64, 8, 3, 4, 2, LINKS, 4, 5>;
/// What comes in from the machine in a cycle.
#[derive(Clone, Copy, Default)]
struct Machine {
    busy: bool,
    complete: bool,
    level: u32,
    lost: u32,
    loses: bool,
    head: [u32; 4],
    /// The row that an operation reads, by table; those of ports and groups are the block's own.
    read: [Words; 7],
}

impl Machine {
    fn change(&mut self, random: &mut Random) {
        if random.one_in(50) {
            self.busy = random.one_in(8);
        }
        self.complete = random.one_in(100);
        self.loses = random.one_in(100);
        if random.one_in(20) {
            self.level =
                if random.one_in(2) { 0 } else { random.below(EVENT_DEPTH as u64 + 1) as u32 };
            self.lost = random.bits() as u32;
            self.head[random.below(4) as usize] = random.bits() as u32;
        }
        for (table, bits) in [
            (Table::Channel, 96),
            (Table::Binding, 96),
            (Table::Vlan, 8),
            (Table::Traffic, 144),
            (Table::Disposition, 32),
        ] {
            let row = &mut self.read[table as usize];
            for (word, value) in row.iter_mut().enumerate().take(bits / 32 + 1) {
                *value = random.bits() as u32
                    & (1u64 << (bits - 32 * word).min(32)).wrapping_sub(1) as u32;
            }
        }
    }

    /// Rows of counters come where they are asked for.
    fn drive(&self, block: &mut Block, op: Option<Op>) {
        let asked = |table| op.is_some_and(|op| op.table == table);
        let part = |table: Table, low| u64::from(self.read[table as usize][low]);
        block.busy.next = self.busy;
        block.complete.next = self.complete;
        block.level.next = self.level.to_bits();
        block.lost.next = self.lost.to_bits();
        block.loses.next = self.loses;
        let head = self.head.iter().rev().fold(0, |all, &word| all << 32 | u128::from(word));
        block.head.next = wide(head);
        block.channel_read.next = bus_words(&self.read[Table::Channel as usize]);
        block.binding_read.next = bus_words(&self.read[Table::Binding as usize]);
        block.vlan_read.next = part(Table::Vlan, 0).to_bits();
        block.disposition_read.next =
            if asked(Table::Disposition) { part(Table::Disposition, 0) } else { 0 }.to_bits();
        let [low, high] =
            [0, 2].map(|word| part(Table::Traffic, word) | part(Table::Traffic, word + 1) << 32);
        let row = wide::<144>(u128::from(low) | u128::from(high) << 64)
            | (bit_cast::<144, 16>(part(Table::Traffic, 4).to_bits::<16>()) << 128);
        block.traffic_read.next = if asked(Table::Traffic) { row } else { Bits::default() };
    }
}

/// Software's end of the bus: what it offers stays until it is taken.
#[derive(Default)]
struct Bus {
    aw: Option<u16>,
    w: Option<(u32, u64)>,
    ar: Option<u16>,
    bready: bool,
    rready: bool,
}

fn address(random: &mut Random) -> u16 {
    let often = [map::STAGE, map::STAGE, map::IRQ_STATUS, map::IRQ_ENABLE, map::EVENT_POP];
    let register = match random.below(6) {
        0 | 1 => map::OP,
        2 => often[random.below(often.len() as u64) as usize],
        3 => return random.below(0x1000) as u16,
        _ => MAP[random.below(MAP.len() as u64) as usize],
    };
    register.nth(random.below(register.count.into()) as usize) | random.below(4) as u16
}

fn data(random: &mut Random) -> u32 {
    if random.one_in(3) {
        return random.bits() as u32;
    }
    // Mostly an operation, and mostly one that is there.
    let rows = [4, 4, 32, 5000][random.below(4) as usize];
    map::op::COMMAND.at(random.below(4) as u32)
        | map::op::TABLE.at(random.below(8) as u32)
        | map::op::WAY.at(if random.one_in(2) { 0 } else { random.below(4) as u32 })
        | map::op::ROW.at(random.below(rows) as u32)
}

impl Bus {
    fn offer(&mut self, random: &mut Random) {
        if self.aw.is_none() && random.one_in(3) {
            self.aw = Some(address(random));
        }
        if self.w.is_none() && random.one_in(3) {
            let strobes = if random.one_in(8) { random.below(16) } else { 15 };
            self.w = Some((data(random), strobes));
        }
        if self.ar.is_none() && random.one_in(3) {
            self.ar = Some(address(random));
        }
        (self.bready, self.rready) = (!random.one_in(3), !random.one_in(3));
    }

    fn drive(&self, block: &mut Block) {
        block.awvalid.next = self.aw.is_some();
        block.awaddr.next = self.aw.unwrap_or(0x220).to_bits();
        block.wvalid.next = self.w.is_some();
        let (data, strobes) = self.w.unwrap_or((0x21, 15));
        block.wdata.next = data.to_bits();
        block.wstrb.next = strobes.to_bits();
        block.arvalid.next = self.ar.is_some();
        block.araddr.next = self.ar.unwrap_or(0).to_bits();
        block.bready.next = self.bready;
        block.rready.next = self.rready;
    }
}

/// The bus to the tables in this cycle; what it says is done in the next.
fn commits(block: &Block, rule: &mut Rule, rst: bool) {
    let bus = block.commit.val();
    let mut expected = (false, false, false, 0, 0);
    if !rule.run() {
        expected = (true, true, true, 15, 15);
        assert_eq!(bus.row.to_u64(), rule.at);
        assert_eq!(bus.words, 0);
    } else if let (Some(op), Some(since)) = (rule.write.op, rule.write.since) {
        let commits = op.command != Command::Read && since == 1;
        let ways = if commits { 1 << op.way } else { 0 };
        match op.table {
            Table::Port => expected.0 = commits,
            Table::Group => expected.1 = commits,
            Table::Vlan => expected.2 = commits,
            Table::Channel => expected.3 = ways,
            Table::Binding => expected.4 = ways,
            Table::Traffic | Table::Disposition => {}
        }
        if commits {
            assert_eq!(bus.words, bus_words(&rule.committed(&op)));
        }
        // The arrays are read or written in x+2; the row that was read is picked in x+4.
        if since == 1 || (1..4).contains(&since) && op.command == Command::Read {
            assert_eq!(bus.row.to_u64(), u64::from(op.row & 0xFFF));
            assert_eq!(bus.way.to_u64(), u64::from(op.way));
        }
        if op.command == Command::Read {
            assert_eq!(block.counter_row.val().to_u64(), u64::from(op.row & 0x3FFF));
            assert_eq!(block.counter_traffic.val(), op.table == Table::Traffic);
            assert_eq!(block.counter_disposition.val(), op.table == Table::Disposition);
        }
    }
    assert_eq!(bus.begins, matches!(rule.act(), Some(Act::Start(_))));
    assert_eq!(bus.sweeps, rst || rule.at < SWEEP - 1);
    let found = (bus.port, bus.group, bus.vlan, bus.channel.to_u64(), bus.binding.to_u64());
    assert_eq!(found, expected);
}

/// The registers that the machine sees.
fn shows(block: &Block, rule: &Rule) {
    for (i, pin) in block.links.iter().enumerate() {
        let row = if i < LINKS { rule.word(&map::LINK, i) } else { 0 };
        assert_eq!(pin.val(), row.to_bits::<32>(), "link {i}");
    }
    let choice = rule.word(&map::SEED_CHOICE, 0);
    let (channel, binding) =
        (map::seed_choice::CHANNEL.of(choice), map::seed_choice::BINDING.of(choice));
    assert_eq!(block.channel_choice.val(), channel.to_bits::<4>());
    assert_eq!(block.binding_choice.val(), binding.to_bits::<4>());
    assert_eq!(block.event_enable.val(), rule.word(&map::EVENT_ENABLE, 0).to_bits::<32>());
    let pins = [
        &block.channel_seed_a,
        &block.channel_seed_b,
        &block.binding_seed_a,
        &block.binding_seed_b,
    ];
    for (pin, register) in pins.into_iter().zip(&SEEDS) {
        let seed = (0..SEED_WORDS.into())
            .rev()
            .fold(0, |all, word| all << 32 | u128::from(rule.word(register, word)));
        assert_eq!(pin.val(), wide::<72>(seed), "{}", register.name);
    }
}

#[test]
fn registers_answer_commit_and_interrupt_in_their_cycles() {
    generates::<Block>();
    let mut random = Random::new(14);
    let mut block = Block::default();
    block.rst.next = true;
    settle(&mut block);
    clock(&mut block);
    let mut rule = Rule::new();
    let mut machine = Machine::default();
    let mut bus = Bus::default();
    let (mut reads, mut ops, mut refused) = (0, 0, 0);
    let mut stale = true;
    for cycle in 0..CYCLES {
        // Each reset costs a sweep; some come in the middle of one.
        let rst = random.one_in(if rule.run() { 20_000 } else { 15_000 });
        machine.change(&mut random);
        bus.offer(&mut random);
        machine.drive(&mut block, rule.write.op);
        bus.drive(&mut block);
        block.rst.next = rst;
        settle(&mut block);

        let act = rule.act();
        let ready = (block.awready.val(), block.wready.val(), block.arready.val());
        let expected = (rule.awready(), rule.wready(), rule.arready());
        assert_eq!(ready, expected, "cycle {cycle}: awready, wready, arready");
        assert_eq!(block.bvalid.val(), rule.bvalid(), "cycle {cycle}: bvalid");
        if rule.bvalid() {
            let resp = if rule.write.refused { RESP_SLVERR } else { RESP_OKAY };
            assert_eq!(block.bresp.val().to_u8(), resp, "cycle {cycle}: {:?}", rule.write.address);
        }
        assert_eq!(block.rvalid.val(), rule.answer().is_some(), "cycle {cycle}: rvalid");
        if let Some(answer) = rule.answer() {
            let found = (block.rdata.val().to_u32(), block.rresp.val().to_u8());
            assert_eq!(found, answer, "cycle {cycle}: {:x?}", rule.read);
        }
        assert_eq!(block.irq.val(), rule.interrupt, "cycle {cycle}: irq");
        assert_eq!(
            (block.run.val(), block.sweep.val()),
            (rule.run(), !rule.run()),
            "cycle {cycle}"
        );
        assert_eq!(block.tick.val().to_u64(), rule.at & 0xFFF, "cycle {cycle}");
        assert_eq!(block.snapshot.val(), act == Some(Act::Snapshot), "cycle {cycle}: snapshot");
        assert_eq!(block.pop.val(), matches!(act, Some(Act::Pop(_))), "cycle {cycle}: pop");
        if let Some(Act::Pop(sequence)) = act {
            assert_eq!(block.pop_sequence.val().to_u64(), u64::from(sequence), "cycle {cycle}");
        }
        commits(&block, &mut rule, rst);
        // Registers change behind a write, seldom enough to look at all of them then.
        if stale || cycle % 64 == 0 {
            shows(&block, &rule);
        }
        stale = act.is_some() || rst;
        reads += u32::from(rule.answer().is_some() && bus.rready);
        ops += u32::from(matches!(act, Some(Act::Start(_))));
        refused += u32::from(act == Some(Act::Refused));

        rule.clock(&bus, &machine);
        bus.aw = bus.aw.filter(|_| !expected.0);
        bus.w = bus.w.filter(|_| !expected.1);
        bus.ar = bus.ar.filter(|_| !expected.2);
        if rst {
            rule = Rule::new();
            bus = Bus::default();
        }
        clock(&mut block);
    }
    assert!(
        reads > 10_000 && ops > 1_000 && refused > 1_000,
        "{reads} reads, {ops} operations, {refused} refused"
    );
}
