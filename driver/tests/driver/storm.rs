// SPDX-License-Identifier: MIT
//! A hundred thousand changes of a hash table against a map in software: at every access each key that a lookup could find is
//! found as it was before the change at hand, or as it is after it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use vireo_driver::{BusError, Device, Error, REHASH_LOAD, RegisterBus};
use vireo_spec::field::Words;
use vireo_spec::geometry::Geometry;
use vireo_spec::ports::PortSet;
use vireo_spec::registers as map;
use vireo_spec::rows::ChannelRow;
use vireo_spec::table::{Op, Table};
use vireo_spec::tag::Channel;

use crate::memory::{Bus, key_of};
use crate::random::Random;

const ROWS: usize = 1024;

/// What lookups must find.
#[derive(Default)]
struct Expected {
    /// By key; a key that is not in it is not found.
    rows: HashMap<u128, Words>,
    /// The change at hand: its key, and what is found from some moment on.
    change: Option<(u128, Option<Words>)>,
    lookups: usize,
}

impl Expected {
    fn check(&mut self, bus: &Bus, key: u128) {
        self.lookups += 1;
        let found = bus.memory().lookup(Table::Channel, key);
        let is_new = self.change.is_some_and(|(changing, new)| changing == key && found == new);
        let old = self.rows.get(&key).copied();
        assert!(
            is_new || found == old,
            "key {key:#x}: {found:x?} instead of {old:x?} or {:x?}",
            self.change
        );
    }
}

/// A bus that looks up after each write what this write may have changed.
#[derive(Clone)]
struct Watched(Bus, Rc<RefCell<Expected>>);

impl RegisterBus for Watched {
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        self.0.read(address)
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        let geometry = Geometry::new(64, 1, 64, 1, ROWS, 64).unwrap();
        let op = (address == map::OP.address).then(|| Op::unpack(value, &geometry).unwrap());
        let row = |bus: &Bus| {
            op.and_then(|op| key_of(op.table, &bus.memory().row(op.table, op.way, op.row)))
        };
        let before = row(&self.0);
        self.0.write(address, value)?;
        let mut expected = self.1.borrow_mut();
        if op.is_some() {
            // A row concerns no lookup but that of its key.
            [before, row(&self.0)]
                .into_iter()
                .flatten()
                .for_each(|key| expected.check(&self.0, key));
        } else if map::STAGE.index_of(address).is_none() {
            let held = self
                .0
                .memory()
                .rows
                .values()
                .filter_map(|words| key_of(Table::Channel, words))
                .collect::<Vec<_>>();
            let known = expected.rows.keys().copied().collect::<Vec<_>>();
            held.into_iter().chain(known).for_each(|key| expected.check(&self.0, key));
        }
        Ok(())
    }
}

#[test]
fn a_hundred_thousand_changes_leave_each_lookup_the_old_answer_or_the_new() {
    let seed = 20;
    let mut random = Random(seed);
    let bus = Bus::new(Geometry::new(64, 1, 64, 1, ROWS, 64).unwrap());
    let expected = Rc::new(RefCell::new(Expected::default()));
    let mut device = Device::discover(Watched(bus.clone(), expected.clone())).unwrap();
    device.initialize(seed).unwrap();
    let mut keys: Vec<Channel> = Vec::new();
    let (mut refused, mut full, mut done) = (0, 0, 0);
    for n in 0..100_000 {
        // Up and down between an empty table and a full one.
        let fills = n / 4000 % 2 == 0;
        let dice = random.below(100);
        let picked = (!keys.is_empty()).then(|| random.below(keys.len()));
        if random.below(1000) == 0 {
            match device.rehash(Table::Channel, n) {
                Ok(()) => done += 1,
                Err(Error::RehashRefused { used, .. }) => {
                    assert!(used * 100 > ROWS * REHASH_LOAD);
                    refused += 1;
                }
                Err(error) => panic!("{error}"),
            }
        } else if dice < 15
            && let Some(at) = picked
        {
            change(&mut device, &expected, keys[at], Some(random.next())).unwrap();
        } else if (dice < 35) == fills
            && let Some(at) = picked
        {
            change(&mut device, &expected, keys.swap_remove(at), None).unwrap();
        } else {
            let channel = Channel::from_bits(random.below(1 << 22) as u32).unwrap();
            if keys.contains(&channel) {
                continue;
            }
            match change(&mut device, &expected, channel, Some(random.next())) {
                Ok(()) => keys.push(channel),
                Err(Error::TableFull { used, .. }) => {
                    assert!(used * 100 >= ROWS * 95, "{used}");
                    full += 1;
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
    assert!(done > 20 && refused > 20 && full > 0, "{done} {refused} {full}");
    device.remove_channel(0, Channel::from_bits(0).unwrap()).unwrap();
    assert_eq!(bus.memory().used(Table::Channel), keys.len());
    println!(
        "100000 changes, {done} rehashes ({refused} more refused), {full} times full, {} accesses, {} lookups",
        bus.memory().accesses,
        expected.borrow().lookups
    );
}

/// Adds or replaces (some members) or removes (`None`) a channel.
fn change(
    device: &mut Device<Watched>,
    expected: &Rc<RefCell<Expected>>,
    channel: Channel,
    members: Option<u64>,
) -> Result<(), Error> {
    let key = ChannelRow::key(0, channel);
    let members = members.map(PortSet::from_bits);
    let new = members.map(|members| ChannelRow { link: 0, channel, members }.pack());
    expected.borrow_mut().change = Some((key, new));
    let result = match members {
        Some(members) => device.add_channel(0, channel, members),
        None => device.remove_channel(0, channel),
    };
    let mut expected = expected.borrow_mut();
    expected.change = None;
    if result.is_ok() {
        match new {
            Some(words) => _ = expected.rows.insert(key, words),
            None => _ = expected.rows.remove(&key),
        }
    }
    expected.check(&device_bus(device), key);
    result
}

fn device_bus(device: &mut Device<Watched>) -> Bus {
    device.bus_mut().0.clone()
}
