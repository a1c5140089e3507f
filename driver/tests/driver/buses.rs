// SPDX-License-Identifier: MIT
//! The buses that come with the driver: one that fails on purpose, one that writes down, one to hardware that is a file.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;

use vireo_driver::{
    BusAccess, BusErrorKind, Device, DiscoverError, Fault, FaultyBus, MapError, MappedBus, Record,
    RecordedBus, RegisterBus,
};
use vireo_spec::geometry::Geometry;
use vireo_spec::registers as map;

use crate::memory::Bus;

const REASONS: u16 = map::EVENT_ENABLE.address;

fn faulty() -> FaultyBus<Bus> {
    FaultyBus::new(Bus::new(Geometry::default()))
}

#[test]
fn a_planned_fault_meets_the_access_that_was_chosen_and_no_other() {
    for (fault, kind, effect) in [
        (Fault::Refused, BusErrorKind::Refused, false),
        (Fault::Lost, BusErrorKind::TimedOut { cycles: 0 }, false),
        (Fault::Unheard, BusErrorKind::TimedOut { cycles: 0 }, true),
        (Fault::Gone, BusErrorKind::Gone, false),
        (Fault::GoneUnheard, BusErrorKind::Gone, true),
    ] {
        let mut bus = faulty();
        bus.write(REASONS, 1).unwrap();
        bus.fail(1, fault);
        assert_eq!(bus.read(REASONS), Ok(1));
        let error = bus.write(REASONS, 2).unwrap_err();
        assert_eq!((error.access, error.address, error.kind), (BusAccess::Write, REASONS, kind));
        assert_eq!(bus.inner_mut().read(REASONS), Ok(if effect { 2 } else { 1 }), "{fault:?}");
        assert_eq!(bus.read(REASONS).is_err(), kind == BusErrorKind::Gone, "{fault:?}");
        assert_eq!(bus.accesses(), 4);
        bus.mend();
        assert!(bus.read(REASONS).is_ok());
        bus.fail(0, fault);
        assert_eq!(bus.read(REASONS).unwrap_err().kind, kind);
    }
}

#[test]
fn a_bus_that_goes_away_says_what_to_look_at() {
    let mut bus = faulty();
    bus.fail(0, Fault::Gone);
    let error = Device::discover(bus).err().unwrap();
    assert!(matches!(error, DiscoverError::Bus(_)), "{error}");
    assert!(error.to_string().starts_with("read of magic (0x000) found nobody: check"), "{error}");
}

#[test]
fn every_access_is_written_down_with_what_became_of_it() {
    let mut bus = RecordedBus::new(faulty());
    bus.write(map::STAGE.nth(3), 0x1234).unwrap();
    bus.read(map::MAGIC.address).unwrap();
    assert!(bus.read(map::OP.address).is_err());
    bus.inner_mut().fail(0, Fault::Unheard);
    assert!(bus.write(REASONS, 7).is_err());
    bus.inner_mut().fail(0, Fault::Gone);
    assert!(bus.read(0xFFC).is_err());
    assert_eq!(
        bus.to_string(),
        "write of stage[3] (0x20c): 0x00001234\n\
         read of magic (0x000): 0x5649524f\n\
         read of op (0x220): refused\n\
         write of event_enable (0x044): 0x00000007: no answer in 0 cycles\n\
         read of no register (0xffc): nobody there\n"
    );
    let records = bus.take();
    let (access, address) = (BusAccess::Write, map::STAGE.nth(3));
    assert_eq!(records[0], Record { access, address, value: 0x1234, result: Ok(()) });
    assert_eq!((records.len(), bus.records().len()), (5, 0));
    assert_eq!(bus.into_inner().accesses(), 5);
}

/// A file of 4 KiB that holds what a machine of this size says of itself.
fn machine_file(folder: &Path, geometry: &Geometry) -> std::path::PathBuf {
    let path = folder.join("resource0");
    let mut octets = vec![0; usize::from(map::SPACE)];
    let mut memory = Bus::new(*geometry);
    for address in (0..=map::STATUS.address).step_by(4) {
        let value = memory.read(address).unwrap();
        octets[usize::from(address)..][..4].copy_from_slice(&value.to_le_bytes());
    }
    fs::write(&path, octets).unwrap();
    path
}

#[test]
fn a_mapped_file_is_a_machine_and_a_write_lands_in_its_four_octets() {
    let folder = tempfile::tempdir().unwrap();
    let geometry = Geometry::new(128, 4, 8, 2, 256, 1024).unwrap();
    let path = machine_file(folder.path(), &geometry);
    let mut device = Device::discover(MappedBus::open(&path).unwrap()).unwrap();
    assert_eq!(device.geometry(), &geometry);
    let before = fs::read(&path).unwrap();
    let bus = device.bus_mut();
    bus.write(map::STAGE.nth(2), 0x1122_3344).unwrap();
    let mut expected = before;
    expected[0x208..0x20C].copy_from_slice(&[0x44, 0x33, 0x22, 0x11]);
    assert!(fs::read(&path).unwrap() == expected, "other octets changed");
    // What the hardware changes is seen, as nothing is cached.
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.write_all_at(&[1, 2, 3, 4], map::EVENT_LOST.address.into()).unwrap();
    assert_eq!(bus.read(map::EVENT_LOST.address), Ok(0x0403_0201));
    for address in [2, 0x1000] {
        assert_eq!(bus.read(address).unwrap_err().kind, BusErrorKind::Refused);
        assert_eq!(bus.write(address, 0).unwrap_err().kind, BusErrorKind::Refused);
    }
    // Ones are a value like any other while the machine says who it is; without it nobody is there.
    bus.write(map::STAGE.nth(0), u32::MAX).unwrap();
    assert_eq!(bus.read(map::STAGE.nth(0)), Ok(u32::MAX));
    file.write_all_at(&[0xFF; 4096], 0).unwrap();
    assert_eq!(bus.read(map::STAGE.nth(0)).unwrap_err().kind, BusErrorKind::Gone);
    assert_eq!(bus.write(map::STAGE.nth(0), 0).unwrap_err().kind, BusErrorKind::Gone);
}

#[test]
fn a_file_that_cannot_be_registers_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path, begins: &str, advice: &str| {
        let error = MappedBus::open(path).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with(&format!("{}: {begins}", path.display())), "{text}");
        assert!(text.contains(advice), "{text}");
        error
    };
    let absent = folder.path().join("uio7");
    refused(&absent, "cannot be opened to read and write: No such file", "check the name");
    let short = folder.path().join("short");
    fs::write(&short, [0; 4095]).unwrap();
    let error = refused(&short, "expected 4096 octets of registers at least, found 4095", "BAR");
    assert!(matches!(error, MapError::TooShort { found: 4095, .. }));
    // A folder can be written by nobody, root included.
    refused(folder.path(), "cannot be opened to read and write", "name a PCI resource file");
    refused(Path::new("/dev/null"), "4096 octets of it cannot be mapped", "of memory");
    let denied = MapError::Open {
        path: "/dev/uio0".into(),
        source: std::io::ErrorKind::PermissionDenied.into(),
    };
    assert!(denied.to_string().ends_with("let a udev rule give the file to your user"), "{denied}");
}
