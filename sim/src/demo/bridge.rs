// SPDX-License-Identifier: MIT
//! A learning bridge, VLAN-aware, as it would stand behind the controlling machine. It knows ports, VLANs and addresses, and
//! nothing of tags or links; only that some of its ports share a segment, to which a flooded frame is handed once.

use std::collections::{BTreeSet, HashMap};

use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::ports::PortSet;
use vireo_spec::tag::CTagView;

/// A port of the bridge.
#[derive(Clone, Debug)]
pub(super) struct BridgePort {
    /// The VLANs that it is a member of.
    pub(super) vlans: BTreeSet<VlanId>,
    /// The VLAN of frames without one.
    pub(super) pvid: VlanId,
}

/// Ports of one VLAN that one copy of a frame reaches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    /// The VLAN.
    pub(super) vlan: VlanId,
    /// The ports.
    pub(super) members: PortSet,
}

/// Where a frame goes on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Egress {
    /// A port.
    Port(usize),
    /// All ports of a segment but the one that it came from.
    Segment(usize),
}

/// The bridge: its ports, and where it has seen whom.
#[derive(Clone, Debug)]
pub(super) struct LearningBridge {
    ports: Vec<BridgePort>,
    segments: Vec<Segment>,
    learned: HashMap<(VlanId, MacAddr), usize>,
}

impl LearningBridge {
    /// A bridge that has learned nothing. Each port's VLANs should be covered by segments, or flooded frames miss it.
    pub(super) fn new(ports: Vec<BridgePort>, segments: Vec<Segment>) -> Self {
        Self { ports, segments, learned: HashMap::new() }
    }

    /// Learns from a frame that entered by `port`, and says where it goes on to: nowhere, to a port, or to segments.
    pub(super) fn forward(&mut self, port: usize, frame: &[u8]) -> Vec<Egress> {
        let (Some(&destination), Some(&source)) =
            (frame.first_chunk(), frame.get(6..).and_then(<[u8]>::first_chunk))
        else {
            return Vec::new();
        };
        let (destination, source) = (MacAddr(destination), MacAddr(source));
        let entered = &self.ports[port];
        let vlan = match CTagView::new_checked(&frame[12..]).map(CTagView::vid) {
            Ok(vlan) if vlan.get() != 0 => vlan,
            _ => entered.pvid,
        };
        if !entered.vlans.contains(&vlan) || destination.is_reserved() || source.is_group() {
            return Vec::new();
        }
        self.learned.insert((vlan, source), port);
        match self.learned.get(&(vlan, destination)) {
            Some(&known) if known == port => Vec::new(),
            Some(&known) => vec![Egress::Port(known)],
            None => {
                let alone = PortSet::from_iter([port]);
                let segments = self.segments.iter().enumerate();
                let reached = segments.filter(|(_, s)| s.vlan == vlan && s.members != alone);
                reached.map(|(index, _)| Egress::Segment(index)).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: MacAddr = MacAddr([0x52, 0x54, 0, 0, 0, 0xA]);
    const B: MacAddr = MacAddr([0x52, 0x54, 0, 0, 0, 0xB]);
    const NOBODY: MacAddr = MacAddr([0x52, 0x54, 0, 0, 0, 0xFF]);

    fn vlan(number: u16) -> VlanId {
        VlanId::from_tci(number)
    }

    /// Ports 0 and 1 share a segment, port 2 is alone on another, all in VLAN 101; ports 2 and 3 are in VLAN 1, untagged.
    fn bridge() -> LearningBridge {
        let port = |vlans: &[u16]| BridgePort {
            vlans: vlans.iter().copied().map(vlan).collect(),
            pvid: vlan(1),
        };
        let segment = |number, members: &[usize]| Segment {
            vlan: vlan(number),
            members: members.iter().copied().collect(),
        };
        LearningBridge::new(
            vec![port(&[101]), port(&[101]), port(&[1, 101]), port(&[1])],
            vec![segment(101, &[0, 1]), segment(101, &[2]), segment(1, &[2]), segment(1, &[3])],
        )
    }

    fn frame(destination: MacAddr, source: MacAddr, vid: Option<u16>) -> Vec<u8> {
        let mut frame = [destination.0, source.0].concat();
        if let Some(vid) = vid {
            frame.extend([0x81, 0x00]);
            frame.extend((0xA000 | vid).to_be_bytes());
        }
        frame.extend([0x08, 0x00]);
        frame.resize(60, 0);
        frame
    }

    #[test]
    fn broadcast_goes_once_to_each_segment_of_its_vlan() {
        let flooded = bridge().forward(0, &frame(MacAddr::BROADCAST, A, Some(101)));
        assert_eq!(flooded, [Egress::Segment(0), Egress::Segment(1)]);
    }

    #[test]
    fn segment_whose_only_port_is_the_source_gets_no_copy() {
        let flooded = bridge().forward(2, &frame(MacAddr::BROADCAST, A, Some(101)));
        assert_eq!(flooded, [Egress::Segment(0)]);
    }

    #[test]
    fn frame_to_a_learned_address_goes_to_its_port_alone() {
        let mut bridge = bridge();
        assert_eq!(bridge.forward(0, &frame(B, A, Some(101))).len(), 2);
        assert_eq!(bridge.forward(2, &frame(A, B, Some(101))), [Egress::Port(0)]);
        assert_eq!(bridge.forward(0, &frame(B, A, Some(101))), [Egress::Port(2)]);
        assert_eq!(bridge.forward(1, &frame(NOBODY, B, Some(101))).len(), 2);
        // B has moved to port 1.
        assert_eq!(bridge.forward(0, &frame(B, A, Some(101))), [Egress::Port(1)]);
    }

    #[test]
    fn frame_to_the_port_that_it_came_from_goes_nowhere() {
        let mut bridge = bridge();
        bridge.forward(0, &frame(NOBODY, A, Some(101)));
        assert_eq!(bridge.forward(0, &frame(A, B, Some(101))), []);
    }

    #[test]
    fn address_learned_in_one_vlan_is_unknown_in_another() {
        let mut bridge = bridge();
        bridge.forward(0, &frame(NOBODY, A, Some(101)));
        assert_eq!(bridge.forward(3, &frame(A, B, None)), [Egress::Segment(2)]);
    }

    #[test]
    fn untagged_frames_and_vid_0_are_in_the_ports_own_vlan() {
        for vid in [None, Some(0), Some(1)] {
            let flooded = bridge().forward(3, &frame(MacAddr::BROADCAST, A, vid));
            assert_eq!(flooded, [Egress::Segment(2)], "{vid:?}");
        }
    }

    #[test]
    fn port_that_is_no_member_of_a_vlan_cannot_send_in_it_nor_teach_the_bridge() {
        let mut bridge = bridge();
        assert_eq!(bridge.forward(3, &frame(MacAddr::BROADCAST, A, Some(101))), []);
        assert_eq!(bridge.forward(0, &frame(A, B, Some(101))).len(), 2);
    }

    #[test]
    fn reserved_destinations_group_sources_and_cut_headers_go_nowhere() {
        let reserved = MacAddr([0x01, 0x80, 0xC2, 0, 0, 0x0E]);
        assert_eq!(bridge().forward(0, &frame(reserved, A, Some(101))), []);
        assert_eq!(bridge().forward(0, &frame(B, MacAddr::BROADCAST, Some(101))), []);
        for len in 0..12 {
            assert_eq!(bridge().forward(0, &frame(B, A, Some(101))[..len]), []);
        }
    }
}
