// SPDX-License-Identifier: MIT
//! What the guests send: the recorded traffic of seven interfaces, and the frames of two guests that are up to no good.

use vireo_spec::ether::{EtherType, MacAddr, Priority, VlanId};
use vireo_spec::tag::{CTag, Channel, ETag, IngressECid};

use crate::capture;

/// A guest's recorded traffic.
const CAPTURES: [(&str, &[u8]); 7] = [
    ("vm0", include_bytes!("../../captures/vm0.pcap")),
    ("vm1", include_bytes!("../../captures/vm1.pcap")),
    ("mgmt", include_bytes!("../../captures/mgmt.pcap")),
    ("dmz", include_bytes!("../../captures/dmz.pcap")),
    ("db", include_bytes!("../../captures/db.pcap")),
    ("other", include_bytes!("../../captures/other.pcap")),
    ("net", include_bytes!("../../captures/net.pcap")),
];

/// The guest that sends with another's address.
pub(super) const SPOOFER: &str = "spoofer";
/// The guest that sends a channel's tag.
pub(super) const FORGER: &str = "forger";
/// Whose address is spoofed.
pub(super) const SPOOFED: &str = "vm1";
/// Whose channel is forged, and to whom the spoofed and the forged frames are sent.
pub(super) const VICTIM: &str = "vm0";
/// The partner of the host with four interfaces.
pub(super) const PARTNER: &str = "net";
/// The host with four interfaces: name and VLAN (none: untagged).
pub(super) const INTERFACES: [(&str, Option<u16>); 4] =
    [("mgmt", Some(10)), ("dmz", Some(20)), ("db", Some(30)), ("other", None)];

/// Spoofed and forged frames, of each as many.
const ATTACKS: usize = 3;
const SPOOFER_ADDRESS: MacAddr = MacAddr([0x52, 0x54, 0, 0, 0, 3]);
const FORGER_ADDRESS: MacAddr = MacAddr([0x52, 0x54, 0, 0, 0, 4]);
const ADDRESSES: usize = 12;

/// A frame that a guest sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// The guest.
    pub(super) guest: &'static str,
    /// When, as its capture says.
    pub(super) timestamp_ns: u64,
    /// Without FCS, as the guest hands it to its MAC.
    pub(super) octets: Vec<u8>,
}

/// A frame's destination and source.
pub(super) fn addresses(octets: &[u8]) -> (MacAddr, MacAddr) {
    let address = |at: usize| MacAddr(std::array::from_fn(|n| octets[at + n]));
    (address(0), address(6))
}

/// What all guests send, in the order in which they do. `forged` is the channel that stands in the forged tags.
pub(super) fn traffic(forged: Channel) -> Vec<Sent> {
    let mut traffic = Vec::new();
    for (guest, octets) in CAPTURES {
        let frames = capture::parse(octets).expect("the recordings of this project are whole");
        traffic.extend(frames.into_iter().map(|capture::Frame { timestamp_ns, octets }| Sent {
            guest,
            timestamp_ns,
            octets,
        }));
    }
    // Whom they imitate sends these; they follow at once.
    let victim = address_of(VICTIM, &traffic);
    let imitated = traffic.iter().filter(|sent| {
        sent.guest == SPOOFED && addresses(&sent.octets).0 == victim && sent.octets.len() > 64
    });
    let imitated: Vec<_> = imitated.take(ATTACKS).cloned().collect();
    for Sent { timestamp_ns, octets, .. } in imitated {
        let spoofed = octets.clone();
        let tag =
            ETag { priority: Priority::default(), ingress: IngressECid::NONE, ecid: forged.ecid() };
        let (destination, frame) = (&octets[..6], &octets[ADDRESSES..]);
        let forged = [destination, &FORGER_ADDRESS.0, &tag.to_octets(), frame].concat();
        for (guest, octets) in [(SPOOFER, spoofed), (FORGER, forged)] {
            traffic.push(Sent { guest, timestamp_ns, octets });
        }
    }
    // What these two may send passes: each announces itself first.
    let first = traffic.iter().map(|sent| sent.timestamp_ns).min().unwrap_or(0);
    for (guest, address, host) in [(SPOOFER, SPOOFER_ADDRESS, 3), (FORGER, FORGER_ADDRESS, 4)] {
        let octets = announcement(address, [10, 0, 101, host]);
        traffic.push(Sent { guest, timestamp_ns: first, octets });
    }
    // Stable: of one time, the recorded frame goes first.
    traffic.sort_by_key(|sent| sent.timestamp_ns);
    traffic
}

/// The address that a guest sends with.
fn address_of(guest: &str, traffic: &[Sent]) -> MacAddr {
    let sent = traffic.iter().find(|sent| sent.guest == guest);
    sent.map_or(MacAddr::BROADCAST, |sent| addresses(&sent.octets).1)
}

/// An ARP request for one's own address, in VLAN 101.
fn announcement(address: MacAddr, ip: [u8; 4]) -> Vec<u8> {
    let tag = CTag { priority: Priority::default(), vid: VlanId::from_tci(101) };
    let mut frame = [MacAddr::BROADCAST.0, address.0].concat();
    frame.extend(tag.to_octets());
    frame.extend(EtherType(0x0806).to_octets());
    // Ethernet, IPv4, lengths 6 and 4, a request.
    frame.extend([0, 1, 0x08, 0, 6, 4, 0, 1]);
    frame.extend(address.0);
    frame.extend(ip);
    frame.extend([0; 6]);
    frame.extend(ip);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traffic_is_in_order_and_holds_all_recordings_and_the_attacks() {
        let forged = Channel::etag(vireo_spec::tag::ECid::new(0, 20, 0).unwrap());
        let traffic = traffic(forged);
        assert!(traffic.is_sorted_by_key(|sent| sent.timestamp_ns));
        let recorded: usize =
            CAPTURES.iter().map(|(_, octets)| capture::parse(octets).unwrap().len()).sum();
        assert_eq!(traffic.len(), recorded + 2 * (1 + ATTACKS));
        let of = |guest| traffic.iter().filter(move |sent: &&Sent| sent.guest == guest);
        let vm1 = address_of(SPOOFED, &traffic);
        assert_eq!(of(SPOOFER).filter(|s| addresses(&s.octets).1 == vm1).count(), ATTACKS);
        let tagged = of(FORGER).filter(|s| s.octets[12..14] == EtherType::E_TAG.to_octets());
        assert_eq!(tagged.count(), ATTACKS);
    }
}
