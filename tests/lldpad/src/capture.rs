// SPDX-License-Identifier: MIT
//! What goes over a cable. Each end hears what the other one sends, so both are listened at; the kernel says when a frame
//! came, since who listens at two ends cannot tell.

use std::net::{Ipv4Addr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use std::os::fd::{AsFd, AsRawFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::sockopt::ReceiveTimestampns;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt};
use nix::sys::time::TimeSpec;
use vireo_association::carrier::PacketSocket;

use crate::namespace::{Cable, INTERFACE, Namespace};
use crate::until;

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
        let open = || {
            let socket = PacketSocket::open_all(INTERFACE).expect("open the cable's end");
            setsockopt(&socket, ReceiveTimestampns, &true).expect("ask for times of arrival");
            socket
        };
        let mut ends =
            [(Side::Bridge, cable.station.run(open)), (Side::Station, cable.bridge.run(open))];
        await_times_of_arrival();
        let frames = Arc::new(Mutex::new(Vec::new()));
        let over = Arc::new(AtomicBool::new(false));
        let (captured, stop) = (Arc::clone(&frames), Arc::clone(&over));
        let start = SystemTime::now();
        let listener = thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                listen(&mut ends, start, &captured);
            }
        });
        Self { frames, over, listener: Some(listener) }
    }

    /// What was captured up to now, in the order of its arrival.
    pub fn frames(&self) -> Vec<Captured> {
        let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner).clone();
        frames.sort_by_key(|captured| captured.at);
        frames
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

/// Waits until the kernel says when a frame arrives. It begins a while after it was asked to, and gives frames that come
/// before then the time at which they are read: all of one end's before all of the other's.
fn await_times_of_arrival() {
    let namespace = Namespace::new();
    namespace.ip("link set lo up");
    let socket = namespace.run(|| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("open a port"));
    setsockopt(&socket, ReceiveTimestampns, &true).expect("ask for times of arrival");
    let address = socket.local_addr().expect("the port has an address");
    until("the kernel says when a frame arrives", || {
        socket.send_to(&[0], address).expect("send to the port itself");
        let sent = SystemTime::now();
        let in_force = arrival(&socket).is_some_and(|came| came <= sent);
        socket.recv(&mut [0]).expect("receive what was sent");
        in_force
    });
}

/// Takes what has come at either end, waiting a moment for it.
fn listen(
    ends: &mut [(Side, PacketSocket); 2],
    start: SystemTime,
    captured: &Mutex<Vec<Captured>>,
) {
    let mut waiting =
        ends.each_ref().map(|(_, socket)| PollFd::new(socket.as_fd(), PollFlags::POLLIN));
    let _ = poll(&mut waiting, PollTimeout::from(20_u8));
    for (from, socket) in ends {
        let mut buffer = [0; FRAME_LEN];
        // An end that has gone down has nothing to say.
        while let Some(arrival) = arrival(socket) {
            let Ok(Some(octets)) = socket.receive(&mut buffer) else { break };
            let frame = buffer[..octets].to_vec();
            let at = arrival.duration_since(start).unwrap_or_default();
            let arrived = Captured { from: *from, at, frame };
            captured.lock().unwrap_or_else(PoisonError::into_inner).push(arrived);
        }
    }
}

/// When the next frame that waits at a socket has come.
fn arrival(socket: &impl AsFd) -> Option<SystemTime> {
    // The kernel says more than that, such as a tag; what has no room would spoil all of it.
    let mut beside = nix::cmsg_space!(TimeSpec, [u8; 64]);
    let peek = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
    let fd = socket.as_fd().as_raw_fd();
    let peeked = recvmsg::<()>(fd, &mut [], Some(&mut beside), peek).ok()?;
    let came = peeked.cmsgs().ok()?.find_map(|message| match message {
        ControlMessageOwned::ScmTimestampns(came) => Some(Duration::from(came)),
        _ => None,
    })?;
    Some(SystemTime::UNIX_EPOCH + came)
}
