// SPDX-License-Identifier: MIT
//! The blocks of `rows`, which take rows apart without a clock, against crate `spec`'s typed rows.
use std::array::from_fn;

use crate::bench::{CYCLES, Random, bus_words, generates, settle};
use rust_hdl::prelude::*;
use vireo_hdl::blocks::known::Value;
use vireo_hdl::blocks::rows::{self, *};
use vireo_spec::field::Words;
use vireo_spec::rows as spec;
use vireo_spec::tag::Role;

/// Any bits, those that belong to no field too.
fn words(random: &mut Random) -> Words {
    from_fn(|_| random.bits() as u32)
}

fn port_fields(row: &spec::PortRow) -> rows::PortRow {
    rows::PortRow {
        channel: row.channel.bits().to_bits(),
        link: row.link.to_bits(),
        enabled: row.enabled,
        trust: row.trust_priority,
        check_source: row.check_source,
        guard: row.guard_reserved,
        control: row.control,
        default_priority: u64::from(row.default_priority).to_bits(),
        pvid: row.pvid.get().to_bits(),
        maximum: row.maximum.to_bits(),
    }
}

fn group_fields(row: &spec::GroupRow) -> rows::GroupRow {
    rows::GroupRow {
        channel: row.channel.bits().to_bits(),
        link: row.link.to_bits(),
        enabled: row.enabled,
        trust: row.trust_priority,
        default_priority: u64::from(row.default_priority).to_bits(),
    }
}

fn link_fields(row: &spec::LinkRow) -> rows::LinkRow {
    rows::LinkRow {
        enabled: row.enabled,
        bridge: row.role == Role::Bridge,
        family: row.family.code().to_bits(),
        growth: row.family.len().to_bits(),
        maximum: row.maximum.to_bits(),
    }
}

#[test]
fn rows_come_apart_as_the_spec_says() {
    generates::<PortFields>();
    generates::<GroupFields>();
    generates::<LinkFields<8>>();
    let mut random = Random::new(10);
    let (mut port, mut group, mut link) =
        (PortFields::default(), GroupFields::default(), LinkFields::<8>::default());
    let mut registers = [0; 8];
    for cycle in 0..CYCLES {
        let staged = words(&mut random);
        match cycle % 3 {
            0 => {
                port.row.next = bit_cast::<PORT_BITS, 96>(bus_words(&staged));
                settle(&mut port);
                let row = spec::PortRow::unpack(&staged);
                assert_eq!(port.fields.val(), port_fields(&row), "cycle {cycle}");
            }
            1 => {
                group.row.next = bit_cast::<GROUP_BITS, 96>(bus_words(&staged));
                settle(&mut group);
                let row = spec::GroupRow::unpack(&staged);
                assert_eq!(group.fields.val(), group_fields(&row), "cycle {cycle}");
            }
            _ => {
                let (at, index) = (random.below(8) as usize, random.below(8));
                registers[at] = staged[0];
                link.rows[at].next = staged[0].to_bits();
                link.link.next = index.to_bits();
                settle(&mut link);
                let row = spec::LinkRow::unpack(registers[index as usize]);
                assert_eq!(link.fields.val(), link_fields(&row), "cycle {cycle}");
            }
        }
    }
}

fn stored_rows_are_cut<const L: usize>() {
    let mut random = Random::new(L as u64);
    let port_mask: Bits<PORT_BITS> = PortMask::<L>::value();
    let group_mask: Bits<GROUP_BITS> = GroupMask::<L>::value();
    for _ in 0..1000 {
        let staged = words(&mut random);
        let bus = bus_words(&staged);
        let mut row = spec::PortRow::unpack(&staged);
        row.link %= L as u8;
        let stored = bit_cast::<96, PORT_BITS>(bit_cast::<PORT_BITS, 96>(bus) & port_mask);
        assert_eq!(stored, bus_words(&row.pack()));
        let mut row = spec::GroupRow::unpack(&staged);
        row.link %= L as u8;
        let stored = bit_cast::<96, GROUP_BITS>(bit_cast::<GROUP_BITS, 96>(bus) & group_mask);
        assert_eq!(stored, bus_words(&row.pack()));
    }
}

#[test]
fn rows_keep_their_fields_and_a_link_that_the_machine_has() {
    stored_rows_are_cut::<1>();
    stored_rows_are_cut::<2>();
    stored_rows_are_cut::<4>();
    stored_rows_are_cut::<8>();
}
