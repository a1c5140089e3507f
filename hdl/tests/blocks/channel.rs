// SPDX-License-Identifier: MIT
//! The block `channel` against what docs/pipeline.md says of it.
use crate::bench::{CYCLES, Random, all, bus_words, clock, clocked, generates, settle};
use crate::lookup::{Keying, Lookup, ROWS};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::channel::*;
use vireo_hdl::blocks::commit::Commit;
use vireo_spec::field::Words;
use vireo_spec::ports::PortSet;
use vireo_spec::rows::ChannelRow;
use vireo_spec::tag;

const PORTS: usize = 8;
const LINKS: u8 = 4;
clocked!([const N: usize, const R: usize, const A: usize, const L: usize] Channel<N, R, A, L>);

fn channel(bits: u64) -> tag::Channel {
    tag::Channel::from_bits(bits as u32).unwrap()
}

/// A row as it is stored: cut to the machine's size, (key, members).
fn cut(row: ChannelRow) -> (u128, u64) {
    (ChannelRow::key(row.link % LINKS, row.channel), row.members.bits() & ((1 << PORTS) - 1))
}

/// A row as it reads back.
fn words(row: Option<(u128, u64)>) -> Words {
    row.map_or([0; 8], |(key, members)| {
        let members = PortSet::from_bits(members);
        let channel = channel(key as u64 & 0x3F_FFFF);
        ChannelRow { link: (key >> 22) as u8, channel, members }.pack()
    })
}

#[test]
fn channel_names_the_members_while_rows_are_written_and_read() {
    generates::<Channel<PORTS, { PORTS + 26 }, 4, { LINKS as usize }>>();
    let mut random = Random::new(32);
    let mut block = Channel::<PORTS, { PORTS + 26 }, 4, { LINKS as usize }>::default();
    let mut lookup = Lookup::new();
    let mut way_before = 0;
    let mut keying = Keying::default();
    for cycle in 0..CYCLES {
        let en = !random.one_in(4);
        keying.drive(&mut random, &mut block.seed_a, &mut block.seed_b, &mut block.choice);
        let (number, link) = (random.below(6) << 19 | random.below(2), random.below(4));
        // A row's link is cut to the machine's, its members to the machine's ports.
        let mut new = ChannelRow {
            link: random.below(8) as u8,
            channel: channel(random.below(6) << 19 | random.below(2)),
            members: PortSet::from_bits(random.bits()),
        };
        let mut row = random.below(4096) as usize;
        if !random.one_in(4) {
            let (key, rows) = lookup.about(&mut random);
            row = (random.below(256) as usize * ROWS) | rows[random.below(4) as usize];
            if random.one_in(2) {
                new.channel = channel(key as u64 & 0x3F_FFFF);
                new.link = (key >> 22) as u8 | if random.one_in(2) { LINKS } else { 0 };
            }
        }
        let valid = !random.one_in(4);
        let mut staged = new.pack();
        // Bits that belong to no field may be anything.
        staged[0] |= (random.bits() as u32) & 0x78C0_0000;
        // The bus brings a row that is not valid as zeros.
        if !valid {
            staged = [0; 8];
        }
        let commit = if random.one_in(2) { 1 << random.below(4) } else { 0 };
        let commit = if random.one_in(50) { random.below(16) } else { commit };
        let way = random.below(4);
        block.en.next = all(en);
        block.channel.next = number.to_bits();
        block.link.next = link.to_bits();
        block.commit.next = Commit {
            channel: commit.to_bits(),
            way: way.to_bits(),
            row: row.to_bits(),
            words: bus_words(&staged),
            begins: random.one_in(2),
            sweeps: random.one_in(2),
            // What is written to other tables is none of this one's.
            port: random.one_in(2),
            group: random.one_in(2),
            vlan: random.one_in(2),
            binding: random.below(16).to_bits(),
        };
        settle(&mut block);

        let found = lookup.found();
        if cycle > 30 {
            assert_eq!(block.hit.val(), found.is_some(), "cycle {cycle}");
        }
        if let Some(members) = found {
            assert_eq!(block.members.val().to_u64(), members, "cycle {cycle}");
        }
        if let Some(read) = lookup.read(std::mem::replace(&mut way_before, way as usize)) {
            assert_eq!(block.row_read.val(), bus_words(&words(read)), "cycle {cycle}");
        }
        let key = ChannelRow::key(link as u8, channel(number));
        lookup.clock(en, key, &keying, commit, row, valid.then(|| cut(new)));
        clock(&mut block);
    }
    let Lookup { hits, bypasses, .. } = lookup;
    assert!(hits > 2_500 && bypasses > 2_500, "{hits} hits, {bypasses} bypasses");
}
