// SPDX-License-Identifier: MIT
//! The block `members` against docs/pipeline.md, 3.4: in `c+11` a port's row is read, and of every port whether it is enabled
//! and whether the frame comes from it.

use rust_hdl::prelude::*;
use vireo_hdl::blocks::commit::Commit;
use vireo_hdl::blocks::members::Members;
use vireo_hdl::blocks::rows;
use vireo_spec::field::Words;
use vireo_spec::rows::{PortRow, port};
use vireo_spec::tag::{IngressECid, SourceVif};

use crate::bench::{CYCLES, Random, clock, clocked, generates, settle, wide};

clocked!([const N: usize, const PA: usize, const L: usize] Members<N, PA, L>);

/// Where a frame comes from, as its tag says.
#[derive(Debug)]
enum Ingress {
    ETag(IngressECid),
    VnTag(SourceVif),
}

impl Ingress {
    /// Only a few, so that they meet.
    fn random(random: &mut Random) -> Self {
        let (high, low) = (random.below(3) as u16, random.below(3));
        if random.one_in(2) {
            Self::ETag(IngressECid::new(high << 10 | high, low as u8 * 85).expect("12 bits"))
        } else {
            Self::VnTag(SourceVif::new(high << 10 | low as u16).expect("12 bits"))
        }
    }

    fn bits(&self) -> u64 {
        match self {
            Self::ETag(ingress) => u64::from(ingress.base()) << 8 | u64::from(ingress.ext()),
            Self::VnTag(source) => source.get().into(),
        }
    }

    /// GRP and p of the port's own channel do not count: no list is ever a source.
    fn is(&self, row: &PortRow) -> bool {
        match self {
            Self::ETag(ingress) => {
                let own = row.channel.ecid();
                (own.base(), own.ext()) == (ingress.base(), ingress.ext())
            }
            Self::VnTag(source) => row.channel.vif() == source.to_vif(),
        }
    }
}

fn row<const L: usize>(words: &Words) -> PortRow {
    let row = PortRow::unpack(words);
    PortRow { link: row.link % L as u8, ..row }
}

fn fields(row: &PortRow) -> rows::PortRow {
    rows::PortRow {
        channel: u64::from(row.channel.bits()).to_bits(),
        link: u64::from(row.link).to_bits(),
        enabled: row.enabled,
        trust: row.trust_priority,
        check_source: row.check_source,
        guard: row.guard_reserved,
        control: row.control,
        default_priority: u64::from(row.default_priority).to_bits(),
        pvid: u64::from(row.pvid).to_bits(),
        maximum: u64::from(row.maximum).to_bits(),
    }
}

fn agree<const N: usize, const PA: usize, const L: usize>(cycles: u64) {
    generates::<Members<N, PA, L>>();
    let mut random = Random::new(N as u64);
    let mut block = Members::<N, PA, L>::default();
    block.connect_all();
    let mut table = vec![PortRow::default(); N];
    let mut met = [0; 2];
    for cycle in 0..cycles {
        let mut words: Words = std::array::from_fn(|_| random.bits() as u32);
        // A channel that some frame comes from, or one that differs from it in a bit or two.
        let own = Ingress::random(&mut random).bits();
        let noise = |random: &mut Random| random.below(2) << random.below(22);
        port::CHANNEL.set(&mut words, own ^ noise(&mut random) ^ noise(&mut random));
        let number = (0..3).fold(0, |all, word| all | u128::from(words[word]) << (32 * word));
        let write = random.one_in(3);
        let at = random.bits() & 0xFFF;
        block.commit.next = Commit {
            port: write,
            group: random.one_in(2),
            row: at.to_bits(),
            words: wide(number),
            ..Commit::default()
        };
        let (read, link) = (random.below(64), random.below(L as u64));
        let ingress = Ingress::random(&mut random);
        block.port.next = read.to_bits();
        block.link.next = link.to_bits();
        block.source.next = ingress.bits().to_bits();
        block.vif.next = matches!(ingress, Ingress::VnTag(_));
        settle(&mut block);
        let expected = fields(&table[read as usize % N]);
        assert_eq!(block.row.val(), expected, "cycle {cycle}");
        let map = |is: &dyn Fn(&PortRow) -> bool| {
            table.iter().rev().fold(0, |map, row| map << 1 | u64::from(is(row)))
        };
        assert_eq!(block.enabled.val().to_u64(), map(&|row| row.enabled), "cycle {cycle}");
        let same = map(&|row| u64::from(row.link) == link && ingress.is(row));
        assert_eq!(
            (block.same.val() & block.same_rest.val()).to_u64(),
            same,
            "cycle {cycle}: {ingress:?} on {link}"
        );
        met[usize::from(matches!(ingress, Ingress::VnTag(_)))] += u64::from(same != 0);
        if write {
            table[at as usize % N] = row::<L>(&words);
        }
        clock(&mut block);
    }
    assert!(met.iter().all(|&count| count > cycles / 100), "{met:?} of {cycles} meet");
}

#[test]
fn members_are_compared_with_where_the_frame_comes_from() {
    // A port is as the next; the fewer, the faster.
    agree::<2, 1, 1>(CYCLES * 4 / 10);
    agree::<8, 3, 2>(CYCLES * 4 / 10);
    agree::<32, 5, 4>(CYCLES / 10);
    agree::<64, 6, 8>(CYCLES / 10);
}
