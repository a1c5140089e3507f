// SPDX-License-Identifier: MIT
//! The life of a port on a bus that fails at every possible access, in every way: frames meet the old state or the new one, the
//! error says which, and the call that is repeated ends in the new one with nothing left over.

use std::collections::HashMap;

use vireo_driver::{Device, Error, Fault, FaultyBus, Operation, Progress};
use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::field::Words;
use vireo_spec::geometry::Geometry;
use vireo_spec::rows::{ChannelRow, LinkRow, PortRow};
use vireo_spec::table::Table;
use vireo_spec::tag::{Channel, ECid, Role, TagFamily};

use crate::judge::{Met, Watched, contents};
use crate::memory::Bus;

type Machine = Device<FaultyBus<Watched>>;
type Call = fn(&mut Machine) -> Result<(), Error>;

/// The port that it is about, and one that nothing may happen to.
const PORT: u8 = 0;
const OTHER: u8 = 3;

fn own(number: u16) -> Channel {
    Channel::etag(ECid::new(0, number, 0).unwrap())
}

fn group(number: u16) -> Channel {
    Channel::etag(ECid::new(1, number, 0).unwrap())
}

fn mac(number: u32) -> Option<MacAddr> {
    Some(MacAddr::from_u64(0x5254_0000_0000 + u64::from(number)).unwrap())
}

fn vlan(number: u16) -> VlanId {
    VlanId::new(number).unwrap()
}

fn row(link: u8, channel: Channel) -> PortRow {
    PortRow { link, channel, check_source: true, maximum: 1518, ..PortRow::default() }
}

/// A machine with small tables, so full that rows have to move for others, and one port that works.
fn machine(bus: &Bus, role: Role) -> Machine {
    let watched = Watched { bus: bus.clone(), seen: None };
    let mut device = Device::discover(FaultyBus::new(watched)).unwrap();
    device.initialize(6).unwrap();
    for link in 0..2 {
        let row = LinkRow { enabled: true, role, family: TagFamily::ETag, maximum: 1518 };
        device.set_link(link, &row).unwrap();
    }
    device.create_port(OTHER, &row(0, own(99))).unwrap();
    device.enable_port(OTHER).unwrap();
    let members = [usize::from(OTHER)].into_iter().collect();
    for number in 100..154 {
        device.add_channel(0, group(number), members).unwrap();
        device.bind(OTHER, mac(number.into()), vlan(1)).unwrap();
    }
    device.bind(OTHER, None, vlan(7)).unwrap();
    device
}

/// A port that works, in groups where there are any, and with bindings of both kinds.
fn working(device: &mut Machine) -> Result<(), Error> {
    device.create_port(PORT, &row(0, own(1)))?;
    bound(device)?;
    if device.link(0)?.role == Role::Extender {
        device.join_group(PORT, group(5))?;
        device.join_group(PORT, group(101))?;
    }
    device.enable_port(PORT)
}

fn bound(device: &mut Machine) -> Result<(), Error> {
    device.bind(PORT, mac(1), vlan(1))?;
    device.bind(PORT, mac(1), vlan(2))?;
    device.bind(PORT, None, vlan(7))?;
    device.bind(PORT, None, vlan(8))
}

fn nothing(_: &mut Machine) -> Result<(), Error> {
    Ok(())
}

/// Rows about a port that does not exist, as a controller may have left that wrote tables by itself.
fn litter(device: &mut Machine) -> Result<(), Error> {
    bound(device)?;
    device.add_channel(1, own(77), [usize::from(PORT)].into_iter().collect())?;
    if device.link(0)?.role == Role::Extender {
        let members = [PORT, OTHER].map(usize::from).into_iter().collect();
        device.add_channel(0, group(102), members)?;
        // On the link of the port that is to be: it is in no group until it joins one.
        device.add_channel(1, group(104), [usize::from(PORT)].into_iter().collect())?;
    }
    Ok(())
}

struct Case {
    name: &'static str,
    role: Role,
    prepare: Call,
    call: Call,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name, roles: &[Role], prepare, call| {
        cases.extend(roles.iter().map(|&role| Case { name, role, prepare, call }));
    };
    let (both, extender) = (&Role::ALL, &[Role::Extender]);
    add("create", both, nothing, |d| d.create_port(PORT, &row(0, own(1))));
    add("create over litter", both, litter, |d| d.create_port(PORT, &row(1, own(1))));
    add(
        "enable",
        both,
        |d| working(d).and_then(|()| d.disable_port(PORT)),
        |d| d.enable_port(PORT),
    );
    add("disable", both, working, |d| d.disable_port(PORT));
    add("bind", both, working, |d| d.bind(PORT, mac(9), vlan(1)));
    let fresh: Call = |d| d.create_port(PORT, &row(0, own(1)));
    add("bind the first", both, fresh, |d| d.bind(PORT, mac(9), vlan(1)));
    add("bind any", both, working, |d| d.bind(PORT, None, vlan(9)));
    add("unbind", both, working, |d| d.unbind(PORT, mac(1), vlan(2)));
    add("unbind any", both, working, |d| d.unbind(PORT, None, vlan(7)));
    add("join a new group", extender, working, |d| d.join_group(PORT, group(6)));
    add("join a group", extender, working, |d| d.join_group(PORT, group(103)));
    add("leave as the last", extender, working, |d| d.leave_group(PORT, group(5)));
    add("leave a group", extender, working, |d| d.leave_group(PORT, group(101)));
    add("move", both, working, |d| d.move_port(PORT, 1, own(1), &[], |_| {}));
    add("move to a channel of the same link", both, working, |d| {
        d.move_port(PORT, 0, own(2), &[], |_| {})
    });
    add("move with groups", extender, working, |d| {
        d.move_port(PORT, 1, own(44), &[group(5), group(6)], |_| {})
    });
    add("delete", both, working, |d| d.delete_port(PORT));
    add("delete what is left", both, litter, |d| d.delete_port(PORT));
    cases
}

impl Case {
    fn prepared(&self) -> (Bus, Machine) {
        let bus = Bus::new(Geometry::new(64, 2, 4, 2, 64, 64).unwrap());
        let mut device = machine(&bus, self.role);
        (self.prepare)(&mut device).unwrap();
        device.bus_mut().inner_mut().seen = Some(vec![Met::of(&bus)]);
        (bus, device)
    }
}

/// Whether frames may meet this between the old state and the new: one of them, or for a move what leads to the port by either
/// place, while the port's own row is one of the two.
fn is_whole(met: &Met, old: &Met, new: &Met) -> bool {
    let state = if met.ports == old.ports { old } else { new };
    let union = &old.reach | &new.reach;
    let moves = old.ports.keys().eq(new.ports.keys()) && old.ports != new.ports;
    met == old
        || met == new
        || moves
            && (met.ports == state.ports && met.sources == state.sources)
            && (met.reach.is_superset(&state.reach) && met.reach.is_subset(&union))
}

/// Where each row of the hash tables stands.
fn places(bus: &Bus) -> HashMap<(Table, Words), (u8, u16)> {
    let memory = bus.memory();
    let hashed = memory.rows.iter().filter(|((t, ..), words)| t.ways() > 1 && **words != [0; 8]);
    hashed.map(|(&(table, way, row), &words)| ((table, words), (way, row))).collect()
}

/// The copy says what the machine holds.
fn check_copy(bus: &Bus, device: &Machine, context: &str) {
    let memory = bus.memory();
    for row in device.channels().unwrap().iter() {
        let found = memory.lookup(Table::Channel, ChannelRow::key(row.link, row.channel));
        assert_eq!(found, Some(row.pack()), "{context}");
    }
    assert_eq!(memory.used(Table::Channel), device.channels().unwrap().len(), "{context}");
    assert_eq!(memory.used(Table::Binding), device.bindings().unwrap().len(), "{context}");
}

#[test]
fn a_bus_that_fails_at_any_access_leaves_the_old_state_or_the_new_one() {
    let (mut failures, mut unknown, mut both_places, mut moved) = (0, 0, 0, 0);
    for case in cases() {
        let (bus, mut device) = case.prepared();
        let (old, before) = (Met::of(&bus), device.bus_mut().accesses());
        let places_before = places(&bus);
        (case.call)(&mut device).unwrap();
        let after = places(&bus);
        let elsewhere = |(row, place)| after.get(row).is_some_and(|now| now != place);
        moved += places_before.iter().filter(|&found| elsewhere(found)).count();
        let (new, wanted) = (Met::of(&bus), contents(&bus));
        let accesses = device.bus_mut().accesses() - before;
        assert!(wanted.values().all(|&rows| rows == 1), "{}: a row stands twice", case.name);
        let changes = device.bus_mut().inner_mut().seen.take().unwrap();
        assert!(changes.iter().all(|met| is_whole(met, &old, &new)), "{}", case.name);
        for (at, fault) in (0..accesses).flat_map(|at| Fault::ALL.map(|fault| (at, fault))) {
            let context = format!("{} ({}), access {at} {fault:?}", case.name, case.role);
            let (bus, mut device) = case.prepared();
            device.bus_mut().fail(at, fault);
            let error = (case.call)(&mut device).unwrap_err();
            device.bus_mut().mend();
            let met = Met::of(&bus);
            let Error::Interrupted { progress, .. } = error else { panic!("{context}: {error}") };
            match progress {
                Progress::Before => assert_eq!(met.ports, old.ports, "{context}"),
                Progress::After => assert_eq!(met.ports, new.ports, "{context}"),
                Progress::Unknown => unknown += 1,
            }
            let exactly = [(Progress::Before, &old), (Progress::After, &new)];
            let state = exactly.into_iter().find(|(p, _)| *p == progress).map(|(_, state)| state);
            if state.is_some_and(|state| met != *state) {
                // Only a move has a time in which both places deliver.
                assert!(met.reach.len() > state.unwrap().reach.len(), "{context}");
                both_places += 1;
            }
            (case.call)(&mut device).unwrap_or_else(|error| panic!("{context}: {error}"));
            assert_eq!(Met::of(&bus), new, "{context}");
            assert_eq!(contents(&bus), wanted, "{context}: left over");
            check_copy(&bus, &device, &context);
            let seen = device.bus_mut().inner_mut().seen.take().unwrap();
            if let Some(mixture) = seen.iter().find(|met| !is_whole(met, &old, &new)) {
                panic!("{context}: frames met {mixture:?}\nbetween {old:?}\nand {new:?}");
            }
            let switched = seen.iter().map(|met| met.ports == new.ports);
            assert!(old.ports == new.ports || switched.is_sorted(), "{context}: back to the old");
            failures += 1;
        }
    }
    println!(
        "{failures} failures: {unknown} of unknown end, {both_places} left a port that moves at both places; \
         {moved} rows made room"
    );
    assert!(unknown > 0 && both_places > 0 && moved > 0);
}

#[test]
fn what_was_interrupted_may_be_given_up() {
    let mut failures = 0;
    for case in cases() {
        let (bus, mut device) = case.prepared();
        let (old, before) = (contents(&bus), device.bus_mut().accesses());
        (case.call)(&mut device).unwrap();
        let new = contents(&bus);
        let accesses = device.bus_mut().accesses() - before;
        device.delete_port(PORT).unwrap();
        let none = contents(&bus);
        for (at, fault) in (0..accesses).flat_map(|at| Fault::ALL.map(|fault| (at, fault))) {
            let context = format!("{} ({}), access {at} {fault:?}", case.name, case.role);
            let (bus, mut device) = case.prepared();
            device.bus_mut().fail(at, fault);
            let error = (case.call)(&mut device).unwrap_err();
            device.bus_mut().mend();
            if matches!(error, Error::Interrupted { operation: Operation::MovePort, .. }) {
                device.finish_move(PORT).unwrap();
                let found = contents(&bus);
                assert!(found == old || found == new, "{context}");
            }
            device.delete_port(PORT).unwrap();
            assert_eq!(contents(&bus), none, "{context}");
            check_copy(&bus, &device, &context);
            failures += 1;
        }
    }
    println!("{failures} calls given up");
}

#[test]
fn what_was_interrupted_may_be_undone() {
    let pairs: [(Call, Call); 7] = [
        (|d| d.join_group(PORT, group(6)), |d| d.leave_group(PORT, group(6))),
        (|d| d.join_group(PORT, group(103)), |d| d.leave_group(PORT, group(103))),
        (|d| d.leave_group(PORT, group(5)), |d| d.join_group(PORT, group(5))),
        (|d| d.bind(PORT, mac(9), vlan(1)), |d| d.unbind(PORT, mac(9), vlan(1))),
        (|d| d.unbind(PORT, mac(1), vlan(1)), |d| d.bind(PORT, mac(1), vlan(1))),
        (|d| d.bind(PORT, None, vlan(9)), |d| d.unbind(PORT, None, vlan(9))),
        (|d| d.disable_port(PORT), |d| d.enable_port(PORT)),
    ];
    for (name, (call, undo)) in pairs.into_iter().enumerate() {
        let case = Case { name: "", role: Role::Extender, prepare: working, call };
        let (bus, mut device) = case.prepared();
        let (before, accesses) = (contents(&bus), device.bus_mut().accesses());
        call(&mut device).unwrap();
        let accesses = device.bus_mut().accesses() - accesses;
        undo(&mut device).unwrap();
        assert_eq!(contents(&bus), before, "{name}");
        for (at, fault) in (0..accesses).flat_map(|at| Fault::ALL.map(|fault| (at, fault))) {
            let context = format!("{name}, access {at} {fault:?}");
            let (bus, mut device) = case.prepared();
            device.bus_mut().fail(at, fault);
            call(&mut device).unwrap_err();
            device.bus_mut().mend();
            undo(&mut device).unwrap();
            assert_eq!(contents(&bus), before, "{context}");
            check_copy(&bus, &device, &context);
        }
    }
}

#[test]
fn a_port_is_created_bare_and_deleted_without_a_trace() {
    for role in Role::ALL {
        let left = |prepare: Call, call: Call| {
            let (bus, mut device) = Case { name: "", role, prepare, call }.prepared();
            call(&mut device).unwrap();
            contents(&bus)
        };
        let create: Call = |d| d.create_port(PORT, &row(1, own(1)));
        let delete: Call = |d| d.delete_port(PORT);
        assert_eq!(left(litter, create), left(nothing, create));
        assert_eq!(left(litter, delete), left(nothing, nothing));
        assert_eq!(left(working, delete), left(nothing, nothing));
    }
}
