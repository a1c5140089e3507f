// SPDX-License-Identifier: MIT
//! Operations on ports: what they write, what they refuse before they write anything, and what their errors say.

use vireo_driver::{Device, Error, Fault, FaultyBus, Operation, Progress};
use vireo_spec::ether::VlanId;
use vireo_spec::geometry::Geometry;
use vireo_spec::ports::PortSet;
use vireo_spec::registers as map;
use vireo_spec::rows::{ChannelRow, LinkRow, PortRow};
use vireo_spec::table::{Command, Table};
use vireo_spec::tag::{Channel, ChannelUse, ECid, Role, TagFamily, Vif};

use crate::memory::Bus;

fn own(number: u16) -> Channel {
    Channel::etag(ECid::new(0, number, 0).unwrap())
}

fn group(number: u16) -> Channel {
    Channel::etag(ECid::new(2, number, 0).unwrap())
}

fn row(link: u8, channel: Channel) -> PortRow {
    PortRow { link, channel, maximum: 1518, ..PortRow::default() }
}

/// Links 0 and 1 are an extender's, 2 and 3 a bridge's; the last of each speaks VN-Tag.
fn device(bus: &Bus) -> Device<FaultyBus<Bus>> {
    let mut device = Device::discover(FaultyBus::new(bus.clone())).unwrap();
    device.initialize(1).unwrap();
    for link in 0..4 {
        let role = if link < 2 { Role::Extender } else { Role::Bridge };
        let family = if link % 2 == 0 { TagFamily::ETag } else { TagFamily::VnTag };
        device.set_link(link, &LinkRow { enabled: true, role, family, maximum: 1518 }).unwrap();
    }
    device
}

fn bus() -> Bus {
    Bus::new(Geometry::new(64, 4, 4, 2, 64, 64).unwrap())
}

/// What a register write does to a row.
fn command(&(address, value): &(u16, u32)) -> Option<Command> {
    let code = map::op::COMMAND.of(value);
    let all = [Command::Read, Command::Write, Command::Clear];
    all.into_iter().find(|c| address == map::OP.address && u32::from(c.code()) == code)
}

fn members(device: &Device<FaultyBus<Bus>>, link: u8, channel: Channel) -> Option<u64> {
    let found = device.channels().unwrap().get(ChannelRow::key(link, channel));
    found.map(|row| row.members.bits())
}

#[test]
fn a_port_lives_from_create_to_delete() {
    let bus = bus();
    let mut device = device(&bus);
    let created = PortRow { enabled: true, ..row(0, own(1)) };
    device.create_port(2, &created).unwrap();
    assert_eq!(device.port(2).unwrap(), row(0, own(1)), "not enabled");
    assert_eq!(members(&device, 0, own(1)), Some(0b100));
    device.enable_port(2).unwrap();
    assert!(device.port(2).unwrap().enabled);
    device.join_group(2, group(1)).unwrap();
    device.create_port(1, &row(0, own(2))).unwrap();
    device.join_group(1, group(1)).unwrap();
    assert_eq!(members(&device, 0, group(1)), Some(0b110));
    device.leave_group(2, group(1)).unwrap();
    device.leave_group(2, group(1)).unwrap();
    assert_eq!(members(&device, 0, group(1)), Some(0b010));
    device.leave_group(1, group(1)).unwrap();
    assert_eq!(members(&device, 0, group(1)), None, "the last member takes the row away");
    device.join_group(2, group(1)).unwrap();
    device.disable_port(2).unwrap();
    assert_eq!(device.port(2).unwrap(), row(0, own(1)));
    device.bind(2, None, VlanId::MAX).unwrap();
    device.delete_port(2).unwrap();
    device.delete_port(1).unwrap();
    device.delete_port(1).unwrap();
    for table in [Table::Port, Table::Channel, Table::Binding, Table::Vlan] {
        assert_eq!(bus.memory().used(table), 0, "{table:?}");
    }
}

#[test]
fn between_the_halves_of_a_move_both_places_lead_to_the_port() {
    let mut device = device(&bus());
    device.create_port(2, &row(0, own(1))).unwrap();
    device.join_group(2, group(1)).unwrap();
    device.create_port(3, &row(2, own(9))).unwrap();
    let (new, list) =
        (Channel::vntag(false, Vif::new(7).unwrap()), Channel::vntag(true, Vif::new(1).unwrap()));
    device.start_move(2, 1, new, &[list]).unwrap();
    device.start_move(2, 1, new, &[list]).unwrap();
    let at = |device: &Device<_>| {
        [(0, own(1)), (0, group(1)), (1, new), (1, list)].map(|(link, c)| members(device, link, c))
    };
    assert_eq!(at(&device), [Some(4); 4]);
    assert_eq!(device.port(2).unwrap(), row(1, new));
    device.finish_move(2).unwrap();
    assert_eq!(at(&device), [None, None, Some(4), Some(4)]);
    assert_eq!(members(&device, 2, own(9)), Some(8), "another port's");
    // On the same link a port keeps its groups.
    let newer = Channel::vntag(false, Vif::new(8).unwrap());
    let mut drained = 0;
    device.move_port(2, 1, newer, &[], |_| drained += 1).unwrap();
    assert_eq!(at(&device), [None, None, None, Some(4)]);
    assert_eq!((members(&device, 1, newer), drained), (Some(4), 1));
}

#[test]
fn a_bridge_port_moves_with_one_row_of_its_own() {
    let bus = bus();
    let mut device = device(&bus);
    device.set_link(3, &device_link()).unwrap();
    device.create_port(0, &row(2, own(1))).unwrap();
    device.enable_port(0).unwrap();
    bus.memory().writes.clear();
    device.move_port(0, 3, own(5), &[], |_| {}).unwrap();
    let writes = std::mem::take(&mut bus.memory().writes);
    let ports = writes.iter().filter(|(_, value)| map::op::TABLE.of(*value) == Table::Port as u32);
    let switches = ports.filter(|write| command(write) == Some(Command::Write));
    assert_eq!(switches.count(), 1);
    assert_eq!(device.port(0).unwrap(), PortRow { enabled: true, ..row(3, own(5)) });
}

fn device_link() -> LinkRow {
    LinkRow { enabled: true, role: Role::Bridge, family: TagFamily::ETag, maximum: 1518 }
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_written() {
    let bus = bus();
    let mut device = device(&bus);
    device.create_port(0, &row(0, own(1))).unwrap();
    device.create_port(1, &row(2, own(1))).unwrap();
    // Fetching a row stages nothing: `op` with READ is all that may be written.
    bus.memory().writes.clear();
    let none = |what, index, count| Error::NoSuch { what, index, count };
    let wrong =
        |link, family, channel, expected| Error::WrongChannel { link, family, channel, expected };
    let (etag, vntag) = (TagFamily::ETag, TagFamily::VnTag);
    let (port, list) = (ChannelUse::Port, ChannelUse::Group);
    let new = own(9);
    let in_use = Error::ChannelInUse { link: 0, channel: own(1), user: 0 };
    let results = [
        (device.create_port(4, &row(0, new)), none("port", 4, 4)),
        (device.create_port(2, &row(4, new)), none("link", 4, 4)),
        (device.create_port(2, &row(0, own(1))), in_use.clone()),
        (device.create_port(2, &row(0, group(1))), wrong(0, etag, group(1), port)),
        (
            device.create_port(2, &row(0, Channel::default())),
            wrong(0, etag, Channel::default(), port),
        ),
        (device.create_port(2, &row(1, own(20))), wrong(1, vntag, own(20), port)),
        (
            device.create_port(0, &row(0, new)),
            Error::PortExists { port: 0, link: 0, channel: own(1) },
        ),
        (device.enable_port(2), Error::NotCreated { port: 2 }),
        (device.disable_port(2), Error::NotCreated { port: 2 }),
        (device.enable_port(9), none("port", 9, 4)),
        (device.join_group(2, group(1)), Error::NotCreated { port: 2 }),
        (device.join_group(0, own(1)), wrong(0, etag, own(1), list)),
        (device.leave_group(0, own(1)), wrong(0, etag, own(1), list)),
        (device.join_group(1, group(1)), Error::GroupAtBridge { link: 2 }),
        (device.start_move(2, 1, new, &[]), Error::NotCreated { port: 2 }),
        (device.start_move(0, 4, new, &[]), none("link", 4, 4)),
        (device.start_move(1, 0, own(1), &[]), in_use),
        (device.start_move(0, 1, group(1), &[]), wrong(1, vntag, group(1), port)),
        (device.start_move(0, 2, new, &[group(1)]), Error::GroupAtBridge { link: 2 }),
        (device.finish_move(2), Error::NotCreated { port: 2 }),
        (device.delete_port(7), none("port", 7, 4)),
    ];
    for (at, (result, expected)) in results.into_iter().enumerate() {
        assert_eq!(result, Err(expected), "{at}");
    }
    let writes = std::mem::take(&mut bus.memory().writes);
    assert!(writes.iter().all(|write| command(write) == Some(Command::Read)), "{writes:?}");
    let mut fresh = Device::discover(bus.clone()).unwrap();
    assert_eq!(fresh.create_port(0, &row(0, own(1))), Err(Error::NotInitialized));
    assert_eq!(fresh.delete_port(0), Err(Error::NotInitialized));
}

#[test]
fn a_move_that_finds_no_room_for_all_its_rows_writes_none() {
    let bus = bus();
    let mut device = device(&bus);
    device.create_port(0, &row(0, own(1))).unwrap();
    let lists: Vec<_> = (1..9).map(|n| Channel::vntag(true, Vif::new(n).unwrap())).collect();
    let new = Channel::vntag(false, Vif::new(1).unwrap());
    // Fuller and fuller, until not all of them find room.
    for number in 0.. {
        let rows = bus.memory().rows.clone();
        if let Err(error) = device.start_move(0, 1, new, &lists) {
            assert!(matches!(error, Error::TableFull { table: Table::Channel, .. }), "{error}");
            assert!(bus.memory().rows == rows, "something was written");
            break;
        }
        device.move_port(0, 0, own(1), &[], |_| {}).unwrap();
        device.add_channel(0, group(number), PortSet::from_bits(8)).unwrap();
    }
    // There is room for some.
    device.start_move(0, 1, new, &lists[..2]).unwrap();
}

#[test]
fn an_interrupted_call_says_what_frames_meet_and_what_to_do() {
    let mut device = device(&bus());
    let ready = |device: &mut Device<FaultyBus<Bus>>| {
        device.bus_mut().mend();
        device.delete_port(0).unwrap();
        device.create_port(0, &row(0, own(1))).unwrap();
        device.bus_mut().accesses()
    };
    let before = ready(&mut device);
    device.start_move(0, 0, own(2), &[]).unwrap();
    let switch = device.bus_mut().accesses() - before - 1;
    device.finish_move(0).unwrap();
    let last = device.bus_mut().accesses() - before - 1;
    let progress = |error: &Error| match error {
        Error::Interrupted { operation: Operation::MovePort, port: 0, progress, .. } => *progress,
        other => panic!("{other}"),
    };
    for (at, fault, expected, says) in [
        (0, Fault::Lost, Progress::Before, "frames meet the old state; rows of the new place may"),
        (
            switch,
            Fault::Lost,
            Progress::Before,
            "frames meet the old state; rows of the new place may",
        ),
        (
            switch,
            Fault::Unheard,
            Progress::After,
            "frames meet the new state; rows of the place that the port left",
        ),
        (
            switch,
            Fault::Gone,
            Progress::Unknown,
            "frames meet the old state or the new one, the bus could not say",
        ),
        (
            last,
            Fault::Refused,
            Progress::After,
            "frames meet the new state; rows of the place that the port left",
        ),
    ] {
        ready(&mut device);
        device.bus_mut().fail(at, fault);
        let error = device.move_port(0, 0, own(2), &[], |_| {}).unwrap_err();
        let text = error.to_string();
        assert_eq!(progress(&error), expected, "{text}");
        assert!(text.starts_with(&format!("move of port 0 was interrupted: {says}")), "{text}");
        assert!(text.contains("repeat the call"), "{text}");
        let cause = ["read of ", "write of "].into_iter().any(|access| text.contains(access));
        assert!(cause, "{text}");
    }
}
