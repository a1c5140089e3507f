// SPDX-License-Identifier: MIT
//! What software writes in a storm: a configuration after the sweep, then rows, settings and commands in the middle of traffic,
//! and what it should not.

use vireo_spec::fate::Disposition;
use vireo_spec::field::Words;
use vireo_spec::geometry::WAYS;
use vireo_spec::hash;
use vireo_spec::registers as map;
use vireo_spec::rows::{self, BindingRow, ChannelRow};
use vireo_spec::table::{Command, Entity, Op, Table};

use super::{Phase, Storm};
use crate::case::Case;

/// A write that waits for its turn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Store {
    pub(super) address: u16,
    pub(super) value: u32,
    pub(super) strobes: u8,
}

impl Storm {
    /// Writes the configuration: to be done when the tables are swept, before which their writes are refused.
    pub(super) fn configure(&mut self) {
        self.phase = Phase::Configuration;
        self.stores.clear();
        self.write_seeds();
        self.store(map::SEED_CHOICE.address, 0);
        for row in 0..self.case.channels.len() {
            self.channel(row);
        }
        for row in 0..self.case.bindings.len() {
            self.binding(row);
        }
        for port in 0..self.geometry.ports() {
            self.row(Table::Port, port, &self.case.ports[port].pack());
        }
        for group in 0..self.geometry.groups() {
            self.row(Table::Group, group, &self.case.groups[group].pack());
        }
        for link in 0..self.geometry.links() {
            self.store(map::LINK.nth(link), self.case.links[link].pack());
        }
        let events = self.case.events.iter().fold(0, |bits, reason| bits | 1 << reason.code());
        self.store(map::EVENT_ENABLE.address, events);
        let irq = self.rng.u32(0..8);
        self.store(map::IRQ_ENABLE.address, irq);
    }

    fn write_seeds(&mut self) {
        for (table, register) in [map::SEED_CHANNEL_A, map::SEED_BINDING_A].iter().enumerate() {
            for word in 0..usize::from(map::SEED_WORDS) {
                let value = self.seeds[table] >> (32 * word);
                self.store(register.nth(word), value as u32);
            }
        }
    }

    fn store(&mut self, address: u16, value: u32) {
        self.stores.push_back(Store { address, value, strobes: 0xF });
    }

    fn row(&mut self, table: Table, row: usize, words: &Words) {
        self.commit(Command::Write, table, 0, row, words);
    }

    /// Does this to a row, now and then many times: each is a chance to meet a frame that looks it up.
    fn commit(&mut self, command: Command, table: Table, way: usize, row: usize, words: &Words) {
        let long = table.fields().iter().map(|f| (f.low + f.width).div_ceil(32)).max().unwrap_or(1);
        for (word, &value) in words.iter().enumerate().take(long) {
            self.store(map::STAGE.nth(word), value);
        }
        let often = self.phase == Phase::Traffic && self.rng.u8(0..4) == 0;
        let times = if often { 12 } else { 1 };
        (0..times).for_each(|_| self.op(command, table, way, row));
    }

    fn op(&mut self, command: Command, table: Table, way: usize, row: usize) {
        let op = Op { command, table, way: way as u8, row: row as u16 };
        self.store(map::OP.address, op.pack());
    }

    /// Writes one of the case's channels where the hash finds it: what stood there goes. Now and then it has other members there,
    /// so that it shows which of two ways wins.
    fn channel(&mut self, row: usize) {
        let (link, channel, mut members) = self.case.channels[row];
        if self.rng.u8(0..8) == 0 {
            members = (0..self.geometry.ports()).filter(|_| self.rng.bool()).collect();
        }
        let permuted = hash::permute(ChannelRow::key(link, channel), self.seeds[0]);
        let (way, command) = self.way(row);
        let at = hash::index(permuted, way, self.geometry.channel_rows());
        let words = ChannelRow { link, channel, members }.pack();
        self.commit(command, Table::Channel, way, at, &words);
    }

    /// The same of a binding, or any ports for its VLAN.
    fn binding(&mut self, row: usize) {
        let (port, mac, vlan) = self.case.bindings[row];
        let Some(mac) = mac.filter(|_| self.rng.u8(0..4) != 0) else {
            let ports = self.rng.u64(..);
            let mut words = Words::default();
            rows::vlan::PORTS.set(&mut words, ports);
            return self.row(Table::Vlan, vlan.get().into(), &words);
        };
        let permuted = hash::permute(BindingRow::key(port, mac, vlan), self.seeds[1]);
        let (way, command) = self.way(row);
        let at = hash::index(permuted, way, self.geometry.binding_rows());
        let words = BindingRow { port, mac, vlan }.pack();
        self.commit(command, Table::Binding, way, at, &words);
    }

    /// A way for a row, and what to do there. Each row has one in which it is written whenever it is chosen, and seldom stands in
    /// another: in all of them it would be found even when three ways fail.
    fn way(&mut self, row: usize) -> (usize, Command) {
        let (own, any) = (row % WAYS, self.rng.usize(..WAYS));
        match self.rng.u8(0..8) {
            0 => (any, Command::Write),
            1..4 if any != own => (any, Command::Clear),
            _ => (own, Command::Write),
        }
    }

    /// Something that software might do in the middle of traffic, or should not.
    pub(super) fn meddle(&mut self) {
        let table = Table::ALL[self.rng.usize(..Table::ALL.len())];
        let way = self.rng.usize(..table.ways());
        let row = self.some_row(table);
        match self.rng.u8(0..20) {
            0..=2 if !self.case.channels.is_empty() => {
                let row = self.rng.usize(..self.case.channels.len());
                self.channel(row);
            }
            3..=5 if !self.case.bindings.is_empty() => {
                let row = self.rng.usize(..self.case.bindings.len());
                self.binding(row);
            }
            6 => {
                let case = self.some_case();
                let port = self.rng.usize(..self.geometry.ports());
                self.row(Table::Port, port, &case.ports[port].pack());
            }
            7 => {
                let case = self.some_case();
                let group = self.rng.usize(..self.geometry.groups());
                self.row(Table::Group, group, &case.groups[group].pack());
            }
            8 => {
                let case = self.some_case();
                let link = self.rng.usize(..self.geometry.links());
                self.store(map::LINK.nth(link), case.links[link].pack());
            }
            9 | 10 => self.op(Command::Read, table, way, row),
            11 | 12 => {
                let table = [Table::Traffic, Table::Disposition][self.rng.usize(..2)];
                let row = self.some_row(table);
                self.op(Command::Read, table, 0, row);
            }
            13 => self.op(Command::Clear, table, way, row),
            // While a snapshot is taken, table operations are refused.
            14 if self.rng.u8(0..8) == 0 => self.store(map::SNAPSHOT.address, 0),
            15 | 16 => {
                let sequence = if self.rng.bool() { self.head } else { self.rng.u32(0..64) };
                self.store(map::EVENT_POP.address, sequence);
            }
            17 => self.store(map::IRQ_STATUS.address, 7),
            18 => {
                let choice = if self.rng.u8(0..4) == 0 { self.rng.u32(..) } else { 0 };
                self.store(map::SEED_CHOICE.address, choice);
            }
            _ => {
                let (address, value) = (self.rng.u16(0..0x600), self.rng.u32(..));
                let strobes = self.rng.u8(0..16);
                self.stores.push_back(Store { address, value, strobes });
                // With a seed that stays wrong nothing would be found any more.
                let seeds = [map::SEED_CHANNEL_A, map::SEED_BINDING_A];
                if seeds.iter().any(|seed| seed.index_of(address).is_some()) {
                    self.write_seeds();
                }
            }
        }
    }

    /// The case, mostly, so that what comes from another one goes again.
    fn some_case(&mut self) -> Case {
        match self.rng.u8(0..3) {
            0 => Case::random_of(&mut self.rng, self.geometry),
            _ => self.case.clone(),
        }
    }

    /// A row, in large tables often one where there may be something.
    fn some_row(&mut self, table: Table) -> usize {
        let any = self.rng.usize(..table.rows(&self.geometry));
        if self.rng.u8(0..4) == 0 {
            return any;
        }
        let index = self.rng.usize(..self.geometry.ports());
        let kind = Entity::KINDS[self.rng.usize(..Entity::KINDS.len())];
        let entity = usize::from(kind.code()) | index;
        match table {
            Table::Traffic => entity,
            Table::Disposition => {
                let disposition = self.rng.usize(..1 << Disposition::BITS);
                entity << Disposition::BITS | disposition
            }
            Table::Vlan if !self.case.bindings.is_empty() => {
                let binding = self.rng.usize(..self.case.bindings.len());
                self.case.bindings[binding].2.get().into()
            }
            _ => any,
        }
    }
}
