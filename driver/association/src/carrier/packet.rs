// SPDX-License-Identifier: MIT
//! A network interface of a Linux host as carrier: frames as they are on the wire, with their VLAN tags. It needs no more
//! than the capability `CAP_NET_RAW`.

mod error;
mod kernel;

use std::io::IoSliceMut;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, bind, recvmsg, send,
    socket,
};
use vireo_spec::ether::{ADDRESSES_LEN, EtherType, MacAddr};

pub use error::CarrierError;

/// The group addresses that the protocol is spoken to: nearest customer bridge, nearest non-TPMR bridge, nearest bridge.
const GROUPS: [MacAddr; 3] = [
    MacAddr([0x01, 0x80, 0xc2, 0x00, 0x00, 0x00]),
    MacAddr([0x01, 0x80, 0xc2, 0x00, 0x00, 0x03]),
    MacAddr([0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e]),
];

/// The shortest frame on a wire, without its checksum; shorter ones are padded.
const SHORTEST: usize = 60;

/// Octets of a VLAN tag.
const TAG_LEN: usize = 4;

/// An interface, opened. Frames wait in the kernel until they are asked for; poll its file descriptor to know when.
#[derive(Debug)]
pub struct PacketSocket {
    socket: OwnedFd,
    interface: String,
    mac: MacAddr,
    cut: u64,
}

impl PacketSocket {
    /// Opens an interface for the protocol: hears LLDP and ECP, also behind one VLAN tag, and joins the three groups
    /// that they are sent to. Frames that this host sends are not heard.
    ///
    /// # Errors
    /// [`CarrierError::NoSuchInterface`], [`CarrierError::NotEthernet`], [`CarrierError::NotPermitted`],
    /// [`CarrierError::Down`]; [`CarrierError::System`] for what else the kernel refuses.
    pub fn open(interface: &str) -> Result<Self, CarrierError> {
        Self::open_for(interface, &[EtherType::LLDP, EtherType::ECP])
    }

    /// As [`PacketSocket::open`], but hears every frame that the interface accepts.
    ///
    /// # Errors
    /// As [`PacketSocket::open`].
    pub fn open_all(interface: &str) -> Result<Self, CarrierError> {
        Self::open_for(interface, &[])
    }

    fn open_for(interface: &str, ethertypes: &[EtherType]) -> Result<Self, CarrierError> {
        let failed = |doing| move |errno| CarrierError::new(interface, doing, errno);
        let link = link(interface)?;
        // Without a protocol it hears nothing until it is bound: no frame comes in before the filter is there.
        let socket = socket(
            AddressFamily::Packet,
            SockType::Raw,
            SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC,
            None::<SockProtocol>,
        )
        .map_err(failed("open a packet socket"))?;
        kernel::attach_filter(&socket, ethertypes).map_err(failed("filter frames"))?;
        kernel::tell_tags(&socket).map_err(failed("ask for VLAN tags"))?;
        let address = kernel::all_frames_of(&link).map_err(failed("address the interface"))?;
        bind(socket.as_raw_fd(), &address).map_err(failed("bind to the interface"))?;
        for group in GROUPS {
            kernel::join(&socket, &link, group).map_err(failed("join a group"))?;
        }
        let mac = MacAddr(link.addr().unwrap_or_default());
        Ok(Self { socket, interface: interface.to_owned(), mac, cut: 0 })
    }

    /// The interface's own address when it was opened.
    pub const fn mac(&self) -> MacAddr {
        self.mac
    }

    /// The interface's name.
    pub fn interface(&self) -> &str {
        &self.interface
    }

    /// Sends a whole frame, from its destination to the end of its payload; a short one is padded to 60 octets.
    ///
    /// # Errors
    /// [`CarrierError::Full`], [`CarrierError::Length`], [`CarrierError::Down`], [`CarrierError::NoSuchInterface`] once it
    /// is gone; [`CarrierError::System`] for what else the kernel refuses. Nothing of the frame was sent then.
    pub fn send(&self, frame: &[u8]) -> Result<(), CarrierError> {
        let mut padded = [0; SHORTEST];
        let octets = match padded.get_mut(..frame.len()) {
            Some(start) => {
                start.copy_from_slice(frame);
                &padded[..]
            }
            None => frame,
        };
        match send(self.socket.as_raw_fd(), octets, MsgFlags::empty()) {
            Ok(_) => Ok(()),
            Err(Errno::EMSGSIZE) => {
                Err(CarrierError::Length { interface: self.interface.clone(), octets: frame.len() })
            }
            Err(errno) => Err(CarrierError::new(&self.interface, "send a frame", errno)),
        }
    }

    /// The next frame that waits, its VLAN tags where they were on the wire; gives its length, or none if none waits. A
    /// frame that does not fit is dropped and counted: see [`PacketSocket::cut`]. The buffer takes four octets more than
    /// an untagged frame has.
    ///
    /// # Errors
    /// [`CarrierError::Down`], told once each time the interface goes down; [`CarrierError::System`] for what else the
    /// kernel refuses.
    pub fn receive(&mut self, buffer: &mut [u8]) -> Result<Option<usize>, CarrierError> {
        loop {
            match self.receive_any(buffer) {
                Ok(Received { octets, whole: true }) => return Ok(Some(octets)),
                Ok(_) => self.cut += 1,
                Err(Errno::EAGAIN) => return Ok(None),
                Err(Errno::EINTR) => {}
                Err(errno) => {
                    return Err(CarrierError::new(&self.interface, "receive a frame", errno));
                }
            }
        }
    }

    /// Frames that were dropped because the buffer given was too short for them.
    pub const fn cut(&self) -> u64 {
        self.cut
    }

    /// Leaves room for a tag behind the addresses, and closes the gap if there was none.
    fn receive_any(&self, buffer: &mut [u8]) -> Result<Received, Errno> {
        let room = buffer.len();
        let (addresses, rest) = buffer.split_at_mut(room.min(ADDRESSES_LEN));
        let (gap, rest) = rest.split_at_mut(rest.len().min(TAG_LEN));
        let mut parts = [IoSliceMut::new(addresses), IoSliceMut::new(rest)];
        let mut beside = kernel::beside_a_frame();
        let received = recvmsg::<()>(
            self.socket.as_raw_fd(),
            &mut parts,
            Some(&mut beside),
            MsgFlags::empty(),
        )?;
        let octets = received.bytes;
        let whole = !received.flags.contains(MsgFlags::MSG_TRUNC);
        let tag = received.cmsgs()?.find_map(|message| kernel::stripped_tag(&message));
        match tag {
            Some(tag) if whole => {
                gap.copy_from_slice(&tag);
                Ok(Received { octets: octets + TAG_LEN, whole })
            }
            _ => {
                buffer.copy_within((ADDRESSES_LEN + TAG_LEN).min(room).., ADDRESSES_LEN.min(room));
                Ok(Received { octets, whole })
            }
        }
    }
}

impl AsFd for PacketSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// What the kernel says of an interface that can carry Ethernet frames.
fn link(interface: &str) -> Result<LinkAddr, CarrierError> {
    let failed = |errno| CarrierError::new(interface, "list the interfaces", errno);
    let named = || interface.to_owned();
    let (flags, link) = getifaddrs()
        .map_err(failed)?
        .filter(|found| found.interface_name == interface)
        .find_map(|found| Some((found.flags, *found.address?.as_link_addr()?)))
        .ok_or_else(|| CarrierError::NoSuchInterface { interface: named() })?;
    if link.hatype() != kernel::ARPHRD_ETHER {
        return Err(CarrierError::NotEthernet { interface: named(), found: link.hatype() });
    }
    // A socket could be bound to it all the same; it would hear nothing, and nobody would know why.
    if !flags.contains(InterfaceFlags::IFF_UP) {
        return Err(CarrierError::Down { interface: named() });
    }
    Ok(link)
}

/// What came into the buffer.
struct Received {
    octets: usize,
    /// Nothing of it is missing.
    whole: bool,
}
