// SPDX-License-Identifier: MIT
//! What Linux knows about packet sockets and `nix` does not: the options that join groups, filter and tell stripped tags.
//! See packet(7) and the kernel's Documentation/networking/filter.rst.

use std::mem::{offset_of, size_of};
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr::from_ref;

use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{ControlMessageOwned, LinkAddr, SockaddrLike};
use vireo_spec::ether::{EtherType, MacAddr};

/// The hardware type of Ethernet.
pub(super) const ARPHRD_ETHER: u16 = libc::ARPHRD_ETHER;

/// Octets that what the kernel says beside a frame takes. Whoever has the descriptor may have asked it for the time of
/// arrival, which it says before the tag: the tag must not be lost for that.
pub(super) fn beside_a_frame() -> Vec<u8> {
    nix::cmsg_space!(libc::timespec, libc::tpacket_auxdata)
}

/// The address that binds a packet socket to all frames of an interface.
#[expect(unsafe_code, reason = "nix has no other way to make a link-layer address")]
pub(super) fn all_frames_of(link: &LinkAddr) -> Result<LinkAddr, Errno> {
    let address = libc::sockaddr_ll {
        sll_family: libc::AF_PACKET as u16,
        sll_protocol: (libc::ETH_P_ALL as u16).to_be(),
        sll_ifindex: i32::try_from(link.ifindex()).map_err(|_| Errno::ENODEV)?,
        sll_hatype: 0,
        sll_pkttype: 0,
        sll_halen: 0,
        sll_addr: [0; 8],
    };
    let len = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
    // SAFETY: the pointer is to a whole `sockaddr_ll` of family AF_PACKET, which lives until after the call and is copied by it.
    unsafe { LinkAddr::from_raw(from_ref(&address).cast(), Some(len)) }.ok_or(Errno::EINVAL)
}

/// Has the kernel say with each frame which VLAN tag it took out.
pub(super) fn tell_tags(socket: &OwnedFd) -> Result<(), Errno> {
    const YES: libc::c_int = 1;
    set(socket, libc::SOL_PACKET, libc::PACKET_AUXDATA, &YES)
}

/// Has the interface accept frames to a group address, as long as the socket is open.
pub(super) fn join(socket: &OwnedFd, link: &LinkAddr, group: MacAddr) -> Result<(), Errno> {
    let mut address = [0; 8];
    address[..group.0.len()].copy_from_slice(&group.0);
    let membership = libc::packet_mreq {
        mr_ifindex: i32::try_from(link.ifindex()).map_err(|_| Errno::ENODEV)?,
        mr_type: libc::PACKET_MR_MULTICAST as u16,
        mr_alen: group.0.len() as u16,
        mr_address: address,
    };
    set(socket, libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP, &membership)
}

/// Lets through what comes in with one of these EtherTypes, behind at most one VLAN tag; all that comes in, if none is given.
/// What the host itself sends never passes.
pub(super) fn attach_filter(socket: &OwnedFd, ethertypes: &[EtherType]) -> Result<(), Errno> {
    let mut program = filter(ethertypes);
    let len = u16::try_from(program.len()).map_err(|_| Errno::EINVAL)?;
    // The kernel copies the program during the call, while `program` lives.
    let value = libc::sock_fprog { len, filter: program.as_mut_ptr() };
    set(socket, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &value)
}

/// The filter's program. Both loads are of what the kernel knows about the frame, not of its octets: it has taken the
/// outermost VLAN tag out by then.
fn filter(ethertypes: &[EtherType]) -> Vec<libc::sock_filter> {
    const DROP: u32 = 0;
    const PASS_WHOLE: u32 = u32::MAX;
    const LOAD_WORD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
    const LOAD_HALF: u32 = libc::BPF_LD | libc::BPF_H | libc::BPF_ABS;
    const EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
    const RETURN: u32 = libc::BPF_RET | libc::BPF_K;
    let step =
        |code: u32, k: u32, jt: u8, jf: u8| libc::sock_filter { code: code as u16, jt, jf, k };
    let about = |what: i32| (libc::SKF_AD_OFF + what) as u32;

    let mut program = vec![
        step(LOAD_WORD, about(libc::SKF_AD_PKTTYPE), 0, 0),
        step(EQUAL, u32::from(libc::PACKET_OUTGOING), 0, 1),
        step(RETURN, DROP, 0, 0),
    ];
    if !ethertypes.is_empty() {
        program.push(step(LOAD_HALF, about(libc::SKF_AD_PROTOCOL), 0, 0));
        for ethertype in ethertypes {
            program.push(step(EQUAL, u32::from(ethertype.0), 0, 1));
            program.push(step(RETURN, PASS_WHOLE, 0, 0));
        }
        program.push(step(RETURN, DROP, 0, 0));
    }
    program.push(step(RETURN, PASS_WHOLE, 0, 0));
    program
}

/// Sets a socket's option to a value of the type that the option has.
#[expect(unsafe_code, reason = "nix has none of these options, and no way to add one")]
fn set<T>(socket: &OwnedFd, level: i32, option: i32, value: &T) -> Result<(), Errno> {
    let len = size_of::<T>() as libc::socklen_t;
    // SAFETY: the kernel reads `len` octets at most, all of them in `value`, and keeps no pointer to it.
    let result =
        unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, from_ref(value).cast(), len) };
    Errno::result(result).map(drop)
}

/// The four octets of the VLAN tag that the kernel took out of a frame, if this says so.
pub(super) fn stripped_tag(message: &ControlMessageOwned) -> Option<[u8; 4]> {
    let ControlMessageOwned::Unknown(message) = message else { return None };
    let header = &message.cmsg_header;
    if (header.cmsg_level, header.cmsg_type) != (libc::SOL_PACKET, libc::PACKET_AUXDATA) {
        return None;
    }
    let data = &message.data_bytes;
    let status = data.get(offset_of!(libc::tpacket_auxdata, tp_status)..)?.first_chunk()?;
    let tci = data.get(offset_of!(libc::tpacket_auxdata, tp_vlan_tci)..)?.first_chunk()?;
    let tpid = data.get(offset_of!(libc::tpacket_auxdata, tp_vlan_tpid)..)?.first_chunk()?;
    let status = u32::from_ne_bytes(*status);
    if status & libc::TP_STATUS_VLAN_VALID == 0 {
        return None;
    }
    let tpid = match status & libc::TP_STATUS_VLAN_TPID_VALID {
        0 => EtherType::C_TAG,
        _ => EtherType(u16::from_ne_bytes(*tpid)),
    };
    let [a, b] = tpid.to_octets();
    let [c, d] = u16::from_ne_bytes(*tci).to_be_bytes();
    Some([a, b, c, d])
}
