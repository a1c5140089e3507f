// SPDX-License-Identifier: MIT
//! Vireo's own side: a state machine of VDP at an end of a cable, over a real interface and beside LLDP with EVB.

use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{self, Duration};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use vireo_association::carrier::PacketSocket;
use vireo_association::evb::{Local, Operating};
use vireo_association::lldp::Agent;
use vireo_association::time::Instant;
use vireo_association::vdp::{Authority, Bridge, Limits, Station};
use vireo_association::wire::lldp::Tlv;
use vireo_spec::ether::MacAddr;

use crate::lldpad::Timers;
use crate::namespace::{INTERFACE, Namespace};
use crate::switch::Switch;
use crate::until;

/// The longest frame, with four octets to spare for a tag.
const FRAME_LEN: usize = 2048;
/// The longest sleep: so late is a change noticed that the test makes.
const NAP: Duration = Duration::from_millis(5);

/// A side of VDP as whoever drives it sees it.
pub trait Machine: Send + 'static {
    /// Takes a frame.
    fn process(&mut self, frame: &[u8], now: Instant);
    /// The next frame to send.
    fn poll(&mut self, now: Instant) -> Option<Vec<u8>>;
    /// Goes by what EVB has negotiated.
    fn set_timing(&mut self, operating: Operating);
}

impl Machine for Station {
    fn process(&mut self, frame: &[u8], now: Instant) {
        self.process(frame, now);
    }

    fn poll(&mut self, now: Instant) -> Option<Vec<u8>> {
        self.poll(now)
    }

    fn set_timing(&mut self, operating: Operating) {
        self.set_timing(operating);
    }
}

/// A bridge and who decides for it.
#[derive(Debug)]
pub struct Governed<A> {
    /// The bridge.
    pub bridge: Bridge,
    /// Whom it asks.
    pub authority: A,
}

impl<A: Authority + Send + 'static> Machine for Governed<A> {
    fn process(&mut self, frame: &[u8], now: Instant) {
        self.bridge.process(frame, now, &mut self.authority);
    }

    fn poll(&mut self, now: Instant) -> Option<Vec<u8>> {
        self.bridge.poll(now, &mut self.authority)
    }

    fn set_timing(&mut self, operating: Operating) {
        self.bridge.set_timing(operating);
    }
}

/// What a [`Peer`]'s thread and the test share.
#[derive(Debug)]
struct Shared<M> {
    machine: M,
    /// Speaks LLDP beside a machine that does not.
    agent: Option<Agent>,
}

/// A machine that runs in a thread of its own until it is dropped; it then says nothing more.
#[derive(Debug)]
pub struct Peer<M> {
    shared: Arc<Mutex<Shared<M>>>,
    over: Arc<AtomicBool>,
    driver: Option<JoinHandle<()>>,
}

impl Peer<Station> {
    /// A station without VSIs.
    ///
    /// # Panics
    /// When the interface cannot be opened.
    pub fn station(namespace: &Namespace, timers: Timers) -> Self {
        Self::start(namespace, |source| {
            let machine = Station::new(source, local(timers).operating(), fastrand::u64(..));
            let agent = Agent::evb_station(source, local(timers), Instant::ZERO);
            Shared { machine, agent: Some(agent) }
        })
    }
}

impl<A: Authority + Send + 'static> Peer<Governed<A>> {
    /// A bridge that holds no VSI.
    ///
    /// # Panics
    /// When the interface cannot be opened.
    pub fn bridge(namespace: &Namespace, timers: Timers, authority: A) -> Self {
        Self::start(namespace, |source| {
            let (operating, seed) = (local(timers).operating(), fastrand::u64(..));
            let bridge = Bridge::new(source, operating, Limits::default(), seed);
            let machine = Governed { bridge, authority };
            let agent = Agent::evb_bridge(source, local(timers), Instant::ZERO);
            Shared { machine, agent: Some(agent) }
        })
    }
}

impl Peer<Switch> {
    /// A bridge with its machine, which holds no VSI.
    ///
    /// # Panics
    /// When the interface cannot be opened.
    pub fn switch(namespace: &Namespace, timers: Timers, limits: Limits) -> Self {
        Self::start(namespace, |source| Shared {
            machine: Switch::new(source, local(timers), limits),
            agent: None,
        })
    }
}

impl<M: Machine> Peer<M> {
    fn start(namespace: &Namespace, make: impl FnOnce(MacAddr) -> Shared<M>) -> Self {
        let open = || PacketSocket::open(INTERFACE).expect("open the cable's end");
        let mut socket = namespace.run(open);
        let shared = Arc::new(Mutex::new(make(socket.mac())));
        let over = Arc::new(AtomicBool::new(false));
        let (driven, stop) = (Arc::clone(&shared), Arc::clone(&over));
        let start = time::Instant::now();
        let driver = thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let mut waiting = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
                let nap = PollTimeout::try_from(NAP).expect("a few milliseconds");
                poll(&mut waiting, nap).expect("wait for a frame");
                lock(&driven).turn(&mut socket, start);
            }
        });
        Self { shared, over, driver: Some(driver) }
    }

    /// Does something with the machine, or looks at it.
    pub fn with<T>(&self, work: impl FnOnce(&mut M) -> T) -> T {
        work(&mut lock(&self.shared).machine)
    }

    /// Waits until each side knows that the other one knows group ids.
    ///
    /// # Panics
    /// When they do not come to know it.
    pub fn know_groups(&self) {
        until("both ends know group ids", || {
            let shared = lock(&self.shared);
            let Some(agent) = &shared.agent else { return false };
            let neighbour = agent.neighbour();
            let echoes = neighbour
                .into_iter()
                .flat_map(|said| &said.tlvs)
                .any(|tlv| matches!(tlv, Tlv::Evb(evb) if evb.bridge.bgid && evb.station.sgid));
            echoes && agent.operating().groups
        });
    }
}

impl<M> Drop for Peer<M> {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(driver) = self.driver.take() {
            let _ = driver.join();
        }
    }
}

impl<M: Machine> Shared<M> {
    /// Takes what has come, and sends what there is to say.
    fn turn(&mut self, socket: &mut PacketSocket, start: time::Instant) {
        let micros = u64::try_from(start.elapsed().as_micros()).expect("tests end");
        let now = Instant::from_micros(micros);
        let mut buffer = [0; FRAME_LEN];
        while let Some(octets) = socket.receive(&mut buffer).expect("receive from the cable") {
            let frame = &buffer[..octets];
            // ECP's type; what else is heard is LLDP.
            match &mut self.agent {
                Some(agent) if frame[12..14] != [0x89, 0x40] => agent.process(frame, now),
                _ => self.machine.process(frame, now),
            }
        }
        if let Some(agent) = &self.agent {
            self.machine.set_timing(agent.operating());
        }
        let said = |shared: &mut Self| {
            let agent = shared.agent.as_mut();
            agent.and_then(|agent| agent.poll(now)).or_else(|| shared.machine.poll(now))
        };
        while let Some(frame) = said(self) {
            socket.send(&frame).expect("send over the cable");
        }
    }
}

/// A panic elsewhere is told there; what is shared is whole all the same.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What Vireo says in its EVB TLV.
fn local(timers: Timers) -> Local {
    let Timers { retries, rte, rwd, rka } = timers;
    Local { retries, rte, rwd, rka, groups: true, reflective: false }
}
