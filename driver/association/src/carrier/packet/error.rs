// SPDX-License-Identifier: MIT
//! What can be wrong with a network interface that is to carry the protocol, and what a person does about it.

use std::io;
use std::path::PathBuf;

use nix::errno::Errno;
use thiserror::Error;

/// Why an interface does not carry frames. What names an interface is about that interface alone.
#[derive(Debug, Error)]
pub enum CarrierError {
    /// It is not there, or is there no longer.
    #[error("no network interface {interface} here: see `ip link`")]
    NoSuchInterface {
        /// The name that was given.
        interface: String,
    },
    /// It has no Ethernet headers (a tunnel, the loopback).
    #[error("{interface} is no Ethernet interface: its hardware type is {found}, not 1")]
    NotEthernet {
        /// The interface's name.
        interface: String,
        /// The kernel's number of the hardware type (`ARPHRD_...`).
        found: u16,
    },
    /// The program lacks the capability `CAP_NET_RAW`.
    #[error(
        "{interface}: reading and writing frames takes the capability CAP_NET_RAW: \
         `sudo setcap cap_net_raw+ep {}`, or run it as root",
        program.display()
    )]
    NotPermitted {
        /// The interface's name.
        interface: String,
        /// The program that is running.
        program: PathBuf,
    },
    /// It is down. A socket that is open already goes on once it is up again.
    #[error("{interface} is down: `ip link set {interface} up`")]
    Down {
        /// The interface's name.
        interface: String,
    },
    /// Nothing can be sent at the moment; a frame given now is not sent. Later it may be.
    #[error("{interface} takes no more frames at the moment")]
    Full {
        /// The interface's name.
        interface: String,
    },
    /// The frame is longer than the interface's MTU allows.
    #[error("{interface} does not take a frame of {octets} octets: see its MTU in `ip link`")]
    Length {
        /// The interface's name.
        interface: String,
        /// The frame's length.
        octets: usize,
    },
    /// Anything else that the kernel refuses.
    #[error("{interface}: {doing}: {source}")]
    System {
        /// The interface's name.
        interface: String,
        /// What was tried.
        doing: &'static str,
        /// The kernel's answer.
        source: io::Error,
    },
}

impl CarrierError {
    /// What an answer of the kernel means for an interface.
    pub(super) fn new(interface: &str, doing: &'static str, errno: Errno) -> Self {
        let interface = interface.to_owned();
        match errno {
            Errno::ENODEV | Errno::ENXIO => Self::NoSuchInterface { interface },
            Errno::EPERM | Errno::EACCES => {
                let program = std::env::current_exe().unwrap_or_else(|_| "PROGRAM".into());
                Self::NotPermitted { interface, program }
            }
            Errno::ENETDOWN => Self::Down { interface },
            Errno::EAGAIN | Errno::ENOBUFS => Self::Full { interface },
            other => Self::System { interface, doing, source: other.into() },
        }
    }
}
