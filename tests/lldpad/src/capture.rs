// SPDX-License-Identifier: MIT
//! What goes over a cable. Each end hears what the other one sends, so both are listened at.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use vireo_association::carrier::PacketSocket;

use crate::namespace::{Cable, INTERFACE};

/// The longest frame, with four octets to spare for a tag.
const FRAME_LEN: usize = 2048;

/// An end of a cable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// [`Cable::station`].
    Station,
    /// [`Cable::bridge`].
    Bridge,
}

/// A frame that went over the cable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    /// Who sent it.
    pub from: Side,
    /// When, since the capture began.
    pub at: Duration,
    /// All of it.
    pub frame: Vec<u8>,
}

/// Listens at both ends of a cable until it is dropped.
#[derive(Debug)]
pub struct Capture {
    frames: Arc<Mutex<Vec<Captured>>>,
    over: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Capture {
    /// Begins to listen: what is sent from now on is captured.
    ///
    /// # Panics
    /// When the interfaces cannot be opened.
    pub fn start(cable: &Cable) -> Self {
        let open = || PacketSocket::open_all(INTERFACE).expect("open the cable's end");
        let mut ends =
            [(Side::Bridge, cable.station.run(open)), (Side::Station, cable.bridge.run(open))];
        let frames = Arc::new(Mutex::new(Vec::new()));
        let over = Arc::new(AtomicBool::new(false));
        let (captured, stop) = (Arc::clone(&frames), Arc::clone(&over));
        let start = Instant::now();
        let listener = thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                listen(&mut ends, start, &captured);
            }
        });
        Self { frames, over, listener: Some(listener) }
    }

    /// What was captured up to now, in the order of its arrival.
    pub fn frames(&self) -> Vec<Captured> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

/// Takes what has come at either end, waiting a moment for it.
fn listen(ends: &mut [(Side, PacketSocket); 2], start: Instant, captured: &Mutex<Vec<Captured>>) {
    let mut waiting =
        ends.each_ref().map(|(_, socket)| PollFd::new(socket.as_fd(), PollFlags::POLLIN));
    let _ = poll(&mut waiting, PollTimeout::from(20_u8));
    for (from, socket) in ends {
        let mut buffer = [0; FRAME_LEN];
        // An end that has gone down has nothing to say.
        while let Ok(Some(octets)) = socket.receive(&mut buffer) {
            let frame = buffer[..octets].to_vec();
            let arrived = Captured { from: *from, at: start.elapsed(), frame };
            captured.lock().unwrap_or_else(PoisonError::into_inner).push(arrived);
        }
    }
}
