// SPDX-License-Identifier: MIT
//! A station and a bridge at the two ends of a simulated link, who watches that they keep their word, and names for tests.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use vireo_association::carrier::{End, Faults, SimulatedLink};
use vireo_association::evb::Operating;
use vireo_association::time::Instant;
use vireo_association::vdp::{
    Authority, Bridge, Cause, Hint, Key, Limits, Request, Station, StationEvent, WantError,
};
use vireo_association::wire::vdp::{Command, Filter, ManagerId, Refusal, VidWord, Vsi, VsiId};
use vireo_spec::ether::{MacAddr, VlanId};

pub(crate) const STATION: MacAddr = MacAddr([2, 0, 0, 0, 0x0a, 1]);
pub(crate) const BRIDGE: MacAddr = MacAddr([2, 0, 0, 0, 0x0b, 1]);
pub(crate) const MANAGER: ManagerId = ManagerId([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
/// What a bridge here fills in for VID 0.
pub(crate) const DEFAULT_VID: u16 = 9;
/// ECP waits 5 ms and repeats twice; the bridge may take 20 ms; keep-alives come every 82 ms.
pub(crate) const OPERATING: Operating =
    Operating { retries: 2, rte: 9, rwd: 11, rka: 13, groups: true };

pub(crate) fn word(vid: u16) -> VidWord {
    VidWord::new(VlanId::new(vid).unwrap())
}

pub(crate) fn vid(vid: u16) -> Filter {
    Filter::Vid(vec![word(vid)])
}

pub(crate) fn mac_vid(mac: u32, vid: u16) -> Filter {
    let [a, b, c, d] = mac.to_be_bytes();
    Filter::MacVid(vec![(MacAddr([2, 0, a, b, c, d]), word(vid))])
}

pub(crate) fn vsi(number: u32, filter: Filter) -> Vsi {
    let mut octets = [0xc0; 16];
    octets[12..].copy_from_slice(&number.to_be_bytes());
    Vsi { type_id: 5, type_version: 4, id: VsiId::uuid(octets), filter }
}

pub(crate) fn key(number: u32) -> Key {
    Key::new(MANAGER, vsi(number, vid(1)).id)
}

pub(crate) fn at(micros: u64) -> Instant {
    Instant::from_micros(micros)
}

/// What a VSI is associated with.
pub(crate) type Confirmed = BTreeMap<Key, (Command, Filter)>;

/// An authority that fills in VID 0, refuses the VSIs that it is told to, and remembers what it has done.
#[derive(Default)]
pub(crate) struct Registry {
    pub(crate) refuses: BTreeMap<Key, Refusal>,
    pub(crate) done: Confirmed,
    pub(crate) withdrawn: Vec<(Key, Cause)>,
    /// How often it was asked.
    pub(crate) asked: u64,
    pub(crate) hints: Vec<Hint>,
    /// All that it ever confirmed.
    ever: BTreeSet<(Key, Command, Filter)>,
}

impl Authority for Registry {
    fn decide(&mut self, request: &Request<'_>) -> Result<Filter, Refusal> {
        assert_ne!(request.command, Command::Deassociate);
        self.asked += 1;
        self.hints.extend(request.hint);
        let key = request.key();
        if let Some(refusal) = self.refuses.get(&key) {
            return Err(*refusal);
        }
        let mut filter = request.vsi.filter.clone();
        for index in 0..filter.len() {
            if filter.get(index).is_some_and(|entry| entry.word.vid.get() == 0) {
                filter.set_vid(index, VlanId::new(DEFAULT_VID).unwrap());
            }
        }
        self.done.insert(key, (request.command, filter.clone()));
        self.ever.insert((key, request.command, filter.clone()));
        Ok(filter)
    }

    fn withdraw(&mut self, key: &Key, cause: Cause) {
        assert!(self.done.remove(key).is_some(), "{key:?} was not associated");
        self.withdrawn.push((*key, cause));
    }
}

/// Station and bridge, and what their users know.
pub(crate) struct World {
    pub(crate) station: Station,
    pub(crate) bridge: Bridge,
    pub(crate) registry: Registry,
    pub(crate) link: SimulatedLink,
    pub(crate) now: Instant,
    pub(crate) operating: Operating,
    pub(crate) limits: Limits,
    /// What the station's user wants, unless it was told that it cannot be had.
    pub(crate) wanted: Confirmed,
    /// What the station's user was told is confirmed.
    pub(crate) told: Confirmed,
    /// What the user was told, as long as nobody takes it.
    pub(crate) events: Vec<StationEvent>,
    /// Frames that were sent last, to be sent again.
    pub(crate) recent: Vec<(End, Vec<u8>)>,
    /// Octets may be altered under way, so a side may believe what nobody said.
    pub(crate) corrupted: bool,
}

impl World {
    pub(crate) fn new(operating: Operating, limits: Limits, faults: Faults, seed: u64) -> Self {
        Self {
            station: Station::new(STATION, operating, seed),
            bridge: Bridge::new(BRIDGE, operating, limits, seed + 1),
            registry: Registry::default(),
            link: SimulatedLink::new(faults, seed),
            now: Instant::ZERO,
            operating,
            limits,
            wanted: Confirmed::new(),
            told: Confirmed::new(),
            events: Vec::new(),
            recent: Vec::new(),
            corrupted: false,
        }
    }

    pub(crate) fn want(&mut self, command: Command, vsi: Vsi) -> Result<(), WantError> {
        let (key, filter) = (Key::new(MANAGER, vsi.id), vsi.filter.clone());
        self.station.want(MANAGER, command, vsi, None)?;
        self.wanted.insert(key, (command, filter));
        Ok(())
    }

    pub(crate) fn deassociate(&mut self, key: &Key) {
        self.station.deassociate(key);
        // Whoever ends a VSI knows that it is not confirmed any more.
        self.told.remove(key);
        self.wanted.remove(key);
    }

    /// The bridge's user ends a VSI.
    pub(crate) fn withdraw(&mut self, key: &Key) {
        assert_eq!(self.bridge.withdraw(key), self.registry.done.remove(key).is_some());
    }

    /// The station comes up again, and its user wants what it wanted.
    pub(crate) fn restart_station(&mut self, seed: u64) {
        self.station = Station::new(STATION, self.operating, seed);
        self.told.clear();
        for (key, (command, filter)) in std::mem::take(&mut self.wanted) {
            let vsi = Vsi { id: key.id, ..vsi(0, filter) };
            self.want(command, vsi).unwrap();
        }
    }

    /// The bridge comes up again, and knows what it held or nothing.
    pub(crate) fn restart_bridge(&mut self, seed: u64, remembers: bool) {
        let held: Vec<_> = self.bridge.vsis().map(|(key, held)| (*key, held.clone())).collect();
        self.bridge = Bridge::new(BRIDGE, self.operating, self.limits, seed);
        if remembers {
            for (key, held) in held {
                self.bridge.restore(key.manager, held.command, held.asked, held.vsi, self.now);
            }
        } else {
            self.registry.done.clear();
        }
    }

    pub(crate) fn set_operating(&mut self, operating: Operating) {
        self.operating = operating;
        self.station.set_timing(operating);
        self.bridge.set_timing(operating);
    }

    fn send(&mut self, from: End, frame: Vec<u8>) {
        if self.recent.len() == 16 {
            self.recent.remove(0);
        }
        self.recent.push((from, frame.clone()));
        self.link.send(from, frame, self.now);
    }

    /// All that happens now.
    pub(crate) fn settle(&mut self) {
        let mut quiet = false;
        while !quiet {
            quiet = true;
            while let Some(frame) = self.link.receive(End::A, self.now) {
                self.station.process(&frame, self.now);
                quiet = false;
            }
            while let Some(frame) = self.link.receive(End::B, self.now) {
                self.bridge.process(&frame, self.now, &mut self.registry);
                quiet = false;
            }
            while let Some(frame) = self.station.poll(self.now) {
                self.send(End::A, frame);
                quiet = false;
            }
            while let Some(frame) = self.bridge.poll(self.now, &mut self.registry) {
                self.send(End::B, frame);
                quiet = false;
            }
        }
        for at in [self.station.poll_at(), self.bridge.poll_at()].into_iter().flatten() {
            assert!(at > self.now, "polled at {}, wants to be at {at}", self.now);
        }
        self.watch();
    }

    /// Lets time pass, from one moment at which something happens to the next.
    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        self.settle();
        loop {
            let next = [self.station.poll_at(), self.bridge.poll_at(), self.link.next_at()];
            match next.into_iter().flatten().min().filter(|&next| next <= end) {
                Some(next) => self.now = self.now.max(next),
                None => break,
            }
            self.settle();
        }
        self.now = end;
        self.settle();
    }

    /// Holds both sides against what their users know.
    fn watch(&mut self) {
        while let Some(event) = self.station.event() {
            match &event {
                StationEvent::Confirmed { manager, command, vsi, .. } => {
                    let key = Key::new(*manager, vsi.id);
                    let said = (key, *command, vsi.filter.clone());
                    assert!(
                        self.corrupted || self.registry.ever.contains(&said),
                        "the bridge never confirmed {said:?}"
                    );
                    self.told.insert(key, (said.1, said.2));
                }
                StationEvent::Refused { manager, vsi, .. }
                | StationEvent::Removed { manager, vsi, .. } => {
                    let key = Key::new(*manager, vsi.id);
                    self.told.remove(&key);
                    self.wanted.remove(&key);
                }
                StationEvent::Kept { manager, command, vsi, .. } => {
                    let key = Key::new(*manager, vsi.id);
                    if *command != Command::Deassociate {
                        let told = self.told.get(&key).expect("what is kept was confirmed");
                        self.wanted.insert(key, told.clone());
                    }
                }
                StationEvent::Unanswered { .. } => {}
            }
            self.events.push(event);
        }
        let stays = || self.station.vsis().filter(|(_, vsi)| vsi.wanted != Command::Deassociate);
        let confirmed: Confirmed =
            stays().filter_map(|(key, vsi)| Some((*key, vsi.confirmed.clone()?))).collect();
        assert_eq!(confirmed, self.told, "what the station's user was told");
        assert!(stays().map(|(key, _)| key).eq(self.wanted.keys()), "what the user wants");
        assert_eq!(self.held(), self.registry.done, "what the authority has done");
    }

    /// What the bridge holds.
    pub(crate) fn held(&self) -> Confirmed {
        let held = self.bridge.vsis();
        held.map(|(key, held)| (*key, (held.command, held.vsi.filter.clone()))).collect()
    }

    /// Both sides hold the same, and that is all that is wanted.
    pub(crate) fn agree(&self) -> bool {
        let settled = self.station.vsis().all(|(_, vsi)| {
            let confirmed = vsi.confirmed.as_ref().map(|(command, _)| *command);
            confirmed == Some(vsi.wanted) && !vsi.unanswered
        });
        settled && self.told == self.held()
    }
}
