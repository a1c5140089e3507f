// SPDX-License-Identifier: MIT
//! The block `port_source` against docs/pipeline.md, section 5: which rows a frame at `s_port` uses, and what they say.

use rust_hdl::prelude::*;
use vireo_hdl::blocks::commit::Commit;
use vireo_hdl::blocks::port_source::PortSource;
use vireo_hdl::blocks::slot::Origin;
use vireo_spec::pins::{StreamId, USER_SOURCE_NONE};
use vireo_spec::rows::{GroupRow, LinkRow, PortRow};
use vireo_spec::tag::Role;

use crate::bench::{CYCLES, Random, clock, clocked, generates, settle, wide};

clocked!([const PA: usize, const G: usize, const GA: usize, const L: usize] PortSource<PA, G, GA, L>);

#[derive(Clone)]
struct Tables {
    ports: Vec<PortRow>,
    /// Two at least: an index of no bits there is not.
    groups: Vec<GroupRow>,
    links: Vec<u32>,
}

impl Tables {
    /// What means nothing for a frame of that kind is as `unused` has it.
    fn origin(&self, tid: u8, tuser: u16, groups: usize, unused: Origin) -> Origin {
        let id = StreamId::from_code(tid);
        let (ports, links) = (self.ports.len(), self.links.len());
        let source = (tuser >> 5) as u8;
        let number = usize::from(tid & 63);
        let port = self.ports[number % ports];
        let group = self.groups[number % groups];
        let at = match id {
            StreamId::Port(_) | StreamId::PortControl(_) => usize::from(port.link),
            StreamId::Group(_) => usize::from(group.link),
            StreamId::LinkControl(_) => number % links,
        };
        let link = LinkRow::unpack(self.links[at]);
        let mut origin = Origin {
            kind: u64::from(tid >> 6).to_bits(),
            enabled: link.enabled,
            link: (at as u64).to_bits(),
            family: u64::from(link.family.code()).to_bits(),
            bridge: link.role == Role::Bridge,
            growth: (link.family.len() as u64).to_bits(),
            maximum: u64::from(link.maximum).to_bits(),
            looped: false,
            priority: u64::from(tuser >> 1 & 15).to_bits(),
            ..unused
        };
        match id {
            StreamId::Port(_) | StreamId::PortControl(_) => {
                origin.index = ((number % ports) as u64).to_bits();
                origin.channel = u64::from(port.channel.bits()).to_bits();
                origin.trust = port.trust_priority;
                origin.default_priority = u64::from(port.default_priority).to_bits();
                origin.pvid = u64::from(port.pvid).to_bits();
            }
            StreamId::Group(_) => {
                origin.index = ((number % groups) as u64).to_bits();
                origin.channel = u64::from(group.channel.bits()).to_bits();
                origin.trust = group.trust_priority;
                origin.default_priority = u64::from(group.default_priority).to_bits();
                origin.pvid = 0.into();
                origin.enabled &= group.enabled && link.role == Role::Bridge;
                let source_row = self.ports[usize::from(source) % ports];
                origin.looped = source != USER_SOURCE_NONE && source_row.link == group.link;
                if origin.looped {
                    origin.source = u64::from(source_row.channel.bits()).to_bits();
                }
            }
            StreamId::LinkControl(_) => {
                origin.growth = 0.into();
                origin.channel = 0.into();
                origin.pvid = 0.into();
            }
        }
        if let StreamId::Port(_) = id {
            origin.enabled &= port.enabled;
            origin.check_source = port.check_source;
            origin.guard = port.guard_reserved;
            origin.control = port.control;
            origin.maximum = u64::from(port.maximum).to_bits();
        }
        origin
    }
}

fn agree<const PA: usize, const G: usize, const GA: usize, const L: usize>() {
    generates::<PortSource<PA, G, GA, L>>();
    let mut random = Random::new(PA as u64 + 30);
    let mut block = PortSource::<PA, G, GA, L>::default();
    block.connect_all();
    let mut tables = Tables {
        ports: vec![PortRow::default(); 1 << PA],
        groups: vec![GroupRow::default(); 1 << GA],
        links: vec![0; L],
    };
    let mut came: [Option<(u8, u16, Tables)>; 3] = [None, None, None];
    let (mut looped, mut forwarded) = (0, 0);
    for cycle in 0..CYCLES / 4 {
        let number =
            (u128::from(random.bits()) << 64 | u128::from(random.bits())) & (u128::MAX >> 32);
        let commit = Commit {
            port: random.one_in(4),
            group: random.one_in(4),
            vlan: random.one_in(4),
            row: (random.bits() & 0xFFF).to_bits(),
            words: wide(number),
            ..Commit::default()
        };
        if random.one_in(8) {
            let link = random.below(L as u64) as usize;
            tables.links[link] = random.bits() as u32;
        }
        let (tid, mut tuser) = (random.bits() as u8, random.bits() as u16 & 0xFFF);
        if random.one_in(4) {
            tuser |= u16::from(USER_SOURCE_NONE) << 5;
        }
        block.commit.next = commit;
        for (pin, &row) in block.links.iter_mut().zip(&tables.links) {
            pin.next = u64::from(row).to_bits();
        }
        block.tid.next = u64::from(tid).to_bits();
        block.tuser.next = u64::from(tuser).to_bits();
        settle(&mut block);
        // Frames of one cycle ago to three: port and group rows are read in the first of these, link rows in the second.
        let found = block.origin.val();
        if let Some((tid, tuser, rows)) = &came[2] {
            let expected = rows.origin(*tid, *tuser, G, found);
            assert_eq!(found, expected, "cycle {cycle}: tid {tid:#04x}, tuser {tuser:#05x}");
        }
        looped += u64::from(found.looped);
        forwarded += u64::from(found.enabled);
        if let Some((_, _, rows)) = &mut came[0] {
            (rows.ports, rows.groups) = (tables.ports.clone(), tables.groups.clone());
        }
        if let Some((_, _, rows)) = &mut came[1] {
            rows.links.clone_from(&tables.links);
        }
        came.rotate_right(1);
        came[0] = Some((tid, tuser, tables.clone()));
        // A row that is written at the end of a cycle is read from the next cycle on.
        let words = [0, 1, 2].map(|word| (number >> (32 * word)) as u32);
        let words = [words[0], words[1], words[2], 0, 0, 0, 0, 0];
        let row = commit.row.index();
        if commit.port {
            let link = (PortRow::unpack(&words).link as usize % L) as u8;
            tables.ports[row % (1 << PA)] = PortRow { link, ..PortRow::unpack(&words) };
        }
        if commit.group {
            let link = (GroupRow::unpack(&words).link as usize % L) as u8;
            tables.groups[row % (1 << GA)] = GroupRow { link, ..GroupRow::unpack(&words) };
        }
        clock(&mut block);
    }
    assert!(looped > 500 && forwarded > 5000, "{looped} looped, {forwarded} enabled");
}

#[test]
fn port_source_reads_the_rows_of_the_stream_id() {
    agree::<1, 1, 1, 1>();
    agree::<3, 4, 2, 2>();
    agree::<5, 16, 4, 4>();
    agree::<6, 64, 6, 8>();
}
