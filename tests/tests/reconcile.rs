// SPDX-License-Identifier: MIT
//! From one configuration to another with the driver's `reconcile`: after every row that it writes each copy of each frame is
//! as before or as wanted, or is not sent; by the reference. A copy that both send alike is missing only where a link's tags
//! change, a group's row with its source port's, or a port's own VLAN with its bindings.

use std::collections::HashMap;

use fastrand::Rng;
use vireo_driver::{BusError, Device, RegisterBus, State};
use vireo_sim::engine::reference::Reference;
use vireo_sim::engine::{Arrival, Destination, Engine};
use vireo_spec::geometry::Geometry;
use vireo_spec::pins::StreamId;
use vireo_spec::registers::{LINK, OP};
use vireo_spec::rows::LinkRow;
use vireo_spec::table::Command;
use vireo_tests::case::Case;

/// Where a good copy left to: a link, a port or a control port; and what it was.
type Copies = HashMap<Destination, (Vec<u8>, u8)>;

fn copies(reference: &mut Reference, frame: &Arrival) -> Copies {
    let mut copies = Copies::new();
    reference.offer(frame.clone());
    reference.run(&mut |departure| {
        let copy = (departure.octets.to_vec(), departure.priority.code());
        match departure.to {
            _ if departure.bad => {}
            Destination::Ports(members) => {
                let one = |port| (Destination::Ports([port].into_iter().collect()), copy.clone());
                copies.extend(members.iter().map(one));
            }
            to => _ = copies.insert(to, copy),
        }
    });
    copies
}

/// A machine that is sent all frames after each row that is written.
struct Probed {
    machine: Reference,
    frames: Vec<(Arrival, Copies, Copies)>,
    probes: usize,
    /// How frames entered of which both states send a copy alike that was missing, and where to.
    lost: Vec<(StreamId, Destination)>,
}

impl Probed {
    fn probe(&mut self) {
        for (frame, old, wanted) in &self.frames {
            let now = copies(&mut self.machine, frame);
            self.probes += 1;
            for (to, copy) in &now {
                assert!(
                    old.get(to) == Some(copy) || wanted.get(to) == Some(copy),
                    "{:?} {:?}: a copy to {to:?} that neither state sends: {copy:x?}, before {:x?}, wanted {:x?}",
                    frame.side,
                    frame.id,
                    old.get(to),
                    wanted.get(to)
                );
            }
            let alike = old.iter().filter(|&(to, copy)| wanted.get(to) == Some(copy));
            let missing = alike.filter(|(to, _)| !now.contains_key(*to));
            self.lost.extend(missing.map(|(&to, _)| (frame.id, to)));
        }
    }
}

impl RegisterBus for Probed {
    fn read(&mut self, address: u16) -> Result<u32, BusError> {
        self.machine.read(address)
    }

    fn write(&mut self, address: u16, value: u32) -> Result<(), BusError> {
        self.machine.write(address, value)?;
        let reads = vireo_spec::registers::op::COMMAND.of(value) == u32::from(Command::Read.code());
        if (address == OP.address && !reads) || LINK.index_of(address).is_some() {
            self.probe();
        }
        Ok(())
    }
}

fn state_of(case: &Case) -> State {
    let mut device = Device::discover(Reference::new(case.geometry)).unwrap();
    case.program(&mut device).unwrap();
    device.state().unwrap()
}

fn fates(state: &State, case: &Case, frames: &[Arrival]) -> Vec<Copies> {
    let mut device = Device::discover(Reference::new(case.geometry)).unwrap();
    device.initialize(1).unwrap();
    device.reconcile(state).unwrap();
    assert_eq!(device.state().unwrap(), *state);
    let mut machine = device.into_bus();
    frames.iter().map(|frame| copies(&mut machine, frame)).collect()
}

/// The old state with some rows of another: what a controller might want instead.
fn mixed(rng: &mut Rng, old: &State, other: &State, rate: u8) -> State {
    let mut pick = || rng.u8(0..100) < rate.min(60);
    let mut wanted = old.clone();
    for link in (0..old.links.len()).filter(|_| pick()) {
        let LinkRow { role, family, .. } = old.links[link];
        wanted.links[link] = other.links[link];
        if rate < 100 {
            (wanted.links[link].role, wanted.links[link].family) = (role, family);
        }
    }
    (0..old.ports.len()).filter(|_| pick()).for_each(|n| wanted.ports[n] = other.ports[n]);
    (0..old.groups.len()).filter(|_| pick()).for_each(|n| wanted.groups[n] = other.groups[n]);
    wanted.channels.retain(|_, _| !pick());
    other.channels.iter().filter(|_| pick()).for_each(|(k, v)| _ = wanted.channels.insert(*k, *v));
    wanted.bindings.retain(|_| !pick());
    wanted.bindings.extend(other.bindings.iter().filter(|_| pick()));
    wanted.vlans.retain(|_, _| !pick());
    other.vlans.iter().filter(|_| pick()).for_each(|(k, v)| _ = wanted.vlans.insert(*k, *v));
    wanted
}

const SEEDS: u64 = 600;

#[test]
fn no_frame_meets_a_mixture_of_the_old_state_and_the_wanted() {
    let (mut probes, mut groups, mut pvids, mut written, mut differing) = (0, 0, 0, 0, 0);
    for seed in 0..SEEDS {
        let mut rng = Rng::with_seed(seed);
        let geometry = Geometry::new(64, 2, 8, 2, 64, 64).unwrap();
        let (case, other) =
            (Case::random_of(&mut rng, geometry), Case::random_of(&mut rng, geometry));
        let old = state_of(&case);
        let rate = [5, 30, 100][seed as usize % 3];
        let wanted = mixed(&mut rng, &old, &state_of(&other), rate);
        let frames = (0..400).map(|n| if n % 2 == 0 { &case } else { &other }.frame(&mut rng));
        let frames: Vec<_> = frames.map(|frame| Arrival { bad: false, ..frame }).collect();
        let fates = fates(&old, &case, &frames).into_iter().zip(fates(&wanted, &case, &frames));
        let frames = frames.into_iter().zip(fates).map(|(f, (a, b))| (f, a, b)).collect();

        let mut device = Device::discover(Reference::new(geometry)).unwrap();
        device.initialize(seed).unwrap();
        device.reconcile(&old).unwrap();
        let machine = device.into_bus();
        let probed = Probed { machine, frames, probes: 0, lost: Vec::new() };
        let mut device = Device::discover(probed).unwrap();
        device.adopt().unwrap();
        let repaired = device.reconcile(&wanted).unwrap();
        assert_eq!(device.state().unwrap(), wanted);
        let again = device.reconcile(&wanted).unwrap();
        assert_eq!((again.written, again.cleared), (0, 0), "seed {seed}");
        let tags =
            |state: &State| state.links.iter().map(|l| (l.role, l.family)).collect::<Vec<_>>();
        let probed = device.into_bus();
        probes += probed.probes;
        if tags(&old) == tags(&wanted) {
            // Else a link is closed while its tags change.
            for (id, to) in probed.lost {
                let port = match (id, to) {
                    (StreamId::Group(_), _) => {
                        groups += 1;
                        continue;
                    }
                    (_, Destination::Ports(port)) => port.first().unwrap(),
                    (StreamId::Port(port), _) => port.into(),
                    lost => panic!("seed {seed}: {lost:?}"),
                };
                let pvid = |state: &State| state.ports[port].pvid;
                assert_ne!(pvid(&old), pvid(&wanted), "seed {seed}: port {port}");
                pvids += 1;
            }
        }
        (written, differing) =
            (written + repaired.written + repaired.cleared, differing + rows(&old, &wanted));
    }
    println!(
        "{probes} frames after {written} writes for {differing} rows that differed; treated alike by both states \
         and dropped: {groups} of groups, {pvids} where the port's own VLAN changed"
    );
}

/// Rows in which two states differ.
fn rows(a: &State, b: &State) -> usize {
    let links = a.links.iter().zip(&b.links).filter(|(a, b)| a != b).count();
    let ports = a.ports.iter().zip(&b.ports).filter(|(a, b)| a != b).count();
    let groups = a.groups.iter().zip(&b.groups).filter(|(a, b)| a != b).count();
    let only_a =
        a.channels.iter().filter(|&(key, members)| b.channels.get(key) != Some(members)).count();
    let only_b = b.channels.keys().filter(|key| !a.channels.contains_key(key)).count();
    let vlans: std::collections::BTreeSet<_> =
        a.vlans.keys().chain(b.vlans.keys()).copied().collect();
    let vlans = vlans.into_iter().filter(|&vlan| a.admitted(vlan) != b.admitted(vlan)).count();
    links
        + ports
        + groups
        + only_a
        + only_b
        + vlans
        + a.bindings.symmetric_difference(&b.bindings).count()
}
