// SPDX-License-Identifier: MIT
//! The carrier over a real interface: what one end sends, the other one hears as it was, and what is wrong is said.

use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use vireo_association::carrier::{CarrierError, PacketSocket};
use vireo_lldpad_tests::{BRIDGE_MAC, Cable, INTERFACE, Namespace, STATION_MAC, installed, until};

const ECP: [u8; 2] = [0x89, 0x40];
const LLDP: [u8; 2] = [0x88, 0xcc];
const EXPERIMENT: [u8; 2] = [0x88, 0xb5];
const GROUPS: [u8; 3] = [0x00, 0x03, 0x0e];

/// A frame from the station to one of the groups 01-80-C2-00-00-xx, with its tags and a payload of so many octets.
fn frame(group: u8, tags: &[[u8; 4]], ethertype: [u8; 2], payload: usize) -> Vec<u8> {
    let mut frame = vec![0x01, 0x80, 0xc2, 0, 0, group, 0x02, 0, 0, 0, 0x0a, 0x01];
    frame.extend(tags.concat());
    frame.extend(ethertype);
    frame.extend((0..payload).map(|octet| octet as u8));
    frame
}

/// A socket at each end of a cable.
fn ends(open: fn(&str) -> Result<PacketSocket, CarrierError>) -> (Cable, [PacketSocket; 2]) {
    let cable = Cable::new();
    let [station, bridge] = [&cable.station, &cable.bridge]
        .map(|namespace| namespace.run(|| open(INTERFACE)).expect("open the cable's end"));
    (cable, [station, bridge])
}

/// The next frame; panics when none comes.
fn next(socket: &mut PacketSocket) -> Vec<u8> {
    let mut buffer = [0; 2048];
    loop {
        if let Some(octets) = socket.receive(&mut buffer).expect("receive") {
            return buffer[..octets].to_vec();
        }
        let mut waiting = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
        let ready = poll(&mut waiting, PollTimeout::from(5000_u16)).expect("poll");
        assert_ne!(ready, 0, "no frame has come");
    }
}

#[test]
fn frames_to_each_group_arrive_as_they_were_sent() {
    let (_cable, [station, mut bridge]) = ends(PacketSocket::open);
    for group in GROUPS {
        for ethertype in [LLDP, ECP] {
            let sent = frame(group, &[], ethertype, 100);
            station.send(&sent).expect("send");
            assert_eq!(next(&mut bridge), sent);
        }
    }
}

#[test]
fn groups_are_joined_as_long_as_the_socket_is_open() {
    let cable = Cable::new();
    let joined = || {
        let text = cable.station.ip(&format!("maddress show dev {INTERFACE}"));
        GROUPS.map(|group| text.contains(&format!("01:80:c2:00:00:{group:02x}")))
    };
    assert_eq!(joined(), [false; 3]);
    let socket = cable.station.run(|| PacketSocket::open(INTERFACE)).expect("open");
    assert_eq!(joined(), [true; 3]);
    drop(socket);
    // A program that a test beside this one starts holds all sockets of this process too, from its fork to its exec.
    until("the groups are left", || joined() == [false; 3]);
}

#[test]
fn frames_to_its_own_address_arrive() {
    let (_cable, [station, mut bridge]) = ends(PacketSocket::open);
    let mut sent = frame(0, &[], ECP, 100);
    sent[..6].copy_from_slice(&bridge.mac().0);
    station.send(&sent).expect("send");
    assert_eq!(next(&mut bridge), sent);
}

#[test]
fn vlan_tags_are_where_they_were_on_the_wire() {
    let (_cable, [station, mut bridge]) = ends(PacketSocket::open_all);
    let (c_tag, s_tag) = ([0x81, 0x00, 0x60, 0x02], [0x88, 0xa8, 0xbf, 0xfe]);
    for tags in [&[c_tag][..], &[s_tag], &[s_tag, c_tag], &[c_tag, c_tag], &[[0x81, 0, 0, 0]]] {
        for payload in [46, 1500 - 4 * tags.len()] {
            let sent = frame(0, tags, ECP, payload);
            station.send(&sent).expect("send");
            assert_eq!(next(&mut bridge), sent, "tags {tags:02x?}");
        }
    }
}

#[test]
fn socket_for_the_protocol_hears_it_behind_a_tag_and_nothing_else() {
    let (_cable, [station, mut bridge]) = ends(PacketSocket::open);
    let s_tag = [0x88, 0xa8, 0x00, 0x02];
    for foreign in [frame(0, &[], EXPERIMENT, 46), frame(0, &[s_tag], EXPERIMENT, 46)] {
        station.send(&foreign).expect("send");
    }
    let sent = frame(0, &[s_tag], ECP, 46);
    station.send(&sent).expect("send");
    assert_eq!(next(&mut bridge), sent, "the first that is heard");
}

#[test]
fn socket_does_not_hear_its_own_host() {
    let (cable, [mut station, mut bridge]) = ends(PacketSocket::open_all);
    let colleague = cable.station.run(|| PacketSocket::open_all(INTERFACE)).expect("open");
    for sender in [&station, &colleague] {
        sender.send(&frame(0, &[], ECP, 46)).expect("send");
        // The cable keeps the order: what the host itself sent would be heard by now.
        next(&mut bridge);
    }
    let mut reply = frame(0, &[], ECP, 46);
    reply[6..12].copy_from_slice(&bridge.mac().0);
    bridge.send(&reply).expect("send");
    assert_eq!(next(&mut station), reply, "the first that is heard");
}

#[test]
fn short_frame_is_padded_with_zeros_to_60_octets() {
    let (_cable, [station, mut bridge]) = ends(PacketSocket::open);
    let mut sent = frame(0, &[], ECP, 4);
    station.send(&sent).expect("send");
    sent.resize(60, 0);
    assert_eq!(next(&mut bridge), sent);
}

#[test]
fn socket_knows_its_interfaces_address() {
    let (_cable, ends) = ends(PacketSocket::open);
    assert_eq!(ends.map(|end| end.mac().to_string()), [STATION_MAC, BRIDGE_MAC]);
}

#[test]
fn nothing_that_waits_is_no_error() {
    let (_cable, [mut station, _]) = ends(PacketSocket::open);
    assert_eq!(station.receive(&mut [0; 2048]).expect("receive"), None);
}

#[test]
fn frame_longer_than_the_buffer_is_dropped_and_counted() {
    let (_cable, [station, mut bridge]) = ends(PacketSocket::open);
    let c_tag = [0x81, 0x00, 0x00, 0x02];
    // The last two fit but for one octet, the tagged one after its tag has been put back.
    for (tags, payload) in [(&[][..], 500), (&[][..], 83), (&[c_tag][..], 79)] {
        station.send(&frame(0, tags, ECP, payload)).expect("send");
    }
    let fits = frame(0, &[c_tag], ECP, 78);
    station.send(&fits).expect("send");
    let mut waiting = [PollFd::new(bridge.as_fd(), PollFlags::POLLIN)];
    assert_eq!(poll(&mut waiting, PollTimeout::from(5000_u16)), Ok(1));
    let mut buffer = [0; 96];
    let octets = bridge.receive(&mut buffer).expect("receive").expect("a frame that fits");
    assert_eq!((&buffer[..octets], bridge.cut()), (&fits[..], 3));
    station.send(&fits).expect("send");
    assert_eq!(bridge.receive(&mut []).expect("receive"), None, "nothing fits no buffer");
    assert_eq!(bridge.cut(), 4);
}

#[test]
fn frame_beyond_the_mtu_is_refused_with_its_length() {
    let (_cable, [station, _]) = ends(PacketSocket::open);
    let error = station.send(&frame(0, &[], ECP, 1600)).expect_err("1,600 octets are too many");
    assert!(matches!(error, CarrierError::Length { octets: 1614, .. }), "{error}");
}

#[test]
fn interface_that_is_not_there_is_named() {
    let namespace = Namespace::new();
    for name in [INTERFACE, "", "a-name-that-no-interface-can-have", "nul\0"] {
        let error = namespace.run(|| PacketSocket::open(name)).expect_err("there is none");
        let named =
            matches!(&error, CarrierError::NoSuchInterface { interface } if interface == name);
        assert!(named, "{name:?}: {error}");
    }
}

#[test]
fn interface_without_ethernet_headers_is_refused() {
    let namespace = Namespace::new();
    namespace.ip("link set lo up");
    let error = namespace.run(|| PacketSocket::open("lo")).expect_err("the loopback");
    assert!(matches!(error, CarrierError::NotEthernet { found: 772, .. }), "{error}");
}

#[test]
fn interface_that_is_down_is_told_from_one_that_is_not_there() {
    let cable = Cable::new();
    cable.bridge.ip("link set veth0 down");
    let error = cable.bridge.run(|| PacketSocket::open(INTERFACE)).expect_err("it is down");
    assert!(matches!(error, CarrierError::Down { .. }), "{error}");
}

#[test]
fn socket_goes_on_when_its_interface_is_up_again() {
    let (cable, [station, mut bridge]) = ends(PacketSocket::open);
    cable.bridge.ip("link set veth0 down");
    let error = bridge.receive(&mut [0; 2048]).expect_err("it is told");
    assert!(matches!(error, CarrierError::Down { .. }), "{error}");
    let error = bridge.send(&frame(0, &[], ECP, 46)).expect_err("it cannot be sent");
    assert!(matches!(error, CarrierError::Down { .. }), "{error}");
    cable.bridge.ip("link set veth0 up");
    cable.wait_for_carrier();
    let sent = frame(3, &[], ECP, 46);
    station.send(&sent).expect("send");
    assert_eq!(next(&mut bridge), sent);
}

#[test]
fn interface_that_has_gone_is_told() {
    let (cable, [station, _]) = ends(PacketSocket::open);
    cable.bridge.ip("link delete veth0");
    let error = station.send(&frame(0, &[], ECP, 46)).expect_err("there is no cable any more");
    assert!(matches!(error, CarrierError::NoSuchInterface { .. }), "{error}");
}

/// The part that runs without the capability: this test program itself, started once more.
const WITHOUT: &str = "VIREO_WITHOUT_CAP_NET_RAW";

#[test]
fn missing_capability_is_named_and_how_to_give_it() {
    if std::env::var_os(WITHOUT).is_some() {
        match PacketSocket::open(INTERFACE) {
            Ok(_) => println!("opened"),
            Err(error) => println!("{error}"),
        }
        return;
    }
    let cable = Cable::new();
    let itself = std::env::current_exe().expect("this program's path");
    let printed = |capabilities: &str| {
        let output = cable
            .station
            .command(&installed("setpriv", "util-linux"))
            .env(WITHOUT, "1")
            .args(["--bounding-set", capabilities])
            .arg(&itself)
            .args(["--exact", "--nocapture", "missing_capability_is_named_and_how_to_give_it"])
            .output()
            .expect("start setpriv");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let without = printed("-net_raw");
    assert!(without.contains("setcap cap_net_raw+ep"), "{without}");
    assert!(without.contains(&itself.display().to_string()), "{without}");
    let alone = printed("-all,+net_raw");
    assert!(alone.contains("opened"), "CAP_NET_RAW suffices: {alone}");
}
