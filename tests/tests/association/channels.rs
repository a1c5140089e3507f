// SPDX-License-Identifier: MIT
//! Channel first, association second: a channel that an extender or a station asks for becomes a port of the bridge's machine,
//! which carries nothing but the protocol until a VSI is associated there, and goes with all its VSIs.

use std::time::Duration;

use vireo_association::channel::cdcp;
use vireo_association::lldp::Agent;
use vireo_association::time::Instant;
use vireo_association::wire::cdcp::Pair;
use vireo_association::wire::frame;
use vireo_association::wire::pe_csp::Status;
use vireo_association::wire::vdp::Command;
use vireo_driver::controller::{BridgeEvent, ChannelEvent, HostEvent, Withdrawal};
use vireo_spec::pins::StreamId;
use vireo_spec::rows::PortRow;
use vireo_spec::tag::{Channel, ECid};
use vireo_tests::association::{Kind, Network, Plan, key, mac_vid, vid, vsi};

use super::{MOMENT, sent, want};

fn ecid(base: u16) -> Channel {
    Channel::etag(ECid::new(0, base, 0).unwrap())
}

/// The row of a channel's port without a VSI.
fn bare(link: u8, channel: Channel) -> PortRow {
    PortRow {
        enabled: true,
        link,
        channel,
        trust_priority: true,
        check_source: true,
        control: true,
        maximum: 9216,
        ..PortRow::default()
    }
}

#[test]
fn pe_csp_gives_each_port_of_an_extender_a_channel_and_a_port_that_carries_the_protocol_alone() {
    let mut network = Network::ready(Plan { hosts_check: false, ..Plan::new([Kind::Extended; 2]) });
    let state = network.state();
    let rows = [(0, 16), (0, 17), (1, 16), (1, 17)].map(|(link, base)| bare(link, ecid(base)));
    let made: Vec<_> = state.ports.iter().filter(|row| **row != PortRow::default()).collect();
    assert_eq!(made.len(), 4);
    assert!(rows.iter().all(|row| made.contains(&row)));
    assert!(state.bindings.is_empty() && state.vlans.is_empty());
    assert!(sent(&mut network, (0, 0), 1, Some(20)).is_empty());
    let created = |event: &&BridgeEvent| matches!(event, BridgeEvent::ChannelCreated { .. });
    assert_eq!(network.events.iter().filter(created).count(), 4);
}

#[test]
fn pe_csp_refuses_a_port_when_no_channel_is_left_and_the_machine_is_as_before() {
    let mut network = Network::ready(Plan::new([Kind::Extended; 2]));
    let row = network.plan.guest_row();
    for port in 2..4 {
        network.hosts[0].control.create_channel(port, row, network.now).unwrap();
    }
    network.go(MOMENT);
    let before = network.state();
    network.hosts[0].control.create_channel(4, row, network.now).unwrap();
    network.go(MOMENT);
    let refused = ChannelEvent::Refused { port: 4, status: Status::Resources };
    assert_eq!(network.hosts[0].events.last(), Some(&HostEvent::Channel(refused)));
    assert_eq!(network.state(), before);
    // One that is given back is there for it.
    network.hosts[0].control.delete_channel(2, network.now);
    network.go(MOMENT);
    network.hosts[0].control.create_channel(4, row, network.now).unwrap();
    network.go(MOMENT);
    assert_eq!(network.state(), before);
}

#[test]
fn a_channel_that_is_given_back_takes_its_port_its_vsis_and_their_bindings_along() {
    let mut network = Network::ready(Plan::new([Kind::Extended; 2]));
    let port = network.virtual_port(0, 0);
    want(&mut network, (0, 1), Command::Associate, vsi(2, mac_vid(2, 20)));
    let mut without = network.state();
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    network.events.clear();
    network.hosts[0].control.delete_channel(0, network.now);
    network.go(MOMENT);
    without.ports[usize::from(port)] = PortRow::default();
    without.channels.remove(&(0, ecid(16)));
    assert_eq!(network.state(), without);
    let cause = Withdrawal::ChannelDeleted;
    assert_eq!(
        network.events,
        [
            BridgeEvent::Withdrawn { port, key: key(1), cause },
            BridgeEvent::ChannelDeleted { port, link: 0, channel: ecid(16) }
        ]
    );
    assert_eq!(network.bridge.vsis().count(), 1);
    let host = network.hosts[0].control.device_mut().state().unwrap();
    assert_eq!(host.ports[0], PortRow::default());
    assert_eq!(host.bindings.len(), 1);
}

#[test]
fn channels_and_vsis_of_the_other_link_outlive_a_deleted_channel() {
    let mut network = Network::ready(Plan::new([Kind::Extended; 2]));
    for host in 0..2 {
        let number = host as u8 + 1;
        want(&mut network, (host, 0), Command::Associate, vsi(number, mac_vid(number, 20)));
    }
    network.hosts[0].control.delete_channel(0, network.now);
    network.go(MOMENT);
    assert_eq!(sent(&mut network, (1, 0), 2, Some(20)).len(), 1);
}

#[test]
fn an_extender_that_starts_anew_gets_the_channels_that_it_had() {
    let mut network = Network::ready(Plan::new([Kind::Extended; 2]));
    let before = network.state();
    network.restart_host(0);
    network.go(Duration::from_secs(2));
    assert_eq!(network.state(), before);
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    assert_eq!(sent(&mut network, (0, 0), 1, Some(20)).len(), 1);
}

/// A station that speaks CDCP on a host's link.
struct CdcpStation {
    agent: Agent,
    cdcp: cdcp::Station,
    heard: usize,
}

impl CdcpStation {
    fn new(now: Instant) -> Self {
        let cdcp = cdcp::Station::default();
        let agent = Agent::cdcp(vireo_tests::association::mac(0xcd), cdcp.tlv(), now);
        Self { agent, cdcp, heard: 0 }
    }

    /// Says for a few seconds that it wants these channels; gives the SVIDs that it has then.
    fn want(&mut self, network: &mut Network, scids: &[u16]) -> Vec<Pair> {
        self.cdcp.want(scids.iter().copied());
        for _ in 0..4 {
            self.agent.set_cdcp(self.cdcp.tlv(), network.now);
            while let Some(octets) = self.agent.poll(network.now) {
                network.host_sends(0, StreamId::LinkControl(0), &octets);
            }
            network.go(Duration::from_secs(1));
            let heard = network.hosts[0].heard.iter().filter(|(_, octets)| {
                let header = frame::Packet::new_checked(octets).unwrap().repr();
                header.destination == frame::NEAREST_NON_TPMR_BRIDGE
            });
            let new: Vec<_> = heard.skip(self.heard).cloned().collect();
            self.heard += new.len();
            for (_, octets) in new {
                self.agent.process(&octets, network.now);
                if let Some(said) = self.agent.neighbour_cdcp() {
                    self.cdcp.process(said);
                }
            }
        }
        let given = self.cdcp.tlv().channels.into_iter();
        given.filter(|pair| pair.svid > 1).collect()
    }
}

#[test]
fn cdcp_gives_a_station_s_channels_as_long_as_there_are_some() {
    let mut network = Network::ready(Plan::new([Kind::Cdcp, Kind::Shared]));
    let mut station = CdcpStation::new(network.now);
    let nothing = network.state();
    let pair = |scid, svid| Pair { scid, svid };
    assert_eq!(station.want(&mut network, &[7, 9]), [pair(7, 100), pair(9, 101)]);
    let full = network.state();
    let rows = [100, 101].map(|svid| bare(0, Channel::stag(vid(svid))));
    assert!(rows.iter().all(|row| full.ports.contains(row)));
    assert_eq!(station.want(&mut network, &[7, 9, 11]), [pair(7, 100), pair(9, 101)]);
    assert_eq!(network.state(), full, "no channel is left for a third");
    assert_eq!(station.want(&mut network, &[9]), [pair(9, 101)]);
    assert!(!network.state().ports.contains(&rows[0]));
    assert_eq!(station.want(&mut network, &[9, 11]), [pair(9, 101), pair(11, 100)]);
    assert_eq!(network.state(), full);
    assert_eq!(station.want(&mut network, &[]), []);
    assert_eq!(network.state(), nothing);
}

#[test]
fn an_s_channel_of_cdcp_holds_many_vsis_and_takes_them_along() {
    let mut network = Network::ready(Plan::new([Kind::Cdcp, Kind::Shared]));
    let mut station = CdcpStation::new(network.now);
    let nothing = network.state();
    station.want(&mut network, &[7, 9]);
    for number in 1..=3 {
        want(&mut network, (0, 0), Command::Associate, vsi(number, mac_vid(number, 20)));
    }
    want(&mut network, (0, 1), Command::Associate, vsi(4, mac_vid(4, 20)));
    let ports = [network.virtual_port(0, 0), network.virtual_port(0, 1)];
    for number in 1..=3 {
        assert_eq!(sent(&mut network, (0, 0), number, Some(20)), [ports[0]]);
    }
    station.want(&mut network, &[9]);
    let state = network.state();
    let bound: Vec<_> = state.bindings.iter().map(|(port, ..)| *port).collect();
    assert_eq!(bound, [ports[1]]);
    assert_eq!(sent(&mut network, (0, 1), 4, Some(20)), [ports[1]]);
    station.want(&mut network, &[]);
    assert_eq!(network.state(), nothing);
}

#[test]
fn channels_of_both_kinds_and_their_vsis_are_there_again_after_a_restart() {
    let mut network = Network::ready(Plan::new([Kind::Cdcp, Kind::Extended]));
    let mut station = CdcpStation::new(network.now);
    let given = station.want(&mut network, &[7, 9]);
    want(&mut network, (0, 0), Command::Associate, vsi(1, mac_vid(1, 20)));
    want(&mut network, (1, 0), Command::Associate, vsi(2, mac_vid(2, 20)));
    let before = network.state();
    network.restart_bridge();
    assert_eq!(network.state(), before);
    assert_eq!(station.want(&mut network, &[7, 9]), given);
    assert_eq!(network.state(), before, "no channel was given anew");
    assert_eq!(sent(&mut network, (0, 0), 1, Some(20)).len(), 1);
    assert_eq!(sent(&mut network, (1, 0), 2, Some(20)).len(), 1);
    // It knows them as its own: they can be given back.
    station.want(&mut network, &[]);
    network.hosts[1].control.delete_channel(0, network.now);
    network.hosts[1].control.delete_channel(1, network.now);
    network.go(MOMENT);
    assert_eq!(network.state().channels.len(), 0);
    assert!(network.state().bindings.is_empty());
}
