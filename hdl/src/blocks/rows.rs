// SPDX-License-Identifier: MIT
//! Rows as hardware has them: where crate `spec` declares their fields, cut to the machine's size (docs/pipeline.md, section 5).

#![allow(missing_docs)] // of the methods that rust-hdl derives for a structure

use rust_hdl::prelude::*;
use vireo_spec::field::Field;
use vireo_spec::registers::link;
use vireo_spec::rows::{group, port};

use super::known::{Below, Fixed, Known, Value};
use super::logic_block::logic_block;
use crate::verilog::About;

/// Bits of a `port` row.
pub const PORT_BITS: usize = port::MAXIMUM.low + port::MAXIMUM.width;
/// Bits of a `group` row.
pub const GROUP_BITS: usize = group::DEFAULT_PRIORITY.low + group::DEFAULT_PRIORITY.width;

fn mask<const BITS: usize>(fields: &[Field], index: Field, entries: usize) -> Bits<BITS> {
    fields.iter().fold(Bits::default(), |all, field| {
        let bits = if *field == index { entries as u64 - 1 } else { field.max() };
        all | (Bits::<BITS>::from(bits) << field.low as u64)
    })
}

/// The bits that a `port` row holds in a machine of `L` links.
pub struct PortMask<const L: usize>;

impl<const L: usize, const BITS: usize> Value<BITS> for PortMask<L> {
    fn value() -> Bits<BITS> {
        mask(port::FIELDS, port::LINK, L)
    }
}

/// The bits that a `group` row holds in a machine of `L` links.
pub struct GroupMask<const L: usize>;

impl<const L: usize, const BITS: usize> Value<BITS> for GroupMask<L> {
    fn value() -> Bits<BITS> {
        mask(group::FIELDS, group::LINK, L)
    }
}

/// A port: its row's fields.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct PortRow {
    pub channel: Bits<22>,
    pub link: Bits<3>,
    pub enabled: Bit,
    pub trust: Bit,
    pub check_source: Bit,
    pub guard: Bit,
    pub control: Bit,
    pub default_priority: Bits<3>,
    pub pvid: Bits<12>,
    pub maximum: Bits<14>,
}

logic_block! {
    /// Takes a `port` row apart, without a clock.
    pub struct PortFields {
        /// The row.
        pub row: Signal<In, Bits<PORT_BITS>>,
        /// Its fields.
        pub fields: Signal<Out, PortRow>,
        channel: Fixed<{ port::CHANNEL.low }, 7>,
        link: Fixed<{ port::LINK.low }, 7>,
        enabled: Fixed<{ port::ENABLED.low }, 7>,
        trust: Fixed<{ port::TRUST_PRIORITY.low }, 7>,
        check_source: Fixed<{ port::CHECK_SOURCE.low }, 7>,
        guard: Fixed<{ port::GUARD_RESERVED.low }, 7>,
        control: Fixed<{ port::CONTROL.low }, 7>,
        default_priority: Fixed<{ port::DEFAULT_PRIORITY.low }, 7>,
        pvid: Fixed<{ port::PVID.low }, 7>,
        maximum: Fixed<{ port::MAXIMUM.low }, 7>,
    }
}

impl Logic for PortFields {
    #[hdl_gen]
    fn update(&mut self) {
        self.fields.next.channel = self.row.val().get_bits::<22>(self.channel.val().index());
        self.fields.next.link = self.row.val().get_bits::<3>(self.link.val().index());
        self.fields.next.enabled = self.row.val().get_bit(self.enabled.val().index());
        self.fields.next.trust = self.row.val().get_bit(self.trust.val().index());
        self.fields.next.check_source = self.row.val().get_bit(self.check_source.val().index());
        self.fields.next.guard = self.row.val().get_bit(self.guard.val().index());
        self.fields.next.control = self.row.val().get_bit(self.control.val().index());
        self.fields.next.default_priority =
            self.row.val().get_bits::<3>(self.default_priority.val().index());
        self.fields.next.pvid = self.row.val().get_bits::<12>(self.pvid.val().index());
        self.fields.next.maximum = self.row.val().get_bits::<14>(self.maximum.val().index());
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("port_fields", "no clock").timing()
    }
}

/// A group: its row's fields.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct GroupRow {
    pub channel: Bits<22>,
    pub link: Bits<3>,
    pub enabled: Bit,
    pub trust: Bit,
    pub default_priority: Bits<3>,
}

logic_block! {
    /// Takes a `group` row apart, without a clock.
    pub struct GroupFields {
        /// The row.
        pub row: Signal<In, Bits<GROUP_BITS>>,
        /// Its fields.
        pub fields: Signal<Out, GroupRow>,
        channel: Fixed<{ group::CHANNEL.low }, 6>,
        link: Fixed<{ group::LINK.low }, 6>,
        enabled: Fixed<{ group::ENABLED.low }, 6>,
        trust: Fixed<{ group::TRUST_PRIORITY.low }, 6>,
        default_priority: Fixed<{ group::DEFAULT_PRIORITY.low }, 6>,
    }
}

impl Logic for GroupFields {
    #[hdl_gen]
    fn update(&mut self) {
        self.fields.next.channel = self.row.val().get_bits::<22>(self.channel.val().index());
        self.fields.next.link = self.row.val().get_bits::<3>(self.link.val().index());
        self.fields.next.enabled = self.row.val().get_bit(self.enabled.val().index());
        self.fields.next.trust = self.row.val().get_bit(self.trust.val().index());
        self.fields.next.default_priority =
            self.row.val().get_bits::<3>(self.default_priority.val().index());
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("group_fields", "no clock").timing()
    }
}

/// A link: its row's fields.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct LinkRow {
    pub enabled: Bit,
    pub bridge: Bit,
    pub family: Bits<2>,
    pub growth: Bits<4>,
    pub maximum: Bits<14>,
}

logic_block! {
    /// Picks the row of one of `L` links and takes it apart, without a clock.
    pub struct LinkFields<const L: usize> {
        /// The rows; those that the machine does not have are 0.
        pub rows: [Signal<In, Bits<32>>; 8],
        /// The link.
        pub link: Signal<In, Bits<3>>,
        /// The fields of its row; family code 3 reads as S-TAG.
        pub fields: Signal<Out, LinkRow>,
        index: Signal<Local, Bits<3>>,
        row: Signal<Local, Bits<32>>,
        code: Signal<Local, Bits<2>>,
        enabled: Fixed<{ link::ENABLED.low }, 5>,
        role: Fixed<{ link::ROLE.low }, 5>,
        family: Fixed<{ link::FAMILY.low }, 5>,
        maximum: Fixed<{ link::MAXIMUM.low }, 5>,
        link_index: Known<Below<L>, 3>,
    }
}

impl<const L: usize> Logic for LinkFields<L> {
    #[hdl_gen]
    fn update(&mut self) {
        self.index.next = self.link.val() & self.link_index.val();
        self.row.next = 0.into();
        for i in 0..8 {
            if self.index.val().index() == i {
                self.row.next = self.rows[i].val();
            }
        }
        self.code.next = self.row.val().get_bits::<2>(self.family.val().index());
        self.fields.next.enabled = self.row.val().get_bit(self.enabled.val().index());
        self.fields.next.bridge = self.row.val().get_bit(self.role.val().index());
        self.fields.next.maximum = self.row.val().get_bits::<14>(self.maximum.val().index());
        if self.code.val() == 0 {
            self.fields.next.family = 0.into();
            self.fields.next.growth = 8.into();
        } else if self.code.val() == 1 {
            self.fields.next.family = 1.into();
            self.fields.next.growth = 6.into();
        } else {
            self.fields.next.family = 2.into();
            self.fields.next.growth = 4.into();
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("link_fields", "no clock").with("LINKS", L).timing()
    }
}
